"""How do cases leave while they wait at a desk, and which of them wait there?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from l2c.diagnose.waits.desks import QUEUE
from l2c.improve.leaves import NEVER
from l2c.improve.queues import Desk
from l2c.improve.stays import Stays
from l2c.improve.vain import told_apart

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.int16]
# What comes next ends a case if so many of the stays after it are its last.
FINAL = 0.9
# A leaf leads to a desk if this part of its stays goes on there, of those that go on at all.
SOME_GO = 0.02
# From such a leaf nearly all go on to the desk.
LEADS_THERE = 0.9
# A curve of the last few says little; from there on leaving goes on at its usual pace.
FEWEST_LEFT = 10
# Longer than any run.
NO_END = 1e7


@dataclass(frozen=True, eq=False)
class Exits:
    """How the cases of one leaf leave while they wait.

    Attributes
    ----------
    wait, next, reach
        Days after which they leave, for what, and the share that has left by then if nobody is served.
    pace, then
        Of those left after that, so many leave per day, for what.
    """

    wait: Floats
    next: Places
    reach: Floats
    pace: float
    then: int

    @classmethod
    def of(cls, wait: Floats, next_: Places, final: Flags) -> Exits:
        """Leaving, with everything else as an end of watching (Kaplan and Meier, 1958)."""
        gone = (next_ >= 0) & final[next_]
        order = np.lexsort((~gone, wait))
        risk = np.arange(len(wait), 0, -1)
        alive = np.cumprod(1 - np.where(gone[order], 1 / (risk + 1e-9), 0.0))
        kept = gone[order] & (risk >= FEWEST_LEFT)
        then = int(np.bincount(next_[gone]).argmax()) if gone.any() else NEVER
        return cls(
            wait[order][kept], next_[order][kept], 1 - alive[kept], gone.sum() / max(float(wait.sum()), 1e-9), then
        )

    def draw(self, u: Floats, past: Floats | None = None) -> tuple[Floats, Places]:
        """After how many days each leaves unless it is served, and for what; `past`: days that it has waited already."""
        top = float(self.reach[-1]) if len(self.reach) else 0.0
        last = float(self.wait[-1]) if len(self.wait) else 0.0
        if past is not None:
            u = 1 - (1 - u) * self._left(past)
        place = np.searchsorted(self.reach, u, "right")
        days, next_ = np.full(len(u), NO_END), np.full(len(u), self.then, np.int16)
        if self.pace > 0:
            days[:] = last - np.log(np.maximum((1 - u) / (1 - top), 1e-300)) / self.pace
        seen = place < len(self.wait)
        days[seen], next_[seen] = self.wait[place[seen]], self.next[place[seen]]
        return np.minimum(days, NO_END), next_

    def _left(self, past: Floats) -> Floats:
        """The share that has not left after some days."""
        before = np.searchsorted(self.wait, past, "right")
        share = 1 - np.concatenate([[0.0], self.reach])[before]
        last = float(self.wait[-1]) if len(self.wait) else 0.0
        return np.asarray(share * np.exp(-self.pace * np.maximum(past - last, 0.0)))


@dataclass(frozen=True, eq=False)
class Hall:
    """The desks of a log, and how cases leave them.

    Attributes
    ----------
    desks
        Who serves.
    order
        Places of the desks in the order in which cases come to them.
    final
        Whether each activity ends a case.
    shares
        A row per desk and a column per leaf: of the stays that do not end the case, the part that goes on to the desk.
    exits
        By leaf and place of the desk.
    drawn
        Which other pieces might have told how long work takes; None: those that did.
    scale
        How many cases each one stands for: the desks do the work of all of them.
    """

    desks: tuple[Desk, ...]
    order: tuple[int, ...]
    final: Flags
    shares: Floats
    exits: dict[tuple[int, int], Exits]
    drawn: int | None = None
    scale: float = 1.0

    @cached_property
    def leads(self) -> Flags:
        """Whether stays of each leaf may wait at any desk."""
        return np.asarray((self.shares > 0).any(axis=0))

    @cached_property
    def common(self) -> dict[tuple[int, int], list[tuple[int, int]]]:
        """Groups that have people in common with groups at other desks, by the place of the desk and the group.

        Only where all of their work queues: who batches, or takes their own time, is not held up by other work.
        """
        names: dict[tuple[int, int], set[str]] = {}
        for d, desk in enumerate(self.desks):
            for group in sorted(set(desk.group)):
                own = [s for s, g in zip(desk.servers, desk.group, strict=True) if g == group]
                if all(server.kind == QUEUE for server in own):
                    names[d, group] = {server.name for server in own if not server.name.startswith("+")}
        found = {one: [o for o in names if o[0] != one[0] and names[one] & names[o]] for one in names}
        return {one: others for one, others in found.items() if others}

    @classmethod
    def joined(cls, several: Sequence[Hall]) -> Hall:
        """What several twins know of who waits at the same desks; of `final` each has its part."""
        leaves = np.cumsum([0, *(each.shares.shape[1] for each in several)])
        exits = {(k + int(leaves[n]), d): x for n, each in enumerate(several) for (k, d), x in each.exits.items()}
        final, shares = np.concatenate([x.final for x in several]), np.hstack([x.shares for x in several])
        return replace(several[0], final=final, shares=shares, exits=exits)

    def but(self, desks: tuple[Desk, ...]) -> Hall:
        """The same with other people at the desks; those that are not named stay as they are."""
        other = {desk.activity: desk for desk in desks}
        return replace(self, desks=tuple(other.get(desk.activity, desk) for desk in self.desks))

    def open(self) -> Hall:
        """The desks as they are in a run: how long work takes is known from some pieces only, and others are drawn of them.

        Each person draws by their name, so that whoever is there with a change and without it works alike in both.
        """
        if self.drawn is None:
            return self
        return replace(self, desks=tuple(desk.redrawn(self.drawn) for desk in self.desks))


def hall(stays: Stays, leaf: Ints, leaves: int, desks: tuple[Desk, ...], scale: float = 1.0) -> Hall:
    """How cases wait at the desks, learnt from the stays of each leaf that leads to one.

    Parameters
    ----------
    scale
        How many cases each one stands for. Work on those who left can be told apart only where all of them are known.

    Notes
    -----
    Who waits at a desk is served, or leaves for something that ends the case; whatever else comes next was decided before.
    Of the stays that ended the case, or have not ended, as large a part waited at the desk as of the others.
    """
    kinds = len(stays.activities)
    after = np.bincount(stays.activity, minlength=kinds)
    final = np.bincount(stays.activity[stays.next < 0], minlength=kinds) >= FINAL * np.maximum(after, 1)
    final[[desk.activity for desk in desks]] = False
    counts = np.zeros((leaves, kinds))
    ended = stays.next >= 0
    np.add.at(counts, (leaf[ended], stays.next[ended]), 1)
    order = np.argsort(leaf, kind="stable")
    begin = np.searchsorted(leaf[order], np.arange(leaves + 1))
    goes_on = np.maximum(counts[:, ~final].sum(axis=1), 1)
    shares = np.array([counts[:, desk.activity] / goes_on for desk in desks]).reshape(len(desks), leaves)
    shares[shares < SOME_GO] = 0
    desks = tuple(
        _told_apart(stays, leaf, final, desk, shares[d]) if desk.vain is None and scale == 1 else desk
        for d, desk in enumerate(desks)
    )
    found = {}
    for d, k in zip(*np.nonzero(shares), strict=True):
        rows = order[begin[k] : begin[k + 1]]
        found[int(k), int(d)] = Exits.of(stays.wait[rows], stays.next[rows], final)
    place = np.arange(len(stays)) - stays.head[stays.case]
    first = [float(np.mean(place[stays.activity == desk.activity])) for desk in desks]
    return Hall(desks, tuple(int(k) for k in np.argsort(first, kind="stable")), final, shares, found, scale=scale)


def _told_apart(stays: Stays, leaf: Ints, final: Flags, desk: Desk, share: Floats) -> Desk:
    """The desk with the work on those who left, of the leaves from which nearly all go to it."""
    rows = np.flatnonzero((share[leaf] > LEADS_THERE) & (stays.next >= 0))
    rows = rows[final[stays.next[rows]]]
    values = (
        np.array([a.values[stays.case[rows]] for a in stays.attributes]).reshape(len(stays.attributes), len(rows)).T
    )
    return told_apart(desk, stays.time[rows], stays.time[rows] + stays.wait[rows], desk.groups(values))
