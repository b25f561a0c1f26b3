"""What the KPIs need to know of a log, as arrays gathered once."""

from __future__ import annotations

import weakref
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from l2c import engine
from l2c.engine import MICROSECONDS_A_DAY
from l2c.log import EventLog, leads

if TYPE_CHECKING:
    from l2c.log.base import Base

Times = NDArray[np.int64]
Flags = NDArray[np.bool_]

# Microseconds since 1970; NEVER stands for what has not happened.
NEVER = np.iinfo(np.int64).max
DAY = MICROSECONDS_A_DAY
UNITS = {"day": DAY, "minute": 60_000_000, "second": 1_000_000}

STATUSES = ("open", "won", "lost", "paid", "lead_lost")
MILESTONES = (
    "Lead Created",
    "Opportunity Created",
    "Quote Sent",
    "Contract Signed",
    "Closed Won",
    "Closed Lost",
    "Sales Order Created",
    "Order Cancelled",
    "Order Fulfilled",
    "Invoice Sent",
    "Payment Received",
    "Order Closed",
)
FIXED = ("case_key", "status", "started", "ended", "variant_id")


@dataclass(eq=False)
class Whole:
    """Columns of a whole log that filtered logs share; each is fetched when it is first asked for."""

    base: weakref.ref[Base]
    columns: dict[str, NDArray[Any]] = field(default_factory=dict)
    times: dict[str, Times] = field(default_factory=dict)

    def column(self, name: str) -> NDArray[Any]:
        """One column of the cases, ordered by `case_key`."""
        if name not in self.columns:
            frame = self._known().cases
            wanted = [n for n in frame.collect_schema().names() if n == name or n in FIXED]
            new = [n for n in wanted if n not in self.columns and n != "case_key"]
            rows = engine.collect(frame.select("case_key", *new))
            rows = rows.sort_values("case_key", ignore_index=True)
            for column in rows:
                self.columns.setdefault(str(column), _array(rows[column]))
        return self.columns[name]

    def first(self, activity: str) -> Times:
        """The first time of an activity in each case, ordered by `case_key`."""
        if activity not in self.times:
            wanted = {activity, *MILESTONES} - set(self.times)
            reached = self._known().reached(wanted)
            keys = self.column("case_key")
            for name in wanted:
                self.times[name] = np.full(len(keys), NEVER)
                if name in reached:
                    self.times[name][np.searchsorted(keys, reached[name].index)] = as_times(reached[name].to_numpy())
        return self.times[activity]

    def _known(self) -> Base:
        base = self.base()
        assert base is not None, "whoever asks holds the log"
        return base


