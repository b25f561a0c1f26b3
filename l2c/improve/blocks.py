"""How is a process built of blocks, so that whatever is changed in it still leads from the start to the end?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from l2c.discover.bpmn import Diagram, Node
from l2c.words import matching
from l2c.words.errors import BadModel

TASK, SEQUENCE, PARALLEL, CHOICE, LOOP, EMPTY = "task", "sequence", "parallel", "choice", "loop", "nothing"
OR = " or "


@dataclass(frozen=True)
class Block:
    """A part of a process: a task, or other blocks put together.

    Attributes
    ----------
    kind
        `task`, `sequence` (one after the other), `parallel` (all of them, side by side), `choice` (one of them), `loop` (the
        first; then, as often as one likes, the second and the first again), `nothing`.
    parts
        The blocks within.
    name
        The activity of a task.
    with_
        Another activity that is done in one go with that of a task.
    who
        Who does a task, where that was said.
    when
        Which cases take this way of a choice, where that was said: `region = Japan`.
    """

    kind: str
    parts: tuple[Block, ...] = ()
    name: str = ""
    with_: str = ""
    who: str = ""
    when: str = ""

    def tasks(self) -> Iterator[Block]:
        """The tasks within, in their order."""
        if self.kind == TASK:
            yield self
        for part in self.parts:
            yield from part.tasks()


NOTHING = Block(EMPTY)


def task(name: str) -> Block:
    """A task."""
    return Block(TASK, name=name)


def sequence(parts: Iterable[Block]) -> Block:
    """Blocks one after the other."""
    flat: list[Block] = []
    for part in parts:
        flat += part.parts if part.kind == SEQUENCE else [] if part.kind == EMPTY else [when(part, "")]
    return flat[0] if len(flat) == 1 else Block(SEQUENCE, tuple(flat)) if flat else NOTHING


def parallel(parts: Iterable[Block]) -> Block:
    """Blocks side by side; all of them are done."""
    flat: list[Block] = []
    for part in parts:
        flat += part.parts if part.kind == PARALLEL else [] if part.kind == EMPTY else [when(part, "")]
    return flat[0] if len(flat) == 1 else Block(PARALLEL, tuple(flat)) if flat else NOTHING


def choice(parts: Iterable[Block]) -> Block:
    """Blocks of which one is done."""
    flat: list[Block] = []
    for part in parts:
        flat += part.parts if part.kind == CHOICE and not part.when else [part]
    # Of two ways that are the same, one is left: the cases of either take it.
    ways: dict[Block, list[str]] = {}
    for part in flat:
        ways.setdefault(when(part, ""), []).append(part.when)
    flat = [when(part, OR.join(dict.fromkeys(said)) if all(said) else "") for part, said in ways.items()]
    return when(flat[0], "") if len(flat) == 1 else Block(CHOICE, tuple(flat)) if flat else NOTHING


def when(block: Block, said: str) -> Block:
    """A way of a choice, taken by some cases."""
    return block if block.when == said else replace(block, when=said)


def loop(body: Block, again: Block = NOTHING) -> Block:
    """A block that can be done again, with another one in between."""
    return NOTHING if body == again == NOTHING else Block(LOOP, (body, again))


_MAKERS = {SEQUENCE: sequence, PARALLEL: parallel, CHOICE: choice, LOOP: lambda parts: loop(*parts)}


def made(block: Block, parts: Iterable[Block]) -> Block:
    """A block of the same kind with other parts, as simple as it can be."""
    return when(_MAKERS[block.kind](tuple(parts)), block.when) if block.kind in _MAKERS else block


def of(process: Diagram | Sequence[str]) -> Block:
    """The blocks of a process.

    Parameters
    ----------
    process
        A drawing, or activities that follow each other, in either language.

    Raises
    ------
    BadModel
        If the ways of the drawing part and meet in no order.

    Notes
    -----
    What lies in a row, side by side or in a circle becomes one, until one is left (Valdes, Tarjan and Lawler 1982). An inclusive choice
    is done side by side, each way or not.
    """
    if not isinstance(process, Diagram):
        return sequence(task(matching.match_activity(name) or name) for name in process)
    return _Graph(process).block()


class _Graph:
    """A drawing whose ways become fewer and fewer."""

    def __init__(self, diagram: Diagram) -> None:
        self.kinds = {node.id: node.kind for node in diagram.nodes}
        self.names = {node.id: node.name for node in diagram.nodes if node.kind == TASK}
        said = dict(diagram.conditions)
        self.ways: list[tuple[str, str, Block]] = [
            (a, b, when(NOTHING, said.get((a, b), "") if self.kinds[a] in ("xor", "or") else ""))
            for a, b in diagram.flows
        ]
        into, out = {b for _, b in diagram.flows}, {a for a, _ in diagram.flows}
        self._end("start", [node.id for node in diagram.nodes if node.id not in into])
        self._end("end", [node.id for node in diagram.nodes if node.id not in out])
        for name in list(self.kinds):
            self._parted(name)

    def _end(self, side: str, found: list[str]) -> None:
        """One start and one end, whatever there are."""
        self.kinds[side] = "xor"
        self.ways += [(side, n, NOTHING) if side == "start" else (n, side, NOTHING) for n in found]

    def _parted(self, name: str) -> None:
        """Where ways meet and part in one place, they first meet, then part; tasks have one way in and one out."""
        kind = self.kinds[name]
        gate = kind in ("xor", "and", "or")
        into, out = [[w for w in self.ways if w[k] == name] for k in (1, 0)]
        if len(into) > 1 and (not gate or len(out) > 1):
            meet = f"{name} in"
            self.kinds[meet] = kind if gate else "xor"
            self.ways = [(a, meet if b == name else b, x) for a, b, x in self.ways] + [(meet, name, NOTHING)]
        if len(out) > 1 and not gate:
            part = f"{name} out"
            self.kinds[part] = "and"
            self.ways = [(part if a == name else a, b, x) for a, b, x in self.ways] + [(name, part, NOTHING)]

    def block(self) -> Block:
        """What is left in the end."""
        while len(self.ways) > 1:
            if not (self._row() or self._side() or self._circle()):
                raise BadModel.tangled()
        if not self.ways:
            raise BadModel.tangled()
        return when(self.ways[0][2], "")

    def _row(self) -> bool:
        for name in self.kinds:
            into, out = [[w for w in self.ways if w[k] == name] for k in (1, 0)]
            if len(into) == len(out) == 1 and into[0] is not out[0] and name not in ("start", "end"):
                own = task(self.names[name]) if self.names.get(name) else NOTHING
                # What is written on the first stretch of a way says who takes it.
                joined = when(sequence([into[0][2], own, out[0][2]]), into[0][2].when)
                # In its place, so that what is side by side keeps its order.
                self.ways[self.ways.index(into[0])] = (into[0][0], out[0][1], joined)
                self.ways = [w for w in self.ways if w is not out[0]]
                return True
        return False

    def _side(self) -> bool:
        found = [
            (a, b)
            for k, (a, b, _) in enumerate(self.ways)
            if any(w[:2] == (a, b) for w in self.ways[k + 1 :]) and a != b
        ]
        found = [(a, b) for a, b in found if self.kinds[a] == self.kinds[b]]
        if not found:
            return False
        # Within others first: where all the ways meet again, so that they keep their order.
        a, b = min(found, key=lambda ends: sum(w[0] == ends[0] and w[1] != ends[1] for w in self.ways))
        side = [way for way in self.ways if way[:2] == (a, b)]
        parts = [x for _, _, x in side]
        if self.kinds[a] == "or":
            parts = [choice([each, NOTHING]) if each.kind != PARALLEL else each for each in parts]
        self.ways[self.ways.index(side[0])] = (a, b, choice(parts) if self.kinds[a] == "xor" else parallel(parts))
        self.ways = [way for way in self.ways if way not in side[1:]]
        return True

    def _circle(self) -> bool:
        for k, (a, b, body) in enumerate(self.ways):
            back = next((w for w in self.ways if w[:2] == (b, a)), None)
            alone = sum(w[0] == a for w in self.ways) == 1 == sum(w[1] == b for w in self.ways)
            if back is not None and alone and self.kinds[a] == self.kinds[b] == "xor":
                self.ways[k] = (a, b, loop(body, back[2]))
                self.ways = [w for w in self.ways if w is not back]
                return True
        return False


def drawing(block: Block) -> tuple[Diagram, list[Block | None]]:
    """Draw blocks; with each element of the drawing, in their order, the task that it shows."""
    nodes: list[tuple[str, Block | None]] = []
    flows: list[tuple[int, int]] = []
    said: dict[tuple[int, int], str] = {}

    def node(kind: str, what: Block | None = None) -> int:
        nodes.append((kind, what))
        return len(nodes) - 1

    def put(last: int, each: Block) -> int:
        if each.kind == EMPTY:
            return last
        if each.kind == SEQUENCE:
            for part in each.parts:
                last = put(last, part)
            return last
        first = node(TASK, each) if each.kind == TASK else node("and" if each.kind == PARALLEL else "xor")
        flows.append((last, first))
        if each.kind == TASK:
            return first
        if each.kind == LOOP:
            inside = put(first, each.parts[0])
            end = node("xor")
            flows.append((inside, end))
            begin = len(flows)
            flows.append((put(end, each.parts[1]), first))
            written(each.parts[1], begin)
            return end
        begins, ends = [], []
        for part in each.parts:
            begins.append(len(flows))
            ends.append(put(first, part))
            # A way with nothing on it has its one flow here.
            flows.extend([(first, first)] if part.kind == EMPTY else [])
        end = node("and" if each.kind == PARALLEL else "xor")
        for part, inside, begin in zip(each.parts, ends, begins, strict=True):
            if part.kind == EMPTY:
                flows[begin] = (first, end)
            else:
                flows.append((inside, end))
            written(part, begin)
        return end

    def written(way: Block, begin: int) -> None:
        if way.when:
            said[flows[begin]] = way.when

    last = put(node("start"), block)
    flows.append((last, node("end")))
    return _numbered(nodes, flows, said)


def _numbered(
    nodes: list[tuple[str, Block | None]], flows: list[tuple[int, int]], said: dict[tuple[int, int], str]
) -> tuple[Diagram, list[Block | None]]:
    """Numbers in the order in which the elements are met, as a reader of the file will give them."""
    met, waiting = [], [0]
    while waiting:
        place = waiting.pop(0)
        if place not in met:
            met.append(place)
            waiting += [b for a, b in flows if a == place]
    number = {place: k for k, place in enumerate(met)}
    drawn = tuple(Node(f"n{k}", nodes[p][0], getattr(nodes[p][1], "name", "")) for k, p in enumerate(met))
    pairs = sorted({(number[a], number[b]) for a, b in flows})
    texts = sorted(((number[a], number[b]), text) for (a, b), text in said.items())
    diagram = Diagram(
        drawn,
        tuple((f"n{a}", f"n{b}") for a, b in pairs),
        conditions=tuple(((f"n{a}", f"n{b}"), text) for (a, b), text in texts),
    )
    return diagram, [nodes[place][1] for place in met]
