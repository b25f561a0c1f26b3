"""Which key figures have moved since a day, beyond what chance does to a list of them?"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c import stats
from l2c.diagnose.tidy import noted
from l2c.kpis import named
from l2c.log import EventLog
from l2c.measures.facts import DAY, Facts, micros
from l2c.measures.observations import observations
from l2c.measures.watched import Watched, watched
from l2c.monitor.compare import compared, left_out
from l2c.stats import SMALLEST_SAMPLE

# Cases are watched for as long as half of them need: what is longer tells of last season.
HALF_HAVE_ENDED = 0.5
# Earlier windows that say by how much one differs from the next; fewer than the least do not.
MOST_WINDOWS, FEWEST_WINDOWS = 12, 5
COLUMNS = (
    "kpi",
    "unit",
    "usual",
    "lately",
    "difference",
    "low",
    "high",
    "p",
    "verdict",
    "cases",
    "windows",
    "horizon_days",
)


def moved(log: EventLog, since: datetime, *, level: float = 0.95) -> pd.DataFrame:
    """Compare what became known since a day with what had been known before, each case watched for equally long.

    Parameters
    ----------
    since
        The day, in naive UTC: when the data of the last run were taken.
    level
        Level of the intervals; what is left of 1 is the share of lists in which anything is called moved though nothing has.

    Returns
    -------
    One row per KPI that has cases: `kpi, unit`; `usual` (before) and `lately` (of the cases that became known since) as means of
    what the cases reached within `horizon_days` of their start; their `difference` with `low, high`; its `p`; `verdict`:
    `beyond_chance`, `within_chance` or `unknown`; `cases` that became known since; `windows`, the earlier ones of the same length.
    NaN with fewer than 20 cases, or fewer than 5 windows before.

    Notes
    -----
    Two runs hold mostly the same cases, so their numbers are no two samples. Here each case counts once: in the window in
    which the last of its `horizon_days` fell, and no window knows more of a case than another. By how much windows differ beyond
    the spread of their cases is learnt from the earlier ones (Student's t with their degrees of freedom), so that trend,
    season and weeks that go together do not count as news. Verdicts hold for the list together (Holm, 1979), intervals are plain.
    """
    facts = Facts.of(log)
    width = micros(log.extracted) - micros(since)
    rows: list[tuple[object, ...]] = []
    for each in compared(log):
        found = observations(facts, each.id)
        if not len(found):
            continue
        seen = watched(facts, found, most=_longest(facts, width), reach=HALF_HAVE_ENDED) if width > 0 else None
        step = _step(seen, facts.until, width, level) if seen is not None else NOTHING
        rows.append((each.id, each.unit, *step))
    table = pd.DataFrame(rows, columns=[c for c in COLUMNS if c != "verdict"])
    sure = stats.holm(table["p"]) <= 1 - level
    verdict = np.select([table["p"].isna(), sure], ["unknown", "beyond_chance"], "within_chance")
    table.insert(COLUMNS.index("verdict"), "verdict", verdict)
    return noted(named(table, log), left_out(facts))


class _Step(NamedTuple):
    usual: float = float("nan")
    lately: float = float("nan")
    difference: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")
    p: float = float("nan")
    cases: int = 0
    windows: int = 0
    horizon: float = float("nan")


NOTHING = _Step()


def _longest(facts: Facts, width: int) -> float:
    """So long may be watched that enough windows are left."""
    return max((facts.until - facts.watched[0] - (FEWEST_WINDOWS + 1) * width) / DAY, 0.0)


def _step(seen: Watched, until: int, width: int, level: float) -> _Step:
    known = until - seen.start - int(seen.horizon * DAY)
    window = np.floor(known / width).astype(np.int64)
    kept = (window >= 0) & (window <= MOST_WINDOWS)
    values, window = seen.value[kept], window[kept]
    weight = np.ones(len(values)) if seen.weight is None else seen.weight[kept]
    count = np.bincount(window, minlength=1)
    full = np.flatnonzero(count >= SMALLEST_SAMPLE)
    before = full[full > 0]
    if not count[0]:
        return NOTHING
    held = _Step(cases=int(count[0]), windows=len(before), horizon=seen.horizon)
    if count[0] < SMALLEST_SAMPLE or len(before) < FEWEST_WINDOWS:
        return held
    means, variances = _means(values, weight, window)
    inside = float(np.average(variances[before] * count[before], weights=count[before]))
    if not inside > 0:
        return held
    # By how much windows differ beyond their cases (DerSimonian and Laird, 1986), whatever number of cases each has.
    exact = count[before] / inside
    centre = float(np.average(means[before], weights=exact))
    freedom = len(before) - 1
    beyond = float((exact * (means[before] - centre) ** 2).sum()) - freedom
    between = max(beyond / float(exact.sum() - (exact**2).sum() / exact.sum()), 0.0)
    held_by = 1 / (1 / exact + between)
    usual = float(np.average(means[before], weights=held_by))
    error = float(np.sqrt(inside / count[0] + between + 1 / held_by.sum()))
    from scipy.special import stdtr, stdtrit

    gap = float(means[0]) - usual
    half = float(stdtrit(freedom, 0.5 + level / 2)) * error
    p = 2 * float(stdtr(freedom, -abs(gap) / error))
    return held._replace(usual=usual, lately=float(means[0]), difference=gap, low=gap - half, high=gap + half, p=p)


def _means(
    values: NDArray[np.float64], weight: NDArray[np.float64], window: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weighted mean of each window, and the variance of that mean."""
    with np.errstate(divide="ignore", invalid="ignore"):
        whole = np.bincount(window, weight)
        means = np.bincount(window, weight * values) / whole
        apart = (weight * (values - means[window])) ** 2
        return means, np.bincount(window, apart) / whole**2
