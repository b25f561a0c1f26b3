"""In which order did the events of a case happen, and what followed what?

All window work of the kit is done here, once; afterwards every metric is a filter and a group-by.
"""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import polars as pl

from l2c.log.columns import BASE, MICROSECONDS_A_DAY, STARTED
from l2c.log.traces import Order, described, named, runs
from l2c.words import vocabulary


class Prepared(NamedTuple):
    """The three frames of a log, as DESIGN describes them, and the most frequent trace first."""

    events: pl.DataFrame
    cases: pl.DataFrame
    variants: pl.DataFrame


def prepare(rows: pl.DataFrame, event_scope: Collection[str], case_scope: Collection[str]) -> Prepared:
    """Order the events of each case and derive everything that depends on that order.

    Parameters
    ----------
    rows
        One row per event: the columns of `BASE` (no nulls in the first three; `time` is naive UTC), `started` where the
        source tells when the work began (null where it does not), and any attribute columns.
    event_scope
        Attributes that describe the event, never the case.
    case_scope
        Attributes that describe the case: its value is the last one known, in the order of events. One that
        changes within a case stays with the events as well. Attributes in neither scope describe the case
        when they never change within one, else the event.

    Returns
    -------
    events : `case_id, case_key, position, activity, time, precision, source, source_row, next_activity,
        wait_days, first_of_step` + event attributes, in order; with `started, work_days` where a start is known.
    cases : `case_id, case_key` + case attributes + `started, ended, duration_days, events, variant_id`.
    variants : `variant_id` (1 is the most frequent), `trace`, `cases`.

    Notes
    -----
    Order within a case: time, then the process order of the vocabulary among the activities it knows, then
    the order of the source. An unknown activity keeps its place among events of the same moment.

    Where starts are known, an event is an activity instance and `time` its end: of two that end together, the one that
    began first stands first. `wait_days` is from the end of one to the start of the next, and nought where they overlap.
    """
    names, codes = _alphabet(rows["activity"])
    case_id = coded(rows["case_id"])
    order = _ordered(case_id, rows["time"], codes, names, _begun(rows))
    row = pl.Series(order.row, dtype=pl.UInt32)
    with ThreadPoolExecutor() as pool:
        # All leave Python to the others while they work.
        telling, following = pool.submit(described, order, names), pool.submit(_followed, order, names)
        columns, known = _attributes(rows, order, event_scope, case_scope)
        columns = _worked(rows, order) + columns
        base = [rows[name].gather(row) for name in BASE[2:]]
        base = [case_id.gather(row), named(order.code, names).alias("activity"), *base]
        variant, variants, first = telling.result()
    events = pl.DataFrame([*base, *following.result(), first, *columns])
    identity, facts = _cases(case_id, order)
    return Prepared(events, pl.DataFrame([*identity, *known, *facts, variant]), variants)


def coded(text: pl.Series) -> pl.Series:
    """Text as numbers that stand for its distinct values: quick to compare, to sort and to move about."""
    if isinstance(text.dtype, pl.Categorical):
        return text
    # With categories of its own the numbers begin at nought, and everything goes when the column does.
    return text.cast(pl.String).cast(pl.Categorical(pl.Categories.random()))


def _alphabet(activity: pl.Series) -> tuple[pl.Series, np.ndarray]:
    """The distinct activities in alphabetical order, and for each row the place of its own among them."""
    activity = coded(activity)
    distinct = activity.unique()
    names, numbers = distinct.cast(pl.String), distinct.to_physical().to_numpy()
    place = np.zeros(numbers.max(initial=0) + 1, dtype=np.int32)
    place[numbers] = names.rank("ordinal").to_numpy() - 1
    return names.sort(), place[activity.to_physical().to_numpy()]


def _begun(rows: pl.DataFrame) -> np.ndarray | None:
    """When the work of each row began, in microseconds; None where no row tells."""
    if STARTED not in rows.columns or rows[STARTED].null_count() == rows.height:
        return None
    # Nothing begins after its end, whatever a source says.
    return rows.select(pl.min_horizontal(STARTED, "time")).to_series().to_physical().to_numpy()


