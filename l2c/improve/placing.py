"""Where is something done that is new, or was done elsewhere, and how long does it take there?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from l2c.improve import chance
from l2c.improve.changes import Again, Insert, Move
from l2c.improve.state import Placed
from l2c.improve.stays import Stays

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
# Numbers of a change in a case: those of levers that are drawn step by step are small.
OWN = 1 << 40
# Who was watched for as long as it takes this share of the others has had the time to get there.
LATEST = 0.95


def leaves(change: Move, stays: Stays, at: Mapping[str, int]) -> bool:
    """Whether an activity that is moved is not done any more where it was, however the case came there."""
    if change.waits or change.always:
        return change.always
    if at[change.after] >= len(stays.activities):
        return True
    a, b = (stays.first[:, at[name]] for name in (change.activity, change.after))
    return bool((a < b).sum() < ((b < a) & (a < len(stays))).sum())


def placed(change: Insert | Move | Again, some: Flags, stays: Stays, at: Mapping[str, int], seed: int) -> Placed:
    """What is done behind something else in the cases that are meant, and how long it takes."""
    activity = at[change.activity]
    if isinstance(change, Insert):
        days = np.array([change.days]) if change.like is None else _waits(stays, at[change.like])
        return Placed(change.number, activity, at[change.after], some, days)
    u = chance.uniform(seed, chance.LEVER, np.arange(len(some)), OWN + change.number)
    if isinstance(change, Again):
        return Placed(change.number, activity, activity, some & (u < change.share), _waits(stays, activity), first=True)
    after = at[change.after]
    if not leaves(change, stays, at):
        return Placed(change.number, activity, after, some, _waits(stays, activity), first=True, put_off=True)
    # Of who comes to the other one, as many do it as do it today.
    share = 1.0 if change.always else _reached(stays, activity, after)
    return Placed(change.number, activity, after, some & (u < share), _waits(stays, activity), first=True)


def _waits(stays: Stays, activity: int) -> Floats:
    """Days that cases waited for an activity."""
    return np.sort(stays.wait[stays.next == activity]) if (stays.next == activity).any() else np.zeros(1)


def _reached(stays: Stays, activity: int, after: int) -> float:
    """Share of the cases with one activity that have the other, of those watched long enough to tell."""
    a = stays.first[:, activity]
    begun = np.arange(len(stays.keys)) >= 0 if after >= len(stays.activities) else stays.first[:, after] < len(stays)
    both = begun & (a < len(stays))
    if not both.any():
        return 0.0
    start = stays.time[stays.head]
    took = np.quantile(stays.time[a[both]] - start[both], LATEST)
    old = begun & (start + took <= stays.until)
    return float((both & old).sum() / max(old.sum(), 1))
