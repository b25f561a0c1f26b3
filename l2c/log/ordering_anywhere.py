"""The order of `l2c.log.ordering`, computed where the rows are: in DuckDB over files, on Spark, in any engine.

Rows in memory take the quicker way of `l2c.log.ordering`; the tests hold both to the same result.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import narwhals as nw

from l2c import engine
from l2c.engine import Home
from l2c.log.columns import BASE, MICROSECONDS_A_DAY, STARTED
from l2c.words import vocabulary

if TYPE_CHECKING:
    Frame = nw.LazyFrame[Any]

# What puts events of one moment in order, after the process: where they stood in their source.
SOURCE = ("source", "source_row")


class Held(NamedTuple):
    """The three frames of a log, as DESIGN describes them, held by their engine."""

    events: Frame
    cases: Frame
    variants: Frame


def prepare(rows: Frame, home: Home, event_scope: Collection[str], case_scope: Collection[str]) -> Held:
    """Order the events of each case and derive everything that depends on that order.

    Parameters
    ----------
    rows
        One row per event: the columns of `BASE`, `_at` (microseconds since 1970), any attributes, columns `_tie…`
        that settle the order where the place in the source does not and, where the source tells when work began,
        `started` with `_began` (the same in microseconds).
    home
        The engine that holds them.
    event_scope, case_scope
        As in `l2c.log.ordering.prepare`.

    Returns
    -------
    The same frames as there, with the same values.
    """
    names = sorted(engine.collect(rows.select("activity").unique())["activity"])
    rows = _begun(rows)
    own = (*BASE, "_at", STARTED, "_began")
    ties = [name for name in rows.collect_schema().names() if name.startswith("_tie")]
    described = [n for n in rows.collect_schema().names() if n not in (*own, *ties) and n not in event_scope]
    spans = engine.table(_spans(rows, described), home)
    varying = _varying(spans, described)
    kept = [n for n in rows.collect_schema().names() if n not in described or n in varying]
    numbered = rows.select(*kept).join(_codes(names, home), on="activity", how="left")
    numbered = numbered.join(spans.select("case_id", "case_key"), on="case_id", how="left")
    placed, order = _placed(numbered, names, [*SOURCE, *ties])
    few = {"activity": names, "next_activity": names, "precision": ["second", "minute", "day"]}
    attributes = [n for n in kept if n not in (*own, *ties)]
    events = engine.table(_followed(placed, names, order, attributes), home, few)
    traces = engine.table(engine.traces(events), home)
    variants = engine.table(ranked(traces), home)
    cases = _cases(spans, events, described, varying, case_scope)
    ids = traces.join(variants.select("trace", "variant_id"), on="trace", how="inner")
    cases = cases.join(ids.select("case_key", nw.col("variant_id").cast(nw.Int32())), on="case_key", how="left")
    return Held(events, cases, variants.select("variant_id", "trace", "cases"))


def _begun(rows: Frame) -> Frame:
    """The rows with `_began`, the own time of an event where its start is not known; without both if none is."""
    if STARTED not in rows.collect_schema().names():
        return rows
    known = (~nw.col("_began").is_null()).cast(nw.Int64()).max()
    if engine.collect(rows.select(known.alias("known")))["known"].iloc[0] != 1:
        return rows.drop(STARTED, "_began")
    late = nw.col("_began") > nw.col("_at")
    began = nw.when(nw.col("_began").is_null() | late).then(nw.col("_at")).otherwise(nw.col("_began"))
    started = nw.when(late).then(nw.col("time")).otherwise(nw.col(STARTED))
    return rows.with_columns(started.alias(STARTED), began.alias("_began"))


def _spans(rows: Frame, described: Sequence[str]) -> Frame:
    """Each case with its key (cases by their first event), its first and last moment, and the range of its attributes."""
    ranges = {f"_low_{i}": nw.col(name).min() for i, name in enumerate(described)}
    ranges |= {f"_high_{i}": nw.col(name).max() for i, name in enumerate(described)}
    time, at = nw.col("time"), nw.col("_at")
    facts = {"started": time.min(), "ended": time.max(), "_first": at.min(), "_last": at.max(), "events": nw.len()}
    if STARTED in rows.collect_schema().names():
        facts |= {"started": nw.coalesce(STARTED, "time").min(), "_first": nw.col("_began").min()}
    spans = rows.group_by("case_id").agg(**facts, **ranges)
    return spans.with_row_index("case_key", order_by=["_first", "case_id"]).with_columns(
        nw.col("case_key").cast(nw.Int64()), nw.col("events").cast(nw.Int32())
    )


def _varying(spans: Frame, described: Sequence[str]) -> set[str]:
    """Attributes with two different known values in some case."""
    if not described:
        return set()
    differ = [
        (nw.col(f"_low_{i}") != nw.col(f"_high_{i}")).cast(nw.Int64()).sum().alias(f"n{i}")
        for i in range(len(described))
    ]
    counts = engine.collect(spans.select(*differ)).iloc[0]
    return {name for i, name in enumerate(described) if counts[f"n{i}"] > 0}


def _codes(names: Sequence[str], home: Home) -> Frame:
    """Place of each activity among the names, and in the process."""
    import polars as pl

    ranks = [vocabulary.process_order(name) for name in names]
    kinds = {"activity": pl.String, "_code": pl.Int64, "_rank": pl.Int64}
    codes = pl.DataFrame({"activity": list(names), "_code": range(len(names)), "_rank": ranks}, schema=kinds)
    return engine.table(codes, home)


def _placed(rows: Frame, names: Sequence[str], source: Sequence[str]) -> tuple[Frame, list[str]]:
    """Say which columns put the events of a case in order; where that takes one of its own, add it."""
    known = [vocabulary.process_order(name) is not None for name in names]
    when = ["_at", *(["_began"] if "_began" in rows.collect_schema().names() else [])]
    if all(known) or not any(known):
        return rows, [*when, *(["_rank"] if all(known) else []), *source]
    # Known activities of one moment change places among themselves; an unknown one keeps its place.
    count, moment = nw.col("case_key").cum_count(), ["case_key", *when, "_known"]
    placed = rows.with_columns(_known=~nw.col("_rank").is_null()).with_columns(
        _slot=count.over("case_key", order_by=[*when, *source]),
        _kth=count.over(*moment, order_by=list(source)),
        _pth=count.over(*moment, order_by=["_rank", *source]),
    )
    slots = placed.filter("_known").select("case_key", *when, nw.col("_kth").alias("_pth"), "_slot")
    moved = placed.filter("_known").drop("_slot").join(slots, on=["case_key", *when, "_pth"], how="left")
    columns = [*rows.collect_schema().names(), "_slot"]
    still = placed.filter(~nw.col("_known"))
    return nw.concat([moved.select(*columns), still.select(*columns)]), ["_slot"]


def _followed(placed: Frame, names: Sequence[str], order: Sequence[str], attributes: Sequence[str]) -> Frame:
    """Add what stands after each event: `position, next_activity, wait_days, first_of_step`."""

    def after(column: str) -> nw.Expr:
        return nw.col(column).shift(-1).over("case_key", order_by=list(order))

    count = nw.col("case_key").cum_count()
    works = "_began" in placed.collect_schema().names()
    followed = placed.with_columns(
        position=(count.over("case_key", order_by=list(order)) - 1).cast(nw.Int32()),
        next_activity=after("activity"),
        _next=after("_code"),
        _next_at=after("_began" if works else "_at"),
    )
    many = len(names) + 1
    step = nw.col("_code") * many + nw.when(nw.col("_next").is_null()).then(many - 1).otherwise(nw.col("_next"))
    wait = (nw.col("_next_at") - nw.col("_at")) / MICROSECONDS_A_DAY
    if works:
        # Who begins while something else is still being done has waited for nothing.
        wait = nw.when(nw.col("_next_at") < nw.col("_at")).then(0.0).otherwise(wait)
    followed = followed.with_columns(wait_days=wait, _step=step)
    first = count.over("case_key", "_step", order_by="position") == 1
    derived = ["case_key", "position", "next_activity", "wait_days", "first_of_step"]
    if works:
        days = (nw.col("_at") - nw.col("_began")) / MICROSECONDS_A_DAY
        followed = followed.with_columns(work_days=nw.when(~nw.col(STARTED).is_null()).then(days))
        derived += [STARTED, "work_days"]
    return followed.with_columns(first_of_step=first).select(*BASE, *derived, *attributes)


def ranked(traces: Frame) -> Frame:
    """The distinct traces, most frequent first; equal counts by length, then by the activities' names."""
    counted = traces.group_by("trace").agg(cases=nw.len().cast(nw.Int64()))
    ranked = counted.with_columns(_fewer=-nw.col("cases"), _length=nw.col("trace").list.len())
    numbered = ranked.with_row_index("variant_id", order_by=["_fewer", "_length", "trace"])
    return numbered.with_columns((nw.col("variant_id") + 1).cast(nw.Int32()))


