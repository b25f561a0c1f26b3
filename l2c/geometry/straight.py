"""How far to the right does everything stand, so that paths run straight?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from l2c.geometry.layers import BOX_GAP, LINE_GAP, MARGIN, PAGE, SIDE_GAP, Box, Graph, Link

PORT_GAP = 15.0


def ports_of(
    boxes: Sequence[Box], links: list[Link], rows: list[np.ndarray], graph: Graph
) -> dict[tuple[int, bool], float]:
    """Where a link leaves its upper box (True) or enters its lower one: offsets, the heaviest link in the middle."""
    position = np.zeros(len(graph.row))
    for row in rows:
        position[row] = np.arange(len(row))
    ports: dict[tuple[int, bool], float] = {}
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


def _spread(box: Box, links: list[Link]) -> list[float]:
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


def _blocks(graph: Graph, rows: list[np.ndarray], links: list[Link], longest: int) -> np.ndarray:
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


def across(graph: Graph, rows: list[np.ndarray], links: list[Link], ports: dict[tuple[int, bool], float]) -> np.ndarray:
    """Find the x of every vertex; long paths may bend only where the map would otherwise not fit a page."""
    size = len(graph.row)
    for longest in (len(rows), 4, 1) if size < 700 else (len(rows), 6) if size < 1500 else (6,):
        x = _straightened(graph, rows, links, ports, _blocks(graph, rows, links, longest))
        if (x + graph.right).max() <= PAGE + 1:
            break
    return x


def _straightened(
    graph: Graph,
    rows: list[np.ndarray],
    links: list[Link],
    ports: dict[tuple[int, bool], float],
    block: np.ndarray,
) -> np.ndarray:
    """Place the blocks by a linear program: paths as straight as their neighbours allow, heavy ones above all."""
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
    cost = np.concatenate([np.full(n, 1e-6), [bend[3] for bend in bends], [0.05, 3.0 + 1.2 * len(links)]])
    floor = np.zeros(len(cost))
    np.maximum.at(floor, block, graph.left + MARGIN)
    at, column, value = zip(*entries, strict=True)
    matrix = coo_matrix((value, (at, column)), shape=(len(limits), len(cost))).tocsr()
    free = np.column_stack([floor, np.full(len(cost), np.inf)])
    solved = linprog(cost, A_ub=matrix, b_ub=limits, bounds=free, method="highs-ds")
    return np.round(solved.x[:n][block], 1)


def _bends(
    graph: Graph, block: np.ndarray, links: list[Link], ports: dict[tuple[int, bool], float]
) -> list[tuple[int, int, float, float]]:
    """List where a path may leave the straight: block, block, shift of their ports, cost per pixel."""
    bends = []
    spine = {box for link in links if link.spine for box in (link.upper, link.lower)}
    for a, b, owner in zip(graph.upper, graph.lower, graph.owner, strict=True):
        if block[a] == block[b]:
            continue
        link = links[owner]
        shift = (ports[owner, True] if a == link.upper else 0.0) - (ports[owner, False] if b == link.lower else 0.0)
        inner = int(a >= graph.n_boxes) + int(b >= graph.n_boxes)
        cost = (1.0, 2.0, 6.0)[inner] * (0.3 + 6 * link.share**1.2) * (0.5 if link.backward else 1.0)
        if link.spine:
            cost = 3 * cost + 60.0
        # A detour leaves the spine with its bend and runs straight itself.
        elif not {int(a), int(b)} & spine:
            cost *= 1.3
        bends.append((int(block[a]), int(block[b]), shift, cost))
    return bends


def _gaps(graph: Graph, rows: list[np.ndarray], block: np.ndarray) -> dict[tuple[int, int], float]:
    least: dict[tuple[int, int], float] = {}
    for row in rows:
        for a, b in zip(row[:-1].tolist(), row[1:].tolist(), strict=True):
            apart = (LINE_GAP, SIDE_GAP, BOX_GAP)[int(a < graph.n_boxes) + int(b < graph.n_boxes)]
            gap = float(graph.right[a] + graph.left[b] + apart)
            key = int(block[a]), int(block[b])
            least[key] = max(least.get(key, 0.0), gap)
    return least
