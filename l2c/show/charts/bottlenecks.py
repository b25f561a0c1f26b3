"""Which steps hold the time, what does the waiting consist of, and what could be gained?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from l2c.measures.behind import BEHIND
from l2c.show import numbers, theme
from l2c.show.behind import behind
from l2c.show.charts import marks, sheet
from l2c.show.charts.picture import Picture, finished, nothing
from l2c.show.subjects import group
from l2c.words import phrases

PARTS = {
    "customer": (("customer_days",), theme.PHASES[1]),
    "batching": (("batching_days",), theme.WARM),
    "queue": (("contention_days", "prioritisation_days"), theme.WARM_PALE),
    "off_duty": (("off_duty_days",), theme.PALE),
    "unexplained": (("unexplained_days",), theme.PHASES[5]),
}
# A part of a bar smaller than this is not what the step is about.
TELLING = 0.25


@sheet.house()
def bottlenecks(table: pd.DataFrame, *, top: int = 10, lang: str = "en", currency: str | None = None) -> Picture:
    """Draw the steps that hold most days, split by what is waited for, with what could be gained.

    Parameters
    ----------
    table
        What `diagnose.bottlenecks` returns.
    top
        How many steps to show; those at which a group stands still are shown besides.
    lang, currency
        `en` or `ja`; currency of the log.
    """
    held = table[table["case_days"] > 0]
    # Where a group stands still there may be few days.
    shown = held[(held["case_days"].rank(method="first", ascending=False) <= top) | (held["stuck"] > 0)]
    if not len(shown):
        return nothing(lang)
    rows = shown.to_dict("records")
    names = [marks.step(row, lang) for row in rows]
    fig, ax = marks.rows(marks.broken(names), width=9.2)
    ends = marks.bars(ax, *((shown[list(columns)].sum(axis=1), colour) for columns, colour in PARTS.values()))
    marks.beside(ax, [_facts(row, lang, currency) for row in rows], ends)
    marks.leads(ax, (behind(row.get(BEHIND), name) for row, name in zip(rows, names, strict=True)))
    marks.where(ax, ({"follows": [row["from"], row["to"]]} for row in rows))
    used = [who for who, (columns, _) in PARTS.items() if (shown[list(columns)] > 0).any(axis=None)]
    marks.legend(ax, {phrases.say(f"waits.{who}", lang): PARTS[who][1] for who in used})
    known = shown[["batching_days", "contention_days", "off_duty_days"]].any(axis=None)
    note = phrases.say("bottlenecks.note", lang, note="" if known else phrases.say("bottlenecks.no_actors", lang))
    lines = (phrases.named(n, _facts(row, lang, currency), lang) for n, row in zip(names, rows, strict=True))
    return finished(fig, _title(rows[0], names[0], lang), note, lines)


def _title(row: Mapping[Any, Any], name: str, lang: str) -> str:
    """The longest step, and what most of its days are waited for where the bar shows it: nights say nothing."""
    held = {k: sum(float(row[c]) for c in PARTS[k][0]) for k in ("customer", "batching", "queue")}
    most = max(held, key=lambda k: held[k])
    part = held[most] / float(row["case_days"])
    said = {"step": name, "share": numbers.percent(row["share"], lang, decimals=0)}
    if part < TELLING:
        return phrases.say("bottlenecks.title", lang, **said)
    who = phrases.say(f"waits.{most}", lang)
    return phrases.say("bottlenecks.title.part", lang, part=numbers.percent(part, lang, decimals=0), who=who, **said)


def _facts(row: Mapping[Any, Any], lang: str, currency: str | None) -> str:
    said = numbers.case_days(row["case_days"], lang)
    if not numbers.is_missing(row["gain_days"]) and row["gain_low"] > 0:
        ends = [numbers.case_days(row[c], lang) for c in ("gain_days", "gain_low", "gain_high")]
        said += "  ·  " + phrases.say("bottlenecks.gain", lang, days=ends[0], low=ends[1], high=ends[2])
        if not numbers.is_missing(row["gain_money"]):
            said += ("、" if lang == "ja" else ", ") + numbers.money(row["gain_money"], currency, lang)
    if row["stuck"]:
        where = group(row["attribute"], row["value"], lang)
        said += "  ·  " + phrases.say("bottlenecks.stuck", lang, group=where, n=numbers.number(row["stuck"]))
    return said
