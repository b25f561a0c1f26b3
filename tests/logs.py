"""Logs written as text, for tests that read like claims."""

import functools
import re
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
from hypothesis import strategies as st

import l2c
from l2c import diagnose
from l2c.log import EventLog, build

ORIGIN = datetime(2025, 1, 1)
DAY = timedelta(days=1)
LINE = re.compile(r"\s*(?P<case>[^:\[#]+?)\s*(?:\[(?P<attributes>[^\]]*)\])?\s*:\s*(?P<events>[^#]*)")

# One demo company for all tests of a process, and what is found in it: both take seconds.
demo = functools.cache(l2c.demo)


@functools.cache
def findings(names: bool = False) -> pd.DataFrame:
    """What `diagnose.findings` says of the demo company; not to be changed."""
    return diagnose.findings(demo(), names=names)


def _value(text: str) -> object:
    if text in {"True", "False"}:
        return text == "True"
    try:
        return float(text)
    except ValueError:
        return text


def rows_from_text(text: str) -> pd.DataFrame:
    """Rows of a log: one case a line, `case [attribute=value, ...]: Activity day, Activity day`."""
    rows = []
    for line in filter(str.strip, text.splitlines()):
        match = LINE.match(line)
        assert match, line
        pairs = [pair.split("=", 1) for pair in (match["attributes"] or "").split(",") if pair.strip()]
        attributes = {key.strip(): _value(value.strip()) for key, value in pairs}
        for event in match["events"].split(","):
            activity, day = event.strip().rsplit(" ", 1)
            time = ORIGIN + timedelta(days=float(day))
            rows.append({"case_id": match["case"], "activity": activity, "time": time, **attributes})
    return pd.DataFrame(rows)


def from_text(text: str, *, until: float | None = None, **facts: object) -> EventLog:
    """A log from text; days count from 2025-01-01, `until` is the day of extraction."""
    extracted = None if until is None else ORIGIN + timedelta(days=until)
    return build(rows_from_text(text), extracted=extracted, **facts)


def from_table(text: str, *, until: float | None = None, **facts: object) -> EventLog:
    """A log from a table: a header, then one event a line, cells apart by `|`; an empty cell is a missing value.

    `case_id`, `activity` and `day` (from 2025-01-01) are columns like any other; numbers become numbers.
    """
    lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    rows = pd.DataFrame(lines[1:], columns=lines[0]).replace("", None)
    for name in rows.columns.difference(["case_id", "activity", "object_id"]):
        numbers = pd.to_numeric(rows[name], errors="coerce")
        rows[name] = numbers if numbers.notna().equals(rows[name].notna()) else rows[name]
    rows["time"] = [ORIGIN + timedelta(days=float(day)) for day in rows.pop("day")]
    extracted = None if until is None else ORIGIN + timedelta(days=until)
    return build(rows, extracted=extracted, **facts)


ACTIVITIES = ["Opportunity Created", "Quote Created", "Quote Sent", "Closed Won", "Legal Review", "Demo Held"]


@st.composite
def event_rows(draw: st.DrawFn, max_events: int = 40) -> pd.DataFrame:
    """Rows of a small log with ties, repeats and missing values."""
    n = draw(st.integers(1, max_events))
    column = lambda values: draw(st.lists(values, min_size=n, max_size=n))  # noqa: E731
    hours = column(st.integers(0, 200))
    return pd.DataFrame(
        {
            "case_id": column(st.sampled_from(["a", "b", "c", "NA", "1e5"])),
            "activity": column(st.sampled_from(ACTIVITIES)),
            "time": [ORIGIN + timedelta(hours=h) for h in hours],
            "region": column(st.sampled_from(["EMEA", "APAC", None])),
        }
    )


def lifecycle_rows(seed, n=300):
    """Rows of many kinds: some without a start or an end, some turned round, some of one moment."""
    rng = np.random.default_rng(seed)
    rows = []
    for _ in range(n):
        case, activity = f"c{rng.integers(12)}", ["Quote Created", "Quote Sent", "Legal Review"][rng.integers(3)]
        begin = int(rng.integers(0, 60))
        who, thing = [None, "Ann", "Ben"][rng.integers(3)], [None, "Q1", "Q2"][rng.integers(3)]
        times = {"start": begin, "complete": begin + int(rng.integers(0, 6))}
        if rng.random() < 0.3:
            times.pop(["start", "complete"][rng.integers(2)])
        if rng.random() < 0.2:
            times["suspend" if rng.random() < 0.5 else "ate_abort"] = begin + 1
        # Some rows of an instance do not say whom or what they are about.
        rows += [(case, activity, word, day, who, thing if rng.random() < 0.8 else None) for word, day in times.items()]
    frame = pd.DataFrame(rows, columns=["case_id", "activity", "lifecycle", "day", "actor", "object_id"])
    frame["time"] = [ORIGIN + day * DAY for day in frame.pop("day")]
    return frame.drop_duplicates(ignore_index=True).assign(source_row=lambda f: np.arange(len(f)))


def spanned_rows(seed):
    """Rows with a start and an end, some without either, some the wrong way round."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {"case_id": rng.choice(list("abcdef"), 80), "activity": rng.choice(["Quote Created", "Quote Sent", "Demo"], 80)}
    )
    frame["time"] = [ORIGIN + int(day) * DAY for day in rng.integers(0, 40, 80)]
    frame["end_time"] = frame["time"] + pd.to_timedelta(rng.integers(-1, 6, 80), "D")
    frame.loc[rng.random(80) < 0.2, "end_time"] = pd.NaT
    frame.loc[rng.random(80) < 0.1, "time"] = pd.NaT
    frame["source_row"] = np.arange(80)
    return frame
