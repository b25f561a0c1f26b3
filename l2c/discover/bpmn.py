"""How does a model stand on a sheet, and how is it written as BPMN 2.0?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from l2c.discover import conditions
from l2c.geometry.layout import Arrow, Box, layout
from l2c.words.errors import NoModel

Point = tuple[float, float]
GATEWAYS = ("xor", "and", "or")
SIZES = {
    "start": (36.0, 36.0),
    "end": (36.0, 36.0),
    "xor": (50.0, 50.0),
    "and": (50.0, 50.0),
    "or": (50.0, 50.0),
    "task": (130.0, 60.0),
}
_TAGS = {
    "start": "startEvent", "end": "endEvent", "xor": "exclusiveGateway", "and": "parallelGateway",
    "or": "inclusiveGateway", "task": "task",
}  # fmt: skip
_SPACES = (
    'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" '
    'xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)
_FEEL = "https://www.omg.org/spec/DMN/20191111/FEEL/"


@dataclass(frozen=True)
class Node:
    """One element: `kind` is `start`, `end`, `task`, `xor`, `and` or `or`; `name` is the activity of a task, else empty."""

    id: str
    kind: str
    name: str = ""


@dataclass(frozen=True)
class Diagram:
    """A drawing of a process.

    Attributes
    ----------
    nodes, flows
        The elements, and pairs of their ids.
    conditions
        What is written on flows, such as which cases take them: `region = Japan`.
    """

    nodes: tuple[Node, ...]
    flows: tuple[tuple[str, str], ...]
    conditions: tuple[tuple[tuple[str, str], str], ...] = field(default=(), kw_only=True)

    def save(self, path: str | Path) -> Path:
        """Write it as BPMN 2.0 with a layout, for bpmn.io, Camunda and other editors.

        Raises
        ------
        NoModel
            If the file is not named `.bpmn`.
        """
        target = Path(path)
        if target.suffix.lower() != ".bpmn":
            raise NoModel.format(target.name)
        target.write_text(xml(self), "utf-8")
        return target


@dataclass(frozen=True)
class Model(Diagram):
    """A BPMN model and how well it describes the log.

    Attributes
    ----------
    fitness
        How much of the log the model can replay, from 0 to 1.
    precision
        How little the model allows that the log does not show, from 0 to 1.
    covered
        Share of the cases whose variants were replayed to measure the two.
    noise
        Share of infrequent behaviour that was left out.
    """

    fitness: float
    precision: float
    covered: float
    noise: float


@dataclass(frozen=True)
class Sheet:
    """Middles of the nodes by id, corners of the flows in the model's order and middles of their labels, and the size of it all."""

    width: float
    height: float
    nodes: dict[str, Point]
    flows: tuple[tuple[Point, ...], ...]
    labels: tuple[Point, ...] = ()


def sheet(
    model: Diagram, *, across: bool, sizes: Mapping[str, Point] = SIZES, labels: Mapping[tuple[str, str], Point] = {}
) -> Sheet:
    """Lay a model out.

    Parameters
    ----------
    model
        What to lay out.
    across
        From left to right, as editors do; else from top to bottom, which fits a page.
    sizes
        Width and height of each kind of node.
    labels
        Width and height of what is written on flows.

    Returns
    -------
    No two shapes overlap; every flow begins and ends on the border of its shapes and turns at right angles.
    """
    turn = (lambda pair: (pair[1], pair[0])) if across else (lambda pair: pair)
    boxes = []
    for node in model.nodes:
        width, height = turn(sizes[node.kind])
        boxes.append(Box(node.id, width, height, round=node.kind in ("start", "end")))
    room = {flow: turn(size) for flow, size in labels.items()}
    plain = (8.0, 2.0)
    arrows = [
        Arrow(a, b, weight=1.0, width=room.get((a, b), plain)[0], height=room.get((a, b), plain)[1])
        for a, b in model.flows
        if a != b
    ]
    plan = layout(boxes, arrows, _order(model))
    kinds = {node.id: node for node in model.nodes}
    middles = {name: turn(plan.boxes[name]) for name in plan.boxes}
    flows = []
    for arrow, route in zip(arrows, plan.routes, strict=True):
        corners = _cornered(list(route.points[::3]))
        corners[0] = _docked(corners[0], plan.boxes[arrow.source], kinds[arrow.source], sizes)
        corners[-1] = _docked(corners[-1], plan.boxes[arrow.target], kinds[arrow.target], sizes)
        flows.append(tuple(turn(corner) for corner in corners))
    size = turn((plan.width, plan.height))
    return Sheet(size[0], size[1], middles, tuple(flows), tuple(turn(route.label) for route in plan.routes))


