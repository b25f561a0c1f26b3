"""Which system does a table come from, and what are its columns called here?

A file of `mappings/` says for a system by which columns its tables are known, and what they mean; `docs/mappings.md` says how to write
one for another system.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import Any

import polars as pl

from l2c.prepare.instructions import Instructions
from l2c.prepare.mapping_file import Document
from l2c.prepare.table import Table
from l2c.words.errors import BadMapping
from l2c.words.notes import Note

KEYS = {"known_by", "columns", "values"}
# What JSON and API exports put before a name.
_PREFIXES = ("properties.", "data.", "attributes.")


@cache
def shipped() -> tuple[dict[str, Any], ...]:
    """Return the mappings of other systems that come with the kit."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    files = sorted(resources.files("l2c.prepare").joinpath("mappings").iterdir(), key=lambda file: file.name)
    return tuple(yaml.load(file.read_text("utf-8"), loader) for file in files if file.name.endswith(".yaml"))


def named(table: Table, said: Instructions, own: Sequence[Mapping[str, Any]] = ()) -> Table:
    """Give the columns of a table that another system wrote the names they have here.

    Parameters
    ----------
    table, said
        The table, and what the user said: columns that are named there keep their names.
    own
        Mappings of the user, which are looked at first.

    Returns
    -------
    The table, with a note that names the system; the same table where none is known by it.
    """
    headers = {_plain(header): header for header in reversed(table.frame.columns)}
    found = _known(headers, own)
    if found is None:
        return table
    system, rules = found
    taken = {*said.columns.values(), *said.dates.values()}
    frame = table.frame
    used: set[str] = set()
    called: dict[str, str] = {}
    for name, ways in rules.get("columns", {}).items():
        there = [
            headers[key] for each in ways if (key := _plain(each)) in headers and headers[key] not in {*taken, *used}
        ]
        # A name that the table gives to something else keeps that meaning only where it is among those asked for.
        if not there or (name in frame.columns and name not in there):
            continue
        used |= set(there)
        called[name] = there[0]
        frame = _renamed(frame, name, there, rules.get("values", {}).get(name, {}))
    if not used:
        return table
    return replace(table, frame=frame, called=called, notes=(*table.notes, Note("of_system", system=system)))


def is_foreign(headers: Iterable[str]) -> bool:
    """Tell whether headers are those of a table of a system that is known, and not Salesforce."""
    return _known({_plain(header): header for header in headers}, ()) is not None


def of_document(document: Document | None) -> tuple[Mapping[str, Any], ...]:
    """Return the mapping of a system that the user wrote: a mapping file with `tables`.

    Raises
    ------
    BadMapping
        If a part of it is not of the form that docs/mappings.md shows.
    """
    if document is None or "tables" not in document.content:
        return ()
    for at, table in enumerate(document.content["tables"]):
        _checked(document, at, table)
    return (document.content,)


def _checked(document: Document, at: int, table: Any) -> None:
    place = document.place("tables", at)
    if not isinstance(table, dict) or not table.keys() <= KEYS or not {"known_by", "columns"} <= table.keys():
        raise BadMapping.form(
            place, "tables", table, "a list of tables, each with known_by, columns and, if need be, values"
        )
    lists = [*table["known_by"], *table["columns"].values()]
    if not all(isinstance(each, list) and each for each in lists):
        raise BadMapping.form(place, "tables", lists, "lists of column names: [createdon, Created On]")


def _known(headers: Mapping[str, str], own: Sequence[Mapping[str, Any]]) -> tuple[str, Mapping[str, Any]] | None:
    """The system and the table that headers are known by: that for which most of its columns are there."""
    best: tuple[int, str, Mapping[str, Any]] | None = None
    for system in (*own, *shipped()):
        for rules in system["tables"]:
            if all(any(_plain(each) in headers for each in ways) for ways in rules["known_by"]):
                count = sum(any(_plain(each) in headers for each in ways) for ways in rules["columns"].values())
                if best is None or count > best[0]:
                    best = count, str(system.get("system", "")), rules
        if best is not None and system in own:
            break
    return None if best is None else best[1:]


def _plain(header: object) -> str:
    text = str(header).strip().casefold()
    for prefix in _PREFIXES:
        text = text.removeprefix(prefix)
    return " ".join(text.split())


def _renamed(frame: pl.DataFrame, name: str, there: Sequence[str], values: Mapping[Any, Any]) -> pl.DataFrame:
    """The frame with the first filled of some columns under the name it has here."""
    column = frame[there[0]]
    if len(there) > 1:
        column = frame.select(pl.coalesce(pl.col(there).cast(pl.String))).to_series()
    if values:
        text = column.cast(pl.String).str.strip_suffix(".0")
        column = text.replace({str(key): str(value) for key, value in values.items()})
    rest = frame if there[0] == name else frame.rename({there[0]: name})
    return rest.with_columns(column.alias(name))
