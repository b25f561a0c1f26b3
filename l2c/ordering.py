"""In which order did the events of a case happen, and what followed what?

All window work of the kit is done here, once; afterwards every metric is a filter and a group-by.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, NamedTuple

from l2c import vocabulary

if TYPE_CHECKING:
    import polars as pl

MICROSECONDS_A_DAY = 86_400_000_000


class Prepared(NamedTuple):
    """The three frames of a log, as DESIGN describes them, and the most frequent trace first."""

    events: pl.DataFrame
    cases: pl.DataFrame
    variants: pl.DataFrame


BASE = ["case_id", "activity", "time", "precision", "source", "source_row"]


def prepare(rows: pl.DataFrame, event_scope: Collection[str], case_scope: Collection[str]) -> Prepared:
    """Order the events of each case and derive everything that depends on that order.

    Parameters
    ----------
    rows
        One row per event: the columns of `BASE` (no nulls in the first three; `time` is naive UTC) and any
        attribute columns.
    event_scope
        Attributes that describe the event, never the case.
    case_scope
        Attributes that describe the case: its value is the last one known, in the order of events. One that
        changes within a case stays with the events as well. Attributes in neither scope describe the case
        when they never change within one, else the event.

    Returns
    -------
    events : `case_id, case_key, position, activity, time, precision, source, source_row, next_activity,
        wait_days, first_of_step` + event attributes, in order.
    cases : `case_id, case_key` + case attributes + `started, ended, duration_days, events, variant_id`.
    variants : `variant_id` (1 is the most frequent), `trace`, `cases`.

    Notes
    -----
    Order within a case: time, then the process order of the vocabulary among the activities it knows, then
    the order of the source. An unknown activity keeps its place among events of the same moment.
    """
    import polars as pl

    events = _followed(_ordered(rows))
    attributes = [name for name in rows.columns if name not in BASE]
    varying = {name for name in attributes if name not in event_scope and _varies(events, name)}
    of_event = [name for name in attributes if name in event_scope or name in varying]
    of_case = [name for name in attributes if name not in event_scope and (name in case_scope or name not in varying)]
    traces = _traces(events)
    facts = events.group_by("case_key").agg(
        pl.col("case_id").first(),
        pl.col("time").first().alias("started"),
        pl.col("time").last().alias("ended"),
        pl.len().cast(pl.Int32).alias("events"),
        *[pl.col(name).drop_nulls().last() for name in of_case],
    )
    lasted = (pl.col("ended") - pl.col("started")).dt.total_microseconds() / MICROSECONDS_A_DAY
    cases = facts.join(traces.cases, on="case_key", how="left").with_columns(duration_days=lasted)
    return Prepared(
        events.select(
            "case_id",
            "case_key",
            "position",
            *BASE[1:],
            "next_activity",
            "wait_days",
            "first_of_step",
            *of_event,
        ),
        cases.sort("case_key").select(
            "case_id", "case_key", *of_case, "started", "ended", "duration_days", "events", "variant_id"
        ),
        traces.variants,
    )


def _followed(ordered: pl.DataFrame) -> pl.DataFrame:
    """Add what stands after each event: `position, next_activity, wait_days, first_of_step`."""
    import polars as pl

    last = (pl.col("case_key") != pl.col("case_key").shift(-1)).fill_null(True)
    wait = (pl.col("time").shift(-1) - pl.col("time")).dt.total_microseconds() / MICROSECONDS_A_DAY
    row = pl.int_range(pl.len())
    first_row = pl.when(last.shift().fill_null(True)).then(row).forward_fill()
    followed = ordered.with_columns(
        position=(row - first_row).cast(pl.Int32),
        next_activity=pl.when(~last).then(pl.col("activity").shift(-1)),
        wait_days=pl.when(~last).then(wait),
        _next=pl.when(~last).then(pl.col("_code").shift(-1)).otherwise(-1),
    )
    # One integer per (case, step), so that cases per step need no distinct count at each question.
    many = int(ordered.get_column("_code").max() or 0) + 2  # type: ignore[arg-type]
    step = (pl.col("case_key") * many + pl.col("_code")) * many + pl.col("_next") + 1
    return followed.with_columns(first_of_step=step.is_first_distinct())


def _varies(events: pl.DataFrame, name: str) -> bool:
    """Tell whether some case has two different known values."""
    import polars as pl

    known = events.select("case_key", name).filter(pl.col(name).is_not_null())
    other = (pl.col(name) != pl.col(name).shift()) & (pl.col("case_key") == pl.col("case_key").shift())
    return bool(known.select(other.any()).item())


def _ordered(rows: pl.DataFrame) -> pl.DataFrame:
    """Sort by case, time, process order and source; add `case_key` (cases by their first event) and `_code`."""
    import polars as pl

    names = rows.get_column("activity").unique().sort()
    known = {name: vocabulary.process_order(name) for name in names}
    codes = pl.DataFrame(
        {
            "activity": names,
            "_code": pl.Series(range(len(names)), dtype=pl.Int64),
            "_rank": pl.Series([known[name] for name in names], dtype=pl.Int32),
        }
    )
    keys = (
        rows.group_by("case_id")
        .agg(pl.col("time").min())
        .sort("time", "case_id")
        .select("case_id", pl.int_range(pl.len()).cast(pl.Int64).alias("case_key"))
    )
    numbered = (
        rows.with_row_index("_row")
        .join(codes, on="activity", how="left")
        .join(keys, on="case_id", how="left")
        .with_columns(pl.col("_row").cast(pl.Int64))
    )
    numbered = numbered.sort("case_key", "time", "_row")
    moment = [pl.col("case_key") == pl.col("case_key").shift(), pl.col("time") == pl.col("time").shift()]
    tied = pl.all_horizontal(moment).fill_null(False)
    numbered = numbered.with_columns(_tied=tied | tied.shift(-1).fill_null(False))
    if not numbered.get_column("_tied").any():
        return numbered
    return _ties_in_process_order(numbered)


def _ties_in_process_order(numbered: pl.DataFrame) -> pl.DataFrame:
    """Let known activities of one moment change places among themselves until they stand in process order."""
    import polars as pl

    swapped = pl.col("_tied") & pl.col("_rank").is_not_null()
    known = numbered.filter(swapped)
    by_process = known.sort("case_key", "time", "_rank", "_row")
    # Both frames hold the same rows of each (case, time) block, so row i of one is slot i of the other.
    by_process = by_process.with_columns(known.get_column("_row").alias("_slot"))
    rest = numbered.filter(~swapped).with_columns(pl.col("_row").alias("_slot"))
    return pl.concat([rest, by_process]).sort("case_key", "time", "_slot")


class _Traces(NamedTuple):
    cases: pl.DataFrame
    variants: pl.DataFrame


def _traces(events: pl.DataFrame) -> _Traces:
    """Number the distinct traces, most frequent first; equal counts by length, then by the activities' names."""
    import polars as pl

    # Fixed-width text of the codes sorts and groups faster than a list does; codes follow the alphabet.
    code = pl.col("_code").cast(pl.String).str.zfill(6)
    per_case = events.group_by("case_key", maintain_order=True).agg(code.str.join("").alias("_trace"))
    counted = (
        per_case.group_by("_trace")
        .agg(pl.len().alias("cases"), pl.col("case_key").first().alias("example"))
        .with_columns(pl.col("_trace").str.len_bytes().alias("_length"))
        .sort(["cases", "_length", "_trace"], descending=[True, False, False])
        .with_columns(pl.int_range(1, pl.len() + 1).cast(pl.Int32).alias("variant_id"))
    )
    numbered = per_case.join(counted.select("_trace", "variant_id"), on="_trace", how="left").drop("_trace")
    examples = events.join(
        counted.select(pl.col("example").alias("case_key"), "variant_id"), on="case_key", how="inner"
    )
    shown = (
        examples.sort("variant_id", "position")
        .group_by("variant_id", maintain_order=True)
        .agg(pl.col("activity").cast(pl.String).alias("trace"))
    )
    variants = shown.join(counted.select("variant_id", pl.col("cases").cast(pl.Int64)), on="variant_id")
    return _Traces(numbered, variants.sort("variant_id"))
