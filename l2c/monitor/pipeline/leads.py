"""Which open leads will become deals?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from l2c.diagnose.rules.compliance import case_ids
from l2c.diagnose.tidy import noted
from l2c.log import EventLog, leads
from l2c.measures.facts import Facts
from l2c.monitor.pipeline.chances import BLEND, chances
from l2c.monitor.pipeline.lives import LEADS, lives
from l2c.monitor.pipeline.reasons import reasons
from l2c.monitor.pipeline.ways_on import ways_on
from l2c.monitor.then import attribute_then
from l2c.prepare.pseudonyms import instead
from l2c.words.notes import Note

COLUMNS = (
    "case_id", "rep", "last_activity", "deal_share", "low", "high", "waited_days", "quiet_days", "reasons"
)  # fmt: skip


def open_leads(log: EventLog, *, names: bool | None = None) -> pd.DataFrame:
    """List the leads that are neither a deal nor given up: the chance of each to become a deal, and how long it has waited.

    Parameters
    ----------
    names
        Whether names of people stand in the table; as the log says unless given.

    Returns
    -------
    One row per open lead, the likeliest first: `case_id`; `rep` (None where unknown); `last_activity`; `deal_share`: the chance to
    become a deal in the end, if all goes on as before, and its 90 % interval `low, high` (NaN where there is none);
    `waited_days` since it was created, and `quiet_days` since the last event; `reasons`: at most three notes on what makes the
    chance differ from that of other leads after the same event. What a lead may be worth is not known. `attrs["note"]` says why
    the table is empty, or which method the chances are of.
    """
    if leads.CREATED not in log.activities:
        return noted(pd.DataFrame(columns=list(COLUMNS)), Note("lacks_activities", activities=(leads.CREATED,)))
    facts, told = Facts.of(log), chances(log, of=LEADS)
    share, low, high, note = told.win, told.low, told.high, told.note
    if told.used != BLEND:
        # Who gives up leads without a word leaves nothing to learn from but how long they have waited.
        share, low, high = log.base.memo(
            "ways of leads", lambda: ways_on(lives(log, LEADS), told.stage, told.in_stage_days)
        )
        note = Note("leads_by_waiting")
    place = facts.place[told.case_key] if len(facts) else np.full(len(told), -1)
    here = np.flatnonzero(place >= 0)
    case, found = place[here], reasons(log, LEADS)
    owner, known = attribute_then(facts, "rep", facts.until)[case], instead(log, names)
    data: dict[str, Any] = {
        "case_id": case_ids(log)[case],
        "rep": np.array([known.get(name, name) for name in owner], object),
        "last_activity": told.stage[here],
        "deal_share": share[here],
        "low": low[here],
        "high": high[here],
        "waited_days": told.age_days[here],
        "quiet_days": told.in_stage_days[here],
        "reasons": pd.Series([found.get(int(key), ()) for key in told.case_key[here]], dtype=object),
    }
    table = pd.DataFrame(data, columns=list(COLUMNS))
    table = table.sort_values(["deal_share", "case_id"], ascending=[False, True], ignore_index=True)
    return noted(table, note if len(table) else Note("nothing_to_measure"))
