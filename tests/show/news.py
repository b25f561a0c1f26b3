"""What is new since last time, as tables that are written down: something of every kind."""

from datetime import date, datetime

import pandas as pd

from l2c.improve.entries import Dated
from l2c.monitor.came import OF_ALERT
from l2c.monitor.since_last import OF_DATA, OF_FINDINGS, OF_KPIS, SinceLast
from l2c.words.notes import Note

NAN = float("nan")
NOTES = (
    Dated(date(2025, 3, 3), ("New price list", "新価格表")),
    Dated(date(2026, 5, 18), ("Approvals from 20 %", "承認は20%から")),
)
_FINDINGS = [
    ("c1", "new", "cause", "step_days", ("Contract Approved", "Contract Signed"), "rep", "Rep 07", "day", NAN, NAN, NAN, 4.2, 2.9, 5.5, NAN, 212, 890.0, 154_000.0),
    ("c2", "worse", "cause", "win_rate_incidence", None, "region", "EMEA", "fraction", -0.06, -0.09, -0.03, -0.11, -0.14, -0.08, 0.001, 640, NAN, 2.1e6),
    ("c3", "back", "rule", "order_before_contract", None, None, None, "fraction", 0.04, 0.03, 0.05, 0.07, 0.06, 0.08, 0.0001, 93, NAN, 880_000.0),
    ("c4", "gone", "bottleneck", "step_days", ("Quote Created", "Discount Approved"), None, None, "day", 2.1, 1.2, 3.0, NAN, NAN, NAN, NAN, 320, 700.0, NAN),
    ("c5", "better", "cause", "step_days", ("Order Fulfilled", "Invoice Sent"), "rep", "?", "day", 5.1, 3.2, 7.0, 2.0, 1.1, 2.9, 0.003, 80, 160.0, NAN),
    ("c6", "new", "change", "late_payment_incidence", None, None, None, "fraction", NAN, NAN, NAN, 0.4, 0.2, 0.6, NAN, 80, NAN, NAN),
    ("c7", "new", "discount", "discount", None, None, "lowers", "fraction", NAN, NAN, NAN, -0.02, -0.03, -0.01, NAN, 80, NAN, 12_000.0),
    ("c8", "same", "receivable", "overdue_receivables", None, None, None, None, NAN, NAN, NAN, NAN, NAN, NAN, NAN, 51, NAN, 120_000.0),
    ("c9", "dismissed", "cause", "win_rate_incidence", None, "region", "APAC", "fraction", -0.06, -0.09, -0.03, -0.05, -0.08, -0.02, 0.5, 640, NAN, 1e6),
]  # fmt: skip
_KPIS = [
    ("sales_cycle_days", "day", 61.2, 63.0, 34.1, 38.0, 3.9, 1.4, 6.4, 0.0004, "beyond_chance", 140, 14, 52.0),
    ("win_rate_incidence", "fraction", 0.41, 0.41, 0.3, 0.31, 0.01, -0.05, 0.07, 0.8, "within_chance", 140, 14, 80.0),
    ("late_payment_incidence", "fraction", 0.2, 0.2, NAN, NAN, NAN, NAN, NAN, NAN, "unknown", 12, 2, NAN),
]
_DATA = [
    ("cases", "", 5000, 5160), ("events", "", 36_000, 37_100), ("rows", "read", 36_500, 37_650), ("rows", "no time", 12, 95),
    ("odd", "hole in the history", 0, 1), ("column", "discount", 0.93, 0.71), ("column", "segment", NAN, 1.0), ("activity", "Contract Amended", 0, 12),
]  # fmt: skip
_ALERTS = [("stalled", 41, 12, 5, 0, 9, 15, 0, 0.293, 0.176, 0.445, 310, 0.11)]


def news(quiet: bool = False) -> SinceLast:
    """Something new of every kind; nothing at all if asked."""
    some = slice(0, 0) if quiet else slice(None)
    kpis = pd.DataFrame(_KPIS[1:] if quiet else _KPIS, columns=list(OF_KPIS))
    found = pd.DataFrame(_FINDINGS, columns=list(OF_FINDINGS)).iloc[some]
    alerts = pd.DataFrame(_ALERTS, columns=list(OF_ALERT)).iloc[some]
    data = pd.DataFrame(_DATA, columns=list(OF_DATA)).iloc[some]
    days = (datetime(2026, 5, 4), datetime(2026, 5, 1), datetime(2026, 6, 1))
    more = ((), ()) if quiet else ((Note("other_rules"),), NOTES[1:])
    return SinceLast(*days, kpis, found, data, pd.DataFrame(columns=["alert", "case_id", "became"]), alerts, *more)
