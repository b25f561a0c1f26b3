"""Promises of before and after, and of the day since when something differs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from bars import Bar
from worlds import START

DAYS, DEALS = 720, 3000


@dataclass(frozen=True)
class Shape:
    """A company in which nothing, or one thing, happens on a day: what its figures do besides.

    `trend` a year and `season` (half of the way up and down) as fractions; `shock`: standard deviation of weekly shocks
    that hang together by .7; `accounts`: that of the pace of accounts of ten deals; `mix`: large deals grow from 30 to 60 %;
    `effect`: factor of all durations from the day on; `step`: that of one step alone.
    """

    trend: float = 0.0
    season: float = 0.0
    shock: float = 0.0
    accounts: float = 0.0
    clumped: bool = False
    mix: bool = False
    worst: bool = False
    effect: float = 1.0
    step: float = 1.0
    growth: float = 1.3
    days: int = DAYS
    deals: int = DEALS
    part: float = 2 / 3


def company(seed: int, shape: Shape) -> tuple[pd.DataFrame, pd.DataFrame, float]:
    """Draw the deals: when each reached what, what it came with, and the day of the change."""
    rng = np.random.default_rng([seed, 18])
    n, days = shape.deals, shape.days
    opened = np.sort(days * rng.power(shape.growth, n))
    account = rng.integers(0, max(n // 10, 1), n)
    if shape.clumped:
        middle = days * rng.power(shape.growth, n // 10)
        opened = np.clip(middle[account] + rng.normal(0, 40, n), 0, days - 0.01)
    change = days * shape.part
    large = rng.random(n) < (0.3 + 0.3 * opened / days if shape.mix else 0.4)
    pace = np.where(large, 1.8, 1.0) * (1 + shape.trend) ** (opened / 365)
    pace *= 1 + shape.season * np.sin(2 * np.pi * (opened / 365 + rng.random()))
    pace *= np.exp(rng.normal(0, shape.accounts, n // 10))[account] if shape.accounts else 1.0
    shocks = rng.normal(0, shape.shock, days // 7 + 2)
    for week in range(1, len(shocks)):
        shocks[week] = 0.7 * shocks[week - 1] + 0.51**0.5 * shocks[week]
    pace *= np.exp(shocks[(opened // 7).astype(int)])
    pace *= np.where(opened >= change, shape.effect, 1.0)
    quoted = opened + pace * rng.lognormal(np.log(20), 0.7, n)
    slower = np.where(quoted >= change, shape.step, 1.0)
    answered = quoted + pace * slower * rng.lognormal(np.log(14), 0.7, n)
    closed = answered + pace * rng.lognormal(np.log(12), 0.8, n)
    if shape.worst:
        ends = np.arange(270, days - 179, 90)
        seen = closed <= days
        means = [(closed - opened)[seen & (opened >= end - 90) & (opened < end)].mean() for end in ends]
        change = float(ends[int(np.argmax(means))])
    times = pd.DataFrame(
        {"Opportunity Created": opened, "Quote Sent": quoted, "Quote Accepted": answered, "Closed": closed}
    )
    cases = pd.DataFrame(
        {
            "region": [f"R{r}" for r in rng.integers(0, 4, n)],
            "segment": np.where(large, "large", "small"),
            "account": [f"A{a}" for a in account],
            "won": rng.random(n) < 0.5,
        }
    )
    return times, cases, change


def log_of(times: pd.DataFrame, cases: pd.DataFrame, days: int) -> Any:
    """The log that the company's system holds on the last day."""
    from l2c.log import build

    parts = []
    for name in times:
        activity = np.where(cases["won"], "Closed Won", "Closed Lost") if name == "Closed" else name
        part = cases.drop(columns="won").assign(case_id=cases.index.astype(str), activity=activity, day=times[name])
        parts.append(part[part["day"] <= days])
    rows = pd.concat(parts, ignore_index=True)
    rows["time"] = START + pd.to_timedelta((rows["day"] * 86_400).round(), unit="s")
    return build(rows.drop(columns="day"), extracted=START + timedelta(days=days))


def changed(seed: int, *, shape: Shape) -> float:
    """Whether the sales cycle, announced beforehand, is said to have changed."""
    from l2c.monitor import compare

    times, cases, day = company(seed, shape)
    log = log_of(times, cases, shape.days)
    table = compare(log, START + timedelta(days=day), kpi="sales_cycle_days")
    return float(table["verdict"].iloc[0] == "beyond_chance")


def any_changed(seed: int, *, shape: Shape) -> float:
    """Whether any KPI of the table is said to have changed."""
    from l2c.monitor import compare

    times, cases, day = company(seed, shape)
    table = compare(log_of(times, cases, shape.days), START + timedelta(days=day))
    return float((table["verdict"] == "beyond_chance").any())


def _bar(what: str, bar: float, before: str, shape: Shape, one: Callable[..., float] = changed, **more: Any) -> Bar:
    return Bar(f"before and after: {what}", partial(one, shape=shape), bar, before=before, **more)


BARS = [
    _bar("steady, sales cycle called changed", 0.08, ".03", Shape()),
    _bar("trend of -10 % a year, called changed", 0.08, ".95", Shape(trend=-0.1)),
    _bar("season of 20 %, called changed", 0.08, ".97", Shape(season=0.2)),
    _bar("weekly shocks AR(.7) of .15, called changed", 0.08, ".60", Shape(shock=0.15)),
    _bar("accounts of ten deals, sd .4, called changed", 0.08, ".33", Shape(accounts=0.4)),
    _bar("accounts that buy for some weeks, sd .4, called changed", 0.08, "–", Shape(accounts=0.4, clumped=True)),
    _bar("mix from 30 to 60 % large, called changed", 0.08, "1.0", Shape(mix=True)),
    _bar("worst quarter chosen, called changed", 0.08, ".68", Shape(worst=True)),
    _bar("steady, any figure of the table called changed", 0.08, ".53", Shape(), any_changed),
    _bar("a true -20 %, found", 0.95, "1.0", Shape(effect=0.8), at_most=False),
]


STEP = ("Quote Sent", "Quote Accepted")


def dated(seed: int, *, shape: Shape) -> float:
    """Whether the step that changed is named with a day within a month of the true one."""
    from l2c.diagnose import since

    times, cases, day = company(seed, shape)
    table = since(log_of(times, cases, shape.days))
    rows = table[table["step"].map(lambda step: step == STEP).astype(bool)]
    return float(any(abs((found - START).days - day) <= 31 for found in rows["since"]))


def any_day(seed: int, *, shape: Shape) -> float:
    """Whether any day is named."""
    from l2c.diagnose import since

    times, cases, _ = company(seed, shape)
    return float(len(since(log_of(times, cases, shape.days))) > 0)


BARS += [
    Bar(
        "since: a step 1.4 times as slow, day found within a month",
        partial(dated, shape=Shape(step=1.4)),
        0.90,
        at_most=False,
    ),
    Bar("since: steady, any day named", partial(any_day, shape=Shape()), 0.05, tested=(1,)),
    Bar("since: trend of -10 % a year, any day named", partial(any_day, shape=Shape(trend=-0.1)), 0.05, tested=(1,)),
    Bar("since: season of 20 %, any day named", partial(any_day, shape=Shape(season=0.2)), 0.05, tested=(1,)),
    Bar(
        "since: weekly shocks AR(.7) of .15, any day named",
        partial(any_day, shape=Shape(shock=0.15)),
        0.05,
        tested=(1,),
    ),
]
