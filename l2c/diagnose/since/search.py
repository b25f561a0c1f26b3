"""On which day does a series step, if it does? The largest step over all days, against what the largest is without any."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from l2c import stats

Floats = NDArray[np.float64]
# Cases are put together by two weeks, by more where there are more than so many blocks.
FORTNIGHT, MOST_BLOCKS = 14, 60
# A step is looked for where so many blocks lie on both sides.
FEWEST_BLOCKS = 4
# Series without a step from which it is learnt how large the largest one is; the shocks that they may have.
DRAWN, LEVEL = 400, 0.05
KINDS = ((0.0, 0.0), (0.5, 1.0))
# A step that is none even if blocks were independent needs no closer look.
WORTH_A_LOOK = 3.0


class Step(NamedTuple):
    """The likeliest step of a series: block at which it begins, the first and last that may be it, size, error, p-value."""

    place: int
    earliest: int
    latest: int
    value: float
    error: float
    p: float


class Means(NamedTuple):
    """A series by block: number, day of the middle, mean and variance of the mean; what its usual moves are parts of."""

    place: NDArray[np.int64]
    day: Floats
    mean: Floats
    noise: Floats
    scale: float = 1.0


def step(means: Means, *, calm: bool = False) -> Step | None:
    """Find the step of a series beside trend, season and shocks that hang together.

    Parameters
    ----------
    calm
        Leave out at once what would be no step even if blocks were independent.

    Returns
    -------
    None where there are too few blocks. `p` is that of the largest step over all dates: by Šidák's formula, for as many
    independent dates as give the 5 % quantile of series without a step (drawn; Andrews, 1993, for independent blocks).
    """
    place = means.place
    dates = place[FEWEST_BLOCKS:-FEWEST_BLOCKS] if len(place) > 2 * FEWEST_BLOCKS else place[:0]
    if not len(dates):
        return None
    steps = (place[:, None] >= dates[None, :]).astype(np.float64)
    terms = stats.calendar(means.day, means.scale)
    if calm and _naive(means, terms, steps) < WORTH_A_LOOK:
        return None
    moved = stats.shifts(means.mean[:, None], means.noise, place, terms, steps)
    p, likelihood = moved.p[:, 0], moved.likelihood[:, 0]
    best = int(np.argmax(likelihood))
    chance = np.exp(likelihood - likelihood[best])
    order = np.argsort(-chance, kind="stable")
    held = order[: int(np.searchsorted(np.cumsum(chance[order]) / chance.sum(), 1 - LEVEL)) + 1]
    unit = float(np.median(means.noise)) ** 0.5 / means.scale
    tried = _independent(len(place), round(float(means.day[-1] - means.day[0])), round(float(np.log2(unit))))
    whole = float(-np.expm1(tried * np.log1p(-min(float(p.min()), 1 - 1e-9))))
    found = dates[best], dates[held.min()], dates[held.max()]
    return Step(*(int(d) for d in found), float(moved.value[best, 0]), float(moved.error[best, 0]), whole)


def _naive(means: Means, terms: Floats, steps: Floats) -> float:
    """The largest step in units of its error, if blocks were independent."""
    root = np.linalg.inv(np.linalg.cholesky(np.diag(means.noise) + terms @ terms.T))
    one, y, x = root.sum(axis=1), root @ means.mean, root @ steps
    y, x = y - one * (one @ y) / (one @ one), x - np.outer(one, one @ x) / (one @ one)
    found: float = np.abs(x.T @ y / np.sqrt(np.maximum((x**2).sum(axis=0), 1e-12))).max()
    return found


@cache
def _independent(blocks: int, days: int, unit: int) -> float:
    """For how many independent dates the dates of so many blocks stand, if their noise is 2 to the `unit`."""
    where, day, noise = np.arange(blocks), np.linspace(0, days, blocks), 2.0**unit
    dates = where[FEWEST_BLOCKS:-FEWEST_BLOCKS]
    steps = (where[:, None] >= dates[None, :]).astype(np.float64)
    gap = np.abs(where[:, None] - where[None, :])
    drawn = np.random.default_rng(0).standard_normal((2, blocks, DRAWN))
    tried = [1.0]
    for memory, shock in KINDS:
        alike = memory**gap if memory else np.zeros(gap.shape)
        root = np.linalg.cholesky(shock**2 * alike + 1e-9 * np.eye(blocks))
        series = noise * (drawn[0] + root @ drawn[1])
        moved = stats.shifts(series, np.full(blocks, noise**2), where, stats.calendar(day, 1.0), steps)
        tried.append(float(np.log1p(-LEVEL) / np.log1p(-np.quantile(moved.p.min(axis=0), LEVEL))))
    return max(tried)
