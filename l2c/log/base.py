"""The whole log that filtered logs share: its frames, its facts, and what was computed once."""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar

import narwhals as nw

from l2c import engine
from l2c.engine import Home
from l2c.log import leads, outcomes, working
from l2c.log.calendar import Calendar
from l2c.log.columns import BASE, OF_CASES, OF_EVENTS, STARTED
from l2c.log.origin import Origin, content
from l2c.log.quality import Quality
from l2c.log.zone import Clock, clock
from l2c.words import own_measures, vocabulary
from l2c.words.errors import NoCalendar
from l2c.words.measures import Measure, measures

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T")
CALENDAR, WORKING = HOURS = ("calendar", "working")


@dataclass(frozen=True, eq=False)
class Base:
    """The whole log that filtered logs share: its frames, its facts and what was computed once.

    `whole` is the log that a part was cut out of (see `l2c.log.excerpts`), as long as it is in memory.
    """

    home: Home
    cases: nw.LazyFrame[Any]
    events: nw.LazyFrame[Any]
    variants: nw.LazyFrame[Any]
    extracted: datetime
    history_start: datetime | None = None
    currency: str | None = None
    quality: Quality = field(default_factory=Quality)
    objects: nw.LazyFrame[Any] | None = None
    links: nw.LazyFrame[Any] | None = None
    lines: nw.LazyFrame[Any] | None = None
    history: nw.LazyFrame[Any] | None = None
    contacts: nw.LazyFrame[Any] | None = None
    origin: Origin = field(default_factory=Origin)
    own_kpis: tuple[dict[str, Any], ...] = ()
    whole: Base | None = field(default=None, repr=False)
    zone: str = "UTC"
    fiscal_year_starts: int = 1
    calendar: Calendar | None = None
    hours: str = CALENDAR
    _plain: Base | None = field(default=None, repr=False)
    _memory: dict[Hashable, Any] = field(default_factory=dict, repr=False)

    def but(self, **changed: Any) -> Base:
        """The same rows with another quality report or origin; what was computed once stays."""
        other = copy.copy(self)
        for name, value in changed.items():
            object.__setattr__(other, name, value)
        # Made of what may have changed.
        for name in ("measures", "clock", "_at_work"):
            other.__dict__.pop(name, None)
        # In other hours, too, it is the one that was changed.
        if self._plain is not None:
            object.__setattr__(other, "_plain", self._plain.but(**changed))
        return other

    def judged(self, quality: Quality) -> Base:
        """The same log with another quality report."""
        return self.but(quality=quality)

    @cached_property
    def measures(self) -> dict[str, Measure]:
        """What can be measured of this log: everything the kit knows, and after it the key figures of the user's."""
        return measures() | {made.id: made for made in map(own_measures.measure, self.own_kpis)}

    @cached_property
    def content(self) -> str:
        """The hash of the cases: the same however the log was read, and in whatever engine it lies."""
        return content(engine.collect(self.cases.select("case_id", "started", "ended", "events")))

    @property
    def id(self) -> str:
        """What tells this log from those of other inputs, whatever is done with it."""
        return self.origin.id or self.content

    @property
    def plain(self) -> Base:
        """The same log in calendar time."""
        return self if self._plain is None else self._plain

    def in_hours(self, hours: str) -> Base:
        """The same log with every duration in calendar or in working time; see `EventLog.in_hours`.

        What was computed of one is never taken for the other: each has a memory of its own.
        """
        if hours not in HOURS:
            raise NoCalendar.hours(hours)
        if hours == CALENDAR:
            return self.plain
        if self.calendar is None:
            raise NoCalendar.of_log()
        return self if self.hours == WORKING else self._at_work

    @cached_property
    def _at_work(self) -> Base:
        """The same log in working time: its frames and its memory are made once, however it is said whose names it may show."""

        def measured() -> tuple[nw.LazyFrame[Any], nw.LazyFrame[Any], dict[Hashable, Any]]:
            return *working.measured(self.cases, self.events, self.working, self.home), {}

        cases, events, memory = self.memo("working", measured)
        return replace(self, cases=cases, events=events, hours=WORKING, _plain=self, _memory=memory)

    @cached_property
    def years(self) -> range:
        """The years for which the working hours are laid out."""
        ends = engine.collect(self.cases.select(nw.col("started").min(), nw.col("ended").max())).iloc[0]
        known = [self.extracted, *(end.to_pydatetime() for end in ends if end == end and end is not None)]
        return working.over(min(known), max(known))

    @cached_property
    def working(self) -> working.Working:
        """The working time of the log.

        Raises
        ------
        NoCalendar
            If it has no calendar.
        """
        if self.calendar is None:
            raise NoCalendar.of_log()
        if self._plain is not None:
            return self._plain.working
        return working.working(self.calendar, self.clock, self.years, self.calendar.by in self.attributes)

    def memo(self, key: Hashable, make: Callable[[], T]) -> T:
        """What was made of the whole log under a key: made when it is first asked for, kept as long as the log is."""
        if key not in self._memory:
            self._memory[key] = make()
        found: T = self._memory[key]
        return found

    def has(self, key: Hashable) -> bool:
        """Whether something is kept under a key."""
        return key in self._memory

    def values(self, attribute: str) -> list[Any]:
        """The known values of an attribute of the cases, or else of the events, asked once."""
        rows = self.cases if attribute in self.attributes else self.events
        found = self.memo(("values", attribute), lambda: engine.collect(rows.select(attribute).unique()))
        return list(found[attribute].dropna().tolist())

    @cached_property
    def activities(self) -> tuple[str, ...]:
        """Every activity, in process order; unknown ones last, by name."""
        names = set(chain.from_iterable(self.traces))
        return tuple(sorted(names, key=lambda a: (vocabulary.process_order(a) is None, vocabulary.process_order(a), a)))

    @cached_property
    def attributes(self) -> tuple[str, ...]:
        """Names of the case attributes."""
        own = {"case_id", *OF_CASES}
        return tuple(name for name in self.cases.collect_schema().names() if name not in own)

    @cached_property
    def event_attributes(self) -> tuple[str, ...]:
        """What is known of the events beside their case, activity, time and place: `actor`, `object_id`, …"""
        own = {*BASE, *OF_EVENTS, "case_key"}
        return tuple(name for name in self.events.collect_schema().names() if name not in own)

    @property
    def final(self) -> tuple[str, ...]:
        """The statuses that end a case: lost (as a deal or a lead) or paid, or, in a log without payments, won."""
        return outcomes.final(self.activities)

    @cached_property
    def knows_outcomes(self) -> bool:
        """Whether some case is won, lost (a lead or a deal) or paid; where none is, "open" says nothing."""
        return outcomes.are_known(self.cases)

    @cached_property
    def knows_work(self) -> bool:
        """Whether the log tells of some activities when their work began; `time` is then its end."""
        return STARTED in self.events.collect_schema().names()

    @cached_property
    def decided(self) -> nw.LazyFrame[Any]:
        """When each case was won, lost or given up; see `outcomes.decided`."""
        return engine.table(outcomes.decided(self.events, self.cases), self.home)

    @cached_property
    def clock(self) -> Clock:
        """The calendar of the business: what cuts days, months and quarters."""
        return clock(self.events, self.zone, self.fiscal_year_starts)

    @cached_property
    def n_cases(self) -> int:
        """Number of cases of the whole log."""
        return int(engine.collect(self.cases.select(count()))["n"].iloc[0])

    @cached_property
    def traces(self) -> pd.Series:
        """The trace of each variant as a tuple, by `variant_id`."""
        rows = engine.collect(self.variants.select("variant_id", "trace")).set_index("variant_id")["trace"]
        return rows.map(tuple)

    @cached_property
    def leads(self) -> frozenset[int]:
        """The variants of the leads that became no deal."""
        found = leads.without_deal(self.traces, self.activities)
        return frozenset(self.traces.index[found].tolist())

    @cached_property
    def milestones(self) -> nw.LazyFrame[Any]:
        """`case_key, activity, time`: when each activity first happened in each case that has it.

        A row each, and no column named by an activity: two that differ only in case would be one column to DuckDB.
        """
        return engine.table(self.events.group_by("case_key", "activity").agg(nw.col("time").min()), self.home)

    def reached(
        self, activities: Collection[str], among: nw.LazyFrame[Any] | None = None
    ) -> dict[str, pd.Series[pd.Timestamp]]:
        """When cases (all, or those whose `case_key` is among some) first reached activities: times by `case_key`."""
        rows = self.milestones.filter(nw.col("activity").is_in(list(activities)))
        if among is not None:
            rows = rows.join(among, on="case_key", how="semi")
        found = engine.fetch(rows).to_pandas(strings_to_categorical=True)
        times, kinds = found.set_index("case_key")["time"], found["activity"].astype("category").cat
        places = ((str(name), (kinds.codes == k).to_numpy().nonzero()[0]) for k, name in enumerate(kinds.categories))
        return {name: times.iloc[place] for name, place in places if len(place)}


def count() -> nw.Expr:
    """Number of rows, as `n`."""
    return nw.len().alias("n")
