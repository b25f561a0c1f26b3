"""What became of the deals that were flagged?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from l2c import engine, stats
from l2c.log import EventLog
from l2c.log.outcomes import STATUSES
from l2c.measures.facts import NEVER, Facts, micros

COLUMNS = ("alert", "case_id", "became")
OF_ALERT = (
    "alert",
    "flagged",
    "lost",
    "won",
    "paid",
    "moved",
    "same",
    "left",
    "lost_share",
    "low",
    "high",
    "others",
    "others_lost_share",
)
BECAME = LOST, WON, PAID, MOVED, SAME, LEFT = ("lost", "won", "paid", "moved", "same", "left")


def came(log: EventLog, flagged: Sequence[Mapping[str, Any]], then: datetime) -> pd.DataFrame:
    """Say of each deal that was flagged what became of it since: `alert, case_id, became`.

    `became` is `lost`, `won` or `moved` (something else happened to it), `paid`, `same` (nothing did), or `left` (it is not in the log now).
    """
    fate = _fate(log, then)["became"].to_dict() if flagged else {}
    rows = [(str(each.get("alert")), str(each["case_id"]), fate.get(str(each["case_id"]), LEFT)) for each in flagged]
    return pd.DataFrame(rows, columns=list(COLUMNS)).drop_duplicates(ignore_index=True)


def judged(log: EventLog, fate: pd.DataFrame, then: datetime, level: float) -> pd.DataFrame:
    """Count per alert what became of its deals, beside the deals that were open then and not flagged by it.

    Returns
    -------
    One row per alert: `alert`, how many were `flagged`, and of these `lost, won, paid, moved, same, left`; `lost_share` with `low, high`
    (Wilson); of the `others` that were open then, `others_lost_share`.
    """
    every = _fate(log, then) if len(fate) else pd.DataFrame({"became": [], "open": []})
    still = every.loc[every["open"].astype(bool), "became"]
    rows: list[tuple[Any, ...]] = []
    for alert, part in fate.groupby("alert", sort=True):
        counts = part["became"].value_counts()
        lost = int(counts.get(LOST, 0))
        others = still[~still.index.isin(part["case_id"])]
        gone = stats.rate(float((others == LOST).sum()), len(others)).value
        numbers = [int(counts.get(word, 0)) for word in BECAME]
        rows.append((alert, len(part), *numbers, *stats.rate(lost, len(part), level), len(others), gone))
    return pd.DataFrame(rows, columns=list(OF_ALERT))


def _fate(log: EventLog, then: datetime) -> pd.DataFrame:
    """What became of each case that was under way then, by its id; those won by then are under way until they are paid."""
    facts, day = Facts.of(log), micros(then)
    last, paid = facts.column("ended"), facts.column("status") == STATUSES.index("paid")
    over = (facts.gone <= day) | (paid & (last <= day))
    under_way = (facts.column("started") <= day) & ~over
    won_since = (facts.won != NEVER) & (facts.won > day)
    ways = [facts.gone != NEVER, won_since, paid, last > day]
    found = np.select(ways, [LOST, WON, PAID, MOVED], SAME)
    names = engine.collect(log.cases.select("case_key", "case_id")).set_index("case_key")["case_id"]
    kept = names.reindex(facts.keys[under_way]).astype(str)
    return pd.DataFrame({"became": found[under_way], "open": (facts.won > day)[under_way]}, index=kept.to_numpy())
