"""Does a table end where its source ends, or where a tool stopped writing?"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from l2c.prepare.rows import form, is_form
from l2c.words.notes import Note

# As many rows as a tool writes at most, and no more; where several tools stop at the same number, the likeliest is named.
LIMITS = {
    2_000: "a preview or list view of Salesforce",
    10_000: "a preview of a database tool",
    30_000: "an export of Power BI as CSV",
    50_000: "a query of Salesforce",
    65_535: "a sheet of the old Excel (.xls)",
    65_536: "a sheet of the old Excel (.xls)",
    100_000: "a formatted report of Salesforce",
    150_000: "an export of Power BI as Excel",
    1_048_575: "a sheet of Excel",
    1_048_576: "a sheet of Excel",
}
# From so many rows on the length of their last cells tells how long the last one should be.
_ENOUGH, _SAMPLE = 10, 1_000


def at_limit(rows: int, footer: int) -> list[Note]:
    """Say that a table has exactly as many rows as a tool writes at most, its header and footer counted or not.

    Parameters
    ----------
    rows
        Number of rows of the table.
    footer
        Number of lines below them.
    """
    counted = (rows, rows + 1, rows + footer, rows + 1 + footer)
    reached = next((n for n in counted if n in LIMITS), None)
    return [] if reached is None else [Note("at_limit", rows=rows, limit=reached, tool=LIMITS[reached])]


def is_torn(rows: Sequence[tuple[int, Sequence[str]]], width: int) -> bool:
    """Whether the last row of a file that ends without an end of line was cut: it has fewer cells, or the last one is short.

    Parameters
    ----------
    rows
        Line and cells of every row.
    width
        Number of columns.
    """
    if len(rows) < 2:
        return False
    *others, (_, last) = rows
    if len(last) < width:
        return all(len(row) >= width for _, row in others)
    return is_torn_column(
        pl.Series([row[width - 1] if len(row) >= width else None for _, row in rows[-_SAMPLE:]], dtype=pl.String)
    )


def is_torn_column(column: pl.Series) -> bool:
    """Whether the last cell of a column of dates or numbers is shorter than any other, and of another form or length."""
    cells = column.tail(_SAMPLE).cast(pl.String).to_list()
    last, others = cells[-1] if cells else None, [cell for cell in cells[:-1] if cell]
    if not last or not others or len(last) >= min(map(len, others)):
        return False
    forms = {form(cell) for cell in others}
    if not is_form(forms):
        return False
    return form(last) not in forms or (len(others) >= _ENOUGH and len(set(map(len, others))) == 1)
