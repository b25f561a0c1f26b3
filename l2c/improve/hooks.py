"""How is a change done in a run of the twin?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from l2c import engine
from l2c.improve import chance, placing, policies
from l2c.improve.changes import (
    Again,
    Arrivals,
    Attribute,
    Change,
    Desk,
    Errors,
    Insert,
    Merge,
    Move,
    Parallel,
    Payment,
    Route,
    Skip,
    Step,
)
from l2c.improve.desk_changes import Desks, desks_of
from l2c.improve.placing import OWN
from l2c.improve.policies import Policy
from l2c.improve.run import Changes
from l2c.improve.scenario import Scenario
from l2c.improve.starts import Starts
from l2c.improve.twin import Twin
from l2c.log import EventLog
from l2c.prepare import pseudonyms as people

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.int16]
Wait = Callable[[Places, Places, Floats, Ints], Floats]
# What comes more often comes this many days before or after what it is like, at the same hour of the week.
A_WEEK = 7


@dataclass(frozen=True, eq=False)
class Plan:
    """A scenario, made ready for runs of one twin.

    Attributes
    ----------
    about
        For each change, which cases of the stays it is about.
    desks
        The desks that it alters, as they shall be; None where it alters none.
    policies
        Caps and limits on numbers.
    terms
        Days to pay of each case of the stays.
    """

    twin: Twin
    scenario: Scenario
    about: tuple[Flags, ...]
    desks: Desks | None = None
    policies: tuple[Policy, ...] = ()
    terms: Floats = field(default_factory=lambda: np.empty(0))

    @property
    def activities(self) -> tuple[str, ...]:
        """Those of the twin, and behind them what is new."""
        return (*self.twin.activities, *(c.activity for c in self.scenario.changes if isinstance(c, Insert)))

    def begin(self, starts: Starts, seed: int) -> Starts:
        """The cases of a run when more or fewer come; where cases under way are among them, from the end of watching on."""
        since = -np.inf if starts.begun is None else self.twin.until
        first = starts
        for change, about in zip(self.scenario.changes, self.about, strict=True):
            if isinstance(change, Arrivals):
                starts = _arrivals(change, about, starts, first, since, seed)
        return starts

    def changes(self, starts: Starts, seed: int, by_the_way: float = 0.0) -> Changes:
        """What is done otherwise in one run.

        Parameters
        ----------
        starts
            The cases of the run, as `begin` made them.
        by_the_way
            Of the capped deals, the share that is won more since they go another way; it is taken back, for what a cap does
            to winning is measured, and that measure holds it already.
        """
        pairs = [(change, about[starts.like]) for change, about in zip(self.scenario.changes, self.about, strict=True)]
        at = {name: place for place, name in enumerate(self.activities)}
        skip: dict[int, Flags] = {}
        instead: dict[int, Flags] = {}
        for change, some in pairs:
            if isinstance(change, (Skip, Merge)):
                _add(skip, at[change.activity if isinstance(change, Skip) else change.first], some)
            if isinstance(change, Move) and placing.leaves(change, self.twin.stays, at):
                _add(skip, at[change.activity], some)
            if isinstance(change, Errors):
                hit = chance.uniform(seed, chance.LEVER, np.arange(len(starts)), OWN + change.number) < change.share
                _add(instead, at[change.activity], some & hit)
        waits = [wait for change, some in pairs if (wait := self._wait(change, some, at, starts, seed)) is not None]
        beside = tuple((at[c.first], at[c.second], some) for c, some in pairs if isinstance(c, Parallel))
        made = [policy.begun(starts, seed, by_the_way) for policy in self.policies]
        seen = [each.seen for each in made]
        wins = [each.won for each in made if each.of.is_cap]
        return Changes(
            attributes=(lambda cases, activity, _: _policies(seen, cases, activity, starts.values[cases]))
            if seen
            else None,
            wait=(lambda a, b, days, cases: reduce(lambda d, wait: wait(a, b, d, cases), waits, days))
            if waits
            else None,
            route=_routes(wins) if wins else None,
            skip=skip,
            beside=beside,
            instead=instead,
            placed=tuple(
                placing.placed(c, some, self.twin.stays, at, seed)
                for c, some in pairs
                if isinstance(c, (Insert, Move, Again))
            ),
            desks=None if self.desks is None else self.desks.made,
        )

    def discounts(self, starts: Starts, seed: int) -> Floats | None:
        """The discount of each case, where a cap gives some another one than their own; None where none does."""
        capped = [policy.begun(starts, seed).values for policy in self.policies if policy.is_cap]
        return np.minimum.reduce(capped) if capped else None

    def _wait(self, change: Change, some: Flags, at: Mapping[str, int], starts: Starts, seed: int) -> Wait | None:
        if isinstance(change, Step):
            start, end, share, longest = at[change.start], at[change.end], change.share, change.longest

            def shorter(a: Places, b: Places, days: Floats, cases: Ints) -> Floats:
                less = np.minimum(days, longest) if longest is not None else days * (1 - (share or 0.0))
                return np.where((a == start) & (b == end) & some[cases], less, days)

            return shorter
        if isinstance(change, Merge):
            first, second, fixed = at[change.first], at[change.second], change.days
            return lambda a, b, days, cases: np.where((a == first) & (b == second) & some[cases], fixed, days)
        if isinstance(change, Payment):
            follows = some & (
                chance.uniform(seed, chance.LEVER, np.arange(len(starts)), OWN + change.number) < change.share
            )
            return _payment(change, follows, self.terms[starts.like], at)
        return None


def plan(twin: Twin, scenario: Scenario, log: EventLog) -> Plan:
    """Make a scenario ready for runs.

    Raises
    ------
    BadScenario
        If a change asks for a desk, a person, a limit or terms that the log does not tell.
    """
    keys = twin.stays.keys
    about = tuple(_about(change, log, keys) for change in scenario.changes)
    pairs = list(zip(scenario.changes, about, strict=True))
    desks = desks_of(twin, [(c, some) for c, some in pairs if isinstance(c, (Desk, Route))], people.instead(log))
    numbers = tuple(policies.policy(twin, c, some, log) for c, some in pairs if isinstance(c, Attribute))
    terms = np.empty(0)
    if any(isinstance(change, Payment) for change in scenario.changes):
        terms = policies.terms(log, keys, next(c for c in scenario.changes if isinstance(c, Payment)))
    return Plan(twin, scenario, about, desks, numbers, terms)


def _about(change: Change, log: EventLog, keys: Ints) -> Flags:
    """Which cases of the stays a change is about."""
    if not change.where:
        return np.ones(len(keys), bool)
    whole = type(log)(log.base)
    kept = engine.collect(whole.where(dict(change.where)).cases.select("case_key"))["case_key"].to_numpy()
    return np.isin(keys, kept)


def _add(masks: dict[int, Flags], place: int, some: Flags) -> None:
    masks[place] = masks[place] | some if place in masks else some


def _arrivals(change: Arrivals, about: Flags, starts: Starts, first: Starts, since: float, seed: int) -> Starts:
    """More cases behind those there are, each like one of them a week earlier or later; fewer: some never begin."""
    begun = first.time if first.begun is None else first.begun
    mine = np.flatnonzero(about[first.like] & (begun >= since))
    u = chance.uniform(seed, chance.LEVER, mine, OWN + change.number)
    if change.times < 1:
        gone = mine[u >= change.times]
        moved = {name: getattr(starts, name) for name in ("time", "begun") if getattr(starts, name) is not None}
        for name, old in moved.items():
            moved[name] = old.copy()
            moved[name][gone] = np.inf
        return replace(starts, **moved)
    # A fifth more: of every case one more with the chance of a fifth; of 2.2 times as many, one more and perhaps two.
    extra = np.repeat(mine, np.floor(change.times - 1 + u).astype(np.int64))
    later = chance.uniform(seed, chance.LEVER, np.arange(len(extra)), OWN * 2 + change.number) < 0.5
    shift = np.where(later | (begun[extra] - A_WEEK < since), A_WEEK, -A_WEEK)
    columns = {each.name: getattr(starts, each.name) for each in fields(starts)}
    for name, old in columns.items():
        if old is not None:
            new = getattr(first, name)[extra]
            columns[name] = np.concatenate([old, new + shift if name in ("time", "begun") else new])
    return Starts(**columns)


def _payment(change: Payment, follows: Flags, terms: Floats, at: Mapping[str, int]) -> Wait:
    """Who keeps to the terms pays as many days earlier as they are shorter, and no later than after the reminder."""
    invoices = [at[name] for name in policies.INVOICED if name in at]
    ends = [at[name] for name in (policies.PAID, policies.REMINDED) if name in at]
    new = terms if change.terms_days is None else np.full(len(terms), change.terms_days)
    last = None if change.reminder_after_days is None else new + change.reminder_after_days

    def paid(a: Places, b: Places, days: Floats, cases: Ints) -> Floats:
        mine = np.flatnonzero(np.isin(a, invoices) & np.isin(b, ends) & follows[cases])
        days = days.copy()
        moved = np.maximum(days[mine] + (new - terms)[cases[mine]], 0.0)
        days[mine] = moved if last is None else np.minimum(moved, last[cases[mine]])
        return days

    return paid


def _policies(
    seen: Sequence[Callable[[Ints, Places, Floats], None]], cases: Ints, activity: Places, values: Floats
) -> Floats:
    for each in seen:
        each(cases, activity, values)
    return values


def _routes(wins: Sequence[Callable[[Ints, Places], Places]]) -> Callable[[Ints, Places, Places], Places]:
    return lambda cases, _, next_: reduce(lambda found, won: won(cases, found), wins, next_)
