"""Who differs from the average, and is it more than chance?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from l2c.show import numbers, theme
from l2c.show.charts import marks, sheet
from l2c.show.charts.picture import Picture, empty, finished
from l2c.show.map import lettering
from l2c.show.own_words import own_words
from l2c.words import phrases, vocabulary
from l2c.words.measures import fair, words_of

# Measures in which more is better; in the others less is.
MORE_IS_BETTER = ("win_rate_incidence", "adherence")
MOST_REPS = 40


@own_words
@sheet.house()
def reps(table: pd.DataFrame, *, measure: str = "win_rate_incidence", lang: str = "en") -> Picture:
    """Draw how each rep differs from the average one with the same deals (a caterpillar plot).

    Parameters
    ----------
    table
        What `diagnose.reps` returns.
    measure
        One of its measures but `step_days`; for a rate to date, the same rate among those old enough is drawn.
    lang
        `en` or `ja`.
    """
    measure = fair(measure)
    own = words_of(measure)
    more = own.worse == "less" if own and own.own else measure in MORE_IS_BETTER
    rows = table[table["measure"] == measure].sort_values(["value", "rep"], ascending=[not more, True])
    if not len(rows):
        return empty(table, lang, "reps.none")
    shown = rows.head(MOST_REPS).to_dict("records")
    unit = ("%" if lang == "ja" else " %") if own and own.unit == "day" else ""
    names = [lettering.shorten(str(row["rep"]), 24) for row in shown]
    fig, ax = marks.rows(names, each=0.235, axis=lambda x: f"{'+' if x > 0 else ''}{x:g}{unit}")
    clear = [row["low"] > 0 or row["high"] < 0 for row in shown]
    for place, (row, sure) in enumerate(zip(shown, clear, strict=True)):
        good = (row["value"] > 0) == more
        colour = (theme.ACCENT if good else theme.WARM) if sure else theme.GREY
        marks.interval(ax, place, row["low"] * 100, row["high"] * 100, colour)
        # Days are shown as ratios, whose plain means would not be on this scale.
        if not numbers.is_missing(row["expected"]):
            marks.dot(ax, place, (row["raw"] - row["average"]) * 100, theme.PALE, hollow=True)
        marks.dot(ax, place, row["value"] * 100, colour)
    marks.leads(ax, marks.named(shown, names))
    marks.where(ax, ({"rep": [row["rep"]]} for row in shown))
    marks.nought(ax)
    marks.beside(ax, [numbers.count(row["cases"], "case", lang) for row in shown])
    if not unit:
        ax.set_xlabel(phrases.say("causes.points", lang), loc="left")
    apart = rows[(rows["low"] > 0) | (rows["high"] < 0)]
    # The chance of each to be on the other side of the average after all.
    false = numbers.number(float(np.minimum(apart["better"], 1 - apart["better"]).sum()), decimals=1)
    title = "reps.title" if len(apart) else "reps.title.none"
    text = phrases.say(title, lang, n=len(apart), all=len(rows), false=false)
    return finished(fig, text, phrases.say("reps.note", lang, measure=vocabulary.label(measure, lang)))
