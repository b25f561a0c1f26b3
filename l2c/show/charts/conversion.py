"""Do younger cohorts, or some groups, get further in the same time?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from l2c.show import theme, words
from l2c.show.charts import sheet
from l2c.show.charts.picture import Picture, plain
from l2c.show.map import lettering
from l2c.words import vocabulary

OWN = ("milestone", "within_days", "value", "low", "high", "cases", "censored")


def conversion(table: pd.DataFrame, *, milestone: str = "Opportunity Created", lang: str = "en") -> Picture:
    """Draw the share that gets to a milestone within so many days, by cohort or group.

    Parameters
    ----------
    table
        What `diagnose.conversion` returns.
    milestone
        Which one; the first of the table where it does not have this one.
    """
    by = next((c for c in table.columns if c not in OWN), None)
    if not len(table):
        return plain(words.say("nothing", lang))
    name = milestone if (table["milestone"] == milestone).any() else str(table["milestone"].iloc[0])
    rows = table[table["milestone"] == name]
    limits = sorted(rows["within_days"].unique())
    groups = list(dict.fromkeys(rows[by])) if by else [None]
    with sheet.house():
        fig, ax = sheet.figure(8.6, 4.0)
        colours = (theme.PHASES[2], theme.PHASES[4], theme.PHASES[6])
        for number, limit in enumerate(limits):
            part = rows[rows["within_days"] == limit]
            shift = (number - (len(limits) - 1) / 2) * 0.16
            x = np.arange(len(groups)) + shift
            colour = colours[number % 3]
            ax.vlines(x, part["low"] * 100, part["high"] * 100, color=colour, linewidth=2, alpha=0.45)
            said = words.say("conversion.within", lang, n=limit)
            ax.plot(x, part["value"] * 100, "o", color=colour, markersize=5.5, label=said)
        ax.set_xticks(range(len(groups)), [_name(g, lang) for g in groups], rotation=35 if len(groups) > 6 else 0,
                      ha="right" if len(groups) > 6 else "center", fontsize=8.5)  # fmt: skip
        ax.set_ylim(bottom=0)
        ticks = [t for t in ax.get_yticks() if t >= 0]
        ax.set_yticks(ticks, [f"{t:g} %" for t in ticks])
        ax.legend(loc="upper left", ncols=3, fontsize=8.5)
        top = ax.get_ylim()[1]
        ax.set_ylim(0, top * 1.15)
        sheet.quiet(ax, grid="y")
        text = _title(rows, name, max(limits), lang)
        sheet.head(fig, text, words.say("conversion.note", lang))
    return Picture(fig, text)


def _name(group: object, lang: str) -> str:
    if isinstance(group, pd.Timestamp):
        return words.month(group, lang)
    return "" if group is None else lettering.shorten(str(group), 18)


def _title(rows: pd.DataFrame, name: str, limit: int, lang: str) -> str:
    known = rows[(rows["within_days"] == limit) & rows["value"].notna()]
    if not len(known):
        return words.say("nothing", lang)
    value = float(np.average(known["value"], weights=known["cases"]))
    fills = {"value": words.percent(value, decimals=0), "milestone": vocabulary.label(name, lang), "days": limit}
    if len(known) == 1:
        return words.say("conversion.title.one", lang, **fills)
    ends = {
        end: words.percent(getattr(known["value"], how)(), decimals=0) for end, how in (("low", "min"), ("high", "max"))
    }
    return words.say("conversion.title", lang, **fills, **ends)
