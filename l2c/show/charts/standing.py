"""Is a difference more than chance, and is it for the better?"""

from __future__ import annotations

import math
from statistics import NormalDist

import pandas as pd

from l2c.show import theme
from l2c.words.measures import words_of

COLOURS = {"better": theme.ACCENT, "worse": theme.WARM, "changed": theme.INK, "unsure": theme.MUTED}
_LEVEL = NormalDist().inv_cdf(0.975)


def gap(worst: pd.Series, best: pd.Series, groups: int, kinds: int = 1) -> float:
    """How far two estimates with 95 % intervals are apart, beyond what picking the ends of many groups explains.

    Parameters
    ----------
    worst, best
        Rows with `value, low, high`.
    groups, kinds
        Among how many groups, and how many kinds of estimate, they were picked.

    Returns
    -------
    In standard errors of the difference; 0 or less where chance could explain it (Bonferroni over all pairs).
    """
    if groups < 2:
        return 0.0
    up = float(worst["value"]) >= float(best["value"])
    # The sides of the intervals that face each other.
    sides = (worst["low"], best["high"]) if up else (worst["high"], best["low"])
    errors = [abs(float(row["value"]) - float(side)) / _LEVEL for row, side in zip((worst, best), sides, strict=True)]
    error = math.hypot(*errors)
    pairs = kinds * groups * (groups - 1) / 2
    needed = NormalDist().inv_cdf(1 - 0.025 / pairs)
    apart = abs(float(worst["value"]) - float(best["value"]))
    return apart / error - needed if error > 0 else 0.0


def verdict(kpi: str, *, up: bool, sure: bool) -> str:
    """Whether a change of a figure is `better`, `worse`, `changed` (neither is better) or `unsure`."""
    measure = words_of(kpi)
    wanted = measure.worse if measure else "none"
    if not sure or wanted == "none":
        return "changed" if sure else "unsure"
    return "worse" if up == (wanted == "more") else "better"


def differs(part: pd.Series, whole: pd.Series, kinds: int = 1) -> bool:
    """Whether an estimate of some cases is another than that of all cases, them included, beyond chance.

    Parameters
    ----------
    part, whole
        Rows with `value, low, high`, 95 % intervals.
    kinds
        Of how many kinds of estimate it is asked (Bonferroni).

    Notes
    -----
    What all have in common varies with the part, so that the variance of the difference is the difference of the variances
    (Hausman, 1978).
    """
    up = part["value"] >= whole["value"]
    # The sides of the intervals that face each other.
    sides = (
        (part["value"] - part["low"], whole["high"] - whole["value"])
        if up
        else (part["high"] - part["value"], whole["value"] - whole["low"])
    )
    error, known = (float(side) / _LEVEL for side in sides)
    if not error > known:
        return False
    needed = NormalDist().inv_cdf(1 - 0.025 / kinds)
    return abs(float(part["value"]) - float(whole["value"])) > needed * math.sqrt(error**2 - known**2)
