"""How far can each lever be moved? The standard levers of a log, each from no change to as much as makes sense."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from l2c.improve import reading, standard
from l2c.improve.hooks import plan
from l2c.improve.scenario import Scenario
from l2c.improve.twin import Twin
from l2c.log import EventLog
from l2c.measures.facts import Facts
from l2c.words.errors import BadScenario

PEOPLE, REMINDERS = 5, 30
# Of a cap, a step finer than what people agree on.
POINTS = 0.01


@dataclass(frozen=True, eq=False)
class Slider:
    """A lever that can be moved.

    Attributes
    ----------
    lever, step
        As in `improve.levers`.
    values
        Where it can stand; of a lever that is done or not, 0 and 1.
    rest
        The place at which nothing is changed.
    unit
        `fraction`, `people`, `day`, `flag`, or that of the attribute.
    is_assumed
        Whether somebody has to believe that the strength can be reached.
    """

    lever: str
    step: str
    values: tuple[float, ...]
    rest: int
    unit: str
    is_assumed: bool
    raw: Mapping[str, Any]

    @property
    def id(self) -> str:
        """What tells it from the others."""
        return f"{self.lever}: {self.step}"

    def change(self, place: int) -> dict[str, Any] | None:
        """The entry of a file of changes for a place; None where nothing is changed."""
        if place == self.rest:
            return None
        value = self.values[place]
        whole: float = int(value) if value == int(value) else value
        match self.lever:
            case "add":
                new: Mapping[str, Any] = {"add": int(value)}
            case "speed":
                new = {"speed": round(1 - value, 6)}
            case "step" | "errors":
                new = {"share": value}
            case "limit":
                new = {"limit": {"from": self.raw["limit"]["from"], "to": value}}
            case "cap":
                new = {"most": value}
            case "terms":
                new = {"payment": {"terms_days": whole}}
            case "reminder":
                new = {"payment": {"reminder_after_days": whole}}
            case "arrivals" | "source":
                new = {"arrivals": whole}
            case _:
                new = {}
        return {**self.raw, **new}


def sliders(log: EventLog, twin: Twin) -> list[Slider]:
    """The standard levers of a log that its twin can do, in the order of `improve.levers` before it sorts them.

    Notes
    -----
    A limit that the process asks about at several places is one lever.
    """
    wanted: dict[tuple[str, str], dict[str, Any]] = {}
    for lever, step, raw in standard.levers(log, twin):
        there = wanted.get((lever, step))
        if there is not None and lever == "limit":
            there["at"] = [*_listed(there["at"]), *_listed(raw["at"])]
        else:
            wanted[lever, step] = dict(raw)
    found = []
    for (lever, step), raw in wanted.items():
        try:
            change = reading.change(1, raw, log)
            plan(twin, Scenario((change,)), log)
        except BadScenario:
            continue
        values, rest, unit = _places(lever, raw, log, twin)
        found.append(Slider(lever, step, values, rest, unit, change.assumed is not None, raw))
    return found


def changes(of: Sequence[Slider], places: Mapping[str, int]) -> list[dict[str, Any]]:
    """The entries of a file of changes for sliders where they stand; those not named are at rest."""
    found = (each.change(places.get(each.id, each.rest)) for each in of)
    return [entry for entry in found if entry is not None]


def _places(lever: str, raw: Mapping[str, Any], log: EventLog, twin: Twin) -> tuple[tuple[float, ...], int, str]:
    """Where a lever can stand, where it stands today, and in what that is counted."""
    match lever:
        case "add":
            return tuple(map(float, range(PEOPLE + 1))), 0, "people"
        case "speed":
            return _steps(0, 0.5, 0.05), 0, "fraction"
        case "step":
            return _steps(0, 0.8, 0.05), 0, "fraction"
        case "errors":
            return _steps(0, 1, 0.1), 0, "fraction"
        case "limit":
            today = float(raw["limit"]["from"])
            values = tuple(float(f"{today * part:.3g}") for part in _steps(0.5, 2, 0.1))
            return values, 5, _unit(str(raw["attribute"]))
        case "cap":
            known = Facts.of(log).number(str(raw["attribute"]))
            most = float(np.ceil(round(float(np.nanmax(known)) / POINTS, 6)) * POINTS)
            values = _steps(0, most, POINTS)
            return values, len(values) - 1, _unit(str(raw["attribute"]))
        case "terms":
            today = float(np.nanmedian(Facts.of(log).number("payment_terms_days")))
            values = tuple(sorted({*map(float, range(0, int(2 * today) + 1, 5)), today}))
            return values, values.index(today), "day"
        case "reminder":
            # The first place is none; then the later, the weaker.
            return (np.inf, *map(float, range(REMINDERS, 0, -1))), 0, "day"
        case "arrivals":
            values = _steps(0.5, 1.5, 0.05)
            return values, values.index(1.0), "fraction"
        case "source":
            values = _steps(0, 2, 0.1)
            return values, values.index(1.0), "fraction"
    return (0.0, 1.0), 0, "flag"


def _steps(first: float, last: float, by: float) -> tuple[float, ...]:
    return tuple(round(first + by * k, 6) for k in range(round((last - first) / by) + 1))


def _unit(attribute: str) -> str:
    return "fraction" if attribute == "discount" else "number"


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]
