"""How much money was in the open deals, and how much was overdue, at the end of a day?"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from l2c.log import EventLog
from l2c.measures.facts import DAY, Facts, Flags, Times, mixed
from l2c.measures.invoices import invoices, look_back
from l2c.monitor.pipeline.states import amounts_then, open_at, open_spells, whole

Floats = NDArray[np.float64]
Ages = tuple[NDArray[np.int64], NDArray[np.int64], Floats]
OVERDUE, PIPELINE = "overdue_receivables", "open_pipeline_value"
# Of what was open on a day, or began in a quarter, so much may be missing because the log begins too late.
MOST_MISSING = 0.1
A_MONTH = 31 * DAY


def stock(log: EventLog, now: Facts, id: str, moments: Sequence[int]) -> list[float | None]:
    """A sum as it stood before some moments: what `log.as_of` of the day before has; None where it is not known.

    Notes
    -----
    Of what is open on a day, a log that begins shortly before it holds only what began since: where more than a tenth is likely to be
    missing, judging by how old what ended was when it became open and when it ended, the sum is not known.
    """
    made = _pipeline if id == PIPELINE else _overdue
    found = made(log, now, np.array(moments, np.int64))
    return [None if np.isnan(each) else float(each) for each in found]


def known_since(now: Facts) -> int:
    """Since when nothing that was there is missing from the cases in hand: since the log or its history began, or later they did."""
    every = whole(now.log.base)
    first, own = (int(facts.column("started").min()) for facts in (every, now))
    # The first of some cases comes by chance some days after the first of all.
    since = first if own <= first + A_MONTH else own
    return since if now.history_start is None else max(now.history_start, since)


def _pipeline(log: EventLog, now: Facts, moments: Times) -> Floats:
    """Amounts of the open deals."""
    if "whole_decided" in log.base.cases.collect_schema().names() or mixed(now, now.deal):
        return np.full(len(moments), np.nan)
    facts = whole(log.base.plain)
    mine = np.zeros(len(facts), bool)
    mine[now.rows] = True
    order = np.argsort(moments, kind="stable")
    case, place = open_at(facts, moments[order])
    case, place = case[mine[case]], order[place[mine[case]]]
    amount = amounts_then(facts, case, moments[place])
    priced = np.bincount(place, ~np.isnan(amount), len(moments))
    # As on the card: most of the amounts must be known.
    enough = priced >= np.bincount(place, minlength=len(moments)) / 2
    known = enough & _held(facts, now, moments, lambda: _open_ages(facts), PIPELINE)
    return np.where(known, np.bincount(place, np.nan_to_num(amount), len(moments)), np.nan)


def _open_ages(facts: Facts) -> Ages:
    spells = open_spells(facts)
    begun = facts.column("started")[spells["case"].to_numpy()]
    ends = np.minimum(spells["end"].to_numpy(np.int64), facts.until)
    return spells["start"].to_numpy(np.int64) - begun, ends - begun, np.ones(len(spells))


def _overdue(log: EventLog, now: Facts, moments: Times) -> Floats:
    """What was still to be paid of the invoices whose due day had passed."""
    calendar = log.in_calendar_time()
    facts = whole(calendar.base)
    known = np.flatnonzero(_held(facts, now, moments, lambda: _late_ages(facts), OVERDUE))
    look_back(facts, [int(moment) - 1 for moment in moments[known]])
    sums = np.full(len(moments), np.nan)
    for place in known:
        sums[place] = invoices(Facts.of(calendar, until=int(moments[place]) - 1)).overdue_amount
    return sums


def _late_ages(facts: Facts) -> Ages:
    found = invoices(facts)
    begun, due = facts.column("started")[found.wait.case], (found.due + 1) * DAY
    late = found.known & (found.wait.end > due)
    return (due - begun)[late], (found.wait.end - begun)[late], np.nan_to_num(found.amount)[late]


def _held(facts: Facts, now: Facts, moments: Times, ages: Callable[[], Ages], id: str) -> Flags:
    """Whether most of what was open at some moments is likely to be in the log.

    Parameters
    ----------
    facts, now
        All cases, by whose ages that is judged, and those in hand.
    ages
        Ages of cases when something of them became open, and when it ended; what it counts for.
    """
    since = known_since(now)
    opened, ended, weight = facts.memo(("ages", id), ages)
    total, age = float(((ended - opened) / DAY * weight).sum()), moments - since
    # What is older than the log is missing, for as long as it would be open.
    lacks = [(np.clip(ended - np.maximum(each, opened), 0, None) / DAY * weight).sum() for each in age]
    return np.asarray((age > 0) & (np.array(lacks) <= MOST_MISSING * total))
