"""Which events does an object-centric log (OCEL 1.0 or 2.0) tell of the objects that are deals?

An event there belongs to any number of objects; a log of cases needs one kind of them, and has the event once for each.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import pathname2url

from l2c.log.objects import ACCOUNT, DEAL, LEAD, PAYMENT
from l2c.prepare import frames
from l2c.prepare.table import Table
from l2c.words.errors import ObjectTypes, OtherKind, UnreadableFile
from l2c.words.notes import Note

# Kinds of objects that are deals.
DEALS = {
    "opportunity", "opportunities", "deal", "deals", "salesopportunity", "salesopportunities", "商談", "案件", "営業案件",
    "verkaufschance", "opportunité", "oportunidad", "oportunidade", "opportunità", "potential",
}  # fmt: skip
# What the kit's own export calls the relation of an event to its case.
CASE, CASE_HEADER = "case", "case:concept:name"


@dataclass
class Ocel:
    """Events and objects as an OCEL tells them.

    Attributes
    ----------
    events
        Id, activity, time and attributes of each event.
    kinds
        Type of each object.
    about
        Of each event the objects, each with its qualifier.
    attributes
        Of each object its attributes as they were last.
    """

    events: list[tuple[str, str, Any, dict[str, Any]]] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)
    about: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    attributes: dict[str, dict[str, Any]] = field(default_factory=lambda: defaultdict(dict))
    _since: dict[tuple[str, str], str] = field(default_factory=dict)

    def describe(self, thing: str, name: str, time: Any, value: Any) -> None:
        """Keep the value of an object's attribute, unless a later one is known."""
        if value is not None and self._since.get((thing, name), "") <= str(time or ""):
            self._since[thing, name], self.attributes[thing][name] = str(time or ""), value


def is_document(found: Any) -> bool:
    """Whether JSON holds an OCEL."""
    return isinstance(found, Mapping) and (
        ({"events", "objects"} <= found.keys() and bool({"objectTypes", "eventTypes"} & found.keys()))
        or {"ocel:events", "ocel:objects"} <= found.keys()
    )  # fmt: skip


def is_xml(head: str) -> bool:
    """Whether the beginning of an XML file is that of an OCEL."""
    return re.search(r"""<(object-types|event-types|objects|events)\b|key=["']object-types["']""", head) is not None


def is_database(tables: Iterable[str]) -> bool:
    """Whether a database with these tables is an OCEL."""
    return {"event", "object", "event_object", "event_map_type", "object_map_type"} <= {t.casefold() for t in tables}


def of_json(found: Mapping[str, Any], name: str) -> Ocel:
    """Read what JSON holds, of OCEL 2.0 or 1.0.

    Raises
    ------
    UnreadableFile
        If it is not laid out as the standard says.
    """
    made = Ocel()
    try:
        if "ocel:events" in found:
            for id, said in found["ocel:objects"].items():
                made.kinds[id] = said["ocel:type"]
                made.attributes[id] = dict(said.get("ocel:ovmap") or {})
            for id, said in found["ocel:events"].items():
                made.events.append((id, said["ocel:activity"], said["ocel:timestamp"], said.get("ocel:vmap") or {}))
                made.about[id] = [(thing, "") for thing in said.get("ocel:omap", ())]
            return made
        for said in found["objects"]:
            made.kinds[said["id"]] = said["type"]
            for each in said.get("attributes") or ():
                made.describe(said["id"], each["name"], each.get("time"), each.get("value"))
        for said in found["events"]:
            values = {each["name"]: each.get("value") for each in said.get("attributes") or ()}
            made.events.append((said["id"], said["type"], said["time"], values))
            made.about[said["id"]] = [(r["objectId"], r.get("qualifier", "")) for r in said.get("relationships") or ()]
    except (KeyError, TypeError, AttributeError) as error:
        raise UnreadableFile.damaged(name, "OCEL") from error
    return made


