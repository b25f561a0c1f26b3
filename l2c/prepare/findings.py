"""What looks odd in the data, though nothing was changed?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from l2c import engine
from l2c.log import EventLog

if TYPE_CHECKING:
    import pandas as pd

# Pairs whose order cannot be the other way round in one deal, whatever the company's process.
ORDERED = (
    ("Lead Created", "Opportunity Created"),
    ("Opportunity Created", "Closed Won"),
    ("Opportunity Created", "Quote Sent"),
    ("Quote Created", "Quote Sent"),
    ("Quote Sent", "Quote Accepted"),
    ("Discount Approval Requested", "Discount Approved"),
    ("Contract Created", "Contract Signed"),
    ("Contract Signed", "Sales Order Created"),
    ("Sales Order Created", "Order Fulfilled"),
    ("Sales Order Created", "Invoice Sent"),
    ("Invoice Sent", "Payment Received"),
)
SILENT_DAYS = 180
HOLE_DAYS = 14
NEVER = np.iinfo(np.int64).max
EPOCH = date(1970, 1, 1)


def findings(log: EventLog, unread: Mapping[str, int] | None = None) -> pd.DataFrame:
    """Report what is noticed and not repaired.

    Parameters
    ----------
    unread
        Number of cells that could not be read, by column: they were left empty.

    Returns
    -------
    One row per finding: `finding` (`unreadable values, out of process order, silent case, hole in the history,
    dates without time, activity seen once, moments shared, missing values`), `detail`, `count`, `of` (what the
    count is out of; missing where that makes no sense).
    """
    import pandas as pd

    rows: list[tuple[str, str, int, int | None]] = [
        ("unreadable values", column, count, None) for column, count in (unread or {}).items()
    ]
    events = _events(log)
    rows += _out_of_order(events)
    rows += _times(log, events)
    rows += _rare(log, events)
    rows += _missing(log)
    return pd.DataFrame(rows, columns=["finding", "detail", "count", "of"]).astype({"of": "Int64"})


def _events(log: EventLog) -> pl.DataFrame:
    """What the questions below ask of the events, brought here once instead of asked for once each."""
    arrow = log.events.select("case_key", "activity", "time", "wait_days").collect("pyarrow").to_native()
    return pl.DataFrame(pl.from_arrow(arrow))


def _out_of_order(events: pl.DataFrame) -> list[tuple[str, str, int, int | None]]:
    first = _first_times(events)
    rows: list[tuple[str, str, int, int | None]] = []
    for before, after in ORDERED:
        if {before, after} <= first.keys():
            both = (first[before] != NEVER) & (first[after] != NEVER)
            if wrong := int((both & (first[after] < first[before])).sum()):
                rows.append(("out of process order", f"{after} before {before}", wrong, int(both.sum())))
    return rows


def _first_times(events: pl.DataFrame) -> dict[str, np.ndarray]:
    """When each case, by `case_key`, first reached each of the activities whose order is known."""
    activity, case, time = (events[name].to_physical().to_numpy() for name in ("activity", "case_key", "time"))
    known = {name for pair in ORDERED for name in pair}
    names = events["activity"].unique()
    first: dict[str, np.ndarray] = {}
    for code, name in zip(names.to_physical(), names.cast(pl.String), strict=True):
        if name in known:
            there = np.flatnonzero(activity == code)
            first[name] = np.full(case.max() + 1, NEVER)
            np.minimum.at(first[name], case[there], time[there])
    return first


def _times(log: EventLog, events: pl.DataFrame) -> list[tuple[str, str, int, int | None]]:
    import narwhals as nw

    rows: list[tuple[str, str, int, int | None]] = []
    if count := events.filter(pl.col("wait_days") > SILENT_DAYS)["case_key"].n_unique():
        rows.append(("silent case", f"no event for more than {SILENT_DAYS} days", count, log.n_cases))
    number = events["time"].dt.date().to_physical().to_numpy()
    # Each day once, without looking any of them up.
    days = np.flatnonzero(np.bincount(number - number.min())) + number.min()
    for day, length in zip(days[:-1].tolist(), np.diff(days).tolist(), strict=True):
        if length > HOLE_DAYS:
            detail = f"no event of any case for {length} days after {EPOCH + timedelta(day):%Y-%m-%d}"
            rows.append(("hole in the history", detail, length, None))
    coarse = engine.collect(log.events.filter(nw.col("precision") == "day").select(nw.len().alias("n")))["n"].iloc[0]
    if coarse:
        rows.append(("dates without time", "their order within a day is not known", int(coarse), log.n_events))
    if shared := int((events["wait_days"] == 0).sum()):
        rows.append(("moments shared", "events of one case at the same moment", shared, log.n_events))
    return rows


def _rare(log: EventLog, events: pl.DataFrame) -> list[tuple[str, str, int, int | None]]:
    counted = events["activity"].value_counts().filter(pl.col("count") == 1)
    names = sorted(counted["activity"].cast(pl.String))
    return [("activity seen once", name, 1, log.n_events) for name in names[:20]]


def _missing(log: EventLog) -> list[tuple[str, str, int, int | None]]:
    import narwhals as nw

    if not log.attributes:
        return []
    counts: dict[str, int] = {}
    # In batches, since the time to plan a question grows with the square of its columns.
    for at in range(0, len(log.attributes), 100):
        batch = log.attributes[at : at + 100]
        gaps = engine.collect(log.cases.select(*[nw.col(a).is_null().cast(nw.Int64()).sum() for a in batch]))
        counts |= {a: int(gaps[a].iloc[0]) for a in batch}
    return [("missing values", f"cases without {a}", n, log.n_cases) for a, n in counts.items() if n]
