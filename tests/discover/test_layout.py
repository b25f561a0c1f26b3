from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from l2c.geometry import crossings as module
from l2c.geometry.layers import Graph
from l2c.geometry.layout import Arrow, Box, layout


def plan(arrows, *, aside=(), size=(90.0, 42.0), label=60.0):
    """Boxes a, b, c … named by the arrows, such as `ab 5`; START is S and END is E."""
    parsed = [(pair[0], pair[1], float(weight)) for pair, weight in (text.split() for text in arrows)]
    names = sorted({name for a, b, _ in parsed for name in (a, b)}, key="SabcdefghijklmnopqrstuvwxyzE".index)
    boxes = [Box(n, 34, 34, round=True) if n in "SE" else Box(n, *size, aside=n in aside) for n in names]
    return boxes, [Arrow(a, b, w, label) for a, b, w in parsed], {name: k for k, name in enumerate(names)}


@st.composite
def graphs(draw):
    n = draw(st.integers(1, 9))
    names = [f"activity {k}" for k in range(n)]
    widths = draw(st.lists(st.integers(60, 220), min_size=n, max_size=n))
    heights = draw(st.lists(st.sampled_from([42, 59]), min_size=n, max_size=n))
    marked = draw(st.booleans())
    boxes = [Box(*parts, aside=k == 2) for k, parts in enumerate(zip(names, widths, heights, strict=True))]
    if marked:
        boxes = [Box("start", 34, 34, round=True), *boxes, Box("end", 34, 34, round=True)]
    pairs = st.tuples(st.sampled_from(names), st.sampled_from(names))
    chosen = draw(st.lists(pairs, unique=True, max_size=25))
    if marked:
        chosen += [("start", names[0]), (names[-1], "end")]
    weight, width = st.integers(1, 1000), st.integers(20, 120)
    arrows = [Arrow(a, b, float(draw(weight)), float(draw(width))) for a, b in chosen]
    return boxes, arrows, {box.id: k for k, box in enumerate(boxes)}


def rectangles(boxes, arrows, found):
    """Left, top, right, bottom of every box and every label."""
    middles = [(found.boxes[b.id], b.width, b.height) for b in boxes]
    middles += [(r.label, a.width, a.height) for a, r in zip(arrows, found.routes, strict=True)]
    return [(x - w / 2, y - h / 2, x + w / 2, y + h / 2) for (x, y), w, h in middles]


