"""Has the customer of an open deal gone silent, or never taken part at all?"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from l2c.measures.engagement import engagement, gaps
from l2c.measures.facts import NEVER, Facts
from l2c.monitor.limits import FEWEST_STAYS, exceeded_by

# Silent for longer than nine in ten ever were.
SILENT = 0.1
STUCK, NEVER_STARTED, ACTIVE = "stuck", "never_started", "active"


def contacts(facts: Facts, case: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    """How it stands with the customers of open deals; nothing where the log tells of no contacts.

    Returns
    -------
    By name: `last_contact_days`, `meetings`, `contacts` (NaN where unknown) and `engagement`: `never_started` where the customer never
    took part; `stuck` where it did, and has been silent for longer than nine in ten ever are in an open deal; else `active`. None where
    the log does not tell who took part, or has too few contacts to learn how long is long.
    """
    found = engagement(facts)
    if found is None:
        return {}
    silent, limit = found.last_two_way_days[case], silent_days(facts)
    state = np.full(len(case), None, object)
    # Where only the day of the last contact is known, nobody can say who took part.
    if np.isfinite(found.meetings).any():
        state[np.isnan(silent)] = NEVER_STARTED
        known = np.isfinite(silent) & np.isfinite(limit)
        state[known] = np.where(silent[known] > limit, STUCK, ACTIVE)
    return {
        "last_contact_days": found.last_contact_days[case],
        "meetings": found.meetings[case],
        "contacts": found.contacts[case],
        "engagement": state,
    }


def silent_days(facts: Facts) -> float:
    """The days of silence of a customer that one in ten exceeds in an open deal, learnt from the whole log; NaN where too few are known."""

    def made() -> float:
        whole = facts.whole()
        rows = gaps(whole, np.minimum(whole.won, whole.gone))
        if rows is None:
            return float("nan")
        case, start, end = (rows[name].to_numpy(np.int64) for name in ("case", "start", "end"))
        seen = (end != NEVER) & (end <= whole.until)
        if seen.sum() < FEWEST_STAYS:
            return float("nan")
        days = whole.elapsed(case, start, np.where(seen, end, whole.until))
        return exceeded_by(days, seen, np.zeros(len(days)), SILENT)

    return facts.log.base.memo(("silence", facts.until), made)
