"""What stands in a compound file, the container of Microsoft's programs of before 2007 and of protected workbooks?"""

from __future__ import annotations

import struct
from pathlib import Path

from l2c.words.errors import UnreadableFile

_ENCRYPTED = ("EncryptedPackage", "EncryptionInfo", "DataSpaces")
_FREE, _LAST, _TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
# A sector of the larger of both sizes that there are, and so many places of the table of sectors in one.
_SECTOR, _PLACES = 4096, 1024
# The head of a file names so many sectors of the table.
_HEAD = 109
# Shorter streams would be kept elsewhere.
_SHORTEST = 4096


def workbook(path: Path, name: str) -> tuple[str, bytes]:
    """Take the stream that holds an Excel workbook out of a compound file.

    Parameters
    ----------
    path
        The file.
    name
        What to call it.

    Returns
    -------
    What the stream is called, which depends on the version of Excel, and its content.

    Raises
    ------
    UnreadableFile
        If the file is damaged, protected by a password, or holds no workbook.
    """
    import olefile  # type: ignore[import-untyped]

    try:
        with olefile.OleFileIO(path) as ole:
            streams = {"/".join(each) for each in ole.listdir()}
            if any(each.split("/")[0].strip("\x06") in _ENCRYPTED for each in streams):
                raise UnreadableFile.locked(name)
            title = next((each for each in ("Workbook", "Book") if each in streams), None)
            if title:
                return title, ole.openstream(title).read()
    except UnreadableFile:
        raise
    except (OSError, ValueError, KeyError, IndexError, TypeError, struct.error, RecursionError, MemoryError) as error:
        raise UnreadableFile.damaged(name, "Excel") from error
    raise UnreadableFile.damaged(name, "Excel")


def alone(title: str, data: bytes, name: str) -> bytes:
    """Make a compound file of one stream.

    The reader of workbooks makes room for whatever a container declares; this one declares what it holds.

    Parameters
    ----------
    title, data
        What the stream is called, and its content.
    name
        What to call the file it is from.

    Raises
    ------
    UnreadableFile
        If it is larger than any workbook.
    """
    data = data.ljust(_SHORTEST, b"\0")
    sectors = -(-len(data) // _SECTOR)
    tables = next((n for n in range(1, _HEAD + 1) if n * _PLACES >= n + 2 + sectors), None)
    if tables is None:
        raise UnreadableFile.too_large(name)
    # The table, the directory, an empty sector that the root must have, and the stream.
    first = tables + 2
    places = [*[_TABLE] * tables, _LAST, _LAST, *range(first + 1, first + sectors), _LAST]
    places += [_FREE] * (tables * _PLACES - len(places))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<5H", 0x3E, 4, 0xFFFE, 12, 6) + bytes(6)
    head += struct.pack("<9I", 1, tables, tables, 0, _SHORTEST, _LAST, 0, _LAST, 0)
    head += struct.pack(f"<{_HEAD}I", *range(tables), *[_FREE] * (_HEAD - tables))
    entries = _entry("Root Entry", 5, 1, tables + 1, 64) + _entry(title, 2, _FREE, first, len(data))
    entries += _entry("", 0, _FREE, 0, 0) * (_SECTOR // 128 - 2)
    table = struct.pack(f"<{len(places)}I", *places)
    return head.ljust(_SECTOR, b"\0") + table + entries + bytes(_SECTOR) + data.ljust(sectors * _SECTOR, b"\0")


def _entry(title: str, kind: int, child: int, begin: int, size: int) -> bytes:
    """One line of the directory."""
    written = (title + "\0").encode("utf-16-le") if title else b""
    fixed = struct.pack("<HBB3I", len(written), kind, 1, _FREE, _FREE, child)
    return written.ljust(64, b"\0") + fixed + bytes(36) + struct.pack("<IQ", begin, size)
