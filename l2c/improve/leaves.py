"""When do stays that are alike end, and with what? Curves of competing ends, and what comes beyond the last end seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from l2c.improve.days import Flags, Floats
from l2c.improve.stays import Stays
from l2c.stats import competing

Ints = NDArray[np.int64]
# Ends seen late in the stays of a leaf that tell how it goes on; with fewer nothing is said beyond the last one.
FEWEST_LATE = 5
# From this share of the ends on they are late.
LATE = 0.5
# Beyond the last end so many more were to be expected, and none came: those who are left stay for ever.
PLATEAU = 3.0
NEVER = -1
# Of each leaf so many equally likely ends are kept ready.
FEWEST_PARTS, MOST_PARTS = 256, 8192


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
    late
        Where the late ends of each leaf begin.
    pace
        How those that stay beyond the last end go on to end: with so many ends per day, 0 where they never do.
    heavy
        Whether that pace is one per doubling of the wait rather than per day (a tail that gets longer and longer).
    """

    first: Ints
    wait: Floats
    next: NDArray[np.int16]
    reach: Floats
    hour: Floats
    off: Flags
    late: Ints
    pace: Floats
    heavy: Flags

    def __len__(self) -> int:
        return len(self.first) - 1

    @cached_property
    def table(self) -> tuple[Ints, Ints, NDArray[np.int32]]:
        """Ends as likely as each other: where those of each leaf begin, how many, and which (-1: beyond the last one seen).

        A number is drawn of them at once, where the curve itself would have to be searched; with a few times as many as
        there are ends it says the same.
        """
        many = np.clip(4 * np.diff(self.first), FEWEST_PARTS, MOST_PARTS)
        begin = np.concatenate([[0], np.cumsum(many)[:-1]]).astype(np.int64)
        leaf = np.repeat(np.arange(len(self)), many)
        share = (np.arange(many.sum()) - begin[leaf] + 0.5) / many[leaf]
        place = np.searchsorted(self.reach, leaf + share, "right")
        return begin, many, np.where(place < self.first[leaf + 1], place, -1).astype(np.int32)

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
            place = which[begin[leaf] + (u * many[leaf]).astype(np.int64)].astype(np.int64)
        else:
            u = self._after(leaf, past, u)
            place = np.searchsorted(self.reach, leaf + u, "right")
            place = np.where(place < self.first[leaf + 1], place, -1)
        next_, wait, hour, off = self.next[place], self.wait[place], self.hour[place], self.off[place]
        beyond = np.flatnonzero(place < 0)
        next_[beyond], wait[beyond] = NEVER, np.inf
        far = beyond[self.pace[leaf[beyond]] > 0]
        if len(far):
            at, end = leaf[far], self.first[leaf[far] + 1]
            top, start = self.reach[end - 1] - at, self.wait[end - 1]
            if past is not None:
                top, start = np.maximum(top, self._after(at, past[far], 0.0)), np.maximum(start, past[far])
            left = (1 - u[far]) / np.maximum(1 - top, 1e-12)
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
        return np.searchsorted(key, leaf * scale + np.minimum(past, scale * (1 - 1e-9)), "right")


def weigh(stays: Stays, leaf: Ints, leaves: int, weight: Floats | None = None) -> Leaves:
    """The curves of all leaves.

    Parameters
    ----------
    leaf
        Leaf of each stay.
    weight
        What each case counts for, such as how often it was drawn; 1 unless given.

    Notes
    -----
    Masses: Aalen and Johansen (1978), with late entry. Beyond the last end: the ends from the median wait on go on as they
    came, at a constant pace or at one that falls with the time waited, whichever explains them better; if by that
    pace three more ends were to be expected among those watched longer, and none came, the rest stays for ever.
    """
    order = np.lexsort((stays.next < 0, stays.wait, leaf))
    case = stays.case[order]
    if weight is not None:
        kept = weight[case] > 0
        order, case = order[kept], case[kept]
    own = leaf[order]
    count = None if weight is None else weight[case].astype(np.float64)
    ended = stays.next[order] >= 0
    entry = None if stays.entry is None else stays.entry[order]
    found = competing.weights(own, np.where(ended, 0, -1), stays.wait[order], leaves, 1, entry, count)
    if entry is not None:
        watched = (entry <= 0) | (entry < stays.wait[order])
        order, own, ended = order[watched], own[watched], ended[watched]
        count = None if count is None else count[watched]
    rows = order[found.row]
    place = own[found.row]
    first = np.searchsorted(place, np.arange(leaves + 1))
    whole = np.concatenate([[0.0], np.cumsum(found.weight)])
    reach = np.minimum(whole[1:] - whole[first[:-1]][place], 1.0)
    end = stays.time[rows] + found.days
    number = np.ones(len(own)) if count is None else count
    tails = _tails(own, stays.wait[order], ended, number, place, found.days, first)
    # Reach of one leaf ends below where the next one begins.
    return Leaves(
        first, found.days, stays.next[rows], place + np.minimum(reach, 1 - 1e-12), end % 1, stays.days.is_off(end), *tails
    )  # fmt: skip


def _tails(
    own: Ints, wait: Floats, ended: Flags, number: Floats, place: Ints, ends: Floats, first: Ints
) -> tuple[Ints, Floats, Flags]:
    """Where the late ends of each leaf begin, their pace, and whether it falls with time."""
    leaves = len(first) - 1
    many = np.diff(first)
    last = np.maximum(first[1:] - 1, 0)
    late = first[:-1] + (LATE * many).astype(np.int64)
    if not len(ends):
        return late, np.zeros(leaves), np.zeros(leaves, bool)
    floor = np.maximum(ends[np.minimum(late, len(ends) - 1)], 1e-3)
    top = np.maximum(ends[last], floor)
    there = wait >= floor[own]
    own, wait, number, ended = own[there], wait[there], number[there], ended[there]
    seen = np.bincount(own, number * ended, leaves)
    low, high = floor[own], top[own]
    stop = np.minimum(wait, high)
    spent = np.bincount(own, number * (stop - low), leaves)
    doubled = np.bincount(own, number * np.log(stop / low), leaves)
    longer = np.bincount(own, number * np.maximum(wait - high, 0.0), leaves)
    longer_doubled = np.bincount(own, number * np.log(np.maximum(wait / high, 1.0)), leaves)
    logs = np.bincount(own, number * ended * np.log(stop), leaves)
    with np.errstate(divide="ignore", invalid="ignore"):
        steady, falling = seen / spent, seen / doubled
        # Log likelihoods of the late ends, at a pace per day and at one per logarithm of the wait.
        heavy = seen * np.log(falling) - logs > seen * np.log(steady)
        pace = np.where(heavy, falling, steady)
        expected = np.where(heavy, falling * longer_doubled, steady * longer)
    goes_on = (many >= FEWEST_LATE) & (spent > 0) & ~(expected >= PLATEAU) & np.isfinite(pace)
    return late, np.where(goes_on, pace, 0.0), heavy & goes_on
