"""How are we doing? The key figures, each with its interval, the cases behind it and those still open."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from l2c import engine
from l2c.log import EventLog
from l2c.measures.durations import DURATIONS
from l2c.measures.facts import NEVER, Facts
from l2c.measures.rates import MEASURES, measure
from l2c.words import vocabulary
from l2c.words.errors import UnknownName
from l2c.words.notes import Note

__all__ = ["kpis", "sample"]

KNOWN = tuple(kpi.id for kpi in vocabulary.kpis() if kpi.id in {*DURATIONS, *MEASURES})


def kpis(log: EventLog, *, only: Sequence[str] | None = None, level: float = 0.95) -> pd.DataFrame:
    """Measure every KPI.

    Parameters
    ----------
    only
        The ids of the KPIs to measure; all of them unless given.
    level
        Level of the intervals.

    Returns
    -------
    One row per KPI, in the order of the vocabulary, which holds their definitions: `kpi`; `value, low, high` in the
    `unit` of the KPI (day, fraction, money, money_per_day, count); `cases` behind it (invoices and quotes where it
    counts those, open ones included); `censored` (how many of them are still open, or for a rate how many may still
    change it); `note` (what to know before using the number: a `l2c.words.notes.Note`, whose `str` is
    English, or None). NaN where the data cannot tell, never an error.

    Notes
    -----
    Durations are medians of Kaplan-Meier curves with late entry from the start of history and log-log intervals; where
    a lost deal rules the end out, it competes (`stats.survival_among`). Rates have Wilson intervals, means Student's,
    sums and counts none. A case that went on without the end is not counted; a negative duration of up to one unit of
    time resolution is 0, a longer one is left out and counted, and with more than 10 % of them the KPI is refused.

    Raises
    ------
    UnknownName
        If `only` names a KPI that does not exist.
    """
    for name in only or ():
        if name not in KNOWN:
            raise UnknownName.metric(name, KNOWN)
    facts = Facts.of(log)
    rows = []
    units = {kpi.id: kpi.unit for kpi in vocabulary.kpis()}
    for kpi in (each for each in KNOWN if only is None or each in only):
        found = measure(facts, kpi, level)
        note = found.note
        if note is None and np.isnan(found.estimate.value):
            note = Note("nothing_to_measure")
        rows.append((kpi, *found.estimate, units[kpi], len(found.case), found.censored, note))
    table = pd.DataFrame(rows, columns=["kpi", "value", "low", "high", "unit", "cases", "censored", "note"])
    table["note"] = pd.Series([row[-1] for row in rows], dtype=object)
    return table


def sample(log: EventLog, kpi: str, n: int = 5) -> pd.DataFrame:
    """Show some of the observations a KPI was computed from, spread evenly from the smallest to the largest.

    Parameters
    ----------
    kpi
        Its id.
    n
        How many.

    Returns
    -------
    `case_id`; `started, ended` of a duration (`ended` is the extraction where the end has not come yet); `value` in the
    `unit` of the KPI, or 1 and 0 for a case that counts or does not count in a rate; `seen`: whether the end has come.

    Raises
    ------
    UnknownName
        If there is no such KPI.
    """
    if kpi not in KNOWN:
        raise UnknownName.metric(kpi, KNOWN)
    facts = Facts.of(log)
    found = measure(facts, kpi)
    order = np.lexsort((found.case, found.value))
    chosen = order[np.unique(np.linspace(0, len(order) - 1, min(n, len(order))).round().astype(int))]
    keys = facts.keys[found.case[chosen]]
    import narwhals as nw

    names = engine.collect(log.cases.filter(nw.col("case_key").is_in(keys.tolist())).select("case_key", "case_id"))
    by_key = names.set_index("case_key")["case_id"]
    never = np.full(len(found.case), NEVER)
    unit = next((k.unit for k in vocabulary.kpis() if k.id == kpi), "")
    return pd.DataFrame(
        {
            "case_id": by_key.reindex(keys).to_numpy(),
            "started": _dates((never if found.start is None else found.start)[chosen]),
            "ended": _dates((never if found.end is None else found.end)[chosen]),
            "value": found.value[chosen],
            "unit": unit,
            "seen": np.ones(len(chosen), bool) if found.seen is None else found.seen[chosen],
        }
    )


def _dates(times: np.ndarray) -> np.ndarray:
    return np.where(times == NEVER, np.datetime64("NaT", "us"), times.astype("datetime64[us]"))
