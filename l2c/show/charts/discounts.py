"""Do discounts win deals?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.ticker import MultipleLocator

from l2c.show import numbers, theme
from l2c.show.charts import marks, sheet
from l2c.show.charts.picture import Picture, finished, plain
from l2c.words import phrases, vocabulary

# Bands of fewer closed deals are dots without meaning.
SMALLEST_BAND = 10


@sheet.house()
def discounts(bands: pd.DataFrame, effect: pd.DataFrame, *, lang: str = "en") -> Picture:
    """Draw the share won by discount, as it stands and adjusted, above the number of deals.

    Parameters
    ----------
    bands, effect
        What `diagnose.discount_bands` and `diagnose.discounts` return.
    """
    found: dict[Any, Any] = dict(effect.iloc[0]) if len(effect) else {"verdict": "unknown"}
    shown = bands[bands["closed"] >= SMALLEST_BAND]
    text = _title(found, lang)
    if not len(shown):
        return plain(text)
    fig, first = sheet.figure(8.0, 4.0)
    first.remove()
    ax, low = fig.subplots(2, 1, height_ratios=[3.2, 1], sharex=True)
    x = shown["discount"].to_numpy(float) + 0.005
    ax.vlines(x, shown["low"], shown["high"], color=theme.PALE, linewidth=2)
    ax.plot(x, shown["share"], "o", color=theme.GREY, markersize=5)
    if not numbers.is_missing(found.get("value")):
        centre = float(np.average(x, weights=shown["closed"]))
        level = float(shown["won"].sum() / shown["closed"].sum())
        ends = np.array([x.min(), x.max()])
        line, *bounds = (level + (ends - centre) * found[side] * 100 for side in ("value", "low", "high"))
        ax.plot(ends, line, color=theme.ACCENT, linewidth=2.4)
        band = np.minimum(*bounds), np.maximum(*bounds)
        ax.fill_between(ends, *band, color=theme.ACCENT_PALE, alpha=0.5, linewidth=0)
    low.bar(bands["discount"] + 0.005, bands["cases"], width=0.0085, color=theme.PALE)
    low.xaxis.set_major_locator(MultipleLocator(0.05))
    low.xaxis.set_major_formatter(lambda x, _: marks.percent(x, lang))
    names = [
        phrases.named(phrases.say("discounts.axis", lang), marks.percent(each, lang), lang)
        for each in bands["discount"]
    ]
    for place in (ax, low):
        marks.columns(place, bands["discount"] + 0.005, marks.named(bands.to_dict("records"), names), wide=0.01)
    marks.shares(ax, lang)
    sheet.quiet(low, grid="y")
    ax.set_ylabel(phrases.say("discounts.won", lang))
    low.set_xlabel(phrases.say("discounts.axis", lang), loc="left")
    return finished(fig, text, _note(found, lang))


def _title(found: Mapping[Any, Any], lang: str) -> str:
    fills = {side: _points(found.get(side)) for side in ("value", "useful", "below_knot", "above_knot", "low", "high")}
    interval = numbers.to(fills["low"], fills["high"], lang)
    if found["verdict"] == "unknown":
        wide = not numbers.is_missing(found.get("value")) and found["low"] <= 0 <= found["high"]
        low, high = (f"{'+' if found.get(side, 0.0) > 0 else ''}{fills[side]}" for side in ("low", "high"))
        return phrases.say("discounts.wide" if wide else "discounts.unknown", lang, low=low, high=high)
    knot = numbers.percent(found["knot"], lang) if found["verdict"] == "bends" else ""
    hangs = found.get("margin_needed", np.nan) <= 1
    key = "never" if found["verdict"] == "none" and not hangs else found["verdict"]
    margin = numbers.percent(found.get("margin"), lang, decimals=0)
    return phrases.say(
        f"discounts.{key}", lang, effect=fills["value"], interval=interval, knot=knot, margin=margin, useful=fills["useful"], below=fills["below_knot"], above=fills["above_knot"],
    )  # fmt: skip


def _points(value: Any) -> str:
    return numbers.MISSING if numbers.is_missing(value) else numbers.number(value * 100, decimals=2)


def _note(found: Mapping[Any, Any], lang: str) -> str:
    joint = "、" if lang == "ja" else ", "
    names = joint.join(vocabulary.label(str(name), lang) for name in found.get("adjusted_for") or ())
    said = ""
    if found.get("strongest_of") and found["verdict"] in ("raises", "lowers"):
        said = phrases.say(
            "discounts.sensitivity", lang, robust=numbers.percent(found["robustness"], lang),
            name=vocabulary.label(str(found["strongest_of"]), lang), strongest=numbers.percent(found["strongest"], lang),
        )  # fmt: skip
    return phrases.say("discounts.note", lang, attributes=names or numbers.MISSING, sensitivity=said)
