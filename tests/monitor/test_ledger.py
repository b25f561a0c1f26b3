"""What was said on each Monday is what stood then, what came is what was won by the end of the quarter, and few deals say nothing of anybody."""

import numpy as np
import pandas as pd
import pytest

from l2c import monitor, stats
from l2c.prepare.pseudonyms import policy
from tests.logs import from_table, from_text
from tests.questions.test_asof import read

# Days from 1 January 2025, a Wednesday: Mondays are the days 5, 12, 19, …, 89; the first quarter is over on day 90.
LOG = """
case_id | activity | day | amount | close_date | forecast_category | rep
sure | Opportunity Created | 0 | 100 | 2025-03-20 | Pipeline | Ann
sure | Forecast Changed | 10 | 120 | | Commit |
sure | Closed Won | 60 | 90 | 2025-03-02 | Closed |
hope | Opportunity Created | 2 | 50 | 2025-03-31 | Best Case | Bob
hope | Close Date Pushed | 40 | | 2025-05-15 | |
hope | Closed Won | 100 | | | Closed |
quiet | Opportunity Created | 30 | 70 | 2025-02-20 | | Bob
quiet | Closed Won | 33.5 | | | |
lost | Opportunity Created | 31 | 30 | 2025-03-01 | Commit | Ann
lost | Owner Changed | 34 | | | | Bob
lost | Closed Lost | 45 | | | Omitted |
next | Opportunity Created | 80 | 11 | 2025-06-30 | Pipeline | Ann
"""


@pytest.fixture(scope="module")
def log():
    return policy(from_table(LOG, until=130), names=True, smallest=1)


def week(table, day):
    rows = table[table["week"] == pd.Timestamp(day)]
    return [tuple(row) for row in rows[["rep", "forecast_category", "deals", "said", "came"]].to_numpy(object)]


def test_each_monday_as_it_stood_then(log):
    table = monitor.forecast_ledger(log)
    # Day 5: both deals as they were created; what Bob won of `quiet` nobody had said.
    assert week(table, "2025-01-06") == [
        ("Ann", "Pipeline", 1, 100, 90), ("Bob", "Best Case", 1, 50, 0), ("Bob", None, 1, 0, 70),
    ]  # fmt: skip
    # Day 33: `sure` is Commit at 120, `lost` still Ann's; day 40, on whose Monday `hope` was not pushed yet: `lost` is Bob's.
    assert week(table, "2025-02-03") == [
        ("Ann", "Commit", 2, 150, 90), ("Bob", "Best Case", 1, 50, 0), ("Bob", None, 1, 0, 70),
    ]  # fmt: skip
    assert week(table, "2025-02-10") == [
        ("Ann", "Commit", 1, 120, 90), ("Bob", "Best Case", 1, 50, 0), ("Bob", "Commit", 1, 30, 0),
    ]  # fmt: skip
    assert week(table, "2025-02-17") == [("Ann", "Commit", 1, 120, 90)]
    # The second quarter is not over on day 130: nobody knows yet what comes.
    rows = week(table, "2025-04-07")
    assert [row[:4] for row in rows] == [("Ann", "Pipeline", 1, 11), ("Bob", "Best Case", 1, 50)]
    assert all(np.isnan(row[4]) for row in rows)
    assert table["period"].drop_duplicates().tolist() == [pd.Timestamp("2025-01-01"), pd.Timestamp("2025-04-01")]


def test_what_came_of_a_category_is_the_mean_of_its_mondays(log):
    table = monitor.forecast_bias(log).set_index(["rep", "forecast_category"])
    commit = table.loc[(None, "Commit")]
    # On 13 Mondays of the quarter: `sure` at 120 on those of the days 12 to 54, seven, and came at 90; `lost` at 30 on two.
    assert (commit["said"], commit["came"]) == (pytest.approx((7 * 120 + 2 * 30) / 13), pytest.approx(7 * 90 / 13))
    assert commit["bias"] == pytest.approx(630 / 900 - 1) and (commit["quarters"], commit["deals"]) == (1, 2)
    assert table.loc[(None, "Best Case"), "bias"] == -1 and np.isnan(commit["spread"])
    # Of two deals nothing is said of Ann.
    ann = table.loc[("Ann", None)]
    assert (
        ann["deals"] == 2 and ann[["bias", "low", "high", "often", "amounts"]].isna().all() and ann["verdict"] is None
    )


