"""Does a quote that waits long for its answer get lost more often?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from l2c import stats
from l2c.diagnose.tidy import few, noted, tidy
from l2c.log import EventLog
from l2c.measures.facts import DAY, NEVER, Facts, Flags
from l2c.measures.spans import MANY_MISSING, accounts
from l2c.stats import SMALLEST_SAMPLE, UNKNOWN, Estimate
from l2c.words.notes import Note

# How far after the landmark an outcome is looked for, where the log has watched the deals for so long.
HORIZON = 180.0
BY_WINNING, BY_LOSING = 1, 2


def landmarks(log: EventLog, *, days: tuple[float, ...] = (7, 14, 21), level: float = 0.95) -> pd.DataFrame:
    """Chance to win of the deals whose quote is still waiting for acceptance some days after it was sent.

    Parameters
    ----------
    days
        The landmarks: days after the first Quote Sent of a deal.
    level
        Level of the intervals.

    Returns
    -------
    One row per landmark and `group`: `landmark_days`; `group` (`accepted` and `waiting` are both still open at the
    landmark; `decided` were won or lost before it and stand outside the comparison; `difference` is waiting minus
    accepted); `value, low, high` (share won within `horizon_days` after the landmark); `lost_share, lost_low, lost_high`
    (share lost by then); `cases`, `censored` (of them still open); `horizon_days` (the same for both groups); `note`.
    A group of fewer than 20 deals has no value. Empty where the log records no acceptance.

    Notes
    -----
    Landmark analysis (Anderson, Cain and Gelber, 1983): deals are told apart by what is known on the day of the
    landmark and followed from there. Comparing the waits of won and of lost deals instead would favour waiting, since
    only a deal that is not lost yet can wait. Winning and losing compete (Aalen-Johansen), open deals are censored,
    old ones enter late; the difference has Newcombe's interval. Not adjusted for segment, amount or anything else:
    deals that wait differ from others in more than the wait.
    """
    # A landmark is a day of the calendar.
    facts = Facts.of(log.in_calendar_time())
    rows: list[tuple[object, ...]] = []
    if "Quote Accepted" in log.activities:
        for landmark in sorted(set(days)):
            rows += [(float(landmark), *row) for row in _at(facts, float(landmark), level)]
    columns = [
        "landmark_days", "group", "value", "low", "high", "lost_share", "lost_low", "lost_high", "cases", "censored",
        "horizon_days", "note",
    ]  # fmt: skip
    return noted(tidy(rows, columns), None if rows else few((), log, "Quote Accepted"))


def _at(facts: Facts, landmark: float, level: float) -> list[tuple[object, ...]]:
    """The groups of one landmark."""
    sent = facts.first("Quote Sent")
    began = sent != NEVER
    start = np.where(began, sent, 0) + round(landmark * DAY)
    closed = np.minimum(facts.won, facts.lost)
    cause = np.where(facts.won <= facts.lost, BY_WINNING, BY_LOSING) * (closed != NEVER)
    # Only deals that have reached the landmark can be told apart by it; those closed before the quote never could.
    known = began & (start <= facts.until) & (closed > np.where(began, sent, 0))
    open_ = known & (closed > start)
    accepted = facts.first("Quote Accepted") <= start
    some = {"accepted": open_ & accepted, "waiting": open_ & ~accepted}
    end = np.where(closed != NEVER, closed, facts.until)
    length = (end - start) / DAY
    history = facts.history_start
    entry = None if history is None else np.maximum(history - start, 0) / DAY
    if entry is not None:
        some = {name: who & ((entry == 0) | (length > entry)) for name, who in some.items()}
    follow = (facts.until - start) / DAY
    horizon = min((_watched(follow[who]) for who in some.values() if who.sum() >= SMALLEST_SAMPLE), default=np.nan)
    rows: list[tuple[object, ...]] = []
    found = {}
    for name in ("accepted", "waiting"):
        who = some[name]
        won, lost = (_incidence(facts, length, cause, of, entry, who, horizon, level) for of in (BY_WINNING, BY_LOSING))
        found[name] = won, lost
        note = None if who.sum() >= SMALLEST_SAMPLE else Note("few_deals", n=SMALLEST_SAMPLE)
        rows.append((name, *won, *lost, int(who.sum()), int((who & (cause == 0)).sum()), horizon, note))
    decided = known & (closed <= start)
    before = np.flatnonzero(decided)
    n, won_before = len(before), cause[before] == BY_WINNING
    shares = [
        stats.share(hit, level, accounts(facts, before)) if n >= SMALLEST_SAMPLE else UNKNOWN
        for hit in (won_before, ~won_before)
    ]
    rows.append(("decided", *shares[0], *shares[1], n, 0, np.nan, Note("closed_before")))
    gaps = [stats.rate_difference(found["waiting"][i], found["accepted"][i]) for i in (0, 1)]
    both = some["accepted"] | some["waiting"]
    note = _unrecorded(facts) if not np.isnan(gaps[0].value) else Note("too_few_deals")
    rows.append(("difference", *gaps[0], *gaps[1], int(both.sum()), int((both & (cause == 0)).sum()), horizon, note))
    return rows


def _unrecorded(facts: Facts) -> Note | None:
    """Say so where many deals were won on a quote whose acceptance nobody recorded: they seem to have waited."""
    won = (facts.won != NEVER) & (facts.first("Quote Sent") != NEVER)
    missing = int((won & (facts.first("Quote Accepted") == NEVER)).sum())
    return Note("acceptance_unrecorded", n=missing, of=won.sum()) if missing > MANY_MISSING * won.sum() else None


def _watched(follow: np.ndarray) -> float:
    """How long a group can be followed: as long as 20 of its deals passed the landmark long enough ago."""
    return float(min(HORIZON, np.sort(follow)[-SMALLEST_SAMPLE]))


def _incidence(
    facts: Facts,
    length: np.ndarray,
    cause: np.ndarray,
    of: int,
    entry: np.ndarray | None,
    who: Flags,
    horizon: float,
    level: float,
) -> Estimate:
    """Share that ends this way within the horizon, with Wilson's interval at its variance."""
    if who.sum() < SMALLEST_SAMPLE or np.isnan(horizon):
        return UNKNOWN
    late, known = None if entry is None else entry[who], accounts(facts, np.flatnonzero(who))
    curve = stats.incidence(length[who], cause[who], of, late, level, known)
    i = int(np.searchsorted(curve.time, horizon, "right")) - 1
    share, variance = (float(curve.share[i]), float(curve.variance[i])) if i >= 0 else (0.0, 0.0)
    alike = share * (1 - share) / variance if variance > 0 else float(who.sum())
    return Estimate(share, *stats.rate(share * alike, alike, level)[1:])
