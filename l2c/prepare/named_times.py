"""What day do a month, a week, or the name of a sheet or file stand for?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cache

import polars as pl

from l2c.prepare import times
from l2c.words.errors import AmbiguousDates
from l2c.words.vocabulary import entries

_DAY = re.compile(r"(?<!\d)(20\d\d)([-_. /年]?)(\d\d?)(?:\2|月)(\d\d?)日?(?!\d)")
_MONTH = re.compile(r"(?<!\d)(20\d\d)\s*[-_. /年]?\s*(0?[1-9]|1[0-2])月?(?!\d)")
_MONTH_FIRST = re.compile(r"(?<!\d)(0?[1-9]|1[0-2])[-_. /](20\d\d)(?!\d)")
_WEEK = re.compile(r"(?<!\d)(20\d\d)[-_. ]?(?:W|CW|KW|S|WK|WEEK)[-_. ]?(\d{1,2})(?!\d)", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
# A cell that is a week or a month, and no day: what was seen then was seen at its end.
_PERIOD = (
    r"(?i)^\s*(?:20\d\d[-_. ]?(?:W|CW|KW|S|WK|WEEK)[-_. ]?\d{1,2}|20\d\d\s*[-_. /年]?\s*(?:0[1-9]|1[0-2]|[1-9])月?"
    r"|(?:0?[1-9]|1[0-2])[-_. /]20\d\d|\pL[^\d]*\s20\d\d)\s*$"
)
# Cells of a column that are looked at to tell whether it holds dates.
_SOME = 2_000


def of_text(text: str) -> datetime | None:
    """Return the last day of the day, week or month that a text names with its year: `2025-02`, `Feb 2025`, `2025-W06`."""
    text = unicodedata.normalize("NFKC", text)
    try:
        # Without signs between them, each number has its two digits.
        if (found := _DAY.search(text)) and (found[2] or len(found[0]) == 8):
            return datetime(int(found[1]), int(found[3]), int(found[4]))
        if found := _WEEK.search(text):
            return datetime.fromisocalendar(int(found[1]), int(found[2]), 7)
    except ValueError:
        return None
    if found := _MONTH.search(text):
        return _end(int(found[1]), int(found[2]))
    if found := _MONTH_FIRST.search(text):
        return _end(int(found[2]), int(found[1]))
    year, month = _YEAR.search(text), _month(text)
    return _end(int(year[1]), month) if year and month else None


def of_column(cells: pl.Series) -> pl.Series:
    """The days that the texts of a column stand for; null for a text that names none."""
    named = {text: of_text(text) for text in cells.cast(pl.String).drop_nulls().unique()}
    return cells.cast(pl.String).replace_strict(named, default=None, return_dtype=pl.Datetime("us"))


def with_named(read: times.Times, cells: pl.Series) -> times.Times:
    """Add to the times of a column the days that weeks and months in it stand for."""
    text = cells.cast(pl.String).str.replace(r"\.0$", "")
    wanted = (read.time.is_null() | text.str.contains(_PERIOD)).fill_null(False) & text.is_not_null()
    if not wanted.any():
        return read
    named = of_column(text)
    wanted &= named.is_not_null()
    day = pl.Series(["day"], dtype=times.PRECISION).new_from_index(0, len(cells))
    return read._replace(time=named.zip_with(wanted, read.time), precision=day.zip_with(wanted, read.precision))


def are_dates(cells: pl.Series) -> bool:
    """Tell whether nearly all cells of a column, and some, are dates, times, weeks or months."""
    if cells.dtype.is_temporal():
        return True
    some = cells.drop_nulls().head(_SOME).cast(pl.String)
    # A number alone is a quantity, not a day.
    some = some.filter(~some.str.contains(r"^[\s\d.,]*$"))
    if not len(some) or len(some) < 0.9 * min(cells.len() - cells.null_count(), _SOME):
        return False
    try:
        read = times.parse_times(some, where="").time
    except AmbiguousDates:
        return True
    known = read.is_not_null() | of_column(some).is_not_null()
    return bool(known.mean() >= 0.9)  # type: ignore[operator]


def of_names(names: Sequence[str]) -> tuple[list[tuple[datetime | None, int]], bool]:
    """When each of several tables was made, and its place among them, oldest first.

    Parameters
    ----------
    names
        What the tables are called: `Jan`, `2025-02`, `pipeline_20250203.csv`, `report.xlsx › 3月`.

    Returns
    -------
    For each the day, where all names tell it with the year, and its rank; whether the names tell the ranks. Names of months
    without a year are in the order of the year, beginning after the widest gap; `old` and `copy` are older than all others;
    `export (2)` is younger than `export`; what tells nothing stands where it stood.
    """
    # The sheet tells more than the file, which may tell the year.
    told = [name.split(" › ") for name in names]
    days = [of_text(parts[-1]) or _in_year(parts) for parts in told]
    months = [_month(parts[-1]) for parts in told]
    old = [_is_aged(parts[-1]) for parts in told]
    here = range(len(names))
    by_day = all(days[n] or old[n] for n in here)
    by_month = not by_day and all(months[n] or old[n] for n in here)
    first = _first([month for month in months if month]) if by_month else 1
    keys: list[tuple[bool, int, int, int]] = []
    for n in here:
        day, month = days[n], months[n]
        step = day.toordinal() if by_day and day else (month - first) % 12 if by_month and month else 0
        again = re.search(r"[( _v](\d{1,3})\)?$", re.sub(r"\.\w+$", "", told[n][-1]))
        keys.append((not old[n], step, int(again[1]) if again else 1, n))
    place = {n: rank for rank, (*_, n) in enumerate(sorted(keys))}
    tells = by_day or by_month or len({key[:3] for key in keys}) == len(names)
    return [(days[n] if by_day and not old[n] else None, place[n]) for n in here], tells


def _in_year(parts: Sequence[str]) -> datetime | None:
    """The month that a sheet names, in the year that its file names and nothing more."""
    # A fiscal year has months of two years.
    fiscal = re.search(r"年度|\bFY|GJ|Geschäftsjahr|exercice|fiscal", parts[0], re.IGNORECASE)
    if len(parts) < 2 or fiscal or of_text(parts[0]) or not (year := _YEAR.search(parts[0])):
        return None
    return of_text(f"{parts[-1]} {year[1]}")


def _first(months: Sequence[int]) -> int:
    """The month with which a row of months begins: November, December, January begin in November."""
    known = sorted(set(months))
    gaps = [(known[n] - known[n - 1]) % 12 or 12 for n in range(len(known))]
    begins = [month for month, gap in zip(known, gaps, strict=True) if gap == max(gaps)]
    for month in begins:
        # A fiscal year may begin in any month: then the sheets stand in its order, or in the reverse.
        steps = [(each - month) % 12 for each in months]
        if steps in (sorted(steps), sorted(steps, reverse=True)):
            return month
    return begins[0]


def _end(year: int, month: int) -> datetime:
    following = date(year + month // 12, month % 12 + 1, 1)
    return datetime.combine(following - timedelta(days=1), datetime.min.time())


@cache
def _months() -> dict[str, int]:
    return {_plain(str(name)): n for n, names in enumerate(entries("states")["months"], 1) for name in names}


def _month(text: str) -> int | None:
    """The one month that a text names by a word of its own."""
    text = _plain(text)
    words = set(re.findall(r"\d{0,2}[月월]|[^\W\d_]+", text))
    found = {_months()[word] for word in words if word in _months()}
    return found.pop() if len(found) == 1 else None


def _is_aged(text: str) -> bool:
    words = re.findall(r"[^\W\d_]+", _plain(text))
    return any(
        _plain(str(w)) in words if str(w).isascii() else _plain(str(w)) in _plain(text)
        for w in entries("states")["aged"]
    )


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text).casefold()
    return unicodedata.normalize("NFC", "".join(c for c in folded if unicodedata.category(c) != "Mn"))
