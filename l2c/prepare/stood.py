"""What did each deal stand at, by the rows of one table, and when?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from l2c.prepare import closing, named_times, times
from l2c.prepare.headers import Layout, States
from l2c.prepare.histories import AS_OF, ENTERED, FROM
from l2c.prepare.instructions import Instructions
from l2c.prepare.product_lines import summed, until
from l2c.prepare.reasons import REASON, checked, empty
from l2c.words import matching
from l2c.words.notes import Note


def stood(
    typed: pl.DataFrame,
    cells: pl.DataFrame,
    moments: dict[str, times.Times],
    layout: Layout,
    limit: datetime,
    instructed: Instructions,
) -> tuple[pl.DataFrame, pl.Series, dict[str, int], tuple[Note, ...]]:
    """A row is what a deal stood at: its attributes, when that was, and its dates.

    Parameters
    ----------
    typed, cells, moments, layout
        The rows with their attributes, their cells as they stood, the times in their columns, and what these hold.
    limit
        Times after this moment are out of range.
    instructed
        What the user said.

    Returns
    -------
    The rows of deals with what `successions.followed` asks for, and `_row, _rank, _n` (row, place of the table, place among
    states of one moment); why each row cannot be used, or null; cells that cannot be read, by column; what to say.
    """
    said, nothing, notes = layout.states, pl.Series([None]).new_from_index(0, typed.height), list[Note]()
    assert said is not None
    reason, lost = nothing.cast(REASON), dict[str, int]()
    columns = {
        "_at": pl.Series([said.at and min(said.at, limit)], dtype=pl.Datetime("us")).new_from_index(0, typed.height)
    }
    columns["_precision"] = pl.Series(["day"], dtype=times.PRECISION).new_from_index(0, typed.height)
    if AS_OF in layout.columns:
        found = named_times.with_named(moments[AS_OF], cells[AS_OF])
        columns |= {"_at": found.time, "_precision": found.precision}
        reason = checked(found, cells[AS_OF], limit)
    columns["_entered"] = moments[ENTERED].time if ENTERED in moments else columns["_at"].clear(typed.height)
    columns["_until"] = until(cells, layout.columns)
    columns["_from"] = (cells[FROM] if FROM in cells.columns else nothing).cast(pl.String)
    for activity, header in layout.dates.items():
        bad = checked(moments[activity], cells[activity], limit if activity != matching.CLOSE else datetime.max)
        columns["@" + activity] = moments[activity].time.set(bad.is_not_null(), None)
        columns["#" + activity] = moments[activity].precision
        if n := int(bad.is_in(["unreadable time", "out of range"]).sum()):
            lost[header] = n
    frame = typed.with_columns(**columns, _row=pl.int_range(pl.len(), dtype=pl.UInt32))
    frame = frame.with_columns(
        _closing_then(frame, cells, instructed.activities, layout.dates.get(matching.CLOSE), notes).alias("_closing"),
        *closing.meant_of_stages(typed, instructed.activities),
        _rank=said.rank,
        _exact=said.exact,
    )
    frame = frame.with_columns(
        _n=-pl.col("_row").cast(pl.Int64) if _falls(frame, said) else pl.col("_row").cast(pl.Int64)
    )
    reason = reason.set(empty(typed, "case_id"), "no case")
    return summed(frame.filter(reason.is_null()), layout.columns).drop("_until"), reason, lost, tuple(notes)


def _closing_then(
    frame: pl.DataFrame, cells: pl.DataFrame, meant: Mapping[str, str], header: str | None, notes: list[Note]
) -> pl.Series:
    """How each state closes its deal; flags that are the same in all states of a deal are those of today."""
    # A deal counts once in what is said of it, however often it was seen.
    told = pl.col("stage").is_not_null() if "stage" in frame.columns else pl.lit(True)
    newest = frame.filter(told).sort("_at", "_row").unique("case_id", keep="last", maintain_order=True)
    today, _ = closing.outcomes(newest, cells[newest["_row"]], meant, header, notes)
    flags = [name for name in closing.FLAGS if name in frame.columns]
    # What says Open now and Won later is empty and then a yes.
    by_case = frame.group_by("case_id").agg(pl.col(flag).n_unique() > 1 for flag in flags)
    if not flags or "stage" not in frame.columns or any(by_case[flag].any() for flag in flags):
        return closing.outcomes(frame, cells, meant, header, [])[0]
    plain, _ = closing.outcomes(frame.drop(flags), cells, meant, header, [])
    ended = newest.select("stage", today=today).drop_nulls("today")
    ends = dict(ended.group_by("stage").agg(pl.col("today").mode().sort().first()).iter_rows())
    return frame["stage"].cast(pl.String).replace_strict(ends, default=plain, return_dtype=pl.String)


def _falls(frame: pl.DataFrame, said: States) -> bool:
    """Whether the newest row of a deal stands on top."""
    stage = pl.col("stage").cast(pl.String) if "stage" in frame.columns else pl.lit(None, pl.String)
    rows = frame.select(pl.col("case_id").to_physical(), "_at", "_from", stage=stage).sort(
        "case_id", maintain_order=True
    )
    same = pl.col("case_id") == pl.col("case_id").shift()
    later = same & (pl.col("_at") > pl.col("_at").shift()), same & (pl.col("_at") < pl.col("_at").shift())
    after = same & (pl.col("_from") == pl.col("stage").shift()), same & (pl.col("stage") == pl.col("_from").shift())
    found = rows.select(up=later[0].sum() + after[0].sum(), down=later[1].sum() + after[1].sum())
    return said.newest_first or bool((found["down"] > found["up"]).item())
