"""What looks odd in the data, though nothing was changed?"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import cache, partial

import narwhals as nw
import pandas as pd

from l2c import engine
from l2c.log import EventLog
from l2c.prepare import littles_law
from l2c.words import vocabulary
from l2c.words.notes import Note

SILENT_DAYS = 180
HOLE_DAYS = 14
Row = tuple[str, Note | str, int, int | None]
# More names than this are no list that anybody keeps by hand.
MOST_NAMES = 20_000


def findings(log: EventLog, unread: Mapping[Note | str, int] | None = None) -> Callable[[], pd.DataFrame]:
    """Say how to find what is noticed and not repaired: the log is looked at when somebody asks, and once.

    Parameters
    ----------
    unread
        Number of cells that could not be read, by where they stand: they were left empty.

    Returns
    -------
    Computes one row per finding: `finding` (`unreadable values, out of process order, silent case, hole in the history, open deals do not add up,
    dates without time, activity seen once, moments shared, missing values, probably the same name`), `detail` (a note), `count`, `of`
    (what the count is out of; missing where that makes no sense).
    """
    return cache(partial(_findings, log, dict(unread or {})))


def _findings(log: EventLog, unread: Mapping[Note | str, int]) -> pd.DataFrame:
    rows: list[Row] = [("unreadable values", place, count, None) for place, count in unread.items()]
    paths = _paths(log)
    rows += _out_of_order(paths)
    rows += _times(log)
    rows += _flow(log)
    rows += _rare(log, paths)
    rows += _missing(log)
    rows += _alike(log)
    return pd.DataFrame(rows, columns=["finding", "detail", "count", "of"]).astype({"of": "Int64"})


def _paths(log: EventLog) -> list[tuple[tuple[str, ...], int]]:
    """The traces of the log and how many cases took each: what happened in which order needs no look at the events."""
    counted = engine.collect(log.variants.select("variant_id", "cases"))
    return list(zip(log.base.traces.loc[counted["variant_id"]], counted["cases"].tolist(), strict=True))


def _out_of_order(paths: list[tuple[tuple[str, ...], int]]) -> list[Row]:
    """Cases in which the later of two activities came first.

    Events of one moment stand in process order, so one that stands earlier than it should came earlier.
    """
    wrong, both = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for trace, cases in paths:
        there = set(trace)
        for before, after in vocabulary.orderly():
            if before in there and after in there:
                both[before, after] += cases
                wrong[before, after] += cases * (trace.index(after) < trace.index(before))
    return [
        (
            "out of process order",
            Note("before", activity=after, other=before),
            wrong[before, after],
            both[before, after],
        )
        for before, after in vocabulary.orderly()
        if wrong[before, after]
    ]


def _times(log: EventLog) -> list[Row]:
    rows: list[Row] = []
    if count := _silent(log):
        rows.append(("silent case", Note("silence", days=SILENT_DAYS), count, log.n_cases))
    time = nw.col("time")
    by_day = log.events.select(time, day=time.dt.date()).group_by("day").agg(first=time.min(), last=time.max())
    ends = engine.collect(by_day.select("first", "last"))
    # A day of UTC lies in two days of another zone at most: its first and its last event tell both.
    days = pd.concat([log.clock.shown(ends[end]) for end in ("first", "last")]).dt.normalize()
    holes = days.drop_duplicates().sort_values().reset_index(drop=True)
    for start, length in zip(holes, holes.diff().shift(-1).dt.days, strict=True):
        if length > HOLE_DAYS:
            note = Note("hole", days=int(length), day=f"{start:%Y-%m-%d}")
            rows.append(("hole in the history", note, int(length), None))
    coarse, shared = nw.col("precision") == "day", nw.col("wait_days") == 0
    events = log.events
    if log.base.knows_work:
        # Work that overlaps waits for nothing either.
        following = nw.col("time").shift(-1).over("case_key", order_by="position")
        events, shared = events.with_columns(_next=following), nw.col("_next") == nw.col("time")
    counts = {name: test.cast(nw.Int64()).sum() for name, test in (("coarse", coarse), ("shared", shared))}
    found = engine.collect(events.select(**counts)).iloc[0]
    if found["coarse"] > 0:
        rows.append(("dates without time", Note("no_clock"), int(found["coarse"]), log.n_events))
    if found["shared"] > 0:
        rows.append(("moments shared", Note("same_moment"), int(found["shared"]), log.n_events))
    return rows


def _silent(log: EventLog) -> int:
    """Cases in which nothing happened for long: between two events, or since the last one of an open case."""
    waited = log.events.filter(nw.col("wait_days") > SILENT_DAYS).select("case_key").unique()
    since = log.extracted - timedelta(days=SILENT_DAYS)
    still = log.cases.filter((nw.col("status") == "open") & (nw.col("ended") < since)).select("case_key")
    found = (engine.collect(rows)["case_key"] for rows in (waited, still))
    return len(set().union(*found))


def _flow(log: EventLog) -> list[Row]:
    """Open deals that do not add up: Little's law."""
    found = littles_law.flow(log)
    if found is None or found.fits:
        return []
    seen, expected, new = round(found.open), round(found.expected), f"{found.new:.3g}"
    told = {"seen": seen, "expected": expected, "new": new, "days": round(found.days)}
    note = Note("more_open", **told) if found.open > found.expected else Note("fewer_open", **told)
    return [("open deals do not add up", note, seen, None)]


