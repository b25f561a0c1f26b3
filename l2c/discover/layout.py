"""Where do boxes, paths and labels of a map stand? Geometry alone: layered from top to bottom, the same every time.

Rows of boxes alternate with rows of labels. A path is a chain through the rows, and its label is one link of that
chain, so that labels never meet a box or each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

MARGIN = 14.0
LINE_GAP = 12.0
BOX_GAP = 24.0
SIDE_GAP = 16.0
ROW_GAP = (14.0, 40.0)
HEAD = 10.5
PORT_GAP = 15.0
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


@dataclass(frozen=True)
class Route:
    """Where an arrow runs: points of cubic curves (three per curve after the first), and the middle of its label."""

    points: tuple[tuple[float, float], ...]
    label: tuple[float, float]
    backward: bool
    loop: bool


@dataclass(frozen=True)
class Layout:
    """The finished plan: middles of the boxes by id, routes in the order of the arrows, size of the sheet."""

    width: float
    height: float
    boxes: dict[str, tuple[float, float]]
    routes: tuple[Route, ...]


@dataclass
class _Link:
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
class _Graph:
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


def layout(boxes: Sequence[Box], arrows: Sequence[Arrow], order: Mapping[str, int]) -> Layout:
    """Place boxes in layers and lead the arrows between them.

    Parameters
    ----------
    boxes, arrows
        What to place; every arrow joins two of the boxes, at most one arrow in each direction.
    order
        Box id to its place in the process, no place taken twice: an arrow against it runs upward.

    Returns
    -------
    No two boxes and no two labels overlap; every route begins and ends on the border of its boxes.

    Notes
    -----
    Sugiyama, Tagawa and Toda (1981); layers by linear programming as in Gansner et al. (1993), A technique for
    drawing directed graphs; long paths kept straight as in Brandes and Köpf (2001).
    """
    if not boxes:
        return Layout(2 * MARGIN, 2 * MARGIN, {}, ())
    index = {box.id: k for k, box in enumerate(boxes)}
    links = _links(arrows, index, order)
    ranks = _ranks(boxes, links, order)
    graph = _graph(boxes, arrows, links, ranks)
    rows = _uncrossed(graph, _first_rows(graph, boxes, order))
    ports = _ports(boxes, links, rows, graph)
    x = _across(graph, rows, links, ports)
    bands = _down(boxes, links, graph, x, ports)
    routes = {id(link.arrow): _route(n, link, boxes, graph, x, bands, ports) for n, link in enumerate(links)}
    for arrow in arrows:
        if arrow.source == arrow.target:
            k = index[arrow.source]
            routes[id(arrow)] = _loop(arrow, boxes[k], x[k], _middle(bands[graph.row[k]]))
    return Layout(
        width=float((x + graph.right).max() + MARGIN),
        height=float(bands[-1][1] + MARGIN),
        boxes={box.id: (float(x[k]), _middle(bands[graph.row[k]])) for k, box in enumerate(boxes)},
        routes=tuple(routes[id(arrow)] for arrow in arrows),
    )


def _middle(band: tuple[float, float]) -> float:
    return (band[0] + band[1]) / 2


def _links(arrows: Sequence[Arrow], index: Mapping[str, int], order: Mapping[str, int]) -> list[_Link]:
    most = max((arrow.weight for arrow in arrows), default=1.0) or 1.0
    links = []
    for arrow in arrows:
        if arrow.source == arrow.target:
            continue
        a, b = index[arrow.source], index[arrow.target]
        backward = order[arrow.source] > order[arrow.target]
        upper, lower = (b, a) if backward else (a, b)
        links.append(_Link(arrow, upper, lower, backward, arrow.weight / most))
    _mark_spine(links, index, order)
    return links


def _mark_spine(links: list[_Link], index: Mapping[str, int], order: Mapping[str, int]) -> None:
    """Mark the way that leaves each box by its heaviest path forward, from the first box on: it is kept straight."""
    box = index[min(index, key=lambda name: order[name])]
    while True:
        onward = [link for link in links if link.upper == box and not link.backward]
        if not onward:
            return
        heaviest = max(onward, key=lambda link: link.share)
        heaviest.spine = True
        box = heaviest.lower


def _ranks(boxes: Sequence[Box], links: list[_Link], order: Mapping[str, int]) -> np.ndarray:
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


def _overfull(boxes: Sequence[Box], links: list[_Link], ranks: np.ndarray, weight: np.ndarray, rank: int) -> list[int]:
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


def _layers(boxes: Sequence[Box], links: list[_Link], order: Mapping[str, int]) -> np.ndarray:
    """Find layers: upper before lower, heavy arrows short; circles that stand first or last in the order at the ends."""
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


def _label_rows(links: list[_Link], row: list[int]) -> list[int]:
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


def _graph(boxes: Sequence[Box], arrows: Sequence[Arrow], links: list[_Link], ranks: np.ndarray) -> _Graph:
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
    return _Graph(
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


# --- Crossings -------------------------------------------------------------------------------------------------------


def _first_rows(graph: _Graph, boxes: Sequence[Box], order: Mapping[str, int]) -> list[np.ndarray]:
    """Fill the rows by walking down from the first boxes, the heaviest way first."""
    below: list[list[tuple[float, int]]] = [[] for _ in graph.row]
    for a, b, w in zip(graph.upper, graph.lower, graph.weight, strict=True):
        below[a].append((w, int(b)))
    rows: list[list[int]] = [[] for _ in range(int(graph.row.max()) + 1)]
    seen: set[int] = set()
    for first in sorted(range(len(boxes)), key=lambda k: (graph.row[k], order[boxes[k].id])):
        stack = [first]
        while stack:
            vertex = stack.pop()
            if vertex not in seen:
                seen.add(vertex)
                rows[graph.row[vertex]].append(vertex)
                stack += [b for _, b in sorted(below[vertex])]
    return [np.array(sorted(row, key=lambda vertex: graph.aside[vertex]), dtype=int) for row in rows]


def _uncrossed(graph: _Graph, rows: list[np.ndarray]) -> list[np.ndarray]:
    """Reorder each row until few paths cross: sweeps by barycentre, each followed by swaps of neighbours."""
    gaps = [np.flatnonzero(graph.row[graph.upper] == r) for r in range(len(rows) - 1)]
    position = np.zeros(len(graph.row))
    for row in rows:
        position[row] = np.arange(len(row))
    best, best_rows = _swapped(graph, rows, gaps, position)
    rounds = int(np.clip(24_000 / max(len(graph.row), 1), 4, 16))
    for number in range(rounds):
        _sweep(graph, rows, gaps, position, downward=number % 2 == 0)
        crossings, found = _swapped(graph, rows, gaps, position)
        if crossings < best - 1e-9:
            best, best_rows = crossings, found
    return best_rows


def _sweep(
    graph: _Graph, rows: list[np.ndarray], gaps: list[np.ndarray], position: np.ndarray, *, downward: bool
) -> None:
    for r in range(1, len(rows)) if downward else range(len(rows) - 2, -1, -1):
        gap = gaps[r - 1] if downward else gaps[r]
        here, there = (graph.lower[gap], graph.upper[gap]) if downward else (graph.upper[gap], graph.lower[gap])
        row, weight = rows[r], graph.weight[gap]
        at = position[here].astype(int)
        total = np.bincount(at, weight, len(row))
        pull = np.bincount(at, weight * position[there], len(row))
        key = np.where(total > 0, pull / np.maximum(total, 1e-12), position[row])
        key = np.where(graph.aside[row], np.inf, key)
        rows[r] = row[np.argsort(key, kind="stable")]
        position[rows[r]] = np.arange(len(row))


def _swapped(
    graph: _Graph, rows: list[np.ndarray], gaps: list[np.ndarray], position: np.ndarray
) -> tuple[float, list[np.ndarray]]:
    """Swap neighbours wherever that saves crossings; return the crossings left, and a copy of the rows."""
    total = 0.0
    for r, row in enumerate(rows):
        cost = np.zeros((len(row), len(row)))
        if r:
            cost += _crossings(graph, gaps[r - 1], position, len(row), len(rows[r - 1]), at_upper=False)
        if r < len(rows) - 1:
            cost += _crossings(graph, gaps[r], position, len(row), len(rows[r + 1]), at_upper=True)
        gain = (cost - cost.T > 1e-9) & ~graph.aside[row][None, :] & ~graph.aside[row][:, None]
        order = _bubbled(len(row), gain.tolist()) if gain.any() else list(range(len(row)))
        rows[r] = row[order]
        position[rows[r]] = np.arange(len(row))
    for r, gap in enumerate(gaps):
        total += float(np.triu(_crossings(graph, gap, position, len(rows[r]), len(rows[r + 1]), at_upper=True), 1).sum())
    return total, [row.copy() for row in rows]


def _crossings(
    graph: _Graph, gap: np.ndarray, position: np.ndarray, here: int, there: int, *, at_upper: bool
) -> np.ndarray:
    """Weight of crossings in a gap, for every pair of a row's vertices, when the first stands left of the second."""
    mine, other = (graph.upper[gap], graph.lower[gap]) if at_upper else (graph.lower[gap], graph.upper[gap])
    joined = np.zeros((here, there))
    joined[position[mine].astype(int), position[other].astype(int)] = graph.weight[gap]
    further_left = np.cumsum(joined, axis=1) - joined
    return np.asarray(joined @ further_left.T)


