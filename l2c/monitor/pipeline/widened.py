"""How much wider must a range be, by what was missed at earlier dates?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# So many earlier dates.
DATES = 4
# What is expected before anything is seen counts as so many of them.
PRIOR = 3.0
LEVEL = 0.9


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