def _ordered(
    case_id: pl.Series, time: pl.Series, codes: np.ndarray, names: pl.Series, began: np.ndarray | None = None
) -> Order:
    """Sort by case (in the order of their first events), time, start of the work, process order and source."""
    many = len(time)
    # Case and row in one number: sorted, it leaves the rows of a case in the order of the source.
    both = case_id.to_physical().cast(pl.UInt64) * max(many, 1) + pl.int_range(many, dtype=pl.UInt64, eager=True)
    row = (both.sort() % max(many, 1)).to_numpy().astype(np.int64)
    del both
    case = case_id.to_physical().to_numpy()[row]
    moment = time.to_physical().to_numpy()[row]
    inside = np.append(False, case[1:] == case[:-1])[:many]
    opening = None if began is None else began[row]
    _in_time(row, moment, inside, opening)
    _ties_in_process_order(row, moment, inside, codes, names, opening)
    start = np.flatnonzero(~inside)
    earliest = moment[start] if opening is None else np.minimum.reduceat(opening, start) if many else opening
    firsts = pl.DataFrame({"time": earliest, "id": case_id.gather(row[start]).cast(pl.String)})
    sequence = firsts.select(pl.arg_sort_by("time", "id")).to_series().to_numpy()
    length = np.diff(start, append=many)[sequence]
    begin, place = runs(start[sequence], length)
    row = row[place]
    position = np.arange(many) - np.repeat(begin, length)
    return Order(row, moment[place], codes[row], position, begin, length, None if began is None else began[row])


def _in_time(row: np.ndarray, moment: np.ndarray, inside: np.ndarray, opening: np.ndarray | None = None) -> None:
    """Sort, in place, the rows of those cases that do not stand in the order of time yet."""
    late = inside[1:] & (moment[1:] < moment[:-1])
    if opening is not None:
        late |= inside[1:] & (moment[1:] == moment[:-1]) & (opening[1:] < opening[:-1])
    if not late.any():
        return
    case = np.cumsum(~inside) - 1
    disorderly = np.zeros(case[-1] + 1, dtype=bool)
    disorderly[case[1:][late]] = True
    slots = np.flatnonzero(disorderly[case])
    keys = [moment[slots], case[slots]] if opening is None else [opening[slots], moment[slots], case[slots]]
    source = slots[np.lexsort(keys)]
    row[slots], moment[slots] = row[source], moment[source]
    if opening is not None:
        opening[slots] = opening[source]


def _ties_in_process_order(
    row: np.ndarray,
    moment: np.ndarray,
    inside: np.ndarray,
    codes: np.ndarray,
    names: pl.Series,
    opening: np.ndarray | None = None,
) -> None:
    """Let known activities of one moment change places among themselves until they stand in process order."""
    same = inside.copy()
    same[1:] &= moment[1:] == moment[:-1]
    if opening is not None:
        same[1:] &= opening[1:] == opening[:-1]
    if not same.any():
        return
    orders = [vocabulary.process_order(name) for name in names]
    ranks = np.array([-1 if order is None else order for order in orders])
    slots = np.flatnonzero(same | np.append(same[1:], False))
    instant, rank = np.cumsum(~same[slots]), ranks[codes[row[slots]]]
    slots, instant, rank = slots[rank >= 0], instant[rank >= 0], rank[rank >= 0]
    # The rows of a moment stay in the slots of that moment, so sorting all of them at once sorts each moment.
    row[slots] = row[slots[np.lexsort((rank, instant))]]


