"""What is each rep credited with, where deals are shared?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from l2c.log import EventLog
from l2c.measures import credit as measured
from l2c.measures.facts import NEVER, Facts
from l2c.prepare import pseudonyms as people

COLUMNS = ("rep", "won_deals", "won_amount", "open_deals", "open_amount", "owned_amount", "shared_deals")


def credit(log: EventLog, *, names: bool | None = None) -> pd.DataFrame:
    """Deals and money that each rep is credited with, by the percentages of the splits.

    Parameters
    ----------
    names
        Whether to show names; else as the log says, which hides them unless it was opened or written with names.

    Returns
    -------
    One row per rep, most won money first: `rep`; `won_deals, won_amount` and `open_deals, open_amount` credited (half a
    deal is 0.5; log currency, NaN where amounts are unknown or in several currencies); `owned_amount`: the won money of the
    deals that the rep owned when they were closed, as if nothing were shared; `shared_deals`: of how many deals the rep has
    a part that others share. Empty in a log without reps, or with fewer than it allows to compare.

    Notes
    -----
    See `l2c.measures.credit`. Where the log holds no splits, credited and owned are the same.
    """
    facts = Facts.of(log)
    parts = measured.credit(facts)
    reps, codes = np.unique(parts.rep.astype(str), return_inverse=True)
    if not len(reps) or len(reps) < log.origin.smallest:
        return pd.DataFrame(columns=list(COLUMNS))
    amount = facts.number("amount") if log.one_currency else np.full(len(facts), np.nan)
    won, open_ = facts.won != NEVER, facts.open
    owner = facts.attribute("rep").astype(object)

    def deals(some: np.ndarray) -> np.ndarray:
        return np.bincount(codes, parts.part * some[parts.case], len(reps))

    def money(some: np.ndarray) -> np.ndarray:
        known = some & ~np.isnan(amount)
        value = np.bincount(codes, parts.part * np.where(known, amount, 0.0)[parts.case], len(reps))
        # Nothing won is nothing; won without an amount is unknown.
        return np.where((deals(known) > 0) | (deals(some) == 0), value, np.nan)

    owned = pd.Series(np.where(won & ~np.isnan(amount), amount, 0.0)).groupby(owner.to_numpy(object)).sum()
    known = people.pseudonyms(log)
    shown = reps if people.shown(log, names) else np.array([known.get(name, name) for name in reps], object)
    table = pd.DataFrame(
        {
            "rep": shown,
            "won_deals": deals(won),
            "won_amount": money(won),
            "open_deals": deals(open_),
            "open_amount": money(open_),
            "owned_amount": owned.reindex(reps).fillna(0.0).to_numpy() if log.one_currency else np.nan,
            "shared_deals": np.bincount(codes, parts.shared, len(reps)).astype(np.int64),
        }
    )
    return table.sort_values(["won_amount", "open_amount", "rep"], ascending=[False, False, True], ignore_index=True)
