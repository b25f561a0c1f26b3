"""Which engine holds the data? The only room that knows: DuckDB in this process, Spark, or another.

Everything else is written in Narwhals. An engine that Narwhals speaks needs three things here: `table` (compute once
and hold), `clock` (times as naive UTC and as whole numbers) and `traces` (the activities of each case, in order).
What DuckDB and Spark do in ways of their own stands in a module each.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import narwhals as nw

from l2c.engine import duckdb, spark
from l2c.engine.duckdb import database as database
from l2c.words.errors import EngineTrouble, UntypedColumn

if TYPE_CHECKING:
    import pandas as pd
    from duckdb import DuckDBPyConnection
    from pyspark.sql import SparkSession

Home: TypeAlias = "DuckDBPyConnection | SparkSession | nw.Implementation"
"""Where frames live: a database, a Spark session, or the name of the library that computes them."""

# Above this size a saved log is read from its files at each question instead of being held in memory.
HELD_BYTES = 1_000_000_000
# What systems say when nothing more can be written.
_FULL = ("No space left", "File too large", "quota exceeded", "not enough space")
# What DuckDB raises when a file is damaged, changed or gone.
_UNREADABLE = ("Error", "IOException", "InvalidInputException", "SerializationException", "InternalException")


def home(frame: nw.LazyFrame[Any]) -> Home:
    """Where a frame lives: a Spark session, or the name of the library that computes it."""
    native = frame.to_native()
    return native.sparkSession if spark.owns(native) else frame.implementation


def adopted(source: Any) -> nw.LazyFrame[Any]:
    """A frame of the user's engine, as it stands; Spark takes a dot in a name for a way into a structure."""
    if spark.owns(source):
        source = source.toDF(*(column.replace(".", "_") for column in source.columns))
    return nw.from_native(source)


def table(data: Any, home: Home, few: Mapping[str, Sequence[str] | None] | None = None) -> nw.LazyFrame[Any]:
    """Compute rows once and hold them.

    Parameters
    ----------
    data
        A pandas, polars or pyarrow frame, or a lazy frame that lives there already.
    home
        Where the rows go: a connection of DuckDB, a Spark session, or the name of another library.
    few
        Columns with few distinct texts, and those texts where they are known: DuckDB keeps numbers that stand for
        them, in a tenth of the memory.

    Returns
    -------
    A lazy frame over a table of its own.
    """
    with trouble():
        if spark.owns(home):
            return spark.table(data, home)
        if duckdb.owns(home):
            return duckdb.table(data, home, few or {})
        frame = nw.from_native(data)
        held = frame.collect() if isinstance(frame, nw.LazyFrame) else frame
        library: Any = home
        return held.lazy(backend=library)


