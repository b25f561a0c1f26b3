"""Of which day, and of which figure, does a register say that it shall tell?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date as Day
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from l2c.improve import entries
from l2c.improve.entries import Decision, Register, Target
from l2c.improve.register import register as read
from l2c.log import EventLog
from l2c.measures.facts import micros
from l2c.monitor.sides import began, moment
from l2c.words.errors import BadComparison, BadRegister
from l2c.words.measures import fair

Given = str | Path | Register | None


class Asked(NamedTuple):
    """The day of a change, the figures that were named for it beforehand with the weeks that each takes, and all targets."""

    change: int
    announced: Mapping[str, float]
    targets: Mapping[str, Target]


def known(register: Given, log: EventLog) -> Register:
    """A register, read if need be; an empty one where none is given."""
    return (
        register
        if isinstance(register, Register)
        else Register()
        if register is None
        else read(register, log.base.measures)
    )


def asked(log: EventLog, date: str | datetime | None, register: Given, decision: str | None) -> Asked:
    """Put together what is asked.

    Raises
    ------
    BadComparison, BadRegister
        If the date is none; if there is no such decision, or it has no day.
    """
    told = known(register, log)
    if decision is not None:
        one = of_id(told, decision)
        chosen, day = [one], day_of(one) if date is None else date
    elif date is None:
        raise BadComparison.date(date)
    else:
        day = date
    change = moment(day, log)
    if decision is None:
        here = pd.Timestamp(log.clock.wall(pd.Timestamp(change, unit="us"))).date()
        chosen = [each for each in told.decisions if each.since == here and _beforehand(each)]
    announced = {fair(each.kpi): float(each.needs.get("weeks", 0.0)) for each in chosen if _beforehand(each)}
    return Asked(change, announced, {fair(kpi): target for kpi, target in told.targets.items()})


def aims(log: EventLog, register: Given) -> dict[str, Target]:
    """What each key figure shall be: as a register says, else as `log.with_kpis` did."""
    own = {id: Target(measure.target) for id, measure in log.base.measures.items() if measure.target is not None}
    return own | {fair(kpi): target for kpi, target in known(register, log).targets.items()}


def decisions(log: EventLog, register: Given) -> tuple[Decision, ...]:
    """Choose the decisions of a register that a log can judge, now or later, the latest first.

    Parameters
    ----------
    register
        The register beside the log (docs/register.md), or the folder in which it lies.

    Returns
    -------
    Those that have a day, after the first case of the log began, and were not dropped.

    Raises
    ------
    BadRegister
        If the register makes no sense.
    """
    first = micros(began(log))
    held = [each for each in known(register, log).decisions if each.since is not None and each.status != "dropped"]
    held = [each for each in held if moment(day_of(each), log) > first]
    return tuple(sorted(held, key=lambda each: (day_of(each), each.id), reverse=True))


def of_id(told: Register, decision: str) -> Decision:
    """A decision of a register by its id."""
    found = next((each for each in told.decisions if each.id == decision), None)
    if found is None:
        raise BadRegister.key(f"{entries.NAME}, decisions", decision, [each.id for each in told.decisions])
    return found


def day_of(decision: Decision) -> str:
    """The day from which a decision holds."""
    if decision.since is None:
        raise BadRegister.lacks(f"decisions, {decision.id}", "from", "2026-07-01")
    return decision.since.isoformat()


def _beforehand(decision: Decision) -> bool:
    """Whether it was made before its day: who names a figure afterwards may have looked for it."""
    never = Day.max
    return decision.status != "dropped" and (decision.decided or Day.min) <= (decision.since or never)
