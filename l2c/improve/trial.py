"""A twin learns on the first part of a log and foretells the cases of the rest: how far is that from what came?"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from l2c.improve.measures import Times, figures
from l2c.improve.queues import Desk
from l2c.improve.run import Job, Paths
from l2c.improve.run import runs as run_all
from l2c.improve.starts import Starts, observed, standing, together
from l2c.improve.stays import Stays
from l2c.improve.twin import Twin, fitted, redrawn
from l2c.stats import distance

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
# Part of the time in which a twin learns; the cases that begin in the rest are foretold.
LEARNT = 0.7
# Of so many draws of the twin, every third has trees of its own.
RUNS, REGROWN = 40, 3
# Grown anew are so many sets of trees at most; draws share them.
MOST_TREES = 8
# Of a twin of more events than this so many runs share a draw, and so few trees are grown anew.
LARGE_TWIN, SHARED_DRAWS, FEW_TREES = 500_000, 5, 2
# Halves of what came that are held against each other.
HALVES = 10
# Cases that began so early that this share of the cases had seen its last event by now.
MATURE = 0.95


@dataclass(frozen=True, eq=False)
class Trial:
    """What came, and what was foretold of it.

    Attributes
    ----------
    stays
        What is known today; `twin` learnt on what was known at its end of watching.
    starts
        The cases that began after it.
    horizon
        The day until which both sides are watched.
    real
        What they did.
    draws
        What each draw of the twin lets them do.
    """

    stays: Stays
    twin: Twin
    starts: Starts
    horizon: float
    real: Paths
    draws: tuple[Paths, ...]

    def times(self, paths: Paths) -> Times:
        """When the cases saw each activity."""
        return Times.of(paths, self.stays, len(self.starts), self.horizon)

    def lengths(self, paths: Paths) -> Floats:
        """Hours from the first to the last event of each case."""
        first, last = np.full(len(self.starts), np.inf), np.full(len(self.starts), -np.inf)
        np.minimum.at(first, paths.case, paths.time)
        np.maximum.at(last, paths.case, paths.time)
        there = np.isfinite(first)
        return (last[there] - first[there]) * 24


class Distance(NamedTuple):
    """How far the twin is from what came; how far past cases drawn again are; and how far halves of what came are from each other."""

    simulated: float
    drawn_again: float
    floor: float


def tried(
    known: Stays,
    since: float,
    until: float,
    horizon: float,
    *,
    desks: tuple[Desk, ...] = (),
    scale: float = 1.0,
    runs: int = RUNS,
    seed: int = 0,
) -> Trial:
    """Learn on what was known at one day, and foretell the cases that began from then on and before another day.

    Parameters
    ----------
    desks
        Desks that were known on that day; they begin with the work that lay there.
    scale
        How many cases each one stands for.
    """
    twin = fitted(known.cut(since), desks, scale)
    starts = observed(known, since, until, seed=seed)
    place = np.full(len(known.keys), -1)
    place[starts.like] = np.arange(len(starts))
    rows = np.flatnonzero((place[known.case] >= 0) & (known.time <= horizon))
    real = Paths(place[known.case[rows]], known.activity[rows], known.time[rows])
    draws = []
    before = standing(twin.stays, seed=seed) if twin.hall is not None else None
    begun = starts if before is None else together(before, starts)
    jobs = (Job(each, begun, n) for n, each in enumerate(drawn(twin, runs, seed), seed))
    for paths in run_all(jobs, horizon=horizon, opens=since):
        new = slice(None) if before is None else np.flatnonzero(paths.case >= len(before))
        case = paths.case[new] - (0 if before is None else len(before))
        draws.append(Paths(case, paths.activity[new], paths.time[new]))
    return Trial(known, twin, starts, horizon, real, tuple(draws))


def drawn(twin: Twin, runs: int, seed: int = 0, *, first: int = 0) -> Iterator[Twin]:
    """The twin as other cases might have taught it, so many times: what is not known of it shows in how they differ.

    What many cases taught differs little: of a large log five runs share each. The `first` ones are left out.
    """
    grown: dict[int, Twin] = {}
    shared, most = (SHARED_DRAWS, FEW_TREES) if len(twin.stays) > LARGE_TWIN else (1, MOST_TREES)
    for n in range(first // shared, -(-runs // shared)):
        if n % REGROWN:
            each = redrawn(twin, seed + n)
        else:
            k = n // REGROWN % most
            if k not in grown:
                grown[k] = redrawn(twin, seed + k * REGROWN, trees=True)
            each = grown[k]
        for _ in range(max(first, n * shared), min(runs, (n + 1) * shared)):
            yield each


def distances(trial: Trial, seed: int = 0) -> dict[str, Distance]:
    """How far foretold and real cases are apart.

    Returns
    -------
    `cycle`: hours by which the times from the first to the last event differ (1-Wasserstein). `grams`: part of three activities
    in a row that differ (see `l2c.stats.distance`). The draws of the twin count together: what is foretold is a distribution.
    """
    past, real = again(trial, seed), trial.lengths(trial.real)
    cycles, unlike = [], []
    for half in _halves(trial, seed):
        some = half[trial.real.case]
        cycles.append(distance.wasserstein(real[half], real[~half]))
        unlike.append(distance.grams_apart(_symbols(trial.real, some), _symbols(trial.real, ~some)))
    pooled = np.concatenate([trial.lengths(paths) for paths in trial.draws])
    case = np.concatenate([paths.case + n * len(trial.starts) for n, paths in enumerate(trial.draws)])
    whole = _symbols(trial.real)
    every = case, np.concatenate([paths.activity for paths in trial.draws])
    return {
        "cycle": Distance(
            distance.wasserstein(real, pooled), distance.wasserstein(real, trial.lengths(past)), float(np.mean(cycles))
        ),
        "grams": Distance(
            distance.grams_apart(whole, every), distance.grams_apart(whole, _symbols(past)), float(np.mean(unlike))
        ),
    }


def halves(trial: Trial, seed: int = 0) -> Floats:
    """By how much the key figures of two random halves of what came differ, on average; NaN where one cannot tell."""
    found = []
    for half in _halves(trial, seed):
        times = trial.times(trial.real)
        found.append(np.abs(figures(times.only(half)) - figures(times.only(~half))))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.asarray(np.nanmean(found, axis=0))


def again(trial: Trial, seed: int = 0) -> Paths:
    """Past cases drawn again, begun when the real ones began: what nobody needs a model for.

    Drawn are those that began so early that nearly all like them had ended by the end of watching, each as far as it had gone.
    """
    past, begun = trial.twin.stays, trial.starts.time
    first = past.time[past.head]
    took = past.time[np.append(past.head[1:], len(past)) - 1] - first
    early = first <= np.quantile(first, 0.5)
    old = np.flatnonzero(first <= past.until - np.quantile(took[early], MATURE))
    drawn = np.random.default_rng([seed, 3]).choice(old if len(old) else np.flatnonzero(early), len(begun))
    place = np.argsort(drawn, kind="stable")
    like = past.drawn(drawn[place])
    when = like.time - like.time[like.head][like.case] + begun[place][like.case]
    seen = np.flatnonzero(when <= trial.horizon)
    case = place[like.case[seen]]
    order = np.argsort(case, kind="stable")
    return Paths(case[order], like.activity[seen][order], when[seen][order])


def _halves(trial: Trial, seed: int) -> list[NDArray[np.bool_]]:
    rng = np.random.default_rng([seed, 3])
    return [rng.permutation(len(trial.starts)) % 2 == 0 for _ in range(HALVES)]


def _symbols(paths: Paths, some: NDArray[np.bool_] | None = None) -> tuple[Ints, NDArray[np.int16]]:
    return (paths.case, paths.activity) if some is None else (paths.case[some], paths.activity[some])
