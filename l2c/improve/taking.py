"""What of a drawing from elsewhere is otherwise, and what of it has been taken over?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from l2c.improve import blocks
from l2c.improve.edits import INSERT, Draft, Entry
from l2c.improve.reading import change, named
from l2c.improve.to_be import WHERE, Drawing, changes
from l2c.log import EventLog
from l2c.words import matching
from l2c.words.errors import L2CError


def wanted(draft: Draft, process: Drawing) -> list[Entry]:
    """What would have to change for the process to run as another drawing says, as entries of a file of changes.

    Returns
    -------
    As `improve.changes` has them; attributes of `where` go by the names of the log.

    Raises
    ------
    BadModel
        If a file is no BPMN model.
    """
    found = changes(blocks.drawing(draft.as_is)[0], process)["entry"]
    return [
        {key: _named(value, draft.log) if key == WHERE else value for key, value in entry.items()} for entry in found
    ]


def _named(where: dict[str, Any] | None, log: EventLog) -> dict[str, Any] | None:
    """A choice of cases by the attributes of a log; none where it has no such attribute."""
    if where is None:
        return None
    found = {}
    for name, value in where.items():
        known = [each for each in (name, *matching.match_attribute(name)) if each in log.attributes]
        if not known:
            return None
        found[known[0]] = value
    return found


def needs(entry: Entry) -> list[str]:
    """What has to be said before an entry can be taken over."""
    return [key for key, value in entry.items() if value is None]


def taken(entry: Entry, entries: Iterable[Entry]) -> bool:
    """Whether an entry stands among others, however what it left open was filled in."""
    said = {key: value for key, value in entry.items() if value is not None}
    return any(all(each.get(key) == value for key, value in said.items()) for each in entries)


def trouble(entry: Entry, log: EventLog, others: Iterable[Entry]) -> L2CError | None:
    """Why an entry cannot be taken over, if it cannot; what it leaves open is no reason."""
    new = [named(each[INSERT]) for each in others if INSERT in each and each != entry]
    try:
        if not needs(entry):
            change(1, entry, log, new)
    except L2CError as problem:
        return problem
    return None


def take(draft: Draft, entries: Iterable[Entry]) -> int:
    """Take over those of some entries that leave nothing open and make sense for the log; returns how many were."""
    added: list[Entry] = []
    for entry in entries:
        ready = not needs(entry) and not taken(entry, draft.entries)
        if ready and trouble(entry, draft.log, [*draft.entries, *added]) is None:
            added.append(entry)
    draft.put([*draft.entries, *added])
    return len(added)
