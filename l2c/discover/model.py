"""Which one model stands behind the paths, and how well does it fit them?"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from l2c.discover.bpmn import Model, Node
from l2c.discover.variants import variants
from l2c.system.extras import need
from l2c.words.errors import NoModel

if TYPE_CHECKING:
    from l2c.log import EventLog

# Measuring looks at so many variants, the most frequent ones, and at so many cases drawn in their proportions.
MEASURED_VARIANTS, MEASURED_CASES = 300, 600
Trace = tuple[str, ...]


def model(log: EventLog, *, noise: float = 0.2) -> Model:
    """Mine a BPMN model from the variants of a log.

    Parameters
    ----------
    noise
        Share of infrequent behaviour to leave out at each cut, from 0 to 1.

    Returns
    -------
    The model; only variants with their frequencies are looked at, so its cost does not grow with the cases.

    Raises
    ------
    NoModel
        If the log has no case, or `noise` is not a share.
    MissingExtra
        If pm4py is not installed.

    Notes
    -----
    Inductive miner, infrequent (Leemans, Fahland and van der Aalst 2013), by pm4py. Fitness by token-based replay
    (Rozinat and van der Aalst 2008), precision by escaping edges on the replayed prefixes (Muñoz-Gama and Carmona
    2010), both weighted by cases, over the most frequent variants (`covered` says how many cases those are).
    """
    if not 0 <= noise <= 1:
        raise NoModel.noise(noise)
    need("model", "pm4py")
    found = variants(log)
    if found.empty:
        raise NoModel.no_case()
    counted = dict(zip(found["trace"], found["cases"].tolist(), strict=True))
    return _mined(counted, noise)


def _mined(counted: dict[Trace, int], noise: float) -> Model:
    with quietly():
        import pm4py

        tree = _tree(counted, noise)
        nodes, flows = _merged(*_drawn(pm4py.convert_to_bpmn(tree)))
        some = dict(list(counted.items())[:MEASURED_VARIANTS])
        fitness, precision = _measured(some, pm4py.convert_to_petri_net(tree))
    return Model(nodes, flows, fitness, precision, sum(some.values()) / sum(counted.values()), noise)


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """Keep pm4py's greeting, its progress bars and its warnings about itself from the reader."""
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        warnings.simplefilter("ignore")
        yield


def _tree(counted: dict[Trace, int], noise: float) -> Any:
    """Process tree of the variants with their frequencies."""
    from collections import Counter

    from pm4py.algo.discovery.inductive.dtypes.im_ds import IMDataStructureUVCL
    from pm4py.algo.discovery.inductive.variants.imf import IMFUVCL
    from pm4py.objects.process_tree.utils import generic

    # pm4py's own entry point does not recognise a counter of traces, so its miner is called directly.
    settings = {"noise_threshold": noise, "multiprocessing": False}
    mined = IMFUVCL(settings).apply(IMDataStructureUVCL(Counter(counted)), settings)
    folded = generic.fold(mined)
    generic.tree_sort(folded)
    return folded


def _drawn(bpmn: Any) -> tuple[tuple[Node, ...], tuple[tuple[str, str], ...]]:
    """The elements and flows of pm4py's model under short ids that are the same at every run."""
    from pm4py.objects.bpmn.obj import BPMN

    kinds = (
        (BPMN.StartEvent, "start"),
        (BPMN.EndEvent, "end"),
        (BPMN.Task, "task"),
        (BPMN.ParallelGateway, "and"),
        (BPMN.Gateway, "xor"),
    )
    start = next(n for n in bpmn.get_nodes() if isinstance(n, BPMN.StartEvent))
    following: dict[Any, list[Any]] = {}
    for flow in bpmn.get_flows():
        following.setdefault(flow.get_source(), []).append(flow.get_target())
    ids: dict[Any, str] = {}
    nodes: list[Node] = []
    flows: list[tuple[str, str]] = []
    waiting = [start]
    while waiting:
        node = waiting.pop(0)
        if node in ids:
            continue
        ids[node] = f"n{len(ids)}"
        kind = next(name for type_, name in kinds if isinstance(node, type_))
        nodes.append(Node(ids[node], kind, node.get_name() if kind == "task" else ""))
        # pm4py keeps flows in a set; sorted by what they lead to, the same model gets the same ids.
        waiting += sorted(following.get(node, []), key=lambda n: _signature(n, following))
    for source, targets in following.items():
        flows += [(ids[source], ids[target]) for target in targets]
    return tuple(nodes), tuple(sorted(set(flows), key=lambda pair: (int(pair[0][1:]), int(pair[1][1:]))))


