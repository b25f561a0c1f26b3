"""What takes long between quote and contract, for whom does it wait, and what does waiting mean for winning?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from l2c.show import theme, words
from l2c.show.charts import sheet
from l2c.show.charts.picture import Picture, empty
from l2c.show.map import lettering
from l2c.words import vocabulary

# Own work in the accent: it is what we can change.
_COLOURS = {"own_team": theme.ACCENT, "approver": theme.PHASES[3], "customer": theme.PALE}


def quote_to_contract(table: pd.DataFrame, *, lang: str = "en") -> Picture:
    """Draw how long each phase from the quote to the contract takes, and for whom it waits.

    Parameters
    ----------
    table
        What `diagnose.quote_to_contract` returns.
    lang
        `en` or `ja`.
    """
    shown = table.dropna(subset=["value"]).reset_index(drop=True)
    with sheet.house():
        fig, ax = sheet.figure(8.6, 1.4 + 0.5 * max(1, len(shown)))
        if not len(shown):
            return empty(fig, lang)
        longest = float(np.nanmax(shown[["value", "p90_days"]].to_numpy(float)))
        for place, row in enumerate(shown.to_dict("records")):
            ax.barh(place, row["value"], height=0.5, color=_COLOURS[row["waits_for"]])
            ax.plot([row["value"], row["p90_days"]], [place] * 2, color=theme.GREY, linewidth=1.2)
            ax.plot([row["p90_days"]], [place], "|", color=theme.GREY, markersize=9)
            median = words.days(row["value"], lang)
            ax.text(longest * 1.06, place, median, va="center", weight="bold", color=theme.INK)
            whom, cases = vocabulary.label(row["waits_for"], lang), words.number(row["cases"])
            facts = words.say("quotes.facts", lang, whom=whom, cases=cases)
            ax.text(longest * 1.22, place, facts, va="center", fontsize=9, color=theme.MUTED)
        names = [_step(row, lang) for row in shown.to_dict("records")]
        ax.set_yticks(range(len(shown)), [n.replace(" → ", " →\n") for n in names], fontsize=9)
        ax.set(ylim=(len(shown) - 0.5, -0.5), xlim=(0, longest * 1.55), xticks=[])
        sheet.quiet(ax)
        slowest = int(shown["value"].to_numpy().argmax())
        median = words.days(shown["value"].iloc[slowest], lang)
        text = words.say("quotes.title", lang, step=names[slowest], median=median)
        sheet.head(fig, text, words.say("quotes.note", lang))
    return Picture(fig, text)


def quote_waits(table: pd.DataFrame, *, lang: str = "en") -> Picture:
    """Draw for whom the deals wait between quote and contract: one bar that is all of their days.

    Parameters
    ----------
    table
        What `diagnose.quote_waits` returns.
    lang
        `en` or `ja`.
    """
    with sheet.house():
        fig, ax = sheet.figure(8.4, 1.9)
        if not table["case_days"].sum() > 0:
            return empty(fig, lang)
        left = 0.0
        for place, row in enumerate(table.to_dict("records")):
            share, colour = float(row["share"]), _COLOURS[row["waits_for"]]
            ax.barh(0, share, left=left, height=0.75, color=colour, edgecolor="white")
            name, percent = vocabulary.label(row["waits_for"], lang), words.percent(share, decimals=0)
            if lettering.em(name) * 0.0165 < share:
                ink = theme.ink_on(colour)
                ax.text(left + share / 2, 0, f"{name}\n{percent}", ha="center", va="center", weight="bold", color=ink)
            else:
                # What does not fit into its part stands below it, each in a line of its own.
                low = -0.55 - 0.32 * (len(table) - 1 - place)
                ax.text(min(left + share, 1.0), low, f"{name} {percent}", ha="right", va="center", color=theme.TEXT)
            left += share
        ax.set(xlim=(0, 1), ylim=(-1.05, 0.4), xticks=[], yticks=[])
        sheet.quiet(ax)
        first, by_whom = table.iloc[0], table.set_index("waits_for")["share"]
        most, own = (words.percent(v, decimals=0) for v in (first["share"], by_whom.get("own_team", 0.0)))
        text = words.say("quote_waits.title.own", lang, share=most)
        if first["waits_for"] != "own_team":
            whom = words.say(f"quote_waits.{first['waits_for']}", lang)
            text = words.say("quote_waits.title", lang, share=most, whom=whom, own=own)
        days = words.case_days(table["case_days"].sum(), lang)
        sheet.head(
            fig,
            text,
            words.say("quote_waits.note", lang, days=days, cases=words.count(table["cases"].max(), "deal", lang)),
        )
    return Picture(fig, text)


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
    with sheet.house():
        fig, ax = sheet.figure(8.4, 4.2)
        if not len(table) or not groups["waiting"]["cases"].sum() + groups["accepted"]["cases"].sum():
            return empty(fig, lang)
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
                said = f"{words.percent(each, decimals=0)}  ({words.count(cases, 'deal', lang)})"
                ax.annotate(said, (place, each), (8, 5), textcoords="offset points", fontsize=8.5, color=colour)
            if len(x):
                ax.annotate(
                    words.say(f"landmarks.{name}", lang), (x[0], value[0]), (-10, 0), textcoords="offset points",
                    ha="right", va="center", weight="bold", color=colour,
                )  # fmt: skip
        ax.set_xticks(range(len(days)), [words.days(d, lang) for d in days])
        ax.set(xlim=(-0.75, len(days) - 0.35), ylim=(0, 1.06))
        ax.set_yticks([0, 0.25, 0.5, 0.75, 1], [words.percent(y, decimals=0) for y in (0, 0.25, 0.5, 0.75, 1)])
        sheet.quiet(ax, grid="y")
        ax.tick_params(axis="y", labelcolor=theme.MUTED)
        ax.set_xlabel(words.say("landmarks.axis", lang), loc="right")
        ax.set_ylabel(words.say("landmarks.won", lang))
        text = _finding(groups, lang)
        horizon = words.number(np.nanmedian(table["horizon_days"]) if table["horizon_days"].notna().any() else None)
        sheet.head(fig, text, words.say("landmarks.note", lang, horizon=words.say("landmarks.days", lang, n=horizon)))
    return Picture(fig, text)


def _step(row: Mapping[Any, Any], lang: str) -> str:
    return " → ".join(lettering.plain(vocabulary.label(str(row[k]), lang)) for k in ("from", "to"))


def _finding(groups: dict[str, pd.DataFrame], lang: str) -> str:
    """What the landmark in the middle says, if anything."""
    gaps = groups["difference"].dropna(subset=["value"]).sort_values("landmark_days")
    if not len(gaps):
        return words.say("landmarks.title.few", lang)
    clear = gaps[(gaps["low"] > 0) | (gaps["high"] < 0)]
    if not len(clear):
        return words.say("landmarks.title.none", lang)
    day = clear["landmark_days"].iloc[len(clear) // 2]
    said = {}
    for name in ("waiting", "accepted"):
        rows = groups[name]
        said[name] = words.percent(rows.loc[rows["landmark_days"] == day, "value"].iloc[0], decimals=0)
    return words.say("landmarks.title", lang, days=words.say("landmarks.days", lang, n=words.number(day)), **said)
