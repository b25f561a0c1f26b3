"""Between which two events do the cases lose most of their time?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from l2c.show import theme, words
from l2c.show.charts import sheet
from l2c.show.charts.picture import Picture, empty
from l2c.show.map import lettering
from l2c.words import vocabulary


def steps(table: pd.DataFrame, *, top: int = 10, lang: str = "en") -> Picture:
    """Draw the steps on which the cases spend most days in sum, the largest in blue.

    Parameters
    ----------
    table
        What `diagnose.steps` returns: `from, to, cases, median_days, case_days, share` (of all case-days).
    top
        How many steps to show.
    lang
        `en` or `ja`.

    Returns
    -------
    A picture. A step is long in sum because it is slow or because many cases take it: the median and the cases
    beside the bar tell which.
    """
    spent = table[table["case_days"] > 0]
    shown = spent.sort_values(["case_days", "from", "to"], ascending=[False, True, True], ignore_index=True).head(top)
    with sheet.house():
        fig, ax = sheet.figure(8.4, 1.2 + 0.42 * max(1, len(shown)))
        if not len(shown):
            return empty(fig, lang)
        share = shown["share"]
        names = [_name(row, lang) for row in shown.to_dict("records")]
        colours = [theme.ACCENT, *[theme.PHASES[2]] * (len(shown) - 1)]
        ax.barh(range(len(shown)), shown["case_days"], height=0.56, color=colours)
        _figures(ax, shown, share, lang)
        ax.set_yticks(range(len(shown)), [_lines(n) for n in names], fontsize=9)
        ax.set(ylim=(len(shown) - 0.5, -0.5), xlim=(0, float(shown["case_days"].max()) * 1.62), xticks=[])
        sheet.quiet(ax)
        text = words.say("steps.title", lang, step=names[0], share=words.percent(share.iloc[0], decimals=0))
        sheet.head(fig, text, words.say("steps.note", lang))
    lines = [f"{n}: {words.case_days(d, lang)}" for n, d in zip(names, shown["case_days"], strict=True)]
    return Picture(fig, "\n".join([text, *lines]))


def _name(row: Mapping[Any, Any], lang: str) -> str:
    start, end = (lettering.shorten(lettering.plain(vocabulary.label(str(row[k]), lang)), 34) for k in ("from", "to"))
    return f"{start} → {end}"


def _lines(name: str) -> str:
    """Break a step after its arrow where one line would be long."""
    return name if lettering.em(name) <= 20 else name.replace(" → ", " →\n", 1)


def _figures(ax: Axes, shown: pd.DataFrame, share: pd.Series, lang: str) -> None:
    longest = float(shown["case_days"].max())
    for row, each in enumerate(shown.to_dict("records")):
        ax.text(
            each["case_days"] + longest * 0.015, row, words.percent(share[row], decimals=0), va="center",
            weight="bold", color=theme.INK,
        )  # fmt: skip
        facts = words.say(
            "steps.facts", lang, median=words.days(each["median_days"], lang),
            cases=words.count(each["cases"], "case", lang)
        )  # fmt: skip
        ax.text(longest * 1.17, row, facts, va="center", fontsize=9, color=theme.MUTED)
