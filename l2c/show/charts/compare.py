"""Did it work: what changed, and is that more than chance?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from l2c.show import dates, numbers, tables, theme
from l2c.show.charts import marks, sheet
from l2c.show.charts.picture import Picture, finished, plain, remarked
from l2c.show.charts.standing import COLOURS, verdict
from l2c.show.map import lettering
from l2c.show.own_words import own_words
from l2c.words import phrases, vocabulary


@own_words
@sheet.house()
def compare(table: pd.DataFrame, *, lang: str = "en", currency: str | None = None) -> Picture:
    """Draw the change of each KPI as a dot with its interval, around the line of no change.

    Parameters
    ----------
    table
        What `monitor.compare` returns; `low` and `high` are the interval of the difference, `verdict` what is made of it.
    lang, currency
        `en` or `ja`; the currency of the log.

    Returns
    -------
    A picture. Changes beside trend, season and mix stand in percent of the value before, so that days and rates share one
    axis; before and after stand beside them as they are. Blue: better beyond chance; orange: worse beyond chance; grey: may
    be chance; without a dot: too little to tell.
    """
    known = table[table["before"].notna() & table["after"].notna()]
    rows = [row for row in known.to_dict("records") if row["before"]]
    if not rows:
        return plain(phrases.say("compare.few" if len(table) else "nothing", lang))
    if all(numbers.is_missing(row["difference"]) for row in rows):
        return plain(phrases.say("compare.short", lang))
    fig, ax = marks.rows([_lines(row, lang) for row in rows], axis=lambda share: _signed(share, lang))
    reach = _reach(rows)
    marks.nought(ax)
    for place, row in enumerate(rows):
        _draw(ax, place, row, reach, lang)
    ax.set_xlim(*_ends(rows, reach))
    ax.set_xlabel(phrases.say("compare.axis", lang))
    facts = [_facts(row, lang, currency) for row in rows]
    marks.beside(ax, facts, colour=[COLOURS.get(_verdict(row), theme.MUTED) for row in rows])
    note = phrases.say("compare.note", lang)
    if not all(row.get("season", True) for row in rows if not numbers.is_missing(row["difference"])):
        note += " " + phrases.say("compare.no_season", lang)
    if any(row["unit"] == "day" for row in rows):
        note += " " + phrases.say("compare.means", lang)
    if left_out := [vocabulary.label(k, lang) for k in table["kpi"] if k not in {row["kpi"] for row in rows}]:
        joined = phrases.say("compliance.join", lang).join(left_out)
        note += " " + phrases.say("compare.left_out", lang, names=joined)
    note = remarked(note, table, lang)
    lines = (phrases.named(tables.compared(row, lang), fact, lang) for row, fact in zip(rows, facts, strict=True))
    return finished(fig, _title(rows, lang), note, lines)


def _lines(row: Mapping[Any, Any], lang: str) -> str:
    """The name of a figure, with the kind of mean it is on a line of its own."""
    name, said = vocabulary.label(row["kpi"], lang), tables.compared(row, lang)
    return "\n".join([*lettering.wrap(name, 30), *filter(None, [said.removeprefix(name).strip()])])


def _verdict(row: Mapping[Any, Any]) -> str:
    if row["verdict"] == "unknown":
        return "unknown"
    return verdict(row["kpi"], up=row["difference"] > 0, sure=row["verdict"] == "beyond_chance")


def _relative(row: Mapping[Any, Any]) -> tuple[float, float, float]:
    before = abs(float(row["before"]))
    change, low, high = (
        float(row[key]) / before if not numbers.is_missing(row[key]) else float("nan")
        for key in ("difference", "low", "high")
    )
    return change, low, high


def _reach(rows: list[dict[Any, Any]]) -> float:
    """How far the axis goes: every dot up to a threefold change, and most of the intervals."""
    ends = sorted(abs(x) for row in rows for x in _relative(row) if not numbers.is_missing(x))
    dots = [abs(x) for row in rows if not numbers.is_missing(x := _relative(row)[0])]
    wide = max(max(dots), min(ends[-1], max(3 * ends[len(ends) // 2], 2 * max(dots))), 0.1)
    return min(wide, 2.0) * 1.12


def _ends(rows: list[dict[Any, Any]], reach: float) -> tuple[float, float]:
    """Both ends of the axis: no change always in sight, and nothing empty beyond the longest interval."""
    shown = [max(-reach, min(reach, x)) for row in rows for x in _relative(row) if not numbers.is_missing(x)]
    room = 0.06 * reach
    return min(-0.2 * reach, min(shown) - room), max(0.2 * reach, max(shown) + room)


def _draw(ax: Axes, place: int, row: Mapping[Any, Any], reach: float, lang: str) -> None:
    change, low, high = _relative(row)
    if numbers.is_missing(change):
        return
    found = _verdict(row)
    colour = COLOURS[found]
    if not numbers.is_missing(low) and not numbers.is_missing(high):
        marks.interval(ax, place, low, high, colour)
    if abs(change) < reach:
        marks.dot(ax, place, change, colour, hollow=found == "unsure")
        return
    up = change > 0
    edge, fill = reach if up else -reach, "white" if found == "unsure" else colour
    ax.plot([edge], [place], ">" if up else "<", color=colour, markerfacecolor=fill, markersize=8)
    ax.annotate(
        _signed(change, lang), (edge, place), (0, 8), textcoords="offset points", color=colour, fontsize=8.5,
        ha="right" if up else "left",
    )  # fmt: skip


def _facts(row: Mapping[Any, Any], lang: str, currency: str | None) -> str:
    before, after = (numbers.value(row[k], row["unit"], lang=lang, currency=currency) for k in ("before", "after"))
    return f"{before} → {after}  {phrases.say('compare.' + _verdict(row), lang)}"


def _title(rows: list[dict[Any, Any]], lang: str) -> str:
    found = [_verdict(row) for row in rows]
    start, date, end = (pd.Timestamp(rows[0][key]) for key in ("window_start", "change_date", "window_end"))
    days = dates.day(start, lang), dates.day(date, lang), dates.day(end, lang)
    windows = phrases.say("compare.windows", lang, start=days[0], date=days[1], end=days[2])
    if set(found) <= {"unsure", "unknown"}:
        return windows + phrases.say("compare.title.none", lang)
    parts = [
        phrases.say(f"compare.count.{word}", lang, n=numbers.number(found.count(word)))
        for word in ("better", "worse", "changed", "unsure", "unknown")
        if word in found
    ]
    return windows + phrases.say("compliance.join", lang).join(parts)


def _signed(share: float, lang: str) -> str:
    text = numbers.percent(share, lang, decimals=0)
    return f"+{text}" if share > 1e-9 else text
