"""What may stand in a register: decisions, targets, findings kept or dismissed, and what else happened on a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from l2c.words.errors import BadRegister
from l2c.words.measures import measures

NAME = "register.yaml"
PARTS = ("version", "decisions", "targets", "findings", "notes")
STATUSES = ("planned", "running", "done", "dropped")
EXPECTED = ("difference", "low", "high", "unit", "level")
REALISED = (*EXPECTED, "verdict", "date")
OF_DECISION = (
    "id", "name", "status", "decided", "from", "owner", "why", "changes", "costs", "kpi", "expected", "assumed", "cost",
    "needs", "due", "realised",
)  # fmt: skip
OF_TARGET = ("to", "by")
OF_FINDING = ("id", "verdict", "reason", "by", "date")
OF_NOTE = ("date", "text")
VERDICTS = ("kept", "dismissed")
Own = Iterable[str]


@dataclass(frozen=True)
class Decision:
    """What was decided.

    Attributes
    ----------
    names
        In English and Japanese.
    status
        `planned`, `running`, `done` or `dropped`.
    why
        The id of a finding (`finding_id`), or a reason in words.
    kpi
        The one key figure that will tell, announced beforehand.
    expected
        `difference, low, high, unit, level` of that key figure.
    assumed
        What of it no log can know, in English and Japanese.
    cost
        `once` and `yearly`.
    needs
        `cases` and `weeks` until the effect can be told from chance.
    due
        The day by which it shall be done.
    realised
        What came of it: as `expected`, with the `verdict` and the `date` on which it was measured.
    """

    id: str
    kpi: str
    names: tuple[str, str] = ("", "")
    status: str = "planned"
    decided: date | None = None
    since: date | None = None
    owner: str = ""
    why: str = ""
    changes: tuple[Mapping[str, Any], ...] = ()
    costs: Mapping[str, Any] = field(default_factory=dict)
    expected: Mapping[str, Any] = field(default_factory=dict)
    assumed: tuple[tuple[str, str], ...] = ()
    cost: Mapping[str, float] = field(default_factory=dict)
    needs: Mapping[str, float] = field(default_factory=dict)
    due: date | None = None
    realised: Mapping[str, Any] = field(default_factory=dict)

    def entry(self) -> dict[str, Any]:
        """What stands of it in the file; what is empty does not."""
        en, ja = self.names
        name: Any = {"en": en, "ja": ja} if en != ja else en
        said = (
            self.id, name, self.status, self.decided, self.since, self.owner, self.why, [dict(c) for c in self.changes],
            dict(self.costs), self.kpi, dict(self.expected), [{"en": en, "ja": ja} for en, ja in self.assumed], dict(self.cost), dict(self.needs),
            self.due, dict(self.realised),
        )  # fmt: skip
        return {key: value for key, value in zip(OF_DECISION, said, strict=True) if value not in (None, "", [], {})}


@dataclass(frozen=True)
class Target:
    """Where a key figure shall be, and by when (`2027-03`, `2027-03-31`, or empty)."""

    to: float
    by: str = ""


@dataclass(frozen=True)
class Judged:
    """A finding that was kept or dismissed, why, by whom, and when."""

    id: str
    verdict: str
    reason: str = ""
    by: str = ""
    day: date | None = None


@dataclass(frozen=True)
class Dated:
    """What happened on a day, in English and Japanese, to be seen on whatever shows that time."""

    day: date
    texts: tuple[str, str]


@dataclass(frozen=True)
class Register:
    """Everything a register holds."""

    decisions: tuple[Decision, ...] = ()
    targets: Mapping[str, Target] = field(default_factory=dict)
    findings: tuple[Judged, ...] = ()
    notes: tuple[Dated, ...] = ()


def beside(log: str | Path) -> Path | None:
    """The register in the folder of a log, else that beside it; None where there is none."""
    places = (Path(log) / NAME, Path(log).resolve().parent / NAME)
    return next((place for place in places if place.is_file()), None)


def checked(raw: Mapping[str, Any], own: Own) -> Register:
    """What a register holds; an error where it makes no sense."""
    _known(NAME, raw, PARTS)
    if raw.get("version", 1) != 1:
        raise BadRegister.argument(NAME, "version", "1")
    kpis = [*measures(), *own]
    decisions = tuple(_decision(each, kpis) for each in _list(raw, "decisions"))
    findings = tuple(_judged(each) for each in _list(raw, "findings"))
    for part, ids in (("decisions", [d.id for d in decisions]), ("findings", [f.id for f in findings])):
        if twice := next((id for id in ids if ids.count(id) > 1), None):
            raise BadRegister.twice(part, twice)
    targets = raw.get("targets") or {}
    if not isinstance(targets, dict):
        raise BadRegister.argument(NAME, "targets", "{sales_cycle_days: {to: 50, by: 2027-03}}")
    aims = {str(kpi): _target(str(kpi), said, kpis) for kpi, said in targets.items()}
    return Register(decisions, aims, findings, _notes(raw))


def _notes(raw: Mapping[str, Any]) -> tuple[Dated, ...]:
    found = []
    for number, each in enumerate(_entries(raw, "notes", "[{date: 2026-07-01, text: new price list}]"), 1):
        place = f"notes, {number}"
        _known(place, each, OF_NOTE)
        day, text = _day(place, "date", each), _both(each.get("text") or "")
        if day is None or not any(text):
            raise BadRegister.lacks(place, *(("date", "2026-07-01") if day is None else ("text", "new price list")))
        found.append(Dated(day, text))
    return tuple(sorted(found, key=lambda note: (note.day, note.texts)))


def _entries(raw: Mapping[str, Any], part: str, example: str) -> list[dict[str, Any]]:
    entries = raw.get(part) or []
    if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
        raise BadRegister.argument(NAME, part, example)
    return entries


def _list(raw: Mapping[str, Any], part: str) -> list[dict[str, Any]]:
    entries = _entries(raw, part, "[{id: …}]")
    for number, each in enumerate(entries, 1):
        if not each.get("id"):
            raise BadRegister.lacks(f"{part}, {number}", "id", "faster_approvals")
    return entries


def _decision(raw: Mapping[str, Any], kpis: list[str]) -> Decision:
    place = f"decisions, {raw['id']}"
    _known(place, raw, OF_DECISION)
    if not raw.get("kpi"):
        raise BadRegister.lacks(place, "kpi", "sales_cycle_days")
    _one_of(place, str(raw["kpi"]), kpis)
    status = str(raw.get("status", STATUSES[0]))
    _one_of(place, status, STATUSES)
    records = {key: raw.get(key) or {} for key in ("expected", "costs", "cost", "needs", "realised")}
    for key, value in records.items():
        if not isinstance(value, dict):
            raise BadRegister.argument(place, key, "{difference: -2.1, low: -3.4, high: -0.9}")
    _known(f"{place}, expected", records["expected"], EXPECTED)
    _known(f"{place}, realised", records["realised"], REALISED)
    changes = raw.get("changes") or []
    if not isinstance(changes, list):
        raise BadRegister.argument(place, "changes", "[{skip: Contract Approval Requested}]")
    return Decision(
        str(raw["id"]), str(raw["kpi"]), _both(raw.get("name") or ""), status, _day(place, "decided", raw), _day(place, "from", raw),
        str(raw.get("owner") or ""), str(raw.get("why") or ""), tuple(changes), records["costs"], records["expected"],
        tuple(_both(each) for each in raw.get("assumed") or ()), records["cost"], records["needs"],
        _day(place, "due", raw), records["realised"],
    )  # fmt: skip


def _both(said: Any) -> tuple[str, str]:
    """A text in English and Japanese; one of them serves for both."""
    en, ja = (str(said.get(lang) or "") for lang in ("en", "ja")) if isinstance(said, dict) else (str(said), str(said))
    return en or ja, ja or en


def _target(kpi: str, raw: Any, kpis: list[str]) -> Target:
    _one_of("targets", kpi, kpis)
    place, example = f"targets, {kpi}", "{to: 50, by: 2027-03}"
    said = raw if isinstance(raw, dict) else {"to": raw}
    _known(place, said, OF_TARGET)
    to = said.get("to")
    if isinstance(to, bool) or not isinstance(to, (int, float)):
        raise BadRegister.argument(place, "to", example)
    by = str(said.get("by") or "")
    try:
        if by:
            date.fromisoformat(by if len(by) > 7 else f"{by}-01")
    except ValueError:
        raise BadRegister.argument(place, "by", example) from None
    return Target(float(to), by)


def _judged(raw: Mapping[str, Any]) -> Judged:
    place = f"findings, {raw['id']}"
    _known(place, raw, OF_FINDING)
    if not raw.get("verdict"):
        raise BadRegister.lacks(place, "verdict", "dismissed")
    _one_of(place, str(raw["verdict"]), VERDICTS)
    reason, by = (str(raw.get(key) or "") for key in ("reason", "by"))
    return Judged(str(raw["id"]), str(raw["verdict"]), reason, by, _day(place, "date", raw))


def _known(place: str, raw: Mapping[str, Any], known: Iterable[str]) -> None:
    for key in raw:
        _one_of(place, str(key), known)


def _one_of(place: str, word: str, known: Iterable[str]) -> None:
    if word not in (known := list(known)):
        raise BadRegister.key(place, word, known)


def _day(place: str, word: str, raw: Mapping[str, Any]) -> date | None:
    value = raw.get(word)
    if value is None or isinstance(value, datetime):
        return None if value is None else value.date()
    try:
        return value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError:
        raise BadRegister.argument(place, word, "2026-07-01") from None
