"""Who is in sight, from when until when, and how did that end?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c.log import EventLog, leads
from l2c.measures.facts import NEVER, Facts, Times
from l2c.monitor.watching import happened, stays_in_stages

Ints = NDArray[np.int64]
Of = Literal["deals", "leads"]
DEALS: Final = "deals"
LEADS: Final = "leads"
# How it ended: as hoped (won; became a deal), otherwise, or not yet.
HOPED, FAILED, OPEN = 0, 1, -1


@dataclass(frozen=True, eq=False)
class Lives:
    """Deals, or leads, with the time in which each was open; arrays have one place per row of the facts.

    Attributes
    ----------
    some
        Whether each case is one of them.
    began, over
        When it came into sight, and when that ended, in microseconds; NEVER where it has not.
    how
        How it ended: `HOPED`, `FAILED` or `OPEN`.
    ends
        The activities with which it ends as hoped, and otherwise.
    """

    facts: Facts
    of: Of
    some: NDArray[np.bool_]
    began: Times
    over: Times
    how: Ints
    ends: tuple[frozenset[str], frozenset[str]]

    @cached_property
    def happened(self) -> pd.DataFrame:
        """What happened to each while it was open, and before: `case, time, end, activity`, in order."""
        return happened(self.facts, np.where(self.some, self.facts.column("started"), NEVER), self.over, self.some)

    @cached_property
    def stays(self) -> pd.DataFrame:
        """The stages in which each was: `case, stage, start, end`; of leads, and where none are told, the last event."""
        if self.of == DEALS:
            return stays_in_stages(self.facts, self.over, lambda: self._open_events)
        rows = self._open_events
        return rows.rename(columns={"time": "start"}).assign(stage=rows["activity"].astype(str))[
            ["case", "stage", "start", "end"]
        ]

    @cached_property
    def _open_events(self) -> pd.DataFrame:
        rows = self.happened
        return rows[rows["time"].to_numpy() >= self.began[rows["case"].to_numpy()]].reset_index(drop=True)

    def open_at(self, moment: int) -> Ints:
        """Rows of the facts that are in sight at a moment."""
        return np.flatnonzero(self.some & (self.began <= moment) & (moment < self.over))


def lives(log: EventLog, of: Of = DEALS) -> Lives:
    """The deals of a log from their creation to their close, or its leads until they are deals or given up; kept with the log."""
    return log.base.plain.memo(("lives", of), lambda: _lives(log, of))


def _lives(log: EventLog, of: Of) -> Lives:
    facts = Facts.of(EventLog(log.base.plain))
    created = facts.first(leads.OPPORTUNITY)
    if of == LEADS:
        began = facts.first(leads.CREATED)
        hoped = np.where((created == NEVER) & facts.closed, np.minimum(facts.won, facts.lost), created)
        other = np.where(hoped == NEVER, facts.disqualified, NEVER)
        ends = frozenset({leads.OPPORTUNITY}), frozenset({leads.DISQUALIFIED})
        some = (began != NEVER) & (began < np.minimum(hoped, other))
    else:
        began = np.where(created == NEVER, facts.column("started"), created)
        hoped, other = facts.won, facts.lost
        ends = frozenset({"Closed Won"}), frozenset({"Closed Lost"})
        some = facts.deal
    over = np.minimum(hoped, other)
    how = np.where(over == NEVER, OPEN, np.where(hoped <= other, HOPED, FAILED))
    return Lives(facts, of, some, began, over, how, ends)
