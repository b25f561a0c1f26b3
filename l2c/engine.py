"""Which engine holds the data? The only module that knows: DuckDB, in this process."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb
    import narwhals as nw
    import pandas as pd

_names = (f"l2c_{n}" for n in itertools.count())

# Above this size a saved log is read from its files at each question instead of being held in memory.
HELD_BYTES = 1_000_000_000


def database() -> duckdb.DuckDBPyConnection:
    """Return a new in-memory database; it spills to a temporary folder when memory runs short.

    Each log has its own, because a frame derived from a table keeps its database alive, but not the table: this
    way nothing a user still holds can vanish, and all of it goes when the last frame does.
    """
    import duckdb

    con = duckdb.connect(":memory:")
    con.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = false; SET enable_progress_bar = false")
    return con


def table(data: Any, db: duckdb.DuckDBPyConnection, few: Sequence[str] = ()) -> nw.LazyFrame[Any]:
    """Put rows into a database of the engine.

    Parameters
    ----------
    data
        A pandas, polars or pyarrow frame, or a lazy frame over the same database.
    db
        Where the rows go.
    few
        Columns with few distinct texts: they are kept as numbers that stand for them, in a tenth of the memory.

    Returns
    -------
    A lazy frame over a table of its own.
    """
    import narwhals as nw

    name = next(_names)
    native = nw.to_native(data, pass_through=True)
    texts: dict[str, str] = {}
    cells = {column: f'"{column}"' for column in few}
    if type(native).__module__.startswith("polars"):
        for at, column in enumerate(few):
            texts[column] = f"{name}_{at}_texts"
            found = _distinct(native.get_column(column))
            db.register(texts[column], found.to_frame().to_arrow())
            if len(found) == 1 and not native.get_column(column).null_count():
                # One source, one precision: nothing to look at row by row.
                cells[column] = "'" + found[0].replace("'", "''") + "'"
        native = _arrow(native)
    if type(native).__module__.startswith(("duckdb", "_duckdb")):
        native.create_view(f"{name}_source")
    else:
        db.register(f"{name}_source", native)
    shown = "*"
    if few:
        for at, column in enumerate(few):
            source = texts.get(column, f"{name}_source")
            distinct = f'SELECT DISTINCT "{column}" FROM {source} WHERE "{column}" IS NOT NULL ORDER BY 1'
            db.execute(f"CREATE TYPE {name}_{at} AS ENUM ({distinct})")
        casts = ", ".join(f'{cells[column]}::{name}_{at} AS "{column}"' for at, column in enumerate(few))
        shown = f"* REPLACE ({casts})"
    db.execute(f"CREATE TABLE {name} AS SELECT {shown} FROM {name}_source")
    for view in (f"{name}_source", *texts.values()):
        db.execute(f"DROP VIEW IF EXISTS {view}")
    return nw.from_native(db.table(name))


def _distinct(column: Any) -> Any:
    """The texts of a polars column, each once; numbers that stand for them tell without a look at the texts."""
    import polars as pl

    column = column.drop_nulls()
    if not isinstance(column.dtype, (pl.Categorical, pl.Enum)) or column.is_empty():
        return column.unique().cast(pl.String)
    number = column.to_physical()
    if number.min() == number.max():
        return column.head(1).cast(pl.String)
    return number.unique().cat.to(column.dtype).cast(pl.String)


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


def scan(path: Path, db: duckdb.DuckDBPyConnection, few: Sequence[str] = ()) -> nw.LazyFrame[Any]:
    """Read one Parquet file of a saved log: held in memory when small, else read from disk at each question."""
    import narwhals as nw

    relation = db.read_parquet(str(path))
    return nw.from_native(relation) if path.stat().st_size > HELD_BYTES else table(relation, db, few)


def collect(frame: nw.LazyFrame[Any]) -> pd.DataFrame:
    """Bring a (small) result to pandas; encoded text comes back as text, times as naive UTC."""
    import pandas as pd

    # Through Arrow: DuckDB's own .df() returns the codes of ENUMs inside lists, not their texts.
    arrow = frame.collect("pyarrow").to_native()
    result: pd.DataFrame = arrow.to_pandas()
    for column in result.columns[[isinstance(t, pd.CategoricalDtype) for t in result.dtypes]]:
        result[column] = result[column].astype("str")
    return result


def write(frame: nw.LazyFrame[Any], path: Path, order: Sequence[str]) -> None:
    """Write a frame to one Parquet file, its rows ordered by the named columns."""
    relation = frame.to_native().order(", ".join(f'"{column}"' for column in order))
    relation.write_parquet(str(path), compression="zstd")
