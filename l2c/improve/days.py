"""What does the clock on the wall show while cases stay: which hour, which kind of day?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l2c.log.base import Base
from l2c.log.columns import MICROSECONDS_A_DAY
from l2c.log.zone import Clock

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
# A Monday, from which weekdays are counted.
MONDAY = 4
# Waits up to so many days are kept as they are; longer ones end at the hour and on the kind of day at which such waits end.
SHORT = 0.5
# Longer than anybody watches.
FOREVER = 1e6


@dataclass(frozen=True, eq=False)
class Days:
    """Times of a log as days since a Monday, by the clock of the business.

    Attributes
    ----------
    origin
        That Monday, in days since 1970.
    clock
        The clock of the log.
    off
        Whether nobody works on each of the days since then.
    near
        For each day, how many days on (or back) the nearest day lies on which somebody works, and on which nobody does, in turn.
    ahead
        For each day, how many days on the next day lies on which somebody works; 0 on such a day.
    free
        For each day, how many days in a row up to it, or up to the one before it if somebody works on it, nobody works.
    """

    origin: int
    clock: Clock
    off: Flags
    near: NDArray[np.int64]
    ahead: NDArray[np.int64]
    free: NDArray[np.int64]

    @classmethod
    def of(cls, base: Base, first: int, last: int) -> Days:
        """The days of a log from one moment to another and as long again, in microseconds since 1970.

        Where the log has a calendar, it says on which days nobody works; where it has none, on Saturdays and Sundays.
        """
        begin = first // MICROSECONDS_A_DAY
        origin = int(begin - (begin - MONDAY) % 7)
        many = int(3 * (last // MICROSECONDS_A_DAY - origin) + 800)
        off = np.arange(many) % 7 >= 5
        if base.calendar is not None:
            plan = base.working.schedules[0]
            known = slice(max(plan.first - origin, 0), min(plan.first + len(plan.before) - origin, many))
            off[known] = True
            worked = plan.workdays - origin
            off[worked[(worked >= 0) & (worked < many)]] = False
        near = np.column_stack([_nearest(~off), _nearest(off)]).reshape(-1)
        return cls(origin, base.clock, off, near, _ahead(off), _free(off))

    def since(self, times: NDArray[np.int64]) -> Floats:
        """Days since the origin of moments in microseconds, as the clock on the wall shows them."""
        return np.asarray(self.clock.local(times) / MICROSECONDS_A_DAY - self.origin)

    def moments(self, days: Floats) -> NDArray[np.int64]:
        """The moments, in microseconds, at which the clock shows such days; to the second."""
        walls = np.round((days + self.origin) * 86400).astype(np.int64) * 1_000_000
        return self.clock.moments(walls)

    def is_off(self, days: Floats) -> Flags:
        """Whether nobody works on the day of each time."""
        return np.asarray(self.off[self._place(np.floor(days).astype(np.int64))])

    def rest_before(self, days: Floats) -> NDArray[np.int64]:
        """How many days in a row nobody works up to each time, or up to the day before if somebody works on its day."""
        return self.free.take(self._place(np.floor(days).astype(np.int64)))

    def tied(
        self,
        begin: Floats,
        wait: Floats,
        hour: Floats,
        off: Flags,
        bound: Flags,
        piles: Flags,
        now: Floats | None = None,
    ) -> Floats:
        """When stays end that last so long, where such stays end at an hour and on a kind of day.

        Parameters
        ----------
        begin, wait
            When each began, and the days it lasts.
        hour, off
            Part of the day at which the stay it is taken from ended, and whether nobody works on that day.
        bound
            Whether such stays keep away from days on which nobody works. Others end on any day: to move them off a weekend
            would heap them up before and after it.
        piles
            Whether what falls due on days on which nobody works lies until the next day of work (see `Leaves.piles`); else the
            nearest one is taken.
        now
            When each was still going on; its beginning unless given.
        """
        end = begin + wait
        known = wait < FOREVER
        lies = piles & ~off & known
        lies[lies] = self.is_off(end[lies])
        long = np.flatnonzero(((wait > SHORT) & known) | lies)
        first = (begin if now is None else now).take(long)
        hour, off, lies, piles = hour.take(long), off.take(long), lies.take(long), piles.take(long)
        bound = bound.take(long)
        # The nearest moment at that hour, then the nearest day of that kind.
        day = np.where(lies, np.floor(end.take(long)), np.round(end.take(long) - hour)).astype(np.int64)
        place = self._place(day)
        day += np.where(piles & ~off, self.ahead.take(place), self.near.take(2 * place + off)) * bound
        early = np.flatnonzero(day + hour < first)
        day[early] += np.ceil(first - day - hour)[early].astype(np.int64)
        day[early] += self.ahead.take(self._place(day[early])) * (bound & ~off)[early]
        end[long] = day + hour
        return end

    def _place(self, day: NDArray[np.int64]) -> NDArray[np.int64]:
        """The place of each day; beyond the last one the weeks go on."""
        last = len(self.off) - 14
        last -= last % 7
        over = np.flatnonzero(day > last)
        if len(over):
            day = day.copy()
            day[over] = last + (day[over] - last) % 7
        return np.maximum(day, 0)


def _ahead(off: Flags) -> NDArray[np.int64]:
    """How far the next day of work lies from each day; 0 where there is none within a month."""
    places = np.arange(len(off))
    far = np.minimum.accumulate(np.where(off, len(off) + 100, places)[::-1])[::-1] - places
    return np.asarray(np.where(far <= 31, far, 0), np.int64)


def _free(off: Flags) -> NDArray[np.int64]:
    """How many days off in a row end with each day, or with the one before it."""
    places = np.arange(len(off))
    run = places - np.maximum.accumulate(np.where(off, -1, places))
    return np.asarray(np.where(off, run, np.append(0, run[:-1])), np.int64)


def _nearest(some: Flags) -> NDArray[np.int64]:
    """How far the nearest of some days lies from each day; 0 where there is none within a week."""
    places = np.arange(len(some))
    before = np.maximum.accumulate(np.where(some, places, -100))
    after = np.minimum.accumulate(np.where(some, places, len(some) + 100)[::-1])[::-1]
    far: Any = np.where(places - before <= after - places, before, after) - places
    return np.asarray(np.where(np.abs(far) <= 7, far, 0), np.int64)