@dataclass(frozen=True, eq=False)
class Facts:
    """The cases of a log; every array has one place per case.

    Attributes
    ----------
    rows
        Places of the cases in the whole log.
    until
        When the data were taken, or a moment before it: what happened later is not known.
    """

    log: EventLog
    whole: Whole
    rows: NDArray[np.int64]
    until: int
    _known: dict[str, Times] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, log: EventLog, until: int | None = None) -> Facts:
        """Gather the facts of a log."""
        whole = _shared.setdefault(log.base, Whole(weakref.ref(log.base)))
        every = whole.column("case_key")
        rows = np.arange(len(every))
        if log.conditions:
            kept = log.kept()
            rows = np.searchsorted(every, np.sort(kept))
        return cls(log, whole, rows, micros(log.extracted) if until is None else until)

    def only(self, some: Flags) -> Facts:
        """Return the facts of some of the cases."""
        return Facts(self.log, self.whole, self.rows[some], self.until)

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def place(self) -> NDArray[np.int64]:
        """Place of each case among these, by its key; -1 where a key is none of theirs."""
        every = self.whole.column("case_key")
        place = np.full(int(every[-1]) + 1 if len(every) else 0, -1)
        place[self.keys] = np.arange(len(self.rows))
        return place

    @cached_property
    def keys(self) -> NDArray[np.int64]:
        """Key of each case, ascending."""
        return self.column("case_key")

    def column(self, name: str) -> NDArray[Any]:
        """A column of the cases as it stands."""
        return self.whole.column(name)[self.rows]

    def first(self, *activities: str) -> Times:
        """When the first of some activities first happened in each case."""
        times = [self._times(name) for name in activities if name in self.log.activities]
        if not times:
            return np.full(len(self), NEVER)
        return times[0] if len(times) == 1 else np.minimum.reduce(times)

    def _times(self, name: str) -> Times:
        if name not in self._known:
            self._known[name] = self._until(self.whole.first(name)[self.rows])
        return self._known[name]

    def _until(self, times: Times) -> Times:
        return np.where(times > self.until, NEVER, times)

    @cached_property
    def lost(self) -> Times:
        """When each deal was lost."""
        return self._closed(("lost",), "Closed Lost")

    @cached_property
    def disqualified(self) -> Times:
        """When each lead was given up that became no deal."""
        return self._closed(("lead_lost",), leads.DISQUALIFIED)

    @cached_property
    def gone(self) -> Times:
        """When each case was lost, as a deal or as a lead."""
        return np.minimum(self.lost, self.disqualified)

    @cached_property
    def won(self) -> Times:
        """When each case was won; a paid one was."""
        return self._closed(("won", "paid"), "Closed Won")

    def _closed(self, statuses: tuple[str, ...], activity: str) -> Times:
        time = np.minimum(self.first(activity), self._until(self.column("ended")))
        codes = [STATUSES.index(status) for status in statuses]
        return np.where(np.isin(self.column("status"), codes), time, NEVER)

    @cached_property
    def closed(self) -> Flags:
        """Whether each case is a deal that was won or lost."""
        return (self.won != NEVER) | (self.lost != NEVER)

    @cached_property
    def open(self) -> Flags:
        """Whether each case was neither won nor lost, nor a lead that was given up."""
        return ~self.closed & (self.disqualified == NEVER)

    @cached_property
    def deal(self) -> Flags:
        """Whether a case is a deal: a lead that became none, and was not closed otherwise, is no deal."""
        lead = np.isin(self.column("variant_id"), list(self.log.base.leads))
        if leads.OPPORTUNITY in self.log.activities:
            # Before its opportunity was created, a deal was a lead.
            later = Facts(self.log, self.whole, self.rows, NEVER).first(leads.OPPORTUNITY) != NEVER
            lead |= later & (self.first(leads.OPPORTUNITY) == NEVER) & (self.first(leads.CREATED) != NEVER)
        return (~lead & (self.disqualified == NEVER)) | self.closed

    def number(self, attribute: str) -> NDArray[np.float64]:
        """A numeric attribute, NaN where it is missing."""
        if attribute not in self.log.attributes:
            return np.full(len(self), np.nan)
        return self.column(attribute).astype(np.float64)

    @property
    def history_start(self) -> int | None:
        """Since when events were recorded."""
        start = self.log.history_start
        return None if start is None else micros(start)

    def unit(self, *activities: str) -> int:
        """Time resolution of some activities, in microseconds: that of the coarsest."""
        units = resolutions(self.log.base)
        return max((units.get(name, UNITS["second"]) for name in activities), default=UNITS["second"])


_shared: weakref.WeakKeyDictionary[Base, Whole] = weakref.WeakKeyDictionary()
_resolutions: weakref.WeakKeyDictionary[Base, dict[str, int]] = weakref.WeakKeyDictionary()


def micros(when: datetime) -> int:
    """Microseconds since 1970."""
    return int(np.datetime64(when, "us").astype(np.int64))


def as_times(values: NDArray[Any]) -> Times:
    """Times as microseconds since 1970, NEVER where there is none."""
    times = values.astype("datetime64[us]").astype(np.int64)
    return np.where(times == np.iinfo(np.int64).min, NEVER, times)


def resolutions(base: Base) -> dict[str, int]:
    """Time resolution of each activity of a whole log: the one that half of its events have, or a coarser one."""
    import narwhals as nw

    if base not in _resolutions:
        by = ["activity", "precision"]
        counted = engine.collect(base.events.group_by(*by).agg(events=nw.len()))
        found = {}
        for activity, rows in counted.groupby("activity"):
            shares = rows.set_index("precision")["events"] / rows["events"].sum()
            coarse = shares.get("day", 0.0)
            minute = coarse + shares.get("minute", 0.0)
            found[str(activity)] = UNITS["day" if coarse >= 0.5 else "minute" if minute >= 0.5 else "second"]
        _resolutions[base] = found
    return _resolutions[base]


def _array(column: Any) -> NDArray[Any]:
    import pandas as pd

    if column.name == "status":
        codes = column.map({name: code for code, name in enumerate(STATUSES)})
        return np.asarray(codes.to_numpy(np.int8))
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return as_times(column.to_numpy())
    if pd.api.types.is_numeric_dtype(column.dtype):
        return np.asarray(column.to_numpy())
    numbers = pd.to_numeric(column, errors="coerce")
    if numbers.notna().any() or not len(column):
        return np.asarray(numbers.to_numpy(np.float64))
    return np.asarray(pd.factorize(column)[0], np.float64)
