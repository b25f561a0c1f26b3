"""Which deal does each row of a list belong to: by the deal's id, by the number of an order or a quote, or by none?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from l2c.prepare.events import Part
from l2c.prepare.lists import Listed
from l2c.words import lists


def cases(each: Listed, deals: Sequence[Part], known: dict[str, dict[str, str]]) -> tuple[pl.Series | None, str | None]:
    """Find the deal of each row of a list.

    Parameters
    ----------
    each
        The list.
    deals
        The tables of deals or events beside it.
    known
        By kind of list, the deal of each number that is known by now.

    Returns
    -------
    The ids of the deals, and the column that leads there; no column where each row is a case of its own; nothing at all
    where no column leads to a deal.
    """
    frame = each.table.frame
    deal = each.columns.get("deal") or each.columns.get("converted_deal")
    if deal is not None:
        column = text(frame[deal])
        if not deals and deal == each.columns.get("deal") and column.null_count() < len(column):
            return _or_own(each, column), deal
        if (met := _among(column, deals)) is not None:
            return _or_own(each, met), deal
    if (
        deals
        and "deal_name" in each.columns
        and (met := _by_name(text(frame[each.columns["deal_name"]]), deals)) is not None
    ):
        return _or_own(each, met), each.columns["deal_name"]
    for other in reversed(lists.kinds()):
        header = lists.first([h for h in frame.columns if h != each.columns.get("id")], other.ids)
        if header is None or other.id == each.kind.id:
            continue
        column = text(frame[header])
        if (there := known.get(other.id)) and column.is_in(list(there)).any():
            return column.replace_strict(there, default=None, return_dtype=pl.String), header
        if (met := _by_number(column, other.ids, deals)) is not None:
            return met, header
        if not deals and each.kind.id == "payment" and other.id == "invoice":
            return column, header
    for header in [h for h in frame.columns if h != each.columns.get("id")] if deals else ():
        if (met := _named_throughout(text(frame[header]), deals)) is not None:
            return _or_own(each, met), header
    if each.kind.id == "lead" or (not deals and not known and each.kind.id != "payment" and "id" in each.columns):
        return number(each), None
    return None, None


def _or_own(each: Listed, cases: pl.Series) -> pl.Series:
    """A lead that became no deal is a case of its own."""
    return cases.zip_with(cases.is_not_null(), number(each)) if each.kind.id == "lead" else cases


def _named_throughout(column: pl.Series, deals: Sequence[Part]) -> pl.Series | None:
    """The deals of a column of any name, all of whose values are ids of deals, and no small numbers."""
    values = column.drop_nulls().unique()
    if not len(values) or not values.str.contains(r"\p{L}|.{6}").all():
        return None
    met = _among(column, deals, names=False)
    return met if met is not None and met.null_count() == column.null_count() else None


def _among(column: pl.Series, deals: Sequence[Part], *, names: bool = True) -> pl.Series | None:
    """The deals that a column names, by their ids or by what else each of them is called; None where it names none."""
    ids = {_id(case): case for part in deals for case in part.events["case_id"].cast(pl.String).unique().drop_nulls()}
    found = {value: ids[_id(value)] for value in column.drop_nulls().unique() if _id(value) in ids}
    if not found:
        return _by_name(column, deals) if names else None
    return column.replace_strict(found, default=None, return_dtype=pl.String)


def _by_name(column: pl.Series, deals: Sequence[Part]) -> pl.Series | None:
    """The deals that a column calls by something which each bears alone, such as its name."""
    values = column.drop_nulls().unique()
    for part in deals:
        for header in part.table.frame.columns if part.layout.is_wide else ():
            there = _one_to_one(part, header)
            found = {v: there[v] for v in values if v in there}
            if len(found) > 0.5 * len(values):
                return column.replace_strict(found, default=None, return_dtype=pl.String)
    return None


def _by_number(column: pl.Series, ids: Iterable[str], deals: Sequence[Part]) -> pl.Series | None:
    """The deals whose own rows bear such a number: an order's, a quote's."""
    for part in deals:
        header = lists.first(part.table.frame.columns, ids)
        if header is not None and header != part.layout.columns["case_id"]:
            there = _one_to_one(part, header)
            if column.is_in(list(there)).any():
                return column.replace_strict(there, default=None, return_dtype=pl.String)
    return None


def _one_to_one(part: Part, header: str) -> dict[str, str]:
    """The case of each value of a column that stands in one case only."""
    cases = text(part.table.frame[part.layout.columns["case_id"]])
    rows = pl.DataFrame({"v": text(part.table.frame[header]), "c": cases}).drop_nulls().unique()
    return dict(rows.filter(pl.col("v").is_unique()).iter_rows())


def _id(text: str) -> str:
    """What counts of an id: Salesforce writes 15 or 18 characters of the same."""
    return text[:15] if len(text) == 18 and text.isascii() and text.isalnum() else text


def number(each: Listed) -> pl.Series:
    """Return what each row of a list is called; its line where it has no number."""
    if "id" in each.columns:
        return text(each.table.frame[each.columns["id"]])
    return pl.select(pl.format("{}:{}", pl.lit(each.table.name), each.table.lines)).to_series()


def text(column: pl.Series) -> pl.Series:
    """Return the cells of a column as text; a whole number that a spreadsheet made a decimal loses its ".0"."""
    if column.dtype.is_float() and (column.drop_nulls() % 1 == 0).all():
        column = column.cast(pl.Int64)
    return column.cast(pl.String).str.strip_chars()


def called(each: Listed) -> pl.DataFrame:
    """Return every number under which each record of a list is known: `other, number`."""
    frame, own = each.table.frame, number(each)
    headers = [h for h in frame.columns if set(lists.forms(h)) & {*each.kind.ids, *lists.general()}]
    parts = [pl.DataFrame({"other": text(frame[h]), "number": own}) for h in headers]
    parts.append(pl.DataFrame({"other": own, "number": own}))
    return pl.concat(parts).drop_nulls().unique("other", keep="any", maintain_order=True)
