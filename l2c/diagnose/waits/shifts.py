"""When does somebody work, as their own events tell it?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from l2c.measures.facts import DAY

HOUR = DAY // 24
# Work done outside these hours of somebody's day is the exception; a day of fewer hours is widened.
USUAL, SHORTEST = 0.97, 8
RARE_DAY = 0.03


class Shifts(NamedTuple):
    """Hours in which somebody works: from `start` on (UTC, hours), `hours` long, on some days of the week."""

    start: int
    hours: int
    days: NDArray[np.bool_]

    def open_time(self, time: NDArray[np.int64]) -> NDArray[np.int64]:
        """Working microseconds since some fixed moment."""
        shifted = time - self.start * HOUR
        day, within = np.divmod(shifted, DAY)
        week = self.days.astype(np.int64)
        before = np.concatenate([[0], np.cumsum(week)])
        # Day 0 was a Thursday.
        number = day + 3
        past = (number // 7) * int(week.sum()) + before[number % 7]
        return (
            past * self.hours * HOUR + np.where(week[number % 7] > 0, np.minimum(within, self.hours * HOUR), 0)
        ).astype(np.int64)

    @property
    def a_week(self) -> int:
        """Hours a week."""
        return int(self.hours * self.days.sum())


# Working time has no nights.
ALWAYS = Shifts(0, 24, np.ones(7, bool))


def weekday(time: NDArray[np.int64]) -> NDArray[np.int64]:
    """Day of the week, Monday 0."""
    return (time // DAY + 3) % 7


def days_of_week(time: NDArray[np.int64]) -> NDArray[np.bool_]:
    """The days of the week on which anything much happens."""
    counts = np.bincount(weekday(time), minlength=7)
    return counts >= RARE_DAY * max(counts.sum(), 1)


def shifts(time: NDArray[np.int64], days: NDArray[np.bool_]) -> Shifts:
    """The shortest stretch of the day in which somebody finishes nearly everything."""
    counts = np.bincount((time // HOUR) % 24, minlength=24).astype(np.float64)
    around = np.concatenate([[0.0], np.cumsum(np.tile(counts, 2))])
    for hours in range(1, 25):
        inside = around[hours : hours + 24] - around[:24]
        if inside.max() >= USUAL * counts.sum():
            start = int(np.argmax(inside))
            break
    if hours < SHORTEST:
        start, hours = (start - (SHORTEST - hours) // 2) % 24, SHORTEST
    return Shifts(start, hours, days)
