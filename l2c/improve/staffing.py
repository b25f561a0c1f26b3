"""Other people at a desk: one more, at other hours, faster, or nobody who lets work lie until the day of the batch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from l2c.diagnose.waits.desks import BATCH, PACE, QUEUE
from l2c.improve.hours import Hours
from l2c.improve.queues import Desk, Server


def groups(desk: Desk, values: tuple[float, ...] | None = None) -> tuple[int, ...]:
    """The groups that serve some values of the route of a desk; all of them where none are named, or nothing decides."""
    if values is None or desk.column < 0:
        return tuple(sorted(set(desk.group)))
    return tuple(sorted({group for value, group in desk.values.items() if value in values}))


def added(desk: Desk, people: int = 1, values: tuple[float, ...] | None = None) -> Desk:
    """More people in the groups that serve some values; they work as those do who are there.

    Where nobody's work queues in such a group, they work as the others at the desk do whose work does.
    """
    servers, group = list(desk.servers), list(desk.group)
    for g in groups(desk, values):
        like = _peers(desk, g) or [s for s in desk.servers if s.kind == QUEUE]
        if like:
            most = max(like, key=lambda server: server.pieces)
            # A new one has no part in what others did at their own pace.
            new = replace(most, service=_together(like), pieces=int(np.mean([s.pieces for s in like])))
            servers += [replace(new, name=f"+{k + 1}") for k in range(people)]
            group += [g] * people
    return replace(desk, servers=tuple(servers), group=tuple(group))


def faster(desk: Desk, share: float, values: tuple[float, ...] | None = None) -> Desk:
    """Each piece takes this share of the time that it took."""
    chosen = groups(desk, values)
    servers = [
        replace(server, service=server.service * share) if g in chosen and server.kind != PACE else server
        for server, g in zip(desk.servers, desk.group, strict=True)
    ]
    return replace(desk, servers=tuple(servers))


def opened(desk: Desk, hours: Hours, values: tuple[float, ...] | None = None) -> Desk:
    """Those who work through a queue do so at other hours; a piece takes them as long as before."""
    chosen = groups(desk, values)
    servers = [
        replace(server, hours=hours) if g in chosen and server.kind == QUEUE else server
        for server, g in zip(desk.servers, desk.group, strict=True)
    ]
    return replace(desk, servers=tuple(servers))


def unbatched(desk: Desk, days: float | None = None) -> Desk:
    """Nothing lies until the day of the batch.

    Parameters
    ----------
    days
        Days of work that a piece takes those who batched, and now do it as it comes. How long that is no log tells:
        unless it is given, their cases go to the others at the desk, to the largest group of those whose work queues;
        where there are none, a piece is taken to last as long as one did within a go.
    """
    others = {g: _peers(desk, g) for g in set(desk.group) if _peers(desk, g)}
    if days is not None or not others:
        servers = [
            s
            if s.kind != BATCH
            else replace(s, kind=QUEUE, goes=(), service=s.service if days is None else np.full(1, days))
            for s in desk.servers
        ]
        return replace(desk, servers=tuple(servers))
    stays = [k for k, server in enumerate(desk.servers) if server.kind != BATCH]
    kept = {desk.group[k] for k in stays}
    pool = max(others, key=lambda g: (len(others[g]), -sum(s.pieces for s in others[g])))
    values = {value: group if group in kept else pool for value, group in desk.values.items()}
    return replace(
        desk, servers=tuple(desk.servers[k] for k in stays), group=tuple(desk.group[k] for k in stays), values=values
    )


def _peers(desk: Desk, group: int) -> list[Server]:
    return [s for s, g in zip(desk.servers, desk.group, strict=True) if g == group and s.kind == QUEUE]


def _together(servers: list[Server]) -> np.ndarray:
    return np.sort(np.concatenate([server.service for server in servers]))
