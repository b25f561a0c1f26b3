"""Quantiles of many steps at once, against curves one by one and by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2c import stats
from l2c.stats import competing

OPEN, OVER = -1, -2
STAYS = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from([OVER, OPEN, 0, 1]), st.integers(0, 12), st.integers(0, 6)),
    min_size=1,
    max_size=60,
)


def quantiles(rows, share, *, late=False, count=False):
    """Of stays `(place, way out, days, late by)`; each place has two ways out of its own."""
    place, way, days, entry = (np.array(x) for x in zip(*rows, strict=True))
    step, days = np.where(way >= 0, 2 * place + way, way), days.astype(float)
    order = np.lexsort((step == OPEN, days, place))
    arrays = [x[order] for x in (place, step, days)]
    more = {"entry": entry[order].astype(float)} if late else {}
    more |= {"count": np.ones(len(days))} if count else {}
    return competing.quantiles(competing.weights(*arrays, 3, 6, **more), [share])[:, 0]


def by_hand(rows, share, *, late=False):
    """Aalen and Johansen's curves, one by one."""
    found = []
    for place in range(3):
        for way in range(2):
            own = [(d, w, e if late else 0) for p, w, d, e in rows if p == place and not (late and 0 < e >= d)]
            days, ways, entry = (np.array(x) for x in zip(*own, strict=True)) if own else ([np.array([])] * 3)
            cause = np.where(ways == way, 1, np.where(ways == OPEN, 0, 2)) if own else ways
            if not own or not (cause == 1).any():
                found.append(np.nan)
                continue
            mine = stats.incidence(days, cause, 1, entry)
            if not mine.share[-1]:  # all who were watched had gone before the first that took it came in
                found.append(np.nan)
                continue
            other = stats.incidence(days, cause, 2, entry).share[-1]
            reached = mine.share * (mine.share[-1] + other) / mine.share[-1]
            there = reached >= share - 1e-9
            found.append(mine.time[there.argmax()] if there.any() else np.nan)
    return np.array(found)


@given(STAYS, st.sampled_from([0.5, 0.9]), st.booleans())
def test_all_steps_at_once_are_the_curves_one_by_one(rows, share, late):
    assert quantiles(rows, share, late=late) == pytest.approx(by_hand(rows, share, late=late), nan_ok=True)
    assert quantiles(rows[::-1], share, late=late) == pytest.approx(quantiles(rows, share, late=late), nan_ok=True)
    assert quantiles(rows, share, late=late, count=True) == pytest.approx(
        quantiles(rows, share, late=late), nan_ok=True
    )


def test_a_step_that_only_those_took_who_came_after_all_others_had_gone_has_no_days():
    rows = [(0, OVER, 0, 0), (0, 0, 2, 1)]
    assert np.isnan(quantiles(rows, 0.5, late=True)[0])
    assert np.isnan(by_hand(rows, 0.5, late=True)[0])


def test_where_there_is_one_way_on_it_is_kaplan_and_meiers_median():
    rows = [(0, 0, d, 0) for d in (1, 2, 6, 7)] + [(0, OPEN, d, 0) for d in (3, 4, 9)]
    # 7 at risk: 6/7 after day 1, 5/7 after 2; 3 at risk on day 6: 10/21, below a half
    assert quantiles(rows, 0.5)[0] == 6
    curve = stats.kaplan_meier([r[2] for r in rows], [r[1] == 0 for r in rows])
    assert stats.quantile(curve).value == 6
    # Without those that still wait it would be 2
    assert quantiles([r for r in rows if r[1] == 0], 0.5)[0] == 2


def test_who_still_waits_goes_where_the_others_went():
    rows = [(0, 0, d, 0) for d in (1, 3, 5)] + [(0, 1, d, 0) for d in (2, 4, 6)] + [(0, OPEN, 7, 0)]
    # 3/7 of all went each way, so that a half of 7/2 is reached with the second: after 3 of 3 · 7/6 … 2/3 · 6/7 = 4/7
    assert quantiles(rows, 0.5)[:2].tolist() == [3, 4]
    # Six of seven are known to have gone on: of nine in ten nothing is known.
    assert np.isnan(quantiles(rows, 0.9)[:2]).all()
    # Who is over, such as a lead that has gone silent, is not waited for.
    over = [(p, OVER if w == OPEN else w, d, e) for p, w, d, e in rows]
    assert quantiles(over, 0.9)[:2].tolist() == [5, 6]
