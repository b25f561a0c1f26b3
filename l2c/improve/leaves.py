"""When do stays that are alike end, and with what? Curves of competing ends, and what comes beyond the last end seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from l2c.improve.days import SHORT, Days, Flags, Floats
from l2c.improve.stays import Stays
from l2c.stats import competing

Ints = NDArray[np.int64]
# The last fifth of the ends is late, or so many of them, but no more than half: earlier ones tell little of the tail.
LATE_PART, MANY_LATE = 0.2, 10
# With fewer ends all of them are late, and none is thought to slow down.
FEWEST_OF_LATE = 5
# A wait in days from which pace is counted.
NO_WAIT = 1e-3
# So often the share that stays for ever is estimated again.
ESTIMATED = 20
NEVER = -1
# Two days in seven are free: stays that know of no week end on them twice as often as this.
SELDOM = 1 / 7
# A heap: so many times as many end on the day after free ones as on days between. Three times is all that two free days hold; where it is
# many more, things happen on that day of the week whatever is due.
HEAP, MONDAYS_ONLY = 1.7, 6
# Of fewer ends nobody can tell; then the leaf is as all others are.
FEWEST_TO_SEE = 60
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
            top, start, forever = self.reach[end - 1] - at, self.wait[end - 1], self.forever[at]
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


@dataclass(frozen=True, eq=False)
class Order:
    """Stays in the order in which curves are counted: by leaf and days, those that ended before those that have not.

    Attributes
    ----------
    case, leaf, wait, entry, ended
        Of each stay; `entry` is None where all were watched from their start.
    piles, took
        See `Leaves`.
    next, hour, off
        What came next, the part of the day at which it came, and whether nobody works on that day.
    """

    case: Ints
    leaf: Ints
    wait: Floats
    entry: Floats | None
    ended: Flags
    next: NDArray[np.int16]
    hour: Floats
    off: Flags
    piles: Flags
    took: Floats

    @classmethod
    def of(cls, stays: Stays, leaf: Ints, leaves: int) -> Order:
        """The stays that were watched at all, in order."""
        ended, end = stays.next >= 0, stays.time + stays.wait
        piles = _piles(stays.days, leaf, leaves, ended & (stays.wait > SHORT), end)
        wait = np.where(ended & piles[leaf], _due(stays.days, stays.wait, end), stays.wait)
        order = np.lexsort((~ended, wait, leaf))
        entry = None
        if stays.entry is not None:
            order = order[(stays.entry[order] <= 0) | (stays.entry[order] < wait[order])]
            entry = stays.entry[order]
        known = stays.case[order], leaf[order], wait[order], entry, ended[order], stays.next[order]
        return cls(*known, end[order] % 1, stays.days.is_off(end[order]), piles, stays.wait[order])

    def only(self, some: Flags) -> Order:
        """Some of the stays."""
        entry = None if self.entry is None else self.entry[some]
        rows = self.case[some], self.leaf[some], self.wait[some], entry, self.ended[some]
        return Order(*rows, self.next[some], self.hour[some], self.off[some], self.piles, self.took[some])


def _piles(days: Days, leaf: Ints, leaves: int, ended: Flags, end: Floats) -> Flags:
    """Whether the ends of each leaf heap up on the first day of work after free ones."""
    own, end = leaf[ended], end[ended]
    off, after = days.is_off(end), days.rest_before(end) > 0
    before = days.rest_before(end + 1) > 0
    kinds = (~off & after & ~before, ~off & ~after & ~before)
    heap, plain = (np.bincount(own[kind], minlength=leaves) for kind in kinds)
    # Of a week, one day is the first of work and three have work on both sides.
    heaps, plains = np.append(heap, heap.sum()), np.append(plain, plain.sum()) / 3
    sure = (heaps > HEAP * plains) & (heaps < MONDAYS_ONLY * plains) & (heaps - plains > 2 * np.sqrt(heaps + plains))
    # What ends on free days too waits for nobody.
    kept = np.bincount(own[off], minlength=leaves) < SELDOM * np.maximum(np.bincount(own, minlength=leaves), 1)
    return np.asarray(kept & np.where(heap + plain >= FEWEST_TO_SEE, sure[:-1], sure[-1]))


def _due(days: Days, wait: Floats, end: Floats) -> Floats:
    """Waits up to the day on which each was due: one of the free days before it, or the day itself, in turn."""
    rest = np.minimum(np.where(days.is_off(end), 0, days.rest_before(end)), np.floor(wait))
    # As good as a random number, and the same whatever the order of the stays: the last digits of when it ended.
    turn = (end * 86400 * 0.6180339887 + wait * 1e3) % 1
    return np.asarray(wait - np.floor(turn * (rest + 1)))


def weigh(stays: Stays, leaf: Ints, leaves: int, weight: Floats | None = None) -> Leaves:
    """The curves of all leaves: `weighed`, of stays in no order."""
    return weighed(Order.of(stays, leaf, leaves), leaves, weight)


def weighed(order: Order, leaves: int, weight: Floats | None = None) -> Leaves:
    """The curves of all leaves.

    Parameters
    ----------
    leaves
        How many there are.
    weight
        What each case counts for, such as how often it was drawn; 1 unless given.

    Notes
    -----
    Masses: Aalen and Johansen (1978), with late entry. Beyond the last end: the late ends go on as they came, at a constant pace or at one that falls with the time waited, beside a share that stays for ever (a plateau); all
    three are told by the late ends and by who is still there (see `_fit`).
    """
    if weight is not None and not (weight > 0).all():
        order = order.only(weight[order.case] > 0)
    count = None if weight is None else weight[order.case].astype(np.float64)
    found = competing.weights(order.leaf, np.where(order.ended, 0, -1), order.wait, leaves, 1, order.entry, count)
    rows = found.row
    place = order.leaf[rows]
    first = np.searchsorted(place, np.arange(leaves + 1))
    whole = np.concatenate([[0.0], np.cumsum(found.weight)])
    reach = whole[1:] - whole[first[:-1]][place]
    tails = _tails(order, np.ones(len(order.leaf)) if count is None else count, found.days, first)
    # Reach of one leaf ends below where the next one begins.
    reach = place + np.minimum(reach, 1 - 1e-12)
    return Leaves(
        first,
        found.days,
        order.next[rows],
        reach,
        order.hour[rows],
        order.off[rows],
        order.piles,
        order.took[rows],
        *tails,
    )


def _tails(order: Order, number: Floats, ends: Floats, first: Ints) -> tuple[Ints, Floats, Flags, Floats]:
    """Where the late ends of each leaf begin, their pace, whether it falls with time, and who of the rest stays for ever."""
    leaves, many = len(first) - 1, np.diff(first)
    tail = np.minimum(np.maximum((LATE_PART * many).astype(np.int64), MANY_LATE), (many + 1) // 2)
    late = first[:-1] + np.where(many >= FEWEST_OF_LATE, many - tail, 0)
    if not len(ends):
        none = np.zeros(leaves)
        return late, none, none > 0, none + 1
    low = np.maximum(ends[np.minimum(late, len(ends) - 1)], NO_WAIT)
    high = np.maximum(ends[np.maximum(first[1:] - 1, 0)], low)
    # Of leaves in which nothing ever ended there is nothing to tell.
    there = np.flatnonzero((order.wait >= low[order.leaf]) & (many > 0)[order.leaf])
    own, number, ended = order.leaf[there], number[there], order.ended[there]
    past, since = np.maximum(order.wait[there], NO_WAIT), low[own]
    if order.entry is not None:
        since = np.maximum(since, order.entry[there])
    tops = high - low, np.log(high / low)
    scales = past - since, np.log(past / since)
    found = [_fit(own, number, ended, scale, top) for scale, top in zip(scales, tops, strict=True)]
    # The density of a wait is that of its logarithm by the wait.
    found[1] = (found[1][0], found[1][1], found[1][2] - np.bincount(own[ended], (number * np.log(past))[ended], leaves))
    heavy = (found[1][2] > found[0][2]) & (many >= FEWEST_OF_LATE)
    pace, never = (np.where(heavy, found[1][k], found[0][k]) for k in (0, 1))
    gone = np.where(heavy, tops[1], tops[0])
    known = np.isfinite(pace) & (many > 0)
    pace = np.where(known, pace, 0.0)
    left = never + (1 - never) * np.exp(-pace * gone)
    return late, pace, heavy, np.where(known & (left > 0), never / np.maximum(left, 1e-300), 1.0)


def _fit(own: Ints, number: Floats, ended: Flags, scale: Floats, top: Floats) -> tuple[Floats, Floats, Floats]:
    """Pace of an exponential wait and the share that waits for ever, by leaf, and the logarithm of the likelihood.

    Notes
    -----
    A mixture with a share that never ends (Boag, 1949), by expectation and maximisation: of who is still there, it is
    the likelier that he stays for ever the longer he has stayed.
    """
    leaves = len(top)
    seen = np.bincount(own[ended], number[ended], leaves)
    spent = np.bincount(own[ended], (number * scale)[ended], leaves)
    at, wait, weight = own[~ended], scale[~ended], number[~ended]
    every = seen + np.bincount(at, weight, leaves)
    best: tuple[Floats, ...] = np.zeros(leaves), np.ones(leaves), np.full(leaves, -np.inf)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        pace = seen / (spent + np.bincount(at, weight * np.minimum(wait, top[at]), leaves))
        # From two beginnings, as it may stop on the way: half of them go on, or who goes on at the pace up to the last end.
        for goes in (weight / 2, weight * np.exp(-np.where(np.isfinite(pace), pace, 0.0)[at] * wait)):
            for _ in range(ESTIMATED):
                pace = seen / (spent + np.bincount(at, goes * wait, leaves))
                never = np.clip(1 - (seen + np.bincount(at, goes, leaves)) / every, 0.0, 1.0)
                still = (1 - never[at]) * np.exp(-pace[at] * wait)
                goes = weight * still / (still + never[at])
            found = seen * np.log(pace * (1 - never)) - pace * spent
            found += np.bincount(at, weight * np.log(still + never[at]), leaves)
            better = np.isfinite(found) & (found > best[2])
            best = tuple(np.where(better, new, old) for new, old in zip((pace, never, found), best, strict=True))
    return best[0], best[1], best[2]
