"""What is to be done first? At most three levers that are sure: how large, how sure, who decides, and which cases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from l2c.diagnose.causes import searched, table
from l2c.diagnose.causes.echoes import Finding
from l2c.diagnose.rules import files
from l2c.diagnose.rules.compliance import Source
from l2c.kpis import named
from l2c.log import EventLog
from l2c.prepare.pseudonyms import hidden
from l2c.words import matching, vocabulary

COLUMNS = (
    "problem", "kind", "kpi", "step", "attribute", "value", "mean", "comparable", "excess", "excess_low", "excess_high", "unit",
    "money", "money_low", "money_high", "share", "since", "sure", "decides", "where", "where_value", "where_cases", "cases",
    "behind",
)  # fmt: skip
NUMBERS: dict[str, type] = dict.fromkeys(
    ("mean", "comparable", "excess", "excess_low", "excess_high", "money", "money_low", "money_high", "share"), float
)
NUMBERS |= dict.fromkeys(("sure", "where_cases", "cases"), int)
MOST_ACTIONS = 3
# Three levels: beyond chance many times over or counted; beyond chance; neither.
VERY_SURE, LIKELY, UNSURE = 3, 2, 1
# Surest is a difference that chance gives once in so many looks, and of which the careful end is this part.
ALMOST_NEVER, CAREFUL = 0.001, 0.5
# A rule that so few cases break is a matter of those, and none of the process.
FEWEST_BROKEN = 5
# Where more than this part of what breaks a rule is in one group, that is where to begin.
MOSTLY_THERE = 0.5


def actions(
    log: EventLog,
    found: pd.DataFrame,
    *,
    rules: Source = None,
    names: bool | None = None,
    level: float = 0.95,
    most: int = MOST_ACTIONS,
) -> pd.DataFrame:
    """Of what was found, the levers to pull first.

    Parameters
    ----------
    found
        What `findings` returns of the log, or what a register leaves of it.
    rules, names, level
        As `findings` was asked.
    most
        How many at most.

    Returns
    -------
    One row per action, first things first: `problem, kind, kpi, step, attribute, value, since` of the finding; `mean` (the KPI per case
    of the group as it stands; of a discount the effect) and `comparable` (the same without the effect; NaN where nothing is compared); `excess, excess_low, excess_high` in
    `unit` (`count` of leads, deals, quotes, orders or invoices that go wrong and need not; `case_day`; `ratio` to the level before) and `money` with its interval: the
    finding's own; `share` (of those a rule applies to, of all days, of what is open); `sure` (3: counted, or beyond chance many times over;
    2: beyond chance); `decides` (a key of `vocabulary.decider`); `where, where_value, where_cases` (the group in which most cases lie that
    break a rule, and how many of them); `cases`; `behind` (as `findings` has it). Fewer rows than `most` where fewer levers are sure.

    Notes
    -----
    A lever is an attribute that somebody can change, a step in which peers with the same deals differ, a rule of medium
    severity at least, a discount that does not pay whatever the margin. What somebody loses comes before what is merely exposed, that before
    attributes of which nobody knows whether they can be changed, people last; one action per problem while others are left.
    """
    candidates = [_action(row, log, rules, level) for row in found.to_dict("records") if _may(row, rules)]
    sure = [row for row in candidates if row["sure"] >= LIKELY]
    chosen = _varied(sorted(sure, key=lambda row: row["_turn"]), most)
    _placed(chosen, log, rules, names, level)
    columns = {name: [row[name] for row in chosen] for name in COLUMNS}
    shown = pd.DataFrame({name: pd.Series(of, dtype=NUMBERS.get(name, object)) for name, of in columns.items()})
    shown.attrs = dict(found.attrs)
    return named(shown, log)


def _may(row: Mapping[Any, Any], rules: Source) -> bool:
    """Whether anything can be done about a finding: circumstances are lived with, and minor rules are no matter for this page."""
    if row["lever"] is False:
        return False
    if row["kind"] != "rule":
        return True
    severity = {rule.id: rule.severity for rule in files.rules(rules)}
    return severity.get(row["kpi"]) != "low" and row["cases"] >= FEWEST_BROKEN


def _action(row: Mapping[Any, Any], log: EventLog, rules: Source, level: float) -> dict[str, Any]:
    said = dict.fromkeys(COLUMNS) | {name: row[name] for name in COLUMNS if name in row}
    said |= {"comparable": np.nan, "where_cases": 0, "sure": how_sure(row), "_turn": _turn(row)}
    said |= dict(zip(("excess_low", "excess", "excess_high", "unit"), _size(row), strict=True))
    said["since"] = None if pd.isna(row["since"]) else row["since"]
    said["mean"] = row["effect"] if row["kind"] == "discount" else np.nan
    said["decides"] = vocabulary.decides(
        row["attribute"], row["kpi"] if row["kind"] == "rule" else None, row["step"], row["problem"]
    )
    return said


def _size(row: Mapping[Any, Any]) -> tuple[float, float, float, str]:
    """How much it is, near end first, in the unit of the finding summed over its cases."""
    if row["unit"] == "day":
        return row["days_low"], row["days"], row["days_high"], "case_day"
    if row["kind"] == "cause":
        low, value, high = sorted(abs(float(row[name])) * row["cases"] for name in ("low", "effect", "high"))
        return low, value, high, "count"
    if row["kind"] == "change":
        return 1 + row["low"], 1 + row["effect"], 1 + row["high"], "ratio"
    return np.nan, float(row["cases"]), np.nan, "count"


def how_sure(row: Mapping[Any, Any]) -> int:
    """How sure a finding is of its own numbers; that it is a lever says its attribute."""
    if row["kind"] in ("rule", "receivable"):
        return VERY_SURE
    if row["kind"] == "discount":
        # Where the verdict hangs on a margin that nobody gave, nothing is decided.
        given = row["value"] == "lowers" or not row["margin_needed"] <= 1 or row["margin"] == row["margin"]
        return LIKELY if given else UNSURE
    low, value = sorted(abs(float(row[name])) for name in ("low", "effect"))
    beyond = np.sign(row["low"]) == np.sign(row["high"]) != 0
    if not beyond:
        return UNSURE
    # Nearly the same cases under another name: which of them it is, nobody knows.
    twin = any(" = " in echo for echo in row["echoes"] or ())
    rare = row["kind"] == "bottleneck" or row["q"] <= ALMOST_NEVER
    return VERY_SURE if rare and not twin and low >= CAREFUL * value else LIKELY


def _turn(row: Mapping[Any, Any]) -> int:
    """What comes first; within each, the order of the findings is kept."""
    attributes = row["attribute"] if isinstance(row["attribute"], list) else [row["attribute"]]
    if any(name and matching.is_person(str(name)) for name in attributes):
        return 4
    if row["kind"] in ("cause", "change") and row["lever"] is None:
        return 3
    return {"rule": 1, "receivable": 2}.get(row["kind"], 0)


def _varied(rows: list[dict[str, Any]], most: int) -> list[dict[str, Any]]:
    """The first of each problem, then whatever else is left; never two about one group, step or rule."""
    chosen: list[dict[str, Any]] = []
    for again in (False, True):
        for row in rows:
            about = [(each["kpi"], each["step"]) for each in chosen]
            groups = [(str(each["attribute"]), str(each["value"])) for each in chosen if each["attribute"]]
            seen = (row["kpi"], row["step"]) in about or (str(row["attribute"]), str(row["value"])) in groups
            other = again or row["problem"] not in {each["problem"] for each in chosen}
            if other and not seen and len(chosen) < most:
                chosen.append(row)
    return sorted(chosen, key=rows.index) if chosen else []


def _placed(rows: list[dict[str, Any]], log: EventLog, rules: Source, names: bool | None, level: float) -> None:
    """Put to each action what the search for causes knows beside the findings."""
    if not rows:
        return
    known, _ = searched(log, None, rules, level)
    told = hidden(table(known, log), log, names)
    groups = dict(zip(told.index, told.to_dict("records"), strict=True))
    for row in rows:
        if row["kind"] == "cause":
            group = known[next(k for k, each in groups.items() if _key(each) == _key(row))]
            row |= {"mean": group.mean, "comparable": group.mean - group.lost.value / group.cases}
        elif row["kind"] == "rule":
            row |= _where(row, groups, known)


def _key(row: Mapping[Any, Any]) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in ("kpi", "step", "attribute", "value"))


def _where(row: Mapping[str, Any], groups: Mapping[int, Mapping[Any, Any]], known: list[Finding]) -> dict[str, Any]:
    """The group in which more than half of the cases lie that break a rule, if it breaks it more often than others; no person."""
    places = [
        (len(known[k].wrong), k)
        for k, each in groups.items()
        if each["kpi"] == row["kpi"] and each["adverse"] and not any(map(matching.is_person, known[k].attribute))
    ]
    count, place = max(places, default=(0, -1))
    if count <= MOSTLY_THERE * row["cases"]:
        return {}
    return {"where": groups[place]["attribute"], "where_value": groups[place]["value"], "where_cases": count}
