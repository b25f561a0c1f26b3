"""Linear and logistic regression against statsmodels, shrinkage against numbers worked out by hand."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st

from l2c import stats


def data(seed, n=300, k=4):
    r = np.random.default_rng(seed)
    x = np.column_stack([np.ones(n), r.normal(0, 1, (n, k))])
    x[:, 1] = x[:, 1] > 0.3
    eta = x @ r.normal(0, 0.7, k + 1)
    spread = np.exp(0.3 * x[:, 2])
    return x, eta + r.normal(0, 1, n) * spread, (r.random(n) < 1 / (1 + np.exp(-eta))).astype(float)


@pytest.mark.parametrize("seed", range(5))
def test_least_squares_equal_those_of_statsmodels(seed):
    x, y, _ = data(seed)
    ours, theirs = stats.linear(x, y), sm.OLS(y, x).fit(cov_type="HC1")
    assert ours.beta == pytest.approx(theirs.params, abs=1e-10)
    assert ours.covariance == pytest.approx(theirs.cov_params(), abs=1e-10)
    assert ours.fitted == pytest.approx(theirs.fittedvalues, abs=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_logistic_regression_equals_that_of_statsmodels(seed):
    x, _, won = data(seed)
    ours = stats.logistic(x, won)
    theirs = sm.Logit(won, x).fit(cov_type="HC0", disp=0, tol=1e-14, maxiter=100)
    assert ours.beta == pytest.approx(theirs.params, abs=1e-8)
    assert ours.covariance == pytest.approx(theirs.cov_params(), abs=1e-8)
    assert ours.fitted == pytest.approx(theirs.predict(), abs=1e-8)


def test_a_constant_alone_gives_the_mean():
    won = np.array([1.0, 1, 1, 0])
    fit = stats.logistic(np.ones((4, 1)), won)
    # log(3/1); robust variance: (4 p q)^-1 * 4 p q * (4 p q)^-1 = 1 / (4 * 3/16) = 4/3
    assert fit.beta[0] == pytest.approx(np.log(3))
    assert fit.covariance[0, 0] == pytest.approx(4 / 3)
    mean = stats.linear(np.ones((4, 1)), won)
    # 3/4; HC1: the squares left add up to 3/4, over 4² times 4/3
    assert mean.beta[0] == pytest.approx(0.75)
    assert mean.covariance[0, 0] == pytest.approx(0.75 / 16 * 4 / 3)


def test_a_ridge_is_the_top_of_its_posterior():
    x, _, won = data(9)
    penalty = np.array([0.0, 3.0, 0.5, 10.0, 1.0])
    fit = stats.logistic(x, won, penalty)
    # There the slope of log-likelihood minus penalty is nothing, and the covariance is the inverse of its bend.
    p = 1 / (1 + np.exp(-x @ fit.beta))
    assert x.T @ (won - p) - penalty * fit.beta == pytest.approx(np.zeros(5), abs=1e-7)
    bend = (x * (p * (1 - p))[:, None]).T @ x + np.diag(penalty)
    assert fit.covariance @ bend == pytest.approx(np.eye(5), abs=1e-8)


def test_a_ridge_brings_what_is_separated_to_an_end():
    x = np.column_stack([np.ones(40), np.repeat([0.0, 1.0], 20)])
    won = np.repeat([0.0, 1.0], 20)
    fit = stats.logistic(x, won, np.array([0.0, 1.0]))
    assert np.isfinite(fit.beta).all() and 1 < fit.beta[1] < 8
    # Without one the answer is large and still a number
    bare = stats.logistic(x, won)
    assert np.isfinite(bare.beta).all() and np.isfinite(bare.covariance).all()
    assert bare.fitted == pytest.approx(won, abs=1e-3)


def test_terms_that_say_the_same_twice_change_no_fitted_value():
    x, y, won = data(3)
    twice = np.column_stack([x, x[:, 1], 1 - x[:, 1]])
    assert stats.linear(twice, y).fitted == pytest.approx(stats.linear(x, y).fitted, abs=1e-8)
    assert stats.logistic(twice, won).fitted == pytest.approx(stats.logistic(x, won).fitted, abs=1e-6)


@given(st.integers(0, 10**6))
def test_the_order_of_the_rows_does_not_matter(seed):
    x, y, won = data(seed, n=60, k=2)
    order = np.random.default_rng(seed).permutation(60)
    for one, other in (
        (stats.linear(x, y), stats.linear(x[order], y[order])),
        (stats.logistic(x, won, 0.1), stats.logistic(x[order], won[order], 0.1)),
    ):
        assert one.beta == pytest.approx(other.beta, abs=1e-7)
        assert one.covariance == pytest.approx(other.covariance, abs=1e-7)
        assert one.fitted[order] == pytest.approx(other.fitted, abs=1e-7)


def test_shrinkage_by_hand():
    # Effects 0, 2 and 4 with variance 1 each: w = 1, mean 2, Q = 4 + 0 + 4 = 8, so the true effects vary by
    # (8 - 2) / (3 - 3/3) = 3. Each is drawn to the mean by 3 / (3 + 1): -1.5, 0, 1.5.
    # Variance: 3/4 * 1 + (1/4)² * (3 + 1)/3 = 0.75 + 1/12.
    found = stats.shrunken(np.array([0.0, 2, 4]), np.ones(3))
    assert found.effect == pytest.approx([-1.5, 0, 1.5])
    assert found.error == pytest.approx(np.full(3, np.sqrt(0.75 + 1 / 12)))
    assert found.spread == pytest.approx(np.sqrt(3))


def test_effects_that_differ_by_less_than_their_errors_are_all_one():
    found = stats.shrunken(np.array([0.1, -0.1, 0.05]), np.ones(3))
    assert found.spread == 0
    assert found.effect == pytest.approx(np.zeros(3))


def test_what_is_unknown_is_left_out_and_one_alone_says_nothing():
    found = stats.shrunken(np.array([0.0, np.nan, 2, 4]), np.array([1.0, 1, 1, 1]))
    assert found.effect == pytest.approx([-1.5, np.nan, 0, 1.5], nan_ok=True)
    assert np.isnan(found.error[1])
    alone = stats.shrunken(np.array([3.0, np.nan]), np.array([1.0, 1]))
    assert alone.effect == pytest.approx([0, np.nan], nan_ok=True)
    assert not len(stats.shrunken(np.array([]), np.array([])).effect)


@given(
    st.lists(st.tuples(st.floats(-50, 50), st.floats(0.1, 10)), min_size=2, max_size=12),
    st.floats(-20, 20),
    st.floats(0.1, 10),
)
def test_shrinkage_follows_the_scale_and_ignores_the_origin(pairs, shift, scale):
    effect, error = (np.array(part) for part in zip(*pairs, strict=True))
    found = stats.shrunken(effect, error)
    moved = stats.shrunken(scale * (effect + shift), scale * error)
    assert moved.effect == pytest.approx(scale * found.effect, abs=1e-5)
    assert moved.error == pytest.approx(scale * found.error, rel=1e-4, abs=1e-5)
    # Weighed by how sure each is, the shrunken effects cancel out: they are deviations from a mean.
    if found.spread > 1e-6:
        part = found.spread**2 / (found.spread**2 + error**2)
        assert (found.effect / part / (error**2 + found.spread**2)).sum() == pytest.approx(0, abs=1e-5)
    # Nobody is moved away from the mean, nor past it
    centre = np.average(effect, weights=1 / (error**2 + found.spread**2))
    assert (np.abs(found.effect) <= np.abs(effect - centre) + 1e-6).all()
    assert (found.effect * (effect - centre) >= -1e-6).all()


def test_dummies_leave_out_the_most_frequent():
    codes = np.array([0, 2, 2, 3, 2])
    assert stats.dummies(codes, 5).T.tolist() == [[1, 0, 0, 0, 0], [0, 0, 0, 1, 0]]
    assert stats.dummies(codes, 5, drop=False).shape == (5, 3)
    assert stats.dummies(np.zeros(3, np.int64), 1).shape == (3, 0)


def test_effects_know_that_observations_of_a_group_go_together():
    """Errors against the spread over companies drawn anew, on both scales."""
    for share, spread in ((False, 0.4), (True, 1.0)):
        means, errors, bare = [], [], []
        for seed in range(40):
            r = np.random.default_rng(seed)
            rep = r.integers(0, 8, 800)
            account = rep * 10 + r.integers(0, 10, 800)
            eta = r.normal(0, spread, 80)[account]
            x = (rep[:, None] == np.arange(8)).astype(float)
            y = (r.random(800) < 1 / (1 + np.exp(-eta))).astype(float) if share else eta + r.normal(0, 0.7, 800)
            fit = stats.logistic(x, y) if share else stats.linear(x, y)
            extra = stats.of_groups(x, fit, y, account, share=share)
            means.append(fit.beta)
            errors.append(np.sqrt(np.diag(fit.covariance + extra)))
            bare.append(np.sqrt(np.diag(fit.covariance)))
        assert np.mean(errors) == pytest.approx(np.std(means), rel=0.12)
        assert np.mean(bare) < 0.75 * np.std(means)


def test_observations_that_do_not_go_together_add_nothing():
    r = np.random.default_rng(0)
    x, y = np.ones((400, 1)), r.normal(size=400)
    assert stats.of_groups(x, stats.linear(x, y), y, np.arange(400), share=False)[0, 0] == pytest.approx(0, abs=1e-9)


def test_alike_groups_are_drawn_together_and_a_far_one_is_left_where_it_is():
    r = np.random.default_rng(2)
    error = np.full(30, 0.2)
    effect = error * r.normal(size=30)
    alike = stats.drawn_together(effect, error)
    assert np.abs(alike.value).max() < 0.1
    assert ((alike.low <= 0) & (alike.high >= 0)).all()
    effect[0] = 2.0
    far = stats.drawn_together(effect, error)
    # shrunken() would leave 1.5 of it
    assert far.value[0] > 1.85
    assert far.low[0] < 2 < far.high[0]
    assert far.above[0] > 0.999
    assert np.abs(far.value[1:]).max() < 0.15


def test_bounds_make_room_for_a_bias_that_nobody_measured():
    drawn = stats.drawn_together(np.array([1.0, -0.2, 0.1]), np.full(3, 0.1))
    wider = drawn.wider(0.4)
    np.testing.assert_allclose(drawn.wider(0.0).low, drawn.low)
    # independent errors add up as squares: 1.96 × 0.4 and what it was
    np.testing.assert_allclose(wider.value - wider.low, np.hypot(drawn.value - drawn.low, 1.96 * 0.4), rtol=1e-4)
    assert wider.value.tolist() == drawn.value.tolist()
    assert 0.5 < wider.above[0] < drawn.above[0]
    assert (wider.error > 0.4).all()


def test_groups_are_drawn_towards_the_larger_group_they_are_part_of():
    r = np.random.default_rng(3)
    within = np.arange(30) % 5
    truth = np.array([0.6, -0.6, 0.3, -0.3, 0.0])[within]
    effect, error = truth + 0.3 * r.normal(size=30), np.full(30, 0.3)
    nested, flat = stats.drawn_together(effect, error, within=within), stats.drawn_together(effect, error)
    assert np.abs(nested.value - truth).mean() < 0.8 * np.abs(flat.value - truth).mean()
    order = r.permutation(30)
    again = stats.drawn_together(effect[order], error[order], within=within[order])
    np.testing.assert_allclose(again.value, nested.value[order], atol=1e-9)
    np.testing.assert_allclose(again.low, nested.low[order], atol=1e-6)
