"""Is a change more than trend, season, another mix of cases and shocks that hang together? And than at other dates?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from l2c import stats
from l2c.diagnose.causes.mix import circumstances
from l2c.measures.facts import DAY, Facts
from l2c.measures.spans import Observations
from l2c.measures.watched import watched
from l2c.stats import SMALLEST_SAMPLE

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


NOTHING = Adjusted()


def adjusted(facts: Facts, found: Observations, change: int, begin: int, end: int, level: float) -> Adjusted:
    """Estimate the step of a KPI at a date.

    Parameters
    ----------
    facts, found
        The cases, known until `end`, and what was seen of the KPI.
    change, begin, end
        The date; since when cases are looked at, and until when they may begin.
    """
    seen = watched(
        facts, found.only(found.start >= begin), most=PART_OF_AFTER * (end - change) / DAY, reach=MOST_HAVE_ENDED
    )
    if seen is None:
        return NOTHING
    after = seen.start >= change
    if min(after.sum(), (~after).sum()) < SMALLEST_SAMPLE or not _varies(seen.value, after):
        return NOTHING
    size = WEEK * int(np.ceil((end - begin) / DAY / WEEK / MOST_BLOCKS))
    place = np.floor((seen.start - change) / (size * DAY)).astype(np.int64)
    held = stats.blocks(seen.value, place, circumstances(facts, seen.case, seen.value), seen.weight)
    day = np.asarray((held.place + 0.5) * size + change / DAY, np.float64)
    if min((held.place >= 0).sum(), (held.place < 0).sum()) < FEWEST_BLOCKS:
        return NOTHING
    scale = float(np.average(held.mean, weights=held.cases))
    step = (held.place >= 0).astype(np.float64)[:, None]
    moved = stats.shifts(held.mean[:, None], held.noise, held.place, stats.calendar(day, scale), step)
    value, error, p = (float(each[0, 0]) for each in moved[:3])
    z = _placebos(held, day, scale)
    rank = 1.0 + float((np.abs(z) >= abs(value) / error).sum()) if len(z) else float("nan")
    return Adjusted(value, *stats.interval(value, error, level), p, len(z), rank, stats.knows_season(day))


def _varies(value: NDArray[np.float64], after: NDArray[np.bool_]) -> bool:
    """Whether there are enough of both of two values."""
    kinds = np.unique(value)
    if len(kinds) > 2:
        return True
    return len(kinds) == 2 and all(min((value == k).sum(), (value != k).sum()) >= FEWEST_OF_EACH for k in kinds)


def _placebos(held: stats.Blocks, day: NDArray[np.float64], scale: float) -> NDArray[np.float64]:
    """Step at each earlier date in units of its error, from what began before the real date."""
    early = held.place < 0
    where = held.place[early]
    dates = where[FEWEST_BLOCKS:-FEWEST_BLOCKS]
    if not len(dates):
        return np.zeros(0)
    steps = (where[:, None] >= dates[None, :]).astype(np.float64)
    noise = held.noise[np.ix_(early, early)]
    moved = stats.shifts(held.mean[early][:, None], noise, where, stats.calendar(day[early], scale), steps)
    found: NDArray[np.float64] = (moved.value / moved.error)[:, 0]
    return found
