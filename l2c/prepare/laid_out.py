"""Which tables of a source hold events, and how is each laid out?"""

from __future__ import annotations

import polars as pl

from l2c.prepare import clock_columns, containers, doubts, headers, histories, joining, reports
from l2c.prepare.headers import Layout
from l2c.prepare.instructions import Instructions
from l2c.prepare.table import Table
from l2c.words.errors import ColumnsNotFound, NothingToRead
from l2c.words.notes import Note


def tables(given: list[Table], said: Instructions, *, partial: bool) -> tuple[list[tuple[Table, Layout]], list[Note]]:
    """Return the tables that hold events, each with its layout; others are named in the notes.

    Parameters
    ----------
    given, said
        The tables of a source, and what the user said.
    partial
        Whether the others may hold something else: in a folder, or beside lists of other things.

    Raises
    ------
    L2CError
        If none of them holds events, or one that must does not.
    """
    found: list[tuple[Table, Layout]] = []
    notes: list[Note] = []
    refused: list[NothingToRead | Exception] = []
    if not given:
        return [], []
    every = [clock_columns.joined(table, {*said.columns.values(), *said.dates.values()}) for table in given]
    for table in every:
        containers.checked_width(table.frame.width, table.name)
        try:
            table, shape = histories.layout(table, said) or (table, headers.layout(table.frame, table.name, said))
            found.append((table, shape))
        except ColumnsNotFound as error:
            refused.append(reports.only_totals(table) or error)
            notes.append(Note("no_events", file=table.name, rows=table.frame.height))
    sheets = len({table.name.split(" › ")[0] for table in every}) < len(every)
    if not found or (refused and not partial and not sheets):
        raise doubts.refusal([] if found else every, refused)
    # A workbook may offer the same deals in both shapes, as our template does: events win where there are any.
    filled = [(t, shape) for t, shape in found if t.frame.height]
    real = [(t, shape) for t, shape in filled if not _only_examples(t, shape)] or filled
    long = [(t, shape) for t, shape in real if not shape.is_wide] or real
    if sheets and long and len(long) < len(found):
        kept = {t.name for t, _ in long}
        notes += [Note("other_sheet", file=t.name) for t, _ in found if t.name not in kept]
        found = long
    notes += dict.fromkeys(note for table in every for note in table.aside)
    notes += [Note("of_file", file=table.name, note=note) for table, _ in found for note in table.notes]
    notes += [note for _, shape in found for note in shape.notes]
    return histories.across(found), notes


def _only_examples(table: Table, shape: Layout) -> bool:
    ids = table.frame[shape.columns["case_id"]]
    # The first row of most tables tells.
    return all(
        ids[at].cast(pl.String).str.contains(joining.EXAMPLE).fill_null(False).all() for at in (slice(1), slice(None))
    )
