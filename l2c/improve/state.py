"""Where do the cases of a run stand, and what is done otherwise in it?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from l2c.improve.queues import Desk

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.int16]


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
    """

    attributes: Callable[[Ints, Places, Floats], Floats] | None = None
    wait: Callable[[Places, Places, Floats, Ints, Floats], Floats] | None = None
    route: Callable[[Ints, Places, Places, Floats, Floats, Floats], tuple[Places, Floats]] | None = None
    skip: Mapping[int, Flags] = field(default_factory=dict)
    beside: Sequence[tuple[int, int, Flags]] = ()
    desks: tuple[Desk, ...] | None = None
    instead: Mapping[int, Flags] = field(default_factory=dict)


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
