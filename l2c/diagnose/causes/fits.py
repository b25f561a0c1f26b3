"""What do the cells of a KPI say, once some columns are taken into account? Regressions on sums."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[Any]
Codes = NDArray[np.int64]


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
class Solver:
    """The information matrix of columns and of a constant per period, inverted in blocks.

    `across` holds the weighted sums of the columns by period, `held` the weight of each period; both are empty where
    there are no periods.
    """

    bread: Floats
    across: Floats
    held: Floats

    def solve(self, score: Floats, by_period: Floats) -> tuple[Floats, Floats]:
        """What the inverse makes of a vector: its part for the columns, and for the periods."""
        own = self.bread @ (score - (self.across / self.held) @ by_period)
        return own, (by_period - own @ self.across) / self.held


def solver(columns: Floats, weight: Floats, period: Codes | None, ridge: float = 0.0) -> Solver:
    """Invert the information of columns, one row each, at given weights of the cells."""
    gram = (columns * weight) @ columns.T
    if period is None:
        return Solver(np.linalg.pinv(gram, hermitian=True), np.empty((len(columns), 0)), np.empty(0))
    count = int(period.max()) + 1
    held = np.maximum(np.bincount(period, weight, count) + ridge, 1e-12)
    across = np.zeros((len(columns), count))
    for k, row in enumerate(columns):
        across[k] = np.bincount(period, row * weight, count)
    return Solver(np.linalg.pinv(gram - (across / held) @ across.T, hermitian=True), across, held)


@dataclass(frozen=True, eq=False)
class Fit:
    """A model of cell values: `columns` (one row each), coefficients, and what the model leaves per cell.

    `each` is the weight of one observation of a cell, `mean` what the model expects of it, `period` the period of each
    cell whose constants are taken out, or None; `alike` says that each observation weighs one.
    """

    columns: Floats
    beta: Floats
    solver: Solver
    weight: Floats
    residual: Floats
    squares: Floats
    scale: float
    weight_count: float
    each: Floats
    mean: Floats
    period: Codes | None = None
    alike: bool = False

    @property
    def bread(self) -> Floats:
        """Inverse information of the columns, with the periods taken out."""
        return self.solver.bread

    def direction(self, slope: Floats, by_period: Floats | None = None) -> Floats:
        """What each cell's residuals do to a function of the coefficients, by its derivatives."""
        none = np.zeros(len(self.solver.held))
        own, periods = self.solver.solve(slope, none if by_period is None else by_period)
        found: Floats = own @ self.columns
        return found if self.period is None else found + periods[self.period]

    def robust(self, direction: Floats) -> float:
        """Variance of such a function, robust to unequal spread (White, 1980, with its small-sample factor)."""
        return float(direction**2 @ self.squares) * self.freed

    @property
    def freed(self) -> float:
        """How much larger variances are than what is left of observations says, for what was fitted to them."""
        n, p = self.weight_count, len(self.beta) + len(self.solver.held)
        return n / max(n - p, 1)

    @cached_property
    def covariance(self) -> Floats:
        """Covariance of the coefficients, as robust."""
        rows = np.vstack([self.direction(row) for row in np.eye(len(self.beta))])
        found: Floats = (rows * self.squares) @ rows.T * self.freed
        return found


def linear(sums: Sums, columns: Floats, period: Codes | None = None) -> Fit:
    """Least squares on cells, within periods where such are given."""
    inverse = solver(columns, sums.count, period)
    beta, level = inverse.solve(columns @ sums.total, _by(period, sums.total, inverse))
    mean = beta @ columns + (0.0 if period is None else level[period])
    residual = sums.total - sums.count * mean
    squares = _squares(sums, mean)
    n = float(sums.count.sum())
    scale = float(squares.sum() / max(n - len(beta) - len(level), 1))
    each = np.ones(len(mean))
    return Fit(columns, beta, inverse, sums.count, residual, squares, scale, n, each, mean, period, alike=True)


def logistic(sums: Sums, columns: Floats, period: Codes | None = None) -> Fit:
    """Logistic regression on cells, by Newton's method with halved steps."""

    def model(eta: Floats) -> tuple[Floats, Floats, float]:
        chance = 1 / (1 + np.exp(-np.clip(eta, -30, 30)))
        return chance, chance * (1 - chance), float((sums.total * eta - sums.count * np.logaddexp(0, eta)).sum())

    share = float(np.clip(sums.total.sum() / sums.count.sum(), 1e-6, 1 - 1e-6))
    return _newton(sums, columns, period, np.log(share / (1 - share)), model)


def poisson(sums: Sums, columns: Floats, period: Codes | None = None) -> Fit:
    """Quasi-Poisson regression of sums per cell with a log link."""

    def model(eta: Floats) -> tuple[Floats, Floats, float]:
        mean = np.exp(np.clip(eta, -40, 40))
        return mean, mean, float((sums.total * eta - sums.count * mean).sum())

    return _newton(sums, columns, period, np.log(max(sums.total.sum() / sums.count.sum(), 1e-12)), model)


Model = Callable[[Floats], tuple[Floats, Floats, float]]
# A period in which everything or nothing happened is drawn towards the others by so much information.
RIDGE = 1.0


def _newton(sums: Sums, columns: Floats, period: Codes | None, usual: float, model: Model) -> Fit:
    """Maximum likelihood, from the usual value; `model` gives mean, weight and likelihood of linear predictors."""
    periods = 0 if period is None else int(period.max()) + 1
    ridge = RIDGE if periods > 1 else 0.0
    beta, level = np.zeros(len(columns)), np.full(periods, usual)
    if period is None:
        beta[0] = usual

    def state(b: Floats, a: Floats) -> tuple[Floats, Floats, float]:
        mean, each, likely = model(b @ columns + (0.0 if period is None else a[period]))
        return mean, each, likely - ridge / 2 * float(((a - usual) ** 2).sum())

    mean, each, best = state(beta, level)
    for _ in range(60):
        inverse = solver(columns, sums.count * each, period, ridge)
        left = sums.total - sums.count * mean
        step = inverse.solve(columns @ left, _by(period, left, inverse) - ridge * (level - usual))
        # A group in which everything or nothing happened would run away to infinity.
        own, other = (np.clip(part, -4, 4) for part in step)
        for _ in range(12):
            new = state(beta + own, level + other)
            if new[2] >= best - 1e-12:
                break
            own, other = own / 2, other / 2
        beta, level = np.clip(beta + own, -25, 25), level + other
        gain, (mean, each, best) = new[2] - best, new
        if abs(gain) < 1e-10 * (1 + abs(best)):
            break
    mean, each, _ = state(beta, level)
    weight = sums.count * each
    left, inverse = sums.total - sums.count * mean, solver(columns, weight, period, ridge)
    n = float(sums.count.sum())
    return Fit(columns, beta, inverse, weight, left, _squares(sums, mean), 1.0, n, each, mean, period)


def _by(period: Codes | None, values: Floats, inverse: Solver) -> Floats:
    return np.empty(0) if period is None else np.bincount(period, values, len(inverse.held))


def _squares(sums: Sums, mean: Floats) -> Floats:
    """Squared differences from the expected values, per cell."""
    found: Floats = np.maximum(sums.squares - 2 * mean * sums.total + sums.count * mean**2, 0.0)
    return found