def of_xml(data: bytes, name: str) -> Ocel:
    """Read the XML of OCEL 2.0 or 1.0.

    Raises
    ------
    UnreadableFile
        If it is damaged, or declares entities: those are never resolved.
    """
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, remove_comments=True)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableFile.damaged(name, "OCEL") from error
    if root.getroottree().docinfo.doctype:
        raise UnreadableFile.entities(name)
    made = Ocel()
    for each in root.iterfind("./objects/object"):
        told = _told(each)
        id = each.get("id") or str(told.pop("id", ""))
        made.kinds[id] = each.get("type") or str(told.pop("type", ""))
        for one in each.iterfind("./attributes/attribute"):
            made.describe(id, one.get("name", ""), one.get("time"), one.text)
        for key, value in {**told, **_listed(each, "ovmap")}.items():
            made.describe(id, key, None, value)
    for each in root.iterfind("./events/event"):
        told = _told(each)
        id = each.get("id") or str(told.pop("id", ""))
        activity = each.get("type") or told.pop("activity", None)
        time = each.get("time") or told.pop("timestamp", None)
        values = {one.get("name", ""): one.text for one in each.iterfind("./attributes/attribute")}
        made.events.append((id, activity, time, values | told | _listed(each, "vmap")))
        made.about[id] = [
            (one.get("object-id", ""), one.get("qualifier") or one.get("relationship") or "")
            for one in (*each.iterfind("./objects/relationship"), *each.iterfind("./objects/object"))
        ] + [(one.get("value", ""), "") for one in each.iterfind("./list[@key='omap']/*")]
    return made


def _told(element: Any) -> dict[str, Any]:
    """The values that stand directly in an element of OCEL 1.0."""
    return {one.get("key"): one.get("value") for one in element if one.get("value") is not None and one.get("key")}


def _listed(element: Any, key: str) -> dict[str, Any]:
    return {one.get("key"): one.get("value") for one in element.iterfind(f"./list[@key='{key}']/*")}


def of_database(file: Path, name: str) -> Ocel:
    """Read the SQLite form of OCEL 2.0.

    Raises
    ------
    UnreadableFile
        If a table that the standard asks for is missing or damaged.
    """
    made = Ocel()
    try:
        with closing(sqlite3.connect(f"file:{pathname2url(str(file.absolute()))}?mode=ro", uri=True)) as db:
            db.row_factory = sqlite3.Row
            for kind, table in db.execute("SELECT ocel_type, ocel_type_map FROM object_map_type").fetchall():
                for row in _rows(db, f"object_{table}"):
                    made.kinds[row["ocel_id"]] = kind
                    for key, value in _own(row).items():
                        made.describe(row["ocel_id"], key, row.get("ocel_time"), value)
            for id, kind in db.execute("SELECT ocel_id, ocel_type FROM object").fetchall():
                made.kinds.setdefault(id, kind)
            for kind, table in db.execute("SELECT ocel_type, ocel_type_map FROM event_map_type").fetchall():
                for row in _rows(db, f"event_{table}"):
                    made.events.append((row["ocel_id"], kind, row.get("ocel_time"), _own(row)))
            for id, thing, how in db.execute(
                "SELECT ocel_event_id, ocel_object_id, ocel_qualifier FROM event_object"
            ).fetchall():
                made.about[id].append((thing, how or ""))
    except (sqlite3.Error, KeyError, IndexError) as error:
        raise UnreadableFile.damaged(name, "OCEL") from error
    return made


def _rows(db: sqlite3.Connection, table: str) -> list[dict[str, Any]]:
    asked = db.execute(f'SELECT * FROM "{table.replace(chr(34), chr(34) * 2)}"')
    return [dict(row) for row in asked.fetchall()]


def _own(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if not key.startswith("ocel_") and value is not None}


