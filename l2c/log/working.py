"""How much working time lies between two moments?

The hours of a calendar become a table with a row per day of UTC: what was worked before it, and the spans that are
worked in it. Whatever is measured then is a look into that table, for a million pairs as for one, in any engine.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from l2c import engine
from l2c.log.calendar import Calendar, Week
from l2c.log.columns import FEW
from l2c.log.columns import MICROSECONDS_A_DAY as DAY
from l2c.log.zone import EPOCH, Clock, Times

if TYPE_CHECKING:
    from l2c.engine import Home

MINUTE = 60_000_000
# Years before and after a log for which the hours are laid out: due dates may lie there.
EARLIER, LATER = 1, 2
_WHICH = "_which"


@dataclass(frozen=True, eq=False)
class Schedule:
    """The working time of a place, day by day of UTC.

    Attributes
    ----------
    first
        The first day, in days since 1970.
    before
        Microseconds worked before each day.
    begin, length
        For each day the spans that are worked in it: microseconds after its midnight, and how long.
    zero
        What was worked before its midnight, or, where that midnight stands for a date, before the date began in the zone.
    workdays
        The days of the zone that are worked, in days since 1970, ascending.
    """

    first: int
    before: Times
    begin: NDArray[np.int64]
    length: NDArray[np.int64]
    zero: Times
    workdays: NDArray[np.int64]

    def worked(self, times: Times) -> Times:
        """Microseconds worked before each moment, counted from some fixed one."""
        day = times // DAY
        within = times - day * DAY
        place = day - self.first
        row = np.clip(place, 0, len(self.before) - 1)
        found = self.before[row]
        for begin, length in self._slots:
            past = within - begin[row]
            np.maximum(past, 0, out=past)
            found += np.minimum(past, length[row], out=past)
        if self.zero is not self.before:
            date = within == 0
            found[date] = self.zero[row[date]]
        # Outside of the years that are laid out, such as a due date in thirty years, the mean pace goes on.
        out = place != row
        if out.any():
            pace = float(self.before[-1] - self.before[0]) / max(len(self.before) - 1, 1) / DAY
            found = np.where(
                out, self.before[row] + ((times - (row + self.first) * DAY) * pace).astype(np.int64), found
            )
        return np.asarray(found)

    @cached_property
    def _slots(self) -> list[tuple[Times, Times]]:
        """The spans of all days, the first ones of each together: what lies together is found fast."""
        columns = zip(self.begin.T, self.length.T, strict=True)
        return [(np.ascontiguousarray(begin), np.ascontiguousarray(length)) for begin, length in columns]

    def later(self, days: NDArray[np.int64], many: NDArray[np.int64]) -> NDArray[np.int64]:
        """The day that lies so many working days after each day; after none the day itself, or the next that is worked."""
        at = np.searchsorted(self.workdays, days, "right") + many - 1
        on = np.searchsorted(self.workdays, days, "left")
        at = np.where(many <= 0, on, at)
        last = len(self.workdays) - 1
        found = self.workdays[np.clip(at, 0, last)]
        # Beyond the years that are laid out the mean pace goes on.
        pace = (self.workdays[-1] - self.workdays[0]) / max(last, 1)
        return np.asarray(found + np.ceil(np.maximum(at - last, 0) * pace).astype(np.int64))

    def between(self, days: NDArray[np.int64], until: NDArray[np.int64]) -> NDArray[np.int64]:
        """Working days after each day, up to another, negative where that lies before it."""
        counted = [np.searchsorted(self.workdays, each, "right") for each in (until, days)]
        return np.asarray(counted[0] - counted[1])


@dataclass(frozen=True, eq=False)
class Working:
    """The working time of a log: that of the place of each case.

    Attributes
    ----------
    schedules
        The first is that of cases whose place the calendar does not name.
    by, places
        The case attribute that names the place, and the schedule of each name.
    day
        Microseconds of a working day.
    """

    schedules: tuple[Schedule, ...]
    by: str | None
    places: dict[str, int]
    day: int

    @property
    def days_a_year(self) -> float:
        """Working days of a year."""
        hours = self.schedules[0]
        return float(hours.length.sum()) / self.day / len(hours.before) * 365

    def which(self, values: Any) -> NDArray[np.int64]:
        """The schedule of each case, by its values of `by`."""
        return np.array([self.places.get(str(value), 0) for value in values], np.int64)

    def days(self, start: Times, end: Times, which: NDArray[np.int64] | None) -> NDArray[np.float64]:
        """Working days from each start to each end."""
        if which is None or len(self.schedules) == 1:
            return (self.schedules[0].worked(end) - self.schedules[0].worked(start)) / self.day
        found = np.zeros(len(start), np.float64)
        for number, schedule in enumerate(self.schedules):
            some = which == number
            if some.any():
                found[some] = (schedule.worked(end[some]) - schedule.worked(start[some])) / self.day
        return found


def working(calendar: Calendar, clock: Clock, years: range, known: bool) -> Working:
    """Lay out a calendar over some years.

    Parameters
    ----------
    clock
        That of the log: where the calendar names no zone, its hours are of the zone of the business.
    known
        Whether the log has the attribute that tells the place of a case.
    """
    regions = calendar.regions if known else {}
    weeks = [calendar.week, *regions.values()]
    schedules = tuple(schedule(week, clock, years) for week in weeks)
    day = round(calendar.day_hours * 60 * MINUTE)
    return Working(schedules, calendar.by if regions else None, {n: k for k, n in enumerate(regions, 1)}, day)


def schedule(week: Week, clock: Clock, years: range) -> Schedule:
    """Lay out the hours of a place over some years."""
    here = clock if week.zone is None else Clock(week.zone, dates=clock.dates)
    first, last = ((datetime(year, 1, 1) - EPOCH).days for year in (years[0], years[-1] + 1))
    days = np.arange(first - 1, last + 2)
    closed = np.array([(day - EPOCH.date()).days for day in week.closed(years)], np.int64)
    extra = np.array([(day - EPOCH.date()).days for day in week.worked], np.int64)
    # Day 0 was a Thursday.
    weekday = (days + 3) % 7
    open_ = ~np.isin(days, closed)
    start, end = _spans(week, days, weekday, open_, np.isin(days, extra), here)
    workdays = np.array([bool(week.hours[day]) for day in weekday]) & open_ | np.isin(days, extra)
    row, begin, length = _by_day(start, end)
    inside = (row >= first) & (row < last)
    row, begin, length = row[inside] - first, begin[inside], length[inside]
    many = last - first
    slot = np.arange(len(row)) - np.searchsorted(row, row)
    wide = int(slot.max(initial=0)) + 1
    begins, lengths = np.zeros((many, wide), np.int64), np.zeros((many, wide), np.int64)
    begins[row, slot], lengths[row, slot] = begin, length
    before = np.concatenate([[0], np.cumsum(lengths.sum(axis=1))[:-1]])
    found = Schedule(first, before, begins, lengths, before, days[workdays])
    midnights = np.arange(first, last) * DAY
    dated = here.instants(midnights)
    if (dated == midnights).all():
        return found
    return Schedule(first, before, begins, lengths, found.worked(dated), days[workdays])


def _spans(
    week: Week,
    days: NDArray[np.int64],
    weekday: NDArray[np.int64],
    open_: NDArray[Any],
    extra: NDArray[Any],
    clock: Clock,
) -> tuple[Times, Times]:
    """All spans that are worked, as moments, in order."""
    # A day worked by way of exception has the hours of a usual one.
    usual = max(week.hours, key=lambda day: sum(end - start for start, end in day))
    starts, ends = [], []
    for day, hours in enumerate(week.hours):
        for spans, some in ((hours, open_ & ~(extra & (not hours))), (usual, extra & (not hours))):
            at = days[(weekday == day) & some] * DAY
            for start, end in spans:
                starts.append(at + start * MINUTE)
                ends.append(at + end * MINUTE)
    began, ended = clock.moments(np.concatenate(starts)), clock.moments(np.concatenate(ends))
    order = np.argsort(began, kind="stable")
    began, ended = began[order], ended[order]
    kept = ended > began
    return began[kept], ended[kept]


def _by_day(start: Times, end: Times) -> tuple[NDArray[np.int64], Times, Times]:
    """Spans cut at the midnights of UTC: day, begin and length, in order."""
    began, stopped = start // DAY, (end - 1) // DAY
    many = stopped - began + 1
    span = np.repeat(np.arange(len(start)), many)
    day = began[span] + np.arange(len(span)) - np.repeat(np.cumsum(many) - many, many)
    begin, stop = np.maximum(start[span], day * DAY), np.minimum(end[span], (day + 1) * DAY)
    order = np.lexsort((begin, day))
    return day[order], (begin - day * DAY)[order], (stop - begin)[order]


def over(first: datetime, last: datetime) -> range:
    """The years for which the hours of a log are laid out."""
    return range(first.year - EARLIER, last.year + LATER + 1)


def measured(
    cases: nw.LazyFrame[Any], events: nw.LazyFrame[Any], clocked: Working, home: Home
) -> tuple[nw.LazyFrame[Any], nw.LazyFrame[Any]]:
    """Cases and events whose `duration_days` and `wait_days` are working days, in the engine that holds them."""
    table = engine.table(_table(clocked), home)
    columns, of_cases = events.collect_schema().names(), cases.collect_schema().names()
    placed = _placed(cases, clocked, home)
    by_case = placed.select("case_key", _WHICH)
    rows = engine.clock(events, "time").join(by_case, on="case_key", how="left")
    wait = (nw.col("wait_days") * DAY).round(0).cast(nw.Int64())
    rows = rows.with_columns(_then=nw.col("_at") + nw.when(wait.is_null()).then(0).otherwise(wait))
    rows = _worked(_worked(rows, "_at", "_w0", table, clocked), "_then", "_w1", table, clocked)
    days = (nw.col("_w1") - nw.col("_w0")) / clocked.day
    rows = rows.with_columns(wait_days=nw.when(~nw.col("wait_days").is_null()).then(days))
    whole = engine.clock(placed, "ended").rename({"_at": "_then"})
    whole = engine.clock(whole, "started")
    whole = _worked(_worked(whole, "_at", "_w0", table, clocked), "_then", "_w1", table, clocked)
    whole = whole.with_columns(duration_days=days)
    return (
        engine.table(whole.select(of_cases), home),
        engine.table(rows.select(columns), home, dict.fromkeys(c for c in FEW if c in columns)),
    )


def _placed(cases: nw.LazyFrame[Any], clocked: Working, home: Home) -> nw.LazyFrame[Any]:
    """The cases with the number of their schedule."""
    if clocked.by is None:
        return cases.with_columns(nw.lit(0).cast(nw.Int64()).alias(_WHICH))
    import polars as pl

    names = pl.DataFrame({"_place": list(clocked.places), _WHICH: list(clocked.places.values())})
    at = cases.with_columns(nw.col(clocked.by).cast(nw.String()).alias("_place"))
    found = at.join(engine.table(names, home), on="_place", how="left").drop("_place")
    return found.with_columns(nw.when(nw.col(_WHICH).is_null()).then(0).otherwise(nw.col(_WHICH)).alias(_WHICH))


def _table(clocked: Working) -> Any:
    """The schedules as one table: a row per schedule and day."""
    import polars as pl

    wide = max(each.begin.shape[1] for each in clocked.schedules)
    parts = []
    for number, each in enumerate(clocked.schedules):
        columns: dict[str, Any] = {
            "_number": np.full(len(each.before), number, np.int64),
            "_day": each.first + np.arange(len(each.before)),
            "_before": each.before,
            "_zero": each.zero,
        }
        for slot in range(wide):
            there = slot < each.begin.shape[1]
            empty = np.zeros(len(each.before), np.int64)
            columns[f"_s{slot}"] = each.begin[:, slot] if there else empty
            columns[f"_l{slot}"] = each.length[:, slot] if there else empty
        parts.append(pl.DataFrame(columns))
    return pl.concat(parts)


def _worked(
    rows: nw.LazyFrame[Any], at: str, name: str, table: nw.LazyFrame[Any], clocked: Working
) -> nw.LazyFrame[Any]:
    """Add what was worked before a moment, as `Schedule.worked` counts it."""
    wide = max(each.begin.shape[1] for each in clocked.schedules)
    rows = rows.with_columns(
        _day=((nw.col(at) - nw.col(at) % DAY) / DAY).round(0).cast(nw.Int64()), _in=nw.col(at) % DAY
    )
    both = rows.join(table, left_on=["_day", _WHICH], right_on=["_day", "_number"], how="left")
    found = nw.col("_before")
    for slot in range(wide):
        past, length = nw.col("_in") - nw.col(f"_s{slot}"), nw.col(f"_l{slot}")
        found = found + nw.when(past <= 0).then(0).otherwise(nw.when(past < length).then(past).otherwise(length))
    found = nw.when(nw.col("_in") == 0).then(nw.col("_zero")).otherwise(found)
    gone = ["_day", "_in", "_before", "_zero", *(f"_{kind}{slot}" for slot in range(wide) for kind in "sl")]
    return both.with_columns(found.alias(name)).drop(gone)
