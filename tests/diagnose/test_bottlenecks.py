"""Who waits for what: planted desks, exact sums, and what could be gained."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import l2c
from l2c.diagnose import bottlenecks, total_days, waiting_causes
from l2c.diagnose.queues import CAUSES, Calendar
from l2c.kpis.facts import DAY
from l2c.log import build
from tests.logs import ORIGIN, event_rows, from_text

HOUR = DAY // 24
PARTS = [f"{cause}_days" for cause in CAUSES]


def desks(seed=1, n=1800):
    """Six approvers, 9 to 17 on working days: one works on Fridays only, one is overloaded."""
    rng = np.random.default_rng(seed)
    rows = []
    load = np.array([0.14, 0.14, 0.14, 0.14, 0.30, 0.14])
    asked = np.sort(rng.random(n) * 360)
    who = rng.choice(6, n, p=load)
    for desk in range(6):
        free = 0.0
        for k in np.flatnonzero(who == desk):
            start = max(opening(asked[k], desk), free)
            start = opening(start, desk)
            hours = 0.1 if desk == 5 else 5.0 if desk == 4 else 1.0
            done = start + rng.exponential(hours) / 24
            if done % 1 > 17 / 24:
                done = opening(np.floor(done) + 1, desk) + rng.random() * 0.02
            free = done
            rows.append((f"c{k:04d}", "Discount Approval Requested", asked[k], "asker"))
            rows.append((f"c{k:04d}", "Discount Approved", done, f"A{desk}"))
    frame = pd.DataFrame(rows, columns=["case_id", "activity", "day", "actor"])
    # 2025-01-06 is a Monday
    frame["time"] = ORIGIN + pd.to_timedelta(frame.pop("day") + 5, unit="D").dt.round("s")
    return build(frame)


def opening(day, desk):
    """The next moment at which a desk is open; day 0 is a Monday."""
    hours = day % 1 * 24
    day = np.floor(day) + (9 / 24 if hours < 9 else day % 1 if hours < 17 else 1 + 9 / 24)
    while (np.floor(day) % 7 != 4) if desk == 5 else (np.floor(day) % 7 > 4):
        day = np.floor(day) + 1 + 9 / 24
    return day


def test_only_the_friday_approver_batches_and_the_overloaded_one_queues():
    table = waiting_causes(desks()).set_index("actor")
    assert table.index[table["batches"]].tolist() == ["A5"]
    assert table.loc["A5", "batching_days"] > 0.9 * table.loc["A5", "case_days"]
    queue = table["contention_days"] + table["prioritisation_days"]
    assert queue.idxmax() == "A4"
    assert queue["A4"] > 5 * queue.drop("A4").max()
    np.testing.assert_allclose(table[PARTS].sum(axis=1), table["case_days"])


def test_only_klaus_richter_batches_in_the_demo():
    table = waiting_causes(l2c.demo())
    assert table.loc[table["batches"], "actor"].tolist() == ["Klaus Richter"]


@settings(max_examples=25, deadline=None)
@given(event_rows(), st.booleans())
def test_parts_and_steps_add_up_to_all_days(rows, named):
    log = build(rows.assign(actor="Kim") if named else rows)
    table = bottlenecks(log)
    assert table["case_days"].sum() == pytest.approx(total_days(log), abs=1e-9)
    np.testing.assert_allclose(table[PARTS].sum(axis=1), table["case_days"], atol=1e-9)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 23), st.integers(1, 24), st.lists(st.booleans(), min_size=7, max_size=7),
    st.integers(0, 30 * 24 * 60), st.integers(0, 5000),
)  # fmt: skip
def test_working_time_equals_counting_minutes(start, hours, days, begin, length):
    calendar = Calendar(start, hours, np.array(days))
    ends = np.array([begin, begin + length], np.int64) * (HOUR // 60)
    spent = int(np.diff(calendar.open_time(ends))[0])
    minutes = np.arange(begin, begin + length)
    shifted = minutes - start * 60
    # day 0 was a Thursday; a working day begins at its first hour
    open_ = np.array(days)[(shifted // 1440 + 3) % 7] & (shifted % 1440 < hours * 60)
    assert spent == int(open_.sum()) * (HOUR // 60)


def paced(ratio, seed=4, n=900):
    """Nine peers, of whom three are quicker by a ratio."""
    rng = np.random.default_rng(seed)
    rep = np.arange(n) % 9
    days = rng.lognormal(2, 0.5, n) * np.where(rep < 3, 1, ratio)
    begun = np.sort(rng.random(n) * 500)
    frame = pd.DataFrame({"case_id": [f"d{k:04d}" for k in range(n)], "rep": [f"r{k}" for k in rep], "amount": 1000.0})
    at = lambda x: ORIGIN + pd.to_timedelta(x, unit="D").round("s")  # noqa: E731
    rows = [
        frame.assign(activity="Quote Created", time=at(begun)),
        frame.assign(activity="Quote Sent", time=at(begun + days)),
    ]
    return build(pd.concat(rows, ignore_index=True), currency="USD"), days, rep


def test_the_gain_is_what_the_slow_take_beyond_the_quick():
    log, days, rep = paced(2.0)
    row = bottlenecks(log, cost_of_capital=0.1).iloc[0]
    truth = days[rep >= 3].sum() / 2
    assert row["gain_low"] < truth < row["gain_high"]
    assert row["gain_days"] == pytest.approx(truth, rel=0.15)
    assert row["gain_money"] == pytest.approx(row["gain_days"] * 1000 * 0.1 / 365)
    assert (row["peers"], row["cost_of_capital"]) == ("rep", 0.1)


def test_nothing_is_gained_where_all_are_alike():
    log, days, _ = paced(1.0)
    assert bottlenecks(log).iloc[0]["gain_days"] < 0.03 * days.sum()


def test_who_is_waited_for():
    log = from_text("a: Quote Sent 0, Quote Accepted 3, Contract Approved 4, Sales Order Created 6")
    table = bottlenecks(log).set_index("to")
    assert table["waits_for"].to_dict() == {
        "Quote Accepted": "customer", "Sales Order Created": "team", "Contract Approved": "approver",
    }  # fmt: skip
    assert table.loc["Quote Accepted", "customer_days"] == 3
    assert table.loc["Sales Order Created", "unexplained_days"] == 2


def test_an_empty_log_has_no_bottlenecks():
    log = l2c.demo(50).where(opened=("2030-01", None))
    assert len(bottlenecks(log)) == len(waiting_causes(log)) == 0
