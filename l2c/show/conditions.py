"""How is a filter in force said in a few words?"""

from __future__ import annotations

import re

from l2c.show import numbers
from l2c.words import vocabulary
from l2c.words.days import day_hours
from l2c.words.phrases import PHRASES, say

_OF_STEPS = ("follows", "not_follows", "eventually", "slower", "between")
# Words with a range at the end, and what the range counts.
_RANGES = {"duration": "day", "took": "day", "times": "times", "events": "events"}
_PARTS = re.compile(r" … | > ")
_RANGED = re.compile(r"(.*?(?:[\d.e+-]+)?\.\.[\d.e+-]*)(; |, |$)")


def condition(word: str, text: str, lang: str = "en") -> str:
    """Say a filter in force, as `EventLog.filters` has it, in a few words: `Region: EMEA`, `with Quote Sent`."""
    if word in _RANGES and (found := _RANGED.findall(text)):
        return "".join(
            _ranged(word, each, lang) + (" / " if sign == ", " else sign.replace("; ", "；") if lang == "ja" else sign)
            for each, sign in found
        )
    if word in (*_OF_STEPS, "did", "grouped") and "; " in text:
        return ("；" if lang == "ja" else "; ").join(condition(word, each, lang) for each in text.split("; "))
    parts = [part.strip() for part in _PARTS.split(text)]
    names = [vocabulary.label(part, lang) for part in (parts if word in _OF_STEPS else text.split(", "))]
    if word == "slower" and len(parts) > 1:
        return say("chip.slower", lang, step=" → ".join(names[:-1]), days=_limit(parts[-1], lang))
    if word == "did" and len(parts) > 1:
        return _did(text, lang)
    if word == "between" and len(parts) > 1:
        return _between(parts, lang)
    if word == "grouped" and ": " in text:
        group, _, members = text.partition(": ")
        return say("chip.grouped", lang, group=group, activity=_labels(members, lang))
    if f"chip.{word}" in PHRASES and word != "slower":
        listed = " → ".join(names) if word in _OF_STEPS else _listed(names, lang)
        return say(f"chip.{word}", lang, step=listed, activity=listed, value=text)
    if word == "outcome":
        said = [say(f"outcome.{part}", lang) if f"outcome.{part}" in PHRASES else part for part in text.split(", ")]
        return say("named", lang, name=say("filters.outcome", lang), said=_listed(said, lang))
    flags = {"True": say("yes", lang), "False": say("no", lang), "(missing)": say("filters.missing", lang)}
    return say(
        "named",
        lang,
        name=vocabulary.label(word, lang),
        said=_listed([flags.get(part, part) for part in text.split(", ")], lang),
    )


def _listed(parts: list[str], lang: str) -> str:
    return ("、" if lang == "ja" else ", ").join(parts)


def _ranged(word: str, text: str, lang: str) -> str:
    """A filter with a range at its end: `at least 30 d from Quote Sent to Contract Signed`."""
    *names, last = _PARTS.split(text)
    low, _, high = last.strip().partition("..")
    kind = "same" if low and low == high else "both" if low and high else "from" if low else "to" if high else "any"
    value = say(f"range.{_RANGES[word]}.{kind}", lang, low=low, high=high)
    shown = [vocabulary.label(name.strip(), lang) for name in names]
    return say(f"chip.{word}", lang, value=value, start="".join(shown[:1]), end="".join(shown[1:]))


def _did(text: str, lang: str) -> str:
    """Who did what; several of whom either may have done it."""
    pairs = text.split(", ") if all(" > " in each for each in text.split(", ")) else [text]
    said = []
    for activity, who in (_PARTS.split(pair, maxsplit=1) for pair in pairs):
        people = who.replace("(missing)", say("filters.missing", lang))
        said.append(
            say(
                "chip.did",
                lang,
                activity=vocabulary.label(activity.strip(), lang),
                value=_listed(people.split(", "), lang),
            )
        )
    return " / ".join(said)


def _between(parts: list[str], lang: str) -> str:
    """The part of the process that a trimmed log holds."""
    start, end, *more = parts
    said = [_labels(start, lang), _labels(end, lang)]
    kind = "between" if start and end else "until" if end else "since"
    if "last" in more:
        said[1] = say("chip.between.last", lang, activity=said[1])
    rest = say("chip.between.open", lang) if "open" in more else ""
    return say(f"chip.{kind}", lang, start=said[0], end=said[1]) + rest


def _labels(names: str, lang: str) -> str:
    return _listed([vocabulary.label(name, lang) for name in names.split(", ")], lang)


def _limit(days: str, lang: str) -> str:
    """Days as they were given."""
    if day_hours() is not None:
        return say("working.days", lang, n=days)
    return f"{days}{numbers.TIME['day'][lang == 'ja']}"
