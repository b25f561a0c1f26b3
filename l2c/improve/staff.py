"""Who serves at the desks of a log, as people of whom a run can be made?"""

from __future__ import annotations

import numpy as np

from l2c.diagnose.waits import desks as waits
from l2c.diagnose.waits.desks import BATCH, QUEUE
from l2c.diagnose.waits.teams import Team, teams
from l2c.improve.hours import Hours
from l2c.improve.queues import Desk, Floats, Server
from l2c.improve.stays import Stays
from l2c.log import EventLog
from l2c.measures.facts import DAY

# A go counts as one if at least this part of what lay there was done in it.
CLEARED = 0.5


def found(log: EventLog) -> list[Team]:
    """The people of a log at whose desks work queues or waits for a batch; one detection serves finding and changing."""

    def made() -> list[Team]:
        plain = log.in_calendar_time()
        steps = waits.passages(plain)
        return teams(plain, steps, waits.found(plain, steps))

    # A twin asks for them, and who looks at them.
    return log.base.memo(("desks", *log.filters.items()), made)


def desks(log: EventLog, stays: Stays) -> tuple[Desk, ...]:
    """The desks of a log for a run of its stays; the log as it was known at the end of their watching, with all its cases."""
    made = (desk_of(team, stays) for team in found(log) if team.activity in stays.activities)
    return tuple(sorted(made, key=lambda desk: desk.activity))


def desk_of(team: Team, stays: Stays) -> Desk:
    """A team as a desk."""
    servers = tuple(_server(member, stays.days.origin) for member in team.members)
    names = [attribute.name for attribute in stays.attributes]
    activity = stays.activities.index(team.activity)
    if team.route not in names:
        return Desk(activity, servers, (0,) * len(servers))
    column = names.index(str(team.route))
    labels = stays.attributes[column].labels
    values = {float(labels.index(value)): group for value, group in team.values.items() if value in labels}
    return Desk(activity, servers, team.group, column, values)


def _server(member: waits.Desk, origin: int) -> Server:
    if member.kind == BATCH:
        goes, gaps = _goes(member)
        return Server(member.actor, BATCH, Hours.of(member.shifts), np.sort(gaps), len(member.done), goes)
    if member.kind == QUEUE:
        told = (member.asked / DAY - origin, member.done / DAY - origin, member.service / DAY)
        return Server(member.actor, QUEUE, Hours.of(member.shifts), np.sort(told[2]), len(member.done), told=told)
    return Server(member.actor, member.kind, Hours.of(member.shifts), np.sort(member.wait) / DAY, len(member.done))


def _goes(member: waits.Desk) -> tuple[tuple[Floats, ...], Floats]:
    """When in the week somebody takes up what lies there, week by week, and how long each piece of a go takes (days)."""
    heads, of, many = np.unique(member.head, return_inverse=True, return_counts=True)
    lying = np.searchsorted(np.sort(member.asked), member.done[heads], "right") - heads
    gaps = np.diff(member.done)[np.diff(of) == 0] / DAY
    usual = float(np.median(gaps)) if len(gaps) else 0.0
    cleared = many >= CLEARED * lying
    begin = member.done[heads[cleared if cleared.any() else many == many.max()]] / DAY - usual
    # Days since 1970 begin on a Thursday.
    week, day = np.divmod(begin + 3, 7)
    asked, done = ((moments / DAY + 3) / 7 for moments in (member.asked, member.done))
    weeks = np.arange(int(week[0]), int(week[-1]) + 1)
    through = [bool(((asked < k) & (done >= k + 1)).any()) for k in weeks]
    days = [day[week == k] for k in weeks]
    goes = tuple(d for d, waited in zip(days, through, strict=True) if len(d) or waited)
    return goes, gaps if len(gaps) else np.zeros(1)
