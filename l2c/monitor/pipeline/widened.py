"""What did the same forecast miss at earlier dates, and how much wider must its range be?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from l2c.log import EventLog
from l2c.measures.facts import DAY, NEVER, Facts
from l2c.monitor.pipeline import comparators
from l2c.monitor.pipeline.amounts import amounts, growth
from l2c.monitor.pipeline.chances import chances
from l2c.monitor.pipeline.outlook import told
from l2c.monitor.pipeline.spans import Spans

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
# So many earlier dates.
DATES = 4
# What is expected before anything is seen counts as so many of them.
PRIOR = 3.0
LEVEL = 0.9
# At earlier dates the deals to come are drawn so often.
RUNS_THEN = 20
OWN = ("value", "to_come", "total")
EPOCH = datetime(1970, 1, 1)


@dataclass(frozen=True, eq=False)
class Past:
    """What was foretold at earlier dates beside what came; arrays have a row per date and a column per span.

    Attributes
    ----------
    foretold, came
        By method; NaN where it told nothing, or where the span is not over.
    spread
        Standard deviation of the draws, of the kit's own kinds.
    raised
        Whether what deals bring more or less than they stand at is counted in: it was nearer.
    """

    foretold: dict[str, Floats]
    came: dict[str, Floats]
    spread: dict[str, Floats]
    raised: bool

    @cached_property
    def dates(self) -> Ints:
        """At how many dates each span was foretold."""
        return np.isfinite(self.foretold["value"] + self.came["value"]).sum(axis=0)

    def factors(self, name: str) -> Floats:
        """By how much the range of each span is"""
        with np.errstate(divide="ignore", invalid="ignore"):
            z = (self.came[name] - self.foretold[name]) / self.spread[name]
        return np.array([factor(z[:, k]) for k in range(z.shape[1])])

    def missed(self, name: str) -> Floats:
        """How far a method missed on average, as part of what came."""
        return _error(self.foretold[name], self.came[name if name in OWN else "value"])


def made(log: EventLog, spans: Spans) -> Past:
    """Foretell at earlier dates, by what was known then, what has come since."""
    facts = Facts.of(log)
    began = comparators.opened(facts)[facts.deal]
    first = float(began.min(initial=facts.until) / DAY)
    days = dates(first, facts.until / DAY, float(spans.end.max(initial=0.0)))
    rows: dict[str, list[Floats]] = {f"{kind} {name}": [] for kind in ("told", "came", "spread") for name in OWN}
    rows |= {f"told {name}": [] for name in comparators.METHODS}
    rates = []
    for day in days:
        until = int(day * DAY)
        then = told(log, EPOCH + timedelta(microseconds=until), spans, RUNS_THEN)
        rates.append(growth(log, until))
        for name, came in _came(log, facts, until, spans).items():
            draws = then.draws[name]
            nothing = np.full(len(spans.end), np.nan)
            rows[f"told {name}"].append(draws.mean(axis=0) if len(draws) else nothing)
            rows[f"spread {name}"].append(draws.std(axis=0) if len(draws) else nothing)
            rows[f"came {name}"].append(came)
        for name, sums in then.said.items():
            rows[f"told {name}"].append(sums)
    tables = {name: np.array(each).reshape(len(each), len(spans.end)) for name, each in rows.items()}
    by = {
        kind: {n.removeprefix(f"{kind} "): t for n, t in tables.items() if n.startswith(kind)}
        for kind in ("told", "came", "spread")
    }
    rate = np.array(rates).reshape(-1, 1)
    value, came = by["told"]["value"], by["came"]["value"]
    raised = len(rate) > 1 and bool(np.nansum(_error(value * rate, came)) < np.nansum(_error(value, came)))
    if raised:
        more = value * rate - value
        by["told"] |= {"value": value + more, "total": by["told"]["total"] + more}
        by["spread"] |= {"value": by["spread"]["value"] * rate}
    return Past(by["told"], by["came"], by["spread"], raised)


def _came(log: EventLog, facts: Facts, until: int, spans: Spans) -> dict[str, Floats]:
    """What was won in the spans after a moment: from the deals that were open, from the others, from all."""
    open_ = facts.place[chances(log, until=EPOCH + timedelta(microseconds=until)).case_key]
    won = np.flatnonzero((facts.won > until) & (facts.won != NEVER))
    was = np.isin(won, open_)
    after, worth = (facts.won[won] - until) / DAY, np.nan_to_num(amounts(facts)[won])
    here = (after[:, None] >= spans.begin) & (after[:, None] < spans.end)
    parts = {"value": (worth * was) @ here, "to_come": (worth * ~was) @ here}
    return {**parts, "total": parts["value"] + parts["to_come"]}


def _error(foretold: Floats, came: Floats) -> Floats:
    """Mean absolute error as part of what came, by columns; NaN where nothing can be told."""
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.abs(foretold - came) / np.where(came > 0, came, np.nan)
    known = np.isfinite(error)
    return np.where(
        known.any(axis=0), np.where(known, error, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1), np.nan
    )


def dates(first: float, last: float, reach: float, most: int = DATES) -> Floats:
    """Earlier moments at which the same could have been foretold, between the first day of a log and its last one.

    Parameters
    ----------
    reach
        Days that must have come since.

    Notes
    -----
    Half of the time before the latest of them is learnt from at least.
    """
    latest = last - reach
    earliest = first + (latest - first) / 2
    return np.linspace(earliest, latest, most) if latest > first else np.empty(0)


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
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0, method="weibull")
    return middle, np.maximum(middle - c * (middle - low), 0.0), middle + c * (high - middle)
