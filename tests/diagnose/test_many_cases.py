"""Causes of many cases: what is counted once for all is what each case says."""

import numpy as np
import pandas as pd
import pytest

from l2c.diagnose.causes.attributes import Attribute
from l2c.diagnose.causes.cells import Cells, combined, merged
from l2c.diagnose.causes.effects import Model, _adds
from l2c.diagnose.causes.fits import Sums, linear, poisson
from l2c.diagnose.causes.search import Search
from l2c.diagnose.causes.together import Asked, Layout, Rows, Shared, between
from l2c.discover import activity_order, flow
from l2c.discover.flow import places
from tests.diagnose.test_causes import deals, log_of

# Four cells: in neither group, in the second, in the first, in both.
FIRST, SECOND = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])


def added(means, *groups):
    """What is said of cells of ten observations with these means."""
    days = Sums(np.full(4, 10.0), 10.0 * np.array(means), 10.0 * np.array(means) ** 2)
    asked = [Asked(names, codes, 1, place) for place, (names, codes) in enumerate(groups)]
    model = Model(np.empty((0, 4)), np.zeros(4, np.int64), asked, 0.95)
    whole = (fit(days, model.whole, model.period) for fit in (poisson, linear))
    return _adds(days, model, *whole)


@pytest.mark.parametrize(("means", "adds"), [([1, 2, 3, 6], False), ([1, 2, 3, 4], True)])
def test_days_add_up_where_two_groups_together_take_the_sum_and_not_the_product(means, adds):
    groups = [(("region",), FIRST), (("product",), SECOND)]
    assert added(means, *groups) == adds
    # The pair of both, with which either is true, is left aside.
    assert added(means, *groups, (("region", "product"), FIRST * SECOND)) == adds


def test_one_group_alone_neither_adds_nor_multiplies():
    assert not added([1.1, 1.1, 2.7, 2.7], (("region",), FIRST))


def test_the_spread_of_reps_is_that_without_the_chosen_ones_from_two_on():
    rep = np.repeat(np.arange(6), 40)
    values = np.array([5.0, 3.0, 0, 1, 0, 1])[rep]
    codes = Attribute("rep", tuple("abcdef"), rep, rep)
    cells = Cells(np.arange(240), 240, (codes,))
    rows = Rows(cells.of_case, values, (Shared("rep", rep, 6),))
    search = Search(cells, Sums.of(cells.of_case, values, 240), rows, np.zeros(240, np.int64), True)
    assert search._before([(0, 0)]) == {}
    found = search._before([(0, 0), (0, 1)])
    assert list(found) == ["rep"]
    # Nothing is taken out of it: the mean of all, where the model with both has that of the four others.
    assert found["rep"].mean == pytest.approx(np.full(240, 10 / 6))
    assert search._fitted([(0, 0), (0, 1)]).mean[-1] == pytest.approx(0.5)


def test_cells_hold_what_is_told_apart_and_nothing_else():
    amount = np.array([0, 0, 1, 1, 0])
    case, period, apart = np.array([4, 0, 1, 2, 3]), np.array([0, 0, 0, 1, 0]), np.array([1, 1, 1, 1, 0])
    told, first = merged([Attribute("amount", ("a", "b"), amount, amount)], apart, case, period)
    # The first three are alike in all three.
    assert told.count == 3 and len(set(told.of_case[:3])) == 1
    assert told.attributes[0].codes.tolist() == amount[case[first]].tolist()
    assert (period[first][told.of_case] == period).all() and (apart[first][told.of_case] == apart).all()


@pytest.mark.parametrize("size", [7, 10**6])
def test_combinations_have_one_code_each_however_many_there_might_be(size):
    rng = np.random.default_rng(3)
    codes = [rng.integers(0, 7, 200) * (size // 7) for _ in range(3)]
    found, count = combined([(each, size) for each in codes], 200)
    assert count == len(set(zip(*codes, strict=True))) == len(set(zip(found, *codes, strict=True)))


def test_few_large_clusters_and_many_small_ones_lie_as_they_are_counted_one_by_one():
    rng = np.random.default_rng(4)
    for many in (5, 400):
        code, group = np.r_[np.arange(many), rng.integers(0, many, 500)], rng.integers(0, 12, 500 + many)
        weight, left = rng.random(500 + many) + 0.5, rng.normal(size=500 + many)
        lay = Layout.of(Shared("account", code, many), weight, group)
        table = pd.crosstab(code, group, weight, aggfunc="sum").fillna(0).to_numpy()
        own = table / np.sqrt(table.sum(axis=0))
        part = own / table.sum(axis=1)[:, None]
        assert lay.chance == pytest.approx(many - (own * part).sum())
        both = (part.T @ own) * (own.T @ own)
        assert lay.spread == pytest.approx(table.sum() - 2 * (own**2).sum() + both.sum())
        cluster = Shared("account", code, many)
        assert between(cluster, left, weight, group, lay) == between(cluster, left, weight, group)


def test_places_of_activities_are_those_of_the_flow_whatever_filter_is_on():
    log = log_of(*deals(200, region=["North", "South"] * 100))
    assert places(log) == places(log.where(region="North")) == activity_order(flow(log))
