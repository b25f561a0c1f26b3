"""What a user could hope for: sorted, dictionary-encoded numpy arrays with an index per step. No part of the kit.

Everything that a filter does not change is computed beforehand; a filter by case is then one mask, and since the values
of each step stand sorted, its median and its 90th percentile are looked up.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from l2c import engine
from l2c.log import EventLog


class Groups(NamedTuple):
    """Values sorted within groups: `start` of each group, the `value` and the `case` of each row."""

    start: np.ndarray
    value: np.ndarray
    case: np.ndarray


class Index(NamedTuple):
    """Steps by their wait, variants and the whole log by the duration of their cases; `of` holds the filter's column."""

    steps: Groups
    variants: Groups
    cases: Groups
    of: np.ndarray


def index(log: EventLog, attribute: str) -> Index:
    """Sort once; places of cases are their `case_key`."""
    events = engine.collect(log.events.select("case_key", "activity", "next_activity", "wait_days"))
    cases = engine.collect(log.cases.select("case_key", "variant_id", "duration_days", attribute))
    cases = cases.sort_values("case_key", ignore_index=True)
    step = pd.factorize(events["activity"])[0] * 1000 + pd.factorize(events["next_activity"].fillna(""))[0]
    step = np.unique(step, return_inverse=True)[1]
    key = np.arange(len(cases))
    return Index(
        _grouped(step, events["wait_days"].fillna(0).to_numpy(), events["case_key"].to_numpy(np.int64)),
        _grouped(cases["variant_id"].to_numpy(), cases["duration_days"].to_numpy(), key),
        _grouped(np.zeros(len(cases), np.int64), cases["duration_days"].to_numpy(), key),
        cases[attribute].to_numpy(),
    )


def refresh(index: Index, value: object) -> list[tuple[np.ndarray, ...]]:
    """Count, mean, median and 90th percentile of each step, of each variant and of all, for the cases with a value."""
    mask = index.of == value
    return [_measured(groups, mask) for groups in (index.steps, index.variants, index.cases)]


def _grouped(group: np.ndarray, value: np.ndarray, case: np.ndarray) -> Groups:
    order = np.lexsort((value, group))
    start = np.flatnonzero(np.append(True, np.diff(group[order]) > 0))
    return Groups(start, value[order].astype(np.float32), case[order].astype(np.int32))


def _measured(groups: Groups, mask: np.ndarray) -> tuple[np.ndarray, ...]:
    kept = mask[groups.case]
    value = groups.value[kept]
    before = np.append(0, np.cumsum(kept))[np.append(groups.start, len(kept))]
    count = np.diff(before)
    there = count > 0
    first, count = before[:-1][there], count[there]
    mean = np.add.reduceat(value, first) / count
    quantiles = [value[first + ((count - 1) * q).astype(np.int64)] for q in (0.5, 0.9)]
    return count, mean, *quantiles
