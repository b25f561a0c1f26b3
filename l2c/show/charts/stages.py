"""How long are deals in each stage, and where do they go from there?"""

from __future__ import annotations

import pandas as pd
from matplotlib.ticker import MaxNLocator

from l2c.show import numbers, theme
from l2c.show.charts import marks, sheet
from l2c.show.charts.picture import Picture, empty, finished
from l2c.show.map import lettering
from l2c.words import phrases, vocabulary

# How an entry ends, with its colour: what goes back or is lost is warm, what is not over is pale.
WAYS = {
    "went_on": theme.PHASES[2],
    "went_past": theme.PHASES[4],
    "won": theme.ACCENT,
    "went_back": theme.WARM,
    "lost": theme.GREY,
    "still_there": theme.PALE,
}


@sheet.house()
def stages(table: pd.DataFrame, *, lang: str = "en") -> Picture:
    """Draw the median days of a deal in each stage, all its stays together.

    Parameters
    ----------
    table
        What `diagnose.stages` returns.
    lang
        `en` or `ja`.

    Returns
    -------
    A picture: the stages in their order, the longest one in the accent; the line is the interval.
    """
    if not len(table):
        return empty(table, lang)
    shown = table.head(marks.MOST_ROWS)
    names = [_name(stage, lang) for stage in shown["stage"]]
    fig, ax = marks.rows(names, axis=numbers.number)
    known = shown["value"].fillna(0.0)
    longest = int(known.to_numpy().argmax())
    marks.bars(ax, (known, [theme.ACCENT if row == longest else theme.PHASES[2] for row in range(len(shown))]))
    for place, row in enumerate(shown.to_dict("records")):
        if not (numbers.is_missing(row["low"]) or numbers.is_missing(row["high"])):
            marks.interval(ax, place, row["low"], row["high"], theme.INK)
    ax.set_xlim(left=0)
    ax.set_xlabel(phrases.say("stages.axis", lang), loc="left")
    days = [numbers.days(value, lang) for value in shown["value"]]
    facts = [_facts(row, lang) for row in shown.to_dict("records")]
    marks.beside(ax, facts, gap=marks.beside(ax, days, bold=True))
    marks.leads(ax, marks.named(shown.to_dict("records"), names))
    text = phrases.say("stages.title", lang, stage=names[longest], days=days[longest])
    lines = (phrases.named(name, f"{each} · {fact}", lang) for name, each, fact in zip(names, days, facts, strict=True))
    return finished(fig, text, phrases.say("stages.note", lang), lines)


@sheet.house()
def stage_conversion(table: pd.DataFrame, *, lang: str = "en") -> Picture:
    """Draw how the entries into each stage ended.

    Parameters
    ----------
    table
        What `diagnose.stage_conversion` returns.
    lang
        `en` or `ja`.

    Returns
    -------
    A picture: stacked bars, the stages in their order.
    """
    if not len(table):
        return empty(table, lang)
    shown = table.head(marks.MOST_ROWS)
    names = [_name(stage, lang) for stage in shown["stage"]]
    fig, ax = marks.rows(names, axis=numbers.number)
    marks.bars(ax, *((shown[way], colour) for way, colour in WAYS.items()))
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    marks.legend(ax, {vocabulary.label(way, lang): colour for way, colour in WAYS.items() if shown[way].sum()})
    ahead = [numbers.percent(value, lang, decimals=0) for value in shown["value"]]
    counts = [phrases.say("stages.entries", lang, n=numbers.number(n)) for n in shown["entries"]]
    marks.beside(ax, counts, gap=marks.beside(ax, ahead, bold=True))
    marks.leads(ax, marks.named(shown.to_dict("records"), names))
    back, entries = int(shown["went_back"].sum()), int(shown["entries"].sum())
    known = shown.dropna(subset=["value"])
    key = "stages.conversion.title" if len(known) else "nothing"
    worst = known["value"].to_numpy().argmin() if len(known) else 0
    fills = (
        {
            "stage": _name(known["stage"].iloc[worst], lang),
            "share": numbers.percent(known["value"].iloc[worst], lang, decimals=0),
        }
        if len(known)
        else {}
    )
    text = phrases.say(key, lang, **fills)
    note = phrases.say("stages.conversion.note", lang, back=numbers.number(back), n=numbers.number(entries))
    lines = (
        phrases.named(name, f"{each} {count}", lang) for name, each, count in zip(names, ahead, counts, strict=True)
    )
    return finished(fig, text, note, lines)


def _facts(row: dict[object, object], lang: str) -> str:
    known = {name: numbers.number(row[name]) for name in ("cases", "again", "censored")}
    return phrases.say("stages.facts.again" if row["again"] else "stages.facts", lang, **known)


def _name(stage: object, lang: str) -> str:
    return lettering.shorten(lettering.plain(vocabulary.label(str(stage), lang)), 26)
