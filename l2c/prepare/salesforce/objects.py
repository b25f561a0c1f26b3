"""Which records of which objects are there?"""

from __future__ import annotations

import re
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from l2c.errors import NothingToRead, UnreadableFile
from l2c.prepare import formats, times, values
from l2c.prepare.salesforce import replicas
from l2c.prepare.salesforce.mapping import Mapping_, key, lookup_field

FILES = {".csv", ".tsv", ".txt", ".parquet", ".gz", ".xlsx"}
# The first letters of an id tell its object, whatever its file is called; 017 are histories, told by their lookup.
PREFIXES = {
    "001": "Account", "003": "Contact", "005": "User", "006": "Opportunity", "008": "OpportunityHistory",
    "00E": "UserRole", "00Q": "Lead", "00T": "Task", "00U": "Event", "00k": "OpportunityLineItem", "01t": "Product2",
    "04g": "ProcessInstance", "04h": "ProcessInstanceStep", "0Q0": "Quote", "701": "Campaign", "800": "Contract",
    "801": "Order", "802": "OrderItem", "0MI": "Territory2", "012": "RecordType",
}  # fmt: skip
HISTORIES = {
    "OpportunityId": "OpportunityFieldHistory", "LeadId": "LeadHistory", "QuoteId": "QuoteHistory",
    "ContractId": "ContractHistory", "OrderId": "OrderHistory", "OrderItemId": "OrderItemHistory",
}  # fmt: skip
NOISE = re.compile(
    r"(?i)^(sf|sfdc|salesforce|export|extract|stg|raw|we)[ _.-]+|[ _.-]+(data|export|extract|part|bulk|all|\d+)$|\s*\(\d+\)$"
)
FILE, LINE = "_file", "_line"


@dataclass(eq=False)
class Org:
    """The live records of an org, and what was left out.

    Attributes
    ----------
    frames
        Records by object, under API names, each with `_file`, `_line` and (where there is an Id) `_key`.
    left_out
        Rows that are no live record: `reason, file, row, object` and their cells.
    rows
        Rows read of each object.
    unknown
        Files that are no object known to the mapping, with their number of rows.
    """

    mapping: Mapping_
    frames: dict[str, pl.DataFrame]
    rows: dict[str, int]
    left_out: list[pl.DataFrame] = field(default_factory=list)
    unknown: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    time_zone: str = "UTC"
    _parsed: dict[tuple[str, str], times.Times] = field(default_factory=dict)
    _numbers: dict[tuple[str, str], pl.Series] = field(default_factory=dict)
    _places: dict[str, pl.DataFrame] = field(default_factory=dict)

    def has(self, name: str, path: str) -> bool:
        """Whether the records have a field, or lookups that lead to it."""
        head, _, rest = path.partition(".")
        if name not in self.frames:
            return False
        if not rest:
            return head in self.frames[name].columns
        relation = lookup_field(head)
        return relation in self.frames[name].columns and self.has(self.mapping.target(relation), rest)

    def text(self, name: str, path: str) -> pl.Series:
        """A field of every record of an object, following lookups: `Account.Name`; all missing where there is none."""
        frame = self.frames[name]
        if not self.has(name, path):
            return pl.Series(path, [None], dtype=pl.String).new_from_index(0, frame.height)
        head, _, rest = path.partition(".")
        if not rest:
            return self._filled(name, head)
        target = self.mapping.target(lookup_field(head))
        return self.text(target, rest).gather(self.places(name, lookup_field(head), target))

    def _filled(self, name: str, head: str) -> pl.Series:
        column = self.frames[name][head]
        return column.cast(pl.String) if not isinstance(column.dtype, pl.String) else column

    def places(self, name: str, lookup: str, target: str) -> pl.Series:
        """For each record of an object the row of the record that its lookup points at, or null."""
        if target not in self._places:
            rows = self.frames[target].select("_key").with_row_index("_place")
            self._places[target] = rows.unique("_key", keep="first")
        keys = self.frames[name].select(id_key(pl.col(lookup).cast(pl.String)).alias("_key"))
        return keys.join(self._places[target], on="_key", how="left", maintain_order="left")["_place"]

    def times(self, name: str, path: str) -> times.Times:
        """A field of times; midnight throughout means dates, as warehouses write them."""
        head, _, rest = path.partition(".")
        if rest and self.has(name, path):
            target = self.mapping.target(lookup_field(head))
            at = self.places(name, lookup_field(head), target)
            found = self.times(target, rest)
            return times.Times(found.time.gather(at), found.precision.gather(at), found.formats)
        if (name, path) not in self._parsed:
            column = self.text(name, path)
            found = times.parse_times(column, where=f"{name}, column {path}", timezone=self.time_zone)
            known = found.time.drop_nulls()
            if len(known) and (known == known.dt.truncate("1d")).all():
                day = pl.Series(["day"], dtype=found.precision.dtype).new_from_index(0, len(column))
                found = found._replace(precision=day)
            self._parsed[name, path] = found
        return self._parsed[name, path]

    def numbers(self, name: str, path: str) -> pl.Series:
        """A field of numbers."""
        if (name, path) not in self._numbers:
            self._numbers[name, path] = values.numbers(self.text(name, path)).numbers
        return self._numbers[name, path]

    def flags(self, name: str, path: str) -> pl.Series:
        """A field of yes and no; null where unknown."""
        return values.flags(self.text(name, path))[0]


