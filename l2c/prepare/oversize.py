"""Do the parts of a workbook hold what they declare, and no more than can be read?

The reader of workbooks lays out every cell between the first and the last, makes room for as many texts as are declared,
and copies a text for every cell that shows it. Where memory runs out it ends the whole process; so sizes are told before.
"""

from __future__ import annotations

import re
import zipfile
from itertools import chain
from pathlib import Path
from typing import IO

import numpy as np
import polars as pl

from l2c.prepare import containers
from l2c.words.errors import UnreadableFile

# Excel itself has 32,767 signs in a cell; text longer than this between two marks of XML is none.
LONGEST_TEXT = 1 << 20
# Bytes of texts that the cells may show together, unless the workbook itself holds as many.
MOST_TEXT = 500_000_000
_LONG_TEXT = 256
_REFERENCE = r"""\sr\s*=\s*["'][A-Za-z]+[0-9]+"""
_SHARED = r"""\st\s*=\s*["']s["']"""
_INDEX = _SHARED + r"[^<]*<(?:[\w.-]+:)?v[^<]*>\s*[0-9]+"
_ITEM = re.compile(rb"<(?:[\w.-]+:)?si\s*(?:>(?!\s*</)|\s[^/>]*>(?!\s*</))")
_ANY_ITEM = re.compile(rb"<(?:[\w.-]+:)?(?:si|c)[\s/>]")
_DECLARED = re.compile(rb"""uniqueCount\s*=\s*["'](\d{1,20})""")


def judged(path: Path, target: Path, name: str) -> int:
    """Copy a workbook part by part, and refuse what would not fit into memory.

    What is read is the copy, so that it is what was judged, whatever else the file may hold, or say of itself.

    Parameters
    ----------
    path
        The workbook.
    target
        The copy, which is not packed.
    name
        What to call it.

    Returns
    -------
    So many cells its sheets can have together.

    Raises
    ------
    UnreadableFile
        If it is damaged, no workbook, or declares more than it holds.
    """
    cells, texts = 0, _Texts(name)
    with containers.archive(path, name, "Excel") as packed, zipfile.ZipFile(target, "w") as copied:
        # The last of several members of a name is the one that counts.
        members = {m.filename.lower(): m for m in packed.infolist()}
        if not any(each.endswith("workbook.xml") for each in members):
            raise UnreadableFile.not_a_workbook(name)
        # The texts come first, since the cells of the sheets only point at them.
        for member in sorted(members.values(), key=lambda m: "sharedstrings" not in m.filename.lower()):
            if member.filename.lower().endswith((".xml", ".rels")):
                with copied.open(member.filename, "w", force_zip64=True) as out:
                    cells += _judged_part(packed, member, out, texts, name)
    texts.check()
    return cells


def _judged_part(packed: zipfile.ZipFile, member: zipfile.ZipInfo, out: IO[bytes], texts: _Texts, name: str) -> int:
    """Copy one part; so many cells it can have if it is a sheet."""
    rows = columns = held = begun = 0
    rest = b""
    for part in chain(containers.parts(packed, member, name), [b""]):
        out.write(part)
        whole = rest + part
        # Cut between two marks, and after the last part at the end.
        cut = max(whole.rfind(b"<"), 0) if part else len(whole)
        piece, rest = whole[:cut], whole[cut:]
        _check_cells(whole, piece, name)
        text = pl.Series([piece.decode("utf-8", "replace")])
        texts.add(piece, text)
        begun += _count(text, r"<(?:[\w.-]+:)?c[\s/>]")
        found = text.str.extract_all(_REFERENCE).explode().drop_nulls()
        if len(found):
            held += len(found)
            numbers = found.str.extract("([0-9]+)$").cast(pl.Int64, strict=False).fill_null(1 << 40)
            rows = max(rows, int(numbers.to_numpy().max()))
            columns = max(columns, *(_column(word) for word in found.str.extract("([A-Za-z]+)[0-9]+$").unique()))
    texts.end()
    if begun > held or containers.is_roomy(rows, columns, held):
        # Rows and cells that are only formatted reach as far, and cells without a place stand beside one another.
        rows, columns, held = _extent(packed, member, name)
        containers.checked_room(rows, columns, held, f"{name}, {Path(member.filename).stem}")
    return rows * columns


