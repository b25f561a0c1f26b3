"""How do files begin? Enough of each to tell what it is, without reading it whole."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import polars as pl

from l2c.prepare import containers, delimited, formats, frames, meant, sources
from l2c.words.errors import L2CError

# So much of a text is looked at, and so large a workbook is read for its first rows.
SOME, SMALL = 1 << 17, 1 << 22
FIRST_ROWS = 200
_UNREADABLE = (L2CError, OSError, EOFError, zlib.error, zipfile.BadZipFile, pl.exceptions.PolarsError, ValueError)


def heads(files: Iterable[Path]) -> Iterator[tuple[str, pl.DataFrame]]:
    """Look at the first rows of tables.

    Parameters
    ----------
    files
        Text files, plain or packed, Parquet files, workbooks and zips of these. What cannot be looked at is passed over: when it
        is read, it will be said why.

    Yields
    ------
    The name of each table, with that of its folder, and its first rows under their headers.
    """
    for file in files:
        try:
            yield from _heads(file)
        except _UNREADABLE:
            continue


def of_frame(name: str, frame: Any) -> pl.DataFrame | None:
    """Return the first rows of a data frame, or None where it is none."""
    try:
        return frames.table(name, frame.head(FIRST_ROWS) if hasattr(frame, "head") else frame).frame
    except L2CError:
        return None


def _heads(file: Path) -> Iterator[tuple[str, pl.DataFrame]]:
    name = f"{sources.printable(file.parent.name)}/{sources.called(file)}"
    if not file.is_file():
        return
    with file.open("rb") as opened:
        data = opened.read(SOME)
    if data.startswith(b"PAR1"):
        import pyarrow.parquet

        with pyarrow.parquet.ParquetFile(file) as table:
            rows = next(table.iter_batches(FIRST_ROWS), None)
        if rows is not None:
            yield name, meant.typed(name, pl.DataFrame(rows)).frame
    elif file.suffix.lower() == ".zip":
        with containers.archive(file, name) as archive:
            for member in archive.infolist():
                if Path(member.filename).suffix.lower() in (".csv", ".tsv", ".txt"):
                    with archive.open(member) as opened:
                        begin = opened.read(SOME)
                    inside = Path(member.filename)
                    yield f"{inside.parent.name}/{inside.name}", _text(begin, len(begin) < SOME, inside.name)
    elif data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        if file.stat().st_size <= SMALL:
            yield from ((name, table.frame.head(FIRST_ROWS)) for table in formats.tables(file))
    elif data.startswith(b"\x1f\x8b"):
        with gzip.open(file) as opened:
            begin = opened.read(SOME)
        yield name, _text(begin, len(begin) < SOME, name)
    elif data.strip():
        yield name, _text(data, len(data) < SOME, name)


def _text(data: bytes, whole: bool, name: str) -> pl.DataFrame:
    """The first rows of delimited text; of what was cut off in the middle of a row, the rows before."""
    return delimited.table(data if whole else data[: data.rfind(b"\n") + 1], name).frame
