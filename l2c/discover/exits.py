"""Where do deals leave the happy path, and what do single cases look like over time?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from l2c import engine
from l2c.discover.happy_path import deviations
from l2c.log import EventLog

if TYPE_CHECKING:
    import pandas as pd

MOST_CASES = 2000


def exits(log: EventLog) -> pd.DataFrame:
    """Count the ways off the happy path.

    Returns
    -------
    One row per way, most frequent first: `left_after`, `expected` (what should have come), `instead` (what came;
    END when the case stopped), `cases`, `share` (of all cases of this log).
    """
    found = deviations(log)
    off = found[found["conforming"].eq(False).fillna(False)]
    ways = off.groupby(["left_after", "expected", "instead"], as_index=False).size()
    table = ways.rename(columns={"size": "cases"}).sort_values(
        ["cases", "left_after", "instead"], ascending=[False, True, True], ignore_index=True
    )
    table["share"] = table["cases"] / max(len(found), 1)
    return table


def dots(log: EventLog, most: int = MOST_CASES) -> pd.DataFrame:
    """Return the events of a log, or of an even sample of its cases: `case_id, activity, time` (in the zone of the business).

    Parameters
    ----------
    most
        Largest number of cases; a larger log gives every n-th case in the order of their starts, so that the
        same log always gives the same sample.
    """
    import narwhals as nw

    every = max(1, -(-log.n_cases // most))
    keys = engine.collect(log.cases.select("case_key")).sort_values("case_key")["case_key"].iloc[::every].tolist()
    events = log.events if every == 1 else log.events.filter(nw.col("case_key").is_in(keys))
    found = engine.collect(events.select("case_id", "case_key", "position", "activity", "time"))
    found["time"] = log.clock.shown(found["time"])
    return found.sort_values(["case_key", "position"], ignore_index=True)[["case_id", "activity", "time"]]
