"""What is the way from the lead to the cash, and where could it be shorter?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from l2c.measures.behind import BEHIND
from l2c.show import markup, numbers, theme
from l2c.show.behind import number
from l2c.show.markup import Html, escape
from l2c.words import phrases, vocabulary

Row = Mapping[Any, Any]
# Pixels that a milestone needs; what is left goes to the waits by their days.
_NEEDED = 88
_SMALL = "font-size:11.5px;line-height:1.35"


def spine(table: pd.DataFrame, *, lang: str = "en") -> Html:
    """Show the milestones as a strip: how many cases, the days between, whose turn it is, and in orange what can be shortened.

    Parameters
    ----------
    table
        What `discover.spine` returns.
    lang
        `en` or `ja`.

    Returns
    -------
    A strip of at most 170 pixels that breaks into lines where it is narrow. A wait is the wider the more days it has. Milestones and
    waits carry their activities as `data-milestone`, `data-from` and `data-to`, for whoever leads on from them.
    """
    rows = table.to_dict("records")
    if len(rows) < 2:
        said = phrases.say("spine.none", lang)
        return Html(f'<p style="{markup.PAPER}">{escape(said)}</p>', said)
    ends = [*(row["milestone"] for row in rows[1:]), None]
    longest = max((row["days_to_next"] for row in rows if not numbers.is_missing(row["days_to_next"])), default=1.0)
    cells = "".join(_cell(row, end, longest, lang) for row, end in zip(rows, ends, strict=True))
    notes = [phrases.say("spine.note", lang)]
    if any(_warm(row) for row in rows):
        notes.append(phrases.say("spine.note.warm", lang))
    html = (
        f'<div style="{markup.PAPER};break-inside:avoid"><div style="display:flex;flex-wrap:wrap;row-gap:12px">{cells}</div>'
        f'<div style="{_SMALL};color:{theme.MUTED};margin-top:6px">{escape(phrases.sentences(notes, lang))}</div></div>'
    )
    lines = [_in_words(row, end, lang) for row, end in zip(rows, ends, strict=True)]
    return Html(html, "\n".join([*lines, *notes]))


def _cell(row: Row, end: str | None, longest: float, lang: str) -> str:
    """A milestone, and the wait that follows it."""
    days = 0.0 if numbers.is_missing(row["days_to_next"]) else float(row["days_to_next"])
    grow = 1 + round(9 * days / longest, 2) if longest > 0 else 1
    dot = f'<span style="position:absolute;left:0;bottom:-4px;width:12px;height:12px;border-radius:50%;background:{theme.ACCENT}"></span>'
    return (
        f'<div style="flex:{grow if end else 0.5} 1 {_NEEDED}px;min-width:0">'
        f'<div style="position:relative;height:42px">{_wait(row, end, lang)}{dot}</div>'
        f'<div data-milestone="{escape(row["milestone"])}" style="padding:8px 6px 0 0;overflow-wrap:anywhere">'
        f'<div style="font-size:13px;line-height:1.25;font-weight:600">{escape(_name(row["milestone"], lang))}</div>'
        f'<div style="{_SMALL};color:{theme.MUTED}">{_cases(row, lang)}</div></div></div>'
    )


def _wait(row: Row, end: str | None, lang: str) -> str:
    if end is None:
        return ""
    colour, weight = (theme.WARM, 700) if _warm(row) else (theme.TEXT, 400)
    line = theme.WARM if _warm(row) else theme.PALE
    more = _attainable(row, lang)
    step = f' data-step="{escape(" → ".join(row["step"]))}"' if _warm(row) else ""
    return (
        f'<div data-from="{escape(row["milestone"])}" data-to="{escape(end)}"{step} title="{escape(more)}" '
        'style="position:absolute;inset:0 0 0 0">'
        f'<div style="padding:0 4px 0 16px;{_SMALL}"><div style="color:{colour};font-weight:{weight};white-space:nowrap">{escape(_days(row, lang))}</div>'
        f'<div style="color:{theme.MUTED};white-space:nowrap">{escape(_turn(row, lang))}</div></div>'
        f'<div style="position:absolute;left:6px;right:0;bottom:0;height:4px;background:{line}"></div></div>'
    )


def _warm(row: Row) -> bool:
    """Whether a step of the wait is slower than need be, beyond chance."""
    return not numbers.is_missing(row["attainable_low"]) and row["attainable_low"] > 0


def _name(milestone: str, lang: str) -> str:
    key = f"spine.{milestone}"
    return phrases.say(key, lang) if key in phrases.PHRASES else vocabulary.label(milestone, lang)


def _days(row: Row, lang: str) -> str:
    """Days by which half are at the next milestone, or between what they lie."""
    low, high = row["bound_low"], row["bound_high"]
    if numbers.is_missing(low) and numbers.is_missing(high):
        days = row["days_to_next"]
        return numbers.case_days(days, lang)
    return numbers.interval(low, high, "case_day", lang=lang)


def _turn(row: Row, lang: str) -> str:
    return phrases.say(f"spine.turn.{row['whose_turn']}", lang) if row["whose_turn"] else ""


def _attainable(row: Row, lang: str) -> str:
    if not _warm(row):
        return ""
    step = " → ".join(vocabulary.label(name, lang) for name in row["step"])
    ends = numbers.interval(row["attainable_low"], row["attainable_high"], "case_day", lang=lang)
    return phrases.say(
        "spine.attainable", lang, step=step, days=numbers.case_days(row["attainable_days"], lang), ends=ends
    )


def _in_words(row: Row, end: str | None, lang: str) -> str:
    said = {"name": _name(row["milestone"], lang), "n": numbers.number(row["cases"])}
    if end is None:
        return phrases.say("spine.last", lang, **said)
    turn = _turn(row, lang)
    text = phrases.say("spine.line" if turn else "spine.line.alone", lang, **said, days=_days(row, lang), turn=turn)
    return phrases.bracketed(text, _attainable(row, lang), lang) if _warm(row) else text


def _cases(row: Row, lang: str) -> str:
    """How many cases, as HTML that leads to them where they are known."""
    said = numbers.number(row["cases"])
    return number(said, row.get(BEHIND), phrases.named(_name(row["milestone"], lang), said, lang))
