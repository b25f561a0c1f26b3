"""Since which day does something differ, for whom, and by how much?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from l2c.measures.behind import BEHIND
from l2c.show import dates, numbers
from l2c.show.behind import behind
from l2c.show.charts import marks, sheet
from l2c.show.charts.picture import Picture, empty, finished
from l2c.show.charts.standing import COLOURS, verdict
from l2c.show.map import lettering
from l2c.show.own_words import own_words
from l2c.show.subjects import group, kpi, label
from l2c.words import phrases


@own_words
@sheet.house()
def since(table: pd.DataFrame, *, top: int = 12, lang: str = "en") -> Picture:
    """Draw by how much each level changed on its day, with the interval, and between which days it changed.

    Parameters
    ----------
    table
        What `diagnose.since` returns.
    top
        How many to show at most.
    lang
        `en` or `ja`.
    """
    if not len(table):
        return empty(table, lang, "since.none")
    rows = table.head(top).to_dict("records")
    names = ["\n".join(lettering.shorten(lettering.plain(line), 46) for line in _lines(row, lang)) for row in rows]
    fig, ax = marks.rows(names, each=0.6, axis=lambda share: _signed(share, lang))
    for place, row in enumerate(rows):
        colour = COLOURS[_verdict(row)]
        marks.interval(ax, place, row["low"] - 1, row["high"] - 1, colour)
        marks.dot(ax, place, row["ratio"] - 1, colour)
    marks.nought(ax)
    ax.set_xlabel(phrases.say("since.axis", lang))
    facts = [_facts(row, lang) for row in rows]
    marks.beside(ax, facts, colour=[COLOURS[_verdict(row)] for row in rows])
    marks.leads(ax, (behind(row.get(BEHIND), " · ".join(_lines(row, lang))) for row in rows))
    first, what = rows[0], " ".join(_lines(rows[0], lang))
    title = phrases.say(
        "since.title",
        lang,
        day=dates.day(first["since"], lang),
        what=what,
        change=change(first["kpi"], first["ratio"], lang),
    )
    lines = (
        phrases.named(" ".join(_lines(row, lang)), f"{change(row['kpi'], row['ratio'], lang)}, {fact}", lang)
        for row, fact in zip(rows, facts, strict=True)
    )
    return finished(fig, title, phrases.say("since.note", lang), lines)


def change(name: str, ratio: float, lang: str) -> str:
    """A change of a level in words: `40 % longer`."""
    kind = ("longer", "shorter") if name == "step_days" else ("higher", "lower")
    size = numbers.percent(abs(ratio - 1), lang, decimals=0)
    return phrases.say(f"since.{kind[0 if ratio > 1 else 1]}", lang, n=size)


def _lines(row: Mapping[Any, Any], lang: str) -> list[str]:
    """Of which group, and of what."""
    what = " → ".join(label(name, lang) for name in row["step"]) if row["step"] else kpi(row["kpi"], lang)
    return [what] if numbers.is_missing(row["attribute"]) else [group(row["attribute"], row["value"], lang), what]


def _verdict(row: Mapping[Any, Any]) -> str:
    found = verdict(row["kpi"], up=row["ratio"] > 1, sure=True)
    # A rule that is broken more often is worse; it has no entry among the measures.
    return found if found != "changed" else "worse" if row["ratio"] > 1 else "better"


def _facts(row: Mapping[Any, Any], lang: str) -> str:
    days = {name: dates.day(row[name], lang) for name in ("earliest", "latest")}
    return phrases.say("since.facts", lang, day=dates.day(row["since"], lang), **days)


def _signed(share: float, lang: str) -> str:
    text = numbers.percent(share, lang, decimals=0)
    return f"+{text}" if share > 1e-9 else text
