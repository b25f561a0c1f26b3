"""Would as much have been found at other dates? The question of `outcomes`, asked at every earlier one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd

from l2c import stats
from l2c.kpis import named
from l2c.log import EventLog
from l2c.measures.facts import DAY
from l2c.monitor.against import apart
from l2c.monitor.outcome import One, better, design, known, line, logarithm
from l2c.monitor.sides import moment, sides
from l2c.stats import Estimate
from l2c.words.errors import UnknownName
from l2c.words.measures import fair


def placebos(
    log: EventLog,
    date: str | datetime,
    *,
    kpi: str = "sales_cycle_days",
    against: Mapping[str, Any] | None = None,
    days: float | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Ask at all earlier dates what `outcomes` asks at the date of the change: would it have found as much there?

    Parameters
    ----------
    kpi
        One of the five, or another figure that `compare` tells.
    date, against, days, level
        As for `outcomes`.

    Returns
    -------
    One row per date, the real one last: `kpi, unit`; `period` (the day with which what is held against the rest begins); `percent,
    low, high` (how much better; see `outcomes`); `is_date`: whether it is the date of the change; `design`. Empty where there is
    too little to tell.

    Raises
    ------
    BadComparison, UnknownName
        As for `compare` and `outcomes`.

    Notes
    -----
    Earlier dates know nothing of what began after the real one. By chance alone, one in twenty of their intervals lies beside
    nothing; the real date stands out where its step is, by its error, larger than theirs.
    """
    change = moment(date, log)
    if (wanted := fair(kpi)) not in (told := known(log)):
        raise UnknownName.metric(kpi, told)
    measure = told[wanted]
    cut = sides(log, change, days)
    own, others = (cut, None) if against is None else apart(cut, log, against)
    one = One(measure, "", own.seen(measure.id), None if others is None else others.seen(measure.id))
    found, moved, placed = line(one, own, others)
    rows: list[tuple[object, ...]] = []
    if found is not None and moved is not None:
        begins = [cut.change + int(place) * found.size * int(DAY) for place in placed.place]
        middle = found.scale if others is None else None
        for begin, value, error in zip(begins, placed.value, placed.error, strict=True):
            ends = Estimate(value, *stats.interval(value, error, level))
            # The level after an earlier date is not known without what came later: both sides of it make up the mean.
            rows.append((begin, *better(logarithm(ends, middle and middle + value / 2), measure), False))
        ends = Estimate(moved.value, *stats.interval(moved.value, moved.error, level))
        rows.append((cut.change, *better(logarithm(ends, found.after if others is None else None), measure), True))
    table = pd.DataFrame(rows, columns=["period", "percent", "low", "high", "is_date"])
    table["period"] = [log.clock.wall(pd.Timestamp(each, unit="us")) for each in table["period"]]
    table.insert(0, "kpi", measure.id)
    table.insert(1, "unit", measure.unit)
    return named(table.assign(design=design(others)), log)
