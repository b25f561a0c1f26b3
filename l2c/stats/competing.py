"""How long until each of many steps is taken, where other steps compete and some have not been taken yet?

Thousands of curves at once, without a loop: a process map has hundreds of steps, and answers while somebody waits.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from l2c.stats.rates import NAN, Floats, normal

# Sums of a million weights miss a half by less than so much of one of them.
LITTLE = 1e-4
# The logarithm of nobody left: what follows it must come out as 0, also of doubles that are not normal.
NONE_LEFT = -800.0


class Weights(NamedTuple):
    """Ended stays in the order of steps and days, each with the share of its place that it stands for.

    Attributes
    ----------
    row
        Which of the given stays.
    step, days, weight
        `weight` adds up to the incidence of the step at its place, what is censored being handed on to those that stayed
        as long (Robins and Rotnitzky, 1992, which here is Aalen and Johansen, 1978).
    first
        Where each step begins, with the end as the last.
    whole
        Of each step, the incidence of all steps from its place: less than 1 where some are still there at the end.
    """

    row: NDArray[np.int64]
    step: NDArray[np.int64]
    days: Floats
    weight: Floats
    first: NDArray[np.int64]
    whole: Floats


def weights(
    place: NDArray[Any],
    step: NDArray[Any],
    days: Floats,
    places: int,
    steps: int,
    entry: Floats | None = None,
    count: Floats | None = None,
) -> Weights:
    """What each ended stay counts for.

    Parameters
    ----------
    place, days
        Where somebody stayed, and how long; in the order of both, and with those that ended before those still there.
    step
        How it ended: the number of a step; -1 while it has not (right-censored), below that where it ended otherwise.
    places, steps
        How many there are.
    entry
        From when on each stay was watched (left truncation), 0 where from its start.
    count
        How many each stands for.
    """
    if entry is not None:
        watched = (entry <= 0) | (entry < days)
        place, step, days, entry = place[watched], step[watched], days[watched], entry[watched]
        count = None if count is None else count[watched]
    number = np.ones(len(days)) if count is None else count
    starts = np.searchsorted(place, np.arange(places + 1))
    before = np.concatenate([[0.0], np.cumsum(number)])
    at_risk = before[starts[1:]][place] - before[:-1]
    if entry is not None and (entry > 0).any():
        at_risk -= _yet_to_come(place, days, entry, number)
    ended = step != -1
    with np.errstate(divide="ignore"):
        hazard = np.where(ended, np.minimum(number / at_risk, 1.0), 0.0)
        left = np.concatenate([[0.0], np.cumsum(np.maximum(np.log1p(-hazard), NONE_LEFT))])
    # Without a look at the logarithms of those places from which everybody went.
    share = np.exp(left[:-1] - left[starts[:-1]][place]) * hazard
    kept = np.flatnonzero(step >= 0)
    kept = kept[np.argsort(step[kept], kind="stable")]
    own = step[kept].astype(np.int64)
    first = np.searchsorted(own, np.arange(steps + 1))
    every = np.bincount(place, share, places)
    where = place[kept[np.minimum(first[:-1], max(len(kept) - 1, 0))]] if len(kept) else np.empty(0, np.int64)
    return Weights(kept, own, days[kept], share[kept], first, every[where] if len(kept) else np.full(steps, NAN))


def _yet_to_come(place: NDArray[Any], days: Floats, entry: Floats, number: Floats) -> Floats:
    """Of those that stayed at least as long, how many were not watched yet."""
    far = float(max(days.max(), entry.max())) + 1
    late = entry > 0
    order = np.argsort(place[late] * far + entry[late], kind="stable")
    key, many = (place[late] * far + entry[late])[order], np.concatenate([[0.0], np.cumsum(number[late][order])])
    until = np.searchsorted(place[late][order], place, "right")
    return np.asarray(many[until] - many[np.searchsorted(key, place * far + days, "left")])


def quantiles(found: Weights, shares: Sequence[float]) -> Floats:
    """Days by which some shares of those that take each step have taken it: a row per step, a column per share.

    The first day on which so many have: of one step from a place it is that of `kaplan_meier`. Who is still there at the
    end of watching will go where the others went, so that a step is not thought quick because the slow ones are still
    on their way. NaN where fewer than the share are known to have gone on from there.
    """
    steps = len(found.first) - 1
    table = np.full((steps, len(shares)), NAN)
    if not len(found.row):
        return table
    total = np.concatenate([[0.0], np.cumsum(found.weight)])
    begin, end = total[found.first[:-1]], total[found.first[1:]]
    little = LITTLE * (end - begin) / np.maximum(np.diff(found.first), 1)
    for column, share in enumerate(shares):
        with np.errstate(divide="ignore", invalid="ignore"):
            part = share / found.whole
        wanted = begin + part * (end - begin)
        at = np.searchsorted(total[1:], wanted - little, "left")
        at = np.clip(at, found.first[:-1], np.maximum(found.first[1:] - 1, 0))
        there = (end > begin) & (wanted <= end + little)
        table[there, column] = found.days[np.minimum(at, len(found.days) - 1)][there]
    return table


def interval(found: Weights, share: float, cluster: NDArray[Any] | None, level: float) -> tuple[Floats, Floats]:
    """Ends of the intervals of the quantiles of one share, a number per step.

    Parameters
    ----------
    cluster
        Of each ended stay in `found`, the code of what it goes together with, such as an account; None where none do.

    Notes
    -----
    The days between which the incidence does not differ from the share by more than chance (Woodruff, 1952), whose error
    is that of a weighted share, summed up by cluster; that the weights are estimated makes it smaller, if anything.
    """
    middle = quantiles(found, [share])[:, 0]
    steps = len(found.first) - 1
    each = np.bincount(found.step, found.weight, steps)
    with np.errstate(divide="ignore", invalid="ignore"):
        part = share / found.whole
    moves = found.weight * ((found.days <= middle[found.step]) - part[found.step])
    code = np.arange(len(moves)) if cluster is None else cluster
    pair, many = np.unique(found.step * (int(code.max(initial=0)) + 1) + code, return_inverse=True)
    sums = np.bincount(many, moves, len(pair))
    step = (pair // (int(code.max(initial=0)) + 1)).astype(np.int64)
    groups = np.bincount(step, minlength=steps)
    with np.errstate(divide="ignore", invalid="ignore"):
        wide = np.sqrt(np.bincount(step, sums**2, steps) * groups / (groups - 1)) / each * normal(level)
    ends = [np.full(steps, NAN), np.full(steps, NAN)]
    for at in np.flatnonzero(np.isfinite(middle) & np.isfinite(wide)):
        own = slice(found.first[at], found.first[at + 1])
        reached = np.cumsum(found.weight[own]) / each[at]
        low, high = np.searchsorted(reached, [part[at] - wide[at] - LITTLE / len(reached), part[at] + wide[at]])
        ends[0][at] = found.days[own][low]
        ends[1][at] = found.days[own][high] if high < len(reached) else NAN
    return ends[0], ends[1]
