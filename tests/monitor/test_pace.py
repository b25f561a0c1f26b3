"""Does anything go slower than it should?"""

from datetime import timedelta
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from l2c import monitor, show
from l2c.log import build
from l2c.monitor.expected import Due, Spells, due, ends
from l2c.stats import cusum
from l2c.words.errors import UnknownName
from tests.logs import ORIGIN, from_text

# A Monday.
MONDAY = ORIGIN + timedelta(days=5)
STEP = ("Quote Sent", "Quote Accepted")
DAYS, CHANGED = 420, 300


@pytest.fixture(scope="module")
def rows():
    """Ten quotes a day and a third: from day 300 on, those that are sent take 1.6 times as long."""
    rng = np.random.default_rng(0)
    sent = np.sort(rng.uniform(0, DAYS, 4500))
    took = rng.exponential(8, 4500) * np.where(sent > CHANGED, 1.6, 1.0)
    frame = pd.DataFrame({"case_id": np.arange(4500).astype(str), "segment": rng.choice(["SMB", "Large"], 4500)})
    parts = [frame.assign(activity=name, day=day) for name, day in zip(STEP, (sent, sent + took), strict=True)]
    whole = pd.concat(parts)
    whole["time"] = MONDAY + pd.to_timedelta((whole["day"] * 86400).round(), unit="s")
    return whole[whole["day"] < DAYS + 3].drop(columns="day").reset_index(drop=True)


@pytest.fixture(scope="module")
def log(rows):
    return build(rows, extracted=MONDAY + timedelta(days=DAYS + 3))


@pytest.fixture(scope="module")
def table(log):
    return monitor.pace(log)


def test_a_step_that_slows_down_alarms_soon_and_says_since_when_and_how_much(table):
    assert set(table["step"]) == {STEP}
    # 60 weeks; the week of the extraction is not over, and is not judged
    assert len(table) == 60
    alarms = table.loc[table["alarm"], "week"]
    assert 0 <= (alarms.iloc[0] - MONDAY).days - CHANGED <= 56
    last = table.iloc[-1]
    assert abs((last["since"] - MONDAY).days - CHANGED) <= 14
    # 1 / 1.6 of the ends a day
    assert last["since_low"] < 1 / 1.6 < last["since_high"] and last["cusum"] < -last["limit"]


def test_weeks_of_the_base_add_up_to_what_was_seen_and_have_no_evidence(table):
    base = table[table["cusum"].isna()]
    assert len(base) and not base["alarm"].any() and base["since"].isna().all()
    assert base["observed"].sum() == pytest.approx(base["expected"].sum())


def test_the_order_of_rows_does_not_matter(rows, table):
    mixed = build(rows.sample(frac=1, random_state=1), extracted=MONDAY + timedelta(days=DAYS + 3))
    pd.testing.assert_frame_equal(monitor.pace(mixed), table)


def test_a_part_of_the_log_is_watched_as_its_own_log(rows, log):
    own = build(rows[rows["segment"] == "SMB"], extracted=log.extracted)
    part = monitor.pace(log.where(segment="SMB"), "2025-08-04")
    pd.testing.assert_frame_equal(part, monitor.pace(own, "2025-08-04"))


def test_expected_is_hazard_by_days_at_risk():
    # ten a week, all of which end after 2 days: in the base 10 ends in 20 days at risk, half an end a day
    start = np.repeat(7.0 * np.arange(6), 10)
    took = np.where(start < 28, 2.0, 5.0)
    nobody = np.zeros(60, np.int64)
    spells = Spells(nobody, start, start, start + took, nobody, nobody, np.zeros(1, np.int64))
    counts = ends(spells, np.arange(7) * 7.0, 4, [])
    assert counts.observed[0].tolist() == [10, 10, 10, 10, 0, 0]
    # who waits longer than nearly all of the base did is at risk no more: 20 days of two each, not 50
    assert counts.expected[0] == pytest.approx([10] * 6, rel=1e-4)


def test_expected_is_that_of_a_count_of_every_day_at_risk():
    rng = np.random.default_rng(2)
    start, took = rng.uniform(-20, 80, 300), rng.gamma(2, 5, 300)
    seen = rng.random(300) < 0.8
    entry = np.maximum(start, -5.0)
    kept = start + took > entry
    start, took, seen, entry = start[kept], took[kept], seen[kept], entry[kept]
    nobody = np.zeros(len(start), np.int64)
    way = np.where(seen, 0, -1)
    edges = np.arange(12) * 7.0
    counts = ends(Spells(nobody, start, entry, start + took, way, nobody, np.zeros(1, np.int64)), edges, 6, [])
    own = took[seen & (start + took < 42)]
    ages = np.r_[0.0, np.quantile(own, np.r_[np.arange(1, 8) / 8, 0.99])]

    def at_risk(low, high, first, last):
        """Days at risk at an age, between two days, one stay after the other."""
        return sum(
            max(min(s + high, s + t, last) - max(s + low, e, first), 0.0)
            for s, t, e in zip(start, took, entry, strict=True)
        )

    ended = start + took
    rates = [
        ((ended >= 0) & (ended < 42) & seen & (took > low) & (took <= high)).sum() / at_risk(low, high, 0, 42)
        for low, high in pairwise(ages)
    ]
    for week in range(11):
        should = sum(
            rate * at_risk(low, high, edges[week], edges[week + 1])
            for rate, (low, high) in zip(rates, pairwise(ages), strict=True)
        )
        assert counts.expected[0, week] == pytest.approx(should, rel=1e-4)


