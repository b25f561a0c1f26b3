"""What observations share widens what is said of a group by what theory says it must."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from l2c import diagnose
from l2c.diagnose.causes import fits
from l2c.diagnose.causes.attributes import attributes
from l2c.diagnose.causes.cells import Cells, split
from l2c.diagnose.causes.guards import may_explain
from l2c.diagnose.causes.targets import steps
from l2c.diagnose.causes.together import Asked, Doubt, Rows, Shared, between, periods, shared
from l2c.measures.facts import Facts
from tests.diagnose.test_causes import deals, log_of, named


def clustered(many=20, each=6, spread=1.0, seed=1):
    """Codes of clusters and values of a balanced one-way layout."""
    rng = np.random.default_rng(seed)
    code = np.repeat(np.arange(many), each)
    return code, rng.normal(0, spread, many)[code] + rng.normal(0, 1, many * each)


def test_the_variance_between_clusters_is_that_of_the_nested_analysis_of_variance():
    code, values = clustered()
    group = code % 2
    found = between(Shared("account", code, 20), values, np.ones(len(values)), group)
    means = values.reshape(20, 6).mean(axis=1)
    within = ((values - means[code]) ** 2).sum() / (len(values) - 20)
    apart = 6 * sum(((means[k::2] - means[k::2].mean()) ** 2).sum() for k in (0, 1)) / (20 - 2)
    assert found.value == pytest.approx((apart - within) / 6)


def test_no_spread_where_clusters_differ_by_chance_and_no_answer_from_two_clusters():
    code, values = clustered(spread=0.0)
    assert between(Shared("account", code, 20), values, np.ones(len(values)), code % 2).value == 0
    two = code // 10
    assert between(Shared("account", two, 2), values, np.ones(len(values)), two) is None


def test_the_variance_of_a_mean_grows_by_what_its_clusters_share():
    code, values = clustered(spread=2.0)
    group = code % 2
    fit = fits.linear(fits.Sums.of(np.arange(120), values, 120), np.empty((0, 120)), np.zeros(120, np.int64))
    rows = Rows(np.arange(120), values, (Shared("account", code, 20),))
    asked = Asked(("region",), group, 1, 0)
    direction = asked.inside / 60
    variance, freedom = Doubt(rows, fit).variance(direction, 0.01, asked)
    # What the one constant took up is given back.
    left = (values - values.mean()) * (120 / 119) ** 0.5
    spread = between(Shared("account", code, 20), left, np.ones(120), group).value
    # Ten clusters of six: the sum of squares of their weights, less those of the single observations
    assert variance == pytest.approx(0.01 + spread * (10 * (6 / 60) ** 2 - 60 / 60**2))
    assert 10 < freedom < 25
    # A rep is not asked about other reps.
    reps = Rows(np.arange(120), values, (Shared("rep", code, 20),))
    assert Doubt(reps, fit).variance(direction, 0.01, Asked(("rep",), group, 1, 0)) == (0.01, np.inf)


def test_models_within_periods_equal_statsmodels_with_a_column_per_period():
    rng = np.random.default_rng(2)
    n = 400
    x, period = rng.normal(size=(2, n)), np.repeat(np.arange(4), n // 4)
    y = x[0] + period + rng.normal(size=n)
    dummies = np.column_stack([x.T, *(period == k for k in range(4))]).astype(float)
    of = lambda values: fits.Sums.of(np.arange(n), values, n)  # noqa: E731
    fit, oracle = fits.linear(of(y), x, period), sm.OLS(y, dummies).fit(cov_type="HC1")
    np.testing.assert_allclose(fit.beta, oracle.params[:2], rtol=1e-8)
    np.testing.assert_allclose(fit.covariance, oracle.cov_params()[:2, :2], rtol=1e-8, atol=1e-14)
    # what a model expects, and a function of coefficients of columns and periods
    slope, by_period = np.array([1.0, -2.0]), np.array([1.0, 0.0, 3.0, 0.0])
    all_ = np.concatenate([slope, by_period])
    assert fit.robust(fit.direction(slope, by_period)) == pytest.approx(all_ @ oracle.cov_params() @ all_)
    hit = (y > np.median(y)).astype(float)
    rate, logit = fits.logistic(of(hit), x, period), sm.Logit(hit, dummies).fit(disp=0)
    # periods are drawn together by the information of one observation
    np.testing.assert_allclose(rate.beta, logit.params[:2], rtol=0.05, atol=0.05)
    assert rate.residual.sum() == pytest.approx(0, abs=3)


def test_cells_are_told_apart_by_period():
    two = Cells(np.array([0, 1]), 2, ())
    found, of_cell = split(two, (), np.array([0, 0, 1, 1, 1]), np.array([0, 1, 1, 1, 0]))
    assert (found.count, of_cell.tolist()) == (4, [0, 1, 0, 1])
    assert found.of_case.tolist() == [0, 1, 3, 3, 2]


def test_periods_are_days_or_blocks_of_them_that_hold_enough():
    facts = Facts.of(log_of(*deals(100)))
    days = pd.to_datetime(["2025-01-03"] * 12 + ["2025-01-20"] * 12 + ["2025-02-01"] * 5 + ["2025-02-20"] * 20)
    found = periods(facts, days.as_unit("us").asi8)
    assert found.tolist() == [0] * 12 + [1] * 12 + [2] * 25
    # One in four of a rate: 48 in a block.
    assert periods(facts, days.as_unit("us").asi8, np.arange(49) % 4 == 0).tolist() == [0] * 49


def test_what_the_cases_share():
    account = np.repeat(np.arange(60), 10)
    frame, begun, days = deals(account=[f"a{k}" for k in account], rep=[f"r{k}" for k in account % 4])
    found = shared(Facts.of(log_of(frame, begun, days)), np.arange(600))
    assert [(s.by, s.count) for s in found] == [("account", 60), ("rep", 4), ("month", 17)]


@pytest.mark.parametrize("every", [True, False])
def test_a_region_is_slow_where_its_accounts_are_and_not_where_three_of_them_are(every):
    rng = np.random.default_rng(6)
    account = rng.permutation(np.repeat(np.arange(60), 10))
    region = np.where(account % 2, "South", "North")
    frame, begun, days = deals(account=[f"a{k}" for k in account], region=region)
    slow = days * np.where((region == "South") if every else np.isin(account, (1, 3, 5)), 2 if every else 6, 1)
    found = diagnose.causes(log_of(frame, begun, slow))
    assert (("region", "South", True) in named(found)) == every
    assert all(attribute in ("region", "account") for attribute, *_ in named(found))


def test_a_campaign_of_a_slow_month_is_no_cause():
    frame, begun, days = deals(1500)
    july = (begun >= 181) & (begun < 212)
    frame["campaign"] = np.where(july & (np.random.default_rng(5).random(1500) < 0.6), "July", "none")
    assert not len(diagnose.causes(log_of(frame, begun, days * np.where(july, 1.8, 1))))


def test_amounts_are_ranked_within_their_currency():
    rng = np.random.default_rng(3)
    amount = rng.lognormal(9, 1, 300)
    frame, begun, days = deals(
        600, amount=np.concatenate([amount, amount * 150]), currency=["EUR"] * 300 + ["JPY"] * 300
    )
    facts = Facts.of(log_of(frame, begun, days))
    codes = next(a for a in attributes(facts) if a.name == "amount").codes
    assert (codes[:300] == codes[300:]).all()


def test_what_is_noted_when_a_deal_drags_on_explains_no_days():
    rng = np.random.default_rng(4)
    frame, begun, days = deals(800)
    chance = np.where(days > np.quantile(days, 0.6), 0.95, 0.6)
    frame["competitor"] = np.where(rng.random(800) < chance, np.array(["X", "Y"])[np.arange(800) % 2], None)
    frame["partner"] = np.where(rng.random(800) < 0.8, np.array(["P", "Q"])[np.arange(800) % 2], None)
    facts = Facts.of(log_of(frame, begun, days))
    (target,) = steps(facts)
    told = {a.name: may_explain(a, target, target.case, np.log(target.value)) for a in attributes(facts)}
    assert (told["competitor"], told["partner"]) == (False, True)
