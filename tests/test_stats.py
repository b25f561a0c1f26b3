"""Intervals and curves against hand calculation, statsmodels, lifelines and the bootstrap."""

import json
import time as clock
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from l2c import stats

ORACLE = json.loads((Path(__file__).parent / "oracles" / "lifelines.json").read_text())["table"]


def arrays(entry):
    return (np.array(entry["given"][name]) for name in ("time", "cause", "entry"))


@pytest.mark.parametrize("entry", ORACLE)
def test_survival_curves_equal_those_of_lifelines(entry):
    time, cause, late = arrays(entry)
    curve, expected = stats.kaplan_meier(time, cause > 0, late), entry["expected"]
    assert curve.time == pytest.approx(expected["moments"], abs=1e-8)
    assert curve.share == pytest.approx(expected["survival"], abs=1e-8)
    inside = (curve.share > 0) & (curve.share < 1)
    assert curve.low[inside] == pytest.approx(np.array(expected["low"])[inside], abs=1e-8)
    assert curve.high[inside] == pytest.approx(np.array(expected["high"])[inside], abs=1e-8)
    median = stats.quantile(curve)
    assert median == pytest.approx((expected["median"], *expected["median_interval"]), abs=1e-8)


@pytest.mark.parametrize("entry", [e for e in ORACLE if "mean_40" in e["expected"]])
def test_restricted_means_equal_those_of_lifelines(entry):
    time, cause, _ = arrays(entry)
    mean = stats.restricted_mean_among(time, (cause > 0).astype(int), 40)
    assert mean.value == pytest.approx(entry["expected"]["mean_40"], abs=1e-8)


@pytest.mark.parametrize("entry", [e for e in ORACLE if "incidence" in e["expected"]])
def test_incidences_equal_those_of_lifelines(entry):
    time, cause, _ = arrays(entry)
    expected = entry["expected"]["incidence"]
    assert stats.incidence(time, cause).share == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("ties", [False, True])
def test_survival_curves_equal_those_of_statsmodels(late, ties):
    rng = np.random.default_rng(5)
    time, seen = rng.exponential(30, 400), rng.random(400) < 0.6
    time = np.ceil(time) if ties else time
    entry = np.where(rng.random(400) < 0.5, time * rng.random(400), 0) if late else None
    curve = stats.kaplan_meier(time, seen, entry)
    other = SurvfuncRight(time, seen.astype(float), entry)
    assert curve.share == pytest.approx(other.surv_prob, abs=1e-8)
    assert curve.at_risk == pytest.approx(other.n_risk)
    known = np.isfinite(other.surv_prob_se)
    assert np.sqrt(curve.variance)[known] == pytest.approx(other.surv_prob_se[known], abs=1e-8)


@pytest.mark.parametrize("ties", [False, True])
def test_incidences_and_their_variance_equal_those_of_statsmodels(ties):
    rng = np.random.default_rng(6)
    time, cause = rng.exponential(30, 300), rng.integers(0, 3, 300)
    time = np.ceil(time) if ties else time
    curve, other = stats.incidence(time, cause, of=2), CumIncidenceRight(time, cause)
    ended = np.searchsorted(other.times, curve.time)
    assert curve.share == pytest.approx(other.cinc[1][ended], abs=1e-8)
    se, known = other.cinc_se[1][ended], np.isfinite(other.cinc_se[1][ended])
    assert np.sqrt(curve.variance)[known] == pytest.approx(se[known], abs=1e-8)


def test_open_cases_lengthen_the_median():
    # S(10) = 2/3, S(20) = 1/3
    curve = stats.kaplan_meier([10, 20, 25], [True, True, False])
    assert curve.share == pytest.approx([2 / 3, 1 / 3])
    assert stats.quantile(curve).value == 20


def test_a_late_entry_is_at_risk_only_after_it():
    # The third was first looked at on day 15: S(10) = 1/2, S(20) = 1/2 * 1/2
    curve = stats.kaplan_meier([10, 20, 30], [True, True, False], [0, 0, 15])
    assert curve.share == pytest.approx([0.5, 0.25])


def test_what_ended_before_anyone_looked_is_left_out():
    assert stats.kaplan_meier([10, 20], [True, True], [0, 20]).at_risk.tolist() == [1]


def test_a_median_that_is_not_reached_is_unknown():
    for time, seen in [([], []), ([5.0], [False])]:
        assert np.isnan(stats.quantile(stats.kaplan_meier(time, seen))).all()


