"""Did it work? The same numbers before and after a date, both sides seen for equally long."""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple

import numpy as np
import pandas as pd

from l2c import engine, stats
from l2c.kpis import figures, named
from l2c.log import EventLog
from l2c.measures.facts import DAY, Facts, micros
from l2c.measures.followed import horizon
from l2c.measures.observations import observations
from l2c.measures.spans import OTHERWISE, Observations
from l2c.measures.summary import summary
from l2c.prepare import options
from l2c.stats import SMALLEST_SAMPLE, UNKNOWN, Estimate
from l2c.words.errors import BadComparison, BadOption
from l2c.words.measures import Measure

# Both sides are compared up to the day to which this share of their cases could have been watched.
WATCHED = 0.1


def compare(log: EventLog, date: str | datetime, *, days: float | None = None, level: float = 0.95) -> pd.DataFrame:
    """Compare what began before a date with what began after it.

    Parameters
    ----------
    date
        The day of the change.
    days
        Length of both windows; the longest that fits on both sides unless given.
    level
        Level of the intervals.

    Returns
    -------
    One row per KPI that these data hold: `kpi, unit`; `before, before_low, before_high`; `after, after_low,
    after_high`; `difference` (after minus before) with `low, high`; `cases_before, cases_after`; `horizon_days`;
    `window_start, change_date, window_end` (first day of the window before, the date, end of the window after). NaN
    with fewer than 20 cases on either side. With twenty rows, one interval without zero is what chance alone brings.

    Raises
    ------
    BadComparison
        If the date is not one, or leaves no room for the windows.

    Notes
    -----
    The window before the date ends at it, and what happened later is not used: both sides then have young cases that
    are not finished, in the same proportion. A side holds what began in its window (for `quote_to_contract_days`: the
    first quote). Durations are restricted means: days until the end within the first `horizon_days`, open cases
    censored (`stats.restricted_mean_among`); they differ from the medians of `kpis`, exist where a median is not
    reached yet, and go by another name wherever they are shown. Rates are those at the end of each window, within the same days of both
    (`l2c.measures.followed`), differences by Newcombe. Comparing closed deals by the date
    of their creation would find an improvement in every log, because the slow ones of the last months are not closed.
    """
    change = _moment(date, log)
    first, last = micros(_first(log)), micros(log.extracted)
    # A log of a single moment has no before and no after.
    width = _width(change, first, last, days) if last > first else 0
    sides = [Facts.of(log, until=change), Facts.of(log, until=change + width)]
    windows = [(change - width, change), (change, change + width)]
    rows: list[tuple[object, ...]] = []
    for kpi in compared(log):
        seen = [observations(facts, kpi.id) for facts in sides]
        inside = [o.only((o.start >= begin) & (o.start < end)) for o, (begin, end) in zip(seen, windows, strict=True)]
        if kpi.kind == "duration":
            found = _durations(sides, inside, [end for _, end in windows], level, refused=any(o.refused for o in seen))
        else:
            found = _rates(inside, width, level)
        if found.cases[0] or found.cases[1]:
            numbers = (*found.before, *found.after, *found.difference, *found.cases, found.horizon / DAY)
            rows.append((kpi.id, kpi.unit, *numbers))
    names = ["before", "before_low", "before_high", "after", "after_low", "after_high", "difference", "low", "high"]
    table = pd.DataFrame(rows, columns=["kpi", "unit", *names, "cases_before", "cases_after", "horizon_days"])
    dates = {"window_start": windows[0][0], "change_date": change, "window_end": windows[1][1]}
    walls = {name: log.clock.wall(pd.Timestamp(moment, unit="us")) for name, moment in dates.items()}
    return named(table.assign(**walls), log)


class _Found(NamedTuple):
    before: Estimate
    after: Estimate
    difference: Estimate
    cases: tuple[int, int]
    horizon: float


def compared(log: EventLog) -> tuple[Measure, ...]:
    """The KPIs of which it is known when a case, or an object of one, came to be counted.

    Rates to date are none of them: the younger the cases, the less has become of them.
    """
    known = figures(log).values()
    to_date = {kpi.to_date for kpi in known}
    return tuple(kpi for kpi in known if kpi.start and kpi.id not in to_date)


def _durations(
    sides: list[Facts], inside: list[Observations], ends: list[int], level: float, *, refused: bool
) -> _Found:
    """Restricted mean durations of what began in each window."""
    before, after = (int((d.how != OTHERWISE).sum()) for d in inside)
    if min(map(len, inside)) < SMALLEST_SAMPLE or refused:
        return _Found(UNKNOWN, UNKNOWN, UNKNOWN, (before, after), float("nan"))
    follows = [f.elapsed(d.case, d.start, end) for f, d, end in zip(sides, inside, ends, strict=True)]
    horizon = min(map(_horizon, follows))
    means = [stats.restricted_mean_among(d.value, d.how, horizon, d.entry) for d in inside]
    exact = stats.Mean(0.0, 0.0)
    earlier, later = (stats.difference(mean, exact, level) for mean in means)
    return _Found(earlier, later, stats.difference(means[1], means[0], level), (before, after), horizon * DAY)


def _horizon(follow: np.ndarray) -> float:
    """Days for which at least 20 cases and a tenth of them could have been watched, whatever became of them."""
    enough = max(SMALLEST_SAMPLE, int(np.ceil(WATCHED * len(follow))))
    return float(np.sort(follow)[-enough])


def _rates(inside: list[Observations], width: int, level: float) -> _Found:
    # How many get there within so many days: the same ones for both.
    within = min(map(horizon, inside)) if inside[0].kind == "incidence" else None
    before, after = (summary(found, level, within=within) for found in inside)
    cases = (before.cases, after.cases)
    if min(cases) < SMALLEST_SAMPLE:
        return _Found(UNKNOWN, UNKNOWN, UNKNOWN, cases, width)
    earlier, later = before.estimate, after.estimate
    days = width if within is None else within * DAY
    return _Found(earlier, later, stats.rate_difference(later, earlier), cases, days)


def _moment(date: str | datetime, log: EventLog) -> int:
    if isinstance(date, str) and re.fullmatch(r"\d{4}-\d{2}", date):
        date += "-01"
    try:
        moment = options.moment("change", date, log.zone)
    except BadOption as error:
        if error.made_by == BadOption.two_ways.__qualname__:
            raise
        raise BadComparison.date(date) from None
    if moment is None:
        raise BadComparison.date(date)
    # A date is the beginning of that day where the business is.
    return micros(log.clock.utc(moment) if options.is_date(date) else moment)


def _width(change: int, first: int, last: int, days: float | None) -> int:
    """Length of the windows, in microseconds."""
    room = min(change - first, last - change)
    wanted = room if days is None else int(days * DAY)
    if wanted > room or wanted <= 0:
        raise BadComparison.room(days, (change - first) / DAY, (last - change) / DAY)
    return wanted


def _first(log: EventLog) -> datetime:
    import narwhals as nw

    first = engine.collect(log.cases.select(nw.col("started").min()))["started"].iloc[0]
    start = log.extracted if pd.isna(first) else first.to_pydatetime()
    return start
