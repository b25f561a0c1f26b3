"""Logs written as text, for tests that read like claims."""

import re
from datetime import datetime, timedelta

import pandas as pd
from hypothesis import strategies as st

from l2c.log import EventLog, build

ORIGIN = datetime(2025, 1, 1)
LINE = re.compile(r"\s*(?P<case>[^:\[#]+?)\s*(?:\[(?P<attributes>[^\]]*)\])?\s*:\s*(?P<events>[^#]*)")


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
