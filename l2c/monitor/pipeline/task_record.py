"""What was asked for which deal, and what became of it?"""

from __future__ import annotations

import os
from datetime import date, datetime
from pathlib import Path
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from l2c import engine, stats
from l2c.diagnose.tidy import noted
from l2c.log import EventLog
from l2c.log.contacts import DONE, OWN
from l2c.log.storage import TASKS
from l2c.monitor.alert_file import Source, alert_file
from l2c.monitor.came import BECAME, came
from l2c.monitor.history import keeps
from l2c.words import vocabulary
from l2c.words.errors import UnreadableLog
from l2c.words.measures import NAMES
from l2c.words.notes import Note

KINDS = TASK, UPDATE, NONE = ("task", "update", "none")
OPEN = "open"
# What stands for the alert of a deal that no alert flags.
AT_RISK = "at_risk_value"
KEPT = ("flag", "day", "kind", "alert", "case_id", "since", "due_date", "then")
CAME = ("alert", "kind", "flagged", "done", "known", *BECAME, "lost_share", "low", "high")


def read(folder: str | Path) -> pd.DataFrame:
    """The record beside a saved log: `flag, day, kind, alert, case_id, since, due_date, then`, in the order of the days.

    Raises
    ------
    UnreadableLog
        If it cannot be read.
    """
    file = Path(folder) / TASKS
    if not file.exists():
        return pd.DataFrame({name: pd.Series(dtype=str) for name in KEPT})
    try:
        rows = pd.read_csv(file, dtype=str, encoding="utf-8", keep_default_na=False)[list(KEPT)]
        for each in rows["then"]:
            datetime.fromisoformat(each)
        for each in (*rows["day"], *rows["due_date"]):
            date.fromisoformat(each)
    except (OSError, ValueError, KeyError) as error:
        raise UnreadableLog.tasks(file) from error
    return rows


def keep(folder: str | Path, table: pd.DataFrame, log: EventLog) -> Path | None:
    """Add what `monitor.tasks` found, and was written into a file, to the record beside a saved log.

    Returns
    -------
    The record; None where nothing is kept: beside a plain file, and in a report that was handed out.
    """
    place = Path(folder)
    if not keeps(place):
        return None
    new = table[table["kind"].isin(KINDS)].assign(then=log.extracted.isoformat())
    rows = pd.concat([read(place), new[list(KEPT)].fillna("").astype(str)], ignore_index=True)
    # What was only flagged and is asked for later on the same day was asked for.
    rows = rows.sort_values("kind", key=lambda kinds: kinds == NONE, kind="stable").drop_duplicates("flag")
    rows = rows.sort_values(["day", "alert", "case_id"], kind="stable", ignore_index=True)
    target = place / TASKS
    beside = place / f".{TASKS}.{os.getpid()}"
    rows.to_csv(beside, index=False, encoding="utf-8", lineterminator="\n")
    os.replace(beside, target)
    return target


def open_deals(record: pd.DataFrame, log: EventLog, flagged: pd.DataFrame) -> set[str]:
    """The deals for which what was asked is open still.

    A task is open until the log tells that it was done; one that the log does not tell of, until the day it is due: it may not have been
    loaded yet. A change of fields is not asked for again as long as the deal stands as it did then.
    """
    done, today = done_flags(log), log.clock.wall(log.extracted).date().isoformat()
    asked = record[record["kind"] == TASK]
    over = asked["flag"].map(done).eq(True) | (~asked["flag"].isin(done) & (asked["due_date"] < today))
    keys = ["alert", "case_id", "since"]
    now = flagged[keys].fillna("").astype(str)
    changed = record[record["kind"] == UPDATE].merge(now, on=keys)
    return {*asked.loc[~over, "case_id"], *changed["case_id"]}


def done_flags(log: EventLog) -> dict[str, bool]:
    """Of each task of the kit that the log tells of, whether it was done."""
    if log.base.contacts is None:
        return {}
    rows = engine.collect(log.base.contacts.filter(nw.col("kind").is_in(list(OWN))).select("flag", "kind"))
    return dict(sorted(zip(rows["flag"], rows["kind"] == DONE, strict=True), key=lambda each: each[1]))


def tasks_came(log: EventLog, folder: str | Path) -> pd.DataFrame:
    """Say of each deal that was flagged, asked for or not, what became of it since.

    Parameters
    ----------
    log
        A later state of the log: read again, with the tasks of the org in the export.
    folder
        Where it is saved, with what was asked (`tasks_asked.csv`).

    Returns
    -------
    One row per deal and day: `flag, day, alert, case_id`; `kind`: `task`, `update`, or `none` of those that were flagged and not asked
    for; `done` (missing where the log does not tell of the task); `became`: `lost`, `won`, `moved` (something else happened to it), `same`
    (nothing did), `paid`, or `left` (it is not in the log now).
    """
    rows, done = read(folder), done_flags(log)
    parts = []
    for then, part in rows.groupby("then", sort=True):
        flagged = [{"alert": a, "case_id": c} for a, c in zip(part["alert"], part["case_id"], strict=True)]
        fate = came(log, flagged, datetime.fromisoformat(str(then)))
        parts.append(part.merge(fate, on=["alert", "case_id"], how="left"))
    found = pd.concat(parts, ignore_index=True) if parts else rows.assign(became=pd.Series(dtype=object))
    known = [done.get(flag) if kind == TASK else None for flag, kind in zip(found["flag"], found["kind"], strict=True)]
    found["done"] = pd.array(known, dtype="boolean")
    return found[["flag", "day", "alert", "case_id", "kind", "done", "became"]]


def tasks_judged(log: EventLog, folder: str | Path, source: Source = None, *, level: float = 0.95) -> pd.DataFrame:
    """Count what became of the deals with a task, beside those that were flagged and got none.

    Parameters
    ----------
    log, folder
        As for `tasks_came`.
    source
        The file of alerts that was watched, for their names.

    Returns
    -------
    One row per `alert` and `kind`: how many were `flagged` (each deal once, when it was first asked for), how many tasks are `done` of those `known`,
    and of the deals `lost, won, paid, moved, same, left`; `lost_share` with `low, high` (Wilson). Deals get a task because they are graver or
    larger: the rows are no comparison of like with like, and the note says so.
    """
    found = tasks_came(log, folder)
    asked = set(found.loc[found["kind"] != NONE, "case_id"])
    found = found[(found["kind"] != NONE) | ~found["case_id"].isin(asked)]
    found = found.drop_duplicates(["alert", "case_id", "kind"])
    rows: list[tuple[Any, ...]] = []
    for (alert, kind), part in found.groupby(["alert", "kind"], sort=True):
        counts = part["became"].value_counts()
        numbers = [int(counts.get(word, 0)) for word in BECAME]
        told = part["done"].dropna()
        lost = stats.rate(numbers[0], len(part), level)
        rows.append((alert, kind, len(part), int(told.sum()) if len(told) else np.nan, len(told), *numbers, *lost))
    table = pd.DataFrame(rows, columns=list(CAME))
    order = table["kind"].map({kind: n for n, kind in enumerate(KINDS)})
    table = table.iloc[np.lexsort([order, table["alert"]])].reset_index(drop=True)
    table.attrs[NAMES] = called() | {alert.id: alert.names for alert in alert_file(source, log.base.measures)}
    return noted(table, Note("tasks_not_alike") if len(table) else Note("tasks_none_asked"))


def called() -> dict[str, tuple[str, str]]:
    """What stands for an alert, by its id, in English and Japanese."""
    return {AT_RISK: (vocabulary.label(AT_RISK), vocabulary.label(AT_RISK, "ja"))}
