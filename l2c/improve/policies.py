"""What do caps and limits on numbers change: which way a case goes, and, of a discount, whether it is won?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from l2c.diagnose.sale.discounts import discounts
from l2c.diagnose.sale.leakage import POINT
from l2c.improve import chance
from l2c.improve.changes import Attribute, Payment
from l2c.improve.starts import Starts
from l2c.improve.stays import STATE
from l2c.improve.twin import Twin
from l2c.log import EventLog
from l2c.measures.facts import NEVER, Facts
from l2c.stats import normal
from l2c.words.errors import BadScenario
from l2c.words.notes import Note

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.int16]
INVOICED = ("Invoice Sent", "Invoice Created")
PAID, REMINDED, WON, LOST = "Payment Received", "Payment Reminder Sent", "Closed Won", "Closed Lost"
DISCOUNT = "discount"
# A limit is the one that the process has where the tree asks about a number within this part of it.
NEAR = 0.2
# Who is no longer subject to a limit looks like those well on the other side of it, not like those at its edge.
WELL_WITHIN = 0.75
EFFECT_LEVEL = 0.95


@dataclass(frozen=True, eq=False)
class Policy:
    """A cap or another limit on a number.

    Attributes
    ----------
    about
        The cases of the stays that it is about.
    column
        Place of the number among the attributes of the stays.
    at
        The activities after which the process sees the new number.
    instead
        A number that is typical of the other side of a limit.
    effect, error
        Of a discount: change of the chance of winning per point, and its standard error; NaN where it cannot be judged.
    wins
        Share won of the closed deals that it is about.
    """

    twin: Twin
    change: Attribute
    about: Flags
    column: int
    at: tuple[int, ...]
    instead: float
    effect: float = 0.0
    error: float = 0.0
    wins: float = 0.5

    @property
    def is_cap(self) -> bool:
        """Whether it caps discounts, which moves amounts and wins."""
        return self.change.most is not None and self.change.name == DISCOUNT

    @property
    def note(self) -> Note | None:
        """That the effect on winning is left out, where it cannot be judged."""
        return Note("cap_without_effect") if np.isnan(self.effect) else None

    def altered(self, values: Floats) -> Floats:
        """The number that the process sees instead of each."""
        if self.change.most is not None:
            return np.minimum(values, self.change.most)
        low, high = self.change.limit or (0.0, 0.0)
        freed = (values > low) & (values <= high) if high > low else (values > high) & (values <= low)
        return np.where(freed, self.instead, values)

    def begun(self, starts: Starts, seed: int, by_the_way: float = 0.0) -> Begun:
        """The policy in one run, with its effect on winning drawn; see `hooks.Plan.changes`."""
        own = starts.values[:, self.column]
        # Who has gone past the place where it is seen is no longer concerned.
        late = np.zeros(len(own), bool) if starts.counts is None else (starts.counts[:, list(self.at)] > 0).any(axis=1)
        some = self.about[starts.like] & np.isfinite(own) & ~late
        if starts.counts is not None:
            some |= self.about[starts.like] & np.isfinite(own) & np.isin(starts.activity, self.at)
        new = np.where(some, self.altered(own), own)
        touched = new != own
        drawn = np.random.default_rng([seed, 13, self.change.number]).standard_normal() * self.error + self.effect
        points = np.where(touched, new - np.where(touched, own, 0.0), 0.0) / POINT
        shift = points * (drawn if np.isfinite(drawn) else 0.0) - by_the_way * touched
        u = chance.uniform(seed, chance.LEVER, np.arange(len(starts)), (1 << 41) + self.change.number)
        return Begun(self, new, touched, shift, u)


@dataclass(frozen=True, eq=False)
class Begun:
    """A policy in one run: the new number of each case, whether that is another, by how much its chance moves, and its luck."""

    of: Policy
    values: Floats
    touched: Flags
    shift: Floats
    u: Floats

    def seen(self, cases: Ints, activity: Places, values: Floats) -> None:
        """Write the new number where the process sees it."""
        at = np.zeros(len(self.of.twin.activities) + 1, bool)
        at[list(self.of.at)] = True
        here = at[activity]
        values[here, self.of.column] = self.values[cases[here]]

    def won(self, cases: Ints, next_: Places) -> Places:
        """What closes a deal, where the change of its chance turns it."""
        names = self.of.twin.activities
        if WON not in names or LOST not in names:
            return next_
        won, lost = names.index(WON), names.index(LOST)
        turn = self.turn[cases]
        to_lost, to_won = (next_ == won) & (turn < 0), (next_ == lost) & (turn > 0)
        return np.where(to_lost, lost, np.where(to_won, won, next_)).astype(np.int16)

    @cached_property
    def turn(self) -> NDArray[np.int8]:
        """Of each case, whether a win of it is lost (-1), or what is lost of it is won (1)."""
        to_lost = self.u < -self.shift / max(self.of.wins, 1e-9)
        to_won = self.u < self.shift / max(1 - self.of.wins, 1e-9)
        return to_won.astype(np.int8) - to_lost.astype(np.int8)


def policy(twin: Twin, change: Attribute, about: Flags, log: EventLog) -> Policy:
    """A cap or limit, held against what the twin learnt.

    Raises
    ------
    BadScenario
        If nothing goes another way at the limit that shall move.
    """
    names = [attribute.name for attribute in twin.stays.attributes]
    if change.name not in names:
        raise BadScenario.no_limit(
            change.number, change.head, change.name, change.limit[0] if change.limit else change.most
        )
    column = names.index(change.name)
    at = tuple(twin.activities.index(name) for name in change.at)
    values = twin.stays.attributes[column].values
    values = values[np.isfinite(values)]
    if change.limit is None:
        effect = _effect(log) if change.name == DISCOUNT else (0.0, 0.0)
        return Policy(twin, change, about, column, at, np.nan, *effect, _share_won(log, twin, about))
    low, high = change.limit
    if not _asked(twin, at, column, low):
        raise BadScenario.no_limit(change.number, change.head, change.name, low)
    beyond = np.sort(values[values <= low] if high > low else values[values > low])
    typical = float(np.quantile(beyond, WELL_WITHIN if high > low else 1 - WELL_WITHIN)) if len(beyond) else low
    return Policy(twin, change, about, column, at, typical)


def _asked(twin: Twin, at: tuple[int, ...], column: int, limit: float) -> bool:
    """Whether the way after some activities depends on a number near a limit."""
    trees = twin.trees
    todo, near = [int(trees.root[activity]) for activity in at], NEAR * abs(limit)
    while todo:
        node = todo.pop()
        if trees.column[node] < 0:
            continue
        if trees.column[node] == len(STATE) + column and abs(float(trees.value[node]) - limit) <= near:
            return True
        todo += [int(trees.yes[node]), int(trees.no[node])]
    return False


def _effect(log: EventLog) -> tuple[float, float]:
    """Change of the chance of winning per point of discount, and its standard error; NaN where it cannot be judged."""
    found = log.base.memo("effect of discounts", lambda: discounts(type(log)(log.base), level=EFFECT_LEVEL).iloc[0])
    reasons = str(found["reason"].id) if isinstance(found["reason"], Note) else ""
    judged = found["verdict"] != "unknown" or reasons == "wide_effect"
    if not judged or not np.isfinite(found["value"]):
        return np.nan, np.nan
    return float(found["value"]), float(found["high"] - found["low"]) / (2 * normal(EFFECT_LEVEL))


def _share_won(log: EventLog, twin: Twin, about: Flags) -> float:
    facts = Facts.of(type(log)(log.base))
    rows = np.searchsorted(facts.keys, twin.stays.keys[about])
    won, lost = (facts.won != NEVER)[rows], (facts.lost != NEVER)[rows]
    quoted = (facts.first("Quote Sent", "Quote Created", "Quote Accepted") != NEVER)[rows]
    closed = (won | lost) & (quoted | ~quoted.any())
    return float(won[closed].mean()) if closed.any() else 0.5


def terms(log: EventLog, keys: Ints, change: Payment) -> Floats:
    """Days to pay of some cases; the usual ones where a case has none.

    Raises
    ------
    BadScenario
        If the log tells no terms.
    """
    facts = Facts.of(type(log)(log.base))
    days = facts.number("payment_terms_days")[np.searchsorted(facts.keys, keys)]
    known = np.isfinite(days)
    if not known.any() or PAID not in log.activities:
        raise BadScenario.no_terms(change.number, change.head)
    return np.where(known, days, np.median(days[known]))
