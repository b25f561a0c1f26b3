"""What was expected when, and when did it happen?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c.diagnose.rules.compliance import case_ids
from l2c.diagnose.rules.evidence import Events
from l2c.diagnose.rules.files import document, shipped_names
from l2c.diagnose.rules.verbs import alternatives
from l2c.diagnose.tidy import noted
from l2c.log import EventLog
from l2c.measures.facts import DAY, NEVER, Facts, Flags, not_as_they_were
from l2c.measures.invoices import invoices
from l2c.measures.leads import leads
from l2c.measures.objects import followed, pairs, told_apart
from l2c.measures.promises import days, is_day_of_close, promises
from l2c.measures.settlement import PAYMENT
from l2c.words import matching
from l2c.words.errors import BadRules
from l2c.words.notes import Note, several

COLUMNS = ("case_id", "due", "expected", "actual", "late", "days_late")
# The first time that a person turned to a lead.
TOUCH = "touch"
KEYS = {"id", "from", "to", "days", "date", "terms", "en", "ja"}


def due_dates(log: EventLog, rules: str | Path | None = None) -> pd.DataFrame:
    """Expected against actual dates.

    Parameters
    ----------
    rules
        A YAML file with a section `due_dates` (see docs/rules.md); the shipped one unless given.

    Returns
    -------
    One row per case and due date, by case and expected date: `case_id`; `due` (id of the due date); `expected`;
    `actual` (missing while it has not happened); `late`: True or False, missing where it has not happened and is not
    due yet, or was ruled out; `days_late` (negative when early; for what is open and overdue, days until the
    extraction). Payments have a row per invoice, answers and deliveries one per quote and order that has a number. A due
    date whose activities the log does not record has no rows, and neither has the close of deals of which only today's
    close date is known; `attrs["note"]` says so.

    Raises
    ------
    BadRules
        If the file cannot be read, or a due date makes no sense.

    Notes
    -----
    Expected: the date the log gives (of a close date the one that was promised first, while the deal was open; see
    `slippage`), else so many days after the first `from` of the document or case as the attribute says, else
    the `days` of the file. Whole days count: what happens on the day it is due is in time.
    """
    shipped_names(rules, "due")
    facts, notes = Facts.of(log), dict[Note, None]()
    parts = [part for rule in document(rules).get("due_dates") or () for part in _of_rule(facts, rule, notes)]
    if not parts:
        return noted(pd.DataFrame(columns=list(COLUMNS)), several(notes))
    table = pd.concat(parts, ignore_index=True)
    names = case_ids(log)
    table.insert(0, "case_id", names[table.pop("_case").to_numpy(np.int64)])
    table = table[list(COLUMNS)].sort_values(["case_id", "expected", "due", "actual"], ignore_index=True)
    return noted(table, several(notes))


def _of_rule(facts: Facts, rule: Any, notes: dict[Note, None]) -> Iterator[pd.DataFrame]:
    if not isinstance(rule, dict) or not {"id", "from", "to", "days"} <= set(rule):
        raise BadRules.incomplete(rule)
    name = str(rule["id"])
    if unknown := sorted(set(rule) - KEYS):
        raise BadRules.key(name, unknown[0], sorted(KEYS))
    start_names, ends = alternatives(rule["from"], name), rule["to"]
    if not_as_they_were(facts, {*start_names, *([] if ends == "any" else alternatives(ends, name))}, most=0.0):
        # In a part of the process, or with other names, what seems to be missing may have been done in time.
        return
    agreed: NDArray[np.int64] | None = None
    if ends in ("any", TOUCH):
        base = facts.log.base
        found = leads(base).response() if ends == TOUCH else followed(base, *start_names)
        place = facts.place[found.case_key]
        case, start, end = (each[place >= 0] for each in (place, found.start, found.end))
    elif PAYMENT in alternatives(ends, name):
        sent = invoices(facts)
        case, start, agreed = sent.wait.case, sent.wait.start, sent.due
        end = np.where(sent.seen, sent.wait.end, NEVER)
    else:
        if not set(alternatives(ends, name)) & set(facts.log.activities):
            return
        case, start, end = _by_document(facts, start_names, alternatives(ends, name))
    given, judged = _given(facts, rule.get("date") or (), notes)
    kept = judged[case]
    case, start, end = case[kept], start[kept], end[kept]
    agreed = None if agreed is None else agreed[kept]
    if len(case):
        expected = _expected(facts, rule, case, start // DAY, agreed, given)
        # An invoice is owed whatever becomes of the deal.
        gone = np.zeros(len(case), bool) if agreed is not None else facts.gone[case] != NEVER
        yield _judged(facts, name, case, expected * DAY, end, gone)


def _by_document(
    facts: Facts, starts: list[str], ends: list[str]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Case, start and end of each quote or order with a number, by what ends it or its deal; else of each case, first to first."""
    start = next((name for name in starts if name in facts.log.activities), starts[0])
    own = told_apart(facts.log.base, start, ends)
    if not own:
        began, ended = facts.first(*starts), _after(facts, starts, ends)
        case = np.flatnonzero(began != NEVER)
        return case, began[case], ended[case]
    return documents(facts, start, own, [name for name in ends if name not in own])


