"""How long does it take, when some observations weigh more than others, such as large invoices?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from l2c.stats.clusters import Paths, Residuals, by_group, groups
from l2c.stats.moments import ROUNDING
from l2c.stats.rates import UNKNOWN, Estimate, Floats, normal, rate
from l2c.stats.survival import Curve


def weighted_survival(
    time: ArrayLike,
    seen: ArrayLike,
    weight: ArrayLike,
    entry: ArrayLike | None = None,
    level: float = 0.95,
    cluster: ArrayLike | None = None,
) -> Curve:
    """Share of the total weight that has not ended by each time, with open observations censored.

    Parameters
    ----------
    time, seen, entry, cluster
        As in `kaplan_meier`.
    weight
        What each observation counts for: 0 or more.

    Returns
    -------
    The curve; `at_risk` and `ended` count observations, whatever they weigh. With equal weights it is that of
    `kaplan_meier`, and without open observations its variance is that of a share of sums.

    Notes
    -----
    Variance by the influence of each observation (the martingale residuals; Reid, 1981; Xie and Liu, 2005), which stays
    right when the weights are amounts and not numbers of cases; by group where observations go together. Log-log intervals.
    """
    x, w = np.asarray(time, np.float64), np.asarray(weight, np.float64)
    over = np.asarray(seen, bool)
    late = np.zeros(len(x)) if entry is None else np.maximum(np.asarray(entry, np.float64), 0.0)
    kept = ((late <= 0) | (late < x)) & (w > 0)
    x, w, over, late = x[kept], w[kept], over[kept], late[kept]
    moments = np.unique(x[over])
    n = len(moments)
    last = float(x.max()) if len(x) else float("nan")
    if not n:
        none, zero = np.zeros(0), np.zeros(0, np.int64)
        return Curve(moments, none, none, none, none, zero, zero, last)
    # An observation is at risk at the moments first … until - 1.
    first = np.where(late > 0, np.searchsorted(moments, late, "right"), 0)
    until = np.searchsorted(moments, x, "right")
    own = np.minimum(until - 1, n - 1)

    def at_risk(value: Floats) -> Floats:
        change = np.bincount(first, value, n + 1) - np.bincount(until, value, n + 1)
        return np.cumsum(change)[:n]

    there, ends = at_risk(w), np.bincount(own[over], w[over], n)
    hazard = np.where(there > 0, ends / there, 0.0)
    hazard[hazard > 1 - ROUNDING] = 1.0
    share = np.cumprod(1 - hazard)
    # Influence of i on the logarithm of the share: w_i (seen_i / (Y(1 - h)) - sum over its moments of h / (Y(1 - h))).
    with np.errstate(divide="ignore", invalid="ignore"):
        inverse = np.where(hazard < 1, 1 / (there * (1 - hazard)), 0.0)
    total = np.concatenate([[0.0], np.cumsum(hazard * inverse)])
    final = np.where(over, inverse[own], 0.0) - (total[until] - total[first])
    # Those that leave carry their final influence from their last moment on; the others what has gathered so far.
    gone = until > 0
    leaving = np.cumsum(np.bincount(until[gone] - 1, (w * final)[gone] ** 2, n))
    still = _gathered(w, first, until, total, n)
    variance = share**2 * (leaving + still)
    if (together := groups(cluster, kept)) is not None:
        none, paths = np.zeros(n), Paths(first, until, over, over)
        wide = by_group(paths, [Residuals(none, inverse)], [share], (none, hazard), together, weight=w)
        variance = together.wider(wide, variance)
    counted = np.bincount(own[over], minlength=n).astype(np.int64)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        width = normal(level) * np.sqrt(variance) / (share * -np.log(share))
        inside = (share > 0) & (share < 1)
        low, high = (np.where(inside, share ** np.exp(sign * width), np.nan) for sign in (1, -1))
    return Curve(moments, share, low, high, variance, np.rint(at_risk(np.ones(len(w)))).astype(np.int64), counted, last)


def _gathered(w: Floats, first: np.ndarray, until: np.ndarray, total: Floats, n: int) -> Floats:
    """Sum of the squared influences of those that stay beyond each moment: (w (total now - total at entry))²."""
    # Beyond moment j stay those with first <= j < until - 1.
    lives = until - 1 > first

    def staying(value: Floats) -> Floats:
        change = np.bincount(first[lives], value[lives], n + 1) - np.bincount(until[lives] - 1, value[lives], n + 1)
        return np.cumsum(change)[:n]

    before, now = total[first], total[1:]
    a, b, c = staying(w**2), staying(w**2 * before), staying(w**2 * before**2)
    return np.maximum(a * now**2 - 2 * b * now + c, 0.0)


def share_beyond(curve: Curve, time: float, level: float = 0.95) -> Estimate:
    """Share not ended by a time, with Wilson's interval at the number of equal observations that vary as much.

    Where nothing is censored and all weigh the same, this is the plain rate and its Wilson interval; it exists at 0
    and 1 too, where log-log intervals do not. NaN beyond the longest observation.
    """
    if not _reaches(curve, time):
        return UNKNOWN
    watched = float(curve.at_risk[0]) if len(curve.time) else 0.0
    return _as_rate(*_point(curve, time, 1.0), watched, level)


def standardised(
    curves: Sequence[Curve], times: Sequence[float], part: ArrayLike, of: float, level: float = 0.95
) -> Estimate:
    """Share not ended by a time in several groups together, each counting with its part of `of` observations.

    Parameters
    ----------
    curves, times
        Of each group its curve, and the time at which it is asked.
    part
        What each group counts for; sums up to 1.

    Notes
    -----
    Direct standardisation; the variance is that within the groups and that of their parts. Wilson's interval at the
    number of equal observations that vary as much. NaN where one of the curves is unknown at its time.
    """
    if not all(_reaches(curve, time) for curve, time in zip(curves, times, strict=True)):
        return UNKNOWN
    points = [_point(curve, time, 1.0) for curve, time in zip(curves, times, strict=True)]
    shares, variances = (np.array(each) for each in zip(*points, strict=True))
    weight = np.asarray(part, np.float64)
    share = float((weight * shares).sum())
    variance = float((weight**2 * variances).sum() + (weight * (shares - share) ** 2).sum() / of)
    return _as_rate(share, variance, of, level)


def share_within(curve: Curve, time: float, level: float = 0.95) -> Estimate:
    """Share that has ended by a time, of an incidence, with Wilson's interval as in `share_beyond`.

    Where nothing has ended in this way, as many equal observations tell of it as were watched until then. NaN beyond
    the longest observation.
    """
    if not time <= curve.last:
        return UNKNOWN
    i = max(int(np.searchsorted(curve.time, time, "right")) - 1, 0)
    return _as_rate(*_point(curve, time, 0.0), float(curve.at_risk[i]) if len(curve.time) else 0.0, level)


def _reaches(curve: Curve, time: float) -> bool:
    """Whether a curve is known at a time: not beyond the longest observation, unless all have ended."""
    return bool(time <= curve.last or (len(curve.share) > 0 and curve.share[-1] <= ROUNDING))


def _point(curve: Curve, time: float, start: float) -> tuple[float, float]:
    """Share and its variance at a time; `start` before the first step."""
    i = int(np.searchsorted(curve.time, time, "right")) - 1
    return (float(curve.share[i]), float(curve.variance[i])) if i >= 0 else (start, 0.0)


def _as_rate(share: float, variance: float, watched: float, level: float) -> Estimate:
    """A share with the interval of the rate of as many equal observations as would vary as much."""
    alike = share * (1 - share) / variance if variance > 0 else watched
    return Estimate(share, *rate(share * alike, alike, level)[1:]) if alike > 0 else UNKNOWN
