"""What shall be otherwise? An entry of a file of changes in words, and the difference between two processes as a list of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd
import yaml

from l2c.show import dates, markup, numbers
from l2c.show.markup import Html, escape
from l2c.show.tables import grid
from l2c.words import notes, phrases, vocabulary

if TYPE_CHECKING:
    from l2c.improve.scenario import Scenario

_STEP = re.compile(r"( → | ∥ |, )")


def changes(table: pd.DataFrame, *, lang: str = "en") -> Html:
    """List what is otherwise in the process as it shall be, and what has to be said before each change can be simulated.

    Parameters
    ----------
    table
        What `improve.changes` returns.
    lang
        `en` or `ja`.
    """
    if not len(table):
        said = phrases.say("changes.none", lang)
        return Html(f'<p style="{markup.PAPER}">{escape(said)}</p>', said)
    heads = [phrases.say(f"changes.{name}", lang) for name in ("what", "needs")]
    rows = [[change(row["entry"], lang), _needs(row["needs"], lang)] for row in table.to_dict("records")]
    return Html(grid(heads, rows, [False, False]), "\n".join(" | ".join(line) for line in [heads, *rows]))


def scenario(asked: Scenario, *, lang: str = "en", currency: str | None = None) -> Html:
    """Say what shall change, from when on, and what of it no log can know.

    Parameters
    ----------
    asked
        What `improve.scenario` reads.
    lang, currency
        `en` or `ja`; currency of the log.
    """
    said = [change(each, lang, currency) for each in asked.said.get("changes", ())]
    name = asked.names[lang == "ja"] or phrases.say("scenario.what", lang)
    when = phrases.say("scenario.from", lang, day=dates.day(asked.since, lang)) if asked.since else ""
    taken = phrases.say("scenario.assumed", lang, what=notes.note(asked.assumed, lang)) if asked.assumed else ""
    below = [line for line in (when, taken) if line]
    points = "".join(f"<li>{escape(line)}</li>" for line in said)
    more = "".join(f"<p>{escape(line)}</p>" for line in below)
    html = f'<div style="{markup.PAPER}"><p style="font-weight:600">{escape(name)}</p><ul>{points}</ul>{more}</div>'
    return Html(html, "\n".join([name, *(f"- {line}" for line in said), *below]))


def change(entry: Mapping[str, Any], lang: str = "en", currency: str | None = None) -> str:
    """Say one entry of a file of changes in a few words: `Contract Approved: 30 % less time`."""
    said = _kind(dict(entry), lang, currency)
    where = entry.get("where")
    if isinstance(where, Mapping) and where:
        said = phrases.say("change.where", lang, what=said, whom=", ".join(_only(k, v, lang) for k, v in where.items()))
    return said


def listed(text: str, lang: str = "en", currency: str | None = None) -> str:
    """The same of the `changes` of a file, as a row of `improve.levers` has them in one line of YAML."""
    entries = yaml.safe_load(text)
    return phrases.series((change(each, lang, currency) for each in entries), lang)


def _kind(it: dict[str, Any], lang: str, currency: str | None) -> str:
    def say(phrase: str, **values: object) -> str:
        return phrases.say(f"change.{phrase}", lang, **values)

    match it:
        case {"desk": name}:
            return phrases.series(_at_desk(it, _name(name, lang), lang), lang)
        case {"step": [start, end], "longest": days} if days is not None:
            return say("longest", step=_ends(start, end, lang), days=_days(days, lang))
        case {"step": [start, end]}:
            return say("share", step=_ends(start, end, lang), percent=_share(it.get("share"), lang))
        case {"skip": name}:
            return say("skip", step=_name(name, lang))
        case {"merge": [first, second]}:
            return say("merge", first=_name(first, lang), second=_name(second, lang), days=_days(it.get("days"), lang))
        case {"parallel": [first, second]} | {"beside": [first, second]}:
            return say("parallel", first=_name(first, lang), second=_name(second, lang))
        case {"sequence": [first, second]}:
            return say("sequence", first=_name(first, lang), second=_name(second, lang))
        case {"insert": name}:
            return say("insert", step=_name(name, lang), other=_behind(it, lang))
        case {"move": name}:
            return say("move", step=_name(name, lang), other=_behind(it, lang))
        case {"always": name}:
            return say("always", step=_name(name, lang))
        case {"again": name}:
            return say("again", step=_name(name, lang))
        case {"attribute": name, "limit": {"from": low, "to": high}}:
            values = (_number(name, value, lang, currency) for value in (low, high))
            return say("limit", attribute=_policy(it, lang), low=next(values), high=next(values))
        case {"attribute": name}:
            return say("most", attribute=_policy(it, lang), most=_number(name, it.get("most"), lang, currency))
        case {"route": name}:
            return say("route", step=_name(name, lang), who=it.get("to"))
        case {"errors": name, "share": 1 | 1.0}:
            return say("once", step=_name(name, lang))
        case {"errors": name}:
            return say("errors", step=_name(name, lang), percent=_share(it.get("share"), lang))
        case {"payment": terms}:
            told = [
                say(key, days=_days(terms[word], lang))
                for key, word in (("terms", "terms_days"), ("reminder", "reminder_after_days"))
                if terms.get(word) is not None
            ]
            return say("payment", what="; ".join(told), percent=_share(it.get("share"), lang))
        case {"arrivals": times}:
            kind = "none" if not times else "more" if times >= 1 else "fewer"
            return say(f"arrivals.{kind}", percent=_share(abs(times - 1), lang))
    return ", ".join(phrases.named(_name(key, lang), value, lang) for key, value in it.items() if key != "where")


def _at_desk(it: Mapping[str, Any], step: str, lang: str) -> list[str]:
    said = []
    if n := it.get("add"):
        said.append(phrases.say(f"change.{'add' if n > 0 else 'fewer'}", lang, step=step, n=numbers.number(abs(n))))
    if it.get("speed") is not None:
        said.append(phrases.say("change.speed", lang, step=step, percent=_share(it["speed"], lang)))
    if it.get("hours"):
        hours = ", ".join(f"{day} {time}" for day, time in dict(it["hours"]).items())
        said.append(phrases.say("change.hours", lang, step=step, hours=hours))
    if it.get("batch") is not None:
        said.append(phrases.say("change.batch", lang, step=step))
    return said or [step]


def step(text: str, lang: str = "en") -> str:
    """What a lever is about, `Quote Sent → Contract Signed`, in the reader's language."""
    return "".join(part if _STEP.fullmatch(part) else _name(part, lang) for part in _STEP.split(text))


