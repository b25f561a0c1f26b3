"""Which lever is worth most, and what do the best ones bring together?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from l2c.improve.picking import OTHERWISE
from l2c.show import numbers, theme
from l2c.show.changes import listed
from l2c.show.charts import marks, sheet
from l2c.show.charts.picture import Picture, finished, plain
from l2c.show.map import lettering
from l2c.words import phrases

MEASURED = "measured"


@sheet.house()
def levers(
    table: pd.DataFrame, *, top: int = marks.MOST_ROWS, lang: str = "en", currency: str | None = None
) -> Picture:
    """Draw what each lever would bring, best first: money with its range, or days where the log has no amounts.

    Parameters
    ----------
    table
        What `improve.levers` returns.
    top
        How many to show at most.
    lang, currency
        `en` or `ja`; currency of the log.
    """
    if not len(table):
        return plain(phrases.say("levers.none", lang))
    if not table[["money", "difference"]].notna().any(axis=None):
        return plain(phrases.say("levers.untold", lang))
    rows = table.head(top).to_dict("records")
    paid = bool(table["money"].notna().any())
    value, low, high = ("money", "money_low", "money_high") if paid else ("difference", "low", "high")
    unit = "money" if paid else "day"
    names = [listed(row["change"], lang, currency) for row in rows]
    short = [marks.short(name, 60) for name in names]
    fig, ax = marks.rows(short, axis=lambda x: _signed(x, unit, lang, currency), width=9.6)
    for place, row in enumerate(rows):
        colour = _colour(row, low, high, paid)
        marks.interval(ax, place, row[low], row[high], colour)
        marks.dot(ax, place, row[value], colour, hollow=row["evidence"] != MEASURED)
    marks.nought(ax)
    kind = "money" if paid else "days"
    ax.set_xlabel(phrases.say(f"levers.axis.{kind}", lang))
    bold = [_signed(row[value], unit, lang, currency) for row in rows]
    gap = marks.beside(ax, bold, bold=True, colour=[_colour(row, low, high, paid) for row in rows])
    facts = [_facts(row, paid, lang) for row in rows]
    marks.beside(ax, facts, gap=gap)
    note = phrases.say(f"levers.note.{kind}", lang)
    if len(table) > top:
        note += " " + phrases.say("levers.more", lang, n=len(table) - top)
    lines = (
        phrases.named(name, f"{amount}, {fact}", lang) for name, amount, fact in zip(names, bold, facts, strict=True)
    )
    # More of everything, or other terms, are no change to how cases go; of these the chapter looks at the best more closely.
    own = next((place for place, row in enumerate(rows) if row["lever"] not in OTHERWISE), 0)
    title = _title(rows[own], names[own], paid, ".process" if own else "", lang, currency)
    return finished(fig, title, note, lines)


@sheet.house()
def best(table: pd.DataFrame, *, lang: str = "en", currency: str | None = None) -> Picture:
    """Draw days against cost: what the best levers bring, one added after the other.

    Parameters
    ----------
    table
        What `improve.best` returns.
    lang, currency
        `en` or `ja`; currency of the log.
    """
    if not len(table):
        return plain(phrases.say("best.none", lang))
    rows = table.to_dict("records")
    fig, ax = sheet.figure(8.8, 3.4)
    cost = [0.0, *(row["change_cost"] for row in rows)]
    days = [0.0, *(row["difference"] for row in rows)]
    ax.plot(cost, days, color=theme.ACCENT, linewidth=1.6)
    for number, row in enumerate(rows, 1):
        ax.plot([row["change_cost"]] * 2, [row["low"], row["high"]], color=theme.ACCENT, linewidth=2.2, alpha=0.5)
        hollow = row["evidence"] != MEASURED
        fill = "white" if hollow else theme.ACCENT
        ax.plot(
            [row["change_cost"]], [row["difference"]], "o", color=theme.ACCENT, markerfacecolor=fill, markersize=6.5
        )
        ax.annotate(
            str(number), (row["change_cost"], row["high"]), (0, 4), textcoords="offset points", ha="center", fontsize=9
        )
    ax.axhline(0, color=theme.GREY, linewidth=1, zorder=1)
    sheet.quiet(ax, grid="y")
    ax.xaxis.set_major_formatter(lambda x, _: numbers.money(x, currency, lang))
    ax.yaxis.set_major_formatter(lambda y, _: numbers.number(y, decimals=0 if abs(y) >= 10 or y == round(y) else 1))
    ax.set_xlabel(phrases.say("best.axis.cost", lang))
    ax.set_ylabel(phrases.say("best.axis.days", lang))
    said = [f"{number}  {listed(row['change'], lang, currency)}" for number, row in enumerate(rows, 1)]
    wrapped = (lettering.wrap(lettering.plain(line), 50 if sheet.is_narrow() else 38) for line in said)
    where: dict[str, Any] = {"xy": (1, 1), "xytext": (14, 0), "va": "top"}
    if sheet.is_narrow():
        where = {"xy": (0, 0), "xytext": (-20, -44), "va": "top"}
    ax.annotate(
        "\n".join(map("\n".join, wrapped)), xycoords="axes fraction", textcoords="offset points", fontsize=8.8,
        color=theme.TEXT, **where,
    )  # fmt: skip
    lines = (
        phrases.named(line, numbers.days(row["difference"], lang), lang) for line, row in zip(said, rows, strict=True)
    )
    return finished(fig, _together(rows, lang, currency), phrases.say("best.note", lang), lines)


def _title(row: Mapping[Any, Any], name: str, paid: bool, of: str, lang: str, currency: str | None) -> str:
    if paid:
        if not row["money_low"] > 0:
            return phrases.say(f"levers.title.none{of}", lang)
        said = {"money": numbers.money(row["money"], currency, lang)}
        said["range"] = numbers.interval(row["money_low"], row["money_high"], "money", lang=lang, currency=currency)
        return phrases.say(f"levers.title.money{of}", lang, lever=name, **said)
    if not row["high"] < 0:
        return phrases.say(f"levers.title.none{of}", lang)
    range_ = numbers.interval(-row["high"], -row["low"], "day", lang=lang)
    days = numbers.days(-row["difference"], lang)
    return phrases.say(f"levers.title.days{of}", lang, lever=name, days=days, range=range_)


def _together(rows: list[dict[Any, Any]], lang: str, currency: str | None) -> str:
    last = rows[-1]
    cost = numbers.money(last["change_cost"], currency, lang)
    if not last["difference"] < 0:
        return phrases.say("best.title.slower", lang, money=numbers.money(last["money"], currency, lang), cost=cost)
    days = numbers.days(-last["difference"], lang)
    if len(rows) == 1:
        return phrases.say("best.title.one", lang, lever=listed(last["change"], lang, currency), days=days, cost=cost)
    return phrases.say(
        "best.title", lang, days=days, cost=cost, range=numbers.interval(-last["high"], -last["low"], "day", lang=lang)
    )


def _facts(row: Mapping[Any, Any], paid: bool, lang: str) -> str:
    evidence = phrases.say(f"levers.evidence.{row['evidence']}", lang)
    if not paid or numbers.is_missing(row["difference"]):
        return evidence
    days = phrases.say("levers.days", lang, days=_signed(row["difference"], "day", lang, None))
    return phrases.series([days, evidence], lang)


def _colour(row: Mapping[Any, Any], low: str, high: str, paid: bool) -> str:
    """Blue is more money or fewer days, warm the contrary, grey may be chance."""
    if not (row[low] > 0 or row[high] < 0):
        return theme.MUTED
    return theme.ACCENT if (row[low] > 0) == paid else theme.WARM


def _signed(value: float, unit: str, lang: str, currency: str | None) -> str:
    text = numbers.value(value, unit, lang=lang, currency=currency)
    return f"+{text}" if value > 0 and text[:1] != "<" and any(c in "123456789" for c in text) else text