def _bubbled(n: int, gain: list[list[bool]]) -> list[int]:
    order = list(range(n))
    for _ in range(3):
        changed = False
        for i in range(n - 1):
            a, b = order[i], order[i + 1]
            if gain[a][b]:
                order[i], order[i + 1] = b, a
                changed = True
        if not changed:
            break
    return order


# --- Across ----------------------------------------------------------------------------------------------------------


def _ports(
    boxes: Sequence[Box], links: list[_Link], rows: list[np.ndarray], graph: _Graph
) -> dict[tuple[int, bool], float]:
    """Where a link leaves its upper box (True) or enters its lower one: offsets, the heaviest link in the middle."""
    position = np.zeros(len(graph.row))
    for row in rows:
        position[row] = np.arange(len(row))
    ports = {}
    for at_upper in (True, False):
        attached: list[list[tuple[float, int]]] = [[] for _ in boxes]
        for number, link in enumerate(links):
            nearest = link.chain[0 if at_upper else -1]
            attached[link.upper if at_upper else link.lower].append((position[nearest], number))
        for box, ends in zip(boxes, attached, strict=True):
            ends.sort()
            offsets = _spread(box, [links[number] for _, number in ends])
            ports |= {(number, at_upper): offset for offset, (_, number) in zip(offsets, ends, strict=True)}
    return ports


