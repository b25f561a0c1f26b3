"""Why can a row not be used?"""

from __future__ import annotations

from datetime import datetime

import polars as pl

from l2c.prepare.times import Times

EARLIEST = datetime(1970, 1, 1)
# The first reason that holds is the one named.
REASON = pl.Enum(
    [
        "malformed row",
        "subtotal",
        "no case",
        "no activity",
        "no time",
        "unreadable time",
        "out of range",
        "duplicate",
        "deleted",
        "example",
    ]
)


def checked(moment: Times, raw: pl.Series, limit: datetime) -> pl.Series:
    """Why a time cannot be used, or null."""
    frame = pl.DataFrame({"raw": raw.is_not_null(), "time": moment.time})
    if frame.select(pl.col("time").is_between(EARLIEST, limit).fill_null(False).all()).item():
        return pl.Series("reason", [None], dtype=REASON).new_from_index(0, frame.height)
    return frame.select(
        pl.when(~pl.col("raw"))
        .then(pl.lit("no time"))
        .when(pl.col("time").is_null())
        .then(pl.lit("unreadable time"))
        .when((pl.col("time") < EARLIEST) | (pl.col("time") > limit))
        .then(pl.lit("out of range"))
        .cast(REASON)
        .alias("reason")
    ).to_series()


def empty(frame: pl.DataFrame, column: str) -> pl.Series:
    """Whether a row has nothing in this column."""
    return frame.select(pl.col(column).is_null() | (pl.col(column) == "").fill_null(True)).to_series()
