"""Which lines of a table belong to a chapter?"""

from importlib import import_module

import pandas as pd
import pytest

import l2c
from l2c import diagnose
from l2c.diagnose.problems import problem
from l2c.words.measures import OWN


@pytest.mark.parametrize(
    ("kpi", "step", "unit", "told"),
    [
        ("step_days", ("Quote Sent", "Contract Signed"), "day", "time"),
        ("step_days", ("Invoice Sent", "Payment Received"), "day", "payment"),
        ("sales_cycle_days", None, None, "time"),
        ("invoice_to_payment_days", None, None, "payment"),
        ("lead_conversion_rate", None, None, "conversion"),
        ("win_rate_incidence", None, None, "winning"),
        ("discount_mean", None, None, "discounts"),
        ("order_error_rate", None, "fraction", "order_errors"),
        ("order_before_contract", None, "fraction", "compliance"),
    ],
)
def test_each_figure_tells_of_one_problem(kpi, step, unit, told):
    assert problem(kpi, step, unit) == told


def test_a_chapter_takes_its_lines_in_their_order_and_every_line_has_one():
    table = pd.DataFrame({"kpi": ["win_rate", "mine", "sales_cycle_days", "late_payment_share"], "unit": "fraction"})
    table.attrs[OWN] = {"mine": None}
    assert diagnose.within(table, "winning", "own")["kpi"].tolist() == ["win_rate", "mine"]
    assert diagnose.within(table, "time", "payment").index.tolist() == [0, 1]
    assert diagnose.within(table, "own").attrs == table.attrs
    assert diagnose.within(table.head(0), "own").columns.tolist() == ["kpi", "unit"]
    named = pd.DataFrame({"kpi": ["x", "y"], "problem": ["time", "winning"]})
    assert diagnose.within(named, "winning")["kpi"].tolist() == ["y"]


def test_what_is_asked_of_a_whole_log_again_is_computed_once_and_nobody_can_change_it(monkeypatch):
    log = l2c.demo(200)
    found = diagnose.findings(log)
    found["kpi"] = "changed"
    for name, made in (("causes", "_searched"), ("since", "_since"), ("findings", "_everything")):
        monkeypatch.delattr(import_module(f"l2c.diagnose.{name}"), made)
    again = diagnose.findings(log)
    assert len(again) and "changed" not in set(again["kpi"])
    assert diagnose.causes(log) is not None and diagnose.since(log) is not None
    # Of a part it is another answer.
    with pytest.raises(NameError):
        diagnose.causes(log.where(outcome="won"))
