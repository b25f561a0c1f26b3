"""How much of the differences between groups is more than chance? Effects drawn together by how little is known of each."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from l2c.stats.rates import Floats

# Spreads that the true effects might have, from a part of the errors to beyond the farthest group; the part of the groups
# that may come from the wider of two; and spreads that larger groups might have, in mean errors.
TRUE_SPREADS, FAR, LARGER = 7, 0.07, (0.0, 0.5, 1.0, 2.0, 4.0)
# Steps of the search for what most groups have in common, and of halving in the search for the bounds.
PASSES, HALVINGS = 4, 36


class Drawn(NamedTuple):
    """Effects of groups: value, bounds, standard deviation of what is believed, and the chance to be above nought."""

    value: Floats
    low: Floats
    high: Floats
    error: Floats
    above: Floats

    def wider(self, unseen: float, level: float = 0.95) -> Drawn:
        """Bounds and chances that allow for a bias of this standard deviation, which the estimates do not know of."""
        from scipy.special import ndtr, ndtri

        more = ndtri((1 + level) / 2) * unseen
        error = np.hypot(self.error, unseen)
        sure = ndtri(np.clip(self.above, 1e-15, 1 - 1e-15)) * self.error / error
        ends = np.hypot(self.value - self.low, more), np.hypot(self.high - self.value, more)
        return Drawn(self.value, self.value - ends[0], self.value + ends[1], error, ndtr(sure))


class _Prior(NamedTuple):
    """Pairs of spreads, a row each, the part of the wider one, and how likely each pair is beforehand."""

    spreads: Floats
    parts: Floats
    log_chance: Floats


class _Centre(NamedTuple):
    """What each group is expected to be off the centre before it is looked at, how uncertain that is, and the centre.

    A row for each pair of spreads and spread of larger groups; `log_chance` is what the larger groups say of it.
    """

    common: Floats
    shift: Floats
    variance: Floats
    log_chance: Floats


def drawn_together(
    effect: Floats, error: Floats, level: float = 0.95, within: NDArray[np.int64] | None = None
) -> Drawn:
    """Draw noisy effects of groups towards what is usual, each by how little is known of it; a few may be far off.

    Parameters
    ----------
    effect, error
        Estimate and standard error per group, two groups at least.
    within
        Code of the larger group that each belongs to (a rep's region): drawn towards its mean, and that to the whole.

    Returns
    -------
    Differences to the centre of the groups.

    Notes
    -----
    True effects come from two normal distributions of a common centre, a narrow one and one for the few that are far
    off (Stephens, 2017); so do larger groups, of one spread. What is not known of the spreads is averaged over a grid,
    not set to its best value, so that few groups do not seem surer than they are (Morris, 1983; Gelman, 2006).
    """
    from scipy.special import ndtr

    prior = _prior(effect, error)
    centre = _centre(effect, error, prior, within)
    pairs = len(centre.common) // len(prior.spreads)
    prior = _Prior(*(np.repeat(each, pairs, axis=0) for each in prior))
    variance = prior.spreads[:, :, None] ** 2
    log_part, log_each = _parts(effect - centre.common, variance + error**2, prior)
    log_pair = prior.log_chance + log_each.sum(axis=1) + centre.log_chance
    pair = np.exp(log_pair - log_pair.max())
    left = (effect - centre.common - centre.shift)[:, None, :]
    log_part, log_each = _parts(left[:, 0], variance + error**2 + centre.variance[:, None, :], prior)
    weight = (pair / pair.sum())[:, None, None] * np.exp(log_part - log_each[:, None, :])
    kept = variance / (variance + error**2)
    mean = centre.shift[:, None, :] + kept * left
    spread = np.sqrt(kept * error**2 + (1 - kept) ** 2 * centre.variance[:, None, :])
    weight, mean, spread = (np.broadcast_to(a, weight.shape).reshape(-1, len(effect)) for a in (weight, mean, spread))
    some = weight.max(axis=1) > 1e-5
    weight, mean, spread = weight[some] / weight[some].sum(axis=0), mean[some], np.maximum(spread[some], 1e-12)
    value = (weight * mean).sum(axis=0)
    deviation = np.sqrt((weight * (spread**2 + (mean - value) ** 2)).sum(axis=0))

    def below(x: Floats) -> Floats:
        return np.asarray((weight * ndtr((x - mean) / spread)).sum(axis=0))

    tail = (1 - level) / 2
    low, high = (_bound(below, share, mean, spread) for share in (tail, 1 - tail))
    return Drawn(value, np.minimum(low, value), np.maximum(high, value), deviation, 1 - below(np.zeros(len(effect))))


def _bound(below: Any, share: float, mean: Floats, spread: Floats) -> Floats:
    low, high = (mean - 9 * spread).min(axis=0), (mean + 9 * spread).max(axis=0)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        under = below(middle) < share
        low, high = np.where(under, middle, low), np.where(under, high, middle)
    return np.asarray((low + high) / 2)


def _parts(left: Floats, total: Floats, prior: _Prior) -> tuple[Floats, Floats]:
    """Logarithm of the likelihood of each group under each of two spreads, and under both together."""
    log_part = np.log(prior.parts)[:, :, None] - 0.5 * (np.log(total) + left[:, None, :] ** 2 / total)
    return log_part, np.asarray(np.logaddexp(log_part[:, 0], log_part[:, 1]))


def _prior(effect: Floats, error: Floats) -> _Prior:
    usual = float(np.median(error))
    widest = max(1.5 * float(np.abs(effect - np.median(effect)).max()), 2 * usual)
    grid = np.concatenate([[0.0], np.geomspace(0.3 * usual, widest, TRUE_SPREADS)])
    alone = np.asarray([(spread, spread, 0.5) for spread in grid])
    wider = np.asarray([(a, b, FAR) for k, a in enumerate(grid) for b in grid[k + 1 :]])
    rows = np.vstack([alone, wider])
    # All spreads alike beforehand, on a grid that is finer where they are small; nought as likely as the mean error.
    chance = [np.where(some[:, 1] > 0, some[:, 1], usual) for some in (alone, wider)]
    log_chance = np.log(np.concatenate([each / each.sum() for each in chance]))
    return _Prior(rows[:, :2], np.column_stack([1 - rows[:, 2], rows[:, 2]]), log_chance)


def _centre(effect: Floats, error: Floats, prior: _Prior, within: NDArray[np.int64] | None) -> _Centre:
    total = prior.spreads[:, :, None] ** 2 + error**2
    common = np.full((len(total), 1), float(np.average(effect, weights=1 / (error**2 + effect.var()))))
    for _ in range(PASSES):
        # How much each group tells of the centre, those that are far off less.
        log_part, log_each = _parts(effect - common, total, prior)
        weight = (np.exp(log_part - log_each[:, None, :]) / total).sum(axis=1)
        common = (weight * effect).sum(axis=1, keepdims=True) / weight.sum(axis=1, keepdims=True)
    unsure = 1 / weight.sum(axis=1, keepdims=True)
    if within is None or within.max() < 1:
        nought = np.zeros((len(total), len(effect)))
        return _Centre(common, nought, np.broadcast_to(unsure, nought.shape), np.zeros(len(total)))
    return _larger(effect - common, weight, unsure, common, within)


def _larger(left: Floats, weight: Floats, unsure: Floats, common: Floats, within: NDArray[np.int64]) -> _Centre:
    """What larger groups are off the centre, under each spread that they might have."""
    member = (within[:, None] == np.arange(within.max() + 1)[None, :]).astype(np.float64)
    known = np.maximum(weight @ member, 1e-300)
    mean = ((weight * left) @ member / known)[:, None, :]
    own = (1 / known)[:, None, :]
    usual = np.sqrt(np.median(own, axis=2, keepdims=True))
    spread = (usual * np.asarray(LARGER)[:, None]) ** 2
    log_each = -0.5 * (np.log((spread + own) / own) + mean**2 / (spread + own) - mean**2 / own)
    log_chance = log_each.sum(axis=2) + np.log(np.maximum(LARGER, 1.0))
    log_chance -= np.log(np.maximum(LARGER, 1.0).sum())
    kept = spread / (spread + own)
    variance = kept * own + (1 - kept) ** 2 * unsure[:, :, None]
    rows = len(left) * len(LARGER)
    shift, variance = ((each @ member.T).reshape(rows, -1) for each in (kept * mean, variance))
    return _Centre(np.repeat(common, len(LARGER), axis=0), shift, variance, log_chance.ravel())
