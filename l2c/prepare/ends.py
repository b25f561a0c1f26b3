"""When did the work of each event begin and end, where a source has a column for both?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals as nw

from l2c import engine
from l2c.log.columns import MICROSECONDS_A_DAY, START_TIME
from l2c.words.notes import Note

if TYPE_CHECKING:
    Frame = nw.LazyFrame[Any]

END_TIME = "end_time"
# Events beyond the first of their cases that must share an end before it is taken for that of the case.
SHARED = 2


def other_end(columns: dict[str, str]) -> str | None:
    """The column that says the other end of the work: `end_time` beside its start, or `start_time` beside its end."""
    return next((name for name in (END_TIME, START_TIME) if name in columns), None)


def spanned(rows: Frame, other: str, limit: int, column: str) -> tuple[Frame, list[Note]]:
    """Let `time` be the end of the work, and `start_time` its start.

    Parameters
    ----------
    rows
        Events with `case_id`, `time` and the other end, and both in microseconds: `_at` and `_other`.
    other
        `end_time`, where `time` is the start, or `start_time`, where it is the end.
    limit
        What ends later has not ended yet.
    column
        What the source calls the other end.

    Returns
    -------
    The rows with `start_time` and `_began` (missing where only one moment is known), and what was decided; without both
    where no start differs from its end.
    """
    at, far = nw.col("_at"), nw.col("_other")
    both = ~at.is_null() & ~far.is_null()
    begun, ended = (at, far) if other == END_TIME else (far, at)
    turned, late = begun > ended, nw.lit(False) | (ended > limit)
    # A day without a clock is no midnight: what began that day may have ended then.
    dated = turned & (ended % MICROSECONDS_A_DAY == 0) & (begun - ended < MICROSECONDS_A_DAY)
    # Tools that write the start beside the end write the one moment they know twice.
    good = both & ~turned & ~late & (nw.lit(True) if other == END_TIME else begun < ended)
    kinds = {
        "good": good,
        "apart": good & (begun < ended),
        "turned": both & turned & ~dated,
        "late": both & ~turned & late,
    }
    kinds |= {"alone": at.is_null() & ~far.is_null()}
    kinds |= {"all": nw.lit(True) | at.is_null()}
    counted = [nw.when(test).then(1).otherwise(0).sum().alias(name) for name, test in kinds.items()]
    n = {str(name): int(value) for name, value in engine.collect(rows.select(*counted)).iloc[0].fillna(0).items()}
    total = n.pop("all")
    if other == END_TIME and n["apart"] and _of_cases(rows):
        return rows, [Note("end_of_case", column=column)]
    if not n["apart"] and not n["alone"]:
        # Both ends of everything are one moment: a tool wrote down twice the only time it knew.
        return (rows if other == END_TIME else rows.drop(START_TIME)), _told(n, other, total)
    when, moment = nw.col("time"), nw.col(other)
    if other == END_TIME:
        last = good | kinds["alone"]
        told = {
            START_TIME: nw.when(good).then(when),
            "_began": nw.when(good).then(at),
            "time": nw.when(last).then(moment).otherwise(when),
            "_at": nw.when(last).then(far).otherwise(at),
        }
    else:
        told = {START_TIME: nw.when(good).then(moment), "_began": nw.when(good).then(far)}
    return rows.with_columns(**told), _told(n, other, total)


def _of_cases(rows: Frame) -> bool:
    """Whether all events of each case have one end, and none begins after it: that of the case."""
    known = rows.filter(~nw.col("_at").is_null() & ~nw.col("_other").is_null())
    at, far = nw.col("_at"), nw.col("_other")
    cases = known.group_by("case_id").agg(low=far.min(), high=far.max(), first=at.min(), last=at.max(), n=nw.len())
    several = cases.filter(nw.col("last") > nw.col("first"))
    same = (nw.col("low") == nw.col("high")) & (nw.col("last") <= nw.col("high"))
    facts = several.select(more=(nw.col("n") - 1).sum(), other=nw.when(same).then(0).otherwise(1).sum())
    more, different = engine.collect(facts).iloc[0].fillna(0)
    return bool(more >= SHARED and not different)


def _told(n: dict[str, int], other: str, total: int) -> list[Note]:
    notes = [Note("ends_read", n=n["good"], of=total)] if n["apart"] else []
    if n["turned"] and other == END_TIME:
        notes.append(Note("ends_before_start", n=n["turned"]))
    elif n["turned"]:
        notes.append(Note("starts_after_end", n=n["turned"]))
    if n["late"] and other == END_TIME:
        notes.append(Note("ends_to_come", n=n["late"]))
    return notes
