"""When do people work? Working days and hours of each region; local times are days since 2024-01-01 as floats."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from l2c.demo.chance import Codes, Flags, Floats

ORIGIN = np.datetime64("2024-01-01", "D")
YEARS = range(2024, 2032)
LENGTH = int(np.datetime64(f"{YEARS.stop}-01-01", "D").astype(int) - ORIGIN.astype(int))
OPENS, OPEN_FOR = 9 / 24, 9 / 24  # 9:00 to 18:00
BATCH = 15 / 24  # when a weekly batch is worked off

NORTH_AMERICA, DACH, UK, JAPAN, ASEAN = range(5)
# Hours ahead of UTC, without daylight saving: working hours then never leave the UTC day they belong to.
UTC_OFFSET = np.array([-5.0, 1.0, 0.0, 9.0, 8.0])

# The main public holidays (month, day) that return each year.
FIXED: dict[int, tuple[tuple[int, int], ...]] = {
    NORTH_AMERICA: ((1, 1), (6, 19), (7, 4), (11, 11), (12, 24), (12, 25)),
    DACH: ((1, 1), (5, 1), (10, 3), (12, 24), (12, 25), (12, 26), (12, 31)),
    UK: ((1, 1), (12, 25), (12, 26)),
    JAPAN: (
        (1, 1),
        (1, 2),
        (1, 3),
        (2, 11),
        (2, 23),
        (4, 29),
        (5, 3),
        (5, 4),
        (5, 5),
        (8, 11),
        (8, 13),
        (8, 14),
        (8, 15),
        (11, 3),
        (11, 23),
        (12, 29),
        (12, 30),
        (12, 31),
    ),
    ASEAN: ((1, 1), (5, 1), (8, 9), (12, 25)),
}
# (month, weekday from Monday = 0, which one in the month, -1 for the last).
FLOATING: dict[int, tuple[tuple[int, int, int], ...]] = {
    NORTH_AMERICA: ((1, 0, 3), (5, 0, -1), (9, 0, 1), (11, 3, 4), (11, 4, 4)),
    UK: ((5, 0, 1), (5, 0, -1), (8, 0, -1)),
    JAPAN: ((1, 0, 2), (7, 0, 3), (9, 0, 3), (10, 0, 2)),
}
EASTER = ("2024-03-31", "2025-04-20", "2026-04-05", "2027-03-28", "2028-04-16", "2029-04-01", "2030-04-21")
AROUND_EASTER = {DACH: (-2, 1, 39, 50), UK: (-2, 1)}
LUNAR_NEW_YEAR = ("2024-02-12", "2025-01-29", "2026-02-17", "2027-02-08", "2028-01-26", "2029-02-13", "2030-02-04")


class Calendar(NamedTuple):
    """Tables by region and day: is it a working day, how many came before, where is the n-th, the next batch day."""

    works: NDArray[np.bool_]
    before: NDArray[np.int64]
    nth: NDArray[np.int64]
    friday: NDArray[np.int64]
    month: NDArray[np.int64]
    quarter: NDArray[np.int64]


@cache
def calendar() -> Calendar:
    """Return the calendar of all regions."""
    days = ORIGIN + np.arange(LENGTH)
    weekday = (days.astype("datetime64[D]").astype(int) + 3) % 7
    works = np.tile(weekday < 5, (len(UTC_OFFSET), 1))
    for region in range(len(UTC_OFFSET)):
        for day in _holidays(region):
            works[region, int((np.datetime64(day, "D") - ORIGIN).astype(int))] = False
    before: NDArray[np.int64] = np.cumsum(works, axis=1) - works
    nth = np.full(works.shape, LENGTH - 1)
    for region, row in enumerate(works):
        found = np.flatnonzero(row)
        nth[region, : len(found)] = found
    fridays = np.where(works & (weekday == 4), np.arange(LENGTH), LENGTH - 1)
    friday = np.minimum.accumulate(fridays[:, ::-1], axis=1)[:, ::-1]
    months = days.astype("datetime64[M]")
    quarter = (months - months.astype(int) % 3).astype("datetime64[D]") - ORIGIN
    return Calendar(works, before, nth, friday, months.astype(int) % 12 + 1, quarter.astype(np.int64))


def day(text: str) -> float:
    """Return the local midnight of an ISO date."""
    return float((np.datetime64(text, "D") - ORIGIN).astype(int))


def worked(start: Floats, days: float | Floats, region: Codes) -> Floats:
    """Return the moment after some working days (nine hours each) of work from a start; NaN stays NaN."""
    table, known = calendar(), ~np.isnan(start)
    whole, t = _day(start)
    spent = table.works[region, whole] * np.clip((t - whole - OPENS) / OPEN_FOR, 0, 1)
    done = np.where(known, table.before[region, whole] + spent + days, 0.0)
    full = np.minimum(done.astype(np.int64), LENGTH - 1)
    return np.where(known, table.nth[region, full] + OPENS + (done - full) * OPEN_FOR, np.nan)


def waited(start: Floats, days: float | Floats, region: Codes, lag: Floats) -> Floats:
    """Return the moment after some calendar days, or in the next working hours: the customer's answer.

    `lag` in [0, 1) spreads what would all come at nine o'clock.
    """
    arrival = start + days
    whole, t = _day(arrival)
    inside = calendar().works[region, whole] & (np.abs(t - whole - OPENS - OPEN_FOR / 2) <= OPEN_FOR / 2)
    return np.where(inside | np.isnan(arrival), arrival, worked(arrival, 0.01 + 0.5 * lag, region))


def batched(start: Floats, region: Codes, lag: Floats) -> Floats:
    """Return the next Friday afternoon on which a weekly batch is worked off."""
    whole, t = _day(start)
    first = np.minimum(whole + (t - whole >= BATCH), LENGTH - 1)
    return np.where(np.isnan(start), np.nan, calendar().friday[region, first] + BATCH + lag / 24)


def bank_day(when: Floats, region: Codes, *, later: Flags) -> Floats:
    """Return the working day on or before a moment, or on or after it where `later`."""
    table = calendar()
    whole, _ = _day(when)
    place = table.before[region, whole] - (~table.works[region, whole] & ~later)
    return np.where(np.isnan(when), np.nan, table.nth[region, np.clip(place, 0, LENGTH - 1)])


def month(when: Floats) -> Codes:
    """Return the month, 1 to 12; 1 for NaN."""
    return calendar().month[_day(when)[0]]


def quarter_start(when: Floats) -> Floats:
    """Return the first day of the quarter."""
    return calendar().quarter[_day(when)[0]].astype(np.float64)


def _day(when: Floats) -> tuple[Codes, Floats]:
    """Return the day a moment falls on, inside the calendar, and the moment with NaN as 0."""
    t = np.clip(np.nan_to_num(when), 0, LENGTH - 2)
    return t.astype(np.int64), t


def _holidays(region: int) -> list[date]:
    found = [date(year, m, d) for year in YEARS for m, d in FIXED[region]]
    found += [_floating(year, *rule) for year in YEARS for rule in FLOATING.get(region, ())]
    found += [date.fromisoformat(e) + timedelta(shift) for e in EASTER for shift in AROUND_EASTER.get(region, ())]
    if region == ASEAN:
        found += [date.fromisoformat(d) + timedelta(shift) for d in LUNAR_NEW_YEAR for shift in (0, 1)]
    return found


def _floating(year: int, month: int, weekday: int, which: int) -> date:
    if which < 0:
        last = date(year + month // 12, month % 12 + 1, 1) - timedelta(1)
        return last - timedelta((last.weekday() - weekday) % 7)
    first = date(year, month, 1)
    return first + timedelta((weekday - first.weekday()) % 7 + 7 * (which - 1))
