"""What shall change? Read from a file that the user writes, and checked against a log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from l2c.improve import reading
from l2c.improve.changes import Change, Desk, Insert
from l2c.log import EventLog
from l2c.words.errors import BadScenario
from l2c.words.notes import Note, several

KEYS = ("version", "name", "from", "changes", "costs")
COSTS = ("add", "hours", "once", "running", "per")
# How many of each there are in a year.
PERIODS = {"year": 1.0, "quarter": 4.0, "month": 12.0, "week": 365 / 7}


@dataclass(frozen=True)
class Costs:
    """What a change costs, in the currency of the log.

    Attributes
    ----------
    add, hours
        Of each person more, and of each hour a week that a desk is open longer, a year; None where it was not said.
    once, running
        Once, and a year.
    """

    add: float | None = None
    hours: float | None = None
    once: float = 0.0
    running: float = 0.0


@dataclass(frozen=True)
class Scenario:
    """One change or several, of one log.

    Attributes
    ----------
    names
        What it is called, in English and Japanese.
    since
        From which day on.
    costs
        None where nothing was said of them.
    said
        As it stands in the file.
    """

    changes: tuple[Change, ...]
    names: tuple[str, str] = ("", "")
    since: date | None = None
    costs: Costs | None = None
    said: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def assumed(self) -> Note | None:
        """What of it no log can know."""
        return several(change.assumed for change in self.changes)


Given: TypeAlias = "Scenario | Mapping[str, Any] | Iterable[Mapping[str, Any]] | str | Path"
"""What shall change: a YAML file, its content, a list of changes, or a scenario that was read."""


def scenario(source: Given, log: EventLog) -> Scenario:
    """Read what shall change.

    Parameters
    ----------
    source
        A YAML file (docs/improve.md; `l2c template` writes one that explains every key), its content, or its `changes`.
    log
        The log it is about: activities may be named in either language, `where` has the filters on attributes of
        `log.where`.

    Raises
    ------
    BadScenario
        If it cannot be read, has a word that means nothing, names what the log does not have, or leaves out what no log
        can know; the message names the entry and the nearest words.
    """
    if isinstance(source, Scenario):
        return source
    raw = _file(Path(source)) if isinstance(source, (str, Path)) else source
    told = {str(key): value for key, value in raw.items()} if isinstance(raw, Mapping) else {"changes": raw}
    for key in told:
        if key not in KEYS:
            raise BadScenario.top(key, KEYS)
    if told.get("version", 1) != 1:
        raise BadScenario.form("version", "1")
    entries = told.get("changes")
    if isinstance(entries, (str, Mapping)) or not isinstance(entries, Iterable) or not (entries := list(entries)):
        raise BadScenario.shape()
    changes: list[Change] = []
    for number, entry in enumerate(entries, 1):
        new = [change.activity for change in changes if isinstance(change, Insert)]
        changes.append(reading.change(number, entry, log, new))
    costs = None if told.get("costs") is None else _costs(told["costs"])
    for change in changes:
        _costed(change, costs)
    return Scenario(
        tuple(changes), _names(told.get("name")), _since(told.get("from")), costs, told | {"changes": entries}
    )


def _file(path: Path) -> Any:
    try:
        found = yaml.safe_load(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        raise BadScenario.unreadable(path, problem) from problem
    if not isinstance(found, (dict, list)):
        raise BadScenario.shape()
    return found


def _names(said: Any) -> tuple[str, str]:
    if isinstance(said, Mapping):
        if not said or set(map(str, said)) - {"en", "ja"}:
            raise BadScenario.form("name", "{en: Faster approvals, ja: 承認の迅速化}")
        en, ja = (str(said.get(lang) or "") for lang in ("en", "ja"))
        return en or ja, ja or en
    return (str(said),) * 2 if said else ("", "")


def _since(said: Any) -> date | None:
    if said is None or isinstance(said, datetime):
        return None if said is None else said.date()
    try:
        return said if isinstance(said, date) else date.fromisoformat(str(said).strip())
    except ValueError:
        raise BadScenario.form("from", "2026-07-01") from None


def _costs(said: Any) -> Costs:
    example = "{add: 90_000, per: year}"
    if not isinstance(said, Mapping):
        raise BadScenario.form("costs", example)
    for key in said:
        if key not in COSTS:
            raise BadScenario.top(str(key), COSTS)
    if said.get("per", "year") not in PERIODS:
        raise BadScenario.form("costs › per", "year")
    yearly = PERIODS[said.get("per", "year")]
    found: dict[str, float] = {}
    for key in ("add", "hours", "once", "running"):
        value = said.get(key)
        if value is None:
            continue
        try:
            number = float(str(value).replace("_", ""))
        except ValueError:
            number = float("nan")
        if isinstance(value, bool) or not abs(number) < 1e300:
            raise BadScenario.form(f"costs › {key}", "90_000")
        found[key] = number * (1.0 if key == "once" else yearly)
    return Costs(**found)


def _costed(change: Change, costs: Costs | None) -> None:
    """People and hours have a price that no log knows."""
    if not isinstance(change, Desk):
        return
    if change.add and (costs is None or costs.add is None):
        raise BadScenario.lacks(change.number, change.head, "costs", "{add: 90_000, per: year}")
    if change.hours and costs is None:
        raise BadScenario.lacks(change.number, change.head, "costs", "{hours: 60, per: week}")
