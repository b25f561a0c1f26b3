"""What stands in the sheets of a workbook?"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, TypeAlias

import polars as pl

from l2c.prepare import cut_off, groups, half_dates, reports, workbook_kinds
from l2c.prepare.footers import blank
from l2c.prepare.header_rows import find_header, unique
from l2c.prepare.sheet_marks import Marks, marks
from l2c.prepare.table import Table
from l2c.words.errors import L2CError, UnreadableFile
from l2c.words.notes import Note

Merged: TypeAlias = "Sequence[tuple[tuple[int, int], tuple[int, int]]]"
"""Areas of merged cells: row and column of the first cell and of the last, from 0."""
# No headers take more rows than this.
_TALLEST = 3


@dataclass(frozen=True)
class _Book:
    """The visible sheets that hold anything, by name, and the names of the others."""

    rows: dict[str, list[list[Any]]]
    merged: dict[str, Merged]
    hidden: list[str]
    empty: list[str]


def sheets(path: Path, name: str) -> list[Table]:
    """Read the filled sheets of a workbook; dates and numbers keep their kind where a whole column has it.

    Hidden sheets are left out: what somebody put out of sight, such as an old copy, would count a second time. Hidden rows
    and columns are read, since a filter hides rows that are there.

    Parameters
    ----------
    path
        The workbook: .xlsx, .xlsm, .xlsb, .xls or .ods, whatever it is called.
    name
        What to call it.

    Raises
    ------
    UnreadableFile
        If the file is damaged, no workbook, protected by a password, or declares more than it holds.
    """
    with tempfile.TemporaryDirectory(prefix="l2c-") as folder:
        copy, room = workbook_kinds.judged(path, Path(folder), name)
        book = _read(copy, room, name)
        said = marks(copy) if copy.suffix == ".xlsx" else {}
    if not book.rows:
        raise UnreadableFile.hidden(name, book.hidden) if book.hidden else UnreadableFile.empty(name)
    aside = []
    if book.hidden:
        aside.append(Note("hidden_sheets", file=name, sheets=book.hidden))
    if book.empty:
        aside.append(Note("empty_sheets", file=name, sheets=book.empty))
    return [
        replace(
            table(rows, name if len(book.rows) == 1 else f"{name} › {sheet}", book.merged[sheet], said.get(sheet)),
            aside=tuple(aside),
        )
        for sheet, rows in book.rows.items()
    ]


def _read(copy: Path, room: int, name: str) -> _Book:
    """The rows of each visible sheet."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

    found = _Book({}, {}, [], [])
    try:
        with CalamineWorkbook.from_path(str(copy)) as book:
            for sheet in book.sheets_metadata:
                if sheet.visible != SheetVisibleEnum.Visible:
                    found.hidden.append(sheet.name)
                    continue
                if sheet.typ != SheetTypeEnum.WorkSheet:
                    found.empty.append(sheet.name)
                    continue
                cells = book.get_sheet_by_name(sheet.name)
                rows = cells.to_python(skip_empty_area=False)
                room -= len(rows) * len(rows[0]) if rows else 0
                # Many sheets may point at the same part, and would be read as often.
                if room < 0:
                    raise UnreadableFile.declares(name, "sheets")
                if any(c != "" for row in rows for c in row):
                    found.rows[sheet.name] = rows
                    found.merged[sheet.name] = cells.merged_cell_ranges or []
                else:
                    found.empty.append(sheet.name)
    except UnreadableFile:
        raise
    except PasswordError:
        raise UnreadableFile.locked(name) from None
    except (CalamineError, OSError, ValueError, KeyError) as error:
        raise UnreadableFile.damaged(name, "Excel") from error
    except BaseException as error:
        # The reader is written in Rust, whose panics are no ordinary exceptions.
        if type(error).__name__ != "PanicException":
            raise
        raise UnreadableFile.damaged(name, "Excel") from error
    return found


