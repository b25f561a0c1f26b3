"""What a change would bring, where it can be worked out on paper: everything happens on Mondays, weeks apart."""

import sys

import numpy as np
import pandas as pd
import pytest

from l2c import engine, improve
from l2c.improve import simulate
from l2c.log import build
from l2c.words.errors import BadScenario, NotTrusted
from tests.improve.mondays import SIGNED, log_of, rows

MODULE = sys.modules["l2c.improve.simulate"]


@pytest.fixture(scope="module")
def log():
    return log_of()


@pytest.fixture(autouse=True)
def trusted(monkeypatch):
    """Where halves of what came are the same to the hour, nothing can be measured against them."""
    monkeypatch.setattr(MODULE, "trusted", lambda log: None)
    # They take longer than all else, and have a test of their own.
    monkeypatch.setattr(MODULE, "violations", lambda *given: {})


def told(log, *changes, runs=3, **more):
    return simulate(log, {"changes": list(changes), **more}, runs=runs).set_index(["measure", "about"])


def days(table, measure="days_to_win", about=""):
    return table.loc[(measure, about), ["today", "changed", "difference", "low", "high"]].tolist()


def test_a_step_takes_half_the_time(log):
    # Of 14 days 7 are left: 42 days to the win become 35, in every run alike
    found = told(log, {"step": SIGNED, "share": 0.5})
    assert days(found) == pytest.approx([42, 35, -7, -7, -7])
    assert days(found, "waiting_days", "Contract Signed") == pytest.approx([9.8, 4.9, -4.9, -4.9, -4.9], abs=0.7)
    assert (found.loc["win_rate", "difference"] == 0).all()


@pytest.mark.parametrize(
    ("change", "gap"),
    [
        ({"step": SIGNED, "longest": 7}, -7),
        ({"step": SIGNED, "longest": 60}, 0),
        # The approval comes at once, and its week is gone
        ({"skip": "Contract Approved"}, -7),
        # One week instead of one and two
        ({"merge": SIGNED, "days": 7}, -14),
        # Both begin with the quote: two weeks instead of one and two
        ({"parallel": SIGNED}, -7),
    ],
    ids=str,
)
def test_what_each_change_takes_off(log, change, gap):
    assert days(told(log, change)) == pytest.approx([42, 42 + gap, gap, gap, gap])


def test_what_is_skipped_does_not_happen(log):
    found = improve.sample(log, [{"skip": "Contract Approved", "where": {"region": "Japan"}}])
    assert found.where(region="Japan", includes="Contract Signed").n_cases > 100
    assert found.where(region="Japan", includes="Contract Approved").n_cases == 0
    assert found.where(region="EMEA", includes="Contract Approved").n_cases > 100


def test_a_change_of_some_cases_leaves_the_others_alone(log):
    found = told(log, {"step": SIGNED, "share": 0.5, "where": {"region": "Japan"}})
    # Four in seven of those that are won are in Japan
    assert days(found)[2] == pytest.approx(-7 * 4 / 7, abs=0.1)
    one, other = (
        improve.sample(log, change) for change in (None, [{"step": SIGNED, "share": 0.5, "where": {"region": "Japan"}}])
    )
    for region, same in (("EMEA", True), ("Japan", False)):
        ends = [
            engine.collect(log.where(region=region).cases).set_index("case_id")["ended"].sort_index()
            for log in (one, other)
        ]
        assert ends[0].equals(ends[1]) is same


@pytest.mark.parametrize(
    "change",
    [
        {"step": SIGNED, "share": 0},
        {"arrivals": 1},
        {"payment": {"terms_days": 14}, "share": 0.5},
        {"payment": {"reminder_after_days": 40}, "share": 1},
    ],
    ids=str,
)
def test_a_change_that_touches_nothing_changes_nothing(log, change):
    found = told(log, change)
    assert (found[["difference", "low", "high"]] == 0).all(axis=None)


def test_terms_and_reminders_move_the_money(log):
    # Paid 28 days after the invoice; 14 are agreed. A week less is agreed: paid a week earlier
    found = told(log, {"payment": {"terms_days": 7}, "share": 1})
    assert days(found, "invoice_to_payment_days") == pytest.approx([28, 21, -7, -7, -7])
    assert days(found) == pytest.approx([42, 42, 0, 0, 0])
    # Nobody pays later than ten days after it was due
    found = told(log, {"payment": {"reminder_after_days": 10}, "share": 1})
    assert days(found, "invoice_to_payment_days")[:3] == pytest.approx([28, 24, -4])
    # The money of those under way comes earlier too, and of the year a week of it more than without
    assert found.loc[("cash_received", ""), "difference"] >= 0
    assert found.loc[("cash_received", "")]["today"] == pytest.approx(52 * 7 * 1000, rel=0.15)
    months = found.loc["cash_received"]
    assert months["changed"].iloc[1:].sum() == pytest.approx(months["changed"].iloc[0])
    assert len(months) == 13


def test_more_and_fewer_cases(log):
    more = told(log, {"arrivals": 1.5}, runs=8)
    assert days(more)[2] == 0
    assert more.loc[("won_amount", ""), "changed"] / more.loc[("won_amount", ""), "today"] == pytest.approx(
        1.45, abs=0.07
    )
    none = told(log, {"arrivals": 0, "where": {"region": "Japan"}})
    assert none.loc[("won_amount", ""), "changed"] / none.loc[("won_amount", ""), "today"] == pytest.approx(
        0.55, abs=0.07
    )
    found = improve.sample(log, [{"arrivals": 0, "where": {"region": "Japan"}}])
    # Half of seven hundred
    assert found.n_cases == 350 and found.distinct("region") == ["EMEA"]


