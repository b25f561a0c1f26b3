"""Do a date and its time of day stand in two columns? Then they are one."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

import polars as pl

from l2c.prepare import date_shapes
from l2c.prepare.dates import plain_digits
from l2c.prepare.table import Table
from l2c.words import matching
from l2c.words.notes import Note

_DATES = [
    "date",
    "datum",
    "data",
    "fecha",
    "dato",
    "pvm",
    "päivämäärä",
    "tarih",
    "дата",
    "ngày",
    "วันที่",
    "年月日",
    "日付",
    "日期",
    "날짜",
    "day",
    "jour",
    "tag",
    "日",
]
_TIMES = [
    "timeofday",
    "time",
    "uhrzeit",
    "zeit",
    "hora",
    "heure",
    "ora",
    "tijd",
    "tid",
    "klokkeslett",
    "klockslag",
    "kello",
    "aika",
    "godzina",
    "czas",
    "čas",
    "idő",
    "saat",
    "время",
    "giờ",
    "เวลา",
    "時刻",
    "時間",
    "时间",
    "시간",
    "시각",
]
_CLOCK = re.compile(r"(?:t\s?)?0{1,2}[:.]00(?:[:.]00(?:[.,]0+)?)?|0{1,2}\s?[h時时시]\s?(?:0{1,2})?.*")
_MOST = 20_000


def joined(table: Table, said: Collection[str]) -> Table:
    """Put the time of day behind its date, where each has a column of its own: `Date` and `Time`, `Datum` and `Uhrzeit`.

    Parameters
    ----------
    table
        As it stands in the source.
    said
        Headers that the user named: a column of times among them stays.
    """
    frame = table.frame
    notes = list(table.notes)
    dates = {rest: header for header in reversed(frame.columns) if (rest := _rest(header, _DATES)) is not None}
    for time in frame.columns:
        date = dates.get(rest) if (rest := _rest(time, _TIMES)) is not None else None
        if date is None or date == time or time in said or not _is_clock(frame[time]):
            continue
        whole = _together(frame[date], frame[time])
        if whole is not None:
            frame = frame.with_columns(whole.alias(date)).drop(time)
            notes.append(Note("date_and_time", date=date, time=time))
    return table if frame.width == table.frame.width else replace(table, frame=frame, notes=tuple(notes))


def _rest(header: str, words: list[str]) -> str | None:
    """What is left of a header without its word for a date or a time."""
    name = matching.normalise(header)
    for word in map(matching.normalise, words):
        if name.endswith(word):
            return name.removesuffix(word)
        if name.startswith(word):
            return name.removeprefix(word)
    return None


def _is_clock(column: pl.Series) -> bool:
    """Whether a column holds times of day and nothing else."""
    if column.dtype == pl.Time:
        return True
    if not isinstance(column.dtype, (pl.String, pl.Categorical)):
        return False
    texts = column.drop_nulls().cast(pl.String).head(_MOST).unique()
    shapes = plain_digits(texts).str.to_lowercase().str.replace_all(r"\d", "0").unique().to_list()
    return bool(shapes) and all(_CLOCK.fullmatch(text) or _is_time_alone(text) for text in shapes)


def _is_time_alone(text: str) -> bool:
    """Whether a text that is no date is one with a date before it: `3:30 pm`, `오후 3:30`."""
    if len(text) > 40 or date_shapes.understood(text) is not None:
        return False
    whole = date_shapes.understood(f"0000-00-00 {text}")
    return whole is not None and whole.h is not None


def _together(date: pl.Series, time: pl.Series) -> pl.Series | None:
    """The two as one column; None where the first holds times of day itself, or is no text or date."""
    if date.dtype in (pl.Date, pl.Datetime):
        day = date.cast(pl.Date)
        if date.dtype == pl.Datetime and (date.cast(pl.Datetime("us")) != day.cast(pl.Datetime("us"))).any():
            return None
        if time.dtype == pl.Time:
            return (
                pl.DataFrame({"d": day, "t": time})
                .select(pl.col("d").dt.combine(pl.col("t").fill_null(pl.time(0))))
                .to_series()
            )
        date = day.dt.strftime("%Y-%m-%d")
    if not isinstance(date.dtype, (pl.String, pl.Categorical)):
        return None
    if time.dtype == pl.Time:
        time = time.dt.strftime("%H:%M:%S")
    day = date.cast(pl.String).str.replace(r"[T ]0{1,2}:00(?::00(?:\.0+)?)?Z?$", "")
    if day.drop_nulls().head(_MOST).str.contains(r"\d[:h時]\s?\d\d|\d\s?[aApP]\.?[mM]").any():
        return None
    both = day + " " + time.cast(pl.String)
    return both.zip_with(both.is_not_null(), day)