def _name(name: object, lang: str) -> str:
    return vocabulary.label(str(name), lang)


def _policy(it: Mapping[str, Any], lang: str) -> str:
    """The number a policy is about, and the one activity at which the process sees it."""
    at = it.get("at")
    only = at[0] if isinstance(at, (list, tuple)) and len(at) == 1 else at
    name = _name(it["attribute"], lang)
    return phrases.say("change.at", lang, attribute=name, step=_name(only, lang)) if isinstance(only, str) else name


def _ends(start: str, end: str, lang: str) -> str:
    return f"{_name(start, lang)} → {_name(end, lang)}"


def _behind(it: Mapping[str, Any], lang: str) -> str:
    behind = it.get("after")
    return phrases.say("start", lang) if behind is None else _name(behind, lang)


def _only(name: str, values: Any, lang: str) -> str:
    shown = values if isinstance(values, (list, tuple)) else [values]
    return phrases.say("named", lang, name=_name(name, lang), said=", ".join(map(str, shown)))


def _needs(text: str, lang: str) -> str:
    return (
        ", ".join(phrases.say(f"changes.needs.{word}", lang) for word in text.split(", ")) if text else numbers.MISSING
    )


def _share(value: Any, lang: str) -> str:
    return phrases.say("change.open", lang) if value is None else numbers.percent(value, lang, decimals=0)


def _days(value: Any, lang: str) -> str:
    return phrases.say("change.open", lang) if value is None else numbers.days(value, lang)


def _number(name: str, value: Any, lang: str, currency: str | None) -> str:
    kind = next((each.kind for each in vocabulary.attributes() if each.id == name), "number")
    if kind == "fraction" and not numbers.is_missing(value):
        return numbers.percent(value, lang, decimals=0 if round(value * 100, 6) % 1 == 0 else 1)
    return numbers.value(value, {"money": "money", "days": "day"}.get(kind), lang=lang, currency=currency)
