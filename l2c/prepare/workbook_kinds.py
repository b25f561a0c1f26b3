"""Which kind of workbook is it, and does it hold what it declares?

Of each kind a copy is judged as `oversize` judges an .xlsx, and only the copy is read.
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from l2c.prepare import compound_files, containers, oversize
from l2c.words.errors import UnreadableFile

_OLE = b"\xd0\xcf\x11\xe0"
# Records of an .xls: where sheets begin, how many texts they share, how far they reach, and cells with something in them.
_SHEET, _TEXTS, _REACH, _BEGIN, _END = 0x85, 0xFC, 0x200, 0x809, 0x0A
_CELLS = {0x06, 0xBD, 0xD6, 0xFD, 0x203, 0x204, 0x205, 0x27E}
# No .xls has more.
_ROWS, _COLUMNS = 65_536, 256


def judged(path: Path, folder: Path, name: str) -> tuple[Path, int]:
    """Copy a workbook of any kind, and refuse what would not fit into memory.

    Parameters
    ----------
    path
        The workbook.
    folder
        Where the copy is to lie.
    name
        What to call it.

    Returns
    -------
    The copy, named by its kind, and so many cells as its sheets can have together.

    Raises
    ------
    UnreadableFile
        If it is damaged, no workbook, protected by a password, or declares more than it holds.
    """
    with path.open("rb") as file:
        if file.read(4) == _OLE:
            return _xls(path, folder / "book.xls", name)
    with containers.archive(path, name, "Excel") as packed:
        members = {member.filename: member for member in packed.infolist()}
        if "xl/workbook.bin" in members:
            return _xlsb(packed, members, folder / "book.xlsb", name)
        kind = packed.read(members["mimetype"])[:80] if "mimetype" in members else b""
        if kind.startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
            return _ods(packed, members, folder / "book.ods", name)
    return folder / "book.xlsx", oversize.judged(path, folder / "book.xlsx", name)


def _xls(path: Path, copy: Path, name: str) -> tuple[Path, int]:
    """An Excel workbook of before 2007 (BIFF 5 to 8), in a compound file."""
    title, data = compound_files.workbook(path, name)
    try:
        cells = _reach(data, name)
    except struct.error as error:
        raise UnreadableFile.damaged(name, "Excel") from error
    copy.write_bytes(compound_files.alone(title, data, name))
    return copy, cells


def _reach(data: bytes, name: str) -> int:
    """So many cells the sheets of an .xls can have together."""
    begins = []
    for kind, at, size in _records(data, 0):
        if kind == _SHEET and size >= 4:
            begins.append(struct.unpack_from("<I", data, at)[0])
        elif kind == _TEXTS and size >= 8 and struct.unpack_from("<I", data, at + 4)[0] > len(data):
            raise UnreadableFile.declares(name, "texts")
        elif kind == _END:
            break
    cells = walked = 0
    for begin in begins:
        rows = columns = held = depth = 0
        for kind, at, size in _records(data, begin):
            depth += (kind == _BEGIN) - (kind == _END)
            if kind in _CELLS and size >= 4:
                row, column = struct.unpack_from("<HH", data, at)
                rows, columns, held = max(rows, row + 1), max(columns, column + 1), held + 1
            elif kind == _REACH and size >= 10:
                form = "<IIHH" if size >= 14 else "<HHHH"
                _, last_row, _, last_column = struct.unpack_from(form, data, at)
                if last_row > _ROWS or last_column > _COLUMNS:
                    raise UnreadableFile.declares(name, "cells")
            if depth <= 0:
                break
            walked += size + 4
            # Many sheets may begin at the same place, and would be read as often.
            if walked > 2 * len(data):
                raise UnreadableFile.declares(name, "sheets")
        containers.checked_room(rows, columns, held, name)
        # A record of several cells ends further right than it begins.
        cells += rows * _COLUMNS
    return cells


def _records(data: bytes, at: int) -> Iterator[tuple[int, int, int]]:
    """Kind, place and size of each record of an .xls from a place on."""
    while at + 4 <= len(data):
        kind, size = struct.unpack_from("<HH", data, at)
        yield kind, at + 4, min(size, len(data) - at - 4)
        at += 4 + size


def _xlsb(packed: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], copy: Path, name: str) -> tuple[Path, int]:
    """An Excel workbook in binary parts."""
    cells, lengths = 0, np.zeros(0, np.int64)
    shown = np.zeros(0, np.int64)
    with zipfile.ZipFile(copy, "w") as copied:
        for member in sorted(members.values(), key=lambda m: "sharedstrings" not in m.filename.lower()):
            lower = member.filename.lower()
            if not lower.endswith((".xml", ".rels", ".bin")) or "vbaproject" in lower or "printersettings" in lower:
                continue
            data = b"".join(containers.parts(packed, member, name))
            copied.writestr(member.filename, data)
            try:
                if lower == "xl/sharedstrings.bin":
                    lengths = _lengths(data, name)
                    shown = np.zeros_like(lengths)
                elif lower.startswith("xl/worksheets/") and lower.endswith(".bin"):
                    cells += _cells_shown(data, shown, name)
            except (IndexError, struct.error) as error:
                raise UnreadableFile.damaged(name, "Excel") from error
    if int((lengths * shown).sum()) > max(oversize.MOST_TEXT, 4 * int(lengths.sum())):
        raise UnreadableFile.declares(name, "text")
    return copy, cells


def _lengths(data: bytes, name: str) -> np.ndarray:
    """Bytes of each text that cells share."""
    found, declared = [], 0
    for kind, at, size in _parts(data):
        if kind == 159:
            declared = struct.unpack_from("<I", data, at + 4)[0]
        elif kind == 19:
            found.append(size)
    if declared > max(containers.ROOMY, 2 * len(found)):
        raise UnreadableFile.declares(name, "texts")
    return np.array(found, np.int64)


def _cells_shown(data: bytes, shown: np.ndarray, name: str) -> int:
    """So many cells a sheet of binary parts can have; how often it shows each text is added."""
    rows = columns = held = row = 0
    texts = []
    for kind, at, _ in _parts(data):
        if kind == 0:
            row = struct.unpack_from("<I", data, at)[0] + 1
        elif 2 <= kind <= 11:
            rows, held = max(rows, row), held + 1
            columns = max(columns, struct.unpack_from("<I", data, at)[0] + 1)
            if kind == 7:
                texts.append(struct.unpack_from("<I", data, at + 8)[0])
    containers.checked_room(rows, columns, held, name)
    known = np.array([at for at in texts if at < len(shown)], np.int64)
    shown += np.bincount(known, minlength=len(shown))
    return rows * columns


def _parts(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Kind, place and size of each record of a binary part."""
    at = 0
    while at < len(data):
        kind, at = data[at], at + 1
        if kind & 0x80:
            kind, at = kind & 0x7F | (data[at] & 0x7F) << 7, at + 1
        size = 0
        for shift in (0, 7, 14, 21):
            byte, at = data[at], at + 1
            size |= (byte & 0x7F) << shift
            if not byte & 0x80:
                break
        yield kind, at, size
        at += size


