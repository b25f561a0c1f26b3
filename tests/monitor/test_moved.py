"""Each case counts once, in the window in which it had been watched long enough."""

from datetime import timedelta

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from l2c import stats
from l2c.measures.facts import DAY
from l2c.measures.watched import Watched
from l2c.monitor.moved import _step, moved
from tests.logs import from_text

WIDTH = 30 * DAY


def watched(values, start, horizon=10.0, weight=None):
    start = np.asarray(start) * DAY
    return Watched(np.arange(len(values)), start.astype(np.int64), np.asarray(values, float), weight, horizon)


def test_windows_hold_what_became_known_in_them():
    # Until day 400, watched for 10 days: begun up to day 390 is known; the last 30 days hold those begun in (360, 390].
    chance = np.random.default_rng(1)
    start = np.arange(0, 400, 0.5)
    values = chance.normal(5, 1, len(start)) + 3 * ((start > 360) & (start <= 390)) + 50 * (start > 390)
    found = _step(watched(values, start), 400 * DAY, WIDTH, 0.95)
    lately = values[(start > 360) & (start <= 390)]
    before = [values[(start > 390 - 30 * (k + 1)) & (start <= 390 - 30 * k)] for k in range(1, 13)]
    assert found.cases == len(lately) == 60 and found.windows == 12
    assert found.lately == pytest.approx(lately.mean())
    # Worked out anew: the variance of cases, and how much more the windows of equal size differ than these make them.
    means = np.array([b.mean() for b in before])
    inside = np.mean([b.var() for b in before])
    between = max(means.var(ddof=1) - inside / 60, 0)
    assert found.usual == pytest.approx(means.mean())
    error = (inside / 60 + between + (inside / 60 + between) / 12) ** 0.5
    from scipy.stats import t

    assert found.p == pytest.approx(2 * t.sf(abs(found.difference) / error, 11))
    assert found.high - found.difference == pytest.approx(t.ppf(0.975, 11) * error)


def test_windows_that_differ_anyway_make_no_news_of_one_that_does():
    chance = np.random.default_rng(2)
    start = np.arange(0, 400, 0.25)
    shocks = chance.normal(0, 1, 30)[((400 * DAY - start * DAY) // WIDTH).astype(int)]
    found = _step(watched(chance.normal(5, 1, len(start)) + shocks, start), 400 * DAY, WIDTH, 0.95)
    assert found.high - found.low > 3


def test_too_few_cases_or_windows_are_told_as_such():
    few = _step(watched(np.arange(30.0), np.linspace(0, 390, 30)), 400 * DAY, WIDTH, 0.95)
    assert np.isnan(few.p) and few.cases < 20
    short = _step(watched(np.arange(300.0), np.linspace(300, 390, 300)), 400 * DAY, WIDTH, 0.95)
    assert np.isnan(short.p) and short.windows < 5


def test_holm_is_that_of_statsmodels():
    p = [0.01, 0.04, np.nan, 0.03, 0.005, 0.6]
    known = [each for each in p if each == each]
    found = stats.holm(p)
    assert np.isnan(found[2]) and len(stats.holm([])) == 0
    assert found[~np.isnan(found)] == pytest.approx(multipletests(known, method="holm")[1])


def test_a_step_that_takes_longer_since_is_found_and_young_deals_do_not_look_fast():
    rng = np.random.default_rng(3)
    lines = []
    for i, day in enumerate(np.sort(rng.uniform(0, 360, 1500))):
        slow = 3.0 if day > 324 else 1.0
        sent = day + slow * rng.uniform(2, 6)
        events = [("Opportunity Created", day), ("Quote Sent", sent), ("Closed Won", sent + rng.uniform(1, 3))]
        lines.append(f"c{i}: " + ", ".join(f"{name} {at:.3f}" for name, at in events if at <= 360))
    log = from_text("\n".join(lines), until=360)
    table = moved(log, log.extracted - timedelta(days=30)).set_index("kpi")
    assert table.loc["sales_cycle_days", "verdict"] == "beyond_chance"
    assert table.loc["sales_cycle_days", "difference"] > 0.5
    # Before that nothing had happened yet.
    earlier = log.as_of("2025-11-15")
    quiet = moved(earlier, earlier.extracted - timedelta(days=30))
    assert not (quiet["verdict"] == "beyond_chance").any()
