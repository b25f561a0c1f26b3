"""Which cases may go another way with a change than without it? The others need not be run again."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from l2c.improve.changes import (
    Again,
    Arrivals,
    Attribute,
    Change,
    Errors,
    Insert,
    Merge,
    Move,
    Parallel,
    Payment,
    Skip,
    Step,
)
from l2c.improve.hooks import Plan
from l2c.improve.policies import INVOICED
from l2c.improve.run import Changes, Paths, run
from l2c.improve.starts import Starts
from l2c.improve.twin import Twin

Flags = NDArray[np.bool_]


def rerun(
    twin: Twin, made: Plan, before: Starts, starts: Starts, paths: Paths, changes: Changes, *, seed: int, horizon: float
) -> Paths:
    """What cases do with a plan, where it is known what they do without it.

    Parameters
    ----------
    before, starts
        The cases without the plan and with it (`Plan.begin`).
    paths
        What they do without it, with the same twin, seed and horizon.
    changes
        What is done otherwise (`Plan.changes`).

    Returns
    -------
    What `run` of all cases returns: who does not come to anything that is changed has the same luck, and does the same.
    """
    found = touched(made, before, starts, paths, seed)
    then = run(twin, starts, seed=seed, horizon=horizon, changes=changes, opens=made.twin.until, only=found)
    return then if found.all() else paths.only(~found[paths.case]).joined(then)


def touched(made: Plan, before: Starts, starts: Starts, paths: Paths, seed: int) -> Flags:
    """Which of the cases may go another way; see `rerun`."""
    changes = made.scenario.changes
    found = np.ones(len(starts), bool)
    if any(_everywhere(change) for change in changes):
        return found
    many = len(before)
    found[:many] = starts.time[:many] != before.time
    # At a desk a case meets the others, and who is stopped at the horizon would have gone on.
    found[paths.loose] = True
    names = made.twin.activities
    kept = [names.index(name) for change in changes for name in _at(change) if name in names]
    come = np.zeros(len(names) + 1, bool)
    come[kept] = True
    found |= come[starts.activity]
    found[paths.case[come[paths.activity]]] = True
    for policy in made.policies:
        found |= policy.begun(starts, seed).touched
    return found


def _at(change: Change) -> tuple[str, ...]:
    """The activities to which a case must come for a change to mean anything to it."""
    match change:
        case Step():
            return (change.start,)
        case Merge() | Parallel():
            return (change.first,)
        case Skip() | Again() | Errors():
            return (change.activity,)
        case Move():
            return change.activity, change.after
        case Insert():
            # Behind what is new itself come those who came to that.
            return (change.after,)
        case Payment():
            return INVOICED
    return ()


def _everywhere(change: Change) -> bool:
    """Whether a change is not known to leave anybody alone, as those at desks are not."""
    return not isinstance(change, (Arrivals, Attribute)) and not _at(change)
