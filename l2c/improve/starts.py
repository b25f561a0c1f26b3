"""Which cases begin, when, and what is known of them?"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l2c.improve import chance
from l2c.improve.stays import Stays
from l2c.stats import SMALLEST_SAMPLE

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
# The future brings what some of the last so many weeks brought.
WEEKS = 26


@dataclass(frozen=True, eq=False)
class Starts:
    """Cases with which a run begins, a place each.

    Attributes
    ----------
    like
        The case of the stays that each is, or is like (its `key` is `stays.keys[like]`).
    activity, time
        The first event, in days; of a case under way, its last one.
    values
        A column per attribute of the stays: what is known, or will come to be known, of each case.
    begun, past, previous, counts
        Of cases under way: when each began, days since its last event, the activity before that (-1: none), and how often each
        has seen each activity. None where all cases begin.
    """

    like: Ints
    activity: NDArray[np.int16]
    time: Floats
    values: Floats
    begun: Floats | None = None
    past: Floats | None = None
    previous: NDArray[np.int16] | None = None
    counts: NDArray[np.int16] | None = None

    def __len__(self) -> int:
        return len(self.like)

    def only(self, some: NDArray[Any]) -> Starts:
        """Some of the cases, each as often as it is named."""
        held = {each.name: getattr(self, each.name) for each in fields(self)}
        picked: dict[str, Any] = {name: None if value is None else value[some] for name, value in held.items()}
        return Starts(**picked)


def observed(stays: Stays, since: float = -np.inf, until: float = np.inf, *, seed: int = 0) -> Starts:
    """The cases that really began from one day on and before another one."""
    first = stays.time[stays.head] if len(stays.keys) else np.empty(0)
    like = np.flatnonzero((first >= since) & (first < until))
    return Starts(like, stays.activity[stays.head[like]], first[like], complete(stays, like, seed))


def drawn(stays: Stays, since: float, until: float, *, seed: int = 0) -> Starts:
    """Cases that may begin from one day on: for each week to come, those of one of the last weeks.

    Notes
    -----
    Whole weeks are drawn (block bootstrap), so that what comes together stays together.
    """
    first = stays.time[stays.head] if len(stays.keys) else np.empty(0)
    end = int(np.floor(stays.until / 7))
    begin = max(end - WEEKS, int(np.floor(first.min(initial=stays.until) / 7)))
    rng = np.random.default_rng([seed, 11])
    weeks = np.arange(int(np.floor(since / 7)), int(np.ceil(until / 7)))
    source = rng.integers(begin, max(end, begin + 1), len(weeks))
    week = np.floor(first / 7).astype(np.int64)
    order = np.argsort(week, kind="stable")
    ends = np.searchsorted(week[order], [source, source + 1])
    like, time = [np.empty(0, np.int64)], [np.empty(0)]
    for target, taken, low, high in zip(weeks, source, *ends, strict=True):
        cases = order[low:high]
        like.append(cases)
        time.append(first[cases] + 7 * (target - taken))
    every, when = np.concatenate(like), np.concatenate(time)
    kept = (when >= since) & (when < until)
    every, when = every[kept], when[kept]
    return Starts(every, stays.activity[stays.head[every]], when, complete(stays, every, seed))


def standing(stays: Stays, *, seed: int = 0) -> Starts:
    """All cases as they stand at the end of watching."""
    like = np.arange(len(stays.keys))
    last = np.append(stays.head[1:], len(stays)) - 1
    kinds = len(stays.activities)
    counts = np.bincount(stays.case * kinds + stays.activity, minlength=len(like) * kinds).astype(np.int16)
    return Starts(
        like, stays.activity[last], stays.time[last], complete(stays, like, seed), stays.time[stays.head],
        stays.until - stays.time[last], stays.column(last, 0).astype(np.int16), counts.reshape(-1, kinds),
    )  # fmt: skip


def together(under_way: Starts, new: Starts) -> Starts:
    """Cases under way, and behind them those that begin."""
    kinds = 0 if under_way.counts is None else under_way.counts.shape[1]
    counts = np.zeros((len(new), kinds), np.int16)
    counts[np.arange(len(new)), new.activity] = 1
    none = np.full(len(new), -1, np.int16)
    new = replace(new, begun=new.time, past=np.zeros(len(new)), previous=none, counts=counts)
    return Starts(
        **{each.name: np.concatenate([getattr(under_way, each.name), getattr(new, each.name)]) for each in fields(new)}
    )


def complete(stays: Stays, like: Ints, seed: int) -> Floats:
    """What is known of cases, and what would come to be known of them later, taken from cases that are alike.

    A deal that never had a quote has no discount; if it gets one in a run, it gets that of a deal that is like it in the one
    attribute that tells most of it.
    """
    known = stays.attributes
    table = np.array([a.values[like] for a in known]).reshape(len(known), len(like)).T.copy()
    for k, attribute in enumerate(known):
        if attribute.since < 0:
            continue
        gaps = np.flatnonzero(table[:, k] == attribute.missing)
        group, order = stays.donors[k]
        if not len(gaps) or not len(order):
            continue
        begin = np.searchsorted(group[order], group[like[gaps]], "left")
        many = np.searchsorted(group[order], group[like[gaps]], "right") - begin
        few = many < SMALLEST_SAMPLE
        begin, many = np.where(few, 0, begin), np.where(few, len(order), many)
        u = chance.uniform(seed, chance.FILL, gaps, k)
        table[gaps, k] = attribute.values[order[begin + (u * many).astype(np.int64)]]
    return table
