"""Which share is late, where it is not due everywhere yet?"""

from __future__ import annotations

import numpy as np

from l2c import stats
from l2c.measures.facts import DAY, Flags
from l2c.measures.spans import SEEN, Observations
from l2c.stats import UNKNOWN, Curve, Estimate

# A stratum holds so many that were due, and at least this part of all.
ENOUGH_DUE, PART = 30, 1 / 20


def late_curve(found: Observations, level: float = 0.95, *, weighted: bool = False) -> tuple[Curve, float]:
    """Share not paid yet by each day after the due day, and by how many days the curve is shifted: it has none below 0."""
    shift = max(float(-found.value.min()), 0.0) if len(found) else 0.0
    entry = None if found.entry is None else np.maximum(found.entry + shift, 0.0)
    days, seen = found.value + shift, found.how == SEEN
    if weighted:
        assert found.weight is not None
        return stats.weighted_survival(days, seen, np.nan_to_num(found.weight), entry, level, found.account), shift
    return stats.kaplan_meier(days, seen, entry, level, found.account), shift


def late_share(found: Observations, limit: float = 0, level: float = 0.95, *, weighted: bool = False) -> Estimate:
    """Share not paid so many days after the due day, of all, those included that are not due yet.

    Notes
    -----
    While the history is short or the business grows, fewer of the long terms are due than of the short ones, and who
    has long terms may pay otherwise. So the curve is taken for terms of like length, and each counts with its part of
    all (direct standardisation). Wilson's interval at the number of equal ones that would vary as much.
    """
    if found.refused:
        return UNKNOWN
    strata = list(_strata(found, limit))
    curves = [late_curve(found.only(some), level, weighted=weighted) for some in strata]
    if len(curves) < 2:
        return stats.share_beyond(curves[0][0], limit + curves[0][1], level) if curves else UNKNOWN
    heavy = np.nan_to_num(found.weight) if weighted and found.weight is not None else np.ones(len(found))
    if not heavy.sum() > 0:
        return UNKNOWN
    part = np.array([heavy[some].sum() for some in strata]) / heavy.sum()
    times = [limit + shift for _, shift in curves]
    return stats.standardised([curve for curve, _ in curves], times, part, heavy.sum() ** 2 / (heavy**2).sum(), level)


def _strata(found: Observations, limit: float) -> list[Flags]:
    """Rows of like terms, shortest first, each with enough of them that were watched until the limit."""
    every = np.ones(len(found), bool)
    if found.agreed is None:
        return [every]
    watched = (found.watched[1] - found.start) / DAY > found.agreed + limit
    enough = max(ENOUGH_DUE, PART * watched.sum())
    terms, place = np.unique(found.agreed, return_inverse=True)
    due = np.bincount(place, watched.astype(np.float64), len(terms))
    group, held = np.zeros(len(terms), np.int64), 0.0
    for k in range(1, len(terms)):
        held += due[k - 1]
        fits = held >= enough and due[k:].sum() >= enough
        group[k] = group[k - 1] + fits
        held = 0.0 if fits else held
    return [group[place] == each for each in range(group[-1] + 1)] if len(terms) else [every]