def table(log: Ocel, name: str, said: str | None = None) -> Table:
    """Lay out an object-centric log as a log of cases: an event a row, once for each deal that it is about.

    Parameters
    ----------
    log
        Events and objects.
    name
        What to call it.
    said
        The type of objects that are cases, if the user says it.

    Raises
    ------
    ObjectTypes
        If no type is one of deals, and there are several.
    UnreadableFile
        If there are no events.
    """
    if not log.events:
        raise OtherKind.no_events(name)
    header, cases = _cases(log, name, said)
    own = any(how == CASE for about in log.about.values() for _, how in about)
    rows: list[dict[str, Any]] = []
    several = without = 0
    for id, activity, time, values in log.events:
        about = log.about.get(id, [])
        met = list(dict.fromkeys(thing for thing, _ in about if thing in cases))
        several += len(met) > 1
        without += not met
        others = (_of_kit if header == CASE_HEADER and own else _others)(log, [t for t, _ in about if t not in cases])
        row = {"concept:name": activity, "time:timestamp": time} | _renamed(values) | others
        for case in met or [""]:
            told = {f"case:{key}": value for key, value in log.attributes.get(case, {}).items()}
            rows.append({header: case or None} | row | told)
    notes = [Note("ocel_case", type=_type(log, cases, said), events=len(log.events), several=several, without=without)]
    made = frames.table(name, rows)
    return Table(name, made.frame, made.lines, made.rejected, tuple(notes))


def _cases(log: Ocel, name: str, said: str | None) -> tuple[str, set[str]]:
    """The objects that are cases, and the header under which they stand."""
    own = {thing for about in log.about.values() for thing, how in about if how == CASE}
    used = Counter(log.kinds.get(thing, "") for about in log.about.values() for thing, _ in about)
    used.pop("", None)
    if said is not None and (wanted := next((t for t in used if t.casefold() == said.casefold()), None)):
        return said, {thing for thing, kind in log.kinds.items() if kind == wanted}
    if own and {log.kinds.get(thing) for thing in own} <= {DEAL, LEAD}:
        return CASE_HEADER, own
    deals = [kind for kind in used if re.sub(r"[\W_]", "", kind).casefold() in DEALS]
    chosen = deals if deals else list(used)
    if len(chosen) != 1:
        types = [kind for kind, _ in used.most_common()]
        raise ObjectTypes.which(name, types, types[0]) if types else OtherKind.no_events(name)
    return CASE_HEADER, {thing for thing, kind in log.kinds.items() if kind == chosen[0]}


def _type(log: Ocel, cases: set[str], said: str | None) -> str:
    kinds = Counter(log.kinds[thing] for thing in cases)
    return said or kinds.most_common(1)[0][0]


def _others(log: Ocel, things: list[str]) -> dict[str, str]:
    """The other objects of an event, by their type."""
    found: dict[str, list[str]] = {}
    for thing in dict.fromkeys(things):
        found.setdefault(f"ocel:type:{log.kinds.get(thing, 'object')}", []).append(thing)
    return {kind: ";".join(ids) for kind, ids in found.items()}


def _of_kit(log: Ocel, things: list[str]) -> dict[str, str]:
    """The other objects of an event in the kit's own export: its document, the lead and the payment it comes from."""
    kinds = {log.kinds.get(thing, ""): thing for thing in reversed(things)}
    kinds.pop(ACCOUNT, None)
    found = {f"{kind.lower()}_id": kinds[kind] for kind in (LEAD, PAYMENT) if kind in kinds}
    document = next((kind for kind in kinds if kind not in (LEAD, PAYMENT)), None)
    if document:
        # Documents that have only numbers are called after their kind there.
        found |= {"object_id": kinds[document].removeprefix(f"{document}:"), "object_type": document}
    return found


def _renamed(values: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes of an event; the start that the kit's own export tells is that of XES, its precision is told anew."""
    return {
        ("start_timestamp" if key == "started" else key): value for key, value in values.items() if key != "precision"
    }
