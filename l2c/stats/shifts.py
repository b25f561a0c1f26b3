"""Has the level of a series moved on a day? Blocks of time hang together, and the answer allows for it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from l2c.stats.rates import Floats, normal

# How far shocks of blocks may hang together, and their spread in units of the noise of a block: all are tried, and
# count by how likely they make the series. A finer grid changes no answer.
MEMORY = (0.0, 0.3, 0.6, 0.8, 0.9)
SHOCKS = (0.0, 0.4, 0.8, 1.2, 1.8, 3.0)
# How far a series follows its terms: hardly, or as series usually do.
FOLLOWS = (0.2, 1.0)


class Shifts(NamedTuple):
    """A shift of the level per step asked for (a row) and series (a column).

    Attributes
    ----------
    value, error
        The shift and its standard error.
    p
        Two-sided p-value.
    gain
        By how much the logarithm of the likelihood of the series is larger with the step than without any.
    """

    value: Floats
    error: Floats
    p: Floats
    gain: Floats


def shifts(series: Floats, noise: Floats, place: NDArray[np.int64], terms: Floats, steps: Floats) -> Shifts:
    """Estimate, for each of some steps, by how much a series moves with it, beside terms such as a trend.

    Parameters
    ----------
    series
        Mean of each block of time, a column per series.
    noise
        Variance of these means for the cases in them; or their covariance, a square.
    place
        Number of each block: shocks of blocks that lie near each other are alike.
    terms
        A column per way in which the series may move anyway (a trend, a season), each as large as it usually gets: their
        sizes are taken as drawn from a standard normal distribution.
    steps
        A column per step.

    Notes
    -----
    Generalised least squares. A series is a level + terms + step + shocks + noise, the shocks an autoregression of first
    order. Its unknowns are integrated out over a grid, weighted by the restricted likelihood (Harville, 1974) and a
    half-Cauchy prior of the spread (Gelman, 2006). The p-value is that of the mixture, which has longer tails than
    a normal distribution where little is known of the shocks.
    """
    from scipy.special import ndtr

    fits = _fits(series, noise, place, terms, steps)
    value, error, likelihood, still = (np.array(each) for each in zip(*fits, strict=True))
    gain, weight, total = _gain(likelihood, still)
    weight /= total
    up, down = ((weight * ndtr(sign * value / error)).sum(axis=0) for sign in (-1, 1))
    mean = (weight * value).sum(axis=0)
    variance = (weight * (error**2 + (value - mean) ** 2)).sum(axis=0)
    return Shifts(mean, np.sqrt(variance), np.minimum(2 * np.minimum(up, down), 1.0), gain)


def gains(series: Floats, noise: Floats, place: NDArray[np.int64], terms: Floats, steps: Floats) -> Floats:
    """The `gain` of `shifts` alone: of many series, a third of the work."""
    fits = [fit[2:] for fit in _fits(series, noise, place, terms, steps)]
    likelihood, still = (np.array(each) for each in zip(*fits, strict=True))
    return _gain(likelihood, still)[0]


def _fits(
    series: Floats, noise: Floats, place: NDArray[np.int64], terms: Floats, steps: Floats
) -> Iterator[tuple[Floats, Floats, Floats, Floats]]:
    """For each point of the grid: the shifts, their errors, and the logarithm of the likelihood with and without the step."""
    known = np.diag(noise) if noise.ndim == 1 else noise
    unit, many = float(np.median(np.diag(known))), series.shape[1]
    gap = np.abs(place[:, None] - place[None, :])
    columns = np.column_stack([np.ones(len(series)), series, steps])
    for follows, memory, shock in product(FOLLOWS, MEMORY, SHOCKS):
        if memory and not shock:
            continue
        alike = memory**gap if memory else (gap == 0).astype(np.float64)
        root = np.linalg.cholesky(known + follows**2 * terms @ terms.T + shock**2 * unit * alike)
        white = np.linalg.inv(root) @ columns
        one, rest = white[:, :1], white[:, 1:]
        size = float((one**2).sum())
        rest = rest - one @ (one.T @ rest) / size
        y, x = rest[:, :many], rest[:, many:]
        told = np.maximum((x**2).sum(axis=0), 1e-12)[:, None]
        value = (x.T @ y) / told
        still = -np.log(np.diag(root)).sum() - 0.5 * np.log(size) - np.log1p(shock**2) - 0.5 * (y**2).sum(axis=0)
        yield value, told**-0.5 + 0 * value, still + 0.5 * (value**2 * told - np.log(told)), still


def _gain(likelihood: Floats, still: Floats) -> tuple[Floats, Floats, Floats]:
    """By how much the step makes the series likelier over the whole grid; the weight of each point, and their sum."""
    top, least = likelihood.max(axis=0), still.max(axis=0)
    weight = np.exp(likelihood - top)
    total = weight.sum(axis=0)
    gain = top + np.log(total) - least - np.log(np.exp(still - least).sum(axis=0))
    return gain, weight, total


class Blocks(NamedTuple):
    """Cases put together by the time they began.

    Attributes
    ----------
    place
        Number of each block; 0 begins at the origin.
    mean
        Mean of each, what it is made of taken off.
    noise
        Covariance of these means.
    cases
        Cases in each.
    """

    place: NDArray[np.int64]
    mean: Floats
    noise: Floats
    cases: NDArray[np.int64]


def blocks(
    values: Floats,
    place: NDArray[np.int64],
    mix: Any = None,
    weight: Floats | None = None,
    cluster: NDArray[np.int64] | None = None,
) -> Blocks:
    """Put cases together by block, as if all blocks held the same mix.

    Parameters
    ----------
    values
        One per case.
    place
        Number of the block of each.
    mix
        A column per way in which cases differ, dense or sparse: what each is worth is told within blocks, so that it cannot be confused
        with time.
    weight
        What each case counts for.
    cluster
        A code of what each case belongs to, such as its account: those of one code are alike, in one block or in two.

    Notes
    -----
    How alike cases of one code are is one number, the mean product of two of them by their variance (Searle, Casella and
    McCulloch, 1992); the covariance of the blocks follows from who is in both.
    """
    there, of = np.unique(place, return_inverse=True)
    w = np.ones(len(values)) if weight is None else weight
    count = np.bincount(of)
    total = np.maximum(np.bincount(of, w), 1e-12)
    mean = np.bincount(of, w * values) / total
    left, freedom, shared = values - mean[of], len(values) - len(there), np.zeros((len(there),) * 2)
    if mix is not None and mix.shape[1]:
        away, bread, rank, score, left = _within(mix, of, w, total, left)
        mean = mean - away @ (bread @ score[0])
        freedom -= rank
        shared = away @ (bread @ score[1] @ bread) @ away.T
    spread = (left**2 * w).sum() / w.sum() * len(values) / max(freedom, 1)
    own = spread * np.bincount(of, w**2) / total**2
    noise = np.diag(np.maximum(own, 1e-12)) + shared
    if cluster is not None:
        noise += spread * _alike(left, w, of, cluster, spread) / np.outer(total, total)
    return Blocks(there.astype(np.int64), mean, noise, count)


def _within(
    mix: Any,
    of: NDArray[np.int64],
    weight: NDArray[np.float64],
    total: NDArray[np.float64],
    left: NDArray[np.float64],
) -> tuple[Any, ...]:
    """What the mix is worth within blocks.

    Returns
    -------
    How far its means by block lie from those of all; the inverse of its products within blocks, and their rank; its products
    with what is `left`, and their covariance; what is left without it.

    Notes
    -----
    Most of a mix is nothing, so its products are those of what there is, less those of the means by block.
    """
    from scipy.sparse import csr_array

    rows, given = np.arange(len(of)), csr_array(mix)
    weighed = given.multiply(weight[:, None])
    held = (csr_array((weight, (of, rows))) @ given).toarray() / total[:, None]
    bread, rank = _inverse((given.T @ weighed).toarray() - (held * total[:, None]).T @ held)
    product = given.T @ (weight * left)
    worth = bread @ product
    left = left - (given @ worth - (held @ worth)[of])
    squared = (weight * left) ** 2
    scaled = given.multiply(squared[:, None])
    sums = (csr_array((np.ones(len(of)), (of, rows))) @ scaled).toarray()
    cross = held.T @ sums
    inner = (held * np.bincount(of, squared)[:, None]).T @ held
    away = held - given.T @ weight / weight.sum()
    return away, bread, rank, (product, (given.T @ scaled).toarray() - cross - cross.T + inner), left


def _inverse(gram: NDArray[np.float64]) -> tuple[NDArray[np.float64], int]:
    """The pseudo-inverse of a table of products, and its rank."""
    size, way = np.linalg.eigh(gram)
    held = size > size[-1] * len(size) * np.finfo(np.float64).eps
    return (way[:, held] / size[held]) @ way[:, held].T, int(held.sum())


def _alike(
    left: Floats, weight: Floats, block: NDArray[np.int64], cluster: NDArray[np.int64], spread: float
) -> NDArray[np.float64]:
    """What pairs of one cluster add to the covariance of sums over blocks, in units of the variance of a case."""
    from scipy.sparse import csr_array

    _, code = np.unique(cluster, return_inverse=True)
    pairs = (np.bincount(code).astype(np.float64) ** 2).sum() - len(code)
    together = (np.bincount(code, left) ** 2).sum() - (left**2).sum()
    alike = float(np.clip(together / (pairs * spread), 0.0, 1.0)) if pairs and spread > 0 else 0.0
    held = csr_array((weight, (code, block)))
    return np.asarray(alike * ((held.T @ held).toarray() - np.diag(np.bincount(block, weight**2))))


def interval(value: float, error: float, level: float) -> tuple[float, float]:
    """Two-sided interval of an estimate that is nearly normal."""
    half = normal(level) * error
    return value - half, value + half


# A season is told from a step where there is more than a year to see it in.
YEAR, ENOUGH_FOR_SEASON = 365.25, 400.0
# Levels that move by themselves do so by this part of their mean a year, and with the season: one in twenty by twice as much.
USUAL_MOVE = 0.15


def calendar(day: Floats, scale: float) -> Floats:
    """How a series may move anyway, for `shifts`: a trend, and a wave a year where there is more than a year.

    Parameters
    ----------
    day
        Middle of each block, in days.
    scale
        The mean of the series; 1 for logarithms.
    """
    turn = 2 * np.pi * day / YEAR
    columns = [(day - day.mean()) / YEAR]
    if knows_season(day):
        columns += [np.sin(turn), np.cos(turn)]
    return USUAL_MOVE * abs(scale) * np.column_stack(columns)


def knows_season(day: NDArray[np.number]) -> bool:
    """Whether blocks span more than a year, so that a season may be told from a step."""
    return bool(len(day) and day.max() - day.min() >= ENOUGH_FOR_SEASON)
