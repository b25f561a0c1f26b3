"""Which path should a deal take, and where do deals leave it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from l2c import engine
from l2c.log import EventLog, again
from l2c.log.outcomes import ENDED_BY

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ["conforming", "steps", "left_after", "expected", "instead"]


def happy_path(log: EventLog) -> tuple[str, ...]:
    """Return the most frequent trace of the deals that ended well.

    Paid deals decide; where none is paid, the won ones; where the log knows no outcome, all cases. Open cases
    are unfinished, not short, and so have no say. Equal counts: the shorter trace, then the alphabet. What is done once
    more for another document, and what only keeps a record, is no step of a path: see `l2c.log.again`.
    """
    if not log.conditions:
        return log.base.memo("happy path", lambda: _happy_path(log))
    return _happy_path(log)


def _happy_path(log: EventLog) -> tuple[str, ...]:
    for outcome in ("paid", "won"):
        if (found := log.where(outcome=outcome)).n_cases:
            return _usual(found)
    return _usual(log)


def _usual(log: EventLog) -> tuple[str, ...]:
    """The most frequent trace."""
    from collections import Counter

    counted: Counter[tuple[str, ...]] = Counter()
    folds = again.folds(log.base)
    places, cases = np.unique(folds.of[_rows(log)], return_counts=True)
    for place, n in zip(places, cases, strict=True):
        counted[again.steps(folds.traces[place])] += int(n)
    return min(counted, key=lambda trace: (-counted[trace], len(trace), trace), default=())


def _rows(log: EventLog) -> np.ndarray:
    """Places of the cases of a log among those of the whole."""
    if not log.conditions:
        return np.arange(log.base.n_cases)
    return np.searchsorted(again.keys(log.base), np.sort(log.kept()))


def deviations(log: EventLog, path: tuple[str, ...] | None = None) -> pd.DataFrame:
    """For each case, whether and where it leaves the happy path.

    Parameters
    ----------
    path
        The path to hold the cases against; the happy path of the whole log unless given.

    Returns
    -------
    One row per case, by `case_id`: `case_id, variant_id, status`; `conforming` (True, False, or missing while
    a deal is on the path but not at its end); `steps` (events on the path before leaving it); `left_after`,
    `expected`, `instead` (where it left, what should have come, what came; END when it stopped).

    Notes
    -----
    A lost deal conforms when it was on the path until Closed Lost, a lost lead until Lead Disqualified. In a log that
    knows no outcome, every case counts as ended. What is done once more for another document (another quote, order,
    invoice, instalment) leaves no path, nor does a mark that the path does not name (a push, a reminder, a change of owner).
    """
    found = verdicts(log, path)
    names = engine.collect(log.cases.select("case_key", "case_id"))
    found = names.merge(found, on="case_key").drop(columns="case_key")
    return found.sort_values("case_id", ignore_index=True)


def verdicts(log: EventLog, path: tuple[str, ...] | None = None) -> pd.DataFrame:
    """What `deviations` says of each case, by `case_key`; a verdict depends on the folded trace and the status alone."""
    import pandas as pd

    path = happy_path(EventLog(log.base)) if path is None else tuple(path)
    cases = traced(log)
    kinds = cases[["fold", "status"]].drop_duplicates()
    traces = again.folds(log.base).traces
    judged = [
        _verdict(again.steps(traces[fold], path), path, status if log.base.knows_outcomes else "paid")
        for fold, status in kinds.itertuples(index=False)
    ]
    table = pd.DataFrame(judged, kinds.index, columns=COLUMNS).astype({"conforming": "boolean"})
    found = cases.merge(kinds.join(table), on=["fold", "status"], how="left").drop(columns="fold")
    return found.sort_values("case_key", ignore_index=True)


def traced(log: EventLog) -> pd.DataFrame:
    """One row per case, by key: `case_key, variant_id, status, fold` (place of its trace in `again.folds`)."""
    cases = engine.collect(log.cases.select("case_key", "variant_id", "status"))
    cases = cases.sort_values("case_key", ignore_index=True)
    places = np.searchsorted(again.keys(log.base), cases["case_key"].to_numpy())
    return cases.assign(fold=again.folds(log.base).of[places])


def _verdict(trace: tuple[str, ...], path: tuple[str, ...], status: str) -> tuple[object, int, object, object, object]:
    from itertools import takewhile

    from l2c.log import END, START

    steps = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(trace, path, strict=False)))
    came = trace[steps] if steps < len(trace) else END
    expected = path[steps] if steps < len(path) else END
    if came == expected:
        return True, steps, None, None, None
    if came == END and status in ("open", "won"):
        return None, steps, None, None, None
    if status in ENDED_BY and trace[steps:] == (ENDED_BY[status],):
        return True, steps, None, None, None
    return False, steps, trace[steps - 1] if steps else START, expected, came
