"""Which cases are behind the rows of what is watched over time: quarters, outcomes of a change, forecasts, bridges?"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from l2c.diagnose.behind import behind as of_diagnosis
from l2c.diagnose.behind import with_places
from l2c.log import EventLog
from l2c.measures.behind import BEHIND, Found, Places, of_ids, places
from l2c.measures.facts import DAY, Facts
from l2c.measures.invoices import invoices
from l2c.measures.observations import observations
from l2c.measures.summary import shown
from l2c.monitor.outcome import design
from l2c.monitor.pipeline.bridge import bridge_deals
from l2c.monitor.pipeline.open_deals import open_deals
from l2c.monitor.quarters import MOST_QUARTERS, began_in, followed_quarters
from l2c.monitor.sides import moment, sides


def behind(table: pd.DataFrame, log: EventLog) -> pd.DataFrame:
    """Say of each row of a table which cases its number is made of.

    Parameters
    ----------
    table
        What `quarters`, `outcomes`, `lately`, `forecast`, `cash` or a function of `diagnose` returned for this log.

    Returns
    -------
    The same table with a column `behind`, as `l2c.diagnose.behind` has it: of a quarter what began in it, of an outcome what
    began in either window, of a bar of the pipeline its deals, of a forecast the deals that are open, of money to come
    those with an open invoice and the deals that may still bring one.
    """
    columns = set(table.columns)
    if BEHIND in columns:
        return table
    found = next((of for known, of in _KINDS if known <= columns), None) if len(table) else None
    return of_diagnosis(table, log) if found is None else with_places(table, found(table, log))


def _of_quarters(table: pd.DataFrame, log: EventLog) -> Found:
    known = {}
    for quarter in followed_quarters(log, MOST_QUARTERS):
        facts = Facts.of(log, until=quarter.look)
        month = pd.Timestamp(quarter.month.astype("datetime64[us]"))
        for kpi in table.loc[table["quarter"] == month, "kpi"]:
            seen = observations(facts, kpi)
            # A rate is told of all that began, whenever it is looked at.
            seen = observations(Facts.of(log), kpi) if seen.kind == "incidence" else seen
            inside = began_in(seen, quarter)
            known[kpi, month] = places(facts, inside.case[shown(inside)])
    for kpi, quarter in zip(table["kpi"], table["quarter"], strict=True):
        yield known.get((kpi, pd.Timestamp(quarter)))


def _of_outcomes(table: pd.DataFrame, log: EventLog) -> Found:
    cut = sides(log, moment(str(table["change_date"].iloc[0]), log))
    width = (table["window_end"].iloc[0] - table["change_date"].iloc[0]).total_seconds() * 1e6
    # Windows of another length, and sides that were held against others, are not known by the table alone.
    known = abs(width - cut.width) < DAY / 8 and (table["design"] == design(None)).all()
    for row in table.to_dict("records"):
        if row["rule"] or not known:
            yield None
            continue
        seen = cut.inside(cut.seen(row["outcome"]))
        parts = [places(f, each.case[shown(each)]) for f, each in zip(cut.facts, seen, strict=True)]
        yield np.union1d(*parts)


def _of_bridge(table: pd.DataFrame, log: EventLog) -> Found:
    """Those of each bar of the bridge that `lately` draws, whose days the table tells; of parts by a group none are known."""
    days = table.attrs.get("days")
    found = bridge_deals(log, *days) if days and "group" not in table else pd.DataFrame({"part": [], "case_id": []})
    of = dict(list(found.groupby("part")["case_id"]))
    yield from (of_ids(log, of[part]) if part in of else None for part in table["part"])


def _of_open(table: pd.DataFrame, log: EventLog) -> Found:
    yield from _same(of_ids(log, open_deals(log)["case_id"]), table)


def _of_money(table: pd.DataFrame, log: EventLog) -> Found:
    facts = Facts.of(log.in_calendar_time())
    owed = invoices(facts)
    yield from _same(
        np.union1d(places(facts, owed.wait.case[owed.still]), of_ids(log, open_deals(log)["case_id"])), table
    )


def _same(found: Places, table: pd.DataFrame) -> Iterator[Places]:
    """Each row is made of all of them, of each by its chance."""
    yield from (found for _ in range(len(table)))


_KINDS: tuple[tuple[set[str], Callable[[pd.DataFrame, EventLog], Found]], ...] = (
    ({"kpi", "quarter", "complete"}, _of_quarters),
    ({"outcome", "change_date", "design"}, _of_outcomes),
    ({"part", "change", "deals"}, _of_bridge),
    ({"period", "to_come", "deals"}, _of_open),
    ({"from_invoices", "from_deals"}, _of_money),
)