def documents(
    facts: Facts, start: str, own: Sequence[str], of_deal: Sequence[str] = ()
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Case, start and end of each document, by the first of what is its own and what is of its deal, from its start on."""
    found = pairs(facts.log.base, start, *own)
    place = facts.place[found.case_key]
    here = (place >= 0) & (found.start <= facts.until)
    case, began = place[here], found.start[here]
    ended = np.where(found.end[here] > facts.until, NEVER, found.end[here])
    ended = np.where(ended < began - began % DAY, NEVER, ended)
    for name in of_deal:
        closed = facts.first(name)[case]
        ended = np.minimum(ended, np.where(closed < began, NEVER, closed))
    return case, began, ended


def _expected(
    facts: Facts,
    rule: Any,
    case: NDArray[np.int64],
    day: NDArray[np.int64],
    agreed: NDArray[np.int64] | None,
    given: NDArray[np.int64] | None,
) -> NDArray[np.int64]:
    """The day on which each is due, in days since 1970: as the log gives it, as it was agreed, else so many days on."""
    expected = day + round(float(rule["days"]))
    if "terms" in rule:
        terms = facts.number(str(rule["terms"]))[case]
        expected = np.where(np.isnan(terms), expected, day + np.rint(np.nan_to_num(terms)).astype(np.int64))
    if agreed is not None:
        expected = np.where(agreed >= 0, agreed, expected)
    return expected if given is None else np.where(given[case] == NEVER, expected, given[case])


def _judged(
    facts: Facts, name: str, case: NDArray[np.int64], expected: NDArray[np.int64], end: NDArray[np.int64], gone: Flags
) -> pd.DataFrame:
    happened = end != NEVER
    until = np.where(happened, end, facts.until)
    over = until // DAY - expected // DAY
    # What has not happened and is ruled out by a lost deal or lead is neither late nor in time.
    known = happened | ((over > 0) & ~gone)
    late = pd.array(np.where(known, over > 0, False), dtype="boolean")
    late[~known] = pd.NA
    return pd.DataFrame(
        {
            "_case": case,
            "due": name,
            "expected": expected.astype("datetime64[us]"),
            "actual": np.where(happened, end.astype("datetime64[us]"), np.datetime64("NaT", "us")),
            "late": late,
            "days_late": np.where(known, over, np.nan).astype(np.float64),
        }
    )


def _after(facts: Facts, start: list[str], end: list[str]) -> NDArray[np.int64]:
    """The first end at or after the first start of each case."""
    events = Events.of(facts, sorted({*start, *end} & set(facts.log.activities)))
    began = facts.first(*start)
    rows = events.of_kind(end)
    rows = rows[events.time[rows] >= began[events.case[rows]]]
    found = np.full(len(facts), NEVER)
    found[events.case[rows][::-1]] = events.time[rows][::-1]
    return found


def _given(facts: Facts, names: Any, notes: dict[Note, None]) -> tuple[NDArray[np.int64] | None, Flags]:
    """A day that the log itself gives for each case, in days since 1970, and of which cases it can judge by it.

    Of a close date the first promise counts: today's is as a rule the day of the close itself, by which nothing is ever late.
    """
    every = np.ones(len(facts), bool)
    if any(matching.is_close_date(str(name)) for name in names) and (told := promises(facts)).note is None:
        return told.first, every
    for name in names:
        if name in facts.log.attributes:
            day = days(facts.attribute(name))
            if matching.is_close_date(str(name)) and is_day_of_close(facts, day):
                notes[Note("close_dates_of_today")] = None
                return day, ~facts.closed | (day == NEVER)
            return day, every
    return None, every
