"""What does DuckDB do in a way of its own?"""

from __future__ import annotations

import itertools
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import narwhals as nw

from l2c.words.errors import EngineTrouble

if TYPE_CHECKING:
    import duckdb

_names = (f"l2c_{n}" for n in itertools.count())


def owns(thing: Any) -> bool:
    """Whether a connection, a relation or an error is of DuckDB."""
    return type(thing).__module__.startswith(("duckdb", "_duckdb"))


def database(folder: Path | None = None) -> duckdb.DuckDBPyConnection:
    """Return a new database; it spills to a temporary folder when memory runs short.

    Each log has its own, because a frame derived from a table keeps its database alive, but not the table: this
    way nothing a user still holds can vanish, and all of it goes when the last frame does.

    Parameters
    ----------
    folder
        Where the tables are kept, for a log larger than memory; in memory unless given.

    Raises
    ------
    EngineTrouble
        If the environment variable `L2C_MEMORY`, which caps the memory of a database, is no size such as `4GB`.
    """
    import duckdb

    con = duckdb.connect(str(folder / "log.duckdb") if folder else ":memory:")
    con.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = false; SET enable_progress_bar = false")
    if cap := os.environ.get("L2C_MEMORY"):
        try:
            con.execute("SET memory_limit = '" + cap.replace("'", "") + "'")
        except duckdb.Error:
            raise EngineTrouble.no_size(cap) from None
    return con


def stored(file: Path) -> Any:
    """Open a database that somebody else wrote, to be read; nothing in it reaches beyond the file.

    No extension is fetched or loaded, and no other file, address or setting is in reach of its views.
    """
    import duckdb

    closed: dict[str, Any] = {
        "enable_external_access": "false",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    db = duckdb.connect(str(file), read_only=True, config=closed)
    db.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false; SET lock_configuration = true")
    return db


def stored_tables(db: Any) -> dict[str, tuple[str, str]]:
    """Schema and name of every table and view; those outside the usual schema are called with it."""
    rows = db.execute(
        "SELECT table_schema, table_name FROM information_schema.tables WHERE table_catalog = current_database() "
        "ORDER BY table_type, table_schema, table_name"
    ).fetchall()
    return {(table if schema == "main" else f"{schema}.{table}"): (schema, table) for schema, table in rows}


def stored_rows(db: Any, schema: str, name: str) -> Any:
    """The rows of a table or view, as Arrow."""
    quoted = ".".join('"' + part.replace('"', '""') + '"' for part in (schema, name))
    return db.sql(f"SELECT * FROM {quoted}").to_arrow_table()


def table(data: Any, db: Any, few: Mapping[str, Sequence[str] | None]) -> nw.LazyFrame[Any]:
    """Hold rows in a table of a database; see `l2c.engine.table`."""
    name = next(_names)
    native = nw.to_native(data, pass_through=True)
    if type(native).__module__.startswith("polars"):
        few = {column: texts or _distinct(native.get_column(column)) for column, texts in few.items()}
        native = _arrow(native)
    if owns(native):
        native.create_view(f"{name}_source")
    else:
        db.register(f"{name}_source", native)
    casts = []
    for at, (column, texts) in enumerate(few.items()):
        known = f'SELECT DISTINCT "{column}" FROM {name}_source WHERE "{column}" IS NOT NULL ORDER BY 1'
        if texts is not None:
            known = ", ".join("'" + text.replace("'", "''") + "'" for text in texts)
        db.execute(f"CREATE TYPE {name}_{at} AS ENUM ({known})")
        casts.append(f'"{column}"::{name}_{at} AS "{column}"')
    shown = f"* REPLACE ({', '.join(casts)})" if casts else "*"
    db.execute(f"CREATE TABLE {name} AS SELECT {shown} FROM {name}_source")
    db.execute(f"DROP VIEW IF EXISTS {name}_source")
    return nw.from_native(db.table(name))


def parquet(paths: Sequence[str], db: Any) -> Any:
    """Rows of Parquet files, each with its file and its number in there."""
    # Folders such as `year=2025` are columns, where all files lie in folders of the same names.
    keys = {tuple(part.partition("=")[0] for part in Path(path).parts[:-1] if "=" in part) for path in paths}
    named_folders = len(keys) == 1 and keys != {()}
    files = [literal(path) for path in paths]
    rows = db.read_parquet(files, filename=True, file_row_number=True, hive_partitioning=named_folders)
    named = "parse_filename(filename) AS _file, file_row_number + 1 AS _row"
    return rows.project(f"* EXCLUDE (filename, file_row_number), {named}")


def literal(path: str) -> str:
    """A path as a pattern that nothing but this path matches: DuckDB takes paths for patterns."""
    # A backslash in a name is no separator here, but DuckDB thinks so: it finds such a file only as it stands.
    if os.sep == "/" and "\\" in path:
        return path
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in path)


def _distinct(column: Any) -> list[str]:
    """The texts of a polars column, each once; numbers that stand for them tell without a look at the texts."""
    import polars as pl

    column = column.drop_nulls()
    if isinstance(column.dtype, (pl.Categorical, pl.Enum)) and len(column):
        column = column.to_physical().unique().cat.to(column.dtype)
    texts: list[str] = column.unique().cast(pl.String).sort().to_list()
    return texts


def _arrow(frame: Any) -> Any:
    """A polars frame as an Arrow table, its strings uncopied, in pieces that the cores can take in turns."""
    import polars as pl
    import pyarrow as pa

    # A dictionary is unpacked for each piece again, so only those of few texts are handed over as such.
    coded = [name for name, kind in frame.schema.items() if isinstance(kind, pl.Categorical)]
    large = [name for name in coded if (frame.get_column(name).to_physical().max() or 0) > 1000]
    frame = frame.with_columns(pl.col(large).cast(pl.String))
    whole = frame.to_arrow(compat_level=pl.CompatLevel.newest())
    return pa.Table.from_batches(whole.to_batches(max_chunksize=122_880), whole.schema)
