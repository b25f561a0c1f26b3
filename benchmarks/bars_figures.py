"""Promises of the six figures: what is said to be another than a year before is, and what is another is found."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from bars import Bar
from bars_changes import Shape, company, log_of

# Three years, so that all of the last four quarters have one a year before.
DAYS = 1000


def _told(seed: int, shape: Shape) -> Any:
    from l2c.monitor import figures

    times, cases, _ = company(seed, shape)
    return figures(log_of(times, cases, shape.days)).set_index("kpi")


def any_changed(seed: int, *, shape: Shape) -> float:
    """Whether any figure is said to be another than a year before."""
    return float((_told(seed, shape)["beyond_chance"] == True).any())  # noqa: E712


def longer(seed: int, *, shape: Shape) -> float:
    """Whether the sales cycle is said to be longer than a year before."""
    row = _told(seed, shape).loc["sales_cycle_days"]
    return float(row["beyond_chance"] is True and row["change"] > 0)


def covered(seed: int, *, shape: Shape) -> list[float]:
    """Whether the interval of each change holds nothing, in a company in which nothing changes."""
    rows = _told(seed, shape).dropna(subset=["change_low", "change_high"])
    return [float(row["change_low"] <= 0 <= row["change_high"]) for _, row in rows.iterrows()]


def _bar(what: str, bar: float, shape: Shape, one: Callable[..., Any] = any_changed, **more: Any) -> Bar:
    return Bar(f"six figures: {what}", partial(one, shape=shape), bar, **more)


def _shape(**more: Any) -> Shape:
    return Shape(days=DAYS, deals=2400, part=0.6, **more)


BARS = [
    _bar("steady, any called another than a year before", 0.05, _shape()),
    _bar("season of 20 %, any called another", 0.05, _shape(season=0.2)),
    _bar("accounts of ten deals, sd .4, any called another", 0.05, _shape(accounts=0.4)),
    _bar("accounts that buy for some weeks, sd .4, any called another", 0.08, _shape(accounts=0.4, clumped=True)),
    _bar("weekly shocks AR(.7) of .15, any called another", 0.08, _shape(shock=0.15), tested=(2, 3)),
    _bar("a cycle 25 % longer than a year before, found", 0.95, _shape(effect=1.25), longer, at_most=False),
]
