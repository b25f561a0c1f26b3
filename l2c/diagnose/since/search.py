"""On which day does a series step, if it does? The largest step over all days, against what the largest is without any."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from l2c import stats

Floats = NDArray[np.float64]
# Cases are put together by two weeks, by more where there are more than so many blocks.
FORTNIGHT, MOST_FORTNIGHTS = 14, 60
# A step is looked for where so many blocks, and so much of what is known, lie on both sides: ends step by chance.
FEWEST_FORTNIGHTS, TRIMMED = 4, 0.1
# Series without a step from which it is learnt how well one seems to fit them: noise alone; shocks of two weeks that hang
# together (by so much, of so many units of noise); a trend a year; a season. The likeliest to deceive decides.
DRAWN_SERIES, ONE_IN_TWENTY, ONE_IN_HUNDRED = 150, 0.05, 0.01
SHOCK_MEMORY, SHOCK_SIZE, TREND_A_YEAR, SEASON_SIZE = 0.5, 1.3, 0.1, 0.2
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
    None where there are too few blocks. `p` is that of the largest step over all dates (a supremum test; Andrews, 1993), from
    what the best step gains where there is none; beyond what is drawn, gains get rarer exponentially.
    """
    place = means.place
    dates = _dates(place, means.noise)
    if not len(dates):
        return None
    steps = (place[:, None] >= dates[None, :]).astype(np.float64)
    terms = stats.calendar(means.day, means.scale)
    if calm and _naive(means, terms, steps) < WORTH_A_LOOK:
        return None
    moved = stats.shifts(means.mean[:, None], means.noise, place, terms, steps)
    gain = moved.gain[:, 0]
    best = int(np.argmax(gain))
    chance = np.exp(gain - gain[best])
    order = np.argsort(-chance, kind="stable")
    held = order[: int(np.searchsorted(np.cumsum(chance[order]) / chance.sum(), 1 - ONE_IN_TWENTY)) + 1]
    unit = float(np.median(means.noise)) ** 0.5 / means.scale
    days = 56 * round(float(means.day[-1] - means.day[0]) / 56)
    edge, fall = _deceived(8 * -(-len(place) // 8), days, round(float(np.log2(unit))))
    p = min(ONE_IN_TWENTY * float(np.exp(-(gain[best] - edge) * fall)), 1.0)
    first, last = int(dates[held.min()]), int(dates[held.max()])
    return Step(int(dates[best]), first, last, float(moved.value[best, 0]), float(moved.error[best, 0]), p)


def _dates(place: NDArray[np.int64], noise: Floats) -> NDArray[np.int64]:
    """Blocks with which a step may begin (Andrews, 1993, on why the ends are left out)."""
    known = np.cumsum(1 / noise)
    before = (known - 1 / noise) / known[-1]
    inside = (before >= TRIMMED) & (before <= 1 - TRIMMED)
    inside[:FEWEST_FORTNIGHTS] = inside[len(place) - FEWEST_FORTNIGHTS :] = False
    return place[inside]


def _naive(means: Means, terms: Floats, steps: Floats) -> float:
    """The largest step in units of its error, if blocks were independent."""
    root = np.linalg.inv(np.linalg.cholesky(np.diag(means.noise) + terms @ terms.T))
    one, y, x = root.sum(axis=1), root @ means.mean, root @ steps
    y, x = y - one * (one @ y) / (one @ one), x - np.outer(one, one @ x) / (one @ one)
    found: float = np.abs(x.T @ y / np.sqrt(np.maximum((x**2).sum(axis=0), 1e-12))).max()
    return found


@cache
def _deceived(blocks: int, days: int, unit: int) -> tuple[float, float]:
    """What the best step gains in one in twenty series without any, and how fast larger gains get rarer.

    Parameters
    ----------
    blocks, days
        How many blocks, and how many days they span.
    unit
        The noise of a block is 2 to it, of a level of 1.
    """
    where, day, noise = np.arange(blocks), np.linspace(0, days, blocks), 2.0**unit
    dates = _dates(where, np.ones(blocks))
    steps = (where[:, None] >= dates[None, :]).astype(np.float64)
    rng = np.random.default_rng(0)
    shocks = np.linalg.cholesky(SHOCK_MEMORY ** np.abs(where[:, None] - where[None, :])) @ rng.standard_normal(
        (blocks, DRAWN_SERIES)
    )
    year = day[:, None] / stats.YEAR
    moves: list[Any] = [0.0, SHOCK_SIZE * noise * shocks, TREND_A_YEAR * year]
    if stats.knows_season(day):
        moves.append(SEASON_SIZE * np.sin(2 * np.pi * (year + rng.random(DRAWN_SERIES))))
    # All at once, since what is to be inverted is the same for all of them.
    series = np.hstack([each + noise * rng.standard_normal((blocks, DRAWN_SERIES)) for each in moves])
    gain = stats.gains(series, np.full(blocks, noise**2), where, stats.calendar(day, 1.0), steps).max(axis=0)
    edge, fall = -np.inf, 1.0
    for each in np.split(gain, len(moves)):
        high, far = np.quantile(each, [1 - ONE_IN_TWENTY, 1 - ONE_IN_HUNDRED])
        if high > edge:
            # No faster than likelihood ratios do.
            edge, fall = float(high), min(float(np.log(ONE_IN_TWENTY / ONE_IN_HUNDRED) / (far - high)), 1.2)
    return edge, fall
