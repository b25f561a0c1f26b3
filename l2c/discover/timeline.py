"""What happened to this one deal, in order?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from l2c import engine
from l2c.log import EventLog
from l2c.words.errors import UnknownName

if TYPE_CHECKING:
    import pandas as pd

# Of a thousand names one can be close to what was typed; more would only cost time.
_NAMES = 1000


def timeline(log: EventLog, case_id: str) -> pd.DataFrame:
    """Every event of one case, in the order of the log.

    Parameters
    ----------
    case_id
        The deal, as the source names it.

    Returns
    -------
    One row per event: `case_id, position` (the first is 0), `activity, time` (in the zone of the business), `precision` (of the time), `actor` (where the
    log has it), `wait_days` (until the next event; missing at the last one), `object_id` (the record it is about, where
    the log has it), `source_row` (its line); in a log that tells when work began, `started` and `work_days`.

    Raises
    ------
    UnknownName
        If no case of this log, as it is filtered, is called so.
    """
    import narwhals as nw

    there = log.events.collect_schema().names()
    columns = ["case_id", "position", "activity", "time", "precision", "actor", "wait_days", "object_id", "source_row"]
    columns += ["started", "work_days"]
    asked = {c: nw.col(c) for c in columns if c in there}
    if "lead_id" in there:
        # A lead is a record of its own, though a part of its deal's case.
        asked["object_id"] = nw.coalesce(*[nw.col(c) for c in ("object_id", "lead_id") if c in there])
    rows = log.events.filter(nw.col("case_id") == case_id).select(**asked)
    found = engine.collect(rows).sort_values("position", ignore_index=True)
    if not len(found):
        known = engine.collect(log.cases.select("case_id").sort("case_id").head(_NAMES))["case_id"]
        raise UnknownName.value("case_id", case_id, known)
    found["time"] = log.clock.shown(found["time"])
    return found