def _spread(box: Box, links: list[_Link]) -> list[float]:
    """Set ports side by side, the heaviest link's at the middle: always on the spine, elsewhere if there is room."""
    if not links:
        return []
    room = box.width / 2 * 0.75 if box.round else box.width / 2 - 11
    main = max(range(len(links)), key=lambda k: (links[k].spine, links[k].share))
    right = len(links) - 1 - main
    if links[main].spine:
        before, after = min(PORT_GAP, room / max(main, 1)), min(PORT_GAP, room / max(right, 1))
        return [(k - main) * (before if k < main else after) for k in range(len(links))]
    step = min(PORT_GAP, 2 * room / max(len(links) - 1, 1))
    first = -min(max(main * step, (len(links) - 1) * step - room), room)
    return [first + k * step for k in range(len(links))]


def _blocks(graph: _Graph, rows: list[np.ndarray], links: list[_Link], longest: int) -> np.ndarray:
    """Join links of each chain into straight blocks of so many rows, heavy ones first, where no two blocks cross."""
    position = np.zeros(len(graph.row))
    for row in rows:
        position[row] = np.arange(len(row))
    block = np.arange(len(graph.row))
    inner = (graph.upper >= graph.n_boxes) & (graph.lower >= graph.n_boxes)
    share = np.array([link.share for link in links])
    for r in range(len(rows) - 1):
        if (r + 1) % longest == 0:
            continue
        gap = np.flatnonzero(inner & (graph.row[graph.upper] == r))
        gap = gap[np.argsort(-share[graph.owner[gap]], kind="stable")]
        above, below = position[graph.upper[gap]], position[graph.lower[gap]]
        kept: list[int] = []
        for k in range(len(gap)):
            if np.all((above[kept] - above[k]) * (below[kept] - below[k]) > 0):
                kept.append(k)
        # Rows come from the top, so the upper end already knows its block.
        block[graph.lower[gap[kept]]] = block[graph.upper[gap[kept]]]
    return np.unique(block, return_inverse=True)[1]


