"""How are we doing? The key figures, each with its interval, the cases behind it and those still open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from l2c import engine
from l2c.log import EventLog
from l2c.measures.facts import NEVER, Facts
from l2c.measures.observations import observations
from l2c.measures.spans import OPEN, SEEN
from l2c.measures.summary import VELOCITY, measured, shown
from l2c.words.errors import UnknownName
from l2c.words.measures import OWN, Measure
from l2c.words.notes import Note

__all__ = ["kpis", "sample"]


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
    One row per KPI, in the order of the vocabulary, which holds their definitions, those of your own last: `kpi`;
    `value, low, high` in the `unit` of the KPI (day, fraction, money, money_per_day, count;
    `working_day` of a log in working hours); `cases` behind it (invoices and quotes where it counts those, open ones included); `censored` (how many of them are still open, or for a rate
    how many may still change it); `note` (what to know before using the number: a `l2c.words.notes.Note`, whose `str`
    is English, or None); `target` (what it shall be, where `log.with_kpis` said so); `bound_low, bound_high` (the interval,
    whatever becomes of what is still open: of a rate in the end, of a median among those that get there; NaN where that
    hardly matters); `horizon_days` and `to_date` (in how many days a rate got there, and what it is to date; NaN of others). NaN where the data cannot tell, never an error.

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
    facts, known = Facts.of(log), figures(log)
    for name in only or ():
        if name not in known:
            raise UnknownName.metric(name, known)
    rows = []
    for kpi, measure in known.items():
        if only is not None and kpi not in only:
            continue
        found = measured(facts, kpi, level)
        note = found.note
        if note is None and np.isnan(found.estimate.value):
            note = Note("nothing_to_measure")
        counts = (found.cases, found.open, note, measure.target)
        to_date = measured(facts, measure.to_date, level).estimate.value if measure.to_date else np.nan
        bounds = (found.least, found.most, found.within, to_date)
        rows.append((kpi, *found.estimate, _unit(facts, kpi), *counts, *bounds))
    columns = ["kpi", "value", "low", "high", "unit", "cases", "censored", "note", "target"]
    table = pd.DataFrame(rows, columns=[*columns, "bound_low", "bound_high", "horizon_days", "to_date"])
    table["note"] = pd.Series([row[7] for row in rows], dtype=object)
    table["target"] = table["target"].astype(float)
    return named(table, log)


def figures(log: EventLog) -> dict[str, Measure]:
    """The key figures of a log by their ids: the measures that have a card, those of the kit and the user's own."""
    return {id: measure for id, measure in log.base.measures.items() if measure.card}


def named(table: pd.DataFrame, log: EventLog) -> pd.DataFrame:
    """The same table, which carries what the user's own measures are called; `show` reads it there."""
    own = {id: measure for id, measure in log.base.measures.items() if measure.own}
    if own:
        table.attrs[OWN] = own
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
    `case_id`; `started, ended` of a duration (in the zone of the business; `ended` is the extraction where the end has not come yet); `value` in the
    `unit` of the KPI, or 1 and 0 for a case that counts or does not count in a rate; `seen`: whether the end has come.

    Raises
    ------
    UnknownName
        If there is no such KPI.
    """
    known = figures(log)
    if kpi not in known:
        raise UnknownName.metric(kpi, known)
    facts = Facts.of(log)
    found = observations(facts, VELOCITY[0] if kpi == "pipeline_velocity" else kpi)
    found = found.only(shown(found))
    if found.kind == "overdue":
        found = replace(found, value=found.late.astype(float))
    if found.kind == "incidence":
        found = replace(found, value=(found.how == SEEN).astype(float))
    order = np.lexsort((found.case, found.value))
    chosen = found.only(order[np.unique(np.linspace(0, len(order) - 1, min(n, len(order))).round().astype(int))])
    keys = facts.keys[chosen.case]
    import narwhals as nw

    names = engine.collect(log.cases.filter(nw.col("case_key").is_in(keys.tolist())).select("case_key", "case_id"))
    return pd.DataFrame(
        {
            "case_id": names.set_index("case_key")["case_id"].reindex(keys).to_numpy(),
            "started": _dates(facts.clock.local(chosen.start)),
            "ended": _dates(facts.clock.local(chosen.end)),
            "value": chosen.value,
            "unit": _unit(facts, kpi),
            "seen": chosen.how != OPEN,
        }
    )


def _unit(facts: Facts, kpi: str) -> str:
    """The unit of a KPI; a day of a log in working hours is a working day, and its number says so."""
    unit = facts.log.base.measures[kpi].unit
    return (
        {"day": "working_day", "money_per_day": "money_per_working_day"}.get(unit, unit) if facts.is_working else unit
    )


def _dates(times: np.ndarray) -> np.ndarray:
    return np.where(times == NEVER, np.datetime64("NaT", "us"), times.astype("datetime64[us]"))
