"""What do the cells of a KPI say, once some columns are taken into account? Regressions on sums."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Sums:
    """What a KPI leaves of each cell: the number of observations, the sum of their values, and of the squares."""

    count: Floats
    total: Floats
    squares: Floats

    @classmethod
    def of(cls, cell: NDArray[np.int64], values: Floats, cells: int) -> Sums:
        """Add up the observations of each cell."""
        count = np.bincount(cell, minlength=cells).astype(np.float64)
        return cls(count, np.bincount(cell, values, cells), np.bincount(cell, values * values, cells))


@dataclass(frozen=True, eq=False)
class Fit:
    """A model of cell values: `columns` (one row each), coefficients, and what the model leaves per cell."""

    columns: Floats
    beta: Floats
    bread: Floats
    weight: Floats
    residual: Floats
    squares: Floats
    scale: float

    @cached_property
    def covariance(self) -> Floats:
        """Covariance of the coefficients, robust to unequal spread (White, 1980, with its small-sample factor)."""
        n, p = self.weight_count, len(self.beta)
        middle = (self.columns * self.squares) @ self.columns.T
        robust: Floats = self.bread @ middle @ self.bread * n / max(n - p, 1)
        return robust

    weight_count: float = 0.0


def linear(sums: Sums, columns: Floats) -> Fit:
    """Least squares on cells."""
    bread = np.linalg.pinv((columns * sums.count) @ columns.T, hermitian=True)
    beta = bread @ (columns @ sums.total)
    mean = beta @ columns
    residual = sums.total - sums.count * mean
    squares = np.maximum(sums.squares - 2 * mean * sums.total + sums.count * mean**2, 0.0)
    n = float(sums.count.sum())
    scale = float(squares.sum() / max(n - len(beta), 1))
    return Fit(columns, beta, bread, sums.count, residual, squares, scale, n)


def logistic(sums: Sums, columns: Floats, start: Floats | None = None) -> Fit:
    """Logistic regression on cells, by Newton's method with halved steps."""
    n = float(sums.count.sum())
    share = np.clip(sums.total.sum() / n, 1e-6, 1 - 1e-6)
    beta = np.zeros(len(columns))
    beta[0] = np.log(share / (1 - share))
    if start is not None:
        beta[: len(start)] = start

    def likelihood(b: Floats) -> float:
        eta = b @ columns
        return float((sums.total * eta - sums.count * np.logaddexp(0, eta)).sum())

    best = likelihood(beta)
    for _ in range(60):
        chance = 1 / (1 + np.exp(-np.clip(beta @ columns, -30, 30)))
        weight = sums.count * chance * (1 - chance)
        bread = np.linalg.pinv((columns * weight) @ columns.T, hermitian=True)
        step = bread @ (columns @ (sums.total - sums.count * chance))
        # A group in which everything or nothing happened would run away to infinity.
        step = np.clip(step, -4, 4)
        for _ in range(12):
            if (new := likelihood(beta + step)) >= best - 1e-12:
                break
            step = step / 2
        beta, gain, best = np.clip(beta + step, -25, 25), new - best, new
        if abs(gain) < 1e-10 * (1 + abs(best)):
            break
    chance = 1 / (1 + np.exp(-np.clip(beta @ columns, -30, 30)))
    weight = sums.count * chance * (1 - chance)
    bread = np.linalg.pinv((columns * weight) @ columns.T, hermitian=True)
    residual = sums.total - sums.count * chance
    squares = sums.total * (1 - chance) ** 2 + (sums.count - sums.total) * chance**2
    return Fit(columns, beta, bread, weight, residual, squares, 1.0, n)
