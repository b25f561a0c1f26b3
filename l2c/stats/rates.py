"""How sure can we be of a rate, a mean, a difference? Intervals on plain arrays and counts."""

from __future__ import annotations

from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
NAN = float("nan")
# Of fewer than this nothing is told: a group is not compared, since persons or regions would differ by luck; no limit is
# set and no median of days is believed. A number that is not there is better than a wild one.
SMALLEST_SAMPLE = 20


class Estimate(NamedTuple):
    """A number and its interval; NaN where the data cannot tell."""

    value: float
    low: float
    high: float


class Mean(NamedTuple):
    """A mean and its standard error."""

    value: float
    error: float


UNKNOWN = Estimate(NAN, NAN, NAN)


def normal(level: float) -> float:
    """Half-width of a two-sided interval of the standard normal distribution."""
    return NormalDist().inv_cdf(0.5 + level / 2)


def rate(hits: float, of: float, level: float = 0.95) -> Estimate:
    """Share of `hits` among `of` trials, with Wilson's (1927) interval."""
    if of <= 0:
        return UNKNOWN
    p, z2 = hits / of, normal(level) ** 2
    middle = (p + z2 / (2 * of)) / (1 + z2 / of)
    half = np.sqrt(z2 * (p * (1 - p) / of + z2 / (4 * of**2))) / (1 + z2 / of)
    return Estimate(p, float(np.clip(middle - half, 0.0, p)), float(np.clip(middle + half, p, 1.0)))


def share_of_sums(part: ArrayLike, whole: ArrayLike, level: float = 0.95) -> Estimate:
    """Share of a sum that falls to a part of it, such as the won amount in the amount of all closed deals.

    Parameters
    ----------
    part
        What of `whole` counts, case by case: between 0 and `whole`.

    Notes
    -----
    Variance by linearisation; Wilson's interval at the number of equal cases that would have that variance, which
    with equal amounts is the interval of the plain rate.
    """
    a, b = np.asarray(part, np.float64), np.asarray(whole, np.float64)
    total = b.sum()
    if not total > 0:
        return UNKNOWN
    p = float(a.sum() / total)
    variance = float(((a - p * b) ** 2).sum() / total**2)
    kish = float(total**2 / (b**2).sum())
    equal = p * (1 - p) / variance if variance > 0 else kish
    return Estimate(p, *rate(p * equal, equal, level)[1:])


def mean(values: ArrayLike, level: float = 0.95) -> Estimate:
    """Mean with Student's interval; a single value has none."""
    x = np.asarray(values, np.float64)
    if len(x) < 2:
        return Estimate(float(x[0]), NAN, NAN) if len(x) else UNKNOWN
    from scipy.special import stdtrit

    half = float(stdtrit(len(x) - 1, 0.5 + level / 2) * x.std(ddof=1) / np.sqrt(len(x)))
    return Estimate(float(x.mean()), float(x.mean()) - half, float(x.mean()) + half)


def median(values: ArrayLike, level: float = 0.95) -> Estimate:
    """Median with the interval between two order statistics that holds it with at least the given probability.

    The bounds are the k-th smallest and the k-th largest value, where k is the largest number for which fewer than
    k of n fair coins come up heads with probability at most (1 - level) / 2. NaN when even k = 1 is too many.
    """
    x = np.sort(np.asarray(values, np.float64))
    if not len(x):
        return UNKNOWN
    from scipy.special import bdtr

    # P(Binomial(n, 1/2) <= k - 1), near its lower tail.
    k = np.arange(max(1, int(len(x) / 2 - 2 * normal(level) * np.sqrt(len(x)))), len(x) // 2 + 1)
    fits = k[bdtr(k - 1, len(x), 0.5) <= (1 - level) / 2]
    if not len(fits):
        return Estimate(float(np.median(x)), NAN, NAN)
    return Estimate(float(np.median(x)), float(x[fits[-1] - 1]), float(x[-fits[-1]]))


def difference(after: Mean, before: Mean, level: float = 0.95) -> Estimate:
    """Difference of two independent estimates that are nearly normal."""
    half = normal(level) * float(np.hypot(after.error, before.error))
    gap = after.value - before.value
    return Estimate(gap, gap - half, gap + half)


def rate_difference(after: Estimate, before: Estimate) -> Estimate:
    """Difference of two independent estimates from their own intervals (Newcombe, 1998, method 10).

    With Wilson's intervals this is Newcombe's interval for two rates; it keeps the skewness near 0 and 1.
    """
    gap = after.value - before.value
    low = gap - np.hypot(after.value - after.low, before.high - before.value)
    high = gap + np.hypot(after.high - after.value, before.value - before.low)
    return Estimate(gap, float(low), float(high))
