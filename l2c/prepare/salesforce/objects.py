"""Which records of which objects are there?"""

from __future__ import annotations

from pathlib import Path
from zoneinfo import available_timezones

import polars as pl

from l2c.prepare import doubts, identity, lists, values
from l2c.prepare.salesforce import files, labels, relations, replicas
from l2c.prepare.salesforce.files import FILE, LINE
from l2c.prepare.salesforce.mapping import ORGANIZATION
from l2c.prepare.salesforce.meaning import Mapping_
from l2c.prepare.salesforce.org_frames import Org, aside, id_key
from l2c.prepare.sources import Source
from l2c.prepare.table import Table
from l2c.words.errors import NothingToRead
from l2c.words.notes import Note

# So many files are named where a note is on several.
MOST_FILES = 3


def load(
    source: Source,
    mapping: Mapping_,
    time_zone: str | None = None,
    fiscal_year_starts: int | None = None,
    date_format: str | None = None,
) -> Org:
    """Read the objects of an org.

    Parameters
    ----------
    source
        A folder, a zip file or several of them, with one or more files per object (CSV, Parquet, Excel); or a mapping of
        object names to data frames.
    mapping
        What the objects mean.
    time_zone
        Zone of times that carry none, and of the business; of the business it is that of the org's `Organization`
        unless given, else UTC.
    fiscal_year_starts
        Month in which the fiscal year begins; that of the org unless given, else January.
    date_format
        Form of dates that could be read in two ways, as files have them that a spreadsheet has saved.

    Raises
    ------
    NothingToRead
        If there is neither an Opportunity nor a Lead.
    """
    tables: dict[str, list[pl.DataFrame]] = {}
    current: dict[str, pl.DataFrame] = {}
    org = Org(mapping, {}, {}, time_zone=time_zone or "UTC", date_format=date_format)
    noted: dict[Note, list[str]] = {}
    fields = files.api_names(mapping)
    for file, table in files.tables(source, org.notes):
        name = files.object_of(file, table.frame, mapping, fields)
        if name is None and (ledger := lists.ledger(table)) is not None:
            org.ledgers.append(ledger)
            continue
        if name is None:
            org.unknown[file] = table.frame.height
            continue
        table, settled = doubts.of_records(table, date_format)
        org.notes += [note for note in (*table.aside, *settled) if note not in org.notes]
        for note in table.notes:
            noted.setdefault(note, []).append(Path(file).name)
        if not table.frame.height and not table.rejected.height:
            org.notes.append(Note("no_rows", file=Path(file).name))
        known = labels.translated(name, table.frame.columns, fields, mapping)
        frame = replicas.marked(labels.in_api_words(files.renamed(table, fields, Path(file).name, known), name))
        if replicas.has_versions(frame):
            base = name if f"{name.removesuffix('History')}Id" in frame.columns else name.removesuffix("History")
            current[base] = replicas.current(frame)
            name = f"{base}History"
            frame = replicas.snapshots(frame) if base == "Opportunity" else frame.clear()
        org.rows[name] = org.rows.get(name, 0) + table.frame.height + table.rejected.height
        if table.frame.width:
            tables.setdefault(name, []).append(frame)
        if table.rejected.height:
            org.left_out.append(_malformed(table, name, Path(file).name))
    org.notes += [_of(names, note) for note, names in noted.items()]
    for name, frame in current.items():
        # The versions are counted as rows; the newest of each is the record, unless another table holds it.
        tables.setdefault(name, [frame])
    for name, parts in tables.items():
        org.frames[name] = _live(pl.concat(parts, how="diagonal_relaxed"), name, org)
    if not {"Opportunity", "Lead"} & set(org.frames):
        raise NothingToRead.no_deals(sorted(org.frames) or sorted(org.unknown))
    relations.unfolded(org)
    zone, month = _of_organization(org)
    org.zone, org.fiscal_year_starts = time_zone or zone or "UTC", fiscal_year_starts or month or 1
    return org


def _of_organization(org: Org) -> tuple[str | None, int | None]:
    """The time zone of the org and the month in which its fiscal year begins, as far as it tells them."""
    if ORGANIZATION not in org.frames or not org.frames[ORGANIZATION].height:
        return None, None
    zone = org.text(ORGANIZATION, "TimeZoneSidKey").drop_nulls()
    month = org.text(ORGANIZATION, "FiscalYearStartMonth").str.to_integer(strict=False).drop_nulls()
    named = zone[0].strip() if len(zone) else None
    return (
        named if named in available_timezones() else None,
        int(month[0]) if len(month) and 1 <= month[0] <= 12 else None,
    )


