"""A moment on the clock of a zone, and the same moment in UTC."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from l2c.words.notes import Note

# One byte instead of sixteen, on every event.
PRECISION = pl.Enum(["second", "minute", "day"])


class Times(NamedTuple):
    """Times of a column.

    Attributes
    ----------
    time, precision
        Naive UTC, null where unreadable; how exact each is.
    formats, notes
        The forms that were met, and remarks.
    empty
        Which values stand for no date, such as 0000-00-00 and 1900-01-00; None where none does.
    """

    time: pl.Series
    precision: pl.Series
    formats: tuple[str, ...]
    notes: tuple[Note, ...] = ()
    empty: pl.Series | None = None


def constant(text: str | None, like: pl.Series) -> pl.Series:
    """One precision for all of a column."""
    return pl.Series([text], dtype=PRECISION).new_from_index(0, len(like))


def numeric(column: pl.Series, timezone: str) -> Times:
    """Excel's day numbers are wall-clock time; seconds and milliseconds since 1970 are UTC."""
    x = pl.col("x")
    excel, seconds, milli = x.is_between(20_000, 80_000), x.is_between(5e8, 5e9), x.is_between(5e11, 5e12)
    found = pl.DataFrame({"x": column}).select(
        # 25,569 is 1970-01-01; Excel's fractions of a day are good to about a millisecond.
        pl.when(excel)
        .then(((x - 25_569) * 86_400_000).round() * 1000)
        .cast(pl.Int64)
        .cast(pl.Datetime("us"))
        .alias("wall"),
        pl.when(seconds)
        .then(x * 1_000_000)
        .when(milli)
        .then(x * 1000)
        .cast(pl.Int64)
        .cast(pl.Datetime("us"))
        .alias("utc"),
        pl.when(excel & (x == x.floor())).then(pl.lit("day")).otherwise(pl.lit("second")).alias("precision"),
    )
    local = localised(found["wall"], timezone)
    whole = found["precision"] == "day"
    time = found.select(pl.when(whole).then(pl.col("wall")).otherwise(pl.coalesce(local, "utc"))).to_series()
    return Times(time, found["precision"].cast(PRECISION), ("numbers",))


def localised(naive: pl.Series, timezone: str) -> pl.Series:
    """Wall-clock times of a zone in UTC: the earlier of two in autumn, an hour later where spring skips one."""
    if timezone == "UTC":
        return naive
    known = naive.dt.replace_time_zone(timezone, ambiguous="earliest", non_existent="null")
    skipped = known.is_null() & naive.is_not_null()
    if skipped.any():
        later = naive.dt.offset_by("1h").dt.replace_time_zone(timezone, ambiguous="earliest", non_existent="null")
        known = known.zip_with(~skipped, later)
    return known.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
