"""How do a lever and what it brings read on a page?"""

from __future__ import annotations

from typing import Any

import pandas as pd

from l2c.improve.sliders import Slider
from l2c.show import numbers
from l2c.show.improvements import about, ranges_only
from l2c.show.tables import sentence
from l2c.words import notes, phrases, vocabulary
from l2c.words.measures import fair
from l2c.words.notes import Note

# What is shown, in this order; of the desks, the busiest.
SHOWN = ("days_to_win", "win_rate", "won_amount", "cash_received", "change_cost", "net_cash", "open_cases")
COST = {"change_cost", "net_cash"}
BUSY = "busy_share"


def control(slider: Slider, place: int | None, lang: str) -> dict[str, Any]:
    """A lever as the browser draws it: a text for each place where it can stand."""
    return {
        "id": slider.id,
        "name": phrases.say(f"sliders.lever.{slider.lever}", lang, step=_about(slider, lang)),
        "texts": [_text(slider, k, lang) for k in range(len(slider.values))],
        "at": slider.rest if place is None else min(place, len(slider.values) - 1),
        "rest": slider.rest,
        "flag": slider.unit == "flag",
        "assumed": slider.is_assumed,
    }


def _about(slider: Slider, lang: str) -> str:
    """What a lever is about, in the language of the page."""
    raw = slider.raw
    match slider.lever:
        case "step" | "parallel":
            sign = " → " if slider.lever == "step" else " ∥ "
            return sign.join(vocabulary.label(name, lang) for name in raw[slider.lever])
        case "limit" | "cap":
            return vocabulary.label(str(raw["attribute"]), lang)
        case "source":
            return str(raw["where"]["lead_source"])
        case "add":
            where = ", ".join(str(value) for values in raw.get("where", {}).values() for value in values)
            desk = vocabulary.label(str(raw["desk"]), lang)
            return phrases.bracketed(desk, where, lang) if where else desk
    return vocabulary.label(slider.step, lang)


def _text(slider: Slider, place: int, lang: str) -> str:
    """Where a lever stands, in words."""
    value, at_rest = slider.values[place], place == slider.rest

    def say(name: str, **values: object) -> str:
        return phrases.say(f"sliders.value.{name}", lang, **values)

    match slider.lever:
        case "limit" | "cap" | "terms":
            number = (
                numbers.percent(value, lang)
                if slider.unit == "fraction"
                else numbers.value(value, slider.unit, lang=lang)
            )
            return say("at", n=number) if at_rest else number
        case _ if at_rest:
            return say("today")
        case "add":
            return say("people", n=numbers.number(value))
        case "step" | "speed":
            return say("less", n=numbers.percent(value, lang, decimals=0))
        case "errors":
            return say("fewer", n=numbers.percent(value, lang, decimals=0))
        case "reminder":
            return numbers.value(value, "calendar_day", lang=lang)
        case "arrivals" | "source":
            return say("more" if value > 1 else "fewer", n=numbers.percent(abs(value - 1), lang, decimals=0))
    return say("done")


def said(found: pd.DataFrame, is_changed: bool, lang: str, currency: str | None) -> dict[str, Any]:
    """What `improve.simulate` tells, as rows and sentences of a page."""
    note = found["note"].iloc[0] if len(found) else None
    shown = ranges_only(found)
    if "change_cost" not in set(found["measure"]):
        shown = shown[~shown["measure"].isin(COST)]
    if not is_changed:
        shown = shown.assign(**{name: float("nan") for name in ("changed", "difference", "low", "high")})
    rows = [shown[(shown["measure"] == name) & (shown["about"] == "")] for name in SHOWN]
    busy = shown[shown["measure"] == BUSY].sort_values("today", ascending=False).head(1)
    lines = [_row(row, lang, currency) for part in (*rows, busy) for row in part.to_dict("records")]
    below = [sentence(note, lang)] if isinstance(note, Note) else []
    assumed = [each for each in found["assumed"] if isinstance(each, Note)]
    below += [phrases.say("sliders.assumed", lang, what=notes.note(assumed[-1], lang))] if assumed else []
    return {"rows": lines, "below": below if is_changed else [phrases.say("sliders.rest", lang)]}


def _row(row: dict[Any, Any], lang: str, currency: str | None) -> dict[str, Any]:
    def value(name: str) -> str:
        return _value(row[name], row["unit"], lang, currency)

    low, high = float(row["low"]), float(row["high"])
    name = vocabulary.label(fair(row["measure"]), lang)
    if row["measure"] == BUSY:
        name = phrases.say("sliders.busiest", lang, desk=about(row["about"], lang))
    moved = bool(abs(low) > 0 or abs(high) > 0)
    far = max(abs(low), abs(high))
    known = moved and far < float("inf")
    return {
        "id": row["measure"],
        "name": name,
        "today": value("today"),
        "changed": value("changed"),
        "difference": _gap(row, "difference", lang, currency),
        "range": f"{_gap(row, 'low', lang, currency)} … {_gap(row, 'high', lang, currency)}" if known else "",
        "bar": [low / far, high / far] if known else None,
        "maybe": phrases.say("sliders.maybe", lang) if known and low <= 0 <= high else "",
        "assumed": isinstance(row["assumed"], Note) and moved,
    }


def _gap(row: dict[Any, Any], name: str, lang: str, currency: str | None) -> str:
    """A difference with its sign; of shares in points."""
    gap = row[name]
    if numbers.is_missing(gap):
        return numbers.MISSING
    sign = "+" if gap > 0 else ""
    if row["unit"] == "fraction":
        return phrases.say("sliders.points", lang, n=sign + numbers.number(100 * gap, decimals=1))
    return sign + _value(gap, row["unit"], lang, currency)


def _value(amount: float, unit: str, lang: str, currency: str | None) -> str:
    """A number in its unit; of cases there are whole ones."""
    return numbers.number(amount) if unit == "count" else numbers.value(amount, unit, lang=lang, currency=currency)
