"""What is remarkable about each case, in one word?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from l2c import stats
from l2c.diagnose.rules.compliance import case_ids, judged
from l2c.diagnose.rules.conditions import condition
from l2c.diagnose.rules.due_dates import documents, due_dates
from l2c.diagnose.rules.evidence import VIOLATED, Events
from l2c.diagnose.rules.files import document, shipped_names
from l2c.diagnose.rules.verbs import alternatives, span
from l2c.log import EventLog, several
from l2c.measures.facts import NEVER, Facts, Flags, not_as_they_were
from l2c.measures.objects import told_apart
from l2c.measures.spans import accounts
from l2c.stats import SMALLEST_SAMPLE
from l2c.words.errors import BadRules, UnknownName

WAYS = ("rule", "when", "repeats", "after", "missing", "due")


def tags(log: EventLog, rules: str | Path | None = None) -> pd.DataFrame:
    """Mark the cases of which something holds.

    Parameters
    ----------
    rules
        A YAML file with sections `rules`, `tags` and `due_dates` (see docs/rules.md); the shipped one unless given.

    Returns
    -------
    One row per case and tag: `case_id, tag`, by tag and case.

    Raises
    ------
    BadRules
        If the file cannot be read, or a tag makes no sense.
    """
    facts = Facts.of(log)
    flags = _flags(facts, rules)
    names = case_ids(log)
    parts = [pd.DataFrame({"case_id": names[flag], "tag": tag}) for tag, flag in flags.items()]
    if not parts:
        return pd.DataFrame(columns=["case_id", "tag"])
    return pd.concat(parts, ignore_index=True).sort_values(["tag", "case_id"], ignore_index=True)


def tag_counts(
    log: EventLog, by: str | None = None, rules: str | Path | None = None, *, level: float = 0.95
) -> pd.DataFrame:
    """How many cases carry each tag.

    Parameters
    ----------
    by
        An attribute: one row per tag and value with at least 20 cases.

    Returns
    -------
    `tag`, the attribute asked for, `count` of cases that carry it, `cases` in all, `share` with `low, high` (Wilson, by account where
    the log knows accounts): by tag, the highest share first.

    Raises
    ------
    UnknownName
        If the log has no such attribute.
    """
    if by is not None and by not in log.attributes:
        raise UnknownName.attribute(by, log.attributes)
    facts = Facts.of(log)
    values = pd.Series(["all"] * len(facts)) if by is None else facts.attribute(by)
    codes, groups = pd.factorize(values, sort=True)
    labels = several.groups(log.base, by or "", list(groups))
    members = [(group, np.flatnonzero(several.among(codes, places))) for group, places in labels]
    rows = []
    for tag, flag in _flags(facts, rules).items():
        for group, cases in members:
            if by is None or len(cases) >= SMALLEST_SAMPLE:
                share = stats.share(flag[cases], level, accounts(facts, cases))
                rows.append((tag, group, int(flag[cases].sum()), len(cases), *share))
    name = by or "_all"
    table = pd.DataFrame(rows, columns=["tag", name, "count", "cases", "share", "low", "high"])
    table = table.sort_values(["tag", "share", name], ascending=[True, False, True], ignore_index=True)
    return table if by is not None else table.drop(columns="_all")


def _flags(facts: Facts, source: str | Path | None) -> dict[str, Flags]:
    shipped_names(source, "tag")
    found: dict[str, Flags] = {}
    broken = {rule.id: verdict.state == VIOLATED for rule, verdict in judged(facts, source)}
    late = _late(facts, source)
    events = Events.of(facts, sorted(set(facts.log.activities)) if _needs_events(source) else [])
    for raw in document(source).get("tags") or ():
        if not isinstance(raw, dict) or "id" not in raw or sum(way in raw for way in WAYS) != 1:
            raise BadRules.incomplete(raw)
        found[str(raw["id"])] = _flag(facts, raw, broken, late, events)
    return found


def _flag(facts: Facts, raw: dict[str, Any], broken: dict[str, Flags], late: dict[str, Flags], events: Events) -> Flags:
    name = str(raw["id"])
    if "rule" in raw:
        if raw["rule"] not in broken:
            raise BadRules.key(name, f"rule: {raw['rule']}", sorted(broken))
        return broken[raw["rule"]]
    if "due" in raw:
        return late.get(str(raw["due"]), np.zeros(len(facts), bool))
    if "when" in raw:
        return condition(str(raw["when"]), facts, name)[0]
    if "repeats" in raw:
        return _repeated(events, alternatives(raw["repeats"], name), int(raw.get("more_than", 1)))
    if "after" in raw:
        first, second = (alternatives(part, name) for part in raw["after"])
        rows = events.of_kind(second)
        closed = facts.first(*first)
        flag = np.zeros(len(facts), bool)
        flag[events.case[rows[events.time[rows] > closed[events.case[rows]]]]] = True
        return flag
    start, end, wait = raw["missing"]
    if not_as_they_were(facts, {*alternatives(start, name), *alternatives(end, name)}, most=0.0):
        return np.zeros(len(facts), bool)
    began, came = facts.first(*alternatives(start, name)), facts.first(*alternatives(end, name))
    limit = span(wait, name, facts)
    begins = next((each for each in alternatives(start, name) if each in facts.log.activities), "")
    if own := told_apart(facts.log.base, begins, alternatives(end, name)):
        # Each order for itself: what was delivered of another says nothing of this one.
        case, since, until = documents(facts, begins, own)
        long = limit.exceeded(facts, case, since, np.full(len(case), facts.until))
        overdue = np.bincount(case[(until == NEVER) & long], minlength=len(facts)) > 0
    else:
        since, until = np.where(began == NEVER, facts.until, began), np.full(len(facts), facts.until)
        long = limit.exceeded(facts, np.arange(len(facts)), since, until)
        overdue = (began != NEVER) & (came == NEVER) & long
    return overdue & (facts.gone == NEVER) & events.known(alternatives(end, name))


def _repeated(events: Events, names: list[str], most: int) -> Flags:
    """Cases in which an activity happens more often than so, for the same object where objects are known."""
    rows = events.of_kind(names)
    keys = [events.case[rows]]
    if "object_id" in events.rows:
        keys.append(pd.factorize(events.rows["object_id"].iloc[rows])[0])
    counts = pd.Series(1, index=range(len(rows))).groupby(keys).transform("sum").to_numpy(np.int64)
    flag = np.zeros(len(events.facts), bool)
    flag[events.case[rows[counts > most]]] = True
    return flag


def _late(facts: Facts, source: str | Path | None) -> dict[str, Flags]:
    """Cases in which each due date was missed, by any of its objects."""
    table = due_dates(facts.log, source)
    missed = table[table["late"].fillna(False).astype(bool)]
    place = {name: k for k, name in enumerate(case_ids(facts.log))}
    found = {}
    for due, rows in missed.groupby("due"):
        flag = np.zeros(len(facts), bool)
        flag[[place[name] for name in rows["case_id"]]] = True
        found[str(due)] = flag
    return found


def _needs_events(source: str | Path | None) -> bool:
    return any(isinstance(t, dict) and ("repeats" in t or "after" in t) for t in document(source).get("tags") or ())
