"""Does what is said of open deals come true, and which method is trusted here?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from l2c.show import numbers, theme
from l2c.show.charts import marks, sheet
from l2c.show.charts.picture import Picture, empty, finished, remarked
from l2c.show.map import lettering
from l2c.words import phrases


@sheet.house()
def calibration(table: pd.DataFrame, *, lang: str = "en") -> Picture:
    """Draw what was said at earlier dates against what came, per tenth of the deals, and how good each method was.

    Parameters
    ----------
    table
        What `monitor.calibration` returns.
    lang
        `en` or `ja`.

    Returns
    -------
    A picture whose title says which method is trusted here, and why.
    """
    whole = table[table["date"].isna() & table["brier"].notna()] if len(table) else table
    if not len(whole):
        return empty(table, lang, "calibration.none")
    rows = whole.to_dict("records")
    tenths: pd.DataFrame = table.attrs.get("tenths", pd.DataFrame())
    has_tenths = len(tenths) > 0
    height = max(3.2 if has_tenths else 0.8, 0.34 * len(rows) + 0.6)
    fig, ax = sheet.figure(9.6, height)
    if has_tenths:
        ax.remove()
        left, ax = fig.subplots(2, 1) if sheet.is_narrow() else fig.subplots(1, 2, width_ratios=(0.75, 1))
        _tenths(left, tenths, lang)
    _methods(ax, rows, table, lang)
    note = phrases.say("calibration.note", lang)
    lines = [_line(row, lang) for row in rows]
    if has_tenths:
        lines += [_came(row, lang) for row in tenths.to_dict("records")]
    return finished(fig, _title(rows, lang), remarked(note, table, lang), lines)


def _tenths(ax: Axes, tenths: pd.DataFrame, lang: str) -> None:
    top = min(1.0, 1.1 * float(tenths[["said", "came"]].to_numpy().max()) or 1.0)
    if {"low", "high"} <= set(tenths):
        ax.vlines(
            tenths["said"], tenths["low"], tenths["high"].clip(upper=top), color=theme.ACCENT, linewidth=2, alpha=0.4
        )
    ax.plot([0, top], [0, top], color=theme.GREY, linewidth=1, linestyle="--")
    ax.plot(tenths["said"], tenths["came"], "o", color=theme.ACCENT, markersize=5.5)
    for set_, name in ((ax.set_xlabel, "said"), (ax.set_ylabel, "came")):
        set_(phrases.say(f"calibration.{name}", lang))
    ax.xaxis.set_major_formatter(lambda x, _: numbers.percent(x, lang, decimals=0))
    # Nothing stands once where both axes begin.
    ax.yaxis.set_major_formatter(lambda y, _: numbers.percent(y, lang, decimals=0) if y else "")
    ax.locator_params(nbins=5)
    ax.set(xlim=(0, top), ylim=(0, top))
    sheet.quiet(ax, grid="y")


def _methods(ax: Axes, rows: list[dict[Any, Any]], table: pd.DataFrame, lang: str) -> None:
    """How much smaller the error of each is than that of the stage table, at all dates and at each."""
    names = [lettering.shorten(_called(row["method"], lang), 34) for row in rows]
    marks.name(ax, names, axis=lambda x: _percent(x, lang))
    for place, row in enumerate(rows):
        colour = theme.ACCENT if row["used"] else theme.MUTED
        dates = table[table["date"].notna() & (table["method"] == row["method"])]["skill"].dropna()
        ax.plot(dates, [place] * len(dates), "|", color=colour, markersize=8, alpha=0.6)
        if not numbers.is_missing(row["skill"]):
            marks.dot(ax, place, row["skill"], colour, hollow=not row["used"])
    marks.nought(ax)
    ax.set_xlabel(phrases.say("calibration.skill", lang))
    marks.beside(ax, [_facts(row, lang) for row in rows])


def _percent(value: float, lang: str) -> str:
    text = numbers.percent(value, lang, decimals=0)
    return f"+{text}" if value > 0.004 else text


def _called(method: str, lang: str) -> str:
    key = f"method.{method}"
    return phrases.say(key, lang) if key in phrases.PHRASES else method


def _facts(row: Mapping[Any, Any], lang: str) -> str:
    said = {"brier": numbers.number(row["brier"], decimals=3)}
    if numbers.is_missing(row["bias"]):
        return phrases.say("calibration.brier", lang, **said)
    return phrases.say("calibration.facts", lang, bias=_points(row["bias"]), **said)


def _points(value: float) -> str:
    text = numbers.number(100 * value, decimals=1)
    return f"+{text}" if value > 0.0005 else text


def _title(rows: list[dict[Any, Any]], lang: str) -> str:
    used = next((row for row in rows if row["used"]), None)
    if used is None:
        return phrases.say("calibration.title.none", lang)
    called = _called(used["method"], lang)
    skill = used["skill"]
    if used["method"] == "stage" or numbers.is_missing(skill) or skill < 0.0005:
        return phrases.say("calibration.title.table", lang, method=called)
    return phrases.say("calibration.title", lang, method=called, percent=numbers.percent(skill, lang, decimals=0))


def _line(row: Mapping[Any, Any], lang: str) -> str:
    used = phrases.say("calibration.used", lang) if row["used"] else ""
    told = {"method": _called(row["method"], lang), "facts": _facts(row, lang), "used": used}
    if numbers.is_missing(row["skill"]) or round(row["skill"], 2) == 0:
        return phrases.say("calibration.line", lang, **told)
    ending = "smaller" if row["skill"] > 0 else "larger"
    skill = numbers.percent(abs(row["skill"]), lang, decimals=0)
    return phrases.say(f"calibration.line.{ending}", lang, **told, skill=skill)


def _came(row: Mapping[Any, Any], lang: str) -> str:
    said, came = (numbers.percent(row[name], lang, decimals=0) for name in ("said", "came"))
    return phrases.say("calibration.came.line", lang, said=said, came=came, n=numbers.number(row["cases"]))
