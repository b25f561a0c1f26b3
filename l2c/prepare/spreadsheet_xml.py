"""What stands in a workbook of Excel 2003 that is written as XML, as NetSuite and Dynamics export it under the name .xls?"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from l2c.prepare import containers, spreadsheet
from l2c.prepare.table import Table
from l2c.words.errors import UnreadableFile

Rows = list[list[Any]]


def is_workbook(head: str) -> bool:
    """Whether a text begins as such a workbook does."""
    return re.match(r"(<\?.*?\?>\s*|<!--.*?-->\s*)*<([\w.-]+:)?Workbook\b", head, re.DOTALL) is not None


def sheets(data: bytes, name: str) -> list[Table]:
    """Read the sheets of a workbook in SpreadsheetML, the XML of Excel 2003 that NetSuite and Dynamics write.

    Parameters
    ----------
    data
        The file's content.
    name
        What to call it.

    Raises
    ------
    UnreadableFile
        If it is damaged, empty, or declares entities: those are never resolved.
    """
    from lxml import etree

    found = _Sheets(name)
    parser = etree.XMLParser(target=found, resolve_entities=False, no_network=True, huge_tree=False)
    try:
        for at in range(0, len(data), 1 << 20):
            parser.feed(data[at : at + (1 << 20)])
        parser.close()
    except (etree.XMLSyntaxError, ValueError) as error:
        if isinstance(error, UnreadableFile):
            raise
        raise UnreadableFile.damaged(name, "Excel 2003 XML") from error
    filled = {sheet: rows for sheet, rows in found.sheets.items() if any(cell != "" for row in rows for cell in row)}
    if not filled:
        raise UnreadableFile.empty(name)
    return [
        spreadsheet.table(spreadsheet.even(rows), name if len(filled) == 1 else f"{name} › {sheet}")
        for sheet, rows in filled.items()
    ]


class _Sheets:
    """The cells of a workbook, told element by element."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.sheets: dict[str, Rows] = {}
        self._rows: Rows = []
        self._row: list[Any] = []
        self._text: list[str] | None = None
        self._type, self._held, self._at, self._comments = "String", 0, 0, False

    def doctype(self, name: str, public: str | None, system: str | None) -> None:
        """Refuse what is declared elsewhere."""
        raise UnreadableFile.entities(self.name)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Begin a sheet, a row, or what stands in a cell."""
        element = tag.rpartition("}")[2]
        given = {key.rpartition("}")[2]: value for key, value in attributes.items()}
        if element == "Worksheet":
            self._rows = self.sheets.setdefault(given.get("Name") or f"{len(self.sheets) + 1}", [])
        elif element == "Row":
            self._reach(self._rows, given, [])
            self._row = []
            self._rows.append(self._row)
        elif element == "Cell":
            self._reach(self._row, given, "")
            self._at = len(self._row)
            over = given.get("MergeAcross", "")
            self._row += [""] * (1 + min(int(over) if over.isdigit() else 0, containers.WIDEST))
        elif element == "Comment":
            self._comments = True
        elif element == "Data" and not self._comments:
            self._text, self._type = [], given.get("Type", "String")

    def _reach(self, cells: list[Any], given: dict[str, str], empty: Any) -> None:
        """Fill up to the place that a row or cell names."""
        if (said := given.get("Index", "")).isdigit():
            containers.checked_room(int(said), len(self._row) + 1, self._held, self.name)
            cells += [type(empty)() for _ in range(int(said) - 1 - len(cells))]

    def data(self, text: str) -> None:
        """Add to the text of a cell."""
        if self._text is not None:
            self._text.append(text)

    def end(self, tag: str) -> None:
        """End what stands in a cell."""
        element = tag.rpartition("}")[2]
        if element == "Comment":
            self._comments = False
        elif element == "Data" and self._text is not None:
            if self._row:
                self._row[self._at] = _value("".join(self._text), self._type)
                self._held += 1
            self._text = None

    def close(self) -> None:
        """Nothing is left to do."""


def _value(text: str, kind: str) -> Any:
    """A cell in its type; what does not fit it stays text."""
    try:
        if kind == "Number":
            return float(text)
        if kind == "DateTime":
            return datetime.fromisoformat(text.strip())
    except ValueError:
        return text
    return text.strip() == "1" if kind == "Boolean" else "" if kind == "Error" else text