def test_where_the_median_is_not_reached_its_lower_bound_may_be():
    # S(5) = 2/3 ever after; its interval comes down to 0.05, so the median may be 5 days and may be anything more
    value, low, high = stats.quantile(stats.kaplan_meier([5, 9, 9], [True, False, False]))
    assert low == 5
    assert np.isnan([value, high]).all()


def test_a_single_case_has_a_median_and_no_interval():
    value, low, high = stats.quantile(stats.kaplan_meier([7], [True]))
    assert value == 7
    assert np.isnan([low, high]).all()


def test_durations_of_zero_count():
    curve = stats.kaplan_meier([0, 0, 3, 4], [True, True, True, False])
    assert curve.time.tolist() == [0, 3]
    assert curve.share == pytest.approx([0.5, 0.25])


def test_among_the_cases_that_do_not_end_otherwise_the_median_is_theirs_when_all_have_ended():
    rng = np.random.default_rng(1)
    time, cause = rng.exponential(20, 501), rng.integers(1, 3, 501)
    curve = stats.survival_among(time, cause)
    own = stats.kaplan_meier(time[cause == 1], np.ones((cause == 1).sum(), bool))
    assert stats.quantile(curve).value == stats.quantile(own).value
    assert stats.at(curve, 15).value == pytest.approx(stats.at(own, 15).value)


def test_open_cases_that_may_end_otherwise_do_not_lengthen_the_median():
    # Half of the deals are lost. Truth: 45 days among those that are won; the history is one year.
    rng = np.random.default_rng(2)
    n = 20_000
    won, started = rng.random(n) < 0.5, rng.uniform(0, 365, n)
    full = np.where(won, 45 * np.exp(0.7 * rng.normal(size=n)), 60 * np.exp(0.9 * rng.normal(size=n)))
    time = np.minimum(full, 365 - started)
    cause = np.where(time < full, 0, np.where(won, 1, 2))
    kept = cause != 2
    naive = stats.quantile(stats.kaplan_meier(time[kept], cause[kept] == 1)).value
    honest = stats.quantile(stats.survival_among(time, cause)).value
    assert abs(honest / 45 - 1) < 0.05
    assert abs(naive / 45 - 1) > 0.1


def test_the_interval_among_those_that_do_not_end_otherwise_covers_the_truth():
    # Exponential ends at rates 1/50 and 1/80: among cause 1 the time is exponential with the sum of both rates.
    truth = np.log(2) / (1 / 50 + 1 / 80)
    rng = np.random.default_rng(3)
    covered = 0
    for _ in range(400):
        ends = [rng.exponential(50, 400), rng.exponential(80, 400), rng.uniform(100, 300, 400)]
        curve = stats.survival_among(np.min(ends, axis=0), np.array([1, 2, 0])[np.argmin(ends, axis=0)])
        _, low, high = stats.quantile(curve)
        covered += low <= truth <= high
    assert 0.92 <= covered / 400 <= 0.98


def test_the_restricted_mean_of_ended_cases_is_their_mean():
    # Without open cases its squared error is the variance of the sample (over n), divided by n.
    x = np.array([1.0, 4, 4, 9, 12])
    mean = stats.restricted_mean_among(x, np.ones(5, int), 20)
    assert mean == pytest.approx((x.mean(), x.std() / np.sqrt(5)))


def test_a_restricted_mean_is_the_area_under_the_curve():
    # S = 2/3 from day 10 and 1/3 from day 20 on: 10 + 10 * 2/3 + 5 / 3; flat beyond the last look
    among = [stats.restricted_mean_among([10, 20, 25], [1, 1, 0], until).value for until in (25, 28)]
    assert among == pytest.approx([10 + 10 * 2 / 3 + 5 / 3, 10 + 10 * 2 / 3 + 8 / 3])


def test_without_other_ends_the_error_of_the_restricted_mean_is_greenwoods():
    rng = np.random.default_rng(8)
    time, seen, entry = rng.exponential(30, 300), rng.random(300) < 0.7, rng.uniform(-50, 20, 300)
    curve = stats.kaplan_meier(time, seen, entry)
    used = curve.time <= 40
    areas = np.diff([0.0, *curve.time[used], 40]) * [1.0, *curve.share[used]]
    beyond = areas[1:][::-1].cumsum()[::-1]
    at_risk, ended = curve.at_risk[used], curve.ended[used]
    error = np.sqrt((beyond**2 * ended / (at_risk * (at_risk - ended).astype(float))).sum())
    assert stats.restricted_mean_among(time, seen.astype(int), 40, entry) == pytest.approx((areas.sum(), error))


