"""Which cases may go another way with a change than without it? The others need not be run again."""

from __future__ import annotations

from collections.abc import Sequence

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
from l2c.improve.run import Job, Paths, runs
from l2c.improve.starts import Starts

Flags = NDArray[np.bool_]


def rerun(jobs: Sequence[Job], before: Sequence[Paths], *, horizon: float, opens: float) -> list[Paths]:
    """What cases do with a change, where it is known what they do without it.

    Parameters
    ----------
    jobs
        Runs with a change, each of `only` those cases that it may alter: `touched`, or `turned`.
    before
        What the cases of each do without it, with the same twin, seed, horizon and opening of the desks.

    Returns
    -------
    What `run` of all cases returns: who does not come to anything that is changed has the same luck, and does the same.
    """
    found = []
    for job, paths, then in zip(jobs, before, runs(jobs, horizon=horizon, opens=opens), strict=True):
        whole = job.only is None or job.only.all()
        found.append(then if whole else paths.only(~job.only[paths.case]).joined(then))
    return found


def turned(made: Plan, starts: Starts, paths: Paths, seed: int, by_the_way: float) -> Flags:
    """Which of the cases may go another way when a cap moves other wins (see `Plan.changes`) than in `paths`."""
    found = np.zeros(len(starts), bool)
    if made.twin.hall is not None:
        found[paths.loose] = True
    for policy in made.policies:
        found |= policy.begun(starts, seed).turn != policy.begun(starts, seed, by_the_way).turn
    return found


def touched(made: Plan, before: Starts, starts: Starts, paths: Paths, seed: int) -> Flags:
    """Which of the cases may go another way; what they do without the plan is in `paths`.

    Parameters
    ----------
    before, starts
        The cases without the plan and with it (`Plan.begin`).
    """
    changes = made.scenario.changes
    found = np.ones(len(starts), bool)
    if any(_everywhere(change) for change in changes):
        return found
    many = len(before)
    found[:many] = starts.time[:many] != before.time
    names = made.twin.activities
    kept = [names.index(name) for change in changes for name in _at(change) if name in names]
    # At a desk a case meets the others, and who is stopped at the horizon was on the way to something.
    if made.twin.hall is not None or kept:
        found[paths.loose] = True
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
