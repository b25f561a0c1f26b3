"""Between which two events do the cases spend their time?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from l2c import engine
from l2c.discover.flow import waits
from l2c.log import EventLog

if TYPE_CHECKING:
    import pandas as pd


def steps(log: EventLog) -> pd.DataFrame:
    """Steps from one event to the next, those that hold most days first.

    Returns
    -------
    One row per (`from`, `to`), by `case_days` descending: `events` (times the step was taken), `cases`, `median_days` (days
    by which half of those that take the step have taken it, with the cases that are still waiting: see `discover.flow`),
    `mean_days` (per time taken), `case_days` (their sum), `share` (of the sum over all steps).

    Notes
    -----
    Every day between the first and the last event of a case belongs to one step, so `case_days` adds up to the sum of
    their durations (`total_days`). In a log that tells when work began a step is the wait from the end of one activity to
    the start of the next, nought where they overlap; the days of work stand apart (`working_times`). The days since the last event of an open case belong to no step: see `silent`.
    """
    import narwhals as nw

    wait = nw.col("wait_days")
    moves = log.events.filter(~nw.col("next_activity").is_null()).group_by("activity", "next_activity")
    found = engine.collect(
        moves.agg(
            events=nw.len(),
            cases=nw.col("first_of_step").cast(nw.Int64()).sum(),
            mean_days=wait.mean(),
            case_days=wait.sum(),
        )
    ).rename(columns={"activity": "from", "next_activity": "to"})
    found = found.merge(waits(log), on=["from", "to"], how="left").drop(columns="p90_days")
    found.insert(4, "median_days", found.pop("median_days"))
    total = found["case_days"].sum()
    found["share"] = found["case_days"] / total if total > 0 else 0.0
    found = found.astype({"events": "int64", "cases": "int64"})
    return found.sort_values(["case_days", "from", "to"], ascending=[False, True, True], ignore_index=True)


def total_days(log: EventLog) -> float:
    """Days from the first to the last event, summed over the cases: what the days of `steps` add up to.

    Where the log tells when work began, its days are left out: of each activity those between what was done before it and
    its own end, so that what overlaps counts once.
    """
    import narwhals as nw

    total = engine.collect(log.cases.select(nw.col("duration_days").sum()))["duration_days"].iloc[0]
    whole = 0.0 if total != total or total is None else float(total)
    return whole - _worked(log) if log.base.knows_work and whole else whole


def _worked(log: EventLog) -> float:
    """Days on which each case was worked on beyond what had been done already, summed up."""
    import numpy as np

    from l2c.measures.facts import DAY, as_times

    rows = engine.collect(log.events.select("case_key", "position", "time", "started"))
    rows = rows.sort_values(["case_key", "position"], ignore_index=True)
    key, time = rows["case_key"].to_numpy(), as_times(rows["time"].to_numpy())
    began = np.minimum(as_times(rows["started"].to_numpy()), time)
    first = np.flatnonzero(np.diff(key, prepend=-1))
    done = np.roll(time, 1)
    # Before the first activity was done, whatever began earliest had begun.
    done[first] = np.minimum.reduceat(began, first)
    began[first] = done[first]
    return float((time - np.maximum(began, done)).sum() / DAY)
