"""Does a packed file hold what it declares, and no more than can be read?

Whatever is packed is unpacked here, counted while it grows, and given to the readers only then.
"""

from __future__ import annotations

import bz2
import copy
import errno
import gzip
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from l2c.words.errors import L2CError, UnreadableFile

# Whatever unpacks to more than this is too much; beyond the second size, so is what shrinks beyond what data do.
LARGEST_UNPACKED, SMALL, STEEPEST = 4 * 1024**3, 1 << 25, 100
MEMBERS = 10_000
# A table of more cells than this, of which fewer than one in so many is filled, would be held in memory for nothing.
ROOMY, FILLED = 10_000_000, 16
# As many columns as a sheet of Excel has.
WIDEST = 16_384
PART = 1 << 23
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, RuntimeError, struct.error,
    OverflowError, IndexError, KeyError,
)  # fmt: skip


def checked_growth(size: int, packed: int, name: str) -> None:
    """Stop where a file unpacks to more than its size can hold honestly.

    Raises
    ------
    UnreadableFile
        If it does.
    """
    if size > LARGEST_UNPACKED or (size > SMALL and size > STEEPEST * packed):
        raise UnreadableFile.too_large(name)


def checked_room(rows: int, columns: int, held: int, name: str) -> None:
    """Stop where a table would take memory for cells of which hardly any is filled.

    Raises
    ------
    UnreadableFile
        If it would.
    """
    if is_roomy(rows, columns, held):
        raise UnreadableFile.sparse(name, rows, columns, held)


def checked_width(columns: int, name: str) -> None:
    """Stop where a table has more columns than a sheet of Excel can have.

    Raises
    ------
    UnreadableFile
        If it has.
    """
    if columns > WIDEST:
        raise UnreadableFile.too_wide(name, columns, WIDEST)


def is_roomy(rows: int, columns: int, held: int) -> bool:
    """Whether a table has very many cells, of which hardly any is filled."""
    return rows * columns > max(ROOMY, FILLED * held)


def unpacked(path: Path, name: str, kind: str) -> bytes:
    """Unpack a file that is packed as one stream.

    Parameters
    ----------
    path
        A regular file.
    name
        What to call it.
    kind
        `gzip`, `bzip2`, `xz` or `Zstandard`, as `kinds.of` tells it.

    Raises
    ------
    UnreadableFile
        If it is damaged, or grows beyond all measure.
    """
    packed, size = path.stat().st_size, 0
    whole = io.BytesIO()
    try:
        with _stream(path, kind) as file:
            while part := file.read(PART):
                size += whole.write(part)
                checked_growth(size, packed, name)
    except L2CError:
        raise
    except _DAMAGED as error:
        raise UnreadableFile.damaged(name, kind) from error
    return whole.getvalue()


def _stream(path: Path, kind: str) -> IO[bytes]:
    if kind == "Zstandard":
        import pyarrow

        # Python itself knows this packing only from 3.14 on.
        stream: IO[bytes] = pyarrow.CompressedInputStream(pyarrow.OSFile(str(path)), "zstd")
        return stream
    opened: dict[str, Callable[[Path], Any]] = {"gzip": gzip.open, "bzip2": bz2.open, "xz": lzma.open}
    found: IO[bytes] = opened[kind](path)
    return found


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
    true.file_size = LARGEST_UNPACKED
    size = 0
    with packed.open(true) as file:
        while part := file.read(PART):
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
