"""Where do the cases of a run stand, and what is done otherwise in it?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

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
# Runs that are made together have their cases numbered so far apart.
APART = 1 << 40


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
        `(activity, next, days, cases) -> days`: how long stays last.
    route
        `(cases, activity, next) -> next`: what comes next.
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
    wait: Callable[[Places, Places, Floats, Ints], Floats] | None = None
    route: Callable[[Ints, Places, Places], Places] | None = None
    skip: Mapping[int, Flags] = field(default_factory=dict)
    beside: Sequence[tuple[int, int, Flags]] = ()
    desks: tuple[Desk, ...] | None = None
    instead: Mapping[int, Flags] = field(default_factory=dict)
    placed: Sequence[Placed] = ()

    @property
    def none(self) -> bool:
        """Whether all cases do what they would do, but for desks."""
        calls = self.attributes, self.wait, self.route
        return not (any(calls) or self.skip or self.beside or self.instead or self.placed)

    def passes(self, activity: int, state: State, places: Ints) -> Flags:
        """Which of some cases pass an activity: it takes no time and leaves no event."""
        # Where cases that are alike never do anything else, what they shall not do is passed.
        cases, found = state.case(places), np.zeros(len(places), bool)
        for some in (self.skip.get(activity), self.instead.get(activity)):
            if some is not None:
                found |= some[cases]
        for each in self.placed:
            if each.put_off and each.activity == activity:
                found |= each.cases[cases] & (state.counts[places, each.after] == 0)
        return found

    @property
    def passed(self) -> set[int]:
        """The activities that some cases pass."""
        return {*self.skip, *self.instead, *(each.activity for each in self.placed if each.put_off)}

    def done_behind(self, state: State, places: Ints, horizon: float) -> list[tuple[Ints, Places, Floats]]:
        """Do what is put behind what some cases have just done: their time goes on.

        Returns
        -------
        The events (`State.ids`, activity, time), in the order in which they happen in each case.
        """
        done: dict[int, Ints] = {}
        events = []
        for each in self.placed:
            at = places[state.activity[places] == each.after]
            if each.first and each.after < state.counts.shape[1]:
                at = at[state.counts[at, each.after] == 1]
            at = np.concatenate([at, done.get(each.after, at[:0])])
            at = at[each.cases[state.case(at)]]
            if each.put_off:
                at = at[state.counts[at, each.activity] > 0]
            if not len(at):
                continue
            number = PLACES + (each.number << 24) + state.steps(at)
            u = chance.uniform(state.seed[at], chance.LEVER, state.case(at), number)
            state.time[at] += each.days[(u * len(each.days)).astype(np.int64)]
            at = at[state.time[at] <= horizon]
            events.append((state.ids[at], np.full(len(at), each.activity, np.int16), state.time[at]))
            done[each.activity] = np.concatenate([done.get(each.activity, at[:0]), at])
        return events


@dataclass(eq=False)
class State:
    """Where each case of some runs stands, a place per case; `known` has a row per column of `Stays.names`.

    Attributes
    ----------
    ids
        The number of its run, times `APART`, and the number of the case in it; ascending.
    seed
        Of the random numbers of its run.
    twin
        Where what its twin says of the activities begins among what all twins of these runs say.
    luck
        What its numbers have in common that say how stays end (see `chance.keys`).
    """

    ids: Ints
    seed: Ints
    twin: Ints
    luck: chance.Keys
    activity: Places
    time: Floats
    before: Floats
    begun: Floats
    counts: NDArray[np.int16]
    known: Floats
    values: Floats

    def steps(self, places: Ints) -> Ints:
        """A number for where each case is: its activity, and for the how manieth time."""
        activity = self.activity.take(places).astype(np.int64)
        return activity * 4096 + self.counts.reshape(-1).take(places * self.counts.shape[1] + activity)

    def case(self, places: Ints) -> Ints:
        """The number of each case in its run."""
        return self.ids.take(places) & (APART - 1)

    def run(self, places: Ints) -> Ints:
        """The run of each case."""
        return self.ids.take(places) // APART

    def place(self, run: int, case: Ints) -> Ints:
        """Where some cases of a run stand."""
        return np.searchsorted(self.ids, run * APART + case)

    @classmethod
    def joined(cls, parts: Sequence[tuple[State, Ints]], twin: Sequence[int], asked: Iterable[int]) -> State:
        """Some cases of several runs, in their order; where what the twin of each says begins, and what is asked of cases."""
        held: dict[str, Any] = {
            each.name: np.concatenate([getattr(state, each.name)[places] for state, places in parts])
            for each in fields(cls)
            if each.name not in ("known", "twin")
        }
        known = np.zeros((len(parts[0][0].known), len(held["ids"])))
        for column in asked:
            known[column] = np.concatenate([state.known[column].take(places) for state, places in parts])
        return cls(**held, known=known, twin=np.repeat(twin, [len(places) for _, places in parts]))
