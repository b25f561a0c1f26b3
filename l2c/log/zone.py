"""On which day, in which month, in which quarter was it, where the business is?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from l2c import engine
from l2c.log.columns import MICROSECONDS_A_DAY as DAY

if TYPE_CHECKING:
    import pandas as pd

Times = NDArray[np.int64]
EPOCH = datetime(1970, 1, 1)
# Further from 1970 there are no calendars, only marks for "never".
_LAST = 365_000 * DAY


@dataclass(frozen=True, eq=False)
class Clock:
    """The calendar of a log: instants are UTC, days, months, quarters and years are those of the business.

    The one place that cuts time. An instant belongs to the day that it is in the zone; a date without a time, which
    stands as midnight in the log, belongs to its day in any zone.

    Attributes
    ----------
    zone
        IANA name, such as `Asia/Tokyo`.
    fiscal_year_starts
        Month in which the fiscal year begins; quarters are counted from it.
    dates
        Days since 1970, ascending, whose UTC midnight stands for a date in this log.
    """

    zone: str = "UTC"
    fiscal_year_starts: int = 1
    dates: NDArray[np.int64] | None = None

    @property
    def is_utc(self) -> bool:
        """Whether the wall clock shows UTC, so that nothing has to be turned."""
        return self.zone == "UTC"

    def local(self, times: Times) -> Times:
        """What the clock on the wall showed, in microseconds since 1970; a date stays on its day, NEVER never."""
        if self.is_utc or not len(times):
            return times
        import pandas as pd

        known = np.abs(times) < _LAST
        inside = np.where(known, times, 0)
        index = pd.DatetimeIndex(inside.astype("datetime64[us]")).tz_localize("UTC").tz_convert(self.zone)
        wall = index.tz_localize(None).as_unit("us").asi8
        return np.where(known & ~self._is_date(times), wall, times)

    def instants(self, times: Times) -> Times:
        """The moment of each time: that of a date is the midnight with which its day begins in the zone."""
        if self.is_utc or not len(times):
            return times
        date = self._is_date(times)
        if not date.any():
            return times
        found = times.copy()
        found[date] = self.moments(times[date])
        return found

    def moments(self, walls: Times) -> Times:
        """The moments at which the clock showed some times: the earlier of two in autumn, the end of the gap in spring."""
        if self.is_utc or not len(walls):
            return walls
        import pandas as pd

        index = pd.DatetimeIndex(walls.astype("datetime64[us]"))
        zoned = index.tz_localize(self.zone, ambiguous=np.ones(len(walls), bool), nonexistent="shift_forward")
        return np.asarray(zoned.tz_convert("UTC").tz_localize(None).as_unit("us").asi8)

    def days(self, times: Times) -> NDArray[np.int64]:
        """Day of each time, in days since 1970."""
        return np.asarray(self.local(times) // DAY)

    def day(self, time: int) -> int:
        """Day of one time, in days since 1970."""
        return int(self.days(np.array([time], np.int64))[0])

    def months(self, times: Times) -> NDArray[np.datetime64]:
        """Month of each time."""
        return self.local(times).astype("datetime64[us]").astype("datetime64[M]")

    def quarter(self, time: int) -> np.datetime64:
        """First month of the quarter of a time; quarters are counted from the beginning of the fiscal year."""
        month = self.months(np.array([time], np.int64))[0]
        since = (month.astype(np.int64) - (self.fiscal_year_starts - 1)) % 3
        return np.datetime64(int(month.astype(np.int64) - since), "M")

    def utc(self, wall: datetime) -> datetime:
        """The moment at which the clock on the wall showed a time: the earlier of two in autumn, naive UTC."""
        if self.is_utc:
            return wall
        try:
            return wall.replace(tzinfo=ZoneInfo(self.zone)).astimezone(UTC).replace(tzinfo=None)
        except OverflowError:  # the first or last day that a calendar knows
            return wall

    def begins(self, month: np.datetime64) -> int:
        """The moment at which a month or day begins, in microseconds since 1970."""
        return micros(self.utc(month.astype("datetime64[us]").item()))

    def shown(self, times: pd.Series[Any]) -> pd.Series[Any]:
        """Times as they are shown: what the clock on the wall showed."""
        if self.is_utc or not len(times):
            return times
        import pandas as pd

        stamps = times.to_numpy("datetime64[us]")
        wall = self.local(stamps.astype(np.int64)).astype("datetime64[us]")
        return pd.Series(np.where(np.isnat(stamps), stamps, wall), times.index, name=times.name)

    def wall(self, when: datetime) -> datetime:
        """What the clock on the wall showed at one moment."""
        found: datetime = self.local(np.array([micros(when)]))[0].astype("datetime64[us]").item()
        return found

    def since(self, column: nw.Expr, wall: datetime, home: Any, *, dates: bool = False) -> nw.Expr:
        """Whether times, in any engine, are not before a time on the wall.

        Parameters
        ----------
        dates
            Whether every midnight of the column is a date, as in a column of due dates.
        """
        moment = self.utc(wall)
        at_least = column >= engine.moment(moment, home)
        if moment == wall:
            return at_least
        # Between the moment and the same figures in UTC lies at most one midnight, and only a date is off by that much.
        low, high = sorted((moment, wall))
        midnight = datetime(low.year, low.month, low.day)
        midnight += timedelta(days=midnight < low)
        if midnight >= high or not (dates or self._is_date(np.array([micros(midnight)]))[0]):
            return at_least
        that = column == engine.moment(midnight, home)
        return at_least | that if moment > wall else at_least & ~that

    def _is_date(self, times: Times) -> NDArray[np.bool_]:
        """Whether times are dates: midnights of days on which this log has dates without a time."""
        if self.dates is None or not len(self.dates):
            return np.zeros(len(times), bool)
        days, within = np.divmod(times, DAY)
        place = np.minimum(np.searchsorted(self.dates, days), len(self.dates) - 1)
        return np.asarray((within == 0) & (self.dates[place] == days))

    @cached_property
    def of_dates(self) -> Clock:
        """The clock of columns that hold dates, such as due dates: every midnight in them is one."""
        return Clock(self.zone, self.fiscal_year_starts, _EVERY)


_EVERY = np.arange(-36_525, 73_050)


def clock(events: nw.LazyFrame[Any], zone: str, fiscal_year_starts: int) -> Clock:
    """The clock of a log; which of its midnights are dates is told by the precision of its events.

    Where events of one moment are both, dates and not, most of them decide.
    """
    if zone == "UTC":
        return Clock(zone, fiscal_year_starts)
    coarse = nw.col("precision") == "day"
    dated = events.filter(coarse).select("time").unique()
    met = events.join(dated, on="time", how="semi").group_by("time")
    rows = engine.collect(met.agg(day=coarse.cast(nw.Int64()).sum(), n=nw.len().cast(nw.Int64())))
    times = rows.loc[rows["day"] * 2 > rows["n"], "time"].to_numpy("datetime64[us]").astype(np.int64)
    return Clock(zone, fiscal_year_starts, np.sort(times[times % DAY == 0] // DAY))


def micros(when: datetime) -> int:
    """Microseconds since 1970."""
    return int(np.datetime64(when, "us").astype(np.int64))
