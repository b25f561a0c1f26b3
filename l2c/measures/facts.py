"""What the KPIs need to know of a log, as arrays gathered once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from l2c import engine
from l2c.log import EventLog, leads
from l2c.log.base import WORKING
from l2c.log.columns import MICROSECONDS_A_DAY
from l2c.log.outcomes import STATUSES
from l2c.log.zone import Clock, micros
from l2c.words import vocabulary
from l2c.words.notes import Note

if TYPE_CHECKING:
    import pandas as pd

    from l2c.log.base import Base
    from l2c.log.working import Schedule

Times = NDArray[np.int64]
Flags = NDArray[np.bool_]
T = TypeVar("T")

# Microseconds since 1970; NEVER stands for what has not happened.
NEVER = np.iinfo(np.int64).max
DAY = MICROSECONDS_A_DAY
UNITS = {"day": DAY, "minute": 60_000_000, "second": 1_000_000}

ACCOUNT = "account"
# So many times are fetched beside those that are asked for: 32 MB.
BESIDE = 4_000_000
FIXED = ("case_key", "status", "started", "ended", "variant_id")


@dataclass(frozen=True, eq=False)
class Facts:
    """The cases of a log; every array has one place per case.

    What is asked of them is computed once for the whole log, kept by it, and picked by `rows`.

    Attributes
    ----------
    rows
        Places of the cases in the whole log.
    until
        When the data were taken, or a moment before it: what happened later is not known.
    """

    log: EventLog
    rows: NDArray[np.int64]
    until: int
    _memory: dict[Hashable, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, log: EventLog, until: int | None = None) -> Facts:
        """Gather the facts of a log."""
        every = _column(log.base, "case_key")
        rows = np.searchsorted(every, np.sort(log.kept())) if log.conditions else np.arange(len(every))
        return cls(log, rows, micros(log.extracted) if until is None else until)

    def whole(self) -> Facts:
        """Return the facts of all cases of the whole log, known until the same moment."""
        return Facts.of(EventLog(self.log.base), self.until)

    def only(self, some: Flags) -> Facts:
        """Return the facts of some of the cases."""
        return Facts(self.log, self.rows[some], self.until)

    def __len__(self) -> int:
        return len(self.rows)

    def memo(self, key: Hashable, make: Callable[[], T]) -> T:
        """What was made of these cases under a key; see `Base.memo`."""
        if key not in self._memory:
            self._memory[key] = make()
        found: T = self._memory[key]
        return found

    @cached_property
    def place(self) -> NDArray[np.int64]:
        """Place of each case among these, by its key; -1 where a key is none of theirs."""
        every = _column(self.log.base, "case_key")
        place = np.full(int(every[-1]) + 1 if len(every) else 0, -1)
        place[self.keys] = np.arange(len(self.rows))
        return place

    @cached_property
    def keys(self) -> NDArray[np.int64]:
        """Key of each case, ascending."""
        return self.column("case_key")

    def column(self, name: str) -> NDArray[Any]:
        """A column of the cases as numbers: times in microseconds, statuses as their places among `STATUSES`."""
        return _column(self.log.base, name)[self.rows]

    def attribute(self, name: str) -> pd.Series[Any]:
        """A case attribute as it stands; all missing where the log has none of the name."""
        import pandas as pd

        if name not in self.log.attributes:
            return pd.Series(None, range(len(self)), object)

        def fetched() -> pd.Series[Any]:
            rows = engine.collect(self.log.base.cases.select("case_key", name))
            return rows.sort_values("case_key", ignore_index=True)[name]

        return self.log.base.memo(("attribute", name), fetched).iloc[self.rows].reset_index(drop=True)

    @cached_property
    def account(self) -> NDArray[np.int64] | None:
        """A code for the account of each case, by which deals go together; a case without one is an account of its own.

        None where the log knows no accounts.
        """
        if ACCOUNT not in self.log.attributes:
            return None
        return self.log.base.memo("accounts", lambda: _alone(self.whole().attribute(ACCOUNT)))[self.rows]

    def number(self, attribute: str) -> NDArray[np.float64]:
        """A numeric attribute, NaN where it is missing."""
        if attribute not in self.log.attributes:
            return np.full(len(self), np.nan)
        return self.column(attribute).astype(np.float64)

    def first(self, *activities: str) -> Times:
        """When the first of some activities first happened in each case."""
        times = [self._times(name) for name in activities if name in self.log.activities]
        if not times:
            return np.full(len(self), NEVER)
        return times[0] if len(times) == 1 else np.minimum.reduce(times)

    def _times(self, name: str) -> Times:
        return self.memo(("first", name), lambda: self._until(_first(self.log.base, name)[self.rows]))

    def _until(self, times: Times) -> Times:
        return np.where(times > self.until, NEVER, times)

    @cached_property
    def lost(self) -> Times:
        """When each deal was lost."""
        return self._decided("lost")

    @cached_property
    def disqualified(self) -> Times:
        """When each lead was given up that became no deal."""
        return self._decided("lead_lost")

    @cached_property
    def gone(self) -> Times:
        """When each case was lost, as a deal or as a lead."""
        return np.minimum(self.lost, self.disqualified)

    @cached_property
    def won(self) -> Times:
        """When each case was won; a paid one was."""
        return self._decided("won", "paid")

    @cached_property
    def closing(self) -> Times:
        """The close that counts of each deal: its last one, unless it is open again or nothing tells when it was closed."""
        return self._until(_decided(self.log.base)["closed"][self.rows])

    def _decided(self, *statuses: str) -> Times:
        codes = [STATUSES.index(status) for status in statuses]
        time = self._until(_decided(self.log.base)["decided"][self.rows])
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
        if "whole_lead" in self.log.base.cases.collect_schema().names():
            lead = self.column("whole_lead").astype(bool)
        else:
            lead = np.isin(self.column("variant_id"), list(self.log.base.leads))
        if leads.OPPORTUNITY in self.log.activities:
            # Before its opportunity was created, a deal was a lead.
            later = _first(self.log.base, leads.OPPORTUNITY)[self.rows] != NEVER
            lead |= later & (self.first(leads.OPPORTUNITY) == NEVER) & (self.first(leads.CREATED) != NEVER)
        return (~lead & (self.disqualified == NEVER)) | self.closed

    @property
    def clock(self) -> Clock:
        """What cuts days, months and quarters in the zone of the business."""
        return self.log.base.clock

    def days(self, times: Times) -> NDArray[np.int64]:
        """Day of each time in the zone of the business, in days since 1970."""
        return self.clock.days(times)

    @property
    def today(self) -> int:
        """Day on which the data were taken."""
        return self.clock.day(self.until)

    @property
    def is_working(self) -> bool:
        """Whether durations are working days."""
        return self.log.base.hours == WORKING

    def elapsed(
        self, case: NDArray[np.int64], start: Times, end: Times | int, hours: str | None = None
    ) -> NDArray[np.float64]:
        """Days from each start to each end: of the calendar, or working days.

        Parameters
        ----------
        case
            Row of the facts, for each pair: places differ in their hours.
        hours
            `calendar` or `working`; those of the log unless given.
        """
        end = np.broadcast_to(np.asarray(end, np.int64), start.shape)
        if (hours or self.log.base.hours) != WORKING:
            return np.asarray((end - start) / DAY)
        return self.log.base.working.days(start, end, self.schedules[case] if self.schedules is not None else None)

    @cached_property
    def schedules(self) -> NDArray[np.int64] | None:
        """The schedule of each case, None where all have one."""
        by = self.log.base.working.by
        return None if by is None else self.log.base.working.which(self.attribute(by))

    def workdays_later(
        self, case: NDArray[np.int64], days: NDArray[np.int64], many: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """The day so many working days after each day."""
        return self._by_place(case, lambda schedule, rows: schedule.later(days[rows], many[rows]))

    def workdays_between(
        self, case: NDArray[np.int64], days: NDArray[np.int64], until: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Working days after each day, up to another."""
        return self._by_place(case, lambda schedule, rows: schedule.between(days[rows], until[rows]))

    def _by_place(
        self, case: NDArray[np.int64], counted: Callable[[Schedule, NDArray[np.int64]], NDArray[np.int64]]
    ) -> NDArray[np.int64]:
        """What each schedule tells of the rows that are its own."""
        which = np.zeros(len(case), np.int64) if self.schedules is None else self.schedules[case]
        found = np.zeros(len(case), np.int64)
        for number, schedule in enumerate(self.log.base.working.schedules):
            rows = np.flatnonzero(which == number)
            found[rows] = counted(schedule, rows)
        return found

    def ago(self, case: NDArray[np.int64], start: Times) -> NDArray[np.float64]:
        """Days since each start."""
        return self.elapsed(case, start, self.until)

    @property
    def days_a_year(self) -> float:
        """Days of a year in the hours of the log: what interest for a day is a part of."""
        return self.log.base.working.days_a_year if self.is_working else 365.0

    @property
    def history_start(self) -> int | None:
        """Since when events were recorded."""
        start = self.log.history_start
        return None if start is None else micros(start)

    @cached_property
    def watched(self) -> tuple[int, int]:
        """Since when and until when these cases were watched."""
        started = self.column("started")
        first = int(started.min()) if len(started) else self.until
        return first if self.history_start is None else self.history_start, self.until

    def unit(self, *activities: str) -> int:
        """Time resolution of some activities, in microseconds: that of the coarsest."""
        units = resolutions(self.log.base)
        return max((units.get(name, UNITS["second"]) for name in activities), default=UNITS["second"])