def _check_cells(whole: bytes, piece: bytes, name: str) -> None:
    """Stop at a cell longer than any text, and at an encoding that the reader does not know."""
    if b"\0" in whole:
        raise ValueError("no text that the reader takes for XML")
    if any(b"<" not in whole[at : at + LONGEST_TEXT] for at in range(0, len(whole) - LONGEST_TEXT, LONGEST_TEXT)):
        raise UnreadableFile.endless_cell(name)
    if len(piece) > containers.PART // 2 and re.search(rb"\bt>", piece) and not _ANY_ITEM.search(piece):
        raise UnreadableFile.endless_cell(name)


def _count(text: pl.Series, pattern: str) -> int:
    return int(text.str.count_matches(pattern).item())


class _Texts:
    """The texts of a workbook that cells share, and how often they do."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._starts: list[int] = []
        self._size = self._declared = self._all = 0
        self._lengths, self._shown = np.zeros(0, np.int64), np.zeros(0, np.int64)
        self._longest = self._unknown = 0

    def add(self, piece: bytes, text: pl.Series) -> None:
        """Count what a piece of a part holds or shows."""
        self._declared = max([self._declared, *map(int, _DECLARED.findall(piece))])
        self._starts += [self._size + item.start() for item in _ITEM.finditer(piece)]
        self._size += len(piece)
        if self._longest > _LONG_TEXT:
            found = text.str.extract_all(_INDEX).explode().drop_nulls().str.extract("([0-9]+)$")
            at = found.cast(pl.Int64, strict=False).drop_nulls().to_numpy()
            at = at[at < len(self._lengths)]
            self._shown += np.bincount(at, minlength=len(self._lengths))
            self._unknown += _count(text, _SHARED) - len(at)

    def end(self) -> None:
        """Tell how long the texts of a part are."""
        if self._starts:
            self._lengths = np.diff([*self._starts, self._size])
            self._shown, self._longest = np.zeros_like(self._lengths), int(self._lengths.max())
            self._all = max(self._all, int(self._lengths.sum()))
            if self._declared > max(containers.ROOMY, 2 * len(self._starts)):
                raise UnreadableFile.declares(self.name, "texts")
        elif self._declared > containers.ROOMY:
            raise UnreadableFile.declares(self.name, "texts")
        self._starts, self._size = [], 0

    def check(self) -> None:
        """Stop where a text is shown so often that all its copies would not fit."""
        shown = int((self._shown * self._lengths).sum()) + self._unknown * self._longest
        if shown > max(MOST_TEXT, 4 * self._all):
            raise UnreadableFile.declares(self.name, "text")


def _column(letters: str) -> int:
    """The number of a column: A is 1, XFD is 16,384."""
    number = 0
    for letter in letters.upper()[:8]:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number


def _extent(packed: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> tuple[int, int, int]:
    """Rows and columns that the filled cells of a sheet reach over, and their number; by parsing all of it."""
    from lxml import etree

    cells = _Cells()
    parser = etree.XMLParser(target=cells, resolve_entities=False, no_network=True, huge_tree=False)
    try:
        for part in containers.parts(packed, member, name):
            parser.feed(part)
        parser.close()
    except etree.XMLSyntaxError as error:
        raise ValueError(str(error)) from error
    return cells.rows, cells.columns, cells.held


class _Cells:
    """Where the filled cells of a sheet stand, told element by element, so that no tree is held."""

    def __init__(self) -> None:
        self.rows = self.columns = self.held = 0
        self._row, self._column, self._filled = 1, 1, False
        self._at: tuple[int, int] | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Note where a row or cell stands, and that a cell has something in it."""
        element, place = tag.rpartition("}")[2], attributes.get("r", "")
        if self._at is not None:
            self._filled = True
        elif element == "row" and place:
            self._row = int(place)
        elif element == "c":
            letters = place.rstrip("0123456789")
            self._column = _column(letters) if place else self._column
            self._at, self._filled = (int(place[len(letters) :]) if place else self._row, self._column), False

    def end(self, tag: str) -> None:
        """Count a cell."""
        element = tag.rpartition("}")[2]
        if element == "c" and self._at is not None:
            if self._filled:
                self.held += 1
                self.rows, self.columns = max(self.rows, self._at[0]), max(self.columns, self._at[1])
            self._at = None
            self._column += 1
        elif element == "row":
            self._row, self._column = self._row + 1, 1

    def close(self) -> None:
        """Nothing is left to do."""
