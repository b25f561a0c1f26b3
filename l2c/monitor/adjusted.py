"""Is a change more than trend, season, another mix of cases and shocks that hang together? And than at other dates?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from l2c import stats
from l2c.diagnose.causes.mix import circumstances
from l2c.measures.facts import DAY, Facts
from l2c.measures.spans import Observations
from l2c.measures.watched import Watched, watched
from l2c.stats import SMALLEST_SAMPLE

Floats = NDArray[np.float64]

# Cases are put together by the week, by more weeks where there are more than so many.
WEEK, MOST_BLOCKS = 7, 60
# Fewer blocks on a side cannot tell a step from a shock.
FEWEST_BLOCKS = 4
# Cases are watched for as long as nine in ten need, or for half of the time after the date.
MOST_HAVE_ENDED, PART_OF_AFTER = 0.9, 0.5
# Fewer of a kind than this, on each side, and a rate is no number to model.
FEWEST_OF_EACH = 5


class Adjusted(NamedTuple):
    """Level after a date against where trend, season and mix would have put it, and the same at earlier dates.

    Attributes
    ----------
    difference, low, high, p
        The step, its interval and p-value.
    placebos, rank
        How many earlier dates were tried, and which place the real one has among them and itself (1: the largest).
    season
        Whether a season could be told from it.
    """

    difference: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")
    p: float = float("nan")
    placebos: int = 0
    rank: float = float("nan")
    season: bool = False


class Series(NamedTuple):
    """A measure in blocks of time around a date.

    Attributes
    ----------
    place, day
        Number of each block (the first after the date is 0), and its middle in days.
    mean, noise
        What the measure is in each, with the covariance of these means.
    scale
        What its usual moves are parts of.
    after
        Its mean after the date.
    horizon
        Days for which each case was watched.
    size
        Days of a block.
    """

    place: NDArray[np.int64]
    day: Floats
    mean: Floats
    noise: Floats
    scale: float
    after: float
    horizon: float
    size: int


class Step(NamedTuple):
    """The step of a series at a date, with its standard error and p-value."""

    value: float
    error: float
    p: float


class Placebos(NamedTuple):
    """The steps at earlier dates, from what began before the real one: number of the block they begin with, size, error."""

    place: NDArray[np.int64]
    value: Floats
    error: Floats


def summed(told: Series, moved: Step, tried: Placebos, level: float) -> Adjusted:
    """A step with its interval, and its place among those of earlier dates."""
    among = np.abs(tried.value / tried.error) >= abs(moved.value) / moved.error
    rank = 1.0 + float(among.sum()) if len(among) else float("nan")
    ends = stats.interval(moved.value, moved.error, level)
    return Adjusted(moved.value, *ends, moved.p, len(among), rank, stats.knows_season(told.day))


def series(facts: Facts, found: Observations, change: int, begin: int, end: int) -> Series | None:
    """Put a measure into blocks of time, each case watched for the same days, as if all blocks held the same mix.

    Parameters
    ----------
    facts, found
        The cases, known until `end`, and what was seen of the KPI.
    change, begin, end
        The date; since when cases are looked at, and until when they may begin.

    Returns
    -------
    None where there are too few cases or blocks on a side.
    """
    seen = followed(facts, found, change, begin, end)
    if seen is None:
        return None
    after = seen.start >= change
    if min(after.sum(), (~after).sum()) < SMALLEST_SAMPLE or not varies(seen.value, after):
        return None
    size = block_days(begin, end)
    held = blocks(facts, seen, change, size)
    if min((held.place >= 0).sum(), (held.place < 0).sum()) < FEWEST_BLOCKS:
        return None
    later = held.place >= 0
    level = float(np.average(held.mean[later], weights=held.cases[later]))
    scale = float(np.average(held.mean, weights=held.cases))
    return Series(held.place, middle(held.place, size, change), held.mean, held.noise, scale, level, seen.horizon, size)


def followed(
    facts: Facts, found: Observations, change: int, begin: int, end: int, most: float = float("inf")
) -> Watched | None:
    """The cases of a measure that were all watched for the same days, `most` at the most."""
    most = min(most, PART_OF_AFTER * (end - change) / DAY)
    return watched(facts, found.only(found.start >= begin), most=most, reach=MOST_HAVE_ENDED)


def block_days(begin: int, end: int) -> int:
    """How many days a block has."""
    return WEEK * int(np.ceil((end - begin) / DAY / WEEK / MOST_BLOCKS))


def blocks(
    facts: Facts, seen: Watched, change: int, size: int, cluster: NDArray[np.int64] | None = None
) -> stats.Blocks:
    """Put cases together by block, the first after the date being number 0."""
    place = np.floor((seen.start - change) / (size * DAY)).astype(np.int64)
    return stats.blocks(seen.value, place, circumstances(facts, seen.case, seen.value), seen.weight, cluster)


def middle(place: NDArray[np.int64], size: int, change: int) -> Floats:
    """The day in the middle of each block."""
    return np.asarray((place + 0.5) * size + change / DAY, np.float64)


def step(told: Series) -> Step:
    """The step of a series at the date."""
    at = (told.place >= 0).astype(np.float64)[:, None]
    moved = stats.shifts(told.mean[:, None], told.noise, told.place, stats.calendar(told.day, told.scale), at)
    return Step(*(float(each[0, 0]) for each in moved[:3]))


def placebos(told: Series) -> Placebos:
    """The step at each earlier date, from what began before the real date."""
    early = told.place < 0
    where = told.place[early]
    dates = where[FEWEST_BLOCKS:-FEWEST_BLOCKS]
    if not len(dates):
        return Placebos(dates, np.zeros(0), np.zeros(0))
    steps = (where[:, None] >= dates[None, :]).astype(np.float64)
    noise = told.noise[np.ix_(early, early)]
    moved = stats.shifts(told.mean[early][:, None], noise, where, stats.calendar(told.day[early], told.scale), steps)
    return Placebos(dates, moved.value[:, 0], moved.error[:, 0])


def varies(value: Floats, after: NDArray[np.bool_]) -> bool:
    """Whether there are enough of both of two values."""
    kinds = np.unique(value)
    if len(kinds) > 2:
        return True
    return len(kinds) == 2 and all(min((value == k).sum(), (value != k).sum()) >= FEWEST_OF_EACH for k in kinds)
