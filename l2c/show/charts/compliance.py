"""How often is each rule broken?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from l2c.measures.behind import BEHIND
from l2c.show import numbers, theme
from l2c.show.behind import behind
from l2c.show.charts import marks, sheet
from l2c.show.charts.picture import Picture, finished, plain
from l2c.show.findings import unbroken
from l2c.show.map import lettering
from l2c.show.tables import cell
from l2c.stats import SMALLEST_SAMPLE
from l2c.words import phrases


@sheet.house()
def compliance(table: pd.DataFrame, *, lang: str = "en") -> Picture:
    """Draw the share of cases that break each rule.

    Parameters
    ----------
    table
        What `diagnose.compliance` returns.
    lang
        `en` or `ja`.
    """
    if not len(table):
        return plain(phrases.say("compliance.no_rules", lang))
    if not table["applicable"].any():
        return plain(unbroken(table, lang))
    rows = table.sort_values(["share", "rule"], ascending=[False, True], na_position="last").to_dict("records")
    # The interval of a handful of cases would stretch the axis and say nothing.
    most = max([float(row["high"]) for row in rows if row["applicable"] >= SMALLEST_SAMPLE], default=0.01)
    names = [lettering.shorten(cell(row["rule"], "rule", lang=lang), 44) for row in rows]
    fig, ax = marks.rows(names, each=0.36, axis=lambda x: marks.percent(x, lang))
    shares = [min(row["share"], most) if row["applicable"] else 0.0 for row in rows]
    ends = marks.bars(ax, (shares, [theme.WARM if row["count"] else theme.PALE for row in rows]))
    for place, row in enumerate(rows):
        if row["applicable"] >= SMALLEST_SAMPLE:
            ax.plot([row["low"], row["high"]], [place] * 2, color=theme.INK, linewidth=1.2, alpha=0.6)
            ends[place] = row["high"]
    ax.set_xlim(0, most * 1.02)
    inks = [theme.MUTED if row["applicable"] else theme.GREY for row in rows]
    facts = [_facts(row, lang) for row in rows]
    marks.beside(ax, facts, ends, colour=inks)
    marks.leads(ax, (behind(row.get(BEHIND), name) for row, name in zip(rows, names, strict=True)))
    worst = max(
        rows, key=lambda r: (r["applicable"] >= SMALLEST_SAMPLE, r["count"] > 0, r["share"] if r["applicable"] else 0.0)
    )
    text = unbroken(table, lang)
    if worst["count"]:
        text = phrases.say(
            "compliance.title", lang, rule=names[rows.index(worst)], share=numbers.percent(worst["share"], lang),
            interval=numbers.interval(worst["low"], worst["high"], "fraction", lang=lang),
        )  # fmt: skip
    said = (
        numbers.percent(row["share"], lang) if row["applicable"] else fact
        for row, fact in zip(rows, facts, strict=True)
    )
    lines = (phrases.named(name, each, lang) for name, each in zip(names, said, strict=True))
    return finished(fig, text, phrases.say("compliance.note", lang), lines)


def _facts(row: Mapping[Any, Any], lang: str) -> str:
    """How many break it, of how many; and how many cannot be judged, or not yet."""
    said = []
    if row["applicable"]:
        count, of = numbers.number(row["count"]), numbers.number(row["applicable"])
        said.append(phrases.say("compliance.facts", lang, count=count, of=of))
    said += [phrases.say(f"compliance.{c}", lang, n=numbers.number(row[c])) for c in ("unknown", "pending") if row[c]]
    return phrases.say("compliance.join", lang).join(said) or phrases.say("compliance.unrecorded", lang)
