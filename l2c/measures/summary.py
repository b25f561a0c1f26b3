"""What is the number of a measure, and how sure is it?"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from l2c import stats
from l2c.measures.facts import Facts
from l2c.measures.followed import NOBODY, Followed, followed, middle
from l2c.measures.observations import observations
from l2c.measures.spans import OPEN, OTHERWISE, SEEN, Observations
from l2c.stats import UNKNOWN, Curve, Estimate
from l2c.words.notes import Note

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
    all for ended otherwise, or none. Incidences: see `l2c.measures.followed`. Shares: Wilson's interval; of money, linearised ratio of sums; overdue: Kaplan-Meier curve of
    the days after the due day, at that day, since an invoice that is not due yet and not paid says nothing. Means:
    Student's interval. Counts and sums of all that there is have none.
    """
    kind, note = found.kind, found.note
    said = _bounded(found, level, within) if found.told else NOBODY
    if note is None and len(found) and np.isnan(said.estimate.value):
        note = _UNKNOWN.get(kind)
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


def _share(found: Observations, level: float) -> Estimate:
    value = found.value[found.counted]
    return stats.rate(value.sum(), len(value), level)


def _share_of_money(found: Observations, level: float) -> Estimate:
    assert found.weight is not None
    weight = found.weight[found.counted]
    return stats.share_of_sums(found.value[found.counted] * weight, weight, level)


def late_curve(found: Observations, level: float = 0.95, *, weighted: bool = False) -> tuple[Curve, float]:
    """Share not paid yet by each day after the due day, and by how many days the curve is shifted: it has none below 0."""
    shift = max(float(-found.value.min()), 0.0) if len(found) else 0.0
    entry = None if found.entry is None else np.maximum(found.entry + shift, 0.0)
    days, seen = found.value + shift, found.how == SEEN
    if weighted:
        assert found.weight is not None
        return stats.weighted_survival(days, seen, np.nan_to_num(found.weight), entry, level), shift
    return stats.kaplan_meier(days, seen, entry, level, found.account), shift


def _overdue(found: Observations, level: float) -> Estimate:
    curve, shift = late_curve(found, level)
    return UNKNOWN if found.refused else stats.share_beyond(curve, shift, level)


def _mean(found: Observations, level: float) -> Estimate:
    estimate = stats.mean(found.value, level)
    if len(found) and found.value.min() >= 0:
        # What cannot be negative has no negative mean: Student's interval is too wide there.
        estimate = estimate._replace(low=max(estimate.low, 0.0))
    return estimate


def _known_exactly(value: float) -> Estimate:
    """A count or a sum of all that there is: nothing was estimated, so there is no interval."""
    return Estimate(value, float("nan"), float("nan"))


_BY_KIND: dict[str, Callable[[Observations, float], Estimate]] = {
    "share": _share,
    "share_of_money": _share_of_money,
    "overdue": _overdue,
    "mean": _mean,
    "median": lambda found, level: stats.median(found.value, level),
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
