"""Which open cases have been silent for longer than nearly all that went on from there?"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from l2c import engine
from l2c.log import EventLog
from l2c.log.base import WORKING
from l2c.log.zone import micros
from l2c.stats import SMALLEST_SAMPLE

if TYPE_CHECKING:
    import pandas as pd

    from l2c.log.base import Base

# A case is silent when it has waited longer than this part of those that went on; and what other limits would say.
LIMIT, LIMITS = 0.99, (0.95, 0.99, 0.995)


def limits(base: Base) -> pd.DataFrame:
    """How long nearly all cases stayed before they went on: by activity, a column of days per limit.

    Activities from which fewer than 20 cases went on are left out. It is a fact of the whole log, whatever the filter.
    """
    return base.memo("silence", lambda: _limits(base))


def _limits(base: Base) -> pd.DataFrame:
    import narwhals as nw

    # A name with a point in it would be a field of a struct to Spark.
    names = [f"limit_{place}" for place, _ in enumerate(LIMITS)]
    days = nw.col("wait_days")
    found = [days.quantile(limit, "linear").alias(name) for name, limit in zip(names, LIMITS, strict=True)]
    moved = base.events.filter(~nw.col("next_activity").is_null())
    rows = engine.collect(moved.group_by("activity").agg(*found, moved=nw.len()))
    table = rows[rows["moved"] >= SMALLEST_SAMPLE].set_index("activity")[names]
    return table.set_axis(list(LIMITS), axis=1).astype("float64")


def waits(log: EventLog) -> pd.DataFrame:
    """Since when each open case has waited, and whether it has gone silent.

    Returns
    -------
    One row per case that is open, by `case_key`: `case_key`; its last `activity` and when that `ended`; `days` from that to the extraction;
    `lead` (it is a lead that became no deal); `silent` (it has waited longer than 99 % of those that went on from
    there; false where nothing tells how long is long).
    """
    return standing(log, ("open",))[["case_key", "activity", "days", "lead", "silent"]]


def standing(log: EventLog, statuses: Collection[str]) -> pd.DataFrame:
    """The same, and when the last event was (`ended`), for the cases of some statuses: what is won may wait for payment."""
    import narwhals as nw
    import pandas as pd

    told = [name for name in ("whole_lead",) if name in log.cases.collect_schema().names()]
    by = log.base.working.by if log.hours == WORKING else None
    more = [*told, *([by] if by else [])]
    cases = log.cases.filter(nw.col("status").is_in(statuses)).select("case_key", "variant_id", "ended", *more)
    rows = engine.collect(cases).sort_values("case_key", ignore_index=True)
    last = log.base.traces.map(lambda trace: trace[-1])
    longest = last.map(limits(log.base)[LIMIT])
    rows["activity"] = rows["variant_id"].map(last)
    if log.hours == WORKING:
        hours, ended = log.base.working, rows["ended"].to_numpy("datetime64[us]").astype(np.int64)
        which = hours.which(rows[by]) if by else None
        rows["days"] = hours.days(ended, np.full(len(ended), micros(log.extracted)), which)
    else:
        rows["days"] = (pd.Timestamp(log.extracted) - rows["ended"]).dt.total_seconds() / 86_400
    rows["lead"] = rows["whole_lead"] if told else rows["variant_id"].isin(log.base.leads)
    rows["limit"] = rows["variant_id"].map(longest)
    rows["silent"] = rows["days"] > rows["limit"]
    return rows


def silent_leads(base: Base) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The `case_key` of the leads of a whole log that became no deal, never ended, and have gone silent; and since when."""

    def found() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        rows = standing(EventLog(base), ("open",))
        rows = rows[rows["lead"] & rows["silent"]]
        # Of the days since the last event, the part that was longer than usual; in working hours that is about so.
        share = 1 - rows["limit"].to_numpy(np.float64) / rows["days"].to_numpy(np.float64)
        until = micros(EventLog(base).extracted)
        last = rows["ended"].to_numpy("datetime64[us]").astype(np.int64)
        since = until - (share * (until - last)).astype(np.int64)
        return rows["case_key"].to_numpy(np.int64), since

    return base.memo("silent leads", found)
