"""Which groups differ, by how much, and how much of the plain difference was only the mix?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from l2c.diagnose.causes.echoes import STUCK
from l2c.measures.behind import BEHIND
from l2c.show import numbers, theme
from l2c.show.behind import behind
from l2c.show.charts import marks, sheet
from l2c.show.charts.picture import Picture, empty, finished, remarked
from l2c.show.map import lettering
from l2c.show.own_words import own_words
from l2c.show.subjects import against, group, kpi, label
from l2c.words import phrases


@own_words
@sheet.house()
def causes(table: pd.DataFrame, *, top: int = 12, lang: str = "en") -> Picture:
    """Draw the findings as differences with their intervals, beside the plain ones.

    Parameters
    ----------
    table
        What `diagnose.causes` returns.
    top
        How many to show at most; days and shares stand in panels of their own.
    lang
        `en` or `ja`.
    """
    shown = table.head(top)
    parts = [part for unit in ("day", "fraction") if len(part := shown[shown["unit"] == unit])]
    if not parts:
        return empty(table, lang, "causes.none")
    heights = [len(part) + 0.9 for part in parts]
    fig, first = sheet.figure(9.2, 0.46 * sum(heights))
    first.remove()
    axes = fig.subplots(len(parts), 1, height_ratios=heights, squeeze=False)[:, 0]
    for ax, part in zip(axes, parts, strict=True):
        _panel(ax, part, lang)
    told = (", ".join(filter(None, [_effect(row, lang), _against(row, lang)])) for row in shown.to_dict("records"))
    lines = (
        phrases.named(_name(row, lang), said, lang) for row, said in zip(shown.to_dict("records"), told, strict=True)
    )
    return finished(
        fig, _title(table.iloc[0].to_dict(), lang), remarked(phrases.say("causes.note", lang), table, lang), lines
    )


def _panel(ax: Axes, part: pd.DataFrame, lang: str) -> None:
    rows, in_days = part.to_dict("records"), part["unit"].iloc[0] == "day"
    marks.name(ax, [_lines(_name(row, lang)) for row in rows], axis=lambda x: f"{x if in_days else x * 100:g}")
    for place, row in enumerate(rows):
        colour = theme.WARM if row["adverse"] else theme.ACCENT
        marks.interval(ax, place, row["low"], row["high"], colour)
        marks.dot(ax, place, row["raw"], theme.GREY, hollow=True)
        marks.dot(ax, place, row["effect"], colour)
    marks.nought(ax)
    marks.beside(ax, [_facts(row, lang) for row in rows])
    marks.leads(ax, (behind(row.get(BEHIND), _name(row, lang).replace("\n", " · ")) for row in rows))
    ax.set_xlabel(phrases.say("causes.days" if in_days else "causes.points", lang), loc="left")


def _facts(row: Mapping[Any, Any], lang: str) -> str:
    cases = numbers.count(round(abs(row["lost"])), "case", lang)
    lost = numbers.case_days(row["lost"], lang) if row["unit"] == "day" else cases
    said = phrases.say("causes.lost", lang, lost=lost, cases=numbers.count(row["cases"], "case", lang))
    return "\n".join(filter(None, [said, _against(row, lang)]))


def _against(row: Mapping[Any, Any], lang: str) -> str:
    """With whom the group is compared, where these are not all others."""
    groups = against(row, lang)
    return phrases.say("causes.against", lang, groups=groups) if groups else ""


def _name(row: Mapping[Any, Any], lang: str) -> str:
    what = " → ".join(label(name, lang) for name in row["step"]) if row["step"] else kpi(row["kpi"], lang)
    if row["kpi"] == STUCK:
        what = phrases.say("causes.stuck", lang, start=label(row["step"][0], lang))
    return f"{group(row['attribute'], row['value'], lang)}\n{what}"


def _lines(name: str) -> str:
    return "\n".join(lettering.shorten(lettering.plain(line), 60) for line in name.split("\n"))


def _effect(row: Mapping[Any, Any], lang: str) -> str:
    sign = "+" if row["effect"] > 0 else numbers.MINUS
    if row["unit"] == "day":
        return sign + numbers.days(abs(row["effect"]), lang)
    points = numbers.number(abs(row["effect"]) * 100, decimals=1)
    return f"{sign}{points}" + ("ポイント" if lang == "ja" else " points")


def _title(row: Mapping[Any, Any], lang: str) -> str:
    head, what = _name(row, lang).split("\n")
    return phrases.say("causes.title", lang, group=head, what=what, effect=_effect(row, lang))
