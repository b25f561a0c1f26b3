"""Let cases go on: all of them at once, step by step, with random numbers of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

from l2c.improve import chance
from l2c.improve.leaves import NEVER, NOON
from l2c.improve.starts import Starts
from l2c.improve.state import Changes, State
from l2c.improve.stays import AGE, COUNT, HOUR, PREVIOUS, STATE, WEEKDAY
from l2c.improve.twin import Twin
from l2c.improve.waiting import Waiting

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.int16]
# No case does so many steps; one that would is stopped.
MOST_STEPS = 1000
# What shall not come is drawn again so many times; where hardly anything else ever comes next, it is then skipped.
MOST_DRAWS = 20


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
    changes = changes or Changes()
    desks = None
    if twin.hall is not None:
        desks = Waiting(twin.hall.but(changes.desks or ()).open(), seed, opens)
    paths = _round(twin, starts, seed, horizon, changes, desks, only)
    again = None if desks is None else desks.again()
    return paths if again is None else _round(twin, starts, seed, horizon, changes, again, only)


def _round(
    twin: Twin, starts: Starts, seed: int, horizon: float, changes: Changes, desks: Waiting | None, only: Flags | None
) -> Paths:
    """One round of a run: desks do all their work one after the other, in the order in which cases come to them."""
    state = _state(twin, starts, seed)
    live = np.flatnonzero(state.time <= horizon if only is None else only & (state.time <= horizon))
    loose: list[Ints] = []
    # The last event of a case under way has been told already.
    begins = np.ones(len(starts), bool) if starts.past is None else (starts.begun == starts.time) & (starts.past <= 0)
    seen = live[begins[live]]
    events = [(seen, state.activity[seen].copy(), state.time[seen].copy())]
    events += changes.done_behind(state, seen, horizon)
    past = starts.past
    for _ in range(MOST_STEPS):
        if not len(live):
            if desks is None:
                break
            live, next_, when = desks.serve(state)
            if not len(live):
                break
            if changes.wait is not None:
                since, none = state.time[live], np.zeros(len(live))
                when = since + changes.wait(state.activity[live], next_, when - since, live, none)
        else:
            leaf = _look(twin, state, live, changes)
            next_, when = _drawn(twin, state, live, leaf, past, changes)
            if desks is not None:
                waits = desks.ask(state, live, leaf, next_, when, changes, None if past is None else past[live])
                loose.append(live[waits])
                live, next_, when = live[~waits], next_[~waits], when[~waits]
            past = None
        passed = _passed(state, live, next_, changes) if changes.passed else None
        if passed is not None:
            when = np.where(passed, state.time[live], when)
        goes = np.flatnonzero((next_ != NEVER) & (when <= horizon))
        loose.append(live[(next_ != NEVER) & (when > horizon)])
        live, next_, when = live.take(goes), next_.take(goes), when.take(goes)
        _moved(state, live, next_, when)
        shown = slice(None) if passed is None else ~passed[goes]
        events.append((live[shown], next_[shown], when[shown]))
        events += changes.done_behind(state, live[shown], horizon)
    case, activity, time = (np.concatenate(parts) for parts in zip(*events, strict=True))
    # Each step holds at most one event of a case, and they came one after the other.
    order = np.argsort(case, kind="stable")
    return Paths(case[order], activity[order], time[order], np.concatenate([live[:0], *loose]))


def _state(twin: Twin, starts: Starts, seed: int) -> State:
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
    begun = starts.time if starts.begun is None else starts.begun
    time = starts.time
    return State(seed, starts.activity.copy(), time.copy(), time.copy(), begun, counts, known, starts.values.copy())


def _look(twin: Twin, state: State, live: Ints, changes: Changes) -> Ints:
    """Write down what is known of the live cases now, and find the leaf of each."""
    activity, time = state.activity.take(live), state.time.take(live)
    now = {
        COUNT: lambda: state.counts[live, activity],
        HOUR: lambda: np.floor((time - np.floor(time)) * 24),
        WEEKDAY: lambda: np.floor(time) % 7,
        AGE: lambda: time - state.begun[live],
    }
    for column, known in now.items():
        if column in twin.trees.asked:
            state.known[column][live] = known()
    if changes.attributes is not None:
        state.values[live] = changes.attributes(live, activity, state.values[live])
    for k, attribute in enumerate(twin.stays.attributes):
        if changes.attributes is not None:
            there = live if attribute.since < 0 else live[state.counts[live, attribute.since] > 0]
        elif attribute.since >= 0 and len(STATE) + k in twin.trees.asked:
            there = live[activity == attribute.since]
        else:
            continue
        state.known[len(STATE) + k][there] = state.values[there, k]
    return twin.trees.leaf_of(activity, state.known, live)


def _drawn(
    twin: Twin, state: State, live: Ints, leaf: Ints, past: Floats | None, changes: Changes
) -> tuple[Places, Floats]:
    """What comes next for the live cases, and when."""
    steps, time = state.steps(live), state.time.take(live)
    stayed = None if past is None else past[live]
    seen = None if stayed is None else stayed - _lying(twin, leaf, time + stayed)

    def beyond(some: Ints) -> Floats:
        return chance.uniform(state.seed, chance.BEYOND, live[some], steps[some])

    u = chance.uniform(state.seed, chance.END, live, steps)
    next_, wait, hour, off = twin.leaves.draw(leaf, u, beyond, seen)
    for unwanted, cases in changes.instead.items():
        for again in range(1, MOST_DRAWS):
            hit = np.flatnonzero((next_ == unwanted) & cases[live])
            if not len(hit):
                break
            v = chance.uniform(state.seed, chance.AGAIN, live[hit], steps[hit] + (again << 40))
            other = twin.leaves.draw(leaf[hit], v, partial(_among, beyond, hit), None if seen is None else seen[hit])
            next_[hit], wait[hit], hour[hit], off[hit] = other
    clock, bound, piles = twin.stays.days, twin.leaves.bound.take(leaf), twin.leaves.piles.take(leaf)
    # What is tied to the clock may not end before today.
    when = clock.tied(time, wait, hour, off, bound, piles, None if stayed is None else time + stayed)
    if changes.route is None and changes.wait is None and not changes.beside:
        return next_, when
    w = chance.uniform(state.seed, chance.LEVER, live, steps)
    activity, days = state.activity[live], when - time
    if changes.route is not None:
        next_, days = changes.route(live, activity, next_, days, state.values[live], w)
    if changes.wait is not None:
        days = changes.wait(activity, next_, days, live, w)
    # What is made shorter today does not end before today.
    when = time + (days if stayed is None else np.maximum(days, stayed))
    for b, c, cases in changes.beside:
        both = (activity == b) & (next_ == c) & cases[live]
        when[both] = np.maximum(time[both], state.before[live[both]] + days[both])
    return next_, when


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
