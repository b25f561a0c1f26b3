"""Who and what forecasts too much or too little?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from l2c.show import numbers, theme
from l2c.show.charts import marks, sheet
from l2c.show.charts.picture import Picture, empty, finished, remarked
from l2c.show.map import lettering
from l2c.words import phrases

MUCH, LITTLE = "says_too_much", "says_too_little"
MOST_FORECASTERS = 20


@sheet.house()
def forecast_ledger(table: pd.DataFrame, *, lang: str = "en", currency: str | None = None) -> Picture:
    """Draw by how much more was forecast than came, per category and per person; what is beyond chance is in colour.

    Parameters
    ----------
    table
        What `monitor.forecast_bias` returns.
    lang, currency
        `en` or `ja`; currency of the log.
    """
    rows = table[table["bias"].notna()].head(MOST_FORECASTERS).to_dict("records") if len(table) else []
    if not rows:
        return empty(table, lang, "ledger.none")
    names = [_called(row) for row in rows]
    fig, ax = marks.rows(
        [lettering.shorten(name, 30) for name in names], each=0.36, axis=lambda x: _percent(x, lang), width=9.2
    )
    for place, row in enumerate(rows):
        colour = _colour(row)
        if not numbers.is_missing(row["low"]):
            marks.interval(ax, place, row["low"], row["high"], colour)
        marks.dot(ax, place, row["bias"], colour, hollow=row["verdict"] not in (MUCH, LITTLE))
    marks.nought(ax)
    facts = [_facts(row, lang, currency) for row in rows]
    bold = [_percent(row["bias"], lang) for row in rows]
    marks.beside(ax, facts, gap=marks.beside(ax, bold, bold=True, colour=[_colour(row) for row in rows]))
    lines = (
        phrases.named(name, phrases.bracketed(said, fact, lang), lang)
        for name, said, fact in zip(names, bold, facts, strict=True)
    )
    return finished(fig, _title(rows, lang), remarked(phrases.say("ledger.note", lang), table, lang), lines)


def _called(row: Mapping[Any, Any]) -> str:
    parts = [row[name] for name in ("rep", "forecast_category") if not numbers.is_missing(row[name])]
    return ", ".join(map(str, parts)) or numbers.MISSING


def _colour(row: Mapping[Any, Any]) -> str:
    return {MUCH: theme.WARM, LITTLE: theme.ACCENT}.get(str(row["verdict"]), theme.MUTED)


def _percent(value: float, lang: str) -> str:
    text = numbers.percent(value, lang, decimals=0)
    return f"+{text}" if value > 0.004 else text


def _facts(row: Mapping[Any, Any], lang: str, currency: str | None) -> str:
    said, came = (numbers.money(row[name], currency, lang) for name in ("said", "came"))
    return phrases.say("ledger.facts", lang, said=said, came=came, n=numbers.number(row["quarters"]))


def _title(rows: list[dict[Any, Any]], lang: str) -> str:
    """Categories come before people: what the company's forecast is wrong by, not who."""
    sure = [row for row in rows if row["verdict"] in (MUCH, LITTLE)]
    if not sure:
        return phrases.say("ledger.title.none", lang)
    first = sure[0]
    key = "much" if first["verdict"] == MUCH else "little"
    return phrases.say(
        f"ledger.title.{key}", lang, who=_called(first), percent=numbers.percent(abs(first["bias"]), lang, decimals=0)
    )
