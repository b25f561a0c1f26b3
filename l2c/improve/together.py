"""Which of today's steps stay in the process as it shall be, which go, which change, and which are new?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from l2c.discover import flow, happy_path
from l2c.discover.bpmn import Diagram
from l2c.discover.flow import BESIDE, CHANGED, FATE, GOES, NEW, STAYS
from l2c.geometry.order import activity_order
from l2c.improve import blocks, edits, reshaping
from l2c.improve.blocks import Block
from l2c.improve.reading import change
from l2c.improve.said import named
from l2c.improve.scenario import Given, Scenario, scenario
from l2c.improve.to_be import Drawing, drawn
from l2c.log import END, START, EventLog

Step = tuple[str, str]
# Entries of a file of changes that draw other ways, and those that change what happens on the same ones.
_DRAWS = ("skip", "insert", "move", "always", "sequence", "parallel", "again")
_WAITS = ("desk", "route")


def together(log: EventLog, to_be: Drawing | Given, as_is: Drawing | None = None) -> pd.DataFrame:
    """Today's steps, with those of the process as it shall be: a table for one map of both.

    Parameters
    ----------
    to_be
        The process as it shall be (activities that follow each other, a drawing, a BPMN file or its content), or what shall
        change, as for `simulate` (a YAML file, entries, a scenario, such as `pick` returns of the best lever).
    as_is
        The drawing of today's process that `to_be` is compared with; the happy path unless given.

    Returns
    -------
    As `discover.flow`, with `fate`: `goes` (from or to an activity that is left out, or drawn today and not as it shall be),
    `new` (drawn as it shall be, and taken by nobody today: 0 cases), `changed` (the same step, in another time, by somebody else
    or more rarely), `stays` (drawn as it shall be, and taken today), `beside` (what neither drawing speaks of).

    Raises
    ------
    BadModel
        If a file is no BPMN model.
    BadScenario
        If a change makes no sense for the log.
    """
    table = flow(log)
    touched: set[Step] = set()
    if (entries := _entries(to_be, log)) is None:
        before, after = drawn(happy_path(log) if as_is is None else as_is), drawn(to_be)  # type: ignore[arg-type]
    else:
        path = happy_path(log) if as_is is None else as_is
        block = blocks.of(drawn(path) if isinstance(path, (str, Path)) else path)
        block = _with_detours(block, entries, table)
        before = blocks.drawing(block)[0]
        for entry in entries:
            block = edits.edited(block, entry) if set(_DRAWS) & set(entry) else block
        after = blocks.drawing(block)[0]
        touched = _touched(entries, table)
    return _fated(table, before, after, touched)


def _entries(to_be: Drawing | Given, log: EventLog) -> list[Mapping[str, Any]] | None:
    """The changes, where these and no drawing were given."""
    match to_be:
        case Diagram():
            return None
        case str() | Path():
            is_drawing = str(to_be).lstrip().startswith("<") or Path(to_be).suffix.lower() not in (".yaml", ".yml")
            return None if is_drawing else list(scenario(to_be, log).said["changes"])
        case Scenario() | Mapping():
            return list(scenario(to_be, log).said["changes"])
    listed: list[Any] = list(to_be)
    if all(isinstance(each, str) for each in listed):
        return None
    # What people cost is no matter of a map.
    new: list[str] = []
    for number, entry in enumerate(listed, 1):
        change(number, entry, log, new)
        new += _names(entry.get("insert"))
    return listed


def _with_detours(block: Block, entries: Sequence[Mapping[str, Any]], table: pd.DataFrame) -> Block:
    """A drawing with what else is changed: each on a way of its own behind what most often leads to it."""
    for entry in entries:
        for kind in _DRAWS:
            for name in _names(entry.get("after" if kind == "insert" else kind)) if kind in entry else ():
                block = _with_detour(block, name, table)
    return block


def _with_detour(block: Block, name: str, table: pd.DataFrame) -> Block:
    known = {each.name for each in block.tasks()}
    detour: list[str] = []
    while name not in known and name not in detour and name != START:
        detour.insert(0, name)
        # Of what leads there the most frequent stands first.
        into = table[(table["to"] == name) & (table["from"] != name)]
        name = str(into["from"].iloc[0]) if len(into) else START
    if not detour:
        return block
    aside = blocks.choice([blocks.sequence(map(blocks.task, detour)), blocks.NOTHING])
    return reshaping.behind(block, name, aside) if name in known else blocks.sequence([aside, block])


def _names(value: Any) -> list[str]:
    return [named(each) for each in (value if isinstance(value, (list, tuple)) else [value]) if each]


def _touched(entries: Sequence[Mapping[str, Any]], table: pd.DataFrame) -> set[Step]:
    """The steps that are taken as before, but in another time, by somebody else or more rarely."""
    steps = [(str(a), str(b)) for a, b in zip(table["from"], table["to"], strict=True)]
    place = activity_order(table)
    found: set[Step] = set()
    for entry in entries:
        for kind in ("step", "merge"):
            if kind in entry:
                first, second = _names(entry[kind])
                found.add((first, second))
        into = {name for kind in _WAITS for name in _names(entry.get(kind))}
        into |= {name for name in _names(entry.get("skip")) if entry.get("where")}
        again = set(_names(entry.get("errors")))
        found |= {(a, b) for a, b in steps if b in into}
        found |= {(a, b) for a, b in steps if b in again and place[a] >= place[b]}
    return found


def _fated(table: pd.DataFrame, before: Diagram, after: Diagram, touched: set[Step]) -> pd.DataFrame:
    was, shall = _direct(before), _direct(after)
    gone = {name for step in was for name in step} - {name for step in shall for name in step}
    steps = list(zip(table["from"], table["to"], strict=True))

    def fate(step: Step) -> str:
        if gone & set(step) or (step in was and step not in shall):
            return GOES
        return CHANGED if step in touched else STAYS if step in shall else BESIDE

    fates = [fate(step) for step in steps]
    new = sorted(shall - was - set(steps))
    added = pd.DataFrame({"from": [a for a, _ in new], "to": [b for _, b in new], "events": 0, "cases": 0, FATE: NEW})
    whole = (
        pd.concat([table.assign(**{FATE: fates}), added], ignore_index=True) if new else table.assign(**{FATE: fates})
    )
    return whole.astype({"events": "int64", "cases": "int64"})


def _direct(diagram: Diagram) -> set[Step]:
    """Which activity may follow directly on which, with START and END."""
    names = {node.id: {"start": START, "end": END}.get(node.kind, node.name) for node in diagram.nodes}
    following = {key: [b for a, b in diagram.flows if a == key] for key in names}
    found: set[Step] = set()
    for key, name in names.items():
        seen, waiting = set(), list(following[key]) if name else []
        while waiting:
            if (there := waiting.pop()) in seen:
                continue
            seen.add(there)
            if names[there]:
                found.add((name, names[there]))
            else:
                waiting += following[there]
    return found
