"""Which cases does a drawing allow? Every way that cases went is played on its blocks, all of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from l2c import engine
from l2c.discover.happy_path import traced
from l2c.improve import blocks
from l2c.improve.blocks import CHOICE, EMPTY, LOOP, NOTHING, PARALLEL, SEQUENCE, TASK, Block
from l2c.improve.to_be import Drawing, drawn
from l2c.log import EventLog, again
from l2c.log.outcomes import ENDED_BY
from l2c.prepare import pseudonyms as people
from l2c.words import matching

if TYPE_CHECKING:
    import pandas as pd

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
BY = ("region", "rep")
COLUMNS = ["about", "value", "cases", "fitting", "share"]
DEAD, UNKNOWN = 0, -1


def fit(log: EventLog, process: Drawing | Block, *, by: Sequence[str] = BY) -> pd.DataFrame:
    """How many cases go as a drawing allows, in all and by attribute.

    Parameters
    ----------
    process
        A drawing, a BPMN file, activities that follow each other, or blocks.
    by
        Attributes of the cases; those that the log does not have are left out.

    Returns
    -------
    One row for all cases (`about` is empty), then one per `about` (an attribute) and `value`, the least share first:
    `cases`, `fitting` (the drawing allows what they have done so far), `share`.

    Raises
    ------
    BadModel
        If a file is no BPMN model, or its ways part and meet in no order.

    Notes
    -----
    As for the happy path (`discover.deviations`): a case under way fits while the drawing lets it go on, a lost deal when it did
    until it was lost; what is done once more for another document, and marks that the drawing does not name, are no steps.
    """
    return Ways(log).table(_block(process), by)


def outside(log: EventLog, process: Drawing | Block) -> pd.DataFrame:
    """The cases that a drawing does not allow: `case_id` and what is known of them, by `case_id`."""
    return Ways(log).outside(_block(process))


def _block(process: Drawing | Block) -> Block:
    if isinstance(process, Block):
        return process
    return blocks.of(drawn(process) if not isinstance(process, (list, tuple)) else process)


@dataclass(eq=False)
class Ways:
    """The ways of the cases of a log: made once, played on every drawing.

    Attributes
    ----------
    log
        The log.
    """

    log: EventLog
    _kind: Ints = field(init=False)
    _kinds: list[tuple[int, str]] = field(init=False)
    _held: dict[str, pd.Series] = field(init=False, default_factory=dict)
    _parts: dict[str, tuple[Ints, list[Any]]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        cases = traced(self.log)
        status = cases["status"].astype("category")
        width = max(len(status.cat.categories), 1)
        key = cases["fold"].to_numpy(np.int64) * width + status.cat.codes.to_numpy(np.int64)
        found, self._kind = np.unique(key, return_inverse=True)
        self._kinds = [(int(k // width), str(status.cat.categories[k % width])) for k in found]

    def allowed(self, block: Block) -> Flags:
        """Which of the cases, by `case_key` ascending, go as the blocks allow."""
        names = tuple(each.name for each in block.tasks())
        traces = again.folds(self.log.base).traces
        knows = self.log.base.knows_outcomes
        steps = {fold: again.steps(traces[fold], names) for fold, _ in self._kinds}
        whole, way = _played(block, list(steps.values()))
        place = {fold: k for k, fold in enumerate(steps)}
        found = np.zeros(len(self._kinds), bool)
        for k, (fold, status) in enumerate(self._kinds):
            at = place[fold]
            length = len(steps[fold])
            if not knows:
                found[k] = whole[at]
            elif status in ("open", "won"):
                found[k] = way[at] == length
            else:
                lost = steps[fold][-1:] == (ENDED_BY.get(status),)
                found[k] = whole[at] or (lost and way[at] >= length - 1)
        return found[self._kind] if len(found) else np.zeros(0, bool)

    def share(self, block: Block) -> float:
        """Share of the cases that go as the blocks allow."""
        flags = self.allowed(block)
        return float(flags.mean()) if len(flags) else 0.0

    def table(self, block: Block, by: Sequence[str] = BY) -> pd.DataFrame:
        """See `fit`."""
        import pandas as pd

        flags = self.allowed(block)
        rows = [("", "", len(flags), int(flags.sum()))]
        for name in by:
            if name not in self.log.attributes:
                continue
            code, values = self._values(name)
            known = code >= 0
            size, fits = (np.bincount(code[some], minlength=len(values)) for some in (known, known & flags))
            told = [(name, value, int(n), int(m)) for value, n, m in zip(values, size, fits, strict=True)]
            rows += sorted(told, key=lambda row: (row[3] / row[2], str(row[1])))
        table = pd.DataFrame(rows, columns=COLUMNS[:4])
        return table.assign(share=table["fitting"] / table["cases"].clip(lower=1))

    def _values(self, name: str) -> tuple[Ints, list[Any]]:
        """The values of an attribute as they may be shown, and the place of each case's among them; -1 where it has none."""
        if name not in self._parts:
            known = people.grouped(self._known([name])[name].astype(object), self.log, name)
            code, values = self._told(known, name).factorize()
            self._parts[name] = np.asarray(code, np.int64), list(values)
        return self._parts[name]

    def outside(self, block: Block) -> pd.DataFrame:
        """See the function `outside`."""
        there = [name for name in BY if name in self.log.attributes]
        known = self._known(["case_id", *there])[~self.allowed(block)]
        known = known.assign(**{name: self._told(known[name], name) for name in there})
        return known[["case_id", *there]].sort_values("case_id", ignore_index=True)

    def _told(self, values: pd.Series, name: str) -> pd.Series:
        """The values of an attribute as they may be shown."""
        hidden = people.instead(self.log) if matching.is_person(name) else {}
        return values.map(lambda value: hidden.get(value, value)) if hidden else values

    def _known(self, names: Sequence[str]) -> pd.DataFrame:
        import pandas as pd

        if missing := [name for name in names if name not in self._held]:
            found = engine.collect(self.log.cases.select("case_key", *missing)).sort_values(
                "case_key", ignore_index=True
            )
            self._held |= {name: found[name] for name in missing}
        return pd.DataFrame({name: self._held[name] for name in names})


