"""Which key figures does the user define, beside those of the kit?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from l2c.words.errors import BadKpis
from l2c.words.measures import Measure, measures

Entry = Mapping[str, Any]

OBJECTS = ("deal", "lead", "quote", "order", "invoice")
UNITS = ("day", "fraction", "money", "count")
WORSE = ("more", "less", "none")
SUMS = ("mean", "median", "sum")
KEYS = ("id", "of", "from", "to", "ruled_out_by", *SUMS, "among", "unit", "worse", "target", "en", "ja")
# What may be said of a key figure of the kit.
OF_KNOWN = {"id", "target"}
_KINDS = {"day": "duration", "fraction": "share"}


def entries(source: str | Path | Entry | Iterable[Entry]) -> tuple[dict[str, Any], ...]:
    """Read definitions of key figures: of a YAML file (`kpis:` and a list), or as mappings with the same keys.

    Raises
    ------
    BadKpis
        If the file cannot be read, or a definition makes no sense; the message names the key figure.
    """
    if isinstance(source, (str, Path)):
        found = _file(Path(source))
    else:
        found = [source] if isinstance(source, Mapping) else list(source)
    made = tuple(_plain(entry) for entry in found)
    ids = [str(entry["id"]) for entry in made]
    if twice := next((id for id in ids if ids.count(id) > 1), None):
        raise BadKpis.twice(twice)
    for entry in made:
        measure(entry)
    return made


def measure(entry: Entry) -> Measure:
    """Make the measure that one definition describes; of a key figure of the kit, the same with a target."""
    id = str(entry["id"])
    if known := measures().get(id):
        if more := sorted(set(entry) - OF_KNOWN):
            raise BadKpis.known(id, more[0])
        return replace(known, target=_number(id, entry.get("target")))
    of, worse = str(entry.get("of", "deal")), str(entry.get("worse", "more"))
    _one_of(id, "of", of, OBJECTS)
    _one_of(id, "worse", worse, WORSE)
    start, end, attribute, kind = _what(id, entry)
    if attribute and "unit" not in entry:
        raise BadKpis.lacks(id, "unit", ", ".join(UNITS))
    if of != "deal" and (attribute or len(start) > 1):
        raise BadKpis.argument(id, "mean" if attribute else "from", "amount, of: deal" if attribute else start[0])
    unit = str(entry.get("unit", "day"))
    _one_of(id, "unit", unit, UNITS if attribute else tuple(_KINDS))
    among = entry.get("among") or {}
    if not isinstance(among, Mapping):
        raise BadKpis.argument(id, "among", "{region: EMEA, outcome: won}")
    en, ja = (_words(entry.get(lang)) for lang in ("en", "ja"))
    en, ja = en or ja or (id.replace("_", " "), ""), ja or en or (id.replace("_", " "), "")
    return Measure(
        id, of, kind or _KINDS[unit], unit, worse, en[0], ja[0], en[1], ja[1], start, end, _names(entry.get("ruled_out_by")),
        attribute=attribute, among=dict(among), target=_number(id, entry.get("target")), own=True,
    )  # fmt: skip


def _what(id: str, entry: Entry) -> tuple[tuple[str, ...], tuple[str, ...], str, str]:
    """From where to where a key figure leads, or which attribute it sums up, and how."""
    start, end = _names(entry.get("from")), _names(entry.get("to"))
    sums = [word for word in SUMS if word in entry]
    if len(sums) > 1 or (sums and (end or not isinstance(entry[sums[0]], str))):
        raise BadKpis.argument(id, sums[-1], "amount")
    if sums:
        return start, (), str(entry[sums[0]]), sums[0]
    if not start or not end:
        raise BadKpis.lacks(id, "to" if start else "from", "Quote Sent")
    return start, end, "", ""


def _file(path: Path) -> list[Any]:
    import yaml

    try:
        found = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        raise BadKpis.unreadable(path, problem) from problem
    if not isinstance(found, dict) or not isinstance(found.get("kpis"), list):
        raise BadKpis.shape(path)
    return list(found["kpis"])


def _plain(entry: Any) -> dict[str, Any]:
    if not isinstance(entry, Mapping) or not str(entry.get("id") or ""):
        raise BadKpis.no_id(entry)
    id = str(entry["id"])
    if unknown := next((str(key) for key in entry if key not in KEYS), None):
        raise BadKpis.key(id, unknown, KEYS)
    return {str(key): value for key, value in entry.items()}


def _names(said: Any) -> tuple[str, ...]:
    return tuple(str(each) for each in (said if isinstance(said, (list, tuple)) else [said] if said else []))


def _words(said: Any) -> tuple[str, str] | None:
    """Name and meaning in one language."""
    if isinstance(said, Mapping):
        return (str(said["name"]), str(said.get("means") or "")) if said.get("name") else None
    return (str(said), "") if said else None


def _number(id: str, said: Any) -> float | None:
    if said is None:
        return None
    if isinstance(said, bool) or not isinstance(said, (int, float)) or not abs(said) < float("inf"):
        raise BadKpis.argument(id, "target", "14")
    return float(said)


def _one_of(id: str, word: str, said: str, known: tuple[str, ...]) -> None:
    if said not in known:
        raise BadKpis.value(id, word, said, known)
