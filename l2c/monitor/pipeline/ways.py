"""What did each way of foretelling say of the deals open on a day, by what was known on that day?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c import engine
from l2c.improve.stays import MOST_LEARNT
from l2c.log import EventLog
from l2c.log.as_of import near
from l2c.log.filters import Condition
from l2c.log.zone import micros
from l2c.measures.facts import NEVER
from l2c.monitor.pipeline import logit, tables
from l2c.monitor.pipeline.known import DAY, leaks
from l2c.monitor.pipeline.lives import FAILED, HOPED, OPEN, Lives, Of, lives
from l2c.monitor.pipeline.logit import Logit
from l2c.monitor.pipeline.paths import Simulated, simulated
from l2c.monitor.pipeline.snapshots import Snapshots, moments, taken
from l2c.monitor.pipeline.tables import Table

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
# With fewer won, or fewer lost, nothing but the table is learnt; with fewer still nothing at all.
FEWEST_ENDED, FEWEST_OF_TABLE = 50, 10
# Ways, from the simplest on.
OVERALL, CLOSED, STAGE, CELLS, OWN, LOGIT, TWIN, SHOWN = (
    "overall", "closed", "stage", "stage_and_days", "probability", "logit", "simulation", "blend"
)  # fmt: skip
EPOCH = datetime(1970, 1, 1)


@dataclass(frozen=True, eq=False)
class Ways:
    """What each way says of the deals that were open at a moment.

    Attributes
    ----------
    of
        The deals, as they were known at that moment.
    now, rows
        The deals that were open, and the snapshots that were learnt from.
    ended
        How many had been won, and lost, by then.
    table, logit, twin
        What was learnt; None where there was too little to learn from.
    share
        By way, the chance of each deal; ways that the log does not have are missing.
    decided
        How far each is still thought to be decided at all; the chances are those of deals that are.
    """

    of: Lives
    now: Snapshots
    rows: Snapshots
    ended: tuple[int, int]
    table: Table | None
    logit: Logit | None
    twin: Simulated | None
    share: dict[str, Floats]
    decided: Floats

    @property
    def keys(self) -> Ints:
        """`case_key` of the deals that were open."""
        return self.of.facts.keys[self.now.case]


def as_known(log: EventLog, until: datetime | None) -> EventLog:
    """The whole log as it was known at a moment (naive UTC); as it is where that is not before the extraction.

    Kept with the log: to go back to a day is dear.
    """
    whole = EventLog(log.base.plain)
    if until is None or until >= log.extracted:
        return whole
    return whole.base.memo(
        ("as known", until), lambda: EventLog(near(whole.base)).as_of(f"{until:%Y-%m-%d %H:%M:%S.%f}")
    )


def begun(log: EventLog, until: datetime) -> bool:
    """Whether anything had happened by a moment."""
    first = log.base.memo(
        "first of all", lambda: lives(log).facts.column("started").min(initial=np.iinfo(np.int64).max)
    )
    return bool(first <= micros(until))


def ground(log: EventLog, of: Of) -> EventLog:
    """The log from which is learnt: all of it, or of many deals every so manieth."""

    def made() -> EventLog:
        every = lives(log, of)
        some = np.flatnonzero(every.some)
        if len(some) <= MOST_LEARNT:
            return EventLog(log.base.plain)
        return part(log, every.facts.keys[some[:: -(-len(some) // MOST_LEARNT)]])

    return log.base.memo(("ground of the pipeline", of), made)


def part(log: EventLog, keys: Ints) -> EventLog:
    """A log of some cases."""
    whole = EventLog(log.base.plain)
    kept = engine.table(pd.DataFrame({"case_key": keys}), log.base.home)
    chosen = Condition("sample", str(len(keys)), lambda cases, _: cases.join(kept, on="case_key", how="semi"))
    return replace(whole, conditions=(chosen,)).collect()


def untold(log: EventLog, of: Of) -> frozenset[str]:
    """Attributes that are left out, since closing a deal changes them and no history tells what they were."""

    def found() -> frozenset[str]:
        every = lives(ground(log, of), of)
        return leaks(every, moments(every))

    return log.base.memo(("leaks", of), found)


def ways(log: EventLog, until: datetime | None, of: Of, *, runs: int, draws: int) -> Ways:
    """What each way says of the deals open at a moment; learnt from `ground`, and kept with the log."""

    def made() -> Ways:
        known = as_known(ground(log, of), until)
        return learnt(lives(known, of), untold(log, of), runs=runs, draws=draws)

    return log.base.memo(("ways", until, of, runs, draws), made)


def learnt(of: Lives, without: frozenset[str], *, runs: int, draws: int, only: Ints | None = None) -> Ways:
    """Learn all ways from some deals, and ask them of those that are open.

    Parameters
    ----------
    only
        Rows of the facts to learn from; all unless given.
    """
    teach = of
    if only is not None:
        some = np.zeros(len(of.facts), bool)
        some[only] = True
        teach = replace(of, some=of.some & some)
    every = taken(of, [*moments(teach), of.facts.until], without)
    is_now = every.moment == of.facts.until
    now, rows = every.only(is_now), every.only(~is_now)
    ended = tuple(int((teach.some & (teach.how == end)).sum()) for end in (HOPED, FAILED))
    rows = rows if only is None else rows.only(teach.some[rows.case])
    found = Ways(of, now, rows, (ended[0], ended[1]), None, None, None, {}, np.ones(len(now)))
    if min(ended) < FEWEST_OF_TABLE or not (rows.how != OPEN).any():
        return found
    table = tables.learnt(rows)
    overall, closed = tables.closed_share(rows)
    share = {OVERALL: np.full(len(now), overall), CLOSED: closed[now.stage], STAGE: table.of(now.stage)}
    share[CELLS] = tables.by_time_in_stage(rows, now, table)
    said = now.numbers.get("probability")
    if said is not None and np.isfinite(said).any():
        said = said / 100 if np.nanmax(said) > 1 else said
        share[OWN] = np.where(np.isfinite(said), np.clip(said, 0, 1), share[STAGE])
    model, twin = None, None
    if min(ended) >= FEWEST_ENDED:
        model = logit.fitted(rows)
        share[LOGIT] = model.chance(now)
        if len(now):
            twin = simulated(of, np.flatnonzero(teach.some), now.case, without, runs=runs, draws=draws)
        if twin is not None:
            share[TWIN] = twin.share
    decided = found.decided if twin is None else twin.decided
    return replace(found, table=table, logit=model, twin=twin, share=share, decided=decided)


def came(then: Ways, today: Lives) -> tuple[Ints, Snapshots]:
    """What became of the deals that were open at an earlier moment, as far as it is known today.

    Returns
    -------
    The places of those that did not count as given up, and their rows.
    """
    kept = np.flatnonzero(then.decided >= 0.5)
    place = today.facts.place[then.keys[kept]]
    ended = today.over[place] != NEVER
    end = np.where(ended, today.over[place], today.facts.until)
    left = np.maximum(end - then.of.facts.until, 1) / DAY
    return kept, replace(then.now.only(kept), left=np.asarray(left), how=np.where(ended, today.how[place], OPEN))


def earlier(of: Lives, many: int = 4) -> list[datetime]:
    """Earlier moments at which what was foretold can be held against what came: the last one first.

    All of them lie on one grid, so that what was learnt at one is learnt once.
    """
    facts = of.facts
    there = of.began[of.some]
    first = max(int(there.min(initial=facts.until)), facts.history_start or 0)
    span = (facts.until - first) / DAY
    step = next(grid for longest, grid in GRIDS if span < longest)
    last = int(facts.until / DAY // step) * step
    when = [last - k * step for k in range(1, many + 1)]
    return [EPOCH + timedelta(days=each) for each in when if each * DAY > first]


# Days between earlier moments, by the days that the log lasts.
GRIDS = ((100.0, 7), (200.0, 14), (400.0, 28), (800.0, 56), (np.inf, 84))
