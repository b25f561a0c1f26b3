"""How many cases come in, are won, are lost, and stay open, month by month?"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from l2c import engine
from l2c.log import EventLog

if TYPE_CHECKING:
    import narwhals as nw
    import pandas as pd

    from l2c.log.zone import Clock


def throughput(log: EventLog) -> pd.DataFrame:
    """Cases started, won and lost per month, and those open at its end.

    Returns
    -------
    One row per month (of the zone of the business) from the first start to the extraction: `month` (its first day), `started`, `won` (paid ones
    too), `lost` (deals), `open` (started and neither won nor lost, nor given up as a lead, by the end of the month), `partial` (true for the last
    month when the data were taken before it ended).

    Notes
    -----
    A case is decided at its last Closed Won or Closed Lost, a lead that was given up at its last Lead Disqualified; one
    that is won or lost by its stage or payment alone at its last event. So `open` = `open` of the month before +
    `started` - `won` - `lost` - leads given up, and the last `open` is the number of deals and leads open today.
    """
    import pandas as pd

    starts = _by_month(log.clock, log.cases, "started")
    rows = log.base.decided.join(log.cases.select("case_key"), on="case_key", how="semi")
    decided = _by_month(log.clock, rows, "decided", "status")
    columns = ["month", "started", "won", "lost", "open", "partial"]
    if not len(starts):
        return pd.DataFrame({c: pd.Series(dtype=t) for c, t in zip(columns, _TYPES, strict=True)})
    taken = log.clock.wall(log.extracted)
    last = max(_index(taken), *starts["month"], *decided["month"])
    months = range(int(starts["month"].min()), int(last) + 1)
    result = pd.DataFrame({"month": [datetime(m // 12, m % 12 + 1, 1) for m in months]})
    result["started"] = starts.set_index("month")["cases"].reindex(months, fill_value=0).to_numpy()
    for column, statuses in (("won", ["won", "paid"]), ("lost", ["lost"]), ("given up", ["lead_lost"])):
        some = decided[decided["status"].isin(statuses)].groupby("month")["cases"].sum()
        result[column] = some.reindex(months, fill_value=0).to_numpy()
    result["open"] = (result["started"] - result["won"] - result["lost"] - result["given up"]).cumsum()
    ended = (taken + timedelta(days=1)).month != taken.month
    result["partial"] = [m == last and m == _index(taken) and not ended for m in months]
    return result[columns].astype(dict(zip(columns, _TYPES, strict=True)))


_TYPES = ("datetime64[us]", "int64", "int64", "int64", "int64", "bool")


def _by_month(clock: Clock, cases: nw.LazyFrame[Any], column: str, *by: str) -> pd.DataFrame:
    """Cases by the month of a time, numbered from the year 0, in the zone of the business."""
    import narwhals as nw
    import numpy as np

    if not clock.is_utc:
        rows = engine.collect(cases.select(column, *by).filter(~nw.col(column).is_null()))
        times = rows[column].to_numpy("datetime64[us]").astype(np.int64)
        rows["month"] = clock.months(times).astype(np.int64) + 1970 * 12
        return rows.groupby(["month", *by], as_index=False).agg(cases=(column, "size"))
    time = nw.col(column).dt
    month = (time.year().cast(nw.Int64()) * 12 + time.month() - 1).alias("month")
    return engine.collect(cases.select(month, *by).group_by("month", *by).agg(cases=nw.len().cast(nw.Int64())))


def _index(when: datetime) -> int:
    return when.year * 12 + when.month - 1
