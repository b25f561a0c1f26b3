"""What was forecast, week by week, and what came of it?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c.diagnose.sale.forecasts import CATEGORY, ORDER
from l2c.diagnose.tidy import noted
from l2c.improve.days import MONDAY
from l2c.log import EventLog
from l2c.measures.facts import DAY, NEVER, Facts, Times
from l2c.measures.promises import close_date, days
from l2c.monitor.pipeline.groups import shown
from l2c.monitor.pipeline.states import (
    amounts_then,
    begins,
    closed_amounts,
    lacking,
    open_at,
    quarters,
    then,
    today_only,
)
from l2c.prepare import pseudonyms as people
from l2c.words.notes import Note, several

KEYS = ["period", "week", "rep", "forecast_category"]
COLUMNS = [*KEYS, "deals", "said", "came"]


def forecast_ledger(log: EventLog, *, names: bool | None = None) -> pd.DataFrame:
    """What was forecast on each Monday for the quarter, and what came of it by its end.

    Parameters
    ----------
    names
        Whether to show names; else as the log says.

    Returns
    -------
    One row per Monday, owner and forecast category, in this order: `period` (first day of the quarter; quarters are those of the
    business), `week` (the Monday); `rep` (owner of then; `others` where too few deals are theirs, None in a log of too few
    people); `forecast_category`; `deals`, `said`: number and amount of the deals that were open in that category when the
    Monday began, with a close date in the quarter, as all of it stood then; `came`: how much of them was won by the end of the quarter, at
    the amount of the close (NaN while the quarter is not over). Rows without a category hold what nobody had said: won in the
    rest of the quarter of deals that were not open in it, or in no category (`said` 0). Empty, with the reason in `attrs["note"]`, where
    no history tells categories or close dates. Log currency; unknown amounts count as nothing.
    """
    facts = Facts.of(log)
    if (why := lacking(facts, (CATEGORY,))) is not None:
        return noted(pd.DataFrame(columns=COLUMNS), why)
    rows = said(facts)
    rows["rep"], few = owners_shown(log, rows, names)
    rows["came"] = rows["came"].where(rows["over"])
    kinds = {"deals": ("case", "size"), "said": ("said", "sum"), "came": ("came", "sum"), "over": ("over", "first")}
    table = rows.groupby(KEYS, dropna=False, sort=False).agg(**kinds).reset_index()
    table["came"] = table["came"].where(table["over"])
    for name in ("rep", "forecast_category"):
        table[name] = table[name].astype(object).where(table[name].notna(), None)
    order = table.assign(
        _place=[place_of(c)[0] if c else len(ORDER) + 1 for c in table["forecast_category"]], _none=table["rep"].isna()
    )
    order = order.sort_values(["week", "_none", "rep", "_place", "forecast_category"], ignore_index=True)
    none = None if len(table) else Note("nothing_to_measure")
    return noted(order[COLUMNS], several([none, few, today_only(facts, "amount", "rep")]))


def said(facts: Facts) -> pd.DataFrame:
    """What was said of each deal on each Monday for its quarter, and what came.

    Returns
    -------
    `case` (row of the facts), `period` (first day of the quarter), `week` (Monday), `over` (whether the quarter is), `rep` (owner of then),
    `forecast_category` (None of what was won and nobody had said), `said`, `came` (amounts, 0 where unknown), `won` (by the end of the
    quarter), `weight` (one by the Mondays of the quarter).
    """
    first, last = facts.clock.day(facts.watched[0]), facts.today
    mondays = np.arange(first + (MONDAY - first) % 7, last + 1, 7, dtype=np.int64)
    moments = facts.clock.moments(mondays * DAY)
    kept = moments <= facts.until
    mondays, moments = mondays[kept], moments[kept]
    quarter = quarters(facts, moments)
    closes = begins(facts, quarter + 3)
    case, at = open_at(facts, moments)
    due = days(pd.Series(then(facts, close_date(facts) or "", case, moments[at])))
    month = np.where(due == NEVER, 0, due).astype("datetime64[D]").astype("datetime64[M]")
    category = then(facts, CATEGORY, case, moments[at])
    inside = (due != NEVER) & (month >= quarter[at]) & (month < quarter[at] + 3) & pd.notna(category)
    case, at, category = case[inside], at[inside], category[inside]
    won = facts.won[case] < closes[at]
    amount = np.nan_to_num(amounts_then(facts, case, moments[at]))
    rep = then(facts, "rep", case, moments[at])
    told_rows = pd.DataFrame(
        {"case": case, "at": at, "rep": rep, "forecast_category": category, "said": amount, "won": won}
    )
    told_rows["came"] = np.where(won, closed_amounts(facts)[case], 0.0)
    rows = pd.concat([told_rows, _unsaid(facts, told_rows, moments, quarter)], ignore_index=True)
    place = rows.pop("at").to_numpy(np.int64)
    weight = 1 / pd.Series(quarter).map(pd.Series(quarter).value_counts()).to_numpy(np.float64)
    return rows.assign(
        period=quarter[place].astype("datetime64[us]"),
        week=mondays[place].astype("datetime64[D]").astype("datetime64[us]"),
        over=closes[place] <= facts.until,
        weight=weight[place],
    )


def _unsaid(facts: Facts, told_rows: pd.DataFrame, moments: Times, quarter: NDArray[Any]) -> pd.DataFrame:
    """What was won after each Monday, until the end of its quarter, and nobody had said on it."""
    case = np.flatnonzero(facts.won != NEVER)
    won = facts.won[case]
    first = np.searchsorted(quarter, quarters(facts, won), "left")
    many = np.maximum(np.searchsorted(moments, won, "right") - first, 0)
    at = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many) + np.repeat(first, many)
    case = np.repeat(case, many)
    every = len(moments) + 1
    new = ~np.isin(case * every + at, told_rows["case"].to_numpy(np.int64) * every + told_rows["at"].to_numpy(np.int64))
    case, at = case[new], at[new]
    rep = facts.attribute("rep").to_numpy(object)[case]
    rows = pd.DataFrame(
        {"case": case, "at": at, "rep": rep, "said": 0.0, "came": closed_amounts(facts)[case], "won": True}
    )
    return rows.assign(forecast_category=pd.Series(None, rows.index, object))


def owners_shown(log: EventLog, rows: pd.DataFrame, names: bool | None) -> tuple[pd.Series[Any], Note | None]:
    """Who each row is of, as may be shown; of too few people nobody."""
    if "rep" not in log.attributes or people.too_few(log):
        few = Note("few_people", n=log.origin.smallest) if "rep" in log.attributes else Note("no_reps")
        return pd.Series(None, rows.index, object), few
    return shown(log, "rep", rows["case"].to_numpy(np.int64), rows["rep"], names), None


def place_of(category: object) -> tuple[int, str]:
    """Where a category stands among all: as Salesforce orders them, others by name."""
    return (ORDER.index(str(category)) if category in ORDER else len(ORDER), str(category))
