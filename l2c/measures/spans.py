"""How long from one step to another, with the cases that have not got there yet?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from l2c import stats
from l2c.measures.facts import DAY, NEVER, Facts, Flags, Times
from l2c.stats import Curve
from l2c.words import vocabulary
from l2c.words.notes import Note

if TYPE_CHECKING:
    from l2c.log.base import Base

OPEN, SEEN, OTHERWISE = 0, 1, 2
STAND_IN = {"Invoice Sent": "Invoice Created", "Quote Created": "Quote Sent"}
# Entries younger than what nearly all need, or than this part of the history, are not yet over.
LONGEST_WAIT = 0.35
# More negative durations than this: the two times do not tell what they seem to, and the KPI is refused.
TOO_MANY_NEGATIVE = 0.1
# More cases than this lack an end that a later step presupposes: the reader should know.
MANY_MISSING = 0.05


@dataclass(frozen=True, eq=False)
class Observations:
    """What was seen of one measure, a row per lead, deal, quote, order, invoice or case.

    Attributes
    ----------
    case
        Row of the facts.
    start, end
        Microseconds since 1970: when it began (to be watched), and when it ended or was last looked at.
    value
        Days of a duration, never negative; days after the due day of what may be overdue; 1 and 0 of a share; else the
        number itself.
    how
        SEEN, OPEN, or OTHERWISE: ended by something that rules the end out, such as a lost deal or lead.
    entry
        Days from the start to the start of history where that came later (late entry), or None.
    weight
        What each counts for, in the currency of the log, or None.
    account
        Code of the account of each row, or None where the log knows none: deals of one account go together.
    follow
        Days from the start to the last look, whatever became of it meanwhile, or None.
    agreed
        Days from the start to the due day, or None.
    negative, missing
        Left out because the end stands before the start, or is missing although the case has gone on to a later step.
    watched
        Since when, and until when, anything was watched.
    told
        Whether the log can tell the measure at all.
    remark
        What to know besides, or None.
    id, kind, counts_open
        Of which measure, and how its rows are summed up; whether what is open counts in its share.
    """

    case: NDArray[np.int64]
    start: Times
    end: Times
    value: NDArray[np.float64]
    how: NDArray[np.int8]
    entry: NDArray[np.float64] | None = None
    weight: NDArray[np.float64] | None = None
    account: NDArray[np.int64] | None = None
    follow: NDArray[np.float64] | None = None
    agreed: NDArray[np.float64] | None = None
    negative: int = 0
    missing: int = 0
    watched: tuple[int, int] = (0, 0)
    told: bool = True
    remark: Note | None = None
    id: str = ""
    kind: str = ""
    counts_open: bool = False

    def __len__(self) -> int:
        return len(self.case)

    @property
    def late(self) -> Flags:
        """Of days after a due day: which are over it, ended or not."""
        return self.value > 0

    @property
    def counted(self) -> Flags:
        """Which rows a share or mean is made of."""
        return (self.how != OPEN) | self.counts_open

    @property
    def note(self) -> Note | None:
        """What the reader must know, or None."""
        seen = int((self.how == SEEN).sum())
        if self.remark or not self.told:
            return self.remark
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
        return self.negative > TOO_MANY_NEGATIVE * ((self.how == SEEN).sum() + self.negative)

    def of(self, some: Flags) -> Observations:
        """Return the observations of some cases; what was left out is not known by case."""
        return self.only(some[self.case])

    def only(self, kept: Flags) -> Observations:
        """Return some of the observations."""
        rows = {name: getattr(self, name)[kept] for name in ("case", "start", "end", "value", "how")}
        more = {name: getattr(self, name) for name in ("entry", "weight", "account", "follow", "agreed")}
        rows |= {name: values[kept] for name, values in more.items() if values is not None}
        return replace(self, **rows, negative=0, missing=0)

    def mature(self, slowest: float) -> Flags:
        """Which began so early that what was going to happen has happened to nearly all like them by now.

        Parameters
        ----------
        slowest
            So many of those that ended took less time than is allowed for.
        """
        since, until = self.watched
        ended = self.how == SEEN if self.counts_open else self.how != OPEN
        took = (self.end - self.start)[ended] / DAY
        wait = min(float(np.quantile(took, slowest)), LONGEST_WAIT * (until - since) / DAY) if len(took) else 0.0
        return np.asarray(self.start <= until - wait * DAY)

    def curve(self, level: float = 0.95) -> Curve:
        """Share not there yet by each day, among those that do not end otherwise."""
        return stats.survival_among(self.value, self.how, self.entry, level, self.account)


def together(parts: Sequence[Observations]) -> Observations:
    """Put observations of one measure together, each seen as it was."""
    rows: dict[str, Any] = {
        name: np.concatenate([getattr(each, name) for each in parts])
        for name in ("case", "start", "end", "value", "how")
    }
    for name in ("entry", "weight", "account", "follow", "agreed"):
        values = [getattr(each, name) for each in parts]
        rows[name] = None if any(each is None for each in values) else np.concatenate(values)
    return replace(parts[0], **rows, watched=parts[-1].watched, negative=sum(each.negative for each in parts))


def recorded(base: Base, activity: str) -> str:
    """The activity, or in a log without it the one that stands in: an invoice is sent when it is created."""
    there, other = base.activities, STAND_IN.get(activity, activity)
    return other if activity not in there and other in there else activity


def durations(
    facts: Facts, start: tuple[str, ...], end: tuple[str, ...], *, rivals: tuple[str, ...] = ()
) -> Observations:
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
        # What was refused before it began is no answer to it.
        off = facts.first(*rivals)
        before = facts.days(off) < facts.days(began)
        ruled_out = np.minimum(ruled_out, np.where(before, NEVER, np.maximum(off, began)))
    # Where the log records no such end at all, the wait is not long but unknown.
    recorded = any(name in facts.log.activities for name in end)
    cases = np.flatnonzero((began != NEVER) & recorded)
    stop = np.broadcast_to(ruled_out, began.shape)
    return spans(
        facts, cases, began[cases], ended[cases], stop[cases], gone_on(facts, end)[cases], facts.unit(*start, *end)
    )


def spans(
    facts: Facts, case: NDArray[np.int64], start: Times, end: Times, stop: Times, past: Flags, unit: int
) -> Observations:
    """Durations of starts that all happened: ended, ruled out at `stop`, gone on without an end, or open."""
    seen = end != NEVER
    stopped = ~seen & (stop != NEVER)
    last = np.where(seen, end, np.where(stopped, stop, facts.until))
    length = last - start
    length = np.where((length < 0) & (length >= -unit), 0, length)
    missing = ~seen & ~stopped & past
    negative = seen & (length < 0)
    # A deal lost before this start, or a start after the extraction, says nothing about the time in between.
    kept = ~missing & (length >= 0)
    days = facts.elapsed(case, start, start + np.maximum(length, 0))
    entry = None
    if facts.history_start is not None:
        late = facts.elapsed(case, start, np.maximum(facts.history_start, start))
        kept &= (late == 0) | (days > late)
        entry = late[kept]
    how = np.where(seen, SEEN, np.where(stopped, OTHERWISE, OPEN)).astype(np.int8)
    return Observations(
        case[kept],
        start[kept],
        last[kept],
        days[kept],
        how[kept],
        entry,
        account=accounts(facts, case[kept]),
        negative=int(negative.sum()),
        missing=int(missing.sum()),
        watched=facts.watched,
    )


def accounts(facts: Facts, case: NDArray[np.int64]) -> NDArray[np.int64] | None:
    """The account of each of some rows."""
    return None if facts.account is None else facts.account[case]


def gone_on(facts: Facts, end: tuple[str, ...]) -> Flags:
    """Cases that have reached a milestone which the process places after the end."""
    orders = [order for name in end if (order := vocabulary.process_order(name)) is not None]
    past = np.zeros(len(facts), bool)
    if not orders:
        return past
    for name in vocabulary.milestones(ends=True):
        order = vocabulary.process_order(name)
        if order is not None and order > max(orders) and name != "Closed Lost":
            past |= facts.first(name) != NEVER
    closing = vocabulary.process_order("Closed Won")
    if closing is not None and max(orders) <= closing + 1:
        past |= facts.won != NEVER
        if "Closed Lost" in end:
            past |= facts.lost != NEVER
    return past
