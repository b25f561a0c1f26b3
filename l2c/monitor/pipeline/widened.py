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
from l2c.monitor.pipeline.amounts import amounts, growth
from l2c.monitor.pipeline.lives import DEALS, lives
from l2c.monitor.pipeline.outlook import BLENDED, SIMULATED, Told, then, today, told
from l2c.monitor.pipeline.spans import Spans
from l2c.monitor.pipeline.ways import earlier, ground

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
# So many earlier dates.
LATEST_DATES = 4
# What is expected before anything is seen counts as so many of them.
PRIOR = 3.0
SURE_OF = 0.9
# At earlier dates the deals to come are drawn so often.
RUNS_THEN = 12
OWN = ("value", "to_come", "total")
# What deals bring is counted in if it misses by a tenth less.
NEARER = 0.9


@dataclass(frozen=True, eq=False)
class Past:
    """What was foretold at earlier dates, the latest first, beside what came.

    Attributes
    ----------
    told
        What was foretold at each date.
    came
        By kind (`value`, `to_come`, `total`): money, a row per date and a column per span; NaN where it is not over.
    rates
        What deals brought by what they had stood at, as far as it was known at each date.
    scale
        How many deals each of those that were looked at stands for.
    """

    told: tuple[Told, ...]
    came: dict[str, Floats]
    rates: Floats
    scale: float = 1.0

    @cached_property
    def way(self) -> tuple[str, bool]:
        """By which source, and whether with what deals bring by what they stand at: what was nearer by a tenth, else as chances are."""
        usual = BLENDED, False
        if len(self.told) < 2:
            return usual
        found = usual
        for raised in (False, True):
            # One step after the other: what changes least comes first.
            sources = (BLENDED, SIMULATED) if not raised else (found[0],)
            for source in sources:
                if self._error(source, raised) < NEARER * self._error(*found):
                    found = source, raised
        return found

    def _error(self, source: str, raised: bool) -> float:
        return float(np.nansum(_error(self._of((source, raised))[0]["value"], self.came["value"])))

    @cached_property
    def own(self) -> tuple[dict[str, Floats], dict[str, Floats]]:
        """Mean and standard deviation of what was foretold, by kind."""
        return self._of(self.way)

    def _of(self, way: tuple[str, bool]) -> tuple[dict[str, Floats], dict[str, Floats]]:
        source, raised = way
        every = [told.draws(source, rate if raised else 1.0) for told, rate in zip(self.told, self.rates, strict=True)]
        shape = len(every), self.came["value"].shape[1]
        none = np.full(shape[1], np.nan)
        mean = {name: [each[name].mean(axis=0) if len(each[name]) else none for each in every] for name in OWN}
        spread = {name: [each[name].std(axis=0) if len(each[name]) else none for each in every] for name in OWN}
        return tuple({name: np.reshape(rows, shape) for name, rows in of.items()} for of in (mean, spread))  # type: ignore[return-value]

    @property
    def dates(self) -> Ints:
        """At how many dates each span was foretold."""
        return np.isfinite(self.own[0]["value"] + self.came["value"]).sum(axis=0)

    def factors(self, name: str) -> Floats:
        """By how much the range of each span must be wider.

        What lies too far ahead to have been tested is no surer than what was.
        """
        mean, spread = (each[name] for each in self.own)
        with np.errstate(divide="ignore", invalid="ignore"):
            z = (self.came[name] - mean) / spread
        # What is no luck of so many deals does not even out over all of them.
        z = np.sqrt(np.where(z**2 > 1, 1 + (z**2 - 1) * self.scale, z**2))
        found = np.array([factor(each) for each in z.T])
        tested = np.flatnonzero(np.isfinite(z).any(axis=0))
        if not len(tested):
            return found
        before = np.searchsorted(tested, np.arange(len(found)), "right") - 1
        return found[tested[np.maximum(before, 0)]]

    def missed(self, name: str) -> Floats:
        """How far a method missed on average, as part of what came."""
        if name in OWN:
            return _error(self.own[0][name], self.came[name])
        said = np.reshape([told.said[name] for told in self.told], self.came["value"].shape)
        return _error(said, self.came["value"])


def made(log: EventLog, spans: Spans) -> Past:
    """Foretell at earlier dates, by what was known then, what has come since; of many deals by those that are learnt from."""
    some = ground(log, DEALS)
    scale = max(EventLog(log.base).n_cases / max(some.base.n_cases, 1), 1.0)
    # Of amounts in several currencies only those of one can be held against each other.
    some = replace(some, conditions=tuple(each for each in log.conditions if each.word == "currency"))
    facts = Facts.of(some)
    # Where nothing is foretold today, nothing needs to be tested.
    tested = len(today(log).won_after[BLENDED]) > 0
    when = dates(some, float(spans.end.max(initial=0.0)), extra=scale == 1.0) if tested else []
    open_ = [then(log, each) for each in when]
    came = [_came(facts, deals.key, micros(each), spans) for each, deals in zip(when, open_, strict=True)]
    return Past(
        tuple(told(some, deals, each, spans, RUNS_THEN) for each, deals in zip(when, open_, strict=True)),
        {name: np.reshape([each[name] for each in came], (len(when), len(spans.end))) for name in OWN},
        np.array([growth(some, micros(each)) for each in when]),
        scale,
    )


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
    low, high = np.quantile(draws, [(1 - SURE_OF) / 2, (1 + SURE_OF) / 2], axis=0, method="weibull")
    return middle, np.maximum(middle - c * (middle - low), 0.0), middle + c * (high - middle)
