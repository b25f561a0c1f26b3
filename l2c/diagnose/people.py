"""Who owned a case when, and how is a person shown whose name is nobody's business?"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c import engine
from l2c.kpis.facts import Facts
from l2c.log import EventLog


def hidden(table: pd.DataFrame, log: EventLog) -> pd.DataFrame:
    """The same table of findings with numbers for the names of reps."""
    if not len(table) or not any(a == "rep" or (isinstance(a, list) and "rep" in a) for a in table["attribute"]):
        return table
    owner = owners(Facts.of(log))
    shown = {} if owner is None else dict(zip(owner.people, numbered(owner.people), strict=True))
    values = [_hidden(a, v, shown) for a, v in zip(table["attribute"], table["value"], strict=True)]
    return table.assign(value=pd.Series(values, index=table.index, dtype=object))


def _hidden(attribute: Any, value: Any, shown: dict[Any, str]) -> Any:
    if isinstance(attribute, list):
        return [_hidden(a, v, shown) for a, v in zip(attribute, value, strict=True)]
    return shown.get(value, value) if attribute == "rep" else value


@dataclass(frozen=True, eq=False)
class Owners:
    """The reps of a log, and which of them owned each case when.

    Attributes
    ----------
    people
        Their names, sorted.
    decided
        Code of the owner of each case when the deal was closed (else of the last known one); -1 where unknown.
    rows
        Every event with its owner, where the log keeps a history of owners, else None.
    """

    people: NDArray[Any]
    decided: NDArray[np.int64]
    facts: Facts
    rows: pd.DataFrame | None

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
    last = log.first_times((), ("rep",))["rep"]
    rows = _history(facts)
    if rows is None:
        codes, known = pd.factorize(last, sort=True)
        return Owners(np.asarray(known, dtype=object), codes.astype(np.int64), facts, None)
    people = np.asarray(sorted({*rows["rep"].dropna(), *last.dropna()}), dtype=object)
    place = pd.Series(np.arange(len(people)), index=people)
    rows["code"] = rows["rep"].map(place).fillna(-1).astype("int64")
    closing = rows[rows["activity"].isin(["Closed Won", "Closed Lost"])].drop_duplicates("case_key", keep="last")
    decided = last.map(place).fillna(-1).to_numpy(np.int64, copy=True)
    decided[facts.place[closing["case_key"].to_numpy(np.int64)]] = closing["code"].to_numpy(np.int64)
    return Owners(people, decided, facts, rows)


def _history(facts: Facts) -> pd.DataFrame | None:
    """The owner at each event, known until another is."""
    if "rep" not in facts.log.base.events.collect_schema().names():
        return None
    rows = engine.collect(facts.log.events.select("case_key", "position", "activity", "rep"))
    rows = rows.sort_values(["case_key", "position"], ignore_index=True)
    by = rows.groupby("case_key")["rep"]
    rows["rep"] = by.ffill().fillna(by.bfill())
    return rows


def numbered(people: NDArray[Any]) -> NDArray[Any]:
    """Numbers for names, in an order that has nothing to do with them or with what they sell."""
    place = sorted(range(len(people)), key=lambda k: hashlib.sha256(str(people[k]).encode()).hexdigest())
    shown = np.empty(len(people), dtype=object)
    width = len(str(len(people)))
    for number, k in enumerate(place, 1):
        shown[k] = f"Rep {number:0{width}d}"
    return shown
