"""What decides what comes next, and how long that takes?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c import stats
from l2c.improve.stays import COUNT, MOST_LEARNT, PREVIOUS, STATE
from l2c.improve.twin import Twin, learn
from l2c.log import EventLog
from l2c.prepare import pseudonyms as people
from l2c.stats import competing
from l2c.words import matching

Ints = NDArray[np.int64]
# Below this share of a branch nobody asks.
RAREST = 0.005
WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Condition = tuple[str, str, object]


def branches(
    log: EventLog, *, most: int | None = MOST_LEARNT, level: float = 0.95, names: bool | None = None
) -> pd.DataFrame:
    """The branches that the twin tells apart: after each activity, under which conditions, what comes next and when.

    Parameters
    ----------
    most
        Cases at most, evenly taken; None takes all.
    level
        Level of the intervals.
    names
        Whether to show names of people; else as the log says, which hides them unless it was opened or written with names.

    Returns
    -------
    One row per branch and next activity, in process order, most frequent first: `activity`; `conditions` (a tuple of `(what, is, value)`, all of which hold; what is
    an attribute, `previous` (the activity before), `count` (of the activity, this time included), `hour`, `weekday` (a name),
    `age` (days since the case began) or `seen` (an activity that the case had before); is one of `=, ≠, <, ≥`); `next`;
    `share` of the branch with `low, high`; `median_days, p90_days` until then, among those that go there; `never_share`
    (of the branch: those that stay for ever); `cases` (stays in the branch, open ones included).

    Notes
    -----
    What the log shows goes together; that a condition is the reason is not said. Shares and days: Aalen and Johansen (1978), with
    stays that have not ended censored; Wilson's intervals for as many stays as have ended.
    """
    return _table(learn(log, most=most), level, people.instead(log, names))


def _table(twin: Twin, level: float, instead: Mapping[str, str]) -> pd.DataFrame:
    rows = []
    stays, ends = twin.stays, twin.leaves
    many = np.bincount(twin.leaf, minlength=len(ends))
    ended = np.bincount(twin.leaf[stays.next >= 0], minlength=len(ends))
    own = np.repeat(np.arange(len(ends)), np.diff(ends.first))
    reach = ends.reach - own
    mass = reach - np.where(np.arange(len(own)) == ends.first[own], 0.0, np.append(0.0, reach)[: len(own)])
    for activity, leaf, asked in _leaves(twin):
        conditions = tuple(
            (what, is_, instead.get(str(value), value) if matching.is_person(what) else value)
            for what, is_, value in asked
        )
        part = slice(ends.first[leaf], ends.first[leaf + 1])
        weight, next_, wait = mass[part], ends.next[part], ends.took[part]
        left = max(1 - float(weight.sum()), 0.0) * (float(ends.forever[leaf]) if ends.pace[leaf] > 0 else 1.0)
        # What comes beyond the last end seen comes as the others did.
        whole = float(weight.sum()) / max(1 - left, 1e-12)
        shares = np.bincount(next_, weight, len(stays.activities)) / max(whole, 1e-12)
        for to in np.argsort(-shares, kind="stable"):
            if shares[to] < RAREST:
                break
            estimate = stats.rate(shares[to] * ended[leaf], max(int(ended[leaf]), 1), level)
            own = next_ == to
            days = _quantiles(wait[own], weight[own])
            rows.append(
                (
                    activity,
                    conditions,
                    stays.activities[to],
                    shares[to],
                    estimate.low,
                    estimate.high,
                    *days,
                    left,
                    many[leaf],
                )
            )
    columns = [
        "activity",
        "conditions",
        "next",
        "share",
        "low",
        "high",
        "median_days",
        "p90_days",
        "never_share",
        "cases",
    ]
    return pd.DataFrame(rows, columns=columns)


def _quantiles(wait: NDArray[np.float64], weight: NDArray[np.float64]) -> tuple[float, float]:
    reached = np.cumsum(weight) / weight.sum()
    at = np.searchsorted(reached, [0.5 - competing.LITTLE, 0.9 - competing.LITTLE])
    low, high = wait[np.minimum(at, len(wait) - 1)]
    return float(low), float(high)


def _leaves(twin: Twin) -> Iterator[tuple[str, int, tuple[Condition, ...]]]:
    """The leaves of each activity, with what leads to them."""
    trees = twin.trees
    for place, activity in enumerate(twin.activities):
        todo: list[tuple[int, tuple[Condition, ...]]] = [(int(trees.root[place]), ())]
        while todo:
            node, asked = todo.pop(0)
            if trees.column[node] < 0:
                if len(twin.leaves):
                    yield activity, int(trees.leaf[node]), asked
                continue
            yes, no = _said(twin, int(trees.column[node]), float(trees.value[node]), bool(trees.equal[node]))
            todo = [(int(trees.yes[node]), (*asked, yes)), (int(trees.no[node]), (*asked, no)), *todo]


def _said(twin: Twin, column: int, value: float, equal: bool) -> tuple[Condition, Condition]:
    """What a question asks, where the answer is yes and where it is no."""
    stays = twin.stays
    name = stays.names[column]
    known: object = value
    attribute = column - len(STATE)
    if attribute >= len(stays.attributes):
        yes, no = ("seen", "=", name), ("seen", "≠", name)
        return (yes, no) if value > 0 else (no, yes)
    if column == PREVIOUS:
        known = stays.activities[int(value)] if value >= 0 else None
    elif column == COUNT:
        known = int(np.ceil(value))
    elif name == "weekday" and column < len(STATE):
        known = WEEK[int(value)]
    elif attribute >= 0 and not stays.attributes[attribute].is_number:
        labels = stays.attributes[attribute].labels
        known = labels[int(value)] if value >= 0 else None
    return (name, "=" if equal else "<", known), (name, "≠" if equal else "≥", known)