def curve(route, steps=12):
    """Points along a route: Bernstein polynomials, written out."""
    points = np.array(route.points)
    t = np.linspace(0, 1, steps)[:, None]
    parts = []
    for k in range(1, len(points), 3):
        a, b, c, d = points[k - 1 : k + 3]
        parts.append((1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d)
    return np.vstack(parts)


def on_border(box, middle, point):
    dx, dy = point[0] - middle[0], point[1] - middle[1]
    if box.round:
        return abs(np.hypot(dx, dy) - box.height / 2) < 0.2
    upright = abs(abs(dy) - box.height / 2) < 0.2 and abs(dx) <= box.width / 2
    return upright or (abs(abs(dx) - box.width / 2) < 0.2 and abs(dy) <= box.height / 2)


@given(graphs())
def test_no_box_and_no_label_overlaps_another(graph):
    found = layout(*graph)
    for (l1, t1, r1, b1), (l2, t2, r2, b2) in combinations(rectangles(*graph[:2], found), 2):
        assert min(r1, r2) - max(l1, l2) < 0.11 or min(b1, b2) - max(t1, t2) < 0.11


@given(graphs())
def test_every_path_begins_and_ends_on_the_borders_of_its_boxes(graph):
    boxes, arrows, _ = graph
    found, by_id = layout(*graph), {box.id: box for box in boxes}
    for arrow, route in zip(arrows, found.routes, strict=True):
        assert on_border(by_id[arrow.source], found.boxes[arrow.source], route.points[0])
        assert on_border(by_id[arrow.target], found.boxes[arrow.target], route.points[-1])


@given(graphs())
def test_no_path_runs_through_a_box(graph):
    boxes = graph[0]
    found = layout(*graph)
    inside = rectangles(boxes, [], replace(found, routes=()))
    for route in found.routes:
        points = curve(route)
        for left, top, right, bottom in inside:
            x, y = points[:, 0], points[:, 1]
            assert not ((x > left + 1) & (x < right - 1) & (y > top + 1) & (y < bottom - 1)).any()


@given(graphs())
def test_everything_stands_on_the_sheet(graph):
    found = layout(*graph)
    for left, top, right, bottom in rectangles(*graph[:2], found):
        assert left >= 0 and top >= 0 and right <= found.width and bottom <= found.height


@given(graphs())
def test_the_same_graph_is_laid_out_the_same_way_and_paths_against_the_order_run_upward(graph):
    _, arrows, order = graph
    found = layout(*graph)
    assert layout(*graph) == found
    for arrow, route in zip(arrows, found.routes, strict=True):
        if arrow.source != arrow.target:
            rises = found.boxes[arrow.target][1] < found.boxes[arrow.source][1]
            assert route.backward == rises == (order[arrow.source] > order[arrow.target])


def test_a_chain_is_a_straight_line():
    found = layout(*plan(["Sa 9", "ab 9", "bc 9", "cE 9"]))
    assert len({x for x, _ in found.boxes.values()}) == 1


def test_the_happy_path_stays_straight_beside_detours_and_rework():
    arrows = ["Sa 90", "ab 70", "ac 20", "cb 20", "bd 80", "ba 10", "db 15", "dd 3", "dE 90"]
    found = layout(*plan(arrows))
    assert len({found.boxes[name][0] for name in "Sabd"}) == 1
    assert found.boxes["c"][0] != found.boxes["a"][0]


def test_start_is_on_top_and_end_at_the_bottom():
    found = layout(*plan(["Sa 9", "Sc 1", "ab 9", "bE 5", "cE 1"]))
    heights = {name: y for name, (_, y) in found.boxes.items()}
    assert all(heights["S"] < heights[n] < heights["E"] for n in "abc")


def test_what_belongs_beside_the_main_line_stands_on_the_right_of_its_row():
    boxes, arrows, order = plan(["Sa 90", "ab 20", "ac 30", "ad 40", "bE 20", "cE 30", "dE 40"], aside="b")
    found = layout(boxes, arrows, order)
    row = {name: x for name, (x, y) in found.boxes.items() if y == found.boxes["b"][1]}
    assert set(row) == set("bcd") and max(row, key=row.get) == "b"


def test_two_paths_that_need_not_cross_do_not_cross():
    # a → d and b → c cross if the rows stand as listed.
    found = layout(*plan(["Sa 5", "Sb 5", "ad 5", "bc 5", "dE 5", "cE 5"]))
    x = {name: middle[0] for name, middle in found.boxes.items()}
    assert (x["a"] - x["b"]) * (x["d"] - x["c"]) > 0


def test_a_wide_fan_is_broken_into_rows_that_fit_a_page():
    # Twelve boxes of 200 side by side would need 2,700 pixels.
    names = "bcdefghijklm"
    arrows = ["Sa 99", *(f"a{n} {k + 1}" for k, n in enumerate(names)), *(f"{n}E 1" for n in names)]
    found = layout(*plan(arrows, size=(200.0, 42.0)))
    assert found.width < 1200


@pytest.mark.parametrize("rows", [1, 3])
def test_crossings_are_counted_as_by_hand(rows):
    # Brute force over all pairs of segments, against the matrix that the swaps use.
    rng = np.random.default_rng(rows)
    upper, lower = rng.integers(0, 5, 12), rng.integers(5, 10, 12)
    pairs = sorted({(int(a), int(b)) for a, b in zip(upper, lower, strict=True)})
    a, b = np.array(pairs).T
    weight = rng.random(len(pairs))
    position = np.concatenate([rng.permutation(5), rng.permutation(5)]).astype(float)
    none = np.zeros(10)
    graph = Graph(np.repeat([0, 1], 5), none, none, a, b, none, weight, none > 0, 0)
    cost = module.crossings(graph, np.arange(len(pairs)), position, 5, 5, at_upper=True)
    by_hand = sum(
        weight[i] * weight[j]
        for i, j in combinations(range(len(pairs)), 2)
        if (position[a[i]] - position[a[j]]) * (position[b[i]] - position[b[j]]) < 0
    )
    assert np.triu(cost, 1).sum() == pytest.approx(by_hand)


def test_nothing_to_place_is_an_empty_sheet():
    assert layout([], [], {}).boxes == {}
