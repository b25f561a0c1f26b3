"""What is foretold at a moment, now or earlier, of some stretches of time?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from l2c.log import EventLog
from l2c.log.zone import micros
from l2c.measures.facts import Facts
from l2c.monitor.pipeline import coming, comparators
from l2c.monitor.pipeline.amounts import amounts
from l2c.monitor.pipeline.chances import Chances, chances
from l2c.monitor.pipeline.spans import Spans
from l2c.words.notes import Note, several

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


def told(log: EventLog, until: datetime | None, spans: Spans, runs: int, rate: float = 1.0) -> Told:
    """What is foretold of the cases in sight at a moment.

    Parameters
    ----------
    until
        The moment (naive UTC); the extraction unless given.
    rate
        What deals bring when they are won, by what they stand at.
    """
    known: Chances = chances(log, until=until)
    facts = Facts.of(log, None if until is None else micros(until))
    place = facts.place[known.case_key]
    seen = np.flatnonzero(place >= 0)
    amount = amounts(facts)[place[seen]]
    notes = [known.note]
    if len(seen) and (n := int(np.isfinite(amount).sum())) < len(seen):
        notes.append(
            Note("amount_of_open", n=n, of=len(seen)) if log.one_currency else Note("currencies", n=len(log.currencies))
        )
    said = comparators.said(log, facts.until, known.case_key[seen]).sums(amount, spans.begin, spans.end)
    worth = np.nan_to_num(amount * rate)
    after = known.won_after[:, seen]
    here = [(after >= low) & (after < high) for low, high in zip(spans.begin, spans.end, strict=True)]
    value = np.array([each @ worth for each in here]).T.reshape(len(after), len(here))
    deals = np.array([each.sum() / max(len(after), 1) for each in here])
    if known.used == "none":
        value, deals = value[:0], np.full(len(here), np.nan)
    like, new = coming.meant(log), value[:0]
    if like is None:
        notes.append(Note("forecast_of_open"))
    else:
        drawn = coming.draws(log, until=until, days=float(spans.end.max(initial=0.0)), runs=runs).only(like)
        new = drawn.sums(spans.begin, spans.end)
    if not np.isfinite(amounts(facts)).any():
        # Nothing is worth anything to nobody who knows no amounts: that is not nothing.
        value, new = value[:0], new[:0]
        said = {name: np.full(len(here), np.nan) for name in said}
    total = _both(value, new) if len(value) and len(new) else value[:0]
    return Told(
        {"value": value, "to_come": new, "total": total}, deals, said, several([n for n in notes if n is not None])
    )


def _both(one: Floats, other: Floats) -> Floats:
    """Sums of draws, each of the one kind with one of the other, whose mean is the sum of both means."""
    n = np.arange(max(len(one), len(other)))
    found = one[n % len(one)] + other[n % len(other)]
    return np.asarray(found + one.mean(axis=0) + other.mean(axis=0) - found.mean(axis=0))
