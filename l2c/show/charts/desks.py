"""Who is busy how much, and where does work wait to be taken up?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from l2c.improve.desks import FULL
from l2c.show import numbers, theme
from l2c.show.charts import marks, sheet
from l2c.show.charts.picture import Picture, finished, plain, remarked
from l2c.words import phrases, vocabulary

QUEUE, PACE = "queue", "pace"


@sheet.house()
def desks(table: pd.DataFrame, *, own_pace: bool = False, top: int = marks.MOST_ROWS, lang: str = "en") -> Picture:
    """Draw how busy everybody at a desk is, with the range, and say how long work waits there.

    Parameters
    ----------
    table
        What `improve.desks` returns. Beyond 90 % busy only the range is drawn.
    own_pace
        Whether those are shown too who take each piece at their own pace.
    top
        How many to show at most.
    lang
        `en` or `ja`.
    """
    alone = table["kind"] == PACE
    shown = table if own_pace else table[~alone]
    if not len(shown):
        kind = "desks.none.pace" if len(table) else "desks.none"
        return plain(phrases.say(kind, lang, n=len(table)))
    rows = shown.head(top).to_dict("records")
    names = [_named(row, lang) for row in rows]
    short = [marks.short(name, 40) for name in names]
    fig, ax = marks.rows(short, axis=lambda share: _percent(share, lang), width=9.6)
    marks.bars(
        ax, ([0.0 if row["busy_share"] != row["busy_share"] else row["busy_share"] for row in rows], theme.PHASES[2])
    )
    for place, row in enumerate(rows):
        if row["low"] == row["low"]:
            marks.interval(ax, place, row["low"], min(row["high"], 1.0), _colour(row))
    ax.set_xlim(0, 1.02)
    ax.set_xticks([0, 0.5, 1])
    ax.set_xlabel(phrases.say("desks.axis", lang))
    busy = [_busy(row, lang) for row in rows]
    facts = [_facts(row, lang) for row in rows]
    marks.beside(ax, facts, gap=marks.beside(ax, busy, bold=True, colour=[_colour(row) for row in rows]))
    note = remarked(phrases.say("desks.note", lang), table, lang)
    if alone.any() and not own_pace:
        note += " " + phrases.say("desks.note.pace", lang, n=int(alone.sum()))
    lines = (", ".join([name, say, fact]) for name, say, fact in zip(names, busy, facts, strict=True))
    return finished(fig, _title(rows, names, lang), note, lines)


def _title(rows: list[dict[Any, Any]], names: list[str], lang: str) -> str:
    """Where the work waits longest; before that, a desk so full that nobody can say how long."""
    full = next((k for k, row in enumerate(rows) if row["high"] > FULL), None)
    if full is not None:
        return phrases.say("desks.title.busy", lang, desk=names[full], share=_range(rows[full], lang))
    waits = [-1.0 if row["waiting_days"] != row["waiting_days"] else row["waiting_days"] for row in rows]
    longest = waits.index(max(waits))
    if waits[longest] < 0:
        return phrases.say("desks.none.pace", lang, n=len(rows))
    return phrases.say("desks.title", lang, desk=names[longest], days=numbers.days(waits[longest], lang))


def _named(row: Mapping[Any, Any], lang: str) -> str:
    given = {"server": row["server"], "activity": vocabulary.label(row["activity"], lang)}
    if not row["serves"]:
        return phrases.say("desks.name", lang, **given)
    return phrases.say(
        "desks.serves",
        lang,
        **given,
        serves=", ".join(map(str, row["serves"][:3])) + ("…" if len(row["serves"]) > 3 else ""),
    )


def _busy(row: Mapping[Any, Any], lang: str) -> str:
    if row["kind"] != QUEUE or row["low"] != row["low"]:
        return phrases.say(f"desks.kind.{row['kind']}", lang)
    if row["high"] > FULL:
        return phrases.say("desks.range", lang, range=_range(row, lang))
    return _percent(row["busy_share"], lang)


def _range(row: Mapping[Any, Any], lang: str) -> str:
    low, high = (numbers.number(100 * min(row[end], 1.0)) for end in ("low", "high"))
    return phrases.say("desks.percent", lang, low=low, high=high)


def _facts(row: Mapping[Any, Any], lang: str) -> str:
    known = not numbers.is_missing(row["waiting_days"])
    waits = phrases.say("desks.waits", lang, days=numbers.days(row["waiting_days"], lang)) if known else ""
    return phrases.say(
        "desks.facts", lang, waits=waits, open=numbers.number(row["open_hours"]), cases=numbers.count(row["cases"], lang=lang),
    )  # fmt: skip


def _colour(row: Mapping[Any, Any]) -> str:
    return theme.WARM if row["high"] > FULL else theme.INK


def _percent(share: float, lang: str) -> str:
    return numbers.percent(share, lang, decimals=0)
