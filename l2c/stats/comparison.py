"""Do two samples differ? Tests and intervals for shares and for skewed numbers, on plain arrays and counts."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from l2c.stats.clusters import groups
from l2c.stats.rates import UNKNOWN, Estimate, Floats


class Ranks(NamedTuple):
    """A comparison by ranks.

    Attributes
    ----------
    p
        Two-sided p-value.
    larger
        Share of all pairs in which the first sample has the larger number; equal ones count one half.
    """

    p: float
    larger: float


def mean_difference(
    values: ArrayLike,
    others: ArrayLike,
    level: float = 0.95,
    cluster: tuple[ArrayLike | None, ArrayLike | None] = (None, None),
) -> Estimate:
    """Mean of `values` minus mean of `others`, with Welch's (1947) interval; unknown with fewer than two on a side.

    Parameters
    ----------
    cluster
        Codes of what the values of each side belong to, such as accounts: the variance is by these.
    """
    x, y = np.asarray(values, np.float64), np.asarray(others, np.float64)
    if min(len(x), len(y)) < 2:
        return UNKNOWN
    from scipy.special import stdtrit

    gap = float(x.mean() - y.mean())
    one, two = (
        float(side.var(ddof=1)) / len(side) * design_effect(side, codes)
        for side, codes in zip((x, y), cluster, strict=True)
    )
    if not one + two > 0:
        return Estimate(gap, gap, gap)
    freedom = (one + two) ** 2 / (one**2 / (len(x) - 1) + two**2 / (len(y) - 1))
    half = float(stdtrit(freedom, 0.5 + level / 2) * np.sqrt(one + two))
    return Estimate(gap, gap - half, gap + half)


def design_effect(values: ArrayLike, cluster: ArrayLike | None) -> float:
    """How many times as large the variance of a mean is because values go together; 1 where they do not.

    Notes
    -----
    Kish (1965), by the sums of each group; never less than 1.
    """
    x = np.asarray(values, np.float64)
    together = groups(cluster)
    alone = float(x.var(ddof=1)) / len(x) if len(x) > 1 else 0.0
    if together is None or not alone > 0:
        return 1.0
    wide = together.variance((x - x.mean()) / len(x))
    return float(together.wider(np.array(wide), np.array(alone)) / alone)


def rank_sum(
    values: ArrayLike, others: ArrayLike, cluster: tuple[ArrayLike | None, ArrayLike | None] = (None, None)
) -> Ranks:
    """Whether numbers of one sample are larger than those of another, more often than not.

    Parameters
    ----------
    cluster
        Codes of what the values of each side belong to, such as accounts: the variance is so many times larger as that of
        the mean rank of each side is because of them.

    Returns
    -------
    The p-value and the share of pairs; a p-value of 1 when all numbers are equal or a sample is empty.

    Notes
    -----
    Mann and Whitney (1947), by the normal approximation with its corrections for ties and continuity.
    """
    first, y = np.asarray(values, np.float64), np.asarray(others, np.float64)
    x = np.sort(first)
    here, there = len(x), len(y)
    if not here or not there:
        return Ranks(1.0, float("nan"))
    from scipy.special import ndtr

    pooled = np.sort(np.concatenate([x, y]))
    below, upto = np.searchsorted(pooled, x, "left"), np.searchsorted(pooled, x, "right")
    won = float((below + upto + 1).sum()) / 2 - here * (here + 1) / 2
    ties = np.diff(np.flatnonzero(np.r_[True, pooled[1:] != pooled[:-1], True])).astype(np.float64)
    total = here + there
    variance = here * there / 12 * (total + 1 - (ties**3 - ties).sum() / (total * max(total - 1, 1)))
    if any(codes is not None for codes in cluster):
        # The part of each side in the variance goes with the number of the other (Brunner and Munzel, 2000).
        ranks = [
            (np.searchsorted(pooled, side, "left") + np.searchsorted(pooled, side, "right")) / 2 for side in (first, y)
        ]
        wider = [design_effect(side, codes) for side, codes in zip(ranks, cluster, strict=True)]
        variance *= (there * wider[0] + here * wider[1]) / total
    off = abs(won - here * there / 2) - 0.5
    p = min(1.0, float(2 * ndtr(-off / np.sqrt(variance)))) if variance > 0 else 1.0
    return Ranks(p, won / (here * there))


def exact_rates(hits: int, of: int, other_hits: int, other_of: int) -> float:
    """P-value for two rates being the same: twice the smaller tail of the exact distribution.

    Notes
    -----
    Fisher's exact test in its central form (Fay, 2010). It holds its level however rare the hits are, where the normal
    approximation sees 2 of 20 against 3 of 5,000 as all but impossible.
    """
    from scipy.special import gammaln

    total, taken = of + other_of, hits + other_hits
    if hits * total < taken * of:
        # The lower tail of one side is the upper tail of the other.
        hits, of, other_of = other_hits, other_of, of
    spread = np.sqrt(taken * (total - taken) * of * other_of / (total**2 * max(total - 1.0, 1.0)))
    # Ten standard deviations on, nothing is left to add.
    x = np.arange(hits, min(hits + int(10 * spread) + 40, taken, of) + 1)

    def ways(n: int, k: Any) -> Floats:
        found: Floats = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
        return found

    chance = np.exp(ways(of, x) + ways(other_of, taken - x) - ways(total, taken))
    return min(1.0, 2 * float(chance.sum()))


def q_values(p: ArrayLike) -> Floats:
    """P-values after Benjamini and Hochberg (1995): the false discovery rate at which each is one; NaN was no test."""
    given = np.asarray(p, np.float64)
    tested = np.flatnonzero(~np.isnan(given))
    order = tested[np.argsort(given[tested])[::-1]]
    found = np.full(len(given), np.nan)
    rank = np.arange(len(order), 0, -1)
    found[order] = np.minimum(np.minimum.accumulate(given[order] * len(order) / rank), 1.0)
    return found


def holm(p: ArrayLike) -> Floats:
    """P-values after Holm (1979): the chance of so small a one anywhere in the list; NaN was no test."""
    given = np.asarray(p, np.float64)
    tested = np.flatnonzero(~np.isnan(given))
    order = tested[np.argsort(given[tested], kind="stable")]
    found = np.full(len(given), np.nan)
    found[order] = np.minimum(np.maximum.accumulate(given[order] * np.arange(len(order), 0, -1)), 1.0)
    return found
