"""Which rules are broken, in which cases, and what is at stake?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c import engine, stats
from l2c.diagnose.rules import files
from l2c.diagnose.rules.conditions import condition, names
from l2c.diagnose.rules.evidence import NOT_APPLICABLE, OK, PENDING, UNKNOWN, VIOLATED, WORDS, Events, Verdict
from l2c.diagnose.rules.files import VERBS, Rule
from l2c.log import EventLog
from l2c.measures.facts import Facts, not_as_they_were
from l2c.measures.observations import observations
from l2c.measures.spans import SEEN, accounts
from l2c.stats import SMALLEST_SAMPLE

# The verdict that outweighs the others when a rule demands several things.
GRAVITY = {NOT_APPLICABLE: 0, OK: 1, PENDING: 2, UNKNOWN: 3, VIOLATED: 4}
Source = str | Path | None
# What a case is judged by are its own events; by the stages of other cases, too, where a rule asks for the usual ones.
BY_OTHERS = ("stages",)


def compliance(log: EventLog, rules: Source = None, *, level: float = 0.95) -> pd.DataFrame:
    """Judge every case by every rule.

    Parameters
    ----------
    rules
        A YAML file (see docs/rules.md); the rules shipped with the kit unless given.
    level
        Level of the intervals.

    Returns
    -------
    One row per rule, most broken first: `rule`; `severity`; `count` of cases that break it; `applicable` (cases it
    applies to and that can be judged); `share` with `low, high` (Wilson, 1927, by account where the log knows accounts); `pending` (open cases that may still
    keep or break it); `unknown` (cases that cannot be judged: both events on one day without a time, nobody
    recorded, a value missing), which count as neither; `amount` (sum over the cases that break it, in the log's
    currency, NaN where it is unknown or mixed); `days` with `days_low, days_high`: how much longer the sales cycle of
    those that break it is than that of those that keep it, on average and as it stands (not adjusted; negative where
    breaking it saves time; Welch's interval, NaN under 20 closed deals on either side); `cases` (ids of those that
    break it). A rule about activities or attributes that the log does not record applies to no case.

    Raises
    ------
    BadRules
        If the file cannot be read, or a rule makes no sense.
    """
    files.shipped_names(rules, "rule")
    facts = Facts.of(log)
    ids = case_ids(log)
    amount = facts.number("amount") if log.one_currency else np.full(len(facts), np.nan)
    cycle = observations(facts, "sales_cycle_days") if len(facts) else None
    rows = []
    for rule, verdict in judged(facts, rules):
        state = verdict.state
        broken, fine = state == VIOLATED, state == OK
        of = np.flatnonzero(broken | fine)
        count = int(broken.sum())
        longer = stats.UNKNOWN
        if cycle is not None:
            ended = cycle.how == SEEN
            days, closed = cycle.value[ended], cycle.case[ended]
            sides = broken[closed], fine[closed]
            known = (None, None) if cycle.account is None else tuple(cycle.account[ended][some] for some in sides)
            longer = _longer(days[sides[0]], days[sides[1]], level, known)
        sums = amount[broken & ~np.isnan(amount)]
        money = float(sums.sum()) if len(sums) or not count else np.nan
        pending, unknown = int((state == PENDING).sum()), int((state == UNKNOWN).sum())
        share = stats.share(broken[of], level, accounts(facts, of))
        rows.append((rule.id, rule.severity, count, len(of), *share, pending, unknown, money, *longer, ids[broken]))
    columns = "rule severity count applicable share low high pending unknown amount days days_low days_high cases"
    table = pd.DataFrame(rows, columns=columns.split())
    table["cases"] = [sorted(map(str, cases)) for cases in table["cases"]]
    return table.sort_values(["count", "applicable", "rule"], ascending=[False, False, True], ignore_index=True)


def violations(log: EventLog, *, level: float = 0.95) -> pd.DataFrame:
    """The cases that break the rules shipped with the kit.

    Returns
    -------
    `rule, count, applicable, share, low, high, unknown, cases` of `compliance`.
    """
    table = compliance(log, level=level)
    return table[["rule", "count", "applicable", "share", "low", "high", "unknown", "cases"]]


def verdicts(log: EventLog, rules: Source = None) -> pd.DataFrame:
    """Every case that breaks a rule, may yet break it or cannot be judged, with the events that show it.

    Returns
    -------
    One row per rule and case, violations first: `rule, case_id, verdict` (violated, pending, unknown); `activity,
    time, source_row` of the event that shows it and `other_activity, other_time, other_source_row` of the one it was
    compared with, missing where the rule is about something that did not happen.
    """
    files.shipped_names(rules, "rule")
    facts = Facts.of(log)
    ids = case_ids(log)
    parts = []
    for rule, verdict, events in _all(facts, files.rules(rules)):
        cases = np.flatnonzero(np.isin(verdict.state, [VIOLATED, PENDING, UNKNOWN]))
        part = pd.DataFrame({"rule": rule.id, "case_id": ids[cases], "_state": verdict.state[cases]})
        for prefix, at in (("", verdict.first[cases]), ("other_", verdict.second[cases])):
            shown = events.rows.reindex(np.where(at >= 0, at, -1))[["activity", "time", "source", "source_row"]]
            part[f"{prefix}activity"] = shown["activity"].to_numpy(object)
            part[f"{prefix}time"] = facts.clock.shown(shown["time"]).to_numpy()
            place = [
                None if pd.isna(s) else f"{s}:{int(r)}"
                for s, r in zip(shown["source"], shown["source_row"], strict=True)
            ]
            part[f"{prefix}source_row"] = pd.Series(place, dtype=object)
        parts.append(part)
    columns = ["rule", "case_id", "verdict", "activity", "time", "source_row"]
    columns += [f"other_{name}" for name in columns[3:]]
    if not parts:
        return pd.DataFrame(columns=columns)
    table = pd.concat(parts, ignore_index=True)
    table["verdict"] = pd.Series([WORDS[state] for state in table["_state"]], index=table.index, dtype=object)
    table["_grave"] = table["_state"].map(GRAVITY)
    order = table.sort_values(["_grave", "rule", "case_id"], ascending=[False, True, True], ignore_index=True)
    return order[columns]


class Judged(NamedTuple):
    """The verdict of a rule on each case."""

    state: NDArray[np.int8]


def judged(facts: Facts, source: Source = None) -> Iterator[tuple[Rule, Judged]]:
    """Each rule with its verdict on every case, which is worked out once for the whole log unless other cases count."""
    known = files.rules(source)
    alone = [rule for rule in known if not any(verb in BY_OTHERS for verb, _ in rule.require)]
    key = ("verdicts", repr(alone), facts.until)
    states = facts.log.base.memo(
        key, lambda: {rule.id: verdict.state for rule, verdict, _ in _all(facts.whole(), alone)}
    )
    for rule in known:
        if rule.id in states:
            yield rule, Judged(states[rule.id][facts.rows])
        else:
            yield from ((each, Judged(verdict.state)) for each, verdict, _ in _all(facts, [rule]))


def _all(facts: Facts, known: Sequence[Rule]) -> Iterator[tuple[Rule, Verdict, Events]]:
    if not known:
        return
    wanted = {name for rule in known for name in _names(rule.require)}
    events = Events.of(facts, sorted(wanted & set(facts.log.activities)))
    for rule in known:
        parts = [VERBS[verb](events, argument, rule.id) for verb, argument in rule.require]
        verdict = _gravest(parts)
        if rule.when:
            holds, unknown = condition(rule.when, facts, rule.id)
            state = np.where(holds, verdict.state, NOT_APPLICABLE)
            matters = unknown & np.isin(verdict.state, [VIOLATED, PENDING, UNKNOWN])
            state = np.where(matters & _recorded(rule.when, facts), UNKNOWN, state)
            verdict = Verdict(state.astype(np.int8), verdict.first, verdict.second)
        if not_as_they_were(facts, set(_names(rule.require)), most=0.0):
            # Of a part of the process nobody can say that something never happened.
            verdict = Verdict(np.full_like(verdict.state, NOT_APPLICABLE), verdict.first, verdict.second)
        yield rule, verdict, events


def _recorded(when: str, facts: Facts) -> bool:
    """Whether the log has the attributes that a condition asks for: one that it lacks makes no case unclear."""
    return names(when) <= set(facts.log.attributes)


def _gravest(parts: Sequence[Verdict]) -> Verdict:
    """Of several demands the one that is broken decides, then the one that cannot be judged."""
    best = parts[0]
    weight = np.array([GRAVITY[k] for k in range(len(GRAVITY))])
    for other in parts[1:]:
        graver = weight[other.state] > weight[best.state]
        best = Verdict(*(np.where(graver, b, a) for a, b in zip(_fields(best), _fields(other), strict=True)))
    return best


def _fields(verdict: Verdict) -> tuple[Any, Any, Any]:
    return verdict.state, verdict.first, verdict.second


def _names(argument: Any) -> Iterator[str]:
    """Every text in what a rule requires; those that are activities will be fetched."""
    if isinstance(argument, str):
        yield argument
    elif isinstance(argument, dict):
        for value in argument.values():
            yield from _names(value)
    elif isinstance(argument, list | tuple):
        for value in argument:
            yield from _names(value)


def _longer(one: Any, other: Any, level: float, known: Any) -> stats.Estimate:
    few = min(len(one), len(other)) < SMALLEST_SAMPLE
    return stats.UNKNOWN if few else stats.mean_difference(one, other, level, known)


def case_ids(log: EventLog) -> Any:
    """Id of each case, in the order of its facts."""
    rows = engine.collect(log.cases.select("case_key", "case_id")).sort_values("case_key")
    return rows["case_id"].to_numpy(object)
