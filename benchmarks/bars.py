"""What is promised of the statistics, and how it is measured: a bar is a share over worlds drawn anew from seeds.

A module of bars (`benchmarks/bars_*.py`) lists them in `BARS`; `make honesty` measures all, the tests two seeds of each.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
# A bar counts as met within so many standard errors.
ERRORS = 1.6


@dataclass(frozen=True)
class Bar:
    """A promise: `what` is counted in which world; at least or at most `bar`; `before` is what it was; `one` counts it.

    `one` takes a seed and returns what this world adds: a number, or several (a list), or None where it has nothing to
    say. It must be a function of a module, so that other processes can call it.
    """

    what: str
    one: Callable[[int], float | list[float] | None]
    bar: float
    at_most: bool = True
    before: str = "–"
    worlds: int = 100
    # A second bound, for what must lie between two.
    also: float | None = None
    # What was tried where the bar is out of reach.
    tried: str = ""
    # Two worlds, drawn in `make test` too, in which the promise holds; none where it is out of reach.
    tested: tuple[int, ...] = (1, 2)


@dataclass(frozen=True)
class Result:
    """What was measured: the mean, its standard error over worlds, how many said something."""

    value: float
    error: float
    worlds: int


def result(found: list[float | list[float] | None]) -> Result:
    """Sum up what single worlds say; those of one world go together."""
    each = [x if isinstance(x, list) else [x] for x in found if x is not None]
    each = [x for x in each if x]
    count = sum(map(len, each))
    if not count:
        return Result(float("nan"), float("nan"), 0)
    mean = sum(map(sum, each)) / count
    spread = sum((sum(x) - mean * len(x)) ** 2 for x in each)
    return Result(mean, spread**0.5 / count, len(each))


def met(bar: Bar, found: Result) -> bool:
    """Whether a bar is met, as far as so many worlds can tell."""
    slack = ERRORS * found.error
    low, high = (bar.bar, bar.also) if bar.also is not None else (None, bar.bar) if bar.at_most else (bar.bar, None)
    return (low is None or found.value >= low - slack) and (high is None or found.value <= high + slack)


def row(bar: Bar, found: Result) -> dict[str, object]:
    """One row of the table."""
    wanted = f"{bar.bar:g} – {bar.also:g}" if bar.also is not None else f"{'≤' if bar.at_most else '≥'} {bar.bar:g}"
    verdict = "met" if met(bar, found) else "not met"
    return {
        "what": bar.what,
        "bar": wanted,
        "before": bar.before,
        "now": f"{found.value:.3g} ± {found.error:.2g}",
        "worlds": found.worlds,
        "verdict": f"{verdict}{': ' + bar.tried if verdict != 'met' and bar.tried else ''}",
    }


def every() -> Iterator[Bar]:
    """All bars, module by module."""
    for path in sorted(HERE.glob("bars_*.py")):
        yield from importlib.import_module(path.stem).BARS