def table(cells: Sequence[Sequence[Any]], name: str, merged: Merged = (), said: Marks | None = None) -> Table:
    """Lay out the cells of a sheet: titles and footer cut, totals set aside, every row with the values of its groups.

    Parameters
    ----------
    cells
        The rows from the first one of the sheet, as values; an empty cell is "" or None.
    name
        What to call the sheet.
    merged
        Its merged cells.
    said
        What else the workbook says of the sheet.
    """
    rows = [[_cleaned(c) for c in row] for row in cells]
    filled = _spread(rows, merged)
    top, bottom = _header(rows, merged)
    titles = [
        "" if blank(c) else str(c)
        for c in (below or above for above, below in zip(rows[top], rows[bottom], strict=True))
    ]
    left = next((at for at, title in enumerate(titles) if title), 0)
    if any(not blank(row[at]) for row in rows[bottom + 1 :] for at in range(left)):
        left = 0
    titles, headers = titles[left:], unique(titles[left:])
    below = [(n, row[left:]) for n, row in enumerate(rows[bottom + 1 :], bottom + 2)]
    body = [(n, row) for n, row in below if any(c is not None for c in row)]
    empty = {n for n, _ in below} - {n for n, _ in body}
    notes = [Note("starts_in_row", row=top + 1)] if top else []
    inside = {at - left: n for at, n in _counted(filled, bottom).items() if at >= left}
    notes += [Note("blanks_filled", column=headers[at], n=n) for at, n in sorted(inside.items())]
    body, headers, headings = groups.headed(body, headers)
    titles, notes = [*titles, *headers[len(titles) :]], [*notes, *headings]
    found = reports.bare(body, headers, titles, name, empty, merged=frozenset(inside), is_report=bool(top))
    columns = {header: [row[at] for _, row in found.body] for at, header in enumerate(headers)}
    lines = [n for n, _ in found.body]
    doubts: dict[str, L2CError] = {**found.doubts, **half_dates.found(columns, lines, name)}
    if said:
        more, unread = said.told(headers, left, bottom, name)
        notes, doubts = [*notes, *more], {**doubts, **unread}
        if codes := said.money(headers, left, lines):
            header = unique([*headers, "Currency"])[-1]
            columns[header], titles = list(codes), [*titles, header]
            notes.append(Note("shown_in", column=header, currencies=sorted({code for code in codes if code})))
    made = [pl.Series(header, _column(values)) for header, values in columns.items()]
    # An unnamed column without a value is only the sheet's width.
    kept = [c for c, title in zip(made, titles, strict=True) if title or c.null_count() < len(c)]
    return Table(
        name,
        pl.DataFrame(kept),
        pl.Series("line", lines, dtype=pl.Int64),
        found.totals,
        (*notes, *found.notes, *cut_off.at_limit(len(lines), found.totals.height)),
        doubts=doubts,
    )


def _spread(rows: list[list[Any]], merged: Merged) -> list[tuple[int, int]]:
    """Give the cells below the first of merged ones its value; which cells, by row and column."""
    filled = []
    empty = {at for at, row in enumerate(rows) if merged and all(map(blank, row))}
    for (begin, column), (end, _) in merged:
        if begin >= len(rows) or blank(rows[begin][column]):
            continue
        for at in range(begin + 1, min(end + 1, len(rows))):
            if at not in empty and blank(rows[at][column]):
                rows[at][column] = rows[begin][column]
                filled.append((at, column))
    return filled


def _counted(filled: Sequence[tuple[int, int]], bottom: int) -> dict[int, int]:
    """How many cells of each column were filled below the headers."""
    counted: dict[int, int] = {}
    for row, column in filled:
        if row > bottom:
            counted[column] = counted.get(column, 0) + 1
    return counted


def _header(rows: Sequence[Sequence[Any]], merged: Merged) -> tuple[int, int]:
    """First and last row of the headers: merged cells may give several columns a header in common, above their own."""
    texts = [["" if blank(c) else str(c) for c in row] for row in rows[:50]]
    top = find_header(texts)
    wide = any(begin == end == top and left < right for (begin, left), (end, right) in merged)
    if wide and top + 1 < len(texts):
        below = rows[top + 1]
        are_texts = all(isinstance(c, str) for c in below if not blank(c))
        if are_texts and sum(map(bool, texts[top + 1])) > sum(map(bool, texts[top])):
            return top + 1, top + 1
    tall = [end for (begin, _), (end, _) in merged if begin <= top < end < min(top + _TALLEST, len(texts))]
    return top, max(tall, default=top)


def even(rows: list[list[Any]]) -> list[list[Any]]:
    """Rows of the same length, as a sheet has them; empty cells are empty texts."""
    width = max(map(len, rows))
    return [row + [""] * (width - len(row)) for row in rows]


def _column(cells: list[Any]) -> pl.Series:
    """A column of one type where its cells have one; text, as one would read it, where they are mixed."""
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
