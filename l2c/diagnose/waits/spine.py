"""What is the way from the lead to the cash, how many get how far, and where could it be shorter?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from l2c.diagnose.sale.funnel import between
from l2c.diagnose.waits.bottlenecks import COST_OF_CAPITAL, gained
from l2c.diagnose.waits.steps import steps
from l2c.discover.flow import places
from l2c.discover.happy_path import happy_path
from l2c.log import EventLog
from l2c.measures.facts import NEVER, Facts
from l2c.words import vocabulary

COLUMNS = [
    "milestone", "cases", "days_to_next", "bound_low", "bound_high", "whose_turn", "attainable_days", "attainable_low", "attainable_high",
    "from", "to",
]  # fmt: skip
# As many as a reader takes in.
STATIONS = 8
# Where a contract is signed, the deal is won by it.
SAME = {"Closed Won": "Contract Signed"}


def spine(log: EventLog, *, gains: bool = True, level: float = 0.95) -> pd.DataFrame:
    """The milestones of lead to cash, with the waits between them.

    Parameters
    ----------
    gains
        Whether to ask where it could be shorter, which takes seconds on a million events; else nothing is `attainable`.
    level
        Level of the intervals.

    Returns
    -------
    One row per milestone that the log has, in order (in one with fewer than three, such as a log of stages, at most eight activities of its happy path): `milestone`;
    `cases` that reached it; `days_to_next`: half are at the next milestone within so many days, open ones included (as in `funnel`; NaN where fewer than
    half are, and at the last), `bound_low, bound_high` (between what it lies, whatever becomes of the open ones; NaN where that hardly matters); `whose_turn`
    it is until then: `customer`, `approver`, `own_team`, None where nothing tells; `attainable_days`: the largest gain of a step on
    this way, `from`, `to`, as `bottlenecks` has it: case-days saved if everybody reached the level of the best quarter of peers with the same deals; `attainable_low,
    attainable_high`; NaN where chance explains how peers differ, or nobody can be compared.
    """
    names, facts = stations(log), Facts.of(log)
    rows = []
    for name, following in zip(names, [*names[1:], None], strict=True):
        row = {"milestone": name, "cases": int((facts.first(name) != NEVER).sum())}
        if following is not None:
            half = between(facts, name, following)
            row |= {
                "days_to_next": half["median_days"],
                "bound_low": half["bound_low"],
                "bound_high": half["bound_high"],
            }
            row["whose_turn"] = (
                vocabulary.whose_move(following) if vocabulary.process_order(following) is not None else None
            )
        rows.append(row)
    table = pd.DataFrame(rows, columns=COLUMNS)
    numbers = ["days_to_next", "bound_low", "bound_high", "attainable_days", "attainable_low", "attainable_high"]
    table = table.astype(dict.fromkeys(numbers, float)).astype(dict.fromkeys(["whose_turn", "from", "to"], object))
    table[["whose_turn", "from", "to"]] = (
        table[["whose_turn", "from", "to"]].astype(object).where(table[["whose_turn", "from", "to"]].notna(), None)
    )
    return _with_gains(table, log, level) if gains else table


def stations(log: EventLog) -> list[str]:
    """The milestones of a log; where it has fewer than three, at most eight activities of its happy path."""
    known = [
        name for name in vocabulary.milestones() if name in log.activities and SAME.get(name) not in log.activities
    ]
    if len(known) >= 3:
        return known
    path = list(dict.fromkeys(happy_path(EventLog(log.base))))
    facts = Facts.of(log)
    often = sorted(path[1:-1], key=lambda name: -int((facts.first(name) != NEVER).sum()))[: STATIONS - 2]
    return [name for name in path if name in (path[0], path[-1], *often)]


def _with_gains(table: pd.DataFrame, log: EventLog, level: float) -> pd.DataFrame:
    """Add the largest sure gain of a step between each milestone and the next."""
    place = places(log)
    rank = [place.get(name, -1) for name in table["milestone"]]
    every = steps(log)
    start, end = (every[name].map(place).to_numpy(float) for name in ("from", "to"))
    # A step lies on a way if it begins at or after one milestone, and ends at or before the next.
    way = np.searchsorted(rank, start, "right") - 1
    inside = (start < end) & (way >= 0) & (way < len(rank) - 1)
    inside &= end <= np.append(rank, np.inf)[np.minimum(way + 1, len(rank))]
    on = every[inside].assign(way=way[inside])
    found = on.join(gained(log, on, COST_OF_CAPITAL, level))
    found = (
        found[found["gain_low"] > 0].sort_values("gain_days", ascending=False).drop_duplicates("way").set_index("way")
    )
    for way_, row in found.iterrows():
        table.loc[way_, ["attainable_days", "attainable_low", "attainable_high"]] = (
            row[["gain_days", "gain_low", "gain_high"]].astype(float).to_list()
        )
        table.loc[way_, ["from", "to"]] = row[["from", "to"]].to_list()
    return table
