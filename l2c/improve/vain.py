"""Is work done on cases that have left, because nobody told those who do it?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from l2c.diagnose.waits.desks import QUEUE
from l2c.improve.queues import Desk, Server

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
# What is told by fewer pieces with somebody gone before them is not told.
FEWEST_GONE = 20
# A smaller part is as good as none.
SMALL = 0.15


def told_apart(desk: Desk, asked: Floats, left: Floats, group: Ints) -> Desk:
    """The desk with the part of the work that is spent on those who left before their turn, and services without it.

    Parameters
    ----------
    asked, left, group
        When those who left the desk had come and when they went, and the group that would have served them.

    Notes
    -----
    Between two pieces of one person those were passed who had come between the two and had gone by then: the time between
    is longer by the work spent on them. Least squares over all pieces behind others, by how many were passed; of a group
    of several, each did as large a part of that. Services are then those of pieces before which nobody was passed.
    """
    gaps, gone, passed = [], [], {}
    for place, (server, g) in enumerate(zip(desk.servers, desk.group, strict=True)):
        if server.kind != QUEUE or server.told is None or len(server.told[0]) < 2:
            continue
        many = sum(s.kind == QUEUE and h == g for s, h in zip(desk.servers, desk.group, strict=True))
        before, now, behind = _passed(server, asked[group == g], left[group == g])
        took = server.told[2][1:]
        passed[place] = np.concatenate([[0], before + now])
        usual = float(took[behind & (before + now == 0)].mean()) if (behind & (before + now == 0)).any() else 0.0
        if usual > 0:
            gaps.append(took[behind] / usual)
            gone.append(np.stack([np.ones(behind.sum()), before[behind] / many, now[behind] / many], axis=1))
    if not gaps:
        return replace(desk, vain=0.0)
    x = np.concatenate(gone)
    if (x[:, 1] > 0).sum() < FEWEST_GONE:
        return replace(desk, vain=0.0)
    found = np.linalg.lstsq(x, np.concatenate(gaps), rcond=None)[0]
    vain = float(np.clip(found[1] / found[0], 0.0, 1.0)) if found[0] > 0 else 0.0
    if vain < SMALL:
        return replace(desk, vain=0.0)
    servers = [
        _clean(server, passed[place]) if place in passed else server for place, server in enumerate(desk.servers)
    ]
    return replace(desk, servers=tuple(servers), vain=vain)


def _passed(server: Server, asked: Floats, left: Floats) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """Of each piece but the first: how many were passed who had gone before its turn, how many went later, and whether it waited."""
    assert server.told is not None
    came, done, _ = server.told
    begin, end, turn = came[:-1], came[1:], np.maximum(done[:-1], came[1:])
    order = np.argsort(asked, kind="stable")
    asked, left = asked[order], left[order]
    first, last = np.searchsorted(asked, begin, "right"), np.searchsorted(asked, end, "left")
    before, all_ = np.zeros(len(begin), np.int64), np.maximum(last - first, 0)
    for ahead in range(int(all_.max(initial=0))):
        there = ahead < all_
        at = np.minimum(first + ahead, len(left) - 1)
        before += there & (left[at] <= turn)
    return before, all_ - before, done[:-1] >= came[1:]


def _clean(server: Server, passed: Ints) -> Server:
    """Services of the pieces before which nobody was passed."""
    assert server.told is not None
    own = server.told[2][passed == 0]
    return server if not len(own) else replace(server, service=np.sort(own))
