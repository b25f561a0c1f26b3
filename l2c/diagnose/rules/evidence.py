"""What happened in each case, in arrays, and what a rule makes of it?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c import engine
from l2c.log.outcomes import STATUSES
from l2c.measures.facts import Facts, Flags, as_times

NOT_APPLICABLE, OK, VIOLATED, PENDING, UNKNOWN = range(5)
WORDS = ("not applicable", "ok", "violated", "pending", "unknown")
Codes = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Verdict:
    """For each case a verdict, and the rows of the events that show it (-1 where there is none)."""

    state: NDArray[np.int8]
    first: Codes
    second: Codes


@dataclass(frozen=True, eq=False)
class Events:
    """The events that the rules name, in order, as arrays.

    Attributes
    ----------
    facts
        The cases.
    rows
        One row per event: `case_key, position, activity, time, precision`, and whatever else is known of it.
    """

    facts: Facts
    rows: pd.DataFrame

    @classmethod
    def of(cls, facts: Facts, names: Sequence[str]) -> Events:
        """Fetch the events of some activities, and all that change an attribute in question."""
        import narwhals as nw

        chosen = facts.log.events.filter(nw.col("activity").is_in(list(names)))
        schema = chosen.collect_schema().names()
        columns = ["case_key", "position", "activity", "time", "precision", "source", "source_row"]
        columns += [name for name in ("actor", "object_id", "approximate") if name in schema]
        rows = engine.collect(chosen.select(*columns))
        rows = rows.sort_values(["case_key", "position"], ignore_index=True)
        return cls(facts, rows)

    @cached_property
    def case(self) -> Codes:
        """Place of the case of each event."""
        return self.facts.place[self.rows["case_key"].to_numpy(np.int64)]

    @cached_property
    def time(self) -> Codes:
        """When each happened, in microseconds."""
        return as_times(self.rows["time"].to_numpy())

    @cached_property
    def dated(self) -> Flags:
        """Whether only the day is known."""
        return (self.rows["precision"] == "day").to_numpy(bool)

    @cached_property
    def activity(self) -> NDArray[Any]:
        """Name of each."""
        return self.rows["activity"].to_numpy(object)

    @cached_property
    def user(self) -> Codes:
        """Who did each, as a number; -1 where unknown."""
        if "actor" not in self.rows:
            return np.full(len(self.rows), -1)
        return pd.factorize(self.rows["actor"])[0].astype(np.int64)

    @cached_property
    def ended(self) -> Flags:
        """Cases in which nothing that a rule waits for can still come: lost ones, and paid ones."""
        status = self.facts.column("status")
        return np.isin(status, [STATUSES.index(each) for each in ("lost", "lead_lost", "paid")])

    def known(self, names: Sequence[str]) -> bool:
        """Whether the log records any of some activities at all."""
        return any(name in self.facts.log.activities for name in names)

    def units(self, first: Sequence[str], second: Sequence[str]) -> Codes:
        """What each event of some activities is paired in: its document, where all of its case have a number and share some; else its case.

        So an approval answers the request for its own quote, and a delivery its own order.
        """
        chosen = self.of_kind([*first, *second])
        if "object_id" not in self.rows or not len(chosen):
            return self.case
        rows = pd.DataFrame({"case": self.case[chosen], "object": self.rows["object_id"].to_numpy(object)[chosen]})
        codes = rows.groupby(["case", "object"]).ngroup()
        for name, names in (("one", first), ("other", second)):
            rows[name] = np.isin(self.activity[chosen], list(names))
        both = rows.groupby(["case", "object"])[["one", "other"]].transform("any").all(axis=1)
        told = both.groupby(rows["case"]).transform("any") & rows["object"].notna().groupby(rows["case"]).transform(
            "all"
        )
        found = self.case.copy()
        found[chosen] = np.where(told, len(self.facts) + codes, found[chosen])
        return found

    def of_kind(self, names: Sequence[str]) -> Codes:
        """Rows of some activities, in order."""
        return np.flatnonzero(np.isin(self.activity, list(names)))

    def first(self, names: Sequence[str]) -> Codes:
        """Row of the first of some activities in each case, -1 where there is none."""
        rows = self.of_kind(names)
        found = np.full(len(self.facts), -1)
        found[self.case[rows][::-1]] = rows[::-1]
        return found

    def close(self, one: Codes, other: Codes) -> Flags:
        """Whether the order of two events cannot be told: one of them is a bare date of the other's day."""
        if not len(self.rows):
            return np.zeros(len(one), bool)
        return self.same_day(one, other) & (self.dated[one] | self.dated[other])

    def same_day(self, one: Codes, other: Codes) -> Flags:
        """Whether two events are of one day."""
        if not len(self.rows):
            return np.zeros(len(one), bool)
        return np.asarray(self.day[one] == self.day[other])

    @cached_property
    def day(self) -> Codes:
        """Day of each, in the zone of the business."""
        return self.facts.days(self.time)

    def unsure(self, one: Codes, other: Codes) -> Flags:
        """Whether the order of two events cannot be told, the later one being dated by the last moment it can have happened, too."""
        if not len(self.rows) or "approximate" not in self.rows:
            return self.close(one, other)
        rough = self.rows["approximate"].fillna(False).to_numpy(bool)
        return self.close(one, other) | rough[np.maximum(one, other)]

    def none(self) -> Verdict:
        """A rule about what the log does not record applies to no case."""
        empty = np.full(len(self.facts), -1)
        return Verdict(np.zeros(len(self.facts), np.int8), empty, empty)

    def verdict(self, state: NDArray[Any], first: Codes | None = None, second: Codes | None = None) -> Verdict:
        """A verdict with the events that show it."""
        empty = np.full(len(self.facts), -1)
        return Verdict(state.astype(np.int8), empty if first is None else first, empty if second is None else second)
