"""How much of what was quoted reached the bank, and where is the rest?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from l2c.measures.shortfalls import LEAKS, OPEN
from l2c.show import numbers, theme
from l2c.show.charts import marks, sheet
from l2c.show.charts.picture import Picture, finished, plain
from l2c.words import phrases, vocabulary

SUMS = ("quoted", "invoiced", "received")


@sheet.house()
def cash_bridge(table: pd.DataFrame, *, lang: str = "en", currency: str | None = None) -> Picture:
    """Draw the way from what was quoted to what was received, step by step; what is lost is warm.

    Parameters
    ----------
    table
        What `diagnose.cash_bridge` returns; of several currencies the one with the most deals is drawn.
    lang, currency
        `en` or `ja`; currency of the log, where the table names none.

    Returns
    -------
    A picture: sums in blue, what may still come pale, what is lost warm, other changes grey.
    """
    rows, currency, others = _one_currency(table, currency)
    # Where no document follows the quote, nothing can be said of what became of it.
    if len(rows) < 2 or not rows.loc[rows["kind"] == "quoted", "money"].sum():
        return plain(phrases.say("cash_bridge.none", lang))
    records = rows.to_dict("records")
    names = [marks.short(vocabulary.label(row["kind"], lang), 34) for row in records]
    fig, ax = marks.rows(names)
    starts, ends = _steps(records)
    colours = [_colour(row) for row in records]
    ax.barh(range(len(records)), ends - starts, left=starts, height=marks.THICK, color=colours)
    for place in range(len(records) - 1):
        ax.plot(
            [ends[place]] * 2, [place + marks.THICK / 2, place + 1 - marks.THICK / 2], color=theme.GREY, linewidth=0.8
        )
    ax.set_xlim(min(0.0, float(np.min([starts, ends]))), float(np.max([starts, ends])) * 1.01)
    said = [_said(row, currency, lang) for row in records]
    inks = [theme.WARM if _is_lost(row) else theme.INK for row in records]
    gap = marks.beside(ax, said, bold=True, colour=inks)
    marks.beside(ax, [numbers.count(row["cases"], "case", lang) for row in records], gap=gap)
    marks.leads(ax, marks.named(records, names))
    marks.legend(ax, _legend(records, lang))
    note = phrases.say("cash_bridge.note", lang)
    if others:
        note += " " + phrases.say("cash_bridge.currencies", lang, n=others, currency=currency or numbers.MISSING)
    return finished(fig, _title(rows, currency, lang), note)


def _one_currency(table: pd.DataFrame, currency: str | None) -> tuple[pd.DataFrame, str | None, int]:
    """The rows of the currency with the most deals, which it is, and how many others there are."""
    if not len(table):
        return table, currency, 0
    code = table["currency"].astype(object).where(table["currency"].notna(), "")
    quoted = table[table["kind"] == "quoted"].groupby(code)["cases"].sum()
    first = str(quoted.sort_index().idxmax())
    return table[code == first], first or currency, len(quoted) - 1


def _steps(records: list[dict[Any, Any]]) -> tuple[np.ndarray, np.ndarray]:
    """Where each bar begins and ends: a sum at nothing, a difference where the one before ended."""
    starts, ends, at = [], [], 0.0
    for row in records:
        start = 0.0 if row["kind"] in SUMS else at
        at = start + row["money"]
        starts.append(start)
        ends.append(at)
    return np.array(starts), np.array(ends)


def _is_lost(row: Mapping[Any, Any]) -> bool:
    return row["kind"] in LEAKS


def _colour(row: Mapping[Any, Any]) -> str:
    if row["kind"] in SUMS:
        return theme.ACCENT
    return theme.WARM if _is_lost(row) else theme.ACCENT_PALE if row["kind"] in OPEN else theme.GREY


def _legend(records: list[dict[Any, Any]], lang: str) -> dict[str, str]:
    there = {_colour(row) for row in records}
    every = {"sum": theme.ACCENT, "lost": theme.WARM, "open": theme.ACCENT_PALE, "other": theme.GREY}
    return {phrases.say(f"cash_bridge.{name}", lang): colour for name, colour in every.items() if colour in there}


def _said(row: Mapping[Any, Any], currency: str | None, lang: str) -> str:
    sign = "+" if row["money"] > 0 and row["kind"] not in SUMS else ""
    return sign + numbers.money(row["money"], currency, lang)


def _title(rows: pd.DataFrame, currency: str | None, lang: str) -> str:
    money = rows.set_index("kind")["money"]
    quoted = float(money["quoted"])
    # An invoice too many is money to be given back, not money that did not come.
    lost = float(-money[[k for k in money.index if k in LEAKS and k != "invoiced_twice"]].sum())
    # Nor will it come for an invoice too many.
    still = max(float(-money[[k for k in money.index if k in OPEN]].sum() - money.get("invoiced_twice", 0.0)), 0.0)
    key = "received" if "received" in money else "invoiced" if "invoiced" in money else "ordered"
    values = {
        "quoted": numbers.money(quoted, currency, lang),
        "lost": numbers.money(lost, currency, lang),
        "share": numbers.percent(lost / quoted, lang),
        "still": numbers.money(still, currency, lang),
        "end": numbers.money(float(money[key]), currency, lang) if key != "ordered" else "",
    }
    return phrases.say(f"cash_bridge.title.{key}" if lost > 0 else "cash_bridge.title.nothing", lang, **values)
