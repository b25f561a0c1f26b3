"""What stands in a database that is a file: SQLite, DuckDB?

Both are only read, and nothing that their views say is let out of the file.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.request import pathname2url

import polars as pl

from l2c import engine
from l2c.prepare import containers, frames, kinds
from l2c.prepare.header_rows import unique
from l2c.prepare.table import Table
from l2c.words.errors import L2CError, OtherKind, UnreadableFile
from l2c.words.notes import Note

_AT_ONCE = 50_000
_JOURNALS = ("-wal", "-journal")
# A table has no more rows than its file has bytes; a view that makes more than that, and than so many, may never end.
MOST_MADE = 500_000
LONGEST_SILENCE = 60.0


def tables(file: Path, name: str, kind: str, notes: list[Note]) -> list[Table]:
    """Read every table and view of a database.

    Parameters
    ----------
    file
        The database.
    name
        What to call it.
    kind
        `SQLite` or `DuckDB`, as `kinds.of` tells it.
    notes
        Where it is said which tables are empty or cannot be read.

    Returns
    -------
    A table each, called `name › table`, or as the file where it is the only one.

    Raises
    ------
    UnreadableFile
        If it is damaged, of another version, or another program holds it.
    OtherKind
        If no table has a row.
    """
    made: list[Table] = []
    with _opened(file, name, kind) as (names, read):
        for table in names:
            shown = f"{name} › {table}"
            try:
                made.append(frames.table(shown, read(table)))
            except L2CError:
                raise
            except Exception as error:  # of a view that points elsewhere, or asks for an extension
                notes.append(Note("table_unread", file=shown, why=str(error).strip().partition("\n")[0][:200]))
    notes += [Note("no_rows", file=table.name) for table in made if not table.frame.height]
    made = [table for table in made if table.frame.height]
    if not made:
        raise OtherKind.no_rows(name, kind)
    if len(made) == 1:
        return [Table(name, made[0].frame, made[0].lines, made[0].rejected, made[0].notes)]
    return made


def names(file: Path, kind: str) -> list[str]:
    """The tables and views of a database; none where it cannot be opened: whoever reads it will say so."""
    try:
        with _opened(file, file.name, kind) as (found, _):
            return found
    except L2CError:
        return []


Opened = tuple[list[str], Callable[[str], Any]]


@contextmanager
def _opened(file: Path, name: str, kind: str) -> Iterator[Opened]:
    with (_sqlite if kind == kinds.SQLITE else _duckdb)(file, name) as opened:
        yield opened


@contextmanager
def _sqlite(file: Path, name: str) -> Iterator[Opened]:
    address = f"file:{pathname2url(str(file.absolute()))}?mode=ro"
    try:
        # A journal beside the file holds what was written last, and needs a place that can be written to.
        beside = any(file.with_name(file.name + end).exists() for end in _JOURNALS)
        db = sqlite3.connect(address if beside else f"{address}&immutable=1", uri=True)
    except sqlite3.Error as error:
        raise UnreadableFile.failed(name, str(error)) from error
    with closing(db):
        try:
            db.execute("PRAGMA trusted_schema=OFF")
            db.execute("PRAGMA query_only=ON")
            found = db.execute(
                "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite^_%' ESCAPE '^' "
                "ORDER BY type, name"
            ).fetchall()
        except sqlite3.Error as error:
            raise _refused(error, name, kinds.SQLITE) from error
        room = max(MOST_MADE, file.stat().st_size)
        yield [table for (table,) in found], lambda table: _rows(db, table, name, room)


def _rows(db: sqlite3.Connection, table: str, name: str, room: int) -> dict[str, list[Any]]:
    """The rows of one table, whose cells may each be of another type."""
    begun = time.monotonic()
    db.set_progress_handler(lambda: time.monotonic() - begun > LONGEST_SILENCE and not rows, 1_000_000)
    rows = 0
    db.text_factory = lambda raw: raw.decode("utf-8", "replace")
    asked = db.execute(f'SELECT * FROM "{table.replace(chr(34), chr(34) * 2)}"')
    headers = [column[0] for column in asked.description]
    containers.checked_width(len(headers), name)
    parts: list[list[Any]] = [[] for _ in headers]
    while some := asked.fetchmany(_AT_ONCE):
        rows += len(some)
        if rows > room:
            raise ValueError("it makes rows without end")
        for part, cells in zip(parts, zip(*some, strict=True), strict=True):
            part.extend(cells)
    # Columns of bytes that are no text hold pictures and attachments.
    return {h: cells for h, cells in zip(unique(headers), parts, strict=True) if not _is_binary(cells)}


def _is_binary(cells: list[Any]) -> bool:
    return any(isinstance(cell, bytes) and b"\0" in cell for cell in cells)


@contextmanager
def _duckdb(file: Path, name: str) -> Iterator[Opened]:
    try:
        db = engine.stored(file)
    except Exception as error:  # of the engine, which nothing but its own room knows
        raise _refused(error, name, kinds.DUCKDB) from error
    with closing(db):
        places = engine.stored_tables(db)
        yield list(places), lambda shown: pl.DataFrame(engine.stored_rows(db, *places[shown]))


def _refused(error: Exception, name: str, kind: str) -> L2CError:
    said = str(error)
    if "lock" in said.casefold():
        return UnreadableFile.forbidden(name)
    if "encrypt" in said.casefold():
        return UnreadableFile.locked(name)
    if "version" in said.casefold():
        return UnreadableFile.failed(name, said.partition("\n")[0][:200])
    return UnreadableFile.damaged(name, kind)
