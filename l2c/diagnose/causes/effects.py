"""How many days, or how many deals, go with a group that differs?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l2c.diagnose.causes.fits import Fit, Sums, linear, logistic, poisson
from l2c.diagnose.causes.together import Asked, Doubt, Rows
from l2c.stats import Estimate, normal

Floats = NDArray[Any]
Codes = NDArray[np.int64]

# From so many standard errors apart, logarithms and days may tell two different stories, and the days are right.
APART = 1.0


@dataclass(frozen=True, eq=False)
class Model:
    """What an effect is measured with: columns of the adjusters, the period of each cell, the groups that were found."""

    columns: Floats
    period: Codes
    groups: list[Asked]
    level: float

    @property
    def whole(self) -> Floats:
        """The columns of adjusters and groups."""
        return np.vstack([self.columns, *(g.inside[None] for g in self.groups)])

    def around(self, value: float, direction: Floats, doubt: Doubt, asked: Asked) -> Estimate:
        """An estimate whose error is a sum of what the model leaves, with the interval that its clusters allow."""
        variance, freedom = doubt.variance(direction, doubt.fit.robust(direction), asked)
        half = _quantile(self.level, freedom) * variance**0.5
        return Estimate(value, value - half, value + half)


def lost_days(logs: Sums, days: Sums, every: Sums, rows: Rows, floor: float, model: Model) -> Iterator[Estimate]:
    """Days that each chosen group takes beyond what its cases would take as members of no such group.

    Parameters
    ----------
    logs, days
        Sums of log(days + floor) and of days, by cell, of the observations old enough to be compared.
    every
        Sums of days of all observations: what was lost was lost in the young ones too.
    rows
        The observations old enough, in days.

    Notes
    -----
    Where delays multiply, log(days) tells the ratio most precisely: lost = Σ days (1 - 1/ratio). Where they add up,
    or strike some of the cases only, that is wrong by a quarter; the mean model (quasi-Poisson with a log link and
    robust variance, as Santos Silva and Tenreyro, 2006) is right whatever the shape, and less precise. The first is
    kept unless the two differ by more than chance allows (Hausman, 1978). Where days of several groups, or of times, add
    up better than they multiply, the mean model adds them (least squares, robust variance).
    """
    by_log = linear(logs, model.whole, model.period)
    multiplied, added = poisson(days, model.whole, model.period), linear(days, model.whole, model.period)
    adds = _adds(days, model, multiplied, added)
    by_mean = added if adds else multiplied
    doubts = Doubt(replace(rows, value=np.log(rows.value + floor)), by_log), Doubt(rows, by_mean)
    for k, group in enumerate(model.groups):
        at = len(model.columns) + k
        inside = float((every.total * group.inside).sum())
        shifted = inside + floor * float((every.count * group.inside).sum())
        first, second = (_spent(d, x, at, group, model) for d, x in zip((shifted, inside), doubts, strict=True))
        if adds:
            second = _added(float((every.count * group.inside).sum()), doubts[1], at, group, model)
        errors = (first.high - first.low) / 2, (second.high - second.low) / 2
        spread = np.sqrt(max(errors[1] ** 2 - errors[0] ** 2, 0.25 * errors[1] ** 2)) / normal(model.level)
        alike = floor < 0.5 and abs(first.value - second.value) <= APART * spread
        yield first if alike else second


def _adds(days: Sums, model: Model, multiplied: Fit, added: Fit) -> bool:
    """Whether days add up better than they multiply, apart from pairs, which would make either true (gamma deviance).

    Parameters
    ----------
    multiplied, added
        The mean model of each kind, with all groups.
    """
    if any(len(g.names) > 1 for g in model.groups):
        single = np.vstack([model.columns, *(g.inside[None] for g in model.groups if len(g.names) == 1)])
        multiplied, added = (fit(days, single, model.period) for fit in (poisson, linear))
    usual = float(days.total.sum() / days.count.sum())
    first, second = (_deviance(days, np.maximum(fit.mean, usual / 100)) for fit in (multiplied, added))
    # Where groups are all there is, the two say the same, and only rounding tells them apart.
    return second < first - 1e-9 * abs(first)


def _deviance(days: Sums, mean: Floats) -> float:
    return float((days.count * np.log(mean) + days.total / mean).sum())


def _added(cases: float, doubt: Doubt, at: int, group: Asked, model: Model) -> Estimate:
    slope = np.zeros(len(doubt.fit.beta))
    slope[at] = cases
    return model.around(cases * float(doubt.fit.beta[at]), doubt.fit.direction(slope), doubt, group)


def _spent(days: float, doubt: Doubt, at: int, group: Asked, model: Model) -> Estimate:
    """Days lost with their interval (delta method)."""
    beta = float(doubt.fit.beta[at])
    slope = np.zeros(len(doubt.fit.beta))
    slope[at] = days * float(np.exp(-beta))
    return model.around(days * (1 - float(np.exp(-beta))), doubt.fit.direction(slope), doubt, group)


def lost_events(sums: Sums, rows: Rows, model: Model) -> Iterator[Estimate]:
    """Events that each chosen group has beyond what its cases would have as members of no such group.

    Notes
    -----
    Logistic regression standardised over the cases of the group (the effect on the treated); delta method with the
    covariance of the coefficients, robust to what the cases share.
    """
    whole = model.whole
    fit = logistic(sums, whole, model.period)
    doubt = Doubt(rows, fit)
    eta = np.log(fit.mean) - np.log1p(-fit.mean)
    for k, group in enumerate(model.groups):
        at = len(model.columns) + k
        member = group.inside
        weight = sums.count * member
        with_it, without = fit.mean, _chance(eta - fit.beta[at] * member)
        total = float((weight * (with_it - without)).sum())
        each = weight * (with_it * (1 - with_it) - without * (1 - without))
        slope = whole @ each
        slope[at] += float((weight * without * (1 - without)).sum())
        by_period = np.bincount(model.period, each, len(fit.solver.held))
        yield model.around(total, fit.direction(slope, by_period), doubt, group)


def _quantile(level: float, freedom: float) -> float:
    """How many standard errors an interval reaches to each side."""
    from scipy.special import stdtrit

    return normal(level) if freedom > 1e6 else float(stdtrit(freedom, (1 + level) / 2))


def _chance(eta: Floats) -> Floats:
    found: Floats = 1 / (1 + np.exp(-np.clip(eta, -30, 30)))
    return found