def _rare(log: EventLog, paths: list[tuple[tuple[str, ...], int]]) -> list[Row]:
    seen = Counter[str]()
    for trace, cases in paths:
        for activity, times in Counter(trace).items():
            seen[activity] += times * cases
    names = sorted(name for name, times in seen.items() if times == 1)
    return [("activity seen once", Note("seen_once", activity=name), 1, log.n_events) for name in names[:20]]


def _missing(log: EventLog) -> list[Row]:
    if not log.attributes:
        return []
    lead = nw.col("variant_id").is_in(sorted(log.base.leads))
    leads = sum(log.standing().get(True, {}).values())
    rows: list[Row] = []
    # In batches, since the time to plan a question grows with the square of its columns.
    for at in range(0, len(log.attributes), 100):
        batch = log.attributes[at : at + 100]
        gaps = {
            name: (nw.col(a).is_null() & (lead if of_leads else ~lead)).cast(nw.Int64()).sum()
            for a in batch
            for name, of_leads in ((f"deals of {a}", False), (f"leads of {a}", True))
        }
        found = engine.collect(log.cases.select("variant_id", *batch).select(**gaps)).iloc[0]
        for a in batch:
            of_deals, of_leads = int(found[f"deals of {a}"]), int(found[f"leads of {a}"])
            # What no lead has, as an amount, is told of deals: a lead lacks nothing there.
            if 0 < leads == of_leads < log.n_cases:
                told = (Note("missing_of_deals", attribute=a), of_deals, log.n_cases - leads)
            else:
                told = (Note("missing", attribute=a), of_deals + of_leads, log.n_cases)
            rows += [("missing values", *told)] if told[1] else []
    return rows


def _alike(log: EventLog) -> list[Row]:
    """Names that differ only by spaces, case or width, such as GTXPro and GTX Pro; they are kept apart."""
    # Only what the vocabulary knows as a name: a file may have ten thousand columns.
    known = {a.id for a in vocabulary.attributes() if a.kind == "text"}
    named: dict[str, Sequence[object]] = {"activity": log.activities}
    named |= {attribute: log.base.values(attribute) for attribute in log.attributes if attribute in known}
    rows: list[Row] = []
    for what, values in named.items():
        names = [value for value in values if isinstance(value, str)]
        if not 1 < len(names) <= MOST_NAMES:
            continue
        alike: dict[str, list[str]] = {}
        for name in names:
            alike.setdefault("".join(unicodedata.normalize("NFKC", name).casefold().split()), []).append(name)
        groups = sorted(sorted(group) for group in alike.values() if len(group) > 1)
        rows += [("probably the same name", Note("alike", of=what, names=g), len(g), len(names)) for g in groups[:20]]
    return rows
