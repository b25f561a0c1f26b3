"""What goes with winning? A penalised logit on snapshots of the past, calibrated on deals it has not seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from l2c.monitor.pipeline.lives import HOPED
from l2c.monitor.pipeline.snapshots import Snapshots
from l2c.monitor.pipeline.tables import ipcw

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
# Parts of the deals that are held out in turn, and the weights of the squared coefficients that are tried on them.
HELD_OUT, RIDGES = 5, (1.0, 3.0, 10.0, 30.0, 100.0, 300.0)
# A label needs so many rows to have a column of its own, and one attribute has so many at most.
FEWEST_OF_COLUMN, MOST_OF_ONE = 30, 30
# From so many rows at most is learnt.
MOST_SNAPSHOTS = 30_000
NEWTON_STEPS, CLOSE_ENOUGH = 12, 1e-6
# Log odds beyond this are no better known.
FURTHEST_ODDS = 12.0


@dataclass(frozen=True, eq=False)
class Design:
    """Which columns there are: each with the name of what it tells, its label if it is one, and how it is put on a scale."""

    labels: dict[str, tuple[int, ...]]
    numbers: tuple[str, ...]
    gaps: tuple[str, ...]
    stages: tuple[int, ...]
    groups: tuple[str, ...] = ()
    mean: Floats | None = None
    spread: Floats | None = None

    def columns(self, rows: Snapshots) -> tuple[Floats, tuple[str, ...]]:
        """The columns of some rows, before they are put on a scale, and what each tells."""
        found: list[Floats] = []
        groups: list[str] = []

        def add(name: str, column: Floats) -> None:
            found.append(column)
            groups.append(name)

        for stage in self.stages[1:]:
            add("stage", (rows.stage == stage).astype(np.float64))
        for name, codes in self.labels.items():
            for code in codes:
                add(name, (rows.labels[name] == code).astype(np.float64))
        for name in self.numbers:
            value = rows.numbers[name]
            known = np.isfinite(value)
            value = np.where(known, np.sign(value) * np.log1p(np.abs(np.where(known, value, 0.0))), np.nan)
            add(name, value)
            if not name.startswith("seen: "):
                add(name, value**2)
            if name in self.gaps:
                add(name, (~known).astype(np.float64))
        days = np.log1p(rows.numbers["in_stage_days"])
        for stage in self.stages:
            add("in_stage_days", (rows.stage == stage) * days)
        return np.column_stack(found) if found else np.empty((len(rows), 0)), tuple(groups)

    def scaled(self, rows: Snapshots) -> Floats:
        """The columns of some rows, the constant first, each as far from its mean as its spread says; gaps are at the mean."""
        table, _ = self.columns(rows)
        assert self.mean is not None
        assert self.spread is not None
        return np.column_stack([np.ones(len(table)), np.nan_to_num((table - self.mean) / self.spread)])


def design(rows: Snapshots) -> Design:
    """Which columns some rows can tell of."""
    labels = {}
    for name, codes in rows.labels.items():
        many = np.bincount(codes + 1, minlength=2)
        kept = [k - 1 for k in np.argsort(-many, kind="stable") if many[k] >= FEWEST_OF_COLUMN and many[k] < len(rows)]
        if kept:
            # All but one of them, unless the rest is one of its own.
            whole = many[np.array(kept) + 1].sum() == len(rows)
            labels[name] = tuple(int(k) for k in (kept[1:] if whole else kept)[:MOST_OF_ONE])
    numbers, gaps = [], []
    for name, value in rows.numbers.items():
        known = np.isfinite(value)
        if known.sum() >= FEWEST_OF_COLUMN and np.ptp(value[known]) > 0:
            numbers.append(name)
            if min(int(known.sum()), int((~known).sum())) >= FEWEST_OF_COLUMN:
                gaps.append(name)
    seen = np.bincount(rows.stage + 1, minlength=len(rows.stages) + 1)
    stages = tuple(int(k) - 1 for k in np.argsort(-seen, kind="stable") if seen[k] >= FEWEST_OF_COLUMN)
    made = Design(labels, tuple(numbers), tuple(gaps), stages)
    table, groups = made.columns(rows)
    mean = np.array([np.mean(x[np.isfinite(x)]) for x in table.T]) if table.shape[1] else np.empty(0)
    spread = np.array([np.std(x[np.isfinite(x)]) for x in table.T]) + 1e-9 if table.shape[1] else np.empty(0)
    return Design(labels, tuple(numbers), tuple(gaps), stages, groups, mean, spread)


@dataclass(frozen=True, eq=False)
class Logit:
    """A fitted logit.

    Attributes
    ----------
    beta, covariance
        Of the columns of the design, the constant first; the covariance holds that snapshots of one deal go together.
    offset, slope
        How log odds are put right by deals held out.
    ridge
        Weight of the squared coefficients.
    usual
        Mean of the columns by stage; the last row is that of all.
    stages
        The stages that these rows stand for.
    """

    design: Design
    beta: Floats
    covariance: Floats
    offset: float
    slope: float
    ridge: float
    usual: Floats

    def odds(self, rows: Snapshots) -> tuple[Floats, Floats]:
        """Log odds of some rows, and their standard errors."""
        x = self.design.scaled(rows)
        error = np.sqrt(np.maximum(np.einsum("ij,ij->i", x @ self.covariance, x), 0.0))
        return np.clip(self.offset + self.slope * (x @ self.beta), -FURTHEST_ODDS, FURTHEST_ODDS), abs(
            self.slope
        ) * error

    def chance(self, rows: Snapshots) -> Floats:
        """The chance of some rows."""
        return np.asarray(1 / (1 + np.exp(-self.odds(rows)[0])))

    def parts(self, rows: Snapshots) -> tuple[tuple[str, ...], Floats, Floats]:
        """What each thing known adds to the log odds of some rows, against what is usual in their stage.

        Returns
        -------
        The names; a row per row and a column per name; and the standard errors of these sums.
        """
        x = self.design.scaled(rows)
        stage = np.where((rows.stage < 0) | (rows.stage >= len(self.usual) - 1), len(self.usual) - 1, rows.stage)
        far = x - self.usual[stage]
        names = tuple(dict.fromkeys(self.design.groups))
        groups = np.array(["", *self.design.groups], object)
        value, error = np.zeros((2, len(rows), len(names)))
        for k, name in enumerate(names):
            own = np.flatnonzero(groups == name)
            value[:, k] = far[:, own] @ self.beta[own]
            spread = np.einsum("ij,ij->i", far[:, own] @ self.covariance[np.ix_(own, own)], far[:, own])
            error[:, k] = np.sqrt(np.maximum(spread, 0.0))
        return names, self.slope * value, abs(self.slope) * error


def fitted(rows: Snapshots) -> Logit:
    """Learn from snapshots.

    Notes
    -----
    One snapshot, one vote: the rows are then what is open on a day, as the deals that are asked about are. One vote per deal would
    favour those that end fast, which are mostly lost. Open rows count through those that ended (`tables.ipcw`). Ridge (Hoerl
    and Kennard, 1970) by deals held out, whose coefficients are one step of Newton's method away from those of all;
    log odds are then put right on the same held-out deals (Platt, 1999; Cox, 1958). Errors: sandwich by deal
    (Liang and Zeger, 1986), with the prior that the ridge stands for.
    """
    rows = _fewer(rows)
    weight = ipcw(rows)
    weight *= (weight > 0).sum() / max(weight.sum(), 1e-9)
    made = design(rows)
    some = np.flatnonzero(weight > 0)
    x, y, w = made.scaled(rows)[some], (rows.how[some] == HOPED).astype(np.float64), weight[some]
    # Which deal is held out with which does not depend on the order of the rows.
    fold = rows.case[some] % HELD_OUT
    best: tuple[float, float, Floats, Floats] | None = None
    beta = np.zeros(x.shape[1])
    for ridge in RIDGES[::-1]:
        beta = _newton(x, y, w, ridge, beta)
        odds = _held_out(x, y, w, ridge, beta, fold)
        loss = float((w * (np.logaddexp(0, odds) - y * odds)).sum())
        if best is None or loss < best[0]:
            best = loss, ridge, beta, odds
    assert best is not None
    _, ridge, beta, odds = best
    offset, slope = _newton(np.column_stack([np.ones(len(odds)), odds]), y, w, 1e-3, np.array([0.0, 1.0]), free=2)
    covariance = _sandwich(x, y, w, ridge, beta, rows.case[some])
    return Logit(made, beta, covariance, float(offset), float(np.clip(slope, 0.0, 2.0)), ridge, _usual(made, rows))


def _fewer(rows: Snapshots) -> Snapshots:
    """At most so many rows, those of whole deals."""
    if len(rows) <= MOST_SNAPSHOTS:
        return rows
    every = -(-len(rows) // MOST_SNAPSHOTS)
    cases, place = np.unique(rows.case, return_inverse=True)
    return rows.only(place % every == 0) if len(cases) > every else rows


def _penalty(width: int, ridge: float, free: int) -> Floats:
    penalty = np.full(width, ridge)
    penalty[:free] = 1e-6
    return penalty


def _newton(x: Floats, y: Floats, w: Floats, ridge: float, beta: Floats, free: int = 1) -> Floats:
    penalty = _penalty(x.shape[1], ridge, free)

    def objective(b: Floats) -> float:
        odds = x @ b
        return float((w * (y * odds - np.logaddexp(0, odds))).sum() - 0.5 * (penalty * b**2).sum())

    before = objective(beta)
    for _ in range(NEWTON_STEPS):
        p = 1 / (1 + np.exp(-np.clip(x @ beta, -35, 35)))
        step = np.linalg.solve(
            (x * (w * p * (1 - p))[:, None]).T @ x + np.diag(penalty), x.T @ (w * (y - p)) - penalty * beta
        )
        for _ in range(10):
            now = objective(beta + step)
            if now >= before - 1e-9:
                break
            step = step / 2
        beta, gain, before = beta + step, now - before, now
        if gain < CLOSE_ENOUGH * (1 + abs(before)):
            break
    return beta


def _held_out(x: Floats, y: Floats, w: Floats, ridge: float, beta: Floats, fold: Ints) -> Floats:
    """Log odds of each row by the coefficients of the other parts."""
    p = 1 / (1 + np.exp(-np.clip(x @ beta, -35, 35)))
    penalty = np.diag(_penalty(x.shape[1], ridge, 1))
    parts = [np.flatnonzero(fold == k) for k in range(HELD_OUT)]
    curved = [(x[some] * (w * p * (1 - p))[some, None]).T @ x[some] for some in parts]
    steep = [x[some].T @ (w * (y - p))[some] for some in parts]
    odds, whole = np.zeros(len(x)), sum(curved)
    for some, bent, slope in zip(parts, curved, steep, strict=True):
        odds[some] = x[some] @ (beta - np.linalg.solve(whole - bent + penalty, slope))
    return odds


def _sandwich(x: Floats, y: Floats, w: Floats, ridge: float, beta: Floats, deal: Ints) -> Floats:
    p = 1 / (1 + np.exp(-np.clip(x @ beta, -35, 35)))
    penalty = np.diag(_penalty(x.shape[1], ridge, 1))
    bread = np.linalg.inv((x * (w * p * (1 - p))[:, None]).T @ x + penalty)
    order = np.argsort(deal, kind="stable")
    starts = np.flatnonzero(np.diff(deal[order], prepend=-1))
    score = np.add.reduceat((x * (w * (y - p))[:, None])[order], starts, axis=0)
    return np.asarray(bread @ (score.T @ score + penalty) @ bread)


def _usual(made: Design, rows: Snapshots) -> Floats:
    x = made.scaled(rows)
    code = np.where(rows.stage < 0, len(rows.stages), rows.stage)
    every = x.mean(axis=0)
    found = [
        x[code == k].mean(axis=0) if (code == k).sum() >= FEWEST_OF_COLUMN else every for k in range(len(rows.stages))
    ]
    return np.array([*found, every])
