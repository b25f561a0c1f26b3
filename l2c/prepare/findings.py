"""What looks odd in the data, though nothing was changed?"""

from __future__ import annotations

from collections.abc import Mapping

import narwhals as nw
import pandas as pd

from l2c import engine
from l2c.log import EventLog

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
    rows: list[tuple[str, str, int, int | None]] = [
        ("unreadable values", column, count, None) for column, count in (unread or {}).items()
    ]
    rows += _out_of_order(log)
    rows += _times(log)
    rows += _rare(log)
    rows += _missing(log)
    return pd.DataFrame(rows, columns=["finding", "detail", "count", "of"]).astype({"of": "Int64"})


def _out_of_order(log: EventLog) -> list[tuple[str, str, int, int | None]]:
    pairs = [pair for pair in ORDERED if set(pair) <= set(log.activities)]
    if not pairs:
        return []
    names = list(dict.fromkeys(name for pair in pairs for name in pair))
    activity, time = nw.col("activity"), nw.col("time")
    first = {f"_{i}": nw.when(activity == name).then(time).min() for i, name in enumerate(names)}
    times = log.events.filter(activity.is_in(names)).group_by("case_key").agg(**first)
    sums: dict[str, nw.Expr] = {}
    for i, pair in enumerate(pairs):
        before, after = (nw.col(f"_{names.index(name)}") for name in pair)
        sums[f"wrong{i}"] = (after < before).cast(nw.Int64()).sum()
        sums[f"both{i}"] = (~before.is_null() & ~after.is_null()).cast(nw.Int64()).sum()
    found = engine.collect(times.select(**sums)).iloc[0]
    return [
        ("out of process order", f"{after} before {before}", int(found[f"wrong{i}"]), int(found[f"both{i}"]))
        for i, (before, after) in enumerate(pairs)
        if found[f"wrong{i}"] > 0
    ]


def _times(log: EventLog) -> list[tuple[str, str, int, int | None]]:
    rows: list[tuple[str, str, int, int | None]] = []
    silent = log.events.filter(nw.col("wait_days") > SILENT_DAYS).select("case_key").unique()
    if count := int(engine.collect(silent.select(nw.len().alias("n")))["n"].iloc[0]):
        rows.append(("silent case", f"no event for more than {SILENT_DAYS} days", count, log.n_cases))
    days = engine.collect(log.events.select(nw.col("time").dt.date().alias("day")).unique())["day"]
    holes = pd.to_datetime(days).sort_values().reset_index(drop=True)
    for start, length in zip(holes, holes.diff().shift(-1).dt.days, strict=True):
        if length > HOLE_DAYS:
            detail = f"no event of any case for {int(length)} days after {start:%Y-%m-%d}"
            rows.append(("hole in the history", detail, int(length), None))
    coarse, shared = nw.col("precision") == "day", nw.col("wait_days") == 0
    counts = {name: test.cast(nw.Int64()).sum() for name, test in (("coarse", coarse), ("shared", shared))}
    found = engine.collect(log.events.select(**counts)).iloc[0]
    if found["coarse"] > 0:
        rows.append(("dates without time", "their order within a day is not known", int(found["coarse"]), log.n_events))
    if found["shared"] > 0:
        rows.append(("moments shared", "events of one case at the same moment", int(found["shared"]), log.n_events))
    return rows


def _rare(log: EventLog) -> list[tuple[str, str, int, int | None]]:
    counted = log.events.group_by("activity").agg(n=nw.len()).filter(nw.col("n") == 1)
    names = sorted(engine.collect(counted)["activity"])
    return [("activity seen once", name, 1, log.n_events) for name in names[:20]]


def _missing(log: EventLog) -> list[tuple[str, str, int, int | None]]:
    if not log.attributes:
        return []
    counts: dict[str, int] = {}
    # In batches, since the time to plan a question grows with the square of its columns.
    for at in range(0, len(log.attributes), 100):
        batch = log.attributes[at : at + 100]
        gaps = engine.collect(log.cases.select(*[nw.col(a).is_null().cast(nw.Int64()).sum() for a in batch]))
        counts |= {a: int(gaps[a].iloc[0]) for a in batch}
    return [("missing values", f"cases without {a}", n, log.n_cases) for a, n in counts.items() if n]
