"""How sure can we be of a rate, a mean, a difference? Intervals on plain arrays and counts."""

from __future__ import annotations

from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from l2c.stats.clusters import Floats, groups

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


def share(hits: ArrayLike, level: float = 0.95, cluster: ArrayLike | None = None) -> Estimate:
    """Share of trials that were hits, trial by trial (1 or 0, yes or no).

    Parameters
    ----------
    cluster
        A code of what each trial belongs to, such as its account, or None: then this is `rate`. See `share_of_sums`.
    """
    hit = np.asarray(hits, np.float64)
    if cluster is None:
        return rate(float(hit.sum()), len(hit), level)
    return share_of_sums(hit, np.ones(len(hit)), level, cluster)


def share_of_sums(part: ArrayLike, whole: ArrayLike, level: float = 0.95, cluster: ArrayLike | None = None) -> Estimate:
    """Share of a sum that falls to a part of it, such as the won amount in the amount of all closed deals.

    Parameters
    ----------
    part
        What of `whole` counts, case by case: between 0 and `whole`.
    cluster
        A code of what each case belongs to, such as its account, or None.

    Notes
    -----
    Variance by linearisation, by group where cases go together; Wilson's interval at the number of equal cases that would
    have that variance. It is never less than if how much counts had nothing to do with how large a case is, which is that of
    Kish's (1965) number of cases: a few large amounts hide how much the others vary. With equal amounts that go together
    with none it is the interval of the plain rate.
    """
    a, b = np.asarray(part, np.float64), np.asarray(whole, np.float64)
    total = b.sum()
    if not total > 0:
        return UNKNOWN
    p = float(a.sum() / total)
    apart = a - p * b
    kish = float(total**2 / (b**2).sum())
    with np.errstate(divide="ignore", invalid="ignore"):
        unrelated = float(np.nansum(apart**2 / b) / total / kish)
    linear = float((apart**2).sum() / total**2)
    variance = max(linear, unrelated)
    equal = p * (1 - p) / variance if variance > 0 else kish
    if linear > 0 and (together := groups(cluster)) is not None:
        equal *= linear / float(together.wider(np.array(together.variance(apart / total)), np.array(linear)))
    return Estimate(p, *rate(p * equal, equal, level)[1:])


def mean(values: ArrayLike, level: float = 0.95, cluster: ArrayLike | None = None) -> Estimate:
    """Mean with Student's interval, bent where the values are skewed, as amounts of money are; a single value has none.

    Parameters
    ----------
    cluster
        A code of what each value belongs to, such as its account, or None.

    Notes
    -----
    Hall's (1992) transformation takes the skewness out of Student's statistic; degrees of freedom by how well values like
    these tell their own variance (Satterthwaite). With 20 values whose logarithms have a standard deviation of 1.5 it
    covers 89 % where Student's covers 78 %, with 50 or 200 of them 94 % (84 and 89 %). Without skewness it is Student's. Values that go together are summed by group.
    """
    x = np.asarray(values, np.float64)
    if len(x) < 2:
        return Estimate(float(x[0]), NAN, NAN) if len(x) else UNKNOWN
    centre = float(x.mean())
    apart = x - centre
    units, error, freedom = apart, float(x.std(ddof=1) / np.sqrt(len(x))), len(x) - 1.0
    if (together := groups(cluster)) is not None:
        sums: Floats = np.bincount(together.codes, apart).astype(np.float64)
        wider = together.variance(apart) ** 0.5 / len(x)
        if wider > error:
            units, freedom, error = sums, float(together.freedom(wider**2 / error**2)), wider
    low, high = (_hall(units, freedom, sign * level) * error for sign in (1, -1))
    return Estimate(centre, centre - low, centre - high)


def _hall(units: Floats, freedom: float, level: float) -> float:
    """The bound of Student's statistic of a sum of skewed units, at a level; the lower one where that is negative."""
    from scipy.special import stdtrit

    n, squares = len(units), float((units**2).sum())
    if not squares > 0:
        return 0.0
    # The skewness of a small sample is less than that of what it was drawn from (Joanes and Gill, 1998).
    bend = float((units**3).sum()) / squares**1.5 * (np.sqrt(n * (n - 1)) / (n - 2) if n > 2 else 1.0)
    tails = n * float((units**4).sum()) / squares**2
    freedom = max(min(freedom, 2 * n / max(tails - 1, 1e-9)), 1.0)
    bound = float(np.sign(level) * stdtrit(freedom, 0.5 + abs(level) / 2))
    # No further than to where the transformation stands still: beyond it, single outliers stretch the interval without end.
    return float(3 / bend * (max(1 + bend * (bound - bend / 6), 0.0) ** (1 / 3) - 1)) if abs(bend) > 1e-6 else bound


def median(values: ArrayLike, level: float = 0.95, cluster: ArrayLike | None = None) -> Estimate:
    """Median with the interval between two order statistics that holds it with at least the given probability.

    The bounds are the k-th smallest and the k-th largest value, where k is the largest number for which fewer than
    k of n fair coins come up heads with probability at most (1 - level) / 2. NaN when even k = 1 is too many. Where
    values go together by `cluster`, k lies further from the middle, by as much as the share below the median is less sure
    (Woodruff, 1952).
    """
    given = np.asarray(values, np.float64)
    x = np.sort(given)
    if not len(x):
        return UNKNOWN
    from scipy.special import bdtr

    # P(Binomial(n, 1/2) <= k - 1), near its lower tail.
    k = np.arange(max(1, int(len(x) / 2 - 2 * normal(level) * np.sqrt(len(x)))), len(x) // 2 + 1)
    fits = k[bdtr(k - 1, len(x), 0.5) <= (1 - level) / 2]
    middle = float(np.median(x))
    nth = int(fits[-1]) if len(fits) else 0
    if nth and (together := groups(cluster)) is not None:
        below = (given < middle) + 0.5 * (given == middle) - 0.5
        alone = len(x) / 4
        further = float(together.wider(np.array(together.variance(below)), np.array(alone)) / alone) ** 0.5
        nth = int(len(x) / 2 - (len(x) / 2 - nth) * further)
    return Estimate(middle, float(x[nth - 1]), float(x[-nth])) if nth > 0 else Estimate(middle, NAN, NAN)


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


def log_ratio(after: Estimate, before: Estimate) -> Estimate:
    """Logarithm of the ratio of two independent estimates from their own intervals (MOVER; Donner and Zou, 2012).

    Unknown where either is unknown or `before` is nothing; where `after` is nothing, minus infinity without an interval.
    """
    if not before.value > 0 or not after.value >= 0:
        return UNKNOWN
    if not after.value:
        return Estimate(-float("inf"), NAN, NAN)
    with np.errstate(divide="ignore"):
        (now, low, high), (then, least, most) = np.log(np.maximum(after, 0.0)), np.log(np.maximum(before, 0.0))
    gap = now - then
    return Estimate(
        float(gap), float(gap - np.hypot(now - low, most - then)), float(gap + np.hypot(high - now, then - least))
    )
