"""Which doubts about a table must be settled before its columns are used?"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from l2c.prepare import half_dates
from l2c.prepare.headers import REQUIRED, Layout
from l2c.prepare.instructions import Instructions
from l2c.prepare.table import Table
from l2c.words import vocabulary
from l2c.words.errors import AmbiguousDates, UnreadableFile
from l2c.words.notes import Note


def settled(table: Table, layout: Layout, said: Instructions) -> tuple[Table, list[Note]]:
    """Settle the doubts about a table by what the user said.

    Parameters
    ----------
    table, layout, said
        The table, what its columns hold, and what the user said.

    Returns
    -------
    The table, with dates swapped back where the user said in which order they were; and what was done.

    Raises
    ------
    AmbiguousBlanks, AmbiguousDates, UnreadableColumn
        If a column that is used is in doubt still. One that the vocabulary does not know is only kept, whatever it holds.
    """
    known = {*REQUIRED, *(attribute.id for attribute in vocabulary.attributes())}
    used = {*layout.dates.values(), *(header for attribute, header in layout.columns.items() if attribute in known)}
    return _settled(table, used, said.date_format)


def refusal(tables: Sequence[Table], refused: Sequence[Exception]) -> Exception:
    """Say why none of the tables of a source can be read: what they are, or what is hidden, rather than what they lack."""
    known = next((error for error in refused if isinstance(error, UnreadableFile)), None)
    hidden = next((note for table in tables for note in table.aside if note.id == "hidden_sheets"), None)
    if known or not hidden:
        return known or refused[0]
    said: dict[str, Any] = dict(hidden.values)
    return UnreadableFile.hidden(said["file"], list(said["sheets"]))


def of_records(table: Table, date_format: str | None) -> tuple[Table, list[Note]]:
    """Settle the doubts about the records of an object, all of whose fields may be used; see `settled`."""
    return _settled(table, table.doubts.keys(), date_format)


def _settled(table: Table, used: Collection[str], date_format: str | None) -> tuple[Table, list[Note]]:
    notes = []
    for header, doubt in table.doubts.items():
        if header not in used:
            continue
        if not isinstance(doubt, AmbiguousDates) or not date_format:
            raise doubt
        if date_format in half_dates.ORDERS:
            column = half_dates.swapped(table.frame[header])
            table = replace(table, frame=table.frame.with_columns(column))
            notes.append(Note("of_column", file=table.name, column=header, note=Note("dates_swapped")))
    return table, notes
