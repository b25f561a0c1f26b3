"""What can be watched, now or on an earlier day: open deals, open invoices, broken rules?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c import engine
from l2c.diagnose.rules.compliance import case_ids, verdicts
from l2c.diagnose.rules.files import SEVERITY, rules
from l2c.measures.facts import DAY, NEVER, Facts, Times, as_times
from l2c.measures.invoices import invoices
from l2c.measures.stages import STILL, visits
from l2c.monitor.alert_file import DEALS, INVOICES, RULES
from l2c.monitor.then import attribute_kinds, attribute_then, last_of, values_of
from l2c.monitor.when import DAY as OF_DAYS
from l2c.monitor.when import FLAG, NUMBER, TEXT, Columns, Table, Values
from l2c.words import vocabulary


@dataclass(frozen=True, eq=False)
class Rows:
    """What is watched at one moment; every array has one place per row.

    Attributes
    ----------
    case
        Row of the facts.
    columns
        The values of a column by its name.
    key
        By a measure: a number for what fires once, such as the stay of a deal in a stage.
    since
        By a measure: when that began, in microseconds since 1970; NEVER where unknown.
    """

    case: NDArray[np.int64]
    columns: Columns
    key: Callable[[str], NDArray[np.int64]]
    since: Callable[[str], Times]


@dataclass(frozen=True, eq=False)
class Stays:
    """Waits of which it can be learnt how long is long.

    Attributes
    ----------
    case, days, seen, entry
        Row of the facts; days from the beginning to the end or the last look; whether the end was seen; days from the beginning
        to the first look.
    stage
        In which stage each was; None where they are not of stages.
    """

    case: NDArray[np.int64]
    days: NDArray[np.float64]
    seen: NDArray[np.bool_]
    entry: NDArray[np.float64]
    stage: NDArray[Any] | None = None


@dataclass(frozen=True, eq=False)
class Watched:
    """Something that is watched: what a condition may ask of it, its rows at a moment, and the waits by a measure of days."""

    facts: Facts
    table: Table
    at: Callable[[int], Rows]
    stays: Callable[[str], Stays] | None = None


def open_deals(facts: Facts, source: str | Path | None = None) -> Watched:
    """The open deals: how long they are in their stage and without an event, and what is known of them.

    Notes
    -----
    Stages are those of the history or of the stage after each event (`measures.stages.visits`); in a log without either, the last
    event counts as the stage. Attributes of which the log tells changes are those of the moment.
    """
    began = facts.first("Opportunity Created")
    began = np.where(began == NEVER, facts.column("started"), began)
    over = np.minimum(facts.won, facts.gone)
    # What only some alerts ask for is made when it is.
    events = cache(lambda: happened(facts, began, over))
    stays = stays_in_stages(facts, over, events)
    own = ("in_stage_days", "quiet_days", "age_days", "rules_broken")
    kinds = {name: NUMBER for name in own} | {"stage": TEXT} | attribute_kinds(facts.log)

    def at(until: int) -> Rows:
        case = np.flatnonzero(facts.deal & (began <= until) & (until < over))
        stay = last_of(stays["case"], (stays["start"] <= until) & (until < stays["end"]), len(facts))[case]

        def event() -> NDArray[np.int64]:
            return last_of(events()["case"], events()["time"] <= until, len(facts))[case]

        def columns(name: str) -> Values:
            if name == "in_stage_days":
                return _ago(facts, case, _picked(stays["start"], stay), until)
            if name == "quiet_days":
                return _ago(facts, case, _picked(events()["time"], event()), until)
            if name == "age_days":
                return _ago(facts, case, began[case], until)
            if name == "rules_broken":
                told = violations(facts, source)
                count = np.bincount(told.loc[told["time"] <= until, "case"], minlength=len(facts))
                return np.asarray(count[case], np.float64)
            if name == "stage":
                found, known = np.full(len(case), None, object), stay >= 0
                found[known] = stays["stage"].to_numpy(object)[stay[known]]
                return found
            return attribute_then(facts, name, until)[case]

        def key(measure: str) -> NDArray[np.int64]:
            return stay if measure == "in_stage_days" else event() if measure == "quiet_days" else case

        def since(measure: str) -> Times:
            if measure == "in_stage_days":
                return _picked(stays["start"], stay)
            return _picked(events()["time"], event()) if measure == "quiet_days" else began[case]

        return Rows(case, columns, key, since)

    def waits(measure: str) -> Stays:
        if measure == "age_days":
            case = np.flatnonzero(facts.deal & (began <= facts.until))
            return _stays(facts, case, began[case], over[case])
        rows = stays if measure == "in_stage_days" else events().rename(columns={"time": "start"})
        case = rows["case"].to_numpy(np.int64)
        stage = rows["stage"].to_numpy(object) if measure == "in_stage_days" else None
        return _stays(facts, case, rows["start"].to_numpy(np.int64), rows["end"].to_numpy(np.int64), stage)

    stages = list(dict.fromkeys(map(str, stays["stage"])))
    return Watched(facts, Table(DEALS, kinds, values_of(facts, {"stage": stages})), at, waits)


def open_invoices(facts: Facts) -> Watched:
    """The open invoices: how many days past due (negative before it), and what is still to be paid."""
    found = invoices(facts)
    case, sent, end = found.wait.case, found.wait.start, np.where(found.still, NEVER, found.wait.end)
    due = np.where(found.known, found.due, np.nan)
    kinds = attribute_kinds(facts.log) | {"late_days": NUMBER, "open_amount": NUMBER, "amount": NUMBER}
    kinds |= {"due_date": OF_DAYS, "sent_date": OF_DAYS}

    def at(until: int) -> Rows:
        row = np.flatnonzero((sent <= until) & (until < end))
        today = facts.clock.day(until)

        def columns(name: str) -> Values:
            if name == "late_days":
                return np.asarray(today - due[row])
            if name == "open_amount":
                return (found.open_amount if until == facts.until else found.open_at(today))[row]
            if name == "amount":
                return found.amount[row]
            if name in ("due_date", "sent_date"):
                return (due if name == "due_date" else found.sent_day.astype(np.float64))[row]
            return attribute_then(facts, name, until)[case[row]]

        def since(measure: str) -> Times:
            days = np.where(found.known, found.due, 0)[row]
            return np.where(found.known[row], days * DAY, NEVER) if measure == "late_days" else sent[row]

        return Rows(case[row], columns, lambda measure: row, since)

    def waits(measure: str) -> Stays:
        kept = np.flatnonzero(found.known)
        late = np.maximum(found.late_days[kept], 0).astype(np.float64)
        first = facts.watched[0]
        entry = np.maximum((first // DAY - found.due[kept]).astype(np.float64), 0) * (sent[kept] < first)
        return Stays(case[kept], late, found.seen[kept] | found.lost[kept], entry)

    return Watched(facts, Table(INVOICES, kinds, values_of(facts, {})), at, waits)


def broken_rules(facts: Facts, source: str | Path | None = None) -> Watched:
    """The rules that were broken: which, in which case, how many days ago."""
    found = violations(facts, source)
    case, time = found["case"].to_numpy(np.int64), found["time"].to_numpy(np.int64)
    known = {"rule": [rule.id for rule in rules(source)], "severity": list(SEVERITY)}
    kinds = attribute_kinds(facts.log) | {"rule": TEXT, "severity": TEXT, "days_ago": NUMBER, "is_open": FLAG}

    def at(until: int) -> Rows:
        row = np.flatnonzero(time <= until)

        def columns(name: str) -> Values:
            if name == "days_ago":
                return np.asarray(facts.clock.day(until) - facts.days(time[row]), np.float64)
            if name == "is_open":
                return facts.open[case[row]]
            if name in ("rule", "severity"):
                return found[name].to_numpy(object)[row]
            return attribute_then(facts, name, until)[case[row]]

        return Rows(case[row], columns, lambda measure: row, lambda measure: time[row])

    return Watched(facts, Table(RULES, kinds, values_of(facts, known)), at)


def violations(facts: Facts, source: str | Path | None = None) -> pd.DataFrame:
    """Every case that breaks a rule: `rule, severity, case` (row of the facts), `time` at which it showed (microseconds).

    What shows that something never happened is the end of the deal, or else the last event.
    """
    return facts.memo(("violations", source), lambda: _violations(facts, source))


def _violations(facts: Facts, source: str | Path | None) -> pd.DataFrame:
    table = verdicts(facts.log, source)
    table = table[table["verdict"] == "violated"]
    place = {id: k for k, id in enumerate(case_ids(facts.log))}
    case = table["case_id"].map(place).to_numpy(np.int64)
    shown = pd.concat([pd.to_datetime(table[name]) for name in ("time", "other_time")], axis=1).max(axis=1)
    walls = as_times(shown.to_numpy("datetime64[us]"))
    known = walls != NEVER
    time = np.minimum(np.minimum(facts.won, facts.gone), facts.column("ended"))[case]
    time[known] = facts.clock.moments(walls[known])
    grave = {rule.id: rule.severity for rule in rules(source)}
    found = pd.DataFrame({"rule": table["rule"], "severity": table["rule"].map(grave), "case": case, "time": time})
    return found.reset_index(drop=True)


def happened(facts: Facts, began: Times, over: Times, some: NDArray[np.bool_] | None = None) -> pd.DataFrame:
    """What happened to each deal from one time to another, in order: `case, time, end` (when the next thing did), `activity`.

    Parameters
    ----------
    began, over
        From when on, and before when, of each case.
    some
        Which cases; the deals unless given.
    """
    some = facts.deal if some is None else some

    told = facts.log.base.events.select("case_key", "position", "time", "activity")
    rows = engine.fetch(told).to_pandas(strings_to_categorical=True)
    rows = rows.sort_values(["case_key", "position"], ignore_index=True)
    case, time = facts.place[rows["case_key"].to_numpy(np.int64)], as_times(rows["time"].to_numpy())
    here = (case >= 0) & (time <= facts.until)
    here[here] &= some[case[here]] & (time[here] >= began[case[here]]) & (time[here] < over[case[here]])
    found = pd.DataFrame({"case": case[here], "time": time[here], "activity": rows["activity"][here]})
    return _ended(found.reset_index(drop=True), "time", over)


def stays_in_stages(facts: Facts, over: Times, happened: Callable[[], pd.DataFrame]) -> pd.DataFrame:
    """Each stay of an open deal in a stage, in order: `case, stage, start, end` (NEVER where it is there still)."""
    found = visits(facts).rows
    if len(found):
        found = found[facts.deal[found["case"].to_numpy(np.int64)]].reset_index(drop=True)
        end = np.where(found["way"] == STILL, NEVER, found["end"])
        return found[["case", "stage", "start"]].assign(end=end)
    events = happened()
    steps = events[~events["activity"].isin(vocabulary.marks())].reset_index(drop=True)
    # What is only written down again is no other stage.
    steps["activity"] = steps["activity"].astype(str)
    again = steps["case"].eq(steps["case"].shift()) & steps["activity"].eq(steps["activity"].shift())
    steps = _ended(steps[~again].reset_index(drop=True), "time", over)
    return steps.rename(columns={"activity": "stage", "time": "start"})[["case", "stage", "start", "end"]]


def _ended(rows: pd.DataFrame, start: str, over: Times) -> pd.DataFrame:
    """The rows with `end`: when the next one of the case begins, or the case is over."""
    case = rows["case"].to_numpy(np.int64)
    end = over[case]
    later = np.flatnonzero(case[1:] == case[:-1])
    end[later] = rows[start].to_numpy(np.int64)[later + 1]
    return rows.assign(end=end)


def _stays(facts: Facts, case: NDArray[np.int64], start: Times, end: Times, stage: Any = None) -> Stays:
    seen = end <= facts.until
    days = facts.elapsed(case, start, np.where(seen, end, facts.until))
    first = facts.history_start
    entry = np.zeros(len(case))
    if first is not None:
        late = start < first
        entry[late] = facts.elapsed(case[late], start[late], first)
    return Stays(case, days, seen, entry, stage)


def _ago(facts: Facts, case: NDArray[np.int64], start: Times, until: int) -> NDArray[np.float64]:
    known = start != NEVER
    days = np.full(len(case), np.nan)
    days[known] = facts.elapsed(case[known], start[known], until)
    return days


def _picked(values: Any, rows: NDArray[np.int64]) -> Times:
    held = np.asarray(values, np.int64)
    return np.where(rows >= 0, held[rows], NEVER) if len(held) else np.full(len(rows), NEVER)
