"""A day on which something changed is found; what creeps, comes every year or is chance has none."""

import numpy as np
import pandas as pd
import pytest

from l2c import stats
from l2c.diagnose import since
from l2c.diagnose.since.search import Means, step
from l2c.diagnose.since.series import every
from l2c.log import build
from l2c.measures.facts import Facts
from tests.logs import ORIGIN, from_text

BLOCKS = np.arange(45)
DAY = BLOCKS * 14.0


def means(series, noise=0.08):
    return Means(BLOCKS, DAY, series, np.full(len(BLOCKS), noise**2))


def noise(seed):
    return np.random.default_rng(seed).normal(0, 0.08, len(BLOCKS))


def log_with(factor, *, region="North", share=1.0, seed=1, n=1600):
    """Quotes answered more slowly from day 400 on, in one region or in all."""
    rng = np.random.default_rng(seed)
    sent = np.sort(rng.uniform(0, 600, n))
    where = np.where(rng.random(n) < share, region, "South")
    slow = np.where((sent >= 400) & (where == region), factor, 1.0)
    answered = sent + slow * rng.lognormal(np.log(8), 0.6, n)
    parts = [
        pd.DataFrame({"case_id": np.arange(n), "activity": name, "day": days, "region": where})
        for name, days in (("Quote Sent", sent), ("Quote Accepted", answered))
    ]
    rows = pd.concat(parts)
    rows = rows[rows["day"] <= 600]
    rows["time"] = ORIGIN + pd.to_timedelta((rows["day"] * 86_400).round(), unit="s")
    return build(rows.drop(columns="day"), extracted=ORIGIN + pd.Timedelta(days=600))


def test_a_step_is_found_where_it_is():
    found = step(means(noise(1) + 0.4 * (BLOCKS >= 30)))
    assert found.p < 0.01
    assert abs(found.place - 30) <= 1 and found.earliest <= 30 <= found.latest
    assert abs(found.value - 0.4) < 2 * found.error


@pytest.mark.parametrize("move", [0 * DAY, -0.1 * DAY / 365, 0.2 * np.sin(2 * np.pi * DAY / 365 + 1)])
def test_what_is_chance_creeps_or_comes_every_year_has_no_day(move):
    assert min(step(means(noise(seed) + move)).p for seed in range(3)) > 0.01


def test_too_few_blocks_tell_nothing():
    few = slice(0, 8)
    assert step(Means(BLOCKS[few], DAY[few], noise(1)[few], np.full(8, 0.01))) is None


def test_the_day_and_the_ratio_of_a_step_that_became_slower():
    table = since(log_with(1.8))
    row = table.iloc[0]
    assert (row["kpi"], row["step"], row["attribute"]) == ("step_days", ("Quote Sent", "Quote Accepted"), None)
    assert abs((row["since"] - ORIGIN).days - 400) <= 31
    assert row["earliest"] <= row["since"] < row["latest"]
    assert row["low"] < 1.8 < row["high"] * 1.1 and row["ratio"] == pytest.approx(1.8, abs=0.3)
    assert row["q"] <= 0.05


def test_a_change_of_one_region_is_told_of_it():
    table = since(log_with(2.2, share=0.4))
    assert set(table["attribute"]) == {"region"} and len(table) >= 1
    assert {value: ratio > 1 for value, ratio in zip(table["value"], table["ratio"], strict=True)}["North"]


def test_nothing_is_said_of_little():
    table = since(from_text("a: Quote Sent 0, Quote Accepted 4"))
    assert not len(table) and table.attrs["note"].id == "few_for_since"


def test_a_short_history_says_that_a_season_cannot_be_told():
    rng = np.random.default_rng(1)
    rows = "\n".join(
        f"c{i}: Quote Sent {i * 0.5:.1f}, Quote Accepted {i * 0.5 + rng.lognormal(1):.2f}" for i in range(400)
    )
    assert since(from_text(rows, until=210)).attrs["note"].id == "no_season"


def test_a_shift_without_shocks_is_that_of_weighted_least_squares():
    import statsmodels.api as sm

    rng = np.random.default_rng(2)
    variance = rng.uniform(0.5, 2, 45)
    y = rng.normal(0, variance**0.5) + 3.0 * (BLOCKS >= 20)
    steps = (BLOCKS >= 20).astype(float)[:, None]
    found = stats.shifts(y[:, None], variance, BLOCKS, np.zeros((45, 1)), steps)
    expected = sm.WLS(y, sm.add_constant(steps), weights=1 / variance).fit()
    # What is not known of the shocks can only make it less sure.
    assert found.value[0, 0] == pytest.approx(expected.params[1], abs=0.2)
    assert found.error[0, 0] >= expected.bse[1] / np.sqrt(expected.scale)
    gain = stats.gains(y[:, None], variance, BLOCKS, np.zeros((45, 1)), steps)
    assert (gain == found.gain).all() and gain[0, 0] > 5


def test_blocks_of_another_mix_are_compared_as_if_they_had_one():
    place = np.repeat([0, 1], 100)
    large = np.r_[np.arange(100) < 20, np.arange(100) < 80].astype(float)
    value = 10.0 + 30 * large
    held = stats.blocks(value, place, large[:, None])
    assert held.mean == pytest.approx([25, 25])
    assert stats.blocks(value, place).mean == pytest.approx([16, 34])
    assert list(held.cases) == [100, 100]


def test_a_slower_process_is_no_lower_win_rate():
    # From day 300 on two of four deals take 200 days instead of 20, won or lost alike: fewer are won within so many days, but as
    # many of those decided. Every other deal is won.
    lines = []
    for n in range(1200):
        opened, slow = n / 2, n / 2 >= 300 and n % 4 < 2
        lines.append(
            f"k{n}: Opportunity Created {opened}, Closed {'Won' if n % 2 else 'Lost'} {opened + (200 if slow else 20)}"
        )
    facts = Facts.of(from_text("\n".join(lines), until=820))
    (wins,) = [each for each in every(facts, None) if each.kpi == "win_rate_incidence"]
    late = wins.day >= wins.day.min() + 300
    assert (late.sum(), (~late).sum()) == (300, 600)
    assert wins.value[late].mean() == wins.value[~late].mean() == 0.5
