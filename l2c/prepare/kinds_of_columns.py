"""What does one column hold, read by its kind?"""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from l2c.log.ordering import coded
from l2c.prepare import evidence, times, values
from l2c.prepare.instructions import Instructions
from l2c.prepare.table import Table
from l2c.prepare.units import Unit, unit
from l2c.words.errors import AmbiguousDates, AmbiguousNumbers
from l2c.words.notes import Note


def text_of(column: pl.Series) -> pl.Series:
    """Ids and names as text; a whole number that a spreadsheet made a decimal loses its '.0'."""
    if isinstance(column.dtype, pl.Categorical):
        return column
    if column.dtype.is_float() and ((column.drop_nulls() % 1 == 0) & (column.drop_nulls().abs() < 2**63)).all():
        column = column.cast(pl.Int64)
    return column.cast(pl.String)


class Column(NamedTuple):
    """One column: its cells, how many were not read, the currencies of its signs, and remarks."""

    cells: pl.Series
    unread: int = 0
    currencies: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()


def typed(cells: pl.DataFrame, name: str, kind: str | None, header: str, table: Table, said: Instructions) -> Column:
    """Read one column by its kind in the vocabulary.

    Parameters
    ----------
    cells
        All columns of the table, under the attributes' names.
    name, kind, header
        The attribute, its kind, and the header it stood under.

    Raises
    ------
    AmbiguousDates, AmbiguousNumbers
        If its values can be read in two ways, and no other column decides.
    """
    column = cells[name].alias(name)
    where = f"{table.name}, column {header}"
    if kind == "id":
        return Column(coded(text_of(column)))
    if kind == "days":
        found = values.days(column)
        return Column(found.numbers.alias(name), int(found.unread.sum()), (), found.notes)
    if kind in ("number", "money", "fraction"):
        found = _numbers(column, kind, unit(header), cells, where, table, said)
        signs = tuple(found.currencies.drop_nulls().unique()) if kind == "money" else ()
        return Column(found.numbers.alias(name), int(found.unread.sum()), signs, found.notes)
    if kind == "flag":
        flags, bad = values.flags(column)
        return Column(flags.alias(name), int(bad.sum()))
    if kind == "time":
        moment = moment_of(column, cells, where, said)
        missing = column.is_null() if moment.empty is None else column.is_null() | moment.empty
        return Column(moment.time.alias(name), int((moment.time.is_null() & ~missing).sum()), (), moment.notes)
    return Column(text_of(column) if kind == "text" else column)


def _numbers(
    column: pl.Series, kind: str, unit: Unit, cells: pl.DataFrame, where: str, table: Table, said: Instructions
) -> values.Numbers:
    """Numbers whose decimal sign the column itself, what the user said, or the rest of the file decides."""

    def read(decimal: str | None) -> values.Numbers:
        if kind == "fraction":
            # Salesforce writes percent fields in percent.
            return values.fractions(column, percent=unit.percent or where.endswith("__c"), decimal=decimal)
        return values.numbers(column, decimal, unit)

    found = read(said.decimal)
    if not found.open or said.decimal:
        return found
    decided = evidence.decimal_sign(cells, semicolons=Note("semicolons") in table.notes)
    if decided is None:
        few = pl.Series(found.open).head(3)
        large, small = (values.numbers(few, sign).numbers.to_list() for sign in (",", "."))
        signs = (",", ".") if large[0] > small[0] else (".", ",")
        readings = [
            [f"{value:,g}" for value in each] for each in ((large, small) if signs[0] == "," else (small, large))
        ]
        raise AmbiguousNumbers.either(where, few.to_list(), readings[0], readings[1], signs[0], signs[1])
    sign, why = decided
    reason = Note("other_numbers") if why == "other_numbers" else Note("dates_and_separators")
    other = "," if sign == "." else "."
    note = Note("decimal_of_file", value=found.open[0], sign=sign, why=reason, other=other)
    again = read(sign)
    return again._replace(notes=(*again.notes, note))


def moment_of(column: pl.Series, cells: pl.DataFrame, where: str, said: Instructions) -> times.Times:
    """Read times whose order of day and month the column itself, what the user said, or the rest of the file decides.

    Raises
    ------
    AmbiguousDates
        If none of them does.
    """
    try:
        return times.parse_times(column, where=where, timezone=said.time_zone, date_format=said.date_format)
    except AmbiguousDates:
        order = None if said.date_format else evidence.day_order(cells)
        if order is None:
            raise
        found = times.parse_times(column, where=where, timezone=said.time_zone, date_format=order)
        return found._replace(notes=(*found.notes, Note("order_of_file", order=order)))
