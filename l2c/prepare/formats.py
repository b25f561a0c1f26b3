"""What is in the file? Told by its content, never by its name."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from l2c.errors import UnreadableFile
from l2c.prepare import texts

# A file that unpacks to more than this, or that shrinks beyond what data do, is a bomb or a mistake.
LARGEST, STEEPEST = 4 * 1024**3, 400


@dataclass(frozen=True)
class Table:
    """Cells as they stand in a source.

    Attributes
    ----------
    name
        What the user calls it: the file, with its sheet where there are several.
    frame
        The cells under their own headers; text unless the source itself has types; empty cells are null.
    lines
        Line in the file, row of the sheet or number of the event, for each row of `frame`.
    rejected
        Rows that cannot be laid out in cells: `line, text, reason`.
    notes
        What was found out about the form, in plain words.
    """

    name: str
    frame: pl.DataFrame
    lines: pl.Series
    rejected: pl.DataFrame
    notes: tuple[str, ...] = ()


def no_rejected() -> pl.DataFrame:
    """Return an empty frame of rejected rows."""
    return pl.DataFrame(schema={"line": pl.Int64, "text": pl.String, "reason": pl.String})


def numbered(frame: pl.DataFrame, first: int = 1) -> pl.Series:
    """Number the rows of a frame."""
    return pl.Series("line", range(first, first + frame.height), dtype=pl.Int64)


def tables(path: Path) -> list[Table]:
    """Read one file: a workbook gives a table per filled sheet, any other file one.

    Raises
    ------
    UnreadableFile
        If the file is empty, damaged, or of a kind that holds no table.
    """
    from l2c.prepare import delimited, spreadsheet, xes

    try:
        with path.open("rb") as file:
            head = file.read(8)
    except PermissionError:
        raise UnreadableFile.forbidden(path.name) from None
    if not head:
        raise UnreadableFile.empty(path.name)
    if head.startswith(b"PAR1"):
        return [_parquet(path)]
    if head.startswith(b"PK\x03\x04"):
        return spreadsheet.sheets(path)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableFile.old_excel(path.name)
    data = _unpacked(path) if head.startswith(b"\x1f\x8b") else path.read_bytes()
    if not data or data.isspace():
        raise UnreadableFile.empty(path.name)
    if data.startswith(b"PAR1"):
        raise UnreadableFile.packed(path.name)
    start = data[:2000].lstrip(b"\xef\xbb\xbf \r\n\t")
    if start.startswith((b"<?xml", b"<log", b"<!DOCTYPE log")):
        return [xes.events(data, path.name)]
    return [delimited.table(data, path.name)]


def _unpacked(path: Path) -> bytes:
    """Unpack a gzip file, and stop where it grows beyond all measure."""
    packed = path.stat().st_size
    parts: list[bytes] = []
    size = 0
    try:
        with gzip.open(path) as file:
            while part := file.read(1 << 24):
                parts.append(part)
                size += len(part)
                if size > LARGEST or (size > 1 << 28 and size > STEEPEST * packed):
                    raise UnreadableFile.too_large(path.name)
    except (EOFError, OSError, zlib.error) as error:
        raise UnreadableFile.damaged(path.name, "gzip") from error
    return b"".join(parts)


def _parquet(path: Path) -> Table:
    try:
        names = pl.scan_parquet(path, glob=False).collect_schema()
        # One column at a time, since the texts of all of them would not fit.
        columns = [_small(pl.read_parquet(path, columns=[name], glob=False).to_series()) for name in names]
    except (pl.exceptions.PolarsError, OSError) as error:
        raise UnreadableFile.damaged(path.name, "Parquet") from error
    frame = pl.DataFrame(columns)
    return Table(path.name, frame, numbered(frame), no_rejected())


def typed(name: str, frame: pl.DataFrame) -> Table:
    """Make a table of rows that have types already; texts lose the white space around them."""
    frame = pl.DataFrame([_small(column) for column in frame.get_columns()])
    return Table(name, frame, numbered(frame), no_rejected())


def _small(column: pl.Series) -> pl.Series:
    """A column as it is kept: texts without the white space around them and, where they repeat, each text once."""
    if isinstance(column.dtype, (pl.Categorical, pl.Enum)):
        column = column.cast(pl.String)
    return texts.stripped(texts.small(column)) if column.dtype == pl.String else column
