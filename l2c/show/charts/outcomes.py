"""Did the outcomes come, and would as much have been found on other days?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from l2c.show import dates, numbers, theme
from l2c.show.charts import marks, sheet
from l2c.show.charts.picture import Picture, empty, finished, remarked
from l2c.show.charts.standing import COLOURS
from l2c.show.map import lettering
from l2c.show.own_words import own_words
from l2c.show.verdicts import SURE, change, name, sentences, standing
from l2c.words import phrases, vocabulary

Row = Mapping[Any, Any]
# Rules of which nothing is said are counted below the chart.
COLOUR = {
    "better": COLOURS["better"],
    "worse": COLOURS["worse"],
    "may_be_chance": COLOURS["unsure"],
    "not_yet": theme.GREY,
}
# An axis goes as far as this many times the farthest dot, and no further for the sake of an interval.
REACH = 2.0


@own_words
@sheet.house()
def outcomes(table: pd.DataFrame, *, lang: str = "en", currency: str | None = None) -> Picture:
    """Draw how much better each outcome is, in percent, as a dot with its interval around the line of no change.

    Parameters
    ----------
    table
        What `monitor.outcomes` returns.
    lang, currency
        `en` or `ja`; the currency of the log.

    Returns
    -------
    A picture. Right: better, left: worse; filled: more than chance explains; hollow: may be chance; without a dot: cannot be
    judged yet. A grey tick is the change as it stands. Of rules only those with a verdict are drawn. The alternative text
    is that of `show.verdicts`.
    """
    if not len(table):
        return empty(table, lang, "nothing")
    rules = table[table["rule"] != ""]
    told = pd.concat([table[table["rule"] == ""], rules[rules["verdict"].isin(SURE)]]).head(marks.MOST_ROWS)
    rows = told.to_dict("records")
    if not rows:
        return empty(table, lang, "outcomes.none")
    names = ["\n".join(lettering.wrap(name(row, lang), 34)) for row in rows]
    fig, ax = marks.rows(names, each=0.62, axis=lambda share: _signed(share, lang))
    marks.nought(ax)
    reach = _reach(rows)
    for place, row in enumerate(rows):
        _draw(ax, place, row, reach)
    ax.set_xlim(-reach * 1.06, reach * 1.06)
    ax.set_xlabel(phrases.say("outcomes.axis", lang))
    marks.leads(ax, marks.named(rows, names))
    facts = ["\n".join(_facts(row, lang, currency)) for row in rows]
    marks.beside(ax, facts, colour=[COLOUR[row["verdict"]] for row in rows])
    joint = "" if lang == "ja" else " "
    note = phrases.say(f"outcomes.note.{table['design'].iloc[0]}", lang)
    if not all(row["season"] for row in rows if not numbers.is_missing(row["percent"])):
        note += joint + phrases.say("compare.no_season", lang)
    if calm := int((~rules["verdict"].isin(SURE)).sum()):
        note += joint + phrases.say("outcomes.rules", lang, n=numbers.number(calm))
    return finished(fig, _title(rows, lang), remarked(note, table, lang), sentences(told, lang, currency))


def _reach(rows: list[dict[Any, Any]]) -> float:
    """How far the axis goes to either side: every dot, and most of the intervals."""
    ends = {
        key: [abs(row[key]) for row in rows if not numbers.is_missing(row[key])] for key in ("percent", "low", "high")
    }
    dots, wide = max(ends["percent"], default=5.0), max(ends["low"] + ends["high"], default=10.0)
    return max(min(wide, REACH * dots), 10.0)


def _draw(ax: Any, place: int, row: Row, reach: float) -> None:
    if not numbers.is_missing(row["raw"]) and abs(row["raw"]) <= reach:
        ax.plot([row["raw"]], [place], "|", color=theme.GREY, markersize=11, zorder=1)
    if numbers.is_missing(row["percent"]):
        return
    colour = COLOUR[row["verdict"]]
    low, high = (max(-reach, min(reach, row[end])) for end in ("low", "high"))
    marks.interval(ax, place, low, high, colour)
    marks.dot(ax, place, row["percent"], colour, hollow=row["verdict"] not in SURE)


def _facts(row: Row, lang: str, currency: str | None) -> list[str]:
    said = phrases.say(f"verdict.{row['verdict']}", lang)
    if row["verdict"] != "not_yet":
        said = phrases.say("outcomes.fact", lang, change=change(row, lang), verdict=said)
    elif not numbers.is_missing(row["judged_from"]):
        said = phrases.say("outcomes.from", lang, day=dates.day(pd.Timestamp(row["judged_from"]), lang))
    return [*filter(None, [standing(row, lang, currency)]), said]


def _title(rows: list[dict[Any, Any]], lang: str) -> str:
    day = dates.day(pd.Timestamp(rows[0]["change_date"]), lang)
    sure = [f"{name(row, lang)} {change(row, lang)}" for row in rows if row["verdict"] in SURE]
    if sure:
        return phrases.say("outcomes.title", lang, day=day, said=phrases.say("quarters.join", lang).join(sure))
    early = all(row["verdict"] == "not_yet" for row in rows)
    return phrases.say("outcomes.title.early" if early else "outcomes.title.none", lang, day=day)


@own_words
@sheet.house()
def placebos(table: pd.DataFrame, *, lang: str = "en") -> Picture:
    """Draw the change found at each earlier date in grey, and that at the real one in colour.

    Parameters
    ----------
    table
        What `monitor.placebos` returns.
    lang
        `en` or `ja`.
    """
    if not len(table):
        return empty(table, lang, "outcomes.short")
    real, earlier = table[table["is_date"]].iloc[0], table[~table["is_date"]]
    fig, ax = sheet.figure(8.8, 3.2)
    ax.axhline(0, color=theme.GREY, linewidth=1, zorder=1)
    for rows, colour, width in ((earlier, theme.GREY, 1.0), (table[table["is_date"]], _colour(dict(real)), 2.2)):
        ax.vlines(rows["period"], rows["low"], rows["high"], color=colour, linewidth=width, alpha=0.5)
        ax.plot(rows["period"], rows["percent"], "o", color=colour, markersize=4 if width == 1 else 8)
    ax.yaxis.set_major_formatter(lambda y, _: _signed(y, lang))
    sheet.quiet(ax, grid="y")
    _months(ax, table, lang)
    ax.set_ylabel(phrases.say("outcomes.axis", lang))
    larger = int((_size(earlier) >= _size(real)).sum())
    known = vocabulary.label(real["kpi"], lang)
    said = {"kpi": known, "day": dates.day(real["period"], lang), "n": numbers.number(len(earlier))}
    kind = "alone" if not len(earlier) else "first" if not larger else "among"
    title = phrases.say(f"placebos.{kind}", lang, more=numbers.number(larger), **said)
    lines = [
        phrases.say(
            "placebos.line",
            lang,
            change=_signed(real["percent"], lang),
            low=_signed(real["low"], lang),
            high=_signed(real["high"], lang),
        )
    ]
    return finished(fig, title, phrases.say("placebos.note", lang), lines)


def _size(rows: Any) -> Any:
    """How large a step is by its error."""
    return abs(rows["percent"]) / (rows["high"] - rows["low"])


def _colour(real: Row) -> str:
    if real["low"] <= 0 <= real["high"]:
        return COLOURS["unsure"]
    return COLOURS["better" if real["percent"] > 0 else "worse"]


def _months(ax: Any, table: pd.DataFrame, lang: str) -> None:
    first, last = table["period"].min(), table["period"].max()
    named = marks.months(list(pd.date_range(first.to_period("M").to_timestamp(), last, freq="MS")))
    named = [month for month in named if month >= first - pd.Timedelta(days=31)] or [first]
    ax.set_xticks(named, [dates.month(month, lang) for month in named], fontsize=8.8)


def _signed(percent: float, lang: str) -> str:
    text = numbers.percent(percent / 100, lang, decimals=0)
    return f"+{text}" if percent > 1e-9 else text