def reused(frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """A frame that several questions will be put to: Spark keeps it, other engines read their files again."""
    native = frame.to_native()
    return spark.table(native, native.sparkSession) if spark.owns(native) else frame


def near(frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """The rows of a frame in the memory of this process, held by polars: it answers many small questions sooner than a database."""
    import polars as pl

    rows: Any = pl.from_arrow(fetch(frame))
    coded = [name for name, kind in rows.schema.items() if isinstance(kind, pl.Categorical | pl.Enum)]
    return nw.from_native(rows.with_columns(pl.col(coded).cast(pl.String)).lazy())


def clock(frame: nw.LazyFrame[Any], column: str, zone: str = "UTC") -> nw.LazyFrame[Any]:
    """Turn a column of dates or times into naive UTC, and add `_at`: the same in microseconds since 1970.

    Parameters
    ----------
    zone
        Zone of times that carry none; a date keeps its day.

    Raises
    ------
    UntypedColumn
        If there are times without a zone, which is not UTC; Spark alone converts them as our reader does.
    """
    kind = frame.collect_schema()[column]
    when = nw.col(column)
    zoned = isinstance(kind, nw.Datetime) and kind.time_zone is not None
    local = zone != "UTC" and isinstance(kind, nw.Datetime) and not zoned
    if not spark.owns(frame.to_native()):
        if local:
            raise UntypedColumn.zone(column, zone)
        utc = when.dt.convert_time_zone("UTC").dt.replace_time_zone(None) if zoned else when
        frame = frame.with_columns(utc.cast(nw.Datetime("us")).alias(column))
        since = when.cast(nw.Datetime("us")) - nw.lit(datetime(1970, 1, 1))
        return frame.with_columns(_at=since.dt.total_microseconds())
    return nw.from_native(spark.clock(frame.to_native(), column, zone, zoned=zoned, local=local))


def moment(when: datetime, home: Home) -> nw.Expr:
    """A moment in naive UTC, to compare times with; Spark would take a datetime for one of this machine's zone."""
    return nw.lit(when.isoformat(" ")).cast(nw.Datetime("us")) if spark.owns(home) else nw.lit(when)


def traces(events: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """The activities of each case in the order of `position`: `case_key, trace`; Narwhals cannot say that yet."""
    native = events.select("case_key", "position", "activity").to_native()
    if spark.owns(native):
        listed = "transform(array_sort(collect_list(struct(position, activity))), each -> each.activity) AS trace"
        return nw.from_native(native.groupBy("case_key").agg(spark.sql(native, listed)))
    if type(native).__module__.startswith("polars"):
        import polars as pl

        return nw.from_native(native.group_by("case_key").agg(pl.col("activity").sort_by("position").alias("trace")))
    return nw.from_native(native.aggregate("case_key, list(activity ORDER BY position) AS trace", "case_key"))


def fetch(frame: nw.LazyFrame[Any]) -> Any:
    """Bring the rows of a frame to this process, as an Arrow table.

    Raises
    ------
    EngineTrouble
        If memory or disk do not suffice, or the cluster gives up.
    """
    with trouble():
        return frame.collect("pyarrow").to_native()


def collect(frame: nw.LazyFrame[Any]) -> pd.DataFrame:
    """Bring a (small) result to pandas; encoded text comes back as text, times as naive UTC."""
    import pandas as pd

    # Through Arrow: DuckDB's own .df() returns the codes of ENUMs inside lists, not their texts.
    result: pd.DataFrame = fetch(frame).to_pandas()
    for column in result.columns[[isinstance(t, pd.CategoricalDtype) for t in result.dtypes]]:
        result[column] = result[column].astype("str")
    return result


def write(frame: nw.LazyFrame[Any], path: Path, order: Sequence[str]) -> None:
    """Write a frame to Parquet, its rows ordered by the named columns: one file, or on Spark a folder of parts."""
    native = frame.to_native()
    with trouble():
        if spark.owns(native):
            native.orderBy(*order).write.parquet(spark.address(path))
        elif duckdb.owns(native):
            relation = native.order(", ".join(f'"{column}"' for column in order))
            relation.write_parquet(str(path), compression="zstd")
        else:
            frame.sort(*order).sink_parquet(path)


def reads_again(files: Sequence[Path], home: Home) -> bool:
    """Whether files are read at each question, because the engine does not hold them in memory."""
    return spark.owns(home) or sum(file.stat().st_size for file in files) > HELD_BYTES


def is_here(home: Home) -> bool:
    """Whether an engine computes in this process, and so reads every file that this process can."""
    return not spark.owns(home)


def scan(files: Sequence[Path], home: Home, few: Sequence[str] = ()) -> nw.LazyFrame[Any]:
    """Read Parquet files as one frame: held in memory when small, else read from disk at each question."""
    with trouble():
        reader: Any = home
        if spark.owns(home):
            return nw.from_native(reader.read.parquet(*(spark.pattern(file) for file in files)))
        relation = reader.read_parquet([duckdb.literal(str(file)) for file in files])
        there = dict.fromkeys(column for column in few if column in relation.columns)
        return nw.from_native(relation) if reads_again(files, home) else table(relation, home, there)


def parquet(paths: Sequence[str], home: Home) -> nw.LazyFrame[Any]:
    """Parquet files as they stand, with `_file` and `_row` (from 1) that say where each row comes from.

    The names are those of files; on Spark they may be patterns, which is how its users name many files.
    """
    with trouble():
        if spark.owns(home):
            return adopted(spark.parquet(paths, home))
        return nw.from_native(duckdb.parquet(paths, home))


def stored(file: Path) -> Any:
    """Open a DuckDB file that somebody else wrote, to be read; see `duckdb.stored`."""
    return duckdb.stored(file)


def stored_tables(db: Any) -> dict[str, tuple[str, str]]:
    """Schema and name of its tables and views by what to call them."""
    return duckdb.stored_tables(db)


def stored_rows(db: Any, schema: str, name: str) -> Any:
    """The rows of one of them, as Arrow."""
    return duckdb.stored_rows(db, schema, name)


@contextmanager
def trouble(where: Path | None = None) -> Iterator[None]:
    """Say in plain words what an engine reports when it runs out of memory or disk, or loses its cluster."""
    try:
        yield
    except EngineTrouble:
        raise
    except Exception as error:
        kind, text = type(error).__name__, str(error)
        if kind == "OutOfMemoryException" or isinstance(error, MemoryError):
            raise EngineTrouble.memory(text) from error
        if any(words in text for words in _FULL) or getattr(error, "errno", None) in (errno.ENOSPC, errno.EFBIG):
            raise EngineTrouble.disk(where) from error
        if type(error).__module__.startswith(("pyspark", "py4j")):
            raise EngineTrouble.spark(text) from error
        if duckdb.owns(error) and kind in _UNREADABLE:
            raise EngineTrouble.reading(text) from error
        raise
