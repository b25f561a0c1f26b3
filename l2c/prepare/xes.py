"""What does an XES file tell of its events?"""

from __future__ import annotations

import io
from typing import Any

import polars as pl

from l2c.errors import UnreadableFile
from l2c.prepare.formats import Table, no_rejected, numbered

_KINDS = {"string", "date", "int", "float", "boolean", "id"}
_CASE = "case:"


def events(data: bytes, name: str) -> Table:
    """Read a log in the XES standard (IEEE 1849): an event a row, attributes of the trace under `case:…`.

    Parameters
    ----------
    data
        The file's content.
    name
        What to call it.

    Raises
    ------
    UnreadableFile
        If the file is not well-formed, is no log, or declares entities: those are never resolved.
    """
    from lxml import etree

    if b"<!ENTITY" in data or b"<!DOCTYPE" in data[:100_000]:
        raise UnreadableFile.entities(name)
    columns: dict[str, list[Any]] = {}
    count = 0
    try:
        stream = etree.iterparse(
            io.BytesIO(data), events=("end",), tag="{*}trace", resolve_entities=False, no_network=True, huge_tree=False
        )
        for _, trace in stream:
            shared = {_CASE + key: value for key, value in _attributes(trace)}
            for child in trace:
                if isinstance(child.tag, str) and etree.QName(child).localname == "event":
                    _add(columns, shared | dict(_attributes(child)), count)
                    count += 1
            # What was read is let go, so that memory does not grow with the file.
            trace.clear()
            while trace.getprevious() is not None:
                del trace.getparent()[0]
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableFile.damaged(name, "XES") from error
    if not count:
        raise UnreadableFile.no_events(name)
    frame = pl.DataFrame([_series(key, cells + [None] * (count - len(cells))) for key, cells in columns.items()])
    return Table(name, frame, numbered(frame), no_rejected())


def _add(columns: dict[str, list[Any]], row: dict[str, Any], count: int) -> None:
    for key, value in row.items():
        column = columns.setdefault(key, [])
        if len(column) < count:
            column.extend([None] * (count - len(column)))
        column.append(value)


def _attributes(element: Any) -> list[tuple[str, Any]]:
    found = []
    for child in element:
        tag = child.tag
        if not isinstance(tag, str):
            continue
        kind = tag.rpartition("}")[2]
        key, value = child.get("key"), child.get("value")
        if kind in _KINDS and key is not None and value:
            found.append((key, value))
    return found


def _series(key: str, cells: list[Any]) -> pl.Series:
    # Values stay as written; the columns' meaning decides later how they are read.
    return pl.Series(key, cells, dtype=pl.String)
