"""When did it happen? Times in any of the forms people export them in."""

from __future__ import annotations

import re
from typing import NamedTuple

import polars as pl

from l2c.words.errors import AmbiguousDates, BadTimeZone

_ERAS = {"令和": 2018, "R": 2018, "平成": 1988, "H": 1988, "昭和": 1925, "S": 1925}
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_CLOCK = (
    r"(?:(?:[T, ]+|\b)(?P<half_ja>午前|午後)?\s*(?P<h>\d{1,2})(?:[:時]\s*(?:(?P<mi>\d{1,2})(?:[:分]\s*"
    r"(?:(?P<s>\d{1,2})(?:[.,](?P<f>\d{1,9}))?秒?)?)?)?)?\s*(?P<half>AM|PM|A\.M\.|P\.M\.)?"
    r"\s*(?P<tz>Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?$"
)
_WEEKDAY = r"(?:(?:MON|TUE|WED|THU|FRI|SAT|SUN)[A-Z]*\.?,?\s+)?"
# Each form names its parts; what the parts mean is worked out once, below.
_FORMS = {
    "year first": r"^(?P<y>\d{4})\s*[-/.年]\s*(?P<m>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})日?(?:\s*\([^)]{1,3}\))?"
    + _CLOCK,
    "with dots": r"^(?P<d>\d{1,2})\.\s?(?P<m>\d{1,2})\.\s?(?P<y>\d{4}|\d{2})" + _CLOCK,
    "two numbers": r"^(?P<a>\d{1,2})[-/](?P<b>\d{1,2})[-/](?P<y>\d{4}|\d{2})" + _CLOCK,
    "day and month name": "^"
    + _WEEKDAY
    + r"(?P<d>\d{1,2})[- /.]*(?P<mon>[A-Z]{3})[A-Z]*[- /.,]*(?P<y>\d{4}|\d{2})"
    + _CLOCK,
    "month name and day": "^"
    + _WEEKDAY
    + r"(?P<mon>[A-Z]{3})[A-Z]*\.?\s+(?P<d>\d{1,2})(?:ST|ND|RD|TH)?,?\s+(?P<y>\d{4})"
    + _CLOCK,
    "Japanese era": r"^(?P<era>令和|平成|昭和|R|H|S)\s*(?P<y>\d{1,2}|元)\s*[年./-]\s*(?P<m>\d{1,2})\s*[月./-]\s*(?P<d>\d{1,2})日?"
    + _CLOCK,
    "compact": r"^(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?:[T ]?(?P<h>\d{2})(?P<mi>\d{2})(?P<s>\d{2})?(?P<tz>Z|[+-]\d{2}:?\d{2})?)?$",
}
_PARTS = ("y", "m", "d", "a", "b", "mon", "era", "h", "mi", "s", "f", "half", "half_ja", "tz")
_ISO, _SECONDS = r"^\d{4}-\d{2}-\d{2}", r"\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?"
# The usual machine-written forms, read without taking them apart: (what a value looks like, strptime form, precision).
_QUICK = (
    (_ISO + " " + _SECONDS + "$", "%Y-%m-%d %H:%M:%S%.f", "second"),
    (_ISO + "T" + _SECONDS + "$", "%Y-%m-%dT%H:%M:%S%.f", "second"),
    (_ISO + "T" + _SECONDS + "Z$", "%Y-%m-%dT%H:%M:%S%.fZ", "second"),
    (_ISO + " " + _SECONDS + r"[+-]\d{2}:\d{2}$", "%Y-%m-%d %H:%M:%S%.f%:z", "second"),
    (_ISO + "T" + _SECONDS + r"[+-]\d{2}:\d{2}$", "%Y-%m-%dT%H:%M:%S%.f%:z", "second"),
    (_ISO + "$", "%Y-%m-%d", "day"),
    (r"^\d{4}/\d{2}/\d{2} " + _SECONDS + "$", "%Y/%m/%d %H:%M:%S%.f", "second"),
    (_ISO + r" \d{2}:\d{2}$", "%Y-%m-%d %H:%M", "minute"),
)


# One byte instead of sixteen, on every event.
PRECISION = pl.Enum(["second", "minute", "day"])


class Times(NamedTuple):
    """Times of a column: `time` (naive UTC, null where unreadable), `precision`, and the forms that were met."""

    time: pl.Series
    precision: pl.Series
    formats: tuple[str, ...]


def parse_times(column: pl.Series, *, where: str, timezone: str = "UTC", date_format: str | None = None) -> Times:
    """Read a column of times; forms may be mixed within it.

    Parameters
    ----------
    column
        Text, numbers (Excel's days, or seconds or milliseconds since 1970), dates or times.
    where
        What to call the column in messages.
    timezone
        Zone of times that carry none. A date without a time has no zone and keeps its day.
    date_format
        `dmy`, `mdy` or a strptime pattern for what could be read in two ways.

    Returns
    -------
    Times in UTC without a zone; the precision `second`, `minute` or `day` of each; the forms met.

    Raises
    ------
    AmbiguousDates
        If numbers such as 1/2/2025 could be days first or months first, or are both in one column.
    BadTimeZone
        If there is no such zone.
    """
    check_zone(timezone)
    if column.dtype == pl.Date:
        return Times(column.cast(pl.Datetime("us")), _constant("day", column), ("dates",))
    if isinstance(column.dtype, pl.Datetime):
        return _typed(column, timezone)
    if column.dtype.is_numeric():
        return _numeric(column.cast(pl.Float64), timezone)
    return _text(column.cast(pl.String), where, timezone, date_format)


