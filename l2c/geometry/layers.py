"""In which layer does each box stand, and through which rows does each path run?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

MARGIN = 14.0
LINE_GAP = 12.0
SIDE_GAP = 16.0
BOX_GAP = 24.0
LOOP = 30.0
PAGE = 880.0


@dataclass(frozen=True)
class Box:
    """Something to place: its size, whether it is a circle, whether it belongs beside the main line."""

    id: str
    width: float
    height: float
    round: bool = False
    aside: bool = False


@dataclass(frozen=True)
class Arrow:
    """A path from a box to a box: how much it matters, and the size of its label."""

    source: str
    target: str
    weight: float
    width: float
    height: float = 15.0


@dataclass
class Link:
    """An arrow as the layers see it: always downward from `upper` to `lower`, through the `chain` of vertices."""

    arrow: Arrow
    upper: int
    lower: int
    backward: bool
    share: float
    spine: bool = False
    chain: list[int] = field(default_factory=list)
    label: int = -1


@dataclass
class Graph:
    """Vertices (the boxes first, then links of chains) with row and extent; segments join neighbouring rows."""

    row: np.ndarray
    left: np.ndarray
    right: np.ndarray
    upper: np.ndarray
    lower: np.ndarray
    owner: np.ndarray
    weight: np.ndarray
    aside: np.ndarray
    n_boxes: int


def links_of(arrows: Sequence[Arrow], index: Mapping[str, int], order: Mapping[str, int]) -> list[Link]:
    """See every arrow but the loops from its upper to its lower box, and mark those of the main line."""
    most = max((arrow.weight for arrow in arrows), default=1.0) or 1.0
    links = []
    for arrow in arrows:
        if arrow.source == arrow.target:
            continue
        a, b = index[arrow.source], index[arrow.target]
        backward = order[arrow.source] > order[arrow.target]
        upper, lower = (b, a) if backward else (a, b)
        links.append(Link(arrow, upper, lower, backward, arrow.weight / most))
    _mark_spine(links, index, order)
    return links


def _mark_spine(links: list[Link], index: Mapping[str, int], order: Mapping[str, int]) -> None:
    """Mark the way that leaves each box by its heaviest path forward, from the first box on: it is kept straight."""
    box = index[min(index, key=lambda name: order[name])]
    while True:
        onward = [link for link in links if link.upper == box and not link.backward]
        if not onward:
            return
        heaviest = max(onward, key=lambda link: link.share)
        heaviest.spine = True
        box = heaviest.lower


def ranks_of(boxes: Sequence[Box], links: list[Link], order: Mapping[str, int]) -> np.ndarray:
    """Give every box a layer, and move the lightest boxes down where a layer or its labels would outgrow the page."""
    ranks = _layers(boxes, links, order)
    weight = np.zeros(len(boxes))
    for link in links:
        weight[link.upper] += link.share
        weight[link.lower] += link.share
    rank = 1
    while rank < ranks.max():
        for k in _overfull(boxes, links, ranks, weight, rank):
            ranks[k] += 1
        # Whatever a moved box leads to moves down as well.
        for link in sorted(links, key=lambda link: order[boxes[link.upper].id]):
            ranks[link.lower] = max(ranks[link.lower], ranks[link.upper] + 1)
        if boxes[_last(boxes, order)].round:
            ranks[_last(boxes, order)] = max(ranks.max(), np.delete(ranks, _last(boxes, order)).max() + 1)
        rank += 1
    return ranks


def _last(boxes: Sequence[Box], order: Mapping[str, int]) -> int:
    return max(range(len(boxes)), key=lambda k: order[boxes[k].id])


def _overfull(boxes: Sequence[Box], links: list[Link], ranks: np.ndarray, weight: np.ndarray, rank: int) -> list[int]:
    """List the lightest boxes of a layer that find no room beside the others and the paths that pass."""
    here = sorted((int(k) for k in np.flatnonzero(ranks == rank)), key=lambda k: -weight[k])
    passing = [link for link in links if ranks[link.upper] < rank < ranks[link.lower]]
    room = labels = PAGE - SIDE_GAP * len(passing)
    moved = []
    for number, k in enumerate(here):
        wide = boxes[k].width + BOX_GAP
        named = sum(a.arrow.width + LINE_GAP for a in links if a.lower == k and ranks[a.upper] == rank - 1)
        if number and (wide > room or named > labels):
            moved.append(k)
            room -= SIDE_GAP * sum(a.lower == k for a in links)
        else:
            room -= wide
            labels -= named
    return moved


def _layers(boxes: Sequence[Box], links: list[Link], order: Mapping[str, int]) -> np.ndarray:
    """Find layers: upper before lower, heavy arrows short; a circle that is first or last in order at its end."""
    from scipy.optimize import linprog
    from scipy.sparse import coo_matrix

    n = len(boxes)
    places = [order[box.id] for box in boxes]
    top, bottom = int(np.argmin(places)), int(np.argmax(places))
    pairs = {(link.upper, link.lower) for link in links}
    cost = np.full(n, 1e-5)
    for link in links:
        pull = (0.05 if link.backward else 1.0) * link.share + 0.01
        cost[link.lower] += pull
        cost[link.upper] -= pull
    if boxes[top].round:
        pairs |= {(top, k) for k in range(n) if k != top}
    if boxes[bottom].round:
        pairs |= {(k, bottom) for k in range(n) if k != bottom}
    if not pairs:
        return np.zeros(n, dtype=int)
    at = np.repeat(np.arange(len(pairs)), 2)
    matrix = coo_matrix((np.tile([1.0, -1.0], len(pairs)), (at, np.ravel(sorted(pairs)))), shape=(len(pairs), n))
    solved = linprog(cost, A_ub=matrix, b_ub=-np.ones(len(pairs)), bounds=(0, None), method="highs-ds")
    return np.asarray(solved.x.round().astype(int))


def _label_rows(links: list[Link], row: list[int]) -> list[int]:
    """Choose the row of each label: the middle of its path, or where there is room if the labels outgrow the page."""
    load: dict[int, float] = {}
    chosen = [0] * len(links)
    for k in sorted(range(len(links)), key=lambda k: (row[links[k].lower] - row[links[k].upper], -links[k].share)):
        link = links[k]
        odd = list(range(row[link.upper] + 1, row[link.lower], 2))
        middle = odd[(len(odd) - 1) // 2 if link.backward else len(odd) // 2]
        width = link.arrow.width + LINE_GAP
        if load.get(middle, 0.0) + width > PAGE * 0.8:
            middle = min(odd, key=lambda r: (load.get(r, 0.0), abs(r - middle)))
        load[middle] = load.get(middle, 0.0) + width
        chosen[k] = middle
    return chosen


def graph_of(boxes: Sequence[Box], arrows: Sequence[Arrow], links: list[Link], ranks: np.ndarray) -> Graph:
    """Cut every arrow into links of one row each, one of which is its label."""
    loops = {a.source: LOOP + a.width for a in arrows if a.source == a.target}
    row = [2 * int(r) for r in ranks]
    left = [box.width / 2 for box in boxes]
    right = [box.width / 2 + loops.get(box.id, 0.0) for box in boxes]
    segments = []
    for number, (link, at) in enumerate(zip(links, _label_rows(links, row), strict=True)):
        last = link.upper
        for r in range(row[link.upper] + 1, row[link.lower]):
            half = link.arrow.width / 2 if r == at else 2.0
            if r == at:
                link.label = len(row)
            link.chain.append(len(row))
            segments.append((last, len(row), number))
            last = len(row)
            row.append(r)
            left.append(half)
            right.append(half)
        segments.append((last, link.lower, number))
    parts = np.array(segments, dtype=int).reshape(-1, 3)
    share = np.array([link.share for link in links])
    return Graph(
        row=np.array(row),
        left=np.array(left),
        right=np.array(right),
        upper=parts[:, 0],
        lower=parts[:, 1],
        owner=parts[:, 2],
        weight=np.sqrt(1 + 6 * share[parts[:, 2]]) if len(parts) else np.zeros(0),
        aside=np.array([box.aside for box in boxes] + [False] * (len(row) - len(boxes))),
        n_boxes=len(boxes),
    )
