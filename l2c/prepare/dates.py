"""Dates as people and programs of many countries write them, read by their shapes."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime

import polars as pl

from l2c.prepare import zone_names
from l2c.prepare.date_shapes import DATE_LENGTH, Shape, month_numbers, understood
from l2c.prepare.moments import PRECISION, Times, localised, numeric
from l2c.prepare.texts import DIGITS
from l2c.words.errors import AmbiguousDates
from l2c.words.notes import Note

_SIGNS = {"\u200e": "", "\u200f": "", "\u061c": "", "\ufeff": "", "−": "-", "‐": "-", "‑": "-", "–": "-", "．": "."}
_RUNS = ("y", "m", "d", "a", "b", "h", "mi", "s", "f", "oh", "om", "quarter", "week")
_NO_TEXT = pl.lit(None, pl.String)
_BUDDHIST = (2400, 2700)
# So far back lie the years of what people analyse.
_RECENT = 15


def plain_digits(column: pl.Series) -> pl.Series:
    """Texts with the digits of all scripts as 0 to 9, and without marks of the direction of writing."""
    if not column.str.contains(r"[^\x00-\x7f]").any():
        return column
    return column.str.normalize("NFKC").str.replace_many(DIGITS | _SIGNS)


def read(column: pl.Series, where: str, timezone: str, order: str | None) -> Times:
    """Read dates by their shapes.

    Parameters
    ----------
    column
        Text, none of it missing.
    where
        What to call the column in messages.
    timezone
        Zone of times that carry none.
    order
        `dmy`, `mdy` or `ymd`, where the user said it.

    Raises
    ------
    AmbiguousDates
        If the order of day and month, the place of the year or a zone can be read in two ways.
    """
    clean = _clean(column)
    numbers = clean.str.extract(r"^(\d{5}(?:\.\d+)?|\d{10}|\d{13})$").cast(pl.Float64, strict=False)
    is_number = numbers.is_not_null()
    shapes, parts = _parts(clean.set(is_number, None))
    buddhist = parts["y"].is_between(*_BUDDHIST).fill_null(False)
    if order == "ymd":
        turned = pl.col("open_year").fill_null(False)
        parts = parts.with_columns(
            a=pl.when(turned).then("y").otherwise("a"), y=pl.when(turned).then("a").otherwise("y")
        )
    month_first = _month_first(parts, column, where, order, bool(buddhist.any()) or _is_arabic(column))
    if order is None:
        _year_is_last(parts, column, where)
    time, precision = _assembled(parts, month_first)
    time = _in_utc(time, precision, parts, shapes, column, where, timezone)
    counted = numeric(numbers, timezone)
    return Times(
        time.zip_with(~is_number, counted.time),
        precision.zip_with(~is_number, counted.precision),
        (*sorted(parts["name"].drop_nulls().unique()), *(["numbers"] if is_number.any() else [])),
        tuple(_notes(parts, time, column, buddhist)),
    )


def _clean(column: pl.Series) -> pl.Series:
    text = plain_digits(column).str.strip_chars(" \t\r\n\u3000'").str.to_lowercase()
    if text.str.contains("元").any():
        text = text.str.replace(r"^(令和|平成|昭和|民國|民国)元", "${1}1")
    if text.str.contains(r"^\d{8}").any():
        # Times on end: 20240208, 20240208T130500.
        text = text.str.replace(r"^(\d{4})(\d{2})(\d{2})[t ]?(\d{2})(\d{2})(\d{2})(\D.*)?$", "$1-$2-$3 $4:$5:$6$7")
        text = text.str.replace(r"^(\d{4})(\d{2})(\d{2})[t ]?(\d{2})(\d{2})(\D.*)?$", "$1-$2-$3 $4:$5$6")
        text = text.str.replace(r"^(\d{4})(\d{2})(\d{2})([^\d.,].*)?$", "$1-$2-$3$4")
    if text.str.contains(r"[+-]\d{4}").any():
        # An offset without its colon.
        text = text.str.replace(r"(:\d{2}(?:[.,]\d+)?\s?(?:gmt|utc)?\s?[+-]\d{2})(\d{2})(\D|$)", "$1:$2$3")
    return text


def _parts(clean: pl.Series) -> tuple[dict[str, Shape], pl.DataFrame]:
    """The parts of every date: numbers by name, and what its shape tells."""
    frame = pl.DataFrame({"text": clean.set(clean.str.len_chars() > DATE_LENGTH, None)})
    frame = frame.with_columns(shape=pl.col("text").str.replace_all("[1-9]", "0"))
    shapes = {text: shape for text in frame["shape"].drop_nulls().unique() if (shape := understood(text))}
    schema = dict.fromkeys(_RUNS, pl.UInt32) | {
        "name": pl.String, "month": pl.String, "half": pl.String, "sign": pl.String, "zone": pl.String, "years": pl.Int32,
        "dotted": pl.Boolean, "open_year": pl.Boolean,
    }  # fmt: skip
    known = pl.DataFrame([asdict(shape) for shape in shapes.values()], schema=schema)
    known = known.with_columns(shape=pl.Series(list(shapes), dtype=pl.String))
    frame = frame.join(known, on="shape", how="left", maintain_order="left")
    frame = frame.with_columns(
        runs=pl.when(pl.col("name").is_not_null()).then(pl.col("text").str.extract_all(r"[0-9]+"))
    )
    # Most columns have but one shape or two, and few parts.
    used = {name for name in _RUNS if known[name].null_count() < known.height}
    run = {
        name: pl.col("runs").list.get(pl.col(name), null_on_oob=True) if name in used else _NO_TEXT for name in _RUNS
    }
    frame = frame.with_columns(
        run["f"].str.pad_end(9, "0").str.head(6).cast(pl.Int32, strict=False).alias("f"),
        (run["y"].str.len_chars() <= 2).alias("short"),
        *[run[name].cast(pl.Int32, strict=False).alias(name) for name in _RUNS if name != "f"],
    ).drop("runs", "text", "shape")
    words = set(known["month"].drop_nulls())
    months = month_numbers(words) if words else {}
    named = pl.col("month").replace_strict(months, default=None, return_dtype=pl.Int32)
    return shapes, frame.with_columns(
        pl.coalesce("m", named).alias("m"), lost=pl.col("month").is_not_null() & named.is_null()
    )


def _month_first(parts: pl.DataFrame, column: pl.Series, where: str, order: str | None, day_first: bool) -> pl.Series:
    """Whether 1/2/2025 is the second of January; the whole column has a say, that of points apart from that of strokes."""
    a, b, dotted = parts["a"], parts["b"], parts["dotted"].fill_null(False)
    known = a.is_between(1, 31).fill_null(False) & b.is_between(1, 31).fill_null(False)
    # 31/31/2025 is no date in either order, and so no evidence for one.
    days, months = known & (a > 12) & (b <= 12), known & (b > 12) & (a <= 12)
    pointed = bool((months & dotted).any()) and not (days & dotted).any()
    pointed = pointed or (order == "mdy" and not (days & dotted).any())
    if order is not None:
        stroked = order == "mdy"
    else:
        days, months = days & ~dotted, months & ~dotted
        differ = known & ~dotted & (a != b)
        if days.any() and months.any():
            raise AmbiguousDates.both(where, column.filter(days)[0], column.filter(months)[0])
        if not days.any() and not months.any() and not day_first and differ.any():
            raise AmbiguousDates.either(where, *_readings(parts.filter(differ), column.filter(differ)))
        stroked = bool(months.any())
    return (dotted & pointed) | (~dotted & stroked)


def _readings(parts: pl.DataFrame, column: pl.Series) -> tuple[list[str], list[str], list[str]]:
    """Three values, and what they are with the day first and with the month first."""
    texts = column.unique(maintain_order=True).head(3)
    rows = [at for text in texts if (at := column.index_of(text)) is not None]
    few = parts[rows]
    both = [
        _assembled(few, pl.Series([first] * few.height))[0].dt.strftime("%Y-%m-%d").to_list() for first in (False, True)
    ]
    return texts.to_list(), *[[str(day) for day in days] for days in both]  # type: ignore[return-value]


def _year_is_last(parts: pl.DataFrame, column: pl.Series, where: str) -> None:
    """Refuse years of two digits that may as well come first: 25/01/05 in a column in which all begin with 24 or 25."""
    rows = parts["open_year"].fill_null(False)
    few = parts.filter(rows)
    if not few.height or (few["y"] > 31).any() or (few["a"] > 31).any():
        return
    first, last = few["a"].drop_nulls(), few["y"].drop_nulls()
    narrow, wide = (max(years.to_list()) - min(years.to_list()) for years in (first, last))
    may_be_first = narrow <= wide and (few["b"] <= 12).all() and (few["y"] >= 1).all() and _are_recent(first)
    # Years vary less than days and are near; with points the day comes first wherever that makes sense.
    nearer = not few["dotted"].any() and (narrow < wide or sum(first) > sum(last))
    if (may_be_first and (nearer or not _are_recent(last))) or (few["name"] == "dots, the last one too").any():
        texts = column.filter(rows).unique(maintain_order=True).head(3).to_list()
        raise AmbiguousDates.year(where, texts)


def _are_recent(years: pl.Series) -> bool:
    """Whether numbers of two digits may be the years of what people analyse."""
    now = datetime.now(UTC).year - 2000
    return bool(years.is_between(now - _RECENT, now + 2).all())


def _assembled(parts: pl.DataFrame, month_first: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Wall-clock times, and how exact they are."""
    swapped = month_first.alias("swapped")
    first = pl.when("swapped").then("b").otherwise("a")
    second = pl.when("swapped").then("a").otherwise("b")
    y = pl.col("y")
    year = (
        pl.when(pl.col("years") > 0)
        .then(y + pl.col("years"))
        .when(pl.col("short"))
        .then(y + pl.when(y >= 70).then(1900).otherwise(2000))
        .when(y.is_between(*_BUDDHIST))
        .then(y - 543)
        .otherwise(y)
    )
    whole = pl.col("name").is_in(["month", "quarter", "week"])
    month = pl.coalesce(pl.col("quarter") * 3 - 2, pl.when(pl.col("name") == "week").then(1), "m", second)
    day = pl.coalesce(pl.when(whole).then(1), "d", first)
    h, half = pl.col("h"), pl.col("half")
    hour = (
        pl.when(half.is_null())
        .then(h)
        .when((h > 12) | ((half == "night") & (h == 12)))
        .then(99)
        .when(half == "am")
        .then(h % 12)
        .when(half == "noon")
        .then(h + pl.when(h <= 3).then(12).otherwise(0))
        .otherwise(h % 12 + 12)
    )
    # The month is named, but which one it is cannot be told.
    sound = pl.col("name").is_not_null() & ~pl.col("lost")
    text = pl.format(
        "{}-{}-{} {}:{}:{}",
        *[x.cast(pl.String).str.zfill(n) for x, n in ((year, 4), (month, 2), (day, 2))],
        *[x.fill_null(0).cast(pl.String).str.zfill(2) for x in (hour, pl.col("mi"), pl.col("s"))],
    )
    made = parts.with_columns(swapped).select(
        pl.when(sound).then(text).str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False, time_unit="us").alias("wall"),
        pl.duration(microseconds=pl.col("f").fill_null(0)).alias("fraction"),
        # Week 1 holds the fourth of January.
        days=pl.when(pl.col("name") == "week").then(pl.col("week").is_between(1, 53)),
        week=pl.col("week"),
        weekday=pl.col("d").fill_null(1),
        precision=pl.when(h.is_null())
        .then(pl.lit("day"))
        .when(pl.col("s").is_null())
        .then(pl.lit("minute"))
        .otherwise(pl.lit("second")),
    )
    monday = pl.col("wall") + pl.duration(days=3)
    monday = monday - pl.duration(days=monday.dt.weekday().cast(pl.Int32) - 1)
    monday = monday + pl.duration(days=(pl.col("week") - 1) * 7 + pl.col("weekday") - 1)
    time = made.select(
        pl.when(pl.col("days").is_null()).then(pl.col("wall") + pl.col("fraction")).when(pl.col("days")).then(monday)
    ).to_series()
    return time, made["precision"].cast(PRECISION)


