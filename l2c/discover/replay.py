"""Where is every case at every moment?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from l2c import engine
from l2c.log import EventLog

if TYPE_CHECKING:
    import pandas as pd


def replay(log: EventLog, *, most: int = 5000) -> pd.DataFrame:
    """List the moves of the cases from activity to activity, to be played back.

    Parameters
    ----------
    most
        Number of cases at most; of more, an even sample: every n-th in the order of their starts.

    Returns
    -------
    One row per move, by start: `case_key, from, to, start` (naive UTC), `wait_days`. A case with one event only makes no
    move.
    """
    import narwhals as nw

    # What is played back runs on the clock on the wall.
    log = log.in_calendar_time()
    kept = engine.collect(log.cases.select("case_key"))["case_key"].sort_values(ignore_index=True)
    every = -(-len(kept) // max(most, 1))
    events = log.events.filter(~nw.col("next_activity").is_null())
    if every > 1:
        events = events.filter(nw.col("case_key").is_in(kept[::every].tolist()))
    moves = engine.collect(events.select("case_key", "activity", "next_activity", "time", "wait_days", "position"))
    moves = moves.sort_values(["time", "case_key", "position"], ignore_index=True).drop(columns="position")
    moves = moves.rename(columns={"activity": "from", "next_activity": "to", "time": "start"})
    return moves[["case_key", "from", "to", "start", "wait_days"]]
