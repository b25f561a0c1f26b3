"""How much of the way from first touch to payment does each phase take, and whom is waited for?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from l2c.show import theme, words
from l2c.show.charts import marks, sheet
from l2c.show.charts.picture import Picture, finished, nothing
from l2c.words import vocabulary

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
    marks.legend(ax, {words.say(f"waits.{who}", lang): colour for who, colour in WHO.items()})
    top = int(table["share"].to_numpy().argmax())
    share = words.percent(rows[top]["share"], decimals=0)
    text = words.say("journey.title", lang, phase=names[top], share=share)
    return finished(fig, text, words.say("journey.note", lang))


def _facts(row: Mapping[Any, Any], lang: str) -> str:
    days = words.days(row["days_per_case"], lang)
    if words.is_missing(row["handovers"]):
        return words.say("journey.facts", lang, days=days)
    return words.say("journey.handovers", lang, days=days, n=words.number(row["handovers"]))


def _phase(name: str, lang: str) -> str:
    if name == "other":
        return words.say("journey.other", lang)
    found = {phase.id: phase for phase in vocabulary.phases()}[name]
    return found.ja if lang == "ja" else found.en
