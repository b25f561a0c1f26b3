"""What if observations go together, such as the deals of one account? Their variance, when whole groups were drawn."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


# Of fewer groups than this (all of one size) nothing tells how much groups differ: an interval that has to cover other
# groups too would be five times as wide as one for these alone, and is not given.
FEWEST_GROUPS = 5.0
# Below this the spread between groups is known so badly that the reader should know.
FEW_GROUPS = 12.0
# Half-width of a 95 % interval of the standard normal distribution.
NORMAL = 1.959963984540054
# Codes up to here are counted as they are; others are sorted first.
MOST_CODES = 10_000_000
# Values of a table of quantiles.
TABLE = 50_001


class Groups(NamedTuple):
    """Observations that go together: the group of each, from 0, and how many each group has."""

    codes: NDArray[np.int64]
    sizes: Floats

    @property
    def effective(self) -> float:
        """How many groups of equal size tell as much (Kish, 1965)."""
        return float(self.sizes.sum() ** 2 / (self.sizes**2).sum())

    @property
    def leverage(self) -> Floats:
        """What to multiply the sum of influences of each group by, which has drawn the estimate towards itself.

        Unbiased where only groups differ; of groups of one size it is that of CR2 (Bell and McCaffrey, 2002).
        """
        part = self.sizes / self.sizes.sum()
        return np.asarray(1 / np.sqrt(np.maximum(1 - 2 * part + (part**2).sum(), 1e-9)))

    def variance(self, influence: Floats) -> float:
        """Variance of an estimate from what each observation adds to it."""
        return float(((np.bincount(self.codes, influence) * self.leverage) ** 2).sum())

    def freedom(self, more: ArrayLike) -> Floats:
        """How many degrees of freedom a variance by group has that is so many times the variance without groups.

        Notes
        -----
        A few large groups tell little of how much groups differ, the less the more they do. Satterthwaite, with the
        correlation within groups that explains so much more variance (Young, 2016).
        """
        m, n = self.sizes, self.sizes.sum()
        grid = np.linspace(0.0, 1.0, 11)
        each = m * (1 + np.outer(grid, m - 1))
        known = each.sum(axis=1) ** 2 / (each**2).sum(axis=1) - 1
        within = (np.asarray(more, np.float64) - 1) / max(float((m**2).sum() / n - 1), 1e-9)
        return np.maximum(np.interp(within, grid, known), FEWEST_GROUPS - 2)

    def wider(self, variance: Floats, alone: Floats) -> Floats:
        """The variance for a normal interval: never less than that without groups, more where few groups tell it.

        Student's quantile at 95 % takes the place of the normal one (Korn and Graubard, 1998).
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            more = np.nan_to_num(variance / alone, nan=1.0, posinf=1.0)
        found = variance * (_students(self.freedom(more)) / NORMAL) ** 2
        return np.asarray(np.fmax(found, alone))


def _students(freedom: Floats) -> Floats:
    """Student's quantiles at 95 %, read off a table: a curve of a million steps has a million of them."""
    return np.interp(1 / freedom, *_table())


@cache
def _table() -> tuple[Floats, Floats]:
    """Student's quantiles over one by the degrees of freedom, so dense that what lies between is right to nine digits."""
    from scipy.special import stdtrit

    inverse = np.linspace(0.0, 1 / (FEWEST_GROUPS - 2), TABLE)
    return inverse, np.append(NORMAL, stdtrit(1 / inverse[1:], 0.975))


def groups(cluster: ArrayLike | None, kept: Any = None) -> Groups | None:
    """Number the groups of observations; None where no two of them go together, or where there are too few groups.

    Parameters
    ----------
    cluster
        A code per observation, or None.
    kept
        Which of them count, or None for all.
    """
    if cluster is None:
        return None
    codes = np.asarray(cluster)
    found = _numbered(codes if kept is None else codes[kept])
    return None if len(found.sizes) == len(found.codes) or found.effective < FEWEST_GROUPS else found


def equal_groups(cluster: ArrayLike) -> float:
    """How many groups of equal size would tell as much as these (Kish, 1965); NaN where no two observations go together.

    Parameters
    ----------
    cluster
        A code per observation.
    """
    found = _numbered(np.asarray(cluster))
    return found.effective if len(found.sizes) < len(found.codes) else float("nan")


def _numbered(codes: NDArray[Any]) -> Groups:
    if codes.dtype.kind != "i" or not len(codes) or codes.min() < 0 or codes.max() > MOST_CODES:
        codes = np.unique(codes, return_inverse=True)[1].ravel()
    sizes = np.bincount(codes)
    there = sizes > 0
    return Groups((np.cumsum(there) - 1)[codes], sizes[there].astype(np.float64))


