"""Promises of the pace: how often a chart of the weeks alarms though nothing changed, and how soon when something did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from bars import Bar
from bars_changes import STEP, Shape, company, log_of

# 39 weeks of base, 35 watched; what changes begins to in week 44.
BASE, WATCHED, CHANGED = 39, 35, 44
CALM = Shape(days=7 * (BASE + WATCHED) + 1, deals=6000, part=7 * CHANGED / (7 * (BASE + WATCHED) + 1))
# A company shuts for two weeks, and does the work of three in the one that follows.
SHUT = BASE + 20


def _log(seed: int, shape: Shape, *, shut: bool = False) -> Any:
    times, cases, _ = company(seed, shape)
    if shut:
        first, last = 7.0 * SHUT, 7.0 * (SHUT + 3)
        late = lambda day: last - (last - day) / 3  # noqa: E731
        times = times.apply(lambda day: np.where((day >= first) & (day < last), late(day), day))
    return log_of(times, cases, shape.days)


def _alarms(table: pd.DataFrame) -> pd.Series:
    """Number of the week, from the first of the log, of each alarm."""
    first = table["week"].min()
    return (table.loc[table["alarm"].astype(bool), "week"] - first).dt.days // 7


def false(seed: int, *, shape: Shape, shut: bool = False) -> float:
    """Whether anything alarms in the weeks that are watched."""
    from l2c.monitor import pace

    return float(len(_alarms(pace(_log(seed, shape, shut=shut), _date()))) > 0)


def found(seed: int, *, shape: Shape, within: int) -> float:
    """Whether the first alarm of the step comes after the change, and soon."""
    from l2c.monitor import pace

    table = pace(_log(seed, shape), _date())
    if shape.effect == 1:
        table = table[table["step"].map(lambda step: step == STEP).astype(bool)]
    alarms = _alarms(table)
    return float(len(alarms) > 0 and CHANGED <= alarms.min() < CHANGED + within)


def weekly(seed: int, *, shape: Shape, sigma: float, within: int | None = None) -> float:
    """What people do: the weekly mean of the deals closed in a week against so many standard deviations of the base."""
    times, _, _ = company(seed, shape)
    began, closed = times["Opportunity Created"].to_numpy(), times["Closed"].to_numpy()
    seen = closed < 7 * (BASE + WATCHED)
    mean = pd.Series((closed - began)[seen]).groupby(closed[seen] // 7).mean().reindex(range(BASE + WATCHED))
    usual, spread = mean[:BASE].mean(), mean[:BASE].std()
    alarms = np.flatnonzero(abs(mean - usual)[BASE:] > sigma * spread) + BASE
    if within is None:
        return float(len(alarms) > 0)
    return float(len(alarms) > 0 and CHANGED <= alarms.min() < CHANGED + within)


def _date() -> Any:
    from datetime import timedelta

    from worlds import START

    return START + timedelta(days=7 * BASE)


def _bar(what: str, one: Callable[..., float], bar: float, shape: Shape, **more: Any) -> Bar:
    kept = {name: more.pop(name) for name in ("within", "sigma", "shut") if name in more}
    return Bar(f"pace: {what}", partial(one, shape=shape, **kept), bar, **more)


# Beside each: the weekly mean of closed deals at 2 and 3 standard deviations, in 25 worlds (`weekly`).
_STEADY = {
    "steady": (CALM, ".12, 0"),
    "accounts of ten deals, sd .4": (replace(CALM, accounts=0.4), ".64, 0"),
    "accounts that buy for some weeks, sd .4": (replace(CALM, accounts=0.4, clumped=True), ".84, 0"),
    "twice as many deals at the end": (replace(CALM, growth=2.0), ".56, 0"),
    "mix from 30 to 60 % large": (replace(CALM, mix=True), ".76, 0"),
    "season of 20 %": (replace(CALM, season=0.2), ".32, .04"),
    "trend of -10 % a year": (replace(CALM, trend=-0.1), "0, 0"),
    "weekly shocks AR(.7) of .15": (replace(CALM, shock=0.15), ".64, .04"),
}
_SLOW = {
    "a step 1.4 times as slow, alarm within 8 weeks": (replace(CALM, step=1.4), 8, 0.9, ".16, 0"),
    "a step 1.2 times as slow, alarm within 16 weeks": (replace(CALM, step=1.2), 16, 0.8, ".16, 0"),
    "all 1.2 times as slow, alarm within 16 weeks": (replace(CALM, effect=1.2), 16, 0.8, ".52, 0"),
}
# What is out of reach, and why.
_TRIED = {
    "trend of -10 % a year": "no false alarm but a true one: in the last week all goes a tenth faster than in the middle of the base"
}
BARS = [
    *(
        _bar(
            f"{what}, any alarm in 35 weeks",
            false,
            0.05,
            shape,
            before=before,
            tested=(101,),
            tried=_TRIED.get(what, ""),
        )
        for what, (shape, before) in _STEADY.items()
    ),
    _bar("shut for two weeks, any alarm in 35 weeks", false, 0.05, CALM, shut=True, tested=(101,)),
    *(
        _bar(what, found, bar, shape, within=within, before=before, at_most=False, tested=(101,))
        for what, (shape, within, bar, before) in _SLOW.items()
    ),
]
