"""What would it bring if one step took less time?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c import engine
from l2c.log import EventLog
from l2c.measures.facts import Facts
from l2c.measures.observations import observations
from l2c.measures.spans import SEEN
from l2c.words.errors import BadChange, UnknownName

Floats = NDArray[np.float64]
# Each draw of the bootstrap looks at every case, and ten million looks are enough for two digits.
LOOKS = 10_000_000


def what_if(
    log: EventLog,
    *,
    step: tuple[str, str],
    share: float | None = None,
    days: float | None = None,
    cost_of_capital: float = 0.08,
    level: float = 0.95,
    seed: int = 0,
) -> pd.DataFrame:
    """Arithmetic on one step: what if it took a `share` less time, or never longer than some `days`?

    Parameters
    ----------
    step
        Two activities, the second directly after the first.
    share
        By what part each passage gets shorter: 0.3 takes off 30 %.
    days
        The longest that a passage may take; shorter ones stay as they are. Give this or `share`.
    cost_of_capital
        Yearly rate at which money that comes in later costs.
    level, seed
        Level of the intervals; seed of the draws behind them.

    Returns
    -------
    One row per `measure`: `today`, `changed`, `difference` (changed minus today) with `low, high`, `unit`, `cases`:
    `step_median_days, step_mean_days` (per passage of the step; `cases` counts the cases that took it),
    `cycle_median_days, cycle_mean_days` (`throughput_days`, first to last event, of the ended cases that took it), `step_case_days` (sum
    over all passages), `capital_cost` (won deals: amount × days in the step × rate / 365; NaN without
    amounts, and where they are in several currencies).

    Raises
    ------
    UnknownName, BadChange
        If the step is not in the log, or the change is not one.

    Notes
    -----
    Neither a ceiling nor a forecast. Intervals from drawing the cases again (bootstrap, percentiles): they say how much
    the result depends on which deals happened to come, not whether the change is possible or what it will really bring.
    Nothing else is assumed to move. A real change brings less where a queue builds up at the next desk, or where that waits
    for something else anyway; it brings more where the step has a queue of its own, which gets shorter for all that come
    later (at a desk that is busy nine tenths of the time, 30 % less work saved 2.6 times as much), and where deals are won
    because the answer came sooner.
    """
    if (share is None) == (days is None):
        raise BadChange.one_of()
    if share is not None and not 0 <= share <= 1:
        raise BadChange.out_of_range("share", share)
    if days is not None and not days >= 0:
        raise BadChange.out_of_range("days", days)
    passages, cases = _passages(log, step)
    wait = passages["wait_days"].to_numpy(np.float64)
    shorter: Floats = np.minimum(wait, float(days)) if days is not None else wait * (1 - (share or 0.0))
    case = np.searchsorted(cases["case_key"].to_numpy(), passages["case_key"].to_numpy())
    saved: Floats = np.bincount(case, wait - shorter, minlength=len(cases)).astype(np.float64)
    facts = Facts.of(log)
    whole = observations(facts, "throughput_days")
    whole = whole.only(whole.how == SEEN)
    lengths = pd.Series(whole.value, facts.keys[whole.case]).reindex(cases["case_key"])
    ended = lengths.notna().to_numpy(bool)
    cycle: Floats = np.asarray(lengths, np.float64)
    quicker: Floats = np.asarray(cycle - saved, np.float64)
    bound = cases["amount"].to_numpy(np.float64) * cost_of_capital / facts.days_a_year
    bound = np.where(cases["status"].isin(["won", "paid"]), bound, np.nan)[case]
    known = ~np.isnan(bound)
    rows: list[tuple[str, str, Callable[[Floats], Any], Floats, Floats, NDArray[np.int64]]] = [
        ("step_median_days", "day", np.median, wait, shorter, case),
        ("step_mean_days", "day", np.mean, wait, shorter, case),
        ("cycle_median_days", "day", np.median, cycle[ended], quicker[ended], np.flatnonzero(ended)),
        ("cycle_mean_days", "day", np.mean, cycle[ended], quicker[ended], np.flatnonzero(ended)),
        ("step_case_days", "case_day", np.sum, wait, shorter, case),
        ("capital_cost", "money", np.sum, (bound * wait)[known], (bound * shorter)[known], case[known]),
    ]
    found = [(name, *_measured(f, now, then, of, level, seed), unit) for name, unit, f, now, then, of in rows]
    counts = [len(np.unique(of)) for *_, of in rows]
    columns = ["measure", "today", "changed", "difference", "low", "high", "unit"]
    return pd.DataFrame(found, columns=columns).assign(cases=counts)


def slowest(steps: pd.DataFrame) -> tuple[str, str]:
    """The step that holds most case-days, of what `diagnose.steps` returns.

    Raises
    ------
    BadChange
        If there is no step.
    """
    if not len(steps):
        raise BadChange.no_steps()
    top = steps.sort_values(["case_days", "from", "to"], ascending=[False, True, True]).iloc[0]
    return str(top["from"]), str(top["to"])


def median_days(log: EventLog, step: tuple[str, str]) -> float:
    """Median days of a step, over each time it was taken."""
    passages, _ = _passages(log, step)
    return float(passages["wait_days"].median())


def _passages(log: EventLog, step: tuple[str, str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Each time the step was taken, and the cases that took it, both ordered by `case_key`."""
    import narwhals as nw

    start, end = step
    for name in step:
        if name not in log.activities:
            raise UnknownName.activity(name, log.activities)
    moves = log.events.filter(nw.col("activity") == start)
    passages = engine.collect(moves.filter(nw.col("next_activity") == end).select("case_key", "wait_days"))
    if not len(passages):
        counted = engine.collect(moves.group_by("next_activity").agg(events=nw.len())).dropna()
        followers = counted.sort_values(["events", "next_activity"], ascending=[False, True])["next_activity"]
        raise BadChange.no_such_step(start, end, followers)
    passages = passages.sort_values(["case_key", "wait_days"], ignore_index=True)
    names = ["case_key", "status", *(["amount"] if "amount" in log.attributes else [])]
    cases = engine.collect(log.cases.select(*names)).sort_values("case_key", ignore_index=True)
    cases = cases[cases["case_key"].isin(passages["case_key"])].reset_index(drop=True)
    known = "amount" in cases.columns and log.one_currency
    cases["amount"] = pd.to_numeric(cases["amount"], errors="coerce") if known else np.nan
    return passages, cases


