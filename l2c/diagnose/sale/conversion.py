"""How many leads and deals get how far within so many days, and where do they go silent?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c import engine, stats
from l2c.diagnose.tidy import few, noted
from l2c.discover import silence
from l2c.log import EventLog, several
from l2c.measures.facts import Facts
from l2c.measures.followed import entered
from l2c.measures.observations import reached
from l2c.measures.spans import OPEN, SEEN, Observations
from l2c.prepare.pseudonyms import grouped
from l2c.stats import SMALLEST_SAMPLE
from l2c.words import vocabulary
from l2c.words.errors import UnknownName
from l2c.words.notes import Note

COHORT = "opened"
STARTS = {"lead": "Lead Created", "opportunity": "Opportunity Created"}


def conversion(
    log: EventLog,
    *,
    of: Literal["lead", "opportunity"] | None = None,
    by: str | None = None,
    within: tuple[int, ...] = (30, 60, 90),
    level: float = 0.95,
) -> pd.DataFrame:
    """Share of leads and deals that reach each milestone within so many days of their creation.

    Parameters
    ----------
    of
        Whose creation counts: `lead` or `opportunity`. Unless given, leads up to the opportunity, and opportunities from
        there on, whether they had a lead or not; in a log that knows only one of the two, that one.
    by
        An attribute, or `opened` for the month of creation (cohorts); groups of 20 and more.
    within
        Days.
    level
        Level of the intervals.

    Returns
    -------
    One row per group, milestone and number of days: the attribute asked for (`opened`: the first day of the month);
    `object` (`lead` or `opportunity`); `milestone`; `within_days`; `value, low, high` (fraction); `cases` (of these objects);
    `censored` (of them neither there, nor lost, nor watched for so long). NaN where none of the group has been
    watched for so long: a young cohort is not a bad one.

    Raises
    ------
    UnknownName
        If the log has no such attribute, or `of` is neither.

    Notes
    -----
    Incidence by Aalen and Johansen (1978), in which the loss of the lead or deal competes and open ones are censored
    at the extraction: cohorts of different age are comparable at the same number of days. What was opened before the
    history is at risk since then, and only where all of it is known (`l2c.measures.followed.entered`).
    """
    if by is not None and by != COHORT and by not in log.attributes:
        raise UnknownName.attribute(by, log.attributes)
    facts = Facts.of(log)
    columns = [*([by] if by else []), "object", "milestone", "within_days", "value", "low", "high", "cases", "censored"]
    if of is not None and of not in STARTS:
        raise UnknownName.metric(of, STARTS)
    if not len(facts) or not set(STARTS.values()) & set(log.activities):
        return noted(pd.DataFrame(columns=columns), few((), log, "Lead Created", "Opportunity Created"))
    rows = []
    for milestone in vocabulary.milestones():
        about = of or _whose(milestone, log.activities)
        if about is None or STARTS[about] not in log.activities:
            continue
        if milestone not in log.activities or not _comes_after(milestone, STARTS[about]):
            continue
        found = entered(facts, reached(facts, STARTS[about], milestone))
        for group, some in grouped_by(facts, found, by):
            part = found.only(some)
            curve = stats.incidence(part.value, part.how, SEEN, part.entry, level, part.account)
            watched = float(facts.ago(part.case, part.start).max(initial=0.0))
            for limit in within:
                open_ = int(((part.how == OPEN) & (part.value < limit)).sum())
                # Where all have ended before the limit, nothing changes until then.
                until = min(float(limit), curve.last) if not open_ else float(limit)
                share = stats.at(curve, until, start=0.0) if watched >= limit else stats.UNKNOWN
                rows.append((*([group] if by else []), about, milestone, limit, *share, len(part), open_))
    table = pd.DataFrame(rows, columns=columns)
    if by is None:
        return table
    why = None if rows else few(facts.attribute(by).value_counts() if by != COHORT else [len(facts)])
    return noted(table.sort_values(by, kind="stable", ignore_index=True), why)


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
    if not rows:
        return noted(table, Note("few_silent", n=SMALLEST_SAMPLE, most=_went_on(log)))
    return table.sort_values(["silent", "cases", "activity"], ascending=[False, False, True], ignore_index=True)


def _whose(milestone: str, known: tuple[str, ...]) -> str | None:
    """Whose way to a milestone is asked for unless it is said: of the last that is created before it and known."""
    before = [kind for kind, start in STARTS.items() if start in known and _comes_after(milestone, start)]
    return before[-1] if before else None


def _comes_after(milestone: str, start: str) -> bool:
    order, first = vocabulary.process_order(milestone), vocabulary.process_order(start)
    return order is not None and first is not None and order > first


def _went_on(log: EventLog) -> int:
    """From the step from which most cases went on: how many."""
    import narwhals as nw

    moves = log.base.events.filter(~nw.col("next_activity").is_null()).group_by("activity").agg(n=nw.len())
    return int(engine.collect(moves)["n"].max()) if log.base.n_cases and log.n_events > log.n_cases else 0


def grouped_by(facts: Facts, found: Observations, by: str | None) -> Iterator[tuple[object, NDArray[np.bool_]]]:
    """All of some leads or deals, or the part of each group that is large enough to be named."""
    if by is None:
        yield None, np.ones(len(found), bool)
        return
    shown: pd.Series[Any]
    if by == COHORT:
        shown = pd.Series(facts.clock.months(found.start).astype("datetime64[us]"))
    else:
        shown = grouped(facts.attribute(by), facts.log, by).iloc[found.case]
    codes, values = pd.factorize(shown, sort=True)
    for value, of_value in several.groups(facts.log.base, by, list(values)):
        some = several.among(codes, of_value)
        if some.sum() >= SMALLEST_SAMPLE:
            yield value, some
