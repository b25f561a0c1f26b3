"""Do the key figures that a user defines make sense for a log?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from l2c.log.filters import condition, said
from l2c.words import matching, own_measures, vocabulary
from l2c.words.errors import BadFilter, BadKpis, UnknownName
from l2c.words.measures import measures
from l2c.words.own_measures import Entry

if TYPE_CHECKING:
    from l2c.log.base import Base


def checked(source: str | Path | Entry | Iterable[Entry], base: Base) -> tuple[dict[str, Any], ...]:
    """Read definitions of key figures, with the names that this log has for activities.

    Raises
    ------
    BadKpis
        If one makes no sense, or names an activity, attribute or value that neither the log nor the kit knows.
    """
    found = own_measures.entries(source)
    return tuple(entry if entry["id"] in measures() else _fitted(entry, base) for entry in found)


def _fitted(entry: dict[str, Any], base: Base) -> dict[str, Any]:
    id, measure = str(entry["id"]), own_measures.measure(entry)
    taken = {*base.activities, *base.attributes}
    if id in taken or vocabulary.label(id) != id:
        raise BadKpis.taken(id)
    try:
        names = {"from": measure.start, "to": measure.end, "ruled_out_by": measure.ruled_out_by}
        fitted = {key: [_activity(name, base) for name in known] for key, known in names.items() if known}
        known = {*base.attributes, *(a.id for a in vocabulary.attributes())}
        if measure.attribute and measure.attribute not in known:
            raise UnknownName.attribute(measure.attribute, base.attributes)
        among = said(measure.among)
        for word, value in among.items():
            condition(word, value, base)
    except (UnknownName, BadFilter) as problem:
        raise BadKpis.names(id, problem) from problem
    return entry | fitted | ({"among": among} if among else {})


def _activity(name: str, base: Base) -> str:
    """What the log calls an activity; one of the vocabulary may be missing in this log."""
    if name in base.activities:
        return name
    found = matching.match_activity(name)
    if found is None:
        raise UnknownName.activity(name, base.activities)
    return found


def of_part(entries: Iterable[dict[str, Any]], part: Base) -> tuple[dict[str, Any], ...]:
    """Those definitions that are about cases of a part of the log: the others name what is nobody's business there."""
    return tuple(entry for entry in entries if _holds(entry, part))


def _holds(entry: Entry, part: Base) -> bool:
    try:
        for word, value in (entry.get("among") or {}).items():
            condition(word, value, part)
    except UnknownName:
        return False
    return True


def opened(facts: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
    """The definitions that `log.json` holds, which were checked when they were given to the log."""
    return tuple(dict(entry) for entry in facts.get("kpis") or ())
