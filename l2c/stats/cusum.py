"""When do counts no longer fit what was expected? A chart of sums with a known rate of false alarms over all series together."""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from l2c.stats.rates import Floats

# The chart looks for series that end 1.3 times as often, or as seldom, as expected.
RATIO = 1.3
# No week tells more than one 1.7 times as busy or slow, and chance: one that was a holiday is no change.
MOST_A_WEEK, SPREADS_A_WEEK = 1.7, 2.0
# Shocks of single weeks, and of weeks that hang together (by so much from week to week): what series do by themselves.
SINGLE_SHOCKS = (0.0, 0.06, 0.12, 0.2, 0.35)
LASTING_SHOCKS, SHOCKS_LAST = (0.03, 0.06, 0.1, 0.15, 0.25), (0.7, 0.95)
# Where all series together end less than this part of what is expected, surely so, all stand still: a holiday of up to
# two weeks is no change of pace, and neither is the week that makes up for it.
STANDSTILL, SURELY = 0.6, 3.0
# While a log fills up, its cases are younger than they will be: so many weeks tell nothing of shocks.
FILLING = 8
# Shocks of this size are as likely as not.
USUAL_SHOCK = 0.03
# Steps of little size tell little of their shocks; what they are thought to be rests on this many of the others.
LEARNT_IN = 4
YEARS_DRAWN, WEEKS_A_YEAR = 800, 52


class Chart(NamedTuple):
    """By series and watched week: sum of evidence for more (above 0) or fewer (below 0) than expected.

    Attributes
    ----------
    cusum
        The sum of the stronger side.
    limit
        Of each series; reached by chance in any of them in the promised share of years.
    since
        Week with which the stronger side began to add up.
    dispersion
        Variance of a week's count by that of pure chance, by series and week.
    """

    cusum: Floats
    limit: Floats
    since: NDArray[np.int64]
    dispersion: Floats


def chart(observed: Floats, expected: Floats, trials: Floats, error: Floats, base: int, false: float) -> Chart:
    """Chart the watched weeks of several series.

    Parameters
    ----------
    observed, expected
        By series and week, those of the base first.
    trials
        Of how many the counts are some; inf where they are some of any number.
    error
        Relative variance of what is expected, of each series.
    base
        Weeks of the base.
    false
        Share of years with any alarm though nothing changed.

    Notes
    -----
    CUSUM of likelihood ratios (Page, 1954; Steiner et al., 2000; for survival times Sego, 2006), both sides. Limits are
    simulated: the counts scatter as they did in the base (shocks of a week, and shocks that last, whose sizes are
    learnt from all series together: empirical Bayes), and what is expected carries the error of the base. Weeks in which all
    series stood still, at most two in a row, and the one after them tell nothing.
    """
    rng = np.random.default_rng(0)
    told = slice(FILLING if base > 3 * FILLING else 0, base)
    shocks, weight = _shocks(observed[:, told], expected[:, told], trials[:, told])
    dispersion = _dispersion(expected, trials, shocks, weight)
    score = _scores(observed[:, base:], expected[:, base:], trials[:, base:], dispersion[:, base:])
    shut = _shut(observed, expected, dispersion)[base:]
    cusum, since = _summed((np.where(shut, 0.0, score[0]), np.where(shut, 0.0, score[1])))
    top = _by_chance(expected, trials, error, base, shocks, weight, dispersion, rng)
    own = np.quantile(top, 1 - false, axis=1)
    # Each series by its own scale; the largest of all of them decides.
    limit = own * np.quantile((top / own[:, None]).max(axis=0), 1 - false)
    return Chart(cusum, limit, since, dispersion)


def ratio(observed: Floats, expected: Floats, dispersion: Floats, level: float = 0.95) -> tuple[Floats, Floats, Floats]:
    """Observed by expected counts with their interval; NaN where nothing is expected.

    Notes
    -----
    The exact interval of a Poisson count (Garwood, 1936), of counts put together by their `dispersion`: variance by mean.
    """
    from scipy.special import gammaincinv

    known = expected > 1e-9
    unit, should = np.maximum(dispersion, 1e-9), np.where(known, expected, np.nan)
    tail = (1 - level) / 2
    low = np.where(observed > 0, gammaincinv(np.maximum(observed, 1e-9) / unit, tail), 0.0)
    high = gammaincinv(observed / unit + 1, 1 - tail)
    return observed / should, low * unit / should, high * unit / should


