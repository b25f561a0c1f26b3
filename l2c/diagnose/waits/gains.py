"""What would a step take, if everybody reached the level of the best quarter?"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from l2c import stats
from l2c.diagnose.causes import mix
from l2c.measures.facts import Facts
from l2c.stats import SMALLEST_SAMPLE

Floats = NDArray[Any]
# Who is compared with whom: the first of these that the log knows.
PEERS = ("rep", "region", "segment")
BEST = 0.25
DRAWS_OF_GAIN = 1000
# How far the spread between peers may lie, in parts of the largest that fits, when nothing says more than the data do.
SPREADS = 60


class Gain(NamedTuple):
    """Days saved, and their interval; money."""

    days: float
    low: float
    high: float
    money: float


UNKNOWN = Gain(np.nan, np.nan, np.nan, np.nan)


def gain(
    facts: Facts, case: NDArray[np.int64], days: Floats, weight: Floats, peers: str, cost: float, level: float
) -> Gain:
    """Days and money saved in one step at the level of the best quarter of the peers with the same deals.

    Parameters
    ----------
    case, days
        Row of the facts, and days, of each time the step was taken.
    weight
        How many each stands for, those included that are still on their way (mean 1).
    peers
        Attribute of those who are compared.

    Notes
    -----
    The level of a peer is the effect on log(days) after adjusting for the mix of deals; deals of one account go together
    (Liang and Zeger, 1986). What is known of the true levels is drawn from their posterior, the spread between peers
    unknown as well (Gelman and others, Bayesian Data Analysis, §5.4): a draw has the spread that true levels have, which
    neither the raw levels (too wide) nor the shrunken ones (too narrow) have. The lower end is 0 where chance explains
    how the peers differ (Cochran's Q).
    """
    codes = facts.memo(("peers", peers), lambda: _codes(facts, peers))[case]
    counts = np.bincount(codes[codes >= 0])
    named = np.flatnonzero(counts >= SMALLEST_SAMPLE)
    if len(named) < 4 or not days.max() > 0:
        return UNKNOWN
    place = np.full(len(counts) + 1, -1)
    place[named] = np.arange(len(named))
    group = place[codes]
    some = group >= 0
    usual = float(np.median(days[days > 0]))
    y = np.log(days[some] + 0.02 * usual)
    nested = tuple(name for name in PEERS[1:] if name != peers and peers == "rep" and name == "region")
    base, _ = mix.terms(facts, case[some], y, without=(peers, "actor", *nested))
    own = (group[some][:, None] == np.arange(len(named))[None, :]).astype(np.float64)
    effect, error, part = _effects(own, np.hstack([own, base[:, 1:]]), y, weight[some], accounts(facts, case[some]))
    draws = _drawn(effect, error)
    held = np.bincount(group[some], days[some], len(named))
    saved = _saved(draws, held, part)
    tail = (1 - level) / 2
    low, value, high = np.quantile(saved, [tail, 0.5, 1 - tail])
    if _chance(effect, error) > 1 - level:
        low = 0.0
    if stats.shrunken(effect, error).spread == 0:
        value = 0.0
    amount = facts.number("amount")[case[some]]
    money = np.nan
    if facts.log.one_currency and (amount > 0).any():
        bound = np.bincount(group[some], days[some] * np.nan_to_num(amount), len(named))
        money = float(np.median(_saved(draws, bound, part))) * cost / facts.days_a_year if value > 0 else 0.0
    return Gain(float(value), float(low), float(high), money)


def _codes(facts: Facts, attribute: str) -> NDArray[np.int64]:
    import pandas as pd

    # In the order of their first deals: what people are called, by name or by pseudonym, changes nothing.
    return np.asarray(pd.factorize(facts.attribute(attribute))[0], np.int64)


def accounts(facts: Facts, case: NDArray[np.int64]) -> NDArray[np.int64]:
    """What goes together: deals of one account, and in any case the steps of one case."""
    return case if facts.account is None else facts.account[case]


def _effects(
    own: Floats, x: Floats, y: Floats, weight: Floats, account: NDArray[np.int64]
) -> tuple[Floats, Floats, Floats]:
    """Level of each peer against the mean of all, its standard error, and the part of the steps that are theirs."""
    size = own.shape[1]
    root = np.sqrt(weight)[:, None]
    bread = np.linalg.pinv((x * root).T @ (x * root), hermitian=True)
    beta = bread @ (x.T @ (weight * y))
    part = own.sum(axis=0) / own.sum()
    centre = np.eye(size) - part[None, :]
    moves = (x * (weight * (y - x @ beta))[:, None]) @ (centre @ bread[:size]).T
    groups = np.unique(account, return_inverse=True)[1]
    sums = np.stack([np.bincount(groups, column) for column in moves.T], axis=1)
    several = len(sums) / max(len(sums) - 1, 1) * len(y) / max(len(y) - x.shape[1], 1)
    return centre @ beta[:size], np.sqrt(np.maximum((sums**2).sum(axis=0) * several, 1e-12)), part


def _drawn(effect: Floats, error: Floats) -> Floats:
    """Levels that the peers may truly have: a row per draw."""
    random = np.random.default_rng(0)
    most = 3 * max(float(np.std(effect)), float(error.min()))
    spread = (np.arange(SPREADS) + 0.5) / SPREADS * most
    precision = 1 / (error[None, :] ** 2 + spread[:, None] ** 2)
    mean = (precision * effect).sum(axis=1) / precision.sum(axis=1)
    fit = 0.5 * (np.log(precision) - precision * (effect[None, :] - mean[:, None]) ** 2).sum(axis=1)
    fit -= 0.5 * np.log(precision.sum(axis=1))
    chance = np.exp(fit - fit.max())
    which = random.choice(SPREADS, DRAWS_OF_GAIN, p=chance / chance.sum())
    centre = mean[which] + random.standard_normal(DRAWS_OF_GAIN) / np.sqrt(precision[which].sum(axis=1))
    known = spread[which][:, None] ** 2 / (spread[which][:, None] ** 2 + error[None, :] ** 2)
    own = centre[:, None] + known * (effect[None, :] - centre[:, None])
    return np.asarray(own + np.sqrt(known) * error[None, :] * random.standard_normal(own.shape))


def _saved(levels: Floats, held: Floats, part: Floats) -> Floats:
    """Days saved when all reach the level that the best quarter of the steps has, a number per row of levels."""
    order = np.argsort(levels, axis=1, kind="stable")
    at = (np.cumsum(part[order], axis=1) < BEST - 1e-9).sum(axis=1)
    best = np.take_along_axis(levels, np.take_along_axis(order, at[:, None], axis=1), axis=1)
    return np.asarray((held * (1 - np.exp(-np.maximum(levels - best, 0.0)))).sum(axis=1))


def _chance(effect: Floats, error: Floats) -> float:
    """How likely peers that are alike differ as much (Cochran's Q)."""
    from scipy.special import chdtrc

    weight = 1 / error**2
    mean = (weight * effect).sum() / weight.sum()
    return float(chdtrc(len(effect) - 1, (weight * (effect - mean) ** 2).sum()))
