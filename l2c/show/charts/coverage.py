"""How much pipeline does it take to win what is to be won?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from l2c.show import numbers, theme
from l2c.show.charts import sheet
from l2c.show.charts.picture import Picture, empty, finished, remarked
from l2c.words import phrases


@sheet.house()
def coverage(table: pd.DataFrame, *, lang: str = "en", currency: str | None = None) -> Picture:
    """Draw how much pipeline stood for each amount won, by how far the quarter had gone, and where today is.

    Parameters
    ----------
    table
        What `monitor.coverage` returns; of groups the first is drawn.
    lang, currency
        `en` or `ja`; currency of the log.
    """
    known = table[table["value"].notna()] if len(table) else table
    if not len(known):
        return empty(table, lang, "coverage.none")
    if "group" in known and known["group"].notna().any():
        known = known[known["group"] == known["group"].dropna().iloc[0]]
    known = known.sort_values("day", kind="stable")
    fig, ax = sheet.figure(8.8, 2.9)
    ax.fill_between(known["day"], known["low"], known["high"], color=theme.ACCENT_PALE, alpha=0.7, linewidth=0)
    ax.plot(known["day"], known["value"], color=theme.ACCENT, linewidth=2)
    today = known[known["today"].notna()]
    for row in today.to_dict("records"):
        ax.plot([row["day"]], [row["value"]], "o", color=theme.INK, markersize=7)
    ax.set_xlabel(phrases.say("coverage.days", lang))
    ax.set_ylim(bottom=0)
    ax.yaxis.set_major_formatter(lambda y, _: _times(y))
    sheet.quiet(ax, grid="y")
    row = (today if len(today) else known).to_dict("records")[0]
    lines = (
        f"{numbers.value(each['day'], 'calendar_day', lang=lang)}: {_times(each['value'])}"
        for each in known.to_dict("records")
    )
    return finished(fig, _title(row, lang, currency), remarked(phrases.say("coverage.note", lang), table, lang), lines)


def _times(value: float) -> str:
    return numbers.number(value, decimals=1)


def _title(row: Mapping[Any, Any], lang: str, currency: str | None) -> str:
    days = numbers.value(row["day"], "calendar_day", lang=lang)
    title = phrases.say("coverage.title", lang, days=days, value=_times(row["value"]))
    if numbers.is_missing(row["today"]) or numbers.is_missing(row["expected"]):
        return title
    today, expected = (numbers.money(row[name], currency, lang) for name in ("today", "expected"))
    return phrases.say("coverage.today", lang, title=title, today=today, expected=expected)
