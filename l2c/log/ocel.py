"""The events with all their objects in OCEL 2.0, the standard format for object-centric event data: how is it written?"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pandas as pd

from l2c.log.objects import Data
from l2c.words.errors import UnknownName

EPOCH = "1970-01-01T00:00:00Z"


def write(path: Path, data: Data) -> Path:
    """Write OCEL 2.0: SQLite where the file ends in `.sqlite` or `.db`, JSON where it ends in `.json`.

    Raises
    ------
    UnknownName
        If the file ends otherwise.

    Notes
    -----
    The format: A. Berti et al., "OCEL (Object-Centric Event Log) 2.0 Specification" (2023).
    """
    kind = path.suffix.lower()
    if kind not in (".sqlite", ".db", ".json"):
        raise UnknownName.metric(path.suffix or path.name, [".sqlite", ".db", ".json"])
    path.parent.mkdir(parents=True, exist_ok=True)
    if kind == ".json":
        path.write_text(json.dumps(_document(data), ensure_ascii=False), "utf-8")
        return path
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as db, db:
        _tables(db, data)
    return path


def _document(data: Data) -> dict[str, Any]:
    about = {key: rows.to_dict("records") for key, rows in data.of_event.groupby("event_id")}
    joined = {key: rows.to_dict("records") for key, rows in data.links.groupby("from_id")}

    def relations(rows: Sequence[Mapping[Any, Any]], key: str) -> list[dict[str, str]]:
        return [{"objectId": str(row[key]), "qualifier": str(row["qualifier"])} for row in rows]

    return {
        "objectTypes": _types(data.objects, "object_type", ("object_id", "object_type")),
        "eventTypes": _types(data.events, "activity", ("event_id", "activity", "time")),
        "objects": [
            {
                "id": row["object_id"],
                "type": row["object_type"],
                "attributes": [
                    {"name": n, "time": EPOCH, "value": v} for n, v in _known(row, ("object_id", "object_type"))
                ],
                "relationships": relations(joined.get(row["object_id"], []), "to_id"),
            }
            for row in data.objects.to_dict("records")
        ],
        "events": [
            {
                "id": row["event_id"],
                "type": row["activity"],
                "time": f"{row['time'].isoformat()}Z",
                "attributes": [{"name": n, "value": v} for n, v in _known(row, ("event_id", "activity", "time"))],
                "relationships": relations(about.get(row["event_id"], []), "object_id"),
            }
            for row in data.events.to_dict("records")
        ],
    }


def _known(row: Mapping[Any, Any], without: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """The attributes that a row has a value of, as JSON can hold them."""
    for name, value in row.items():
        if name not in without and not pd.isna(value):
            yield str(name), value if isinstance(value, (bool, int, float)) else str(value)


def _types(rows: pd.DataFrame, by: str, without: tuple[str, ...]) -> list[dict[str, Any]]:
    """Every type with the attributes that any of its rows has."""
    found = []
    for name, group in rows.groupby(by, observed=True):
        columns = [c for c in group if c not in without and group[c].notna().any()]
        found.append({"name": str(name), "attributes": [{"name": c, "type": _type(group[c])} for c in columns]})
    return found


def _type(column: pd.Series) -> str:
    if pd.api.types.is_bool_dtype(column.dtype):
        return "boolean"
    return "float" if pd.api.types.is_numeric_dtype(column.dtype) else "string"


def _tables(db: sqlite3.Connection, data: Data) -> None:
    """The tables of the standard: the common ones, and one for each type with its attributes."""
    of_event = data.of_event.set_axis(["ocel_event_id", "ocel_object_id", "ocel_qualifier"], axis=1)
    links = data.links.set_axis(["ocel_source_id", "ocel_target_id", "ocel_qualifier"], axis=1)
    ids = data.events[["event_id", "activity"]].set_axis(["ocel_id", "ocel_type"], axis=1)
    things = data.objects[["object_id", "object_type"]].set_axis(["ocel_id", "ocel_type"], axis=1)
    for name, rows, key in (
        ("event", ids, ["ocel_id"]),
        ("object", things, ["ocel_id"]),
        ("event_object", of_event, ["ocel_event_id", "ocel_object_id", "ocel_qualifier"]),
        ("object_object", links, ["ocel_source_id", "ocel_target_id", "ocel_qualifier"]),
    ):
        _table(db, name, rows, key)
    for kind, rows, by, fixed in (
        ("event", data.events, "activity", {"event_id": "ocel_id", "time": "ocel_time"}),
        ("object", data.objects, "object_type", {"object_id": "ocel_id"}),
    ):
        names = _table_names(rows[by].astype(str).unique())
        _table(db, f"{kind}_map_type", _map(names), ["ocel_type"])
        for label, group in rows.groupby(by, observed=True):
            group = group.drop(columns=by).dropna(axis=1, how="all").rename(columns=fixed)
            if kind == "object":
                group = group.assign(ocel_time=EPOCH, ocel_changed_field=None)
            _table(db, f"{kind}_{names[str(label)]}", group, ["ocel_id"])


def _map(names: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame({"ocel_type": list(names), "ocel_type_map": list(names.values())}, dtype=object)


def _table_names(types: Any) -> dict[str, str]:
    """A name for the table of each type: its letters and digits, told apart by numbers where that is not enough."""
    found: dict[str, str] = {}
    for name in sorted(types):
        short = re.sub(r"\W", "", name) or "type"
        taken = {each.casefold() for each in found.values()}
        found[name] = next(t for t in (short, *(f"{short}_{n}" for n in range(2, 10_000))) if t.casefold() not in taken)
    return found


def _table(db: sqlite3.Connection, name: str, rows: pd.DataFrame, key: list[str]) -> None:
    kinds = {"float": "REAL", "boolean": "BOOLEAN", "string": "TEXT"}
    columns = [f'"{c}" {"TIMESTAMP" if c == "ocel_time" else kinds[_type(rows[c])]}' for c in rows]
    keys = ", ".join(f'"{c}"' for c in key)
    db.execute(f'CREATE TABLE "{name}" ({", ".join(columns)}, PRIMARY KEY ({keys}))')
    cells = rows.astype(object)
    for column in cells:
        if pd.api.types.is_datetime64_any_dtype(rows[column].dtype):
            cells[column] = rows[column].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    cells = cells.where(cells.notna(), None)
    marks = ", ".join("?" for _ in columns)
    db.executemany(f'INSERT INTO "{name}" VALUES ({marks})', cells.itertuples(index=False, name=None))
