"""Cells as they stand in a source, before anything is made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from l2c.words.errors import L2CError
from l2c.words.notes import Note


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
    """

    name: str
    frame: pl.DataFrame
    lines: pl.Series
    rejected: pl.DataFrame
    notes: tuple[Note, ...] = ()
    gone: pl.DataFrame = field(default_factory=pl.DataFrame)
    aside: tuple[Note, ...] = ()
    doubts: Mapping[str, L2CError] = field(default_factory=dict)


def no_rejected() -> pl.DataFrame:
    """Return an empty frame of rejected rows."""
    return pl.DataFrame(schema={"line": pl.Int64, "text": pl.String, "reason": pl.String})


def numbered(frame: pl.DataFrame, first: int = 1) -> pl.Series:
    """Number the rows of a frame."""
    return pl.Series("line", range(first, first + frame.height), dtype=pl.Int64)
