"""Does anything go slower than it should, week by week: which step, since when, and by how much?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from l2c.show import dates, numbers, theme
from l2c.show.charts import marks, sheet
from l2c.show.charts.picture import Picture, empty, finished, remarked
from l2c.show.charts.standing import COLOURS, verdict
from l2c.show.map import lettering
from l2c.show.own_words import own_words
from l2c.show.subjects import kpi, label
from l2c.words import phrases, vocabulary
from l2c.words.measures import words_of

# The ratio of a quiet week may be anything: the axis ends here.
LEAST_RATIO, MOST_RATIO = 0.2, 2.0
# Evidence is drawn up to so many times its limit.
TIMES_THE_LIMIT = 1.6


@own_words
@sheet.house()
def pace(table: pd.DataFrame, *, top: int = 5, lang: str = "en") -> Picture:
    """Draw, step by step, what ended in each week by what should have, and beside it how the evidence adds up to an alarm.

    Parameters
    ----------
    table
        What `monitor.pace` returns.
    top
        How many steps to show at most, those with the most evidence first.
    lang
        `en` or `ja`.
    """
    if not len(table):
        return empty(table, lang)
    series = _series(table)
    rows = series[: min(top, 3) if sheet.is_narrow() else top]
    fig, ax = sheet.figure(9.2, 0.3 + 1.75 * len(rows) * (1.6 if sheet.is_narrow() else 1))
    ax.remove()
    if sheet.is_narrow():
        axes = fig.subplots(2 * len(rows), 1).reshape(-1, 2)
    else:
        axes = fig.subplots(len(rows), 2, squeeze=False, width_ratios=(3, 2))
    said = [_said(each, lang) for each in series]
    for (left, right), each, text in zip(axes, rows, said, strict=False):
        _ratios(left, each, lang)
        _sums(right, each, lang)
        if sheet.is_narrow():
            text = "\n".join(lettering.wrap(text, 50))
        left.set_title(f"{_name(each, lang)}\n{text}", loc="left", fontsize=9, color=_colour(each))
    axes[0, 1].set_title(phrases.say("pace.sum", lang), loc="left", fontsize=9, color=theme.MUTED)
    alarmed = [each for each in series if each["alarm"].iloc[-1]]
    title = (
        phrases.say("pace.title", lang, what=_name(alarmed[0], lang), said=_said(alarmed[0], lang))
        if alarmed
        else phrases.say("pace.title.none", lang, n=numbers.number(len(series)))
    )
    rate = numbers.percent(table.attrs.get("false_alarms", 0.05), lang, decimals=0)
    note = remarked(phrases.say("pace.note", lang, rate=rate), table, lang)
    lines = (phrases.named(_name(each, lang), text, lang) for each, text in zip(series, said, strict=True))
    return finished(fig, title, note, lines)


def _series(table: pd.DataFrame) -> list[pd.DataFrame]:
    """The weeks of each step, KPI or rule: those that alarm now, then those that did, then by their evidence."""
    parts = [part for _, part in table.groupby([table["kpi"], table["step"].map(str)], sort=False)]

    def order(part: pd.DataFrame) -> tuple[float, ...]:
        last = part.iloc[-1]
        return (-float(last["alarm"]), -float(part["alarm"].sum() > 0), -abs(float(last["cusum"] / last["limit"])))

    return sorted(parts, key=order)


def _name(part: pd.DataFrame, lang: str) -> str:
    first = part.iloc[0]
    step = first["step"]
    what = kpi(first["kpi"], lang) if numbers.is_missing(step) else " → ".join(label(name, lang) for name in step)
    return lettering.shorten(lettering.plain(what), 60)


def _said(part: pd.DataFrame, lang: str) -> str:
    """What the last week says."""
    last = part.iloc[-1]
    alarms = part.loc[part["alarm"].astype(bool), "week"]
    if not last["alarm"]:
        if len(alarms):
            return phrases.say("pace.over", lang, day=dates.day(alarms.iloc[-1], lang))
        return phrases.say("pace.usual", lang)
    low, high = sorted(abs(1 - float(last[name])) for name in ("since_low", "since_high"))
    return phrases.say(
        "pace.fewer" if last["since_ratio"] < 1 else "pace.more",
        lang,
        n=numbers.percent(abs(1 - last["since_ratio"]), lang, decimals=0),
        low=numbers.percent(low, lang, decimals=0),
        high=numbers.percent(high, lang, decimals=0),
        day=dates.day(last["since"], lang),
    )


def _colour(part: pd.DataFrame) -> str:
    last = part.iloc[-1]
    if not last["alarm"]:
        return COLOURS["unsure"]
    more = bool(last["since_ratio"] > 1)
    if not numbers.is_missing(last["step"]):
        no = last["step"][1] in (*vocabulary.refusals(), "Closed Lost")
        return COLOURS["changed" if no else "better" if more else "worse"]
    measure = words_of(last["kpi"])
    if measure is None:
        # A rule that is broken more often is worse.
        return COLOURS["worse" if more else "better"]
    # Of a duration more ends are fewer days.
    return COLOURS[verdict(last["kpi"], up=more != (measure.kind == "duration"), sure=True)]


def _ratios(ax: Axes, part: pd.DataFrame, lang: str) -> None:
    week = part["week"].to_numpy()
    ratio, low, high = (
        np.clip(part[name].to_numpy(float), LEAST_RATIO, MOST_RATIO) for name in ("ratio", "low", "high")
    )
    ax.fill_between(week, low, high, color=theme.GRID, linewidth=0, step="mid")
    ax.axhline(1, color=theme.GREY, linewidth=1)
    ax.plot(week, ratio, color=theme.GREY, linewidth=0.9)
    alarm = part["alarm"].to_numpy(bool)
    ax.plot(
        week[alarm], ratio[alarm], "o", color=_colour(part) if part["alarm"].iloc[-1] else theme.INK, markersize=3.6
    )
    begins = part.loc[part["cusum"].notna(), "week"].iloc[0]
    ax.axvline(begins, color=theme.GREY, linewidth=1, linestyle=(0, (2, 2)))
    _dated(ax, part, lang)
    ticks = [0.5, 1.0, 1.5]
    ax.set_yticks(ticks, [numbers.percent(tick, lang, decimals=0) for tick in ticks], fontsize=8)
    ax.set_ylim(LEAST_RATIO, MOST_RATIO)


def _sums(ax: Axes, part: pd.DataFrame, lang: str) -> None:
    watched = part[part["cusum"].notna()]
    week, cusum = watched["week"].to_numpy(), watched["cusum"].to_numpy(float)
    limit = float(watched["limit"].iloc[0])
    for side in (-limit, limit):
        ax.axhline(side, color=theme.INK, linewidth=0.9, linestyle=(0, (4, 3)))
    ax.axhline(0, color=theme.GREY, linewidth=1)
    alarm = watched["alarm"].to_numpy(bool)
    colour = _colour(part)
    # Evidence far beyond the limit says nothing more, and would hide the limits.
    cusum = np.clip(cusum, -TIMES_THE_LIMIT * limit, TIMES_THE_LIMIT * limit)
    ax.plot(week, cusum, color=theme.GREY, linewidth=1.4)
    ax.plot(week[alarm], cusum[alarm], "o", color=colour if part["alarm"].iloc[-1] else theme.INK, markersize=3.6)
    ax.set_ylim(-TIMES_THE_LIMIT * limit * 1.1, TIMES_THE_LIMIT * limit * 1.1)
    ax.set_yticks(
        [-limit, 0, limit], [phrases.say(f"pace.axis.{end}", lang) for end in ("fewer", "usual", "more")], fontsize=8
    )
    _dated(ax, watched, lang)


def _dated(ax: Axes, part: pd.DataFrame, lang: str) -> None:
    """Name some months below the weeks."""
    sheet.quiet(ax, grid="y")
    first, last = part["week"].iloc[0], part["week"].iloc[-1]
    shown = marks.months(list(pd.date_range(first, last, freq="MS")))
    shown = shown[::2] if len(shown) > 4 else shown
    ax.set_xticks(np.array(shown, "datetime64[us]"), [dates.month(each, lang) for each in shown], fontsize=8)
