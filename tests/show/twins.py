"""What the twin tells of a company, as tables that are written down."""

from datetime import date

import pandas as pd

from l2c.improve.changes import Step
from l2c.improve.register import Decision
from l2c.improve.scenario import Scenario
from l2c.words.notes import Note, several

NAN = float("nan")
_NOTE = Note("twin_misses", error=0.23)


def tested(word: str = "careful") -> pd.DataFrame:
    """A back-test: one figure well foretold, one not, one that cannot be told, and both distances; `no` where those are far."""
    far, judged = (400.0, "no") if word == "no" else (50.0, "trust")
    rows = [
        ("win_rate", "share", "fraction", 0.466, 0.489, 0.447, 0.526, 0.05, 0.452, 0.033, "trust", None),
        ("sales_cycle_days", "p90", "day", 148.0, 114.0, 104.0, 133.0, 0.23, 105.0, 13.6, "no", _NOTE),
        ("sales_cycle_days", "mean", "day", 74.0, 73.0, 60.0, 77.0, 0.01, 61.0, 4.9, "trust", None),
        ("discount_approval_days", "median", "day", NAN, NAN, NAN, NAN, NAN, NAN, NAN, None, Note("nothing_to_measure")),
        ("cycle_distance", "distance", "hour", NAN, far, NAN, NAN, NAN, 66.0, 47.0, judged, Note("twin_times_floor", ratio=far / 47)),
        ("sequence_distance", "distance", "fraction", NAN, 0.069, NAN, NAN, NAN, 0.082, 0.062, "trust", Note("twin_times_floor", ratio=1.1)),
    ]  # fmt: skip
    if word == "trust":
        rows.pop(1)
    names = [
        "measure",
        "statistic",
        "unit",
        "real",
        "simulated",
        "low",
        "high",
        "error",
        "drawn_again",
        "floor",
        "verdict",
        "note",
    ]
    table = pd.DataFrame(rows, columns=names).assign(cases=1797, learnt=3203)
    return table.astype({"verdict": object, "note": object})


_DESKS = [
    ("Contract Approved", "Klaus Richter", "batch", "region", ("DACH",), NAN, NAN, NAN, NAN, 3.46, 40.0, 82),
    ("Discount Approved", "Mary", "queue", None, (), 3.2, 0.72, 0.65, 0.8, 1.2, 45.0, 300),
    ("Contract Approved", "Robert Chen", "pace", "region", ("North America",), NAN, NAN, NAN, NAN, NAN, 45.0, 96),
]
_FULL = ("Contract Created", "Legal", "queue", None, (), 6.0, NAN, 0.91, 1.04, 9.1, 40.0, 210)


def staffed(full: bool = False) -> pd.DataFrame:
    """Desks: a batch, a queue, one at their own pace and, if asked, one so full that only its range is told."""
    names = ["activity", "server", "kind", "route", "serves", "service_hours", "busy_share", "low", "high", "waiting_days", "open_hours", "cases"]  # fmt: skip
    return pd.DataFrame([*([_FULL] if full else []), *_DESKS], columns=names)


def moved() -> pd.DataFrame:
    """Levers, best first: sure and measured, sure and assumed, not sure, and one for the worse."""
    rows = [
        ("batch", "Contract Approved", "[{desk: Contract Approved, batch: none}]", -1.2, -1.6, -0.8, 420e3, 90e3, 800e3, NAN, "measured"),
        ("step", "Opportunity Created → Solution Proposed", "[{step: [Opportunity Created, Solution Proposed], share: 0.3}]", -5.1, -5.6, -4.7, 310e3, 120e3, 500e3, 20e3, "assumed"),
        ("limit", "discount 0.15", "[{attribute: discount, at: [Quote Created], limit: {from: 0.15, to: 0.225}}]", -0.1, -0.4, 0.3, 20e3, -60e3, 90e3, NAN, "measured"),
        ("source", "Purchased List", "[{arrivals: 0, where: {lead_source: Purchased List}}]", NAN, NAN, NAN, -80e3, -120e3, -20e3, NAN, "measured"),
    ]  # fmt: skip
    names = [
        "lever",
        "step",
        "change",
        "difference",
        "low",
        "high",
        "money",
        "money_low",
        "money_high",
        "change_cost",
        "evidence",
    ]
    return pd.DataFrame(rows, columns=names).assign(unit="day")


