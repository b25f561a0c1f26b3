"""The events with all the objects they are about, in the standard format for object-centric event data."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from l2c.words import vocabulary
from l2c.words.errors import UnknownName

if TYPE_CHECKING:
    import pandas as pd

DEAL, LEAD, ACCOUNT, PAYMENT = "Opportunity", "Lead", "Account", "Payment"
# Objects of sources that only number their documents, by the phase of the activity.
PHASES = {"lead": LEAD, "quote": "Quote", "contract": "Contract", "order": "Order", "cash": "Invoice"}
EPOCH = "1970-01-01T00:00:00Z"


class Data(NamedTuple):
    """Object-centric event data.

    Attributes
    ----------
    events
        `event_id, activity, time` and attributes of the events.
    objects
        `object_id, object_type` and attributes of the objects.
    of_event
        Which events are about which objects: `event_id, object_id, qualifier`.
    links
        Which objects belong to which: `from_id, to_id, qualifier`.
    """

    events: pd.DataFrame
    objects: pd.DataFrame
    of_event: pd.DataFrame
    links: pd.DataFrame


def gathered(
    events: pd.DataFrame, cases: pd.DataFrame, objects: pd.DataFrame | None, links: pd.DataFrame | None
) -> Data:
    """Bring the frames of a log into object-centric form.

    Parameters
    ----------
    events, cases
        Frames of a log.
    objects, links
        Its records and how they belong together, where the log knows them.

    Notes
    -----
    A record that the flat log shows in several deals is one event here, about all of them. An event is about its own
    object (a quote, an invoice), its deal, and the lead or payment it comes from; what is about nothing but the deal is
    about its account too.
    """
    import pandas as pd

    rows = events.reset_index(drop=True)
    rows["own"], rows["type"] = _own(rows)
    rows["event_id"] = _event_ids(rows)
    kind = _case_types(rows, objects)
    parts = [rows[["event_id", "case_id"]].set_axis(["event_id", "object_id"], axis=1).assign(qualifier="case")]
    parts.append(rows[["event_id", "own", "type"]].set_axis(["event_id", "object_id", "qualifier"], axis=1))
    for column, qualifier in (("lead_id", LEAD), ("payment_id", PAYMENT)):
        if column in rows:
            parts.append(
                rows[["event_id", column]].set_axis(["event_id", "object_id"], axis=1).assign(qualifier=qualifier)
            )
    known = _objects(rows, cases, kind, objects)
    pointed = _links(rows, cases, links, known)
    known = _with_ends(known, pointed, links)
    parts.append(_of_accounts(rows, known, pointed))
    of_event = pd.concat(parts).dropna(subset=["object_id"]).drop_duplicates(["event_id", "object_id"])
    of_event = of_event[of_event["object_id"].isin(known["object_id"])].sort_values(["event_id", "object_id"])
    columns = ["event_id", "activity", "time", *[c for c in ("actor", "precision", "approximate") if c in rows]]
    told = rows[columns].drop_duplicates("event_id").sort_values(["time", "event_id"])
    return Data(told, known, of_event, pointed[pointed["to_id"].isin(known["object_id"])])


def _own(rows: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """The document of each event, and what it is."""
    import pandas as pd

    if "object_id" not in rows:
        return pd.Series(None, rows.index, dtype=object), pd.Series(None, rows.index, dtype=object)
    if "object_type" in rows:
        return rows["object_id"], rows["object_type"]
    phases = {a.en: PHASES.get(a.phase) for a in vocabulary.activities()}
    # A document is what its first event says: an order is closed when it is paid, and still an order.
    kind = rows["activity"].astype(object).map(phases).groupby(rows["object_id"]).transform("first")
    own = kind.str.cat(rows["object_id"].astype(object), sep=":")
    return own.where(rows["object_id"].notna() & kind.notna(), None), kind


def _event_ids(rows: pd.DataFrame) -> pd.Series:
    """One id for what a record says once, however many deals it belongs to."""
    import pandas as pd

    number = pd.Series([f"e{n}" for n in range(len(rows))], rows.index)
    if "record_id" not in rows:
        return number
    by = ["source", "record_id", "activity", "time"]
    first = rows.assign(n=number).groupby(by, observed=True, dropna=False)["n"].transform("first")
    return first.where(rows["record_id"].notna(), number)


def _case_types(rows: pd.DataFrame, objects: pd.DataFrame | None) -> pd.Series:
    """Whether each case is an opportunity or a lead that became none."""
    other = ~rows["activity"].isin([a.en for a in vocabulary.activities() if a.phase == "lead"])
    guessed = other.groupby(rows["case_id"]).any().map({True: DEAL, False: LEAD})
    if objects is None:
        return guessed
    # Whoever was called, a touch does not make a lead a deal.
    known = objects[objects["object_type"].isin([DEAL, LEAD])].drop_duplicates("object_id")
    return known.set_index("object_id")["object_type"].reindex(guessed.index).fillna(guessed)


def _objects(rows: pd.DataFrame, cases: pd.DataFrame, kind: pd.Series, objects: pd.DataFrame | None) -> pd.DataFrame:
    import pandas as pd

    derived = {"case_key", "started", "ended", "duration_days", "events", "variant_id", "status"}
    deals = cases.drop(columns=[c for c in cases if c in derived]).rename(columns={"case_id": "object_id"})
    deals.insert(1, "object_type", deals["object_id"].map(kind))
    if objects is not None:
        others = objects[["object_id", "object_type"]]
    else:
        others = rows[["own", "type"]].dropna().set_axis(["object_id", "object_type"], axis=1)
    others = others[~others["object_id"].isin(deals["object_id"])].drop_duplicates("object_id")
    parts = [deals, others]
    if objects is None and "account" in deals:
        names = deals["account"].dropna().drop_duplicates()
        parts.append(pd.DataFrame({"object_id": f"{ACCOUNT}:" + names, "object_type": ACCOUNT}))
    found = pd.concat(parts, ignore_index=True)
    return found.sort_values(["object_type", "object_id"], ignore_index=True)


def _links(rows: pd.DataFrame, cases: pd.DataFrame, links: pd.DataFrame | None, known: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    names = ["from_id", "to_id", "qualifier"]
    if links is not None:
        found = links[["from_id", "to_id", "lookup"]].set_axis(names, axis=1)
        return found[found["from_id"].isin(known["object_id"])].drop_duplicates(ignore_index=True)
    parts = [rows[["own", "case_id"]].dropna().assign(qualifier="case").set_axis(names, axis=1)]
    if "account" in cases:
        firms = cases[["case_id", "account"]].dropna()
        firms = firms.assign(account=f"{ACCOUNT}:" + firms["account"], qualifier="account")
        parts.append(firms.set_axis(names, axis=1))
    return pd.concat(parts).drop_duplicates(ignore_index=True)


def _of_accounts(rows: pd.DataFrame, known: pd.DataFrame, pointed: pd.DataFrame) -> pd.DataFrame:
    """Events about nothing but a deal, with the account of the deal."""
    firms = pointed[pointed["to_id"].isin(known.loc[known["object_type"] == ACCOUNT, "object_id"])]
    alone = rows[rows["own"].isna() & rows["case_id"].isin(firms["from_id"])]
    met = alone[["event_id", "case_id"]].merge(firms, left_on="case_id", right_on="from_id")
    return met[["event_id", "to_id"]].set_axis(["event_id", "object_id"], axis=1).assign(qualifier=ACCOUNT)


def _with_ends(known: pd.DataFrame, pointed: pd.DataFrame, links: pd.DataFrame | None) -> pd.DataFrame:
    """Add the accounts, which no event is about."""
    import pandas as pd

    if links is None:
        return known
    ends = links[links["to_type"].eq(ACCOUNT) & links["to_id"].isin(pointed["to_id"])]
    ends = ends[["to_id", "to_type"]].drop_duplicates().set_axis(["object_id", "object_type"], axis=1)
    return pd.concat([known, ends[~ends["object_id"].isin(known["object_id"])]], ignore_index=True)


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
    import pandas as pd

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
    import pandas as pd

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
    import pandas as pd

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
    import pandas as pd

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