def test_names_are_hidden_and_few_people_are_none(log):
    hidden = policy(log, smallest=1)
    assert set(monitor.forecast_ledger(hidden)["rep"]) == {"Rep 01", "Rep 02"}
    few = monitor.forecast_bias(policy(log, smallest=3))
    assert few["rep"].isna().all() and "fewer than 3 reps" in str(few.attrs["note"])


def test_coverage_is_what_stood_behind_each_amount_won():
    # In each quarter 12 deals of 100 are due; of quarter k, k + 1 are won on day 20 of it, and one of 50 comes on day 40 and is won on day 50.
    lines = ["case_id | activity | day | amount | close_date"]
    for k, (first, due) in enumerate([(0, "2025-03-31"), (90, "2025-06-30"), (181, "2025-09-30")]):
        for n in range(12):
            lines.append(f"d{k}{n} | Opportunity Created | {max(first - 5, -1)} | 100 | {due}")
            lines.append(f"d{k}{n} | {'Closed Won' if n <= k else 'Closed Lost'} | {first + 20} | |")
        lines += [f"x{k} | Opportunity Created | {first + 40} | 50 | {due}", f"x{k} | Closed Won | {first + 50} | |"]
    lines += ["now | Opportunity Created | 270 | 600 | 2026-01-15", "now | Amount Changed | 275 | 630 | 2025-12-15"]
    log = from_table("\n".join(lines), until=280)
    table = monitor.coverage(log).set_index("day")
    start = table.loc[0]
    # 3 quarters of 1,200; won 100 + 50, 200 + 50, 300 + 50.
    assert (start["quarters"], start["deals"], start["pipeline"], start["won_amount"]) == (3, 36, 1200, 250)
    assert start["value"] == pytest.approx(3600 / 750) and start["won_part"] == pytest.approx(600 / 3600)
    assert (start["low"], start["high"]) == pytest.approx(stats.ratio([1200] * 3, [150, 250, 350])[1:])
    # On day 30 nothing is open that is due, and 50 are still to be won; too few deals for a ratio.
    assert table.loc[30, ["pipeline", "won_amount"]].tolist() == [0, 50] and np.isnan(table.loc[30, "value"])
    # Today is day 7 of the fourth quarter.
    assert table.loc[7, "today"] == 630 and table.loc[7, "expected"] == pytest.approx(630 / 4.8)
    assert table["today"].notna().sum() == 1


def test_the_ratio_of_two_sums():
    # Apart from the mean ratio by ±1/5 of their share: (0.6 - 0.5, 0.4 - 0.5), squared and added, times 2 / 1.
    found = stats.ratio([6, 4], [10, 10], level=0.5)
    # Student's quantile of one degree of freedom at 3/4 is 1.
    assert found == pytest.approx((0.5, 0.5 * np.exp(-0.2), 0.5 * np.exp(0.2)))
    assert stats.ratio([1, 5, 4], [4, 6, 10], level=0.5, cluster=[0, 0, 1]) == pytest.approx(found)
    assert np.isnan(stats.ratio([], []).value) and np.isnan(stats.ratio([1], [2]).low)
    assert stats.ratio([0, 0], [1, 2])[:2] == (0, 0)


def test_from_an_org():
    table = monitor.forecast_ledger(policy(read("sf1", "2025-07-01"), names=True, smallest=1))
    # O1 went from Best Case to Commit on 5 April, 1000 due on 30 April, and was won in May; O3 was Commit at 700 until it was pushed;
    # O4 was Commit at 900 and lost.
    assert week(table, "2025-04-07") == [("Sato", "Commit", 3, 2600, 1000)]
    assert week(table, "2025-06-02") == []


def test_without_histories_nothing_is_told():
    log = from_text("a [amount=5, close_date=2025-03-01]: Opportunity Created 0, Closed Won 50", until=100)
    for table in (monitor.forecast_ledger(log), monitor.forecast_bias(log)):
        assert table.empty and str(table.attrs["note"]) == "no history of the forecast category"
    table = monitor.coverage(log)
    assert table.empty and "what was promised is not known" in str(table.attrs["note"])
