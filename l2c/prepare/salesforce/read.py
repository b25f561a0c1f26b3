"""An org's objects in, an event log out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import polars as pl

from l2c import log as logs
from l2c.log import EventLog
from l2c.log.objects import DEAL, LEAD
from l2c.log.quality import Quality
from l2c.prepare import understood
from l2c.prepare.findings import findings
from l2c.prepare.joining import agreed_currency
from l2c.prepare.mapping_file import Document, Given
from l2c.prepare.salesforce import changes, contacts, files, gaps, ledgers, money, objects, past, statuses
from l2c.prepare.salesforce.activities import Reader
from l2c.prepare.salesforce.address import URL, is_address, shown
from l2c.prepare.salesforce.attributes import attributes
from l2c.prepare.salesforce.deals import Deals, deals
from l2c.prepare.salesforce.line_items import line_items
from l2c.prepare.salesforce.links import links, things
from l2c.prepare.salesforce.mapping import load, wanted
from l2c.prepare.salesforce.money import Rates, rates
from l2c.prepare.salesforce.org_frames import Org, aside
from l2c.prepare.salesforce.people import people
from l2c.prepare.salesforce.stages import flagged, stages
from l2c.prepare.salesforce.warehouse import tables
from l2c.prepare.sources import Source
from l2c.words.errors import NothingToRead
from l2c.words.notes import Note

ORG, FOLDER = "salesforce:", "salesforce_records"
__all__ = ["ORG", "URL", "from_warehouse", "holds_objects", "is_address", "read", "read_org", "records", "shown"]
REASONS = ("malformed row", "subtotal", "no case", "no time", "unreadable time", "duplicate", "deleted")


def holds_objects(source: Source, mapping: Document | None) -> bool:
    """Tell whether a source is an org's objects, to be read by `read`, rather than a list of events or deals."""
    if not isinstance(source, (Mapping, list, tuple, str, Path)):
        return False
    return files.is_org(source, load(mapping if mapping is not None and mapping.is_objects else None))


def read_org(
    source: str,
    mapping: Document | None,
    limit: datetime,
    *,
    history_start: datetime | None = None,
    currency: str | None = None,
    fiscal_year_starts: int | None = None,
) -> EventLog:
    """Pull the records of an org and turn them into a log.

    Parameters
    ----------
    source
        `salesforce:` or `salesforce:FOLDER`; the records are kept in the folder (`salesforce_records` unless named), and
        the next time only what is new is asked for.
    mapping, limit, history_start, currency, fiscal_year_starts
        As of `read`.

    Raises
    ------
    OrgTrouble
        If the org cannot be reached or refuses.
    """
    from l2c.prepare.salesforce.org import download

    pulled = download(records(source), wanted(load(mapping)))
    log = read(
        pulled.folder,
        mapping,
        limit,
        extracted=pulled.when,
        history_start=history_start,
        currency=currency,
        fiscal_year_starts=fiscal_year_starts,
    )
    quality = replace(log.quality, notes=(*pulled.notes(), *log.quality.notes))
    return EventLog(log.base.judged(quality)).with_org(pulled.instance_url)


def records(source: str) -> Path:
    """Where the records of an org are kept."""
    return Path(source.removeprefix(ORG) or FOLDER)


def from_warehouse(url: str, mapping: Document | None) -> dict[str, pl.DataFrame]:
    """Read the tables of a warehouse; see `warehouse.tables`."""
    return tables(url, wanted(load(mapping)))


def read(
    source: Source,
    mapping: Document | Given | None,
    limit: datetime,
    *,
    time_zone: str | None = None,
    date_format: str | None = None,
    extracted: datetime | None = None,
    history_start: datetime | None = None,
    currency: str | None = None,
    fiscal_year_starts: int | None = None,
) -> EventLog:
    """Turn the objects of an org into a log.

    Parameters
    ----------
    source
        What `objects.load` reads.
    mapping
        What the objects mean; the shipped mapping unless given.
    limit
        Times after this moment are out of range.
    time_zone, date_format, extracted, history_start, currency, fiscal_year_starts
        As of `l2c.prepare.read.read`.

    Raises
    ------
    NothingToRead
        If there is neither an Opportunity nor a Lead, or none that can be used.
    """
    org = objects.load(source, load(mapping), time_zone, fiscal_year_starts, date_format)
    for name, kind in org.mapping.kinds.items():
        if kind.changes and name in org.frames:
            changes.folded(org, name)
        if (kind.changes or kind.snapshot) and name in org.frames:
            changes.undated(org, name)
    met, ends, who, worth = deals(org), stages(org), people(org), rates(org)
    flagged(org, ends)
    reader = Reader(org, met, ends, who)
    made = reader.events(limit)
    if made.is_empty():
        raise NothingToRead.no_deals(sorted(org.frames))
    for name in (DEAL, LEAD):
        _eventless(org, name, met, made)
    table, places, notes = attributes(org, met, who, worth)
    left_out = pl.concat([*org.left_out, *_orphans(org, met)]).filter(pl.col("reason").is_not_null())
    before = past.spells(org, who)
    rows = _events(org, made, met, before, worth)
    cases = table.join(made.select("case").unique(), on="case", how="semi").drop("case")
    known = sorted(cases["currency"].drop_nulls().unique()) if "currency" in cases.columns else []
    currency, told = agreed_currency(currency, known)
    said = [*told, *notes, *ends.notes, *_noted(reader, made)]
    quality = _quality(org, met, made, left_out, places, said, cases.height, ends.in_order())
    rows, quality = ledgers.joined(org, met, rows, quality, limit)
    things_ = things(org, met).join(met.ids, on="case", how="inner").select("object_type", "object_id", "case_id")
    pointing, lined = links(org, met), line_items(org, met)
    if lined is not None:
        pointing = pl.concat([pointing, lined[1]]).unique(
            ["from_type", "from_id", "lookup", "to_id"], maintain_order=True
        )
    log = logs.build(
        rows,
        cases=cases,
        objects=things_,
        links=pointing,
        lines=None if lined is None else lined[0],
        history=past.history(org, before, met, worth),
        contacts=contacts.contacts(org, met, made, limit),
        extracted=extracted,
        history_start=history_start,
        currency=currency,
        quality=quality,
        performers=org.mapping.actors,
        zone=org.zone,
        fiscal_year_starts=org.fiscal_year_starts,
    )
    return EventLog(log.base.judged(replace(quality, noticed=findings(log, reader.unread))))


