"""When were deals promised, when did they come, and how often was the day moved?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from l2c.diagnose.rules.compliance import case_ids
from l2c.diagnose.tidy import noted
from l2c.log import EventLog
from l2c.measures.facts import DAY, NEVER, Facts, Times
from l2c.measures.lives import ended, outcomes
from l2c.measures.promises import promises, slipped

COLUMNS = [
    "case_id", "outcome", "amount", "first_promise", "quarter_promise", "last_promise", "closed_on", "slip_days",
    "quarter_slip_days", "pushes", "pulls",
]  # fmt: skip


def slippage(log: EventLog) -> pd.DataFrame:
    """By how many days deals slipped past the day they were first promised for.

    Returns
    -------
    One row per deal with a known promise, what slipped furthest first: `case_id`; `outcome` (won, lost, open); `amount` (log
    currency, NaN where unknown); `first_promise` (the close date as it was first given), `quarter_promise` (as it stood when
    the quarter began in which the deal closed, or the log ends; missing where the deal is younger), `last_promise` (as it
    stood last while the deal was open); `closed_on` (missing while open); `slip_days, quarter_slip_days` (days from the first
    promise, and from that of the quarter, to the close; of an open deal to its last promise, or to the extraction where
    that is past; negative when earlier); `pushes, pulls` (how often the day was moved to a later, an earlier one). Empty, with
    the reason in `attrs["note"]`, where no history tells what the close date was.

    Notes
    -----
    Of a deal that was reopened the last close counts. A close date that changes with the close itself is no push and no
    pull: Salesforce puts the day of the close there.
    """
    facts = Facts.of(log)
    told = promises(facts)
    if told.note is not None:
        return noted(pd.DataFrame(columns=COLUMNS), told.note)
    end = ended(facts)
    table = pd.DataFrame(
        {
            "case_id": case_ids(log),
            "outcome": outcomes(facts),
            "amount": facts.number("amount"),
            "first_promise": _dates(told.first),
            "quarter_promise": _dates(told.at_quarter),
            "last_promise": _dates(told.last),
            "closed_on": _dates(np.where(end == NEVER, NEVER, end // DAY)),
            "slip_days": slipped(facts, told.first),
            "quarter_slip_days": slipped(facts, told.at_quarter),
            "pushes": told.pushes,
            "pulls": told.pulls,
        }
    )[told.known & facts.deal]
    return table.sort_values(["slip_days", "case_id"], ascending=[False, True], ignore_index=True)[COLUMNS]


def _dates(days: Times) -> np.ndarray:
    known = np.where(days == NEVER, 0, days).astype("datetime64[D]").astype("datetime64[us]")
    return np.where(days == NEVER, np.datetime64("NaT", "us"), known)
