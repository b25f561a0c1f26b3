"""What was decided, what is aimed at, and which findings count? The register beside the log is the one home of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from l2c.improve import editing, entries
from l2c.improve.entries import NAME, OF_FINDING, REALISED, Decision, Own, Register
from l2c.words.errors import BadRegister


def register(path: str | Path, own: Own = ()) -> Register:
    """Read a register; one that is not there yet is empty.

    Parameters
    ----------
    path
        The file (docs/register.md), or the folder in which it lies as `register.yaml`.
    own
        Ids of key figures of the user's that may be named beside those of the kit, such as `log.base.measures`.

    Raises
    ------
    BadRegister
        If it cannot be read or has a word that means nothing; the message names the place and the nearest words.
    """
    file = _file(path)
    return entries.checked(_read(file.read_text("utf-8-sig"), file), own) if file.exists() else Register()


def record(path: str | Path, decision: Decision, own: Own = ()) -> Path:
    """Write a decision into a register, and leave everything else in it as it stands, comments too.

    A decision of the same id is renewed. The file is made where there is none.

    Raises
    ------
    BadRegister
        If the file, or the decision, makes no sense.
    """
    entry = decision.entry()
    return _changed(path, lambda text: editing.put_in_list(text, "decisions", entry), own)


def aim(path: str | Path, kpi: str, to: float, by: str = "", own: Own = ()) -> Path:
    """Write a target into a register: where a key figure shall be, and by when; see `record`."""
    entry = {"to": to} | ({"by": by} if by else {})
    return _changed(path, lambda text: editing.put_in_record(text, "targets", kpi, entry), own)


def judge(
    path: str | Path, finding: str, verdict: str, reason: str = "", by: str = "", day: date | None = None
) -> Path:
    """Write into a register that a finding (`finding_id`) was `kept` or `dismissed`, and why; see `record`."""
    said = zip(OF_FINDING, (finding, verdict, reason, by, day), strict=True)
    entry = {key: value for key, value in said if value not in (None, "")}
    return _changed(path, lambda text: editing.put_in_list(text, "findings", entry), ())


def realise(path: str | Path, decision: str, found: Mapping[str, Any], status: str = "done", own: Own = ()) -> Path:
    """Write into a register what came of a decision, and how it stands; see `record`.

    Parameters
    ----------
    decision
        Its id.
    found
        `difference, low, high` (or `realised, realised_low, realised_high`), `unit`, `level`, the `verdict` and the `date` on
        which it was measured; whatever else it has is left out, so that it may be a row of a table.

    Raises
    ------
    BadRegister
        If the file makes no sense, or holds no such decision.
    """
    known = [each.id for each in register(path, own).decisions]
    if decision not in known:
        raise BadRegister.key("decisions", decision, known)
    told = {"difference": "realised", "low": "realised_low", "high": "realised_high"}
    said = {name: _plain(found.get(told.get(name, name), found.get(name))) for name in REALISED}
    entry = {
        "id": decision,
        "status": status,
        "realised": {key: value for key, value in said.items() if value is not None},
    }
    return _changed(path, lambda text: editing.put_in_list(text, "decisions", entry), own)


def _plain(value: Any) -> Any:
    """A value as YAML writes it; a number that is not known is none."""
    if value is None or isinstance(value, (str, date)):
        return value.date() if isinstance(value, datetime) else value
    return None if value != value else float(f"{float(value):.4g}")


def finding_id(finding: Mapping[str, Any] | pd.Series) -> str:
    """What a row of `diagnose.findings` is called in a register: its kind and what it is about, not its numbers.

    Examples
    --------
    >>> finding_id({"kind": "cause", "kpi": "win_rate", "step": None, "attribute": "region", "value": "EMEA"})
    'cause: win_rate, region=EMEA'
    """

    def text(name: str) -> str:
        value = finding.get(name)
        if isinstance(value, (tuple, list)):
            return " > ".join(map(str, value))
        return "" if value is None or value != value else str(value)

    about = [text("kpi"), text("step")]
    about.append("=".join(filter(None, [text("attribute"), text("value")])))
    return f"{text('kind')}: {', '.join(filter(None, about))}"


def _file(path: str | Path) -> Path:
    return Path(path) / NAME if Path(path).is_dir() else Path(path)


def _changed(path: str | Path, edit: Callable[[str], str], own: Own) -> Path:
    """Change a file at one place, whole or not at all."""
    file = _file(path)
    text = file.read_text("utf-8-sig") if file.exists() else "version: 1\n"
    before = _read(text, file)
    entries.checked(before, own)
    try:
        new = edit(text)
        after = yaml.safe_load(new)
    except yaml.YAMLError:
        raise BadRegister.layout(file) from None
    if not isinstance(after, dict) or not _only_added(before, after):
        raise BadRegister.layout(file)
    entries.checked(after, own)
    spare = file.with_name(f".{file.name}.{os.getpid()}")
    spare.write_text(new, "utf-8")
    os.replace(spare, file)
    return file


def _only_added(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether whatever stood there stands there still, but for at most one entry that was renewed."""
    changed = 0
    for part, value in before.items():
        now = after.get(part)
        if isinstance(value, list) and isinstance(now, list):
            changed += sum(one != other for one, other in zip(value, now, strict=False)) + (len(now) < len(value))
        elif isinstance(value, dict) and isinstance(now, dict):
            changed += sum(value[key] != now.get(key) for key in value)
        else:
            changed += value != now and value not in (None, [], {})
    return changed <= 1


def _read(text: str, file: Path) -> dict[str, Any]:
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as problem:
        raise BadRegister.unreadable(file, problem) from problem
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise BadRegister.unreadable(file, "it holds no decisions, targets or findings")
    return {str(key): value for key, value in found.items()}
