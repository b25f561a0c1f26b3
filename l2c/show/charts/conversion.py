"""Do younger cohorts, or some groups, get further in the same time?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from l2c.measures.behind import BEHIND
from l2c.show import dates, numbers, theme
from l2c.show.charts import marks, sheet
from l2c.show.charts.picture import Picture, empty, finished
from l2c.show.map import lettering
from l2c.words import phrases, vocabulary

OWN = ("object", "milestone", "within_days", "value", "low", "high", "cases", "censored", BEHIND)


@sheet.house()
def conversion(table: pd.DataFrame, *, milestone: str = "Opportunity Created", lang: str = "en") -> Picture:
    """Draw the share that gets to a milestone within so many days, by cohort or group.

    Parameters
    ----------
    table
        What `diagnose.conversion` returns.
    milestone
        Which one; the first of the table where it does not have this one.
    """
    if not len(table):
        return empty(table, lang)
    by = next((c for c in table.columns if c not in OWN), None)
    name = milestone if (table["milestone"] == milestone).any() else str(table["milestone"].iloc[0])
    rows = table[table["milestone"] == name]
    limits = sorted(rows["within_days"].unique())
    groups = list(dict.fromkeys(rows[by])) if by else [None]
    fig, ax = sheet.figure(8.6, 3.3)
    for number, limit in enumerate(limits):
        part = rows[rows["within_days"] == limit]
        x = np.arange(len(groups)) + (number - (len(limits) - 1) / 2) * 0.16
        colour = theme.PHASES[2 + 2 * (number % 3)]
        ax.vlines(x, part["low"], part["high"], color=colour, linewidth=2, alpha=0.45)
        ax.plot(
            x, part["value"], "o", color=colour, markersize=5.5, label=phrases.say("conversion.within", lang, n=limit)
        )
    slanted: dict[str, Any] = {"rotation": 35, "ha": "right"} if len(groups) > 6 and not sheet.is_narrow() else {}
    ax.set_xticks(range(len(groups)), [_name(g, lang) for g in groups], fontsize=8.5, **slanted)
    ax.yaxis.set_major_formatter(lambda y, _: marks.percent(y, lang))
    # The cohort of the first limit is that of all: within more days no other leads are counted.
    first = rows[rows["within_days"] == limits[0]].to_dict("records")
    marks.columns(ax, range(len(groups)), marks.named(first, [_cohort(g, rows, name, lang) for g in groups]))
    # Room for the legend above the highest interval.
    ax.set_ylim(0, ax.get_ylim()[1] * 1.15)
    ax.legend(
        loc="upper left",
        ncols=3,
        fontsize=8.5,
        **({"columnspacing": 0.8, "handletextpad": 0} if sheet.is_narrow() else {}),
    )
    sheet.quiet(ax, grid="y")
    return finished(fig, _title(rows, name, max(limits), lang), phrases.say("conversion.note", lang))


def _name(group: object, lang: str) -> str:
    if isinstance(group, pd.Timestamp):
        return dates.month(group, lang)
    return "" if group is None else lettering.shorten(str(group), 18)


def _cohort(group: object, rows: pd.DataFrame, milestone: str, lang: str) -> str:
    objects = phrases.say(f"conversion.{rows['object'].iloc[0]}", lang)
    return " · ".join(filter(None, [vocabulary.label(milestone, lang), objects, _name(group, lang)]))


def _title(rows: pd.DataFrame, name: str, limit: int, lang: str) -> str:
    known = rows[(rows["within_days"] == limit) & rows["value"].notna()]
    if not len(known):
        return phrases.say("nothing", lang)
    value = float(np.average(known["value"], weights=known["cases"]))
    objects = phrases.say(f"conversion.{rows['object'].iloc[0]}", lang)
    fills = {
        "objects": objects,
        "value": numbers.percent(value, lang, decimals=0),
        "milestone": vocabulary.label(name, lang),
        "days": limit,
    }
    if len(known) == 1:
        return phrases.say("conversion.title.one", lang, **fills)
    ends = {
        end: numbers.percent(getattr(known["value"], how)(), lang, decimals=0)
        for end, how in (("low", "min"), ("high", "max"))
    }
    return phrases.say("conversion.title", lang, **fills, **ends)
