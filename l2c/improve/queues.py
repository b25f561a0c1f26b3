"""When is a desk done with what is asked of it? First come, first served, by people with hours of their own."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from l2c.diagnose.waits.desks import PACE, QUEUE
from l2c.improve import chance
from l2c.improve.hours import Hours

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Server:
    """Somebody who serves.

    Attributes
    ----------
    name, kind
        Who, and how: `queue`, `batch` or `pace`.
    hours
        When they work.
    service
        Days of work that pieces took, ascending: of `batch` those within a go, on the clock; of `pace` from request to done.
    pieces
        How many they did.
    goes
        Of `batch`, for each week in which work lay there, the days of the week at which they took it up.
    told
        When the pieces of which this is known were asked for and done (days since the origin), and the days of work they
        took, in the order in which they were done; None of somebody of whom there is no record.
    """

    name: str
    kind: str
    hours: Hours
    service: Floats
    pieces: int = 1
    goes: tuple[Floats, ...] = ()
    told: tuple[Floats, Floats, Floats] | None = None

    def redrawn(self, seed: int) -> Server:
        """The same person as other pieces would have shown them (bootstrap)."""
        # By what they did, and not by what they are called: a pseudonym changes nothing. Who is added has done nothing.
        who = self.service.tobytes() + (self.name.encode() if self.name.startswith("+") else b"")
        rng = np.random.default_rng([seed, crc32(who)])
        return replace(self, service=self.service[np.sort(rng.integers(0, len(self.service), len(self.service)))])


@dataclass(frozen=True, eq=False)
class Desk:
    """An activity and those who do it.

    Attributes
    ----------
    activity
        Its place among the activities of the twin.
    servers, group
        Who does it, and the number of the group of each: those of one group share their work.
    column, values
        The attribute that decides which group serves a case (its place among those of the stays, -1 where there is but
        one group), and the group by its value; other values go to the largest one.
    vain
        Part of the work that is done all the same on those who have left before it was begun; None where it has not been
        looked at.
    """

    activity: int
    servers: tuple[Server, ...]
    group: tuple[int, ...]
    column: int = -1
    values: dict[float, int] = field(default_factory=dict)
    vain: float | None = None

    def redrawn(self, seed: int) -> Desk:
        """The same desk with each person as other pieces would have shown them."""
        return replace(self, servers=tuple(server.redrawn(seed) for server in self.servers))

    def groups(self, values: Floats) -> Ints:
        """The group that serves each of some cases, of which a row of attributes is known."""
        size: dict[int, int] = {}
        for server, group in zip(self.servers, self.group, strict=True):
            size[group] = size.get(group, 0) + server.pieces
        found = np.full(len(values), max(size, key=lambda g: size[g]))
        if self.column >= 0:
            for value, group in self.values.items():
                found[values[:, self.column] == value] = group
        return found


def serve(
    servers: list[Server],
    asked: Floats,
    leaves: Floats,
    u: Floats,
    pick: Floats,
    *,
    seed: int = 0,
    opens: float = -np.inf,
    vain: float = 0.0,
) -> tuple[Floats, NDArray[np.bool_]]:
    """Let one group serve what is asked of it, in the order of asking.

    Parameters
    ----------
    asked, leaves
        When each piece is asked for, ascending, and when the case leaves unless it is done, in days.
    u, pick
        Random numbers: how long each takes, and who of several takes it where not all of them queue.
    opens
        Nothing is begun earlier.
    vain
        Part of the work that is done on those who have left before it was begun.

    Returns
    -------
    When each is done, or would have been, and whether it is: the case has not left by then.

    Notes
    -----
    What a piece took somebody was measured from the piece before that was done, so it holds what was spent on those who left
    meanwhile: unless `vain` says that it was told apart (`l2c.improve.vain`), who leaves takes no more time. For any order
    that does not look at the length of the work the mean wait is that of first come, first served.
    """
    done = np.empty(len(asked))
    queue = [server for server in servers if server.kind == QUEUE]
    others = [server for server in servers if server.kind != QUEUE]
    # Who does not queue takes as large a part as they did; the rest is shared by those who do.
    part = np.array([float(s.pieces) for s in others] + [float(sum(s.pieces for s in queue))])
    taker = np.searchsorted(np.cumsum(part / part.sum())[:-1], pick, "right")
    for k, server in enumerate(others):
        own = np.flatnonzero(taker == k)
        work = _drawn(server.service, u[own])
        begin = np.maximum(asked[own], opens)
        if server.kind == PACE:
            done[own] = server.hours.moments(server.hours.worked(begin) + work)
        else:
            done[own] = _in_batches(begin, work, server, seed)
    own = np.flatnonzero(taker == len(others))
    if len(own):
        done[own] = _queued(queue, np.maximum(asked[own], opens), leaves[own], u[own], vain)
    done = np.maximum(done, asked)
    return done, leaves >= done


def _drawn(sample: Floats, u: Floats) -> Floats:
    """Quantiles of a sample that is in order."""
    return np.interp(u * (len(sample) - 1), np.arange(len(sample)), sample) if len(sample) else np.zeros(len(u))


def _queued(servers: list[Server], asked: Floats, leaves: Floats, u: Floats, vain: float) -> Floats:
    """When each piece of a common queue is done: whoever is free first takes the next."""
    if len({server.hours for server in servers}) > 1:
        return together([Asked(servers, asked, leaves, u, vain)])
    work: list[list[float]] = [_drawn(server.service, u).tolist() for server in servers]
    clock = servers[0].hours
    at, gone = clock.worked(asked).tolist(), clock.worked(leaves).tolist()
    free, done = [-np.inf] * len(servers), [0.0] * len(at)
    for i, now in enumerate(at):
        begin = min(free)
        who = free.index(begin)
        begin = now if now > begin else begin
        end = done[i] = begin + work[who][i]
        if gone[i] >= end:
            free[who] = end
        elif vain:
            free[who] = end if gone[i] > begin else begin + vain * work[who][i]
    return clock.moments(np.array(done))


@dataclass(frozen=True, eq=False)
class Asked:
    """What is asked of one group, in the order of asking: who serves it, when, until when it waits, how long it takes."""

    servers: list[Server]
    asked: Floats
    leaves: Floats
    u: Floats
    vain: float = 0.0


def together(groups: list[Asked], opens: float = -np.inf) -> Floats:
    """When the pieces of the first of some groups are done that have people in common, by whoever could begin first.

    All of their work queues; a person does one piece at a time, whatever group it is asked of.
    """
    names = list(dict.fromkeys(server.name for group in groups for server in group.servers))
    hours: dict[str, Hours] = {}
    work, rows = [], []
    for g, group in enumerate(groups):
        work.append([_drawn(server.service, group.u).tolist() for server in group.servers])
        hours |= {server.name: server.hours for server in group.servers if server.name not in hours}
        rows += [(day, g, i) for i, day in enumerate(np.maximum(group.asked, opens).tolist())]
    crew = [[names.index(server.name) for server in group.servers] for group in groups]
    clocks = [hours[name] for name in names]
    when, begins = [clock.moment() for clock in clocks], [clock.moment(begins=True) for clock in clocks]
    at = [[clock.worked(np.maximum(group.asked, opens)).tolist() for clock in clocks] for group in groups]
    free, since = [-np.inf] * len(names), [-np.inf] * len(names)
    done = np.empty(len(groups[0].asked))
    for _, g, i in sorted(rows):
        place, who = min(
            enumerate(crew[g]),
            key=lambda each: (begins[each[1]](max(at[g][each[1]][i], free[each[1]])), since[each[1]]),
        )
        begin = max(at[g][who][i], free[who])
        end = begin + work[g][place][i]
        finished = when[who](end)
        if g == 0:
            done[i] = finished
        if groups[g].leaves[i] < finished:
            if not groups[g].vain:
                continue
            end = end if groups[g].leaves[i] > when[who](begin) else begin + groups[g].vain * work[g][place][i]
        free[who], since[who] = end, when[who](end)
    return np.maximum(done, groups[0].asked)


def _in_batches(asked: Floats, work: Floats, server: Server, seed: int) -> Floats:
    """When each piece is done by somebody who takes up at certain moments all that lies there, one after the other."""
    if not len(asked):
        return asked
    first, weeks = int(asked[0] // 7), int(asked[-1] // 7) - int(asked[0] // 7) + 60
    u = chance.uniform(seed, chance.DESK, first + np.arange(weeks))
    seen = [server.goes[int(x * len(server.goes))] for x in u]
    goes = np.concatenate([7 * (first + k) + days for k, days in enumerate(seen)])
    taken = goes[np.minimum(np.searchsorted(goes, asked, "left"), len(goes) - 1)].tolist()
    done, free = np.empty(len(asked)), -np.inf
    for i, now in enumerate(asked.tolist()):
        # What comes while the last go is on is done with it.
        free = done[i] = (free if now < free or taken[i] < free else taken[i]) + work[i]
    return done
