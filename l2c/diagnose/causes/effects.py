"""How many days, or how many deals, go with a group that differs?"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from l2c.diagnose.causes.fits import Fit, Sums, linear, logistic
from l2c.stats import Estimate, normal

Floats = NDArray[Any]

# From so many standard errors apart, logarithms and days tell two different stories, and the days are right.
APART = 2.0


def lost_days(
    logs: Sums, days: Sums, every: Sums, floor: float, columns: Floats, members: list[Floats], level: float
) -> list[Estimate]:
    """Days that each chosen group takes beyond what its cases would take as members of no such group.

    Parameters
    ----------
    logs, days
        Sums of log(days + floor) and of days, by cell, of the observations old enough to be compared.
    every
        Sums of days of all observations: what was lost was lost in the young ones too.
    columns, members
        Columns of the model without the chosen groups, and the indicator of each of these.

    Notes
    -----
    Where delays multiply, log(days) tells the ratio most precisely: lost = Σ days (1 - 1/ratio). Where they add up,
    or strike some of the cases only, that is wrong by a quarter; the mean model (quasi-Poisson with a log link and
    robust variance, as Santos Silva and Tenreyro, 2006) is right whatever the shape, and less precise. The first is
    kept unless the two differ by more than chance allows (Hausman, 1978).
    """
    whole = np.vstack([columns, *(m[None] for m in members)])
    by_log = linear(logs, whole)
    by_mean = poisson(days, whole)
    z = normal(level)
    found = []
    for k, member in enumerate(members):
        at = len(columns) + k
        inside = float((every.total * member).sum())
        shifted = inside + floor * float((every.count * member).sum())
        first = _spent(shifted, by_log, at)
        second = _spent(inside, by_mean, at)
        spread = np.sqrt(max(second[1] ** 2 - first[1] ** 2, 0.25 * second[1] ** 2))
        chosen = first if floor < 0.5 and abs(first[0] - second[0]) <= APART * spread else second
        low, high = chosen[0] - z * chosen[1], chosen[0] + z * chosen[1]
        found.append(Estimate(chosen[0], low, high))
    return found


def _spent(days: float, fit: Fit, at: int) -> tuple[float, float]:
    """Days lost and their standard error (delta method)."""
    beta = float(fit.beta[at])
    error = float(np.sqrt(max(fit.covariance[at, at], 0.0)))
    return days * (1 - np.exp(-beta)), days * float(np.exp(-beta)) * error


def lost_events(sums: Sums, columns: Floats, members: list[Floats], level: float) -> list[Estimate]:
    """Events that each chosen group has beyond what its cases would have as members of no such group.

    Notes
    -----
    Logistic regression standardised over the cases of the group (the effect on the treated); delta method with the
    robust covariance of the coefficients.
    """
    whole = np.vstack([columns, *(m[None] for m in members)])
    fit = logistic(sums, whole)
    z = normal(level)
    eta = fit.beta @ whole
    found = []
    for k, member in enumerate(members):
        at = len(columns) + k
        weight = sums.count * member
        with_it, without = _chance(eta), _chance(eta - fit.beta[at] * member)
        total = float((weight * (with_it - without)).sum())
        slope = whole @ (weight * (with_it * (1 - with_it) - without * (1 - without)))
        slope[at] += float((weight * without * (1 - without)).sum())
        error = max(float(slope @ fit.covariance @ slope), 0.0) ** 0.5
        found.append(Estimate(total, total - z * error, total + z * error))
    return found


def poisson(sums: Sums, columns: Floats) -> Fit:
    """Quasi-Poisson regression of sums per cell with a log link."""
    beta = np.zeros(len(columns))
    beta[0] = np.log(max(sums.total.sum() / sums.count.sum(), 1e-12))
    for _ in range(50):
        mean = sums.count * np.exp(np.clip(beta @ columns, -40, 40))
        bread = np.linalg.pinv((columns * mean) @ columns.T, hermitian=True)
        step = np.clip(bread @ (columns @ (sums.total - mean)), -3, 3)
        beta = beta + step
        if np.abs(step).max() < 1e-9:
            break
    each = np.exp(np.clip(beta @ columns, -40, 40))
    mean = sums.count * each
    bread = np.linalg.pinv((columns * mean) @ columns.T, hermitian=True)
    squares = np.maximum(sums.squares - 2 * each * sums.total + sums.count * each**2, 0.0)
    return Fit(columns, beta, bread, mean, sums.total - mean, squares, 1.0, float(sums.count.sum()))


def _chance(eta: Floats) -> Floats:
    found: Floats = 1 / (1 + np.exp(-np.clip(eta, -30, 30)))
    return found