# In a part of the process, an activity counts as it was where in so few of its cases the first one lies outside.
FEW_OUTSIDE = 0.05


def not_as_they_were(facts: Facts, activities: Collection[str], most: float = FEW_OUTSIDE) -> tuple[str, ...]:
    """Which of some activities are not known as they were, since only a part of the process is left, or they were grouped."""
    hidden = facts.log.origin.hidden
    return tuple(sorted(name for name in activities if hidden.get(name, 0.0) > most))


def mixed(facts: Facts, some: Flags) -> Note | None:
    """Say so where the amounts of some cases are in several currencies."""
    if facts.log.one_currency:
        return None
    found = facts.attribute("currency")[some].nunique()
    return Note("currencies", n=found) if found > 1 else None


def as_times(values: NDArray[Any]) -> Times:
    """Times as microseconds since 1970, NEVER where there is none."""
    times = values.astype("datetime64[us]").astype(np.int64)
    return np.where(times == np.iinfo(np.int64).min, NEVER, times)


def resolutions(base: Base) -> dict[str, int]:
    """Time resolution of each activity of a whole log: the one that half of its events have, or a coarser one."""
    import narwhals as nw

    def counted() -> dict[str, int]:
        rows = engine.collect(base.events.group_by("activity", "precision").agg(events=nw.len()))
        many: dict[str, dict[str, int]] = {}
        for activity, precision, events in zip(rows["activity"], rows["precision"], rows["events"], strict=True):
            many.setdefault(str(activity), {})[precision] = int(events)
        found = {}
        for activity in sorted(many):
            whole = sum(many[activity].values())
            coarse = many[activity].get("day", 0) / whole
            minute = coarse + many[activity].get("minute", 0) / whole
            found[activity] = UNITS["day" if coarse >= 0.5 else "minute" if minute >= 0.5 else "second"]
        return found

    return base.memo("resolutions", counted)