def test_the_restricted_mean_among_those_that_do_not_end_otherwise_is_as_unsure_as_simulation_says():
    rng = np.random.default_rng(9)
    found = []
    for _ in range(1500):
        ends = [rng.exponential(50, 300), rng.exponential(80, 300), rng.uniform(20, 100, 300)]
        cause = np.array([1, 2, 0])[np.argmin(ends, axis=0)]
        found.append(stats.restricted_mean_among(np.min(ends, axis=0), cause, 60))
    means, errors = np.array(found).T
    assert means.std() == pytest.approx(errors.mean(), rel=0.06)
    # Among those ended by cause 1 or by nothing within 60 days: F(t) = r/(r+s) (1 - e^-(r+s)t), L(60) likewise
    r, s = 1 / 50, 1 / 80
    full = r + s
    lost = s / full * (1 - np.exp(-full * 60))
    area = r / full * (60 - (1 - np.exp(-full * 60)) / full)
    assert means.mean() == pytest.approx(60 - area / (1 - lost), rel=0.005)


def test_a_million_durations_take_little_longer_than_to_sort_them():
    rng = np.random.default_rng(4)
    time, entry = rng.exponential(50, 1_000_000), rng.uniform(-300, 40, 1_000_000)
    seen = rng.random(1_000_000) < 0.7
    began = clock.process_time()
    for column in (time, entry):
        np.argsort(column, kind="stable")
    sorted_ = clock.process_time()
    stats.quantile(stats.kaplan_meier(time, seen, entry))
    # As long, on one machine; how long that is depends on the machine.
    assert clock.process_time() - sorted_ < 4 * (sorted_ - began)


@given(st.integers(1, 500), st.floats(0, 1), st.sampled_from([0.8, 0.95, 0.99]))
def test_rates_have_the_wilson_interval_of_statsmodels(of, part, level):
    hits = round(part * of)
    value, low, high = stats.rate(hits, of, level)
    assert (low, high) == pytest.approx(proportion_confint(hits, of, 1 - level, method="wilson"), abs=1e-8)
    assert low <= value <= high


@given(st.integers(1, 80), st.integers(1, 80), st.floats(0, 1), st.floats(0, 1))
def test_differences_of_rates_have_newcombes_interval(n, m, p, q):
    a, b = stats.rate(round(p * n), n), stats.rate(round(q * m), m)
    expected = confint_proportions_2indep(round(p * n), n, round(q * m), m, compare="diff", method="newcomb")
    assert stats.rate_difference(a, b)[1:] == pytest.approx(expected, abs=1e-8)


def test_a_rate_of_nothing_is_unknown():
    assert np.isnan(stats.rate(0, 0)).all()
    assert np.isnan(stats.share_of_sums([], [])).all()


def test_with_equal_amounts_the_share_of_money_is_the_share_of_deals():
    won = np.array([1, 1, 0, 1, 0, 0, 0, 1])
    assert stats.share_of_sums(won * 50.0, np.full(8, 50.0)) == pytest.approx(stats.rate(4, 8))


def test_a_share_of_money_is_as_unsure_as_the_bootstrap_says():
    rng = np.random.default_rng(7)
    amount, won = rng.lognormal(9, 1, 600), rng.random(600) < 0.4
    value, low, high = stats.share_of_sums(won * amount, amount)
    draws = rng.integers(0, 600, (4000, 600))
    shares = (won * amount)[draws].sum(1) / amount[draws].sum(1)
    assert value == pytest.approx((won * amount).sum() / amount.sum())
    assert (low, high) == pytest.approx(np.quantile(shares, [0.025, 0.975]), abs=0.01)


def test_all_money_won_is_not_certainty():
    # Like 3 of 3 at most; fewer equal cases when one deal holds most of the money.
    assert stats.share_of_sums([1, 1, 100], [1, 1, 100]).low < stats.rate(3, 3).low


def test_means_have_students_interval():
    # mean 4, s = 2, n = 4, t(3) = 3.182446
    assert stats.mean([2, 4, 4, 6]) == pytest.approx((4, 4 - 3.182446 * 0.8164966, 4 + 3.182446 * 0.8164966), abs=1e-5)
    assert np.isnan(stats.mean([3])[1:]).all()


def test_medians_lie_between_order_statistics():
    # n = 10: P(fewer than 2 of 10 heads) = 11/1024 = 1.1 %, fewer than 3: 5.5 %, so the 2nd and the 9th value
    assert stats.median(np.arange(1.0, 11)) == (5.5, 2, 9)
    # n = 5: P(0 of 5) = 3.1 % > 2.5 %: no interval
    assert np.isnan(stats.median([1, 2, 3, 4, 5])[1:]).all()


