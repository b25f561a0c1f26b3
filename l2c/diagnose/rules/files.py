"""Which rules shall hold? Read from a file that sales operations can write."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from l2c.diagnose.rules import histories, verbs
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
    en: str
    ja: str
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
    """Everything a rule file holds: `rules`, `tags`, `due_dates`."""
    return _shipped() if source is None else _read(Path(source))


@cache
def _shipped() -> dict[str, Any]:
    return _read(SHIPPED)


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
    labels = raw.get("name") or {}
    labels = labels if isinstance(labels, dict) else {"en": str(labels)}
    en = str(labels.get("en", name))
    return Rule(name, en, str(labels.get("ja", en)), str(raw.get("when") or ""), tuple(required), severity)
