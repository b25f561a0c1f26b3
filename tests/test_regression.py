"""Regressions against statsmodels, and shrinkage by hand."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from l2c import stats


def data(seed=0, n=300):
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(n), rng.normal(size=n), rng.integers(0, 2, n)]).astype(float)
    eta = x @ [0.2, 0.5, -0.7]
    return x, eta + rng.normal(size=n) * (1 + x[:, 2]), (rng.random(n) < 1 / (1 + np.exp(-eta))).astype(float)


def test_least_squares_equal_statsmodels_with_hc1():
    x, y, _ = data()
    found, oracle = stats.linear(x, y), sm.OLS(y, x).fit(cov_type="HC1")
    np.testing.assert_allclose(found.beta, oracle.params, rtol=1e-8)
    np.testing.assert_allclose(found.covariance, oracle.cov_params(), rtol=1e-8)
    np.testing.assert_allclose(found.fitted, oracle.fittedvalues, rtol=1e-8)


def test_logistic_regression_equals_statsmodels_with_robust_covariance():
    x, _, won = data(1)
    found, oracle = stats.logistic(x, won), sm.Logit(won, x).fit(disp=0, cov_type="HC0", tol=1e-12)
    np.testing.assert_allclose(found.beta, oracle.params, rtol=1e-7)
    np.testing.assert_allclose(found.covariance, oracle.cov_params(), rtol=1e-6)
    np.testing.assert_allclose(found.fitted, oracle.predict(x), rtol=1e-7)


def test_a_penalty_keeps_a_group_that_won_everything_within_bounds():
    x = np.column_stack([np.ones(40), np.arange(40) < 10]).astype(float)
    won = np.where(x[:, 1] > 0, 1.0, np.arange(40) % 2)
    free, held = stats.logistic(x, won), stats.logistic(x, won, np.array([0.0, 0.5]))
    assert free.beta[1] > 10
    assert 1 < held.beta[1] < 5
    # at the optimum the pull of the data equals that of the penalty
    assert (x[:, 1] * (won - held.fitted)).sum() == pytest.approx(0.5 * held.beta[1], abs=1e-6)


def test_shrinkage_by_hand():
    effect, error = np.array([1.0, -1.0, 3.0, -3.0]), np.ones(4)
    # Q = 1 + 1 + 9 + 9 = 20; tau² = (20 - 3) / (4 - 4/4) = 17/3; weight = (17/3) / (17/3 + 1) = 17/20
    found = stats.shrunken(effect, error)
    assert found.spread == pytest.approx((17 / 3) ** 0.5)
    np.testing.assert_allclose(found.effect, effect * 17 / 20)
    # posterior variance 17/20, plus (3/20)² × the variance of the mean: (20/3) / 4
    np.testing.assert_allclose(found.error, (17 / 20 + (3 / 20) ** 2 * 20 / 12) ** 0.5)


def test_effects_no_wider_than_their_noise_are_all_chance():
    assert stats.shrunken(np.array([0.1, -0.1, 0.2, -0.2]), np.ones(4)).effect == pytest.approx(np.zeros(4))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_the_order_of_rows_changes_nothing(seed):
    x, y, won = data(3, 80)
    order = np.random.default_rng(seed).permutation(80)
    np.testing.assert_allclose(stats.linear(x[order], y[order]).beta, stats.linear(x, y).beta, rtol=1e-9)
    np.testing.assert_allclose(stats.logistic(x[order], won[order]).beta, stats.logistic(x, won).beta, rtol=1e-7)


def test_dummies_leave_out_the_most_frequent_code():
    found = stats.dummies(np.array([2, 0, 2, 1, 2]), 4)
    assert found.tolist() == [[0, 0], [1, 0], [0, 0], [0, 1], [0, 0]]