def _across(
    graph: _Graph, rows: list[np.ndarray], links: list[_Link], ports: dict[tuple[int, bool], float]
) -> np.ndarray:
    """Find the x of every vertex; long paths may bend only where the map would otherwise not fit a page."""
    size = len(graph.row)
    for longest in (len(rows), 4, 1) if size < 700 else (len(rows), 6) if size < 1500 else (6,):
        x = _straightened(graph, rows, links, ports, _blocks(graph, rows, links, longest))
        if (x + graph.right).max() <= PAGE + 1:
            break
    return x


def _straightened(
    graph: _Graph,
    rows: list[np.ndarray],
    links: list[_Link],
    ports: dict[tuple[int, bool], float],
    block: np.ndarray,
) -> np.ndarray:
    """Place the blocks: paths as straight as the gaps between neighbours allow, heavy ones above all (a linear program)."""
    from scipy.optimize import linprog
    from scipy.sparse import coo_matrix

    n = int(block.max()) + 1
    bends = _bends(graph, block, links, ports)
    wide, over = n + len(bends), n + len(bends) + 1
    entries: list[tuple[int, int, float]] = []
    limits: list[float] = []
    for k, (a, b, shift, _) in enumerate(bends):
        for sign in (1.0, -1.0):
            entries += [(len(limits), a, sign), (len(limits), b, -sign), (len(limits), n + k, -1.0)]
            limits.append(-sign * shift)
    for (a, b), gap in sorted(_gaps(graph, rows, block).items()):
        entries += [(len(limits), a, 1.0), (len(limits), b, -1.0)]
        limits.append(-gap)
    for last in sorted({int(row[-1]) for row in rows if len(row)}):
        entries += [(len(limits), int(block[last]), 1.0), (len(limits), wide, -1.0)]
        limits.append(-float(graph.right[last]))
    entries += [(len(limits), wide, 1.0), (len(limits), over, -1.0)]
    limits.append(PAGE)
    cost = np.concatenate([np.full(n, 1e-6), [bend[3] for bend in bends], [0.05, 3.0 + 2.0 * len(links)]])
    floor = np.zeros(len(cost))
    np.maximum.at(floor, block, graph.left + MARGIN)
    at, column, value = zip(*entries, strict=True)
    matrix = coo_matrix((value, (at, column)), shape=(len(limits), len(cost))).tocsr()
    free = np.column_stack([floor, np.full(len(cost), np.inf)])
    solved = linprog(cost, A_ub=matrix, b_ub=limits, bounds=free, method="highs-ds")
    return np.round(solved.x[:n][block], 1)


def _bends(
    graph: _Graph, block: np.ndarray, links: list[_Link], ports: dict[tuple[int, bool], float]
) -> list[tuple[int, int, float, float]]:
    """List where a path may leave the straight: block, block, shift of their ports, cost per pixel."""
    bends = []
    for a, b, owner in zip(graph.upper, graph.lower, graph.owner, strict=True):
        if block[a] == block[b]:
            continue
        link = links[owner]
        shift = (ports[owner, True] if a == link.upper else 0.0) - (ports[owner, False] if b == link.lower else 0.0)
        inner = int(a >= graph.n_boxes) + int(b >= graph.n_boxes)
        cost = (1.0, 2.0, 6.0)[inner] * (0.3 + 6 * link.share**1.2) * (0.5 if link.backward else 1.0)
        if link.spine:
            cost = 3 * cost + 10.0
        bends.append((int(block[a]), int(block[b]), shift, cost))
    return bends