def _in_utc(
    wall: pl.Series,
    precision: pl.Series,
    parts: pl.DataFrame,
    shapes: dict[str, Shape],
    column: pl.Series,
    where: str,
    timezone: str,
) -> pl.Series:
    """The times in UTC, by their own zones where they have one; a day keeps its day."""
    timed = precision != "day"
    minutes = parts.select(
        (pl.col("oh") * 60 + pl.col("om").fill_null(0)) * pl.when(pl.col("sign") == "-").then(-1).otherwise(1)
    ).to_series()
    time = wall.zip_with(~timed, localised(wall, timezone))
    time = time.zip_with(~(timed & minutes.is_not_null()), _shifted(wall, minutes.fill_null(0)))
    names = {shape.zone for shape in shapes.values() if shape.zone}
    for name, zone in zone_names.meant(names, timezone).items():
        rows = (timed & (parts["zone"] == name)).fill_null(False)
        if zone is None:
            _refuse(name, wall.filter(rows), column.filter(rows), where)
        there = (
            localised(wall, zone)
            if isinstance(zone, str)
            else _shifted(wall, pl.Series([zone or 0]).new_from_index(0, len(wall)))
        )
        time = time.zip_with(~rows, there)
    return time


def _shifted(wall: pl.Series, minutes: pl.Series) -> pl.Series:
    frame = pl.DataFrame({"wall": wall, "minutes": minutes})
    return frame.select(pl.col("wall") - pl.duration(minutes=pl.col("minutes"))).to_series()


