"""What belongs to these cases alone, of a log that others share?"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import narwhals as nw

from l2c import engine
from l2c.log import EventLog, own_kpis
from l2c.log.base import Base
from l2c.log.columns import STARTED
from l2c.log.quality import Quality
from l2c.prepare.findings import MOST_NAMES, findings
from l2c.prepare.sides import one_sided
from l2c.words.notes import Note, ids, is_top, parts

if TYPE_CHECKING:
    import pandas as pd

# What stands above all numbers of a whole log concerns its parts too; its counts and names are those of others.
OF_PART = {
    Note("outcome_unsure"): {"closed_by_label", "closed_by_name", "given_up", "put_off", "closed_how", "no_is_lost"},
    Note("cut_off_whole"): {"at_limit", "torn", "more_pages"},
    Note("ids_unsure"): {"ids_shared", "ids_folded"},
}
# These are found again in the part.
SIDES = {"no_outcome", "one_side", "one_side_stages"}


def portion(log: EventLog) -> EventLog:
    """Make a log of its own of the cases that pass the filters; nothing of other cases is left in it.

    Returns
    -------
    What the log shares with the whole stays: when the data were taken, since when there is a history, the ids of cases
    and variants. Of the quality report stay the rows set aside of these cases, and what was noticed of them.
    """
    if not log.conditions:
        return log
    home, told = log.base.home, log.in_calendar_time()
    cases, events, variants = (engine.table(frame, home) for frame in (told.cases, told.events, told.variants))
    beside = (log.objects, log.links, log.lines, log.history, log.contacts)
    objects, links, lines, history, contacts = (
        None if frame is None else engine.table(frame, home) for frame in beside
    )
    made = Base(
        home,
        cases,
        events,
        variants,
        extracted=log.extracted,
        history_start=log.history_start,
        currency=log.currency,
        objects=objects,
        links=links,
        lines=lines,
        history=history,
        contacts=contacts,
        origin=replace(log.origin, id=log.base.id, selection=log.filters),
        zone=log.zone,
        fiscal_year_starts=log.fiscal_year_starts,
        calendar=log.calendar and log.calendar.only(_places(log)),
    )
    own = own_kpis.of_part(log.base.own_kpis, made)
    return EventLog(made.but(quality=_quality(log, EventLog(made)), own_kpis=own).in_hours(log.hours))


def _places(log: EventLog) -> list[object]:
    """The places of these cases that may have hours of their own."""
    return log.distinct(log.calendar.by) if log.calendar and log.calendar.by in log.attributes else []


def _quality(log: EventLog, part: EventLog) -> Quality:
    """The quality report of a part."""
    whole = log.quality
    rows = _own(whole, part)
    foreign = _texts(EventLog(log.base)) - _texts(part)
    used = int(engine.collect(part.events.select("source", "source_row").unique()).shape[0]) + _joined(part)
    renamed = {said: meant for said, meant in whole.mapping.get("activities", {}).items() if meant in part.activities}
    mapping = {name: value for name, value in whole.mapping.items() if name != "activities"}
    if "actors" in mapping:
        there = set(part.base.values("actor")) if "actor" in part.base.event_attributes else set()
        mapping["actors"] = {name: kind for name, kind in mapping["actors"].items() if name in there}
    return Quality(
        rows_read=used + len(rows),
        rows_used=used,
        events=part.n_events,
        reasons={str(reason): int(n) for reason, n in rows["reason"].value_counts(sort=False).items()}
        if len(rows)
        else {},
        quarantine=rows,
        mapping=mapping | ({"activities": renamed} if renamed else {}),
        notes=_notes(whole, part, foreign),
        noticed=findings(part),
    )


def _notes(whole: Quality, part: EventLog, foreign: set[str]) -> tuple[Note | str, ...]:
    """What was noticed: a count is one of the whole file, and a value may be one of others."""
    kept = [note for note in whole.notes if not any(_tells(text, foreign) for text in parts(note))]
    above = {id for note in whole.notes if note not in kept and is_top(note) for id in ids(note)}
    again = [note for note, those in OF_PART.items() if above & those]
    return (*kept, *again, *(one_sided(part) if above & SIDES else ()))


def _joined(part: EventLog) -> int:
    """Rows of starts, each of which became one event with the row of its completion."""
    there = part.events.collect_schema().names()
    if not part.base.knows_work or "lifecycle" not in there:
        return 0
    both = part.events.filter(~nw.col(STARTED).is_null() & ~nw.col("lifecycle").is_null())
    # With an end of its own, a row was an activity already.
    both = both.filter(nw.col("end_time").is_null()) if "end_time" in there else both
    return int(engine.collect(both.select(n=nw.len()))["n"].iloc[0])


def _own(quality: Quality, part: EventLog) -> pd.DataFrame:
    """The rows set aside that name one of these cases; a row without a case is nobody's."""
    rows = quality.quarantine
    if not len(rows):
        return rows
    ids = set(engine.collect(part.cases.select("case_id"))["case_id"].map(str))
    if part.objects is not None:
        ids |= set(engine.collect(part.objects.select("object_id").unique())["object_id"].dropna().map(str))
    header = quality.mapping.get("columns", {}).get("case_id")
    named = [header] if header in rows else [c for c in rows if str(c) not in ("reason", "file", "row")]
    cells = rows[named].astype(str).apply(lambda column: column.str.strip())
    kept = rows[cells.isin(ids).any(axis=1)].reset_index(drop=True)
    return kept.dropna(axis="columns", how="all")


def _texts(log: EventLog) -> set[str]:
    """The values of every attribute with names, and the activities."""
    schema = log.base.cases.collect_schema()
    found = set(log.activities)
    for name in log.attributes:
        if schema[name] == nw.String or isinstance(schema[name], nw.Enum):
            values = log.base.values(name)
            found |= {str(value) for value in values if len(str(value)) > 1} if len(values) <= MOST_NAMES else set()
    return found


def _tells(said: str, foreign: set[str]) -> bool:
    """Whether what fills a note is a number, other than in a name such as UTF-8, or speaks of others."""
    return re.search(r"(?<![\w.-])\d[\d,.]*(?![\w-])", said) is not None or any(text in said for text in foreign)
