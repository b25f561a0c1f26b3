"""Who differs from the average, and is it more than chance?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from l2c.show import theme, words
from l2c.show.charts import sheet
from l2c.show.charts.picture import Picture, plain
from l2c.show.map import lettering
from l2c.words import vocabulary

# Measures in which more is better; in the others less is.
GOOD = ("win_rate", "adherence")
MOST = 40


def reps(table: pd.DataFrame, *, measure: str = "win_rate", lang: str = "en") -> Picture:
    """Draw how each rep differs from the average one with the same deals (a caterpillar plot).

    Parameters
    ----------
    table
        What `diagnose.reps` returns.
    measure
        One of its measures but `step_days`.
    lang
        `en` or `ja`.
    """
    rows = table[table["measure"] == measure].sort_values(["value", "rep"], ascending=[measure not in GOOD, True])
    if not len(rows):
        return plain(words.say("reps.none", lang))
    shown = rows.head(MOST).to_dict("records")
    sure = int(((rows["low"] > 0) | (rows["high"] < 0)).sum())
    with sheet.house():
        fig, ax = sheet.figure(8.2, 1.6 + 0.235 * len(shown))
        for place, row in enumerate(shown):
            good = (row["value"] > 0) == (measure in GOOD)
            clear = row["low"] > 0 or row["high"] < 0
            colour = (theme.ACCENT if good else theme.WARM) if clear else theme.GREY
            ax.plot([row["low"] * 100, row["high"] * 100], [place] * 2, color=colour, linewidth=2, alpha=0.55)
            # Days are shown as ratios, whose plain means would not be on this scale.
            if row["expected"] == row["expected"]:
                raw = (row["raw"] - row["average"]) * 100
                ax.plot([raw], [place], "o", markersize=5.5, markerfacecolor="white", color=theme.PALE)
            ax.plot([row["value"] * 100], [place], "o", markersize=5.5, color=colour)
        ax.axvline(0, color=theme.PALE, linewidth=1, zorder=0)
        ax.set_yticks(range(len(shown)), [lettering.shorten(str(r["rep"]), 24) for r in shown], fontsize=8.5)
        ax.set(ylim=(len(shown) - 0.4, -0.6))
        left, right = ax.get_xlim()
        ticks = [t for t in ax.get_xticks() if left <= t <= right]
        unit = " %" if measure.endswith("_days") else ""
        ax.set_xticks(ticks, [f"{'+' if t > 0 else ''}{t:g}{unit}" for t in ticks])
        for place, row in enumerate(shown):
            ax.text(right, place, f" {words.number(row['cases'])}", va="center", fontsize=8, color=theme.MUTED)
        ax.text(right, -0.95, f" {words.say('funnel_plot.axis', lang)}", fontsize=8, color=theme.MUTED, va="center")
        ax.set_xlim(left, right)
        sheet.quiet(ax, grid="x")
        if not unit:
            ax.set_xlabel(words.say("causes.points", lang), loc="left")
        text = words.say("reps.title" if sure else "reps.title.none", lang, n=sure, all=len(rows))
        sheet.head(fig, text, words.say("reps.note", lang, measure=vocabulary.label(measure, lang)))
    return Picture(fig, text)


def rep_funnel(table: pd.DataFrame, *, measure: str = "win_rate", lang: str = "en") -> Picture:
    """Draw observed minus expected shares against the number of cases (a funnel plot; Spiegelhalter, 2005).

    Parameters
    ----------
    table
        What `diagnose.reps` returns.
    measure
        A measure that is a share: `win_rate`, `rework_rate`, `adherence`.
    """
    rows = table[(table["measure"] == measure) & table["expected"].notna()]
    if not len(rows):
        return plain(words.say("reps.none", lang))
    p = float(np.clip(np.average(rows["expected"], weights=rows["cases"]), 0.01, 0.99))
    cases, gap = rows["cases"].to_numpy(float), (rows["raw"] - rows["expected"]).to_numpy(float) * 100
    wide = np.sqrt(p * (1 - p)) * 100
    outside = np.abs(gap) > 3.09 * wide / np.sqrt(cases)
    with sheet.house():
        fig, ax = sheet.figure(7.6, 4.4)
        grid = np.linspace(max(float(cases.min()) * 0.8, 5), float(cases.max()) * 1.08, 200)
        for z, style in ((1.96, "--"), (3.09, "-")):
            for side in (-1, 1):
                ax.plot(grid, side * z * wide / np.sqrt(grid), style, color=theme.PALE, linewidth=1.2)
        ax.axhline(0, color=theme.PALE, linewidth=1)
        for name, x, y, out in zip(rows["rep"], cases, gap, outside, strict=True):
            good = (y > 0) == (measure in GOOD)
            colour = (theme.ACCENT if good else theme.WARM) if out else theme.GREY
            ax.plot([x], [y], "o", color=colour, markersize=6)
            if out:
                ax.annotate(lettering.shorten(str(name), 20), (x, y), (6, 3), textcoords="offset points", fontsize=8.5)
        ax.set_xlabel(words.say("funnel_plot.axis", lang), loc="left")
        ax.set_ylabel(words.say("causes.points", lang))
        sheet.quiet(ax, grid="y")
        text = words.say("funnel_plot.title", lang, n=int(outside.sum()), all=len(rows))
        sheet.head(fig, text, words.say("funnel_plot.note", lang, measure=vocabulary.label(measure, lang)))
    return Picture(fig, text)