def test_what_is_due_is_expected_by_its_share_in_the_base():
    day = np.repeat([3.0, 10.0, 17.0], 100)
    value = np.r_[np.ones(40), np.zeros(60), np.ones(20), np.zeros(80), np.ones(50), np.zeros(50)]
    counts = due(Due(day, value, np.zeros(300, np.int64)), np.arange(4) * 7.0, 2, [])
    # 60 of 200 in the base
    assert counts.observed[0].tolist() == [40, 20, 50] and counts.expected[0] == pytest.approx([30, 30, 30])


def test_the_interval_of_a_ratio_is_that_of_its_count():
    # 10 seen, 5 expected; a Poisson count of 10 has the exact 95 % interval 4.795 to 18.39 (Garwood)
    ratio, low, high = cusum.ratio(np.array([10.0]), np.array([5.0]), np.ones(1))
    assert (ratio[0], low[0], high[0]) == pytest.approx((2, 4.795 / 5, 18.39 / 5), rel=1e-3)


def test_a_cusum_adds_up_likelihood_ratios():
    # 100 seen of 100 for ever in the base; then 60 a week: 60 ln(1/1.3) + 0.2308 · 100 = 7.33 a week, as nothing scatters
    observed = np.full((1, 40), 100.0)
    observed[0, 30:] = 60.0
    made = cusum.chart(observed, np.full((1, 40), 100.0), np.full((1, 40), np.inf), np.zeros(1), 30, 0.05)
    unit = made.dispersion[0, -1]
    assert unit == pytest.approx(1, abs=0.15)
    seen = max(60, 100 / 1.7 - 2 * (100 * unit) ** 0.5)
    assert made.cusum[0, 0] == pytest.approx(-(seen * np.log(1 / 1.3) + (1 - 1 / 1.3) * 100) / unit)
    assert made.cusum[0, 9] == pytest.approx(10 * made.cusum[0, 0]) and made.since[0, 9] == 0


def test_a_holiday_of_two_weeks_and_the_week_after_tell_nothing_a_longer_stop_does():
    def charted(*weeks):
        observed = np.full((2, 40), 100.0)
        observed[:, 30 : 30 + len(weeks)] = weeks
        return cusum.chart(observed, np.full((2, 40), 100.0), np.full((2, 40), np.inf), np.zeros(2), 30, 0.05)

    assert not charted(10, 10, 280).cusum[:, :3].any()
    assert (charted(10, 10, 10, 10, 10).cusum[:, 4] < 0).all()


def test_a_duration_and_a_rate_are_watched_likewise(log):
    durations = monitor.pace(log, kpi="quote_acceptance_days") if "quote_acceptance_days" in log.base.measures else None
    assert durations is None or len(durations)
    with pytest.raises(UnknownName):
        monitor.pace(log, kpi="nothing")


def test_a_short_log_says_so():
    short = monitor.pace(from_text("a: Quote Sent 0, Quote Accepted 4"))
    assert not len(short) and short.attrs["note"].id == "few_for_pace"
    for lang in ("en", "ja"):
        assert "13" in show.pace(short, lang=lang).alt


def test_drift_stands_beside_the_weeks_of_its_step(log, table):
    found = monitor.drift(log)
    row = found.iloc[0]
    assert row["step"] == STEP and row["ratio"] > 1 > row["since_ratio"]
    assert (
        row["since_ratio"] == table["since_ratio"].iloc[-1]
        and row["alarmed"] == table.loc[table["alarm"], "week"].iloc[0]
    )


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_the_picture_says_which_step_since_when_and_how_often_chance_alarms(table, lang):
    picture = show.pace(table, lang=lang)
    assert ("5 %" if lang == "en" else "5%") in " ".join(picture.texts)
    assert ("fewer" if lang == "en" else "減（") in picture.alt
    # one series: a chart of weeks, and one of evidence
    assert len(picture.figure.axes) == 2


def test_where_no_step_is_taken_often_enough_the_note_says_so():
    few = from_text(
        "\n".join(f"d{k} [region=A]: Opportunity Created {9 * k}, Closed Won {9 * k + 20}" for k in range(60))
    )
    table = monitor.pace(few)
    assert not len(table) and table.attrs["note"].id == "few_ends_for_pace"
    assert monitor.drift(few).empty and not (monitor.alerts(few)["watch"] == "steps").any()
