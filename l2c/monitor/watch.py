"""What can be watched from week to week: the steps, a KPI, a rule."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from l2c.diagnose.causes.attributes import attributes
from l2c.diagnose.rules.compliance import Source, judged
from l2c.diagnose.rules.evidence import OK, VIOLATED
from l2c.diagnose.since.series import PART_OF_HISTORY, REACHED
from l2c.discover.flow import places
from l2c.discover.stays import stays
from l2c.kpis import figures
from l2c.measures.facts import DAY, NEVER, Facts, Times
from l2c.measures.observations import observations
from l2c.measures.spans import SEEN
from l2c.measures.watched import watched
from l2c.monitor.expected import Counts, Due, Spells, due, ends
from l2c.words.errors import UnknownName
from l2c.words.measures import fair

Name = tuple[str, tuple[str, str] | None]
Days = NDArray[np.int64]
# A step, or a rate, needs so many ends in the base.
FEWEST_ENDS_WATCHED = 100


def steps(facts: Facts, edges: Days, base: int) -> tuple[list[Name], Counts]:
    """Ends of the stays of each step, in the order of the process.

    Parameters
    ----------
    edges
        The days with which the weeks begin, and the day after the last.
    base
        How many weeks are the base.
    """
    found = stays(facts.log, dated=True)
    assert found.began is not None
    assert found.case is not None
    began, week = _axis(facts, found.began, edges)
    ended = began + found.days
    many = np.bincount(found.step[(found.step >= 0) & (ended >= 0) & (ended < week[base])], minlength=len(found.steps))
    order = places(facts.log)
    kept = [k for k in np.flatnonzero(many >= FEWEST_ENDS_WATCHED)]
    kept.sort(key=lambda k: tuple((order.get(name, len(order)), name) for name in found.steps[k]))
    # What was not left has a negative step, and finds the last places.
    way = np.full(len(found.steps) + 2, -1)
    way[kept] = np.arange(len(kept))
    if not kept:
        return [], _nothing()
    names = [found.steps[k] for k in kept]
    at = {name: place for place, name in enumerate(dict.fromkeys(start for start, _ in names))}
    kind = np.array([at.get(name, -1) for name in found.activities], np.int64)[found.activity]
    some = np.flatnonzero(kind >= 0)
    entry = began if found.entry is None else began + found.entry
    spells = Spells(
        kind[some], began[some], entry[some], ended[some], way[found.step[some]], facts.place[found.case[some]],
        np.array([at[start] for start, _ in names], np.int64),
    )  # fmt: skip
    return [("step_days", name) for name in names], ends(spells, week, base, attributes(facts))


def figure(facts: Facts, id: str, rules: Source, edges: Days, base: int) -> tuple[list[Name], Counts | None]:
    """The ends of a duration, or what came true of a rate or rule; without counts where the figure is neither."""
    known = figures(facts.log)
    if fair(id) in known:
        return _kpi(facts, fair(id), edges, base)
    for rule, verdict in judged(facts, rules):
        if rule.id == id:
            when = np.where(facts.closing == NEVER, facts.column("ended"), facts.closing)
            case = np.flatnonzero(np.isin(verdict.state, [OK, VIOLATED]) & (when != NEVER))
            broken = (verdict.state[case] == VIOLATED).astype(np.float64)
            return _due(facts, id, case, when[case], 0.0, broken, edges, base)
    raise UnknownName.metric(id, [*known, *(rule.id for rule, _ in judged(facts, rules))])


def _kpi(facts: Facts, id: str, edges: Days, base: int) -> tuple[list[Name], Counts | None]:
    measure = figures(facts.log)[id]
    if not measure.start or measure.kind not in ("duration", "incidence", "share", "overdue"):
        return [], None
    found = observations(facts, id)
    if measure.kind != "duration":
        most = PART_OF_HISTORY * (facts.until - facts.watched[0]) / DAY
        seen = watched(facts, found, most=most, reach=REACHED)
        if seen is None:
            return [], _nothing()
        return _due(facts, id, seen.case, seen.start, seen.horizon, seen.value, edges, base)
    began, week = _axis(facts, found.start, edges)
    nobody = np.zeros(len(found), np.int64)
    entry = began if found.entry is None else began + found.entry
    way = np.where(found.how == SEEN, 0, -1).astype(np.int64)
    spells = Spells(nobody, began, entry, began + found.value, way, found.case, np.zeros(1, np.int64))
    if ((way == 0) & (spells.end >= 0) & (spells.end < week[base])).sum() < FEWEST_ENDS_WATCHED:
        return [], _nothing()
    return [(id, None)], ends(spells, week, base, attributes(facts))


def _due(
    facts: Facts, id: str, case: Days, start: Times, after: float, value: NDArray[np.float64], edges: Days, base: int
) -> tuple[list[Name], Counts]:
    day = facts.clock.local(start) / DAY + after - edges[0]
    week = (edges - edges[0]).astype(np.float64)
    if (value[(day >= 0) & (day < week[base])]).sum() < FEWEST_ENDS_WATCHED:
        return [], _nothing()
    return [(id, None)], due(Due(day, value, case), week, base, attributes(facts))


def _axis(facts: Facts, times: Times, edges: Days) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Times, and the begins of weeks, in days since the first week: of the calendar, or worked ones."""
    if not facts.is_working:
        return facts.clock.local(times) / DAY - edges[0], (edges - edges[0]).astype(np.float64)
    begins = np.array([facts.clock.begins(np.datetime64(int(day), "D")) for day in edges], np.int64)
    hours = facts.log.base.working
    since = hours.days(np.full(1, begins[0]), np.full(1, begins[0]), None)[0]
    zero = np.full(len(times), begins[0])
    return hours.days(zero, times, None) - since, hours.days(np.full(len(begins), begins[0]), begins, None)


def _nothing() -> Counts:
    none = np.zeros((0, 0))
    return Counts(none, none, none, np.zeros(0))
