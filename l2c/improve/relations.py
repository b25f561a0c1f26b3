"""How do the tasks of a drawing stand to each other: one after the other, side by side, or one instead of the other?"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from l2c.discover import conditions
from l2c.discover.bpmn import Diagram

BEFORE, AFTER, BESIDE, EITHER = "before", "after", "beside", "either"


@dataclass(frozen=True)
class Relations:
    """What a drawing says of its tasks.

    Attributes
    ----------
    diagram
        The drawing; what several of its tasks have as their name is one task here.
    """

    diagram: Diagram

    @cached_property
    def tasks(self) -> list[str]:
        """Names of the tasks, in the order in which they are met from the start."""
        return list(dict.fromkeys(node.name for node in self.diagram.nodes if node.kind == "task" and node.name))

    def of(self, a: str, b: str) -> str:
        """How one task stands to another: `before`, `after`, `beside` or `either` (one of them, never both)."""
        pairs = [(m, n) for m in self._places[a] for n in self._places[b]]
        if any(n in self._far[m] for m, n in pairs):
            return BEFORE
        if any(m in self._far[n] for m, n in pairs):
            return AFTER
        return BESIDE if any(self._part(m, n) for m, n in pairs) else EITHER

    def direct(self, a: str, b: str) -> bool:
        """Whether nothing is done between two tasks of which one comes before the other."""
        return self.of(a, b) == BEFORE and not any(
            self.of(a, c) == BEFORE and self.of(c, b) == BEFORE for c in self.tasks if c not in (a, b)
        )

    def before(self, task: str) -> list[str]:
        """The tasks that come directly before one."""
        return [a for a in self.tasks if a != task and self.direct(a, task)]

    def behind(self, task: str) -> list[str]:
        """The tasks behind which one is done: the nearest of those before it without which no case comes to it."""
        earlier = [a for a in self.tasks if a != task and self.of(a, task) == BEFORE]
        sure = [a for a in earlier if not self.optional(a) or not self._reaches(task, without=a)]
        return [a for a in sure if not any(self.of(a, b) == BEFORE for b in sure)]

    def _reaches(self, task: str, *, without: str) -> bool:
        """Whether a case can come to a task without another one."""
        gone, into = set(self._places[without]), {b for _, b in self.diagram.flows}
        seen, waiting = set(gone), [name for name in self._kinds if name not in into]
        while waiting:
            new = [b for b in self._following[waiting.pop()] if b not in seen]
            seen.update(new)
            waiting += new
        return any(place in seen - gone for place in self._places[task])

    def optional(self, task: str) -> bool:
        """Whether a case can do without it."""
        return self._ends_without(self._places[task])

    def follows(self, first: str | None, task: str) -> bool:
        """Whether every way on from one task leads to another."""
        seen, waiting = set(self._places[task]), list(self._places.get(first or "", []))
        while waiting:
            ahead = self._forward[waiting.pop()]
            if not ahead:
                return False
            new = [b for b in ahead if b not in seen]
            seen.update(new)
            waiting += new
        return first in self._places

    def again(self, task: str) -> bool:
        """Whether a loop leads back to it."""
        return any(place in self._reached(place, self._following) for place in self._places[task])

    def only(self, task: str) -> dict[str, Any] | None:
        """The cases that alone do a task, where what is written on the ways to it says so."""
        to, _ = self._ways(task)
        return conditions.read(to[0]) if len(to) == 1 else None

    def left_out(self, task: str) -> dict[str, Any] | None:
        """The cases that do without a task, where what is written on the ways past it, or to it, says so."""
        to, past = self._ways(task)
        if len(past) == 1 and (found := conditions.read(past[0])):
            return found
        only = conditions.read(to[0]) if len(to) == 1 else None
        return conditions.without(only) if only else None

    def _ways(self, task: str) -> tuple[list[str], list[str]]:
        """What is written on the ways that lead to a task, and on those past it, at the last place where they part."""
        places, said = set(self._places[task]), dict(self.diagram.conditions)
        splits = []
        for name, ahead in self._forward.items():
            to = [b for b in ahead if places & {b, *self._far[b]}]
            if self._kinds[name] == "xor" and 0 < len(to) < len(ahead):
                splits.append((len(self._far[name]), name, to))
        if len(splits) == 0:
            return [], []
        _, name, to = min(splits)
        ways = [[said.get((name, b), "") for b in self._forward[name] if (b in to) == side] for side in (True, False)]
        return ways[0], ways[1]

    @cached_property
    def _places(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for node in self.diagram.nodes:
            if node.kind == "task" and node.name:
                found.setdefault(node.name, []).append(node.id)
        return found

    @cached_property
    def _kinds(self) -> dict[str, str]:
        return {node.id: node.kind for node in self.diagram.nodes}

    @cached_property
    def _following(self) -> dict[str, list[str]]:
        return {node.id: [b for a, b in self.diagram.flows if a == node.id] for node in self.diagram.nodes}

    @cached_property
    def _forward(self) -> dict[str, list[str]]:
        """What follows, without the flows that lead back to something still under way."""
        following, back, done, under = self._following, set(), set(), []
        waiting = [(node.id, iter(following[node.id])) for node in reversed(self.diagram.nodes)]
        while waiting:
            name, rest = waiting[-1]
            if name not in under and name not in done:
                under.append(name)
            elif name in done:
                waiting.pop()
                continue
            after = next(rest, None)
            if after is None:
                waiting.pop()
                under.remove(name)
                done.add(name)
            elif after in under:
                back.add((name, after))
            elif after not in done:
                waiting.append((after, iter(following[after])))
        return {a: [b for b in many if (a, b) not in back] for a, many in following.items()}

    @cached_property
    def _far(self) -> dict[str, frozenset[str]]:
        return {name: self._reached(name, self._forward) for name in self._kinds}

    @staticmethod
    def _reached(name: str, following: dict[str, list[str]]) -> frozenset[str]:
        seen: set[str] = set()
        waiting = [name]
        while waiting:
            for b in following[waiting.pop()]:
                if b not in seen:
                    seen.add(b)
                    waiting.append(b)
        return frozenset(seen)

    def _part(self, m: str, n: str) -> bool:
        """Whether the paths to two elements part where all of them are taken: at the last place where they do part."""
        splits = [
            (split, kind)
            for split, kind in self._kinds.items()
            for reach in [[{b, *self._far[b]} for b in self._forward[split]]]
            if len(reach) > 1
            and any(m in one and n not in one for one in reach)
            and any(n in one and m not in one for one in reach)
        ]
        last = max(splits, key=lambda each: sum(each[0] in self._far[other] for other, _ in splits), default=None)
        # A task or an event with several flows behind it takes them all.
        return last is not None and last[1] != "xor"

    def _ends_without(self, without: Collection[str]) -> bool:
        """Whether an end is reached although nothing gets past some elements."""
        into = {name: [a for a, b in self.diagram.flows if b == name] for name in self._kinds}
        ends = [name for name, many in self._following.items() if not many]
        live = {name for name, many in into.items() if not many and name not in without}
        changed = True
        while changed:
            changed = False
            for name, many in into.items():
                if name in live or name in without or not many:
                    continue
                # Only a parallel join waits for all that lead to it; loops back to it do not count.
                ahead = [a for a in many if name in self._forward[a]]
                needed = all(a in live for a in ahead) if self._kinds[name] == "and" else any(a in live for a in many)
                if needed:
                    live.add(name)
                    changed = True
        return bool(ends) and any(name in live for name in ends)