def _refuse(name: str, wall: pl.Series, column: pl.Series, where: str) -> None:
    """Say what a name of a zone could be, with three values."""
    (first, one), (second, other) = zone_names.SEVERAL[name.upper()][:2]
    rows = column.unique(maintain_order=True).head(3).to_list()
    few = pl.Series([wall[at] for text in rows if (at := column.index_of(text)) is not None], dtype=pl.Datetime("us"))
    readings = [(few.dt.offset_by(f"{-minutes}m")).dt.strftime("%Y-%m-%d %H:%M").to_list() for minutes in (one, other)]
    raise AmbiguousDates.of_zone(where, name.upper(), rows, first, readings[0], second, readings[1])


def _notes(parts: pl.DataFrame, time: pl.Series, column: pl.Series, buddhist: pl.Series) -> list[Note]:
    found = []
    if buddhist.any():
        found.append(Note("buddhist_years", n=int(buddhist.sum()), value=column.filter(buddhist)[0]))
    coarse = (
        parts["name"].is_in(["month", "quarter", "week"]).fill_null(False)
        & time.is_not_null()
        & ~((parts["name"] == "week") & parts["d"].is_not_null()).fill_null(False)
    )
    if coarse.any():
        found.append(Note("coarse_dates", n=int(coarse.sum()), value=column.filter(coarse)[0]))
    return found


def _is_arabic(column: pl.Series) -> bool:
    """Whether the digits are those of Arabic, which has the day first wherever it is written."""
    return bool(column.str.contains("[\u0660-\u0669]").all())
