"""How often is each rule broken?"""

from __future__ import annotations

import pandas as pd

from l2c import vocabulary
from l2c.show import lettering, theme, words
from l2c.show.picture import Picture, plain

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
        return plain(words.say("compliance.unjudged", lang))
    rows = table.sort_values(["share", "rule"], ascending=[False, True], na_position="last").to_dict("records")
    # The interval of a handful of cases would stretch the axis and say nothing.
    top = max([float(r["high"]) for r in rows if r["applicable"] >= FEW], default=0.01) * 100
    with theme.house():
        fig, ax = theme.figure(8.8, 1.3 + 0.36 * len(rows))
        for place, row in enumerate(rows):
            if not row["applicable"]:
                ax.text(
                    top * 0.01,
                    place,
                    words.say("compliance.unrecorded", lang),
                    va="center",
                    color=theme.GREY,
                    fontsize=9,
                )
                continue
            broken = row["count"] > 0
            ax.barh(place, min(row["share"] * 100, top), height=0.5, color=theme.WARM if broken else theme.PALE)
            end = row["share"] * 100
            if row["applicable"] >= FEW:
                end = row["high"] * 100
                ax.plot([row["low"] * 100, end], [place] * 2, color=theme.INK, linewidth=1.2, alpha=0.6)
            fact = words.say(
                "compliance.facts", lang, count=words.number(row["count"]), of=words.number(row["applicable"])
            )
            if row["unknown"]:
                fact += words.say("compliance.more", lang, n=words.number(row["unknown"]))
            if row["pending"]:
                fact += words.say("compliance.pending", lang, n=words.number(row["pending"]))
            ax.text(min(end, top) + top * 0.02, place, fact, va="center", fontsize=9, color=theme.MUTED)
        names = [lettering.shorten(vocabulary.label(str(r["rule"]), lang), 44) for r in rows]
        ax.set_yticks(range(len(rows)), names)
        ax.set(ylim=(len(rows) - 0.5, -0.5), xlim=(0, top * 1.6))
        ticks = [t for t in ax.get_xticks() if 0 <= t <= top]
        ax.set_xticks(ticks, [f"{t:g} %" for t in ticks])
        ax.set_xlim(0, top * 1.6)
        theme.quiet(ax)
        worst = max(
            rows, key=lambda r: (r["applicable"] >= FEW, r["count"] > 0, r["share"] if r["applicable"] else 0.0)
        )
        text = words.say("compliance.none" if any(r["applicable"] for r in rows) else "compliance.unjudged", lang)
        if worst["count"]:
            sure = words.interval(worst["low"], worst["high"], "fraction", lang=lang)
            text = words.say(
                "compliance.title",
                lang,
                rule=names[rows.index(worst)],
                share=words.percent(worst["share"]),
                interval=sure,
            )
        theme.head(fig, text, words.say("compliance.note", lang))
    return Picture(
        fig, "\n".join([text, *(f"{n}: {words.percent(r['share'])}" for n, r in zip(names, rows, strict=True))])
    )
