"""Is it getting better, quarter by quarter?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from l2c.show import dates, numbers, theme
from l2c.show.charts import marks, narrow, sheet
from l2c.show.charts.picture import Picture, finished, plain, remarked
from l2c.show.charts.standing import COLOURS, gap, verdict
from l2c.show.map import lettering
from l2c.show.own_words import own_words
from l2c.words import phrases, vocabulary

if TYPE_CHECKING:
    from l2c.improve.entries import Dated

ACROSS = 3


@own_words
@sheet.house()
def quarters(
    table: pd.DataFrame, *, notes: Sequence[Dated] = (), lang: str = "en", currency: str | None = None
) -> Picture:
    """Draw each key figure by the quarter in which cases began, with its interval, one small chart each.

    Parameters
    ----------
    table
        What `monitor.quarters` returns; `executive` keeps the KPIs that fit one page.
    notes
        What happened on a day (`improve.register(…).notes`), drawn as dotted lines and named below the title.
    lang, currency
        `en` or `ja`; the currency of the log.

    Returns
    -------
    A picture. The last quarter is held against the first one drawn, allowing for the number of figures looked at: blue
    is better beyond chance, orange worse, grey may be chance.
    """
    whole = sorted(table.loc[table["complete"].astype(bool), "quarter"].unique())
    if len(whole) < 2:
        return plain(phrases.say("quarters.short", lang, n=numbers.number(len(whole))))
    rows = table[table["quarter"].isin(whole)]
    panels = {str(kpi): part for kpi, part in rows.groupby("kpi", sort=False) if part["value"].notna().sum() > 1}
    if not panels:
        return plain(phrases.say("quarters.few", lang))
    verdicts = {kpi: _verdict(kpi, part, len(panels)) for kpi, part in panels.items()}
    across = 2 if sheet.is_narrow() else ACROSS
    down = -(-len(panels) // across)
    fig, ax = sheet.figure(9.2, 0.3 + 1.55 * down)
    ax.remove()
    axes = fig.subplots(down, across, squeeze=False).ravel()
    for spare in axes[len(panels) :]:
        spare.set_axis_off()
    for place, (kpi, part) in zip(axes, panels.items(), strict=False):
        _panel(place, kpi, part, whole, verdicts[kpi], lang, currency)
    note = phrases.say("quarters.note", lang)
    if young := sorted(table.loc[~table["complete"].astype(bool), "quarter"].unique()):
        names = phrases.say("compliance.join", lang).join(dates.quarter(pd.Timestamp(q), lang) for q in young)
        note += " " + phrases.say("quarters.incomplete", lang, names=names)
    told = marks.dated(axes[: len(panels)], notes, [pd.Timestamp(quarter) for quarter in whole], lang)
    note = " ".join(filter(None, [remarked(note, table, lang), told]))
    lines = (
        phrases.named(vocabulary.label(kpi, lang), _ends(part, lang, currency), lang) for kpi, part in panels.items()
    )
    return finished(fig, _title(verdicts, whole, lang), note, lines)


def _panel(
    ax: Axes, kpi: str, part: pd.DataFrame, whole: list[Any], found: str, lang: str, currency: str | None
) -> None:
    known = part[part["value"].notna()]
    x = np.array([whole.index(q) for q in known["quarter"]])
    value, low, high = (known[c].to_numpy(float) for c in ("value", "low", "high"))
    colour = COLOURS[found]
    ax.vlines(x, np.where(np.isnan(low), value, low), np.where(np.isnan(high), value, high), color=theme.PALE, lw=3)
    ax.plot(x, value, color=theme.GREY, linewidth=1.1)
    ax.plot(x[:-1], value[:-1], "o", color=theme.GREY, markersize=4)
    # Without colour, a filled dot is a finding and a hollow one is not.
    fill = "white" if found == "unsure" else colour
    ax.plot(x[-1:], value[-1:], "o", color=colour, markerfacecolor=fill, markersize=7)
    ends = np.concatenate([value, low[~np.isnan(low)], high[~np.isnan(high)]])
    room = max(float(ends.max() - ends.min()), abs(float(ends.max())) * 0.1, 1e-9) * 0.15
    ax.set(xlim=(-0.4, len(whole) - 0.6), ylim=(float(ends.min()) - room, float(ends.max()) + room), yticks=[])
    names = [dates.quarter(pd.Timestamp(whole[place]), lang) for place in (0, -1)]
    ax.set_xticks([0, len(whole) - 1], names, fontsize=8)
    first, last = ax.get_xticklabels()
    first.set_horizontalalignment("left")
    last.set_horizontalalignment("right")
    sheet.quiet(ax)
    label = vocabulary.label(kpi, lang)
    named = [dates.quarter(pd.Timestamp(quarter), lang) for quarter in known["quarter"]]
    said = [numbers.value(each, known["unit"].iloc[0], lang=lang, currency=currency) for each in value]
    names = [phrases.named(f"{label} · {quarter}", each, lang) for quarter, each in zip(named, said, strict=True)]
    marks.columns(ax, x, marks.named(known.to_dict("records"), names))
    title = lettering.shorten(vocabulary.label(kpi, lang), 34)
    if sheet.is_narrow():
        title = "\n".join(narrow.broken(title, 9, sheet.PHONE / 2 - 0.15))
    ax.set_title(f"{title}\n{_ends(part, lang, currency)}", loc="left", fontsize=9, color=colour)


def _ends(part: pd.DataFrame, lang: str, currency: str | None) -> str:
    """First and last value of the figure."""
    known = part[part["value"].notna()]
    unit = known["unit"].iloc[0]
    # Both in one unit: 114 days beside 4.3 months cannot be compared at a glance.
    unit = "case_day" if unit == "day" and known["value"].max() >= numbers.DAYS_LIMIT else unit
    ends = [known["value"].iloc[place] for place in (0, -1)]
    return " → ".join(numbers.value(end, unit, lang=lang, currency=currency) for end in ends)


def _verdict(kpi: str, part: pd.DataFrame, kinds: int) -> str:
    first, last = part.iloc[0], part.iloc[-1]
    # Where a value or an end of an interval is not known, the gap is not either, and nothing is claimed.
    return verdict(kpi, up=last["value"] > first["value"], sure=gap(first, last, 2, kinds) > 0)


def _title(verdicts: dict[str, str], whole: list[Any], lang: str) -> str:
    first, last = (dates.quarter(pd.Timestamp(whole[place]), lang) for place in (0, -1))
    said = []
    for word in ("worse", "better", "changed"):
        names = [vocabulary.label(kpi, lang) for kpi, verdict in verdicts.items() if verdict == word]
        if names:
            joined = phrases.say("compliance.join", lang).join(names)
            said.append(phrases.say(f"quarters.{word}", lang, names=joined))
    if not said:
        return phrases.say("quarters.title.none", lang, first=first, last=last)
    return phrases.say(
        "quarters.title", lang, first=first, last=last, said=phrases.say("quarters.join", lang).join(said)
    )
