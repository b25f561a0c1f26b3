"""What is worth acting on? Everything the diagnosis found, echoes folded, the most at stake first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from l2c.diagnose.behind import behind
from l2c.diagnose.cash.receivables import overdue_cases, receivables
from l2c.diagnose.causes import searched, table
from l2c.diagnose.causes.echoes import SAME, STUCK
from l2c.diagnose.once import once
from l2c.diagnose.problems import problem
from l2c.diagnose.rules.compliance import Source, compliance
from l2c.diagnose.rules.files import SEVERITY
from l2c.diagnose.sale.discounts import compared, discounts
from l2c.diagnose.sale.leakage import leakage
from l2c.diagnose.since import since
from l2c.diagnose.waits.bottlenecks import held
from l2c.diagnose.worth import Worth
from l2c.kpis import named
from l2c.log import EventLog
from l2c.measures.behind import BEHIND, of_ids, packed
from l2c.measures.facts import Facts
from l2c.prepare.pseudonyms import hidden
from l2c.words import vocabulary

COLUMNS = (
    "problem", "kind", "kpi", "step", "attribute", "value", "against", "effect", "low", "high", "unit", "cases",
    "days", "days_low", "days_high", "money", "money_low", "money_high", "share", "q", "raw", "unadjusted", "lever",
    "within_days", "margin", "margin_needed", "echoes", "adjusted_for", "looked_at",
    "since", "earliest", "latest", "evidence", BEHIND,
)  # fmt: skip
QUOTE_TO_CONTRACT = ("Quote Sent", "Contract Signed")
# A list longer than this is not read.
MOST_FINDINGS = 12
# A bottleneck is worth a line where its surest gain is this part of all days.
WORTH_A_LINE = 0.01


def findings(
    log: EventLog,
    *,
    cost_of_capital: float = 0.08,
    margin: float | None = None,
    names: bool | None = None,
    rules: Source = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Run the whole diagnosis and keep what is sure enough and large enough to act on.

    Parameters
    ----------
    cost_of_capital
        Interest a year on the money that waits, as a fraction.
    margin
        Part of the list price that is left once what is sold is made or bought (see `discounts`).
    names
        Whether to name people; else as the log says (see `reps`).
    rules
        A YAML file of rules (see docs/rules.md); those shipped with the kit unless given.
    level
        Level of the intervals.

    Returns
    -------
    At most twelve rows, what somebody can change before the circumstances one lives with, each with the largest certain
    stake first (money where it is known, then days), and a row at least for every problem there is one for: `problem` (time,
    conversion, winning, payment, rework, order_errors, discounts, compliance); `kind` (`cause`, `bottleneck`, `rule`,
    `discount`, `receivable`, `change`); `kpi, step, attribute, value` (what it is about, None where it does not apply); `against`
    (of a `cause`, the groups it is compared with where these are not all others, as in `causes`); `effect, low, high` per case in `unit`; `cases`; `days` at stake with `days_low, days_high`; `money` at stake in the log's
    currency with its interval (NaN where amounts are unknown or mixed); `share` of the KPI's total; `q`; `raw` (the
    plain difference); `unadjusted` (measured as `effect`, adjusted for nothing); `lever` (whether somebody can change the attribute; None where that is not known, or
    there is none); `within_days` (the time given, for `stuck`); `margin`
    and `margin_needed` (of discounts; see `discounts`: without a margin of your own no money stands behind a verdict that
    hangs on it); `echoes` (where else the same group stands out);
    `adjusted_for`, `looked_at` (attributes in the model, and those that were tried and are not); `since, earliest, latest` (of a
    `change`: the day from which it is worse, and between which it lies; its `effect` is the part of its former level by
    which it moved); `evidence`:
    the call that gives the table behind it; `behind`: its cases, as `l2c.measures.behind.packed` writes them (of a group or a step
    all of them, of a rule those that break it, of the receivables those with an invoice overdue, of discounts those compared). Empty where nothing stands out.

    Notes
    -----
    Money is that of the group's own deals. Of a delay: their mean amount × days × `cost_of_capital` / 365. Of deals
    lost: their number × the middle between the mean amounts of its won and of its lost deals, where a deal lies that
    might have gone either way; of leads that did not convert: × the mean amount of its won deals × its win rate; of deals
    that stand still: × their mean amount. Intervals know that amounts vary. Of a broken rule: the amount of the cases
    that break it, which is exposed, not lost. Stakes of several rows must not be added.
    """
    found = everything(log, cost_of_capital=cost_of_capital, margin=margin, names=names, rules=rules, level=level)
    return named(_chosen(found), log)


