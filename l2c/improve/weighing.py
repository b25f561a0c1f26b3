"""What do stays that are alike teach? Curves of competing ends, and what comes beyond the last end seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from l2c.improve.days import SHORT, Days, Flags, Floats
from l2c.improve.leaves import NO_WAIT, SELDOM, Leaves
from l2c.improve.stays import Stays
from l2c.stats import competing

Ints = NDArray[np.int64]
# The last fifth of the ends is late, or so many of them, but no more than half: earlier ones tell little of the tail.
LATE_PART, MANY_LATE = 0.2, 10
# With fewer ends all of them are late, and none is thought to slow down.
FEWEST_OF_LATE = 5
# So often the share that stays for ever is estimated again.
ESTIMATED = 20
# A heap: so many times as many end on the day after free ones as on days between. Three times is all that two free days hold; where it is
# many more, things happen on that day of the week whatever is due.
HEAP, MONDAYS_ONLY = 1.7, 6
# Of fewer ends nobody can tell; then the leaf is as all others are.
FEWEST_TO_SEE = 60


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
