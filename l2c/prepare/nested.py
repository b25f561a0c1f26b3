"""Which lists of records does an answer hold, and what are the fields of a record?

Records come as arrays, as answers of a query (Salesforce, OData, HubSpot, Pipedrive …), or wrapped by a tool that copies them
(Airbyte, Singer). Looked-up records become columns such as `Owner.Name`, as exports of SOQL have them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from l2c.prepare.table import MARKS

AIRBYTE = "_airbyte_data"
# What stands around the fields of one record in the answers of other systems: HubSpot, Airtable, JSON:API, Airbyte.
WRAPPERS = ("properties", "fields", "attributes", AIRBYTE, "record", "data")
# Lists under these names are the events of a case, which take its attributes with them.
EVENTS = {"events", "activities", "history", "timeline", "trace", "steps"}
_NET_DATE = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/")
Records = list[Mapping[str, Any]]


def lists(found: Any) -> dict[str, Records]:
    """The lists of records in a value, by the name of the object or of the field that holds them.

    Parameters
    ----------
    found
        What JSON holds: lists, mappings, texts and numbers.
    """
    if isinstance(found, Sequence) and not isinstance(found, (str, bytes)):
        there = [each for each in found if each is not None]
        rows = [each for each in there if isinstance(each, Mapping)]
        if not rows or len(rows) < len(there):
            return _rows_of_cells(there) if there and not rows else {}
        streams = _streams(rows)
        return _with_children(streams) if streams is not None else _with_children({_object(rows): rows})
    if not isinstance(found, Mapping):
        return {}
    if _is_record_alone(found):
        return _with_children({_object([found]): [found]})
    if (by_column := _by_column(found)) is not None:
        return {"": by_column}
    made: dict[str, Records] = {}
    for key, value in found.items():
        for inner, records in lists(value).items() if isinstance(value, (Mapping, list, tuple)) else ():
            # What the records say of themselves beats the field that holds them, unless that is nothing but a wrapper.
            made.setdefault(inner or ("" if key in _ANSWERS else str(key)), []).extend(records)
    return made


_ANSWERS = {"records", "result", "results", "data", "value", "items", "rows", "values", "response", "d", "objects"}


def _is_record_alone(found: Mapping[str, Any]) -> bool:
    """Whether a mapping is a record itself: of a Singer message, a line of JSON, or a query of one."""
    return {"type", "record"} <= found.keys() or (
        isinstance(found.get("attributes"), Mapping) and "type" in found["attributes"] and len(found) > 1
        and not any(isinstance(v, list) for v in found.values())
    )  # fmt: skip


def _object(rows: Records) -> str:
    """The object that records of Salesforce name themselves."""
    said = {r["attributes"].get("type") for r in rows[:100] if isinstance(r.get("attributes"), Mapping)}
    return str(said.pop()) if len(said) == 1 and None not in said else ""


def _rows_of_cells(found: Sequence[Any]) -> dict[str, Records]:
    """An array of arrays whose first one is the header."""
    if not all(isinstance(row, (list, tuple)) for row in found) or not all(isinstance(h, str) for h in found[0]):
        return {}
    return {"": [dict(zip(found[0], row, strict=False)) for row in found[1:]]}


def _by_column(found: Mapping[str, Any]) -> Records | None:
    """Rows of a frame that pandas wrote by column: lists, cells by row, or `columns` and `data`."""
    if isinstance(found.get("columns"), list) and isinstance(found.get("data"), list):
        return _rows_of_cells([found["columns"], *found["data"]]).get("")
    columns = list(found.values())
    if len(columns) > 1 and all(isinstance(c, list) and len(c) == len(columns[0]) for c in columns):
        if any(isinstance(cell, (Mapping, list)) for c in columns for cell in c):
            return None
        return [dict(zip(found, cells, strict=True)) for cells in zip(*columns, strict=True)]
    if len(columns) > 1 and all(isinstance(c, Mapping) and c.keys() == columns[0].keys() for c in columns):
        if not columns[0] or not all(str(row).isdigit() for row in columns[0]):
            return None
        return [{name: c[row] for name, c in found.items()} for row in columns[0]]
    return None


def _streams(rows: Records) -> dict[str, Records] | None:
    """The records of each stream, where the rows are messages of Singer or Airbyte."""
    if not all("type" in row for row in rows) or not any(isinstance(row.get("record"), Mapping) for row in rows):
        return None
    made: dict[str, Records] = {}
    for row in rows:
        record = row.get("record")
        if row["type"] == "RECORD" and isinstance(record, Mapping):
            if isinstance(record.get("data"), Mapping) and "stream" in record:
                made.setdefault(str(record["stream"]), []).append(record["data"])
            else:
                made.setdefault(str(row.get("stream", "")), []).append(record)
    return made


def _with_children(found: dict[str, Records]) -> dict[str, Records]:
    """Lists within records as lists of their own, whose rows name the record that they belong to."""
    made: dict[str, Records] = {}
    for key, rows in found.items():
        children = _children(rows)
        joined = next((name for name in children if name.casefold() in EVENTS and not _object(children[name])), None)
        if joined and len(children) == 1:
            made[key] = children[joined]
            continue
        made[key] = rows
        for name, inner in children.items():
            made.setdefault(_object(inner) or name, []).extend(inner)
    return made


def _children(rows: Records) -> dict[str, Records]:
    made: dict[str, Records] = {}
    for row in rows:
        for name, value in row.items():
            inner = value.get("records") if isinstance(value, Mapping) else value
            if isinstance(inner, list) and inner and all(isinstance(each, Mapping) for each in inner):
                above = _case(row) if name.casefold() in EVENTS and not _object(inner) else _owner(row)
                made.setdefault(name, []).extend({**above, **each} for each in inner)
    return made


def _owner(row: Mapping[str, Any]) -> dict[str, Any]:
    """What names a record in the rows that belong to it."""
    kind = _object([row])
    key = next((k for k in row if k.casefold() in ("id", "case_id", "key")), None)
    return {} if key is None else {f"{kind}Id" if kind else key: row[key]}


def _case(row: Mapping[str, Any]) -> dict[str, Any]:
    """What is known of a case, for each of its events."""
    own = {k: v for k, v in row.items() if not isinstance(v, (list, Mapping))}
    key = next((k for k in own if k.casefold() in ("id", "case_id", "caseid", "case", "key", "name")), None)
    return {("case_id" if k == key else f"case:{k}"): v for k, v in own.items()}


def flattened(records: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Records whose looked-up records are fields: `{"Owner": {"Name": "Ann"}}` is `{"Owner.Name": "Ann"}`.

    Parameters
    ----------
    records
        Records as JSON has them. `attributes` of Salesforce fall away, and so does what a tool wrapped around the fields.
    """
    flat: list[dict[str, Any]] = []
    nested: set[str] = set()
    for record in records:
        row: dict[str, Any] = {}
        _fill(row, record, "", nested)
        flat.append(row)
    # A lookup that leads nowhere is null, and no field of its own beside those of the others.
    return [{k: v for k, v in row.items() if v is not None or k not in nested} for row in flat] if nested else flat


