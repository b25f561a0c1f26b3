"""A change that is there is found; one that is not, rarely."""

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from l2c.log import build
from l2c.monitor import compare
from l2c.words.errors import BadComparison, BadOption, UnknownName
from tests.logs import ORIGIN, from_text

CHANGE, END = 360, 540


def world(seed, *, factor=1.0, deals=900):
    """Deals over 540 days; from day 360 on, quotes are sent faster by a factor. A third of the deals is lost."""
    rng = np.random.default_rng(seed)
    opened = rng.uniform(0, END, deals)
    speed = np.where(opened >= CHANGE, factor, 1.0)
    quoted = opened + speed * rng.lognormal(np.log(30), 0.7, deals)
    closed = quoted + rng.lognormal(np.log(25), 0.8, deals)
    won = rng.random(deals) < 2 / 3
    names = {"Opportunity Created": opened, "Quote Sent": quoted, "Closed": closed}
    parts = []
    for name, days in names.items():
        activity = np.where(won, "Closed Won", "Closed Lost") if name == "Closed" else name
        parts.append(pd.DataFrame({"case_id": np.arange(deals), "activity": activity, "days": days}))
    rows = pd.concat(parts)
    rows = rows[rows["days"] <= END]
    rows["time"] = ORIGIN + pd.to_timedelta((rows["days"] * 86_400).round(), unit="s")
    return build(rows.drop(columns="days"), extracted=ORIGIN + timedelta(days=END))


def found(log, kpi):
    return compare(log, ORIGIN + timedelta(days=CHANGE), kpi=kpi).set_index("kpi").loc[kpi]


def test_where_nothing_changed_few_changes_are_found():
    rows = pd.concat([compare(world(seed), ORIGIN + timedelta(days=CHANGE)) for seed in range(8)])
    rows = rows[rows["kpi"].isin(["sales_cycle_days", "opportunity_to_quote_days", "win_rate_incidence"])]
    assert len(rows) == 24
    # 24 intervals at 95 %: more than 4 would be a chance of 1 in 100
    assert (rows["p"] < 0.05).sum() <= 4
    # To the last digit, which depends on the processor.
    assert (rows["q"] >= rows["p"] * (1 - 1e-12)).all()
    # On average no bias: less than a fifteenth of the value
    bias = rows.groupby("kpi")[["raw", "difference", "before"]].mean()
    assert (bias["raw"].abs() < bias["before"] / 15).all()
    assert (bias["difference"].abs() < bias["before"] / 15).all()


def test_a_step_that_became_a_quarter_faster_is_found():
    rows = [found(world(seed, factor=0.75, deals=2500), "opportunity_to_quote_days") for seed in range(4)]
    assert {row["verdict"] for row in rows} == {"beyond_chance"}
    assert np.mean([row["raw"] / row["before"] for row in rows]) == pytest.approx(-0.25, abs=0.04)
    assert all(row["high"] < 0 and row["rank"] == 1 and row["placebos"] > 10 for row in rows)
    # 540 days hold a season and a half
    assert all(row["season"] for row in rows)


def test_the_announced_figure_is_judged_alone():
    log = world(3, factor=0.75, deals=1500)
    date = ORIGIN + timedelta(days=CHANGE)
    alone = compare(log, date, kpi="sales_cycle_days")
    every = compare(log, date).set_index("kpi").loc[["sales_cycle_days"]].reset_index()
    assert len(alone) == 1
    pd.testing.assert_frame_equal(alone.drop(columns=["q", "verdict"]), every.drop(columns=["q", "verdict"]))
    assert alone["q"].item() == alone["p"].item() <= every["q"].item()
    with pytest.raises(UnknownName, match="speed"):
        compare(log, date, kpi="speed")


def test_closed_deals_by_the_date_of_their_creation_would_have_found_an_improvement_that_is_none():
    log = world(0)
    from l2c.kpis import sample

    rows = sample(log, "sales_cycle_days", n=10_000)
    closed = rows[rows["seen"]]
    young = closed["started"] >= ORIGIN + timedelta(days=CHANGE)
    naive = closed.loc[young, "value"].mean() / closed.loc[~young, "value"].mean() - 1
    honest = found(log, "sales_cycle_days")
    assert naive < -0.15
    assert honest["raw_low"] <= 0 <= honest["raw_high"]
    assert honest["low"] <= 0 <= honest["high"]
    assert honest["verdict"] == "within_chance"


def test_the_side_before_does_not_know_what_happened_after_the_date():
    early = "\n".join(f"e{i}: Opportunity Created {i / 10}, Closed Won {50 + i}" for i in range(30))
    late = "\n".join(f"l{i}: Opportunity Created {10 + i / 10}, Closed Won {12 + i / 10}" for i in range(30))
    table = compare(from_text(f"{early}\n{late}", until=20), ORIGIN + timedelta(days=10))
    row = table.set_index("kpi").loc["sales_cycle_days"]
    # None of the early deals was closed by the date: nothing but waiting, for as long as both sides were seen
    assert row["before"] == row["horizon_days"]
    assert row["after"] == pytest.approx(2)
    assert (row["cases_before"], row["cases_after"]) == (30, 30)


def test_with_few_cases_there_is_no_number():
    log = from_text("a: Opportunity Created 0, Closed Won 3\nb: Opportunity Created 10, Closed Won 12", until=20)
    row = compare(log, ORIGIN + timedelta(days=10)).set_index("kpi").loc["sales_cycle_days"]
    assert row[["before", "after", "raw", "difference", "low", "high", "p", "q"]].isna().all()
    assert row["verdict"] == "unknown"
    assert (row["cases_before"], row["cases_after"]) == (1, 1)


def test_a_date_may_be_written():
    log = from_text("a: Opportunity Created 0, Closed Won 30")
    assert compare(log, "2025-01-11").equals(compare(log, datetime(2025, 1, 11)))


def test_a_history_too_short_to_compare_gives_no_rows():
    assert len(compare(from_text("a: Opportunity Created 0.5"), ORIGIN + timedelta(days=0.5))) == 0


def test_dates_without_room_are_refused():
    log = from_text("a: Opportunity Created 0, Closed Won 30")
    with pytest.raises(BadComparison, match="'soon' is not a date"):
        compare(log, "soon")
    with pytest.raises(BadComparison, match=r"30.0 days before it and 0.0 after it"):
        compare(log, "2025-01-31")
    with pytest.raises(BadComparison, match=r"A window of 20 days does not fit"):
        compare(log, "2025-01-11", days=20)


def test_a_day_that_could_be_two_is_asked_about():
    log = from_text("\n".join(f"c{n}: Opportunity Created {n}, Closed Won {n + 5}" for n in range(300)))
    with pytest.raises(BadOption, match="day-month or month-day"):
        compare(log, "05/06/2025")
    assert compare(log, "13/06/2025").equals(compare(log, "2025-06-13"))
