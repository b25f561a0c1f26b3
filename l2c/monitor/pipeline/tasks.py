"""What shall be asked of whom for the deals that are flagged? A file for Salesforce, and never more than a file."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from l2c import engine
from l2c.diagnose.tidy import noted
from l2c.log import EventLog
from l2c.log.addresses import DEAL
from l2c.monitor.alert_file import DEALS, Source
from l2c.monitor.alerts import alerts
from l2c.monitor.judge import File
from l2c.monitor.pipeline import task_record
from l2c.monitor.pipeline.open_deals import open_deals
from l2c.monitor.pipeline.task_record import AT_RISK, NONE, OPEN, TASK, UPDATE
from l2c.prepare.pseudonyms import unnamed
from l2c.words import phrases
from l2c.words.errors import BadOption
from l2c.words.measures import NAMES
from l2c.words.notes import Note, note, several

COLUMNS = ("flag", "day", "kind", "alert", "case_id", "since", "due_date", "severity", "subject", "text", "owner_id")
MOST_TASKS = 50
DAYS = 7
# As Salesforce has them.
LONGEST_SUBJECT, LONGEST_TEXT = 255, 32_000
USER = re.compile(r"005[0-9A-Za-z]{12}(?:[0-9A-Za-z]{3})?")
# Fields that a file may change: those of the org's own, and the next step. What tells how a deal stands is for people to change.
FIELD = re.compile(r"[A-Za-z]\w*__c|NextStep")
# What a spreadsheet would take for a formula.
FORMULA = re.compile(r"^[=+\-@\s]+")


def tasks(
    log: EventLog,
    folder: str | Path | None = None,
    source: Source = None,
    *,
    rules: File = None,
    most: int = MOST_TASKS,
    due: date | None = None,
    owners: Mapping[str, str] | None = None,
    at_risk: bool = False,
    update: bool = False,
    names: bool = False,
    lang: str = "en",
) -> pd.DataFrame:
    """Say which of the open deals that are flagged shall get a task.

    Parameters
    ----------
    folder
        Where the log is saved; what was asked before stands there (`tasks_asked.csv`), and is not asked again.
    source, rules
        What is watched, as for `monitor.alerts`; only its alerts of open deals count.
    most
        Deals that get a task, the gravest first, then the most money.
    due
        The day by which it is due; a week after the extraction unless given.
    owners
        Ids of users by their names (see `owner_ids`).
    at_risk
        Take the open deals with the most value at risk (`monitor.open_deals`) instead of those that are flagged; their `alert` is
        `at_risk_value`.
    update
        Ask for a change of fields instead of a task.
    names
        Whether texts may name people.
    lang
        `en` or `ja`: the language of subject and text, and of the org's words for priority and status.

    Returns
    -------
    One row per open deal with an id of Salesforce that is flagged, as `monitor.alerts` orders them: `flag`, by which the task is known
    again; `day` of the extraction; `kind`: `task` or `update`, `open` where an earlier one is open still, `none` beyond the `most`;
    `alert` (the gravest of the deal), `case_id`, `since`, `due_date`, `severity`, `subject`, `text`, and `owner_id`, where the log or
    `owners` know it. `attrs["note"]` says what was left out, and why.
    """
    found = _at_risk(log) if at_risk else _flagged(log, source, rules)
    with_id = [DEAL.fullmatch(str(id)) is not None for id in found["case_id"]]
    table = found[np.array(with_id, bool)].reset_index(drop=True)
    day = log.clock.wall(log.extracted).date()
    last = due or day + timedelta(days=DAYS)
    if last < day:
        raise BadOption.due(last, day)
    table = table.assign(flag=[_flag(log, a, c, day) for a, c in zip(table["alert"], table["case_id"], strict=True)])
    table = table.assign(day=day.isoformat(), due_date=last.isoformat())
    asked = task_record.open_deals(task_record.read(folder), log, table) if folder is not None else set()
    still = table["case_id"].isin(asked)
    free = np.where((~still).cumsum() <= most, UPDATE if update else TASK, NONE)
    table["kind"] = np.where(still, OPEN, free).astype(object)
    called = [found.attrs[NAMES].get(a, (a, a))[lang == "ja"] for a in table["alert"]]
    table["subject"] = [_subject(name, flag) for name, flag in zip(called, table["flag"], strict=True)]
    texts = unnamed([_plain(note(text, lang), LONGEST_TEXT) for text in table["text"]], log, names=names)
    table["text"], table["owner_id"] = texts, _owners(log, table["case_id"], owners or {})
    # Every open deal is at some risk: those beyond the most are not flagged.
    table = table[table["kind"] != NONE].reset_index(drop=True) if at_risk else table
    notes = _notes(table, with_id.count(False))
    return noted(table[list(COLUMNS)], several(notes) if notes else None)


def _flagged(log: EventLog, source: Source, rules: File) -> pd.DataFrame:
    """The open deals that an alert flags, each with the gravest: `alert, case_id, since, severity, text`."""
    found = alerts(log, source, rules=rules)
    rows = found[found["watch"] == DEALS].drop_duplicates("case_id", ignore_index=True)
    since = [None if pd.isna(each) else f"{each:%Y-%m-%d}" for each in rows["since"]]
    rows = rows.assign(since=pd.Series(since, rows.index, object))
    rows.attrs[NAMES] = found.attrs.get(NAMES, {})
    return rows


def _at_risk(log: EventLog) -> pd.DataFrame:
    """The open deals with the most value at risk; like `_flagged`."""
    found = open_deals(log, names=False).dropna(subset=[AT_RISK]).reset_index(drop=True)
    why = [
        several([Note("task_at_risk", share=float(share)), *reasons])
        for share, reasons in zip(found["win_share"], found["reasons"], strict=True)
    ]
    rows = pd.DataFrame({"case_id": found["case_id"], "alert": AT_RISK, "since": None, "severity": "medium"})
    rows = rows.assign(text=pd.Series(why, rows.index, object))
    rows.attrs[NAMES] = task_record.called()
    return rows


def owner_ids(file: str | Path) -> dict[str, str]:
    """The ids of users by their names, of an export of User (`Id, Name`, and `IsActive` where it is there).

    Names of two users, and users who are no longer active, are left out.

    Raises
    ------
    BadOption
        If it is no such file.
    """
    try:
        rows = pd.read_csv(file, dtype=str, encoding="utf-8-sig", keep_default_na=False)
        active = (
            rows["IsActive"].str.lower().isin(["true", "1", "yes"])
            if "IsActive" in rows
            else pd.Series(True, rows.index)
        )
        known = rows[active & rows["Id"].str.fullmatch(USER.pattern)].drop_duplicates("Name", keep=False)
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise BadOption.owners(file) from error
    return dict(zip(known["Name"], known["Id"], strict=True))


def for_loader(table: pd.DataFrame, *, update: Mapping[str, str] | None = None, lang: str = "en") -> str:
    """Write what `tasks` found as a file for Data Loader: CSV of one record a line, with the API names of the fields above.

    Parameters
    ----------
    update
        Values by field, for records of Opportunity to be updated; tasks to be inserted unless given.

    Raises
    ------
    BadOption
        If a field may not be changed, or a value could be taken for a formula.
    """
    changed = {} if update is None else {field: _value(field, value) for field, value in update.items()}
    if update is not None:
        rows = [{"Id": id, **changed} for id in table.loc[table["kind"] == UPDATE, "case_id"]]
    else:
        asked = table[table["kind"] == TASK]
        owned = bool(asked["owner_id"].notna().any())
        rows = [_record(each, owned, lang) for each in asked.to_dict("records")]
    stream = io.StringIO()
    columns = list(rows[0]) if rows else ["Id", *changed] if update is not None else ["Subject", "WhatId"]
    writer = csv.DictWriter(stream, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def _record(row: Mapping[Any, Any], owned: bool, lang: str) -> dict[str, str]:
    """A task as Salesforce has it."""
    found = {
        "Subject": row["subject"],
        "WhatId": row["case_id"],
        "ActivityDate": row["due_date"],
        "Priority": phrases.say(f"tasks.priority.{row['severity']}", lang),
        "Status": phrases.say("tasks.status", lang),
        "Description": row["text"],
    }
    return found | ({"OwnerId": row["owner_id"] if isinstance(row["owner_id"], str) else ""} if owned else {})


def _flag(log: EventLog, alert: str, case_id: str, day: date) -> str:
    """By what a task is known again: another one for each alert, deal and day."""
    return hashlib.sha256(f"{log.base.id} {alert} {case_id} {day}".encode("utf-8", "surrogatepass")).hexdigest()[:8]


def _subject(name: str, flag: str) -> str:
    mark = f" (l2c-{flag})"
    return _plain(name, LONGEST_SUBJECT - len(mark)) + mark


def _plain(text: str, longest: int) -> str:
    """A text on one line that nothing takes for a formula."""
    return FORMULA.sub("", re.sub(r"[\s\x00-\x1f\x7f]+", " ", text)).strip()[:longest]


def _value(field: str, value: str) -> str:
    if not FIELD.fullmatch(field):
        raise BadOption.update(field)
    is_number = re.fullmatch(r"-?\d+(\.\d+)?", value) is not None
    if re.search(r"[\x00-\x1f\x7f]", value) or (FORMULA.match(value) and not is_number):
        raise BadOption.update_value(field, value)
    return value


def _owners(log: EventLog, case_ids: pd.Series, known: Mapping[str, str]) -> list[str | None]:
    """The id of who owns each deal, where the log itself (an export without users) or the given names tell it."""
    if "rep" not in log.attributes or not len(case_ids):
        return [None] * len(case_ids)
    name = "owner_now" if "owner_now" in log.attributes else "rep"
    rows = engine.collect(log.cases.select("case_id", name)).set_index("case_id")[name]
    found = rows.reindex(case_ids).tolist()
    return [str(each) if USER.fullmatch(str(each)) else known.get(str(each)) for each in found]


def _notes(table: pd.DataFrame, without: int) -> list[Note]:
    counts = table["kind"].value_counts()
    notes = [Note("tasks_no_id", n=without)] if without else []
    notes += [Note("tasks_open", n=int(counts[OPEN]))] if OPEN in counts else []
    notes += [Note("tasks_more", n=int(counts[NONE]))] if NONE in counts else []
    lost = int(table.loc[table["kind"] == TASK, "owner_id"].isna().sum())
    return [*notes, *([Note("tasks_no_owner", n=lost)] if lost else [])]
