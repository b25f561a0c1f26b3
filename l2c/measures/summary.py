"""What is the number of a measure, and how sure is it?"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from l2c import stats
from l2c.measures.facts import Facts
from l2c.measures.followed import NOBODY, Followed, followed, middle
from l2c.measures.late import late_share
from l2c.measures.observations import observations
from l2c.measures.spans import OPEN, OTHERWISE, SEEN, Observations
from l2c.stats import UNKNOWN, Estimate
from l2c.words.notes import Note, several

# Values so unequal that they tell as much as fewer equal ones than this have intervals that are rough.
FEW_EQUAL = 50.0
VELOCITY = ("open_pipeline_value", "win_rate", "sales_cycle_days")


class Summary(NamedTuple):
    """The number of a measure: `cases` behind it, those `open` among or beside them, and what to know.

    What becomes of the open ones may matter more than chance: `least` and `most` are the bounds of the interval whatever
    that is, NaN where it hardly matters. `within` are the days at which a rate is told, NaN where it is told to date.
    """

    estimate: Estimate
    cases: int
    open: int
    note: Note | None
    least: float = float("nan")
    most: float = float("nan")
    within: float = float("nan")


def measured(facts: Facts, id: str, level: float = 0.95) -> Summary:
    """Observe a measure and sum it up; see `observations` and `summary`."""
    return _velocity(facts, level) if id == "pipeline_velocity" else summary(observations(facts, id), level)


def summary(found: Observations, level: float = 0.95, *, within: float | None = None) -> Summary:
    """Sum up observations, all of them or some, in the way of their measure.

    Parameters
    ----------
    within
        Of a rate among those followed for long enough: in how many days. Groups that are compared need the same
        (`l2c.measures.followed.horizon` of all together).

    Notes
    -----
    Durations: median of the Kaplan-Meier curve with late entry, where what rules the end out competes
    (`stats.survival_among`); where it does and more than 5 % are still open at the end of the curve, its bounds take them
    all for ended otherwise, or none. Incidences: see `l2c.measures.followed`. Shares: Wilson's interval; of money, linearised
    ratio of sums; overdue: see `l2c.measures.late`. Means: Student's interval, bent by Hall's (1992) transformation where
    values are skewed. Counts and sums of all that there is have none. Where the log knows accounts, all variances are by
    account (`l2c.stats.clusters`).
    """
    kind, note = found.kind, found.note
    said = _bounded(found, level, within) if found.told else NOBODY
    if note is None and len(found) and np.isnan(said.estimate.value):
        note = _UNKNOWN.get(kind)
    elif not np.isnan(said.estimate.low):
        note = several([note, _few_accounts(found), _few_large(found)])
    undecided = ~shown(found) if kind == "overdue" else found.how == OPEN
    return Summary(said.estimate, int(shown(found).sum()), int(undecided.sum()), note, *said[1:])


def _bounded(found: Observations, level: float, within: float | None) -> Followed:
    """The estimate, and its bounds where it has some."""
    if found.kind == "incidence":
        return followed(found, level, within=within)
    if found.kind == "duration":
        return middle(found, level)
    return NOBODY._replace(estimate=_BY_KIND[found.kind](found, level))


_UNKNOWN = {
    "duration": Note("under_half"),
    "overdue": Note("none_due"),
    "incidence": Note("not_followed"),
}


def shown(found: Observations) -> np.ndarray:
    """Which rows stand behind the number: of a duration those that do not end otherwise, open ones included."""
    kind = found.kind
    if kind == "incidence":
        return np.ones(len(found), bool)
    if kind == "duration":
        return np.asarray(found.how != OTHERWISE)
    # What is overdue cannot be in time any more.
    return (found.how == SEEN) | found.late if kind == "overdue" else found.counted


def _few_accounts(found: Observations) -> Note | None:
    """Say so where the rows come from few accounts, and what that means."""
    if found.account is None:
        return None
    alike = stats.equal_groups(found.account[shown(found)])
    # Where there are hardly more rows than accounts, it is the rows that are few.
    if not alike < stats.FEW_GROUPS or shown(found).sum() < 2 * alike:
        return None
    n = max(round(alike), 1)
    return Note("hardly_any_accounts", n=n) if alike < stats.FEWEST_GROUPS else Note("few_accounts", n=n)


def _few_large(found: Observations) -> Note | None:
    """Say so where a few large values decide what a mean, or a share of money, is."""
    values = {"mean": found.value, "share_of_money": found.weight}.get(found.kind)
    if values is None:
        return None
    each = values[found.counted]
    if not len(each) or each.min() < 0 or not each.sum() > 0:
        return None
    alike = float(each.sum() ** 2 / (each**2).sum())
    return Note("few_large", n=round(alike)) if alike < min(FEW_EQUAL, len(each) / 2) else None


def _share(found: Observations, level: float) -> Estimate:
    return stats.share(found.value[found.counted], level, _accounts(found, found.counted))


def _accounts(found: Observations, some: np.ndarray) -> np.ndarray | None:
    return None if found.account is None else found.account[some]


def _share_of_money(found: Observations, level: float) -> Estimate:
    assert found.weight is not None
    weight = found.weight[found.counted]
    return stats.share_of_sums(found.value[found.counted] * weight, weight, level, _accounts(found, found.counted))


def _mean(found: Observations, level: float) -> Estimate:
    estimate = stats.mean(found.value, level, found.account)
    if len(found) and found.value.min() >= 0:
        # What cannot be negative has no negative mean: the interval may be too wide there.
        estimate = estimate._replace(low=max(estimate.low, 0.0))
    return estimate


def _known_exactly(value: float) -> Estimate:
    """A count or a sum of all that there is: nothing was estimated, so there is no interval."""
    return Estimate(value, float("nan"), float("nan"))


_BY_KIND: dict[str, Callable[[Observations, float], Estimate]] = {
    "share": _share,
    "share_of_money": _share_of_money,
    "overdue": lambda found, level: late_share(found, 0, level),
    "mean": _mean,
    "median": lambda found, level: stats.median(found.value, level, found.account),
    "sum": lambda found, level: _known_exactly(float(found.value.sum())),
    "count": lambda found, level: _known_exactly(float(len(np.unique(found.value)))),
}


def _velocity(facts: Facts, level: float) -> Summary:
    """Money per day: amount of the open deals × win rate ÷ sales cycle.

    Notes
    -----
    The amount is known; the interval joins those of the rate and of the cycle on the log scale (MOVER; Donner and
    Zou, 2012).
    """
    pipeline, rate, cycle = (measured(facts, id, level) for id in VELOCITY)
    money, share, days = (np.array(each.estimate, np.float64) for each in (pipeline, rate, cycle))
    with np.errstate(divide="ignore", invalid="ignore"):
        value = money[0] * share[0] / days[0]
        down = np.hypot(np.log(share[0] / share[1]), np.log(days[2] / days[0]))
        up = np.hypot(np.log(share[2] / share[0]), np.log(days[0] / days[1]))
        estimate = Estimate(float(value), float(value * np.exp(-down)), float(value * np.exp(up)))
    return pipeline._replace(estimate=estimate if np.isfinite(estimate.value) else UNKNOWN)