def _of(files: list[str], note: Note) -> Note:
    """A note on several files: a few names, and how many more."""
    if len(files) <= MOST_FILES:
        return Note("of_file", file=files, note=note)
    return Note("of_files", files=files[:MOST_FILES], more=len(files) - MOST_FILES, note=note)


def _live(frame: pl.DataFrame, name: str, org: Org) -> pl.DataFrame:
    """The records that exist, each once: deleted ones and older copies are set aside."""
    if name == "Opportunity":
        from l2c.prepare.salesforce.lines import unfold

        frame = unfold(frame, org)
    frame = frame.with_row_index("_at")
    reason = pl.Series([None], dtype=pl.String).new_from_index(0, frame.height)
    if "Id" not in frame.columns:
        if name in ("Opportunity", "Lead"):
            raise NothingToRead.no_ids(name, frame[FILE][0] if frame.height else name)
        # Rows exported without their ids: each stands for itself, and nothing can point at it.
        frame = frame.with_columns(_key=pl.format("{}#{}", pl.lit(name), pl.int_range(pl.len())))
    else:
        identity.refuse_changed(frame["Id"], f"{frame[FILE][0] if frame.height else name}, column Id")
        frame = frame.with_columns(id_key(pl.col("Id").cast(pl.String)).alias("_key"))
        if name in ("Opportunity", "Lead"):
            org.notes += _doubtful(frame)
        stamp = next((c for c in ("SystemModstamp", "LastModifiedDate") if c in frame.columns), None)
        newest = frame.select("_key", "_at", _stamp=pl.col(stamp).cast(pl.String) if stamp else pl.lit(None, pl.String))
        # Of copies that are equally new the last one counts whose cells sort last, whatever the order of the rows.
        cells = [pl.col(c).cast(pl.String) for c in frame.columns if c not in ("_at", "_key", FILE, LINE)]
        ties = newest.filter(pl.col("_key").is_duplicated() & pl.col("_key").is_not_null())
        if ties.height:
            told = ties.join(
                frame.select("_at", _cells=pl.concat_str(cells, separator="\x1f", ignore_nulls=True)), on="_at"
            )
            kept = told.sort("_stamp", "_cells", "_at", nulls_last=False).unique(
                "_key", keep="last", maintain_order=True
            )
            old = ties.join(kept.select("_at"), on="_at", how="anti")["_at"]
            reason = reason.scatter(old.cast(pl.UInt32), "duplicate")
    # What is looked up keeps its name when it is deleted.
    if "IsDeleted" in frame.columns and name in _told(org):
        gone = values.flags(frame["IsDeleted"].cast(pl.String))[0].fill_null(False)
        reason = reason.set(gone & reason.is_null(), "deleted")
    org.left_out.append(aside(frame, reason, name))
    return frame.filter(reason.is_null()).drop("_at")


def _doubtful(frame: pl.DataFrame) -> list[Note]:
    """What speaks against the ids of deals: copies of one record were created on one day."""
    made = pl.col("CreatedDate") if "CreatedDate" in frame.columns else pl.lit(None)
    whose = id_key(pl.col("AccountId").cast(pl.String)) if "AccountId" in frame.columns else pl.lit(None, pl.String)
    day = made.cast(pl.String).str.slice(0, 10).str.to_datetime("%Y-%m-%d", strict=False)
    rows = frame.select(case_id="_key", time=day, account=whose)
    return [*identity.doubtful(rows), *identity.folded(frame["Id"])]


def _told(org: Org) -> set[str]:
    """Objects whose records tell something themselves."""
    lines = {org.mapping.lines.get("object"), *(said["object"] for said in org.mapping.line_items)}
    return {*org.mapping.kinds, *(name for name in lines if name)}


def _malformed(table: Table, name: str, file: str) -> pl.DataFrame:
    return table.rejected.select(
        pl.col("reason"),
        pl.lit(file).alias("file"),
        pl.col("line").alias("row"),
        pl.lit(name).alias("object"),
        pl.col("text").alias("record"),
    )
