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
from l2c.monitor.pipeline.blend import DRAWS_THEN, RUNS_THEN, blended
from l2c.monitor.pipeline.chances import NOTHING, chances, reweighted
from l2c.monitor.pipeline.lives import DEALS
from l2c.monitor.pipeline.spans import Spans
from l2c.monitor.pipeline.ways import LOGIT, ways
from l2c.words.notes import Note, several

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


# Where the days come from until deals are won: the runs of the twin changed so that chances hold, or as they are.
BLENDED, SIMULATED = "blended", "simulated"


@dataclass(frozen=True, eq=False)
class Told:
    """What is foretold at a moment.

    Attributes
    ----------
    value
        By source: money won of the open deals, a row per run and a column per span; no rows where nothing can be foretold.
    deals
        By source: how many of the open deals are won in each span.
    to_come
        Money won of deals that are not open yet, likewise.
    said
        What other methods foretell of each span.
    note
        What to know of it.
    """

    value: dict[str, Floats]
    deals: dict[str, Floats]
    to_come: Floats
    said: dict[str, Floats]
    note: Note | None

    def draws(self, source: str, rate: float = 1.0) -> dict[str, Floats]:
        """Draws of `value`, `to_come` and `total` by one source, where deals bring so many times what they stand at."""
        value, new = self.value[source] * rate, self.to_come
        return {"value": value, "to_come": new, "total": _both(value, new) if len(value) and len(new) else value[:0]}


class Deals(NamedTuple):
    """Deals open at a moment: their `case_key`; by source the days until each is won (a row per run, infinite where it is not); a note."""

    key: Ints
    won_after: dict[str, Floats]
    note: Note | None


def today(log: EventLog) -> Deals:
    """The deals that are open, with their chances."""
    known = chances(log)
    plain = known.won_after if known.simulated is None else known.simulated
    return Deals(known.case_key, {BLENDED: known.won_after, SIMULATED: plain}, known.note)


def then(log: EventLog, moment: datetime) -> Deals:
    """The deals that were open at an earlier moment, of those that are learnt from, by what was known then.

    Notes
    -----
    What `chances` weighs its ways by at such moments, kept with the log; they count as they do today.
    """
    found = ways(log, moment, DEALS, runs=RUNS_THEN, draws=DRAWS_THEN)
    if found.table is None:
        none = np.empty((0, len(found.keys)))
        return Deals(found.keys, {BLENDED: none, SIMULATED: none}, None)
    rng = np.random.default_rng([7, len(found.keys)])
    blend = log.base.memo("blend", lambda: blended(log, None, DEALS)) if LOGIT in found.share else NOTHING
    win = blend.chance(found)
    if found.twin is not None:
        hoped, over = found.twin.hoped, found.twin.over
    else:
        hoped, over = found.table.draw(found.now.stage, rng, RUNS_THEN)
    return Deals(found.keys, {BLENDED: reweighted(hoped, over, win, rng)[0], SIMULATED: hoped}, None)


def told(log: EventLog, known: Deals, until: datetime | None, spans: Spans, runs: int) -> Told:
    """What is foretold of the cases in sight at a moment.

    Parameters
    ----------
    known
        The deals open then.
    until
        The moment (naive UTC); the extraction unless given.
    runs
        How often the deals to come are drawn.
    """
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
    won = {source: _won(after[:, seen], np.nan_to_num(amount), spans) for source, after in known.won_after.items()}
    value, deals = ({source: each[k] for source, each in won.items()} for k in (0, 1))
    like, new = coming.meant(log), value[BLENDED][:0]
    if like is None:
        notes.append(Note("forecast_of_open"))
    elif len(value[BLENDED]):
        drawn = coming.draws(log, until=until, days=float(spans.end.max(initial=0.0)), runs=runs).only(like)
        new = drawn.sums(spans.begin, spans.end)
    if not np.isfinite(every).any():
        # Where no amount is known, the sum is not nothing.
        none = np.full(len(spans.end), np.nan)
        value, new, said = {source: each[:0] for source, each in value.items()}, new[:0], dict.fromkeys(said, none)
    return Told(value, deals, new, said, several(notes))


def _won(after: Floats, worth: Floats, spans: Spans) -> tuple[Floats, Floats]:
    """Money won in each span (a row per run), and how many deals on average."""
    here = [(after >= low) & (after < high) for low, high in zip(spans.begin, spans.end, strict=True)]
    money = np.array([each @ worth for each in here]).T.reshape(len(after), len(here))
    return money, np.array([each.sum() / len(after) if len(after) else np.nan for each in here])


def _both(one: Floats, other: Floats) -> Floats:
    """Sums of draws, each of the one kind with one of the other, whose mean is the sum of both means."""
    n = np.arange(max(len(one), len(other)))
    found = one[n % len(one)] + other[n % len(other)]
    return np.asarray(found + one.mean(axis=0) + other.mean(axis=0) - found.mean(axis=0))