def _cases(
    spans: Frame, events: Frame, described: Sequence[str], varying: set[str], case_scope: Collection[str]
) -> Frame:
    """One row per case with its attributes: the last value known of those that change within a case."""
    days = (nw.col("_last") - nw.col("_first")) / MICROSECONDS_A_DAY
    lows = [nw.col(f"_low_{i}").alias(name) for i, name in enumerate(described) if name not in varying]
    facts = [nw.col("started"), nw.col("ended"), days.alias("duration_days"), nw.col("events")]
    cases = spans.select("case_id", "case_key", *lows, *facts)
    for name in (n for n in described if n in varying and n in case_scope):
        known = events.filter(~nw.col(name).is_null())
        cases = cases.join(last_value(known, name), on="case_key", how="left")
    there = set(cases.collect_schema().names())
    front, back = ["case_id", "case_key"], ["started", "ended", "duration_days", "events"]
    return cases.select(*front, *(name for name in described if name in there), *back)


def last_value(events: Frame, column: str) -> Frame:
    """The value of a column at the last of some events of each case: `case_key` and the column."""
    # Narwhals has no ordered `last` on Spark.
    ends = events.group_by("case_key").agg(nw.col("position").max())
    placed = events.select("case_key", "position", column)
    return ends.join(placed, on=["case_key", "position"], how="inner").drop("position")
