"""In which order do boxes and paths stand in each row, so that few paths cross?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from l2c.geometry.layers import Box, Graph


def first_rows(graph: Graph, boxes: Sequence[Box], order: Mapping[str, int]) -> list[np.ndarray]:
    """Fill the rows by walking down from the first boxes, the heaviest way first."""
    below: list[list[tuple[float, int]]] = [[] for _ in graph.row]
    for a, b, w in zip(graph.upper.tolist(), graph.lower.tolist(), graph.weight.tolist(), strict=True):
        below[a].append((w, b))
    layer = graph.row.tolist()
    rows: list[list[int]] = [[] for _ in range(max(layer) + 1)]
    seen: set[int] = set()
    for first in sorted(range(len(boxes)), key=lambda k: (layer[k], order[boxes[k].id])):
        stack = [first]
        while stack:
            vertex = stack.pop()
            if vertex not in seen:
                seen.add(vertex)
                rows[layer[vertex]].append(vertex)
                stack += [b for _, b in sorted(below[vertex])]
    return [np.array(sorted(row, key=lambda vertex: graph.aside[vertex]), dtype=int) for row in rows]


def uncrossed(graph: Graph, rows: list[np.ndarray]) -> list[np.ndarray]:
    """Reorder each row until few paths cross: sweeps by barycentre, each followed by swaps of neighbours."""
    gaps = [np.flatnonzero(graph.row[graph.upper] == r) for r in range(len(rows) - 1)]
    position = np.zeros(len(graph.row))
    for row in rows:
        position[row] = np.arange(len(row))
    best, best_rows = _swapped(graph, rows, gaps, position)
    rounds = int(np.clip(20_000 / max(len(graph.row), 1), 3, 16))
    seen: set[tuple[int, bytes]] = set()
    for number in range(rounds):
        # From where it was before it would go the same way again.
        here = number % 2, position.tobytes()
        if best <= 1e-9 or here in seen:
            break
        seen.add(here)
        _sweep(graph, rows, gaps, position, downward=number % 2 == 0)
        crossings, found = _swapped(graph, rows, gaps, position)
        if crossings < best - 1e-9:
            best, best_rows = crossings, found
    return best_rows


def _sweep(
    graph: Graph, rows: list[np.ndarray], gaps: list[np.ndarray], position: np.ndarray, *, downward: bool
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
    graph: Graph, rows: list[np.ndarray], gaps: list[np.ndarray], position: np.ndarray
) -> tuple[float, list[np.ndarray]]:
    """Swap neighbours wherever that saves crossings; return the crossings left, and a copy of the rows."""
    total = 0.0
    for r, row in enumerate(rows):
        cost = np.zeros((len(row), len(row)))
        if r:
            cost += crossings(graph, gaps[r - 1], position, len(row), len(rows[r - 1]), at_upper=False)
        if r < len(rows) - 1:
            cost += crossings(graph, gaps[r], position, len(row), len(rows[r + 1]), at_upper=True)
        gain = (cost - cost.T > 1e-9) & ~graph.aside[row][None, :] & ~graph.aside[row][:, None]
        order = _bubbled(len(row), gain.tolist()) if gain.any() else list(range(len(row)))
        rows[r] = row[order]
        position[rows[r]] = np.arange(len(row))
    for r, gap in enumerate(gaps):
        total += _crossed(graph, gap, position, len(rows[r]), len(rows[r + 1]))
    return total, [row.copy() for row in rows]


def _crossed(graph: Graph, gap: np.ndarray, position: np.ndarray, here: int, there: int) -> float:
    """Weight of all crossings in a gap."""
    joined = np.zeros((here + 1, there + 1))
    joined[position[graph.upper[gap]].astype(int), position[graph.lower[gap]].astype(int) + 1] = graph.weight[gap]
    # What begins further right and ends further left.
    below = np.cumsum(np.cumsum(joined[::-1], axis=0)[::-1], axis=1)
    return float((joined[:-1, 1:] * below[1:, :-1]).sum())


def crossings(
    graph: Graph, gap: np.ndarray, position: np.ndarray, here: int, there: int, *, at_upper: bool
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
