"""Which cases took the same course?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl


class Order(NamedTuple):
    """The rows in the order of their cases and, within a case, of their events.

    Attributes
    ----------
    row
        Row of the source, for each event in order.
    time
        Its time, in microseconds.
    code
        Place of its activity in the alphabet of activities.
    position
        Its place among the events of its case.
    start, length
        For each case, by `case_key`: where its first event stands, and how many it has.
    began
        When the work of each event began, its own time where that is not known; None in a log that never tells.
    """

    row: np.ndarray
    time: np.ndarray
    code: np.ndarray
    position: np.ndarray
    start: np.ndarray
    length: np.ndarray
    began: np.ndarray | None = None


def described(order: Order, names: pl.Series) -> tuple[pl.Series, pl.DataFrame, pl.Series]:
    """Tell the traces apart and number them.

    Parameters
    ----------
    order
        The events in order.
    names
        The activities, in alphabetical order.

    Returns
    -------
    The `variant_id` of each case; the table of variants: `variant_id` (1 is the most frequent), `trace`, `cases`;
    and for each event `first_of_step`.
    """
    trace, example = _traces(order)
    ids, table = _numbered(order, trace, example, names)
    first = pl.Series("first_of_step", _first_of_step(order, trace, example))
    return pl.Series("variant_id", ids[trace]), table, first


def named(codes: np.ndarray | pl.Series, names: pl.Series) -> pl.Series:
    """Activities by their places in the alphabet."""
    return pl.Series(codes).cast(pl.UInt32).cat.to(pl.Enum(names))


def runs(start: np.ndarray, length: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where runs of rows begin once they stand one after the other, and where each of their rows stood before."""
    begin = np.cumsum(length) - length
    return begin, np.repeat(start - begin, length) + np.arange(length.sum())


def _traces(order: Order) -> tuple[np.ndarray, np.ndarray]:
    """The number of each case's trace, and for each distinct trace a case that has it.

    Notes
    -----
    A trace is told by the sum, modulo 2^64, of a well-mixed number for each (position, activity). Among a million
    variants the chance that two share a sum is below one in ten million.
    """
    places = _mix(np.arange(order.length.max(initial=0), dtype=np.uint64))
    mixed = _mix(places[order.position] ^ order.code.astype(np.uint64))
    sums = np.add.reduceat(mixed, order.start) if len(order.start) else mixed
    _, example, variant = np.unique(sums, return_index=True, return_inverse=True)
    return variant.reshape(-1), example


def _numbered(
    order: Order, trace: np.ndarray, example: np.ndarray, names: pl.Series
) -> tuple[np.ndarray, pl.DataFrame]:
    """Number the distinct traces, most frequent first; equal counts by length, then by the activities' names."""
    import pyarrow as pa

    cases, length = np.bincount(trace, minlength=len(example)), order.length[example]
    begin, place = runs(order.start[example], length)
    # Codes follow the alphabet, so traces written as numbers of four bytes sort as their names would.
    written = order.code[place].astype(">u4").tobytes()
    ends = np.append(0, begin + length).astype(np.int64)
    buffers = [None, pa.py_buffer(ends * 4), pa.py_buffer(written)]
    traces = pl.Series(pa.Array.from_buffers(pa.large_binary(), len(example), buffers))
    sequence = (
        pl.DataFrame({"cases": -cases, "length": length, "trace": traces})
        .select(pl.arg_sort_by("cases", "length", "trace"))
        .to_series()
        .to_numpy()
    )
    ids = np.empty(len(example), dtype=np.int32)
    ids[sequence] = np.arange(1, len(example) + 1)
    begin, place = runs(order.start[example[sequence]], length[sequence])
    activities = named(order.code[place], names).cast(pl.String).to_arrow()
    ends = np.append(begin, len(place)).astype(np.int64)
    table = pl.DataFrame(
        {
            "variant_id": np.arange(1, len(example) + 1, dtype=np.int32),
            "trace": pl.Series(pa.LargeListArray.from_arrays(ends, activities)),
            "cases": cases[sequence].astype(np.int64),
        }
    )
    return ids, table


def _first_of_step(order: Order, trace: np.ndarray, example: np.ndarray) -> np.ndarray:
    """Whether an event is the first of its case with this activity and this next one.

    So cases per step need no distinct count at each question. Cases of one trace share the answer.
    """
    length = order.length[example]
    begin, place = runs(order.start[example], length)
    code = order.code[place].astype(np.int64)
    many = int(code.max(initial=0)) + 2
    after = np.append(code[1:], code[:1])
    after[begin + length - 1] = many - 1
    step = (np.repeat(np.arange(len(example)), length) * many + code) * many + after
    first = pl.Series(step).is_first_distinct().to_numpy()
    return first[np.repeat(begin[trace], order.length) + order.position]


def _mix(numbers: np.ndarray) -> np.ndarray:
    """Scatter whole numbers over 64 bits (the finaliser of SplitMix64; Steele, Lea and Flood 2014)."""
    with np.errstate(over="ignore"):
        mixed = numbers + np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return mixed ^ (mixed >> np.uint64(31))
