"""What does an .xlsx say of a sheet beside its values: hidden rows, formulas that were never calculated, currencies?"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from l2c.prepare import money_formats
from l2c.words import matching
from l2c.words.errors import L2CError, UnreadableColumn
from l2c.words.notes import Note

_PART = 1 << 22
_PREFIX = rb"(?:[\w.-]+:)?"
_ROW_HIDDEN = re.compile(rb"<" + _PREFIX + rb"row\s[^<>]*?\bhidden\s*=\s*[\"'](?:1|true)[\"']")
_COLUMN_HIDDEN = re.compile(rb"<" + _PREFIX + rb"col\s[^<>]*?\bhidden\s*=\s*[\"'](?:1|true)[\"'][^<>]*")
_REACH = re.compile(rb"\b(min|max)\s*=\s*[\"'](\d{1,5})[\"']")
# A cell with a formula: its attributes, and its value if it has one.
_FORMULA = re.compile(
    rb"<" + _PREFIX + rb"c\s([^<>]*)>\s*<" + _PREFIX + rb"f\b(?:[^<>]*/>|[^<>]*>[^<]*</" + _PREFIX + rb"f>)\s*"
    rb"(?:<" + _PREFIX + rb"v\s*/>|<" + _PREFIX + rb"v[^<>/]*>([^<]*)</" + _PREFIX + rb"v>)?\s*</" + _PREFIX + rb"c>"
)
_PLACE = re.compile(rb"\br\s*=\s*[\"']([A-Z]{1,3})(\d{1,7})[\"']")
_IS_TEXT = re.compile(rb"\bt\s*=\s*[\"']str[\"']")
# Without these a deal would be counted wrongly, or not at all.
_NEEDED = {"case_id", "activity", "time", "stage", "amount", "is_won", "is_closed"}


@dataclass
class Marks:
    """What an .xlsx says of one sheet.

    Attributes
    ----------
    hidden_rows, hidden_columns
        How many rows are hidden; which columns, from 0.
    formulas
        By column, from 0, the rows whose formula holds no value.
    currencies
        By column, the currency in which the cell of a row is shown.
    """

    hidden_rows: int = 0
    hidden_columns: set[int] = field(default_factory=set)
    formulas: dict[int, list[int]] = field(default_factory=dict)
    currencies: dict[int, dict[int, str]] = field(default_factory=dict)

    def told(self, headers: Sequence[str], left: int, bottom: int, name: str) -> tuple[list[Note], dict[str, L2CError]]:
        """Say it of a table.

        Parameters
        ----------
        headers
            The names of its columns.
        left, bottom
            The first column of the table, and the row of its headers, from 0.
        name
            What to call it.

        Returns
        -------
        What to know, and what must be mended before a column is used, by header.
        """
        notes, doubts = list[Note](), dict[str, L2CError]()
        if self.hidden_rows:
            notes.append(Note("hidden_rows", n=self.hidden_rows))
        hidden = [header for at, header in enumerate(headers, left) if at in self.hidden_columns]
        if hidden:
            notes.append(Note("hidden_columns", columns=hidden))
        for at, header in enumerate(headers, left):
            rows = [row for row in self.formulas.get(at, []) if row > bottom + 1]
            if rows and _is_needed(header):
                doubts[header] = UnreadableColumn.uncalculated(f"{name}, column {header}", len(rows), rows[0])
            elif rows:
                notes.append(Note("uncalculated", column=header, n=len(rows)))
        return notes, doubts

    def money(self, headers: Sequence[str], left: int, lines: Sequence[int]) -> list[str | None]:
        """The currency of the amount of each row; nothing where a column says it, or no format does."""
        if any("currency" in matching.match_attribute(header) for header in headers):
            return []
        shown = [at for at, header in enumerate(headers, left) if matching.is_strong(header, "amount")]
        by_row = self.currencies.get(shown[0], {}) if len(shown) == 1 else {}
        codes = [by_row.get(line) for line in lines]
        return codes if any(codes) else []


def marks(copy: Path) -> dict[str, Marks]:
    """Look through the sheets of a workbook.

    Parameters
    ----------
    copy
        The workbook, as `oversize.judged` copied it.

    Returns
    -------
    What is said of each sheet, by its name.
    """
    with zipfile.ZipFile(copy) as book:
        names = {each.lower(): each for each in book.namelist()}
        found = {}
        money = money_formats.styles(book, names["xl/styles.xml"]) if "xl/styles.xml" in names else {}
        for sheet, part in _parts(book, names):
            found[sheet] = _marks(book, part, money)
        # A program that wrote formulas and a zero for each asks Excel to calculate them.
        asks = b"fullCalcOnLoad" in book.read(names["xl/workbook.xml"]) if "xl/workbook.xml" in names else False
    return {sheet: replace(each, formulas=_unread(cells, asks)) for sheet, (each, cells) in found.items()}


Formulas = dict[int, list[tuple[int, bytes | None]]]


def _parts(book: zipfile.ZipFile, names: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Every sheet and the part that holds it."""
    from lxml import etree

    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names.keys():
        return
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
    links = etree.fromstring(book.read(names["xl/_rels/workbook.xml.rels"]), parser)
    whole = etree.fromstring(book.read(names["xl/workbook.xml"]), parser)
    targets = {} if links is None else {each.get("Id"): each.get("Target", "") for each in links}
    for sheet in [] if whole is None else whole.iter("{*}sheet"):
        link = next((value for key, value in sheet.attrib.items() if key.endswith("}id")), None)
        target = str(targets.get(link, ""))
        part = names.get((target.lstrip("/") if target.startswith("/") else f"xl/{target}").lower())
        if part:
            yield str(sheet.get("name")), part


