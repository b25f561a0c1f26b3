"""How much of the way from first touch to payment does each phase take, and whom is waited for?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from l2c.show import numbers, theme
from l2c.show.charts import marks, sheet
from l2c.show.charts.picture import Picture, finished, nothing
from l2c.words import phrases, vocabulary

WHO = {"customer": theme.PHASES[1], "approver": theme.WARM_PALE, "team": theme.PHASES[5]}


@sheet.house()
def journey(table: pd.DataFrame, *, lang: str = "en") -> Picture:
    """Draw the days of each phase by whom is waited for.

    Parameters
    ----------
    table
        What `diagnose.journey` returns.
    """
    if not table["case_days"].sum():
        return nothing(lang)
    rows = table.to_dict("records")
    names = [_phase(str(row["phase"]), lang) for row in rows]
    fig, ax = marks.rows(names)
    ends = marks.bars(ax, *((table[f"{who}_days"], colour) for who, colour in WHO.items()))
    marks.beside(ax, [_facts(row, lang) for row in rows], ends)
    marks.legend(ax, {phrases.say(f"waits.{who}", lang): colour for who, colour in WHO.items()})
    top = int(table["share"].to_numpy().argmax())
    share = numbers.percent(rows[top]["share"], lang, decimals=0)
    text = phrases.say("journey.title", lang, phase=names[top], share=share)
    return finished(fig, text, phrases.say("journey.note", lang))


def _facts(row: Mapping[Any, Any], lang: str) -> str:
    days = numbers.days(row["days_per_case"], lang)
    if numbers.is_missing(row["handovers"]):
        return phrases.say("journey.facts", lang, days=days)
    return phrases.say("journey.handovers", lang, days=days, n=numbers.number(row["handovers"]))


def _phase(name: str, lang: str) -> str:
    if name == "other":
        return phrases.say("journey.other", lang)
    found = {phase.id: phase for phase in vocabulary.phases()}[name]
    return found.ja if lang == "ja" else found.en