def _odds(expected: Floats, trials: Floats) -> tuple[Floats, Floats]:
    """Chance of each trial, 0 where there is any number of them; and what variance is left beside that of free counts."""
    chance = np.where(np.isinf(trials), 0.0, expected / np.maximum(trials, 1e-9))
    return chance, 1 - chance


def _scores(observed: Floats, expected: Floats, trials: Floats, dispersion: Floats) -> tuple[Floats, Floats]:
    """Evidence of each week for more and for fewer."""
    chance, rest = _odds(expected, trials)
    spread = SPREADS_A_WEEK * np.sqrt(expected * rest * dispersion)
    seen = np.clip(observed, expected / MOST_A_WEEK - spread, expected * MOST_A_WEEK + spread)
    sides = []
    for ratio in (RATIO, 1 / RATIO):
        free = (ratio - 1) * expected
        bound = np.where(np.isinf(trials), 0.0, trials) * np.log1p(chance * (ratio - 1))
        sides.append((seen * np.log(ratio) - np.where(chance > 0, bound, free)) / dispersion)
    return sides[0], sides[1]


def _shut(observed: Floats, expected: Floats, dispersion: Floats) -> NDArray[np.bool_]:
    """Weeks in which everything stood still, up to two in a row, and the week after them, which makes up for it."""
    seen, should, scatter = observed.sum(axis=0), expected.sum(axis=0), (expected * dispersion).sum(axis=0)
    still = (seen < STANDSTILL * should) & (should - seen > SURELY * np.sqrt(scatter))
    last, before = (np.concatenate([np.zeros(n, bool), still[:-n]]) for n in (1, 2))
    holiday = still & ~(last & before)
    makes_up = ~still & np.concatenate([[False], holiday[:-1]])
    return np.asarray(holiday | makes_up)


def _summed(score: tuple[Floats, Floats]) -> tuple[Floats, NDArray[np.int64]]:
    more, fewer = np.zeros(len(score[0])), np.zeros(len(score[0]))
    began = np.zeros((2, len(more)), np.int64)
    cusum, since = np.zeros_like(score[0]), np.zeros(score[0].shape, np.int64)
    for week in range(score[0].shape[1]):
        more, fewer = np.maximum(more + score[0][:, week], 0), np.maximum(fewer + score[1][:, week], 0)
        began[0][more == 0], began[1][fewer == 0] = week + 1, week + 1
        cusum[:, week] = np.where(more >= fewer, more, -fewer)
        since[:, week] = np.where(more >= fewer, began[0], began[1])
    return cusum, since


def _shocks(observed: Floats, expected: Floats, trials: Floats) -> tuple[Floats, Floats]:
    """Sizes and memory of shocks, a row each, and how likely each is of each series."""
    grid = [(alone, 0.0, 0.0) for alone in SINGLE_SHOCKS]
    grid += [(alone, lasting, memory) for alone, lasting, memory in product(SINGLE_SHOCKS, LASTING_SHOCKS, SHOCKS_LAST)]
    shocks = np.array(grid)
    prior = 1 / (1 + (shocks[:, 0] / USUAL_SHOCK) ** 2) / (1 + (shocks[:, 1] / USUAL_SHOCK) ** 2)
    prior /= prior.sum()
    gap = np.abs(np.subtract.outer(np.arange(observed.shape[1]), np.arange(observed.shape[1])))
    known = np.array([_likelihood(*each, shocks, gap) for each in zip(observed, expected, trials, strict=True)])
    known = np.exp(known - known.max(axis=1, keepdims=True))
    share = prior
    for _ in range(LEARNT_IN):
        weight = share * known
        weight /= weight.sum(axis=1, keepdims=True)
        share = (weight.sum(axis=0) + prior) / (len(known) + 1)
    weight = share * known
    return shocks, weight / weight.sum(axis=1, keepdims=True)


