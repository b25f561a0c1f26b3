"""What was each column of the source taken for, and why?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import polars as pl

from l2c.prepare.headers import REQUIRED
from l2c.prepare.histories import UNUSED, is_silent
from l2c.words import matching, vocabulary

if TYPE_CHECKING:
    import pandas as pd

    from l2c.prepare.headers import Layout
    from l2c.prepare.instructions import Instructions
    from l2c.prepare.joining import Joined
    from l2c.prepare.lists import Listed
    from l2c.prepare.salesforce.org_frames import Org
    from l2c.prepare.table import Table

# Columns of lists of invoices, orders … by what they are there.
MEANT = {"deal": "case_id", "id": "object_id", "due": "due_date", "total": "amount", "converted_deal": "case_id"}
# So many values stand for a column, from so many of its rows.
SOME, LOOKED_AT = 3, 1000


def of_tables(
    tables: Iterable[tuple[Table, Layout]], said: Instructions, listed: Iterable[Listed] = ()
) -> pd.DataFrame:
    """List the columns of tables that were read.

    Returns
    -------
    One row per column, in the order of the source: `file, column`; `taken_for` (attribute or activity, empty where it is
    nothing that the kit knows); `why` (`said, system, name, weak, date, values, state, unused,
    own`); `values`, some of them as text.
    """
    rows = []
    for table, layout in tables:
        of = {header: name for name, header in layout.columns.items()}
        dated = {header: name for name, header in layout.dates.items()}
        made = layout.states.made if layout.states else ()
        for header in table.frame.columns:
            if header not in made:
                taken = dated.get(header) or of.get(header, "")
                why = "system" if header in table.called else _why(header, taken, header in dated, said)
                if layout.states and is_silent(taken):
                    taken, why = ("", "unused") if taken.startswith(UNUSED) else (taken, "state")
                rows.append(_row(table.name, table.called.get(header, header), taken, why, table.frame[header]))
    return _frame([*rows, *_of_lists(listed, said)])


def _of_lists(listed: Iterable[Listed], said: Instructions) -> list[dict[str, Any]]:
    """The columns of lists of invoices, orders and the like."""
    rows = []
    for each in listed:
        of = {header: MEANT.get(role, "") for role, header in each.columns.items()}
        dated = {header: activity for activity, header in each.dates.items()}
        for header in each.table.frame.columns:
            taken = dated.get(header) or of.get(header, "")
            why = _why(header, taken, header in dated, said) if taken else "list" if header in of else "own"
            called = each.table.called.get(header, header)
            rows.append(_row(each.table.name, called, taken, why, each.table.frame[header]))
    return rows


def of_org(org: Org, places: dict[str, str]) -> pd.DataFrame:
    """List the fields of the objects that were read, with `why` `field` or `unused`; see `of_tables`."""
    from l2c.prepare.salesforce.mapping import wanted

    named = {place: name for name, way in places.items() for place in way.split(" · ")}
    known = wanted(org.mapping)
    rows = []
    for kind, frame in org.frames.items():
        for header in frame.columns:
            if not header.startswith("_"):
                taken = named.get(f"{kind}.{header}", "")
                used = bool(taken) or header in known.get(kind, ())
                rows.append(_row(kind, header, taken or header * used, "field" if used else "unused", frame[header]))
    return _frame(rows)


def previews(tables: Iterable[Table]) -> pd.DataFrame:
    """List the columns of tables that could not be understood, each taken for nothing; see `of_tables`."""
    return _frame(
        [_row(each.name, header, "", "", each.frame[header]) for each in tables for header in each.frame.columns]
    )


def mapping(layouts: Iterable[Layout], joined: Joined, said: Instructions) -> dict[str, Any]:
    """Return the mapping as it was used, ready to be saved and changed."""
    merged: dict[str, Any] = {"version": 1, "columns": {}, "dates": {}}
    for shape in layouts:
        made = shape.states.made if shape.states else ()
        there = {a: h for a, h in shape.columns.items() if h not in made}
        merged["columns"] |= {a: h for a, h in there.items() if a != h or a in REQUIRED}
        merged["dates"] |= {a: h for a, h in shape.dates.items() if h not in made}
    merged["activities"] = joined.renamed
    merged["actors"] = said.actors
    merged |= {"date_format": said.date_format, "time_zone": said.time_zone}
    if said.fiscal_year_starts != 1:
        merged["fiscal_year_starts"] = said.fiscal_year_starts
    merged["currency"] = joined.currency
    merged["payment_terms"] = said.payment_terms
    merged["decimal"] = said.decimal
    return {key: value for key, value in merged.items() if value}


def _why(header: str, taken: str, is_date: bool, said: Instructions) -> str:
    if header in said.columns.values() or header in said.dates.values():
        return "said"
    if is_date:
        return "date"
    if taken not in {attribute.id for attribute in vocabulary.attributes()}:
        return "own"
    bare = header.removeprefix("case:")
    if matching.is_strong(header, taken) or matching.is_strong(bare, taken):
        return "name"
    return "weak" if taken in matching.match_attribute(bare) else "values"


def _row(file: str, column: str, taken: str, why: str, cells: pl.Series) -> dict[str, Any]:
    some = cells.head(LOOKED_AT).drop_nulls().cast(pl.String, strict=False).unique(maintain_order=True).head(SOME)
    return {"file": file, "column": column, "taken_for": taken, "why": why, "values": tuple(some.to_list())}


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(rows, columns=["file", "column", "taken_for", "why", "values"])
