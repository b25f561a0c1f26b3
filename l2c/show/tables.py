"""What does a result table say, in the reader's language and units?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

import pandas as pd

from l2c.diagnose.rules.files import called
from l2c.log import END, START
from l2c.measures.behind import BEHIND
from l2c.show import cells, dates, markup, numbers
from l2c.show.behind import number
from l2c.show.markup import Html, escape
from l2c.show.own_words import own_words
from l2c.words import measures, notes, phrases, vocabulary
from l2c.words.notes import Note
from l2c.words.phrases import PHRASES

# Columns whose texts are names of the vocabulary; any other text is data and stays as it is.
_NAMES = {
    "activity", "attribute", "end", "event", "expected", "from", "instead", "kpi", "left_after", "milestone",
    "next_activity", "path", "phase", "measure", "rule", "start", "step", "to", "trace", "kind", "tag", "due",
    "verdict", "severity", "other_activity", "last_activity", "level", "waits_for", "weekday", "outcome", "design",
}  # fmt: skip
# Columns that list several such names.
_LISTS = {"hides"}
ROW_UNIT = (
    {
        "value",
        "low",
        "high",
        "effect",
        "before",
        "after",
        "today",
        "changed",
        "difference",
        "target",
        "baseline",
        "raw",
        "average",
        "now",
        "others_before",
        "others_after",
        "usual",
        "lately",
    }
    | {f"{what}{end}" for what in ("expected", "realised") for end in ("", "_low", "_high")}
    | {f"{side}_{end}" for side in ("before", "after", "raw") for end in ("low", "high")}
)
# In a table of changes in percent, these are such.
_OF_PERCENT = {"percent", "low", "high", "raw", "raw_low", "raw_high"}
_SUMS = {"total_days", "case_days", "saved_days", "customer_days", "approver_days", "team_days", "batching_days"} | {
    "contention_days", "prioritisation_days", "off_duty_days", "unexplained_days", "handover_days", "gain_days",
}  # fmt: skip
_ENDINGS = {
    "_days": "day",
    "days": "day",
    "share": "fraction",
    "_rate": "fraction",
    "_amount": "money",
    "money": "money",
}
# Days that are of the calendar whatever the hours of the log, since they were agreed or are read off it.
_AGREED = {"late_days", "due_days", "landmark_days"}
# The columns that say of how many cases a row is made.
_COUNTS = ("cases", "count")
_CELL = "padding:4px 10px;border-bottom:1px solid #e5eaf1;vertical-align:top"


@own_words
def table(
    df: pd.DataFrame,
    *,
    lang: str = "en",
    currency: str | None = None,
    unit: str | None = None,
    rows: int = 20,
    caption: str = "",
) -> Html:
    """Write a result table as HTML: translated headers, formatted numbers, names in the reader's language.

    Parameters
    ----------
    df
        Any table that a function of the kit returns; a `unit` column says in which unit its row stands, and a column `behind`
        (`diagnose.behind`) by which its first number leads to its cases.
    lang, currency
        `en` or `ja`; the currency of the log, for sums of money.
    unit
        Unit of `value, low, high` and the like in a table that has no `unit` column.
    rows
        Most rows to show; what is left out is counted below the table.
    caption
        A line above the table.

    Returns
    -------
    HTML with a plain-text twin. Every text of the data is inert in it.
    """
    shown = df.head(rows)
    names = [str(c) for c in shown.columns if c != BEHIND]
    columns = [c for c in names if not (c == "unit" and ROW_UNIT & set(names))]
    leads = next((c for c in [*_COUNTS, *columns] if c in columns and is_number(df[c], c)), None)
    said = [
        [
            compared(each, lang)
            if column == "kpi" and {"horizon_days", "unit"} <= each.keys()
            else cell(each[column], column, _unit(df, column, each, unit), lang=lang, currency=currency)
            for column in columns
        ]
        for each in shown.to_dict("records")
    ]
    drawn = [
        [
            _leading(each, text, line[0], lang)
            if column == leads and each.get(BEHIND)
            else cells.drawn(each[column], text)
            for column, text in zip(columns, line, strict=True)
        ]
        for each, line in zip(shown.to_dict("records"), said, strict=True)
    ]
    heads = [vocabulary.label(column, lang) for column in columns]
    right = [is_number(df[column], column) for column in columns]
    left_out = len(df) - len(shown)
    note = phrases.say("more_rows", lang, n=numbers.number(left_out)) if left_out else ""
    if not len(df):
        note = phrases.say("no_rows", lang)
    if isinstance(why := df.attrs.get("note"), Note):
        note = " ".join(filter(None, [note, sentence(why, lang)]))
    text = "\n".join(" | ".join(line) for line in [heads, *said])
    said_all = "\n".join(filter(None, [caption, text, note]))
    return Html(grid(heads, drawn, right, caption, note), said_all, None if len(df) else note)


def _leading(row: Mapping[Any, Any], text: str, label: str, lang: str) -> Html:
    """A number that leads to its cases."""
    return Html(number(text, row[BEHIND], phrases.named(label, text, lang)), text)


def _unit(df: pd.DataFrame, column: str, row: Mapping[Any, Any], unit: str | None) -> str | None:
    """In which unit a cell stands: that of its row, unless it tells a change in percent."""
    if column in _OF_PERCENT and "percent" in df:
        return "percent"
    found: str | None = row.get("unit", unit or common_unit(df))
    return found


def sentence(note: Note, lang: str = "en") -> str:
    """Say what must be known of a whole table, such as why it is empty, as a sentence."""
    text = notes.note(note, lang)
    return f"{text}。" if lang == "ja" else f"{text[:1].upper()}{text[1:]}."


def compared(row: Mapping[Any, Any], lang: str = "en") -> str:
    """Name a figure of `monitor.compare`: a duration is a mean within the time both sides were seen, and says so."""
    known = vocabulary.label(str(row["kpi"]), lang)
    if row["unit"] != "day" or numbers.is_missing(row["horizon_days"]):
        return known
    return phrases.say("compare.mean", lang, kpi=known, horizon=numbers.days(row["horizon_days"], lang))


def texts(column: pd.Series, name: str, lang: str = "en") -> pd.Series:
    """Write a column of texts as `cell` would: names in the reader's language, data as they are."""
    if name not in _NAMES:
        return column.astype(str)
    return column.map({value: cell(value, name, lang=lang) for value in column.unique()})