def _likelihood(observed: Floats, expected: Floats, trials: Floats, shocks: Floats, gap: NDArray[np.int64]) -> Floats:
    """Restricted log likelihood of the weekly ratios of one series under each kind of shocks."""
    _, rest = _odds(expected, trials)
    some = expected > 0
    ratio = observed[some] / expected[some] - 1
    spread = SPREADS_A_WEEK / np.sqrt(expected[some])
    ratio = np.clip(ratio, 1 / MOST_A_WEEK - 1 - spread, MOST_A_WEEK - 1 + spread)
    gap = gap[np.ix_(some, some)]
    cover = np.empty((len(shocks), len(ratio), len(ratio)))
    cover[:] = np.diag(rest[some] / expected[some])
    cover += shocks[:, 0, None, None] ** 2 * (gap == 0)
    cover += shocks[:, 1, None, None] ** 2 * shocks[:, 2, None, None] ** gap
    root = np.linalg.cholesky(cover)
    white = np.linalg.solve(
        root, np.broadcast_to(np.column_stack([np.ones(len(ratio)), ratio]), (len(shocks), len(ratio), 2))
    )
    one, y = white[..., 0], white[..., 1]
    size = (one**2).sum(axis=1)
    off = (one * y).sum(axis=1)
    logs = np.log(np.diagonal(root, axis1=1, axis2=2)).sum(axis=1)
    found: Floats = -logs - 0.5 * np.log(size) - 0.5 * ((y**2).sum(axis=1) - off**2 / size)
    return found


def _usual(shocks: Floats, weight: Floats) -> tuple[Floats, Floats, Floats]:
    """Of each series the size of its shocks of single weeks, that of lasting ones, and the memory of these."""
    alone, lasting = np.sqrt(weight @ shocks[:, :2] ** 2).T
    memory = (weight @ (shocks[:, 1] * shocks[:, 2])) / np.maximum(weight @ shocks[:, 1], 1e-9)
    return alone, lasting, memory


def _dispersion(expected: Floats, trials: Floats, shocks: Floats, weight: Floats) -> Floats:
    """Variance of a week by that of pure chance, from shocks of single weeks."""
    alone = _usual(shocks, weight)[0] ** 2
    _, rest = _odds(expected, trials)
    return np.asarray(1 + alone[:, None] * expected * rest)


def _by_chance(
    expected: Floats, trials: Floats, error: Floats, base: int, shocks: Floats, weight: Floats, dispersion: Floats,
    rng: np.random.Generator,
) -> Floats:  # fmt: skip
    """The largest sum of a year of each series, in many years in which nothing changes."""
    many = len(expected)
    alone, lasting, memory = (each[:, None] for each in _usual(shocks, weight))
    fresh = np.sqrt(1 - memory**2)
    level = lasting * rng.standard_normal((many, YEARS_DRAWN))
    known = expected[:, :base] / np.maximum(expected[:, :base].sum(axis=1, keepdims=True), 1e-9)
    mean = np.zeros((many, YEARS_DRAWN))
    for week in range(base):
        level = memory * level + fresh * lasting * rng.standard_normal((many, YEARS_DRAWN))
        mean += known[:, week, None] * level
    mean += alone * np.sqrt((known**2).sum(axis=1))[:, None] * rng.standard_normal((many, YEARS_DRAWN))
    mean += np.sqrt(error)[:, None] * rng.standard_normal((many, YEARS_DRAWN))
    watched = expected.shape[1] - base
    more, fewer, top = (np.zeros((many, YEARS_DRAWN)) for _ in range(3))
    for number in range(WEEKS_A_YEAR):
        week = base + number % watched
        level = memory * level + fresh * lasting * rng.standard_normal((many, YEARS_DRAWN))
        rate = np.exp(level - mean + alone * rng.standard_normal((many, YEARS_DRAWN)))
        column = np.index_exp[:, week, None]
        seen = _drawn(expected[column], trials[column], rate, rng)
        both = _scores(seen, expected[column], trials[column], dispersion[column])
        more, fewer = np.maximum(more + both[0], 0), np.maximum(fewer + both[1], 0)
        top = np.maximum(top, np.maximum(more, fewer))
    return top


def _drawn(expected: Floats, trials: Floats, rate: Floats, rng: np.random.Generator) -> Floats:
    chance, _ = _odds(expected, trials)
    odds = chance / np.maximum(1 - chance, 1e-9) * rate
    free = rng.poisson(expected * rate).astype(np.float64)
    if np.isinf(trials).all():
        return free
    bound = rng.binomial(np.where(np.isinf(trials), 0, trials).astype(np.int64), odds / (1 + odds))
    return np.where(np.isinf(trials), free, bound)
