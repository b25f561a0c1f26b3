"""Who waits at a desk in a run, who leaves meanwhile, and when is each done?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from l2c.improve import chance
from l2c.improve.exits import Hall
from l2c.improve.leaves import NEVER
from l2c.improve.queues import Asked, serve, together
from l2c.improve.state import Changes, State

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.int16]
# Several numbers of one step: who takes a piece, and whether a case that will never go on waits at the desk.
PICK, WAITS = 2048, 1024
# Cases that others stand for ask up to so many weeks earlier or later than these; their numbers lie this far from those.
WEEKS_MOVED, NUMBERED_FROM = 2, 10_000_019


@dataclass(eq=False)
class Book:
    """What was asked of a desk, a place per piece.

    Attributes
    ----------
    case, step
        Which case, at which step.
    asked, leaves, then
        When, when the case leaves unless it is served, and for what.
    group
        Who serves it.
    """

    case: Ints
    step: Ints
    asked: Floats
    leaves: Floats
    then: Places
    group: Ints

    def __len__(self) -> int:
        return len(self.case)

    def rows(self, some: Ints | Flags) -> Book:
        """Some of its pieces."""
        return Book(*(getattr(self, name)[some] for name in self.__dataclass_fields__))

    def joined(self, other: Book | None) -> Book:
        """The pieces of both."""
        if other is None:
            return self
        return Book(*(np.concatenate([getattr(self, n), getattr(other, n)]) for n in self.__dataclass_fields__))

    @property
    def key(self) -> Ints:
        """A number for each piece that no other one has."""
        return self.case * (1 << 32) + self.step


@dataclass(eq=False)
class Waiting:
    """The desks at work in one run; they take the cases that ask for them, and give them back when done or gone.

    Attributes
    ----------
    hall
        The desks, and how cases leave them.
    seed
        Of the random numbers.
    opens
        Nothing is begun before this day.
    expected
        What an earlier round of the same run asked of a desk by those who came to it when it had been at work already: their
        work is counted where it will be, though they are not there yet.
    """

    hall: Hall
    seed: int
    opens: float = -np.inf
    expected: dict[int, Book] = field(default_factory=dict)
    lying: dict[int, Book] = field(default_factory=dict)
    served: dict[int, Book] = field(default_factory=dict)
    late: dict[int, Book] = field(default_factory=dict)

    def serve(self, state: State, run: int) -> tuple[Ints, Places, Floats]:
        """Let the first desk at which somebody waits do all its work.

        Returns
        -------
        Where its cases stand, what comes next for each (-1: nothing) and when; none where nobody waits anywhere.
        """
        d = next((d for d in self.hall.order if d in self.lying), None)
        if d is None:
            return np.empty(0, np.int64), np.empty(0, np.int16), np.empty(0)
        new, old, coming = self.lying.pop(d), self.served.get(d), self.expected.get(d)
        if old is not None and new.asked.min() < old.asked.max():
            self.late[d] = new.joined(self.late.get(d))
        self.served[d] = book = new.joined(old)
        if coming is not None:
            book = book.joined(coming.rows(~np.isin(coming.key, book.key)))
        done, stays = self._worked(d, book.joined(_others(book, self.hall.scale)))
        places = state.place(run, new.case)
        done, stays = np.maximum(done[: len(new)], state.time[places]), stays[: len(new)]
        next_ = np.where(stays, self.hall.desks[d].activity, new.then).astype(np.int16)
        return places, next_, np.where(stays, done, new.leaves)

    def _worked(self, d: int, book: Book) -> tuple[Floats, Flags]:
        """When each piece is done, and whether the case is still there."""
        desk = self.hall.desks[d]
        done = np.empty(len(book))
        pick = chance.uniform(self.seed, chance.DESK, book.case, book.step + PICK)
        for group in np.unique(book.group):
            own, asked = self._asked(d, book, int(group))
            also = self._also_at(d, int(group))
            if also:
                done[own] = together([asked, *also], self.opens)
            else:
                parts = asked.servers, asked.asked, asked.leaves, asked.u, pick[own]
                done[own] = serve(*parts, seed=self.seed, opens=self.opens, vain=desk.vain or 0.0)[0]
        return done, book.leaves >= done

    def _asked(self, d: int, book: Book, group: int) -> tuple[Ints, Asked]:
        """The places in a book of what one group of a desk is asked, in order, and what that is."""
        desk = self.hall.desks[d]
        own = np.flatnonzero(book.group == group)
        own = own[np.lexsort((book.case[own], book.asked[own]))]
        u = chance.uniform(self.seed, chance.DESK, book.case[own], book.step[own])
        servers = [s for s, g in zip(desk.servers, desk.group, strict=True) if g == group]
        return own, Asked(servers, book.asked[own], book.leaves[own], u, desk.vain or 0.0)

    def _also_at(self, d: int, group: int) -> list[Asked]:
        """What people of a group are asked at other desks, as far as it is known in this round or from the one before."""
        found = []
        for e, other in self.hall.common.get((d, group), ()):
            book = self.served.get(e, self.expected.get(e))
            if book is not None and (book.group == other).any():
                found.append(self._asked(e, book.joined(_others(book, self.hall.scale)), other)[1])
        return found

    def again(self) -> Waiting | None:
        """The desks for another round that knows who comes late, and what is asked at which desk; None where all was known."""
        if self.expected:
            return None
        shared = {d: self.served[d] for d, _ in self.hall.common if d in self.served}
        known = self.late | shared
        return Waiting(self.hall, self.seed, self.opens, known) if known else None


def ask(
    desks: Mapping[int, Waiting],
    hall: Hall,
    state: State,
    live: Ints,
    leaf: Ints,
    next_: Places,
    when: Floats,
    changes: Mapping[int, Changes],
    past: Floats | None,
) -> Flags:
    """Take the cases that wait at a desk from here on; those that pass it go on at once.

    Parameters
    ----------
    desks, changes
        Of each run; of `changes` those that may alter what is known of who comes to a desk.
    hall
        What all runs know of who waits where.
    live, leaf
        Cases under way, and the leaf in which each stays.
    next_, when
        What would come next by the curves, and when; changed for those who pass a desk.
    past
        Days that each has stayed already.

    Returns
    -------
    Which of them wait.
    """
    waits = np.zeros(len(live), bool)
    at = np.flatnonzero(hall.leads.take(leaf))
    if not len(at):
        return waits
    places, leaf, then = live.take(at), leaf.take(at), next_.take(at)
    run, case, step, seed = state.run(places), state.case(places), state.steps(places), state.seed.take(places)
    u = chance.uniform(seed, chance.DESK, case, step + WAITS)
    ends = (then == NEVER) | hall.final.take(state.twin.take(places) + then)
    low = np.zeros(len(at))
    for d, desk in enumerate(hall.desks):
        share = hall.shares[d].take(leaf)
        here = (share > 0) & ((then == desk.activity) | (ends & (u >= low) & (u < low + share)))
        low = low + share
        asked = state.time.take(places)
        for k, change in changes.items():
            if desk.activity in change.passed:
                own = np.flatnonzero(here & (run == k))
                skips = own[change.passes(desk.activity, state, places[own])]
                then[skips], when[at[skips]] = desk.activity, asked[skips]
                here[skips] = False
            for b, c, cases in change.beside if here.any() else ():
                if c == desk.activity:
                    own = np.flatnonzero(here & (run == k) & (state.activity.take(places) == b))
                    own = own[cases[case[own]]]
                    asked[own] = state.before[places[own]]
        some = np.flatnonzero(here)
        if not len(some):
            continue
        waits[at[some]] = True
        stayed = None if past is None else past[at[some]]
        days, left = _leaving(
            hall, d, leaf[some], chance.uniform(seed[some], chance.LEAVE, case[some], step[some]), stayed
        )
        leaves = state.time[places[some]] + days
        ends_at = np.append(np.flatnonzero(np.diff(run[some])) + 1, len(some))
        for begin, end in zip([0, *ends_at[:-1]], ends_at, strict=True):
            own = some[begin:end]
            at_work = desks[int(run[own[0]])]
            group = at_work.hall.desks[d].groups(state.values[places[own]])
            parts = case[own], step[own], asked[own], leaves[begin:end], left[begin:end], group
            at_work.lying[d] = Book(*parts).joined(at_work.lying.get(d))
    next_[at] = then
    return waits


def _leaving(hall: Hall, d: int, leaf: Ints, u: Floats, past: Floats | None) -> tuple[Floats, Places]:
    """After how many days each case leaves a desk unless it is served, and for what."""
    days, then = np.empty(len(leaf)), np.empty(len(leaf), np.int16)
    for k in np.unique(leaf):
        own = leaf == k
        days[own], then[own] = hall.exits[int(k), d].draw(u[own], None if past is None else past[own])
    return days, then


def _others(book: Book, scale: float) -> Book | None:
    """Pieces of the cases that those of a sample stand for: asked for some weeks before or after, at about the same hour."""
    copies = []
    for copy in range(1, int(np.ceil(scale))):
        u = chance.uniform(copy, chance.FILL, book.case, book.step)
        some = np.flatnonzero(u < min(scale - copy, 1.0)) if copy > scale - 1 else np.arange(len(book))
        weeks = np.floor(chance.uniform(copy, chance.FILL, book.case, book.step + PICK) * 2 * WEEKS_MOVED) - WEEKS_MOVED
        moved = (
            np.where(weeks >= 0, weeks + 1, weeks) * 7
            + (chance.uniform(copy, chance.FILL, book.case, book.step + WAITS) - 0.5) / 6
        )
        other = book.rows(some)
        low = float(book.asked.min())
        asked = other.asked + moved[some]
        # Before the first one nobody asks.
        asked = np.where(asked < low, 2 * low - asked, asked)
        patience = np.roll(other.leaves - other.asked, 1)
        copies.append(replace(other, case=other.case + copy * NUMBERED_FROM, asked=asked, leaves=asked + patience))
    out = None
    for each in copies:
        out = each.joined(out)
    return out
