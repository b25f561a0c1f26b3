"""The records of an org, object by object, and what was left out."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from l2c.prepare import times, values
from l2c.prepare.lists import Listed
from l2c.prepare.salesforce.files import FILE, LINE
from l2c.prepare.salesforce.meaning import Mapping_, lookup_field
from l2c.words.notes import Note


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
    time_zone, zone
        Zone of times that carry none; zone of the business, in which days are cut.
    fiscal_year_starts
        Month in which the fiscal year begins.
    ledgers
        Lists of invoices and payments from another system.
    """

    mapping: Mapping_
    frames: dict[str, pl.DataFrame]
    rows: dict[str, int]
    left_out: list[pl.DataFrame] = field(default_factory=list)
    unknown: dict[str, int] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    time_zone: str = "UTC"
    zone: str = "UTC"
    fiscal_year_starts: int = 1
    ledgers: list[Listed] = field(default_factory=list)
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
