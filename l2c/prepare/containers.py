"""Does a packed file hold what it declares, and no more than can be read?

Whatever is packed is unpacked here, counted while it grows, and given to the readers only then.
"""

from __future__ import annotations

import copy
import errno
import gzip
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import polars as pl

from l2c.errors import L2CError, UnreadableFile

# Whatever unpacks to more than this is too much; beyond the second size, so is what shrinks beyond what data do.
LARGEST, SMALL, STEEPEST = 4 * 1024**3, 1 << 25, 200
MEMBERS = 10_000
# A table of more cells than this, of which fewer than one in so many is filled, would be held in memory for nothing.
ROOMY, FILLED = 10_000_000, 16
# Excel itself has 32,767 signs in a cell; text longer than this between two marks of XML is none.
LONGEST = 1 << 20
_PART = 1 << 23
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, RuntimeError, struct.error,
    OverflowError, IndexError, KeyError,
)  # fmt: skip
_REFERENCE = r"""\sr\s*=\s*["'][A-Za-z]+[0-9]+"""


def checked_growth(size: int, packed: int, name: str) -> None:
    """Stop where a file unpacks to more than its size can hold honestly.

    Raises
    ------
    UnreadableFile
        If it does.
    """
    if size > LARGEST or (size > SMALL and size > STEEPEST * packed):
        raise UnreadableFile.too_large(name)


def checked_room(rows: int, columns: int, held: int, name: str) -> None:
    """Stop where a table would take memory for cells of which hardly any is filled.

    Raises
    ------
    UnreadableFile
        If it would.
    """
    if rows * columns > max(ROOMY, FILLED * held):
        raise UnreadableFile.sparse(name, rows, columns, held)


def gunzipped(path: Path, name: str) -> bytes:
    """Unpack a gzip file.

    Raises
    ------
    UnreadableFile
        If it is damaged, or grows beyond all measure.
    """
    packed, size = path.stat().st_size, 0
    parts: list[bytes] = []
    try:
        with gzip.open(path) as file:
            while part := file.read(_PART):
                parts.append(part)
                size += len(part)
                checked_growth(size, packed, name)
    except L2CError:
        raise
    except _DAMAGED as error:
        raise UnreadableFile.damaged(name, "gzip") from error
    return b"".join(parts)


@contextmanager
def archive(path: Path, name: str, kind: str = "zip") -> Iterator[zipfile.ZipFile]:
    """Open a zip file whose directory promises no more than can be read.

    Raises
    ------
    UnreadableFile
        If it is damaged, asks for a password, or would grow beyond all measure.
    """
    try:
        with zipfile.ZipFile(path) as found:
            members = found.infolist()
            checked_growth(sum(m.file_size for m in members), path.stat().st_size, name)
            if len(members) > MEMBERS:
                raise UnreadableFile.too_large(name)
            if any(m.flag_bits & 1 for m in members):
                raise UnreadableFile.locked(name)
            yield found
    except L2CError:
        raise
    except _DAMAGED as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise
        raise UnreadableFile.damaged(name, kind) from error


def parts(packed: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> Iterator[bytes]:
    """Unpack one member bit by bit; what it is said to unpack to is not believed but counted."""
    true = copy.copy(member)
    true.file_size = LARGEST
    size = 0
    with packed.open(true) as file:
        while part := file.read(_PART):
            size += len(part)
            checked_growth(size, member.compress_size, name)
            if size > member.file_size:
                break
            yield part
    if size != member.file_size:
        raise zipfile.BadZipFile("not the size that is declared")


def unzipped(packed: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, name: str) -> None:
    """Unpack one member into a file of that name."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as out:
        for part in parts(packed, member, name):
            out.write(part)


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
    cells = 0
    with archive(path, name, "Excel") as packed, zipfile.ZipFile(target, "w") as copied:
        # The last of several members of a name is the one that counts.
        members = {m.filename.lower(): m for m in packed.infolist()}
        if "xl/workbook.xml" not in members and not any(m.endswith("workbook.xml") for m in members):
            raise UnreadableFile.not_a_workbook(name)
        for member in members.values():
            if member.filename.lower().endswith((".xml", ".rels")):
                with copied.open(member.filename, "w", force_zip64=True) as out:
                    cells += _judged_part(packed, member, out, name)
    return cells


def _judged_part(packed: zipfile.ZipFile, member: zipfile.ZipInfo, out: IO[bytes], name: str) -> int:
    """Copy one part of a workbook; so many cells it can have if it is a sheet."""
    rows = columns = held = begun = texts = declared = 0
    rest = b""
    for part in parts(packed, member, name):
        out.write(part)
        whole = rest + part
        if b"\0" in whole:
            raise ValueError("no text that the reader takes for XML")
        if any(b"<" not in whole[at : at + LONGEST] for at in range(0, len(whole) - LONGEST, LONGEST)):
            raise UnreadableFile.endless_cell(name)
        cut = whole.rfind(b"<")
        piece, rest = (whole[:cut], whole[cut:]) if cut > 0 else (whole, b"")
        if (
            len(piece) >= _PART // 2
            and re.search(rb"\bt>", piece)
            and not re.search(rb"<(?:\w+:)?(?:c|si)[\s/>]", piece)
        ):
            raise UnreadableFile.endless_cell(name)
        text = pl.Series([piece.decode("utf-8", "replace")])
        found = text.str.extract_all(_REFERENCE).explode().drop_nulls()
        held += len(found)
        begun += _count(text, "c")
        texts += _count(text, "si")
        declared = max([declared, *(int(n) for n in re.findall(rb"""uniqueCount\s*=\s*["'](\d{1,20})""", piece))])
        if len(found):
            numbers = found.str.extract("([0-9]+)$").cast(pl.Int64, strict=False).fill_null(1 << 40)
            rows = max(rows, numbers.max())  # type: ignore[type-var, assignment]
            letters = found.str.extract("([A-Za-z]+)[0-9]+$").unique()
            columns = max(columns, *(_column(word) for word in letters))
    if declared > max(ROOMY, 2 * texts):
        raise UnreadableFile.declares(name, "texts")
    if begun > held or rows * columns > max(ROOMY, FILLED * held):
        # Rows and cells that are only formatted reach as far, and cells without a place stand beside one another.
        rows, columns, held = _extent(packed, member, name)
        checked_room(rows, columns, held, f"{name}, {Path(member.filename).stem}")
    return rows * columns


def _count(text: pl.Series, element: str) -> int:
    """How often an element begins."""
    return int(text.str.count_matches(rf"<(?:[\w.-]+:)?{element}[\s/>]").item())


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
        for part in parts(packed, member, name):
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
