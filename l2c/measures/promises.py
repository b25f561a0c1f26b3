"""When was each deal promised to close, and how often was that moved?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c.log.as_of import spells_of
from l2c.measures.facts import DAY, NEVER, Facts, Flags, Times
from l2c.measures.lives import ended, while_open
from l2c.words import matching
from l2c.words.notes import Note

# A date that falls on the close of half of the closed deals is the day of the close, and no promise.
MOSTLY = 0.5


@dataclass(frozen=True, eq=False)
class Promises:
    """Promised days of each deal, in days since 1970 (NEVER where unknown), a place per case.

    Attributes
    ----------
    first, last
        As it was first given, and as it stood last while the deal was open.
    at_quarter
        As it stood when the quarter began in which the deal closed, or until which it is open.
    pushes, pulls
        How often it was moved to a later and to an earlier day while the deal was open.
    note
        Why nothing is known, or None.
    """

    first: Times
    last: Times
    at_quarter: Times
    pushes: NDArray[np.int64]
    pulls: NDArray[np.int64]
    note: Note | None = None

    @property
    def known(self) -> Flags:
        """Of which deals the first promise is known."""
        return np.asarray(self.first != NEVER)


def promises(facts: Facts) -> Promises:
    """Gather the promised days of close of the deals.

    Notes
    -----
    What Salesforce writes into the close date when a deal is closed is the day of the close itself, and no promise: what a
    close changes does not count, nor does what is written after it.
    """
    return facts.memo("promises", lambda: _promises(facts))


def slipped(facts: Facts, promise: Times) -> NDArray[np.float64]:
    """Days from a promise to the close of each deal; of an open one to its last promise, or to the extraction where that is past."""
    last, end = promises(facts).last, ended(facts)
    so_far = np.maximum(np.where(last == NEVER, 0, last), facts.until // DAY)
    day = np.where(end == NEVER, so_far, end // DAY)
    known = promise != NEVER
    return np.where(known, day - np.where(known, promise, 0), np.nan).astype(np.float64)


def close_date(facts: Facts) -> str | None:
    """The attribute that holds the promised day of close, or None."""
    base = facts.log.base
    there = dict.fromkeys([*spells_of(base), *base.events.collect_schema().names(), *base.attributes])
    names = [name for name in there if matching.is_close_date(name)]
    return "close_date" if "close_date" in names else next(iter(names), None)


def _promises(facts: Facts) -> Promises:
    never, none = np.full(len(facts), NEVER), np.zeros(len(facts), np.int64)
    name = close_date(facts)
    rows = None if name is None else while_open(facts, name)
    if rows is None:
        return Promises(never, never, never, none, none, Note("no_promises"))
    rows = rows[~rows["closing"].to_numpy()]
    rows = rows.assign(day=days(rows["value"])).query("day != @NEVER", local_dict={"NEVER": NEVER})
    case, day = rows["case"].to_numpy(np.int64), rows["day"].to_numpy(np.int64)
    first, last, at_quarter = never.copy(), never.copy(), never.copy()
    first[case[::-1]], last[case] = day[::-1], day
    early = rows["time"].to_numpy() < _quarter(facts)[case]
    at_quarter[case[early]] = day[early]
    moved = np.diff(day) * (np.diff(case) == 0)
    pushes, pulls = (np.bincount(case[1:][moves], minlength=len(facts)) for moves in (moved > 0, moved < 0))
    return Promises(first, last, at_quarter, pushes, pulls)


def days(values: pd.Series) -> Times:
    """Dates, as texts or times, in days since 1970; NEVER where there is none."""
    known = pd.Series(values.unique())
    texts = known.map(lambda value: None if value is None or value != value else str(value)[:10])
    read = pd.to_datetime(texts, errors="coerce", format="ISO8601")
    loose = read.isna() & texts.notna()
    if loose.any():
        read[loose] = pd.to_datetime(known[loose].astype(str), errors="coerce", format="mixed")
    numbers = read.to_numpy("datetime64[D]").astype(np.int64)
    by_value = dict(zip(known, np.where(read.isna(), NEVER, numbers), strict=True))
    return np.asarray([by_value[value] if value == value else NEVER for value in values], np.int64)


def is_day_of_close(facts: Facts, day: Times) -> bool:
    """Whether a date that stands at each deal is the day on which it was closed, rather than a promise."""
    end = ended(facts)
    both = (end != NEVER) & (day != NEVER)
    return bool(both.any()) and float((end[both] // DAY == day[both]).mean()) >= MOSTLY


def _quarter(facts: Facts) -> Times:
    """First moment of the quarter in which each deal was closed, or in which the log ends."""
    end = np.where(ended(facts) == NEVER, facts.until, ended(facts))
    months = end.astype("datetime64[us]").astype("datetime64[M]").astype(np.int64)
    return (months // 3 * 3).astype("datetime64[M]").astype("datetime64[us]").astype(np.int64)
