"""When do stays that are alike end, and with what? Ends drawn from what `weighing` learnt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l2c.improve.days import Flags, Floats

Ints = NDArray[np.int64]
# A wait in days from which pace is counted.
NO_WAIT = 1e-3
NEVER = -1
# Two days in seven are free: stays that know of no week end on them twice as often as this.
SELDOM = 1 / 7
# Before this part of a day most of what lay over free days has not been done yet.
NOON = 0.5
# Of each leaf so many equally likely ends are kept ready.
FEWEST_PARTS, MOST_PARTS = 256, 2048


@dataclass(frozen=True, eq=False)
class Leaves:
    """The ends of the stays of each leaf, with the share of the leaf that each stands for.

    Attributes
    ----------
    first
        Where the ends of each leaf begin, with the number of all as the last.
    wait, next, reach
        Days, what came next, and the share of the leaf that has ended by then plus the number of the leaf: ascending
        over all leaves.
    hour, off
        Part of the day at which each ended, and whether nobody works on that day.
    piles
        Whether the ends of each leaf heap up after days on which nobody works: each was due on one of these days or on the
        day itself, and its wait goes up to when it was due.
    took
        Days up to each end, such rest included.
    late
        Where the late ends of each leaf begin.
    pace
        How those that stay beyond the last end go on to end: with so many ends per day, 0 where they never do.
    heavy
        Whether that pace is one per logarithm of the wait rather than per day (a tail that gets longer and longer).
    forever
        Of those that stay beyond the last end, the share that stays for ever.
    """

    first: Ints
    wait: Floats
    next: NDArray[np.int16]
    reach: Floats
    hour: Floats
    off: Flags
    piles: Flags
    took: Floats
    late: Ints
    pace: Floats
    heavy: Flags
    forever: Floats

    def __len__(self) -> int:
        return len(self.first) - 1

    @classmethod
    def joined(cls, several: Sequence[Leaves]) -> Leaves:
        """The leaves of several twins, behind each other; of their ends is drawn as from each of them alone."""
        leaves = np.cumsum([0, *map(len, several)])
        ends = np.cumsum([0, *(len(each.wait) for each in several)])
        parts = np.cumsum([0, *(len(each.table[2]) for each in several)])
        held: dict[str, Any] = {
            each.name: np.concatenate([getattr(one, each.name) for one in several]) for each in fields(cls)
        }
        held["first"] = np.append(np.concatenate([one.first[:-1] + ends[k] for k, one in enumerate(several)]), ends[-1])
        held["late"] = np.concatenate([one.late + ends[k] for k, one in enumerate(several)])
        held["reach"] = np.concatenate([one.reach + leaves[k] for k, one in enumerate(several)])
        made = cls(**held)
        begin, many, which = zip(*(one.table for one in several), strict=True)
        begin = np.concatenate([each + parts[k] for k, each in enumerate(begin)])
        which = np.concatenate([np.where(each < 0, each, each + ends[k]) for k, each in enumerate(which)])
        told = {"table": (begin, np.concatenate(many), which), "top": np.concatenate([one.top for one in several])}
        made.__dict__.update(told)
        return made

    @cached_property
    def top(self) -> Floats:
        """The share of each leaf that has ended by the last end seen; 0 of a leaf in which nothing ended."""
        last = self.first[1:] - 1
        there = last >= self.first[:-1]
        return (
            np.where(there, self.reach.take(last, mode="clip") - np.arange(len(self)), 0.0)
            if len(self.wait)
            else there * 0.0
        )

    @cached_property
    def bound(self) -> Flags:
        """Whether the stays of each leaf keep away from days on which nobody works; else they end whenever they end."""
        own = np.repeat(np.arange(len(self)), np.diff(self.first))
        return np.asarray(np.bincount(own, self.off, len(self)) < SELDOM * np.diff(self.first))

    @cached_property
    def table(self) -> tuple[Ints, Ints, Ints]:
        """Ends as likely as each other: where those of each leaf begin, how many, and which (-1: beyond the last one seen).

        A number is drawn of them at once, where the curve itself would have to be searched; with a few times as many as
        there are ends it says the same.
        """
        many = np.clip(4 * np.diff(self.first), FEWEST_PARTS, MOST_PARTS)
        begin = np.concatenate([[0], np.cumsum(many)[:-1]]).astype(np.int64)
        leaf = np.repeat(np.arange(len(self)), many)
        share = (np.arange(many.sum()) - begin[leaf] + 0.5) / many[leaf]
        place = np.searchsorted(self.reach, leaf + share, "right")
        return begin, many, np.where(place < self.first[leaf + 1], place, -1)

    def draw(
        self, leaf: Ints, u: Floats, v: Callable[[Ints], Floats], past: Floats | None = None
    ) -> tuple[NDArray[np.int16], Floats, Floats, Flags]:
        """Draw how stays end.

        Parameters
        ----------
        leaf
            Of each stay.
        u, v
            A random number of each that says when it ends, and, for those beyond the last end seen, one that says with what.
        past
            Days that each has lasted already.

        Returns
        -------
        What comes next (-1: never anything), after how many days in all, and the hour and kind of day on which it ends.
        """
        if not len(self.wait):
            none = np.zeros(len(leaf))
            return np.full(len(leaf), NEVER, np.int16), none + np.inf, none, none > 0
        if past is None:
            begin, many, which = self.table
            place = which.take(begin.take(leaf) + (u * many.take(leaf)).astype(np.int64))
        else:
            u = self._after(leaf, past, u)
            place = _places(self.reach, leaf + u)
            place = np.where(place < self.first[leaf + 1], place, -1)
        next_, wait = self.next.take(place, mode="wrap"), self.wait.take(place, mode="wrap")
        hour, off = self.hour.take(place, mode="wrap"), self.off.take(place, mode="wrap")
        beyond = np.flatnonzero(place < 0)
        next_[beyond], wait[beyond] = NEVER, np.inf
        far = beyond[self.pace[leaf[beyond]] > 0]
        if len(far):
            at, end = leaf[far], self.first[leaf[far] + 1]
            top, start, forever = self.top[at], self.wait[end - 1], self.forever[at]
            if past is not None:
                top, last = np.maximum(top, self._after(at, past[far], 0.0)), start
                start = np.maximum(start, past[far])
                more = np.where(self.heavy[at], np.log(start / np.maximum(last, NO_WAIT)), start - last)
                forever = forever / np.maximum(forever + (1 - forever) * np.exp(-self.pace[at] * more), 1e-300)
            left = np.minimum((1 - u[far]) / np.maximum(1 - top, 1e-12), 1.0)
            goes = left > forever
            far, at, end, start = far[goes], at[goes], end[goes], np.maximum(start[goes], NO_WAIT)
            left = (left[goes] - forever[goes]) / (1 - forever[goes])
            more = -np.log(np.clip(left, 1e-9, 1.0)) / self.pace[at]
            wait[far] = np.where(self.heavy[at], start * np.exp(np.minimum(more, 20.0)), start + more)
            one = self.late[at] + (v(far) * (end - self.late[at])).astype(np.int64)
            next_[far], hour[far], off[far] = self.next[one], self.hour[one], self.off[one]
        return next_, wait, hour, off

    def _after(self, leaf: Ints, past: Floats, u: Floats | float) -> Floats:
        """Random numbers for stays that have lasted some days already."""
        before = self._before(leaf, past)
        gone = np.where(before > self.first[leaf], self.reach[np.maximum(before - 1, 0)] - leaf, 0.0)
        return np.asarray(gone + u * (1 - gone))

    def _before(self, leaf: Ints, past: Floats) -> Ints:
        """Of each leaf, how far its ends go up to some days."""
        scale = self.wait.max(initial=0.0) + 1.0
        key = np.repeat(np.arange(len(self)), np.diff(self.first)) * scale + self.wait
        return _places(key, leaf * scale + np.minimum(past, scale * (1 - 1e-9)))


def _places(ascending: Floats, x: Floats) -> Ints:
    """How many of some numbers are at most as large as each of others; these in order, which is several times as fast."""
    order = np.argsort(x)
    found = np.empty(len(x), np.int64)
    found[order] = np.searchsorted(ascending, x[order], "right")
    return found
