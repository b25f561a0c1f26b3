"""What is left of a formatted report without the lines, totals and groups around its rows, and is it more than totals?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import polars as pl

from l2c.prepare import groups
from l2c.prepare.footers import Rows, blank, is_aggregate, is_number, total_column, without_footer, without_totals
from l2c.prepare.table import Table
from l2c.words import matching, vocabulary
from l2c.words.errors import L2CError, UnreadableFile
from l2c.words.notes import Note

# Columns of a matrix that name its groups.
_GROUPS = 3
# No report has more rows.
_LONGEST = 200_000


class Bare(NamedTuple):
    """Rows of a report, each with the values of its groups.

    Attributes
    ----------
    body
        The rows.
    totals
        Rows of subtotals and totals, as `Table.rejected` has them.
    notes
        What was cut and filled.
    doubts
        What must be asked before a column is used, by header.
    """

    body: Rows
    totals: pl.DataFrame
    notes: list[Note]
    doubts: dict[str, L2CError]


def bare(
    body: Rows,
    headers: Sequence[str],
    titles: Sequence[str],
    name: str,
    empty: set[int],
    *,
    merged: frozenset[int] = frozenset(),
    is_report: bool = False,
) -> Bare:
    """Take a report's footer and totals away, and give every row the values of its groups.

    Parameters
    ----------
    body
        The filled rows below the headers, whose cells are changed in place.
    headers, titles
        The names of the columns, and the headers as they stand, which may have arrows.
    name
        What to call the table.
    empty
        Lines without anything.
    merged
        Columns in which merged cells were filled.
    is_report
        Whether a title stands above the headers.
    """
    body, footer = without_footer(body, len(headers), empty)
    notes = []
    if footer:
        (first, text), last = footer[0], footer[-1][0]
        notes.append(Note("footer", n=len(footer), first=first, last=last, text=text))
    body, totals, ends = without_totals(body)
    for _, row in body:
        row += [None] * (min(groups.LEVELS, len(headers)) - len(row))
    signs = groups.Signs(_arrows(titles), merged, ends, is_report or bool(footer) or bool(totals))
    filled, doubts = groups.filled_down(body, headers, name, signs)
    return Bare(body, _rejected(totals), [*notes, *filled], doubts)


def is_sorted(titles: Sequence[str]) -> bool:
    """Whether a header has the arrow of a column by which a report is grouped or sorted."""
    return bool(_arrows(titles))


def may_be_one(frame: pl.DataFrame) -> bool:
    """Whether a table of regular rows may be a report all the same: it ends with a total, or names groups only once."""
    if any(total_column(row) is not None for row in frame.tail(3).rows()):
        return True
    if frame.height > _LONGEST or not frame.width:
        return False
    first = frame.to_series(0)
    names = first.drop_nulls()
    return len(names) < len(first) and first[0] is not None and names.n_unique() == len(names)


def _arrows(titles: Sequence[str]) -> frozenset[int]:
    return frozenset(at for at, title in enumerate(titles) if matching.without_arrow(title) != title)


def _rejected(totals: Rows) -> pl.DataFrame:
    texts = ["; ".join(str(cell) for cell in row if not blank(cell)) for _, row in totals]
    return pl.DataFrame(
        {"line": [line for line, _ in totals], "text": texts, "reason": ["subtotal"] * len(totals)},
        schema={"line": pl.Int64, "text": pl.String, "reason": pl.String},
    )


def only_totals(table: Table) -> L2CError | None:
    """Tell of a table without deals whether it holds the totals of a matrix or summary report or of a pivot table.

    Returns
    -------
    The error that says so; None for any other table.
    """
    frame = table.frame
    named = _summed(re.sub(r" \(\d+\)$", "", header) for header in frame.columns)
    if any(matching.is_strong(header, "case_id") for header in frame.columns):
        return None
    # Of two rows of headers the second may say what was summed.
    below = _summed(cell for cell in (frame.row(0) if frame.height else ()) if isinstance(cell, str))
    numbers = [c for c in frame.slice(1 if below else 0).get_columns()[1:] if _holds_numbers(c)]
    is_summed = bool((table.rejected["reason"] == "subtotal").any())
    if not (named or below or is_summed) or len(numbers) < max(1, frame.width - _GROUPS):
        return None
    shown = list(dict.fromkeys(below or named)) or frame.columns
    return UnreadableFile.totals(table.name, shown)


def _summed(headers: Iterable[str]) -> list[str]:
    """Headers of sums and counts, and those that only a pivot table has."""
    labels = {matching.normalise(word) for word in vocabulary.entries("report")["labels"]}
    return [header for header in headers if is_aggregate(header) or matching.normalise(header) in labels]


def _holds_numbers(column: pl.Series) -> bool:
    if column.dtype.is_numeric():
        return True
    texts = column.cast(pl.String).drop_nulls().head(200)
    return column.dtype in (pl.String, pl.Categorical) and all(map(is_number, texts))
