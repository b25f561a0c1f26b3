"""What would a change bring, told at once on some of the cases, and then better on all of them?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from l2c.improve import reading
from l2c.improve.hooks import Plan, plan
from l2c.improve.scenario import Scenario, scenario
from l2c.improve.simulate import Outcomes, scale, table, twin_for
from l2c.improve.stays import MOST_LEARNT
from l2c.improve.twin import Twin
from l2c.improve.year import Account, account, year
from l2c.improve.years import Today, altered, todays
from l2c.log import EventLog
from l2c.words.errors import BadScenario

# At once: so many cases and possible years; where all cases are needed, fewer years of more cases.
SKETCHED, FEW_YEARS, FEWEST_YEARS = 2_000, 10, 4
# Then: so many years of as many cases as a twin is learnt from.
MORE_YEARS = 60


Years: TypeAlias = "tuple[Account, Iterator[Today]]"
"""What is told of a year, and possible years as they are today."""


@dataclass(frozen=True, eq=False)
class Ready:
    """Possible years of a twin as they are today, kept so that a change costs only what it alters.

    Attributes
    ----------
    account
        What is told of a year, with its twin.
    runs
        How many years.
    kept
        Those that were run so far.
    """

    account: Account
    runs: int
    kept: list[Today] = field(default_factory=list)

    @cached_property
    def _left(self) -> Iterator[Today]:
        return todays(self.account, self.runs)

    def each(self) -> Years:
        """The years one after the other; what was run once is not run again, whoever asked for it."""
        return self.account, self._each()

    def streamed(self) -> Years:
        """The years one after the other, none of them kept: many of many cases would fill the memory."""
        return self.account, todays(self.account, self.runs)

    def _each(self) -> Iterator[Today]:
        for place in range(self.runs):
            if place == len(self.kept):
                self.kept.append(next(self._left))
            yield self.kept[place]


def ready(log: EventLog, twin: Twin, runs: int) -> Ready:
    """Years of a twin, run when they are first asked for."""
    return Ready(account(twin, year(twin, None, scale(log, twin)), log), runs)


def few(twin: Twin) -> int:
    """How many years can be told at once of so many cases."""
    return int(np.clip(FEW_YEARS * SKETCHED // max(len(twin.stays.keys), 1), FEWEST_YEARS, FEW_YEARS))


def planned(log: EventLog, wanted: Scenario, most: int = SKETCHED) -> Plan:
    """A scenario for the twin of some cases of a log; of all, up to `MOST_LEARNT`, where some cannot tell it.

    Raises
    ------
    BadScenario
        If the change makes no sense for this log.
    """
    twin = twin_for(log, wanted, most)
    try:
        return plan(twin, wanted, log)
    except BadScenario:
        whole = twin_for(log, wanted, MOST_LEARNT)
        if twin is whole:
            raise
        # Of few cases the twin may not have learnt that a limit is one.
        return plan(whole, wanted, log)


def told(years: Years, made: Plan) -> Iterator[pd.DataFrame | None]:
    """What a plan brings, year by year: None until the last of the years, then what `simulate` returns.

    Notes
    -----
    The numbers are those of `simulate` with as many runs of as many cases.
    """
    (of, seen), today, changed, cases = years, [], [], 0
    for each in seen:
        today.append(each.told)
        changed += altered(of, [(each, made)])
        cases += each.cases
        yield None
    found = Outcomes(of, np.array(today), (np.array(changed),), round(cases / max(len(today), 1)))
    yield table(found, 0, made)


def asked(log: EventLog, entries: Sequence[Mapping[str, Any]], person: float | None = None) -> Scenario:
    """The scenario of some entries of a file of changes, with what a person more costs a year, if that is known.

    Raises
    ------
    BadScenario
        If a change makes no sense for this log.
    """
    if entries and (person is not None or not any(entry.get("add") for entry in entries)):
        return scenario(as_file(entries, person), log)
    return Scenario(tuple(reading.change(number, entry, log) for number, entry in enumerate(entries, 1)))


def as_file(entries: Sequence[Mapping[str, Any]], person: float | None = None) -> dict[str, Any]:
    """What a file of changes holds; a cost that is not known is left open there."""
    said: dict[str, Any] = {"version": 1, "changes": [dict(each) for each in entries]}
    if any(entry.get("add") for entry in entries):
        said["costs"] = {"add": person, "per": "year"}
    return said
