"""What stands in one entry of a file of changes, and does it name what the log has?"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import narwhals as nw

from l2c import engine
from l2c.improve.changes import Where
from l2c.log import EventLog
from l2c.log.filter_words import known, parted
from l2c.log.filters import condition, said
from l2c.words import matching
from l2c.words.errors import BadFilter, BadScenario, L2CError, UnknownName


def follows(log: EventLog) -> dict[tuple[str, str], int]:
    """How often each activity comes directly after each other one, in the whole log."""

    def counted() -> dict[tuple[str, str], int]:
        rows = engine.collect(log.base.events.group_by("activity", "next_activity").agg(events=nw.len())).dropna()
        return {
            (str(a), str(b)): int(n)
            for a, b, n in rows[["activity", "next_activity", "events"]].itertuples(index=False)
        }

    return log.base.memo("follows", counted)


def named(name: Any) -> str:
    """How an activity is called that a log may not have."""
    said = " ".join(str(name).split())
    return matching.match_activity(said) or said


@dataclass(frozen=True)
class Said:
    """One entry as it stands in the file, and the log it is about."""

    number: int
    kind: str
    raw: dict[str, Any]
    log: EventLog
    new: Collection[str] = ()

    @property
    def head(self) -> str:
        """How messages call it: `desk: Contract Approved`."""
        value = self.raw[self.kind]
        parts = value if isinstance(value, (list, tuple)) else [value]
        return f"{self.kind}: {', '.join(str(part) for part in parts)}"[:80]

    @property
    def first(self) -> tuple[int, str]:
        """What every change begins with."""
        return self.number, self.head

    def wrong(self, word: str, example: str) -> L2CError:
        """The error of a word that is not filled in as it should be."""
        return BadScenario.argument(self.number, self.head, word, example)

    def lacks(self, word: str, example: str) -> L2CError:
        """The error of a word that is missing."""
        return BadScenario.lacks(self.number, self.head, word, example)

    def activity(self, name: Any = None) -> str:
        """An activity of the log, named in either language; that of the kind unless given."""
        value = self.raw[self.kind] if name is None else name
        if not isinstance(value, str):
            raise self.wrong(self.kind, next(iter(self.log.activities), "Quote Sent"))
        try:
            return known([value], self.log.base)[0]
        except UnknownName as problem:
            raise BadScenario.names(self.number, self.head, problem) from problem

    def pair(self) -> tuple[str, str]:
        """Two activities."""
        value = self.raw[self.kind]
        both = parted(value, self.log.base) if isinstance(value, str) else value
        if not isinstance(both, (list, tuple)) or len(both) != 2:
            raise self.wrong(self.kind, "[Contract Approved, Contract Signed]")
        return self.activity(both[0]), self.activity(both[1])

    def behind(self) -> str:
        """The activity behind which something is put: one of the log, or a new one."""
        name = self.raw.get("after")
        if name is None:
            raise self.lacks("after", next(iter(self.log.activities), "Quote Sent"))
        return named(name) if named(name) in self.new else self.activity(name)

    def number_of(self, word: str, value: Any, example: float, low: float, high: float) -> float:
        """A number between two bounds, both included; an error where it is missing."""
        if value is None:
            raise self.lacks(word, f"{example:g}")
        try:
            found = float(value)
        except (TypeError, ValueError):
            found = float("nan")
        if isinstance(value, bool) or not low <= found <= high:
            raise self.wrong(word, f"{example:g}")
        return found

    def where(self) -> Where:
        """The cases it is about, by what is known when they begin."""
        if "where" not in self.raw:
            return {}
        given = self.raw["where"]
        if given is None:
            raise self.lacks("where", "{region: EMEA}")
        if not isinstance(given, Mapping):
            raise self.wrong("where", "{region: EMEA}")
        found = said({str(word): value for word, value in given.items()})
        for word, value in found.items():
            if word not in self.log.attributes:
                raise BadScenario.where(self.number, self.head, word, self.log.attributes)
            try:
                condition(word, value, self.log.base, attribute=True)
            except (UnknownName, BadFilter) as problem:
                raise BadScenario.names(self.number, self.head, problem) from problem
        return found