def _events(org: Org, made: pl.DataFrame, met: Deals, spells: dict[str, pl.DataFrame], worth: Rates) -> pl.DataFrame:
    """The columns of a log: with what the deal stood at then (owner, stage, amount …), and money in one currency."""
    rows = made.sort("time", "case", "rank", "record_id")
    for column, spell in spells.items():
        rows = rows.join_asof(spell.sort("time"), on="time", by="case", strategy="backward", check_sortedness=False)
        if column == "rep":
            # Whoever worked on the lead did not own the deal yet.
            own = pl.col("object_type").eq(LEAD) | pl.col("lead_id").is_not_null()
            rows = rows.with_columns(pl.when(~own).then("rep").alias("rep"))
    rows = money.shared(money.in_one_currency(org, rows, worth))
    rows = rows.join(met.ids, on="case", how="inner", maintain_order="left")
    own = pl.col("object_type").is_in([DEAL, LEAD])
    rows = rows.with_columns(
        pl.when(~own).then("object_id").alias("object_id"),
        pl.col("source").cast(pl.Categorical),
    ).drop("case", "about", "rank")
    kept = (
        "case_id",
        "activity",
        "time",
        "precision",
        "source",
        "source_row",
        "approximate",
        "object_type",
        "record_id",
    )
    return rows.select([c for c in rows.columns if c in kept or rows[c].null_count() < rows.height])


def _orphans(org: Org, met: Deals) -> list[pl.DataFrame]:
    """Records that should belong to a deal and reach none."""
    found = []
    for name, kind in org.mapping.kinds.items():
        if name in org.frames and name not in (DEAL, LEAD) and not kind.optional and name in met.of:
            frame = org.frames[name]
            lost = ~frame["_key"].is_in(met.of[name]["_key"].unique().implode()).fill_null(False)
            reason = pl.Series([None], dtype=pl.String).new_from_index(0, frame.height).set(lost, "no case")
            found.append(aside(frame, reason, name))
    return found


def _eventless(org: Org, name: str, met: Deals, made: pl.DataFrame) -> None:
    """Set aside the deals and leads of which nothing is known that happened: they are no cases."""
    if name in org.frames:
        silent = met.of[name].filter(~pl.col("case").is_in(made["case"].unique().implode()))["_key"]
        if len(silent):
            none = pl.Series([None], dtype=pl.String).new_from_index(0, org.frames[name].height)
            org.set_aside(name, none.set(org.frames[name]["_key"].is_in(silent.implode()), "no time"))


def _quality(
    org: Org,
    met: Deals,
    made: pl.DataFrame,
    left_out: pl.DataFrame,
    places: dict[str, str],
    notes: list[Note],
    cases: int,
    order: list[str],
) -> Quality:
    read_, aside = sum(org.rows.values()), left_out.height
    counted = dict(left_out["reason"].value_counts().iter_rows())
    notes = [*org.notes, *notes]
    notes += [Note("no_object", file=file, rows=n) for file, n in org.unknown.items()]
    if "OpportunityFieldHistory" not in org.frames:
        notes.append(Note("owner_of_today"))
    found = gaps.objects(org, met, made, left_out, cases)
    return Quality(
        rows_read=read_,
        rows_used=read_ - aside,
        events=made.height,
        reasons={reason: counted[reason] for reason in REASONS if reason in counted},
        quarantine=left_out.rename({"object": "object_type"}).to_pandas(),
        mapping={"version": 1, "salesforce": places}
        | ({"actors": dict(org.mapping.actors)} if org.mapping.actors else {})
        | ({"stage_order": order} if order else {}),
        notes=tuple(notes),
        objects=found.to_pandas(),
        columns=understood.of_org(org, places),
    )


def _noted(reader: Reader, made: pl.DataFrame) -> list[Note]:
    """What the reader passed over."""
    notes = [] if DEAL in reader.org.frames else [Note("leads_only")]
    notes += [Note("out_of_time", place=place, n=n) for place, n in reader.late.items()]
    rules = reader.org.mapping.rules
    lacking = {
        rule.after
        for rule in rules
        if rule.after and rule.object in reader.org.frames and not reader.org.has(rule.object, rule.after)
    }
    seen = set(made["activity"].unique())
    notes += gaps.lacking(reader.org, seen) + gaps.unknown_values(reader.org, seen) + statuses.told(reader.org)
    return notes + [Note("in_force_unknown", field=path) for path in sorted(lacking)]
