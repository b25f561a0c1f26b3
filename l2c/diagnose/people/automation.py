"""What do people do, what automations, and what AI agents?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals as nw

from l2c import engine
from l2c.log import EventLog
from l2c.log.actors import ACTOR, kinds
from l2c.words.actors import KINDS

if TYPE_CHECKING:
    import pandas as pd

SHARES = tuple(f"{kind}_share" for kind in KINDS)
COLUMNS = ("activity", "events", *SHARES, "unknown_share")


def automation(log: EventLog) -> pd.DataFrame:
    """Who does each activity: people, automations or AI agents.

    Returns
    -------
    One row per activity, in process order: `activity`; `events`; `person_share, automation_share, agent_share` of those
    whose performer is known (NaN where none is), and `unknown_share`: events without a performer. Empty for a log that
    knows no performers.

    Notes
    -----
    Who is what: see `prepare.actors`, where it can be looked over and corrected.
    """
    import numpy as np
    import pandas as pd

    known = kinds(log.base)
    if not known:
        return pd.DataFrame(columns=list(COLUMNS))
    kind = {name: kind for name, kind in known}
    counted = engine.collect(log.events.group_by("activity", ACTOR).agg(n=nw.len()))
    counted["kind"] = counted[ACTOR].astype(object).map(kind).fillna("unknown")
    wide = counted.astype({"activity": str}).pivot_table(index="activity", columns="kind", values="n", aggfunc="sum")
    wide = wide.reindex(columns=[*KINDS, "unknown"]).fillna(0.0)
    wide = wide.reindex([name for name in log.activities if name in wide.index])
    named = wide[list(KINDS)].sum(axis=1).replace(0, np.nan)
    rows = {"activity": wide.index, "events": wide.sum(axis=1).astype("int64")}
    rows |= {f"{each}_share": wide[each] / named for each in KINDS}
    rows |= {"unknown_share": wide["unknown"] / wide.sum(axis=1)}
    return pd.DataFrame(rows).reset_index(drop=True)[list(COLUMNS)]