def id_key(column: pl.Expr) -> pl.Expr:
    """What counts of an id: its first 15 characters, since exports write 15 or 18 of the same id."""
    long = (column.str.len_chars() == 18) & column.str.contains(r"^[0-9A-Za-z]{18}$")
    return pl.when(long).then(column.str.slice(0, 15)).otherwise(column)


def named(name: str, mapping: Mapping_) -> str | None:
    """The object that a file or table is named after, or None: `opportunity_history_2.csv` is `OpportunityHistory`."""
    known = {key(each): kind for kind in known_objects(mapping) for each in (kind, *_also(kind, mapping))}
    stem = name
    while Path(stem).suffix.lower() in FILES:
        stem = Path(stem).stem
    for _ in range(6):
        if key(stem).replace("-", "").replace(" ", "") in known:
            return known[key(stem).replace("-", "").replace(" ", "")]
        shorter = NOISE.sub("", stem)
        if shorter == stem:
            return None
        stem = shorter
    return None


def _also(kind: str, mapping: Mapping_) -> tuple[str, ...]:
    return mapping.kinds[kind].also if kind in mapping.kinds else ()


def known_objects(mapping: Mapping_) -> list[str]:
    """Every object that the mapping reads or looks things up in."""
    from l2c.prepare.salesforce.mapping import wanted

    return list(wanted(mapping))


def is_org(source: Any, mapping: Mapping_) -> bool:
    """Tell whether a source holds objects rather than events: a deal or lead file, and another object beside it."""
    if isinstance(source, Mapping):
        names = {named(str(name), mapping) for name in source}
    elif isinstance(source, (str, Path)) and Path(source).suffix.lower() == ".zip" and Path(source).is_file():
        with zipfile.ZipFile(source) if zipfile.is_zipfile(source) else tempfile.TemporaryFile() as archive:
            names = {named(Path(n).name, mapping) for n in getattr(archive, "namelist", list)()}
    else:
        files = _files(source)
        names = {named(path.name, mapping) or named(path.parent.name, mapping) for path in files}
    return bool(names & {"Opportunity", "Lead"}) and len(names - {None}) > 1


def _files(source: Any) -> list[Path]:
    if isinstance(source, (str, Path)):
        path = Path(source)
        if not path.is_dir():
            return [path] if path.suffix.lower() in FILES | {".zip"} and path.exists() else []
        found = [
            p
            for p in path.rglob("*")
            if p.is_file() and not any(part.startswith(".") for part in p.relative_to(path).parts)
        ]
        return sorted(p for p in found if p.suffix.lower() in FILES | {".zip"})
    if isinstance(source, (list, tuple)):
        return [path for each in source if isinstance(each, (str, Path)) for path in _files(each)]
    return []


def load(source: Any, mapping: Mapping_, time_zone: str = "UTC") -> Org:
    """Read the objects of an org.

    Parameters
    ----------
    source
        A folder, a zip file or several of them, with one or more files per object (CSV, Parquet, Excel); or a mapping of
        object names to data frames.
    mapping
        What the objects mean.
    time_zone
        Zone of times that carry none.

    Raises
    ------
    NothingToRead
        If there is neither an Opportunity nor a Lead.
    """
    tables: dict[str, list[pl.DataFrame]] = {}
    current: dict[str, pl.DataFrame] = {}
    org = Org(mapping, {}, {}, time_zone=time_zone)
    fields = _fields(mapping)
    with tempfile.TemporaryDirectory(prefix="l2c-") as folder:
        for file, table in _tables(source, Path(folder)):
            name = _name(file, table.frame, mapping, fields)
            if name is None:
                org.unknown[file] = table.frame.height
                continue
            org.notes += [f"{file}: {note}" for note in table.notes]
            frame = replicas.marked(_renamed(table, fields, Path(file).name))
            if replicas.has_versions(frame):
                base = name if f"{name.removesuffix('History')}Id" in frame.columns else name.removesuffix("History")
                current[base] = replicas.current(frame)
                name = f"{base}History"
                frame = replicas.snapshots(frame) if base == "Opportunity" else frame.clear()
            org.rows[name] = org.rows.get(name, 0) + table.frame.height + table.rejected.height
            if frame.width:
                tables.setdefault(name, []).append(frame)
            if table.rejected.height:
                org.left_out.append(_malformed(table, name, Path(file).name))
    for name, frame in current.items():
        # The versions are counted as rows; the newest of each is the record, unless another table holds it.
        tables.setdefault(name, [frame])
    for name, parts in tables.items():
        org.frames[name] = _live(pl.concat(parts, how="diagonal_relaxed"), name, org)
    if not {"Opportunity", "Lead"} & set(org.frames):
        raise NothingToRead.no_deals(sorted(org.frames) or sorted(org.unknown))
    return org


