"""What is worth acting on? Everything the diagnosis found, echoes folded, the most at stake first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from l2c.diagnose.cash.receivables import receivables
from l2c.diagnose.causes import causes
from l2c.diagnose.causes.echoes import PAYMENT_STEP, SAME
from l2c.diagnose.rules.compliance import Source, compliance
from l2c.diagnose.rules.files import SEVERITY
from l2c.diagnose.sale.discounts import discounts, leakage
from l2c.diagnose.waits.bottlenecks import bottlenecks
from l2c.kpis import named
from l2c.log import EventLog
from l2c.measures.facts import NEVER, Facts
from l2c.words.measures import OWN

COLUMNS = (
    "problem", "kind", "kpi", "step", "attribute", "value", "effect", "low", "high", "unit", "cases",
    "days", "days_low", "days_high", "money", "money_low", "money_high", "share", "q", "raw", "echoes",
    "adjusted_for", "evidence",
)  # fmt: skip
PROBLEMS = {
    "lead_conversion_rate": "conversion",
    "win_rate": "winning",
    "order_error_rate": "order_errors",
    "quote_rework_rate": "rework",
    "late_payment_share": "payment",
}
# A list longer than this is not read.
MOST_FINDINGS = 12
# A bottleneck is worth a line where its surest gain is this part of all days.
WORTH_A_LINE = 0.01


def findings(
    log: EventLog,
    *,
    cost_of_capital: float = 0.08,
    names: bool | None = None,
    rules: Source = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Run the whole diagnosis and keep what is sure enough and large enough to act on.

    Parameters
    ----------
    cost_of_capital
        Interest a year on the money that waits, as a fraction.
    names
        Whether to name people; else as the log says (see `reps`).
    rules
        A YAML file of rules (see docs/rules.md); those shipped with the kit unless given.
    level
        Level of the intervals.

    Returns
    -------
    At most twelve rows, the largest certain stake first (money where it is known, then days): `problem` (time,
    conversion, winning, payment, rework, order_errors, discounts, compliance); `kind` (`cause`, `bottleneck`, `rule`,
    `discount`, `receivable`); `kpi, step, attribute, value` (what it is about, None where it does not apply); `effect,
    low, high` per case in `unit`; `cases`; `days` at stake with `days_low, days_high`; `money` at stake in the log's
    currency with its interval (NaN where amounts are unknown or mixed); `share` of the KPI's total; `q`; `raw` (the
    difference before adjusting); `echoes` (other findings that the same cause explains); `adjusted_for`; `evidence`:
    the call that gives the table behind it. Empty where nothing stands out.

    Notes
    -----
    Money of a delay: amount × days × `cost_of_capital` / 365. Of deals lost: their number × the mean amount of won
    deals; of leads that did not convert: also × the win rate. Of a broken rule: the amount of the cases that break it,
    which is exposed, not lost. Stakes of several rows must not be added.
    """
    facts = Facts.of(log)
    if not len(facts):
        return pd.DataFrame(columns=list(COLUMNS))
    worth = _Worth(facts, cost_of_capital)
    rows = [
        *_causes(log, worth, names, rules, level),
        *_bottlenecks(log, cost_of_capital, level),
        *_rules(log, rules, level),
        *_discounts(log, level),
        *_receivables(log),
    ]
    table = pd.DataFrame([dict.fromkeys(COLUMNS) | row for row in rows], columns=list(COLUMNS))
    numbers = [c for c in COLUMNS if c.startswith(("days", "money", "effect", "low", "high", "share", "q", "raw"))]
    table[numbers] = table[numbers].astype(float)
    table["_money"] = table["money_low"].fillna(-1.0)
    table["_days"] = table["days_low"].fillna(-1.0)
    table["_text"] = table["kpi"].map(str) + table["step"].map(str) + table["value"].map(str)
    table["_exposed"] = table["kind"].isin(["rule", "receivable"])
    order = table.sort_values(
        ["_exposed", "_money", "_days", "_text"], ascending=[True, False, False, True], ignore_index=True
    )
    # What is merely exposed keeps a place on the list, however long the list of losses is.
    exposed = order[order["_exposed"]].head(MOST_FINDINGS // 3)
    kept = pd.concat([order[~order["_exposed"]].head(MOST_FINDINGS - len(exposed)), exposed], ignore_index=True)
    return named(kept[list(COLUMNS)], log)


class _Worth:
    """What a day, a deal and a lead are worth in this log; NaN where amounts are unknown or mixed."""

    def __init__(self, facts: Facts, cost: float) -> None:
        amount, won = facts.number("amount"), facts.won != NEVER
        known = (amount > 0) & facts.log.one_currency
        closed = won | (facts.lost != NEVER)
        self.deal = float(amount[known & won].mean()) if (known & won).any() else np.nan
        mean = float(amount[known].mean()) if known.any() else np.nan
        self.day = mean * cost / facts.days_a_year
        self.lead = self.deal * float(won[closed].mean()) if closed.any() else np.nan

    def of(self, kpi: str) -> float:
        """Money per unit lost."""
        return {"win_rate": self.deal, "lead_conversion_rate": self.lead}.get(kpi, np.nan)


def _causes(log: EventLog, worth: _Worth, names: bool | None, rules: Source, level: float) -> Iterator[dict[str, Any]]:
    table = causes(log, names=names, rules=rules, level=level)
    own = table.attrs.get(OWN, {})
    for row in table[table["adverse"]].to_dict("records"):
        lost = sorted(abs(row[c]) for c in ("lost", "lost_low", "lost_high"))
        bounds = dict(zip(("_low", "", "_high"), lost, strict=True))
        found = {c: row[c] for c in ("kpi", "step", "attribute", "value", "effect", "low", "high", "unit", "cases")}
        found |= {c: row[c] for c in ("share", "q", "raw", "echoes", "adjusted_for")}
        each = worth.day if row["unit"] == "day" else worth.of(row["kpi"])
        if row["unit"] == "day":
            found |= {f"days{end}": value for end, value in bounds.items()}
        found |= {f"money{end}": value * each for end, value in bounds.items()}
        step = row["step"]
        paying = step is not None and (step[0], step[-1]) == PAYMENT_STEP
        problem = "payment" if paying else "time" if row["unit"] == "day" else PROBLEMS.get(row["kpi"], "compliance")
        problem = "own" if row["kpi"] in own else problem
        kpi = repr(row["kpi"])
        yield found | {"problem": problem, "kind": "cause", "evidence": f"diagnose.causes(log, kpi={kpi}{_by(rules)})"}


def _bottlenecks(log: EventLog, cost: float, level: float) -> Iterator[dict[str, Any]]:
    table = bottlenecks(log, cost_of_capital=cost, level=level)
    whole = float(table["case_days"].sum())
    sure = table[(table["gain_low"] > WORTH_A_LINE * whole)]
    for row in sure.to_dict("records"):
        scale = row["gain_money"] / row["gain_days"] if row["gain_days"] else np.nan
        yield {
            "problem": "time", "kind": "bottleneck", "kpi": "step_days", "step": (row["from"], row["to"]),
            "effect": row["gain_days"] / row["events"], "low": row["gain_low"] / row["events"],
            "high": row["gain_high"] / row["events"], "unit": "day", "cases": row["cases"],
            "days": row["gain_days"], "days_low": row["gain_low"], "days_high": row["gain_high"],
            "money": row["gain_money"], "money_low": row["gain_low"] * scale, "money_high": row["gain_high"] * scale,
            "share": row["share"], "evidence": "diagnose.bottlenecks(log)",
        }  # fmt: skip


def _rules(log: EventLog, rules: Source, level: float) -> Iterator[dict[str, Any]]:
    table = compliance(log, rules, level=level)
    table["_grave"] = table["severity"].map(SEVERITY)
    seen: list[set[str]] = []
    for row in table[table["count"] > 0].sort_values(["_grave", "rule"], ascending=[False, True]).to_dict("records"):
        cases = set(row["cases"])
        # A skipped stage is often the missing contract by another name.
        if any(len(cases & other) > SAME * min(len(cases), len(other)) for other in seen):
            continue
        seen.append(cases)
        yield {
            "problem": "compliance", "kind": "rule", "kpi": row["rule"], "effect": row["share"], "low": row["low"],
            "high": row["high"], "unit": "fraction", "cases": row["count"], "money": row["amount"],
            "money_low": row["amount"], "money_high": row["amount"], "share": row["share"],
            "evidence": f"diagnose.verdicts(log{_by(rules)})",
        }  # fmt: skip


def _by(rules: Source) -> str:
    return "" if rules is None else f", rules={str(rules)!r}"


def _discounts(log: EventLog, level: float) -> Iterator[dict[str, Any]]:
    effect = discounts(log, level=level).iloc[0]
    if effect["verdict"] not in ("none", "lowers"):
        return
    given = leakage(log).set_index("kind").loc["comparable"]
    given = given.where(given["amount"] > 0)
    yield {
        "problem": "discounts", "kind": "discount", "kpi": "discount", "value": effect["verdict"],
        "effect": effect["value"], "low": effect["low"], "high": effect["high"], "unit": "fraction",
        "cases": int(effect["cases"]), "money": given["amount"], "money_low": given["amount"],
        "money_high": given["amount"], "share": given["share"], "raw": effect["raw"],
        "adjusted_for": effect["adjusted_for"], "evidence": "diagnose.discounts(log)",
    }  # fmt: skip


def _receivables(log: EventLog) -> Iterator[dict[str, Any]]:
    table = receivables(log).set_index("measure")
    overdue = table.loc["overdue_receivables"]
    if overdue["value"] > 0:
        open_ = float(table["value"].astype(float).get("open_receivables", 0.0))
        yield {
            "problem": "payment", "kind": "receivable", "kpi": "overdue_receivables", "cases": int(table["cases"].astype(int).get("overdue_receivables", 0)),
            "money": overdue["value"], "money_low": overdue["value"], "money_high": overdue["value"],
            "share": overdue["value"] / open_ if open_ else np.nan, "evidence": "diagnose.late_customers(log)",
        }  # fmt: skip
