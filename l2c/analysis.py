"""Everything the kit measures of one log, as plain values for other programs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from l2c import diagnose, engine
from l2c.discover import flow, variants
from l2c.kpis import kpis
from l2c.log import END, START, EventLog
from l2c.measures.behind import BEHIND
from l2c.words.notes import Note

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["analysis"]

SCHEMA = 1
TOP_VARIANTS = 100
TABLES = (
    "findings",
    "bottlenecks",
    "working_times",
    "payments",
    "receivables",
    "ageing",
    "quote_to_contract",
    "landmarks",
    "rework",
    "discounts",
    "leakage",
    "reps",
    "coaching",
    "conversion",
    "silent",
    "deviations",
    "slow_variants",
    "journey",
    "detours",
    "restarts",
    "tag_counts",
)


def analysis(log: EventLog) -> dict[str, Any]:
    """Measure everything.

    Returns
    -------
    What `l2c analyse --json` writes: `schema, log, quality, kpis, flow, variants, causes, violations`, then the other
    tables of the diagnosis by the names of their functions in `l2c.diagnose`, a list of rows each. Missing numbers are
    None. Names of reps are hidden in `findings`, `reps` and `coaching`, and stand in `causes` as in the log.
    """
    return {
        "schema": SCHEMA,
        "log": _facts(log),
        "quality": log.quality.summary() | {"top": list(map(str, log.quality.top))},
        "kpis": _kpis(kpis(log)),
        "flow": _flow(flow(log)),
        "variants": _variants(variants(log)),
        "causes": [_cause(row) for row in records(diagnose.causes(log))],
        "violations": records(diagnose.violations(log)),
        **{name: records(getattr(diagnose, name)(log)) for name in TABLES},
    }


def _cause(row: dict[str, Any]) -> dict[str, Any]:
    """A cause, with its step only where it is about one."""
    return {key: value for key, value in row.items() if key != "step" or value is not None}


def _facts(log: EventLog) -> dict[str, Any]:
    import narwhals as nw

    ends = engine.collect(log.cases.select(first=nw.col("started").min(), last=nw.col("ended").max())).iloc[0]
    return {
        "cases": log.n_cases,
        "events": log.n_events,
        "first": None if log.n_cases == 0 else ends["first"].isoformat(),
        "last": None if log.n_cases == 0 else ends["last"].isoformat(),
        "extracted": log.extracted.isoformat(),
        "currency": log.currency,
        "zone": log.zone,
        "hours": log.hours,
        "filters": log.filters,
    }


def _kpis(table: pd.DataFrame) -> dict[str, Any]:
    return {row.pop("kpi"): row for row in records(table)}


def _flow(table: pd.DataFrame) -> dict[str, Any]:
    steps = table[(table["from"] != START) & (table["to"] != END)]
    starts, ends = table[table["from"] == START], table[table["to"] == END]
    return {
        "edges": records(steps),
        "start": dict(zip(starts["to"], starts["events"].tolist(), strict=True)),
        "end": dict(zip(ends["from"], ends["events"].tolist(), strict=True)),
    }


def _variants(table: pd.DataFrame) -> dict[str, Any]:
    top = table.head(TOP_VARIANTS).drop(columns="open")
    return {"count": len(table), "top": records(top)}


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table in values that JSON knows; notes as text."""
    # Which cases are behind a row is for pages, which list them.
    rows = table.drop(columns=BEHIND, errors="ignore").to_dict("records")
    return [{str(key): _plain(value) for key, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    """A value that JSON knows."""
    if isinstance(value, Note):
        return str(value)
    if isinstance(value, tuple | list):
        return [_plain(v) for v in value]
    if hasattr(value, "item"):
        value = value.item()
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if type(value).__name__ in ("NAType", "NaTType"):
        return None
    return value.isoformat() if hasattr(value, "isoformat") else value
