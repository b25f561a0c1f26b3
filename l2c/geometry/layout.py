"""Where do boxes, paths and labels of a map stand? Geometry alone: layered from top to bottom, the same every time.

Rows of boxes alternate with rows of labels. A path is a chain through the rows, and its label is one link of that
chain, so that labels never meet a box or each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from l2c.geometry.crossings import first_rows, uncrossed
from l2c.geometry.layers import LOOP, MARGIN, Arrow, Box, Graph, Link, graph_of, links_of, ranks_of
from l2c.geometry.straight import across, ports_of

__all__ = ["Arrow", "Box", "Layout", "Route", "layout"]

ROW_GAP = (14.0, 40.0)
HEAD = 10.5


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

    def turned(self) -> Layout:
        """Return the plan from left to right: both directions change places, so what stood apart still does."""
        boxes = {name: (y, x) for name, (x, y) in self.boxes.items()}
        routes = tuple(
            replace(r, points=tuple((y, x) for x, y in r.points), label=(r.label[1], r.label[0])) for r in self.routes
        )
        return Layout(self.height, self.width, boxes, routes)


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
    links = links_of(arrows, index, order)
    ranks = ranks_of(boxes, links, order)
    graph = graph_of(boxes, arrows, links, ranks)
    rows = uncrossed(graph, first_rows(graph, boxes, order))
    ports = ports_of(boxes, links, rows, graph)
    x = across(graph, rows, links, ports)
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


def _down(
    boxes: Sequence[Box], links: list[Link], graph: Graph, x: np.ndarray, ports: dict[tuple[int, bool], float]
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
    link: Link,
    boxes: Sequence[Box],
    graph: Graph,
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
    for (x0, y0), (x1, y1) in pairwise(straight):
        middle = (y0 + y1) / 2
        points += [(x0, middle), (x1, middle), (x1, y1)]
    label = (float(x[link.label]), _middle(bands[graph.row[link.label]]))
    return Route(tuple((round(float(a), 1), round(float(b), 1)) for a, b in points), label, link.backward, loop=False)


def _loop(arrow: Arrow, box: Box, x: float, y: float) -> Route:
    edge, reach = x + box.width / 2, x + box.width / 2 + LOOP - 6
    points = ((edge, y - 8), (reach, y - 17), (reach, y + 17), (edge, y + 8))
    return Route(points, (x + box.width / 2 + LOOP - 6 + arrow.width / 2, y), backward=True, loop=True)
