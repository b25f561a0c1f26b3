"""Which way of foretelling holds here? Each at earlier dates of this log, against what came."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c.diagnose.tidy import noted
from l2c.log import EventLog
from l2c.monitor.pipeline import tables
from l2c.monitor.pipeline import ways as told
from l2c.monitor.pipeline.blend import DRAWS_THEN, EARLIER_DATES, FEWEST_SINCE, RUNS_THEN, seen, weighed
from l2c.monitor.pipeline.chances import BLEND, CHANCE_LEVEL, DEAL_RUNS, NONE, NOTHING, chances, reweighted
from l2c.monitor.pipeline.lives import DEALS, HOPED, OPEN, Of, lives
from l2c.monitor.pipeline.snapshots import Snapshots
from l2c.monitor.pipeline.tenths import tenths
from l2c.monitor.pipeline.ways import CELLS, CLOSED, LOGIT, OVERALL, OWN, SHOWN, STAGE, TWIN, Ways
from l2c.words.notes import Note

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
METHODS = (OVERALL, CLOSED, STAGE, CELLS, OWN, LOGIT, TWIN, SHOWN)
COLUMNS = ("date", "method", "brier", "skill", "slope", "bias", "covers", "crps", "cases", "used")
# Fewer draws that end tell of no range.
FEWEST_DRAWS = 20


def calibration(log: EventLog, of: Of = DEALS) -> pd.DataFrame:
    """Hold each way of foretelling against what came, at earlier dates of the log, by what was known on them.

    Parameters
    ----------
    of
        `deals` or `leads`, as for `chances`.

    Returns
    -------
    One row per date and method, the last date first, and a row per method for all dates together (`date` NaT), those first:
    `date`; `method` (overall: share won of all closed deals; closed: of those seen in the stage; stage: the stage table with
    open deals counted; stage_and_days: by the days in the stage too; probability: Salesforce's own; logit; simulation; blend: what
    is shown); `brier` (mean squared error of the chance); `skill` (how much smaller that is than of the stage table; negative
    where it is larger); `slope` (1 where chances are neither too bold nor too timid; NaN where all are the same);
    `bias` (mean chance less the share that came); `covers` and `crps` of the days to the end (share inside the 90 % range; mean error of the
    distribution in days; NaN of ways that say nothing of days); `cases` open on the date; `used` (whether the kit shows it).
    `attrs["tenths"]`: tenths of the chances of the way that is used, all dates together (see `tenths.tenths`); none where nothing is.

    Notes
    -----
    How far the blend leaves the table at a date is learnt from the other dates and other deals; all else from what was known on it.
    Deals that are still open count through those like them that have ended (inverse probability of censoring weights; Graf et al.,
    1999). Slope: Cox (1958). CRPS: Gneiting and Raftery (2007).
    """
    return log.base.memo(("calibration", of), lambda: _calibration(log, of)).copy()


def _calibration(log: EventLog, of: Of) -> pd.DataFrame:
    today = lives(told.ground(log, of), of)
    now = chances(log, of=of)
    rows, every = [], []
    pieces = seen(log, None, of)
    for moment in told.earlier(today, EARLIER_DATES):
        then = told.ways(log, moment, of, runs=RUNS_THEN, draws=DRAWS_THEN)
        if then.table is None:
            continue
        kept, came = told.came(then, today)
        if (came.how != OPEN).sum() < FEWEST_SINCE:
            continue
        others = [each.without(then.keys) for date, each in pieces.items() if date != moment]
        blend = weighed([each for each in others if each.weight.sum() > 0]) if LOGIT in then.share else NOTHING
        share = then.share | {SHOWN: blend.chance(then)}
        days = {name: _days(then, name, share[SHOWN]) for name in share}
        tested = {
            name: Tested.of(
                then.keys[kept], share[name][kept], came, None if (own := days[name]) is None else own[:, kept]
            )
            for name in METHODS
            if name in share
        }
        every.append(tested)
        rows += _rows(moment, tested, now.used)
    if not every:
        return noted(_table([]), now.note or Note("calibration_short"))
    names = [name for name in METHODS if any(name in tested for tested in every)]
    whole = {name: Tested.together([tested[name] for tested in every if name in tested]) for name in names}
    found = noted(_table([*_rows(None, whole, now.used), *rows]), now.note)
    if now.used != NONE:
        used = whole[SHOWN if now.used == BLEND else STAGE]
        found.attrs["tenths"] = tenths(used.key, used.share, used.hit, used.weight)
    return found


class Tested(NamedTuple):
    """What was said of some deals, and what came: chances, outcomes and weights, and the error and range of the days by deal."""

    key: Ints
    share: Floats
    hit: Floats
    weight: Floats
    crps: Floats
    inside: Floats
    dates: Ints

    @classmethod
    def of(cls, key: Ints, share: Floats, came: Snapshots, days: Floats | None) -> Tested:
        """Hold chances, and draws of the days, against what came."""
        weight = tables.ipcw(came)
        kept = weight > 0
        nothing = np.full(int(kept.sum()), np.nan)
        crps, inside = (nothing, nothing) if days is None else _of_days(days[:, kept], came.left[kept])
        hit = (came.how[kept] == HOPED).astype(np.float64)
        weight = weight[kept] * len(came) / weight.sum()
        return cls(key[kept], share[kept], hit, weight, crps, inside, np.full(len(hit), len(came)))

    @classmethod
    def together(cls, parts: list[Tested]) -> Tested:
        """Several dates as one; each counts as much as another."""
        scaled = [part._replace(weight=part.weight / part.weight.sum()) for part in parts]
        return cls(*(np.concatenate(each) for each in zip(*scaled, strict=True)))

    @property
    def brier(self) -> float:
        """Mean squared error of the chances."""
        return float(np.average((self.share - self.hit) ** 2, weights=self.weight))

    @property
    def bias(self) -> float:
        """Mean chance less the share that came."""
        return float(np.average(self.share - self.hit, weights=self.weight))

    @property
    def slope(self) -> float:
        """The slope of what came on the log odds that were said."""
        return slope(self.share, self.hit, self.weight)

    def mean(self, values: Floats) -> float:
        """Mean of what is known by deal."""
        known = np.isfinite(values)
        return float(np.average(values[known], weights=self.weight[known])) if known.any() else float("nan")


def slope(share: Floats, hit: Floats, weight: Floats) -> float:
    """The slope of a logistic regression of what came on the log odds that were said; NaN where all were the same."""
    odds = np.log(np.clip(share, 1e-3, 1 - 1e-3) / (1 - np.clip(share, 1e-3, 1 - 1e-3)))
    if np.ptp(odds) < 1e-9 or not 0 < (weight * hit).sum() < weight.sum():
        return float("nan")
    root = weight * len(weight) / weight.sum()
    # A row that counts w times, without rows of parts: its own row twice, won and lost, cannot be had of `logistic`.
    beta = np.array([0.0, 1.0])
    x = np.column_stack([np.ones(len(odds)), odds])
    for _ in range(25):
        p = 1 / (1 + np.exp(-np.clip(x @ beta, -35, 35)))
        step = np.linalg.solve((x * (root * p * (1 - p))[:, None]).T @ x + 1e-9 * np.eye(2), x.T @ (root * (hit - p)))
        beta = beta + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-8:
            break
    return float(beta[1])


def _days(then: Ways, name: str, share: Floats) -> Floats | None:
    """Draws of the days to the end of the deals, by a way that tells of them."""
    rng = np.random.default_rng(11)
    if name == STAGE and then.table is not None:
        return then.table.draw(then.now.stage, rng, DEAL_RUNS)[1]
    if then.twin is None or name not in (TWIN, SHOWN):
        return None
    return then.twin.over if name == TWIN else reweighted(then.twin.hoped, then.twin.over, share, rng)[1]


def _of_days(days: Floats, left: Floats) -> tuple[Floats, Floats]:
    """Of each deal, the error of the distribution of its days, and whether its range holds them."""
    crps, inside = np.full((2, len(left)), np.nan)
    for k, real in enumerate(left):
        own = np.sort(days[np.isfinite(days[:, k]), k])
        n = len(own)
        if n < FEWEST_DRAWS:
            continue
        apart = 2 * (own * (2 * np.arange(1, n + 1) - n - 1)).sum() / n**2
        crps[k] = np.abs(own - real).mean() - apart / 2
        low, high = np.quantile(own, [(1 - CHANCE_LEVEL) / 2, (1 + CHANCE_LEVEL) / 2], method="weibull")
        inside[k] = low <= real <= high
    return crps, inside


def _rows(moment: datetime | None, tested: dict[str, Tested], used: str) -> list[tuple[object, ...]]:
    against = tested[STAGE].brier
    rows: list[tuple[object, ...]] = []
    for name, each in tested.items():
        skill = 1 - each.brier / against if against > 0 else np.nan
        many = int(each.dates[0]) if moment is not None else int(sum(np.unique(each.dates)))
        shown = name == (SHOWN if used == BLEND else STAGE) and used != NONE
        measured = each.brier, skill, each.slope, each.bias, each.mean(each.inside), each.mean(each.crps)
        rows.append((moment, name, *measured, many, shown))
    return rows


def _table(rows: list[tuple[object, ...]]) -> pd.DataFrame:
    found = pd.DataFrame(rows, columns=list(COLUMNS))
    kinds = {name: float for name in ("brier", "skill", "slope", "bias", "covers", "crps")}
    found["date"] = pd.to_datetime(found["date"])
    return found.astype(kinds | {"cases": int, "used": bool, "method": object})
