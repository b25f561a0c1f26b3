"""Which people does a change put at which desk?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from l2c.improve import changes as kinds
from l2c.improve import staffing
from l2c.improve.changes import Desk, Route
from l2c.improve.hours import Hours
from l2c.improve.queues import Desk as Team
from l2c.improve.twin import Twin
from l2c.words.errors import BadScenario

Flags = NDArray[np.bool_]
MINUTES = 24 * 60


@dataclass(frozen=True, eq=False)
class Desks:
    """The desks that a scenario alters: `made` as they shall be, and by how many `hours` a week they are open longer in all."""

    made: tuple[Team, ...]
    hours: float = 0.0


def desks_of(twin: Twin, wanted: Sequence[tuple[Desk | Route, Flags]], instead: Mapping[str, str]) -> Desks | None:
    """The desks that some changes alter; None where they alter none. Messages have other words `instead` of names of people.

    Raises
    ------
    BadScenario
        If no work queues up there, a person is not there, or it is not said whom somebody new would serve.
    """
    there = {} if twin.hall is None else {desk.activity: desk for desk in twin.hall.desks}
    made: dict[int, Team] = {}
    longer = 0.0
    for change, about in wanted:
        place = twin.activities.index(change.activity)
        if place not in there:
            raise BadScenario.no_desk(change.number, change.head, change.activity)
        desk = made.get(place, there[place])
        if isinstance(change, Route):
            made[place] = _routed(twin, desk, change, about, instead)
            continue
        values = _values(twin, desk, about, change)
        if change.hours:
            hours = _hours(change.hours)
            chosen = staffing.groups(desk, values)
            longer += sum(
                hours.a_week - s.hours.a_week for s, g in zip(desk.servers, desk.group, strict=True) if g in chosen
            )
        made[place] = _staffed(twin, desk, change, values, instead)
    return Desks(tuple(made.values()), longer) if made else None


def _staffed(
    twin: Twin, desk: Team, change: Desk, values: tuple[float, ...] | None, instead: Mapping[str, str]
) -> Team:
    if change.unbatched:
        desk = staffing.unbatched(desk)
    if change.speed != 1:
        desk = staffing.faster(desk, change.speed, values)
    if change.hours:
        desk = staffing.opened(desk, _hours(change.hours), values)
    if change.add:
        groups = staffing.groups(desk, values)
        if len(groups) > 1:
            route = twin.stays.attributes[desk.column]
            labels = [str(route.labels[int(value)]) for value, group in sorted(desk.values.items()) if group in groups]
            known = [instead.get(label, label) for label in labels]
            raise BadScenario.whom(change.number, change.head, route.name, known)
        desk = staffing.added(desk, change.add, values) if change.add > 0 else _fewer(desk, -change.add, groups)
    return desk


def _fewer(desk: Team, people: int, groups: tuple[int, ...]) -> Team:
    """Fewer people; one stays whatever is asked."""
    own = [k for k, group in enumerate(desk.group) if group in groups]
    gone = set(own[max(len(own) - people, 1) :])
    kept = [k for k in range(len(desk.servers)) if k not in gone]
    return replace(desk, servers=tuple(desk.servers[k] for k in kept), group=tuple(desk.group[k] for k in kept))


def _values(twin: Twin, desk: Team, about: Flags, change: kinds.Change) -> tuple[float, ...] | None:
    """The values of the route of a desk that the cases have that a change is about; None for all."""
    if desk.column < 0 or not change.where:
        return None
    codes, counts = np.unique(twin.stays.attributes[desk.column].values[about], return_counts=True)
    return tuple(float(code) for code, many in zip(codes, counts, strict=True) if many and code in desk.values)


def _routed(twin: Twin, desk: Team, change: Route, about: Flags, instead: Mapping[str, str]) -> Team:
    """The desk with some cases served by one person, who does nothing else there if they shared their work before."""
    names = [server.name for server in desk.servers]
    if change.to not in names:
        known = [instead.get(name, name) for name in names]
        raise BadScenario.no_server(change.number, change.head, change.activity, change.to, known)
    who = names.index(change.to)
    column = desk.column
    if column < 0:
        wanted = next(iter(change.where), "")
        known = [attribute.name for attribute in twin.stays.attributes]
        if wanted not in known or twin.stays.attributes[known.index(wanted)].is_number:
            raise BadScenario.argument(change.number, change.head, "where", "{region: Japan}")
        column = known.index(wanted)
    codes = np.unique(twin.stays.attributes[column].values[about])
    others = np.unique(twin.stays.attributes[column].values[~about]) if not about.all() else np.empty(0)
    if len(np.intersect1d(codes, others)):
        # Cases on both sides of the change are told apart by something else than what decides who serves.
        raise BadScenario.argument(change.number, change.head, "where", f"{{{twin.stays.attributes[column].name}: …}}")
    group = list(desk.group)
    alone = group.count(group[who]) == 1
    if not alone:
        group[who] = max(group) + 1
    return replace(
        desk, group=tuple(group), column=column, values=desk.values | {float(code): group[who] for code in codes}
    )


def _hours(week: kinds.Hours) -> Hours:
    """Hours of a week as those of a desk, which are the same on each of its days: as many in all."""
    open_ = [day for day in week if day]
    total = sum(end - start for day in open_ for start, end in day)
    begin = min(start for day in open_ for start, _ in day)
    return Hours(begin / MINUTES, total / len(open_) / MINUTES, tuple(bool(day) for day in week))