def cell(
    value: Any,
    column: str,
    unit: str | None = None,
    *,
    lang: str = "en",
    currency: str | None = None,
    most: int | None = 5,
) -> str:
    """Write one cell of a result table as text; of a list of case ids, the first `most`."""
    if column == "against" and isinstance(value, tuple):
        return _compared_with(value, lang, most)
    if isinstance(value, (tuple, list)):
        return _several([_name(str(part), column, lang) for part in value], column, most)
    if numbers.is_missing(value):
        return numbers.MISSING
    if isinstance(value, Note):
        return notes.note(value, lang)
    if isinstance(value, str):
        return _name(value, column, lang)
    if isinstance(value, bool) or type(value).__name__ in ("bool", "bool_"):
        return phrases.say("yes" if value else "no", lang)
    if column == "quarter" and isinstance(value, date):
        return dates.quarter(value, lang)
    if isinstance(value, datetime):
        return dates.moment(value) if (value.hour, value.minute) != (0, 0) else f"{value:%Y-%m-%d}"
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, (int, float)) or hasattr(value, "__float__"):
        known = unit if column in ROW_UNIT and unit else unit_of(column)
        return numbers.value(value, known, lang=lang, currency=currency)
    return str(value)


def common_unit(df: pd.DataFrame) -> str | None:
    """Return the unit of the interval beside a rate: `share, low, high`."""
    return "fraction" if "share" in df and "value" not in df else None