def _measured(
    measure: Callable[[Floats], Any], now: Floats, then: Floats, case: NDArray[np.int64], level: float, seed: int
) -> tuple[float, float, float, float, float]:
    """A measure today and changed, and the bootstrap interval of its difference; whole cases are drawn."""
    if not len(now):
        return (float("nan"),) * 5
    today, changed = float(measure(now)), float(measure(then))
    order = np.argsort(case, kind="stable")
    now, then = now[order], then[order]
    heads = np.flatnonzero(np.append(True, np.diff(case[order]) > 0))
    lengths = np.diff(np.append(heads, len(now)))
    single = len(heads) == len(now)
    rng = np.random.default_rng(seed)
    draws = int(np.clip(LOOKS // len(now), 200, 1000))
    gaps = np.empty(draws)
    for i in range(draws):
        drawn = rng.integers(0, len(heads), len(heads))
        if not single:
            # All passages of each drawn case: its first row, and those up to its length.
            many = lengths[drawn]
            within = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
            drawn = np.repeat(heads[drawn], many) + within
        gaps[i] = measure(then[drawn]) - measure(now[drawn])
    low, high = np.quantile(gaps, [(1 - level) / 2, (1 + level) / 2])
    if len(heads) < 2:
        low = high = float("nan")
    return today, changed, changed - today, float(low), float(high)
