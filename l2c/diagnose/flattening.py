"""What does the flat log get wrong where a deal has several quotes, orders or invoices?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from l2c.log import EventLog
from l2c.measures.facts import NEVER, Facts
from l2c.measures.objects import object_spans, pairs
from l2c.measures.spans import SEEN
from l2c.words import vocabulary

COLUMNS = (
    "start",
    "end",
    "count",
    "mean_days",
    "median_days",
    "cases",
    "flat_mean_days",
    "flat_median_days",
    "next_mean_days",
)


def flattening(log: EventLog) -> pd.DataFrame:
    """Compare durations on their own object with what a log flattened to deals says.

    Returns
    -------
    One row per pair of events of one object that the log records: `start, end`; `count` of objects with both, their
    `mean_days` and `median_days`; `cases` with both, `flat_mean_days` and `flat_median_days` from the first start to the
    first end of the case; `next_mean_days`, the mean of those ends that directly follow a start, as a process map shows it.

    Notes
    -----
    Of finished durations only, on both sides, so that the difference is that of counting and not of censoring. The
    fault is known as divergence: W. van der Aalst, "Object-Centric Process Mining: Dealing with Divergence and
    Convergence in Event Data" (2019).
    """
    import narwhals as nw

    from l2c import engine

    facts = Facts.of(log)
    rows = []
    lives = dict(vocabulary.document_steps())
    for start, end in lives.items():
        # Of each life the last step alone.
        if end in lives or not {start, end} <= set(log.activities):
            continue
        found = object_spans(facts, pairs(log.base, start, end), of_sale=False, unit=facts.unit(start, end))
        own = found.value[found.how == SEEN]
        first, last = facts.first(start), facts.first(end)
        both = (first != NEVER) & (last != NEVER) & (last >= first)
        flat = facts.elapsed(np.flatnonzero(both), first[both], last[both])
        steps = log.events.filter((nw.col("activity") == start) & (nw.col("next_activity") == end))
        direct = engine.collect(steps.select(nw.col("wait_days").mean()))["wait_days"].iloc[0]
        rows.append((start, end, len(own), *_middle(own), int(both.sum()), *_middle(flat), float(direct)))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _middle(days: np.ndarray) -> tuple[float, float]:
    return (float(days.mean()), float(np.median(days))) if len(days) else (float("nan"), float("nan"))
