"""Did it work? The same numbers before and after a date, both sides seen for equally long."""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple

import numpy as np
import pandas as pd

from l2c import engine, stats
from l2c.log import EventLog
from l2c.measures.durations import DURATIONS, Wait
from l2c.measures.facts import DAY, Facts, micros
from l2c.measures.rates import Measured, measure
from l2c.measures.spans import OTHERWISE
from l2c.prepare import options
from l2c.stats import UNKNOWN, Estimate
from l2c.words import vocabulary
from l2c.words.errors import BadComparison, BadOption

# Fewer cases than this on either side: no number, rather than a wild one.
ENOUGH = 20
# Both sides are compared up to the day to which this share of their cases could have been watched.
WATCHED = 0.1
# When a case joins one side of a rate: the first time of this activity falls into its window.
RATES = {
    "lead_conversion_rate": "Lead Created",
    "win_rate": "Opportunity Created",
    "win_rate_by_value": "Opportunity Created",
    "discount_mean": "Opportunity Created",
    "late_payment_share": "Invoice Sent",
    "order_error_rate": "Sales Order Created",
    "quote_acceptance_rate": "Quote Sent",
    "won_amount_mean": "Opportunity Created",
}


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
    reached yet, and go by another name wherever they are shown. Rates are those at the end of each window, differences by Newcombe. Comparing closed deals by the date
    of their creation would find an improvement in every log, because the slow ones of the last months are not closed.
    """
    change = _moment(date)
    first, last = micros(_first(log)), micros(log.extracted)
    # A log of a single moment has no before and no after.
    width = _width(change, first, last, days) if last > first else 0
    sides = [Facts.of(log, until=change), Facts.of(log, until=change + width)]
    windows = [(change - width, change), (change, change + width)]
    units = {kpi.id: kpi.unit for kpi in vocabulary.kpis()}
    rows: list[tuple[object, ...]] = []
    for kpi in units:
        if kpi in DURATIONS:
            found = _durations(DURATIONS[kpi], sides, windows, level)
        elif kpi in RATES:
            found = _rates(kpi, sides, windows, width, level)
        else:
            continue
        if found.cases[0] or found.cases[1]:
            numbers = (*found.before, *found.after, *found.difference, *found.cases, found.horizon / DAY)
            rows.append((kpi, units[kpi], *numbers))
    names = ["before", "before_low", "before_high", "after", "after_low", "after_high", "difference", "low", "high"]
    table = pd.DataFrame(rows, columns=["kpi", "unit", *names, "cases_before", "cases_after", "horizon_days"])
    dates = {"window_start": windows[0][0], "change_date": change, "window_end": windows[1][1]}
    return table.assign(**{name: pd.Timestamp(moment, unit="us") for name, moment in dates.items()})


class _Found(NamedTuple):
    before: Estimate
    after: Estimate
    difference: Estimate
    cases: tuple[int, int]
    horizon: float


def _durations(wait: Wait, sides: list[Facts], windows: list[tuple[int, int]], level: float) -> _Found:
    """Restricted mean durations of what began in each window."""
    found = [wait(facts) for facts in sides]
    inside = [(d.start >= start) & (d.start < end) for d, (start, end) in zip(found, windows, strict=True)]
    before, after = (int((d.cause[kept] != OTHERWISE).sum()) for d, kept in zip(found, inside, strict=True))
    if min(kept.sum() for kept in inside) < ENOUGH or any(d.refused for d in found):
        return _Found(UNKNOWN, UNKNOWN, UNKNOWN, (before, after), float("nan"))
    ends = [end for _, end in windows]
    horizon = min(_horizon((end - d.start[kept]) / DAY) for d, kept, end in zip(found, inside, ends, strict=True))
    means = [
        stats.restricted_mean_among(d.days[kept], d.cause[kept], horizon, None if d.entry is None else d.entry[kept])
        for d, kept in zip(found, inside, strict=True)
    ]
    exact = stats.Mean(0.0, 0.0)
    earlier, later = (stats.difference(mean, exact, level) for mean in means)
    return _Found(earlier, later, stats.difference(means[1], means[0], level), (before, after), horizon * DAY)


def _horizon(follow: np.ndarray) -> float:
    """Days for which at least 20 cases and a tenth of them could have been watched, whatever became of them."""
    enough = max(ENOUGH, int(np.ceil(WATCHED * len(follow))))
    return float(np.sort(follow)[-enough])


def _rates(kpi: str, sides: list[Facts], windows: list[tuple[int, int]], width: int, level: float) -> _Found:
    found: list[Measured] = []
    for facts, (start, end) in zip(sides, windows, strict=True):
        began = facts.first(RATES[kpi])
        if RATES[kpi] not in facts.log.activities:
            began = facts.column("started")
        found.append(measure(facts.only((began >= start) & (began < end)), kpi, level))
    cases = (len(found[0].case), len(found[1].case))
    if min(cases) < ENOUGH:
        return _Found(UNKNOWN, UNKNOWN, UNKNOWN, cases, width)
    before, after = found[0].estimate, found[1].estimate
    return _Found(before, after, stats.rate_difference(after, before), cases, width)


def _moment(date: str | datetime) -> int:
    if isinstance(date, str) and re.fullmatch(r"\d{4}-\d{2}", date):
        date += "-01"
    try:
        moment = options.moment("change", date)
    except BadOption as error:
        if error.made_by == BadOption.two_ways.__qualname__:
            raise
        raise BadComparison.date(date) from None
    if moment is None:
        raise BadComparison.date(date)
    return micros(moment)


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
