"""Of so many to whom a tenth of the chances was given, how many came?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c.stats.rates import share_of_sums

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
# A range that holds the share in nine of ten cases, as that of the chances.
TENTH_LEVEL = 0.9


def tenths(key: Ints, share: Floats, hit: Floats, weight: Floats) -> pd.DataFrame:
    """Chances that were given, the smallest tenth first, beside what came.

    Parameters
    ----------
    key
        Whose chance it was: a deal that was foretold at several dates is one.
    share, hit, weight
        The chance; 1 where it came; how many each stands for (those still open count through those that ended).

    Returns
    -------
    One row per tenth, without those that are empty, as where many had the same chance: `said` (mean chance), `came` (share that
    came) with `low, high` (90 %, deals as groups; Wilson), `cases` (chances that were decided).
    """
    _, same = np.unique(share, return_inverse=True)
    mass = np.bincount(same, weight)
    # The middle of those with the same chance: they stay together.
    middle = (np.cumsum(mass) - mass / 2) / mass.sum() if len(mass) else mass
    tenth = np.minimum((10 * middle + 1e-9).astype(np.int64), 9)[same]
    rows = []
    for each in np.unique(tenth):
        own = tenth == each
        came = share_of_sums(weight[own] * hit[own], weight[own], TENTH_LEVEL, key[own])
        said = float(np.average(share[own], weights=weight[own]))
        rows.append((said, came.value, came.low, came.high, int(own.sum())))
    found = pd.DataFrame(rows, columns=["said", "came", "low", "high", "cases"])
    return found.astype(dict.fromkeys(("said", "came", "low", "high"), float) | {"cases": int})
