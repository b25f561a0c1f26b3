"""Do the open deals of a log add up?"""

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from l2c import engine
from l2c.log import build
from l2c.prepare.findings import findings
from l2c.prepare.littles_law import flow

ORIGIN, DAYS = datetime(2024, 1, 1), 700


def log(*, every=1.0, takes=50.0, spread=0.0, forgotten=0.0, growth=1.0, days=DAYS, seed=0):
    """One new deal in so many days, each closed after so many days; of some the close is not recorded."""
    rng = np.random.default_rng(seed)
    start = days * np.linspace(0, 1, int(days / every), endpoint=False) ** (1 / growth)
    end = start + takes * np.exp(spread * rng.normal(size=len(start)) - spread**2 / 2)
    kept = (end <= days) & (rng.random(len(start)) >= forgotten)
    names = [f"C{row:05d}" for row in range(len(start))]
    opened = pd.DataFrame({"case_id": names, "activity": "Opportunity Created", "day": start})
    closed = pd.DataFrame({"case_id": names, "activity": "Closed Won", "day": end})[kept]
    rows = pd.concat([opened, closed], ignore_index=True)
    rows["time"] = [ORIGIN + timedelta(days=day) for day in rows.pop("day")]
    return build(rows, extracted=ORIGIN + timedelta(days=days))


def test_one_new_deal_a_day_that_takes_fifty_days_makes_fifty_open_ones():
    found = flow(log())
    # The first fifty days the window fills, so that 25 of them are missing: 50 × (1 - 25 / 700).
    assert found.open == pytest.approx(50 * (1 - 25 / DAYS), rel=0.01)
    assert (found.new, found.days) == pytest.approx((1.0, found.open), rel=0.01)
    assert found.fits


@pytest.mark.parametrize(
    "world", [{"spread": 1.0}, {"growth": 3.0, "spread": 0.8}, {"days": 365, "takes": 90, "spread": 0.8}]
)
def test_slow_deals_growth_and_a_young_log_are_no_fault(world):
    assert flow(log(every=0.5, **world)).fits


def test_closes_that_are_missing_are_told():
    made = log(every=0.5, spread=0.8, forgotten=0.15)
    assert flow(made).open > 1.4 * flow(made).expected
    (row,) = findings(made)().query("finding == 'open deals do not add up'").to_dict("records")
    assert row["detail"].id == "more_open"
    assert "closes are missing" in str(row["detail"])
    assert "open deals do not add up" not in set(findings(log(every=0.5, spread=0.8))()["finding"])


def test_too_little_is_no_ground_to_judge():
    assert flow(log(days=19)) is None
    assert flow(log(days=120)) is None


def test_open_cases_are_silent_until_the_extraction():
    # Of the 520 deals opened more than 180 days before, those of which no close is recorded.
    made = log(forgotten=0.3)
    cases = engine.collect(made.cases.select("status", "ended"))
    old = int(((cases["status"] == "open") & (cases["ended"] < ORIGIN + timedelta(days=DAYS - 180))).sum())
    (row,) = findings(made)().query("finding == 'silent case'").to_dict("records")
    assert row["count"] == old
    assert 120 < old < 200
