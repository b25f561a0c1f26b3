"""Which engine holds the data? The only module that knows: DuckDB in this process, Spark, or another.

Everything else is written in Narwhals. An engine that Narwhals speaks needs three things here: `table` (compute once
and hold), `clock` (times as naive UTC and as whole numbers) and `traces` (the activities of each case, in order).
"""

from __future__ import annotations

import errno
import itertools
import os
import re
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from l2c.words.errors import EngineTrouble, UntypedColumn

if TYPE_CHECKING:
    import duckdb
    import narwhals as nw
    import pandas as pd

_names = (f"l2c_{n}" for n in itertools.count())

# Times are counted in these.
MICROSECONDS_A_DAY = 86_400_000_000
# Above this size a saved log is read from its files at each question instead of being held in memory.
HELD_BYTES = 1_000_000_000
# What systems say when nothing more can be written.
_FULL = ("No space left", "File too large", "quota exceeded", "not enough space")
# What DuckDB raises when a file is damaged, changed or gone.
_UNREADABLE = ("Error", "IOException", "InvalidInputException", "SerializationException", "InternalException")
# What Spark takes for a pattern in the name of a file.
_SIGNS = r"([\\{}\[\]*?,^])"
_EPOCH = "TIMESTAMP_NTZ'1970-01-01 00:00:00'"


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


def home(frame: nw.LazyFrame[Any]) -> Any:
    """Where a frame lives: a Spark session, or the name of the library that computes it."""
    native = frame.to_native()
    return native.sparkSession if _is_spark(native) else frame.implementation


def adopted(source: Any) -> nw.LazyFrame[Any]:
    """A frame of the user's engine, as it stands; Spark takes a dot in a name for a way into a structure."""
    import narwhals as nw

    if _is_spark(source):
        source = source.toDF(*(column.replace(".", "_") for column in source.columns))
    return nw.from_native(source)


def table(data: Any, home: Any, few: Mapping[str, Sequence[str] | None] | None = None) -> nw.LazyFrame[Any]:
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
    import narwhals as nw

    with trouble():
        if _is_spark(home):
            return _spark_table(data, home)
        if _is_duckdb(home):
            return _duckdb_table(data, home, few or {})
        frame = nw.from_native(data)
        held = frame.collect() if isinstance(frame, nw.LazyFrame) else frame
        return held.lazy(backend=home)