def _marks(book: zipfile.ZipFile, part: str, money: dict[int, str]) -> tuple[Marks, Formulas]:
    rows, columns, formulas = 0, set[int](), Formulas()
    currencies: dict[int, dict[int, str]] = {}
    shown = re.compile(
        rb"<" + _PREFIX + rb"c\s([^<>]*\bs\s*=\s*[\"'](" + b"|".join(b"%d" % n for n in money) + rb")[\"'][^<>]*)>"
    )
    rest = b""
    with book.open(part) as file:
        while True:
            read = file.read(_PART)
            whole = rest + read
            # Cut where a cell or row begins, and after the last part at the end.
            cut = max(whole.rfind(b"<c "), whole.rfind(b"<row "), 0) if read else len(whole)
            piece, rest = whole[:cut], whole[cut:]
            if b"hidden" in piece:
                rows += len(_ROW_HIDDEN.findall(piece))
                for column in _COLUMN_HIDDEN.findall(piece):
                    reach = {key: int(number) for key, number in _REACH.findall(column)}
                    columns |= set(range(reach.get(b"min", 1) - 1, min(reach.get(b"max", 0), 16_384)))
            if b"<f" in piece or b":f" in piece:
                for attributes, value in _FORMULA.findall(piece):
                    place = _PLACE.search(attributes)
                    if place and not (value == b"" and _IS_TEXT.search(attributes)):
                        formulas.setdefault(_number(place[1]), []).append((int(place[2]), value or None))
            for attributes, style in shown.findall(piece) if money else ():
                if place := _PLACE.search(attributes):
                    currencies.setdefault(_number(place[1]), {})[int(place[2])] = money[int(style)]
            if not read:
                return Marks(rows, columns, {}, currencies), formulas


def _number(letters: bytes) -> int:
    """The number of a column from 0: A is 0."""
    number = 0
    for letter in letters:
        number = 26 * number + letter - ord("A") + 1
    return number - 1


def _unread(formulas: Formulas, asks: bool) -> dict[int, list[int]]:
    """By column, the rows whose formula was never calculated: it has no value, or all of them have the same zero."""
    found = {}
    for column, cells in formulas.items():
        zero = asks and len(cells) > 1 and all(value in (None, b"0") for _, value in cells)
        rows = [row for row, value in cells if value is None or zero]
        if rows:
            found[column] = rows
    return found


def _is_needed(header: str) -> bool:
    return bool(matching.match_date_column(header)) or bool(set(matching.match_attribute(header)) & _NEEDED)
