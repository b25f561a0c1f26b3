"""Tests of two samples against scipy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import hypergeom, mannwhitneyu

from l2c import stats


@given(st.integers(0, 60), st.integers(1, 60), st.integers(0, 5000), st.integers(1, 5000))
def test_two_rates_by_the_exact_distribution(hits, of, other_hits, other_of):
    hits, other_hits = min(hits, of), min(other_hits, other_of)
    known = hypergeom(of + other_of, hits + other_hits, of)
    expected = min(1, 2 * known.cdf(hits), 2 * known.sf(hits - 1))
    assert stats.exact_rates(hits, of, other_hits, other_of) == pytest.approx(expected, rel=1e-7, abs=1e-300)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=30), st.lists(st.integers(0, 9), min_size=1, max_size=30))
def test_ranks_with_ties_equal_those_of_scipy(x, y):
    found = stats.rank_sum(x, y)
    expected = mannwhitneyu(x, y, method="asymptotic") if len({*x, *y}) > 1 else None
    assert found.p == pytest.approx(expected.pvalue if expected else 1)
    pairs = np.sign(np.subtract.outer(x, y))
    assert found.larger == pytest.approx((pairs.mean() + 1) / 2)


def test_means_without_spread_have_an_interval_of_no_width_and_single_ones_none():
    assert stats.mean_difference([2, 2, 2], [1, 1]) == (1, 1, 1)
    assert np.isnan(stats.mean_difference([2, 2, 2], [1])).all()


def test_q_values_leave_out_what_was_not_tested():
    q = stats.q_values([0.01, np.nan, 0.04, 0.03])
    # Of three tests: 0.03 × 3 / 2 is above 0.04 × 3 / 3.
    assert q == pytest.approx([0.03, np.nan, 0.04, 0.04], nan_ok=True)
    assert len(stats.q_values([])) == 0
