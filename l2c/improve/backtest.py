"""May the twin be trusted? It learns on the first part of a log, foretells the rest, and is held against what came."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from l2c.improve.measures import Times
from l2c.improve.run import Paths, run
from l2c.improve.starts import Starts, observed
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


class Distance(NamedTuple):
    """How far the twin is from what came; how far past cases drawn again are; and how far halves of what came are from each other."""

    simulated: float
    drawn_again: float
    floor: float


def tried(known: Stays, since: float, until: float, horizon: float, *, runs: int = RUNS, seed: int = 0) -> Trial:
    """Learn on what was known at one day, and foretell the cases that began from then on and before another day."""
    twin = fitted(known.cut(since))
    starts = observed(known, since, until, seed=seed)
    place = np.full(len(known.keys), -1)
    place[starts.like] = np.arange(len(starts))
    rows = np.flatnonzero((place[known.case] >= 0) & (known.time <= horizon))
    real = Paths(place[known.case[rows]], known.activity[rows], known.time[rows])
    draws = tuple(run(each, starts, seed=seed + n, horizon=horizon) for n, each in enumerate(drawn(twin, runs, seed)))
    return Trial(known, twin, starts, horizon, real, draws)


def drawn(twin: Twin, runs: int, seed: int = 0) -> Iterator[Twin]:
    """The twin as other cases might have taught it, so many times: what is not known of it shows in how they differ."""
    grown: list[Twin] = []
    for n in range(runs):
        if n % REGROWN == 0 and len(grown) < MOST_TREES:
            grown.append(redrawn(twin, seed + n, trees=True))
            yield grown[-1]
        elif n % REGROWN == 0:
            yield grown[n // REGROWN % MOST_TREES]
        else:
            yield redrawn(twin, seed + n)


def distances(trial: Trial, seed: int = 0) -> dict[str, Distance]:
    """How far foretold and real cases are apart: `cycle` (hours from the first to the last event) and `grams` (shares of three activities in a row)."""
    rng = np.random.default_rng([seed, 3])
    many = len(trial.starts)
    again = _again(trial, rng)
    pooled = _pooled(trial.draws, many)
    cycle, halves, unlike = [], [], []
    real = _lengths(trial.real, many)
    for _ in range(HALVES):
        half = rng.random(many) < 0.5
        halves.append(distance.wasserstein(real[half], real[~half]))
        some = half[trial.real.case]
        unlike.append(distance.grams_apart(_symbols(trial.real, some), _symbols(trial.real, ~some)))
    ours = [distance.wasserstein(real, _lengths(pooled, many * len(trial.draws)))]
    cycle = [distance.wasserstein(real, _lengths(again, many))]
    whole = _symbols(trial.real)
    return {
        "cycle": Distance(ours[0], cycle[0], float(np.mean(halves))),
        "grams": Distance(
            distance.grams_apart(whole, _symbols(pooled)),
            distance.grams_apart(whole, _symbols(again)),
            float(np.mean(unlike)),
        ),
    }


def _lengths(paths: Paths, cases: int) -> Floats:
    """Hours from the first to the last event of each case."""
    first, last = np.full(cases, np.inf), np.full(cases, -np.inf)
    np.minimum.at(first, paths.case, paths.time)
    np.maximum.at(last, paths.case, paths.time)
    there = np.isfinite(first)
    return (last[there] - first[there]) * 24


def _symbols(paths: Paths, some: NDArray[np.bool_] | None = None) -> tuple[Ints, NDArray[np.int16]]:
    return (paths.case, paths.activity) if some is None else (paths.case[some], paths.activity[some])


def _pooled(draws: tuple[Paths, ...], cases: int) -> Paths:
    """The cases of all draws together."""
    case = np.concatenate([paths.case + n * cases for n, paths in enumerate(draws)])
    return Paths(case, *(np.concatenate([getattr(p, name) for p in draws]) for name in ("activity", "time")))


def _again(trial: Trial, rng: np.random.Generator) -> Paths:
    """Past cases drawn again, begun when the real ones began: what nobody needs a model for.

    Those that began so early that nearly all like them had ended by the end of watching, each as far as it had gone.
    """
    past, begun = trial.twin.stays, trial.starts.time
    first = past.time[past.head]
    took = past.time[np.append(past.head[1:], len(past)) - 1] - first
    early = first <= np.quantile(first, 0.5)
    old = np.flatnonzero(first <= past.until - np.quantile(took[early], MATURE))
    if not len(old):
        old = np.flatnonzero(early)
    like = np.sort(rng.choice(old, len(begun)))
    again = past.drawn(like)
    when = again.time - again.time[again.head][again.case] + begun[again.case]
    seen = when <= trial.horizon
    return Paths(again.case[seen], again.activity[seen], when[seen])
