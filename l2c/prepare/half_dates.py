"""Did Excel turn only some dates of a column into dates, with day and month swapped?

An Excel that expects the month first takes 05/01/2025 for the first of May, and leaves 15/01/2025 as text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import polars as pl

from l2c.words.errors import AmbiguousDates, L2CError

_TEXT = re.compile(r"^\s*(\d{1,2})([/-])(\d{1,2})\2(?:\d{4}|\d{2})(?![\d/-])")
_WRITTEN = r"^(\d{4})-(\d{2})-(\d{2})(.*)$"
ORDERS = ("dmy", "mdy")


def found(columns: Mapping[str, Sequence[Any]], lines: Sequence[int], name: str) -> dict[str, L2CError]:
    """Find the columns in which dates and texts that Excel could not take for dates are mixed so.

    Parameters
    ----------
    columns
        The cells of a sheet, by header.
    lines
        Their rows in the sheet.
    name
        What to call the sheet.

    Returns
    -------
    What to ask, by header; also of columns that hold nothing but dates that could be swapped, beside one that is mixed.
    """
    kinds = {header: set(map(type, cells)) for header, cells in columns.items()}
    both = [header for header, types in kinds.items() if str in types and types & {date, datetime}]
    mixed = {header: order for header in both if (order := _order(columns[header]))}
    if not mixed:
        return {}
    doubts = {}
    for header, cells in columns.items():
        if header in mixed or (str not in kinds[header] and _swappable(cells)):
            order = mixed.get(header) or next(iter(mixed.values()))
            # The texts of the column itself, or else of one that has some.
            others = columns[header if header in mixed else next(iter(mixed))]
            doubts[header] = _asked(f"{name}, column {header}", cells, others, lines, order)
    return doubts


def swapped(column: pl.Series) -> pl.Series:
    """Give the dates of a column their days for months, and write them as text; what is no date stays."""
    if isinstance(column.dtype, pl.Datetime):
        column = column.dt.strftime("%Y-%m-%d %H:%M:%S").str.strip_suffix(" 00:00:00")
    return column.str.replace(_WRITTEN, "$1-$3-$2$4")


def _order(cells: Sequence[Any]) -> str | None:
    """Which of day and month comes first in the texts, if everything speaks for swapped dates beside them."""
    if not _swappable(cells):
        return None
    read = [_TEXT.match(cell) for cell in cells if isinstance(cell, str)]
    pairs = [(int(match[1]), int(match[3])) for match in read if match]
    first, second = any(a > 12 for a, _ in pairs), any(b > 12 for _, b in pairs)
    # A text that could have been taken for a date shows that none was.
    if first == second or any(a <= 12 and b <= 12 for a, b in pairs):
        return None
    return "dmy" if first else "mdy"


def _swappable(cells: Sequence[Any]) -> bool:
    """Whether there are dates, every one of which is another date with day and month swapped, or the same."""
    dates = [cell for cell in cells if isinstance(cell, date)]
    return all(d.day <= 12 for d in dates) and any(d.day != d.month for d in dates)


def _asked(where: str, cells: Sequence[Any], others: Sequence[Any], lines: Sequence[int], order: str) -> L2CError:
    dates = [(n, c) for n, c in zip(lines, cells, strict=True) if isinstance(c, date) and c.day != c.month]
    text = next((n, c) for n, c in zip(lines, others, strict=True) if isinstance(c, str) and _TEXT.match(c))
    shown = [f"{n}: {c:%Y-%m-%d}" for n, c in dates[:2]]
    first = dates[0][1]
    sign = "-" if "-" in text[1][:3] else "/"
    form = ("%d{}%m{}%Y" if order == "dmy" else "%m{}%d{}%Y").format(sign, sign)
    other = f"{first:%Y}-{first:%d}-{first:%m}"
    return AmbiguousDates.half(where, shown, f"{text[0]}: {text[1]}", other, order, form)
