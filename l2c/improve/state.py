"""Where do the cases of a run stand, and what is done otherwise in it?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from l2c.improve import chance
from l2c.improve.queues import Desk

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.int16]
# Numbers of what is put somewhere else, apart from those of other levers.
PLACES = 1 << 45


@dataclass(frozen=True, eq=False)
class Placed:
    """An activity that is done behind another one, before the case goes on from there.

    Attributes
    ----------
    number
        Place of the change in its file.
    activity, after
        What is done, and behind what; what the log does not have has numbers beyond its activities.
    cases
        The cases that do it.
    days
        How long it takes: one of these, drawn.
    first
        Only behind the first time of the other.
    put_off
        Only cases that came to it before the other: there they pass it.
    """

    number: int
    activity: int
    after: int
    cases: Flags
    days: Floats
    first: bool = False
    put_off: bool = False


@dataclass(frozen=True)
class Changes:
    """What is done otherwise in a run; whatever is None or empty stays as it was learnt.

    Attributes
    ----------
    attributes
        `(cases, activity, values) -> values`: what is known of cases when they reach an activity, a column per attribute.
    wait
        `(activity, next, days, cases, u) -> days`: how long stays last; `u` are numbers between 0 and 1 of their own.
    route
        `(cases, activity, next, days, values, u) -> (next, days)`: what comes next.
    skip
        Of activities, the cases that pass them without time and without an event.
    beside
        `(b, c, cases)`: where c follows b, its days run from where those of b began.
    desks
        Other desks than those of the twin.
    instead
        Of activities, the cases to which they do not happen: what comes next is drawn again until it is something else.
    placed
        What is done behind something else, one after the other.
    """

    attributes: Callable[[Ints, Places, Floats], Floats] | None = None
    wait: Callable[[Places, Places, Floats, Ints, Floats], Floats] | None = None
    route: Callable[[Ints, Places, Places, Floats, Floats, Floats], tuple[Places, Floats]] | None = None
    skip: Mapping[int, Flags] = field(default_factory=dict)
    beside: Sequence[tuple[int, int, Flags]] = ()
    desks: tuple[Desk, ...] | None = None
    instead: Mapping[int, Flags] = field(default_factory=dict)
    placed: Sequence[Placed] = ()

    def passes(self, activity: int, state: State, cases: Ints) -> Flags:
        """Which of some cases pass an activity: it takes no time and leaves no event."""
        found = np.zeros(len(cases), bool)
        # What shall not come, and came where nothing else ever did, is passed too.
        for some in (self.skip.get(activity), self.instead.get(activity)):
            if some is not None:
                found |= some[cases]
        for each in self.placed:
            if each.put_off and each.activity == activity:
                found |= each.cases[cases] & (state.counts[cases, each.after] == 0)
        return found

    @property
    def passed(self) -> set[int]:
        """The activities that some cases pass."""
        return {*self.skip, *self.instead, *(each.activity for each in self.placed if each.put_off)}

    def done_behind(self, state: State, cases: Ints, horizon: float) -> list[tuple[Ints, Places, Floats]]:
        """Do what is put behind what some cases have just done: their time goes on.

        Returns
        -------
        The events, in the order in which they happen in each case.
        """
        done: dict[int, Ints] = {}
        events = []
        for each in self.placed:
            at = cases[state.activity[cases] == each.after]
            if each.first and each.after < state.counts.shape[1]:
                at = at[state.counts[at, each.after] == 1]
            at = np.concatenate([at, done.get(each.after, at[:0])])
            at = at[each.cases[at]]
            if each.put_off:
                at = at[state.counts[at, each.activity] > 0]
            if not len(at):
                continue
            u = chance.uniform(state.seed, chance.LEVER, at, PLACES + (each.number << 24) + state.steps(at))
            state.time[at] += each.days[(u * len(each.days)).astype(np.int64)]
            at = at[state.time[at] <= horizon]
            events.append((at, np.full(len(at), each.activity, np.int16), state.time[at].copy()))
            done[each.activity] = np.concatenate([done.get(each.activity, at[:0]), at])
        return events


@dataclass(eq=False)
class State:
    """Where each case of a run stands; `known` has a row per column of `Stays.names`."""

    seed: int
    activity: Places
    time: Floats
    before: Floats
    begun: Floats
    counts: NDArray[np.int16]
    known: Floats
    values: Floats

    def steps(self, cases: Ints) -> Ints:
        """A number for where each case is: its activity, and for the how manieth time."""
        activity = self.activity.take(cases).astype(np.int64)
        return activity * 4096 + self.counts.reshape(-1).take(cases * self.counts.shape[1] + activity)
