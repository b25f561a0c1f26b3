"""Possible years of a twin: as it goes on today, and with changes, with the same cases and the same luck."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from l2c.improve.hooks import Plan
from l2c.improve.policies import LOST, WON
from l2c.improve.run import Job, Paths
from l2c.improve.run import runs as run_all
from l2c.improve.starts import Starts
from l2c.improve.touched import rerun, touched, turned
from l2c.improve.trial import drawn
from l2c.improve.twin import Twin
from l2c.improve.year import Account
from l2c.log import EventLog

T = TypeVar("T")
Floats = NDArray[np.float64]
# So many years are run at once, and those of so many cases in all are kept.
TOGETHER, MOST_KEPT = 20, 100_000


@dataclass(frozen=True, eq=False)
class Today:
    """One possible year in which nothing is changed: what the twin of it is, who begins, what they do, what it comes to.

    Attributes
    ----------
    cases
        That begin in the year.
    told
        A number per row of the account.
    """

    twin: Twin
    seed: int
    begun: Starts
    paths: Paths
    cases: int
    told: Floats


def years(log: EventLog, told: Account, runs: int, seed: int = 0) -> Iterator[Today]:
    """`todays` of a twin of a log; the first ones are kept, as whoever asks for levers asks for one of them next."""
    span, twin = told.year, told.twin
    key = ("years", id(twin), span.since, span.until, span.scale, seed)
    _, kept = log.base.memo(key, lambda: (twin, list[Today]()))
    yield from kept[:runs]
    many = sum(len(each.begun) for each in kept)
    for n, each in enumerate(todays(told, runs, seed, first=len(kept), together=TOGETHER), len(kept)):
        many += len(each.begun)
        if n == len(kept) and many <= MOST_KEPT:
            kept.append(each)
        yield each


def todays(told: Account, runs: int, seed: int = 0, *, first: int = 0, together: int = 1) -> Iterator[Today]:
    """Possible years without any change, one after the other; the first ones are the same however many there are.

    Parameters
    ----------
    first
        So many of them are left out.
    together
        So many are run at once.
    """
    span, twin = told.year, told.twin
    standing = () if twin.hall is None else twin.hall.desks
    for some in batched(enumerate(drawn(twin, runs, seed, first=first), seed + first), together):
        jobs = [Job(each, span.starts(twin, n), n) for n, each in some]
        for job, paths in zip(jobs, run_all(jobs, horizon=span.horizon, opens=twin.until), strict=True):
            numbers = told.told(paths, job.starts, standing)
            yield Today(job.twin, job.seed, job.starts, paths, len(span.counted(job.starts)), numbers)


def altered(told: Account, pairs: Sequence[tuple[Today, Plan]], *, brief: bool = False) -> list[Floats]:
    """What years come to with a plan each, with the same cases and the same luck."""
    twin = told.twin
    again = partial(rerun, horizon=told.year.horizon, opens=twin.until)
    jobs = []
    for today, made in pairs:
        starts = made.begin(today.begun, today.seed)
        some = touched(made, today.begun, starts, today.paths, today.seed)
        jobs.append(Job(today.twin, starts, today.seed, made.changes(starts, today.seed), some))
    found = again(jobs, [today.paths for today, _ in pairs])
    capped = [k for k, (_, made) in enumerate(pairs) if any(policy.is_cap for policy in made.policies)]
    more = []
    for k in capped:
        (today, made), job = pairs[k], jobs[k]
        ahead = _by_the_way(made, job.starts, job.seed, today.paths, found[k])
        some = turned(made, job.starts, found[k], job.seed, ahead)
        more.append(replace(job, changes=made.changes(job.starts, job.seed, ahead), only=some))
    for k, paths in zip(capped, again(more, [found[k] for k in capped]), strict=True):
        found[k] = paths
    rows = []
    for (_, made), job, paths in zip(pairs, jobs, found, strict=True):
        standing = () if twin.hall is None else twin.hall.desks
        desks = standing if made.desks is None or twin.hall is None else twin.hall.but(made.desks.made).desks
        rows.append(told.told(paths, job.starts, desks, made.discounts(job.starts, job.seed), brief=brief))
    return rows


def batched(several: Iterable[T], size: int) -> Iterator[list[T]]:
    """Some at a time, each part made when it is asked for."""
    left = iter(several)
    while part := list(islice(left, size)):
        yield part


def _by_the_way(made: Plan, starts: Starts, seed: int, today: Paths, then: Paths) -> float:
    """By how much more of the capped deals are won than today, beyond what the cap itself does to them."""
    begun = [policy.begun(starts, seed) for policy in made.policies if policy.is_cap]
    touched = np.logical_or.reduce([each.touched for each in begun])
    meant = np.sum([each.shift for each in begun], axis=0)
    won, closed = [], []
    for paths in (today, then):
        last = {name: _seen(made.twin, paths, len(starts), name) for name in (WON, LOST)}
        won.append(last[WON] & touched)
        closed.append((last[WON] | last[LOST]) & touched)
    return float((won[1].sum() - won[0].sum() - meant[closed[1]].sum()) / max(closed[1].sum(), 1))


def _seen(twin: Twin, paths: Paths, cases: int, name: str) -> NDArray[np.bool_]:
    """Which cases have an activity."""
    found = np.zeros(cases, bool)
    if name in twin.activities:
        found[paths.case[paths.activity == twin.activities.index(name)]] = True
    return found
