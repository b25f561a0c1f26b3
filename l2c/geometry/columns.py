"""How does a map that is taller than its place stand in it? Folded into columns, read like those of a newspaper.

A path from one column to the next leaves the first at its foot, runs up between the two, and enters the other from above: lanes
lie inside each other as the paths lie side by side, so that folding lets no two paths cross that did not cross before.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from l2c.geometry.layers import LOOP, MARGIN, Arrow, Box
from l2c.geometry.layout import Layout

Point = tuple[float, float]
LANE, TURN, BETWEEN_COLUMNS = 8.0, 4.0, 14.0


def folded(plan: Layout, boxes: Sequence[Box], arrows: Sequence[Arrow], columns: int) -> Layout:
    """Fold a plan from top to bottom into columns of about the same height.

    Parameters
    ----------
    plan, boxes, arrows
        What `layout` returned, and what it was given.
    columns
        How many; fewer where there are not so many places to cut: below a row of labels.
    """
    cuts = _cuts(plan, arrows, columns)
    if not cuts:
        return plan
    pieces = [_pieces(route.points, route.backward and not route.loop, cuts) for route in plan.routes]
    # The paths that cross each cut, from the right.
    through = [_through(pieces, j) for j in range(len(cuts))]
    left, right = _sides(plan, boxes, arrows, pieces, cuts)
    dx, dy, at = [], [], MARGIN
    for j in range(len(cuts) + 1):
        lanes = LANE * (len(through[j - 1]) + 1) if j else 0.0
        dx.append(at - left[j])
        dy.append(MARGIN + lanes - cuts[j - 1] if j else 0.0)
        gutter = LANE * (len(through[j]) + 1) + BETWEEN_COLUMNS if j < len(cuts) else 0.0
        at += right[j] - left[j] + gutter
    feet = [cut + dy[j] + LANE * (len(through[j]) + 1) for j, cut in enumerate(cuts)]
    moved = [_joined(number, each, through, cuts, dx, dy, right) for number, each in enumerate(pieces)]
    routes = []
    for route, points in zip(plan.routes, moved, strict=True):
        j = bisect_left(cuts, route.label[1])
        whole = points[::-1] if route.backward and not route.loop else points
        label = (route.label[0] + dx[j], route.label[1] + dy[j])
        routes.append(replace(route, points=tuple((round(x, 1), round(y, 1)) for x, y in whole), label=label))
    places = {name: (x, y, bisect_left(cuts, y)) for name, (x, y) in plan.boxes.items()}
    return Layout(
        width=at + MARGIN,
        height=max([*feet, plan.height - MARGIN + dy[-1]]) + MARGIN,
        boxes={name: (round(x + dx[j], 1), round(y + dy[j], 1)) for name, (x, y, j) in places.items()},
        routes=tuple(routes),
    )


def _cuts(plan: Layout, arrows: Sequence[Arrow], columns: int) -> list[float]:
    """Where to cut: below rows of labels, where every path runs upright."""
    rows: dict[float, float] = {}
    for route, arrow in zip(plan.routes, arrows, strict=True):
        if not route.loop:
            y = round(route.label[1], 1)
            rows[y] = max(rows.get(y, 0.0), arrow.height)
    last = max((y for _, y in plan.boxes.values()), default=0.0)
    free = sorted(y + height / 2 for y, height in rows.items() if y < last)
    cuts: list[float] = []
    for j in range(1, columns):
        there = [y for y in free if not cuts or y > cuts[-1]]
        if there:
            cuts.append(min(there, key=lambda y: abs(y - plan.height * j / columns)))
    return cuts


def _pieces(points: Sequence[Point], backward: bool, cuts: list[float]) -> dict[int, list[Point]]:
    """The points of a path in each column, always downward."""
    rest = list(points[::-1] if backward else points)
    found: dict[int, list[Point]] = {}
    middle = bisect_left(cuts, max(rest[0][1], rest[-1][1])) if rest[0][1] > rest[-1][1] else None
    if middle is not None:
        return {middle: rest}
    for j in range(bisect_left(cuts, rest[0][1]), len(cuts)):
        if rest[-1][1] <= cuts[j]:
            break
        found[j], rest = _cut(rest, cuts[j])
    found[bisect_left(cuts, rest[-1][1])] = rest
    return found


def _cut(points: list[Point], at: float) -> tuple[list[Point], list[Point]]:
    """Cut a chain of cubic curves at a height."""
    for k in range(0, len(points) - 1, 3):
        if points[k + 3][1] < at:
            continue
        low, high = 0.0, 1.0
        for _ in range(40):
            t = (low + high) / 2
            first, _ = _halves(points[k : k + 4], t)
            low, high = (t, high) if first[-1][1] < at else (low, t)
        first, second = _halves(points[k : k + 4], high)
        return [*points[:k], *first], [*second, *points[k + 4 :]]
    raise AssertionError("a path ends above the cut it crosses")


def _halves(curve: Sequence[Point], t: float) -> tuple[list[Point], list[Point]]:
    """Cut one cubic curve in two (de Casteljau)."""

    def between(a: Point, b: Point) -> Point:
        return a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t

    a, b, c = (between(p, q) for p, q in pairwise(curve))
    d, e = between(a, b), between(b, c)
    f = between(d, e)
    return [curve[0], a, d, f], [f, e, c, curve[3]]


def _through(pieces: list[dict[int, list[Point]]], j: int) -> dict[int, int]:
    """The paths that go on from a column to the next, each with its place from the right."""
    across = [number for number, each in enumerate(pieces) if j in each and j + 1 in each]
    across.sort(key=lambda number: (-pieces[number][j][-1][0], number))
    return {number: place for place, number in enumerate(across)}


def _sides(
    plan: Layout,
    boxes: Sequence[Box],
    arrows: Sequence[Arrow],
    pieces: list[dict[int, list[Point]]],
    cuts: list[float],
) -> tuple[list[float], list[float]]:
    """Left and right end of every column."""
    loops = {arrow.source: LOOP + arrow.width for arrow in arrows if arrow.source == arrow.target}
    spans: list[list[float]] = [[] for _ in range(len(cuts) + 1)]
    for box in boxes:
        x, y = plan.boxes[box.id]
        spans[bisect_left(cuts, y)] += [x - box.width / 2, x + box.width / 2 + loops.get(box.id, 0.0)]
    for route, arrow, each in zip(plan.routes, arrows, pieces, strict=True):
        x, y = route.label
        spans[bisect_left(cuts, y)] += [x - arrow.width / 2, x + arrow.width / 2]
        for j, points in each.items():
            spans[j] += [point[0] for point in points]
    return [min(each) for each in spans], [max(each) for each in spans]


def _joined(
    number: int,
    pieces: dict[int, list[Point]],
    through: list[dict[int, int]],
    cuts: list[float],
    dx: list[float],
    dy: list[float],
    right: list[float],
) -> list[Point]:
    """A path through its columns, with the way from the foot of each to the head of the next."""
    whole: list[Point] = []
    for j in sorted(pieces):
        own = [(x + dx[j], y + dy[j]) for x, y in pieces[j]]
        if whole:
            place, many = through[j - 1][number], len(through[j - 1])
            (x0, y0), (x1, y1) = whole[-1], own[0]
            foot, head = y0 + LANE * (place + 1), y1 - LANE * (many - place)
            between = right[j - 1] + dx[j - 1] + BETWEEN_COLUMNS / 2 + LANE * (place + 1)
            whole += _turns([(x0, y0), (x0, foot), (between, foot), (between, head), (x1, head), (x1, y1)])
            own = own[1:]
        whole += own
    return whole


def _turns(corners: list[Point]) -> list[Point]:
    """Lead along corners, each a little rounded: points of cubic curves after the first."""
    points: list[Point] = []
    here = corners[0]
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        start, end = _towards(corner, before), _towards(corner, after)
        points += [here, start, start, corner, corner, end]
        here = end
    return [*points, here, corners[-1], corners[-1]]


def _towards(corner: Point, other: Point) -> Point:
    (x0, y0), (x1, y1) = corner, other
    length = abs(x1 - x0) + abs(y1 - y0)
    share = min(TURN, length / 2) / length if length else 0.0
    return x0 + (x1 - x0) * share, y0 + (y1 - y0) * share
