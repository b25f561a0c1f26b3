"""A possible future, or a past that might have been, as a log: every chart and measure of the kit works on it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c import engine
from l2c.diagnose.causes.attributes import OUTCOMES
from l2c.improve.attributes import Attribute
from l2c.improve.hooks import plan
from l2c.improve.run import Changes, Paths, run
from l2c.improve.scenario import Given, scenario
from l2c.improve.starts import Starts, observed
from l2c.improve.stays import MOST_LEARNT, sampled
from l2c.improve.twin import Twin, learned
from l2c.log import EventLog, build
from l2c.log.columns import MICROSECONDS_A_DAY as DAY
from l2c.log.quality import Quality
from l2c.log.zone import micros
from l2c.words.notes import Note


def sample(
    log: EventLog, change: Changes | Given | None = None, *, most: int | None = MOST_LEARNT, seed: int = 0
) -> EventLog:
    """The log as it might have been: the cases that really began, each with another fate, with a change or without one.

    Parameters
    ----------
    change
        What is done otherwise, as for `simulate`; nothing unless given.
    most
        Cases at most, evenly taken; None takes all.
    seed
        Whatever has the same seed has the same random numbers: of a change only what it touches differs.

    Returns
    -------
    A log of the same period, with the attributes of the cases and without records, documents, performers and what the outcome
    decides. Its quality says that it is simulated.
    """
    twin = learned(log, most)
    since = -np.inf
    if log.history_start is not None:
        since = float(twin.stays.days.since(np.array([micros(log.history_start)]))[0])
    starts = observed(twin.stays, since, seed=seed)
    names = twin.activities
    if change is not None and not isinstance(change, Changes):
        made = plan(twin, scenario(change, log), log)
        starts, names = made.begin(starts, seed), made.activities
        change = made.changes(starts, seed)
    paths = run(twin, starts, seed=seed, horizon=twin.until, changes=change)
    return as_log(log, twin, starts, paths, twin.until, names)


def as_log(
    log: EventLog, twin: Twin, starts: Starts, paths: Paths, horizon: float, activities: Sequence[str] = ()
) -> EventLog:
    """Paths as a log that was taken at the horizon.

    Parameters
    ----------
    log
        The log from which the twin was learnt: what is known of a case is what is known of the one it is like.
    activities
        Those of the paths, where a change adds some to those of the twin.

    Returns
    -------
    A log with the attributes of the cases, those that the run changed or filled in included; without records, documents, people
    of events, and what the outcome decides, for a run knows none of them.
    """
    stays = twin.stays
    dated = np.isin(paths.activity, [stays.activities.index(name) for name in stays.dated]) & (paths.time % 1 == 0)
    moments = stays.days.moments(paths.time)
    rows = pd.DataFrame(
        {
            "case_id": pd.Series(paths.case).astype(str),
            "activity": np.array(activities or twin.activities, object)[paths.activity],
            "time": np.where(dated, np.round(paths.time + stays.days.origin).astype(np.int64) * DAY, moments).astype(
                "M8[us]"
            ),
            "precision": np.where(dated, "day", "second"),
        }
    )
    names = [name for name in log.attributes if name not in OUTCOMES or name == "currency"]
    known = engine.collect(log.base.cases.select("case_key", *names)).set_index("case_key")
    known = known.reindex(stays.keys[starts.like]).reset_index(drop=True)
    for k, attribute in enumerate(stays.attributes):
        known[attribute.name] = _values(known[attribute.name], attribute, starts.values[:, k], paths)
    attributes = known.iloc[paths.case].reset_index(drop=True)
    epoch = datetime(1970, 1, 1)
    end = epoch + timedelta(microseconds=int(stays.days.moments(np.array([horizon]))[0]))
    notes = [Note("simulated", cases=len(starts)), sampled(log, len(stays.keys))]
    known_to_all = tuple(note for note in notes if note is not None)
    quality = Quality(rows_read=len(rows), rows_used=len(rows), events=len(rows), notes=known_to_all)
    return build(
        pd.concat([rows, attributes], axis=1), extracted=end, currency=log.currency, quality=quality, zone=log.zone,
        fiscal_year_starts=log.fiscal_year_starts,
    )  # fmt: skip


def _values(column: pd.Series, attribute: Attribute, values: NDArray[np.float64], paths: Paths) -> pd.Series:
    """What each case knows of an attribute: what the log says, or what the run gave it; nothing before it comes to be known."""
    there = values != attribute.missing
    if attribute.is_number:
        column = pd.Series(np.where(there, values, np.nan))
    if attribute.since < 0:
        return column
    found = column.astype(object).where(column.notna(), None).to_numpy(object).copy()
    if not attribute.is_number:
        labels, gaps = np.array([*attribute.labels, None], object), column.isna().to_numpy() & there
        found[gaps] = labels[values[gaps].astype(np.int64)]
    met = np.zeros(len(found), bool)
    met[paths.case[paths.activity == attribute.since]] = True
    found[~met] = None
    return pd.Series(found).infer_objects()
