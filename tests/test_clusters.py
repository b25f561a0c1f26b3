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
    return together, ((added * together.leverage[:, None, None]) ** 2).sum(axis=0)


@pytest.mark.parametrize("entry", [False, True])
def test_the_variance_of_curves_by_account_is_that_of_the_sums_of_influences(entry):
    time, cause, late, account = drawn(1, entry)
    together, expected = by_group(time, cause, late, account)
    ways = (
        lambda together: stats.kaplan_meier(time, cause > 0, late, cluster=together),
        lambda together: stats.incidence(time, cause, 1, late, cluster=together),
        lambda together: stats.survival_among(time, cause, late, cluster=together),
    )
    for way, variance in zip(ways, expected, strict=True):
        curve, alone = way(account), way(None)
        np.testing.assert_array_equal(curve.share, alone.share)
        wanted = together.wider(variance[:-1], alone.variance[:-1])
        np.testing.assert_allclose(curve.variance[:-1], wanted, rtol=1e-5, atol=1e-9)
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
    alone, together = stats.restricted_mean_among(time, cause, 15.0, late).error, clusters.groups(account)
    expected = together.wider(np.array(together.variance(np.array(influence))), np.array(alone**2)) ** 0.5
    assert expected > alone
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
    np.testing.assert_allclose(one.variance, other.variance, rtol=1e-9, atol=1e-12)


def test_a_handful_of_accounts_tells_nothing_of_others():
    assert clusters.groups([0, 0, 1, 1, 2, 2, 3, 3]) is None
    found = clusters.groups([7, 7, -1, -1, 3, 3, 9, 9, 20, 20])
    assert found.effective == 5
    assert found.codes.tolist() == [2, 2, 0, 0, 1, 1, 3, 3, 4, 4]


@pytest.mark.parametrize(("size", "least"), [(20, 0.85), (200, 0.92)])
def test_means_of_skewed_amounts_are_covered(size, least):
    rng = np.random.default_rng(6)
    truth, drawn = np.exp(1.5**2 / 2), np.exp(1.5 * rng.normal(size=(600, size)))
    found = [stats.mean(row) for row in drawn]
    assert np.mean([each.low <= truth <= each.high for each in found]) > least
    plain = drawn.std(axis=1, ddof=1) / size**0.5 * 2
    assert np.mean(np.abs(drawn.mean(axis=1) - truth) < plain) < least
    assert np.median([each.high - each.low for each in found]) < 2 * np.median(2 * plain)


def test_a_mean_by_account_without_skew_is_students_of_the_accounts():
    # Six accounts of two: the residual sums are -6, -2, 0, 0, 2, 6, the error their root mean square, 6/5 of a sixth more.
    values, account = np.repeat([1.0, 3, 4, 4, 5, 7], 2), np.repeat(np.arange(6), 2)
    found = stats.mean(values, cluster=account)
    error = (80 / (1 - 1 / 6)) ** 0.5 / 12
    assert found.high - found.value == pytest.approx(2.570582 * error, rel=1e-6)
    assert found.value - found.low == pytest.approx(2.570582 * error, rel=1e-6)


def test_shares_medians_and_means_of_deals_in_accounts_cover_and_those_of_single_deals_do_not():
    rng = np.random.default_rng(8)
    account, found, alone = np.repeat(np.arange(40), 10), [], []
    for _ in range(200):
        worth = (rng.normal(size=40)[account] + rng.normal(size=400)) / 2**0.5
        for clusters_ in (account, None):
            estimates = (
                (stats.share_of_sums(worth > 0, np.ones(400), cluster=clusters_), 0.5),
                (stats.mean(worth, cluster=clusters_), 0.0),
                (stats.median(worth, cluster=clusters_), 0.0),
            )
            covered = [each.low <= truth <= each.high for each, truth in estimates]
            (alone if clusters_ is None else found).append(covered)
    assert (np.mean(found, axis=0) >= 0.92).all()
    assert (np.mean(found, axis=0) <= 0.99).all()
    assert (np.mean(alone, axis=0) < 0.75).all()


def test_a_share_of_money_that_one_deal_decides_is_hardly_known():
    # A deal of a thousand and ninety-nine of one: Kish's number is 1099² / 1000099 = 1.2 deals.
    whole = np.r_[1000.0, np.ones(99)]
    won = stats.share_of_sums(whole * (np.arange(100) % 2 == 0), whole)
    assert won.low < 0.3
    assert stats.equal_groups([1, 1, 1, 2]) == 1.6
    assert np.isnan(stats.equal_groups([1, 2, 3]))


