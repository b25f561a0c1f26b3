"""What does Spark do in a way of its own?"""

from __future__ import annotations

import re
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import narwhals as nw

# What Spark takes for a pattern in the name of a file.
_SIGNS = r"([\\{}\[\]*?,^])"
_EPOCH = "TIMESTAMP_NTZ'1970-01-01 00:00:00'"


def owns(thing: Any) -> bool:
    """Whether a session or a frame is of Spark."""
    return type(thing).__module__.startswith("pyspark.")


def table(data: Any, session: Any) -> nw.LazyFrame[Any]:
    """Compute a frame once: its rows go to the workers' disks, or to the checkpoint directory if one is set.

    A frame that is only cached carries the plan of everything before it along; after a dozen steps Spark thinks longer
    about such a plan than it computes.
    """
    native = nw.to_native(data, pass_through=True)
    if not owns(native):
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


def clock(rows: Any, column: str, zone: str, *, zoned: bool, local: bool) -> Any:
    """Times as naive UTC, and `_at` in microseconds; see `l2c.engine.clock`."""
    # Spark's own conversions go through the zone of the session, and lose an hour each autumn.
    name = f"`{column}`"
    if zoned:
        rows = rows.withColumn(column, sql(rows, f"timestampadd(MICROSECOND, unix_micros({name}), {_EPOCH})"))
    else:
        naive = f"cast({name} AS TIMESTAMP_NTZ)"
        text = f"convert_timezone('{zone}', 'UTC', {naive})" if local else naive
        rows = rows.withColumn(column, sql(rows, text))
    past = f"({name} - {_EPOCH})"
    parts = f"extract(DAY FROM {past}) * 86400L + extract(HOUR FROM {past}) * 3600L + extract(MINUTE FROM {past}) * 60"
    length = f"({parts}) * 1000000L + cast(extract(SECOND FROM {past}) * 1000000 AS BIGINT)"
    return rows.withColumn("_at", sql(rows, length))


def parquet(paths: Sequence[str], session: Any) -> Any:
    """Rows of Parquet files, each with its file and its number in there."""
    rows = session.read.parquet(*paths)
    # Spark writes the name as in an address: %20 for a space, but + for itself.
    where = ["url_decode(replace(_metadata.file_name, '+', '%2B')) AS _file", "_metadata.row_index + 1 AS _row"]
    return rows.selectExpr(*(f"`{column}`" for column in rows.columns), *where)


def address(path: Path) -> str:
    """A local path for Spark, which takes the signs of an address (%20) for signs of a name."""
    text = path.resolve().as_posix()
    return f"file://{text}" if text.startswith("/") else f"file:///{text}"


def pattern(path: Path) -> str:
    """The address of a file as a pattern that nothing else matches: Spark takes addresses for patterns."""
    return re.sub(_SIGNS, r"\\\1", address(path))


def sql(native: Any, text: str) -> Any:
    """An expression of Spark, of the kind that the frame's session understands."""
    if "connect" in type(native).__module__:
        from pyspark.sql.connect.functions import expr
    else:
        from pyspark.sql.functions import expr
    return expr(text)
