"""How will each open deal go on? The twin lets it go its way many times, until it is won or lost."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l2c.improve.attributes import Attribute
from l2c.improve.run import Job, Paths
from l2c.improve.run import runs as run_all
from l2c.improve.starts import standing
from l2c.improve.stays import Stays, all_stays
from l2c.improve.twin import Twin, fitted, redrawn
from l2c.measures.facts import NEVER
from l2c.monitor.pipeline.lives import HOPED, Lives

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
# Nobody looks further ahead, in days.
FURTHEST = 3650.0
# Where a smaller share of the runs ends, a deal counts the less as one that is decided at all.
GIVEN_UP = 0.25
# Of the draws of the twin, so many at most have trees of their own.
WITH_OWN_TREES = 4


@dataclass(frozen=True, eq=False)
class Simulated:
    """Days from the end of watching, a row per run and a column per deal; infinite where that never comes.

    Attributes
    ----------
    hoped, over
        Until each ended as hoped, and until it ended at all.
    twin
        By which draw of the twin each run was made.
    """

    hoped: Floats
    over: Floats
    twin: Ints

    @property
    def share(self) -> Floats:
        """The chance of each to end as hoped, of the runs in which it ends; one run is added that goes as all do."""
        won, ended = np.isfinite(self.hoped).sum(axis=0), np.isfinite(self.over).sum(axis=0)
        return np.asarray((won + won.sum() / max(ended.sum(), 1)) / (ended + 1))

    @property
    def decided(self) -> Floats:
        """How far each is still thought to be decided at all: 1 unless clearly more runs than usual never end.

        A deal that lies where hardly any is decided any more was given up, and nobody has written it down.
        """
        return np.asarray(np.minimum(np.isfinite(self.over).mean(axis=0) / GIVEN_UP, 1.0))

    @property
    def spread(self) -> Floats:
        """How far the chance of each differs between draws of the twin: the standard deviation beyond that of the runs themselves."""
        won, draws = np.isfinite(self.hoped).astype(np.float64), int(self.twin.max(initial=0)) + 1
        if draws < 2:
            return np.zeros(won.shape[1])
        each = np.array([won[self.twin == k].mean(axis=0) for k in range(draws)])
        runs = len(won) / draws
        noise = (each * (1 - each)).mean(axis=0) / max(runs - 1, 1)
        return np.asarray(np.sqrt(np.maximum(each.var(axis=0, ddof=1) - noise, 0.0)))


def simulated(
    of: Lives, learnt: Ints, asked: Ints, without: frozenset[str], *, runs: int, draws: int, seed: int = 0
) -> Simulated | None:
    """Let open deals go on; None where no event tells how deals end.

    Parameters
    ----------
    learnt, asked
        Rows of the facts from which is learnt, and of the open deals.
    without
        Attributes that are left out.
    """
    known, place = lived(of, np.union1d(learnt, asked), without)
    ends = [np.array([k for k, name in enumerate(known.activities) if name in names]) for names in of.ends]
    if not len(known) or not np.isin(known.activity, ends[HOPED]).any():
        return None
    twin = fitted(known.drawn(place[np.sort(learnt)]))
    begin = standing(replace(twin, stays=known).stays, seed=seed).only(place[asked])
    each = max(runs // draws, 1)
    begin = begin.only(np.tile(np.arange(len(asked)), each))
    hoped, over = np.full((2, draws, each * len(asked)), np.inf)
    jobs = [Job(replace(one, hall=None), begin, seed + k) for k, one in enumerate(_drawn(twin, draws, seed))]
    for k, paths in enumerate(run_all(jobs, horizon=known.until + FURTHEST)):
        hoped[k], over[k] = _ended(paths, ends, len(begin), known.until)
    shape = draws * each, len(asked)
    return Simulated(hoped.reshape(shape), over.reshape(shape), np.repeat(np.arange(draws), each))


def lived(of: Lives, cases: Ints, without: frozenset[str]) -> tuple[Stays, Ints]:
    """The stays of some cases up to their end, and where each row of the facts is among them (-1: nowhere).

    What comes after a deal is closed is nothing that its chance depends on: nothing follows its last event. What
    changes while a deal is open stands as it was first told.
    """
    facts = of.facts
    whole = all_stays(facts.log)
    keys = facts.keys[np.sort(cases)]
    over = np.where(of.over == NEVER, np.iinfo(np.int64).max, of.over)[facts.place[whole.keys]]
    last_day = np.full(len(over), np.inf)
    ended = over != np.iinfo(np.int64).max
    last_day[ended] = whole.days.since(over[ended])
    chosen = np.isin(whole.keys, keys)
    rows = np.flatnonzero(chosen[whole.case] & (whole.time <= last_day[whole.case] + 1e-9))
    case = whole.case[rows]
    final = np.append(case[1:] != case[:-1], True) if len(case) else np.empty(0, bool)
    there, case = np.unique(case, return_inverse=True)
    next_ = np.where(final, -1, whole.next[rows]).astype(np.int16)
    wait = np.where(final, whole.until - whole.time[rows], whole.wait[rows])
    attributes = tuple(
        replace(a, values=a.values[there])
        for a in whole.attributes
        if a.name not in without and a.name not in _told(of)
    )
    entry = None if whole.entry is None else whole.entry[rows]
    known = Stays(
        whole.activities, whole.days, whole.until, whole.keys[there], case, whole.activity[rows], whole.time[rows], next_, wait,
        entry, (*attributes, *_first_told(of, whole.keys[there])), whole.dated,
    )  # fmt: skip
    place = np.full(len(facts), -1)
    place[facts.place[known.keys]] = np.arange(len(known.keys))
    return known, place


def _told(of: Lives) -> dict[str, tuple[Ints, Floats]]:
    """What a history tells of numbers: rows of the facts and the first value of each."""
    from l2c.measures.lives import while_open

    found: dict[str, tuple[Ints, Floats]] = {}
    for name in ("amount", "discount", "rep"):
        rows = while_open(of.facts, name) if name in of.facts.log.attributes else None
        if rows is None or not len(rows):
            continue
        rows = rows[~rows["closing"].to_numpy(bool)].drop_duplicates("case")
        value: NDArray[Any] = np.full(len(rows), np.nan)
        if name != "rep":
            value = rows["value"].astype(float).to_numpy(np.float64)
        found[name] = rows["case"].to_numpy(np.int64), value
    return found


def _first_told(of: Lives, keys: Ints) -> tuple[Attribute, ...]:
    """Numbers that change, as they were first told."""
    found = []
    for name, (case, value) in _told(of).items():
        if name == "amount" and not of.facts.log.one_currency:
            continue
        every = np.full(len(of.facts), -np.inf)
        every[case] = np.where(np.isfinite(value), value, -np.inf)
        own = every[of.facts.place[keys]]
        known = own[np.isfinite(own)]
        # Known of nearly all from the start, or it may say how a deal went on.
        if len(known) >= 0.95 * len(own) and len(known) and np.ptp(known) > 0:
            found.append(Attribute(name, own, (), -1))
    return tuple(found)


def _drawn(twin: Twin, draws: int, seed: int) -> list[Twin]:
    """The twin as other deals might have taught it; some with trees of their own, among which the others are drawn."""
    grown: list[Twin] = []
    found = []
    for k in range(draws):
        if len(grown) < min(WITH_OWN_TREES, -(-draws // 3)) and k % 3 == 0:
            grown.append(redrawn(twin, seed + k, trees=True) if draws > 1 else twin)
            found.append(grown[-1])
        else:
            found.append(redrawn(twin, seed + k))
    return found


def _ended(paths: Paths, ends: list[Ints], many: int, now: float) -> tuple[Floats, Floats]:
    """Days until each case ended as hoped, and at all: the last end of its path counts."""
    closing = np.flatnonzero(np.isin(paths.activity, np.concatenate(ends)))
    case, time = paths.case[closing], np.maximum(paths.time[closing] - now, 0.0)
    over, hoped = np.full((2, many), np.inf)
    # The events of a case are in order: the last one is what stays.
    over[case] = time
    good = np.isin(paths.activity[closing], ends[HOPED])
    hoped[case] = np.where(good, time, np.inf)
    return hoped, over
