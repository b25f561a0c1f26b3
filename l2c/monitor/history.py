"""What did each run of a log find? One small file a run, beside the log it is about."""

from __future__ import annotations

import hashlib
import json
import math
import os
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import narwhals as nw
import pandas as pd

from l2c import __version__, engine
from l2c.diagnose.findings import everything, listed
from l2c.diagnose.rules.compliance import Source
from l2c.improve.register import finding_id
from l2c.kpis import kpis
from l2c.log import EventLog, manifest, storage
from l2c.prepare.pseudonyms import hidden, policy
from l2c.words.errors import UnreadableLog

SCHEMA = 1
# Beside the log of a report that was handed out stands whose it is: there nothing is kept.
DELIVERED = "report.json"
OF_KPI = ("kpi", "value", "low", "high", "unit", "cases")
OF_FINDING = (
    "kind", "kpi", "step", "attribute", "value", "effect", "low", "high", "unit", "cases", "days", "money",
)  # fmt: skip
_NONSENSE = (OSError, ValueError, KeyError, TypeError, AttributeError)


def remember(
    log: EventLog, folder: str | Path, kind: str, *, rules: Source = None, alerts: pd.DataFrame | None = None
) -> Path | None:
    """Keep what a run found beside the saved log, as a file of its own in `history`.

    Parameters
    ----------
    log
        The log as it was looked at: the saved one, or a selection of it.
    folder
        Where the log is saved.
    kind
        What ran: `report`, `watch`.
    rules
        The rules it was judged by, as for `diagnose.findings`.
    alerts
        What was flagged, a row each; rows about a deal name it in `case_id`.

    Returns
    -------
    The file; None where nothing is kept: beside a plain file, and in a report that was handed out.

    Notes
    -----
    A file is written beside and moved into place, so that runs at the same time do not meet and one that is cut off leaves
    nothing half written. It holds names as the log beside it does; whatever is shown of it is hidden as the log says then.
    """
    place = Path(folder)
    if not keeps(place):
        return None
    if manifest.read(place, place).facts.get("id") != log.base.id:
        raise UnreadableLog.other_history(place)
    when = datetime.now(UTC).replace(tzinfo=None)
    facts = {
        "schema": SCHEMA, "kind": kind, "when": when.isoformat(), "version": __version__, **_key(log), "rules": of_rules(rules),
        **(_known(place, log, rules) or state(log, rules)), "alerts": [] if alerts is None else _records(alerts, list(alerts.columns)),
    }  # fmt: skip
    target = place / storage.HISTORY
    target.mkdir(exist_ok=True)
    file = target / f"{when:%Y-%m-%dT%H-%M-%S}-{kind}-{secrets.token_hex(3)}.json"
    beside = target / f".{file.name}.{os.getpid()}"
    beside.write_text(json.dumps(facts, ensure_ascii=False, indent=1), "utf-8")
    os.replace(beside, file)
    return file


def _known(folder: Path, log: EventLog, rules: Source) -> dict[str, Any] | None:
    """What a run of this version found on the same cases by the same rules: it need not be looked for again."""
    wanted = {"version": __version__, "rules": of_rules(rules), "inputs": _inputs(log)}
    for run in reversed(recalled(folder, log)):
        if all(run[name] == value for name, value in wanted.items()):
            return {name: run[name] for name in ("inputs", "data", "kpis", "findings")}
    return None


def keeps(folder: Path) -> bool:
    """Whether runs are kept in a folder: it is a saved log, and none that was handed out with a report."""
    return storage.is_log(folder) and not (folder.resolve().parent / DELIVERED).exists()


def recalled(folder: str | Path, log: EventLog) -> list[dict[str, Any]]:
    """The runs of a log on the same selection, oldest first; files that cannot be understood are passed over."""
    place, wanted = Path(folder) / storage.HISTORY, _key(log)
    known, found = {wanted.pop("log"), *storage.followed(Path(folder))}, []
    for file in sorted(place.glob("*.json")) if place.is_dir() else []:
        try:
            facts = json.loads(file.read_text("utf-8"))
            same = facts["schema"] == SCHEMA and facts["log"] in known
            if same and all(facts[name] == value for name, value in wanted.items()):
                found.append(facts | {"when": datetime.fromisoformat(facts["when"])})
        except _NONSENSE:
            continue
    return sorted(found, key=lambda facts: facts["when"])


