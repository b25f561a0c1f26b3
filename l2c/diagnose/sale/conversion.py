"""How many leads get how far within so many days, and where do they go silent?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c import stats
from l2c.discover import silence
from l2c.log import EventLog
from l2c.measures.facts import DAY, MILESTONES, NEVER, Facts
from l2c.prepare.names import grouped
from l2c.stats import SMALLEST_SAMPLE
from l2c.words.errors import UnknownName

COHORT = "opened"
NOT_REACHED = ("Closed Lost", "Order Cancelled", "Order Closed")


def conversion(
    log: EventLog, *, by: str | None = None, within: tuple[int, ...] = (30, 60, 90), level: float = 0.95
) -> pd.DataFrame:
    """Share of leads that reach each milestone within so many days of their creation.

    Parameters
    ----------
    by
        An attribute, or `opened` for the month of creation (cohorts); groups of 20 leads and more.
    within
        Days.
    level
        Level of the intervals.

    Returns
    -------
    One row per group, milestone and number of days: the attribute asked for (`opened`: the first day of the month);
    `milestone`; `within_days`; `value, low, high` (fraction); `cases` (leads, or deals in a log without leads);
    `censored` (of them neither there, nor lost, nor watched for so long). NaN where no lead of the group has been
    watched for so long: a young cohort is not a bad one.

    Raises
    ------
    UnknownName
        If the log has no such attribute.

    Notes
    -----
    Incidence by Aalen and Johansen (1978), in which the loss of the lead or deal competes and open ones are censored
    at the extraction: cohorts of different age are comparable at the same number of days.
    """
    if by is not None and by != COHORT and by not in log.attributes:
        raise UnknownName.attribute(by, log.attributes)
    facts = Facts.of(log)
    start = next((name for name in ("Lead Created", "Opportunity Created") if name in log.activities), None)
    columns = [*([by] if by else []), "milestone", "within_days", "value", "low", "high", "cases", "censored"]
    if start is None or not len(facts):
        return pd.DataFrame(columns=columns)
    began = facts.first(start)
    rows = []
    for group, some in _groups(facts, began, by):
        case = np.flatnonzero(some)
        for milestone in MILESTONES:
            if milestone in (start, *NOT_REACHED) or milestone not in log.activities:
                continue
            reached = facts.first(milestone)[case]
            days, cause = _spans(began[case], reached, facts.gone[case], facts.until)
            curve = stats.incidence(days, cause, level=level)
            watched = float(((facts.until - began[case]) / DAY).max(initial=0.0))
            for limit in within:
                open_ = int(((cause == 0) & (days < limit)).sum())
                # Where all have ended before the limit, nothing changes until then.
                until = min(float(limit), curve.last) if not open_ else float(limit)
                found = stats.at(curve, until, start=0.0) if watched >= limit else stats.UNKNOWN
                rows.append((*([group] if by else []), milestone, limit, *found, len(case), open_))
    return pd.DataFrame(rows, columns=columns)


def silent(log: EventLog) -> pd.DataFrame:
    """Where open leads and deals have gone silent.

    Returns
    -------
    One row per last activity of open cases, most silent ones first: `activity`; `cases` open there; `limit_days` (99 %
    of those that went on from there did so sooner); `silent` cases that have waited longer; `share` of the open ones;
    `amount` of the silent ones (log currency, NaN where unknown or mixed); `silent_95, silent_995`: how many they
    would be at the 95 % and 99.5 % limits. Activities from which fewer than 20 cases went on are left out: nothing
    tells there how long is long.
    """
    columns = ["activity", "cases", "limit_days", "silent", "share", "amount", "silent_95", "silent_995"]
    facts, limits = Facts.of(log), silence.limits(log.base)
    amount = facts.number("amount") if log.one_currency else np.full(len(facts), np.nan)
    rows = []
    for activity, waiting in silence.waits(log).groupby("activity"):
        if activity not in limits.index:
            continue
        days = waiting["days"].to_numpy()
        quiet = waiting["silent"].to_numpy(bool)
        held = amount[facts.place[waiting["case_key"].to_numpy(np.int64)[quiet]]]
        money = float(np.nansum(held)) if (~np.isnan(held)).any() else np.nan
        low, limit, high = limits.loc[activity]
        beyond = [int((days > each).sum()) for each in (low, high)]
        rows.append((activity, len(days), limit, int(quiet.sum()), quiet.mean(), money, *beyond))
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values(["silent", "cases", "activity"], ascending=[False, False, True], ignore_index=True)


def _groups(facts: Facts, began: NDArray[np.int64], by: str | None) -> Iterator[tuple[object, NDArray[np.bool_]]]:
    there = (began != NEVER) & (began <= facts.until)
    if by is None:
        yield None, there
        return
    shown: pd.Series[Any]
    if by == COHORT:
        month = np.where(there, began, 0).astype("datetime64[us]").astype("datetime64[M]")
        shown = pd.Series(month.astype("datetime64[us]"))
    else:
        shown = grouped(facts.log.first_times((), (by,))[by], facts.log, by)
    codes, values = pd.factorize(pd.Series(shown), sort=True)
    for code, value in enumerate(values):
        some = there & (codes == code)
        if some.sum() >= SMALLEST_SAMPLE:
            yield value, some


def _spans(
    began: NDArray[np.int64], reached: NDArray[np.int64], lost: NDArray[np.int64], until: int
) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
    """Days to the milestone (1), to the loss (2) or to the extraction (0)."""
    hit, gone = reached != NEVER, lost != NEVER
    end = np.where(hit, reached, np.where(gone, lost, until))
    cause = np.where(hit, 1, np.where(gone, 2, 0)).astype(np.int8)
    return np.maximum((end - began) / DAY, 0.0), cause
