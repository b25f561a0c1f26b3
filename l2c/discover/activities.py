"""What is done, how often, and in how many cases?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from l2c import engine
from l2c.log import EventLog

if TYPE_CHECKING:
    import pandas as pd


def activities(log: EventLog) -> pd.DataFrame:
    """Count the activities of a log.

    Returns
    -------
    One row per activity, most frequent first: `activity, events, cases` (that have it), `share` (of all cases, 0 to 1).
    """
    import narwhals as nw

    counted = log.events.group_by("activity").agg(events=nw.len(), cases=nw.col("case_key").n_unique())
    table = engine.collect(counted).astype({"events": "int64", "cases": "int64"})
    table["share"] = table["cases"] / max(log.n_cases, 1)
    return table.sort_values(["events", "activity"], ascending=[False, True], ignore_index=True)