def test_errors_are_avoided_for_a_share():
    def corrected(case, weeks):
        if case % 10 >= 3 and case % 2:
            weeks = weeks | {"Order Corrected": 7, "Invoice Sent": 8, "Payment Received": 12}
        return dict(sorted(weeks.items(), key=lambda each: each[1]))

    log = log_of(change=corrected)
    share = lambda log: log.where(includes="Order Corrected").n_cases / log.where(includes="Invoice Sent").n_cases  # noqa: E731
    none, half, all_ = (improve.sample(log, [{"errors": "Order Corrected", "share": s}]) for s in (0, 0.5, 1))
    assert share(none) == pytest.approx(4 / 7, abs=0.05)
    assert share(half) == pytest.approx(2 / 7, abs=0.06)
    assert "Order Corrected" not in all_.activities


def approved(case, weeks):
    """From a discount of 15 % on, an approval takes a week."""
    if case % 4 == 0:
        weeks = {name: week + (week > 1) for name, week in weeks.items()} | {"Discount Approved": 2}
    return dict(sorted(weeks.items(), key=lambda each: each[1]))


@pytest.fixture(scope="module")
def limited():
    # 0.20 and 0.30 need an approval, 0.05 and 0.10 do not
    return log_of(
        change=approved, discount=lambda case: [(0.2, 0.3)[case // 4 % 2], 0.05, 0.1, 0.1][case % 4] + case % 7 / 1000
    )


def test_a_limit_moves(limited):
    found = told(limited, {"attribute": "discount", "at": "Quote Created", "limit": {"from": 0.15, "to": 0.25}})
    # Half of a quarter of the deals get their quote a week earlier
    gap = -7 * limited.where(discount=(0.15, 0.25), outcome="won").n_cases / limited.where(outcome="won").n_cases
    assert days(found)[2] == pytest.approx(gap, abs=0.25)
    assert days(found, "waiting_days", "Discount Approved")[2] < -0.5
    same = told(limited, {"desk": "Discount Approved", "limit": {"attribute": "discount", "from": 0.15, "to": 0.25}})
    assert days(same) == days(found)
    with pytest.raises(BadScenario, match="cases do not go another way there by their discount"):
        told(limited, {"attribute": "discount", "at": "Quote Created", "limit": {"from": 0.5, "to": 0.6}})


@pytest.mark.parametrize(("effect", "note"), [(0.01, None), (-0.01, None), (0.0, None), (np.nan, "cap_without_effect")])
def test_a_cap_moves_wins_by_what_was_measured_and_by_nothing_else(limited, monkeypatch, effect, note):
    policies = sys.modules["l2c.improve.policies"]
    monkeypatch.setattr(policies, "_effect", lambda log: (effect, 0.0))
    found = told(limited, {"attribute": "discount", "at": "Quote Created", "most": 0.1}, runs=4)
    points = improve_points(limited)
    expected = 0.0 if np.isnan(effect) else -effect * points
    assert found.loc[("win_rate", ""), "difference"] == pytest.approx(expected, abs=0.008)
    assert [getattr(each, "id", None) for each in found["note"].unique()] == [note]
    # Nobody needs an approval any more
    assert days(found, "waiting_days", "Discount Approved")[1] == 0
    # What is not given away is paid: an amount is what is left after the discount
    if expected == 0:
        assert found.loc[("won_amount", ""), "difference"] > 0


def improve_points(log):
    """Points of discount above a cap of 10 %, in the mean of the cases."""
    discount = log.first_times([], ["discount"])["discount"]
    return float((discount.clip(lower=0.1) - 0.1).mean()) * 100


def test_costs_and_assumptions_are_told(log):
    found = told(
        log,
        {"step": SIGNED, "share": 0.5},
        {"skip": "Quote Created"},
        costs={"once": 500, "running": 100, "per": "month"},
    )
    assert found.loc[("change_cost", ""), ["today", "changed", "low", "high"]].tolist() == [0, 1700, 1700, 1700]
    cash, left = (found.loc[(name, ""), "difference"] for name in ("cash_received", "net_cash"))
    assert left == pytest.approx(cash - 1700)
    assert str(found.loc[("win_rate", ""), "assumed"]).startswith("from Contract Approved to Contract Signed")
    assert str(found.loc[("net_cash", ""), "assumed"]).endswith("the costs are as given")
    measured = told(log, {"skip": "Quote Created"})
    assert measured["assumed"].isna().all() and ("change_cost", "") not in measured.index


def test_the_same_question_has_the_same_answer(log):
    one, two = (told(log, {"step": SIGNED, "share": 0.3}) for _ in range(2))
    pd.testing.assert_frame_equal(one, two)
    with pytest.raises(BadScenario, match="runs=1 is not possible"):
        told(log, {"arrivals": 1}, runs=1)


def test_rules_are_broken_by_what_is_skipped(log, monkeypatch):
    monkeypatch.setattr(MODULE, "violations", sys.modules["l2c.improve.broken"].violations)
    found = told(log, {"skip": "Contract Signed", "where": {"region": "Japan"}}, runs=2).loc["violation_rate"]
    # Nobody who is won in Japan has a contract any more: four in seven
    assert found.loc["won_without_contract", ["today", "changed"]].tolist() == pytest.approx([0, 4 / 7], abs=0.06)
    assert found.loc["won_without_contract", "unit"] == "fraction"


def test_it_stops_where_the_twin_cannot_be_trusted(monkeypatch):
    monkeypatch.undo()
    few = build(rows()[:60])
    with pytest.raises(NotTrusted, match="cannot be simulated for this log") as stopped:
        simulate(few, [{"skip": "Quote Created"}])
    assert "シミュレーションできません" in stopped.value.said("ja")
    assert "are needed" not in stopped.value.said("ja")
