"""What do the other columns of a file say of its dates and numbers? One program wrote them all, with one set of rules."""

from __future__ import annotations

import re
from collections.abc import Iterator

import polars as pl

from l2c.prepare import amounts
from l2c.prepare.dates import plain_digits

_MOST = 20_000
_STROKES = r"^\s*(\d{1,2})[-/](\d{1,2})[-/]\d{4}\b"
_POINTS = re.compile(r"\s*\d{1,2}\.\s?\d{1,2}\.\s?(?:\d{4}|\d{2})\b")


def day_order(frame: pl.DataFrame) -> str | None:
    """Find the order of day and month in which a file writes its dates.

    Returns
    -------
    `dmy` or `mdy`, where some date has a day above 12 and none speaks against it; else None.
    """
    said = set()
    for texts in _columns(frame):
        found = pl.DataFrame({"first": texts.str.extract(_STROKES, 1), "second": texts.str.extract(_STROKES, 2)})
        first, second = (found[name].cast(pl.Int32) for name in ("first", "second"))
        said |= {"dmy"} if (first.is_between(13, 31) & second.is_between(1, 12)).any() else set()
        said |= {"mdy"} if (second.is_between(13, 31) & first.is_between(1, 12)).any() else set()
    return said.pop() if len(said) == 1 else None


def decimal_sign(frame: pl.DataFrame, *, semicolons: bool) -> tuple[str, str] | None:
    """Find the sign that a file writes before decimals.

    Parameters
    ----------
    frame
        All its columns.
    semicolons
        Whether semicolons part its cells, as where the comma is taken.

    Returns
    -------
    `.` or `,`, and what says so: `other_numbers`, which show it, or `dates_and_separators`, which are those of countries
    with a decimal comma; None where nothing does, or one speaks against the other.
    """
    shown: set[str] = set()
    dotted = swiss = False
    for texts in _columns(frame):
        few = texts.unique(maintain_order=True).head(300).to_list()
        dotted = dotted or (bool(few) and sum(_POINTS.match(text) is not None for text in few) > len(few) / 2)
        read = [amount for text in few if (amount := amounts.read(text)) is not None]
        swiss = swiss or any(amount.currency == "CHF" for amount in read) or few == ["CHF"]
        if len(read) >= 0.9 * len(few):
            shown |= {amount.says for amount in read if amount.says}
    if shown:
        return (shown.pop(), "other_numbers") if len(shown) == 1 else None
    # The Swiss write their dates with points, and their numbers too.
    if (dotted or (semicolons and day_order(frame) == "dmy")) and not swiss:
        return ",", "dates_and_separators"
    return None


def _columns(frame: pl.DataFrame) -> Iterator[pl.Series]:
    """The texts of each column."""
    for column in frame.get_columns():
        if isinstance(column.dtype, (pl.String, pl.Categorical)):
            texts = column.cast(pl.String) if column.dtype != pl.String else column
            yield plain_digits(texts.drop_nulls().unique(maintain_order=True).head(_MOST))
