"""Cells as they stand in a source, before anything is made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from l2c.prepare import texts
from l2c.prepare.header_rows import unique
from l2c.words.errors import L2CError
from l2c.words.notes import Note

# What Salesforce says of a record beside its fields.
MARKS = {"type", "url", "referenceId"}


@dataclass(frozen=True)
class Table:
    """Cells as they stand in a source.

    Attributes
    ----------
    name
        What the user calls it: the file, with its sheet where there are several.
    frame
        The cells under their own headers; text unless the source itself has types; empty cells are null.
    lines
        Line in the file, row of the sheet or number of the event, for each row of `frame`.
    rejected
        Rows that cannot be laid out in cells: `line, text, reason`.
    notes
        What was found out about the form.
    gone
        Rows that are deleted at the source, as text, with `_line`; they are no part of `frame`.
    aside
        What the same file holds beside this and its other tables.
    doubts
        What must be asked before a column is used, by header.
    called
        What columns are called in the source, by the names that the mapping of their system gave them.
    """

    name: str
    frame: pl.DataFrame
    lines: pl.Series
    rejected: pl.DataFrame
    notes: tuple[Note, ...] = ()
    gone: pl.DataFrame = field(default_factory=pl.DataFrame)
    aside: tuple[Note, ...] = ()
    doubts: Mapping[str, L2CError] = field(default_factory=dict)
    called: Mapping[str, str] = field(default_factory=dict)


def no_rejected() -> pl.DataFrame:
    """Return an empty frame of rejected rows."""
    return pl.DataFrame(schema={"line": pl.Int64, "text": pl.String, "reason": pl.String})


def numbered(frame: pl.DataFrame, first: int = 1) -> pl.Series:
    """Number the rows of a frame."""
    return pl.Series("line", range(first, first + frame.height), dtype=pl.Int64)


def typed(name: str, frame: pl.DataFrame) -> Table:
    """Make a table of rows that have types already; texts lose the white space around them."""
    columns = [small(column) for column in frame.get_columns()]
    frame = pl.DataFrame(dict(zip(unique(frame.columns), columns, strict=True)))
    return Table(name, frame, numbered(frame), no_rejected())


def small(column: pl.Series) -> pl.Series:
    """A column as it is kept: texts without the white space around them and, where they repeat, each text once."""
    if isinstance(column.dtype, (pl.Categorical, pl.Enum)):
        column = column.cast(pl.String)
    return texts.stripped(texts.small(column)) if column.dtype == pl.String else column


def unnested(frame: pl.DataFrame) -> pl.DataFrame:
    """A frame in which fields of fields are columns: of `Owner` with the field `Name` becomes `Owner.Name`."""
    while nested := [c.name for c in frame.get_columns() if isinstance(c.dtype, pl.Struct)]:
        first = nested[0]
        parts = frame[first].struct.unnest()
        if first.rpartition(".")[2] == "attributes" and set(parts.columns) <= MARKS:
            parts = parts.select()
        at = frame.columns.index(first)
        named = unique([*frame.columns[:at], *(f"{first}.{c}" for c in parts.columns), *frame.columns[at + 1 :]])
        columns = [*frame.get_columns()[:at], *parts.get_columns(), *frame.get_columns()[at + 1 :]]
        frame = pl.DataFrame([column.alias(name) for name, column in zip(named, columns, strict=True)])
    return frame