def everything(
    log: EventLog,
    *,
    cost_of_capital: float = 0.08,
    margin: float | None = None,
    names: bool | None = None,
    rules: Source = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """All that is sure enough to be told, of which `findings` lists the most important; parameters and columns are its."""
    key = (cost_of_capital, margin, names, level)
    return once(
        log, "findings", rules, key, lambda: _everything(log, cost_of_capital, margin, names, rules, level)
    ).copy()


def _everything(
    log: EventLog, cost_of_capital: float, margin: float | None, names: bool | None, rules: Source, level: float
) -> pd.DataFrame:
    facts = Facts.of(log)
    if not len(facts):
        return pd.DataFrame(columns=list(COLUMNS))
    worth = Worth(facts, cost_of_capital, level)
    rows = [
        *_causes(log, worth, names, rules, level),
        *_bottlenecks(log, cost_of_capital, level),
        *_rules(log, rules, level),
        *_discounts(log, margin, level),
        *_receivables(log),
        *_changes(log, names, rules, level),
    ]
    found = pd.DataFrame([dict.fromkeys(COLUMNS) | row for row in rows], columns=list(COLUMNS))
    numbers = [
        c
        for c in COLUMNS
        if c.startswith(
            ("days", "money", "effect", "low", "high", "share", "q", "raw", "unadjusted", "within", "margin")
        )
    ]
    found[numbers] = found[numbers].astype(float)
    return named(found, log)


def _chosen(found: pd.DataFrame) -> pd.DataFrame:
    return found.loc[listed(found)].reset_index(drop=True)


def listed(found: pd.DataFrame) -> list[int]:
    """The rows that are read: levers before circumstances, what is merely exposed last, and of every problem at least a line."""
    keys = pd.DataFrame(
        {
            "exposed": found["kind"].isin(["rule", "receivable"]),
            "given": [lever is False for lever in found["lever"]],
            "money": -found["money_low"].fillna(-1.0),
            "days": -found["days_low"].fillna(-1.0),
            "text": found["kpi"].map(str) + found["step"].map(str) + found["value"].map(str),
        }
    )
    order = found.loc[keys.sort_values(list(keys.columns)).index]
    first = ~order.apply(_subject, axis=1).duplicated() if len(order) else np.zeros(0, bool)
    exposed = order["kind"].isin(["rule", "receivable"])
    # What is merely exposed keeps a place on the list, however long the list of losses is.
    wanted = np.asarray(first | (exposed & (exposed.cumsum() <= MOST_FINDINGS // 3)), bool)
    return list(order.index[sorted(np.argsort(~wanted, kind="stable")[:MOST_FINDINGS])])


def _subject(row: pd.Series) -> str:
    """What a finding is a line of: one of the eleven problems, or less where several findings tell of one."""
    if row["kind"] == "change":
        return "change"
    if row["kind"] == "bottleneck" or row["kpi"] == STUCK:
        return str(row["kind"]) + str(row["kpi"])
    if row["problem"] == "winning" and row["attribute"] in ("rep", "team"):
        return "reps"
    ends = [vocabulary.process_order(name) for name in (*(row["step"] or ()), *QUOTE_TO_CONTRACT)]
    known = [end for end in ends if end is not None]
    if row["problem"] == "time" and len(ends) == len(known) == 4 and known[2] <= known[0] < known[1] <= known[3]:
        return "quote_to_contract"
    return str(row["problem"])


def _causes(log: EventLog, worth: Worth, names: bool | None, rules: Source, level: float) -> Iterator[dict[str, Any]]:
    found, _ = searched(log, None, rules, level)
    rows = hidden(table(found, log), log, names)
    own = {id for id, measure in log.base.measures.items() if measure.own}
    for place, row in zip(rows.index, rows.to_dict("records"), strict=True):
        if not row["adverse"]:
            continue
        said = {c: row[c] for c in ("kpi", "step", "attribute", "value", "effect", "low", "high", "unit", "cases")}
        said |= {
            c: row.get(c)
            for c in (
                "against",
                "share",
                "q",
                "raw",
                "unadjusted",
                "echoes",
                "within_days",
                "adjusted_for",
                "looked_at",
                BEHIND,
            )
        }
        said |= worth.stake(found[place])
        if row["unit"] == "day":
            ends = sorted(abs(row[c]) for c in ("lost", "lost_low", "lost_high"))
            said |= dict(zip(("days_low", "days", "days_high"), ends, strict=True))
        told = "own" if row["kpi"] in own else problem(row["kpi"], row["step"], row["unit"])
        said |= {"problem": told, "kind": "cause"}
        said["lever"] = _lever(row["attribute"])
        yield said | {"evidence": f"diagnose.causes(log, kpi={row['kpi']!r}{_by(rules)})"}


def _lever(attribute: str | list[str]) -> bool | None:
    """Whether somebody can change one of some attributes; None where that is not known."""
    known = [vocabulary.lever(name) for name in ([attribute] if isinstance(attribute, str) else attribute)]
    return True if True in known else None if None in known else False


def _bottlenecks(log: EventLog, cost: float, level: float) -> Iterator[dict[str, Any]]:
    # Groups that stand still are among the causes already.
    table = held(log, cost, level)
    whole = float(table["case_days"].sum())
    sure = behind(table[(table["gain_low"] > WORTH_A_LINE * whole)], log)
    for row in sure.to_dict("records"):
        scale = row["gain_money"] / row["gain_days"] if row["gain_days"] else np.nan
        yield {
            "problem": "time", "kind": "bottleneck", "kpi": "step_days", "step": (row["from"], row["to"]),
            "effect": row["gain_days"] / row["events"], "low": row["gain_low"] / row["events"],
            "high": row["gain_high"] / row["events"], "unit": "day", "cases": row["cases"],
            "days": row["gain_days"], "days_low": row["gain_low"], "days_high": row["gain_high"],
            "money": row["gain_money"], "money_low": row["gain_low"] * scale, "money_high": row["gain_high"] * scale,
            "share": row["share"], "evidence": "diagnose.bottlenecks(log)", BEHIND: row[BEHIND],
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
            "evidence": f"diagnose.verdicts(log{_by(rules)})", BEHIND: packed(of_ids(log, cases)),
        }  # fmt: skip


def _by(rules: Source) -> str:
    return "" if rules is None else f", rules={str(rules)!r}"


def _discounts(log: EventLog, margin: float | None, level: float) -> Iterator[dict[str, Any]]:
    effect = discounts(log, margin=margin, level=level).iloc[0]
    if effect["verdict"] not in ("none", "lowers"):
        return
    given = leakage(log).set_index("kind").loc["comparable"]
    # Where no more is given away than chance spreads, nothing is; nor where the verdict hangs on a margin nobody gave.
    given = given.astype(float)
    decided = margin is not None or effect["verdict"] == "lowers" or not effect["margin_needed"] <= 1
    money, share = (given[c] if decided and given["amount"] > 0 else np.nan for c in ("amount", "share"))
    yield {
        "problem": "discounts", "kind": "discount", "kpi": "discount", "value": effect["verdict"],
        "effect": effect["value"], "low": effect["low"], "high": effect["high"], "unit": "fraction",
        "cases": int(effect["cases"]), "money": money, "money_low": money,
        "money_high": money, "share": share, "raw": effect["raw"], "margin": np.nan if margin is None else margin,
        "margin_needed": effect["margin_needed"], "adjusted_for": effect["adjusted_for"], "evidence": "diagnose.discounts(log)",
        BEHIND: packed(compared(log)),
    }  # fmt: skip


def _changes(log: EventLog, names: bool | None, rules: Source, level: float) -> Iterator[dict[str, Any]]:
    """What has been worse since a day; `effect` is by how much more or less of its former level."""
    for row in since(log, names=names, rules=rules, level=level).to_dict("records"):
        kpi, known = row["kpi"], log.base.measures.get(row["kpi"])
        if (row["ratio"] > 1) == (known is not None and known.worse == "less"):
            continue
        said = {
            c: row[c]
            for c in ("kpi", "step", "attribute", "value", "since", "earliest", "latest", "cases", "q", BEHIND)
        }
        said |= {"effect": row["ratio"] - 1, "low": row["low"] - 1, "high": row["high"] - 1, "unit": "fraction"}
        lever = None if row["attribute"] is None else _lever(row["attribute"])
        yield said | {
            "problem": problem(kpi, row["step"]),
            "kind": "change",
            "lever": lever,
            "evidence": f"diagnose.since(log{_by(rules)})",
        }


def _receivables(log: EventLog) -> Iterator[dict[str, Any]]:
    table = receivables(log).set_index("measure")
    overdue = table.loc["overdue_receivables"]
    if overdue["value"] > 0:
        open_ = float(table["value"].astype(float).get("open_receivables", 0.0))
        yield {
            "problem": "payment", "kind": "receivable", "kpi": "overdue_receivables", "cases": int(table["cases"].astype(int).get("overdue_receivables", 0)),
            "money": overdue["value"], "money_low": overdue["value"], "money_high": overdue["value"],
            "share": overdue["value"] / open_ if open_ else np.nan, "evidence": "diagnose.late_customers(log)",
            BEHIND: packed(overdue_cases(log)),
        }  # fmt: skip
