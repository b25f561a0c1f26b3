"""Intervals of observations that go together, beside brute force."""

import numpy as np
import pytest

from l2c import stats
from l2c.stats import clusters

N, ACCOUNTS = 60, 12


def drawn(seed, entry):
    rng = np.random.default_rng(seed)
    time, cause = np.ceil(rng.exponential(10, N)), rng.integers(0, 3, N)
    late = np.where(rng.random(N) < 0.3, rng.uniform(0, 8, N), 0.0) if entry else np.zeros(N)
    kept = late < time
    return time[kept], cause[kept], late[kept], rng.integers(0, ACCOUNTS, N)[kept]


def curves(time, cause, late, weight):
    """Survival, incidence of cause 1, and survival among those that no other cause ends, with weights; at each end."""
    left, done, lost, rows = 1.0, 0.0, 0.0, []
    for moment in np.unique(time[cause > 0]):
        there = (weight * ((late < moment) & (time >= moment))).sum()
        first, other = ((weight * ((time == moment) & (cause == of))).sum() / there for of in (1, 2))
        done, lost, left = done + left * first, lost + left * other, left * (1 - first - other)
        rows.append((left, done, lost))
    left, done, lost = np.array(rows).T
    return left, done, 1 - done / (1 - lost[-1])


def by_group(time, cause, late, account):
    """Variance of each of the curves, from the derivatives by the weight of every observation."""
    found, step = [], 1e-5
    for row in range(len(time)):
        weight = np.ones((2, len(time)))
        weight[:, row] += step, -step
        up, down = (curves(time, cause, late, w) for w in weight)
        found.append([(a - b) / (2 * step) for a, b in zip(up, down, strict=True)])
    together = clusters.groups(account)
    added = np.array([np.array(found)[together.codes == code].sum(axis=0) for code in range(len(together.sizes))])
    return ((added * together.stretch[:, None, None]) ** 2).sum(axis=0)


@pytest.mark.parametrize("entry", [False, True])
def test_the_variance_of_curves_by_account_is_that_of_the_sums_of_influences(entry):
    time, cause, late, account = drawn(1, entry)
    expected = by_group(time, cause, late, account)
    ways = (
        lambda together: stats.kaplan_meier(time, cause > 0, late, cluster=together),
        lambda together: stats.incidence(time, cause, 1, late, cluster=together),
        lambda together: stats.survival_among(time, cause, late, cluster=together),
    )
    for way, variance in zip(ways, expected, strict=True):
        curve, alone = way(account), way(None)
        np.testing.assert_array_equal(curve.share, alone.share)
        np.testing.assert_allclose(curve.variance[:-1], np.maximum(variance, alone.variance)[:-1], rtol=1e-5, atol=1e-9)
        assert (curve.variance > alone.variance * 1.01)[:-1].any()


def test_the_error_of_a_restricted_mean_by_account_is_that_of_the_sums_of_influences():
    time, cause, late, account = drawn(2, True)
    account = np.arange(len(time)) % 2 + 2 * (time > 9) + 4 * (cause % 3)
    copies, mean = 400, stats.restricted_mean_among(time, cause, 15.0, late).value
    rows = [np.tile(column, copies) for column in (time, cause, late)]
    influence = [
        (
            stats.restricted_mean_among(*more(rows[:2], row, time, cause), 15.0, np.append(rows[2], late[row])).value
            - mean
        )
        * copies
        for row in range(len(time))
    ]
    expected = clusters.groups(account).variance(np.array(influence)) ** 0.5
    assert expected > stats.restricted_mean_among(time, cause, 15.0, late).error
    found = stats.restricted_mean_among(time, cause, 15.0, late, account).error
    assert found == pytest.approx(expected, rel=0.01)


def more(rows, row, *columns):
    return [np.append(column, own[row]) for column, own in zip(rows, columns, strict=True)]


def test_accounts_of_one_deal_each_change_nothing():
    time, cause, late, _ = drawn(3, False)
    alone = stats.survival_among(time, cause, late)
    each = stats.survival_among(time, cause, late, cluster=np.arange(len(time)))
    np.testing.assert_array_equal(alone.variance, each.variance)


def test_a_deal_that_stands_ten_times_tells_as_much_as_once():
    rng = np.random.default_rng(4)
    time = rng.exponential(10, 300)
    once = stats.kaplan_meier(time, time > 0)
    copies = stats.kaplan_meier(np.repeat(time, 10), np.repeat(time > 0, 10), cluster=np.repeat(np.arange(300), 10))
    np.testing.assert_allclose(copies.variance[:-1], once.variance[:-1], rtol=0.02)
    one, ten = stats.quantile(once), stats.quantile(copies)
    assert ten.high - ten.low == pytest.approx(one.high - one.low, rel=0.1)


def test_the_order_of_rows_does_not_matter():
    time, cause, late, account = drawn(5, True)
    order = np.random.default_rng(0).permutation(len(time))
    one = stats.survival_among(time, cause, late, cluster=account)
    other = stats.survival_among(time[order], cause[order], late[order], cluster=account[order])
    np.testing.assert_allclose(one.variance, other.variance, rtol=1e-9)


def test_a_handful_of_accounts_tells_nothing_of_others():
    assert clusters.groups([0, 0, 1, 1, 2, 2, 3, 3]) is None
    found = clusters.groups([7, 7, -1, -1, 3, 3, 9, 9, 20, 20])
    assert found.effective == 5
    assert found.codes.tolist() == [2, 2, 0, 0, 1, 1, 3, 3, 4, 4]
