"""Which groups differ, by how much, and how much of the plain difference was only the mix?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from l2c.show import theme, words
from l2c.show.charts import sheet
from l2c.show.charts.picture import Picture, plain
from l2c.show.findings import group, label
from l2c.show.map import lettering


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
    with sheet.house():
        if not parts:
            return plain(words.say("causes.none", lang))
        heights = [len(part) + 0.9 for part in parts]
        fig, first = sheet.figure(9.2, 1.3 + 0.46 * sum(heights))
        first.remove()
        axes = fig.subplots(len(parts), 1, height_ratios=heights, squeeze=False)[:, 0]
        for ax, part in zip(axes, parts, strict=True):
            _panel(ax, part, lang)
        text = _title(table.iloc[0].to_dict(), lang)
        sheet.head(fig, text, words.say("causes.note", lang))
    lines = [f"{_name(r, lang)}: {_effect(r, lang)}" for r in shown.to_dict("records")]
    return Picture(fig, "\n".join([text, *lines]))


def _panel(ax: Axes, part: pd.DataFrame, lang: str) -> None:
    scale = 1.0 if part["unit"].iloc[0] == "day" else 100.0
    values = part[["low", "high", "raw"]].to_numpy(float) * scale
    low, high = min(float(values.min()), 0.0), max(float(values.max()), 0.0)
    span = (high - low) or 1.0
    for place, row in enumerate(part.to_dict("records")):
        colour = theme.WARM if row["adverse"] else theme.ACCENT
        ax.plot([row["low"] * scale, row["high"] * scale], [place] * 2, color=colour, linewidth=2.2, alpha=0.5)
        ax.plot([row["raw"] * scale], [place], "o", markersize=7, markerfacecolor="white", color=theme.GREY)
        ax.plot([row["effect"] * scale], [place], "o", markersize=6.5, color=colour)
        lost = (
            words.case_days(row["lost"], lang)
            if row["unit"] == "day"
            else words.count(round(abs(row["lost"])), "case", lang)
        )
        fact = words.say("causes.lost", lang, lost=lost, cases=words.count(row["cases"], "case", lang))
        ax.text(high + span * 0.04, place, fact, va="center", fontsize=8.5, color=theme.MUTED)
    ax.axvline(0, color=theme.PALE, linewidth=1, zorder=0)
    ax.set_yticks(range(len(part)), [_lines(_name(r, lang)) for r in part.to_dict("records")], fontsize=8.8)
    ax.set(ylim=(len(part) - 0.4, -0.6), xlim=(low - span * 0.03, high + span * 0.62))
    ax.set_xticks([t for t in ax.get_xticks() if low <= t <= high])
    ax.set_xlim(low - span * 0.03, high + span * 0.62)
    sheet.quiet(ax, grid="x")
    ax.set_xlabel(words.say("causes.days" if scale == 1.0 else "causes.points", lang), loc="left")


def _name(row: Mapping[Any, Any], lang: str) -> str:
    what = " → ".join(label(name, lang) for name in row["step"]) if row["step"] else label(row["kpi"], lang)
    return f"{group(row['attribute'], row['value'], lang)}\n{what}"


def _lines(name: str) -> str:
    return "\n".join(lettering.shorten(lettering.plain(line), 46) for line in name.split("\n"))


def _effect(row: Mapping[Any, Any], lang: str) -> str:
    sign = "+" if row["effect"] > 0 else words.MINUS
    if row["unit"] == "day":
        return sign + words.days(abs(row["effect"]), lang)
    points = words.number(abs(row["effect"]) * 100, decimals=1)
    return f"{sign}{points}" + ("ポイント" if lang == "ja" else " points")


def _title(row: Mapping[Any, Any], lang: str) -> str:
    head, what = _name(row, lang).split("\n")
    return words.say("causes.title", lang, group=head, what=what, effect=_effect(row, lang))
