"""What was told of each deal by a moment, and when was each deal open?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import narwhals as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c import engine
from l2c.log import EventLog
from l2c.log.base import Base
from l2c.log.outcomes import REOPENED
from l2c.measures.facts import NEVER, Facts, Times, as_times
from l2c.measures.lives import while_open
from l2c.measures.promises import close_date
from l2c.words import vocabulary
from l2c.words.notes import Note

CURRENCY = "currency"
Ints = NDArray[np.int64]
Values = NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Told:
    """What a history tells of an attribute, row by row in order: of which case (row of the facts), when, which value.

    `key` ascends with case and time, so that many moments are looked up at once.
    """

    case: Ints
    time: Times
    value: Values
    moments: Times
    key: Ints
    cases: int

    def last(self, case: Ints, time: Times | int) -> Ints:
        """The last row of each case that is told at a moment or before it; -1 where there is none."""
        moment = np.searchsorted(self.moments, np.broadcast_to(np.asarray(time, np.int64), case.shape), "right")
        found = np.searchsorted(self.key, case * (len(self.moments) + 1) + moment, "right") - 1
        return np.where((found >= 0) & (np.append(self.case, -1)[found] == case), found, -1)

    def first(self) -> Ints:
        """The first row of every case; -1 where nothing was ever told."""
        found = np.full(self.cases, -1)
        found[self.case[::-1]] = np.arange(len(self.case))[::-1]
        return found

    def values(self, row: Ints) -> Values:
        """The values of some rows, NaN of none."""
        return np.append(self.value, np.nan)[row]


def whole(base: Base) -> Facts:
    """The facts of all cases of a whole log, gathered once."""
    return base.memo("whole facts", lambda: Facts.of(EventLog(base)))


def told(facts: Facts, name: str | None) -> Told | None:
    """What a log tells of an attribute of the cases; None where nothing tells of changes."""

    def read() -> Told | None:
        rows = while_open(facts, name) if name is not None else None
        if rows is None:
            return None
        case, time = rows["case"].to_numpy(np.int64), rows["time"].to_numpy(np.int64)
        moments = np.unique(time)
        key = case * (len(moments) + 1) + np.searchsorted(moments, time, "right")
        order = np.argsort(key, kind="stable")
        value = rows["value"].to_numpy(object)[order]
        return Told(case[order], time[order], value, moments, key[order], len(facts))

    return facts.memo(("told", name), read)


def open_spells(facts: Facts) -> pd.DataFrame:
    """Each time that a deal was open: `case` (row of the facts), `start`, `end` (microseconds; NEVER while it is open).

    Notes
    -----
    From its opportunity, or its first event, to each close, and from each reopening on; whether and when it was closed for
    good is as `Facts` have it.
    """
    began = facts.first("Opportunity Created")
    began = np.where(began == NEVER, facts.column("started"), began)
    over = np.minimum(facts.won, facts.gone)
    deals = np.flatnonzero(facts.deal & (began < NEVER))
    turns = _turns(facts)
    turns = turns[facts.deal[turns["case"].to_numpy()] & (turns["time"].to_numpy() < over[turns["case"].to_numpy()])]
    first = pd.DataFrame({"case": deals, "time": began[deals], "opens": True})
    shut = deals[over[deals] != NEVER]
    last = pd.DataFrame({"case": shut, "time": over[shut], "opens": False})
    rows = pd.concat([first, turns, last], ignore_index=True).sort_values("case", kind="stable", ignore_index=True)
    # What opens an open deal, or closes a closed one, changes nothing.
    same = rows["case"].eq(rows["case"].shift()) & rows["opens"].eq(rows["opens"].shift())
    rows = rows[~same].reset_index(drop=True)
    following = rows["case"].eq(rows["case"].shift(-1)).to_numpy()
    end = np.where(following, rows["time"].shift(-1, fill_value=NEVER).to_numpy(np.int64), NEVER)
    return rows.assign(start=rows["time"], end=end)[rows["opens"].to_numpy(bool)][["case", "start", "end"]].reset_index(
        drop=True
    )


def open_at(facts: Facts, moments: Times) -> tuple[Ints, Ints]:
    """The deals open at each of some moments, ascending: rows of the facts, and places of the moments."""
    spells = open_spells(facts)
    start, end = spells["start"].to_numpy(np.int64), spells["end"].to_numpy(np.int64)
    # What happens at a moment is not known at it yet.
    first, after = np.searchsorted(moments, start, "right"), np.searchsorted(moments, end, "right")
    many = after - first
    place = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many) + np.repeat(first, many)
    return np.repeat(spells["case"].to_numpy(np.int64), many), place


def then(facts: Facts, name: str, case: Ints, moments: Times) -> Values:
    """An attribute of cases as it stood before a moment each; what was never told is as it is today."""
    found = told(facts, name)
    today = facts.attribute(name).to_numpy(object)[case]
    if found is None:
        return today
    return np.where(found.first()[case] < 0, today, found.values(found.last(case, moments - 1)))


def amounts_then(facts: Facts, case: Ints, moments: Times) -> NDArray[np.float64]:
    """Amounts as they stood before a moment each, NaN where unknown."""
    return pd.to_numeric(pd.Series(then(facts, "amount", case, moments)), errors="coerce").to_numpy(np.float64)


def closed_amounts(facts: Facts) -> NDArray[np.float64]:
    """The amount of each deal when it was won, 0 where it is unknown or the deal was not."""
    case = np.flatnonzero(facts.won != NEVER)
    found = np.zeros(len(facts))
    found[case] = np.nan_to_num(amounts_then(facts, case, facts.won[case] + 1))
    return found


def lacking(facts: Facts, histories: Sequence[str], by: str | None = None) -> Note | None:
    """Why nothing can be told of what was due in a quarter and what it was worth.

    Parameters
    ----------
    histories
        What the log must keep a history of, beside the close date.
    by
        The attribute of the groups: each currency may be a group.
    """
    if not len(facts):
        return Note("nothing_to_measure")
    if not facts.log.one_currency and by != CURRENCY:
        return Note("bridge_currencies", currencies=facts.log.currencies)
    if "forecast_category" in histories and told(facts, "forecast_category") is None:
        return Note("no_categories")
    if told(facts, close_date(facts)) is None:
        return Note("no_promises")
    if "amount" not in facts.log.attributes and told(facts, "amount") is None:
        return Note("bridge_no_amounts")
    return None


def today_only(facts: Facts, *names: str) -> Note | None:
    """Say which attributes are known as they are today only."""
    found = [name for name in names if name in facts.log.attributes and told(facts, name) is None]
    return Note("as_of_today", attributes=found) if found else None


def quarters(facts: Facts, times: Times) -> NDArray[np.datetime64]:
    """First month of the quarter of each time; quarters are counted from the beginning of the fiscal year."""
    months = facts.clock.months(times).astype(np.int64)
    return (months - (months - (facts.clock.fiscal_year_starts - 1)) % 3).astype("datetime64[M]")


def begins(facts: Facts, months: NDArray[np.datetime64]) -> Times:
    """The moment at which each of some months begins."""
    return facts.clock.moments(months.astype("datetime64[us]").astype(np.int64))


def _turns(facts: Facts) -> pd.DataFrame:
    """Every close and reopening, in order: `case, time, opens`."""

    def fetched() -> pd.DataFrame:
        turning = nw.col("activity").is_in([*vocabulary.closings(), REOPENED])
        rows = facts.log.base.events.filter(turning).select("case_key", "position", "time", "activity")
        return engine.collect(rows).sort_values(["case_key", "position"], ignore_index=True)

    found = facts.log.base.memo("closes and reopenings", fetched)
    place, time = facts.place[found["case_key"].to_numpy(np.int64)], as_times(found["time"].to_numpy())
    here = (place >= 0) & (time <= facts.until)
    opens = (found["activity"].astype(str) == REOPENED).to_numpy()
    return pd.DataFrame({"case": place[here], "time": time[here], "opens": opens[here]})


def reopened(facts: Facts, after: int, until: int) -> Times:
    """When each case was first opened again after a moment and until another; NEVER where it was not."""
    rows = _turns(facts)
    rows = rows[rows["opens"].to_numpy(bool) & rows["time"].between(after, until, inclusive="right").to_numpy()]
    found = np.full(len(facts), NEVER)
    np.minimum.at(found, rows["case"].to_numpy(np.int64), rows["time"].to_numpy(np.int64))
    return found
