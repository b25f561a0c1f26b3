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
from l2c.measures.facts import Facts
from l2c.measures.observations import reached
from l2c.measures.spans import OPEN, SEEN, Observations
from l2c.prepare.pseudonyms import grouped
from l2c.stats import SMALLEST_SAMPLE
from l2c.words import vocabulary
from l2c.words.errors import UnknownName

COHORT = "opened"


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
    rows = []
    for milestone in vocabulary.milestones():
        if milestone == start or milestone not in log.activities:
            continue
        found = reached(facts, start, milestone)
        for group, some in _groups(facts, found, by):
            part = found.only(some)
            curve = stats.incidence(part.value, part.how, SEEN, part.entry, level)
            watched = float(facts.ago(part.case, part.start).max(initial=0.0))
            for limit in within:
                open_ = int(((part.how == OPEN) & (part.value < limit)).sum())
                # Where all have ended before the limit, nothing changes until then.
                until = min(float(limit), curve.last) if not open_ else float(limit)
                share = stats.at(curve, until, start=0.0) if watched >= limit else stats.UNKNOWN
                rows.append((*([group] if by else []), milestone, limit, *share, len(part), open_))
    table = pd.DataFrame(rows, columns=columns)
    return table if by is None else table.sort_values(by, kind="stable", ignore_index=True)


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


def _groups(facts: Facts, found: Observations, by: str | None) -> Iterator[tuple[object, NDArray[np.bool_]]]:
    if by is None:
        yield None, np.ones(len(found), bool)
        return
    shown: pd.Series[Any]
    if by == COHORT:
        shown = pd.Series(facts.clock.months(found.start).astype("datetime64[us]"))
    else:
        shown = grouped(facts.attribute(by), facts.log, by).iloc[found.case]
    codes, values = pd.factorize(shown, sort=True)
    for code, value in enumerate(values):
        some = codes == code
        if some.sum() >= SMALLEST_SAMPLE:
            yield value, some
