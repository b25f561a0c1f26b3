"""What is the least that a trace does otherwise than a BPMN model allows?"""

from __future__ import annotations

import pathlib
from collections.abc import Sequence
from typing import Any

from l2c.discover.model import quietly
from l2c.system.extras import need
from l2c.words import matching
from l2c.words.errors import BadModel

Trace = tuple[str, ...]
SKIP = ">>"


def alignments(model: str | pathlib.Path, traces: Sequence[Trace]) -> dict[Trace, tuple[tuple[str, str], ...]]:
    """Align distinct traces with a BPMN file.

    Parameters
    ----------
    model
        A BPMN 2.0 file; its tasks go by the names of activities in any spelling that the vocabulary knows.
    traces
        Traces; each is aligned once.

    Returns
    -------
    For each distinct trace what it does otherwise, as (`skipped`, activity), (`repeat`, activity) or (`extra`,
    activity); nothing where the model allows it.

    Raises
    ------
    BadModel
        If the file is no BPMN model.
    MissingExtra
        If pm4py is not installed.

    Notes
    -----
    Optimal alignments (Adriansyah, 2014) by A* as pm4py does them; on variants, since cases of one variant align alike.
    """
    distinct = list(dict.fromkeys(traces))
    if not distinct:
        return {}
    need("model", "pm4py")
    net = _net(pathlib.Path(model))
    with quietly():
        from pm4py.algo.conformance.alignments.petri_net import algorithm
        from pm4py.objects.log.obj import Event, EventLog
        from pm4py.objects.log.obj import Trace as Steps

        log = EventLog([Steps([Event({"concept:name": name}) for name in trace]) for trace in distinct])
        # In a notebook its progress bars are widgets, which no redirection of the streams would catch.
        found = algorithm.apply_log(log, *net, parameters={"show_progress_bar": False})
    return {trace: _moves(one["alignment"]) for trace, one in zip(distinct, found, strict=True)}


def _net(path: pathlib.Path) -> tuple[Any, Any, Any]:
    """The Petri net of a model, its tasks under the names of the vocabulary."""
    with quietly():
        import pm4py

        try:
            net, start, end = pm4py.convert_to_petri_net(pm4py.read_bpmn(str(path)))
        except Exception as problem:
            raise BadModel.unreadable(path) from problem
    named = [t for t in net.transitions if t.label is not None]
    if not named:
        raise BadModel.unreadable(path)
    for transition in named:
        transition.label = matching.match_activity(transition.label) or transition.label
    return net, start, end


def _moves(alignment: Sequence[tuple[Any, Any]]) -> tuple[tuple[str, str], ...]:
    fitting = {name for name, of_model in alignment if SKIP not in (name, of_model)}
    found = []
    for name, of_model in alignment:
        if name == SKIP and of_model is not None:
            found.append(("skipped", str(of_model)))
        elif of_model == SKIP:
            found.append(("repeat" if name in fitting else "extra", str(name)))
    return tuple(found)
