"""What kinds of change are there, and what of each can no log know?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from l2c.words.notes import Note

Where: TypeAlias = Mapping[str, Any]
# Working hours of a week: from and until which minute, for each day from Monday on.
Hours: TypeAlias = tuple[tuple[tuple[int, int], ...], ...]


@dataclass(frozen=True)
class Change:
    """Something that shall be otherwise.

    Attributes
    ----------
    number
        Place in the file, from 1.
    head
        What it is called: `desk: Contract Approved`.
    where
        The cases it is about, by what is known of them when they begin; empty for all.
    """

    number: int
    head: str
    where: Where = field(default_factory=dict, kw_only=True)

    @property
    def assumed(self) -> Note | None:
        """What of it no log can know."""
        return None


@dataclass(frozen=True)
class Desk(Change):
    """People at a desk: so many more, in other hours, at so many times the time a piece, no longer in batches."""

    activity: str
    add: int = 0
    hours: Hours | None = None
    speed: float = 1.0
    unbatched: bool = False

    @property
    def assumed(self) -> Note | None:
        """How fast they are is the user's word; that new ones work as those who are there is a guess."""
        if self.speed != 1:
            return Note("assumed_speed", activity=self.activity, percent=round(100 * self.speed, 1))
        if self.add:
            return Note("assumed_people", activity=self.activity, n=self.add)
        return Note("assumed_hours", activity=self.activity) if self.hours else None


@dataclass(frozen=True)
class Step(Change):
    """A step that takes a share less time, or never longer than so many days."""

    start: str
    end: str
    share: float | None = None
    longest: float | None = None

    @property
    def assumed(self) -> Note:
        """Nobody has measured that it can be done."""
        if self.share is None:
            return Note("assumed_longest", start=self.start, end=self.end, days=self.longest)
        return Note("assumed_share", start=self.start, end=self.end, percent=round(100 * self.share, 1))


@dataclass(frozen=True)
class Skip(Change):
    """An activity that is left out."""

    activity: str


@dataclass(frozen=True)
class Insert(Change):
    """An activity that is new: behind another, so many days later or after as long as it takes to get to a third."""

    activity: str
    after: str
    days: float | None = None
    like: str | None = None

    @property
    def assumed(self) -> Note:
        """How long it takes."""
        if self.days is None:
            return Note("assumed_insert_like", activity=self.activity, like=self.like)
        return Note("assumed_insert", activity=self.activity, days=self.days)


@dataclass(frozen=True)
class Move(Change):
    """An activity done behind another one, and no longer where it was.

    Attributes
    ----------
    always
        In every case.
    waits
        Only in cases in which it came before the other one.
    """

    activity: str
    after: str
    always: bool = False
    waits: bool = False

    @property
    def assumed(self) -> Note:
        """That it takes as long there as it took."""
        return Note("assumed_move", activity=self.activity, after=self.after)


@dataclass(frozen=True)
class Again(Change):
    """An activity that a share of the cases does once more."""

    activity: str
    share: float

    @property
    def assumed(self) -> Note:
        """How many."""
        return Note("assumed_again", activity=self.activity, percent=round(100 * self.share, 1))


@dataclass(frozen=True)
class Merge(Change):
    """Two activities done in one go, so many days after what came before them."""

    first: str
    second: str
    days: float

    @property
    def assumed(self) -> Note:
        """How long they take together."""
        return Note("assumed_merge", first=self.first, second=self.second, days=self.days)


@dataclass(frozen=True)
class Parallel(Change):
    """Two activities that begin together; the later one ends both."""

    first: str
    second: str


@dataclass(frozen=True)
class Attribute(Change):
    """A policy on a number, as the process sees it after some activities: a cap, or another limit."""

    name: str
    at: tuple[str, ...]
    most: float | None = None
    limit: tuple[float, float] | None = None


@dataclass(frozen=True)
class Route(Change):
    """Work that goes to a certain person at a desk."""

    activity: str
    to: str


@dataclass(frozen=True)
class Errors(Change):
    """An activity that is needed more seldom, since less goes wrong before it."""

    activity: str
    share: float

    @property
    def assumed(self) -> Note:
        """How many errors can be avoided."""
        return Note("assumed_errors", activity=self.activity, percent=round(100 * self.share, 1))


@dataclass(frozen=True)
class Payment(Change):
    """Other payment terms, and reminders; a share of the customers keeps to them."""

    share: float
    terms_days: float | None = None
    reminder_after_days: float | None = None

    @property
    def assumed(self) -> Note:
        """How many customers keep to it."""
        return Note("assumed_payment", percent=round(100 * self.share, 1))


@dataclass(frozen=True)
class Arrivals(Change):
    """More or fewer cases: so many times as many."""

    times: float

    @property
    def assumed(self) -> Note | None:
        """That what comes more is like what came."""
        return Note("assumed_arrivals") if self.times > 1 else None
