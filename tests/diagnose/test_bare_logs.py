"""Logs that hold next to nothing get tables that say so, never an error."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from l2c import diagnose
from l2c.log import build
from tests.logs import ORIGIN, from_text

FULL = """
    a [region=EMEA, rep=Kim, actor=Kim, amount=100, discount=0.2, segment=S]: Quote Sent 0, Closed Won 3, Invoice Sent 4
    b [region=APAC, rep=Sato, actor=Sato, amount=200, discount=0.1, segment=S]: Quote Sent 0, Closed Lost 3
    c [region=APAC, rep=Sato, actor=Kim, amount=0, segment=S]: Quote Sent 0, Quote Sent 3
"""
NAMES = ("rep", "region", "actor", "amount", "discount", "segment", "product", "competitor")


def nothing_known():
    rows = pd.DataFrame({"case_id": ["a", "a", "b"], "activity": ["Quote Sent", "Closed Won", "Quote Sent"]})
    rows["time"] = [ORIGIN, ORIGIN + pd.Timedelta(days=1), ORIGIN]
    numbers = {name: np.full(3, np.nan) for name in ("amount", "discount")}
    texts = {name: pd.Series([None] * 3, dtype="string") for name in NAMES if name not in numbers}
    return build(rows.assign(**numbers, **texts))


LOGS = {
    "no case": lambda: from_text(FULL, until=20).where(region="EMEA").where(region="APAC"),
    "one case": lambda: from_text(FULL, until=20).where(region="EMEA"),
    "one event": lambda: from_text("a: Quote Sent 0"),
    "few cases": lambda: from_text(FULL, until=20),
    "strange activities": lambda: from_text("a [rep=Kim]: Odd 0, Strange 1\nb [rep=Sato]: Strange 0, Odd 5"),
    "no attributes": lambda: from_text("a: Quote Sent 0, Closed Won 2\nb: Quote Sent 0, Closed Lost 1"),
    "no values": nothing_known,
    "all lost": lambda: from_text("\n".join(f"c{i} [rep=Kim, discount=0.1]: Quote Sent 0, Closed Lost 9" for i in range(40))),
    "all alike": lambda: from_text(
        "\n".join(f"c{i} [rep=r{i % 2}, amount=5, discount=0.1]: Quote Sent 0, Closed Won 9" for i in range(300))
    ),
}  # fmt: skip
FUNCTIONS = (
    "compliance", "violations", "verdicts", "reps", "coaching", "discount_bands", "bunching", "leakage",
    "discounts", "bottlenecks", "waiting_causes",
)  # fmt: skip


@pytest.fixture(scope="module")
def full():
    return from_text(FULL, until=20)


@pytest.fixture(scope="module")
def made():
    """Each of the logs, made once."""
    return cache(lambda name: LOGS[name]())


@pytest.mark.parametrize("log", list(LOGS))
@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_bare_log_gets_a_table_of_the_usual_columns(name, log, full, made):
    table = getattr(diagnose, name)(made(log))
    assert list(table.columns) == list(getattr(diagnose, name)(full).columns)
    assert list(table.index) == list(range(len(table)))


def test_the_effect_of_discounts_is_unknown_in_a_bare_log(made):
    for name in LOGS:
        row = diagnose.discounts(made(name)).iloc[0]
        assert row["verdict"] == "unknown" and row["reason"]
        assert np.isnan(row["value"])
