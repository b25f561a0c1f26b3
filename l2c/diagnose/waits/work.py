"""On which activities is how long worked?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from l2c import engine
from l2c.log import EventLog

if TYPE_CHECKING:
    import pandas as pd

COUNTS, DAYS = ("events", "timed", "cases"), ("median_days", "mean_days", "p90_days", "work_days", "share")


def working_times(log: EventLog) -> pd.DataFrame:
    """Activities by the days of work they take, where the log tells when the work began.

    Returns
    -------
    One row per activity with at least one known start, by `work_days` descending: `activity, events` (all of them),
    `timed` (those whose start and end are known, on which the days rest), `cases` (with such a one), `median_days,
    mean_days, p90_days` (from start to end), `work_days` (their sum), `share` (of the sum over all activities). No rows in
    a log that knows one time per event.

    Notes
    -----
    The waits before and between are those of `steps`. Work that was interrupted counts from its start to its end (XES
    lifecycle: `suspend` and `resume` are not taken out). Quantiles interpolate linearly.
    """
    import narwhals as nw
    import pandas as pd

    if not log.base.knows_work:
        none = pd.DataFrame(columns=["activity", *COUNTS, *DAYS])
        return none.astype(dict.fromkeys(COUNTS, "int64") | dict.fromkeys(DAYS, "float64"))
    days = nw.col("work_days")
    known = log.events.filter(~days.is_null())
    found = known.group_by("activity").agg(
        timed=nw.len(),
        cases=nw.col("case_key").n_unique(),
        median_days=days.median(),
        mean_days=days.mean(),
        p90_days=days.quantile(0.9, "linear"),
        work_days=days.sum(),
    )
    every = engine.collect(log.events.group_by("activity").agg(events=nw.len()))
    table = engine.collect(found).merge(every, on="activity", how="left")
    total = table["work_days"].sum()
    table["share"] = table["work_days"] / total if total > 0 else 0.0
    table = table[["activity", *COUNTS, *DAYS]].astype(dict.fromkeys(COUNTS, "int64"))
    return table.sort_values(["work_days", "activity"], ascending=[False, True], ignore_index=True)
