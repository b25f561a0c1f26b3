"""What is otherwise in the process as it shall be than in the process as it is?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd

from l2c.discover import bpmn_read
from l2c.discover.bpmn import Diagram, Node
from l2c.improve.relations import AFTER, BEFORE, BESIDE, EITHER, Relations
from l2c.words import matching

Drawing: TypeAlias = "Diagram | str | Path | Sequence[str]"
"""A process: a drawing, a BPMN file or its content, or a list of activities that follow each other."""

Row: TypeAlias = tuple[str, str, "str | None", str, "dict[str, Any]"]
COLUMNS = ["lever", "activity", "other", "needs", "entry"]
# What an entry leaves open, and only its author can say.
DAYS, WHERE, SHARE = "days", "where", "share"


def drawn(process: Drawing) -> Diagram:
    """A process as a drawing.

    Parameters
    ----------
    process
        A drawing, which comes back as it is; a BPMN 2.0 file or its content; or activities that follow each other.

    Raises
    ------
    BadModel
        If a file is no BPMN model.
    """
    if isinstance(process, Diagram):
        return process
    if isinstance(process, (str, Path)):
        return bpmn_read.read(process)
    nodes = [
        Node("n0", "start"),
        *(Node(f"n{k}", "task", matching.match_activity(name) or name) for k, name in enumerate(process, 1)),
    ]
    nodes.append(Node(f"n{len(nodes)}", "end"))
    return Diagram(tuple(nodes), tuple((f"n{k}", f"n{k + 1}") for k in range(len(nodes) - 1)))


def changes(as_is: Drawing, to_be: Drawing) -> pd.DataFrame:
    """Compare the process as it is with the process as it shall be: what must change, as entries of `change.yaml`.

    Parameters
    ----------
    as_is, to_be
        Two processes; see `drawn`.

    Returns
    -------
    One row per change, in the order of the process: `lever`, `activity`, `other`, `needs` (what has to be said before it
    can be run: `days` it takes, `where` it holds, `share` of the cases; empty where nothing is), `entry` (for the list `changes`
    of a file of changes, `None` in place of what it needs). Levers: `skip` (left out), `new` (added behind `other`), `swap`
    (`activity` now after `other`, which came after it), `move` (now behind `other`), `parallel` (`other` begins together with `activity`),
    `sequence` (`other` waits for `activity` now), `choice` (one of the two, never both), `optional` (not in every case any more),
    `always` (in every case now), `once` (no more loop back to it), `again` (a loop back to it). Names go by the vocabulary.

    Raises
    ------
    BadModel
        If a file is no BPMN model.

    Notes
    -----
    Tasks are compared by how they stand to each other (behavioural profiles, Weidlich, Mendling and Weske 2011), so that it
    does not matter by which signs two modellers drew the same; of changes that follow from others only those are told. Where a
    condition on a flow says which cases are meant, `where` has them.
    """
    before, after = Relations(drawn(as_is)), Relations(drawn(to_be))
    both = [task for task in before.tasks if task in after.tasks]
    rows: list[Row] = [("skip", task, None, "", {"skip": task}) for task in before.tasks if task not in after.tasks]
    rows += _new(before, after)
    moved = list(_moved(before, after, both))
    rows += moved
    still = {row[1] for row in moved}
    pairs = list(_pairs(before, after, both, still))
    rows += pairs
    told = {task for lever, a, b, *_ in pairs if lever == "choice" for task in (a, b) if task}
    # What is moved behind something is done where that is.
    told |= {a for lever, a, b, _, entry in moved if after.follows(entry.get("after"), a)}
    rows += _optional(before, after, both, told)
    place = {task: k for k, task in enumerate([*before.tasks, *after.tasks][::-1])}
    rows.sort(key=lambda row: -place[row[1]])
    return pd.DataFrame(rows, columns=COLUMNS, dtype=object)


def _new(before: Relations, after: Relations) -> Iterator[Row]:
    for task in after.tasks:
        if task in before.tasks:
            continue
        behind = after.behind(task)
        entry: dict[str, Any] = {"insert": task, "after": behind[-1] if behind else None, DAYS: None}
        needs = DAYS
        # Where it is done whenever what comes before it is, there is nothing to ask.
        if after.optional(task) and not (behind and after.follows(behind[-1], task)):
            entry[WHERE] = after.only(task)
            needs = DAYS if entry[WHERE] else f"{DAYS}, {WHERE}"
        yield "new", task, behind[-1] if behind else None, needs, entry


def _moved(before: Relations, after: Relations, both: Sequence[str]) -> Iterator[Row]:
    """The fewest tasks whose place changed such that the others keep their order."""
    turned = {
        (a, b)
        for k, a in enumerate(both)
        for b in both[k + 1 :]
        if {before.of(a, b), after.of(a, b)} == {BEFORE, AFTER}
    }
    while turned:
        count = {task: sum(task in pair for pair in turned) for task in both}
        # Of two that changed places the first is moved behind the second.
        task = max(both, key=lambda each: count[each])
        of_it = [pair for pair in turned if task in pair]
        turned -= set(of_it)
        if len(of_it) == 1:
            other = next(each for each in of_it[0] if each != task)
            first, second = (task, other) if before.of(task, other) == BEFORE else (other, task)
            if second not in after.behind(first) and after.behind(second):
                # Not every case does the other one: it is the one that is moved.
                yield "move", second, after.behind(second)[-1], "", {"move": second, "after": after.behind(second)[-1]}
                continue
            yield "swap", first, second, "", {"move": first, "after": second}
            continue
        behind = [each for each in after.behind(task) if each in before.tasks]
        where: dict[str, Any] = {"after": behind[-1]} if behind else {"after": None}
        yield "move", task, behind[-1] if behind else None, "", {"move": task, **where}


def _pairs(before: Relations, after: Relations, both: Sequence[str], moved: set[str]) -> Iterator[Row]:
    changed: dict[tuple[str, str], str] = {}
    for k, a in enumerate(both):
        for b in both[k + 1 :]:
            was, now = before.of(a, b), after.of(a, b)
            if was == now or moved & {a, b} or {was, now} == {BEFORE, AFTER}:
                continue
            first, second = (b, a) if AFTER in (was, now) else (a, b)
            lever = {BESIDE: "parallel", EITHER: "choice"}.get(now, "sequence")
            changed[first, second] = lever
    for (a, b), lever in changed.items():
        if not _follows_from_others(before, after, (a, b), lever, changed):
            if lever == "choice":
                yield lever, a, b, *_left_out(after, b)
            else:
                yield lever, a, b, "", {lever: [a, b]}


def _left_out(after: Relations, task: str) -> tuple[str, dict[str, Any]]:
    """What an entry that leaves out a task in some cases needs, and the entry."""
    where = after.left_out(task)
    return "" if where else WHERE, {"skip": task, WHERE: where}


def _follows_from_others(
    before: Relations, after: Relations, pair: tuple[str, str], lever: str, changed: dict[tuple[str, str], str]
) -> bool:
    """Whether the same happened to two tasks that stand closer to each other, between the two of a pair."""
    a, b = pair
    order = after if lever == "sequence" else before
    within = lambda x, y: x == y or order.of(x, y) == BEFORE  # noqa: E731
    return any(other == lever and (c, d) != pair and within(a, c) and within(d, b) for (c, d), other in changed.items())


def _optional(before: Relations, after: Relations, both: Sequence[str], told: set[str]) -> Iterator[Row]:
    for task in both:
        was, now = before.optional(task), after.optional(task)
        if was != now and task not in told:
            lever = "optional" if now else "always"
            behind = next(reversed(after.behind(task)), None)
            needs, entry = _left_out(after, task) if now else ("", {"always": task, "after": behind})
            yield lever, task, None, needs, entry
        was, now = before.again(task), after.again(task)
        if was and not now:
            yield "once", task, None, "", {"errors": task, "share": 1.0}
        elif now and not was:
            yield "again", task, None, SHARE, {"again": task, "share": None}
