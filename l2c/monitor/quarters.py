"""Is it getting better? The key figures by the quarter in which cases began, each quarter seen for equally long."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from l2c import engine
from l2c.diagnose.tidy import noted
from l2c.kpis import figures, named
from l2c.log import EventLog
from l2c.measures.facts import DAY, Facts, micros
from l2c.measures.followed import horizon
from l2c.measures.observations import observations
from l2c.measures.spans import Observations
from l2c.measures.summary import summary
from l2c.monitor.compare import compared, left_out
from l2c.stats import SMALLEST_SAMPLE, UNKNOWN

# The last three years: what lies further back is another company.
MOST_QUARTERS = 12
# A log that begins in the first days of a quarter has all of it.
WEEK = 7 * DAY


def quarters(log: EventLog, *, level: float = 0.95) -> pd.DataFrame:
    """Measure what began in each quarter, as it stood at the end of the quarter after it.

    Parameters
    ----------
    level
        Level of the intervals.

    Returns
    -------
    One row per KPI and quarter, in the order of the vocabulary and of time, the last twelve quarters: `kpi, unit`;
    `quarter` (its first day; quarters are those of the business: its zone, its fiscal year); `value, low, high` (NaN for fewer than 20 cases, and where fewer than half were there by
    then); `cases` that began in it; `censored` (of them still open when it is looked at); `complete`: whether the log
    covers the quarter and the one after it. Incomplete quarters have no value: they would look better or worse than
    they are. KPIs that these data do not hold have no rows, numbers to date neither: `attrs["note"]` names those that the log
    holds in no other way.

    Notes
    -----
    The same statistics as in `kpis`: medians of Kaplan-Meier curves, rates with Wilson's interval. What happened after
    the day on which a quarter is looked at is not used, so that an old quarter has no advantage over a young one. Rates are
    those within the same days of all quarters (`l2c.measures.followed`), NaN where too few of one were followed for so long.
    """
    columns = ["kpi", "unit", "quarter", "value", "low", "high", "cases", "censored", "complete"]
    if not log.n_cases:
        return pd.DataFrame(columns=columns)
    rows: list[tuple[object, ...]] = []
    now = Facts.of(log)
    rates = {kpi.id: observations(now, kpi.id) for kpi in compared(log) if kpi.kind == "incidence"}
    within = {id: horizon(found) for id, found in rates.items()}
    for quarter in followed_quarters(log, MOST_QUARTERS):
        facts = Facts.of(log, until=quarter.look)
        for kpi in compared(log):
            seen = rates[kpi.id] if kpi.id in rates else observations(facts, kpi.id)
            inside = began_in(seen, quarter)
            estimate, cases, still, *_ = summary(inside, level, within=within.get(kpi.id))
            if not quarter.complete or seen.refused or cases < SMALLEST_SAMPLE:
                estimate = UNKNOWN
            month = quarter.month.astype("datetime64[us]")
            rows.append((kpi.id, kpi.unit, month, *estimate, cases, still, quarter.complete))
    table = pd.DataFrame(rows, columns=columns)
    held = table.groupby("kpi")["cases"].transform("sum") > 0
    place = {kpi: number for number, kpi in enumerate(figures(log))}
    table["_place"] = table["kpi"].map(place)
    shown = table[held].sort_values(["_place", "quarter"], ignore_index=True)[columns]
    return noted(named(shown, log), left_out(now))


class Quarter(NamedTuple):
    """A quarter of the business: its first month, when it begins and ends, and until when it is looked at: the end of the next.

    `complete`: whether the log covers both.
    """

    month: np.datetime64
    begin: int
    end: int
    look: int
    complete: bool


def followed_quarters(log: EventLog, most: int) -> list[Quarter]:
    """The last quarters of a whole log, in order, with the one in which it was taken."""
    clock, last = log.clock, micros(log.extracted)
    first = min(_first(EventLog(log.base)), last)
    months = np.arange(clock.quarter(first), clock.quarter(last) + 1, 3)[-most:]
    ends = [clock.begins(month) for month in (*months, months[-1] + 3, months[-1] + 6)]
    # To the day: an export of the last evening of a quarter has all of it.
    return [
        Quarter(month, begin, end, min(look - 1, last), first <= begin + WEEK and last > look - DAY)
        for month, begin, end, look in zip(months, ends[:-2], ends[1:-1], ends[2:], strict=True)
    ]


def began_in(seen: Observations, quarter: Quarter) -> Observations:
    """What of a measure began in a quarter."""
    return seen.only((seen.start >= quarter.begin) & (seen.start < quarter.end))


def _first(log: EventLog) -> int:
    """When the first case of a log began."""
    import narwhals as nw

    return micros(engine.collect(log.cases.select(nw.col("started").min()))["started"].iloc[0].to_pydatetime())
