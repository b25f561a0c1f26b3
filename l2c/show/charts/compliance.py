"""How often is each rule broken?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from l2c.show import theme, words
from l2c.show.charts import sheet
from l2c.show.charts.picture import Picture, plain
from l2c.show.findings import unbroken
from l2c.show.map import lettering
from l2c.words import vocabulary

FEW = 20


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
        return plain(words.say("compliance.no_rules", lang))
    rows = table.sort_values(["share", "rule"], ascending=[False, True], na_position="last").to_dict("records")
    # The interval of a handful of cases would stretch the axis and say nothing.
    top = max([float(r["high"]) for r in rows if r["applicable"] >= FEW], default=0.01) * 100
    with sheet.house():
        fig, ax = sheet.figure(8.8, 1.3 + 0.36 * len(rows))
        for place, row in enumerate(rows):
            fact = _facts(row, lang)
            if not row["applicable"]:
                ax.text(top * 0.01, place, fact, va="center", color=theme.GREY, fontsize=9)
                continue
            broken = row["count"] > 0
            ax.barh(place, min(row["share"] * 100, top), height=0.5, color=theme.WARM if broken else theme.PALE)
            end = row["share"] * 100
            if row["applicable"] >= FEW:
                end = row["high"] * 100
                ax.plot([row["low"] * 100, end], [place] * 2, color=theme.INK, linewidth=1.2, alpha=0.6)
            ax.text(min(end, top) + top * 0.02, place, fact, va="center", fontsize=9, color=theme.MUTED)
        names = [lettering.shorten(vocabulary.label(str(r["rule"]), lang), 44) for r in rows]
        ax.set_yticks(range(len(rows)), names)
        ax.set(ylim=(len(rows) - 0.5, -0.5), xlim=(0, top * 1.6))
        ticks = [t for t in ax.get_xticks() if 0 <= t <= top]
        ax.set_xticks(ticks, [f"{t:g} %" for t in ticks])
        ax.set_xlim(0, top * 1.6)
        sheet.quiet(ax)
        worst = max(
            rows, key=lambda r: (r["applicable"] >= FEW, r["count"] > 0, r["share"] if r["applicable"] else 0.0)
        )
        text = unbroken(table, lang)
        if worst["count"]:
            sure = words.interval(worst["low"], worst["high"], "fraction", lang=lang)
            text = words.say(
                "compliance.title",
                lang,
                rule=names[rows.index(worst)],
                share=words.percent(worst["share"]),
                interval=sure,
            )
        sheet.head(fig, text, words.say("compliance.note", lang))
    lines = [f"{name}: {_said(row, lang)}" for name, row in zip(names, rows, strict=True)]
    return Picture(fig, "\n".join([text, *lines]))


def _said(row: Mapping[Any, Any], lang: str) -> str:
    return words.percent(row["share"]) if row["applicable"] else _facts(row, lang)


def _facts(row: Mapping[Any, Any], lang: str) -> str:
    """How many break it, of how many; and how many cannot be judged, or not yet."""
    said = []
    if row["applicable"]:
        count, of = words.number(row["count"]), words.number(row["applicable"])
        said.append(words.say("compliance.facts", lang, count=count, of=of))
    said += [words.say(f"compliance.{c}", lang, n=words.number(row[c])) for c in ("unknown", "pending") if row[c]]
    return words.say("compliance.join", lang).join(said) or words.say("compliance.unrecorded", lang)
