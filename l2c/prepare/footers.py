"""Which lines does a formatted report write around its rows?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from functools import cache, lru_cache
from itertools import takewhile
from typing import Any, TypeAlias

from l2c.words.vocabulary import entries

Rows: TypeAlias = "list[tuple[int, list[Any]]]"
"""Rows with their line in the file or row in the sheet; an empty cell is "" or None."""

# The words of a total stand in one of the first columns, which hold the groups.
_DEEPEST = 5
_JOINTS = "of|von|der|des|de|du|di|do|da|del|della|van|för|из|по"
_CODES = (
    "AED|ARS|AUD|BRL|CAD|CHF|CLP|CNY|COP|CZK|DKK|EUR|GBP|HKD|HUF|IDR|ILS|INR|JPY|KRW|MXN|MYR|NOK|NZD|PHP|PLN|RON|RUB|SAR|"
    "SEK|SGD|THB|TRY|TWD|USD|VND|ZAR"
)
_NUMBER = re.compile(
    rf"^\(?\s*[-+−]?\s*(?:US\$|[$€£¥₩₹￥]|{_CODES})?\s*[-+−]?\s*\d[\d.,'’\s]*\s*(?:%|[$€£¥₩₹￥円元件]|{_CODES})?\s*\)?$"
)
_DATE = re.compile(r"^\d{1,2}\.\s?\d{1,2}\.\s?\d{2,4}$")


def blank(cell: Any) -> bool:
    """Whether a cell holds nothing."""
    return cell is None or cell == ""


def without_footer(body: Rows, width: int, empty: set[int]) -> tuple[Rows, list[tuple[int, str]]]:
    """Cut the lines a report writes below its rows: at the end, one cell filled, in words that footers use.

    Parameters
    ----------
    body
        The filled rows below the headers.
    width
        Number of columns.
    empty
        Lines of the file without anything.

    Returns
    -------
    The rows, and the lines that were cut, with their text.
    """
    if width < 2:
        return body, []
    alone = list(takewhile(lambda pair: _is_alone(pair[1]), reversed(body)))
    alone.reverse()
    # Only a block with a footer's words is one: a lonely id in the last row is a broken row, and is kept as such.
    marks = [at for at, (_, row) in enumerate(alone) if _ends_report(str(row[0]))]
    if not marks:
        return body, []
    begin = marks[0]
    # The report's own name stands between a blank line and the copyright.
    while begin and (alone[begin - 1][0] - 1 in empty or len(alone[begin - 1][1]) == 1):
        begin -= 1
    cut = len(alone) - begin
    return body[:-cut], [(line, str(row[0])) for line, row in alone[begin:]]


def without_totals(body: Rows) -> tuple[Rows, Rows, dict[int, set[int]]]:
    """Take the rows of subtotals and grand totals out of a report.

    A row is one only where nothing but numbers stands beside its words: a customer may be called Total.

    Returns
    -------
    The rows that are left; those that were taken out; and, by place among the rows that are left, where totals stood
    before it: the columns of their words, which are those of the groups that ended.
    """
    kept: Rows = []
    totals: Rows = []
    ends: dict[int, set[int]] = {}
    for line, row in body:
        at = total_column(row, kept[-1][1] if kept else ())
        if at is None:
            kept.append((line, row))
            continue
        totals.append((line, row))
        if _kind(row[at]) == "total":
            ends.setdefault(len(kept), set()).add(at)
        elif len(kept) not in ends:
            # What was counted is named right of the group.
            ends[len(kept)] = {max(at - 1, 0)}
    return kept, totals, ends


def total_column(row: Sequence[Any], above: Sequence[Any] = ()) -> int | None:
    """Find the column in which a row says that it holds a total; None where it is an ordinary row.

    Parameters
    ----------
    row
        Its cells.
    above
        The row before it: a total may repeat the group around it.
    """
    place = 0
    for at, cell in enumerate(row):
        if cell is None or cell == "":
            continue
        kind = _kind(cell) if isinstance(cell, str) else None
        if kind == "total" or (kind == "aggregate" and not place):
            rest = [other for other in row[at + 1 :] if not blank(other)]
            if not rest:
                return at if kind == "total" and _is_bare_total(cell) else None
            return at if all(is_number(other) or (isinstance(other, str) and _kind(other)) for other in rest) else None
        place += 1
        if place == _DEEPEST or at >= len(above) or cell != above[at]:
            return None
    return None


def is_number(cell: Any) -> bool:
    """Whether a cell holds a number, or a text that reads as one; a date is none."""
    if isinstance(cell, str):
        return bool(_NUMBER.match(cell.strip())) and not _DATE.match(cell.strip())
    return not isinstance(cell, bool | date | datetime)


def is_aggregate(header: str) -> bool:
    """Whether a header names sums, counts or averages: `Sum of Amount`, `Record Count`, `金額 合計`."""
    return _kind(header) is not None


def _is_alone(row: Sequence[Any]) -> bool:
    return bool(row) and not blank(row[0]) and sum(not blank(cell) for cell in row) == 1


def _ends_report(text: str) -> bool:
    return text.strip().casefold().startswith(_footers()) or _kind(text) == "total"


@lru_cache(8192)
def _kind(text: str) -> str | None:
    """What a text of a total is: the word for it, or the name of what was counted."""
    text = text.strip().rstrip(":： ")
    # Whoever writes more than a line writes no total.
    if not text or len(text) > 120:
        return None
    total, aggregate = _patterns()
    return "total" if total.search(text) else "aggregate" if aggregate.match(text) else None


def _is_bare_total(text: str) -> bool:
    return bool(_patterns()[0].fullmatch(re.sub(r"[(（][^()（）]*[)）]|[:：\d]", "", text).strip()))


@cache
def _footers() -> tuple[str, ...]:
    return tuple(str(word).casefold() for word in entries("report")["footers"])


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Words of totals at the begin or the end of a text; those of sums and counts before what they are of."""
    total, aggregate = (
        "|".join(sorted((re.escape(str(word)) for word in entries("report")[part]), key=len, reverse=True))
        for part in ("totals", "aggregates")
    )
    # Between Latin letters a word ends at a space; Japanese and Chinese have none.
    edge = r"(?![\w'’-])"
    return (
        re.compile(rf"^(?:{total})(?:{edge}|(?<=[^\x00-\u024f]))|(?:(?<=[\s:：-])|(?<=[^\x00-\u024f]))(?:{total})$", re.IGNORECASE),
        re.compile(rf"^(?:{aggregate})(?:$|\s+(?:{_JOINTS})\b.*|\s*[:：(（].*|\s+\d.*|(?<=[^\x00-\u024f])\s.*)$", re.IGNORECASE),
    )  # fmt: skip
