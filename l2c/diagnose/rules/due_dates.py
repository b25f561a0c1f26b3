"""What was expected when, and when did it happen?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c.diagnose.rules.compliance import case_ids
from l2c.diagnose.rules.evidence import Events
from l2c.diagnose.rules.files import document, shipped_names
from l2c.diagnose.rules.verbs import alternatives
from l2c.log import EventLog
from l2c.log.settlement import PAYMENT
from l2c.measures.facts import DAY, NEVER, Facts, Flags, as_times
from l2c.measures.invoices import invoices
from l2c.measures.objects import followed
from l2c.words.errors import BadRules

COLUMNS = ("case_id", "due", "expected", "actual", "late", "days_late")
KEYS = {"id", "from", "to", "days", "date", "terms", "en", "ja"}


def due_dates(log: EventLog, rules: str | Path | None = None) -> pd.DataFrame:
    """Expected against actual dates.

    Parameters
    ----------
    rules
        A YAML file with a section `due_dates` (see docs/rules.md); the shipped one unless given.

    Returns
    -------
    One row per case and due date, by case and expected date: `case_id`; `due` (id of the due date); `expected`;
    `actual` (missing while it has not happened); `late`: True or False, missing where it has not happened and is not
    due yet, or was ruled out; `days_late` (negative when early; for what is open and overdue, days until the
    extraction). Payments have a row per invoice,
    paid on the day from which nothing is left of it. A due date whose activities the log does not record has no rows.

    Raises
    ------
    BadRules
        If the file cannot be read, or a due date makes no sense.

    Notes
    -----
    Expected: the date the log gives, else so many days after the first `from` of the case as the attribute says, else
    the `days` of the file. Whole days count: what happens on the day it is due is in time.
    """
    shipped_names(rules, "due")
    facts = Facts.of(log)
    parts = [part for rule in document(rules).get("due_dates") or () for part in _of_rule(facts, rule)]
    if not parts:
        return pd.DataFrame(columns=list(COLUMNS))
    table = pd.concat(parts, ignore_index=True)
    names = case_ids(log)
    table.insert(0, "case_id", names[table.pop("_case").to_numpy(np.int64)])
    return table[list(COLUMNS)].sort_values(["case_id", "expected", "due", "actual"], ignore_index=True)


def _of_rule(facts: Facts, rule: Any) -> Iterator[pd.DataFrame]:
    if not isinstance(rule, dict) or not {"id", "from", "to", "days"} <= set(rule):
        raise BadRules.incomplete(rule)
    name = str(rule["id"])
    if unknown := sorted(set(rule) - KEYS):
        raise BadRules.key(name, unknown[0], sorted(KEYS))
    start_names, ends = alternatives(rule["from"], name), rule["to"]
    agreed: NDArray[np.int64] | None = None
    last: NDArray[np.int64] | None = None
    if ends == "any":
        found = followed(facts.log.base, *start_names)
        place = facts.place[found.case_key]
        case, start, end = (each[place >= 0] for each in (place, found.start, found.end))
    elif PAYMENT in alternatives(ends, name):
        sent = invoices(facts)
        case, start, agreed = sent.wait.case, sent.wait.start, sent.due
        # What was written off is late until then, and has no date of payment.
        end, last = np.where(sent.seen, sent.wait.end, NEVER), sent.wait.end
    else:
        began, ended = facts.first(*start_names), _after(facts, start_names, alternatives(ends, name))
        if not set(alternatives(ends, name)) & set(facts.log.activities):
            return
        case = np.flatnonzero(began != NEVER)
        start, end = began[case], ended[case]
    if len(case):
        expected = _expected(facts, rule, case, start // DAY, agreed)
        # An invoice is owed whatever becomes of the deal.
        gone = np.zeros(len(case), bool) if agreed is not None else facts.gone[case] != NEVER
        yield _judged(name, case, expected * DAY, end, np.full(len(case), facts.until) if last is None else last, gone)


def _expected(
    facts: Facts, rule: Any, case: NDArray[np.int64], day: NDArray[np.int64], agreed: NDArray[np.int64] | None
) -> NDArray[np.int64]:
    """The day on which each is due, in days since 1970: as the log gives it, as it was agreed, else so many days on."""
    expected = day + round(float(rule["days"]))
    if "terms" in rule:
        terms = facts.number(str(rule["terms"]))[case]
        expected = np.where(np.isnan(terms), expected, day + np.rint(np.nan_to_num(terms)).astype(np.int64))
    if agreed is not None:
        expected = np.where(agreed >= 0, agreed, expected)
    given = _given(facts, rule.get("date") or ())
    return expected if given is None else np.where(given[case] == NEVER, expected, given[case] // DAY)


def _judged(
    name: str,
    case: NDArray[np.int64],
    expected: NDArray[np.int64],
    end: NDArray[np.int64],
    last: NDArray[np.int64],
    gone: Flags,
) -> pd.DataFrame:
    """Compare what was expected with the end or, where there is none, with when each was `last` looked at."""
    happened = end != NEVER
    until = np.where(happened, end, last)
    over = until // DAY - expected // DAY
    # What has not happened and is ruled out by a lost deal or lead is neither late nor in time.
    known = happened | ((over > 0) & ~gone)
    late = pd.array(np.where(known, over > 0, False), dtype="boolean")
    late[~known] = pd.NA
    return pd.DataFrame(
        {
            "_case": case,
            "due": name,
            "expected": expected.astype("datetime64[us]"),
            "actual": np.where(happened, end.astype("datetime64[us]"), np.datetime64("NaT", "us")),
            "late": late,
            "days_late": np.where(known, over, np.nan).astype(np.float64),
        }
    )


def _after(facts: Facts, start: list[str], end: list[str]) -> NDArray[np.int64]:
    """The first end at or after the first start of each case."""
    events = Events.of(facts, sorted({*start, *end} & set(facts.log.activities)))
    began = facts.first(*start)
    rows = events.of_kind(end)
    rows = rows[events.time[rows] >= began[events.case[rows]]]
    found = np.full(len(facts), NEVER)
    found[events.case[rows][::-1]] = events.time[rows][::-1]
    return found


def _given(facts: Facts, names: Any) -> NDArray[np.int64] | None:
    """A date that the log itself gives for each case."""
    for name in names:
        if name in facts.log.attributes:
            values = pd.to_datetime(facts.attribute(name), errors="coerce")
            return as_times(values.to_numpy())
    return None
