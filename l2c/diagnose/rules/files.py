"""Which rules shall hold? Read from a file that sales operations can write."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from l2c.diagnose.rules import histories, verbs
from l2c.log import EventLog
from l2c.prepare.pseudonyms import unnamed
from l2c.words.errors import BadRules

VERBS: dict[str, verbs.Verb] = {
    "exists": verbs.exists,
    "absent": verbs.absent,
    "at_most": verbs.at_most,
    "at_least": verbs.at_least,
    "before": verbs.before,
    "precedes": verbs.before,
    "never_before": verbs.never_before,
    "never_together": verbs.never_together,
    "not_between": verbs.not_between,
    "followed_by": verbs.followed_by,
    "within": verbs.followed_by,
    "different_user": verbs.different_user,
    "same_user": verbs.same_user,
    "role": verbs.in_role,
    "attribute": verbs.attribute_in,
    "changes": histories.changes,
    "never_falls": histories.never_falls,
    "stages": histories.stages,
}
SHIPPED = Path(__file__).with_name("rules.yaml")
SEVERITY = {"low": 1.0, "medium": 2.0, "high": 3.0}
KEYS = {"id", "name", "when", "require", "severity"}
# Where a file keeps what a column of result tables is about.
PARTS = {"rule": "rules", "tag": "tags", "due": "due_dates"}
Names = dict[tuple[str, str], tuple[str, str]]
# What the files of the user's that were read call their own. A table carries ids; its names are those of the file that
# was read last, as the words of the process are those of the vocabulary.
_OWN: Names = {}


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes
    ----------
    when
        The cases it applies to (see `conditions`); empty for all.
    require
        What must hold, as (verb, argument); all of them.
    severity
        `low`, `medium` or `high`.
    """

    id: str
    when: str
    require: tuple[tuple[str, Any], ...]
    severity: str


def rules(source: str | Path | None = None) -> tuple[Rule, ...]:
    """Read the rules of a YAML file; those shipped with the kit unless one is given.

    Raises
    ------
    BadRules
        If the file cannot be read, a rule has an unknown key or verb, or two have one id; the message names the rule.
    """
    found = tuple(_rule(raw) for raw in document(source).get("rules") or ())
    ids = [rule.id for rule in found]
    if twice := sorted({name for name in ids if ids.count(name) > 1}):
        raise BadRules.twice(twice[0])
    return found


def document(source: str | Path | None = None) -> dict[str, Any]:
    """Everything a rule file holds: `rules`, `tags`, `due_dates`; the names in it are known from then on."""
    if source is None:
        return _shipped()
    found = _read(Path(source))
    for key, names in _names(found):
        _OWN.pop(key, None)
        _OWN.update({key: names} if names else {})
    return found


def shipped_names(source: str | Path | None, column: str) -> None:
    """Where a table is made by the rules of the kit, forget what a file of the user's calls what has the same ids.

    Most such files are copies of the shipped one: the words of one client must not stand on the pages of the next.
    """
    for key in [key for key in _OWN if source is None and key[0] == column]:
        del _OWN[key]


def called(column: str, id: str, lang: str) -> str | None:
    """What a rule, a tag or a due date is called.

    Parameters
    ----------
    column
        Where its id stands: `rule`, `tag`, `due`.

    Returns
    -------
    Its name in the file of the user's that was read last and has such an id, else in the shipped one; None where it has
    no name. What is named in one language only has that name in both.
    """
    names = _OWN.get((column, id)) or _shipped_names().get((column, id))
    return names and names[lang == "ja"]


def handed(
    source: str | Path, log: EventLog, *, names: bool = False, mask: Sequence[str] = (), hide: bool = True
) -> str:
    """A rule file as it may lie beside the log that `l2c.prepare.pseudonyms.handed` makes with the same words."""
    said = unnamed(document(source), log, names=names, mask=mask, hide=hide)
    return yaml.safe_dump(said, allow_unicode=True, sort_keys=False)


@cache
def _shipped() -> dict[str, Any]:
    return _read(SHIPPED)


@cache
def _shipped_names() -> Names:
    return {key: names for key, names in _names(_shipped()) if names}


def _names(document: dict[str, Any]) -> Iterator[tuple[tuple[str, str], tuple[str, str] | None]]:
    """The names of all entries with an id, by column and id."""
    for column, part in PARTS.items():
        entries = document.get(part)
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, dict) and "id" in entry:
                yield (column, str(entry["id"])), _named(entry)


def _named(entry: dict[str, Any]) -> tuple[str, str] | None:
    said = entry.get("name") or entry
    en, ja = (said.get("en"), said.get("ja")) if isinstance(said, dict) else (said, said)
    return (str(en or ja), str(ja or en)) if en or ja else None


def _read(path: Path) -> dict[str, Any]:
    try:
        found = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        raise BadRules.unreadable(path, problem) from problem
    if not isinstance(found, dict) or not isinstance(found.get("rules", []), list):
        raise BadRules.shape(path)
    return found


def _rule(raw: Any) -> Rule:
    if not isinstance(raw, dict) or "id" not in raw or "require" not in raw:
        raise BadRules.incomplete(raw)
    name = str(raw["id"])
    if unknown := sorted(set(raw) - KEYS):
        raise BadRules.key(name, unknown[0], sorted(KEYS))
    parts = raw["require"] if isinstance(raw["require"], list) else [raw["require"]]
    if not parts:
        raise BadRules.incomplete(raw)
    required = []
    for part in parts:
        if not isinstance(part, dict) or not part:
            raise BadRules.incomplete(raw)
        # `{attribute: terms, in: [...]}` reads better than a verb with two arguments.
        verb = "attribute" if "attribute" in part else next(iter(part))
        if verb not in VERBS:
            raise BadRules.verb(name, str(verb), sorted(VERBS))
        if verb != "attribute" and len(part) > 1:
            raise BadRules.argument(name, "require", "[{exists: Quote Sent}, {absent: Order Cancelled}]")
        required.append((verb, part if verb == "attribute" else part[verb]))
    severity = str(raw.get("severity", "medium"))
    if severity not in SEVERITY:
        raise BadRules.key(name, f"severity: {severity}", sorted(SEVERITY))
    return Rule(name, str(raw.get("when") or ""), tuple(required), severity)
