"""What happened, to which deal, when: the event log that every analysis asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import narwhals as nw

from l2c import engine
from l2c.log import excerpts, own_kpis, several, standing, storage
from l2c.log.base import CALENDAR, Base, count
from l2c.log.calendar import Calendar, Given
from l2c.log.columns import FEW, STARTED
from l2c.log.filters import Condition, condition, is_free
from l2c.log.origin import Origin
from l2c.log.quality import Quality
from l2c.words.errors import UnknownName
from l2c.words.notes import Note

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from l2c.log.zone import Clock

START, END = "▶", "■"


@dataclass(frozen=True, repr=False, eq=False)
class EventLog:
    """An immutable event log, ordered and ready to be asked.

    A case is a deal with the lead before it and the order, invoice and payment after it; a lead that became
    no deal is a case of its own. Make one with `l2c.read`, `l2c.open`, `l2c.demo` or `l2c.log.build`.

    Attributes
    ----------
    extracted
        When the data were taken (naive UTC): what had not ended by then is open.
    history_start
        Since when events were recorded, where known; older deals enter late.
    currency
        The currency of all amounts, or None when unknown or mixed.
    zone
        The time zone of the business: events are UTC, but days, months and quarters are cut in it.
    fiscal_year_starts
        The month in which the fiscal year begins.
    quality
        What was read, used and set aside, and why.
    conditions
        The filters in force.
    """

    base: Base
    conditions: tuple[Condition, ...] = ()

    @property
    def extracted(self) -> datetime:
        """When the data were taken, naive UTC."""
        return self.base.extracted

    @property
    def history_start(self) -> datetime | None:
        """Since when events were recorded, or None when unknown."""
        return self.base.history_start

    @property
    def currency(self) -> str | None:
        """Currency code of the amounts of these cases, or None when unknown or mixed."""
        return self.currencies[0] if len(self.currencies) == 1 else None

    @property
    def zone(self) -> str:
        """The time zone of the business, in which days, months and quarters are cut."""
        return self.base.zone

    @property
    def fiscal_year_starts(self) -> int:
        """The month in which the fiscal year begins; 1 unless it was given."""
        return self.base.fiscal_year_starts

    @property
    def clock(self) -> Clock:
        """What cuts days, months and quarters in the zone of the business."""
        return self.base.clock

    @property
    def calendar(self) -> Calendar | None:
        """When the business works, or None where nobody said."""
        return self.base.calendar

    @property
    def hours(self) -> str:
        """What durations of this log are: days of the `calendar`, or `working` days."""
        return self.base.hours

    @property
    def day_hours(self) -> float | None:
        """Hours of a day of the durations of this log, None where they are days of the calendar."""
        return None if self.hours == CALENDAR or self.calendar is None else self.calendar.day_hours

    def with_calendar(self, calendar: Given) -> EventLog:
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
        return EventLog(made.in_hours(self.hours), self.conditions)

    def in_hours(self, hours: Literal["calendar", "working"]) -> EventLog:
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
        return EventLog(self.base.in_hours(hours), self.conditions)

    @cached_property
    def currencies(self) -> tuple[str, ...]:
        """The currency codes of these cases, as far as they are known."""
        if self.base.currency is not None:
            return (self.base.currency,)
        return tuple(map(str, self.distinct("currency"))) if "currency" in self.attributes else ()

    @property
    def one_currency(self) -> bool:
        """Whether amounts may be added up: they are not in several currencies."""
        return len(self.currencies) < 2

    @property
    def quality(self) -> Quality:
        """What was read, used and set aside, and why."""
        return self.base.quality

    @property
    def origin(self) -> Origin:
        """Where the log comes from, which part of it this is, and whom it may name."""
        return self.base.origin

    @property
    def filters(self) -> dict[str, str]:
        """The filters in force, as words."""
        said: dict[str, list[str]] = {word: [text] for word, text in self.base.origin.selection.items()}
        for each in self.conditions:
            said.setdefault(each.word, []).append(each.text)
        return {word: "; ".join(texts) for word, texts in said.items()}

    @cached_property
    def cases(self) -> nw.LazyFrame[Any]:
        """One row per case: `case_id, case_key`, attributes, `started, ended, duration_days, events, ...`."""
        if not self.conditions:
            return self.base.cases
        return self.base.cases.join(self._kept, on="case_key", how="semi")

    @cached_property
    def events(self) -> nw.LazyFrame[Any]:
        """One row per event, with `position`, `next_activity` and `wait_days` of its order within the case.

        Where the source tells when work began, `started` and `work_days` stand beside `time`, which is its end.
        """
        if not self.conditions:
            return self.base.events
        return self.base.events.join(self._kept, on="case_key", how="semi")

    @cached_property
    def variants(self) -> nw.LazyFrame[Any]:
        """One row per distinct trace: `variant_id, trace, cases`; ids are those of the whole log."""
        if not self.conditions:
            return self.base.variants
        counted = self.cases.group_by("variant_id").agg(cases=nw.len())
        return self.base.variants.drop("cases").join(counted, on="variant_id", how="inner")

    @cached_property
    def objects(self) -> nw.LazyFrame[Any] | None:
        """The records behind the events, `object_type, object_id, case_id`; None where the source knows none."""
        if self.base.objects is None or not self.conditions:
            return self.base.objects
        return self.base.objects.join(self.cases.select("case_id"), on="case_id", how="semi")

    @cached_property
    def links(self) -> nw.LazyFrame[Any] | None:
        """Which records point at which: `from_type, from_id, lookup, to_type, to_id, amount`; None where unknown."""
        if self.base.links is None or self.objects is None or not self.conditions:
            return self.base.links
        own = self.objects.select("object_id").unique()
        if self.lines is not None:
            # Lines point at lines, and are no objects.
            own = nw.concat([own, self.lines.select(nw.col("line_id").alias("object_id"))])
        return self.base.links.join(own, left_on="from_id", right_on="object_id", how="semi")

    @cached_property
    def lines(self) -> nw.LazyFrame[Any] | None:
        """The lines of the documents, a row each (see `l2c.log.lines.COLUMNS`); None where the source knows none."""
        if self.base.lines is None or not self.conditions:
            return self.base.lines
        return self.base.lines.join(self.cases.select("case_id"), on="case_id", how="semi")

    @cached_property
    def history(self) -> nw.LazyFrame[Any] | None:
        """What the cases stood at and since when: `case_id, position, time` and attributes; None where only events tell."""
        if self.base.history is None or not self.conditions:
            return self.base.history
        return self.base.history.join(self.cases.select("case_id"), on="case_id", how="semi")

    @cached_property
    def _kept(self) -> nw.LazyFrame[Any]:
        """Keys of the cases that pass the filters, computed once and kept."""
        cases = self.base.cases
        for each in self.conditions:
            cases = each.apply(cases, self.base)
        return engine.table(cases.select("case_key"), self.base.home)

    def kept(self) -> np.ndarray:
        """Keys of the cases of a filtered log, in no order."""
        keys: np.ndarray = engine.collect(self._kept)["case_key"].to_numpy()
        return keys

    @cached_property
    def n_cases(self) -> int:
        """Number of cases."""
        return int(engine.collect(self.cases.select(count()))["n"].iloc[0])

    @cached_property
    def n_events(self) -> int:
        """Number of events."""
        return int(engine.collect(self.events.select(count()))["n"].iloc[0])

    @property
    def activities(self) -> tuple[str, ...]:
        """Every activity of the whole log, in process order; unknown ones last, by name."""
        return self.base.activities

    @property
    def attributes(self) -> tuple[str, ...]:
        """The case attributes of the log."""
        return self.base.attributes

    def distinct(self, attribute: str) -> list[Any]:
        """Return the known values of a case attribute, sorted; of cells that hold several (`Globex;Initech`), each for itself.

        Raises
        ------
        UnknownName
            If the log has no such attribute.
        """
        if attribute not in self.attributes:
            raise UnknownName.attribute(attribute, self.attributes)
        values = engine.collect(self.cases.select(attribute).unique())[attribute].dropna()
        known = several.parts(self.base, attribute) or {}
        return sorted({part for value in values.tolist() for part in known.get(value, (value,))})

    def where(self, filters: Mapping[str, Any] | None = None, /, **words: Any) -> EventLog:
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

    def with_kpis(self, source: str | Path | Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> EventLog:
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

    def as_of(self, day: Any) -> EventLog:
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
            return EventLog(base)
        mine = self._kept
        kept = [
            replace(each, apply=lambda cases, _: cases.join(mine, on="case_key", how="semi"))
            for each in self.conditions
        ]
        return EventLog(base, tuple(kept))

    def between(
        self,
        start: str | Sequence[str] | None,
        end: str | Sequence[str] | None,
        *,
        until: Literal["first", "last"] = "first",
        complete: bool = True,
    ) -> EventLog:
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

    def grouped(self, groups: Mapping[str, Sequence[str]], *, fold: bool = False) -> EventLog:
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

    def _kept_of(self, made: Base, *said: Condition) -> EventLog:
        """The cases of this log in one that was made of the whole; the filters were asked before, of the whole events."""
        if not self.conditions:
            return EventLog(made, said)
        mine = self._kept
        first, *rest = self.conditions
        kept = replace(first, apply=lambda cases, _: cases.join(mine, on="case_key", how="semi"))
        return EventLog(made, (kept, *(replace(each, apply=_all) for each in rest), *said))

    def _noting(self, *notes: Note) -> EventLog:
        quality = replace(self.quality, notes=(*self.quality.notes, *notes))
        return EventLog(self.base.judged(quality), self.conditions)

    def others(self) -> EventLog:
        """Return the cases of the whole log that the filters leave out."""
        if not self.conditions:
            return self.where({}, top_variants=0)
        text = "; ".join(f"{word}: {said}" for word, said in self.filters.items())
        mine = self._kept
        rest = Condition("others", text, lambda cases, _: cases.join(mine, on="case_key", how="anti"))
        return EventLog(self.base, (rest,))

    def first_times(self, activities: Sequence[str], attributes: Sequence[str] = ()) -> pd.DataFrame:
        """When each case first reached each of some activities.

        Returns
        -------
        One row per case, ordered by `case_key`: `case_key, case_id, status, started, ended`, the attributes
        asked for (all-missing where the log has no such attribute), and one column of times per activity, NaT
        where it never happened. An activity may be called like another column (`status`), so that the times are
        surely found by their place only: they are the last columns, in the order asked for.
        """
        import pandas as pd

        fixed = ["case_key", "case_id", "status", "started", "ended"]
        have = [name for name in attributes if name in self.attributes]
        cases = engine.collect(self.cases.select(*fixed, *have)).sort_values("case_key", ignore_index=True)
        # Without a filter every case passes, and the join would only cost time.
        reached = self.base.reached(activities, self._kept if self.conditions else None)
        never = pd.Series([], dtype="datetime64[us]")
        times = [reached.get(name, never).reindex(cases["case_key"]).reset_index(drop=True) for name in activities]
        known = [cases[name] if name in have else pd.Series(None, cases.index, object) for name in attributes]
        result = pd.concat([cases[fixed], *known, *times], axis=1)
        return result.set_axis([*fixed, *attributes, *activities], axis=1)

    def save(self, folder: str | Path) -> Path:
        """Write the log to a folder of Parquet files that `l2c.open` reads; a folder in use is replaced whole.

        Raises
        ------
        UnreadableLog
            If the folder holds something that is not a saved log, or cannot be written.
        EngineTrouble
            If the disk is full; what stood in the folder still does.
        """
        facts = {
            "extracted": self.extracted.isoformat(),
            "history_start": self.history_start.isoformat() if self.history_start else None,
            "currency": self.currency,
            "kpis": list(self.base.own_kpis),
            "zone": self.zone,
            "fiscal_year_starts": self.fiscal_year_starts,
            "hours": self.hours,
            "calendar": None if self.calendar is None else self.calendar.fixed(self.base.plain.years),
            **self._origin().facts(),
        }
        told = self.in_calendar_time()
        frames = {"cases": told.cases, "events": told.events, "variants": told.variants}
        if self.lines is not None:
            frames["lines"] = self.lines
        if self.objects is not None and self.links is not None:
            frames |= {"objects": self.objects, "links": self.links}
        if self.history is not None:
            frames["history"] = self.history
        return storage.save(folder, frames, facts, self.quality)

    def in_calendar_time(self) -> EventLog:
        """Return the same cases in calendar time, even where a filter counts in working days."""
        if self.hours == CALENDAR:
            return self
        if not self.conditions:
            return EventLog(self.base.plain)
        mine = self._kept
        chosen = Condition("kept", "", lambda cases, _: cases.join(mine, on="case_key", how="semi"))
        return EventLog(self.base.plain, (chosen,))

    def _origin(self) -> Origin:
        """Where this part of the log comes from, as it is saved."""
        return replace(self.base.origin, id=self.base.id, selection=self.filters)

    def collect(self, sample: int | None = None) -> EventLog:
        """Bring the log, or an even sample of whole cases, from its engine into this process.

        Parameters
        ----------
        sample
            Number of cases at most: every n-th in the order of their starts, so that the same log always gives the
            same sample. All cases unless given.

        Returns
        -------
        A log in DuckDB, for what looks at single cases: dotted charts, widgets, pm4py. Variants keep the ids they
        have in the whole log.
        """
        kept = self.in_calendar_time()
        notes = self.quality.notes
        if sample is not None and (every := -(-self.n_cases // max(sample, 1))) > 1:
            ordered = self.cases.with_row_index("_at", order_by=["case_key"])
            keys = ordered.filter(nw.col("_at") % every == 0).select("case_key")
            chosen = Condition("sample", str(sample), lambda cases, _: cases.join(keys, on="case_key", how="semi"))
            kept = replace(kept, conditions=(*kept.conditions, chosen))
            notes = (*notes, Note("sample", every=every))
        db = engine.database()
        frames = {name: getattr(kept, name) for name in ("cases", "variants", "objects", "links", "lines", "history")}
        held: dict[str, Any] = {
            name: None if frame is None else engine.table(engine.fetch(frame), db) for name, frame in frames.items()
        }
        held["events"] = engine.table(engine.fetch(kept.events), db, dict.fromkeys(FEW))
        quality, origin = replace(self.quality, notes=notes), self._origin()
        held |= {"quality": quality, "origin": origin, "currency": self.currency}
        whole = replace(self.base.plain, home=db, _memory={}, **held)
        return EventLog(whole.in_hours(self.hours))

    def to_pm4py(self) -> pd.DataFrame:
        """Return the frame that pm4py expects: `case:concept:name, concept:name, time:timestamp`, ...

        Case attributes carry the prefix `case:`; times are in UTC; the actor is `org:resource`. Where the log tells when
        work began, that is `start_timestamp`; an event of one moment starts and ends there.
        """
        rows = engine.collect(self.events.sort("case_key", "position"))
        cases = engine.collect(self.cases.select("case_key", *self.attributes))
        names = {"case_id": "case:concept:name", "activity": "concept:name", "time": "time:timestamp"}
        names |= {"actor": "org:resource", "lifecycle": "lifecycle:transition", STARTED: "start_timestamp"}
        derived = ["position", "next_activity", "wait_days", "first_of_step", "precision"]
        if STARTED in rows:
            rows[STARTED] = rows[STARTED].fillna(rows["time"]).dt.tz_localize("UTC")
            derived.append("work_days")
        merged = rows.drop(columns=derived).merge(
            cases.rename(columns={name: f"case:{name}" for name in self.attributes}), on="case_key"
        )
        merged["time"] = merged["time"].dt.tz_localize("UTC")
        return merged.drop(columns="case_key").rename(columns=names)

    def to_ocel(self, path: str | Path) -> Path:
        """Write the log with all its objects (leads, opportunities, quotes, orders, invoices …) as OCEL 2.0.

        Parameters
        ----------
        path
            A file that ends in `.sqlite`, `.db` or `.json`; one of that name is replaced. Tools that know the standard
            read it, such as pm4py (`pm4py.read_ocel2`).

        Raises
        ------
        UnknownName
            If the file ends otherwise.
        """
        from l2c.log import objects, ocel

        rows = engine.collect(self.events.sort("case_key", "position"))
        cases = engine.collect(self.cases.sort("case_key"))
        records = [None if frame is None else engine.collect(frame) for frame in (self.objects, self.links)]
        return ocel.write(Path(path), objects.gathered(rows, cases, *records))

    def period(self) -> tuple[datetime, datetime, float]:
        """First and last event, in the zone of the business, and the share of deals that are open.

        The share is NaN without a deal; only for a log with cases.
        """
        ends = engine.collect(self.cases.select(nw.col("started").min(), nw.col("ended").max())).iloc[0]
        first, last = (self.clock.wall(ends[name].to_pydatetime()) for name in ("started", "ended"))
        return first, last, standing.open_share(self.standing())

    def standing(self) -> dict[bool, dict[str, int]]:
        """Count the cases by status: of deals (False) and of leads that became no deal (True) apart."""
        return standing.counted(self.cases, self.base.leads)

    def __repr__(self) -> str:
        of = f" of {self.base.n_cases:,}" if self.conditions else ""
        facts = [f"{self.n_cases:,}{of} cases", f"{self.n_events:,} events"]
        if self.n_cases:
            start, end, _ = self.period()
            facts.append(f"{start:%Y-%m-%d} to {end:%Y-%m-%d}")
            facts += standing.said(self.standing(), self.base.knows_outcomes)
        if self.day_hours is not None:
            facts.append(f"in working days of {self.day_hours:g} h")
        return " · ".join([*facts, *(f"{word}: {text}" for word, text in self.filters.items())])

    def _repr_html_(self) -> str:
        return f"<p><b>Event log</b>: {escape(repr(self))}</p>"


def _all(cases: nw.LazyFrame[Any], _: Base) -> nw.LazyFrame[Any]:
    """What says something of a log and leaves out no case of it."""
    return cases


def open_log(folder: str | Path, spark: Any = None) -> EventLog:
    """Open a log that `EventLog.save` wrote.

    Parameters
    ----------
    folder
        The folder; its files stay as they are, and several programs may open it at once.
    spark
        A Spark session that shall hold the log; DuckDB does unless given.

    Raises
    ------
    UnreadableLog
        If the folder is not there, is not a complete saved log, was damaged or changed after it was saved, or comes from
        a later version of the kit.
    """
    return EventLog(storage.opened(folder, spark))
