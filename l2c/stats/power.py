"""How many cases does it take to tell an effect from chance?"""

from __future__ import annotations

from math import ceil, inf, isfinite
from statistics import NormalDist

POWER, FALSE_ALARMS = 0.8, 0.05


def cases_for_means(
    difference: float, before: float, after: float, *, power: float = POWER, level: float = 1 - FALSE_ALARMS
) -> float:
    """Cases before and as many after, for a difference of means to be seen.

    Parameters
    ----------
    difference
        Of the means.
    before, after
        Standard deviations of the cases.
    power
        How often it shall be seen.
    level
        Of the two-sided test; what is left of 1 is the share of false alarms.

    Returns
    -------
    Cases on either side; infinite where there is no difference.

    Notes
    -----
    Two normal means of large samples: (z(α/2) + z(β))² (σ₁² + σ₂²) / δ².
    """
    if not difference or not isfinite(difference) or not isfinite(before + after):
        return inf
    z = _z(power, level)
    return float(max(ceil((z[0] + z[1]) ** 2 * (before**2 + after**2) / difference**2), 2))


def cases_for_shares(before: float, after: float, *, power: float = POWER, level: float = 1 - FALSE_ALARMS) -> float:
    """Cases before and as many after, for two shares to be told apart; see `cases_for_means`.

    Notes
    -----
    Fleiss, Levin and Paik (2003), equation 4.14, without the correction for continuity.
    """
    if before == after or not 0 <= before <= 1 or not 0 <= after <= 1:
        return inf
    z, middle = _z(power, level), (before + after) / 2
    apart = (2 * middle * (1 - middle)) ** 0.5 * z[0] + (before * (1 - before) + after * (1 - after)) ** 0.5 * z[1]
    return float(max(ceil(apart**2 / (before - after) ** 2), 2))


def _z(power: float, level: float) -> tuple[float, float]:
    return NormalDist().inv_cdf(0.5 + level / 2), NormalDist().inv_cdf(power)
