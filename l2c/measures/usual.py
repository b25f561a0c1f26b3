"""How long does the next step take as a rule, so that what has not come after it may be missing?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from l2c import stats

# So many of those that got there took no longer; among fewer than so many it is the longest.
NEARLY_ALL, FEW = 0.9, 10
# One in ten takes longer than nine in ten do, and is not missing for that.
TWICE = 2.0
# Nothing is missing before: many bill once a month.
LEAST_DAYS = 30.0


def usual(days: NDArray[np.float64], seen: NDArray[np.bool_]) -> float:
    """Twice the days that nine in ten of those that get there take, at least 30; NaN where none has got there.

    Parameters
    ----------
    days
        Days until each got there, or was last looked at.
    seen
        Whether it got there.

    Notes
    -----
    Of the Kaplan-Meier curve, in which those still waiting count for as long as they were watched, relative to where it
    ends: what never gets there does not stretch it.
    """
    if not seen.any():
        return float("nan")
    if seen.sum() < FEW:
        return max(TWICE * float(days[seen].max()), LEAST_DAYS)
    curve = stats.kaplan_meier(days, seen)
    came = 1 - curve.share
    return max(TWICE * float(curve.time[np.argmax(came >= NEARLY_ALL * came[-1] - 1e-12)]), LEAST_DAYS)