def _name(file: str, frame: pl.DataFrame, mapping: Mapping_, fields: Mapping[str, str]) -> str | None:
    """The object of a file: by its name, its folder's, that of the object whose versions it holds, or by its ids."""
    names = [Path(file).name, Path(file).parent.name]
    found = next((name for each in names if (name := named(each, mapping))), None)
    if found is None and replicas.has_versions(frame):
        found = named(re.sub(r"(?i)_?history", "", names[0]), mapping)
    return found or _by_ids(frame, fields)


def _tables(source: Any, folder: Path) -> Iterable[tuple[str, formats.Table]]:
    if isinstance(source, Mapping):
        for name, frame in source.items():
            yield (
                str(name),
                formats.typed(str(name), frame if isinstance(frame, pl.DataFrame) else pl.from_pandas(frame)),
            )
        return
    for path in _files(source):
        if path.suffix.lower() == ".zip":
            for member in _unpacked(path, folder):
                yield from ((f"{member.parent.name}/{member.name}", table) for table in formats.tables(member))
        else:
            yield from (
                (f"{path.parent.name}/{path.name}", table) for table in formats.tables(path) if path.stat().st_size
            )


def _unpacked(path: Path, folder: Path) -> list[Path]:
    """Unpack the tables of a zip file, and stop where it grows beyond all measure."""
    found: list[Path] = []
    try:
        with zipfile.ZipFile(path) as archive:
            members = [m for m in archive.infolist() if Path(m.filename).suffix.lower() in FILES and m.file_size]
            size = sum(m.file_size for m in members)
            if size > formats.LARGEST or (size > 1 << 28 and size > formats.STEEPEST * path.stat().st_size):
                raise UnreadableFile.too_large(path.name)
            for number, member in enumerate(members):
                # Only the name of a member counts, never its path.
                target = folder / f"{number}" / Path(member.filename).name
                target.parent.mkdir(parents=True)
                target.write_bytes(archive.read(member))
                found.append(target)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise UnreadableFile.damaged(path.name, "zip") from error
    return found


def _fields(mapping: Mapping_) -> dict[str, str]:
    """API names of fields by what counts of them."""
    from l2c.prepare.salesforce.mapping import wanted

    names = dict.fromkeys(name for each in wanted(mapping).values() for name in each)
    return {key(name): name for name in names}


def _renamed(table: formats.Table, fields: Mapping[str, str], file: str) -> pl.DataFrame:
    """The cells under API names, with where they stood."""
    taken: dict[str, str] = {}
    for header in table.frame.columns:
        name = fields.get(key(header), header)
        taken[header] = header if name in taken.values() else name
    where = [pl.lit(file).alias(FILE), table.lines.alias(LINE)]
    # Numbers that stand for texts stand for others in each file.
    return table.frame.rename(taken).with_columns(pl.col(pl.Categorical).cast(pl.String)).with_columns(where)


def _by_ids(frame: pl.DataFrame, fields: Mapping[str, str]) -> str | None:
    """The object that the ids of a table belong to."""
    names = {fields.get(key(header), header): header for header in frame.columns}
    if "Id" not in names:
        return None
    some = frame[names["Id"]].cast(pl.String).drop_nulls().head(100)
    prefixes = some.filter(some.str.contains(r"^[0-9A-Za-z]{15}([0-9A-Za-z]{3})?$")).str.slice(0, 3).unique().to_list()
    if len(prefixes) != 1 or len(some) == 0:
        return None
    if prefixes[0] == "017":
        return next((name for lookup, name in HISTORIES.items() if lookup in names and "Field" in names), None)
    return PREFIXES.get(prefixes[0])


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
        frame = frame.with_columns(id_key(pl.col("Id").cast(pl.String)).alias("_key"))
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
    if "IsDeleted" in frame.columns and name in (*org.mapping.kinds, org.mapping.lines.get("object")):
        gone = values.flags(frame["IsDeleted"].cast(pl.String))[0].fill_null(False)
        reason = reason.set(gone & reason.is_null(), "deleted")
    org.left_out.append(aside(frame, reason, name))
    return frame.filter(reason.is_null()).drop("_at")


def aside(frame: pl.DataFrame, reason: pl.Series, name: str) -> pl.DataFrame:
    """Rows set aside, as they stood: `reason, file, row, object, record`."""
    rows = frame.with_columns(reason.alias("_reason")).filter(pl.col("_reason").is_not_null())
    cells = [c for c in rows.columns if not c.startswith("_")]
    return rows.select(
        pl.col("_reason").alias("reason"),
        pl.col(FILE).cast(pl.String).alias("file"),
        pl.col(LINE).alias("row"),
        pl.lit(name).alias("object"),
        pl.struct([pl.col(c).cast(pl.String) for c in cells]).struct.json_encode().alias("record")
        if cells
        else pl.lit("{}").alias("record"),
    )


def _malformed(table: formats.Table, name: str, file: str) -> pl.DataFrame:
    return table.rejected.select(
        pl.lit("malformed row").alias("reason"),
        pl.lit(file).alias("file"),
        pl.col("line").alias("row"),
        pl.lit(name).alias("object"),
        pl.col("text").alias("record"),
    )
