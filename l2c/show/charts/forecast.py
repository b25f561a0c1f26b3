"""How much will be won in the months to come, from the deals that are open and from those that are not opened yet?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from l2c.show import dates, numbers, theme
from l2c.show.charts import marks, narrow, sheet
from l2c.show.charts.picture import Picture, empty, finished
from l2c.show.tables import sentence
from l2c.words import phrases
from l2c.words.notes import Note

# What stands beside the forecast, as far as a log has it, and its mark.
COMPARED = {"stage_weighted": "D", "probability": "^", "commit": "|", "best_case": "x"}


@sheet.house()
def forecast(table: pd.DataFrame, *, lang: str = "en", currency: str | None = None) -> Picture:
    """Draw what is expected to be won per period with its range; open deals and deals to come are told apart.

    Parameters
    ----------
    table
        What `monitor.forecast` returns. Below each bar what the stage-weighted pipeline, Salesforce's own probability and its
        categories say of the open deals, where the log has them.
    lang, currency
        `en` or `ja`; currency of the log.

    Returns
    -------
    A picture whose caption says by how much each of them was wrong at earlier dates.
    """
    if not len(table):
        return empty(table, lang, "forecast.none")
    if not table["total"].notna().any():
        return empty(table, lang, "forecast.untold")
    rows = table.to_dict("records")
    names = [period(row, lang) for row in rows]
    fig, ax = marks.rows(names, each=0.66, axis=lambda x: numbers.money(x, currency, lang), width=9.2)
    open_, coming = (table[name].fillna(0).to_numpy(float) for name in ("value", "to_come"))
    places = np.arange(len(rows)) - 0.1
    ax.barh(places, open_, height=0.36, color=theme.ACCENT)
    ax.barh(places, coming, left=open_, height=0.36, color=theme.ACCENT_PALE)
    marks.ranges(ax, places, table["total_low"], table["total_high"])
    compared = [name for name in COMPARED if name in table and table[name].notna().any()]
    for name in compared:
        ax.plot(table[name], places + 0.34, COMPARED[name], color=theme.MUTED, markersize=6, markerfacecolor="white")
    ax.set_xlim(left=0)
    ax.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    bold = [numbers.money(row["total"], currency, lang) for row in rows]
    facts = [_facts(row, lang, currency) for row in rows]
    marks.beside(ax, facts, gap=marks.beside(ax, bold, bold=True))
    marks.leads(ax, marks.named(rows, (phrases.named(n, total, lang) for n, total in zip(names, bold, strict=True))))
    _legend(ax, compared, bool(coming.sum()), lang)
    lines = (
        phrases.named(name, phrases.bracketed(total, fact, lang), lang)
        for name, total, fact in zip(names, bold, facts, strict=True)
    )
    note = " ".join(_notes(table, compared, lang))
    return finished(
        fig, _title(rows[0], names[0], lang, currency), note, [*lines, *_beside(rows, names, compared, lang, currency)]
    )


def period(row: Mapping[Any, Any], lang: str) -> str:
    """Name a period by its first and its last day: a month, a quarter (of which the rest may be meant), else from day to day."""
    first, begin, last = (pd.Timestamp(row[name]) for name in ("period", "begin", "end"))
    if first.day == 1 and last.is_month_end and first <= begin:
        months = 12 * (last.year - first.year) + last.month - first.month + 1
        if months in (1, 3):
            return (dates.month if months == 1 else dates.quarter)(first, lang)
    return phrases.say("forecast.span", lang, begin=dates.day(begin, lang), end=dates.day(last, lang))


def _facts(row: Mapping[Any, Any], lang: str, currency: str | None) -> str:
    range_ = numbers.interval(row["total_low"], row["total_high"], "money", lang=lang, currency=currency)
    deals = numbers.number(row["deals"], decimals=0 if numbers.is_missing(row["deals"]) or row["deals"] >= 10 else 1)
    return phrases.say("forecast.facts", lang, range=range_, deals=deals)


def _title(row: Mapping[Any, Any], name: str, lang: str, currency: str | None) -> str:
    low, high = (numbers.money(row[end], currency, lang) for end in ("total_low", "total_high"))
    return phrases.say(
        "forecast.title", lang, period=name, money=numbers.money(row["total"], currency, lang), low=low, high=high
    )


def _notes(table: pd.DataFrame, compared: list[str], lang: str) -> Iterator[str]:
    """What must be known: what a range holds, what each method missed at earlier dates, what the log does not let be told."""
    widened = table["widened"].max() if "widened" in table else float("nan")
    if numbers.is_missing(widened) or widened < 1.05:
        yield phrases.say("forecast.note", lang)
    else:
        yield phrases.say("forecast.note.widened", lang, c=numbers.number(widened, decimals=1))
    missed = {name: table[f"{name}_missed"].mean() for name in ("total", *compared) if f"{name}_missed" in table}
    said = [
        phrases.say(
            "forecast.missed.one", lang, method=_called(name, lang), error=numbers.percent(error, lang, decimals=0)
        )
        for name, error in missed.items()
        if not numbers.is_missing(error)
    ]
    if said:
        yield phrases.say(
            "forecast.missed", lang, said=("、" if lang == "ja" else ", ").join(said), n=table["dates"].max()
        )
    if isinstance(note := table.attrs.get("note"), Note):
        yield sentence(note, lang)


def _called(method: str, lang: str) -> str:
    return phrases.say(f"forecast.{method}", lang)


def _beside(
    rows: list[dict[Any, Any]], names: list[str], compared: list[str], lang: str, currency: str | None
) -> Iterator[str]:
    """In words, what the others say of the open deals."""
    for row, name in zip(rows, names, strict=True):
        said = [
            f"{_called(each, lang)} {numbers.money(row[each], currency, lang)}"
            for each in ("value", "to_come", *compared)
            if each in row and not numbers.is_missing(row[each])
        ]
        yield f"  {name}: {('、' if lang == 'ja' else ', ').join(said)}"


def _legend(ax: Axes, compared: list[str], coming: bool, lang: str) -> None:
    handles: list[Any] = [Patch(color=theme.ACCENT, label=_called("value", lang))]
    handles += [Patch(color=theme.ACCENT_PALE, label=_called("to_come", lang))] if coming else []
    style: dict[str, Any] = {"color": theme.MUTED, "markerfacecolor": "white", "linestyle": "none", "markersize": 6}
    handles += [Line2D([], [], marker=COMPARED[name], label=_called(name, lang), **style) for name in compared]
    ax.figure.legend(
        handles=handles,
        loc="outside lower left",
        ncols=narrow.across([str(each.get_label()) for each in handles]) if sheet.is_narrow() else min(len(handles), 4),
        fontsize=8.8,
    )
