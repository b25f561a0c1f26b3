"""What is foretold at a moment, now or earlier, of some stretches of time?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from l2c.log import EventLog
from l2c.log.zone import micros
from l2c.measures.facts import Facts
from l2c.monitor.pipeline import coming, comparators
from l2c.monitor.pipeline.amounts import amounts
from l2c.monitor.pipeline.chances import DRAWS_THEN, RUNS, chances, reweighted
from l2c.monitor.pipeline.snapshots import DEALS
from l2c.monitor.pipeline.spans import Spans
from l2c.monitor.pipeline.ways import BOTH, STAGE, ways
from l2c.words.notes import Note, several

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Told:
    """What is foretold at a moment.

    Attributes
    ----------
    draws
        By kind (`value`, `to_come`, `total`): money, a row per run and a column per span; no rows where nothing can be foretold.
    deals
        How many of the open deals are won in each span.
    said
        What other methods foretell of each span.
    note
        What to know of it.
    """

    draws: dict[str, Floats]
    deals: Floats
    said: dict[str, Floats]
    note: Note | None


class Deals(NamedTuple):
    """Deals open at a moment: their `case_key`, days until each is won (a row per run, infinite where it is not), what to know of it."""

    key: Ints
    won_after: Floats
    note: Note | None


def today(log: EventLog) -> Deals:
    """The deals that are open, with their chances."""
    known = chances(log)
    return Deals(known.case_key, known.won_after, known.note)


def then(log: EventLog, moment: datetime) -> Deals:
    """The deals that were open at an earlier moment of a log of which all deals are learnt from, by what was known then.

    Notes
    -----
    What `chances` weighs its ways by at such moments, kept with the log; they count as they do today.
    """
    found = ways(log, moment, DEALS, runs=RUNS // 2, draws=DRAWS_THEN)
    if found.table is None:
        return Deals(found.keys, np.empty((0, len(found.keys))), None)
    weight, rng = chances(log).weight, np.random.default_rng([7, len(found.keys)])
    table = found.share[STAGE]
    win = np.clip(weight * found.share.get(BOTH, table) + (1 - weight) * table, 1e-3, 1 - 1e-3)
    if found.twin is not None:
        hoped, over = found.twin.hoped, found.twin.over
    else:
        hoped, over = found.table.draw(found.now.stage, rng, RUNS // 2)
    return Deals(found.keys, reweighted(hoped, over, win, rng)[0], None)


def told(log: EventLog, until: datetime | None, spans: Spans, runs: int, rate: float = 1.0) -> Told:
    """What is foretold of the cases in sight at a moment.

    Parameters
    ----------
    until
        The moment (naive UTC); the extraction unless given.
    runs
        How often the deals to come are drawn.
    rate
        What deals bring when they are won, by what they stand at.
    """
    whole = EventLog(log.base)
    known = today(log) if until is None else then(whole, until)
    facts = Facts.of(log, None if until is None else micros(until))
    place = facts.place[known.key]
    seen, every = np.flatnonzero(place >= 0), amounts(facts)
    amount = every[place[seen]]
    notes = [known.note]
    if not log.one_currency:
        notes.append(Note("currencies", n=len(log.currencies)))
    elif (n := int(np.isfinite(amount).sum())) < len(seen):
        notes.append(Note("amount_of_open", n=n, of=len(seen)))
    said = comparators.said(log, facts.until, known.key[seen]).sums(amount, spans.begin, spans.end)
    after, worth = known.won_after[:, seen], np.nan_to_num(amount * rate)
    here = [(after >= low) & (after < high) for low, high in zip(spans.begin, spans.end, strict=True)]
    value = np.array([each @ worth for each in here]).T.reshape(len(after), len(here))
    deals = np.array([each.sum() / len(after) if len(after) else np.nan for each in here])
    like, new = coming.meant(log), value[:0]
    if like is None:
        notes.append(Note("forecast_of_open"))
    else:
        drawn = coming.draws(log, until=until, days=float(spans.end.max(initial=0.0)), runs=runs).only(like)
        new = drawn.sums(spans.begin, spans.end)
    if not len(after):
        new = new[:0]
    if not np.isfinite(every).any():
        # Where no amount is known, the sum is not nothing.
        value, new, said = value[:0], new[:0], {name: np.full(len(here), np.nan) for name in said}
    total = _both(value, new) if len(value) and len(new) else value[:0]
    return Told({"value": value, "to_come": new, "total": total}, deals, said, several(notes))


def _both(one: Floats, other: Floats) -> Floats:
    """Sums of draws, each of the one kind with one of the other, whose mean is the sum of both means."""
    n = np.arange(max(len(one), len(other)))
    found = one[n % len(one)] + other[n % len(other)]
    return np.asarray(found + one.mean(axis=0) + other.mean(axis=0) - found.mean(axis=0))
