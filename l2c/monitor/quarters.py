"""Is it getting better? The key figures by the quarter in which cases began, each quarter seen for equally long."""

from __future__ import annotations

import numpy as np
import pandas as pd

from l2c import engine
from l2c.log import EventLog
from l2c.measures.durations import DURATIONS
from l2c.measures.facts import DAY, Facts, Times, micros
from l2c.measures.rates import Measured, elapsed, measure
from l2c.monitor.compare import RATES
from l2c.stats import SMALLEST_SAMPLE, UNKNOWN
from l2c.words import vocabulary

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
    `quarter` (its first day); `value, low, high` (NaN for fewer than 20 cases, and where fewer than half were there by
    then); `cases` that began in it; `censored` (of them still open when it is looked at); `complete`: whether the log
    covers the quarter and the one after it. Incomplete quarters have no value: they would look better or worse than
    they are. KPIs that these data do not hold have no rows.

    Notes
    -----
    The same statistics as in `kpis`: medians of Kaplan-Meier curves, rates with Wilson's interval. What happened after
    the day on which a quarter is looked at is not used, so that an old quarter has no advantage over a young one.
    """
    columns = ["kpi", "unit", "quarter", "value", "low", "high", "cases", "censored", "complete"]
    if not log.n_cases:
        return pd.DataFrame(columns=columns)
    first, last = _first(EventLog(log.base)), micros(log.extracted)
    starts = _starts(min(first, last), last)
    rows: list[tuple[object, ...]] = []
    for begin, end, look in starts:
        # To the day: an export of the last evening of a quarter has all of it.
        complete = first <= begin + WEEK and last > look - DAY
        facts = Facts.of(log, until=min(look, last))
        for kpi in vocabulary.kpis():
            if kpi.id in DURATIONS or kpi.id in RATES:
                found, refused = _cohort(facts, kpi.id, begin, end, level)
                told = complete and not refused and len(found.case) >= SMALLEST_SAMPLE
                estimate = found.estimate if told else UNKNOWN
                quarter = np.datetime64(begin, "us")
                rows.append((kpi.id, kpi.unit, quarter, *estimate, len(found.case), found.censored, complete))
    table = pd.DataFrame(rows, columns=columns)
    held = table.groupby("kpi")["cases"].transform("sum") > 0
    place = {kpi.id: number for number, kpi in enumerate(vocabulary.kpis())}
    table["_place"] = table["kpi"].map(place)
    return table[held].sort_values(["_place", "quarter"], ignore_index=True)[columns]


def _cohort(facts: Facts, kpi: str, begin: int, end: int, level: float) -> tuple[Measured, bool]:
    """A KPI of what began in a quarter, and whether its times cannot be trusted."""
    if kpi in DURATIONS:
        found = DURATIONS[kpi](facts)
        return elapsed(found.only((found.start >= begin) & (found.start < end)), level), found.refused
    began: Times = facts.first(RATES[kpi]) if RATES[kpi] in facts.log.activities else facts.column("started")
    return measure(facts.only((began >= begin) & (began < end)), kpi, level), False


def _starts(first: int, last: int) -> list[tuple[int, int, int]]:
    """Begin and end of each quarter, and the end of the one after it."""
    days = pd.period_range(_quarter(first), _quarter(last), freq="Q")[-MOST_QUARTERS:]
    ends = [micros(period.start_time.to_pydatetime()) for period in (*days, days[-1] + 1, days[-1] + 2)]
    return list(zip(ends[:-2], ends[1:-1], ends[2:], strict=True))


def _quarter(moment: int) -> pd.Period:
    return pd.Timestamp(moment, unit="us").to_period("Q")


def _first(log: EventLog) -> int:
    """When the first case of a log began."""
    import narwhals as nw

    return micros(engine.collect(log.cases.select(nw.col("started").min()))["started"].iloc[0].to_pydatetime())
