"""Which steps hold the time, whom do the cases wait for, and what would it bring to be as good as the best quarter?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c import engine, stats
from l2c.diagnose.causes import causes, mix
from l2c.diagnose.waits.queues import CAUSES, step_causes
from l2c.diagnose.waits.steps import steps
from l2c.log import EventLog
from l2c.measures.facts import Facts
from l2c.stats import SMALLEST_SAMPLE
from l2c.words import vocabulary

Floats = NDArray[Any]
# Who is compared with whom: the first of these that the log knows.
PEERS = ("rep", "region", "segment")
# Steps taken less often than this are not compared.
FEWEST_MOVES = 100
# Steps below this share of all days are not worth the comparison.
WORTH_COMPARING = 0.005
DRAWS_OF_GAIN = 500
BEST = 0.25


def bottlenecks(log: EventLog, *, cost_of_capital: float = 0.08, level: float = 0.95) -> pd.DataFrame:
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
    `peers`: whom it compares (rep, region or segment); `cost_of_capital`; `stuck`, `attribute`, `value`: how many cases
    more than of comparable ones have not gone on from the step in time, and the group they are of (see `causes`; 0 and
    None where there is no such group; where there are several, the largest). Gains are NaN for steps taken by fewer
    than 100 cases, or that hold less than half a percent of the days.

    Notes
    -----
    The level of a peer is the effect on log(days) after adjusting for the mix of deals, drawn towards the mean by how
    little is known of it (empirical Bayes): the raw best quarter is mostly luck. A gain in one step shortens the case
    only where nothing else is waited for meanwhile; gains of several steps at one desk do not add up.
    """
    table = steps(log)
    parts = step_causes(log)
    table = table.merge(parts, on=["from", "to"], how="left")
    table["waits_for"] = table["to"].map(vocabulary.whose_move).astype(object)
    rows = _waits(log)
    facts = Facts.of(log)
    grouped = rows.groupby(["from", "to"], sort=False).indices
    peers = next((name for name in PEERS if name in log.attributes), None)
    peer = None if peers is None else pd.factorize(Facts.of(log).attribute(peers), sort=True)[0]
    found = []
    for step in table[["from", "to", "share"]].itertuples(index=False):
        some = rows.iloc[grouped[step[0], step[1]]]
        days = some["wait_days"].to_numpy(np.float64)
        middle = stats.median(days, level)
        gain = (np.nan,) * 4
        if peers is not None and peer is not None and len(some) >= FEWEST_MOVES and step[2] >= WORTH_COMPARING:
            case = facts.place[some["case_key"].to_numpy(np.int64)]
            gain = _gain(facts, case, days, peers, peer[case], cost_of_capital, level)
        found.append((middle.low, middle.high, *gain))
    columns = ["median_low", "median_high", "gain_days", "gain_low", "gain_high", "gain_money"]
    table[columns] = pd.DataFrame(found, columns=columns, index=table.index, dtype=float)
    table["peers"] = pd.Series([peers] * len(table), dtype=object)
    table["cost_of_capital"] = cost_of_capital
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
    order += ["waits_for", *(f"{cause}_days" for cause in CAUSES), *columns[2:], "peers", "cost_of_capital"]
    return _standing(table[order], log, level)


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


def _waits(log: EventLog) -> pd.DataFrame:
    """Every step of every case: `case_key, from, to, wait_days`."""
    import narwhals as nw

    moves = log.events.filter(~nw.col("next_activity").is_null())
    rows = engine.collect(moves.select("case_key", "position", "activity", "next_activity", "wait_days"))
    rows = rows.sort_values(["case_key", "position"], ignore_index=True)
    named = rows.rename(columns={"activity": "from", "next_activity": "to"})
    return named.astype({"from": object, "to": object})[["case_key", "from", "to", "wait_days"]]


def _gain(
    facts: Facts,
    case: NDArray[np.int64],
    days: Floats,
    peers: str,
    codes: NDArray[np.int64],
    cost: float,
    level: float,
) -> tuple[float, float, float, float]:
    """Days and money saved at the level of the best quarter."""
    counts = np.bincount(codes[codes >= 0])
    named = np.flatnonzero(counts >= SMALLEST_SAMPLE)
    if len(named) < 4 or not days.max() > 0:
        return (np.nan,) * 4
    place = np.full(len(counts) + 1, -1)
    place[named] = np.arange(len(named))
    group = place[codes]
    some = group >= 0
    usual = float(np.median(days[days > 0]))
    y = np.log(days[some] + 0.02 * usual)
    nested = tuple(name for name in PEERS[1:] if name != peers and peers == "rep" and name == "region")
    base, _ = mix.terms(facts, case[some], y, without=(peers, "actor", *nested))
    own = (group[some][:, None] == np.arange(len(named))[None, :]).astype(np.float64)
    fit = stats.linear(np.hstack([own, base[:, 1:]]), y)
    weight = own.sum(axis=0) / own.sum()
    centre = np.eye(len(named)) - weight[None, :]
    error = np.sqrt(np.maximum(np.diag(centre @ fit.covariance[: len(named), : len(named)] @ centre.T), 1e-12))
    drawn = stats.shrunken(centre @ fit.beta[: len(named)], error)
    # The level that the best quarter of the cases has reached.
    best = np.argsort(drawn.effect, kind="stable")
    level_of_best = float(drawn.effect[best[np.searchsorted(np.cumsum(weight[best]), BEST)]])
    held = np.bincount(group[some], days[some], len(named))
    amount = facts.number("amount")[case[some]]
    bound = np.bincount(group[some], days[some] * np.nan_to_num(amount), len(named))

    def saved(effect: Floats, of: Floats) -> Floats:
        part: Floats = (of * (1 - np.exp(-np.maximum(effect - level_of_best, 0.0)))).sum(axis=-1)
        return part

    value = float(saved(drawn.effect, held))
    draws = drawn.effect + drawn.error * np.random.default_rng(0).standard_normal((DRAWS_OF_GAIN, len(named)))
    tail = (1 - level) / 2
    # Noise can only add to what lies above the level: the draws are centred on the estimate.
    spread = saved(draws, held)
    low, high = np.quantile(spread - float(np.median(spread)) + value, [tail, 1 - tail])
    money = (
        float(saved(drawn.effect, bound)) * cost / facts.days_a_year
        if facts.log.one_currency and (amount > 0).any()
        else np.nan
    )
    return value, max(float(low), 0.0), float(high), money