def is_of_salesforce(record: Mapping[str, Any]) -> bool:
    """Whether a record says which object it is of, or is what says so."""
    said = record.get("attributes", record)
    return isinstance(said, Mapping) and "type" in said and (said is not record or record.keys() <= MARKS)


def _fill(row: dict[str, Any], record: Mapping[str, Any], above: str, nested: set[str]) -> None:
    for name, value in record.items():
        key = f"{above}{name}"
        if name == AIRBYTE and isinstance(value, str):
            value = _parsed(value)
        if isinstance(value, Mapping):
            nested.add(key)
            if name == "attributes" and is_of_salesforce({name: value}) and value.keys() <= MARKS:
                continue
            if isinstance(value.get("records"), list):
                continue
            _fill(row, value, above if name in WRAPPERS and not above else f"{key}.", nested)
        elif isinstance(value, list):
            if not any(isinstance(each, Mapping) for each in value):
                row[key] = ";".join(str(each) for each in value if each is not None) or None
        elif key not in row or row[key] is None:
            row[key] = _cell(value)


def _cell(value: Any) -> Any:
    """A value as it is, but dates that .NET writes as milliseconds."""
    if isinstance(value, str) and value.startswith("/Date(") and (found := _NET_DATE.fullmatch(value)):
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(found[1]))).isoformat()
    return value


def _parsed(text: str) -> Any:
    """What a text of JSON says, or the text."""
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return text
