"""What was changed in a drawn process, step by step: each edit is an entry of a file of changes, and can be taken back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from l2c.discover import conditions, happy_path
from l2c.discover.bpmn import Diagram
from l2c.improve import blocks, reshaping
from l2c.improve.blocks import Block
from l2c.improve.reading import change, named
from l2c.improve.scenario import scenario
from l2c.improve.to_be import Drawing, drawn
from l2c.log import EventLog
from l2c.words import phrases, vocabulary
from l2c.words.errors import BadScenario, L2CError

Entry = dict[str, Any]
# What moves something in the drawing; every other entry stands in the list alone.
# What its author has still to say.
OPEN = "…"
SKIP, BESIDE, MOVE, MERGE, INSERT, WHO = "skip", "parallel", "move", "merge", "insert", "route"


class Draft:
    """The process as it shall be, while it is drawn.

    Parameters
    ----------
    log
        The log that the changes are about.
    process
        The process as it is: a drawing (such as `discover.model` returns), a BPMN file, or activities that follow each other;
        the happy path of the log unless given.
    entries
        Changes to begin with, as in the list `changes` of a file of changes.

    Attributes
    ----------
    as_is
        The blocks of the process as it is.
    entries
        The changes, in their order.

    Raises
    ------
    BadModel
        If the process is no BPMN model, or its ways part and meet in no order.
    BadScenario
        If a change makes no sense for the log.
    """

    def __init__(
        self, log: EventLog, process: Drawing | None = None, entries: Iterable[Mapping[str, Any]] = ()
    ) -> None:
        self.log = log
        given = happy_path(log) if process is None else process
        self.as_is = blocks.of(drawn(given) if isinstance(given, (str, Path)) else given)
        self.entries: tuple[Entry, ...] = ()
        self._past: list[tuple[Entry, ...]] = []
        self.put(entries)
        self._past.clear()

    @property
    def block(self) -> Block:
        """The process as it shall be."""
        found = self.as_is
        for entry in self.entries:
            found = edited(found, entry)
        return found

    @property
    def diagram(self) -> Diagram:
        """The process as it shall be, as a drawing; `.save("to_be.bpmn")` writes it for any modeller."""
        return blocks.drawing(self.block)[0]

    def put(self, entries: Iterable[Mapping[str, Any]]) -> None:
        """Replace all changes.

        Raises
        ------
        BadScenario
            If one makes no sense for the log; then nothing changes.
        """
        wanted = tuple(dict(entry) for entry in entries)
        if wanted == self.entries:
            return
        if wanted:
            new: list[str] = []
            for number, entry in enumerate(wanted, 1):
                change(number, entry, self.log, new)
                new += [named(entry[INSERT])] if INSERT in entry else []
        self._past.append(self.entries)
        self.entries = wanted

    def edit(self, **entry: Any) -> None:
        """Add a change, such as `edit(skip="Contract Approved")`; see `put`."""
        self.put([*self.entries, entry])

    def remove(self, place: int) -> None:
        """Take a change away, and those that make no sense without it."""
        left = list(self.entries)
        left.pop(place)
        while True:
            try:
                return self.put(left)
            except BadScenario:
                left = self._sensible(left)

    def _sensible(self, entries: Sequence[Entry]) -> list[Entry]:
        found: list[Entry] = []
        new: list[str] = []
        for entry in entries:
            try:
                change(len(found) + 1, entry, self.log, new)
            except L2CError:
                continue
            found.append(entry)
            new += [named(entry[INSERT])] if INSERT in entry else []
        return found

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to take back."""
        return bool(self._past)

    def undo(self) -> None:
        """Take the last edit back."""
        if self._past:
            self.entries = self._past.pop()

    def offers(self, name: str) -> dict[str, list[str]]:
        """What can be done with a task: the kind of change, and the tasks that may be the other one."""
        block = self.block
        if any(named(entry[INSERT]) == name for entry in self.entries if INSERT in entry):
            return {INSERT: []}
        steps = set(_steps(self.log))
        tasks = [each.name for each in block.tasks()]
        place = tasks.index(name) if name in tasks else 0
        behind = [other for k, other in enumerate(tasks) if other != name and k != place - 1]
        both = {one: _neighbours(block, name, steps, one=one) for one in (True, False)}
        return {SKIP: [], BESIDE: both[False], MOVE: behind, MERGE: both[True], INSERT: [], WHO: []}

    def said(self, lang: str = "en") -> list[str]:
        """The changes in words."""
        return [said(entry, lang) for entry in self.entries]

    def to_yaml(self, path: str | Path | None = None, *, name: str = "") -> str:
        """The changes as a file of changes.

        Parameters
        ----------
        path
            Where to write it, if anywhere.
        """
        top: dict[str, Any] = {"version": 1} | ({"name": name} if name else {}) | {"changes": [*self.entries]}
        text = yaml.safe_dump(top, allow_unicode=True, sort_keys=False)
        if path is not None:
            Path(path).write_text(text, "utf-8")
        return text

    @property
    def scenario(self) -> Any:
        """The changes as `simulate` reads them."""
        return scenario(self.entries, self.log)