def _followed(order: Order, names: pl.Series) -> list[pl.Series]:
    """`case_key`, `position`, and what stands after each event: `next_activity, wait_days`."""
    ends = order.start + order.length - 1
    after = pl.Series(np.append(order.code[1:], order.code[:1])).scatter(ends, None)
    began = order.time if order.began is None else order.began
    gap = np.append(began[1:], began[:1]) - order.time
    # Who begins while something else is still being done has waited for nothing.
    wait = pl.Series(gap if order.began is None else np.maximum(gap, 0)).scatter(ends, None)
    return [
        pl.Series("case_key", np.repeat(np.arange(len(ends)), order.length)),
        pl.Series("position", order.position.astype(np.int32)),
        named(after, names).alias("next_activity"),
        (wait / MICROSECONDS_A_DAY).alias("wait_days"),
    ]


def _worked(rows: pl.DataFrame, order: Order) -> list[pl.Series]:
    """`started, work_days` of the events, in order: missing where it is not known when the work began."""
    if order.began is None:
        return []
    known = rows[STARTED].gather(pl.Series(order.row, dtype=pl.UInt32)).is_not_null()
    began = pl.Series(STARTED, order.began).cast(pl.Datetime("us"))
    days = pl.Series("work_days", (order.time - order.began) / MICROSECONDS_A_DAY)
    frame = pl.DataFrame([began, days]).with_columns(pl.when(known).then(pl.all()))
    return frame.get_columns()


def _attributes(
    rows: pl.DataFrame, order: Order, event_scope: Collection[str], case_scope: Collection[str]
) -> tuple[list[pl.Series], list[pl.Series]]:
    """The attributes of the events, in order, and those of the cases."""
    row, inside = pl.Series(order.row, dtype=pl.UInt32), pl.Series(order.position > 0)
    columns: list[pl.Series] = []
    known: list[pl.Series] = []
    # One column at a time is brought into order, so that never two copies of all rows are held.
    for name in (n for n in rows.columns if n not in (*BASE, STARTED)):
        column = rows[name].gather(row)
        varies = name not in event_scope and _varies(column, inside)
        if name in event_scope or varies:
            columns.append(column)
        if name not in event_scope and (name in case_scope or not varies):
            known.append(_last_known(column, order))
    return columns, known


def _varies(column: pl.Series, inside: pl.Series) -> bool:
    """Tell whether some case has two different known values; `inside` is false where a case begins."""
    known = pl.DataFrame({"value": column, "inside": inside})
    if column.null_count():
        case = (~pl.col("inside")).cum_sum()
        known = known.with_columns(case=case).filter(pl.col("value").is_not_null())
        known = known.with_columns(inside=pl.col("case") == pl.col("case").shift())
    other = (pl.col("value") != pl.col("value").shift()) & pl.col("inside")
    return bool(known.select(other.any()).item())


def _cases(case_id: pl.Series, order: Order) -> tuple[list[pl.Series], list[pl.Series]]:
    """One value per case: `case_id, case_key`, and `started, ended, duration_days, events`."""
    ids = case_id.gather(order.row[order.start]).cast(pl.String)
    ended = pl.Series(order.time[order.start + order.length - 1])
    started = pl.Series(order.time[order.start])
    if order.began is not None and len(order.start):
        started = pl.Series(np.minimum.reduceat(order.began, order.start))
    facts = [
        started.cast(pl.Datetime("us")).alias("started"),
        ended.cast(pl.Datetime("us")).alias("ended"),
        ((ended - started) / MICROSECONDS_A_DAY).alias("duration_days"),
        pl.Series("events", order.length.astype(np.int32)),
    ]
    return [ids, pl.Series("case_key", np.arange(len(ids)))], facts


def _last_known(column: pl.Series, order: Order) -> pl.Series:
    """The last value of each case that is not missing; `column` stands in the order of events."""
    ends = pl.Series(order.start + order.length - 1)
    if column.null_count() == 0:
        return column.gather(ends)
    known = pl.select(pl.when(column.is_not_null()).then(pl.int_range(len(column))).forward_fill()).to_series()
    row = known.gather(ends)
    inside = pl.select(pl.when(row >= pl.Series(order.start)).then(row)).to_series()
    return column.gather(inside).alias(column.name)