class Paths(NamedTuple):
    """Of each observation the moments `first` … `until` - 1 at which it is under observation, whether it ended, and by cause 1."""

    first: NDArray[np.int64]
    until: NDArray[np.int64]
    over: NDArray[np.bool_]
    by_first: NDArray[np.bool_]


class Residuals(NamedTuple):
    """Weights of the two martingales of an observation at each moment: of its end by cause 1, and of any end.

    What an observation adds up to a moment is the sum of `first * (dN1 - Y h1) + every * (dN - Y h)`.
    """

    first: Floats
    every: Floats


def total(paths: Paths, of: Residuals, first: Floats, hazard: Floats) -> Floats:
    """What each observation adds over all moments."""
    gathered = _gathered(of, first, hazard)
    final = gathered[paths.first] - gathered[np.maximum(paths.until, paths.first)]
    own = paths.until[paths.over] - 1
    final[paths.over] += of.every[own] + np.where(paths.by_first[paths.over], of.first[own], 0.0)
    return np.asarray(final)


def by_group(
    paths: Paths,
    of: Sequence[Residuals],
    scale: Sequence[Floats],
    hazards: tuple[Floats, Floats],
    together: Groups,
    constant: tuple[Floats, Floats] | None = None,
    weight: Floats | None = None,
) -> Floats:
    """Variance, at each moment, of the sum over some residuals times a `scale` that changes with the moment.

    Parameters
    ----------
    scale
        One array over the moments for each of the residuals.
    hazards
        Of cause 1 and of any cause.
    constant
        What each observation adds besides, whatever the moment, and its scale over the moments.
    weight
        What each observation counts for; 1 unless given.

    Notes
    -----
    The sum over a group is `A - n G`: `n` members are under observation, each adds what has gathered since it entered,
    and `A` changes only when one enters or leaves. So the squares, summed over groups, are known at all moments after one
    pass over the observations in the order of their groups (sandwich of Lin and Wei, 1989; Ying and Wei, 1994).
    """
    size, every = len(hazards[0]), len(together.sizes)
    here = paths.until > paths.first
    late = here & (paths.first > 0)
    counts_for = np.ones(len(here)) if weight is None else weight
    # A row per group at the first moment, one per observation that enters later, one per observation that leaves.
    entering, leaving = paths.first[late], paths.until[here]
    moment = np.concatenate([np.zeros(every, np.int64), entering, leaving - 1])
    group = np.concatenate([np.arange(every), together.codes[late], together.codes[here]])
    order = np.argsort(group * size + moment)
    moment, group = moment[order], group[order]
    # Each group begins with its row at the first moment; the last row of each is followed by none.
    counts = np.bincount(group, minlength=every)
    tails = np.cumsum(counts) - 1
    following = np.append(moment[1:], size)
    following[tails] = size

    def state(start: Floats, enter: Floats, leave: Floats) -> Floats:
        """The sum over each group after each of its rows."""
        summed = np.cumsum(np.concatenate([start, enter, leave])[order])
        before = np.append(0.0, summed[tails[:-1]])
        return np.asarray((summed - np.repeat(before, counts)) * leverage)

    none, leverage = np.zeros(every), np.repeat(together.leverage, counts)
    over, by_first = paths.over[here], paths.by_first[here]
    states, scales, under = [], list(scale), np.zeros(size)
    for each, factor in zip(of, scale, strict=True):
        gathered, leave = _gathered(each, *hazards), np.zeros(len(leaving))
        leave[over] = each.every[leaving[over] - 1] + np.where(by_first[over], each.first[leaving[over] - 1], 0.0)
        states.append(
            state(none, gathered[entering] * counts_for[late], (leave - gathered[leaving]) * counts_for[here])
        )
        under -= factor * gathered[1:]
    members: Floats = np.bincount(together.codes[here & ~late], counts_for[here & ~late], every).astype(np.float64)
    states.append(state(members, counts_for[late], -counts_for[here]))
    scales.append(under)
    if constant is not None:
        fixed = np.bincount(together.codes, constant[0], every)
        states.append(np.repeat(fixed, counts) * leverage)
        scales.append(constant[1])
    variance = np.zeros(size)
    for p, one in enumerate(states):
        for q in range(p, len(states)):
            product = one * states[q]
            change = np.bincount(moment, product, size) - np.bincount(following, product, size + 1)[:size]
            variance += (1.0 if p == q else 2.0) * scales[p] * scales[q] * np.cumsum(change)
    return np.maximum(variance, 0.0)


def _gathered(of: Residuals, first: Floats, hazard: Floats) -> Floats:
    """What an observation without an end loses up to each moment."""
    return np.concatenate([[0.0], np.cumsum(of.first * first + of.every * hazard)])
