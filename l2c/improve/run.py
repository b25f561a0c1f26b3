"""Let cases go on: all of them at once, step by step, with random numbers of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from l2c.improve import chance
from l2c.improve.exits import Hall
from l2c.improve.leaves import NEVER, NOON, Leaves
from l2c.improve.starts import Starts
from l2c.improve.state import APART, Changes, State
from l2c.improve.stays import AGE, COUNT, HOUR, PREVIOUS, STATE, WEEKDAY
from l2c.improve.trees import Trees
from l2c.improve.twin import Twin
from l2c.improve.waiting import Waiting, ask

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.int16]
# No case does so many steps; one that would is stopped.
MOST_STEPS = 1000
# What shall not come is drawn again so many times; where hardly anything else ever comes next, it is then skipped.
MOST_DRAWS = 20
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


@dataclass(eq=False)
class _Group:
    """Runs that go on together.

    Attributes
    ----------
    twin
        What their twins know, behind each other.
    state
        Where their cases stand.
    desks, changes
        Of each run that has any.
    horizon
        The last day.
    events, loose
        What has happened, and the cases that are `Paths.loose`: all by `State.ids`.
    """

    twin: Twin
    state: State
    desks: dict[int, Waiting]
    changes: dict[int, Changes]
    horizon: float
    events: list[tuple[Ints, Places, Floats]]
    loose: list[Ints]

    def of(self, live: Ints) -> list[tuple[Changes, slice]]:
        """The cases of each run in which something is done otherwise; `live` by run."""
        numbers = [*self.changes]
        ids = self.state.ids.take(live)
        ends = np.searchsorted(ids // APART, [[n, n + 1] for n in numbers]).tolist() if numbers else []
        return [(self.changes[n], slice(*both)) for n, both in zip(numbers, ends, strict=True) if both[0] < both[1]]


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
        group = _Group(job.twin, _state(job, k), one, own, horizon, events, loose)
        goes = _begun(group, job)
        lying = [group.state.place(k, book.case) for each in one.values() for book in each.lying.values()]
        kept = np.union1d(goes, np.concatenate([goes[:0], *lying]))
        live.append(np.searchsorted(kept, goes) + many)
        parts.append((group.state, kept))
        many += len(kept)
    twin, begins = _joined([job.twin for job in jobs])
    group = _Group(twin, State.joined(parts, begins), desks, changes, horizon, events, loose)
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


def _begun(group: _Group, job: Job) -> Ints:
    """Let the cases of one run do their first step; of those under way it is known how long they have stayed already."""
    state, starts = group.state, job.starts
    live = np.flatnonzero(state.time <= group.horizon if job.only is None else job.only & (state.time <= group.horizon))
    # The last event of a case under way has been told already.
    begins = np.ones(len(starts), bool) if starts.past is None else (starts.begun == starts.time) & (starts.past <= 0)
    seen = live[begins[live]]
    group.events.append((state.ids[seen], state.activity[seen], state.time[seen]))
    for change in group.changes.values():
        group.events += change.done_behind(state, seen, group.horizon)
    return _step(group, live, starts.past) if len(live) else live


def _go_on(group: _Group, live: Ints) -> None:
    """Let cases go on until all have ended, and nobody waits at a desk."""
    state = group.state
    for _ in range(MOST_STEPS):
        if len(live):
            live = _step(group, live)
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
        live = _arrived(group, live, next_, when)


def _step(group: _Group, live: Ints, past: Floats | None = None) -> Ints:
    """Let cases do a step, and return those that do another one."""
    state, hooked = group.state, group.of(live)
    leaf = _look(group, live, hooked)
    stayed = None if past is None else past[live]
    next_, when = _drawn(group, live, leaf, stayed, hooked)
    if group.desks and group.twin.hall is not None:
        waits = ask(group.desks, group.twin.hall, state, live, leaf, next_, when, group.changes, stayed)
        if waits.any():
            group.loose.append(state.ids[live[waits]])
            live, next_, when = live[~waits], next_[~waits], when[~waits]
    return _arrived(group, live, next_, when)


def _arrived(group: _Group, live: Ints, next_: Places, when: Floats) -> Ints:
    """Move cases on to what comes next, and return those that go on from there."""
    state, passed = group.state, None
    for change, own in group.of(live):
        if change.passed:
            passed = np.zeros(len(live), bool) if passed is None else passed
            passed[own] = _passed(state, live[own], next_[own], change)
    if passed is not None:
        when = np.where(passed, state.time[live], when)
    comes = next_ != NEVER
    goes = np.flatnonzero(comes & (when <= group.horizon))
    group.loose.append(state.ids.take(live[comes & (when > group.horizon)]))
    live, next_, when = live.take(goes), next_.take(goes), when.take(goes)
    _moved(state, live, next_, when)
    shown = slice(None) if passed is None else ~passed[goes]
    seen = live[shown]
    group.events.append((state.ids.take(seen), next_[shown], when[shown]))
    for change, own in group.of(seen) if any(change.placed for change in group.changes.values()) else ():
        group.events += change.done_behind(state, seen[own], group.horizon)
    return live


def _state(job: Job, number: int) -> State:
    twin, starts = job.twin, job.starts
    many, kinds = len(starts), len(twin.activities)
    known = np.zeros((len(twin.stays.names), many))
    known[PREVIOUS] = -1.0 if starts.previous is None else starts.previous
    if starts.counts is None:
        counts = np.zeros((many, kinds), np.int16)
        counts[np.arange(many), starts.activity] = 1
    else:
        counts = starts.counts.copy()
    # What nobody asks for is not worked out.
    for k in range(kinds):
        if (column := len(STATE) + len(twin.stays.attributes) + k) in twin.trees.asked:
            known[column] = counts[:, k] > (starts.activity == k)
    for k, attribute in enumerate(twin.stays.attributes):
        if len(STATE) + k not in twin.trees.asked:
            continue
        there = attribute.since < 0 or (counts[:, attribute.since] > 0)
        known[len(STATE) + k] = np.where(there, starts.values[:, k], attribute.missing)
    begun, time, case = starts.time if starts.begun is None else starts.begun, starts.time, np.arange(many)
    luck, same = chance.keys(job.seed, chance.END, case), np.full(many, job.seed)
    return State(
        number * APART + case, same, np.zeros(many, np.int64), luck, starts.activity.copy(), time.copy(), time.copy(), begun,
        counts, known, starts.values.copy(),
    )  # fmt: skip


def _look(group: _Group, live: Ints, hooked: Sequence[tuple[Changes, slice]]) -> Ints:
    """Write down what is known of the live cases now, and find the leaf of each."""
    twin, state = group.twin, group.state
    activity, time = state.activity.take(live), state.time.take(live)
    now = {
        COUNT: lambda: state.counts[live, activity],
        HOUR: lambda: np.floor((time - np.floor(time)) * 24),
        WEEKDAY: lambda: np.floor(time) % 7,
        AGE: lambda: time - state.begun.take(live),
    }
    for column, known in now.items():
        if column in twin.trees.asked:
            state.known[column][live] = known()
    attributes = [(k, each) for k, each in enumerate(twin.stays.attributes) if len(STATE) + k in twin.trees.asked]
    for k, attribute in attributes:
        if attribute.since >= 0:
            there = live[activity == attribute.since]
            state.known[len(STATE) + k][there] = state.values[there, k]
    for change, own in hooked:
        if change.attributes is None:
            continue
        some = live[own]
        state.values[some] = change.attributes(state.case(some), activity[own], state.values[some])
        for k, attribute in attributes:
            there = some if attribute.since < 0 else some[state.counts[some, attribute.since] > 0]
            state.known[len(STATE) + k][there] = state.values[there, k]
    return twin.trees.leaf_of(state.twin.take(live) + activity, state.known, live)


def _drawn(
    group: _Group, live: Ints, leaf: Ints, stayed: Floats | None, hooked: Sequence[tuple[Changes, slice]]
) -> tuple[Places, Floats]:
    """What comes next for the live cases, and when."""
    twin, state = group.twin, group.state
    steps, time = state.steps(live), state.time.take(live)
    seen = None if stayed is None else stayed - _lying(twin, leaf, time + stayed)

    def beyond(some: Ints) -> Floats:
        at = live[some]
        return chance.uniform(state.seed.take(at), chance.BEYOND, state.case(at), steps[some])

    next_, wait, hour, off = twin.leaves.draw(leaf, chance.numbers(state.luck.take(live), steps), beyond, seen)
    for change, own in hooked:
        for unwanted, cases in change.instead.items():
            mine = own.start + np.flatnonzero(cases[state.case(live[own])])
            for again in range(1, MOST_DRAWS):
                hit = mine[next_[mine] == unwanted]
                if not len(hit):
                    break
                at = live[hit]
                v = chance.uniform(state.seed[at], chance.AGAIN, state.case(at), steps[hit] + (again << 40))
                other = twin.leaves.draw(leaf[hit], v, partial(_among, beyond, hit), None if seen is None else seen[hit])
                next_[hit], wait[hit], hour[hit], off[hit] = other
    clock, bound, piles = twin.stays.days, twin.leaves.bound.take(leaf), twin.leaves.piles.take(leaf)
    # What is tied to the clock may not end before today.
    when = clock.tied(time, wait, hour, off, bound, piles, None if stayed is None else time + stayed)
    for change, own in hooked:
        _otherwise(change, state, live[own], next_[own], when[own], None if stayed is None else stayed[own])
    return next_, when


def _otherwise(
    change: Changes, state: State, live: Ints, next_: Places, when: Floats, stayed: Floats | None
) -> None:
    """Write down what comes next in a run in which something is done otherwise, and when."""
    if change.route is None and change.wait is None and not change.beside:
        return
    activity, time, case = state.activity[live], state.time[live], state.case(live)
    days = when - time
    if change.route is not None:
        next_[:] = change.route(case, activity, next_)
    if change.wait is not None:
        days = change.wait(activity, next_, days, case)
    # What is made shorter today does not end before today.
    when[:] = time + (days if stayed is None else np.maximum(days, stayed))
    for b, c, cases in change.beside:
        both = (activity == b) & (next_ == c) & cases[case]
        when[both] = np.maximum(time[both], state.before[live[both]] + days[both])


def _lying(twin: Twin, leaf: Ints, now: Floats) -> Floats:
    """Days off just before now, since which what was due has been lying until somebody works."""
    days = twin.stays.days
    rest = days.rest_before(now)
    lies = twin.leaves.piles.take(leaf) & (days.is_off(now) | (now % 1 < NOON))
    return np.where(lies & (rest > 0), rest - 1 + now % 1 + ~days.is_off(now), 0.0)


def _among(number: Callable[[Ints], Floats], some: Ints, which: Ints) -> Floats:
    return number(some[which])


def _passed(state: State, live: Ints, next_: Places, changes: Changes) -> Flags:
    """Which steps are skipped: they take no time and leave no event."""
    found = np.zeros(len(live), bool)
    for activity in changes.passed:
        found |= (next_ == activity) & changes.passes(activity, state, live)
    return found


def _moved(state: State, live: Ints, next_: Places, when: Floats) -> None:
    """Move cases on."""
    activity = state.activity.take(live).astype(np.int64)
    first, (many, kinds) = len(state.known) - state.counts.shape[1], state.counts.shape
    state.known[PREVIOUS][live] = activity
    state.known.reshape(-1)[(first + activity) * many + live] = 1.0
    state.before[live] = state.time.take(live)
    state.time[live], state.activity[live] = when, next_
    state.counts.reshape(-1)[live * kinds + next_] += 1