def _constant(text: str | None, like: pl.Series) -> pl.Series:
    return pl.Series([text], dtype=PRECISION).new_from_index(0, len(like))


def check_zone(name: str) -> None:
    """Refuse a zone that does not exist."""
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise BadTimeZone.named(name) from None


def _typed(column: pl.Series, timezone: str) -> Times:
    if column.dtype.time_zone:  # type: ignore[attr-defined]
        utc = column.dt.convert_time_zone("UTC").dt.replace_time_zone(None).cast(pl.Datetime("us"))
        return Times(utc, _constant("second", column), ("times with a zone",))
    naive = column.cast(pl.Datetime("us"))
    if (naive.drop_nulls().dt.truncate("1d") == naive.drop_nulls()).all():
        return Times(naive, _constant("day", column), ("dates",))
    return Times(_localised(naive, timezone), _constant("second", column), ("times",))


def _numeric(column: pl.Series, timezone: str) -> Times:
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
    local = _localised(found["wall"], timezone)
    whole = found["precision"] == "day"
    time = found.select(pl.when(whole).then(pl.col("wall")).otherwise(pl.coalesce(local, "utc"))).to_series()
    return Times(time, found["precision"].cast(PRECISION), ("numbers",))


def _localised(naive: pl.Series, timezone: str) -> pl.Series:
    """Wall-clock times of a zone in UTC: the earlier of two in autumn, an hour later where spring skips one."""
    if timezone == "UTC":
        return naive
    known = naive.dt.replace_time_zone(timezone, ambiguous="earliest", non_existent="null")
    skipped = known.is_null() & naive.is_not_null()
    if skipped.any():
        later = naive.dt.offset_by("1h").dt.replace_time_zone(timezone, ambiguous="earliest", non_existent="null")
        known = known.zip_with(~skipped, later)
    return known.dt.convert_time_zone("UTC").dt.replace_time_zone(None)


def _text(column: pl.Series, where: str, timezone: str, date_format: str | None) -> Times:
    order = {"dmy": "dmy", "mdy": "mdy"}.get(date_format or "")
    quick = list(_QUICK)
    if date_format and not order:
        clock = "second" if "%S" in date_format or "%T" in date_format else "minute"
        quick.insert(0, (".", date_format, clock if re.search("%[HIMST]", date_format) else "day"))
        order = "mdy" if "%m" in date_format.split("%d")[0] else "dmy"
    time, precision = pl.Series([None], dtype=pl.Datetime("us")), pl.Series([None], dtype=PRECISION)
    left = column.is_not_null()
    formats: list[str] = []
    for looks, form, exact in quick:
        if not _first(column, left, 200).str.contains(looks).any():
            continue
        found = _strptime(column if not formats else column.set(~left, None), form)
        read = found.is_not_null()
        if found.dtype.time_zone:  # type: ignore[attr-defined]
            found = found.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
        elif exact != "day" and not form.endswith("Z"):
            found = _localised(found, timezone)
        if read.all():
            return Times(found.rechunk(), _constant(exact, column), (form,))
        time = time.zip_with(~read, found)
        precision = precision.zip_with(~read, _constant(exact, column))
        left &= ~read
        formats += [form] if read.any() else []
    if len(time) != len(column):
        time, precision = (each.new_from_index(0, len(column)) for each in (time, precision))
    if left.any():
        rows = left.arg_true()
        rest = _by_form(column.gather(rows), where, timezone, order)
        time, precision = time.scatter(rows, rest.time), precision.scatter(rows, rest.precision)
        formats += rest.formats
    return Times(time, precision, tuple(formats))


def _first(column: pl.Series, chosen: pl.Series, many: int) -> pl.Series:
    """The first of the chosen values, without gathering all of them."""
    head = column.head(many)
    return head if chosen.head(many).all() else column.gather(chosen.arg_true().head(many))


def _strptime(column: pl.Series, form: str) -> pl.Series:
    """Read one form; whole seconds, read several times as fast as fractions, are tried first."""
    if "%.f" not in form or "%:z" in form:
        return column.str.to_datetime(form, strict=False, time_unit="us")
    found = column.str.to_datetime(form.replace("%.f", ""), strict=False, time_unit="us", cache=False)
    left = found.is_null() & column.is_not_null()
    if not left.any():
        return found
    rows = left.arg_true()
    return found.scatter(rows, column.gather(rows).str.to_datetime(form, strict=False, time_unit="us"))