def _gaps(graph: _Graph, rows: list[np.ndarray], block: np.ndarray) -> dict[tuple[int, int], float]:
    least: dict[tuple[int, int], float] = {}
    for row in rows:
        for a, b in zip(row[:-1].tolist(), row[1:].tolist(), strict=True):
            apart = (LINE_GAP, SIDE_GAP, BOX_GAP)[int(a < graph.n_boxes) + int(b < graph.n_boxes)]
            gap = float(graph.right[a] + graph.left[b] + apart)
            key = int(block[a]), int(block[b])
            least[key] = max(least.get(key, 0.0), gap)
    return least


# --- Down and along --------------------------------------------------------------------------------------------------


def _down(
    boxes: Sequence[Box], links: list[_Link], graph: _Graph, x: np.ndarray, ports: dict[tuple[int, bool], float]
) -> list[tuple[float, float]]:
    """Find top and bottom of every row; the gap below it grows with the widest swing of a path through it."""
    height = np.zeros(int(graph.row.max()) + 1)
    for k, box in enumerate(boxes):
        height[graph.row[k]] = max(height[graph.row[k]], box.height)
    for link in links:
        height[graph.row[link.label]] = max(height[graph.row[link.label]], link.arrow.height)
    swing = np.zeros(len(height))
    for a, b, owner in zip(graph.upper, graph.lower, graph.owner, strict=True):
        link = links[owner]
        start = x[a] + (ports[owner, True] if a == link.upper else 0.0)
        end = x[b] + (ports[owner, False] if b == link.lower else 0.0)
        swing[graph.row[a]] = max(swing[graph.row[a]], abs(start - end))
    heads = {graph.row[link.upper] if link.backward else graph.row[link.lower] - 1 for link in links}
    bands, y = [], MARGIN
    for r, tall in enumerate(height):
        bands.append((round(float(y), 1), round(float(y + tall), 1)))
        y += tall + float(np.clip(ROW_GAP[0] + 0.07 * (swing[r] - 60), *ROW_GAP)) + (0.8 * HEAD if r in heads else 0.0)
    return bands


def _border(box: Box, middle: float, offset: float, *, below: bool) -> float:
    half = box.height / 2
    if box.round:
        half = float(np.sqrt(max(half**2 - offset**2, 0.0)))
    return middle + half if below else middle - half


def _route(
    number: int,
    link: _Link,
    boxes: Sequence[Box],
    graph: _Graph,
    x: np.ndarray,
    bands: list[tuple[float, float]],
    ports: dict[tuple[int, bool], float],
) -> Route:
    """Lead a path from border to border: upright through every row and under its head, bending in the gaps."""
    start, end = ports[number, True], ports[number, False]
    first, last = bands[graph.row[link.upper]], bands[graph.row[link.lower]]
    stops = [(x[link.upper] + start, _border(boxes[link.upper], _middle(first), start, below=True))]
    stops.append((stops[0][0], first[1] + (HEAD if link.backward else 0.0)))
    for vertex in link.chain:
        stops += [(x[vertex], edge) for edge in bands[graph.row[vertex]]]
    stops.append((x[link.lower] + end, last[0] - (0.0 if link.backward else HEAD)))
    stops.append((stops[-1][0], _border(boxes[link.lower], _middle(last), end, below=False)))
    straight = [stops[0]]
    for before, stop, after in zip(stops, stops[1:], stops[2:], strict=False):
        if not abs(before[0] - stop[0]) < 0.05 > abs(stop[0] - after[0]):
            straight.append(stop)
    straight.append(stops[-1])
    if link.backward:
        straight.reverse()
    points = [straight[0]]
    for (x0, y0), (x1, y1) in zip(straight, straight[1:], strict=False):
        middle = (y0 + y1) / 2
        points += [(x0, middle), (x1, middle), (x1, y1)]
    label = (float(x[link.label]), _middle(bands[graph.row[link.label]]))
    return Route(tuple((round(float(a), 1), round(float(b), 1)) for a, b in points), label, link.backward, loop=False)


def _loop(arrow: Arrow, box: Box, x: float, y: float) -> Route:
    edge, reach = x + box.width / 2, x + box.width / 2 + LOOP - 6
    points = ((edge, y - 8), (reach, y - 17), (reach, y + 17), (edge, y + 8))
    return Route(points, (x + box.width / 2 + LOOP - 6 + arrow.width / 2, y), backward=True, loop=True)
