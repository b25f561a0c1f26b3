"""Does anything go slower than it should: which step, since when, and by how much?"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c.diagnose.rules.compliance import Source
from l2c.diagnose.tidy import noted
from l2c.log import EventLog
from l2c.measures.facts import Facts
from l2c.monitor import watch
from l2c.monitor.compare import moment
from l2c.monitor.expected import Counts
from l2c.stats import cusum
from l2c.words.notes import Note

COLUMNS = (
    "kpi", "step", "week", "observed", "expected", "ratio", "low", "high", "cusum", "limit", "alarm", "since", "since_ratio", "since_low",
    "since_high",
)  # fmt: skip
Floats = NDArray[np.float64]
DAYS_A_WEEK = 7
# Without a date the second half of the history is watched, at most a year, from the begin of a block of so many weeks: the
# chart of next Monday then has the same base.
BLOCK_OF_WEEKS = 4
# Fewer weeks tell no base, and more are another company.
FEWEST_WEEKS, MOST_WEEKS = 13, 104


class Weeks(NamedTuple):
    """The weeks of a chart: the Monday of the first (days since 1970), how many there are, and how many are the base."""

    first: int
    many: int
    base: int

    @property
    def edges(self) -> NDArray[np.int64]:
        """The day with which each begins, and the one after the last."""
        return np.asarray(self.first + DAYS_A_WEEK * np.arange(self.many + 1))


def pace(
    log: EventLog,
    date: str | datetime | None = None,
    *,
    kpi: str | None = None,
    rules: Source = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Hold what ended in each week against what should have ended, had all gone on as in the weeks before a date.

    Parameters
    ----------
    date
        Since when the weeks are watched; those before it are the base. The second half of the history, at most a year,
        unless given: name a date to keep one base from Monday to Monday.
    kpi
        A KPI or rule to watch instead of the steps: of durations the ends, of rates what came true among what was due in the
        week, of a rule those that broke it among the deals closed in the week.
    rules
        A YAML file of rules (see docs/rules.md); those shipped with the kit unless given.
    level
        Level of the intervals; what is left of 1 is the share of years in which chance alone alarms, in any of the series.

    Returns
    -------
    One row per series and week, in the order of the process and of time: `kpi` (`step_days` for steps); `step` (pair of
    activities, None for a KPI); `week` (its Monday, in the zone of the business); `observed` ends; `expected` ends; `ratio` of
    the two with `low, high`; in the watched weeks `cusum` (evidence that adds up: above 0 for more ends than expected,
    below 0 for fewer), `limit` (an alarm where the cusum is as far from 0), `alarm`; `since` (the week with which that
    evidence began to add up) and `since_ratio`, observed by expected since then, with `since_low, since_high`. Weeks of the base have no
    cusum. Ends after a wait longer than 99 % of those of the base are neither observed nor expected. Steps with fewer than 100 ends in the base have no rows, the week of the extraction neither: it is not over.
    `attrs["note"]` says why a table is empty, or that the base holds no whole year.

    Raises
    ------
    BadComparison
        If the date is none.
    UnknownName
        If there is no such KPI or rule.

    Notes
    -----
    Expected is the sum of hazards by age, and by the attribute that tells most, of all that waited in the week, however young
    (see `monitor.expected`). The chart is a CUSUM of likelihood ratios (see `stats.cusum`): its limit is simulated, with how
    the weeks of the base scattered and hung together and with how well the base is known. What comes every year, or holidays, is
    not known of a base of less than a year: no single week counts for more than one 1.7 times as slow, and weeks in which everything
    stands still, at most two in a row, count for nothing, with the one after them. A ratio since the week
    that looks worst is further from 1 than what comes. In a log in working hours, days off are none at risk.
    """
    facts = Facts.of(log)
    weeks = _weeks(facts, None if date is None else moment(date, log))
    if weeks is None:
        return noted(
            pd.DataFrame(columns=list(COLUMNS)), Note("few_for_pace", weeks=2 * FEWEST_WEEKS, base=FEWEST_WEEKS)
        )
    counts: Counts | None
    if kpi is None:
        names, counts = watch.steps(facts, weeks.edges, weeks.base)
    else:
        names, counts = watch.figure(facts, kpi, rules, weeks.edges, weeks.base)
    if counts is None:
        return noted(pd.DataFrame(columns=list(COLUMNS)), Note("no_pace"))
    if not names:
        return noted(pd.DataFrame(columns=list(COLUMNS)), Note("few_ends_for_pace", n=watch.FEWEST_ENDS_WATCHED))
    made = cusum.chart(*counts, weeks.base, 1 - level)
    table = _table(names, counts, made, weeks, level)
    table.attrs["false_alarms"] = round(1 - level, 12)
    return noted(table, None if weeks.base >= cusum.WEEKS_A_YEAR else Note("no_season"))


