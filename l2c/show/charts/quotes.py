"""What takes long between quote and contract, for whom does it wait, and what does waiting mean for winning?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from l2c.show import numbers, theme
from l2c.show.charts import marks, sheet
from l2c.show.charts.picture import Picture, empty, finished
from l2c.show.hours import of_the_calendar
from l2c.words import phrases, vocabulary

# Own work in the accent: it is what we can change.
_COLOURS = {"own_team": theme.ACCENT, "approver": theme.PHASES[3], "customer": theme.PALE}


@sheet.house()
def quote_to_contract(table: pd.DataFrame, *, lang: str = "en") -> Picture:
    """Draw how long each phase from the quote to the contract takes, and for whom it waits.

    Parameters
    ----------
    table
        What `diagnose.quote_to_contract` returns.
    lang
        `en` or `ja`.
    """
    shown = table.dropna(subset=["value", "bound_low"], how="all")
    if not len(shown):
        return empty(table, lang)
    rows = shown.to_dict("records")
    names = [marks.step(row, lang) for row in rows]
    fig, ax = marks.rows(marks.broken(names))
    least = shown["bound_low"].fillna(shown["value"])
    ends = marks.bars(ax, (least, [_COLOURS[row["waits_for"]] for row in rows]))
    far = shown["bound_high"].where(shown["bound_low"].notna(), shown["p90_days"])
    ax.hlines(range(len(rows)), ends, far, color=theme.GREY, linewidth=1.2)
    ax.plot(far, range(len(rows)), "|", color=theme.GREY, markersize=9)
    medians = [numbers.half(row["value"], row["bound_low"], row["bound_high"], lang=lang) for row in rows]
    facts = [
        phrases.say(
            "quotes.facts", lang, whom=vocabulary.label(row["waits_for"], lang), cases=numbers.number(row["cases"])
        )
        for row in rows
    ]  # fmt: skip
    marks.beside(ax, facts, gap=marks.beside(ax, medians, bold=True))
    marks.leads(ax, marks.named(rows, names))
    marks.where(ax, ({"eventually": [row["from"], row["to"]]} for row in rows))
    slowest = int(least.to_numpy().argmax())
    text = phrases.say("quotes.title", lang, step=names[slowest], median=medians[slowest])
    return finished(fig, text, phrases.say("quotes.note", lang))


@of_the_calendar
@sheet.house()
def landmarks(table: pd.DataFrame, *, lang: str = "en") -> Picture:
    """Draw the share won of the deals that still wait for acceptance, and of those accepted, at each landmark.

    Parameters
    ----------
    table
        What `diagnose.landmarks` returns.
    lang
        `en` or `ja`.
    """
    groups = {name: table[table["group"] == name] for name in ("accepted", "waiting", "difference")}
    if not groups["waiting"]["cases"].sum() + groups["accepted"]["cases"].sum():
        return empty(table, lang)
    fig, ax = sheet.figure(8.4, 3.1)
    days = sorted(table["landmark_days"].unique())
    for name, colour, shift in (("accepted", theme.MUTED, -0.05), ("waiting", theme.ACCENT, 0.05)):
        rows = groups[name].dropna(subset=["value"])
        x = np.array([days.index(d) for d in rows["landmark_days"]]) + shift
        value, low, high = (rows[c].to_numpy(float) for c in ("value", "low", "high"))
        ax.errorbar(
            x, value, yerr=np.maximum([value - low, high - value], 0), color=colour, marker="o", markersize=6,
            linewidth=1.8, elinewidth=1.4, linestyle="-" if name == "waiting" else "--",
        )  # fmt: skip
        for place, each, cases in zip(x, value, rows["cases"], strict=True):
            said = numbers.percent(each, lang, decimals=0)
            if not sheet.is_narrow():
                said += f"  ({numbers.count(cases, 'deal', lang)})"
            ax.annotate(said, (place, each), (8, 5), textcoords="offset points", fontsize=8.5, color=colour)
        if len(x):
            ax.annotate(
                phrases.say(f"landmarks.{name}", lang), (x[0], value[0]), (-10, 0), textcoords="offset points",
                ha="right", va="center", weight="bold", color=colour,
            )  # fmt: skip
    ax.set_xticks(range(len(days)), [numbers.days(d, lang) for d in days])
    ax.set_xlim(-1.25 if sheet.is_narrow() else -0.75, len(days) - 0.35)
    marks.shares(ax, lang)
    ax.set_xlabel(phrases.say("landmarks.axis", lang), loc="right")
    ax.set_ylabel(phrases.say("landmarks.won", lang))
    horizon = numbers.number(np.nanmedian(table["horizon_days"]) if table["horizon_days"].notna().any() else None)
    note = phrases.say("landmarks.note", lang, horizon=phrases.say("landmarks.days", lang, n=horizon))
    return finished(fig, _finding(groups, lang), note)


def _finding(groups: dict[str, pd.DataFrame], lang: str) -> str:
    """What the landmark in the middle says, if anything."""
    gaps = groups["difference"].dropna(subset=["value"]).sort_values("landmark_days")
    if not len(gaps):
        return phrases.say("landmarks.title.few", lang)
    clear = gaps[(gaps["low"] > 0) | (gaps["high"] < 0)]
    if not len(clear):
        return phrases.say("landmarks.title.none", lang)
    day = clear["landmark_days"].iloc[len(clear) // 2]
    said = {}
    for name in ("waiting", "accepted"):
        rows = groups[name]
        said[name] = numbers.percent(rows.loc[rows["landmark_days"] == day, "value"].iloc[0], lang, decimals=0)
    return phrases.say("landmarks.title", lang, days=phrases.say("landmarks.days", lang, n=numbers.number(day)), **said)
