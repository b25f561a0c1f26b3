"""Let cases go on: all of them at once, step by step, with random numbers of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from l2c.improve.exits import Hall
from l2c.improve.leaves import Leaves
from l2c.improve.starts import Starts
from l2c.improve.state import APART, Changes, State
from l2c.improve.stepping import Group, arrived, begun, step
from l2c.improve.trees import Trees
from l2c.improve.twin import Twin
from l2c.improve.waiting import Waiting

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.int16]
# No case does so many steps; one that would is stopped.
MOST_STEPS = 1000
# Runs of so many cases in all are made together.
MOST_TOGETHER = 50_000


@dataclass(frozen=True, eq=False)
class Paths:
    """The events of cases, by case and in their order.

    Attributes
    ----------
    case
        Place of the case among those with which the run began.
    activity
        Place among the activities of the twin.
    time
        Days since the origin of its stays.
    loose
        The cases that do not depend on what they do themselves alone: they came to a desk, or something came after the horizon.
    """

    case: Ints
    activity: Places
    time: Floats
    loose: Ints = field(default_factory=lambda: np.empty(0, np.int64))

    def __len__(self) -> int:
        return len(self.case)

    def only(self, some: Flags) -> Paths:
        """Some of the events."""
        return Paths(self.case[some], self.activity[some], self.time[some], self.loose)

    def joined(self, other: Paths) -> Paths:
        """These and the events of other cases."""
        names = ("case", "activity", "time")
        case, activity, time = (np.concatenate([getattr(self, name), getattr(other, name)]) for name in names)
        order = np.argsort(case, kind="stable")
        return Paths(case[order], activity[order], time[order], np.concatenate([self.loose, other.loose]))


@dataclass(frozen=True, eq=False)
class Job:
    """A run to be made: of which twin, with which cases, with which random numbers; see `run`."""

    twin: Twin
    starts: Starts
    seed: int
    changes: Changes = field(default_factory=Changes)
    only: Flags | None = None


def run(
    twin: Twin,
    starts: Starts,
    *,
    seed: int,
    horizon: float,
    changes: Changes | None = None,
    opens: float = -np.inf,
    only: Flags | None = None,
) -> Paths:
    """Let cases go on until nothing more comes, or the horizon.

    Parameters
    ----------
    starts
        The cases with which it begins; see `l2c.improve.starts`.
    seed
        Whatever has the same seed has the same random numbers in the same case at the same visit of an activity.
    horizon
        Last day, as the stays of the twin count them; what comes later is not told.
    changes
        What is done otherwise.
    opens
        No work at a desk is begun before this day.
    only
        The cases to run; all unless given.

    Returns
    -------
    The events of the cases, those of the start included; of a case under way since earlier, what comes after its last event.
    """
    return runs([Job(twin, starts, seed, changes or Changes(), only)], horizon=horizon, opens=opens)[0]


def runs(jobs: Iterable[Job], *, horizon: float, opens: float = -np.inf) -> list[Paths]:
    """Make several runs of twins of one log, step by step together: each tells what `run` of it alone does."""
    found: list[Paths] = []
    for some in _together(jobs):
        desks = {k: _desks(job, opens) for k, job in enumerate(some) if job.twin.hall is not None}
        paths = _round(some, desks, horizon)
        late = {k: again for k, each in desks.items() if (again := each.again()) is not None}
        more = _round([some[k] for k in late], dict(enumerate(late.values())), horizon)
        found += [more[list(late).index(k)] if k in late else each for k, each in enumerate(paths)]
    return found


def _together(jobs: Iterable[Job]) -> Iterator[list[Job]]:
    """Those that are made together: a step has its price however few cases take it."""
    part: list[Job] = []
    size = 0
    for job in jobs:
        cases = len(job.starts) if job.only is None else int(job.only.sum())
        if part and size + cases > MOST_TOGETHER:
            yield part
            part, size = [], 0
        part.append(job)
        size += cases
    if part:
        yield part


def _desks(job: Job, opens: float) -> Waiting:
    assert job.twin.hall is not None
    return Waiting(job.twin.hall.but(job.changes.desks or ()).open(), job.seed, opens)


def _round(jobs: Sequence[Job], desks: dict[int, Waiting], horizon: float) -> list[Paths]:
    """One round of some runs: desks do all their work one after the other, in the order in which cases come to them."""
    if not jobs:
        return []
    events: list[tuple[Ints, Places, Floats]] = []
    loose: list[Ints] = [np.empty(0, np.int64)]
    changes = {k: job.changes for k, job in enumerate(jobs) if not job.changes.none}
    parts, live, many = [], [], 0
    for k, job in enumerate(jobs):
        one, own = ({k: each[k]} if k in each else {} for each in (desks, changes))
        asked = job.starts.time <= horizon
        rows = np.flatnonzero(asked if job.only is None else job.only & asked)
        starts = job.starts.only(rows)
        group = Group(job.twin, begun(job.twin, starts, job.seed, k * APART + rows), one, own, horizon, events, loose)
        goes = _begun(group, starts)
        lying = [group.state.place(k, book.case) for each in one.values() for book in each.lying.values()]
        kept = np.union1d(goes, np.concatenate([goes[:0], *lying]))
        live.append(np.searchsorted(kept, goes) + many)
        parts.append((group.state, kept))
        many += len(kept)
    twin, begins = _joined([job.twin for job in jobs])
    group = Group(twin, State.joined(parts, begins, twin.trees.asked), desks, changes, horizon, events, loose)
    _go_on(group, np.concatenate(live))
    case, activity, time = (np.concatenate(parts) for parts in zip(*events, strict=True))
    # Each step holds at most one event of a case, and they came one after the other.
    order = np.argsort(case, kind="stable")
    case, activity, time, free = case[order], activity[order], time[order], np.sort(np.concatenate(loose))
    edges = np.arange(len(jobs) + 1) * APART
    ends, freed = np.searchsorted(case, edges), np.searchsorted(free, edges)
    return [
        Paths(case[a:b] - edges[k], activity[a:b], time[a:b], free[c:d] - edges[k])
        for k, (a, b, c, d) in enumerate(zip(ends, ends[1:], freed, freed[1:], strict=False))
    ]


def _joined(twins: Sequence[Twin]) -> tuple[Twin, list[int]]:
    """What several twins of a log know, behind each other, and where the activities of each begin."""
    each = list({id(twin): twin for twin in twins}.values())
    begins = {id(twin): k * len(twin.activities) for k, twin in enumerate(each)}
    if len(each) == 1:
        return each[0], [0] * len(twins)
    halls = [twin.hall for twin in each if twin.hall is not None]
    made = replace(
        each[0],
        trees=Trees.joined([twin.trees for twin in each]),
        leaves=Leaves.joined([twin.leaves for twin in each]),
        hall=Hall.joined(halls) if halls else None,
    )
    return made, [begins[id(twin)] for twin in twins]


def _begun(group: Group, starts: Starts) -> Ints:
    """Let the cases of one run do their first step; of those under way it is known how long they have stayed already."""
    state, live = group.state, np.arange(len(starts))
    # The last event of a case under way has been told already.
    seen = live if starts.past is None else np.flatnonzero((starts.begun == starts.time) & (starts.past <= 0))
    group.events.append((state.ids[seen], state.activity[seen], state.time[seen]))
    for change in group.changes.values():
        group.events += change.done_behind(state, seen, group.horizon)
    return step(group, live, starts.past) if len(live) else live


def _go_on(group: Group, live: Ints) -> None:
    """Let cases go on until all have ended, and nobody waits at a desk."""
    state = group.state
    for _ in range(MOST_STEPS):
        if len(live):
            live = step(group, live)
            continue
        served = [each for k, desk in group.desks.items() if len((each := desk.serve(state, k))[0])]
        if not served:
            break
        live, next_, when = (np.concatenate(parts) for parts in zip(*served, strict=True))
        for change, own in group.of(live):
            if change.wait is not None:
                some = live[own]
                since = state.time[some]
                when[own] = since + change.wait(state.activity[some], next_[own], when[own] - since, state.case(some))
        live = arrived(group, live, next_, when)