def _ods(packed: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], copy: Path, name: str) -> tuple[Path, int]:
    """An OpenDocument spreadsheet."""
    from lxml import etree

    cells = _Repeated(name)
    parser = etree.XMLParser(target=cells, resolve_entities=False, no_network=True, huge_tree=False)
    manifest = members.get("META-INF/manifest.xml")
    if manifest is not None and b"encryption-data" in b"".join(containers.parts(packed, manifest, name)):
        raise UnreadableFile.locked(name)
    try:
        with zipfile.ZipFile(copy, "w") as copied:
            for member in (members["mimetype"], members["content.xml"], *([manifest] if manifest else [])):
                with copied.open(member.filename, "w", force_zip64=True) as out:
                    for part in containers.parts(packed, member, name):
                        out.write(part)
                        if member.filename == "content.xml":
                            if b"<!ENTITY" in part:
                                raise UnreadableFile.entities(name)
                            parser.feed(part)
        parser.close()
    except etree.XMLSyntaxError as error:
        raise UnreadableFile.damaged(name, "OpenDocument") from error
    return copy, cells.room


class _Repeated:
    """How many cells the rows and cells of an OpenDocument sheet stand for, which may say that they are repeated."""

    def __init__(self, name: str) -> None:
        self.room, self._name = 0, name
        self._rows = self._columns = self._held = self._row = self._column = self._last = self._shown = 0
        self._times = self._repeats = 1
        self._in_cell = self._filled = False
        self._text = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Note where a row or a cell stands."""
        element = tag.rpartition("}")[2]
        said = {key.rpartition("}")[2]: value for key, value in attributes.items()}
        if element == "table":
            self._rows = self._columns = self._held = self._row = 0
        elif element == "table-row":
            self._times, self._column, self._last = int(said.get("number-rows-repeated", 1)), 0, 0
        elif element in ("table-cell", "covered-table-cell"):
            self._repeats = int(said.get("number-columns-repeated", 1))
            self._in_cell, self._filled, self._text = True, "value-type" in said, 0

    def data(self, text: str) -> None:
        """Note that a cell shows a text."""
        if self._in_cell and text:
            self._filled, self._text = True, self._text + len(text)

    def end(self, tag: str) -> None:
        """Count a cell, a row or a sheet."""
        element = tag.rpartition("}")[2]
        if element in ("table-cell", "covered-table-cell"):
            self._in_cell = False
            self._column += self._repeats
            if self._filled:
                self._last, self._held = self._column, self._held + 1
                self._shown += self._text * self._repeats * self._times
        elif element == "table-row":
            self._row += self._times
            if self._last:
                self._rows, self._columns = self._row, max(self._columns, self._last)
        elif element == "table":
            containers.checked_room(self._rows, self._columns, self._held, self._name)
            self.room += self._rows * self._columns
            if self._shown > oversize.MOST_TEXT:
                raise UnreadableFile.declares(self._name, "text")

    def close(self) -> None:
        """Nothing is left to do."""
