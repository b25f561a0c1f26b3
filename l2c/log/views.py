"""Which cases of a log are meant, which part of their way, as of which day, and in which hours?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

import narwhals as nw

from l2c import engine
from l2c.log import excerpts, own_kpis
from l2c.log.base import CALENDAR, Base, count
from l2c.log.calendar import Calendar, Given
from l2c.log.filters import Condition, condition, is_free
from l2c.log.origin import address
from l2c.log.quality import Quality
from l2c.words.notes import Note

if TYPE_CHECKING:
    pass

START, END = "▶", "■"


@dataclass(frozen=True, repr=False, eq=False)
class Views:
    """A whole log and the filters in force, with every way to look at it otherwise; `EventLog` says what it holds."""

    base: Base
    conditions: tuple[Condition, ...] = ()

    @property
    def filters(self) -> dict[str, str]:
        """The filters in force, as words."""
        said: dict[str, list[str]] = {word: [text] for word, text in self.base.origin.selection.items()}
        for each in self.conditions:
            said.setdefault(each.word, []).append(each.text)
        return {word: "; ".join(texts) for word, texts in said.items()}

    @property
    def hours(self) -> str:
        """What durations of this log are: days of the `calendar`, or `working` days."""
        return self.base.hours

    @property
    def quality(self) -> Quality:
        """What was read, used and set aside, and why."""
        return self.base.quality

    @cached_property
    def cases(self) -> nw.LazyFrame[Any]:
        """One row per case: `case_id, case_key`, attributes, `started, ended, duration_days, events, ...`."""
        if not self.conditions:
            return self.base.cases
        return self.base.cases.join(self._kept, on="case_key", how="semi")

    @cached_property
    def _kept(self) -> nw.LazyFrame[Any]:
        """Keys of the cases that pass the filters, computed once and kept."""
        cases = self.base.cases
        for each in self.conditions:
            cases = each.apply(cases, self.base)
        return engine.table(cases.select("case_key"), self.base.home)

    @cached_property
    def n_cases(self) -> int:
        """Number of cases."""
        return int(engine.collect(self.cases.select(count()))["n"].iloc[0])

    @property
    def calendar(self) -> Calendar | None:
        """When the business works, or None where nobody said."""
        return self.base.calendar

    def with_calendar(self, calendar: Given) -> Self:
        """Say when the business works; durations stay in calendar time until `in_hours("working")` is asked.

        Parameters
        ----------
        calendar
            A YAML file (docs/calendar.md), its content, or a calendar that was read.

        Returns
        -------
        A log that knows the working time between any two moments, and keeps it when it is saved.

        Raises
        ------
        BadCalendar
            If the calendar cannot be read, or says what means nothing.
        """
        told, base = Calendar.of(calendar), self.base.plain
        told = Calendar.of_facts(told.fixed(base.years))
        there = set(map(str, base.values(told.by))) if told.by in base.attributes else set()
        strange = [name for name in told.regions if name not in there]
        notes = [note for note in self.quality.notes if getattr(note, "id", "") != "calendar_places"]
        if strange:
            notes.append(Note("calendar_places", by=told.by, places=strange))
        quality = replace(self.quality, notes=tuple(notes))
        made = replace(base, calendar=told, quality=quality, _memory={})
        return replace(self, base=made.in_hours(self.hours))

    def in_hours(self, hours: Literal["calendar", "working"]) -> Self:
        """Return the same cases with every duration in calendar or in working time.

        A day of every number, limit and filter is then a working day: so many hours of the calendar as a day has. Dates,
        months and what is agreed in days, such as payment terms, stay what they are.

        Parameters
        ----------
        hours
            `calendar`, as every log begins, or `working`.

        Raises
        ------
        NoCalendar
            If the log has no calendar, or there are no such hours.
        """
        return replace(self, base=self.base.in_hours(hours))

    def where(self, filters: Mapping[str, Any] | None = None, /, **words: Any) -> Self:
        """Keep the cases that pass every filter; nothing is computed until something is asked.

        Parameters
        ----------
        filters
            Filters on attributes whose name is also a filter word: `log.where({"opened": "yes"})`.
        **words
            An attribute with one value, a list of values, `None` (value missing), or for numbers and times a
            pair `(low, high)`, either of which may be None. What is known of the events and not of the case
            (`actor="Kim"`, `actor_kind="automation"`) keeps the cases that have such an event. Reserved words:
            `opened, closed, ended, active`: a period such as `"2025-03"` or a pair of ends, both included,
            in which the first event, the close that counts (the last one of a deal that is not open again), the last event,
            or any event falls;
            `created`: such a period, in which the opportunity was created, or what an activity creates:
            `created={"Lead Created": "2025-04"}`, `created=("Lead Created", "2025-04")`;
            `includes, excludes`: an activity (or several) that the case has, or has not;
            `starts, ends`: the first or the last activity;
            `follows=("A", "B")`: B comes directly after A (`not_follows`: it never does); `eventually=("A", "B")`: B
            comes some time after A; `slower=("A", "B", 12.5)`: it took more days to get from A directly to B,
            `slower=("B", 12.5)`: from anywhere directly to B;
            `duration=(60, None)`: days from the first to the last event, of an open case to its last one so far;
            `took=("A", "B", (30, 90))`: days from the first A to the first B after it, whatever lies between, on one
            document where both bear its number (any of them counts); a case in which B never came has none;
            `times=("A", (2, None))`: how often the case has A, 0 included; `events=(5, None)`: how many events it has
            (ranges have both ends, both included; `"60.."`, `"A > B > 30..90"` say the same as text);
            `did=("A", "Kim")`: A was done by Kim, or by any of several, or by a kind of actor (`"automation"`);
            `variant`: one or several variant ids; `top_variants=10`: the ten most frequent variants;
            `outcome`: `won` (paid or not), `lost` (deals only), `lead_lost`, `open`, `paid`.

        Returns
        -------
        A new log with the same events of fewer cases. Words that are said again (`log.where(took=…).where(took=…)`)
        narrow it further. To keep a part of each case instead, see `between`.

        Raises
        ------
        UnknownName
            If an attribute, value or activity stands nowhere in the whole log.
        """
        found = [condition(word, value, self.base) for word, value in words.items() if not is_free(value)]
        found += [condition(word, value, self.base, attribute=True) for word, value in (filters or {}).items()]
        return replace(self, conditions=self.conditions + tuple(found))

    def with_kpis(self, source: str | Path | Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> Self:
        """Give the log key figures of your own, which then stand wherever those of the kit do; it is saved with them.

        Parameters
        ----------
        source
            A YAML file (docs/own-kpis.md), or one or several mappings with the same keys:
            `{"id": "legal_days", "from": "Legal Review", "to": "Contract Signed", "en": "Legal review"}`.

        Raises
        ------
        BadKpis
            If a definition makes no sense, or names what neither the log nor the kit knows.
        """
        return replace(self, base=self.base.but(own_kpis=own_kpis.checked(source, self.base)))

    def with_org(self, url: str) -> Self:
        """Tell the log in which Salesforce org its records lie, for links to them; it is saved with it.

        Parameters
        ----------
        url
            The address of the org, such as `https://acme.my.salesforce.com`. A log that was pulled from an org knows it.

        Raises
        ------
        BadOption
            If it is no address.
        """
        return replace(self, base=self.base.but(origin=replace(self.base.origin, org=address(url))))

    def as_of(self, day: Any) -> Self:
        """Return the log as it stood at the end of a day: the pipeline of then, with the owners and amounts of then.

        Parameters
        ----------
        day
            `"2025-03-31"`, a date, a month or quarter (its last day), or a moment.

        Returns
        -------
        A log of its own, taken at the end of that day in the zone of the log: events until then, of the cases that had
        begun; those that pass the filters in force now. Owner, amount, close date, stage, forecast category and whatever
        else the events or a history tell are those of that day, and so is what is open, won or lost. What nothing tells
        of then is as it is today, and a note says so.

        Raises
        ------
        BadFilter
            If it is no day, lies after the extraction, or nothing had begun by then.
        """
        from l2c.log import as_of

        base = as_of.cut(self.base.plain, day).in_hours(self.hours)
        if not self.conditions:
            return replace(self, base=base, conditions=())
        mine = self._kept
        kept = [
            replace(each, apply=lambda cases, _: cases.join(mine, on="case_key", how="semi"))
            for each in self.conditions
        ]
        return replace(self, base=base, conditions=tuple(kept))

    def between(
        self,
        start: str | Sequence[str] | None,
        end: str | Sequence[str] | None,
        *,
        until: Literal["first", "last"] = "first",
        complete: bool = True,
    ) -> Self:
        """Keep a part of the process: of each case the events from one activity to another, both included.

        Parameters
        ----------
        start
            The part begins with the first of these activities; None where it begins with the case.
        end
            It ends with the first of these after that; None where it ends with the case.
        until
            `last`: it ends with the last of them instead.
        complete
            False also keeps the cases that began the part and have not come to its end, with all that followed.

        Returns
        -------
        A log of the cases that have the part. Order, next activities, waits, variants, `started`, `ended`, duration and
        number of events are those of the part; attributes, owner, outcome and day of the close are those of the whole case.
        How many cases are left out stands in `quality.notes`, what was cut in `filters`. Key figures and rules that ask for
        activities which lie outside the part are refused.

        Raises
        ------
        UnknownName, BadPart
            If the log has no such activity, or the ends make no sense.

        Notes
        -----
        As Disco's *trim first* (`until="last"`: *trim longest*), Celonis' and ABBYY's cropping by first and last occurrence.
        pm4py's `filter_between` makes a case of each pair instead. Only complete parts are seen by default: times from
        start to end are then those of cases that got there; `diagnose.times` on the whole log counts the open ones too.
        """
        first, last = excerpts.bounds(start, end, self.base)
        made = excerpts.trimmed(self.base.plain, first, last, until, complete=complete).in_hours(self.hours)
        said = [", ".join(first), ", ".join(last), *(["last"] * (until == "last")), *([] if complete else ["open"])]
        part = self._kept_of(made, Condition("between", " … ".join(said), _all))
        names = (tuple(first) or START, tuple(last) or END)
        return part._noting(Note("part_of_cases", start=names[0], end=names[1], n=part.n_cases, of=self.n_cases))

    def grouped(self, groups: Mapping[str, Sequence[str]], *, fold: bool = False) -> Self:
        """Take several activities for one: `log.grouped({"Approvals": ["Discount Approved", "Contract Approved"]})`.

        Parameters
        ----------
        groups
            The activities that each new name stands for, in either language of the vocabulary.
        fold
            Whether directly consecutive events of a group, about one document where its number is known, become one event at
            the time of the first; what comes next is then waited for since the last.

        Returns
        -------
        A log in which maps, variants, steps and filters know the new names only. Outcomes, attributes and times of the cases
        stay. Key figures and rules that ask for a grouped activity are refused.

        Raises
        ------
        UnknownName, BadGroups
            If the log has no such activity; if a group is empty, shares an activity with another, or is called like an
            activity that is none of its own.
        """
        made = excerpts.grouped(self.base.plain, groups, fold=fold).in_hours(self.hours)
        own = {str(group): tuple(excerpts.bounds(names, None, self.base)[0]) for group, names in groups.items()}
        said = [Condition("grouped", f"{group}: {', '.join(names)}", _all) for group, names in own.items()]
        notes = [Note("activities_grouped", activities=names, group=group) for group, names in own.items()]
        return self._kept_of(made, *said)._noting(*notes)

    def _kept_of(self, made: Base, *said: Condition) -> Self:
        """The cases of this log in one that was made of the whole; the filters were asked before, of the whole events."""
        if not self.conditions:
            return replace(self, base=made, conditions=said)
        mine = self._kept
        first, *rest = self.conditions
        kept = replace(first, apply=lambda cases, _: cases.join(mine, on="case_key", how="semi"))
        rest_ = (replace(each, apply=_all) for each in rest)
        return replace(self, base=made, conditions=(kept, *rest_, *said))

    def _noting(self, *notes: Note) -> Self:
        quality = replace(self.quality, notes=(*self.quality.notes, *notes))
        return replace(self, base=self.base.judged(quality))

    def others(self) -> Self:
        """Return the cases of the whole log that the filters leave out."""
        if not self.conditions:
            return self.where({}, top_variants=0)
        text = "; ".join(f"{word}: {said}" for word, said in self.filters.items())
        mine = self._kept
        rest = Condition("others", text, lambda cases, _: cases.join(mine, on="case_key", how="anti"))
        return replace(self, conditions=(rest,))

    def in_calendar_time(self) -> Self:
        """Return the same cases in calendar time, even where a filter counts in working days."""
        if self.hours == CALENDAR:
            return self
        if not self.conditions:
            return replace(self, base=self.base.plain)
        mine = self._kept
        chosen = Condition("kept", "", lambda cases, _: cases.join(mine, on="case_key", how="semi"))
        return replace(self, base=self.base.plain, conditions=(chosen,))


def _all(cases: nw.LazyFrame[Any], _: Base) -> nw.LazyFrame[Any]:
    """What says something of a log and leaves out no case of it."""
    return cases