def _merged(
    nodes: tuple[Node, ...], flows: tuple[tuple[str, str], ...]
) -> tuple[tuple[Node, ...], tuple[tuple[str, str], ...]]:
    """Fold a join into the join it leads to, and a split into the split before it: same meaning, fewer signs."""
    kinds = {node.id: node.kind for node in nodes}
    ways = set(flows)
    while True:
        into = {name: [a for a, b in ways if b == name] for name in kinds}
        out = {name: [b for a, b in ways if a == name] for name in kinds}
        alike = sorted(
            ((a, b) for a, b in ways if kinds[a] == kinds[b] and kinds[a] in ("xor", "and")),
            key=lambda pair: (int(pair[0][1:]), int(pair[1][1:])),
        )
        joins = [(a, b) for a, b in alike if len(out[a]) == 1 and len(out[b]) == 1 and len(into[b]) > 1]
        splits = [(b, a) for a, b in alike if len(into[b]) == 1 and len(into[a]) == 1 and len(out[a]) > 1]
        # Two ways between the same gateways would become one, which only an exclusive choice allows.
        pair = next(
            (
                (gone, kept)
                for gone, kept in joins + splits
                if not (set(into[gone]) & set(into[kept]) or set(out[gone]) & set(out[kept]))
            ),
            None,
        )
        if pair is None:
            break
        gone, kept = pair
        ways = {(kept if a == gone else a, kept if b == gone else b) for a, b in ways} - {(kept, kept)}
        del kinds[gone]
    left = tuple(node for node in nodes if node.id in kinds)
    return left, tuple(sorted(ways, key=lambda pair: (int(pair[0][1:]), int(pair[1][1:]))))


def _signature(node: Any, following: dict[Any, list[Any]], depth: int = 4) -> str:
    """What one meets behind a node, as text: its name, or the names it leads to."""
    name = f"{type(node).__name__}:{node.get_name() if type(node).__name__ == 'Task' else ''}"
    if depth == 0:
        return name
    return name + "(" + ",".join(sorted(_signature(n, following, depth - 1) for n in following.get(node, []))) + ")"


def _measured(counted: dict[Trace, int], net: Any) -> tuple[float, float]:
    """Fitness and precision over some variants, weighted by their cases."""
    from pm4py.algo.conformance.tokenreplay import algorithm as replay
    from pm4py.algo.evaluation.precision import algorithm as precision
    from pm4py.objects.log.obj import Event, EventLog, Trace

    def case(trace: tuple[str, ...]) -> Any:
        return Trace([Event({"concept:name": name}) for name in trace])

    # In a notebook its progress bars are widgets, which no redirection of the streams would catch.
    silent = {"show_progress_bar": False}
    found = replay.apply(EventLog([case(trace) for trace in counted]), *net, parameters=silent)
    sums = {
        key: sum(row[key] * cases for row, cases in zip(found, counted.values(), strict=True))
        for key in ("missing_tokens", "consumed_tokens", "remaining_tokens", "produced_tokens")
    }
    missing = sums["missing_tokens"] / max(sums["consumed_tokens"], 1)
    remaining = sums["remaining_tokens"] / max(sums["produced_tokens"], 1)
    scale = min(1.0, MEASURED_CASES / sum(counted.values()))
    drawn = EventLog([case(trace) for trace, n in counted.items() for _ in range(max(1, round(n * scale)))])
    exact = precision.apply(drawn, *net, parameters=silent, variant=precision.Variants.ETCONFORMANCE_TOKEN)
    return 1 - (missing + remaining) / 2, float(exact)
