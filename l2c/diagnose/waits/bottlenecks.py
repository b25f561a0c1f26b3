"""Which steps hold the time, whom do the cases wait for, and what would it bring to be as good as the best quarter?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c.diagnose.causes import causes
from l2c.diagnose.waits import gains
from l2c.diagnose.waits.gains import PEERS, gain
from l2c.diagnose.waits.queues import CAUSES, step_causes
from l2c.diagnose.waits.steps import steps
from l2c.discover import stays
from l2c.discover.stays import Stays
from l2c.log import EventLog
from l2c.measures.facts import Facts
from l2c.stats import SMALLEST_SAMPLE, competing
from l2c.words import vocabulary

Floats = NDArray[Any]
# Steps taken less often than this are not compared.
FEWEST_MOVES = 100
# Steps below this share of all days are not worth the comparison.
WORTH_COMPARING = 0.005
# A case that stands where it is for longer than so many of those that went on did stands out.
NINE_IN_TEN = 0.9
# Interest a year on money that waits.
COST_OF_CAPITAL = 0.08


def bottlenecks(log: EventLog, *, cost_of_capital: float = COST_OF_CAPITAL, level: float = 0.95) -> pd.DataFrame:
    """Steps by the days they hold, what these consist of, and what could be gained.

    Parameters
    ----------
    cost_of_capital
        Interest a year on the money that waits, as a fraction.
    level
        Level of the intervals.

    Returns
    -------
    The rows of `steps` (`from, to, events, cases, median_days, mean_days, case_days, share`: their `case_days` add up
    to the durations of all cases exactly, less the days of work where the log tells them), with `median_low, median_high`; `waits_for` (`customer`, `approver`,
    `own_team`); the parts of `case_days` (`customer_days, batching_days, contention_days, prioritisation_days,
    off_duty_days, unexplained_days`, see `queues.waiting_causes`); `gain_days` with `gain_low, gain_high`: days saved
    if everybody reached the level of the best quarter of the peers with the same deals; `gain_money` in the log's
    currency (amount × days × `cost_of_capital` / 365; NaN where amounts are unknown or in several currencies);
    `peers`: whom it compares (rep, region or segment); `cost_of_capital`; `waiting_now`: cases that stand at `from` today
    (the same for all steps from there), `waiting_long`: those of them that have waited longer than `long_days`, by which
    nine in ten of those that went on had (NaN where fewer than 20 did); `stuck`, `attribute`, `value`: how many cases
    more than of comparable ones have not gone on from the step in time, and the group they are of (see `causes`; 0 and
    None where there is no such group; where there are several, the largest). Gains are NaN for steps taken by fewer
    than 100 cases, or that hold less than half a percent of the days.

    Notes
    -----
    Medians count the cases that still wait; their intervals, and those of the gains, know which deals are of one account.
    The levels of the peers are those they may truly have, given the deals (see `gains.gain`): the raw best quarter is
    mostly luck. A gain in one step shortens the case
    only where nothing else is waited for meanwhile; gains of several steps at one desk do not add up.
    """
    return _standing(held(log, cost_of_capital, level), log, level)


def held(log: EventLog, cost_of_capital: float, level: float) -> pd.DataFrame:
    """The columns of `bottlenecks` up to `long_days`: without the groups that stand still, which take a search."""
    table = steps(log)
    parts = step_causes(log)
    table = table.merge(parts, on=["from", "to"], how="left")
    table["waits_for"] = table["to"].map(vocabulary.whose_move).astype(object)
    facts, found = Facts.of(log), stays.stays(log)
    known = found.weights()
    account = None if found.case is None else gains.accounts(facts, facts.place[found.case[known.row]])
    low, high = competing.interval(known, 0.5, account, level)
    at = [found.steps.index(step) for step in zip(table["from"], table["to"], strict=True)]
    table["median_low"], table["median_high"] = low[at], high[at]
    saved = gained(log, table, cost_of_capital, level)
    table[list(saved.columns)] = saved
    table["cost_of_capital"] = cost_of_capital
    table = table.merge(_limits(found), on="from", how="left").astype({"waiting_now": "int64", "waiting_long": "int64"})
    table = table.rename(columns={"limit": "long_days"})
    order = [
        "from",
        "to",
        "events",
        "cases",
        "median_days",
        "median_low",
        "median_high",
        "mean_days",
        "case_days",
        "share",
    ]
    order += ["waits_for", *(f"{cause}_days" for cause in CAUSES), *saved.columns, "cost_of_capital"]
    return table[[*order, "waiting_now", "waiting_long", "long_days"]]


def gained(log: EventLog, table: pd.DataFrame, cost_of_capital: float, level: float) -> pd.DataFrame:
    """What could be gained in some steps (`from, to, share`): `gain_days, gain_low, gain_high, gain_money, peers`, a row each."""
    peers = next((name for name in PEERS if name in log.attributes), None)
    facts, found = Facts.of(log), stays.stays(log)
    known = found.weights()
    places = {step: at for at, step in enumerate(found.steps)}
    rows = []
    for step in table[["from", "to", "share"]].itertuples(index=False):
        at = places[step[0], step[1]]
        own = slice(known.first[at], known.first[at + 1])
        saved = gains.UNKNOWN
        if peers and found.case is not None and own.stop - own.start >= FEWEST_MOVES and step[2] >= WORTH_COMPARING:
            case = facts.place[found.case[known.row[own]]]
            weight = known.weight[own] / known.weight[own].mean()
            saved = gain(facts, case, known.days[own], weight, peers, cost_of_capital, level)
        rows.append(saved)
    columns = ["gain_days", "gain_low", "gain_high", "gain_money"]
    made = pd.DataFrame(rows, columns=columns, index=table.index, dtype=float)
    return made.assign(peers=pd.Series([peers] * len(table), table.index, dtype=object))


def _standing(table: pd.DataFrame, log: EventLog, level: float) -> pd.DataFrame:
    """Name beside each step the group in which most cases stand still there: they have no days of it."""
    found = causes(log, "stuck", level=level)
    table["stuck"] = 0
    table[["attribute", "value"]] = None
    for row in found[found["adverse"].astype(bool)].sort_values("lost").to_dict("records"):
        start, usual = row["step"]
        here = table.index[table["from"] == start]
        here = [*here[table.loc[here, "to"] == usual], *here][:1]
        table.loc[here, "stuck"] = round(row["lost"])
        for place in here:
            table.at[place, "attribute"], table.at[place, "value"] = row["attribute"], row["value"]
    return table


def _limits(found: Stays) -> pd.DataFrame:
    """Of each activity, how many cases stand there, and how many of them longer than nine in ten that went on did."""
    weighted, names = found.weights(), found.activities
    place = found.activity[weighted.row]
    order = np.lexsort((weighted.days, place))
    total = np.concatenate([[0.0], np.cumsum(weighted.weight[order])])
    first = np.searchsorted(place[order], np.arange(len(names) + 1))
    wanted = total[first[:-1]] + NINE_IN_TEN * (total[first[1:]] - total[first[:-1]])
    at = np.clip(np.searchsorted(total[1:], wanted - 1e-9), 0, max(len(order) - 1, 0))
    known = np.diff(first) >= SMALLEST_SAMPLE
    limit = np.where(known, weighted.days[order][at] if len(order) else np.nan, np.nan)
    there = found.step == stays.OPEN
    many = np.ones(len(there)) if found.many is None else found.many
    held = np.bincount(found.activity[there], many[there], len(names))
    long = there & (found.days > limit[found.activity])
    late = np.bincount(found.activity[long], many[long], len(names))
    return pd.DataFrame(
        {"from": pd.Series(names, dtype=object), "waiting_now": held, "waiting_long": late, "limit": limit}
    )
