"""How much of the way from first touch to payment does each phase take, and whom is waited for?"""

from __future__ import annotations

import pandas as pd
from matplotlib.patches import Patch

from l2c.show import theme, words
from l2c.show.charts import sheet
from l2c.show.charts.picture import Picture, plain
from l2c.words import vocabulary

WHO = {"customer": theme.PHASES[1], "approver": theme.WARM_PALE, "team": theme.PHASES[5]}


def journey(table: pd.DataFrame, *, lang: str = "en") -> Picture:
    """Draw the days of each phase by whom is waited for.

    Parameters
    ----------
    table
        What `diagnose.journey` returns.
    """
    rows = table.to_dict("records")
    if not rows or not table["case_days"].sum():
        return plain(words.say("nothing", lang))
    names = [_phase(str(row["phase"]), lang) for row in rows]
    with sheet.house():
        fig, ax = sheet.figure(8.4, 1.6 + 0.42 * len(rows))
        longest = float(table["case_days"].max())
        for place, row in enumerate(rows):
            left = 0.0
            for who, colour in WHO.items():
                ax.barh(place, row[f"{who}_days"], left=left, height=0.56, color=colour)
                left += row[f"{who}_days"]
            days = words.days(row["days_per_case"], lang)
            fact = words.say("journey.facts", lang, days=days)
            if not words.is_missing(row["handovers"]):
                fact = words.say("journey.handovers", lang, days=days, n=words.number(row["handovers"]))
            ax.text(left + longest * 0.015, place, fact, va="center", fontsize=9, color=theme.MUTED)
        ax.set_yticks(range(len(rows)), names)
        ax.set(ylim=(len(rows) - 0.4, -0.6), xlim=(0, longest * 1.8), xticks=[])
        sheet.quiet(ax)
        ax.legend(
            handles=[Patch(color=c, label=words.say(f"waits.{w}", lang)) for w, c in WHO.items()],
            loc="upper left", bbox_to_anchor=(0, -0.02), ncols=3, borderaxespad=0,
        )  # fmt: skip
        top = max(range(len(rows)), key=lambda place: rows[place]["share"])
        share = words.percent(rows[top]["share"], decimals=0)
        text = words.say("journey.title", lang, phase=names[top], share=share)
        sheet.head(fig, text, words.say("journey.note", lang))
    return Picture(fig, text)


def _phase(name: str, lang: str) -> str:
    if name == "other":
        return words.say("journey.other", lang)
    found = {phase.id: phase for phase in vocabulary.phases()}[name]
    return found.ja if lang == "ja" else found.en
