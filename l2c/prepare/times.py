"""When did it happen? Times in any of the forms people export them in."""

from __future__ import annotations

import re
from datetime import datetime

import polars as pl

from l2c.prepare import dates
from l2c.prepare.moments import PRECISION, Times, constant, localised, numeric
from l2c.words.errors import BadTimeZone
from l2c.words.notes import Note

# Zero, the first and the last day of a calendar: what databases and Excel write where there is no date.
_NONE = ("0000-00-00", "1900-0?1-0?0", "0001-0?1-0?1", "1753-0?1-0?1", "1899-12-3[01]", "9999-12-31")
_TURNED = ("{2}-{1}-{0}", "{1}-{2}-{0}")
_EMPTY = (
    "^(?:0+|0?0-0?0-0{2,4}|"
    + "|".join(form for day in _NONE for form in (day, *(turn.format(*day.split("-")) for turn in _TURNED))).replace(
        "-", "[-/.]"
    )
    + ")(?:[T ].*)?$"
)
ORDERS = ("dmy", "mdy", "ymd")
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
        `dmy`, `mdy`, `ymd` or a strptime pattern for what could be read in two ways.

    Returns
    -------
    Times in UTC without a zone; the precision `second`, `minute` or `day` of each; the forms met.

    Raises
    ------
    AmbiguousDates
        If numbers such as 1/2/2025 could be days first or months first, or are both in one column; if a year of two digits
        could come first or last; if several countries have a zone of that name.
    BadTimeZone
        If there is no such zone.
    """
    check_zone(timezone)
    return _without_empty(_parsed(column, where, timezone, date_format), column)


def _parsed(column: pl.Series, where: str, timezone: str, date_format: str | None) -> Times:
    if column.dtype == pl.Date:
        return Times(column.cast(pl.Datetime("us")), constant("day", column), ("dates",))
    if isinstance(column.dtype, pl.Datetime):
        return _typed(column, timezone)
    if column.dtype.is_numeric():
        return numeric(column.cast(pl.Float64), timezone)
    return _text(column.cast(pl.String), where, timezone, date_format)


def _without_empty(found: Times, column: pl.Series) -> Times:
    """The times without those that programs write where there is none, and with a remark on what was not understood."""
    odd = ~found.time.is_between(datetime(1901, 1, 1), datetime(9000, 1, 1)).fill_null(False) & column.is_not_null()
    if not odd.any():
        return found
    rows = odd.arg_true()
    texts = column.gather(rows).cast(pl.String).str.strip_chars()
    empty = texts.str.contains(_EMPTY).fill_null(False)
    notes = list(found.notes)
    if empty.any():
        blank = odd.scatter(rows, empty)
        notes.append(Note("empty_dates", n=int(empty.sum()), values=_three(texts.filter(empty))))
        found = found._replace(time=found.time.set(blank, None), empty=blank)
    if (unread := found.time.gather(rows).is_null() & ~empty).any():
        notes.append(Note("unread_times", n=int(unread.sum()), values=_three(texts.filter(unread))))
    return found._replace(notes=tuple(notes))


def _three(texts: pl.Series) -> list[str]:
    return [text if len(text) <= 60 else text[:59] + "…" for text in texts.unique(maintain_order=True).head(3)]


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
        return Times(utc, constant("second", column), ("times with a zone",))
    naive = column.cast(pl.Datetime("us"))
    if (naive.drop_nulls().dt.truncate("1d") == naive.drop_nulls()).all():
        return Times(naive, constant("day", column), ("dates",))
    return Times(localised(naive, timezone), constant("second", column), ("times",))


def _text(column: pl.Series, where: str, timezone: str, date_format: str | None) -> Times:
    order = date_format if date_format in ORDERS else None
    quick = list(_QUICK)
    if date_format and "%Z" in date_format:
        column = _with_zone(column, date_format)
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
            found = localised(found, timezone)
        if read.all():
            return Times(found.rechunk(), constant(exact, column), (form,))
        time = time.zip_with(~read, found)
        precision = precision.zip_with(~read, constant(exact, column))
        left &= ~read
        formats += [form] if read.any() else []
    if len(time) != len(column):
        time, precision = (each.new_from_index(0, len(column)) for each in (time, precision))
    if left.any():
        rows = left.arg_true()
        rest = dates.read(column.gather(rows), where, timezone, order)
        time, precision = time.scatter(rows, rest.time), precision.scatter(rows, rest.precision)
        notes = [*rest.notes, *_swapped(column.gather(rows), rest.time, time.filter(~left))]
        return Times(time, precision, (*formats, *rest.formats), tuple(notes))
    return Times(time, precision, tuple(formats))


def _swapped(texts: pl.Series, read: pl.Series, others: pl.Series) -> list[Note]:
    """A remark on days and months that a spreadsheet swapped: it took 5/1 for 1 May and left 25/1 as it was."""
    days = read.dt.day()
    typed = others.drop_nulls()
    strokes = texts.str.contains(r"^\d{1,2}/\d{1,2}/\d{4}\b")
    if len(texts) + len(typed) < 4 or not len(typed) or not strokes.all() or not (days > 12).fill_null(False).all():
        return []
    return [Note("days_swapped", n=len(typed), value=texts[0])] if (typed.dt.day() <= 12).all() else []


def _with_zone(column: pl.Series, form: str) -> pl.Series:
    """Times whose zone has a name, written with the name at the end; what has another form stays as it is."""
    before, _, after = form.partition("%Z")
    loose = [re.sub(r"%[-_0]?(?:\\?\.)?:*\d?[A-Za-z]", ".*?", re.escape(part)) for part in (before, after)]
    pattern = rf"^({loose[0]})(\S+)({loose[1]})$"
    wall = column.str.replace(pattern, "${1}${3}").str.to_datetime(before + after, strict=False, time_unit="us")
    full = wall.dt.strftime("%Y-%m-%d %H:%M:%S%.6f ") + column.str.extract(pattern, 2)
    return full.zip_with(full.is_not_null(), column)


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
