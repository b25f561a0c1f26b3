"""The records of an org, object by object, and what was left out."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from l2c.prepare import ids, times, values
from l2c.prepare.lists import Listed
from l2c.prepare.salesforce.files import FILE, LINE
from l2c.prepare.salesforce.meaning import Mapping_, lookup_field
from l2c.prepare.times import Times
from l2c.words.errors import AmbiguousDates
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
    date_format
        Form of dates that could be read in two ways.
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
    date_format: str | None = None
    fiscal_year_starts: int = 1
    ledgers: list[Listed] = field(default_factory=list)
    _parsed: dict[tuple[str, str], Times] = field(default_factory=dict)
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

    def moments(self, column: pl.Series, where: str, time_zone: str | None = None) -> Times:
        """Times of some cells; what could be read in two ways, as all dates of the source that can be read in one.

        Raises
        ------
        AmbiguousDates
            If no date of the source tells whether days or months come first.
        """
        zone = time_zone or self.time_zone
        try:
            return times.parse_times(column, where=where, timezone=zone, date_format=self.date_format)
        except AmbiguousDates as error:
            if self.date_format or error.made_by != "AmbiguousDates.either" or (order := self._order()) is None:
                raise
            return times.parse_times(column, where=where, timezone=zone, date_format=order)

    def _order(self) -> str | None:
        """Whether the day or the month comes first in every date of the source that tells it: `dmy`, `mdy`."""
        first, second = 0, 0
        for frame in self.frames.values():
            for name in frame.columns:
                if "Date" in name and frame[name].dtype in (pl.String, pl.Categorical):
                    parts = frame[name].cast(pl.String).str.extract_groups(r"^(\d{1,2})[/-](\d{1,2})[/-]\d{2,4}\b")
                    numbers = [parts.struct.field(n).cast(pl.Int64).max() or 0 for n in ("1", "2")]
                    first, second = max(first, int(numbers[0])), max(second, int(numbers[1]))  # type: ignore[arg-type]
        if (first > 12) == (second > 12):
            return None
        return "dmy" if first > 12 else "mdy"

    def times(self, name: str, path: str) -> Times:
        """A field of times; midnight throughout means dates, as warehouses write them."""
        head, _, rest = path.partition(".")
        if rest and self.has(name, path):
            target = self.mapping.target(lookup_field(head))
            at = self.places(name, lookup_field(head), target)
            found = self.times(target, rest)
            return Times(found.time.gather(at), found.precision.gather(at), found.formats)
        if (name, path) not in self._parsed:
            column = self.text(name, path)
            found = self.moments(column, f"{name}, column {path}")
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
    """What counts of an id; see `ids.key`."""
    return column.map_batches(ids.key, return_dtype=pl.String)


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
