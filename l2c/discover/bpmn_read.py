"""What does a BPMN file say, whoever drew it?"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from l2c.discover import conditions
from l2c.discover.bpmn import Diagram, Node
from l2c.words import matching
from l2c.words.errors import BadModel

# What begins, ends or only passes on; in between stand events that wait for a time or a message.
PASSES = "pass"
_KINDS = {
    "startEvent": "start",
    "endEvent": "end",
    "intermediateCatchEvent": PASSES,
    "intermediateThrowEvent": PASSES,
    "boundaryEvent": PASSES,
    "exclusiveGateway": "xor",
    "eventBasedGateway": "xor",
    "complexGateway": "or",
    "inclusiveGateway": "or",
    "parallelGateway": "and",
    "callActivity": "task",
}
_FOLDERS = ("subProcess", "transaction", "adHocSubProcess")
Flow = tuple[str, str]


def read(source: str | Path | bytes) -> Diagram:
    """Read a BPMN 2.0 file of any modeller.

    Parameters
    ----------
    source
        A file, or its content, as text or as it stands on the disk.

    Returns
    -------
    Tasks under the names of the vocabulary where it knows them, else as they are written; sub-processes opened, unless it
    is their own name that the vocabulary knows; what only passes on is left out. What a task is interrupted by is a way
    that can be taken behind it; messages between pools are flows. What is written on flows, and their conditions, as
    `conditions.written` has them where they say which cases are meant, else as they are.

    Raises
    ------
    BadModel
        If it is no BPMN model with named tasks.

    Notes
    -----
    OMG (2011), Business Process Model and Notation 2.0, chapters 8 to 12.
    """
    text = "" if isinstance(source, bytes) else str(source)
    given = isinstance(source, bytes) or text.lstrip("\ufeff \t\r\n").startswith("<")
    try:
        if isinstance(source, bytes):
            root = ET.fromstring(source)
        else:
            root = ET.fromstring(text.lstrip("\ufeff \t\r\n") if given else Path(source).read_bytes())
    except (OSError, ET.ParseError, ValueError) as problem:
        raise BadModel.unreadable("BPMN" if given else source) from problem
    reader = _Reader()
    for process in root.iter():
        if _tag(process) == "process":
            reader.inside(process)
    for message in root.iter():
        if _tag(message) == "messageFlow":
            reader.flow(message)
    nodes, flows, said = reader.whole()
    if not any(node.kind == "task" and node.name for node in nodes):
        raise BadModel.unreadable("BPMN" if given else source)
    return _numbered(*_without_passes(nodes, flows, said))


def _tag(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _name(element: ET.Element) -> str:
    said = " ".join((element.get("name") or "").split())
    return matching.match_activity(said) or said


def _condition(flow: ET.Element) -> str:
    """What is written on a flow: its condition where that can be read, else its name."""
    name = " ".join((flow.get("name") or "").split())
    inner = ["".join(each.itertext()) for each in flow if _tag(each) == "conditionExpression"]
    for text in (*inner, name):
        where = conditions.read(text)
        if where is not None:
            return conditions.written(where)
    return name


class _Reader:
    """Gathers the elements of a file; a sub-process has a door in and a door out."""

    def __init__(self) -> None:
        self.nodes: dict[str, Node] = {}
        self.flows: list[Flow] = []
        self.doors: dict[str, tuple[str, str]] = {}
        self.hosts: list[Flow] = []
        self.said: dict[Flow, str] = {}

    def inside(self, folder: ET.Element) -> list[str]:
        """Read what a process holds; returns the ids of its own elements."""
        own = []
        for element in folder:
            tag, id_ = _tag(element), element.get("id", "")
            if tag in _FOLDERS:
                own.append(self._folder(element))
            elif tag == "sequenceFlow":
                self.flow(element)
            elif tag in _KINDS or tag.lower().endswith("task"):
                kind = _KINDS.get(tag, "task")
                self.nodes[id_] = Node(id_, kind, _name(element) if kind == "task" else "")
                if host := element.get("attachedToRef"):
                    self.hosts.append((host, id_))
                else:
                    own.append(id_)
        return own

    def flow(self, element: ET.Element) -> None:
        """Note a flow, or a message."""
        flow = (element.get("sourceRef", ""), element.get("targetRef", ""))
        self.flows.append(flow)
        if said := _condition(element):
            self.said[flow] = said

    def _folder(self, element: ET.Element) -> str:
        id_, name = element.get("id", ""), _name(element)
        before = set(self.nodes)
        own = self.inside(element)
        inner = set(self.nodes) - before
        named = [matching.match_activity(self.nodes[n].name) for n in inner if self.nodes[n].kind == "task"]
        if not named or (matching.match_activity(name) and not any(named)):
            for gone in inner:
                del self.nodes[gone]
            self.nodes[id_] = Node(id_, "task", name)
            return id_
        way_in, way_out = f"{id_} in", f"{id_} out"
        self.nodes |= {door: Node(door, PASSES) for door in (way_in, way_out)}
        self.doors[id_] = (way_in, way_out)
        first = [n for n in own if not any(self._in(b) == self._in(n) for _, b in self.flows)]
        last = [n for n in own if not any(self._out(a) == self._out(n) for a, _ in self.flows)]
        self.flows += [(way_in, self._in(n)) for n in first] + [(self._out(n), way_out) for n in last]
        for n in own:
            if n in self.nodes and self.nodes[n].kind in ("start", "end"):
                self.nodes[n] = replace(self.nodes[n], kind=PASSES)
        return id_

    def _in(self, id_: str) -> str:
        return self.doors.get(id_, (id_, id_))[0]

    def _out(self, id_: str) -> str:
        return self.doors.get(id_, (id_, id_))[1]

    def whole(self) -> tuple[list[Node], list[Flow], dict[Flow, str]]:
        """All elements and flows, with a choice behind what can be interrupted, and what is written on flows."""
        said = {(self._out(a), self._in(b)): text for (a, b), text in self.said.items()}
        flows = [(self._out(a), self._in(b)) for a, b in self.flows]
        for host, event in self.hosts:
            behind, choice = self._out(host), f"{host} interrupted"
            if choice not in self.nodes:
                self.nodes[choice] = Node(choice, "xor")
                flows = [(choice if a == behind else a, b) for a, b in flows] + [(behind, choice)]
            flows.append((choice, event))
        return list(self.nodes.values()), [(a, b) for a, b in flows if a in self.nodes and b in self.nodes], said


def _without_passes(
    nodes: list[Node], flows: list[Flow], said: dict[Flow, str]
) -> tuple[list[Node], list[Flow], dict[Flow, str]]:
    """Leave out what only passes on; where several ways meet and part there, it is a choice."""
    kept, ways = {node.id: node for node in nodes}, list(dict.fromkeys(flows))
    for node in nodes:
        into = [a for a, b in ways if b == node.id and a != node.id]
        out = [b for a, b in ways if a == node.id and b != node.id]
        unnamed = node.kind == "task" and not node.name
        if node.kind != PASSES and not unnamed:
            continue
        if len(into) > 1 and len(out) > 1:
            kept[node.id] = Node(node.id, "xor")
            continue
        if not into or not out:
            # Where nothing leads to it or from it, it begins or ends the process.
            kept[node.id] = Node(node.id, "end" if into else "start")
            continue
        ways = [way for way in ways if node.id not in way]
        through = [(a, b) for a in into for b in out]
        # What is written on either half of a way is written on the whole.
        said |= {(a, b): text for a, b in through if (text := said.get((a, node.id)) or said.get((node.id, b)))}
        ways += [way for way in through if way not in ways]
        del kept[node.id]
    return list(kept.values()), ways, said


def _numbered(nodes: list[Node], flows: list[Flow], said: dict[Flow, str]) -> Diagram:
    """Short ids in the order in which the elements are met from the start."""
    into = {b for _, b in flows}
    first = [node.id for node in nodes if node.kind == "start" or node.id not in into]
    met = list(_met(first or [nodes[0].id], lambda n: [b for a, b in flows if a == n]))
    met += [node.id for node in nodes if node.id not in met]
    ids, by_id = {old: f"n{k}" for k, old in enumerate(met)}, {node.id: node for node in nodes}
    ordered = tuple(replace(by_id[old], id=ids[old]) for old in met)
    order = sorted(set(flows), key=lambda f: (int(ids[f[0]][1:]), int(ids[f[1]][1:])))
    return Diagram(
        ordered,
        tuple((ids[a], ids[b]) for a, b in order),
        conditions=tuple(((ids[a], ids[b]), said[a, b]) for a, b in order if (a, b) in said),
    )


def _met(first: Iterable[str], following: Callable[[str], list[str]]) -> Iterable[str]:
    waiting, seen = list(first), set()
    while waiting:
        node = waiting.pop(0)
        if node not in seen:
            seen.add(node)
            yield node
            waiting += following(node)
