"""What did each deal do between two days?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c.log import EventLog
from l2c.log.as_of import CHANGING, OF_END, near, spells_of
from l2c.log.outcomes import NOW
from l2c.measures.facts import NEVER, Facts, Flags, Times
from l2c.measures.promises import close_date, days
from l2c.monitor.pipeline.states import Ints, Told, Values

Floats = NDArray[np.float64]

START, END = "start", "end"
# The bars in order, and what each does to the pipeline.
SIGN = {
    START: 1, "created": 1, "reopened": 1, "pulled_in": 1, "pushed_in": 1, "raised": 1, "moved_in": 1,
    "cut": -1, "moved_out": -1, "pushed": -1, "pulled_out": -1, "lost": -1, "won": -1, END: 1,
}  # fmt: skip
# How a deal comes in that was open before.
ENTERS = (START, "pulled_in", "pushed_in")


@dataclass(frozen=True, eq=False)
class Stood:
    """How the cases of a whole log stood after a day; every array has a place per case."""

    until: int
    open: Flags
    won: Flags
    closed: Flags
    amount: Floats
    over: Times
    rep: Values


@dataclass(frozen=True, eq=False)
class Lives:
    """What each case was when it came into a bridge and what it was last: amounts, and close dates in days since 1970."""

    first: Floats
    last: Floats
    first_day: Times
    last_day: Times


def stood(facts: Facts, day: Any) -> Stood:
    """How the cases of a whole log stood after a day, as its log of that day has it."""

    def looked() -> Stood:
        then = Facts.of(EventLog(near(facts.log.base)).as_of(day))
        place = facts.place[then.keys]

        def spread(values: Any, absent: Any) -> Any:
            found = np.full(len(facts), absent, np.asarray(values).dtype if absent is not None else object)
            found[place] = values
            return found

        won = then.won != NEVER
        over = np.minimum(np.minimum(then.won, then.lost), then.disqualified)
        return Stood(
            then.until,
            spread(then.open & then.deal, False),
            spread(won, False),
            spread(then.closed, False),
            spread(then.number("amount"), np.nan),
            spread(over, NEVER),
            spread(then.attribute("rep").astype(object).where(lambda names: names.notna(), None), None),
        )

    return facts.memo(("stood", str(day)), looked)


def lives(facts: Facts, before: Stood, after: Stood, again: Times, amounts: Told | None, dates: Told | None) -> Lives:
    """What each case was when it came into the bridge of two days, and last.

    Parameters
    ----------
    again
        When each was opened again between both days.
    amounts, dates
        What the log tells of amounts and close dates.
    """
    case = np.arange(len(facts))
    over = np.where(after.open, after.until, np.minimum(after.over, after.until))
    came_back = ~before.open & before.closed
    # What is reopened without an event of it comes back as it was last.
    back = np.where(again == NEVER, over, again)

    def known(told: Told, last: Ints, absent: Any, read: Any) -> tuple[Any, Any]:
        """First and last value of each case; what was never told is as it is today."""
        first = told.first()
        never = first < 0
        first = np.where(told.last(case, over) >= 0, first, -1)
        first = np.where(before.open, told.last(case, before.until), np.where(came_back, told.last(case, back), first))
        came, went = (np.where(never, absent, read(pd.Series(told.values(row), dtype=object))) for row in (first, last))
        return came, went

    def numbers(values: pd.Series[Any]) -> Floats:
        return pd.to_numeric(values, errors="coerce").to_numpy(np.float64)

    first, last = after.amount, after.amount
    if amounts is not None:
        first, last = known(amounts, amounts.last(case, over), after.amount, numbers)
    first, last = np.where(before.open, before.amount, first), np.where(after.open, after.amount, last)
    if dates is None:
        never = np.full(len(facts), NEVER)
        return Lives(first, last, never, never)
    today = days(facts.attribute(close_date(facts) or ""))
    # What a close writes into the close date is the day of the close, and no promise.
    closed = np.where(after.open, after.until, over - 1)
    first_day, last_day = known(dates, dates.last(case, closed), today, days)
    last_day = np.where(after.won, facts.days(np.where(after.won, over, 0)), last_day)
    return Lives(first, last, first_day, last_day)


def parts(before: Stood, after: Stood, lives: Lives, again: Times, span: tuple[int, int] | None) -> pd.DataFrame:
    """Each part of each deal: `case, part, cents`, whether the amount is not known (`unpriced`) and the deal was there before (`old`)."""
    first, last = (np.rint(np.nan_to_num(each) * 100).astype(np.int64) for each in (lives.first, lives.last))
    low, high = span or (-NEVER, NEVER)
    first_in, last_in = ((low <= day) & (day < high) | (span is None) for day in (lives.first_day, lives.last_day))
    old = before.open
    turned = (again != NEVER) | (before.won != after.won)
    new = ~old & (after.open | (after.closed & (~before.closed | turned)))
    came = new & (first_in | last_in)
    inside = came | (old & (first_in | last_in))
    stays, goes = inside & last_in, inside & ~last_in
    none, gone = np.isnan(lives.first), np.isnan(lives.last)
    unpriced = dict.fromkeys((*ENTERS, "created", "reopened"), none) | dict.fromkeys(("raised", "cut"), none | gone)
    found = {
        START: (old & first_in, first),
        "created": (came & ~before.closed, first),
        "reopened": (came & before.closed, first),
        "pulled_in": (old & ~first_in & last_in & (lives.first_day >= low), first),
        "pushed_in": (old & ~first_in & last_in & (lives.first_day < low), first),
        "raised": (inside & (last > first), last - first),
        "cut": (inside & (last < first), first - last),
        "pushed": (goes & (lives.last_day >= low), last),
        "pulled_out": (goes & (lives.last_day < low), last),
        "lost": (stays & ~after.open & ~after.won, last),
        "won": (stays & after.won, last),
        END: (stays & after.open, last),
    }
    rows = []
    for part, (some, cents) in found.items():
        case = np.flatnonzero(some)
        told = {"cents": cents[case], "unpriced": unpriced.get(part, gone)[case], "old": old[case]}
        rows.append(pd.DataFrame({"case": case, "part": part, **told}))
    return pd.concat(rows, ignore_index=True)


def grouped(rows: pd.DataFrame, first: Values, last: Values) -> pd.DataFrame:
    """The parts with the group of each: what a deal was at the beginning stays with the group of then, and moves."""
    case = rows["case"].to_numpy(np.int64)
    comes = rows["old"].to_numpy(bool) & rows["part"].isin(ENTERS).to_numpy()
    moved = comes & np.asarray([a != b for a, b in zip(first[case], last[case], strict=True)], bool)
    rows = rows.assign(group=np.where(moved, first[case], last[case]))
    out = rows[moved].assign(part="moved_out")
    into = rows[moved].assign(part="moved_in", group=last[case[moved]])
    return pd.concat([rows, into, out], ignore_index=True)


def values_of(facts: Facts, day: Any, by: str, stood: Stood) -> Values:
    """What each case was by an attribute after a day."""
    if by == "rep":
        return stood.rep
    changes = by in (*CHANGING, *OF_END, NOW, *spells_of(facts.log.base))

    def then() -> Values:
        log = Facts.of(EventLog(near(facts.log.base)).as_of(day)) if changes else facts
        values = log.attribute(by).astype(object)
        found = np.full(len(facts), None, object)
        found[facts.place[log.keys]] = values.where(values.notna(), None)
        return found

    return facts.memo(("stood", by, str(day) if changes else ""), then)
