"""Where does the wait go: at which step does a case wait less with a change, and where more?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from l2c.show import numbers, theme
from l2c.show.charts import marks, sheet
from l2c.show.charts.picture import Picture, finished, plain
from l2c.show.improvements import VISIBLE
from l2c.words import phrases, vocabulary
from l2c.words.notes import Note, ids

# So many days that a case waits more or less are not shown where they may be chance.
NOTICED = 0.05


@sheet.house()
def waits(table: pd.DataFrame, *, top: int = marks.MOST_ROWS, lang: str = "en") -> Picture:
    """Draw by how much the wait before each step changes, with the range.

    Parameters
    ----------
    table
        What `improve.simulate` returns. Where a desk is so full that the answer hangs on luck, only ranges are drawn.
    top
        How many steps to show at most.
    lang
        `en` or `ja`.
    """
    rows = table[(table["measure"] == "waiting_days") & table["difference"].notna()]
    sure = (rows["low"] > 0) | (rows["high"] < 0)
    rows = rows[rows["difference"].abs() >= np.where(sure, VISIBLE, NOTICED)]
    if not len(rows):
        return plain(phrases.say("waits.title.none", lang))
    kept = rows["difference"].abs().nlargest(top).index
    shown = rows.loc[kept].sort_values(["difference", "about"]).to_dict("records")
    names = [vocabulary.label(row["about"], lang) for row in shown]
    fig, ax = marks.rows([marks.short(name, 40) for name in names], axis=_signed)
    luck = hangs(table)
    colours = [theme.ACCENT if row["high"] < 0 else theme.WARM if row["low"] > 0 else theme.MUTED for row in shown]
    for place, (row, colour) in enumerate(zip(shown, colours, strict=True)):
        marks.interval(ax, place, row["low"], row["high"], colour)
        if not luck:
            marks.dot(ax, place, row["difference"], colour, hollow=colour == theme.MUTED)
    marks.nought(ax)
    ax.set_xlabel(phrases.say("waits.axis", lang))
    said = [_range(row, lang) if luck else _signed_days(row["difference"], lang) for row in shown]
    facts = [phrases.say("waits.facts", lang, today=numbers.days(row["today"], lang)) for row in shown]
    marks.beside(ax, facts, gap=marks.beside(ax, said, bold=True, colour=colours))
    note = phrases.say("waits.note", lang)
    lines = (
        phrases.named(name, phrases.bracketed(value, fact, lang), lang)
        for name, value, fact in zip(names, said, facts, strict=True)
    )
    return finished(fig, _title(shown, luck, lang), note, lines)


def hangs(table: pd.DataFrame) -> bool:
    """Whether a desk is so full that what a change brings hangs on luck."""
    notes = [each for each in table["note"] if isinstance(each, Note)]
    return bool(notes) and "busy_desk" in set(ids(notes[0]))


def _title(rows: list[dict[Any, Any]], luck: bool, lang: str) -> str:
    first, last = rows[0], rows[-1]
    less, more = first["high"] < 0, last["low"] > 0
    if luck:
        return phrases.say("waits.luck", lang)
    given = {"step": vocabulary.label(str(first["about"]), lang), "days": numbers.days(-first["difference"], lang)}
    given |= {"other": vocabulary.label(str(last["about"]), lang), "more": numbers.days(last["difference"], lang)}
    if less and more:
        return phrases.say("waits.title.both", lang, **given)
    if less:
        return phrases.say("waits.title.less", lang, **given)
    return phrases.say("waits.title.more" if more else "waits.title.none", lang, **(given | {"days": given["more"]}))


def _signed(x: float) -> str:
    text = numbers.number(x, decimals=0 if x == round(x) else 1)
    return f"+{text}" if x > 1e-9 else text


def _signed_days(value: float, lang: str) -> str:
    text = numbers.days(value, lang)
    return f"+{text}" if value > 0 else text


def _range(row: Mapping[Any, Any], lang: str) -> str:
    return numbers.interval(row["low"], row["high"], "day", lang=lang)