def _by_form(column: pl.Series, where: str, timezone: str, order: str | None) -> Times:
    """Take values apart by the first form that fits them."""
    clean = column.str.normalize("NFKC").str.strip_chars().str.to_uppercase()
    numbers = clean.str.extract(r"^(\d{5}(?:\.\d+)?|\d{10}|\d{13})$").cast(pl.Float64)
    parts = pl.DataFrame({name: pl.Series([None], dtype=pl.String).new_from_index(0, len(column)) for name in _PARTS})
    met = pl.Series([None], dtype=pl.String).new_from_index(0, len(column))
    for name, form in _FORMS.items():
        free = met.is_null() & numbers.is_null() & clean.str.contains(form)
        if not free.any():
            continue
        rows = free.arg_true()
        found = clean.gather(rows).str.extract_groups(form).struct.unnest()
        for part in found.columns:
            parts = parts.with_columns(parts[part].scatter(rows, found[part]))
        met = met.scatter(rows, name)
    swapped = _order(parts, column, where, order)
    time, precision = _assembled(parts, swapped, timezone)
    counted = _numeric(numbers, timezone)
    is_number = numbers.is_not_null()
    return Times(
        time.zip_with(~is_number, counted.time),
        precision.zip_with(~is_number, counted.precision),
        (*sorted(met.drop_nulls().unique().to_list()), *(["numbers"] if is_number.any() else [])),
    )


def _order(parts: pl.DataFrame, column: pl.Series, where: str, order: str | None) -> bool:
    """Whether 1/2/2025 is the second of January; the whole column has a say."""
    a, b = parts["a"].cast(pl.Int32), parts["b"].cast(pl.Int32)
    # 31/31/2025 is no date in either order, and so no evidence for one.
    day_first = ((a > 12) & (b <= 12)).fill_null(False)
    month_first = ((b > 12) & (a <= 12)).fill_null(False)
    if order is not None:
        return order == "mdy"
    if day_first.any() and month_first.any():
        raise AmbiguousDates.both(where, column.filter(day_first)[0], column.filter(month_first)[0])
    if not day_first.any() and not month_first.any() and (differ := (a != b).fill_null(False)).any():
        raise AmbiguousDates.either(where, column.filter(differ)[0])
    return bool(month_first.any())


def _assembled(parts: pl.DataFrame, month_first: bool, timezone: str) -> tuple[pl.Series, pl.Series]:
    number = {name: pl.col(name).cast(pl.Int32, strict=False) for name in ("y", "m", "d", "a", "b", "h", "mi", "s")}
    first, second = (number["b"], number["a"]) if month_first else (number["a"], number["b"])
    year = (
        pl.when(pl.col("era").is_not_null())
        .then(
            pl.when(pl.col("y") == "元").then(1).otherwise(number["y"])
            + pl.col("era").replace_strict(_ERAS, default=None, return_dtype=pl.Int32)
        )
        .when(pl.col("y").str.len_chars() <= 2)
        .then(number["y"] + pl.when(number["y"] >= 70).then(1900).otherwise(2000))
        .otherwise(number["y"])
    )
    named = pl.col("mon").replace_strict({m: n for n, m in enumerate(_MONTHS, 1)}, default=None, return_dtype=pl.Int32)
    afternoon = pl.col("half").is_in(["PM", "P.M."]) | (pl.col("half_ja") == "午後")
    halves = pl.col("half").is_not_null() | pl.col("half_ja").is_not_null()
    hour = (
        pl.when(halves)
        .then(number["h"] % 12 + pl.when(afternoon.fill_null(False)).then(12).otherwise(0))
        .otherwise(number["h"])
    )
    hour = pl.when(halves & (number["h"] > 12)).then(99).otherwise(hour)
    text = pl.format(
        "{}-{}-{} {}:{}:{}.{}",
        year.cast(pl.String).str.zfill(4),
        *[pl.coalesce(x).cast(pl.String).str.zfill(2) for x in ((number["m"], named, second), (number["d"], first))],
        *[x.fill_null(0).cast(pl.String).str.zfill(2) for x in (hour, number["mi"], number["s"])],
        pl.col("f").fill_null("0").str.pad_end(9, "0").str.head(6),
    )
    offset = pl.col("tz").str.extract_groups(r"^(?P<sign>[+-])(?P<hours>\d{2}):?(?P<minutes>\d{2})?$").struct
    minutes = offset.field("hours").cast(pl.Int64) * 60 + offset.field("minutes").cast(pl.Int64).fill_null(0)
    minutes = pl.when(offset.field("sign") == "-").then(-minutes).otherwise(minutes).fill_null(0)
    made = parts.select(
        text.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", strict=False, time_unit="us").alias("wall"),
        minutes.alias("offset"),
        pl.when(pl.col("h").is_null())
        .then(pl.lit("day"))
        .when(pl.col("s").is_null())
        .then(pl.lit("minute"))
        .otherwise(pl.lit("second"))
        .alias("precision"),
    )
    local = _localised(made["wall"], timezone)
    shifted = made.select(pl.col("wall") - pl.duration(minutes=pl.col("offset"))).to_series()
    zoned = parts["tz"].is_not_null()
    time = made["wall"].zip_with(made["precision"] == "day", shifted.zip_with(zoned, local))
    return time, made["precision"].cast(PRECISION)