def _column(base: Base, name: str) -> NDArray[Any]:
    """One column of the cases of a whole log, ordered by `case_key`; the fixed ones are fetched together."""
    columns: dict[str, NDArray[Any]] = base.memo("columns", dict)
    if name not in columns:
        there = base.cases.collect_schema().names()
        new = [each for each in there if (each == name or each in FIXED) and each not in columns and each != "case_key"]
        rows = engine.collect(base.cases.select("case_key", *new)).sort_values("case_key", ignore_index=True)
        for column in rows:
            columns.setdefault(str(column), _array(rows[column]))
    return columns[name]


def _alone(names: pd.Series[Any]) -> NDArray[np.int64]:
    """Numbers of names; what has none has a number of its own."""
    import pandas as pd

    codes = pd.factorize(names)[0].astype(np.int64)
    none = codes < 0
    codes[none] = codes.max(initial=-1) + 1 + np.arange(none.sum())
    return codes


def _decided(base: Base) -> dict[str, Times]:
    """When each case of a whole log was `closed`, and `decided`, ordered by `case_key`."""

    def fetched() -> dict[str, Times]:
        rows, keys = engine.collect(base.decided), _column(base, "case_key")
        found = {name: np.full(len(keys), NEVER) for name in ("closed", "decided")}
        for name, times in found.items():
            times[_places(keys, rows["case_key"].to_numpy())] = as_times(rows[name].to_numpy())
        return found

    return base.memo("decided", fetched)


def _first(base: Base, activity: str) -> Times:
    """The first time of an activity in each case of a whole log, ordered by `case_key`.

    Milestones come together, and as many others with them as take little memory: each question costs as much as its answer.
    """
    times: dict[str, Times] = base.memo("first times", dict)
    if activity not in times:
        keys = _column(base, "case_key")
        others = [name for name in base.activities if name not in times][: BESIDE // max(len(keys), 1)]
        wanted = {activity, *vocabulary.milestones(ends=True), *others} - set(times)
        reached = base.reached(wanted)
        for name in wanted:
            times[name] = np.full(len(keys), NEVER)
            if name in reached:
                times[name][_places(keys, reached[name].index.to_numpy())] = as_times(reached[name].to_numpy())
    return times[activity]


def _places(keys: NDArray[np.int64], some: NDArray[np.int64]) -> NDArray[np.int64]:
    """Places of some keys among all, which ascend, mostly without gaps."""
    gapless = len(keys) and keys[-1] - keys[0] == len(keys) - 1
    return np.asarray(some - keys[0] if gapless else np.searchsorted(keys, some), np.int64)


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
