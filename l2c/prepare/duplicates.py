"""Which rows repeat an earlier one cell by cell?"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import narwhals as nw
import polars as pl

from l2c import engine
from l2c.engine import Home
from l2c.log.ordering_anywhere import SOURCE
from l2c.prepare.events import Part
from l2c.prepare.texts import decoded

if TYPE_CHECKING:
    Frame = nw.LazyFrame[Any]


def marked(parts: Sequence[Part]) -> list[pl.Series]:
    """The reasons of each part, with 'duplicate' where a usable row repeats an earlier one cell by cell."""
    first = parts[0]
    cells = first.cells if len(parts) == 1 else pl.concat([decoded(p.cells) for p in parts], how="diagonal_relaxed")
    reason = pl.concat([part.reason for part in parts])
    # Of one table of events, rows that are the same in every cell are so in these three.
    alone = len(parts) == 1 and not first.layout.is_wide
    suspects = _alike(first.events.select("time", "case_id", "activity") if alone else cells)
    if len(suspects):
        # Equal hashes are only a suspicion; the cells decide.
        found = cells[suspects].with_columns(_at=suspects)
        again = found.filter(~pl.struct(pl.exclude("_at")).is_first_distinct())["_at"]
        repeated = pl.Series([False]).new_from_index(0, cells.height).scatter(again, True)
        reason = reason.set(reason.is_null() & repeated, "duplicate")
    ends = [0]
    for part in parts:
        ends.append(ends[-1] + part.cells.height)
    # A state that a deal still stands at is none of another row.
    marks = [reason.slice(start, end - start) for start, end in pairwise(ends)]
    return [part.reason if part.states is not None else mark for part, mark in zip(parts, marks, strict=True)]


def _alike(keys: pl.DataFrame) -> pl.Series:
    """The rows that may repeat one another, in order: those whose hash is not theirs alone."""
    first = keys.to_series()
    rows = pl.int_range(keys.height, dtype=pl.UInt32, eager=True)
    if isinstance(first.dtype, pl.Datetime) and first.is_sorted():
        # In the order of time, a row that shares its moment with no neighbour is alone.
        same = first.eq_missing(first.shift())
        rows = rows.filter(same | same.shift(-1, fill_value=False))
    hashes = keys[rows].hash_rows()
    # Sorting numbers is several times as fast as looking each of them up.
    ascending = hashes.sort()
    twice = ascending.filter((ascending == ascending.shift()).fill_null(False))
    return rows.filter(hashes.is_in(twice.unique().implode())) if len(twice) else rows.clear()


def once(rows: Frame, cells: Sequence[str], home: Home) -> tuple[Frame, Frame | None]:
    """Each row once, and the rows that repeat an earlier one cell by cell, if there are any.

    Rows that repeat one share its case, activity and time; only where those come twice are all cells compared.
    """
    key = ["case_id", "activity", "_at"]
    twice = engine.table(rows.group_by(*key).agg(_n=nw.len()).filter(nw.col("_n") > 1).select(*key), home)
    if not len(engine.collect(twice.head(1))):
        return rows, None
    suspects = rows.join(twice, on=key, how="semi")
    nth = nw.col("source").cum_count().over(*cells, order_by=list(SOURCE))
    suspects = engine.table(suspects.with_columns(_nth=nth), home)
    names = rows.collect_schema().names()
    first, again = (suspects.filter(test).select(*names) for test in (nw.col("_nth") == 1, nw.col("_nth") > 1))
    if not len(engine.collect(again.head(1))):
        return rows, None
    return nw.concat([rows.join(twice, on=key, how="anti").select(*names), first]), again