def _order(model: Diagram) -> dict[str, int]:
    """Place of each node such that only loops run backwards: a join comes after all the ways that lead to it."""
    following: dict[str, list[str]] = {}
    for a, b in model.flows:
        following.setdefault(a, []).append(b)
    done: list[str] = []
    seen: set[str] = set()
    waiting = [(node.id, iter(following.get(node.id, []))) for node in model.nodes[:1]]
    seen.update(node.id for node in model.nodes[:1])
    while waiting:
        name, rest = waiting[-1]
        after = next((b for b in rest if b not in seen), None)
        if after is None:
            done.append(name)
            waiting.pop()
        else:
            seen.add(after)
            waiting.append((after, iter(following.get(after, []))))
    return {name: k for k, name in enumerate(reversed(done))}


def _cornered(points: list[Point]) -> list[Point]:
    """Turn the stops of a downward path into corners at right angles."""
    corners = [points[0]]
    for (x0, y0), (x1, y1) in pairwise(points):
        if abs(x0 - x1) > 0.5:
            corners += [(x0, (y0 + y1) / 2), (x1, (y0 + y1) / 2)]
        corners.append((x1, y1))
    kept = [corners[0]]
    for corner, after in zip(corners[1:], [*corners[2:], None], strict=True):
        straight = after is not None and abs(kept[-1][0] - corner[0]) < 0.5 and abs(corner[0] - after[0]) < 0.5
        if not straight:
            kept.append(corner)
    return kept


def _docked(end: Point, middle: Point, node: Node, sizes: Mapping[str, Point]) -> Point:
    """Move the end of a path onto the slanted border of a gateway."""
    if node.kind not in GATEWAYS:
        return end
    half = sizes[node.kind][0] / 2
    offset = min(abs(end[0] - middle[0]), half)
    return end[0], middle[1] + (half - offset if end[1] > middle[1] else offset - half)


def xml(model: Diagram) -> str:
    """Write a model as BPMN 2.0 with its diagram.

    Notes
    -----
    OMG (2011), Business Process Model and Notation 2.0, chapters 8 to 12.
    """
    plan = sheet(model, across=True)
    flows = [(f"f{k}", a, b) for k, (a, b) in enumerate(pair for pair in model.flows if pair[0] != pair[1])]
    elements = [_element(node, flows) for node in model.nodes]
    said = dict(model.conditions)
    elements += [_written(flow, a, b, said.get((a, b), "")) for flow, a, b in flows]
    shapes = [_shape(node, plan.nodes[node.id]) for node in model.nodes]
    edges = [_edge(flow, corners) for (flow, _, _), corners in zip(flows, plan.flows, strict=True)]
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<definitions {_SPACES} id="definitions" targetNamespace="http://bpmn.io/schema/bpmn">',
            '<process id="process" isExecutable="false">',
            *elements,
            "</process>",
            '<bpmndi:BPMNDiagram id="diagram"><bpmndi:BPMNPlane id="plane" bpmnElement="process">',
            *shapes,
            *edges,
            "</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>",
            "</definitions>",
            "",
        ]
    )


def _written(flow: str, a: str, b: str, said: str) -> str:
    """A flow, with what is written on it; as an expression too, where it says which cases take it."""
    ends, where = f'<sequenceFlow id="{flow}" sourceRef="{a}" targetRef="{b}"{_name(said)}', conditions.read(said)
    if where is None:
        return f"{ends}/>"
    expression = escape(_plain(conditions.formal(where)))
    kind = f'<conditionExpression xsi:type="tFormalExpression" language="{_FEEL}">'
    return f"{ends}>{kind}{expression}</conditionExpression></sequenceFlow>"


def _plain(text: str) -> str:
    # Control characters may stand in a name, but not in XML.
    return "".join(letter for letter in text if letter >= " ")


def _name(text: str) -> str:
    return f" name={quoteattr(_plain(text))}" if _plain(text) else ""


def _element(node: Node, flows: list[tuple[str, str, str]]) -> str:
    name = _name(node.name)
    ways = "".join(f"<incoming>{flow}</incoming>" for flow, _, b in flows if b == node.id)
    ways += "".join(f"<outgoing>{flow}</outgoing>" for flow, a, _ in flows if a == node.id)
    return f'<{_TAGS[node.kind]} id="{node.id}"{name}>{ways}</{_TAGS[node.kind]}>'


def _shape(node: Node, middle: Point) -> str:
    width, height = SIZES[node.kind]
    marker = ' isMarkerVisible="true"' if node.kind == "xor" else ""
    bounds = f'x="{middle[0] - width / 2:.1f}" y="{middle[1] - height / 2:.1f}" width="{width:g}" height="{height:g}"'
    return (
        f'<bpmndi:BPMNShape id="{node.id}_di" bpmnElement="{node.id}"{marker}><dc:Bounds {bounds}/></bpmndi:BPMNShape>'
    )


def _edge(flow: str, corners: tuple[Point, ...]) -> str:
    points = "".join(f'<di:waypoint x="{x:.1f}" y="{y:.1f}"/>' for x, y in corners)
    return f'<bpmndi:BPMNEdge id="{flow}_di" bpmnElement="{flow}">{points}</bpmndi:BPMNEdge>'
