"""What is new since last time: findings, key figures, data, and what became of the alerts?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from l2c import stats
from l2c.diagnose.rules.compliance import Source
from l2c.improve.entries import Dated, Register
from l2c.kpis import named
from l2c.log import EventLog
from l2c.monitor.asked import Given, known
from l2c.monitor.came import came, judged
from l2c.monitor.history import of_rules, recalled, state
from l2c.monitor.moved import COLUMNS as MOVED
from l2c.monitor.moved import moved
from l2c.monitor.put_aside import apart, dismissals, number
from l2c.prepare.pseudonyms import instead, pseudonyms, shown
from l2c.words import matching
from l2c.words.notes import Note

# A column that is filled by so much more or less of the cases has changed.
FILLED_OTHERWISE = 0.05
OF_FINDINGS = (
    "finding", "state", "kind", "kpi", "step", "attribute", "value", "unit", "before", "before_low", "before_high", "after",
    "after_low", "after_high", "p", "cases", "days", "money",
)  # fmt: skip
OF_KPIS = (*MOVED[:2], "before", "after", *MOVED[2:])
OF_DATA = ("what", "name", "before", "after")
NEW, GONE, WORSE, BETTER, SAME = "new", "gone", "worse", "better", "same"


@dataclass(frozen=True, eq=False)
class SinceLast:
    """What is new since the last run on other data.

    Attributes
    ----------
    ran, before, after
        When that run was; until when its data reached, and until when those of today do (naive UTC).
    kpis
        One row per KPI: `kpi, unit`, its value `before` (as it was told) and `after`, and what `moved` says of it.
    findings
        One row per finding of then or now: `finding` (its id), `state` (`new`, `gone`, `worse`, `better`, `same`, `dismissed`,
        `back`: dismissed, and worse since); `kind, kpi, step, attribute, value, unit`; the effect per case `before` and `after` with its interval; `p` of their
        difference; `cases`, `days`, `money` of today, or of then where it is gone.
    data
        What changed in the data: `what` (`rows, cases, events, column, activity, odd`), `name`, `before, after`.
    alerts
        One row per deal or invoice that was flagged then: `alert, case_id, became` (`lost, won, paid, moved, same, left`).
    judged
        One row per alert: how many were flagged, and the share of lost ones among them and among all others open then.
    notes
        What to know besides.
    happened
        The dated notes of the register that lie in between.
    """

    ran: datetime
    before: datetime
    after: datetime
    kpis: pd.DataFrame
    findings: pd.DataFrame
    data: pd.DataFrame
    alerts: pd.DataFrame
    judged: pd.DataFrame
    notes: tuple[Note, ...] = ()
    happened: tuple[Dated, ...] = ()


def since_last(
    log: EventLog, folder: str | Path, *, rules: Source = None, register: Given = None, level: float = 0.95
) -> SinceLast | None:
    """Compare a log with what the last run on earlier data found.

    Parameters
    ----------
    log
        The log as it is looked at: the saved one, or a selection of it.
    folder
        Where the log is saved, with its `history`.
    rules
        The rules it is judged by, as for `diagnose.findings`.
    register
        The register beside the log (docs/register.md): findings dismissed in it stay away until they are worse.
    level
        Level of the intervals and verdicts.

    Returns
    -------
    None where no run on earlier data is known for this selection.

    Notes
    -----
    `new` and `gone` are findings that are told now and were not, or the other way round: what was below the limit of being told and
    is above it now need not have begun since. `worse` and `better` are beyond chance over the list (Holm, 1979). Both runs
    hold mostly the same cases, so that the variance of the difference is that of then less that of now, as of an estimate and a
    better one (Hausman, 1978), and no less than that of the cases that came; with fewer than 20 of these nothing is said. A finding that was dismissed comes back when it
    is worse than it was at its dismissal, by a test whose share of false alarms over all runs to come stays at
    `1 - level` (the n-th look takes 6/(π n)² of it).
    """
    told = known(register, log)
    runs = recalled(folder, log)
    if not runs:
        return None
    now = state(log, rules)
    earlier = [run for run in runs if run["inputs"]["content"] != now["inputs"]["content"]]
    if not earlier:
        return None
    last, hash_of_rules = earlier[-1], of_rules(rules)
    other_rules = last["rules"] != hash_of_rules
    before = datetime.fromisoformat(last["data"]["extracted"])
    found = _findings(last["findings"], now["findings"], level, skip="rule" if other_rules else "")
    found = _dismissed(found, told, runs, now["findings"], level)
    flagged = [alert for alert in last["alerts"] if alert.get("case_id") is not None]
    notes = [Note("other_rules")] if other_rules else []
    fate = came(log, flagged, before)
    return SinceLast(
        last["when"], before, log.extracted, _kpis(log, last["kpis"], now["kpis"], before, level),
        named(_unnamed(found, log), log), _data(last, now), fate, judged(log, fate, before, level), tuple(notes),
        tuple(note for note in told.notes if before.date() < note.day <= log.extracted.date()),
    )  # fmt: skip


def _kpis(
    log: EventLog, then: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]], before: datetime, level: float
) -> pd.DataFrame:
    told = {row["kpi"]: row["value"] for row in then}
    table = pd.DataFrame(
        [(row["kpi"], row["unit"], told.get(row["kpi"]), row["value"]) for row in now],
        columns=["kpi", "unit", "before", "after"],
    )
    table[["before", "after"]] = table[["before", "after"]].astype(float)
    step = moved(log, before, level=level)
    found = table.merge(step.drop(columns="unit"), on="kpi", how="left")
    found["verdict"] = found["verdict"].astype(object).where(found["verdict"].notna(), None)
    found[["cases", "windows"]] = found[["cases", "windows"]].fillna(0).astype(int)
    return named(found[list(OF_KPIS)], log)


def _findings(
    then: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]], level: float, skip: str
) -> pd.DataFrame:
    """Every finding that is on the list of then or of now, and how it stands."""
    old, new = ({row["id"]: row for row in rows if row["kind"] != skip} for rows in (then, now))
    rows = []
    for id, row in (old | new).items():
        was, is_ = old.get(id), new.get(id)
        if not any(each and each["listed"] for each in (was, is_)):
            continue
        state = NEW if was is None else GONE if is_ is None else SAME
        p = apart(was, is_) if was and is_ else np.nan
        ends = [number(each, name) for each in (was, is_) for name in ("effect", "low", "high")]
        said = [row[c] for c in ("kind", "kpi", "step", "attribute", "value", "unit")]
        rows.append((id, state, *said, *ends, p, row["cases"], number(row, "days"), number(row, "money")))
    table = pd.DataFrame(rows, columns=list(OF_FINDINGS))
    sure = stats.holm(table["p"]) <= 1 - level
    further = (table["after"] - table["before"]) * np.sign(table["before"]) > 0
    both = table["state"] == SAME
    table.loc[both & sure & further, "state"] = WORSE
    table.loc[both & sure & ~further, "state"] = BETTER
    return table


def _dismissed(
    table: pd.DataFrame,
    register: Register,
    runs: Sequence[Mapping[str, Any]],
    now: Sequence[Mapping[str, Any]],
    level: float,
) -> pd.DataFrame:
    """Put findings aside that somebody dismissed, unless they are worse than they were then."""
    today = {row["id"]: row for row in now}
    states = {id: state for names, state in dismissals(register, runs, today, level) for id in names}
    known = table["finding"].isin(list(states))
    return table.assign(state=table["finding"].map(states).where(known, table["state"]))


def _data(then: Mapping[str, Any], now: Mapping[str, Any]) -> pd.DataFrame:
    """What changed in rows, columns, activities and oddities."""
    rows: list[tuple[str, str, float, float]] = []
    old, new = then["data"], now["data"]
    for what in ("cases", "events"):
        rows.append((what, "", old[what], new[what]))
    for what in ("rows", "odd"):
        for name, was, is_ in _both(old[what], new[what], 0):
            if was != is_ or name == "read":
                rows.append((what, name, was, is_))
    for name, was, is_ in _both(old["columns"], new["columns"], np.nan):
        if np.isnan(was) or np.isnan(is_) or abs(was - is_) >= FILLED_OTHERWISE:
            rows.append(("column", name, was, is_))
    for name, was, is_ in _both(old["activities"], new["activities"], 0):
        if not was or not is_:
            rows.append(("activity", name, was, is_))
    return pd.DataFrame(rows, columns=list(OF_DATA)).astype({"before": float, "after": float})


def _both(old: Mapping[str, float], new: Mapping[str, float], none: float) -> Iterator[tuple[str, float, float]]:
    for name in dict.fromkeys([*old, *new]):
        yield name, float(old.get(name, none)), float(new.get(name, none))


def _unnamed(table: pd.DataFrame, log: EventLog) -> pd.DataFrame:
    """The table with pseudonyms for the names of people, unless they may be shown; who is gone has none."""
    steps = table["step"].map(lambda step: tuple(step) if isinstance(step, list) else step)
    table = table.assign(step=steps)
    if shown(log, None):
        return table
    known = instead(log, None) or pseudonyms(log)
    values, ids = [], []
    for row in table.to_dict("records"):
        parts = list(zip(_list(row["attribute"]), _list(row["value"]), strict=False))
        said = [known.get(str(v), UNKNOWN) if matching.is_person(str(a)) else v for a, v in parts]
        values.append(said if isinstance(row["attribute"], list) else said[0] if said else row["value"])
        id = row["finding"]
        for (a, v), instead_ in zip(parts, said, strict=True):
            id = id.replace(str(v), str(instead_)) if matching.is_person(str(a)) else id
        ids.append(id)
    return table.assign(value=pd.Series(values, table.index, dtype=object), finding=ids)


# Who is not among the people of the log any more.
UNKNOWN = "?"


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [] if value is None else [value]
