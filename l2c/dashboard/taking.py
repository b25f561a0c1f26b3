"""What of a view can be taken away: the tables behind it, as CSV and for Excel, with what they are of."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from types import ModuleType
from typing import Any, TypeGuard

import pandas as pd

from l2c.measures.behind import BEHIND
from l2c.show import cells, markup, numbers, tables
from l2c.show.charts.picture import Picture
from l2c.show.markup import clean
from l2c.system.cells import safe
from l2c.words import vocabulary
from l2c.words.notes import Note

# What a page shows, for those who scroll; what is taken away is bound by what a spreadsheet holds.
_MOST_ROWS, _MOST_COLUMNS, _LONGEST_CELL = 1_048_575, 200, 32_767
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv;charset=utf-8"
_SEEN: ContextVar[list[Shown] | None] = ContextVar("_SEEN", default=None)


@dataclass(frozen=True, eq=False)
class Shown:
    """What was shown: by which function of `show`, under which title, and the table it was made of."""

    name: str
    title: str
    table: pd.DataFrame | None
    is_chart: bool = False


class Noted:
    """A room whose functions note what they were asked to show, where somebody wants to know (`noting`)."""

    def __init__(self, room: ModuleType) -> None:
        self._room = room

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._room, name)
        if isinstance(found, type) or not callable(found):
            return found

        @wraps(found)
        def noted(*given: Any, **named: Any) -> Any:
            result = found(*given, **named)
            seen = _SEEN.get()
            if seen is not None:
                table = next((each for each in given if isinstance(each, pd.DataFrame)), None)
                seen.append(Shown(name, _title(result), table, found.__module__.startswith("l2c.show.charts")))
            return result

        return noted


def noting(make: Callable[[Any], object], kept: list[Shown]) -> Callable[[Any], object]:
    """The same function, which notes what was shown in its last call."""

    @wraps(make)
    def noted(log: Any) -> object:
        kept.clear()
        token = _SEEN.set(kept)
        try:
            return make(log)
        finally:
            _SEEN.reset(token)

    return noted


def pictures(result: object) -> list[Picture]:
    """The pictures among what a function showed: all of it, a list, lists in it."""
    if isinstance(result, (list, tuple)):
        return [picture for part in result for picture in pictures(part)]
    return [result] if isinstance(result, Picture) else []


def csv(table: pd.DataFrame, lang: str) -> bytes:
    """A table as CSV that any spreadsheet may open: numbers as numbers, and no text that it would compute."""
    # The mark lets Excel see that this is UTF-8.
    return str(safe(_plain(table, lang)).to_csv(index=False, lineterminator="\r\n")).encode("utf-8-sig")


def xlsx(
    several: Sequence[tuple[str, pd.DataFrame]], about: Iterable[tuple[str, str]], about_name: str, lang: str
) -> bytes:
    """Tables for Excel, one sheet each, and a sheet that says what they are of; no text is a formula in it.

    Parameters
    ----------
    several
        Name of the sheet, and the table.
    about, about_name
        What is said of all of them, line by line, and the name of the sheet that says it.
    """
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    taken: list[str] = []
    for name, table in several:
        plain = _plain(table, lang)
        sheet = book.create_sheet(_sheet_name(name, taken))
        sheet.freeze_panes = "A2"
        _fill(sheet, [list(map(str, plain.columns)), *plain.itertuples(index=False)], head=True)
    _fill(book.create_sheet(_sheet_name(about_name, taken)), [list(line) for line in about], head=False)
    book.properties.creator = "l2c"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def read(raw: Any) -> pd.DataFrame | None:
    """A table as a page holds it, `{"heads": [...], "rows": [[...]]}`; None for anything else."""
    if not isinstance(raw, dict):
        return None
    heads, rows = raw.get("heads"), raw.get("rows")
    if (
        not _are_texts(heads)
        or not isinstance(rows, list)
        or not 0 < len(heads) <= _MOST_COLUMNS
        or len(rows) > 100_000
    ):
        return None
    if not all(_are_texts(row) and len(row) <= _MOST_COLUMNS for row in rows):
        return None
    filled = [(row + [""] * len(heads))[: len(heads)] for row in rows]
    return pd.DataFrame(filled, columns=pd.Index([str(head) for head in heads]))


def _are_texts(raw: Any) -> TypeGuard[list[str]]:
    return isinstance(raw, list) and all(isinstance(each, str) for each in raw)


def _title(result: object) -> str:
    """What stands above a picture, or a piece of a page."""
    text = getattr(result, "alt", None) or getattr(result, "text", None) or ""
    return next(iter(str(text).splitlines()), "")[:200]


def _plain(table: pd.DataFrame, lang: str) -> pd.DataFrame:
    """A table whose heads are words and whose cells are numbers, days and texts; its index is left out unless it says something."""
    whole = (table.reset_index() if table.index.name else table).drop(columns=BEHIND, errors="ignore")
    whole = whole.iloc[:_MOST_ROWS, :_MOST_COLUMNS]
    made = [[_cell(value, str(name), lang) for value in whole.iloc[:, k]] for k, name in enumerate(whole.columns)]
    heads = [vocabulary.label(str(name), lang) for name in whole.columns]
    return pd.DataFrame({k: pd.Series(cells_, dtype=object) for k, cells_ in enumerate(made)}).set_axis(heads, axis=1)


def _cell(value: Any, name: str, lang: str) -> Any:
    bare = cells.bare(value)
    if isinstance(bare, (tuple, list, Note, str, bool)) or type(bare).__name__ == "bool_":
        return clean(tables.cell(bare, name, lang=lang, most=None))
    if isinstance(bare, markup.Html):
        return clean(bare.text)
    if not isinstance(bare, (dict, set)) and numbers.is_missing(bare):
        return None
    if isinstance(bare, datetime):
        return bare.replace(tzinfo=None)
    if hasattr(bare, "item"):
        bare = bare.item()
    return bare if isinstance(bare, (int, float)) or hasattr(bare, "isoformat") else clean(bare)


def _fill(sheet: Any, rows: Iterable[Sequence[Any]], *, head: bool) -> None:
    from openpyxl.styles import Font

    for r, row in enumerate(rows, 1):
        for c, value in enumerate(row, 1):
            if value is None or value != value:
                continue
            cell = sheet.cell(r, c)
            if isinstance(value, str):
                # A text stays one, whatever it begins with, also when somebody edits it.
                cell.value = value[:_LONGEST_CELL]
                cell.data_type, cell.quotePrefix = "s", True
            else:
                cell.value = value
            if head and r == 1:
                cell.font = Font(bold=True)


def _sheet_name(name: str, taken: list[str]) -> str:
    """A name that Excel takes, and no other sheet has."""
    short = re.sub(r"[\[\]:*?/\\']", " ", clean(name)).strip()[:28] or "l2c"
    free, number = short, 2
    while free.casefold() in {each.casefold() for each in taken}:
        free, number = f"{short[:25]} {number}", number + 1
    taken.append(free)
    return free