def _weeks(facts: Facts, date: int | None) -> Weeks | None:
    """The whole weeks of a log; None where there are too few."""
    since, until = (facts.clock.day(when) for when in facts.watched)
    first, last = _monday(since + DAYS_A_WEEK - 1), _monday(facts.today if until else until)
    if date is None:
        begin = max(last - DAYS_A_WEEK * cusum.WEEKS_A_YEAR, first + (last - first) // DAYS_A_WEEK // 2 * DAYS_A_WEEK)
        begin -= (begin - _monday(0)) // DAYS_A_WEEK % BLOCK_OF_WEEKS * DAYS_A_WEEK
    else:
        begin = _monday(facts.clock.day(date) + DAYS_A_WEEK - 1)
    first = max(first, begin - MOST_WEEKS * DAYS_A_WEEK)
    base, many = (begin - first) // DAYS_A_WEEK, (last - first) // DAYS_A_WEEK
    return Weeks(first, many, base) if base >= FEWEST_WEEKS and many > base else None


def _monday(day: int) -> int:
    """The Monday of a day's week; day 0 was a Thursday."""
    return (day + 3) // DAYS_A_WEEK * DAYS_A_WEEK - 3


def _table(names: list[watch.Name], counts: Counts, made: cusum.Chart, weeks: Weeks, level: float) -> pd.DataFrame:
    """A row per series and week."""
    seen, should, base = counts.observed, counts.expected, weeks.base
    chance = np.where(np.isinf(counts.trials), 0.0, should / np.maximum(counts.trials, 1e-9))
    scatter = made.dispersion * (1 - chance)
    nothing = np.full((len(names), base), np.nan)
    sums = np.hstack([nothing, made.cusum])
    # The week with which the evidence began to add up; itself where there is none.
    now = np.arange(weeks.many)
    began = np.hstack([np.broadcast_to(now[:base], nothing.shape), np.minimum(made.since + base, now[base:])])
    adds = np.hstack([np.zeros(nothing.shape, bool), made.since + base <= now[base:]])
    since = (np.where(adds, _between(each, began), np.nan) for each in (seen, should, scatter * should))
    found, awaited, scattered = since
    columns: dict[str, Any] = dict(
        zip(("ratio", "low", "high"), cusum.ratio(seen, should, scatter, level), strict=True)
    )
    paces = cusum.ratio(found, awaited, scattered / np.maximum(awaited, 1e-9), level)
    columns |= dict(zip(("since_ratio", "since_low", "since_high"), paces, strict=True))
    columns |= {"observed": seen, "expected": should, "cusum": sums}
    columns["limit"] = np.where(np.isnan(sums), np.nan, made.limit[:, None])
    columns["alarm"] = np.abs(np.nan_to_num(sums)) >= made.limit[:, None]
    monday = weeks.edges[:-1].astype("datetime64[D]").astype("datetime64[us]")
    columns["week"] = np.broadcast_to(monday, sums.shape)
    columns["since"] = np.where(adds, monday[began], np.datetime64("NaT", "us"))
    table = pd.DataFrame({name: np.ravel(values) for name, values in columns.items()})
    table["kpi"] = np.repeat([kpi for kpi, _ in names], weeks.many)
    steps = [step for _, step in names for _ in range(weeks.many)]
    table["step"] = pd.Series(steps, dtype=object)
    return table[list(COLUMNS)]


def _between(each: Floats, began: NDArray[np.int64]) -> Floats:
    """What adds up in each row from a week to each week."""
    total = np.hstack([np.zeros((len(each), 1)), np.cumsum(each, axis=1)])
    return np.asarray(total[:, 1:] - np.take_along_axis(total, began, axis=1))
