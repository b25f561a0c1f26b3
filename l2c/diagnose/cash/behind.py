"""Which cases are behind the rows of the tables of money: those of the invoices, lines and documents that each counts?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from l2c.diagnose.cash.payments import parts
from l2c.diagnose.cash.receivables import aged
from l2c.log import EventLog
from l2c.measures.behind import Found, of_keys, places
from l2c.measures.bridge import bridge
from l2c.measures.facts import Facts
from l2c.measures.invoices import Invoices, invoices

PAYMENTS = {
    "measure", "unit", "value", "low", "high", "cases", "censored", "weighted", "weighted_low", "weighted_high",
    "amount", "due_days", "note",
}  # fmt: skip
# Of what is no sum, all invoices are behind it.
RATIOS = ("dso_countback_days", "dso_simple_days", "dso_best_days", "delay_days", "collection_rate")
_CUSTOMERS = {
    "cases", "censored", "amount", "late_share", "low", "high", "late_amount", "overdue_amount", "late_days", "cost",
    "share", "yearly_rate",
}  # fmt: skip


def of_payments(table: pd.DataFrame, log: EventLog) -> Found:
    """Those with an invoice of the group; of lateness, with one whose due date is known."""
    facts = Facts.of(log.in_calendar_time())
    by = next((c for c in table.columns if c not in PAYMENTS), None)
    groups = dict(parts(invoices(facts, by=by), log, by))
    for row in table.to_dict("records"):
        part = groups[row[by] if by else None]
        yield _of(facts, part, ~part.lost if row["measure"] == "days_to_pay" else part.known)


def of_ageing(table: pd.DataFrame, log: EventLog) -> Found:
    """Those with an open invoice of that age."""
    facts = Facts.of(log.in_calendar_time())
    found = invoices(facts)
    still, names = aged(found)
    yield from (places(facts, still.wait.case[names == bucket]) for bucket in table["bucket"])


def of_receivables(table: pd.DataFrame, log: EventLog) -> Found:
    """Those whose invoices make up a sum; of what is a ratio, those of all invoices."""
    facts = Facts.of(log.in_calendar_time())
    found = invoices(facts)
    some = {
        "open_receivables": found.still, "overdue_receivables": found.is_overdue, "bad_debt": found.bad > 0,
        "discount_taken": found.seen & (found.discount > 0), "credited": found.credited > 0,
    } | dict.fromkeys(RATIOS, np.ones(len(found), bool))  # fmt: skip
    for measure in table["measure"]:
        yield _of(facts, found, some[measure]) if measure in some else None


def of_late_customers(table: pd.DataFrame, log: EventLog) -> Found:
    """Those with an invoice of the customer that was paid late, or is overdue: what the amounts and the cost are made of."""
    facts = Facts.of(log.in_calendar_time())
    by = next(c for c in table.columns if c not in _CUSTOMERS)
    found = invoices(facts, by=by)
    late = np.flatnonzero(found.known & (found.late_days > 0))
    of = pd.Series(late).groupby(pd.Series(found.group[late], dtype=object).fillna("").astype(str)).indices
    none = np.zeros(0, np.int64)
    for name in table[by]:
        rows = of.get("" if pd.isna(name) else str(name), none)
        yield places(facts, found.wait.case[late[rows]])


def of_bridge(table: pd.DataFrame, log: EventLog) -> Found:
    """Those with something sold that a bar is made of."""
    facts = Facts.of(log)
    t = bridge(facts).table
    t = t[t["sold"] & ~t["mixed"]]
    for row in table.to_dict("records"):
        some = t[_same(t["currency"], row["currency"])]
        there = some[{"received": "paid"}.get(row["kind"], row["kind"])] != 0
        yield of_keys(facts, some.loc[there, "case_key"])


def of_leaks(table: pd.DataFrame, log: EventLog) -> Found:
    """Those that lost money so."""
    facts = Facts.of(log)
    t = bridge(facts).table
    for row in table.to_dict("records"):
        lost = -t[row["kind"]] if row["kind"] == "invoiced_twice" else t[row["kind"]]
        yield of_keys(facts, t.loc[(lost > 0) & _same(t["currency"], row["currency"]), "case_key"])


def _of(facts: Facts, found: Invoices, some: np.ndarray) -> np.ndarray:
    return places(facts, found.wait.case[some])


def _same(currency: pd.Series, code: object) -> pd.Series:
    return currency.isna() if pd.isna(code) else currency == code  # type: ignore[call-overload]