def test_two_groups_of_accounts_that_are_alike_rarely_differ():
    rng = np.random.default_rng(9)
    account, found = np.repeat(np.arange(40), 10), []
    for _ in range(200):
        worth = (rng.normal(size=40)[account] + rng.normal(size=400)) / 2**0.5
        here, there = worth[:200], worth[200:]
        for codes in ((account[:200], account[200:]), (None, None)):
            gap = stats.mean_difference(here, there, cluster=codes)
            found.append((stats.rank_sum(here, there, codes).p < 0.05, gap.low > 0 or gap.high < 0))
    by_account, alone = np.mean(found[::2], axis=0), np.mean(found[1::2], axis=0)
    assert (by_account < 0.09).all()
    assert (alone > 0.3).all()
    assert stats.design_effect(np.repeat([1.0, 2, 3, 4, 5, 6], 5), np.repeat(np.arange(6), 5)) > 5


def test_a_share_by_account_is_that_of_a_regression_with_clustered_errors():
    import statsmodels.api as sm

    rng = np.random.default_rng(9)
    account = rng.integers(0, 30, 400)
    hit = rng.random(400) < (0.2 + 0.6 * rng.random(30))[account]
    assert stats.share(hit) == stats.rate(hit.sum(), 400)
    assert stats.share(hit, cluster=np.arange(400)) == pytest.approx(stats.rate(hit.sum(), 400))
    assert np.isnan(stats.share([]).value)
    error = sm.OLS(hit.astype(float), np.ones(400)).fit(cov_type="cluster", cov_kwds={"groups": account}).bse[0]
    found = stats.share(hit, cluster=account)
    # Student's quantile for 30 accounts, and large ones draw the mean towards themselves: a little wider.
    assert 1.0 < (found.high - found.low) / (2 * 1.96 * error) < 1.15
    again = [np.concatenate([hit[account == k] for k in rng.integers(0, 30, 30)]).mean() for _ in range(400)]
    assert np.std(again) == pytest.approx(error, rel=0.15)


@pytest.mark.parametrize("entry", [False, True])
def test_equal_weights_by_account_are_the_curve_without_weights(entry):
    time, cause, late, account = drawn(6, entry)
    heavy = stats.weighted_survival(time, cause > 0, np.full(len(time), 3.0), late, cluster=account)
    plain = stats.kaplan_meier(time, cause > 0, late, cluster=account)
    np.testing.assert_allclose(heavy.share, plain.share, atol=1e-12)
    # Never less than the variance of single ones, which is not quite that of Greenwood where weights are possible.
    wider = heavy.variance > stats.weighted_survival(time, cause > 0, np.full(len(time), 3.0), late).variance * 1.01
    assert wider.sum() > len(wider) / 2
    np.testing.assert_allclose(heavy.variance[wider], plain.variance[wider], rtol=0.1)


@pytest.mark.parametrize("entry", [False, True])
def test_the_variance_of_a_weighted_curve_by_account_is_that_of_the_sums_of_influences(entry):
    time, cause, late, account = drawn(7, entry)
    weight = np.random.default_rng(7).lognormal(0, 0.7, len(time))
    seen, step, found = cause > 0, 1e-5, []
    for row in range(len(time)):
        heavy = np.tile(weight, (2, 1))
        heavy[:, row] *= 1 + step, 1 - step
        up, down = (stats.weighted_survival(time, seen, w, late).share for w in heavy)
        found.append((up - down) / (2 * step))
    together = clusters.groups(account)
    added = np.array([np.array(found)[together.codes == code].sum(axis=0) for code in range(len(together.sizes))])
    variance = ((added * together.leverage[:, None]) ** 2).sum(axis=0)
    alone = stats.weighted_survival(time, seen, weight, late)
    curve = stats.weighted_survival(time, seen, weight, late, cluster=account)
    np.testing.assert_array_equal(curve.share, alone.share)
    wanted = together.wider(variance[:-1], alone.variance[:-1])
    np.testing.assert_allclose(curve.variance[:-1], wanted, rtol=1e-4, atol=1e-9)
    assert (curve.variance[:-1] > 1.01 * alone.variance[:-1]).any()
