"""How long did each case stay after each event, what came next, and what was known then?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from l2c import engine
from l2c.improve import attributes
from l2c.improve.attributes import Attribute
from l2c.improve.days import Days
from l2c.log import EventLog
from l2c.log.zone import micros
from l2c.measures.facts import UNITS, resolutions
from l2c.words.notes import Note

if TYPE_CHECKING:
    import pandas as pd

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
# From so many cases at most is learnt, unless all are asked for.
MOST_LEARNT = 20_000
# What is known of a state beside the attributes of its case and which activities it has seen.
STATE = ("previous", "count", "hour", "weekday", "age")
PREVIOUS, COUNT, HOUR, WEEKDAY, AGE = range(len(STATE))


@dataclass(frozen=True, eq=False)
class Stays:
    """The events of a log as stays, a place each, by case and in the order in which they happened.

    Attributes
    ----------
    activities
        Their names; arrays hold places among them.
    days
        What turns times into days and back.
    until
        The end of watching, in days.
    keys
        `case_key` of each case, ascending; arrays with a place per case are in this order.
    case, activity, time
        Case, activity, and days since the origin.
    next, wait
        What came next and after how many days; -1, and the days until the end of watching, where nothing has come yet.
    entry
        From which day of the stay on it was watched; None where all were watched from their start.
    attributes
        What is known of the cases and may enter.
    dated
        The activities of which mostly the day alone is known.
    """

    activities: tuple[str, ...]
    days: Days
    until: float
    keys: Ints
    case: Ints
    activity: NDArray[np.int16]
    time: Floats
    next: NDArray[np.int16]
    wait: Floats
    entry: Floats | None
    attributes: tuple[Attribute, ...]
    dated: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.case)

    @cached_property
    def head(self) -> Ints:
        """The first event of each case."""
        return np.searchsorted(self.case, np.arange(len(self.keys)))

    @cached_property
    def count(self) -> NDArray[np.int16]:
        """How often each activity had been seen in its case, this time included."""
        order = np.argsort(self.case * len(self.activities) + self.activity, kind="stable")
        key = (self.case * len(self.activities) + self.activity)[order]
        first = np.append(True, key[1:] != key[:-1])
        place = np.arange(len(key))
        found = np.empty(len(key), np.int16)
        found[order] = np.minimum(place - np.maximum.accumulate(np.where(first, place, 0)) + 1, 10_000)
        return found

    @cached_property
    def first(self) -> NDArray[np.int32]:
        """Of each case and activity, the event with which the case first saw it; beyond all events where it never did."""
        found = np.full((len(self.keys), len(self.activities)), len(self), np.int32)
        rows = np.flatnonzero(self.count == 1)
        found[self.case[rows], self.activity[rows]] = rows
        return found

    @cached_property
    def donors(self) -> dict[int, tuple[Ints, Ints]]:
        """Of each attribute that comes to be known with an activity: the group of each case, and by group those that have it."""
        early = [a for a in self.attributes if a.since < 0]
        found = {}
        for k, attribute in enumerate(self.attributes):
            if attribute.since >= 0:
                there = np.flatnonzero(attribute.values != attribute.missing)
                group = _groups(early, attribute, there)
                found[k] = group, there[np.argsort(group[there], kind="stable")]
        return found

    @property
    def names(self) -> tuple[str, ...]:
        """What is known at the start of a stay, a column each: state, attributes, whether each activity was seen before."""
        return (*STATE, *(a.name for a in self.attributes), *self.activities)

    def column(self, rows: Ints, column: int) -> Floats:
        """What was known at the start of some stays; see `names`."""
        if column == PREVIOUS:
            new = rows == self.head[self.case[rows]]
            return np.where(new, -1.0, self.activity[rows - 1])
        if column == COUNT:
            return self.count[rows].astype(np.float64)
        if column == HOUR:
            return np.floor(self.time[rows] % 1 * 24)
        if column == WEEKDAY:
            return np.floor(self.time[rows]) % 7
        case = self.case[rows]
        if column == AGE:
            return self.time[rows] - self.time[self.head[case]]
        if column < len(STATE) + len(self.attributes):
            attribute = self.attributes[column - len(STATE)]
            known = attribute.values[case]
            if attribute.since < 0:
                return known
            return np.where(self.first[case, attribute.since] <= rows, known, attribute.missing)
        return (self.first[case, column - len(STATE) - len(self.attributes)] < rows).astype(np.float64)

    def before(self, rows: Ints) -> NDArray[np.bool_]:
        """Whether each activity had been seen before some stays: a row per activity; what `column` says of each, at once."""
        return np.ascontiguousarray((self.first[self.case[rows]] < rows[:, None]).T)

    def cut(self, until: float) -> Stays:
        """The same stays as they were known on an earlier day; cases that had not begun are left out."""
        kept = self.time <= until
        keys = np.unique(self.case[kept])
        place = np.full(len(self.keys), -1)
        place[keys] = np.arange(len(keys))
        over = self.time[kept] + self.wait[kept] > until
        next_ = np.where(over, -1, self.next[kept]).astype(np.int16)
        wait = np.where(over, until - self.time[kept], self.wait[kept])
        entry = None if self.entry is None else self.entry[kept]
        known = tuple(replace(a, values=a.values[keys]) for a in self.attributes)
        rows = place[self.case[kept]], self.activity[kept], self.time[kept], next_, wait, entry, known, self.dated
        return Stays(self.activities, self.days, until, self.keys[keys], *rows)

    def drawn(self, cases: Ints) -> Stays:
        """The stays of some cases, each as often as it is named; `cases` ascending."""
        begin, many = self.head, np.diff(np.append(self.head, len(self)))
        size = many[cases]
        rows = np.repeat(begin[cases], size) + np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
        known = tuple(replace(a, values=a.values[cases]) for a in self.attributes)
        place = np.repeat(np.arange(len(cases)), size)
        arrays = (self.activity[rows], self.time[rows], self.next[rows], self.wait[rows])
        entry = None if self.entry is None else self.entry[rows]
        return Stays(self.activities, self.days, self.until, self.keys[cases], place, *arrays, entry, known, self.dated)


def stays(log: EventLog, *, until: datetime | None = None, most: int | None = MOST_LEARNT) -> Stays:
    """The stays of a log, as they were known at the end of watching.

    Parameters
    ----------
    until
        End of watching (naive UTC): what happened later is not known, and who stayed then stays on for an unknown time.
        The extraction unless given.
    most
        Cases at most: of more, every so manieth is taken in the order of their starts. None takes all.
    """
    if most is not None and log.n_cases > most:
        log = log.collect(sample=most)
    end = micros(log.extracted if until is None else min(until, log.extracted))
    rows = _rows(log)
    times = rows["time"].to_numpy("datetime64[us]").astype(np.int64)
    seen = times <= end
    rows, times = rows[seen], times[seen]
    names = log.activities
    kinds = rows["activity"].astype("category").cat
    activity = np.array([names.index(str(kind)) for kind in kinds.categories], np.int16)[kinds.codes]
    keys, case = np.unique(rows["case_key"].to_numpy(np.int64), return_inverse=True)
    days = Days.of(log.base.plain, int(times.min()) if len(times) else end, end)
    last = float(days.since(np.array([end]))[0])
    time = _in_order(days.since(times), case)
    final = np.append(case[1:] != case[:-1], True) if len(case) else np.empty(0, bool)
    later = np.append(activity[1:], -1).astype(np.int16)[: len(case)]
    after = np.where(final, np.maximum(last, time), np.append(time[1:], 0.0)[: len(time)])
    entry = None
    if log.history_start is not None:
        entry = np.maximum(float(days.since(np.array([micros(log.history_start)]))[0]) - time, 0.0)
    following = np.where(final, -1, later).astype(np.int16)
    found = Stays(names, days, last, keys, case, activity, time, following, after - time, entry, ())
    known = attributes.of(log, keys, found.first < len(found), names)
    coarse = tuple(name for name, unit in resolutions(log.base.plain).items() if unit >= UNITS["day"])
    return replace(found, attributes=known, dated=coarse)


def all_stays(log: EventLog) -> Stays:
    """The stays of all cases of the whole log, in calendar time, kept with it."""
    base = log.base.plain
    return base.memo("all stays", lambda: stays(EventLog(base), most=None))


def sampled(log: EventLog, most: int | None) -> Note | None:
    """What to know where of many cases every so manieth is taken."""
    every = 1 if most is None else -(-log.n_cases // max(most, 1))
    return Note("sample", every=every) if every > 1 else None


def _rows(log: EventLog) -> pd.DataFrame:
    """The events of a log in their order."""
    columns = log.in_calendar_time().events.select("case_key", "position", "activity", "time")
    rows: pd.DataFrame = engine.fetch(columns).to_pandas(strings_to_categorical=True)
    return rows.iloc[np.lexsort((rows["position"], rows["case_key"]))]


def _in_order(time: Floats, case: Ints) -> Floats:
    """Times that never go back within a case, as a clock that is turned back in autumn, or a date among times, makes them do."""
    if not ((np.diff(time) < 0) & (np.diff(case) == 0)).any():
        return time
    low, far = time.min(), time.max() - time.min() + 1
    return np.asarray(np.maximum.accumulate(time - low + case * far) + low - case * far)


def _groups(others: list[Attribute], attribute: Attribute, donors: Ints) -> Ints:
    """Groups of cases by the attribute, known from the start, that tells most of another one."""
    best, found = 0.0, np.zeros(len(attribute.values), np.int64)
    if not len(donors):
        return found
    value = attribute.values[donors]
    for other in others:
        group = other.values.astype(np.int64) + 1 if not other.is_number else np.zeros(len(found), np.int64)
        if other.is_number:
            tenths = np.unique(np.quantile(other.values[donors], np.arange(1, 10) / 10))
            group = np.searchsorted(tenths, other.values, "right")
        size, total = np.bincount(group[donors]), np.bincount(group[donors], value)
        between = float((total**2 / np.maximum(size, 1)).sum()) - len(donors) * float(value.mean()) ** 2
        # Each group explains something by chance.
        told = between - int((size > 0).sum() - 1) * float(value.var())
        if told > best:
            best, found = told, group
    return found
