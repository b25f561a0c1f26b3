"""Did a decision bring what was expected of it?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from l2c.improve.entries import Decision, Register
from l2c.kpis import figures, named
from l2c.log import EventLog
from l2c.measures.facts import Facts, micros
from l2c.measures.observations import observations
from l2c.measures.summary import summary
from l2c.monitor.asked import asked, decisions, known, of_id
from l2c.monitor.outcome import known as told
from l2c.monitor.outcomes import Yardsticks, judged
from l2c.words.measures import fair

COLUMNS = (
    "decision_id", "kpi", "unit", "since", "expected", "expected_low", "expected_high", "realised", "realised_low",
    "realised_high", "verdict", "judged_from",
)  # fmt: skip


def realised(
    log: EventLog, register: str | Path | Register, *, decision: str | None = None, level: float = 0.95
) -> pd.DataFrame:
    """Hold what each decision brought against what was expected of it, by the key figure that it named beforehand.

    Parameters
    ----------
    register
        The register beside the log (docs/register.md).
    decision
        The id of one decision; all that `monitor.decisions` chooses unless given.
    level
        Level of the intervals of what was realised.

    Returns
    -------
    One row per decision, by the day from which it holds: `decision_id`, `kpi, unit`, `since`; `expected, expected_low,
    expected_high` as the register has it; `realised, realised_low, realised_high` in the same unit; `verdict` and
    `judged_from` of `outcomes`, the figure judged alone. NaN where it cannot be told yet. Decisions about a figure that these data
    cannot tell have no row.

    Raises
    ------
    BadRegister
        If the register makes no sense, or has no such decision, or it has no day.
    BadComparison
        If the day of the decision named leaves no room before it.

    Notes
    -----
    A simulation tells the change of a median or a rate. So does this: the percent of `outcomes` (beside trend, season and mix) of
    the figure as it stood before the day.
    """
    held = known(register, log)
    chosen = decisions(log, held) if decision is None else (of_id(held, decision),)
    there = told(log)
    rows = [_row(log, held, each, level) for each in chosen if fair(each.kpi) in there]
    table = pd.DataFrame([row for row in rows if row], columns=list(COLUMNS))
    numbers = [name for name in COLUMNS if name.startswith(("expected", "realised"))]
    table[numbers] = table[numbers].astype(float)
    return named(table.sort_values(["since", "decision_id"], ignore_index=True), log)


def _row(log: EventLog, register: Register, decision: Decision, level: float) -> dict[str, Any]:
    kpi = fair(decision.kpi)
    plan = asked(log, None, register, decision.id)
    table = judged(log, plan, [told(log)[kpi]], Yardsticks(by_rules=False), None, level)
    if not len(table):
        return {}
    one = table.iloc[0]
    before = Facts.of(log, until=min(plan.change, micros(log.extracted)))
    stood = summary(observations(before, kpi)).estimate.value
    # What is better is less where more is worse.
    sign = -1.0 if figures(log)[kpi].worse == "more" else 1.0
    ends = [stood * sign * one[name] / 100 for name in ("percent", "low", "high")]
    low, high = sorted(ends[1:])
    expected = {name: decision.expected.get(key) for name, key in _EXPECTED.items()}
    return {
        "decision_id": decision.id, "kpi": kpi, "unit": one["unit"], "since": one["change_date"], **expected,
        "realised": ends[0], "realised_low": low, "realised_high": high, "verdict": one["verdict"],
        "judged_from": one["judged_from"],
    }  # fmt: skip


_EXPECTED = {"expected": "difference", "expected_low": "low", "expected_high": "high"}