def unit_of(column: str) -> str | None:
    """Return the unit of a result column: as the vocabulary says, else as its name ends."""
    if column in _SUMS:
        return "case_day"
    if column in _AGREED:
        return "calendar_day"
    for known in vocabulary.columns():
        if known.id == column:
            return known.unit
    return next((unit for ending, unit in _ENDINGS.items() if column.endswith(ending)), None)


def is_number(values: pd.Series, column: str) -> bool:
    """Tell whether a column is set to the right, as numbers are."""
    if values.dtype == object and (first := values.first_valid_index()) is not None:
        return cells.is_number(values.loc[first])
    return bool(pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values))


def grid(
    heads: Iterable[str], cells: Iterable[Iterable[str | Html]], right: list[bool], caption: str = "", note: str = ""
) -> str:
    """Put texts into an HTML table that scrolls sideways on a narrow screen."""
    sides = ["right" if r else "left" for r in right]
    head = "".join(
        f'<th style="{_CELL};text-align:{side};color:#64748b;font-weight:600;white-space:nowrap">{escape(name)}</th>'
        for name, side in zip(heads, sides, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(
            f'<td style="{_CELL};text-align:{side};{_wrapping(str(text), side)}">'
            f"{text.html if isinstance(text, Html) else escape(text)}</td>"
            for text, side in zip(line, sides, strict=True)
        )
        + "</tr>"
        for line in cells
    )
    top = f'<div style="font-weight:600;margin-bottom:4px">{escape(caption)}</div>' if caption else ""
    below = f'<div style="color:#64748b;margin-top:4px">{escape(note)}</div>' if note else ""
    return (
        f'<div style="{markup.PAPER};font-size:13px;{markup.SIDEWAYS}">{top}'
        f'<table style="border-collapse:collapse;font-variant-numeric:tabular-nums;margin:0"><thead><tr>{head}</tr>'
        f"</thead><tbody>{body}</tbody></table>{below}</div>"
    )


def _several(parts: list[str], column: str, most: int | None) -> str:
    if column in {"trace", "path", "step"}:
        return " → ".join(parts)
    if column in {"attribute", "value"}:
        return " × ".join(parts)
    # Thousands of case ids are for the JSON; the first few are enough to look one up.
    more = f" … (+{numbers.number(len(parts) - most)})" if most is not None and len(parts) > most else ""
    return ", ".join(parts[:most]) + more


def _compared_with(groups: tuple[Any, ...], lang: str, most: int | None) -> str:
    """The groups that one is compared with: values, or pairs of values; none are all others."""
    if not groups:
        return phrases.say("against.all", lang)
    pairs = [each if isinstance(each, tuple) else (each,) for each in groups]
    rest = phrases.say("against.rest", lang)
    return _several([" × ".join(rest if p is None else str(p) for p in each) for each in pairs], "against", most)


def _wrapping(text: str, side: str) -> str:
    # On a phone a Japanese name would else stand one sign per line.
    return "white-space:nowrap" if side == "right" or len(text) <= 18 else "min-width:12em"


def _name(text: str, column: str, lang: str) -> str:
    # The reader's own words, and the outcome of a case, whose columns of counts are called the same.
    if text in (START, END):
        return phrases.say("start" if text == START else "end", lang)
    key = f"{column}.{text}"
    if key in PHRASES:
        return phrases.say(key, lang)
    if column == "salesforce" and lang == "ja":
        for english, japanese in (both for key, both in PHRASES.items() if key.startswith("place.")):
            text = text.replace(english, japanese)
    if column in _LISTS:
        return ", ".join(vocabulary.label(part, lang) for part in text.split(", "))
    if column == "alert":
        return measures.called(text, lang) or text
    if column in _NAMES:
        return called("rule" if column == "kpi" else column, text, lang) or vocabulary.label(text, lang)
    return text