@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 2), st.integers(-5, 25)), max_size=40),
)
def test_shares_stay_between_none_and_all_and_only_fall(rows):
    time, cause, entry = (np.array(column) for column in zip(*rows, strict=True)) if rows else ([], np.array([]), [])
    for curve in (stats.kaplan_meier(time, np.asarray(cause) > 0, entry), stats.survival_among(time, cause, entry)):
        known = curve.share[np.isfinite(curve.share)]
        assert ((known >= 0) & (known <= 1)).all()
        assert (np.diff(known) <= 1e-12).all()
        banded = np.isfinite(curve.low)
        assert (curve.low[banded] <= curve.share[banded] + 1e-9).all()
        assert (curve.high[banded] >= curve.share[banded] - 1e-9).all()


def _brute_weighted(time, seen, weight, entry, at):
    """Weighted Kaplan-Meier and its variance by the influence of each observation, term by term."""
    share, influence = 1.0, np.zeros(len(time))
    for moment in np.unique(time[seen & (time <= at)]):
        risk = ((entry <= 0) | (entry < moment)) & (time >= moment)
        ends = risk & seen & (time == moment)
        total = weight[risk].sum()
        hazard = weight[ends].sum() / total
        share *= 1 - hazard
        if hazard < 1 - 1e-12:
            influence += weight * (ends - hazard * risk) / (total * (1 - hazard))
    return share, share**2 * (influence**2).sum()


def test_weighted_survival_is_the_sum_over_all_observations():
    rng = np.random.default_rng(1)
    for _ in range(60):
        n = int(rng.integers(1, 30))
        time, seen = rng.integers(1, 13, n).astype(float), rng.random(n) < 0.6
        weight = rng.exponential(1, n)
        entry = np.where(rng.random(n) < 0.3, rng.integers(0, 8, n), 0).astype(float)
        kept = (entry <= 0) | (entry < time)
        curve = stats.weighted_survival(time, seen, weight, entry)
        for at, share, variance in zip(curve.time, curve.share, curve.variance, strict=True):
            expected = _brute_weighted(time[kept], seen[kept], weight[kept], entry[kept], at)
            assert (share, variance) == pytest.approx(expected, abs=1e-9)


def test_equal_weights_change_nothing():
    rng = np.random.default_rng(2)
    time, seen = rng.integers(0, 50, 300).astype(float), rng.random(300) < 0.7
    entry = np.where(rng.random(300) < 0.2, rng.integers(0, 30, 300), 0).astype(float)
    plain, weighted = (
        stats.kaplan_meier(time, seen, entry),
        stats.weighted_survival(time, seen, np.full(300, 3.0), entry),
    )
    np.testing.assert_allclose(weighted.share, plain.share, atol=1e-12)
    np.testing.assert_array_equal(weighted.at_risk, plain.at_risk)
    np.testing.assert_array_equal(weighted.ended, plain.ended)


def test_shares_by_weight_without_open_cases_are_shares_of_sums():
    rng = np.random.default_rng(3)
    time, weight = rng.exponential(10, 80), rng.lognormal(0, 1, 80)
    found = stats.share_beyond(stats.weighted_survival(time, np.ones(80, bool), weight), 10.0)
    assert found == pytest.approx(stats.share_of_sums(weight * (time > 10), weight), abs=1e-9)
    plain = stats.share_beyond(stats.kaplan_meier(time, np.ones(80, bool)), 10.0)
    assert plain == pytest.approx(stats.rate((time > 10).sum(), 80), abs=1e-9)


def test_weighted_intervals_cover():
    rng = np.random.default_rng(4)
    hits = 0
    for _ in range(300):
        time, last, weight = rng.exponential(1, 150), rng.uniform(0.2, 3, 150), rng.lognormal(0, 1, 150)
        curve = stats.weighted_survival(np.minimum(time, last), time <= last, weight)
        found = stats.share_beyond(curve, 1.0)
        hits += found.low <= np.exp(-1) <= found.high
    assert 0.90 <= hits / 300 <= 0.99


def test_beyond_the_longest_observation_only_a_finished_curve_is_known():
    assert stats.share_beyond(stats.kaplan_meier([1.0, 2.0], [True, True]), 30.0).value == 0
    assert np.isnan(stats.share_beyond(stats.kaplan_meier([1.0, 2.0], [True, False]), 30.0).value)
    assert np.isnan(stats.share_beyond(stats.kaplan_meier([], []), 0.0).value)
    assert len(stats.weighted_survival([3.0], [True], [0.0]).time) == 0
