"""How does a list of estimates become a table whose columns keep their types, even when it is empty?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from l2c.log import EventLog
from l2c.stats import SMALLEST_SAMPLE
from l2c.words.notes import Note

TEXTS = {"from", "to", "waits_for", "measure", "unit", "kind", "object", "group", "note"}
COUNTS = {"cases", "censored", "count", "events", "lost"}


def tidy(rows: Sequence[tuple[object, ...]], columns: Sequence[str]) -> pd.DataFrame:
    """Make a table: texts stay objects (None where there is none), counts are whole, all else are numbers."""

    def kind(name: str) -> type:
        return object if name in TEXTS else int if name in COUNTS else float

    data = {name: pd.Series([row[place] for row in rows], dtype=kind(name)) for place, name in enumerate(columns)}
    return pd.DataFrame(data, columns=list(columns))


def noted(table: pd.DataFrame, note: Note | None) -> pd.DataFrame:
    """Say of a whole table what must be known of it, above all why it is empty: in `attrs["note"]`, where `show` finds it."""
    if note is not None:
        table.attrs["note"] = note
    return table


def few(sizes: Iterable[int], log: EventLog | None = None, *activities: str) -> Note:
    """Say why there is no group to show: the log records none of some activities, or the largest group is too small."""
    if log is not None and not set(activities) & set(log.base.activities):
        return Note("lacks_activities", activities=activities)
    most = max(sizes, default=0)
    return Note("few_in_groups", n=SMALLEST_SAMPLE, most=most) if most else Note("nothing_to_measure")
