"""Each quarter is seen for equally long, and what cannot be known of one yet has no number."""

import functools

import numpy as np
import pandas as pd
import pytest

from l2c import kpis, monitor, show
from tests.logs import ORIGIN, demo, from_text
from tests.monitor.test_compare import world

DAYS = {"Q1": 0, "Q2": 90, "Q3": 181}  # of 2025, from its first day


def deals(quarter, days, n=25, name="Closed Won"):
    """So many deals that begin on the days of a quarter, one a day, and are closed after some days."""
    first = DAYS[quarter]
    return "\n".join(f"{quarter}{i}: Opportunity Created {first + i}, {name} {first + i + days}" for i in range(n))


@functools.cache
def unchanged():
    """The quarters of twelve companies in which nothing changes."""
    return [monitor.quarters(world(seed)) for seed in range(12)]


def cell(table, kpi, quarter):
    return table[(table["kpi"] == kpi) & (table["quarter"] == pd.Timestamp(quarter))].iloc[0]


def test_a_quarter_is_seen_to_the_end_of_the_next_one():
    # 300 days of data: of the slow deals of the first quarter all are closed by then, but none by the end of June.
    log = from_text(f"{deals('Q1', 200)}\n{deals('Q2', 10)}", until=300)
    table = monitor.quarters(log)
    first, second = (cell(table, "sales_cycle_days", q) for q in ("2025-01-01", "2025-04-01"))
    assert np.isnan(first["value"]) and first["censored"] == 25
    assert second["value"] == pytest.approx(10) and second["complete"]
    # The day before the quarter after it ends, the young one is not judged.
    early = monitor.quarters(from_text(f"{deals('Q1', 20)}\n{deals('Q2', 10)}", until=271))
    assert not cell(early, "sales_cycle_days", "2025-04-01")["complete"]
    assert np.isnan(cell(early, "sales_cycle_days", "2025-04-01")["value"])
    assert cell(early, "sales_cycle_days", "2025-04-01")["cases"] == 25
    late = monitor.quarters(from_text(f"{deals('Q1', 20)}\n{deals('Q2', 10)}", until=272.5))
    assert cell(late, "sales_cycle_days", "2025-04-01")["value"] == pytest.approx(10)


def test_a_quarter_that_the_log_does_not_begin_with_is_not_judged():
    later = "\n".join(f"a{i}: Opportunity Created {10 + i}, Closed Won {15 + i}" for i in range(25))
    table = monitor.quarters(from_text(f"{later}\n{deals('Q2', 10)}", until=300))
    assert not cell(table, "sales_cycle_days", "2025-01-01")["complete"]


def test_one_name_is_one_statistic():
    # All deals begin in one quarter, and the export is of the day it is looked at: the card and the quarter agree.
    log = from_text(deals("Q1", 30, 40), until=180.9)
    table, cards = monitor.quarters(log), kpis(log).set_index("kpi")
    for kpi in ("sales_cycle_days", "win_rate_incidence"):
        row = cell(table, kpi, "2025-01-01")
        told = ["value", "low", "high"]
        np.testing.assert_array_equal(row[told].astype(float), cards.loc[kpi, told].astype(float))


def test_where_nothing_changed_the_youngest_quarter_looks_no_faster():
    # 540 days: 2025 Q1 to 2026 Q1 and a part of Q2; the closed deals alone would look faster and faster.
    rows = pd.concat(unchanged())
    cycle = rows[(rows["kpi"] == "sales_cycle_days") & rows["complete"]]
    means = cycle.groupby("quarter")["value"].mean()
    assert len(means) >= 4
    assert means.iloc[-1] == pytest.approx(means.iloc[0], rel=0.05)


def test_where_nothing_changed_pages_rarely_cry_wolf():
    alarms = sum("better in" in repr(t) or "worse in" in repr(t) for t in map(show.quarters, unchanged()))
    # One page in twenty may cry wolf, whatever the number of its figures; more than three of twelve: 1 in 400.
    assert alarms <= 3


def test_the_planted_drift_stands_in_the_title():

    log = demo()
    picture = show.quarters(monitor.quarters(log))
    assert picture.alt.startswith("Q1 2026 against Q3 2024: worse in ")
    assert "Opportunity to quote" in picture.alt.splitlines()[0]
    assert "Q2 2026" in " ".join(picture.texts)
    japanese = show.quarters(show.executive(monitor.quarters(log)), lang="ja")
    assert japanese.alt.startswith("2024年7～9月と比べた2026年1～3月：営業サイクル日数が悪化")


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_a_history_too_short_for_quarters_says_so(lang):
    for log in (
        from_text("a: Opportunity Created 0, Closed Won 3"),
        from_text("a [region=X]: Odd 0").where(region="X"),
    ):
        assert "0" in show.quarters(monitor.quarters(log), lang=lang).alt
    none = from_text("a [region=X, rep=K]: Odd 0\nb [region=Y, rep=L]: Odd 0").where(region="X").where(rep="L")
    assert show.quarters(monitor.quarters(none), lang=lang).svg()
    few = from_text("a: Opportunity Created 0, Closed Won 3", until=900)
    assert "20" in show.quarters(monitor.quarters(few), lang=lang).alt


def test_only_the_last_three_years_are_told():
    rows = "\n".join(f"c{i}: Opportunity Created {i * 30}, Closed Won {i * 30 + 5}" for i in range(100))
    assert monitor.quarters(from_text(rows))["quarter"].nunique() == 12
    assert ORIGIN.year == 2025
