"""Which records of which objects are there?"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from l2c.errors import NothingToRead
from l2c.prepare import formats, times, values
from l2c.prepare.salesforce import files, replicas
from l2c.prepare.salesforce.files import FILE, LINE
from l2c.prepare.salesforce.mapping import Mapping_, lookup_field


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

    def set_aside(self, name: str, reason: pl.Series) -> None:
        """Leave out the records of an object for which there is a reason."""
        self.left_out.append(aside(self.frames[name], reason, name))
        self.frames[name] = self.frames[name].filter(reason.is_null())
        for known in (self._parsed, self._numbers):
            for key in [key for key in known if key[0] == name]:
                del known[key]
        self._places.pop(name, None)


def id_key(column: pl.Expr) -> pl.Expr:
    """What counts of an id: its first 15 characters, since exports write 15 or 18 of the same id."""
    long = (column.str.len_chars() == 18) & column.str.contains(r"^[0-9A-Za-z]{18}$")
    return pl.when(long).then(column.str.slice(0, 15)).otherwise(column)


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
    noted: dict[str, list[str]] = {}
    fields = files.api_names(mapping)
    org.notes += [f"{path.name} is empty." for path in files.files_of(source) if files.is_empty(path)]
    with tempfile.TemporaryDirectory(prefix="l2c-") as folder:
        for file, table in files.tables(source, Path(folder)):
            name = files.object_of(file, table.frame, mapping, fields)
            if name is None:
                org.unknown[file] = table.frame.height
                continue
            for note in table.notes:
                noted.setdefault(note, []).append(Path(file).name)
            if not table.frame.height and not table.rejected.height:
                org.notes.append(f"{Path(file).name} has a header and no rows.")
            frame = replicas.marked(files.renamed(table, fields, Path(file).name))
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
    org.notes += [f"{_several(names)}: {note}" for note, names in noted.items()]
    for name, frame in current.items():
        # The versions are counted as rows; the newest of each is the record, unless another table holds it.
        tables.setdefault(name, [frame])
    for name, parts in tables.items():
        org.frames[name] = _live(pl.concat(parts, how="diagonal_relaxed"), name, org)
    if not {"Opportunity", "Lead"} & set(org.frames):
        raise NothingToRead.no_deals(sorted(org.frames) or sorted(org.unknown))
    return org


def _several(names: list[str]) -> str:
    """A few names, and how many more."""
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


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
