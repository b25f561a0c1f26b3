"""What happened to the pipeline between two days: what came, what went, what is left?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from l2c.measures.behind import BEHIND
from l2c.show import dates, numbers, theme
from l2c.show.charts import marks, sheet
from l2c.show.charts.picture import Picture, empty, finished, remarked
from l2c.show.map import lettering
from l2c.words import phrases

SUMS = ("start", "end")
_COLOURS = {
    "start": theme.GREY, "created": theme.ACCENT_PALE, "pulled_in": theme.ACCENT_PALE, "raised": theme.ACCENT_PALE,
    "reopened": theme.ACCENT_PALE, "pushed_in": theme.ACCENT_PALE, "moved_in": theme.ACCENT_PALE, "cut": theme.WARM_PALE,
    "moved_out": theme.WARM_PALE, "pushed": theme.WARM_PALE, "pulled_out": theme.WARM_PALE, "lost": theme.WARM,
    "won": theme.ACCENT, "end": theme.GREY,
}  # fmt: skip
# Shown only where something is in them.
RARE = ("reopened", "pulled_in", "pushed_in", "pushed", "moved_in", "moved_out", "pulled_out")
# Groups beyond so many are left to the table.
SIDE_BY_SIDE = 6


@sheet.house()
def pipeline_bridge(table: pd.DataFrame, *, lang: str = "en", currency: str | None = None) -> Picture:
    """Draw the way of the pipeline from one day to another: what came onto it is pale, what was won blue, what was lost warm.

    Parameters
    ----------
    table
        What `monitor.pipeline_bridge` returns; of groups those with the largest pipeline stand side by side.
    lang, currency
        `en` or `ja`; currency of the log.
    """
    if not len(table) or not table["change"].notna().any():
        return empty(table, lang, "bridge.none")
    there = table.groupby("part")["deals"].transform("sum") > 0
    # What the log cannot tell has no bar; the remark says why.
    days = table.attrs.get("days")
    table = table[(there | ~table["part"].isin(RARE)) & table["change"].notna()]
    whole = table.groupby("part", sort=False)[["change", "deals"]].sum().reset_index()
    if BEHIND in table and "group" not in table:
        whole[BEHIND] = table[BEHIND].to_numpy()
    if not whole["deals"].any():
        return empty(table, lang, "bridge.nothing")
    groups = _groups(table)
    if groups:
        fig, axes = _grid(len(groups))
        small = True
        parts = [(name, table[table["group"] == name]) for name in groups]
    else:
        fig, ax = sheet.figure(9.2, 3.6)
        small = sheet.is_narrow()
        axes, parts = [ax], [("", whole)]
    for ax, (name, part) in zip(axes, parts, strict=True):
        _waterfall(ax, part.to_dict("records"), lang, currency, small=small)
        if groups:
            said = lettering.shorten(str(name), 30)
            ax.set_title(said, fontsize=9.5, color=theme.INK, loc="left")
        named = (phrases.named(_called(row, lang), _deals(row, lang), lang) for row in part.to_dict("records"))
        marks.columns(ax, range(len(part)), marks.named(part.to_dict("records"), named))
    note = phrases.say("bridge.note", lang)
    if groups and (more := table["group"].nunique() - len(groups)) > 0:
        note += " " + phrases.say("bridge.more", lang, n=more)
    records = whole.to_dict("records")
    lines = (
        phrases.named(_called(row, lang), f"{_money(row, lang, currency)}, {_deals(row, lang)}", lang)
        for row in records
    )
    return finished(fig, _title(records, days, lang, currency), remarked(note, table, lang), lines)


def _groups(table: pd.DataFrame) -> list[Any]:
    if "group" not in table or table["group"].nunique() < 2:
        return []
    size = table[table["part"].isin(SUMS)].groupby("group")["change"].sum().sort_values(ascending=False, kind="stable")
    return list(size.index[:SIDE_BY_SIDE])


def _grid(n: int) -> tuple[Any, list[Axes]]:
    across = min(n, 1 if sheet.is_narrow() else 3)
    down = -(-n // across)
    fig, first = sheet.figure(9.2, 2.6 * down)
    first.remove()
    axes = fig.subplots(down, across, squeeze=False).ravel().tolist()
    for spare in axes[n:]:
        spare.set_axis_off()
    return fig, axes[:n]


def _waterfall(ax: Axes, rows: list[dict[Any, Any]], lang: str, currency: str | None, *, small: bool) -> None:
    steps = np.array([0.0 if numbers.is_missing(row["change"]) else float(row["change"]) for row in rows])
    starts, ends, at = [], [], 0.0
    for row, step in zip(rows, steps, strict=True):
        starts.append(0.0 if row["part"] in SUMS else at)
        at = step if row["part"] in SUMS else at + step
        ends.append(at)
    low, high = np.minimum(starts, ends), np.maximum(starts, ends)
    ax.bar(range(len(rows)), high - low, bottom=low, width=0.66, color=[_COLOURS[row["part"]] for row in rows])
    for place in range(len(rows) - 1):
        ax.plot([place + 0.33, place + 0.67], [ends[place]] * 2, color=theme.GREY, linewidth=0.8)
    top = float(high.max()) or 1.0
    size = 8 if small else 9
    told = (*SUMS, "won", "lost")
    for place, row in enumerate(rows):
        if small and row["part"] not in told:
            continue
        said = _money(row, lang, currency)
        weight = "bold" if row["part"] in told else "normal"
        # Where there is little room, what was won is said below its bar, out of the way of what is left.
        under = small and row["part"] == "won"
        ax.annotate(
            said, (place, low[place] if under else high[place]), (0, -3 if under else 3), textcoords="offset points",
            ha="center", va="top" if under else "bottom", fontsize=size, weight=weight,
            color=theme.WARM if row["part"] == "lost" else theme.INK,
        )  # fmt: skip
    ax.set_ylim(0, top * (1.16 if small else 1.1))
    names = [_called(row, lang) for row in rows]
    if small:
        ax.set_xticks(range(len(rows)), names, fontsize=8, rotation=60, ha="right", rotation_mode="anchor")
    else:
        two = [f"{name}\n{numbers.number(row['deals'])}" for name, row in zip(names, rows, strict=True)]
        ax.set_xticks(range(len(rows)), two, fontsize=9)
    ax.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    ax.yaxis.set_major_formatter(lambda y, _: numbers.money(y, currency, lang))
    sheet.quiet(ax, grid="y")
    if small:
        ax.set_yticks([])


def _money(row: Mapping[Any, Any], lang: str, currency: str | None) -> str:
    sign = "+" if row["change"] > 0 and row["part"] not in SUMS else ""
    return sign + numbers.money(row["change"], currency, lang)


def _called(row: Mapping[Any, Any], lang: str) -> str:
    return phrases.say(f"part.{row['part']}", lang)


def _deals(row: Mapping[Any, Any], lang: str) -> str:
    return phrases.say("bridge.deals", lang, n=numbers.number(row["deals"]))


def _title(rows: list[dict[Any, Any]], days: tuple[date, date] | None, lang: str, currency: str | None) -> str:
    amounts = {row["part"]: numbers.money(abs(row["change"]), currency, lang) for row in rows}
    said = {
        name: amounts.get(name, numbers.money(0, currency, lang)) for name in ("start", "end", "won", "lost", "created")
    }
    title = phrases.say("bridge.title", lang, **said)
    if days is None:
        return title[:1].upper() + title[1:]
    begin, end = (dates.day(day, lang) for day in days)
    return phrases.say("bridge.between", lang, begin=begin, end=end, title=title)
