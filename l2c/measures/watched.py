"""What became of each case within the same time: cohorts of different age are compared by nothing else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from l2c.measures import followed
from l2c.measures.facts import DAY, Facts, Times
from l2c.measures.spans import OPEN, OTHERWISE, SEEN, Observations
from l2c.stats import SMALLEST_SAMPLE, kaplan_meier, quantile

KINDS = ("duration", "share", "incidence", "share_of_money", "mean", "overdue")


@dataclass(frozen=True, eq=False)
class Watched:
    """Cases that were all watched for the same days.

    Attributes
    ----------
    case, start
        Row of the facts, and when each began.
    value
        Days, at most `horizon`; 1 and 0; or the number itself.
    weight
        What each counts for, or None.
    horizon
        Days for which each was watched.
    """

    case: NDArray[np.int64]
    start: Times
    value: NDArray[np.float64]
    weight: NDArray[np.float64] | None
    horizon: float

    def __len__(self) -> int:
        return len(self.case)


def watched(facts: Facts, found: Observations, *, most: float, reach: float) -> Watched | None:
    """What became of the cases of a measure within so many days of their start; those not watched for so long are left out.

    Parameters
    ----------
    most
        Days that may be watched for at most.
    reach
        The days are those within which this share of the cases has ended, if that is less.

    Returns
    -------
    None where the measure cannot be told case by case, or fewer than 20 cases are left.

    Notes
    -----
    Of a duration, cases that end otherwise within the days are left out and those not there yet count as long as the
    days: their mean is `stats.restricted_mean_among` of complete data, and each value its own pseudo-value (Andersen,
    Klein and Rosthøj, 2003). A share is that among those decided within the days. An invoice counts once it is due.
    """
    if not found.told or found.refused or found.kind not in KINDS or len(found) < SMALLEST_SAMPLE:
        return None
    if found.entry is not None:
        found = found.only(found.entry <= 0)
    if found.kind == "overdue":
        due = found.end - (found.value * DAY).astype(np.int64)
        kept = due < facts.until
        return _some(found, found.late.astype(np.float64), kept, 0.0)
    if found.kind == "incidence":
        limit = min(most, needed(found, reach))
        hit = (found.how == SEEN) & (found.value <= limit)
        assert found.follow is not None
        return _some(found, hit.astype(np.float64), found.follow >= limit, limit)
    lengthy = found.kind == "duration"
    days, over = _days(found), found.how != OPEN
    horizon = min(most, needed(found, reach))
    follow = facts.elapsed(found.case, found.start, facts.until) if lengthy else (facts.until - found.start) / DAY
    kept = follow >= horizon
    if lengthy:
        kept &= ~((found.how == OTHERWISE) & (days <= horizon))
        return _some(found, np.minimum(days, horizon), kept, horizon)
    within = over & (days <= horizon)
    if found.counts_open:
        return _some(found, found.value * (within & (found.how == SEEN)), kept, horizon)
    return _some(found, found.value, kept & within, horizon)


def needed(found: Observations, reach: float) -> float:
    """Days within which so large a share of the cases has ended; without end where that is not known."""
    if found.kind == "incidence":
        return followed.horizon(found)
    if found.kind == "overdue" or not len(found):
        return 0.0
    end = quantile(kaplan_meier(_days(found), found.how != OPEN), reach).value
    return end if np.isfinite(end) else float("inf")


def _days(found: Observations) -> NDArray[np.float64]:
    """Days from the start of each to its end, or the last look."""
    return found.value if found.kind == "duration" else np.asarray((found.end - found.start) / DAY)


def _some(found: Observations, value: NDArray[np.float64], kept: NDArray[np.bool_], horizon: float) -> Watched | None:
    if kept.sum() < SMALLEST_SAMPLE:
        return None
    weight = None if found.weight is None else found.weight[kept]
    return Watched(found.case[kept], found.start[kept], value[kept], weight, float(horizon))
