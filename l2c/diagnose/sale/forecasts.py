"""How much of what was called sure was won?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from l2c import stats
from l2c.diagnose.tidy import noted
from l2c.log import EventLog
from l2c.log.filter_values import period
from l2c.measures.facts import Facts, micros
from l2c.measures.lives import LOST, OPEN, WON, ended, outcomes, while_open
from l2c.measures.spans import accounts
from l2c.words.errors import BadFilter
from l2c.words.notes import Note

CATEGORY = "forecast_category"
COLUMNS = ["forecast_category", "cases", "won", "lost", "open", "unit", "value", "low", "high", "amount", "won_amount"]
# As Salesforce orders them; others follow by name.
ORDER = ("Pipeline", "Best Case", "Most Likely", "Commit", "Closed", "Omitted")


def forecast_categories(log: EventLog, *, at: Any = None, level: float = 0.95) -> pd.DataFrame:
    """What became of the deals of each forecast category.

    Parameters
    ----------
    at
        A day, month or quarter: the deals that were open and in the category when it began. Unless given, those that were
        ever in it while they were open.
    level
        Level of the intervals.

    Returns
    -------
    One row per category: `forecast_category`; `cases` in it, of which `won, lost, open` today; `unit` (fraction); `value, low, high` (won of
    those won or lost); `amount` of the deals that were in it, and `won_amount` of those won (log currency, today's amounts;
    NaN where unknown or mixed). A deal that was in several categories stands in each of them, unless `at` is given. What
    the close itself made of the category (Closed, Omitted) does not count. Empty, with the reason in `attrs["note"]`,
    where the log keeps no history of it.

    Raises
    ------
    BadFilter
        If `at` is no period.
    """
    facts = Facts.of(log)
    rows = while_open(facts, CATEGORY)
    if rows is None:
        return noted(pd.DataFrame(columns=COLUMNS), Note("no_categories"))
    rows = rows[~rows["closing"].to_numpy(bool)]
    if at is not None:
        begin = period("at", at)[0]
        if begin is None:
            raise BadFilter.period("at", at)
        start = micros(begin)
        rows = rows[(rows["time"] < start) & (ended(facts)[rows["case"].to_numpy()] >= start)]
        rows = rows.drop_duplicates("case", keep="last")
    rows = rows.drop_duplicates(["case", "value"])
    became, amount = outcomes(facts), facts.number("amount")
    if not log.one_currency:
        amount = np.full(len(facts), np.nan)
    made = []
    for category in sorted(set(rows["value"]), key=lambda c: (ORDER.index(c) if c in ORDER else len(ORDER), str(c))):
        case = rows.loc[rows["value"] == category, "case"].to_numpy()
        won, lost, open_ = (became[case] == each for each in (WON, LOST, OPEN))
        closed = case[won | lost]
        share = stats.share(became[closed] == WON, level, accounts(facts, closed))
        money = [_sum(amount[case]), _sum(amount[case[won]]) if won.any() else 0.0]
        made.append(
            (category, len(case), int(won.sum()), int(lost.sum()), int(open_.sum()), "fraction", *share, *money)
        )
    return pd.DataFrame(made, columns=COLUMNS)


def _sum(values: np.ndarray) -> float:
    return float(np.nansum(values)) if (~np.isnan(values)).any() else float("nan")
