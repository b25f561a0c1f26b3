"""Was it foretold as it came? The verdict on the twin first, then each figure beside what needs no model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from l2c.improve.backtest import CAREFUL, NO, TRUST, verdict
from l2c.show import markup, numbers, theme
from l2c.show.charts import marks, sheet
from l2c.show.charts.picture import Picture, finished, plain
from l2c.show.markup import Html, escape
from l2c.show.tables import grid, sentence
from l2c.words import notes, phrases, vocabulary
from l2c.words.measures import fair

COLOURS = {TRUST: theme.ACCENT, CAREFUL: theme.MUTED, NO: theme.WARM}
DISTANCES = {"cycle_distance": "cycle", "sequence_distance": "sequence"}
# Figures of another number than the median or share that their name stands for.
_OTHER = ("mean", "p90")


def backtest(table: pd.DataFrame, *, lang: str = "en") -> Html:
    """Say whether the twin may be trusted, and show each figure beside what came, beside past cases, and beside halves.

    Parameters
    ----------
    table
        What `improve.backtest` returns.
    lang
        `en` or `ja`.

    Returns
    -------
    HTML with a plain-text twin; the verdict stands first.
    """
    word, why = verdict(table)
    counts = {name: numbers.count(table[name].iloc[0], lang=lang) for name in ("cases", "learnt")}
    said = [phrases.say(f"backtest.{word}", lang), sentence(why, lang)]
    known = table[table["verdict"].notna()]
    if not len(known):
        return _page(said, "", [])
    said.insert(1, phrases.say("backtest.how", lang, **counts))
    heads = [
        phrases.say(f"backtest.{name}", lang) for name in ("measure", "verdict", "real", "simulated", "again", "floor")
    ]
    rows = [_row(row, lang) for row in table.to_dict("records")]
    below = phrases.say("backtest.read", lang)
    return _page(said, grid(heads, rows, [False, False, True, True, True, True], note=below), [heads, *rows, [below]])


def untold(table: pd.DataFrame, *, lang: str = "en") -> Html:
    """Say, where something would be simulated or decided, that it is not, and why.

    Parameters
    ----------
    table
        What `improve.backtest` returns. Where it lets the twin be trusted, what is missing is a key figure that could tell.
    """
    word, why = verdict(table)
    first = dict(why.values)["notes"][0] if why.id == "several" else why  # type: ignore[index]
    said = phrases.say("backtest.untold.figure", lang)
    if word == NO:
        said = phrases.say("backtest.untold", lang, why=notes.note(first, lang))  # type: ignore[arg-type]
    return Html(f'<p style="{markup.PAPER};color:{theme.MUTED}">{escape(said)}</p>', said, said)


@sheet.house()
def foretold(table: pd.DataFrame, *, lang: str = "en") -> Picture:
    """Draw how far each key figure was foretold from what came, with its range, in percent of what came.

    Parameters
    ----------
    table
        What `improve.backtest` returns.
    lang
        `en` or `ja`.
    """
    known = table[table["verdict"].notna() & (table["statistic"] != "distance") & (table["real"] != 0)]
    if not len(known):
        return plain(phrases.say("foretold.title.none", lang))
    rows = known.to_dict("records")
    names = [_name(row, lang) for row in rows]
    fig, ax = marks.rows([marks.short(name, 46) for name in names], axis=lambda share: _signed(share, lang))
    for place, row in enumerate(rows):
        colour = COLOURS[row["verdict"]]
        low, high, value, again = (row[k] / row["real"] - 1 for k in ("low", "high", "simulated", "drawn_again"))
        marks.interval(ax, place, low, high, colour)
        if again == again:
            ax.plot([again], [place], "x", color=theme.GREY, markersize=6, zorder=1.5)
        marks.dot(ax, place, value, colour, hollow=row["verdict"] != TRUST)
    marks.nought(ax)
    ax.set_xlabel(phrases.say("foretold.axis", lang))
    facts = [
        phrases.say("foretold.facts", lang, **{k: _value(row, k, lang) for k in ("simulated", "real")}) for row in rows
    ]
    words = [phrases.say(f"backtest.word.{row['verdict']}", lang) for row in rows]
    colours = [COLOURS[row["verdict"]] for row in rows]
    marks.beside(ax, facts, gap=marks.beside(ax, words, bold=True, colour=colours))
    title = phrases.say("foretold.title", lang, n=int((known["verdict"] == TRUST).sum()), of=len(known))
    lines = (phrases.named(name, f"{fact}, {word}", lang) for name, fact, word in zip(names, facts, words, strict=True))
    return finished(fig, title, phrases.say("foretold.note", lang), lines)


def _row(row: Mapping[Any, Any], lang: str) -> list[str]:
    word = phrases.say(f"backtest.word.{'none' if numbers.is_missing(row['verdict']) else row['verdict']}", lang)
    simulated = _value(row, "simulated", lang)
    if not numbers.is_missing(row["low"]):
        simulated = phrases.bracketed(
            simulated, numbers.interval(row["low"], row["high"], row["unit"], lang=lang), lang
        )
    return [
        _name(row, lang),
        word,
        _value(row, "real", lang),
        simulated,
        *(_value(row, k, lang) for k in ("drawn_again", "floor")),
    ]


def _value(row: Mapping[Any, Any], name: str, lang: str) -> str:
    value, unit = row[name], row["unit"]
    return numbers.value(value / 24 if unit == "hour" else value, "calendar_day" if unit == "hour" else unit, lang=lang)


def _name(row: Mapping[Any, Any], lang: str) -> str:
    if row["measure"] in DISTANCES:
        return phrases.say(f"backtest.{DISTANCES[row['measure']]}", lang)
    known = vocabulary.label(fair(row["measure"]), lang)
    which = row["statistic"]
    return (
        phrases.say("backtest.of", lang, what=known, which=phrases.say(f"backtest.{which}", lang))
        if which in _OTHER
        else known
    )


def _signed(share: float, lang: str) -> str:
    text = numbers.percent(share, lang, decimals=0)
    return f"+{text}" if share > 1e-9 else text


def _page(said: list[str], below: str, lines: list[list[str]]) -> Html:
    first, *rest = said
    head = f'<p style="font-weight:600;font-size:1.15em">{escape(first)}</p>' + "".join(
        f"<p>{escape(line)}</p>" for line in rest
    )
    text = "\n".join([*said, *(" | ".join(line) for line in lines)])
    return Html(f'<div style="{markup.PAPER};font-size:14px">{head}{below}</div>', text)
