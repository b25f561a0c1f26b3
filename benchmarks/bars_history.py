"""Promises of what is new since last time: figures that moved, findings that got worse, dismissals that come back."""

from __future__ import annotations

import sys
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import numpy as np
from bars import Bar
from bars_changes import DAYS, Shape, company, log_of

MONTH = 30
# Since so many days before the end all steps take longer; half of the cases have ended by the last month then.
SLOW_SINCE = 100


def moved_any(seed: int, *, shape: Shape, days: int = MONTH) -> float:
    """Whether any figure of the list is called moved in the last days."""
    from l2c.monitor import moved

    times, cases, _ = company(seed, shape)
    log = log_of(times, cases, shape.days)
    return float((moved(log, log.extracted - timedelta(days=days))["verdict"] == "beyond_chance").any())


def moved_cycle(seed: int, *, shape: Shape) -> float:
    """Whether the sales cycle is called moved in the last month."""
    from l2c.monitor import moved

    times, cases, _ = company(seed, shape)
    log = log_of(times, cases, shape.days)
    table = moved(log, log.extracted - timedelta(days=MONTH)).set_index("kpi")
    return float(table.loc["sales_cycle_days", "verdict"] == "beyond_chance")


GROUPS, TOLD = 60, 12


def _runs(seed: int, months: int, slower: float = 1.0) -> list[list[dict[str, Any]]]:
    """What is told month after month of groups whose delays are skewed: the largest differences that are beyond chance.

    `slower`: by how much the delays of the first group grow after the first month.
    """
    rng = np.random.default_rng([seed, 20])
    sizes = rng.integers(200, 1500, GROUPS)
    slow = np.where(rng.random(GROUPS) < 0.2, 1.5, 1.0)
    slow[0] = 1.5
    rate = 0.03 if months > 2 else 0.05
    values = [rng.lognormal(np.log(10 * slow[g]), 0.8, int(n * (1 + rate * months))) for g, n in enumerate(sizes)]
    found = []
    for month in range(months):
        rows = []
        for g, n in enumerate(sizes):
            seen = values[g][: int(n * (1 + rate * month))].copy()
            if g == 0:
                seen[n:] *= slower
            error = seen.std(ddof=1) / len(seen) ** 0.5
            effect = seen.mean() - 10 * np.exp(0.32)
            row = {
                "kind": "cause",
                "kpi": "step_days",
                "step": None,
                "attribute": "region",
                "value": f"g{g}",
                "unit": "day",
            }
            row |= {
                "id": f"g{g}",
                "told": f"g{g}",
                "effect": effect,
                "low": effect - 1.96 * error,
                "high": effect + 1.96 * error,
            }
            rows.append(row | {"cases": len(seen), "days": effect * len(seen), "money": None, "sure": effect / error})
        sure = sorted((row for row in rows if row["sure"] > 3.5), key=lambda row: -row["days"])
        found.append([row | {"listed": place < TOLD} for place, row in enumerate(sure)])
    return found


def changed_any(seed: int) -> float:
    """Whether any finding is called worse or better from one month to the next."""
    import l2c.monitor  # noqa: F401

    then, now = _runs(seed, 2)
    found = sys.modules["l2c.monitor.since_last"]._findings(then, now, 0.95, "")
    return float(found["state"].isin(["worse", "better"]).any())


def worse_first(seed: int) -> float | None:
    """Whether a group whose new cases take half as long again is called worse."""
    import l2c.monitor  # noqa: F401

    then, now = _runs(seed, 2, 1.5)
    found = sys.modules["l2c.monitor.since_last"]._findings(then, now, 0.95, "").set_index("finding")
    return float(found.loc["g0", "state"] == "worse") if "g0" in found.index else None


def comes_back(seed: int) -> float:
    """Whether a finding that was dismissed, and does not change, comes back within two years of months."""
    import l2c.monitor  # noqa: F401
    from l2c.improve.entries import Judged, Register

    module = sys.modules["l2c.monitor.since_last"]
    runs = [
        {"findings": rows, "when": datetime(2024 + n // 12, n % 12 + 1, 1), "inputs": {"content": str(n)}}
        for n, rows in enumerate(_runs(seed, 25))
    ]
    register = Register(findings=(Judged("g0", "dismissed", day=date(2024, 1, 1)),))
    for n in range(1, len(runs)):
        table = module._findings(runs[n - 1]["findings"], runs[n]["findings"], 0.95, "")
        found = module._dismissed(table, register, runs[:n], runs[n]["findings"], 0.95)
        if (found["state"] == "back").any():
            return 1.0
    return 0.0


def _bar(what: str, one: Any, bar: float, **more: Any) -> Bar:
    return Bar(f"since last time: {what}", one, bar, **more)


BARS = [
    _bar("steady, any figure called moved in a month", partial(moved_any, shape=Shape()), 0.07),
    _bar("steady, any figure called moved in a week", partial(moved_any, shape=Shape(deals=9000), days=7), 0.07),
    _bar("trend of -10 % a year, any figure called moved", partial(moved_any, shape=Shape(trend=-0.1)), 0.07),
    _bar("season of 20 %, any figure called moved", partial(moved_any, shape=Shape(season=0.2)), 0.07),
    _bar("weekly shocks AR(.7) of .15, any figure called moved", partial(moved_any, shape=Shape(shock=0.15)), 0.07),
    _bar(
        "all steps 1.4 times as long since 100 days, sales cycle called moved in the last month",
        partial(moved_cycle, shape=Shape(effect=1.4, part=1 - SLOW_SINCE / DAYS)), 0.9, at_most=False,
    ),
    _bar("nothing changed, any finding called worse or better in a month", changed_any, 0.07),
    _bar("new cases of a group take half as long again, its finding called worse", worse_first, 0.5, at_most=False),
    _bar("a dismissed finding that does not change comes back within two years", comes_back, 0.05),
]  # fmt: skip
