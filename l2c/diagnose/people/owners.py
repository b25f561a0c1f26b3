"""Who owned a case when?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c import engine
from l2c.measures.facts import Facts


@dataclass(frozen=True, eq=False)
class Owners:
    """The reps of a log, and which of them owned each case when.

    Attributes
    ----------
    people
        Their names, sorted.
    decided
        Code of the rep of each case: its owner when it was closed, or today's while it is open; -1 where unknown.
    rows
        Every event with its owner, where the log keeps a history of owners, else None.
    """

    people: NDArray[Any]
    decided: NDArray[np.int64]
    facts: Facts
    rows: pd.DataFrame | None

    def ordered(self, turn: NDArray[np.int64]) -> Owners:
        """The same owners, their codes in another order."""
        place = np.append(np.argsort(turn), -1)
        rows = None if self.rows is None else self.rows.assign(code=place[self.rows["code"].to_numpy(np.int64)])
        return Owners(self.people[turn], place[self.decided], self.facts, rows)

    def at(self, activity: str) -> NDArray[np.int64]:
        """Code of the owner of each case when something first happened, not of whoever owns it today."""
        if self.rows is None:
            return self.decided
        first = self.rows[self.rows["activity"] == activity].drop_duplicates("case_key")
        found = self.decided.copy()
        found[self.facts.place[first["case_key"].to_numpy(np.int64)]] = first["code"].to_numpy(np.int64)
        return found


def owners(facts: Facts) -> Owners | None:
    """The owners of the cases; None in a log that knows none."""
    log = facts.log
    if "rep" not in log.attributes or not len(facts):
        return None
    last = facts.attribute("rep")
    rows = _history(facts)
    if rows is None:
        codes, known = pd.factorize(last, sort=True)
        return Owners(np.asarray(known, dtype=object), codes.astype(np.int64), facts, None)
    people = np.asarray(sorted({*rows["rep"].dropna(), *last.dropna()}), dtype=object)
    place = pd.Series(np.arange(len(people)), index=people)
    rows["code"] = rows["rep"].map(place).fillna(-1).astype("int64")
    return Owners(people, last.map(place).fillna(-1).to_numpy(np.int64), facts, rows)


def _history(facts: Facts) -> pd.DataFrame | None:
    """The owner at each event, known until another is."""
    if "rep" not in facts.log.base.events.collect_schema().names():
        return None
    rows = engine.collect(facts.log.events.select("case_key", "position", "activity", "rep"))
    rows = rows.sort_values(["case_key", "position"], ignore_index=True)
    by = rows.groupby("case_key")["rep"]
    rows["rep"] = by.ffill().fillna(by.bfill())
    return rows
