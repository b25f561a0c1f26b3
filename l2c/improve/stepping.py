"""One step of the cases of some runs: what is known of them, what comes next, and when."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from l2c.improve import chance
from l2c.improve.leaves import NEVER, NOON
from l2c.improve.starts import Starts
from l2c.improve.state import APART, Changes, State
from l2c.improve.stays import AGE, COUNT, HOUR, PREVIOUS, STATE, WEEKDAY
from l2c.improve.twin import Twin
from l2c.improve.waiting import Waiting, ask

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.int16]
# What shall not come is drawn again so many times; where hardly anything else ever comes next, it is then skipped.
MOST_DRAWS = 20


@dataclass(eq=False)
class Group:
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
        What has happened, and the cases that are `run.Paths.loose`: all by `State.ids`.
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


def step(group: Group, live: Ints, stayed: Floats | None = None) -> Ints:
    """Let cases do a step, and return those that do another one; `stayed`: how many days each has stayed already."""
    state, hooked = group.state, group.of(live)
    leaf = _look(group, live, hooked)
    next_, when = _drawn(group, live, leaf, stayed, hooked)
    if group.desks and group.twin.hall is not None:
        waits = ask(group.desks, group.twin.hall, state, live, leaf, next_, when, group.changes, stayed)
        if waits.any():
            group.loose.append(state.ids[live[waits]])
            live, next_, when = live[~waits], next_[~waits], when[~waits]
    return arrived(group, live, next_, when)


def arrived(group: Group, live: Ints, next_: Places, when: Floats) -> Ints:
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


def begun(twin: Twin, starts: Starts, seed: int, ids: Ints) -> State:
    """Where the cases of a run stand at first; `ids` as in `State`."""
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
    since, time = starts.time if starts.begun is None else starts.begun, starts.time
    luck, same = chance.keys(seed, chance.END, ids & (APART - 1)), np.full(many, seed)
    return State(
        ids, same, np.zeros(many, np.int64), luck, starts.activity.copy(), time.copy(), time.copy(), since,
        counts, known, starts.values.copy(),
    )  # fmt: skip


def _look(group: Group, live: Ints, hooked: Sequence[tuple[Changes, slice]]) -> Ints:
    """Write down what is known of the live cases now, and find the leaf of each."""
    twin, state = group.twin, group.state
    activity, time = state.activity.take(live), state.time.take(live)
    tree = state.twin.take(live) + activity
    for column in (COUNT, HOUR, WEEKDAY, AGE):
        if column in twin.trees.asked:
            some = np.flatnonzero(twin.trees.asking[column].take(tree))
            at = live.take(some)
            state.known[column][at] = _known(state, column, at, activity.take(some), time.take(some))
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
    return twin.trees.leaf_of(tree, state.known, live)


def _known(state: State, column: int, live: Ints, activity: Places, time: Floats) -> Floats | Places:
    """What is known of some cases that changes as they go."""
    if column == COUNT:
        return state.counts[live, activity]
    if column == HOUR:
        return np.asarray(np.floor((time - np.floor(time)) * 24))
    return np.asarray(np.floor(time) % 7 if column == WEEKDAY else time - state.begun.take(live))


def _drawn(
    group: Group, live: Ints, leaf: Ints, stayed: Floats | None, hooked: Sequence[tuple[Changes, slice]]
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
                other = twin.leaves.draw(
                    leaf[hit], v, partial(_among, beyond, hit), None if seen is None else seen[hit]
                )
                next_[hit], wait[hit], hour[hit], off[hit] = other
    clock, bound, piles = twin.stays.days, twin.leaves.bound.take(leaf), twin.leaves.piles.take(leaf)
    # What is tied to the clock may not end before today.
    when = clock.tied(time, wait, hour, off, bound, piles, None if stayed is None else time + stayed)
    for change, own in hooked:
        _otherwise(change, state, live[own], next_[own], when[own], None if stayed is None else stayed[own])
    return next_, when


def _otherwise(change: Changes, state: State, live: Ints, next_: Places, when: Floats, stayed: Floats | None) -> None:
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
