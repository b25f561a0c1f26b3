"""Which rules would be broken, and how often?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from l2c.diagnose.rules.compliance import case_ids, judged
from l2c.diagnose.rules.evidence import OK, VIOLATED
from l2c.improve.hooks import Plan
from l2c.improve.run import Changes, Job, Paths
from l2c.improve.run import runs as run_all
from l2c.improve.sample import as_log
from l2c.improve.starts import Starts
from l2c.improve.twin import Twin
from l2c.improve.year import Year
from l2c.log import EventLog
from l2c.measures.facts import Facts

Floats = NDArray[np.float64]
# Rules are held against so many runs, and so many cases of each.
RULE_RUNS, MOST_JUDGED = 4, 1000


def violations(
    log: EventLog, twin: Twin, made: Plan, span: Year, runs: int, seed: int
) -> dict[str, tuple[Floats, Floats]]:
    """How often each rule is broken, today and with a change, run by run; of rules that a run can break at all.

    All runs are judged as one log: a rule about an activity that a change leaves out is broken there, and not without a meaning.
    """
    told: list[tuple[Starts, Paths]] = []
    jobs, places = [], []
    for n in range(seed, seed + runs):
        begun = span.starts(twin, n)
        some = span.counted(begun)[:MOST_JUDGED]
        for side, starts in enumerate((begun, made.begin(begun, n))):
            place = np.full(len(starts), -1)
            place[some] = np.arange(len(some))
            # At desks they meet all others; elsewhere each goes its own way.
            only = None if twin.hall is not None else place >= 0
            jobs.append(Job(twin, starts, n, made.changes(starts, n) if side else Changes(), only))
            places.append((some, place))
    for job, (some, place), paths in zip(
        jobs, places, run_all(jobs, horizon=span.horizon, opens=twin.until), strict=True
    ):
        paths = paths.only(place[paths.case] >= 0)
        starts = job.starts
        own = Starts(starts.like[some], starts.activity[some], starts.time[some], starts.values[some])
        told.append((own, Paths(place[paths.case], paths.activity, paths.time)))
    sizes = [len(own) for own, _ in told]
    ends = np.cumsum(sizes)
    names = ("like", "activity", "time", "values")
    starts = Starts(*(np.concatenate([getattr(own, name) for own, _ in told]) for name in names))
    case = np.concatenate([paths.case + end - size for (_, paths), end, size in zip(told, ends, sizes, strict=True)])
    if not len(case):
        return {}
    activity, time = (np.concatenate([getattr(paths, name) for _, paths in told]) for name in ("activity", "time"))
    whole = as_log(log, twin, starts, Paths(case, activity, time), span.horizon, made.activities)
    group = np.searchsorted(ends, case_ids(whole).astype(np.int64), "right")
    found = {}
    for rule, verdict in judged(Facts.of(whole)):
        broken, kept = (np.bincount(group, verdict.state == state, 2 * runs) for state in (VIOLATED, OK))
        with np.errstate(invalid="ignore"):
            shares = broken / (broken + kept)
        if np.nansum(shares) > 0:
            found[str(rule.id)] = (shares[0::2], shares[1::2])
    return found
