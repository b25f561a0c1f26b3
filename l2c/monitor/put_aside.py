"""Which findings did somebody dismiss, and which of these have become worse since?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from l2c import stats
from l2c.diagnose.rules.compliance import Source
from l2c.improve.entries import Register
from l2c.improve.register import finding_id
from l2c.log import EventLog
from l2c.monitor.asked import Given, known
from l2c.monitor.history import recalled, state
from l2c.stats import SMALLEST_SAMPLE

DISMISSED: Literal["dismissed"] = "dismissed"
BACK: Literal["back"] = "back"


def put_aside(
    findings: pd.DataFrame, log: EventLog, register: Given, folder: str | Path | None = None, *, level: float = 0.95
) -> pd.DataFrame:
    """Leave out the findings that a register dismisses, unless they have become worse since.

    Parameters
    ----------
    findings
        What `diagnose.findings` returns.
    register
        The register beside the log (docs/register.md), or the folder in which it lies.
    folder
        Where the log is saved, with its `history`: without one nobody knows how a finding was when it was dismissed, and it stays away.
    level
        Level of the test whether one is worse (see `since_last`).

    Returns
    -------
    The other rows; `attrs["put_aside"]` is how many are left out.

    Raises
    ------
    BadRegister
        If the register makes no sense.
    """
    told = known(register, log)
    if not any(each.verdict == DISMISSED for each in told.findings) or not len(findings):
        return findings
    ids = [finding_id(row) for _, row in findings.iterrows()]
    today = dict(zip(ids, findings.to_dict("records"), strict=True))
    runs = [] if folder is None else recalled(folder, log)
    away = {id for names, state in dismissals(told, runs, today, level) for id in names if state == DISMISSED}
    kept = [id not in away for id in ids]
    found = findings[kept].reset_index(drop=True)
    found.attrs = {**findings.attrs, "put_aside": len(ids) - sum(kept)}
    return found


def away(
    log: EventLog, register: Given, folder: str | Path | None, *, rules: Source = None, level: float = 0.95
) -> set[str]:
    """The ids, as the register has them, of dismissed findings that stay away; the history beside the log knows which are worse."""
    told = known(register, log)
    if not any(each.verdict == DISMISSED for each in told.findings):
        return set()
    runs = [] if folder is None else recalled(folder, log)
    today = {row["id"]: row for row in state(log, rules)["findings"]} if runs else {}
    ids = {each.id for each in told.findings}
    return {id for names, word in dismissals(told, runs, today, level) if word == DISMISSED for id in names & ids}


def dismissals(
    register: Register, runs: Sequence[Mapping[str, Any]], today: Mapping[str, Mapping[Any, Any]], level: float
) -> list[tuple[set[str], Literal["dismissed", "back"]]]:
    """The names of each finding that was dismissed, and whether it stays away or is worse than it was then.

    Parameters
    ----------
    runs
        What earlier runs found, oldest first.
    today
        What is found now, by its id.
    """
    found: list[tuple[set[str], Literal["dismissed", "back"]]] = []
    for each in register.findings:
        if each.verdict != DISMISSED:
            continue
        # It was read under the name that it had then, in which a pseudonym may have stood for somebody's.
        until = [run for run in runs if each.day is None or run["when"].date() <= each.day] or list(runs[:1])
        then = next(
            (row for run in reversed(until) for row in run["findings"] if each.id in (row["id"], row["told"])), None
        )
        names = {each.id} if then is None else {each.id, then["id"], then["told"] or each.id}
        now = next((today[id] for id in names if id in today), None)
        looks = 1 + len({run["inputs"]["content"] for run in runs} - {run["inputs"]["content"] for run in until})
        worse = then is not None and now is not None and _worse(then, now, looks, level)
        found.append((names, BACK if worse else DISMISSED))
    return found


def apart(was: Mapping[Any, Any], is_: Mapping[Any, Any]) -> float:
    """How likely so large a difference is by chance, of an estimate and a later one that holds most of its cases.

    The later is a mean of the earlier and of what came, by their cases; the difference is no surer than those that came.
    """
    from scipy.special import stdtr

    then, now = (_error(each) for each in (was, is_))
    gap = number(is_, "effect") - number(was, "effect")
    cases = sorted(float(each.get("cases") or 0) for each in (was, is_))
    came = cases[1] - cases[0]
    if was.get("unit") != is_.get("unit") or came < SMALLEST_SAMPLE or not np.isfinite([gap, then, now]).all():
        return float("nan")
    variance = max(then**2 - now**2, came / cases[1] * max(then, now) ** 2)
    return 2 * float(stdtr(came - 1, -abs(gap) / variance**0.5)) if variance > 0 else float("nan")


def number(row: Mapping[Any, Any] | None, name: str) -> float:
    """A number of a finding; NaN where it is not known."""
    value = None if row is None else row.get(name)
    return float("nan") if value is None else float(value)


def _error(row: Mapping[Any, Any]) -> float:
    return (number(row, "high") - number(row, "low")) / 2 / stats.normal(0.95)


def _worse(then: Mapping[Any, Any], now: Mapping[Any, Any], looks: int, level: float) -> bool:
    gap = (number(now, "effect") - number(then, "effect")) * np.sign(number(then, "effect"))
    return bool(gap > 0 and apart(then, now) <= (1 - level) * 6 / (np.pi * looks) ** 2)
