"""What goes with what, other things equal? Linear and logistic regression, and shrinkage, on plain arrays."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[Any]


class Regression(NamedTuple):
    """Coefficients, their covariance, and for each observation the value fitted."""

    beta: Floats
    covariance: Floats
    fitted: Floats


class Shrunken(NamedTuple):
    """Effects of groups drawn towards zero: value, standard error, and the spread of the true effects."""

    effect: Floats
    error: Floats
    spread: float


def linear(x: Floats, y: Floats) -> Regression:
    """Ordinary least squares with a covariance robust to unequal spread (HC1; White, 1980).

    Parameters
    ----------
    x
        One row per observation, one column per term (the constant is one of them).
    """
    bread = np.linalg.pinv(x.T @ x, hermitian=True)
    beta = bread @ (x.T @ y)
    left = y - x @ beta
    n, p = x.shape
    covariance = bread @ ((x * (left**2)[:, None]).T @ x) @ bread * n / max(n - p, 1)
    return Regression(beta, covariance, x @ beta)


def logistic(x: Floats, y: Floats, penalty: Floats | float = 0.0) -> Regression:
    """Logistic regression by Newton's method with halved steps; the covariance is robust, unless there is a penalty.

    Parameters
    ----------
    penalty
        Weight of the squared coefficients (ridge), one for all or one per column; the covariance is then that of the
        posterior under the prior it stands for.
    """
    ridge = np.broadcast_to(np.asarray(penalty, np.float64), (x.shape[1],))
    beta = np.zeros(x.shape[1])

    def objective(b: Floats) -> float:
        eta = x @ b
        return float((y * eta - np.logaddexp(0, eta)).sum() - 0.5 * (ridge * b**2).sum())

    best = objective(beta)
    for _ in range(100):
        chance = 1 / (1 + np.exp(-np.clip(x @ beta, -35, 35)))
        information = (x * (chance * (1 - chance))[:, None]).T @ x + np.diag(ridge)
        step = np.clip(np.linalg.pinv(information, hermitian=True) @ (x.T @ (y - chance) - ridge * beta), -5, 5)
        new = objective(beta + step)
        for _ in range(20):
            if new >= best - 1e-12:
                break
            step = step / 2
            new = objective(beta + step)
        beta, gain, best = beta + step, new - best, new
        if abs(gain) < 1e-12 * (1 + abs(best)):
            break
    chance = 1 / (1 + np.exp(-np.clip(x @ beta, -35, 35)))
    bread = np.linalg.pinv((x * (chance * (1 - chance))[:, None]).T @ x + np.diag(ridge), hermitian=True)
    if ridge.any():
        return Regression(beta, bread, chance)
    middle = (x * ((y - chance) ** 2)[:, None]).T @ x
    return Regression(beta, bread @ middle @ bread, chance)


def of_groups(x: Floats, fit: Regression, y: Floats, group: NDArray[np.int64], *, share: bool) -> Floats:
    """What the covariance of a regression lacks where observations of one group, such as an account, go together.

    Parameters
    ----------
    group
        Code of the group of each observation, from 0.
    share
        Whether the regression is a logistic one.

    Returns
    -------
    To be added to `fit.covariance`; nought where observations of a group are no more alike than others.

    Notes
    -----
    One variance for what the groups add on the scale of the linear predictor, by equating two quadratic forms of the
    residuals with what is expected of them (MINQUE; Rao, 1971; for shares on the working scale, Breslow and Clayton,
    1993). A sandwich by group would need some forty groups per coefficient; here all groups tell of one number.
    """
    w = fit.fitted * (1 - fit.fitted) if share else np.ones(len(y))
    w = np.maximum(w, 1e-9)
    size = int(group.max()) + 1
    n = len(x)
    weighted = x * w[:, None]
    bread = np.linalg.pinv(weighted.T @ x, hermitian=True)
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    summed = np.add.reduceat(weighted[order], starts, axis=0)
    whole, left = np.bincount(group, w, size), np.bincount(group, y - fit.fitted, size)
    whole, left = whole[group[order][starts]], left[group[order][starts]]
    cross = summed.T @ summed
    both = bread @ cross
    mixed = whole.sum() - np.trace(both)
    among = (whole**2).sum() - 2 * np.trace(bread @ ((summed * whole[:, None]).T @ summed)) + np.trace(both @ both)
    freedom = max(n - np.linalg.matrix_rank(bread, hermitian=True), 1)
    one = float(freedom) if share else float(((y - fit.fitted) ** 2).sum())
    # Two equations: `one` = within * freedom + between * mixed, squares of sums = within * mixed + between * among.
    between = ((left**2).sum() * freedom - one * mixed) / max(among * freedom - mixed**2, 1e-300)
    pairs = cross - weighted.T @ weighted
    extra: Floats = max(float(between), 0.0) * bread @ pairs @ bread
    return extra


def shrunken(effect: Floats, error: Floats) -> Shrunken:
    """Draw noisy effects of groups towards their mean, each by how little is known of it.

    Parameters
    ----------
    effect, error
        Estimate and standard error per group.

    Notes
    -----
    Normal-normal empirical Bayes; the spread of the true effects by DerSimonian and Laird (1986), the standard error
    with the part that comes from estimating the mean (Morris, 1983).
    """
    known = np.isfinite(effect) & (error > 0)
    w = np.where(known, 1 / np.maximum(error, 1e-12) ** 2, 0.0)
    x = np.where(known, effect, 0.0)
    if known.sum() < 2:
        return Shrunken(np.where(known, 0.0, np.nan), error, 0.0)
    centre = (w * x).sum() / w.sum()
    q = (w * (x - centre) ** 2).sum()
    variance = max(0.0, (q - (known.sum() - 1)) / (w.sum() - (w**2).sum() / w.sum()))
    weight = np.where(known, 1 / (error**2 + variance), 0.0)
    centre = (weight * x).sum() / weight.sum()
    part = variance / (variance + error**2)
    spread = np.sqrt(part * error**2 + (1 - part) ** 2 / weight.sum())
    return Shrunken(np.where(known, part * (x - centre), np.nan), np.where(known, spread, np.nan), variance**0.5)


def dummies(codes: NDArray[np.int64], size: int, *, drop: bool = True) -> Floats:
    """Columns of 0 and 1 for the codes that occur, but for the most frequent one."""
    counts = np.bincount(codes, minlength=size)
    there = np.flatnonzero(counts)
    if drop and len(there):
        there = there[there != int(np.argmax(counts))]
    found: Floats = (codes[:, None] == there[None, :]).astype(np.float64)
    return found