def _played(block: Block, traces: Sequence[tuple[str, ...]]) -> tuple[Flags, Ints]:
    """Of each trace, whether the blocks allow all of it, and how many of its steps they allow from the start."""
    machine = _Machine(block)
    lengths = np.array([len(trace) for trace in traces], np.int64)
    codes = np.array([machine.code(name) for trace in traces for name in trace], np.int64)
    first = np.cumsum(lengths) - lengths
    state, way = np.ones(len(traces), np.int64), np.zeros(len(traces), np.int64)
    live = np.flatnonzero(lengths > 0)
    step = 0
    while len(live):
        state[live] = machine.after(state[live], codes[first[live] + step])
        step += 1
        live = live[state[live] != DEAD]
        way[live] = step
        live = live[lengths[live] > step]
    return machine.ends[state] & (way == lengths), way


class _Machine:
    """What may still come, as numbers: found when it is first asked for."""

    def __init__(self, block: Block) -> None:
        self.names: dict[str, int] = {}
        for each in block.tasks():
            self.names.setdefault(each.name, len(self.names))
        self.letters = list(self.names)
        self.number: dict[frozenset[Block], int] = {frozenset(): DEAD, frozenset([block]): 1}
        self.states = list(self.number)
        # What the drawing does not name has the last column, and leads nowhere.
        self.table = np.full((2, len(self.names) + 1), UNKNOWN, np.int64)
        self.table[:, -1] = DEAD
        self.table[DEAD] = DEAD

    def code(self, name: str) -> int:
        return self.names.get(name, len(self.names))

    def after(self, state: Ints, code: Ints) -> Ints:
        """Where some states lead with an activity each."""
        found = self.table[state, code]
        missing = np.flatnonzero(found == UNKNOWN)
        if len(missing):
            width = self.table.shape[1]
            for pair in np.unique(state[missing] * width + code[missing]):
                self._learn(int(pair // width), int(pair % width))
            found = self.table[state, code]
        return found

    def _learn(self, state: int, code: int) -> None:
        left = frozenset(r for each in self.states[state] for r in _after(each, self.letters[code]))
        if left not in self.number:
            self.number[left] = len(self.states)
            self.states.append(left)
            row = np.full((1, self.table.shape[1]), UNKNOWN, np.int64)
            row[0, -1] = DEAD
            self.table = np.concatenate([self.table, row])
        self.table[state, code] = self.number[left]

    @property
    def ends(self) -> Flags:
        """At which states a case may end."""
        return np.array([any(_may_end(each) for each in state) for state in self.states], bool)


def _may_end(block: Block) -> bool:
    if block.kind in (EMPTY, "more"):
        return True
    if block.kind == TASK:
        return False
    parts = [_may_end(part) for part in block.parts]
    return parts[0] if block.kind == LOOP else any(parts) if block.kind == CHOICE else all(parts)


def _after(block: Block, name: str) -> set[Block]:
    """What may be left of blocks when an activity has been done (Brzozowski 1964, with side by side and loops)."""
    parts = block.parts
    if block.kind == TASK:
        return {NOTHING} if block.name == name else set()
    if block.kind == CHOICE:
        return {left for part in parts for left in _after(part, name)}
    if block.kind == PARALLEL:
        return {
            blocks.parallel([*parts[:k], left, *parts[k + 1 :]])
            for k, part in enumerate(parts)
            for left in _after(part, name)
        }
    if block.kind == SEQUENCE:
        found: set[Block] = set()
        for k, part in enumerate(parts):
            found |= {blocks.sequence([left, *parts[k + 1 :]]) for left in _after(part, name)}
            if not _may_end(part):
                break
        return found
    if block.kind == LOOP:
        more = Block("more", parts)
        found = {blocks.sequence([left, more]) for left in _after(parts[0], name)}
        return found | _after(more, name) if _may_end(parts[0]) else found
    if block.kind == "more":
        return {blocks.sequence([left, block]) for left in _after(blocks.sequence(parts[::-1]), name)}
    return set()
