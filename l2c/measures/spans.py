"""How long from one step to another, with the cases that have not got there yet?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from l2c import stats
from l2c.measures.facts import DAY, MILESTONES, NEVER, Facts, Flags, Times
from l2c.stats import Curve, Estimate
from l2c.words import vocabulary
from l2c.words.notes import Note

OPEN, SEEN, OTHERWISE = 0, 1, 2
# More negative durations than this: the two times do not tell what they seem to, and the KPI is refused.
TOO_MANY_NEGATIVE = 0.1
# More cases than this lack an end that a later step presupposes: the reader should know.
MANY_MISSING = 0.05


@dataclass(frozen=True, eq=False)
class Durations:
    """Times from a start to an end, one per case or object, by `case` (row of the facts).

    Attributes
    ----------
    start, end
        Microseconds since 1970; `end` is the last look where the end was not seen.
    days
        From start to end; never negative.
    cause
        SEEN, OPEN, or OTHERWISE: ended by something that rules the end out, such as a lost deal or lead.
    entry
        Days from the start to the start of history where that came later (late entry), or None.
    negative
        Left out because the end stands before the start.
    missing
        Left out because the end is missing although the case has gone on to a later step.
    """

    case: NDArray[np.int64]
    start: Times
    end: Times
    days: NDArray[np.float64]
    cause: NDArray[np.int8]
    entry: NDArray[np.float64] | None
    negative: int
    missing: int

    @property
    def censored(self) -> int:
        """How many are still open."""
        return int((self.cause == OPEN).sum())

    @property
    def note(self) -> Note | None:
        """What the reader must know, or None."""
        seen = int((self.cause == SEEN).sum())
        if self.refused:
            return Note("too_many_negative", n=self.negative, of=seen + self.negative)
        if self.negative:
            return Note("negative_left_out", n=self.negative, of=seen + self.negative)
        if self.missing > MANY_MISSING * (seen + self.missing):
            return Note("end_unrecorded", n=self.missing, of=seen + self.missing)
        return None

    @property
    def refused(self) -> bool:
        """Whether too many durations are negative to trust the rest."""
        return self.negative > TOO_MANY_NEGATIVE * ((self.cause == SEEN).sum() + self.negative)

    def of(self, some: Flags) -> Durations:
        """Return the durations of some cases; what was left out is not known by case."""
        return self.only(some[self.case])

    def only(self, kept: Flags) -> Durations:
        """Return some of the durations."""
        entry = None if self.entry is None else self.entry[kept]
        rows = [a[kept] for a in (self.case, self.start, self.end, self.days, self.cause)]
        return Durations(*rows, entry, 0, 0)  # type: ignore[arg-type, call-arg]

    def curve(self, level: float = 0.95) -> Curve:
        """Share not there yet by each day, among those that do not end otherwise."""
        return stats.survival_among(self.days, self.cause, self.entry, level)

    def median(self, level: float = 0.95) -> Estimate:
        """Days by which half are there, among those that do not end otherwise."""
        return stats.UNKNOWN if self.refused else stats.quantile(self.curve(level))


def durations(facts: Facts, start: tuple[str, ...], end: tuple[str, ...], *, rivals: tuple[str, ...] = ()) -> Durations:
    """Times from one milestone of each case to another, first to first.

    Parameters
    ----------
    start
        The first of these that the case has, in this order.
    end
        Whichever of these comes first.
    rivals
        Activities that rule the end out, besides the loss of the deal or lead.

    Notes
    -----
    A case without the end is open until the extraction, unless it was lost (that competes) or has gone on to a
    later milestone (then the end was not recorded, and the case is left out and counted). A negative duration of at
    most one unit of the coarser time is 0; a longer one is left out and counted.
    """
    began = facts.first(start[0])
    for name in start[1:]:
        began = np.where(began == NEVER, facts.first(name), began)
    ended = facts.first(*end)
    ruled_out = facts.disqualified if "Closed Lost" in end else facts.gone
    if rivals:
        ruled_out = np.minimum(ruled_out, facts.first(*rivals))
    # Where the log records no such end at all, the wait is not long but unknown.
    recorded = any(name in facts.log.activities for name in end)
    cases = np.flatnonzero((began != NEVER) & recorded)
    gone_on = _gone_on(facts, end)
    stop = np.broadcast_to(ruled_out, began.shape)
    return spans(facts, cases, began[cases], ended[cases], stop[cases], gone_on[cases], facts.unit(*start, *end))


def spans(
    facts: Facts, case: NDArray[np.int64], start: Times, end: Times, stop: Times, gone_on: Flags, unit: int
) -> Durations:
    """Durations of starts that all happened: ended, ruled out at `stop`, gone on without an end, or open."""
    seen = end != NEVER
    stopped = ~seen & (stop != NEVER)
    last = np.where(seen, end, np.where(stopped, stop, facts.until))
    length = last - start
    length = np.where((length < 0) & (length >= -unit), 0, length)
    missing = ~seen & ~stopped & gone_on
    negative = seen & (length < 0)
    # A deal lost before this start, or a start after the extraction, says nothing about the time in between.
    kept = ~missing & (length >= 0)
    entry = None
    if facts.history_start is not None:
        late = np.maximum(facts.history_start - start, 0)
        kept &= (late == 0) | (length > late)
        entry = late[kept] / DAY
    cause = np.where(seen, SEEN, np.where(stopped, OTHERWISE, OPEN)).astype(np.int8)
    return Durations(
        case[kept],
        start[kept],
        last[kept],
        length[kept] / DAY,
        cause[kept],
        entry,
        int(negative.sum()),
        int(missing.sum()),
    )


def _gone_on(facts: Facts, end: tuple[str, ...]) -> Flags:
    """Cases that have reached a milestone which the process places after the end."""
    orders = [order for name in end if (order := vocabulary.process_order(name)) is not None]
    gone_on = np.zeros(len(facts), bool)
    if not orders:
        return gone_on
    for name in MILESTONES:
        order = vocabulary.process_order(name)
        if order is not None and order > max(orders) and name != "Closed Lost":
            gone_on |= facts.first(name) != NEVER
    closing = vocabulary.process_order("Closed Won")
    if closing is not None and max(orders) <= closing + 1:
        gone_on |= facts.won != NEVER
        if "Closed Lost" in end:
            gone_on |= facts.lost != NEVER
    return gone_on
