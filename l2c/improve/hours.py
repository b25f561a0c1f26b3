"""When is work done: days on the clock of the business, and days of work, there and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from l2c.diagnose.waits.shifts import Shifts

Floats = NDArray[np.float64]
# The end of a day of work and the beginning of the next one are the same amount of work; this much apart they are told apart.
MOMENT = 1e-9


@dataclass(frozen=True)
class Hours:
    """Hours of work of a week.

    Attributes
    ----------
    opens, length
        When work begins and how long it lasts, in days (8 hours: 1/3).
    days
        On which days of the week, Monday first.
    """

    opens: float
    length: float
    days: tuple[bool, ...] = (True,) * 5 + (False,) * 2

    @classmethod
    def of(cls, shifts: Shifts) -> Hours:
        """The hours that somebody's own events tell."""
        return cls(shifts.start / 24, shifts.hours / 24, tuple(bool(day) for day in shifts.days))

    @property
    def a_week(self) -> float:
        """Hours a week."""
        return 24 * self.length * sum(self.days)

    def worked(self, time: Floats) -> Floats:
        """Days of work since the origin (a Monday) until some times, in days since then."""
        shifted = time - self.opens
        day = np.floor(shifted)
        within = np.minimum(shifted - day, self.length)
        before = np.array([0, *accumulate(self.days)])
        place = day.astype(np.int64) % 7
        full = (day // 7) * before[-1] + before[place]
        return np.asarray(full * self.length + np.where(np.array(self.days)[place], within, 0.0))

    def moments(self, worked: Floats) -> Floats:
        """When so much has been worked, the inverse of `worked`: work that ends with the day ends when the day does."""
        worked = worked - MOMENT
        full = np.floor(worked / self.length)
        week, place = np.divmod(full, sum(self.days))
        day = np.flatnonzero(self.days)[place.astype(np.int64)]
        return np.asarray(week * 7 + day + self.opens + (worked - full * self.length) + MOMENT)

    def moment(self, *, begins: bool = False) -> Callable[[float], float]:
        """`moments` for one number at a time, without the price of an array; or when the work after it begins."""
        length, opens, open_ = self.length, self.opens, [k for k, day in enumerate(self.days) if day]
        many, moved = len(open_), MOMENT if begins else -MOMENT

        def when(worked: float) -> float:
            full, within = divmod(worked + moved, length)
            week, place = divmod(int(full), many)
            return week * 7 + open_[place] + opens + within - moved

        return when


# The clock itself.
ALWAYS = Hours(0.0, 1.0, (True,) * 7)