def reused(frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """A frame that several questions will be put to: Spark keeps it, other engines read their files again."""
    native = frame.to_native()
    return _spark_table(native, native.sparkSession) if _is_spark(native) else frame


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
    import narwhals as nw

    kind = frame.collect_schema()[column]
    when = nw.col(column)
    zoned = isinstance(kind, nw.Datetime) and kind.time_zone is not None
    local = zone != "UTC" and isinstance(kind, nw.Datetime) and not zoned
    if not _is_spark(frame.to_native()):
        if local:
            raise UntypedColumn.zone(column, zone)
        utc = when.dt.convert_time_zone("UTC").dt.replace_time_zone(None) if zoned else when
        frame = frame.with_columns(utc.cast(nw.Datetime("us")).alias(column))
        since = when.cast(nw.Datetime("us")) - nw.lit(datetime(1970, 1, 1))
        return frame.with_columns(_at=since.dt.total_microseconds())
    # Spark's own conversions go through the zone of the session, and lose an hour each autumn.
    native = frame.to_native()
    name = f"`{column}`"
    if zoned:
        native = native.withColumn(column, _sql(native, f"timestampadd(MICROSECOND, unix_micros({name}), {_EPOCH})"))
    else:
        naive = f"cast({name} AS TIMESTAMP_NTZ)"
        text = f"convert_timezone('{zone}', 'UTC', {naive})" if local else naive
        native = native.withColumn(column, _sql(native, text))
    past = f"({name} - {_EPOCH})"
    parts = f"extract(DAY FROM {past}) * 86400L + extract(HOUR FROM {past}) * 3600L + extract(MINUTE FROM {past}) * 60"
    length = f"({parts}) * 1000000L + cast(extract(SECOND FROM {past}) * 1000000 AS BIGINT)"
    return nw.from_native(native.withColumn("_at", _sql(native, length)))


def moment(when: datetime, home: Any) -> nw.Expr:
    """A moment in naive UTC, to compare times with; Spark would take a datetime for one of this machine's zone."""
    import narwhals as nw

    return nw.lit(when.isoformat(" ")).cast(nw.Datetime("us")) if _is_spark(home) else nw.lit(when)


def traces(events: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """The activities of each case in the order of `position`: `case_key, trace`; Narwhals cannot say that yet."""
    import narwhals as nw

    native = events.select("case_key", "position", "activity").to_native()
    if _is_spark(native):
        listed = "transform(array_sort(collect_list(struct(position, activity))), each -> each.activity) AS trace"
        return nw.from_native(native.groupBy("case_key").agg(_sql(native, listed)))
    if type(native).__module__.startswith("polars"):
        import polars as pl

        return nw.from_native(native.group_by("case_key").agg(pl.col("activity").sort_by("position").alias("trace")))
    return nw.from_native(native.aggregate("case_key, list(activity ORDER BY position) AS trace", "case_key"))


def summary(
    frame: nw.LazyFrame[Any], by: Sequence[str], value: str, shares: Mapping[str, float], counts: Mapping[str, str]
) -> nw.LazyFrame[Any]:
    """Count rows and flags by group, with the mean and some quantiles of a value.

    Parameters
    ----------
    by, value
        Columns to group by; the column of numbers.
    shares
        Quantiles (linear interpolation) by the name they get.
    counts
        Columns of flags by the name that their number of trues gets.

    Returns
    -------
    Per group: `by`, `events` (rows), the counts, `mean_days` and the quantiles, missing where no value is known.

    Notes
    -----
    Narwhals says all of this, but one quantile at a time; DuckDB alone takes several out of one sorted group, which
    halves the time.
    """
    import narwhals as nw

    native = frame.to_native()
    if _is_duckdb(native):
        groups = ", ".join(f'"{column}"' for column in by)
        flags = "".join(f', count_if("{flag}") AS {name}' for name, flag in counts.items())
        listed = f'quantile_cont("{value}", {list(shares.values())}) AS _quantiles'
        measured = f'{groups}, count(*) AS events{flags}, avg("{value}") AS mean_days, {listed}'
        named = ", ".join(f"_quantiles[{place}] AS {name}" for place, name in enumerate(shares, 1))
        return nw.from_native(native.aggregate(measured, groups).project(f"* EXCLUDE (_quantiles), {named}"))
    one = nw.col(value)
    wanted = {name: nw.col(flag).cast(nw.Int64()).sum() for name, flag in counts.items()}
    quantiles = {name: one.quantile(share, "linear") for name, share in shares.items()}
    return frame.group_by(*by).agg(events=nw.len(), **wanted, mean_days=one.mean(), **quantiles)


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
        if _is_spark(native):
            native.orderBy(*order).write.parquet(_address(path))
        elif _is_duckdb(native):
            relation = native.order(", ".join(f'"{column}"' for column in order))
            relation.write_parquet(str(path), compression="zstd")
        else:
            frame.sort(*order).sink_parquet(path)


def reads_again(files: Sequence[Path], home: Any) -> bool:
    """Whether files are read at each question, because the engine does not hold them in memory."""
    return _is_spark(home) or sum(file.stat().st_size for file in files) > HELD_BYTES


def is_here(home: Any) -> bool:
    """Whether an engine computes in this process, and so reads every file that this process can."""
    return not _is_spark(home)


def scan(files: Sequence[Path], home: Any, few: Sequence[str] = ()) -> nw.LazyFrame[Any]:
    """Read Parquet files as one frame: held in memory when small, else read from disk at each question."""
    import narwhals as nw

    with trouble():
        if _is_spark(home):
            return nw.from_native(home.read.parquet(*(re.sub(_SIGNS, r"\\\1", _address(file)) for file in files)))
        relation = home.read_parquet([literal(str(file)) for file in files])
        there = dict.fromkeys(column for column in few if column in relation.columns)
        return nw.from_native(relation) if reads_again(files, home) else table(relation, home, there)


def literal(path: str) -> str:
    """A path as a pattern that nothing but this path matches: DuckDB takes paths for patterns."""
    # A backslash in a name is no separator here, but DuckDB thinks so: it finds such a file only as it stands.
    if os.sep == "/" and "\\" in path:
        return path
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in path)


def _address(path: Path) -> str:
    """A local path for Spark, which takes the signs of an address (%20) for signs of a name."""
    text = path.resolve().as_posix()
    return f"file://{text}" if text.startswith("/") else f"file:///{text}"


def parquet(paths: Sequence[str], home: Any) -> nw.LazyFrame[Any]:
    """Parquet files as they stand, with `_file` and `_row` (from 1) that say where each row comes from.

    The names are those of files; on Spark they may be patterns, which is how its users name many files.
    """
    import narwhals as nw

    with trouble():
        if _is_spark(home):
            rows = home.read.parquet(*paths)
            # Spark writes the name as in an address: %20 for a space, but + for itself.
            where = ["url_decode(replace(_metadata.file_name, '+', '%2B')) AS _file", "_metadata.row_index + 1 AS _row"]
            return adopted(rows.selectExpr(*(f"`{column}`" for column in rows.columns), *where))
        rows = home.read_parquet([literal(path) for path in paths], filename=True, file_row_number=True)
        named = "parse_filename(filename) AS _file, file_row_number + 1 AS _row"
        return nw.from_native(rows.project(f"* EXCLUDE (filename, file_row_number), {named}"))


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
        if _is_duckdb(error) and kind in _UNREADABLE:
            raise EngineTrouble.reading(text) from error
        raise


def _is_spark(thing: Any) -> bool:
    return type(thing).__module__.startswith("pyspark.")


def _is_duckdb(thing: Any) -> bool:
    return type(thing).__module__.startswith(("duckdb", "_duckdb"))


def _sql(native: Any, text: str) -> Any:
    """An expression of Spark, of the kind that the frame's session understands."""
    if "connect" in type(native).__module__:
        from pyspark.sql.connect.functions import expr
    else:
        from pyspark.sql.functions import expr
    return expr(text)


def _duckdb_table(data: Any, db: Any, few: Mapping[str, Sequence[str] | None]) -> nw.LazyFrame[Any]:
    import narwhals as nw

    name = next(_names)
    native = nw.to_native(data, pass_through=True)
    if type(native).__module__.startswith("polars"):
        few = {column: texts or _distinct(native.get_column(column)) for column, texts in few.items()}
        native = _arrow(native)
    if _is_duckdb(native):
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


def _spark_table(data: Any, session: Any) -> nw.LazyFrame[Any]:
    """Compute a frame once: its rows go to the workers' disks, or to the checkpoint directory if one is set.

    A frame that is only cached carries the plan of everything before it along; after a dozen steps Spark thinks longer
    about such a plan than it computes.
    """
    import narwhals as nw

    native = nw.to_native(data, pass_through=True)
    if not _is_spark(native):
        return nw.from_native(session.createDataFrame(nw.from_native(native).to_arrow()))
    from pyspark import StorageLevel

    reliable = session.sparkContext.getCheckpointDir() is not None
    cut = native.checkpoint() if reliable else native.localCheckpoint(storageLevel=StorageLevel.DISK_ONLY)
    held = cut.persist()
    weakref.finalize(held, _let_go, held._jdf).atexit = False
    return nw.from_native(held)


def _let_go(held: Any) -> None:
    """Free what Spark keeps of a frame that nobody holds any more; a session that has ended keeps nothing."""
    try:
        held.unpersist(False)
    except Exception:  # the gateway may be gone, with errors of many kinds
        return
