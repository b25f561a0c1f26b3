"""Who shares the work of an activity, and does what is known of a case decide whose it is?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c import engine
from l2c.diagnose.causes.attributes import beforehand
from l2c.diagnose.waits.desks import BATCH, PACE, QUEUE, Desk
from l2c.log import EventLog, actors
from l2c.measures.facts import DAY
from l2c.stats import SMALLEST_SAMPLE

Ints = NDArray[np.int64]
# Of the pieces of an activity so many must be done by somebody who is known, and by so few people.
ACTOR_KNOWN, MOST_MEMBERS = 0.8, 40
# Somebody who does fewer than this part of what the others do helps out, and is no server of their own.
HELPS_OUT = 0.15
# An attribute decides who serves if so many of the pieces are done by those who serve its value, and nobody serves two.
DECIDES, MOST_ROUTES = 0.97, 40
# A person serves a value if they do more than this part of its pieces.
SERVES = 0.05
# Who has finished nothing for so many times their usual gap, and for so many days, has left.
IDLE_GAPS, IDLE_DAYS = 20, 28


@dataclass(frozen=True, eq=False)
class Team:
    """The people who do an activity.

    Attributes
    ----------
    activity
        What they do.
    members
        Their desks, a person each, with `kind` as it is in company: where most of a group's work queues, all of it does.
    route
        The attribute that decides who serves a case, None where all share the work.
    group
        Of each member, the number of the group they belong to.
    values
        Of each value of the route, the group that serves it.
    """

    activity: str
    members: tuple[Desk, ...]
    route: str | None
    group: tuple[int, ...]
    values: dict[Any, int]

    @property
    def waits(self) -> bool:
        """Whether anybody's work queues or waits for a batch."""
        return any(member.kind != PACE for member in self.members)


def teams(log: EventLog, steps: pd.DataFrame, each: list[Desk]) -> list[Team]:
    """The teams of a log at which work queues or waits for a batch, from its `passages` and the desks `found` in them."""
    known = steps["actor"].notna().groupby(steps["to"], observed=True).mean()
    labels: dict[str, pd.Series] | None = None
    machines = {name for name, kind in actors.kinds(log.base) if kind in ("automation", "agent")}
    each = [desk for desk in each if desk.actor not in machines]
    found = []
    for activity in sorted({desk.activity for desk in each if desk.kind != PACE}):
        members = [desk for desk in each if desk.activity == activity]
        end = max(int(desk.asked.max()) for desk in members)
        members = [desk for desk in members if _stays(desk, end)]
        most = max((len(desk.done) for desk in members), default=0)
        if known[activity] < ACTOR_KNOWN or not members or len(members) > MOST_MEMBERS:
            continue
        labels = _labels(log) if labels is None else labels
        route, group, values = _route(members, steps["case_key"].to_numpy(), labels)
        size = np.array([len(desk.done) for desk in members])
        fair = np.array([size[np.array(group) == g].max() for g in group])
        keep = (size > HELPS_OUT * fair) & (size > 0.02 * most)
        members, group = (
            [m for m, k in zip(members, keep, strict=True) if k],
            [g for g, k in zip(group, keep, strict=True) if k],
        )
        team = Team(activity, tuple(_in_company(members, group)), route, tuple(group), values)
        if team.waits:
            found.append(team)
    return _one_pair_of_hands(found)


def _one_pair_of_hands(found: list[Team]) -> list[Team]:
    """The teams, with what a piece took those who work at several of them counted since their last piece at any."""
    many = Counter(m.actor for team in found for m in team.members if m.kind == QUEUE)
    for name in sorted(name for name, times in many.items() if times > 1):
        own = [m for team in found for m in team.members if m.actor == name and m.kind == QUEUE]
        done = np.sort(np.concatenate([member.done for member in own]))
        found = [
            replace(team, members=tuple(_since(m, done) if any(m is one for one in own) else m for m in team.members))
            for team in found
        ]
    return found


def _since(desk: Desk, done: Ints) -> Desk:
    """A desk with what each piece took since the last one of some others was done, or since it was asked for."""
    before = np.searchsorted(done, desk.done, "left") - 1
    last = np.where(before >= 0, done[np.maximum(before, 0)], desk.asked)
    worked = desk.shifts.open_time(desk.done) - desk.shifts.open_time(np.maximum(desk.asked, last))
    return replace(desk, service=worked.astype(np.float64), behind=desk.asked <= last)


def _stays(desk: Desk, end: int) -> bool:
    """Whether somebody still works there when work is asked for the last time."""
    idle = end - int(desk.done[-1])
    usual = (int(desk.done[-1]) - int(desk.done[0])) / max(len(desk.done) - 1, 1)
    return idle <= max(IDLE_GAPS * usual, IDLE_DAYS * DAY)


def _labels(log: EventLog) -> dict[str, pd.Series]:
    """Attributes of the cases with few values, by `case_key`."""
    wanted = [name for name in log.attributes if beforehand(name)]
    frame = engine.collect(log.base.cases.select("case_key", *wanted)).set_index("case_key")
    return {name: frame[name] for name in sorted(wanted) if 1 < frame[name].nunique() <= MOST_ROUTES}


def _route(
    members: list[Desk], case: Ints, labels: dict[str, pd.Series]
) -> tuple[str | None, list[int], dict[Any, int]]:
    """The attribute whose values are served by different people, the group of each of them, and that of each value."""
    who = np.repeat(np.arange(len(members)), [len(desk.done) for desk in members])
    key = np.concatenate([case[desk.place] for desk in members])
    best: tuple[tuple[float, ...], str, list[int], dict[Any, int]] | None = None
    for name, column in labels.items() if len(members) > 1 else ():
        told = column.reindex(key).to_numpy(object)
        counts = pd.crosstab(told, who)
        rows = counts.to_numpy()
        served = rows > SERVES * rows.sum(axis=1, keepdims=True)
        # A value that was hardly ever seen tells nothing.
        enough = rows.sum(axis=1) >= SMALLEST_SAMPLE
        if enough.sum() < 2:
            continue
        group = _joined(served[enough])
        mine = {
            value: group[np.flatnonzero(row)[0]]
            for value, row in zip(counts.index[enough], served[enough], strict=True)
        }
        right = sum(int(rows[k][np.array(group) == mine[v]].sum()) for k, v in enumerate(counts.index) if v in mine)
        if len(set(group)) < 2 or right < DECIDES * len(key):
            continue
        rank = (float(len(set(group))), -float(len(counts)), right / len(key))
        if best is None or rank > best[0]:
            best = (rank, name, group, mine)
    return best[1:] if best is not None else (None, [0] * len(members), {})


def _joined(served: NDArray[np.bool_]) -> list[int]:
    """Groups of people who serve a common value, numbered by the first of each."""
    group = list(range(served.shape[1]))
    for row in served:
        together = {group[k] for k in np.flatnonzero(row)}
        group = [min(together) if g in together else g for g in group]
    number = {g: k for k, g in enumerate(dict.fromkeys(group))}
    return [number[g] for g in group]


def _in_company(members: list[Desk], group: list[int]) -> list[Desk]:
    """The members with their kinds, as most of the work of their group tells it: one alone may look like a queue by chance."""
    out = []
    for member, g in zip(members, group, strict=True):
        peers = [m for m, other in zip(members, group, strict=True) if other == g and m.kind != BATCH]
        queued = sum(len(m.done) for m in peers if m.kind == QUEUE)
        kind = QUEUE if 2 * queued > sum(len(m.done) for m in peers) else PACE
        out.append(member if member.kind in (BATCH, kind) else replace(member, kind=kind))
    return out
