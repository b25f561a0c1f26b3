"""What becomes of deals in this stage? The table that a model has to beat, with open deals counted as long as they were watched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l2c.monitor.pipeline.lives import FAILED, HOPED, OPEN
from l2c.monitor.pipeline.snapshots import Snapshots
from l2c.stats import competing

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
# A stage counts as much as so many deals of all stages together until it has ended ones of its own.
STRENGTH = 10.0
# No row counts for more than one by this share.
LEAST_WATCHED = 0.05
# With fewer ends the days to the end are those of all stages.
FEWEST_DAYS = 20
# Cells of a stage by the time in it, and the rows that one needs.
CELLS, FEWEST_OF_CELL = 4, 20


@dataclass(frozen=True, eq=False)
class Table:
    """Chance to end as hoped by stage; places beyond the stages, and stages not seen, are as all together.

    Attributes
    ----------
    share
        Of each stage, and of all as the last: the share that ends as hoped.
    days
        Of each of them, and of both ends, days and the share of that end by then.
    """

    share: Floats
    days: tuple[Any, ...]

    def of(self, stage: Ints) -> Floats:
        """The chance of some deals by their stage."""
        return self.share[self._place(stage)]

    def _place(self, stage: Ints) -> Ints:
        all_of_them = len(self.share) - 1
        return np.where((stage < 0) | (stage >= all_of_them), all_of_them, stage)

    def draw(self, stage: Ints, rng: np.random.Generator, runs: int) -> tuple[Floats, Floats]:
        """Days until deals end as hoped, and until they end at all; the first infinite where they do not: a row per run."""
        place = self._place(stage)
        u, v = rng.random((2, runs, len(stage)))
        hoped = u < self.share[place]
        days = np.full(u.shape, np.inf)
        for k in np.unique(place):
            own = place == k
            for end in (HOPED, FAILED):
                some = np.flatnonzero(own[None, :] & (hoped if end == HOPED else ~hoped))
                wait, share = self.days[k][end]
                if len(wait):
                    at = np.searchsorted(share, v.flat[some] * share[-1], "right")
                    days.flat[some] = wait[np.minimum(at, len(wait) - 1)]
        return np.where(hoped, days, np.inf), days


def learnt(rows: Snapshots) -> Table:
    """Learn the table from snapshots.

    Notes
    -----
    Aalen and Johansen (1978), per stage: deals that are still open count as long as they were watched. What is left at
    the end of the curve has the shares of what ended: the chance is that of deals that are decided at all.
    """
    stages = len(rows.stages)
    code = np.where(rows.stage < 0, stages, rows.stage)
    whole = _curve(rows.left, rows.how)
    found = []
    for k in range(stages):
        some = code == k
        own = _curve(rows.left[some], rows.how[some])
        deals = len(np.unique(rows.case[some & (rows.how != OPEN)]))
        part = deals / (deals + STRENGTH)
        shares = part * own[0] + (1 - part) * whole[0]
        days = tuple(a if len(a[0]) >= FEWEST_DAYS else b for a, b in zip(own[1], whole[1], strict=True))
        found.append((shares, days))
    found.append(whole)
    shares = np.array([each for each, _ in found])
    return Table(shares[:, HOPED], tuple(days for _, days in found))


def _curve(left: Floats, how: Ints) -> tuple[Floats, Any]:
    """The shares of both ends, and days and shares of each by then."""
    order = np.lexsort((how == OPEN, left))
    found = competing.weights(np.zeros(len(left), np.int64), how[order], left[order], 1, 2)
    curves, total = [], np.zeros(2)
    for end in (HOPED, FAILED):
        own = slice(found.first[end], found.first[end + 1]) if len(found.row) else slice(0, 0)
        curves.append((found.days[own], np.cumsum(found.weight[own])))
        total[end] = found.weight[own].sum()
    return total / total.sum() if total.sum() > 0 else np.array([0.5, 0.5]), tuple(curves)


def ipcw(rows: Snapshots) -> Floats:
    """What each row counts for, so that those that ended stand for those like them that have not yet: 0 of open ones.

    Notes
    -----
    Inverse probability of censoring weights (Robins and Rotnitzky, 1992): one by the share still watched when it ended
    (Kaplan and Meier, 1958), per stage, since stages differ in the time that is left. Never more than 1 by `LEAST_WATCHED`.
    """
    weight = np.zeros(len(rows))
    for stage in np.unique(rows.stage):
        some = np.flatnonzero(rows.stage == stage)
        # Of one moment, those that ended are still watched; who was not watched for longer stands behind them.
        order = some[np.lexsort((rows.how[some] == OPEN, rows.left[some]))]
        risk = np.arange(len(order), 0, -1)
        lost = np.where(rows.how[order] == OPEN, 1 / risk, 0.0)
        watched = np.concatenate([[1.0], np.cumprod(1 - lost)[:-1]])
        weight[order] = np.where(rows.how[order] == OPEN, 0.0, 1 / np.maximum(watched, LEAST_WATCHED))
    return weight


def closed_share(rows: Snapshots) -> tuple[float, Floats]:
    """Share won of the deals that were closed: of all, and of those seen in each stage; what reports of a CRM show."""
    ended = rows.how != OPEN
    every = _shares(rows.case[ended], np.zeros(int(ended.sum()), np.int64), rows.how[ended], 1, 0.5)[0]
    code = np.where(rows.stage < 0, len(rows.stages), rows.stage)[ended]
    return float(every), _shares(rows.case[ended], code, rows.how[ended], len(rows.stages) + 1, float(every))


def _shares(case: Ints, code: Ints, how: Ints, many: int, nothing: float) -> Floats:
    """Of the deals of each code, each counted once, the share that ended as hoped."""
    pairs, at = np.unique(case * many + code, return_index=True)
    total = np.bincount(pairs % many, minlength=many)
    won = np.bincount(pairs % many, (how[at] == HOPED).astype(float), many)
    return np.where(total > 0, won / np.maximum(total, 1), nothing)


def by_time_in_stage(rows: Snapshots, asked: Snapshots, table: Table) -> Floats:
    """The chance of some deals by their stage and the quarter of the days in it, drawn towards that of the stage."""
    found = table.of(asked.stage)
    for stage in np.unique(asked.stage):
        some, own = np.flatnonzero(asked.stage == stage), rows.stage == stage
        days = rows.numbers["in_stage_days"][own]
        if len(days) < CELLS * FEWEST_OF_CELL:
            continue
        cuts = np.quantile(days, np.arange(1, CELLS) / CELLS)
        cell, mine = np.searchsorted(cuts, days), np.searchsorted(cuts, asked.numbers["in_stage_days"][some])
        for k in range(CELLS):
            there = cell == k
            left, how = rows.left[own][there], rows.how[own][there]
            deals = len(np.unique(rows.case[own][there][how != OPEN]))
            if there.sum() < FEWEST_OF_CELL or not deals:
                continue
            share = _curve(left, how)[0][HOPED]
            found[some[mine == k]] = (share * deals + table.share[stage] * STRENGTH) / (deals + STRENGTH)
    return found
