"""Who was under observation when something ended, and what does each observation add to a curve?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from l2c.stats.clusters import Groups, Paths, Residuals, groups
from l2c.stats.rates import NAN, Floats

# Products of exact fractions such as (3/4)(2/3) miss 1/2 by a rounding error.
ROUNDING = 1e-12
NO_PATHS = Paths(*(np.zeros(0, kind) for kind in (np.int64, np.int64, bool, bool)))


class Steps(NamedTuple):
    """At each distinct `time` of an end: under observation before it, `ended` at it, by cause 1 (`first`); the `last` look."""

    time: Floats
    at_risk: NDArray[np.int64]
    ended: NDArray[np.int64]
    first: NDArray[np.int64]
    last: float
    paths: Paths
    together: Groups | None


def steps_of(
    time: ArrayLike, cause: NDArray[np.int8], entry: ArrayLike | None, cluster: ArrayLike | None = None
) -> Steps:
    """Count, at each distinct time of an end, who was under observation, who ended, and who by cause 1."""
    times = np.asarray(time, np.float64)
    entries = np.zeros(len(times)) if entry is None else np.asarray(entry, np.float64)
    watched = None if entry is None else (entries <= 0) | (entries < times)
    if watched is not None:
        times, cause, entries = times[watched], cause[watched], entries[watched]
    over = cause > 0
    ends = np.sort(times[over])
    new = np.concatenate([[True], np.diff(ends) > 0])[: len(ends)]
    moments, places = ends[new], np.flatnonzero(new)
    ended = np.diff(np.append(places, len(ends))).astype(np.int64)
    # Sorting the ends is most of the work; the others, usually fewer, are only looked up in them.
    gone = _counted(np.searchsorted(moments, times[~over], "right"), len(moments)).cumsum()
    late = entries[entries > 0]
    yet_to_come = len(late) - _counted(np.searchsorted(moments, late, "right"), len(moments)).cumsum()
    other = _counted(np.searchsorted(moments, times[cause > 1]), len(moments))
    last = float(times.max()) if len(times) else NAN
    together = groups(cluster, watched) if len(moments) else None
    paths = _paths(times, cause, entries, moments) if together else NO_PATHS
    return Steps(moments, len(times) - places - gone - yet_to_come, ended, ended - other, last, paths, together)


def _paths(times: Floats, cause: NDArray[np.int8], entries: Floats, moments: Floats) -> Paths:
    """At which of the moments each observation is at risk."""
    first = np.where(entries > 0, np.searchsorted(moments, entries, "right"), 0)
    return Paths(first, np.searchsorted(moments, times, "right"), cause > 0, cause == 1)


def hazards(steps: Steps) -> tuple[Floats, Floats, Floats]:
    """The hazards of cause 1 and of any, and one over what is left by the latter; 0 where nothing is."""
    _, first, _, hazard = transitions(steps)
    with np.errstate(divide="ignore"):
        return first, hazard, np.where(hazard < 1 - ROUNDING, 1 / (1 - hazard), 0.0)


def residuals(steps: Steps, before: Floats, share: Floats) -> list[Residuals]:
    """The influence on the incidence `F` of cause 1 is the first of these, less `F(t)` times the second."""
    inverse = hazards(steps)[2] / steps.at_risk
    return [Residuals(before / steps.at_risk, share * inverse), Residuals(np.zeros(len(share)), inverse)]


def of_ever(steps: Steps, before: Floats, lost: Floats) -> Residuals:
    """The influence on the share that the other causes will ever have ended."""
    inverse = hazards(steps)[2]
    every = (before - (lost[-1] - lost) * inverse) / steps.at_risk
    return Residuals(-before / steps.at_risk, every)


def _counted(places: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    return np.bincount(places, minlength=n)[:n].astype(np.int64)


def transitions(steps: Steps) -> tuple[Floats, Floats, Floats, Floats]:
    """Share before each step, and the hazards of cause 1, of the others, and of any."""
    first, hazard = steps.first / steps.at_risk, steps.ended / steps.at_risk
    share = np.cumprod(1 - hazard)
    return np.concatenate([[1.0], share[:-1]])[: len(share)], first, hazard - first, hazard
