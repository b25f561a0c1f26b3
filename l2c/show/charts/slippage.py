"""How far do deals slip past the day they were promised for, and what is a sure deal worth?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from l2c.show import numbers, theme
from l2c.show.charts import marks, sheet
from l2c.show.charts.picture import Picture, empty, finished
from l2c.words import phrases, vocabulary

# More pushes than these stand together.
MOST_PUSHES = 4


@sheet.house()
def slippage(table: pd.DataFrame, *, lang: str = "en") -> Picture:
    """Draw how many deals were pushed how often, and by how many days they slipped.

    Parameters
    ----------
    table
        What `diagnose.slippage` returns.
    lang
        `en` or `ja`.

    Returns
    -------
    A picture: a bar per number of pushes, by outcome; beside it the median of the days slipped.
    """
    if not len(table):
        return empty(table, lang)
    pushes = table["pushes"].clip(upper=MOST_PUSHES).to_numpy(int)
    groups = [table[pushes == n] for n in range(int(pushes.max()) + 1)]
    names = [
        phrases.say("slippage.more" if n == MOST_PUSHES else "slippage.pushes", lang, n=n) for n in range(len(groups))
    ]
    fig, ax = marks.rows(names, axis=numbers.number)
    colours = {"won": theme.ACCENT, "lost": theme.GREY, "open": theme.PALE}
    marks.bars(ax, *(([int((g["outcome"] == end).sum()) for g in groups], ink) for end, ink in colours.items()))
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    marks.legend(ax, {phrases.say(f"outcome.{end}", lang): colour for end, colour in colours.items()})
    slipped = [numbers.days(group["slip_days"].median(), lang) if len(group) else "" for group in groups]
    counts = [numbers.count(len(group), "deal", lang) for group in groups]
    marks.beside(ax, counts, gap=marks.beside(ax, slipped, bold=True))
    late = table["slip_days"] > 0
    fills = {"late": numbers.number(int(late.sum())), "n": numbers.number(len(table))}
    if late.any():
        fills["days"] = numbers.days(table.loc[late, "slip_days"].median(), lang)
    text = phrases.say("slippage.title" if late.any() else "slippage.title.none", lang, **fills)
    lines = (
        phrases.named(name, f"{count}, {days}", lang) for name, count, days in zip(names, counts, slipped, strict=True)
    )
    return finished(fig, text, phrases.say("slippage.note", lang), lines)


@sheet.house()
def forecast_categories(table: pd.DataFrame, *, lang: str = "en") -> Picture:
    """Draw which part of the decided deals of each forecast category was won.

    Parameters
    ----------
    table
        What `diagnose.forecast_categories` returns.
    lang
        `en` or `ja`.
    """
    if not len(table):
        return empty(table, lang)
    rows = table.head(marks.MOST_ROWS).to_dict("records")
    names = [marks.short(vocabulary.label(str(r["forecast_category"]), lang), 26) for r in rows]
    fig, ax = marks.rows(names, axis=lambda x: numbers.percent(x, lang, decimals=0))
    for place, row in enumerate(rows):
        if not numbers.is_missing(row["value"]):
            marks.interval(ax, place, row["low"], row["high"], theme.ACCENT)
            marks.dot(ax, place, row["value"], theme.ACCENT)
    ax.set_xlim(-0.02, 1.02)
    ax.set_xticks(np.linspace(0, 1, 5))
    facts = [
        phrases.say("forecasts.facts", lang, **{n: numbers.number(row[n]) for n in ("won", "lost", "open")})
        for row in rows
    ]
    marks.beside(ax, facts)
    known = [(row, name) for row, name in zip(rows, names, strict=True) if not numbers.is_missing(row["value"])]
    if not known:
        return finished(fig, phrases.say("forecasts.title.none", lang), phrases.say("forecasts.note", lang))
    row, name = next(((r, n) for r, n in known if r["forecast_category"] == "Commit"), known[-1])
    fills = {"won": numbers.number(row["won"]), "n": numbers.number(row["won"] + row["lost"])}
    text = phrases.say("forecasts.title", lang, category=name, **fills)
    lines = (phrases.named(name, fact, lang) for name, fact in zip(names, facts, strict=True))
    return finished(fig, text, phrases.say("forecasts.note", lang), lines)
