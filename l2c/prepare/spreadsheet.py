"""What stands in the sheets of a workbook?"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import polars as pl

from l2c.prepare import oversize
from l2c.prepare.headers import find_header, unique
from l2c.prepare.table import Table, no_rejected
from l2c.words.errors import UnreadableFile
from l2c.words.notes import Note


def sheets(path: Path, name: str) -> list[Table]:
    """Read the filled sheets of an .xlsx workbook; dates and numbers keep their kind where a whole column has it.

    Parameters
    ----------
    path
        The workbook.
    name
        What to call it.

    Raises
    ------
    UnreadableFile
        If the file is damaged, no workbook, or declares more than it holds.
    """
    with tempfile.TemporaryDirectory(prefix="l2c-") as folder:
        copy = Path(folder) / "book.xlsx"
        room = oversize.judged(path, copy, name)
        cells = _cells(copy, room, name)
    if not cells:
        raise UnreadableFile.empty(name)
    return [_sheet(rows, name if len(cells) == 1 else f"{name} › {sheet}") for sheet, rows in cells.items()]


def _cells(copy: Path, room: int, name: str) -> dict[str, list[list[Any]]]:
    """The rows of each filled sheet."""
    from python_calamine import CalamineError, CalamineWorkbook

    found = {}
    try:
        with CalamineWorkbook.from_path(str(copy)) as book:
            for sheet in book.sheet_names:
                rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
                room -= len(rows) * len(rows[0]) if rows else 0
                # Many sheets may point at the same part, and would be read as often.
                if room < 0:
                    raise UnreadableFile.declares(name, "sheets")
                if any(c != "" for row in rows for c in row):
                    found[sheet] = rows
    except UnreadableFile:
        raise
    except (CalamineError, OSError, ValueError, KeyError) as error:
        raise UnreadableFile.damaged(name, "Excel") from error
    except BaseException as error:
        # The reader is written in Rust, whose panics are no ordinary exceptions.
        if type(error).__name__ != "PanicException":
            raise
        raise UnreadableFile.damaged(name, "Excel") from error
    return found


def _sheet(rows: Sequence[Sequence[Any]], name: str) -> Table:
    top = find_header([[str(c).strip() for c in row] for row in rows[:50]])
    headers = unique([str(c).strip() for c in rows[top]])
    numbered = [(n, row) for n, row in enumerate(rows[top + 1 :], top + 2) if any(c != "" for c in row)]
    columns = [pl.Series(header, _column([row[at] for _, row in numbered])) for at, header in enumerate(headers)]
    # An unnamed column without a value is only the sheet's width.
    kept = [c for c, title in zip(columns, rows[top], strict=True) if str(title).strip() or c.null_count() < len(c)]
    notes = (Note("starts_in_row", row=top + 1),) if top else ()
    lines = pl.Series("line", [n for n, _ in numbered], dtype=pl.Int64)
    return Table(name, pl.DataFrame(kept), lines, no_rejected(), notes)


def even(rows: list[list[Any]]) -> list[list[Any]]:
    """Rows of the same length, as a sheet has them; empty cells are empty texts."""
    width = max(map(len, rows))
    return [row + [""] * (width - len(row)) for row in rows]


def _column(cells: list[Any]) -> pl.Series:
    """A column of one type where its cells have one; text, as one would read it, where they are mixed."""
    cells = [_cleaned(c) for c in cells]
    kinds = {type(c) for c in cells if c is not None}
    if kinds <= {int, float} and kinds:
        return pl.Series(cells, dtype=pl.Float64)
    if kinds == {bool}:
        return pl.Series(cells, dtype=pl.Boolean)
    if kinds <= {date, datetime} and kinds:
        return pl.Series([_moment(c) for c in cells], dtype=pl.Datetime("us"))
    return pl.Series([None if c is None else _written(c) for c in cells], dtype=pl.String)


def _cleaned(cell: Any) -> Any:
    if isinstance(cell, str):
        cell = cell.strip().strip("\u3000")
    return None if cell == "" else cell


def _moment(cell: date | datetime | None) -> datetime | None:
    return cell if cell is None or isinstance(cell, datetime) else datetime.combine(cell, time())


def _written(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M:%S}" if cell.time() != time() else f"{cell:%Y-%m-%d}"
    return str(cell)
