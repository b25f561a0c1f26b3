"""What happened to the pipeline lately?"""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd

from l2c.diagnose.tidy import noted
from l2c.log import EventLog
from l2c.log.zone import micros
from l2c.monitor.pipeline.bridge import COLUMNS, pipeline_bridge
from l2c.words.notes import Note

OF_A_QUARTER = 13


def lately(log: EventLog, *, by: str | None = None, weeks: int = OF_A_QUARTER) -> pd.DataFrame:
    """The pipeline bridge of the last weeks, or of all that the log has where that is less.

    Parameters
    ----------
    by
        As for `pipeline_bridge`.
    weeks
        How many; thirteen are a quarter.

    Returns
    -------
    What `pipeline_bridge` returns, and in `attrs["days"]` both days; empty where the log is of a single day.
    """
    whole = EventLog(log.base)
    if not whole.n_cases:
        return noted(pd.DataFrame(columns=[*(["group"] if by else []), *COLUMNS]), Note("nothing_to_measure"))
    last, first = (
        pd.Timestamp(np.datetime64(int(whole.clock.day(micros(moment))), "D")).date()
        for moment in (whole.extracted, whole.period()[0])
    )
    begin = max(first, last - timedelta(weeks=weeks))
    if begin >= last:
        return noted(pd.DataFrame(columns=[*(["group"] if by else []), *COLUMNS]), Note("nothing_to_measure"))
    table = pipeline_bridge(log, begin, last, by=by)
    table.attrs["days"] = begin, last
    return table
