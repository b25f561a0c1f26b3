"""What gets there, how soon, and what hangs on those that are still open?"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from l2c import stats
from l2c.measures.facts import Facts
from l2c.measures.spans import OPEN, OTHERWISE, Observations
from l2c.stats import UNKNOWN, Curve, Estimate

# A rate is told at the day by which so much of what will ever get there is there …
MOST_OF_THEM = 0.95
# … or at the last day for which so many were followed, where that comes first.
FOLLOWED = 30
# From so much on that is open at the end of a curve, what becomes of it matters.
OPEN_AT_END = 0.05


class Followed(NamedTuple):
    """A number that hangs on what becomes of the open ones, and how much.

    Attributes
    ----------
    estimate
        The number and its interval.
    least, most
        The bounds of its interval, whatever becomes of them; NaN where that hardly matters.
    within
        Of a share: in how many days it got there.
    """

    estimate: Estimate
    least: float
    most: float
    within: float


NOBODY = Followed(UNKNOWN, float("nan"), float("nan"), float("nan"))


def lives(facts: Facts, found: Observations) -> Observations:
    """The same rows with the days until their end, or the last look, as value; at risk only since their history began."""
    days = facts.elapsed(found.case, found.start, np.maximum(found.end, found.start))
    found = replace(found, value=days, follow=facts.ago(found.case, np.minimum(found.start, facts.until)))
    since = facts.history_start
    if since is None:
        return found
    late = facts.elapsed(found.case, found.start, np.maximum(since, found.start))
    return entered(facts, replace(found, entry=late).only((late == 0) | (days > late)))


def entered(facts: Facts, found: Observations) -> Observations:
    """The same rows, without those that began before the history where these are not all that there were.

    Notes
    -----
    What began before the history is known because it was still there when the history began. Where it is not plain that all
    that were there are known (some of them have been left alone ever since), the known ones are those to which
    something happened, and tell too good a share.
    """
    if found.entry is None or facts.history_start is None:
        return found
    older = found.entry > 0
    alone = (found.how == OPEN) & (facts.column("ended")[found.case] < facts.history_start)
    return found if (older & alone).any() else replace(found.only(~older), entry=None)


def horizon(found: Observations) -> float:
    """Days within which a share is told: those by which .95 of all that ever got there were there.

    No more than 30 rows were followed for (half of them, where they are fewer than 60); whole days, where that is one or
    more. NaN where there are none.
    """
    if not len(found):
        return float("nan")
    return _horizon(stats.incidences(found.value, found.how, found.entry)[0], _followed_for(found))


def followed(found: Observations, level: float = 0.95, *, within: float | None = None) -> Followed:
    """Share that got there within so many days; what ends otherwise competes, open rows count for as long as they were watched.

    Parameters
    ----------
    within
        Days; those of `horizon` unless given. Groups that are compared need the same ones.

    Returns
    -------
    NaN where too few were followed for so long.

    Notes
    -----
    Incidence by Aalen and Johansen (1978), Wilson's interval at the number of equal rows that would vary as much. What
    becomes of the open ones nobody knows: the bounds take them all for ended otherwise, or all for having got there
    (Manski, 1990), at the last day for which enough were followed, and hold the share in the end as well.
    """
    if not len(found):
        return NOBODY
    good, other = stats.incidences(found.value, found.how, found.entry, level, found.account)
    last = _followed_for(found)
    limit = _horizon(good, last) if within is None else within
    if limit > last:
        return NOBODY._replace(within=limit)
    share = stats.share_within(good, min(limit, good.last), level)
    lost = stats.share_within(other, min(last, other.last), level)
    return Followed(share, share.low, max(share.high, 1 - lost.low), limit)


def middle(found: Observations, level: float = 0.95) -> Followed:
    """Days by which half are there, among those that will be there at all, and its bounds.

    Notes
    -----
    Where more than 5 % are still open at the end of the curve, how many will be there at all is not known: the estimate and
    the upper bound take all of them for such, the lower bound none.
    """
    if found.refused:
        return NOBODY
    curve = found.curve(level)
    estimate = stats.quantile(curve)
    fastest = fastest_curve(found, curve, level)
    if fastest is None:
        return NOBODY._replace(estimate=estimate)
    soonest = stats.quantile(fastest)
    least = soonest.value if np.isnan(soonest.low) else soonest.low
    return Followed(estimate, least, estimate.high, float("nan"))


def fastest_curve(found: Observations, curve: Curve, level: float = 0.95) -> Curve | None:
    """The curve if none of those that are open at its end gets there; None where these are too few to matter."""
    if not curve.open > OPEN_AT_END:
        return None
    longest = (found.value == found.value.max()) & (found.how == OPEN)
    return replace(found, how=np.where(longest, OTHERWISE, found.how).astype(np.int8)).curve(level)


def _followed_for(found: Observations) -> float:
    """The last day for which enough were followed, whatever became of them; without end where none is open any more."""
    if not (found.how == OPEN).any():
        return float("inf")
    assert found.follow is not None
    return stats.watched_for(found.follow, found.entry, min(FOLLOWED, -(-len(found) // 2)))


def _horizon(good: Curve, last: float) -> float:
    there = good.share >= MOST_OF_THEM * good.share[-1] if len(good.share) else np.zeros(0, bool)
    day = float(good.time[np.argmax(there)]) if there.any() and good.share[-1] > 0 else good.last
    return float(np.ceil(day)) if np.ceil(day) <= last else float(np.floor(last)) if last >= 1 else min(day, last)