def together() -> pd.DataFrame:
    """The best set within a budget."""
    return (
        moved().head(2).assign(difference=[-1.2, -6.2], low=[-1.6, -6.9], high=[-0.8, -5.4], change_cost=[15e3, 35e3])
    )


def simulated(luck: bool = False) -> pd.DataFrame:
    """What a change would bring: two figures, two waits and twelve months of cash; if asked, with a desk that is too full."""
    rows = [
        ("win_rate", "", 0.44, 0.45, 0.01, -0.01, 0.03, "fraction"),
        ("days_to_win", "", 66.0, 61.0, -5.0, -5.8, -4.3, "day"),
        ("waiting_days", "Solution Proposed", 14.0, 9.8, -4.2, -4.6, -3.8, "day"),
        ("waiting_days", "Quote Sent", 1.2, 1.2, 0.0, 0.0, 0.0, "day"),
        ("waiting_days", "Contract Approved", 2.6, 2.9, 0.3, 0.1, 0.5, "day"),
        ("cash_received", "", 12e6, 12.4e6, 4e5, 1e5, 7e5, "money"),
    ]  # fmt: skip
    rows += [
        ("cash_received", f"2026-{m:02}-01", 1e6 + 2e4 * m, 1e6 + 5e4 * m, 3e4 * m, 1e4 * m, 6e4 * m, "money")
        for m in range(1, 13)
    ]
    names = ["measure", "about", "today", "changed", "difference", "low", "high", "unit"]
    note = Note("busy_desk", activity="Contract Approved", percent=93) if luck else None
    table = pd.DataFrame(rows, columns=names).assign(cases=2500)
    table["assumed"] = pd.Series([several([Note("assumed_share", start="Opportunity Created", end="Solution Proposed", percent=30)])] * len(table), dtype=object)  # fmt: skip
    table["note"] = pd.Series([note] * len(table), dtype=object)
    return table


def redrawn() -> pd.DataFrame:
    """What is otherwise in a drawing of the process as it shall be: one change of each kind."""
    rows = [
        ("skip", "Contract Approval Requested", None, "", {"skip": "Contract Approval Requested"}),
        ("new", "Legal Check", "Quote Sent", "days, where", {"insert": "Legal Check", "after": "Quote Sent", "days": None, "where": None}),
        ("move", "Quote Accepted", None, "", {"move": "Quote Accepted", "after": None}),
        ("parallel", "Contract Approved", "Contract Signed", "", {"parallel": ["Contract Approved", "Contract Signed"]}),
        ("sequence", "Quote Sent", "Contract Created", "", {"sequence": ["Quote Sent", "Contract Created"]}),
        ("choice", "Quote Accepted", "Quote Rejected", "where", {"skip": "Quote Rejected", "where": None}),
        ("always", "Lead Qualified", None, "", {"always": "Lead Qualified"}),
        ("once", "Quote Revised", None, "", {"errors": "Quote Revised", "share": 1.0}),
        ("again", "Quote Sent", None, "share", {"again": "Quote Sent", "share": None}),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["lever", "activity", "other", "needs", "entry"], dtype=object)


_FASTER = {"step": ["Opportunity Created", "Solution Proposed"], "share": 0.3}


def asked() -> Scenario:
    """A change file: one step faster, from a day on."""
    change = Step(1, "step", "Opportunity Created", "Solution Proposed", 0.3)
    return Scenario((change,), ("Faster proposals", "提案の迅速化"), date(2026, 7, 1), None, {"changes": [_FASTER]})


def decided() -> Decision:
    """What was decided of it."""
    return Decision(
        "faster_proposals", "sales_cycle_days", ("Faster proposals", "提案の迅速化"), "planned", date(2026, 6, 1), date(2026, 7, 1), "Kim", "", (_FASTER,),
        expected={"difference": -6.4, "low": -6.9, "high": -5.9, "unit": "day", "level": 0.9}, cost={"once": 20e3, "yearly": 0.0}, needs={"cases": 310, "weeks": 21},
    )  # fmt: skip
