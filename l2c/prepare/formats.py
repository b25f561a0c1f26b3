"""What is in the file? Told by its content, never by its name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from l2c.prepare import containers, empties, markup, sources, texts
from l2c.prepare.headers import unique
from l2c.prepare.table import Table, no_rejected, numbered
from l2c.words.errors import UnreadableFile

_BROKEN = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError, KeyError, MemoryError)
# What a packed file may not hold.
_PACKED = {b"PAR1": "Parquet", b"PK\x03\x04": "zip or Excel", b"\x1f\x8b": "gzip", b"\xd0\xcf\x11\xe0": "Excel"}


def tables(path: Path, name: str | None = None) -> list[Table]:
    """Read one file: a workbook gives a table per filled sheet, any other file one.

    Parameters
    ----------
    path
        The file, or a pipe.
    name
        What to call it; its own name unless given.

    Raises
    ------
    NothingToRead, UnreadableFile
        If there is no such file, or it is empty, damaged, or of a kind that holds no table.
    """
    with sources.regular(path) as file:
        return _tables(file, name or sources.called(path))


def _tables(file: Path, name: str) -> list[Table]:
    from l2c.prepare import delimited, spreadsheet, xes

    with sources.told(file, name):
        with file.open("rb") as opened:
            head = opened.read(8)
        if head.startswith(b"PAR1"):
            return [_meant(_parquet(file, name))]
        if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
            return [_meant(table) for table in spreadsheet.sheets(file, name)]
        data = containers.gunzipped(file, name) if head.startswith(b"\x1f\x8b") else file.read_bytes()
    if not data or data.isspace():
        raise UnreadableFile.empty(name)
    again = next((kind for mark, kind in _PACKED.items() if data.startswith(mark)), None)
    if again:
        raise UnreadableFile.packed(name, again)
    if xes.is_xml(data):
        return [xes.events(data, name)]
    return [delimited.table(data, name)]


def _parquet(path: Path, name: str) -> Table:
    import pyarrow
    import pyarrow.parquet

    # Polars reads no faster, takes names for patterns, and a damaged file makes it end the process for want of memory.
    try:
        with path.open("rb") as file, pyarrow.parquet.ParquetFile(file) as source:
            # One column at a time, since the texts of all of them would not fit.
            names = source.schema_arrow.names
            columns = [_small(_column(source.read(columns=[each]), each)) for each in names]
        frame = pl.DataFrame(dict(zip(unique(names), columns, strict=True)))
    except (pyarrow.ArrowException, *_BROKEN) as error:
        raise UnreadableFile.damaged(name, "Parquet") from error
    return Table(name, frame, numbered(frame), no_rejected())


def _column(read: Any, name: str) -> pl.Series:
    """A column as it was read, once it is sure that its texts are texts: a damaged file may hold any bytes."""
    read.validate(full=True)
    return pl.DataFrame(read)[name]


def typed(name: str, frame: pl.DataFrame) -> Table:
    """Make a table of rows that have types already; texts lose the white space around them."""
    columns = [_small(column) for column in frame.get_columns()]
    frame = pl.DataFrame(dict(zip(unique(frame.columns), columns, strict=True)))
    return _meant(Table(name, frame, numbered(frame), no_rejected()))


def _small(column: pl.Series) -> pl.Series:
    """A column as it is kept: texts without the white space around them and, where they repeat, each text once."""
    if isinstance(column.dtype, (pl.Categorical, pl.Enum)):
        column = column.cast(pl.String)
    return texts.stripped(texts.small(column)) if column.dtype == pl.String else column


def _meant(table: Table) -> Table:
    """A table whose cells hold what they show, and nothing where they only say that nothing is there."""
    return empties.emptied(markup.plain(table))
