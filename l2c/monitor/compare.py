"""Did it work? The same numbers before and after a date, both sides seen for equally long."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd

from l2c import stats
from l2c.diagnose.tidy import noted
from l2c.kpis import figures, named
from l2c.log import EventLog
from l2c.measures.facts import Facts
from l2c.measures.observations import observations
from l2c.monitor.adjusted import Adjusted
from l2c.monitor.sides import moment, sides, told
from l2c.words.errors import BadComparison, UnknownName
from l2c.words.measures import Measure, fair
from l2c.words.notes import Note

# Of the earlier dates, so many may show a step as large as the real one.
PLACEBOS = 0.05


def compare(
    log: EventLog, date: str | datetime, *, days: float | None = None, kpi: str | None = None, level: float = 0.95
) -> pd.DataFrame:
    """Compare what began before a date with what began after it.

    Parameters
    ----------
    date
        The day of the change.
    days
        Length of both windows; the longest that fits on both sides unless given.
    kpi
        The one KPI that was announced before the change, to be judged alone; all of them unless given. For a rate to date,
        the same rate among those followed for long enough is compared, and the note says so.
    level
        Level of the intervals; what is left of 1 is the share of false alarms.

    Returns
    -------
    One row per KPI that these data hold: `kpi, unit`; the numbers as they stand, `before, before_low, before_high`, `after,
    after_low, after_high` and `raw, raw_low, raw_high` (after minus before); `difference, low, high`: the
    step at the date beside trend, season and another mix of cases, in the same unit; its `p`, and `q` over the rows of
    the table; `placebos` (earlier dates at which the same was asked) and `rank` (place of the real date among them: 1 is
    the largest step of all); `verdict`: `beyond_chance`, `within_chance` or `unknown` (too little to tell); `season`: whether a season could be told from a step; `cases_before, cases_after`; `horizon_days`;
    `window_start, change_date, window_end` (first day of the window before, the date, end of the window after). NaN
    with fewer than 20 cases on either side. Numbers to date are not compared: `attrs["note"]` names those that this log
    holds in no other way.

    Raises
    ------
    BadComparison
        If the date is not one, or leaves no room for the windows; if the KPI is a number to date.
    UnknownName
        If there is no such KPI.

    Notes
    -----
    The window before the date ends at it, and what happened later is not used: both sides then have young cases that
    are not finished, in the same proportion. A side holds what began in its window (for `quote_to_contract_days`: the
    first quote). Durations are restricted means: days until the end within the first `horizon_days`, open cases
    censored (`stats.restricted_mean_among`); they differ from the medians of `kpis`, exist where a median is not
    reached yet, and go by another name wherever they are shown. Incidences are of the same days on both sides, other rates
    those at the end of each window, differences by Newcombe. Comparing closed deals by the date
    of their creation would find an improvement in every log, because the slow ones of the last months are not closed.

    The difference is that of an interrupted time series (Wagner et al., 2002) of weekly means, see `monitor.adjusted` and
    `stats.shifts`: all that began since the history does, each case watched for the same days; a trend; a wave a year
    where there is more than a year; what the cases came with; weekly shocks that hang together. `beyond_chance` asks for q
    (Benjamini and Hochberg, 1995) of at most `1 - level`, and for a step larger than those at 19 in 20 earlier dates. A
    step at the date has no other cause named by this: what else happened on that day looks the same.
    """
    cut = sides(log, moment(date, log), days)
    rows: list[tuple[object, ...]] = []
    for each in _asked(log, kpi):
        found = told(cut, cut.seen(each.id), level)
        if any(found.cases):
            numbers = (*found.before, *found.after, *found.raw, *found.step, *found.cases, found.horizon)
            rows.append((each.id, each.unit, *numbers))
    names = ["before", "before_low", "before_high", "after", "after_low", "after_high"]
    names += ["raw", "raw_low", "raw_high", *Adjusted._fields]
    table = pd.DataFrame(rows, columns=["kpi", "unit", *names, "cases_before", "cases_after", "horizon_days"])
    table.insert(list(table).index("placebos"), "q", stats.q_values(table["p"]))
    table.insert(list(table).index("season"), "verdict", _verdicts(table, level))
    (begin, change), (_, end) = cut.windows
    dates = {"window_start": begin, "change_date": change, "window_end": end}
    walls = {name: log.clock.wall(pd.Timestamp(moment, unit="us")) for name, moment in dates.items()}
    instead = None if kpi is None or fair(kpi) == kpi else Note("not_to_date", asked=kpi, told=fair(kpi))
    return noted(named(table.assign(**walls), log), left_out(cut.facts[1]) if kpi is None else instead)


def _asked(log: EventLog, kpi: str | None) -> tuple[Measure, ...]:
    """The one KPI, or all that are compared."""
    if kpi is None:
        return compared(log)
    known, wanted = {each.id: each for each in compared(log)}, fair(kpi)
    if wanted in known:
        return (known[wanted],)
    measure = figures(log).get(kpi)
    raise BadComparison.so_far(kpi, known) if measure and measure.so_far else UnknownName.metric(kpi, known)


def _verdicts(table: pd.DataFrame, level: float) -> list[str]:
    """What is said of each row."""
    among = table["rank"] / (table["placebos"] + 1)
    # Few earlier dates: the real one must be the first of them.
    high = (among <= PLACEBOS) | (table["rank"] == 1) | (table["placebos"] == 0)
    sure = (table["q"] <= 1 - level) & high
    return list(np.select([table["p"].isna(), sure], ["unknown", "beyond_chance"], "within_chance"))


def compared(log: EventLog) -> tuple[Measure, ...]:
    """The KPIs of which it is known when a case, or an object of one, came to be counted.

    Numbers to date are none of them: the younger the cases, the less has become of them.
    """
    return tuple(kpi for kpi in figures(log).values() if kpi.start and not kpi.so_far)


def left_out(facts: Facts) -> Note | None:
    """Name the numbers to date that are not compared, and stand there in no other way."""
    alone = [kpi.id for kpi in figures(facts.log).values() if kpi.start and kpi.so_far and fair(kpi.id) == kpi.id]
    held = tuple(id for id in alone if (found := observations(facts, id)).told and len(found))
    return Note("to_date_left_out", kpis=held) if held else None
