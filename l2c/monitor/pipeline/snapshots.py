"""Snapshots of the past: who was open on a day, what was known of it then, and what became of it?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c.log.columns import MICROSECONDS_A_DAY as DAY
from l2c.measures.facts import NEVER
from l2c.monitor.pipeline.known import Known, known_of
from l2c.monitor.pipeline.lives import Ints, Lives
from l2c.monitor.then import last_of

Floats = NDArray[np.float64]
# Snapshots every fortnight, or as many of a short log, over so many days at most.
BETWEEN_SNAPSHOTS, FEWEST_STEPS, LONGEST_LEARNT = 14.0, 26, 730.0


@dataclass(frozen=True, eq=False)
class Snapshots:
    """One row per deal and day on which it was open, with what was known on that day.

    Attributes
    ----------
    case
        Row of the facts.
    moment
        The day, in microseconds.
    stage
        Place among `stages`, -1 where none is known.
    left, how
        Days to its end or to the end of watching, and how it ended.
    numbers, labels
        What was known: numbers (NaN where missing), and places among `values` (-1 where missing).
    """

    case: Ints
    moment: Ints
    stage: Ints
    left: Floats
    how: Ints
    stages: tuple[str, ...]
    numbers: dict[str, Floats]
    labels: dict[str, Ints]
    values: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.case)

    def only(self, some: NDArray[Any]) -> Snapshots:
        """Some of the rows."""
        return replace(
            self, case=self.case[some], moment=self.moment[some], stage=self.stage[some], left=self.left[some],
            how=self.how[some], numbers={name: x[some] for name, x in self.numbers.items()},
            labels={name: x[some] for name, x in self.labels.items()},
        )  # fmt: skip


def moments(of: Lives, until: int | None = None) -> list[int]:
    """The days of the snapshots from which is learnt, the first one first."""
    facts = of.facts
    end = facts.until if until is None else until
    there = of.began[of.some & (of.began < end)]
    if not len(there):
        return []
    first = max(int(there.min()), facts.history_start or 0)
    span = (end - first) / DAY
    step = min(BETWEEN_SNAPSHOTS, span / FEWEST_STEPS)
    if step <= 0:
        return []
    many = int(min(span, LONGEST_LEARNT) / step)
    return [end - int((k + 1) * step * DAY) for k in range(many)][::-1]


def taken(of: Lives, when: Sequence[int], without: frozenset[str] = frozenset()) -> Snapshots:
    """Take snapshots of all that are open at some moments.

    Parameters
    ----------
    without
        Attributes that are left out, since they may say how it ended.
    """
    known = known_of(of, without)
    stay = of.stays
    names = tuple(sorted(set(map(str, stay["stage"].dropna())))) if len(stay) else ()
    codes = pd.Categorical(stay["stage"].astype(object), categories=list(names)).codes.astype(np.int64)
    starts = stay["start"].to_numpy(np.int64)
    case_of, end_of = stay["case"].to_numpy(np.int64), stay["end"].to_numpy(np.int64)
    parts = []
    for moment in when:
        case = of.open_at(moment)
        at = last_of(case_of, (starts <= moment) & (moment < end_of), len(of.facts))[case]
        stage = np.where(at >= 0, codes[at], -1) if len(stay) else np.full(len(case), -1)
        since = np.where(at >= 0, starts[at], of.began[case]) if len(stay) else of.began[case]
        since = np.maximum(since, of.began[case])
        numbers = {"in_stage_days": (moment - since) / DAY, "age_days": (moment - of.began[case]) / DAY}
        numbers |= {name: tell(case, moment) for name, tell in known.numbers.items()}
        labels = {name: tell(case, moment) for name, tell in known.labels.items()}
        ended = of.over[case] != NEVER
        left = (np.where(ended, of.over[case], of.facts.until) - moment) / DAY
        parts.append(
            Snapshots(case, np.full(len(case), moment), stage, left, of.how[case], names, numbers, labels, known.values)
        )
    return _joined(parts, names, known)


def _joined(parts: list[Snapshots], names: tuple[str, ...], known: Known) -> Snapshots:
    none, empty = np.empty(0, np.int64), np.empty(0)

    def every(pick: Callable[[Snapshots], NDArray[Any]], nothing: NDArray[Any]) -> NDArray[Any]:
        return np.concatenate([pick(part) for part in parts]) if parts else nothing

    numbers = {
        name: every(lambda part, name=name: part.numbers[name], empty)  # type: ignore[misc]
        for name in ("in_stage_days", "age_days", *known.numbers)
    }
    labels = {name: every(lambda part, name=name: part.labels[name], none) for name in known.labels}  # type: ignore[misc]
    return Snapshots(
        every(lambda p: p.case, none), every(lambda p: p.moment, none), every(lambda p: p.stage, none),
        every(lambda p: p.left, empty), every(lambda p: p.how, none), names, numbers, labels, known.values,
    )  # fmt: skip
