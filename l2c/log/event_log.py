"""What happened, to which deal, when: the event log that every analysis asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import narwhals as nw

from l2c import engine
from l2c.log import several, standing, storage
from l2c.log.base import CALENDAR, count
from l2c.log.columns import FEW, STARTED
from l2c.log.filters import Condition
from l2c.log.origin import Origin
from l2c.log.views import Views
from l2c.words.errors import UnknownName
from l2c.words.notes import Note

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from l2c.log.zone import Clock


@dataclass(frozen=True, repr=False, eq=False)
class EventLog(Views):
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
    def day_hours(self) -> float | None:
        """Hours of a day of the durations of this log, None where they are days of the calendar."""
        return None if self.hours == CALENDAR or self.calendar is None else self.calendar.day_hours

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
    def origin(self) -> Origin:
        """Where the log comes from, which part of it this is, and whom it may name."""
        return self.base.origin

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
    def contacts(self) -> nw.LazyFrame[Any] | None:
        """The contacts with the customers, a row each (see `l2c.log.contacts.COLUMNS`); None where the source tells of none."""
        if self.base.contacts is None or not self.conditions:
            return self.base.contacts
        return self.base.contacts.join(self.cases.select("case_id"), on="case_id", how="semi")

    def kept(self) -> np.ndarray:
        """Keys of the cases of a filtered log, in no order."""
        keys: np.ndarray = engine.collect(self._kept)["case_key"].to_numpy()
        return keys

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

    def save(self, folder: str | Path, *, follows: bool = False) -> Path:
        """Write the log to a folder of Parquet files that `l2c.open` reads; a folder in use is replaced whole.

        Parameters
        ----------
        follows
            Whether this is a later state of the log that lies there: what runs have left beside it (`history`,
            `last_run.yaml`) is kept then, as it is where the input is the same.

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
        if self.contacts is not None:
            frames["contacts"] = self.contacts
        return storage.save(folder, frames, facts, self.quality, follows=follows)

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
        frames = {
            name: getattr(kept, name)
            for name in ("cases", "variants", "objects", "links", "lines", "history", "contacts")
        }
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
