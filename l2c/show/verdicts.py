"""What is said of each outcome of a change, in a sentence that promises no more than its design gives?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from l2c.show import dates, markup, numbers, tables
from l2c.show.markup import Html, escape
from l2c.show.own_words import own_words
from l2c.words import phrases
from l2c.words.measures import words_of

SURE = ("better", "worse")


@own_words
def verdicts(table: pd.DataFrame, *, lang: str = "en", currency: str | None = None) -> Html:
    """Say of each outcome how much better it is, how sure that is, or from when it can be judged; then of each target.

    Parameters
    ----------
    table
        What `monitor.outcomes` returns.
    lang, currency
        `en` or `ja`; the currency of the log.

    Returns
    -------
    A list of sentences. Of rules, those with a verdict.
    """
    said = sentences(table[(table["rule"] == "") | table["verdict"].isin(SURE)], lang, currency)
    said = said or [phrases.say("nothing", lang)]
    items = "".join(f"<li>{escape(each)}</li>" for each in said)
    return Html(f'<div style="{markup.PAPER}"><ul>{items}</ul></div>', "\n".join(said))


def sentences(table: pd.DataFrame, lang: str, currency: str | None = None) -> list[str]:
    """The sentences of `verdicts`, one per row."""
    return [
        " ".join(filter(None, [_verdict(row, lang, currency), _target(row, lang, currency)]))
        for row in table.to_dict("records")
    ]


def name(row: Mapping[Any, Any], lang: str) -> str:
    """What an outcome is called; a rule with what it is a rule of."""
    known = tables.cell(row["outcome"], "outcome", lang=lang)
    return (
        known
        if not row["rule"]
        else phrases.say("named", lang, name=known, said=tables.cell(row["rule"], "rule", lang=lang))
    )


def change(row: Mapping[Any, Any], lang: str) -> str:
    """How much an outcome changed: `18 % shorter`."""
    measure = words_of(row["outcome"])
    less = bool(measure and measure.worse == "more") == (row["percent"] > 0)
    kind = ("shorter" if less else "longer") if row["unit"] == "day" else ("down" if less else "up")
    return phrases.say(f"outcomes.{kind}", lang, n=_size(row["percent"], lang))


def standing(row: Mapping[Any, Any], lang: str, currency: str | None = None) -> str:
    """Before and after as they stand; the same of the others where there are some."""
    said = _pair(row, "before", "after", lang, currency)
    others = _pair(row, "others_before", "others_after", lang, currency)
    return said if not said or not others else phrases.say("outcomes.beside", lang, own=said, others=others)


def _pair(row: Mapping[Any, Any], one: str, other: str, lang: str, currency: str | None) -> str:
    if numbers.is_missing(row[one]) or numbers.is_missing(row[other]):
        return ""
    return " → ".join(numbers.value(row[key], row["unit"], lang=lang, currency=currency) for key in (one, other))


def _verdict(row: Mapping[Any, Any], lang: str, currency: str | None) -> str:
    what = name(row, lang)
    if row["verdict"] == "not_yet":
        if numbers.is_missing(row["judged_from"]):
            return phrases.say("outcomes.not_yet", lang, what=what)
        return phrases.say(
            "outcomes.not_yet.from", lang, what=what, day=dates.day(pd.Timestamp(row["judged_from"]), lang)
        )
    stood = standing(row, lang, currency)
    if row["unit"] == "day" and stood:
        stood = phrases.say("outcomes.within", lang, stood=stood, days=numbers.days(row["horizon_days"], lang))
    low, high = (_signed(row[end], lang) for end in ("low", "high"))
    kind = f"outcomes.{'sure' if row['verdict'] in SURE else 'chance'}.{row['design']}"
    day = dates.day(pd.Timestamp(row["change_date"]), lang)
    said = phrases.say(kind, lang, what=what, change=change(row, lang), low=low, high=high, day=day)
    return (
        (" " if lang != "ja" else "").join([said, phrases.say("outcomes.stood", lang, stood=stood)]) if stood else said
    )


def _target(row: Mapping[Any, Any], lang: str, currency: str | None) -> str:
    if numbers.is_missing(row["target"]):
        return ""
    target, now = (numbers.value(row[key], row["unit"], lang=lang, currency=currency) for key in ("target", "now"))
    by = str(row["target_by"] or "")
    kind = (
        "unknown"
        if row["reached"] is None or numbers.is_missing(row["now"])
        else "reached"
        if row["reached"]
        else "missed"
    )
    when = phrases.say("outcomes.by", lang, day=by) if by else ""
    return phrases.say(f"outcomes.target.{kind}", lang, target=target, when=when, now=now)


def _size(percent: float, lang: str) -> str:
    return numbers.percent(abs(percent) / 100, lang, decimals=0)


def _signed(percent: float, lang: str) -> str:
    text = numbers.percent(percent / 100, lang, decimals=0)
    return f"+{text}" if percent > 1e-9 else text
