"""What did the same forecast miss at earlier dates, and how much wider must its range be?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from l2c.log import EventLog
from l2c.log.zone import micros
from l2c.measures.facts import DAY, NEVER, Facts
from l2c.monitor.pipeline import comparators
from l2c.monitor.pipeline.amounts import amounts, growth
from l2c.monitor.pipeline.outlook import then, today, told
from l2c.monitor.pipeline.snapshots import DEALS, lives
from l2c.monitor.pipeline.spans import Spans
from l2c.monitor.pipeline.ways import earlier, ground

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
# So many earlier dates.
LATEST_DATES = 4
# What is expected before anything is seen counts as so many of them.
PRIOR = 3.0
RANGE = 0.9
# At earlier dates the deals to come are drawn so often.
RUNS_THEN = 20
OWN = ("value", "to_come", "total")
# What deals bring is counted in if it misses by a tenth less.
NEARER = 0.9


@dataclass(frozen=True, eq=False)
class Past:
    """What was foretold at earlier dates beside what came; arrays have a row per date and a column per span.

    Attributes
    ----------
    foretold, came
        By method; NaN where it told nothing, or where the span is not over.
    spread
        Standard deviation of the draws, of the kit's own kinds.
    scale
        How many deals each of those that were looked at stands for.
    raised
        Whether what deals bring more or less than they stand at is counted in: it was nearer.
    """

    foretold: dict[str, Floats]
    came: dict[str, Floats]
    spread: dict[str, Floats]
    scale: float = 1.0
    raised: bool = False

    @cached_property
    def dates(self) -> Ints:
        """At how many dates each span was foretold."""
        return np.isfinite(self.foretold["value"] + self.came["value"]).sum(axis=0)

    def factors(self, name: str) -> Floats:
        """By how much the range of each span is"""
        with np.errstate(divide="ignore", invalid="ignore"):
            z = (self.came[name] - self.foretold[name]) / self.spread[name]
        # What is no luck of so many deals does not even out over all of them.
        z = np.sqrt(np.where(z**2 > 1, 1 + (z**2 - 1) * self.scale, z**2))
        found = np.array([factor(z[:, k]) for k in range(z.shape[1])])
        tested = np.flatnonzero(np.isfinite(z).any(axis=0))
        # What lies too far ahead to have been tested is no surer than what was.
        return (
            found
            if not len(tested)
            else found[tested[np.searchsorted(tested, np.arange(len(found)), "right").clip(1) - 1]]
        )

    def missed(self, name: str) -> Floats:
        """How far a method missed on average, as part of what came."""
        return _error(self.foretold[name], self.came[name if name in OWN else "value"])

    def raised_by(self, rate: Floats) -> Past:
        """The same with what deals brought by what they stood at, as known at each date, if that was nearer by a tenth."""
        value, came = self.foretold["value"], self.came["value"]
        if len(rate) < 2 or not np.nansum(_error(value * rate, came)) < NEARER * np.nansum(_error(value, came)):
            return self
        foretold = self.foretold | {"value": value * rate, "total": self.foretold["total"] + value * (rate - 1)}
        return replace(
            self, foretold=foretold, spread=self.spread | {"value": self.spread["value"] * rate}, raised=True
        )


def made(log: EventLog, spans: Spans) -> Past:
    """Foretell at earlier dates, by what was known then, what has come since; of many deals by those that are learnt from."""
    some = ground(log, DEALS)
    # Of amounts in several currencies only those of one can be held against each other.
    some = replace(some, conditions=tuple(each for each in log.conditions if each.word == "currency"))
    facts = Facts.of(some)
    scale = max(EventLog(log.base).n_cases / max(some.base.n_cases, 1), 1.0)
    rows: list[dict[str, dict[str, Floats]]] = []
    rates = []
    # Where nothing is foretold today, nothing needs to be tested.
    tested = len(today(log).won_after) > 0
    for moment in dates(some, float(spans.end.max(initial=0.0)), extra=scale == 1.0) if tested else []:
        until = micros(moment)
        foretold = told(some, moment, spans, RUNS_THEN)
        open_ = then(EventLog(some.base), moment).key
        draws = {name: each for name, each in foretold.draws.items() if len(each)}
        rows.append(
            {
                "told": {name: each.mean(axis=0) for name, each in draws.items()} | foretold.said,
                "spread": {name: each.std(axis=0) for name, each in draws.items()},
                "came": _came(facts, open_, until, spans),
            }
        )
        rates.append(growth(some, until))
    none = np.full(len(spans.end), np.nan)

    def table(kind: str, names: tuple[str, ...]) -> dict[str, Floats]:
        found = {name: [row[kind].get(name, none) for row in rows] for name in names}
        return {name: np.array(each).reshape(len(rows), len(spans.end)) for name, each in found.items()}

    past = Past(table("told", (*OWN, *comparators.METHODS)), table("came", OWN), table("spread", OWN), scale)
    return past.raised_by(np.array(rates).reshape(-1, 1))


def dates(log: EventLog, reach: float, *, extra: bool = True) -> list[datetime]:
    """Earlier moments at which the same could have been foretold: those at which chances are weighed, and some before them.

    Parameters
    ----------
    reach
        Days that should have come since at so many of them.
    extra
        Whether there may be more than those that are looked at anyway.
    """
    every = lives(log)
    first = earlier(every, LATEST_DATES)
    if not extra or not first:
        return first
    gap = max((first[0] - first[1]).days, 1) if len(first) > 1 else 1
    return earlier(every, LATEST_DATES + min(int(np.ceil(reach / gap)), LATEST_DATES))


def _came(facts: Facts, open_: Ints, until: int, spans: Spans) -> dict[str, Floats]:
    """What was won in the spans after a moment: from the deals that were open, from the others, from all; NaN where one is not over."""
    won = np.flatnonzero((facts.won > until) & (facts.won != NEVER))
    was = np.isin(facts.keys[won], open_)
    after, worth = (facts.won[won] - until) / DAY, np.nan_to_num(amounts(facts)[won])
    here = (after[:, None] >= spans.begin) & (after[:, None] < spans.end)
    over = np.where(until + spans.end * DAY <= facts.until, 0.0, np.nan)
    parts = {"value": (worth * was) @ here + over, "to_come": (worth * ~was) @ here + over}
    return {**parts, "total": parts["value"] + parts["to_come"]}


def _error(foretold: Floats, came: Floats) -> Floats:
    """Mean absolute error as part of what came, by columns; NaN where nothing can be told."""
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.abs(foretold - came) / np.where(came > 0, came, np.nan)
    known = np.isfinite(error)
    return np.where(
        known.any(axis=0), np.where(known, error, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1), np.nan
    )


def factor(missed: Floats) -> float:
    """By how much a range is widened.

    Parameters
    ----------
    missed
        By how many standard deviations of its draws the same method missed at earlier dates; NaN where it told nothing.

    Notes
    -----
    A scale with three pseudo-observations of one: c² = (3 + Σz²) / (3 + K), never below one: a range that held so far may be luck.
    """
    z = missed[np.isfinite(missed)]
    return float(max(np.sqrt((PRIOR + (z**2).sum()) / (PRIOR + len(z))), 1.0))


def ends(draws: Floats, c: Floats) -> tuple[Floats, Floats, Floats]:
    """Mean and the ends of the 90 % range, widened about the mean and never below nothing; draws in rows.

    Quantiles as `weibull` has them: of n draws and what comes each is as likely to lie in any of the n + 1 gaps.
    """
    if not len(draws):
        none = np.full(draws.shape[1], np.nan)
        return none, none, none
    middle = draws.mean(axis=0)
    low, high = np.quantile(draws, [(1 - RANGE) / 2, (1 + RANGE) / 2], axis=0, method="weibull")
    return middle, np.maximum(middle - c * (middle - low), 0.0), middle + c * (high - middle)
