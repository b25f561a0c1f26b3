"""How sure can we be of one sum by another, such as what came by what was said?"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from l2c.stats.rates import NAN, UNKNOWN, Estimate


def ratio(part: ArrayLike, whole: ArrayLike, level: float = 0.95, cluster: ArrayLike | None = None) -> Estimate:
    """One sum by another, unit by unit; the first need not be a part of the second.

    Parameters
    ----------
    cluster
        A code of what each unit belongs to, such as its account, or None.

    Returns
    -------
    NaN without a whole; bounds are NaN of a single group, and above where nothing came.

    Notes
    -----
    Linearised on the logarithm, as the bounds of a ratio are not even, with Student's quantile at Kish's (1965) number of groups.
    """
    from scipy.special import stdtrit

    a, b = np.asarray(part, np.float64), np.asarray(whole, np.float64)
    if cluster is not None:
        codes = np.unique(np.asarray(cluster), return_inverse=True)[1]
        a, b = (np.bincount(codes, each).astype(np.float64) for each in (a, b))
    if not b.sum() > 0:
        return UNKNOWN
    value = float(a.sum() / b.sum())
    kish = float(b.sum() ** 2 / (b**2).sum())
    if value <= 0 or len(b) < 2 or kish <= 1:
        return Estimate(value, 0.0 if value == 0 else NAN, NAN)
    apart = a / a.sum() - b / b.sum()
    error = float(np.sqrt((apart**2).sum() * len(b) / (len(b) - 1)))
    half = float(stdtrit(max(kish - 1, 1.0), 0.5 + level / 2)) * error
    # Beyond e to the 20th a bound says nothing.
    return Estimate(value, value * float(np.exp(-min(half, 20.0))), value * float(np.exp(min(half, 20.0))))
