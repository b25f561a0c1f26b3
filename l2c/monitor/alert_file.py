"""What shall be watched, and from when on is it alarming? Read from a file that the user writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from l2c.diagnose.rules.files import SEVERITY
from l2c.log import EventLog
from l2c.prepare.pseudonyms import unnamed
from l2c.system.places import TEMPLATES
from l2c.words import matching
from l2c.words.errors import BadAlerts
from l2c.words.measures import fair

KEYS = ("version", "alerts")
OF_ALERT = ("id", "name", "watch", "measure", "limit", "when", "severity")
DEALS, INVOICES, RULES, STEPS, KPIS = WATCHES = ("open_deals", "invoices", "rules", "steps", "kpis")
# What can be measured of each; of key figures, any of them.
MEASURES: dict[str, dict[str, str]] = {
    DEALS: {
        "in_stage_days": "day",
        "quiet_days": "day",
        "age_days": "day",
        "amount": "money",
        "rules_broken": "count",
        "expected_value": "money",
        "at_risk_value": "money",
    },
    INVOICES: {"late_days": "day", "open_amount": "money"},
    RULES: {"broken": "", "broken_share": "fraction"},
    STEPS: {"pace": ""},
}
# Days of which it can be learnt how long is long.
LEARNT = ("in_stage_days", "quiet_days", "age_days", "late_days")
# Measures that have a limit of their own.
OWN_LIMIT = ("broken", "broken_share", "pace")
TARGET = "target"
EXAMPLE = "{share: 0.1}"
SHIPPED = "alerts.yaml"


@dataclass(frozen=True)
class Learnt:
    """A limit that so large a share exceeds of all that get there, each group by itself."""

    share: float
    by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Alert:
    """One alert.

    Attributes
    ----------
    names
        In English and Japanese.
    measure
        What is measured; empty where only the condition decides.
    limit
        A number, what it is learnt from, `target`, or None.
    when
        Which rows count (see `l2c.monitor.when`); empty for all.
    """

    id: str
    watch: str
    measure: str
    limit: float | Learnt | str | None
    when: str
    severity: str
    names: tuple[str, str]

    @property
    def place(self) -> str:
        """What messages call it."""
        return f"alert {self.id}"


Source: TypeAlias = "str | Path | Mapping[str, Any] | Iterable[Mapping[str, Any]] | None"
"""What to watch: a YAML file, its content, a list of alerts, or those of the kit where there is none."""


def alert_file(source: Source, own: Iterable[str] = ()) -> tuple[Alert, ...]:
    """Read what shall be watched.

    Parameters
    ----------
    source
        A YAML file (docs/monitor.md; `l2c template` writes one that explains every key), its content or its `alerts`; those
        of the kit unless given.
    own
        Ids of the key figures of a log.

    Raises
    ------
    BadAlerts
        If it cannot be read or has a word that means nothing; the message names the alert and the nearest words.
    """
    raw = source if source is not None else TEMPLATES / SHIPPED
    raw = _file(Path(raw)) if isinstance(raw, str | Path) else raw
    told = {str(key): value for key, value in raw.items()} if isinstance(raw, Mapping) else {"alerts": raw}
    for key in told:
        _one_of("alerts.yaml", key, KEYS)
    if told.get("version", 1) != 1:
        raise BadAlerts.argument("alerts.yaml", "version", "1")
    entries = told.get("alerts")
    if isinstance(entries, str | Mapping) or not isinstance(entries, Iterable):
        raise BadAlerts.shape()
    found = tuple(_alert(number, entry, list(own)) for number, entry in enumerate(entries, 1))
    ids = [alert.id for alert in found]
    if twice := next((id for id in ids if ids.count(id) > 1), None):
        raise BadAlerts.twice(twice)
    return found


def handed(
    source: str | Path, log: EventLog, *, names: bool = False, mask: Sequence[str] = (), hide: bool = True
) -> str:
    """A file of alerts as it may lie beside the log that `l2c.prepare.pseudonyms.handed` makes with the same words."""
    said = unnamed(_file(Path(source)), log, names=names, mask=mask, hide=hide)
    return yaml.safe_dump(said, allow_unicode=True, sort_keys=False)


def _file(path: Path) -> Any:
    try:
        found = yaml.safe_load(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        raise BadAlerts.unreadable(path, problem) from problem
    if not isinstance(found, dict | list):
        raise BadAlerts.shape()
    return found


def _alert(number: int, raw: Any, kpis: list[str]) -> Alert:
    if not isinstance(raw, Mapping):
        raise BadAlerts.shape()
    it = {str(key): value for key, value in raw.items()}
    if not it.get("id"):
        raise BadAlerts.lacks(f"alert {number}", "id", "stalled")
    id = str(it["id"])
    place = f"alert {id}"
    for key in it:
        _one_of(place, key, OF_ALERT)
    if not it.get("watch"):
        raise BadAlerts.lacks(place, "watch", DEALS)
    watch, severity = str(it["watch"]), str(it.get("severity", "medium"))
    _one_of(place, watch, WATCHES)
    _one_of(place, severity, SEVERITY)
    when = it.get("when") or ""
    if not isinstance(when, str) or (when and watch in (STEPS, KPIS)):
        raise BadAlerts.argument(place, "when", "amount > 100_000")
    measure = str(it.get("measure") or (next(iter(MEASURES[watch])) if watch in (RULES, STEPS) else ""))
    known = kpis if watch == KPIS else list(MEASURES[watch])
    # A rate to date would only rise with the age of the cases.
    measure = fair(measure) if measure and watch == KPIS else measure
    if measure:
        _one_of(place, measure, known)
    elif watch == KPIS and it.get("limit", TARGET) == TARGET:
        # Whatever has a target.
        pass
    elif watch == KPIS or not when or it.get("limit") is not None:
        raise BadAlerts.lacks(place, "measure", "sales_cycle_days" if watch == KPIS else known[0])
    limit = _limit(place, it.get("limit"), watch, measure)
    return Alert(id, watch, measure, limit, when, severity, _names(place, it.get("name"), id))


def _limit(place: str, raw: Any, watch: str, measure: str) -> float | Learnt | str | None:
    if raw is None:
        if measure and measure not in OWN_LIMIT and watch != KPIS:
            raise BadAlerts.lacks(place, "limit", EXAMPLE if measure in LEARNT else "100_000")
        return TARGET if watch == KPIS else None
    if measure in OWN_LIMIT and measure != "broken_share":
        raise BadAlerts.key(place, "limit", [key for key in OF_ALERT if key != "limit"])
    if raw == TARGET and watch == KPIS:
        return TARGET
    if isinstance(raw, Mapping):
        return _learnt(place, {str(key): value for key, value in raw.items()}, measure)
    number = _number(raw)
    if number is None:
        example = TARGET if watch == KPIS else EXAMPLE if measure in LEARNT else "100_000"
        raise BadAlerts.argument(place, "limit", example)
    return number


def _learnt(place: str, raw: dict[str, Any], measure: str) -> Learnt:
    for key in raw:
        _one_of(f"{place}, limit", key, ("share", "by"))
    if measure not in LEARNT:
        raise BadAlerts.not_learnt(place, LEARNT)
    share = _number(raw.get("share"))
    if share is None or not 0 < share < 1:
        raise BadAlerts.argument(f"{place}, limit", "share", "0.1")
    by = raw.get("by") or []
    by = tuple(map(str, by)) if isinstance(by, list) else (str(by),)
    if person := next((name for name in by if matching.is_person(name)), None):
        raise BadAlerts.people(place, person)
    # A stay is in a stage, whether that is said or not.
    return Learnt(share, tuple(name for name in dict.fromkeys(by) if name != "stage"))


def _number(raw: Any) -> float | None:
    if isinstance(raw, bool):
        return None
    try:
        found = float(str(raw).replace("_", ""))
    except ValueError:
        return None
    return found if abs(found) < 1e300 else None


def _names(place: str, said: Any, id: str) -> tuple[str, str]:
    if isinstance(said, Mapping):
        if not said or set(map(str, said)) - {"en", "ja"}:
            raise BadAlerts.argument(place, "name", "{en: Stalled, ja: 停滞}")
        en, ja = (str(said.get(lang) or "") for lang in ("en", "ja"))
        return en or ja, ja or en
    return (str(said),) * 2 if said else (id, id)


def _one_of(place: str, word: str, known: Iterable[str]) -> None:
    if word not in (known := list(known)):
        raise BadAlerts.key(place, word, known)
