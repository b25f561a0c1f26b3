"""Which steps hold the time, what does the waiting consist of, and what could be gained?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from l2c.show import theme, words
from l2c.show.charts import sheet
from l2c.show.charts.picture import Picture, plain
from l2c.show.map import lettering
from l2c.words import vocabulary

PARTS = {
    "customer": (("customer_days",), theme.PHASES[1]),
    "batching": (("batching_days",), theme.WARM),
    "queue": (("contention_days", "prioritisation_days"), theme.WARM_PALE),
    "off_duty": (("off_duty_days",), theme.PALE),
    "unexplained": (("unexplained_days",), theme.PHASES[5]),
}


# A part of a bar smaller than this is not what the step is about.
TELLING = 0.25


def bottlenecks(table: pd.DataFrame, *, top: int = 10, lang: str = "en", currency: str | None = None) -> Picture:
    """Draw the steps that hold most days, split by what is waited for, with what could be gained.

    Parameters
    ----------
    table
        What `diagnose.bottlenecks` returns.
    top
        How many steps to show.
    lang, currency
        `en` or `ja`; currency of the log.
    """
    shown = table[table["case_days"] > 0].head(top).to_dict("records")
    if not shown:
        return plain(words.say("nothing", lang))
    with sheet.house():
        fig, ax = sheet.figure(9.2, 1.75 + 0.44 * len(shown))
        longest = float(shown[0]["case_days"])
        for place, row in enumerate(shown):
            left = 0.0
            for columns, colour in PARTS.values():
                days = sum(float(row[c]) for c in columns)
                ax.barh(place, days, left=left, height=0.56, color=colour)
                left += days
            ax.text(
                left + longest * 0.015, place, _facts(row, lang, currency), va="center", fontsize=8.5, color=theme.MUTED
            )
        names = [_step(row, lang) for row in shown]
        ax.set_yticks(
            range(len(shown)), [n.replace(" → ", " →\n", 1) if len(n) > 26 else n for n in names], fontsize=8.8
        )
        ax.set(ylim=(len(shown) - 0.4, -0.6), xlim=(0, longest * 1.75), xticks=[])
        sheet.quiet(ax)
        _legend(ax, shown, lang)
        known = any(row[c] for row in shown for c in ("batching_days", "contention_days", "off_duty_days"))
        note = "" if known else words.say("bottlenecks.no_actors", lang)
        text = _title(shown[0], names[0], lang)
        sheet.head(fig, text, words.say("bottlenecks.note", lang, note=note))
    return Picture(
        fig,
        "\n".join(
            [text, *(f"{n}: {words.case_days(r['case_days'], lang)}" for n, r in zip(names, shown, strict=True))]
        ),
    )


def _title(row: Mapping[Any, Any], name: str, lang: str) -> str:
    """The longest step, and what most of its days are waited for where the bar shows it: nights say nothing."""
    held = {k: sum(float(row[c]) for c in PARTS[k][0]) for k in ("customer", "batching", "queue")}
    most = max(held, key=lambda k: held[k])
    part = held[most] / float(row["case_days"])
    said = {"step": name, "share": words.percent(row["share"], decimals=0)}
    if part < TELLING:
        return words.say("bottlenecks.title", lang, **said)
    who = words.say(f"waits.{most}", lang)
    return words.say("bottlenecks.title.part", lang, part=words.percent(part, decimals=0), who=who, **said)


def _facts(row: Mapping[Any, Any], lang: str, currency: str | None) -> str:
    said = words.case_days(row["case_days"], lang)
    if not words.is_missing(row["gain_days"]) and row["gain_low"] > 0:
        ends = [words.case_days(row[c], lang) for c in ("gain_days", "gain_low", "gain_high")]
        said += "  ·  " + words.say("bottlenecks.gain", lang, days=ends[0], low=ends[1], high=ends[2])
        if not words.is_missing(row["gain_money"]):
            said += f", {words.money(row['gain_money'], currency, lang)}"
    return said


def _step(row: Mapping[Any, Any], lang: str) -> str:
    ends = (lettering.shorten(vocabulary.label(str(row[k]), lang), 30) for k in ("from", "to"))
    return " → ".join(ends)


def _legend(ax: Axes, shown: list[dict[Any, Any]], lang: str) -> None:
    used = [k for k, (columns, _) in PARTS.items() if any(row[c] > 0 for row in shown for c in columns)]
    patches = [Patch(color=PARTS[k][1], label=words.say(f"waits.{k}", lang)) for k in used]
    ax.legend(handles=patches, loc="lower right", fontsize=8.5, ncols=1)
