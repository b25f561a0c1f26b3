"""What will the deals bring that are not opened yet?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from l2c.improve import chance
from l2c.improve.run import Job, Paths
from l2c.improve.run import runs as run_all
from l2c.improve.starts import Starts, drawn, standing, together
from l2c.improve.stays import stays
from l2c.improve.twin import Twin, fitted, redrawn
from l2c.log import EventLog
from l2c.log.as_of import OF_END
from l2c.log.outcomes import WON
from l2c.log.zone import micros
from l2c.measures.facts import NEVER, Facts
from l2c.monitor.then import attribute_kinds, attribute_then
from l2c.monitor.when import NUMBER

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
# Runs, and how many of them share a draw of the twin.
RUNS_TO_COME, SHARED_TWINS = 40, 4
# So many days ahead, or a multiple: who asks for a month and who asks for a quarter get the same draws.
QUARTER = 92
# Attributes that a deal has only once it is open: a filter by them says nothing of those to come.
OF_OPEN = ("stage", "close_date", "forecast_category", "probability", *OF_END)


@dataclass(frozen=True, eq=False)
class Draws:
    """Deals that were not open at a moment and are won in the days after it, run by run; a place each.

    Attributes
    ----------
    runs
        How many runs there are; those in which nothing comes have no place.
    run
        The run of each, ascending.
    case_key
        The case of the log that each is, or is like.
    amount
        What each brings; 0 where such cases have no amount.
    won
        Days after the moment.
    weight
        How many deals each stands for: more than one where every so manieth case was learnt from.
    activities, first
        The activities, and the day after the moment on which each deal first sees each of them (infinity: not within the days).
    """

    runs: int
    run: Ints
    case_key: Ints
    amount: Floats
    won: Floats
    weight: float
    activities: tuple[str, ...]
    first: Floats

    def days(self, activity: str) -> Floats:
        """Days after the moment until each deal first sees an activity; infinity where it does not."""
        if activity not in self.activities:
            return np.full(len(self.run), np.inf)
        return self.first[:, self.activities.index(activity)]

    def only(self, keys: Ints) -> Draws:
        """Those that are like some cases."""
        some = np.isin(self.case_key, keys)
        picked = {name: getattr(self, name)[some] for name in ("run", "case_key", "amount", "won", "first")}
        return replace(self, **picked)

    def sums(self, begin: Floats, end: Floats, value: Floats | None = None) -> Floats:
        """What is won from one day after the moment on and before another, a row per run and a column per span."""
        value = self.amount if value is None else value
        found = np.zeros((self.runs, len(begin)))
        for k, (low, high) in enumerate(zip(begin, end, strict=True)):
            here = (self.won >= low) & (self.won < high)
            found[:, k] = np.bincount(self.run[here], value[here], self.runs) * self.weight
        return found


def draws(log: EventLog, *, until: datetime | None = None, days: float = 92.0, runs: int = RUNS_TO_COME) -> Draws:
    """Let the twin run cases that are no deals yet: leads as they stand, and what is still to begin.

    Parameters
    ----------
    until
        A moment (naive UTC); only what was known then is used. The extraction unless given.
    days
        How far ahead at least.
    runs
        How often; each run takes other weeks and another draw of the twin.

    Notes
    -----
    Each week to come is one of the last half year, whole (see `improve.starts.drawn`). Of the whole log, whatever is filtered:
    `Draws.only` picks. Desks do not queue here, their waits are as they were.
    """
    ahead = float(QUARTER * max(np.ceil(days / QUARTER), 1))
    return log.base.memo(("deals to come", until, ahead, runs), lambda: _drawn(EventLog(log.base), until, ahead, runs))


def meant(log: EventLog) -> Ints | None:
    """The cases that a filter leaves, as far as it says something of deals to come; None where it asks what only an open deal has."""
    whole = EventLog(log.base)
    if all(c.word in log.attributes and c.word not in OF_OPEN for c in log.conditions):
        return log.kept() if log.conditions else whole.kept()
    return None


def twin_then(log: EventLog, until: datetime | None) -> Twin:
    """The twin learnt from what was known at a moment, without queues, kept with the log.

    Attributes that the close of a deal decides are left out: they would tell how it ended.
    """

    def learnt() -> Twin:
        known = stays(EventLog(log.base), until=until)
        return fitted(replace(known, attributes=tuple(a for a in known.attributes if a.name not in OF_OPEN)))

    return log.base.memo(("twin then", until), learnt)


def _drawn(log: EventLog, until: datetime | None, days: float, runs: int) -> Draws:
    twin = twin_then(log, until)
    known = twin.stays
    facts = Facts.of(log, None if until is None else micros(until))
    many = int((facts.column("started") <= facts.until).sum())
    scale = many / max(len(known.keys), 1)
    won = known.activities.index(WON) if WON in known.activities else -1
    begun = standing(known).only(_leads(facts, known.keys))
    if won < 0 or not len(known.keys):
        runs = 0
    jobs: list[Job] = []
    for n in range(runs):
        each = redrawn(twin, n) if n % SHARED_TWINS == 0 else jobs[-1].twin
        jobs.append(Job(each, together(begun, drawn(known, known.until, known.until + days, seed=n)), n))
    parts: list[tuple[Ints, Ints, Floats, Floats, Floats]] = []
    for n, (job, paths) in enumerate(zip(jobs, run_all(jobs, horizon=known.until + days), strict=True)):
        starts = job.starts
        first = _first(paths, len(starts), len(known.activities)) - known.until
        hit = np.flatnonzero(np.isfinite(first[:, won]) & (first[:, won] >= 0))
        amount = _amount(facts, twin, starts, hit, n)
        parts.append((np.full(len(hit), n), known.keys[starts.like[hit]], amount, first[hit, won], first[hit]))
    if not parts:
        none = np.empty(0)
        empty = np.empty(0, np.int64)
        return Draws(
            RUNS_TO_COME, empty, empty, none, none, 1.0, known.activities, np.empty((0, len(known.activities)))
        )
    run_, keys, amount, when, first = (np.concatenate(each) for each in zip(*parts, strict=True))
    return Draws(runs, run_, keys, amount, when, scale, known.activities, first)


def _leads(facts: Facts, keys: Ints) -> Flags:
    """Which of some cases had begun and were neither deals nor over at the moment."""
    place = facts.place[keys]
    return ~(facts.deal | facts.closed)[place] & (facts.gone[place] == NEVER)


def _first(paths: Paths, cases: int, kinds: int) -> Floats:
    """When each case first sees each activity."""
    found = np.full(cases * kinds, np.inf)
    # Events are in order within a case: the first one written last stays.
    place = paths.case * kinds + paths.activity
    found[place[::-1]] = paths.time[::-1]
    return found.reshape(cases, kinds)


def _amount(facts: Facts, twin: Twin, starts: Starts, hit: Ints, seed: int) -> Floats:
    """What each of some cases brings: the amount of the case that it is, or is like; of a lead, which has none yet, that of a deal."""
    if not facts.log.one_currency or attribute_kinds(facts.log).get("amount") != NUMBER:
        return np.zeros(len(hit))
    place = facts.place[twin.stays.keys[starts.like[hit]]]
    every = np.asarray(attribute_then(facts, "amount", facts.until), np.float64)
    amount = every[place]
    for k, attribute in enumerate(twin.stays.attributes):
        if attribute.name == "amount" and attribute.is_number:
            # What the trees were told it will have.
            told = starts.values[hit, k]
            amount = np.where(np.isnan(amount) & np.isfinite(told), told, amount)
    won = np.flatnonzero(facts.won != NEVER)
    gaps = np.flatnonzero(np.isnan(amount) & ~(facts.deal | facts.closed)[place])
    if len(gaps) and len(won):
        u = chance.uniform(seed, chance.FILL, hit[gaps])
        amount[gaps] = every[won[(u * len(won)).astype(np.int64)]]
    return np.nan_to_num(amount)
