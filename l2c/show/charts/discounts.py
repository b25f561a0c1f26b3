"""Do discounts win deals?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from l2c.show import theme, words
from l2c.show.charts import sheet
from l2c.show.charts.picture import Picture, plain
from l2c.words import vocabulary

# Bands of fewer closed deals are dots without meaning.
FEW = 10


def discounts(bands: pd.DataFrame, effect: pd.DataFrame, *, lang: str = "en") -> Picture:
    """Draw the share won by discount, as it stands and adjusted, above the number of deals.

    Parameters
    ----------
    bands, effect
        What `diagnose.discount_bands` and `diagnose.discounts` return.
    """
    found: dict[Any, Any] = dict(effect.iloc[0]) if len(effect) else {"verdict": "unknown"}
    shown = bands[bands["closed"] >= FEW]
    text = _title(found, lang)
    if not len(shown):
        return plain(text)
    with sheet.house():
        fig, first = sheet.figure(8.0, 4.9)
        first.remove()
        ax, low = fig.subplots(2, 1, height_ratios=[3.2, 1], sharex=True)
        x = shown["discount"].to_numpy(float) * 100 + 0.5
        ax.vlines(x, shown["low"] * 100, shown["high"] * 100, color=theme.PALE, linewidth=2)
        ax.plot(x, shown["share"] * 100, "o", color=theme.GREY, markersize=5)
        slopes = [float(found.get(side, np.nan)) for side in ("value", "low", "high")]
        if not np.isnan(slopes[0]):
            centre = float(np.average(x, weights=shown["closed"]))
            level = float(shown["won"].sum() / shown["closed"].sum()) * 100
            ends = np.array([x.min(), x.max()])
            ax.plot(ends, level + (ends - centre) * slopes[0] * 100, color=theme.ACCENT, linewidth=2.4)
            bounds = [level + (ends - centre) * found[side] * 100 for side in ("low", "high")]
            ax.fill_between(
                ends, np.minimum(*bounds), np.maximum(*bounds), color=theme.ACCENT_PALE, alpha=0.5, linewidth=0
            )
        low.bar(bands["discount"] * 100 + 0.5, bands["cases"], width=0.85, color=theme.PALE)
        ax.set_ylim(0, 100)
        ax.set_yticks([0, 25, 50, 75, 100], ["0 %", "25 %", "50 %", "75 %", "100 %"])
        ticks = np.arange(0, np.ceil(bands["discount"].max() * 100 / 5) * 5 + 1, 5)
        low.set_xticks(ticks, [f"{t:g} %" for t in ticks])
        ax.set_ylabel(words.say("discounts.won", lang))
        low.set_xlabel(words.say("discounts.axis", lang), loc="left")
        for each in (ax, low):
            sheet.quiet(each, grid="y")
        sheet.head(fig, text, _note(found, lang))
    return Picture(fig, text)


def _title(found: Mapping[Any, Any], lang: str) -> str:
    if found["verdict"] == "unknown":
        return words.say("discounts.unknown", lang)
    effect = words.number(found["value"] * 100, decimals=2)
    ends = (words.number(found[side] * 100, decimals=2) for side in ("low", "high"))
    return words.say(f"discounts.{found['verdict']}", lang, effect=effect, interval=" – ".join(ends))


def _note(found: Mapping[Any, Any], lang: str) -> str:
    joint = "、" if lang == "ja" else ", "
    names = joint.join(vocabulary.label(str(name), lang) for name in found.get("adjusted_for") or ())
    said = ""
    if found.get("strongest_of") and found["verdict"] in ("raises", "lowers"):
        said = words.say(
            "discounts.sensitivity", lang, robust=words.percent(found["robustness"]),
            name=vocabulary.label(str(found["strongest_of"]), lang), strongest=words.percent(found["strongest"]),
        )  # fmt: skip
    return words.say("discounts.note", lang, attributes=names or words.MISSING, sensitivity=said)