def _steps(log: EventLog) -> Iterable[tuple[str, str]]:
    from l2c.improve.reading import follows

    return follows(log)


def _neighbours(block: Block, name: str, steps: Iterable[tuple[str, str]], *, one: bool) -> list[str]:
    """Tasks with which a task may begin together, or be done in one go: those that the drawing changes by it, and the log knows."""
    pairs = [(a, b) for a, b in steps if name in (a, b) and a != b]
    found = [b if a == name else a for a, b in pairs if reshaping.paired(block, a, b, one=one) != block]
    return [each.name for each in block.tasks() if each.name in found]


def edited(block: Block, entry: Mapping[str, Any]) -> Block:
    """The blocks after a change; as they are where it is about nothing in them."""
    part = conditions.written(entry.get("where") or {})
    match dict(entry):
        case {"skip": str(name)}:
            return reshaping.optional(block, named(name), part) if part else reshaping.without(block, named(name))
        case {"always": str(name), "after": str(after)}:
            return _moved(block, named(name), named(after), "", always=True)
        case {"move": str(name), "after": str(after)}:
            return _moved(block, named(name), named(after), part)
        case {"sequence": [first, second]}:
            return _moved(block, named(second), named(first), part)
        case {"insert": str(name), "after": str(after)}:
            return reshaping.behind(block, named(after), _some(blocks.task(named(name)), part))
        case {"parallel": [first, second]}:
            return reshaping.paired(block, named(first), named(second), one=False)
        case {"merge": [first, second]} if not part:
            return reshaping.paired(block, named(first), named(second), one=True)
        case {"again": str(name)}:
            return reshaping.again(block, named(name))
        case {"route": str(name), "to": who}:
            return reshaping.by(block, named(name), str(who))
    return block


def _some(new: Block, part: str) -> Block:
    """A task that some cases do, if only some are meant."""
    return blocks.choice([blocks.when(new, part), blocks.NOTHING]) if part else new


def _moved(block: Block, name: str, after: str, part: str, *, always: bool = False) -> Block:
    """A task behind another one; where only some cases are meant, it may be done in either place."""
    if name == after or after not in [each.name for each in block.tasks()]:
        return block
    # Whoever does it today does it there, as often.
    new = blocks.task(name) if always else reshaping.unit(block, name) or blocks.task(name)
    left = reshaping.optional(block, name, part) if part else reshaping.without(block, name)
    return reshaping.behind(left, after, _some(new, part), once=True)


def said(entry: Mapping[str, Any], lang: str = "en") -> str:
    """A change in words."""
    kind = next((key for key in entry if f"edit.{key}" in phrases.PHRASES and key not in ("days", "where")), None)
    rest = {key: value for key, value in entry.items() if key not in (kind, "where")}
    if kind is None:
        kind = next(iter(entry))
        rest.pop(kind, None)
        plain = f"{kind}: {_plain(entry[kind], lang)}"
        text = ", ".join([plain, *(f"{key}: {_plain(value, lang)}" for key, value in rest.items())])
    else:
        value = entry[kind]
        names = [_name(each, lang) for each in (value if isinstance(value, (list, tuple)) else [value])]
        more = {key: _name(each, lang) for key, each in rest.items()}
        if "days" in rest:
            more["days"] = phrases.say("edit.day" if rest["days"] == 1 else "edit.days", lang, n=more["days"])
        form = f"edit.{kind}.like" if "like" in rest else f"edit.{kind}"
        text = phrases.say(form, lang, a=names[0], b=names[-1], **more)
    if "where" not in entry or entry["where"] == {}:
        return text
    where = cases(entry["where"], lang) if entry["where"] else OPEN
    return phrases.say("edit.where", lang, change=text, where=where)


def cases(where: Mapping[str, Any], lang: str = "en") -> str:
    """A choice of cases in words."""
    return ", ".join(f"{vocabulary.label(word, lang)}: {_among(value, lang)}" for word, value in where.items())


def _among(value: Any, lang: str) -> str:
    """One value or several, or the ends of a number."""
    ends = conditions.bounds(value)
    if ends is None:
        return _plain(value, lang)
    signs = {">=": "≥", "<=": "≤"}
    return ", ".join(f"{signs.get(sign, sign)} {end:,.10g}" for sign, end in ends)


def _name(value: Any, lang: str) -> str:
    if value is None:
        return OPEN
    return f"{value:g}" if isinstance(value, (int, float)) else vocabulary.label(str(value), lang)


def _plain(value: Any, lang: str) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_plain(each, lang)}" for key, each in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(_name(each, lang) for each in value)
    return _name(value, lang)
