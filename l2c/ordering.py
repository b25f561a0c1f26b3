"""In which order did the events of a case happen, and what followed what?

All window work of the kit is done here, once; afterwards every metric is a filter and a group-by.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, NamedTuple

from l2c import vocabulary

if TYPE_CHECKING:
    import numpy as np
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

    names = rows["activity"].unique().sort()
    order = _followed(_ordered(rows, names), names)
    cases = _cases(rows, order)
    columns: list[pl.Series] = []
    known: list[pl.Series] = []
    # One column at a time is brought into order, so that never two copies of all rows are held.
    for name in (n for n in rows.columns if n not in BASE):
        column = rows[name].gather(order["_row"])
        varies = name not in event_scope and _varies(column, order["case_key"])
        if name in event_scope or varies:
            columns.append(column)
        if name not in event_scope and (name in case_scope or not varies):
            known.append(_last_known(column, cases))
    variants, ids = _variants(order, cases["events"].to_numpy(), names)
    base = [rows[name].gather(order["_row"]) for name in ("case_id", *BASE[1:])]
    derived = ["case_key", "position", "next_activity", "wait_days", "first_of_step"]
    events = pl.DataFrame([*base, *(order[name] for name in derived), *columns])
    facts = ["started", "ended", "duration_days", "events"]
    described = [cases["case_id"], cases["case_key"], *known, *(cases[name] for name in facts)]
    return Prepared(events, pl.DataFrame(described).with_columns(variant_id=ids), variants)


def _ordered(rows: pl.DataFrame, names: pl.Series) -> pl.DataFrame:
    """Sort by case, time, process order and source.

    Returns
    -------
    `case_key` (cases by their first event), `time`, `_code` (place of the activity among the names) and `_row`
    (row of the source), in order.
    """
    import polars as pl

    codes = pl.DataFrame(
        {
            "activity": names,
            "_code": pl.Series(range(len(names)), dtype=pl.Int64),
            "_rank": pl.Series([vocabulary.process_order(name) for name in names], dtype=pl.Int32),
        }
    )
    keys = (
        rows.group_by("case_id")
        .agg(pl.col("time").min())
        .sort("time", "case_id")
        .select("case_id", pl.int_range(pl.len(), dtype=pl.Int64).alias("case_key"))
    )
    numbered = (
        rows.select("case_id", "activity", "time")
        .with_row_index("_row")
        .join(codes, on="activity", how="left", maintain_order="left")
        .join(keys, on="case_id", how="left", maintain_order="left")
        .select("case_key", "time", "_code", "_rank", "_row")
        .sort("case_key", "time", "_row")
    )
    moment = [pl.col("case_key") == pl.col("case_key").shift(), pl.col("time") == pl.col("time").shift()]
    tied = pl.all_horizontal(moment).fill_null(False)
    numbered = numbered.with_columns(_tied=tied | tied.shift(-1).fill_null(False))
    return _ties_in_process_order(numbered) if numbered["_tied"].any() else numbered


def _ties_in_process_order(numbered: pl.DataFrame) -> pl.DataFrame:
    """Let known activities of one moment change places among themselves until they stand in process order."""
    import polars as pl

    known = pl.col("_tied") & pl.col("_rank").is_not_null()
    slots = numbered.select(known.arg_true()).to_series()
    block = numbered.select(pl.col("case_key", "time", "_rank", "_row").gather(slots))
    # The rows of a moment stay in the slots of that moment, so sorting all of them at once sorts each moment.
    order = block.select(pl.arg_sort_by("case_key", "time", "_rank", "_row")).to_series()
    place = numbered.select(pl.int_range(pl.len())).to_series()
    return numbered[place.scatter(slots, slots.gather(order).cast(pl.Int64))]


def _followed(ordered: pl.DataFrame, names: pl.Series) -> pl.DataFrame:
    """Add what stands after each event: `position, next_activity, wait_days, first_of_step`."""
    import polars as pl

    last = (pl.col("case_key") != pl.col("case_key").shift(-1)).fill_null(True)
    wait = (pl.col("time").shift(-1) - pl.col("time")).dt.total_microseconds() / MICROSECONDS_A_DAY
    row = pl.int_range(pl.len())
    first_row = pl.when(last.shift().fill_null(True)).then(row).forward_fill()
    followed = ordered.with_columns(
        position=(row - first_row).cast(pl.Int32),
        wait_days=pl.when(~last).then(wait),
        _next=pl.when(~last).then(pl.col("_code").shift(-1)),
    )
    # One integer per (case, step), so that cases per step need no distinct count at each question.
    many = len(names) + 1
    step = (pl.col("case_key") * many + pl.col("_code")) * many + pl.col("_next").fill_null(many - 1)
    after = names.gather(followed["_next"]).alias("next_activity")
    return followed.with_columns(after, first_of_step=step.is_first_distinct())


def _varies(column: pl.Series, case_key: pl.Series) -> bool:
    """Tell whether some case has two different known values; both series stand in the order of events."""
    import polars as pl

    known = pl.DataFrame({"value": column, "case": case_key}).filter(pl.col("value").is_not_null())
    other = (pl.col("value") != pl.col("value").shift()) & (pl.col("case") == pl.col("case").shift())
    return bool(known.select(other.any()).item())


def _cases(rows: pl.DataFrame, order: pl.DataFrame) -> pl.DataFrame:
    """One row per case, in the order of `case_key`, with the places `_start` and `_end` of its events."""
    import polars as pl

    at_end = order.select(pl.col("next_activity").is_null().arg_true()).to_series()
    length = order["position"].gather(at_end) + 1
    at_start = at_end - length + 1
    started, ended = (order["time"].gather(places) for places in (at_start, at_end))
    return pl.DataFrame(
        {
            "case_id": rows["case_id"].gather(order["_row"].gather(at_end)),
            "case_key": order["case_key"].gather(at_end),
            "started": started,
            "ended": ended,
            "duration_days": (ended - started).dt.total_microseconds() / MICROSECONDS_A_DAY,
            "events": length,
            "_start": at_start,
            "_end": at_end,
        }
    )


def _last_known(column: pl.Series, cases: pl.DataFrame) -> pl.Series:
    """The last value of each case that is not missing; `column` stands in the order of events."""
    import polars as pl

    if column.null_count() == 0:
        return column.gather(cases["_end"])
    known = pl.select(pl.when(column.is_not_null()).then(pl.int_range(len(column))).forward_fill()).to_series()
    row = known.gather(cases["_end"])
    inside = pl.select(pl.when(row >= cases["_start"]).then(row)).to_series()
    return column.gather(inside).alias(column.name)


def _variants(order: pl.DataFrame, lengths: np.ndarray, names: pl.Series) -> tuple[pl.DataFrame, pl.Series]:
    """Number the distinct traces, most frequent first; equal counts by length, then by the activities' names.

    Notes
    -----
    A trace is told by the sum, modulo 2^64, of a well-mixed number for each (position, activity). Among a million
    variants the chance that two share a sum is below one in ten million.
    """
    import numpy as np
    import polars as pl

    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.int64)
    codes = order["_code"].to_numpy()
    mixed = _mix(_mix(order["position"].to_numpy().astype(np.uint64)) ^ codes.astype(np.uint64))
    sums = np.add.reduceat(mixed, starts) if len(starts) else mixed
    _, example, variant, cases = np.unique(sums, return_index=True, return_inverse=True, return_counts=True)
    # Codes follow the alphabet, so traces sort as their names would.
    traces = [codes[starts[case] : starts[case] + lengths[case]].tolist() for case in example]
    ranked = sorted(range(len(cases)), key=lambda v: (-cases[v], len(traces[v]), traces[v]))
    ids = np.empty(len(cases), dtype=np.int32)
    ids[ranked] = np.arange(1, len(cases) + 1)
    name = names.to_list()
    table = pl.DataFrame(
        {
            "variant_id": np.arange(1, len(cases) + 1, dtype=np.int32),
            "trace": pl.Series([[name[code] for code in traces[v]] for v in ranked], dtype=pl.List(pl.String)),
            "cases": cases[ranked].astype(np.int64),
        }
    )
    return table, pl.Series(ids[variant.reshape(-1)])


def _mix(numbers: np.ndarray) -> np.ndarray:
    """Scatter whole numbers over 64 bits (the finaliser of SplitMix64; Steele, Lea and Flood 2014)."""
    import numpy as np

    with np.errstate(over="ignore"):
        mixed = numbers + np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return mixed ^ (mixed >> np.uint64(31))
