"""What did each deal stand at while it was open, and what became of it?"""

from __future__ import annotations

from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c import engine
from l2c.log.as_of import spells
from l2c.measures.facts import NEVER, Facts, Times, as_times
from l2c.words import vocabulary

WON, LOST, OPEN = "won", "lost", "open"


def while_open(facts: Facts, name: str) -> pd.DataFrame | None:
    """Values of an attribute from when on, as long as the deal was open; None where the log does not tell of changes.

    Returns
    -------
    One row per value told, in order within each case: `case` (row of the facts), `time` (microseconds), `value`, `closing`
    (whether the deal was closed at that moment: what it says then is what the close made of it).
    """

    def fetched() -> pd.DataFrame | None:
        rows = spells(facts.log.base, name)
        if rows is None:
            return None
        found = engine.collect(rows).rename(columns={name: "value"})
        return found.sort_values(["case_key", "position"], ignore_index=True)

    found = facts.log.base.memo(("spells", name), fetched)
    if found is None:
        return None
    place, time = facts.place[found["case_key"].to_numpy(np.int64)], as_times(found["time"].to_numpy())
    here = (place >= 0) & (time <= facts.until)
    rows = pd.DataFrame({"case": place[here], "time": time[here], "value": found["value"][here].to_numpy(object)})
    over = ended(facts)[rows["case"].to_numpy()]
    rows["closing"] = closed_at(facts, rows) | (rows["time"].to_numpy() >= over)
    return rows.reset_index(drop=True)


def ended(facts: Facts) -> Times:
    """When each deal was closed for good, NEVER while it is open."""
    return np.minimum(facts.won, facts.lost)


def outcomes(facts: Facts) -> NDArray[Any]:
    """What became of each deal: `won`, `lost` or `open`."""
    won, lost = facts.won != NEVER, facts.lost != NEVER
    return np.where(won, WON, np.where(lost, LOST, OPEN)).astype(object)


def closings(facts: Facts) -> pd.DataFrame:
    """Every close of a deal, those before it was opened again too: `case, time, won`, in order."""

    def fetched() -> pd.DataFrame:
        closing = nw.col("activity").is_in(list(vocabulary.closings()))
        rows = facts.log.base.events.filter(closing).select("case_key", "position", "time", "activity")
        return engine.collect(rows).sort_values(["case_key", "position"], ignore_index=True)

    found = facts.log.base.memo("closings", fetched)
    place, time = facts.place[found["case_key"].to_numpy(np.int64)], as_times(found["time"].to_numpy())
    here = (place >= 0) & (time <= facts.until)
    won = (found["activity"].astype(str) == "Closed Won").to_numpy()
    return pd.DataFrame({"case": place[here], "time": time[here], "won": won[here]})


def closed_at(facts: Facts, rows: pd.DataFrame) -> NDArray[np.bool_]:
    """Which of some rows (`case, time`) fall on a close of their deal."""
    closes = pd.MultiIndex.from_frame(closings(facts)[["case", "time"]])
    return np.asarray(pd.MultiIndex.from_frame(rows[["case", "time"]]).isin(closes))
