"""Which attributes may explain a figure, and which are its result or say it in other words?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c.diagnose.causes import mix
from l2c.diagnose.causes.attributes import Attribute
from l2c.diagnose.causes.targets import Target
from l2c.measures.facts import Flags
from l2c.words import vocabulary

Floats = NDArray[Any]

# An attribute that foretells the outcome this well (area under the curve; part of the variance) is the outcome by
# another name.
TELLTALE, DISGUISE = 0.97, 0.8
# What stands before a deal runs cannot be its result, however much it explains.
GIVEN = {
    "account",
    "campaign",
    "lead_source",
    "manager",
    "product",
    "record_type",
    "region",
    "rep",
    "role",
    "segment",
    "team",
}


def _explained(codes: NDArray[np.int64], values: Floats) -> float:
    """Part of the variance that lies between the values of an attribute, less what chance puts there."""
    count, total = np.bincount(codes), np.bincount(codes, values)
    between = float((total**2 / np.maximum(count, 1)).sum()) - float(values.sum()) ** 2 / len(values)
    whole = float(((values - values.mean()) ** 2).sum())
    freedom = int((count > 0).sum()) - 1
    return (between - freedom * whole / len(values)) / max(whole, 1e-12)


def may_explain(attribute: Attribute, target: Target, case: NDArray[np.int64], seen: Floats) -> bool:
    """Whether an attribute was known before, for most cases, and does not tell the outcome by its gaps."""
    # Whatever stands before the moment from which it is known cannot have been caused by it.
    since = vocabulary.known_from(attribute.name)
    if since is not None:
        place, known = vocabulary.process_order(target.start), vocabulary.process_order(since)
        if place is None or known is None or place < known:
            return False
    codes = attribute.codes_of_cases[case]
    missing = codes == attribute.size - 1
    if missing.mean() > mix.MISSING:
        return False
    if target.is_days:
        return attribute.name in GIVEN or (_even(missing, seen) and _explained(codes, seen) < DISGUISE)
    hit = seen > 0
    if abs(missing[hit].mean() - missing[~hit].mean()) > mix.UNEVEN:
        return False
    if attribute.name in GIVEN:
        return True
    hits, of = np.bincount(codes, hit, attribute.size), np.bincount(codes, minlength=attribute.size)
    order = np.argsort(hits / np.maximum(of, 1))
    hits, misses = hits[order], (of - hits)[order]
    area = float((hits * (np.cumsum(misses) - misses / 2)).sum() / max(hits.sum() * misses.sum(), 1))
    return area < TELLTALE


def _even(missing: Flags, seen: Floats) -> bool:
    """Whether cases without an attribute are as slow as the others: a competitor may be noted when a deal drags on."""
    gaps = int(missing.sum())
    if not gaps or gaps == len(seen):
        return True
    place = pd.Series(seen).rank().to_numpy() / len(seen)
    error = (1 / 12 / gaps + 1 / 12 / (len(seen) - gaps)) ** 0.5
    return abs(float(place[missing].mean() - place[~missing].mean())) <= max(mix.UNEVEN / 2, 4 * error)