def state(log: EventLog, rules: Source = None) -> dict[str, Any]:
    """What is compared from run to run: `inputs`, `data`, `kpis`, `findings`; made once of a log."""
    key = ("state", json.dumps(_key(log), sort_keys=True), of_rules(rules), log.origin.smallest)
    return log.base.memo(key, lambda: _state(log, rules))


def _state(log: EventLog, rules: Source) -> dict[str, Any]:
    found = everything(policy(log, names=True, smallest=log.origin.smallest), rules=rules)
    top = set(listed(found)) if len(found) else set()
    shown = hidden(found, log, False)
    rows = _records(found, OF_FINDING)
    for place, row in zip(found.index, rows, strict=True):
        told = finding_id(shown.loc[place]) if place in shown.index else ""
        row |= {"id": finding_id(found.loc[place]), "told": told, "listed": place in top}
    return {
        "inputs": _inputs(log),
        "data": data(log),
        "kpis": _records(kpis(log), OF_KPI),
        "findings": rows,
    }


def _inputs(log: EventLog) -> dict[str, Any]:
    """What the findings hang on beside rules and selection; of people, groups of some size at least are told."""
    own = hashlib.sha256(repr(log.base.own_kpis).encode()).hexdigest() if log.base.own_kpis else ""
    said = {"content": log.base.content, "until": log.extracted.isoformat(), "kpis": own}
    return said | {"smallest": log.origin.smallest, "rows_read": log.quality.rows_read}


def data(log: EventLog) -> dict[str, Any]:
    """What the log holds: rows, columns and how full they are, activities, and what looks odd."""
    cases = log.cases
    names = [*log.attributes]
    filled = engine.collect(
        cases.select(
            nw.len().alias("_n"), *((~nw.col(name).is_null()).sum().alias(f"_{n}") for n, name in enumerate(names))
        )
    )
    n = int(filled["_n"].iloc[0])
    counted = engine.collect(log.events.group_by("activity").agg(n=nw.len()))
    span = engine.collect(log.events.select(first=nw.col("time").min(), last=nw.col("time").max())).iloc[0]
    quality = log.quality
    odd: dict[str, int] = {}
    for row in quality.findings.to_dict("records"):
        odd[str(row["finding"])] = odd.get(str(row["finding"]), 0) + int(row["count"])
    return {
        "extracted": log.extracted.isoformat(),
        "first": None if pd.isna(span["first"]) else span["first"].isoformat(),
        "last": None if pd.isna(span["last"]) else span["last"].isoformat(),
        "rows": {"read": quality.rows_read, "used": quality.rows_used, **quality.reasons},
        "cases": n,
        "events": int(counted["n"].sum()),
        "columns": {name: round(int(filled[f"_{k}"].iloc[0]) / n, 4) if n else 0.0 for k, name in enumerate(names)},
        "activities": {str(a): int(c) for a, c in sorted(zip(counted["activity"], counted["n"], strict=True))},
        "odd": dict(sorted(odd.items())),
    }


def of_rules(rules: Source) -> str:
    """The hash of rules of one's own; empty for those shipped with the kit."""
    if rules is None:
        return ""
    said = Path(rules).read_bytes() if isinstance(rules, (str, Path)) else repr(rules).encode()
    return hashlib.sha256(said).hexdigest()


def _key(log: EventLog) -> dict[str, Any]:
    """What must be the same for two runs to be compared."""
    hours = str(log.hours)
    return {"log": log.base.id, "selection": dict(log.filters), "hours": hours, "masked": sorted(log.origin.masked)}


def _records(table: pd.DataFrame, columns: Any) -> list[dict[str, Any]]:
    """Rows as values that JSON knows."""
    return [{name: _plain(row.get(name)) for name in columns} for row in table.to_dict("records")]


def _plain(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if value is None or value is pd.NaT or isinstance(value, (str, bool)):
        return None if value is pd.NaT else value
    if isinstance(value, (int, float)) or hasattr(value, "__float__"):
        number = float(value)
        if not math.isfinite(number):
            return None
        return int(number) if float(number).is_integer() and not isinstance(value, float) else float(f"{number:.6g}")
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
