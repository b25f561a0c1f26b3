"""Is a change more than what others went through at the same time? Differences of logarithms, block by block."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l2c import stats
from l2c.log import EventLog
from l2c.measures.facts import Facts
from l2c.measures.spans import Observations, accounts
from l2c.monitor.adjusted import (
    FEWEST_BLOCKS,
    Floats,
    Placebos,
    Series,
    Step,
    block_days,
    blocks,
    followed,
    middle,
    placebos,
    step,
    varies,
)
from l2c.monitor.sides import Sides
from l2c.stats import SMALLEST_SAMPLE
from l2c.words.errors import BadComparison


def apart(cut: Sides, log: EventLog, against: Mapping[str, Any]) -> tuple[Sides, Sides]:
    """The cases that are asked about, and those they are compared with, which are none of them.

    Parameters
    ----------
    against
        Words and values as for `EventLog.where`, of the whole log.

    Raises
    ------
    BadComparison
        If either side has no case.
    """
    whole = EventLog(log.base)
    chosen = whole.where(**against)
    keys = chosen.kept()
    before, after = (Facts.of(whole, facts.until) for facts in cut.facts)
    others = Sides((before, after), cut.change, cut.width, cut.since).only(np.isin(before.keys, keys))
    own = cut.only(~np.isin(cut.facts[0].keys, keys))
    if not len(others.facts[0]) or not len(own.facts[0]):
        raise BadComparison.empty(chosen.filters if len(own.facts[0]) else {})
    return own, others


def gap(own: Sides, others: Sides, seen: Observations, of_others: Observations) -> Series | None:
    """By how much the logarithm of a measure lies above that of the others, block by block.

    Returns
    -------
    None where either has too few cases or blocks on a side.

    Notes
    -----
    Differences in differences of logarithms, because what strikes all makes all waits longer by the same part. Both groups
    are watched for the same days: the longer of two waits is cut off by more. Means of blocks are those of `adjusted.series`,
    as logarithms around the mean of their side of the date; cases of one account are alike.
    """
    span = own.change, own.since, own.change + own.width
    groups = ((own.facts[1], seen), (others.facts[1], of_others))
    found = [followed(facts, each, *span) for facts, each in groups]
    if any(each is None for each in found):
        return None
    limit = min(each.horizon for each in found if each is not None)
    size = block_days(own.since, own.change + own.width)
    lines = []
    for facts, each in groups:
        watched = followed(facts, each, *span, limit)
        if watched is None:
            return None
        after = watched.start >= own.change
        if min(after.sum(), (~after).sum()) < SMALLEST_SAMPLE or not varies(watched.value, after):
            return None
        held = blocks(facts, watched, own.change, size, accounts(facts, watched.case))
        lines.append(_logarithms(held))
    (place, mean, noise), (other, mean_of_others, noise_of_others) = lines
    common = np.intersect1d(place, other)
    if min((common >= 0).sum(), (common < 0).sum()) < FEWEST_BLOCKS:
        return None
    here, there = np.searchsorted(place, common), np.searchsorted(other, common)
    both = noise[np.ix_(here, here)] + noise_of_others[np.ix_(there, there)]
    value = mean[here] - mean_of_others[there]
    if not np.isfinite(value).all():
        return None
    return Series(common, middle(common, size, own.change), value, both, 1.0, 1.0, limit, size)


def _logarithms(held: stats.Blocks) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Number of each block, the logarithm of its mean (linear around the mean of its side of the date), their covariance."""
    later = held.place >= 0
    levels = [np.average(held.mean[side], weights=held.cases[side]) for side in (~later, later) if side.any()]
    level = np.where(later, levels[-1], levels[0])
    with np.errstate(divide="ignore", invalid="ignore"):
        line = np.where(level > 0, np.log(level) + held.mean / level - 1, np.nan)
        noise = held.noise / np.outer(level, level)
    return held.place, np.asarray(line), np.asarray(noise)


def wider(told: Series) -> tuple[Step, Placebos]:
    """The step of a gap and those of earlier dates, all with errors that fit how far the latter are from nothing."""
    from scipy.special import ndtr

    moved, tried = step(told), placebos(told)
    z = tried.value / tried.error
    more = max(1.0, float(np.sqrt((z**2).mean()))) if len(z) else 1.0
    p = max(moved.p, float(2 * ndtr(-abs(moved.value) / (moved.error * more))))
    return Step(moved.value, moved.error * more, p), tried._replace(error=tried.error * more)
