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
        rng = np.random.default_rng([seed, crc32(self.name.encode())])
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
        Part of the work that is done all the same on those who have left before it was begun.
    """

    activity: int
    servers: tuple[Server, ...]
    group: tuple[int, ...]
    column: int = -1
    values: dict[float, int] = field(default_factory=dict)
    vain: float = 0.0

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
    hours = [server.hours for server in servers]
    work: list[list[float]] = [_drawn(server.service, u).tolist() for server in servers]
    if len(set(hours)) > 1:
        return _by_own_hours(hours, work, asked, leaves, vain)
    clock = hours[0]
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


def _by_own_hours(hours: list[Hours], work: list[list[float]], asked: Floats, leaves: Floats, vain: float) -> Floats:
    """The same where they work at different hours: who could begin first takes the next."""
    at = [clock.worked(asked).tolist() for clock in hours]
    when, begins = [clock.moment() for clock in hours], [clock.moment(begins=True) for clock in hours]
    people = range(len(hours))
    # In everybody's own days of work; `since` on the clock.
    free, since, gone = [-np.inf] * len(hours), [-np.inf] * len(hours), leaves.tolist()
    done = np.empty(len(asked))
    for i in range(len(asked)):
        who = min(people, key=lambda k: (begins[k](max(at[k][i], free[k])), since[k]))
        begin = max(at[who][i], free[who])
        end = begin + work[who][i]
        done[i] = when[who](end)
        if gone[i] < done[i]:
            if not vain:
                continue
            end = end if gone[i] > when[who](begin) else begin + vain * work[who][i]
        free[who], since[who] = end, when[who](end)
    return done


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
