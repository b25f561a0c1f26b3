"""Is my data right? Any export in, an event log out, and nothing lost on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from l2c import log as logs
from l2c.log import EventLog, storage
from l2c.log.calendar import Calendar
from l2c.log.origin import Origin, named
from l2c.log.quality import Quality
from l2c.prepare import (
    events,
    folders,
    formats,
    frames,
    in_place,
    joining,
    laid_out,
    large,
    line_table,
    list_events,
    lists,
    mapping_file,
    options,
    peek,
    sources,
    states,
    systems,
    understood,
)
from l2c.prepare.findings import findings
from l2c.prepare.instructions import instructions
from l2c.prepare.mapping_file import Given
from l2c.prepare.salesforce import read as salesforce
from l2c.prepare.salesforce.files import files_of
from l2c.prepare.sides import one_sided
from l2c.prepare.sources import Source
from l2c.prepare.table import Table
from l2c.words.errors import BadOption, NothingToRead, WarehouseTrouble
from l2c.words.notes import Note


def read(
    source: Source,
    path: str | Sequence[str] | None = None,
    *,
    mapping: Given | None = None,
    time_zone: str | None = None,
    date_format: str | None = None,
    extracted: datetime | str | None = None,
    history_start: datetime | str | None = None,
    currency: str | None = None,
    fiscal_year_starts: int | None = None,
    calendar: Calendar | Mapping[str, Any] | str | Path | None = None,
) -> EventLog:
    """Read an export into an event log.

    Parameters
    ----------
    source
        A path, several paths, a folder with its folders, an archive, records, or a pandas or polars frame. CSV, Excel,
        Parquet, JSON, HTML tables, XES, OCEL, SQLite and DuckDB are told by content (docs/files.md); a row is an event, or
        a deal with a column per date. A saved log is opened. A DataFrame of Spark
        stays there, with a row per event, and so does the log.
        The objects of a Salesforce org (docs/salesforce.md): a folder or zip of exports, one or more files per object,
        or frames by object name; `salesforce:` or `salesforce:FOLDER`, the org itself, its records kept in the folder;
        or the address of a warehouse (`postgresql://reader@host/warehouse#schema`).
        Lines of documents (docs/lines.md) may lie beside the events: a table with a column `Document Type`.
    path
        With a Spark session as source: the Parquet files it is to read, such as `"events/*.parquet"`.
    mapping
        What columns and activities mean where their names do not say it: a YAML file, its content, or short
        text such as `"case_id=Deal No, time=When"`. It overrides what was found by evidence; `{"payment_terms": "2/10 net 30"}` says what
        was agreed on the invoices of a file that does not tell. For objects: a file like
        the salesforce.yaml that `l2c template` writes, which says how they become events.
    time_zone
        Zone of the business (`"Asia/Tokyo"`): that of times that carry none, and the one in which days, months and
        quarters are cut. That of the org where it tells it, else UTC, unless given.
    date_format
        Form of dates that could be read in two ways: `"dmy"`, `"mdy"` or a strptime pattern.
    extracted
        When the data were taken, in any form of date that the reader knows; the last event unless given. Later times are out
        of range. A text without a zone is in `time_zone`, a `datetime` without one is UTC.
    history_start
        Since when the source keeps history, if it forgets; older deals then enter late.
    currency
        Currency of all amounts, if no column or sign says it.
    fiscal_year_starts
        Month in which the fiscal year begins (4 for April): quarters are counted from it, and `opened="FY2025"` is the
        fiscal year that begins in 2025. That of the org where it tells it, else 1, unless given.
    calendar
        When the business works (docs/calendar.md): a YAML file, or its content. Durations are in calendar time until
        `log.in_hours("working")` is asked.

    Returns
    -------
    The log; `log.quality` tells what was read, used and set aside, and why.

    Raises
    ------
    L2CError
        If the source cannot be read or understood, or an option is none or of no use for it; the message says what to do.
    """
    given = {
        "mapping": mapping,
        "time_zone": time_zone,
        "date_format": date_format,
        "extracted": extracted,
        "history_start": history_start,
        "currency": currency,
        "fiscal_year_starts": fiscal_year_starts,
    }
    sources.refuse_elsewhere(source)
    kind = _kind(source, path)
    options.refuse_unused(given, kind)
    worked = None if calendar is None else Calendar.of(calendar)
    if kind == options.SAVED:
        saved: Any = source
        log = logs.open_log(saved)
    else:
        log = _read(source, path, kind, given)
        log = EventLog(log.base.but(origin=replace(_origin(source, kind), org=log.origin.org)))
    return log if worked is None else log.with_calendar(worked)


def _origin(source: Any, kind: str) -> Origin:
    if kind == options.ORG:
        return Origin(id=named(str(salesforce.records(source).resolve())))
    return Origin(id=named(salesforce.shown(source))) if kind == options.WAREHOUSE else Origin.of_source(source)


def _read(source: Any, path: str | Sequence[str] | None, kind: str, given: dict[str, Any]) -> EventLog:
    """Read what is no saved log; see `read`."""
    mapping, time_zone, date_format, extracted, history_start, currency, fiscal = given.values()
    document = mapping_file.opened(mapping)
    currency = options.checked(currency, date_format, time_zone)
    fiscal = None if fiscal is None else options.month(fiscal)
    zone = time_zone or (document.texts.get("time_zone") if document else None) or "UTC"
    taken, since = options.moments(extracted, history_start, zone, date_format)
    # Nothing can have happened after now: a later time is a slip, and would stretch every open deal.
    limit = taken or datetime.now(UTC).replace(tzinfo=None) + timedelta(days=1)
    if kind == options.ORG:
        return salesforce.read_org(
            source, document, limit, history_start=since, currency=currency, fiscal_year_starts=fiscal
        )
    # An address before any path: whoever takes it for a file might print it.
    if kind == options.WAREHOUSE:
        source = salesforce.from_warehouse(source, document)
    if path is None and salesforce.holds_objects(source, document) and not _of_another_system(source):
        options.refuse_unused(given, options.OBJECTS)
        return salesforce.read(
            source,
            document,
            limit,
            time_zone=time_zone,
            date_format=date_format,
            extracted=taken,
            history_start=since,
            currency=currency,
            fiscal_year_starts=fiscal,
        )
    said = instructions(document)
    said = replace(
        said,
        time_zone=time_zone or said.time_zone,
        date_format=date_format or said.date_format,
        currency=currency or said.currency,
        fiscal_year_starts=fiscal or said.fiscal_year_starts,
    )
    if found := large.elsewhere(source, path):
        options.refuse_unused(given | {"date_format": said.date_format}, options.IN_PLACE)
        log = in_place.read(*found, said, limit, taken, since)
        passed = tuple(folders.walked(Path(source)).notes()) if _is_folder(source) else ()
        return EventLog(log.base.judged(replace(log.quality, notes=(*passed, *log.quality.notes)))) if passed else log
    told_of: list[Note] = []
    if not (found_tables := tables(source, said.columns.get("case_id"), told_of)):
        raise NothingToRead.nothing()
    own = systems.of_document(document)
    found_tables, lined = line_table.split([systems.named(table, said, own) for table in found_tables])
    if not found_tables:
        raise NothingToRead.only_lines([table.name for table in lined])
    found_tables, listed = lists.split(found_tables, said)
    theirs = lists.without_theirs(said, found_tables, listed)
    laid, notes = laid_out.tables(found_tables, theirs, partial=bool(listed) or _is_folder(source))
    names, layouts = [table.name for table, _ in laid], [layout for _, layout in laid]
    columns = understood.of_tables(laid, said, listed)
    parts = [events.from_table(table, layout, said, limit) for table, layout in laid]
    parts, known, told_of_states = states.resolved(parts)
    if listed:
        more, told_of_lists = list_events.parts(listed, parts, said, limit)
        parts, notes, layouts = [*parts, *more], [*notes, *told_of_lists], layouts or [part.layout for part in more]
    # Only the parts hold the cells now, and `join` lets them go.
    del laid, found_tables, listed
    joined = joining.join(parts, said)
    if joined.events.is_empty():
        if joined.rows_read == 0:
            raise NothingToRead.no_rows(names)
        if unread := _dates_unread(joined.notes):
            raise NothingToRead.no_dates(*unread, joined.rows_read)
        raise NothingToRead.nothing_usable(names, joined.rows_read, joined.reasons)
    lines, told = line_table.lines(lined, joined.currency)
    activities = joined.events["activity"].unique().cast(pl.String).to_list()
    quality = Quality(
        rows_read=joined.rows_read,
        rows_used=joined.rows_used,
        events=joined.events.height,
        reasons=joined.reasons,
        quarantine=joined.quarantine.to_pandas(),
        mapping=understood.mapping(layouts, joined, said),
        notes=(
            *told_of,
            *notes,
            *told_of_states,
            *joined.notes,
            *told,
            *states.beyond(activities, stood=known.cases is not None),
        ),
        columns=columns,
    )
    moved: Any = joined.events["time"].max()
    # Handed over, not kept: the rows go as soon as the log stands.
    rows = [joined.events]
    joined = joined._replace(events=rows[0].clear())
    log = logs.build(
        rows.pop(),
        cases=known.cases,
        lines=lines,
        history=known.history,
        # Who looked at deals that had not moved has seen that they had not.
        extracted=taken or (known.until and max(known.until, moved)),
        history_start=since,
        currency=joined.currency,
        quality=quality,
        performers=said.actors,
        zone=said.time_zone,
        fiscal_year_starts=said.fiscal_year_starts,
    )
    judged = replace(quality, noticed=findings(log, joined.unread), notes=(*quality.notes, *one_sided(log)))
    return EventLog(log.base.judged(judged))


def _dates_unread(notes: Sequence[Note]) -> tuple[str, list[str]] | None:
    """The first column whose dates were not understood, and three of its values."""
    for note in notes:
        said = dict(note.values)
        if isinstance(inner := said.get("note"), Note) and inner.id == "unread_times":
            few = dict(inner.values)["values"]
            return f"{said['file']}, column {said['column']}", [str(each) for each in few] if isinstance(
                few, tuple
            ) else []
    return None


def _kind(source: Any, path: Any) -> str:
    """What kind of source this is, as far as it can be told without opening it."""
    if path is not None and not type(source).__module__.startswith("pyspark."):
        raise BadOption.unused(["path"], "a source that is no Spark session")
    if isinstance(source, str) and source.startswith(salesforce.ORG):
        return options.ORG
    if salesforce.is_address(source):
        return options.WAREHOUSE
    if isinstance(source, (str, Path)) and _is_saved(source):
        return options.SAVED
    return options.TABLES


def _is_saved(source: str | Path) -> bool:
    """Whether a name is that of a saved log; never an error, however strange the name."""
    try:
        return storage.is_log(source)
    except (OSError, ValueError):
        return False


def _of_another_system(source: Any) -> bool:
    """Whether files that are named like objects are tables of a system that is known, and not Salesforce."""
    return any(systems.is_foreign(head.columns) for _, head in peek.heads(files_of(source)))


def _is_folder(source: Any) -> bool:
    return isinstance(source, (str, Path)) and sources.is_folder(Path(source))


def tables(source: Any, case: str | None = None, notes: list[Note] | None = None) -> list[Table]:
    """Return every table of the source, in a fixed order; see `formats.tables`."""
    if isinstance(source, (str, Path)):
        sources.refuse_elsewhere(source)
        if salesforce.is_address(source):
            raise WarehouseTrouble.alone()
        return formats.tables(Path(source), case=case, notes=notes)
    if isinstance(source, Mapping) and not frames.is_columns(source) and not frames.is_answer(source):
        return [frames.table(str(name), each) for name, each in source.items()]
    if isinstance(source, Sequence) and not isinstance(source, (bytes, bytearray)) and not frames.is_records(source):
        return [table for each in source for table in tables(each, case, notes)]
    return [frames.table("the data frame", source)]
