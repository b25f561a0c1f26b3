"""Who waits at a desk in a run, who leaves meanwhile, and when is each done?"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from l2c.improve import chance
from l2c.improve.exits import Hall
from l2c.improve.leaves import NEVER
from l2c.improve.queues import serve
from l2c.improve.state import Changes, State

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.int16]
# Several numbers of one step: who takes a piece, and whether a case that will never go on waits at the desk.
PICK, WAITS = 2048, 1024


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

    def ask(
        self, state: State, live: Ints, leaf: Ints, next_: Places, when: Floats, changes: Changes, past: Floats | None
    ) -> Flags:
        """Take the cases that wait at a desk from here on; those that pass it go on at once.

        Parameters
        ----------
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
        shares = self.hall.shares[:, leaf]
        if not shares.any():
            return waits
        step = state.steps(live)
        u = chance.uniform(self.seed, chance.DESK, live, step + WAITS)
        ends = (next_ == NEVER) | self.hall.final[next_]
        low = np.zeros(len(live))
        for d, desk in enumerate(self.hall.desks):
            high = low + shares[d]
            here = (shares[d] > 0) & ((next_ == desk.activity) | (ends & (u >= low) & (u < high)))
            low = high
            if desk.activity in changes.passed:
                skips = np.flatnonzero(here & changes.passes(desk.activity, state, live))
                next_[skips], when[skips] = desk.activity, state.time[live[skips]]
                here[skips] = False
            some = np.flatnonzero(here)
            if len(some):
                waits |= here
                before = np.zeros(len(some), bool)
                for b, c, cases in changes.beside:
                    before |= (state.activity[live[some]] == b) & (c == desk.activity) & cases[live[some]]
                stayed = None if past is None else past[some]
                self._write(d, state, live[some], step[some], leaf[some], before, stayed)
        return waits

    def _write(
        self, d: int, state: State, cases: Ints, step: Ints, leaf: Ints, before: Flags, past: Floats | None
    ) -> None:
        asked = np.where(before, state.before[cases], state.time[cases])
        u = chance.uniform(self.seed, chance.LEAVE, cases, step)
        days, then = np.empty(len(cases)), np.empty(len(cases), np.int16)
        for k in np.unique(leaf):
            own = leaf == k
            days[own], then[own] = self.hall.exits[int(k), d].draw(u[own], None if past is None else past[own])
        group = self.hall.desks[d].groups(state.values[cases])
        new = Book(cases, step, asked, state.time[cases] + days, then, group)
        self.lying[d] = new.joined(self.lying.get(d))

    def serve(self, state: State) -> tuple[Ints, Places, Floats]:
        """Let the first desk at which somebody waits do all its work.

        Returns
        -------
        Its cases, what comes next for each (-1: nothing) and when; none where nobody waits anywhere.
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
        done, stays = self._worked(d, book)
        done, stays = np.maximum(done[: len(new)], state.time[new.case]), stays[: len(new)]
        next_ = np.where(stays, self.hall.desks[d].activity, new.then).astype(np.int16)
        return new.case, next_, np.where(stays, done, new.leaves)

    def _worked(self, d: int, book: Book) -> tuple[Floats, Flags]:
        """When each piece is done, and whether the case is still there."""
        desk = self.hall.desks[d]
        done, stays = np.empty(len(book)), np.empty(len(book), bool)
        u = chance.uniform(self.seed, chance.DESK, book.case, book.step)
        pick = chance.uniform(self.seed, chance.DESK, book.case, book.step + PICK)
        for group in np.unique(book.group):
            own = np.flatnonzero(book.group == group)
            own = own[np.lexsort((book.case[own], book.asked[own]))]
            servers = [s for s, g in zip(desk.servers, desk.group, strict=True) if g == group]
            done[own], stays[own] = serve(
                servers,
                book.asked[own],
                book.leaves[own],
                u[own],
                pick[own],
                seed=self.seed,
                opens=self.opens,
                vain=desk.vain,
            )
        return done, stays

    def again(self) -> Waiting | None:
        """The desks for another round that knows who comes late; None where nobody did, or it was known already."""
        return None if self.expected or not self.late else Waiting(self.hall, self.seed, self.opens, self.late)
