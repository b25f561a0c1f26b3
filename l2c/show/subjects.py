"""Whom and what is a finding about, and with whom is it compared? In words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from l2c.show import numbers
from l2c.show.tables import cell
from l2c.words import phrases, vocabulary

PSEUDONYM = re.compile(r"(Rep|Person) \d+")
# Groups that one is compared with are named up to so many.
MOST_COMPARED = 3


def group(attribute: Any, value: Any, lang: str) -> str:
    """The cases that a finding is about: one attribute value, or two."""
    if isinstance(attribute, list):
        parts = [group(a, v, lang) for a, v in zip(attribute, value, strict=True)]
        return phrases.say("findings.and", lang, one=parts[0], other=parts[1])
    if PSEUDONYM.fullmatch(str(value)):
        # It says itself what it is.
        return str(value)
    return phrases.say("findings.group", lang, attribute=label(attribute, lang), value=_value(attribute, value, lang))


def comparable(row: Mapping[Any, Any], lang: str) -> str:
    """The cases that those of a finding are compared with."""
    own = f"findings.others.{row['kpi']}"
    what = phrases.say(own if own in phrases.PHRASES else "findings.others.case", lang)
    groups = against(row, lang)
    return phrases.say(f"findings.others.{'of' if groups else 'all'}", lang, what=what, groups=groups)


def against(row: Mapping[Any, Any], lang: str) -> str:
    """The groups that one is compared with, by name or number; empty where these are all others."""
    found = row.get("against") or ()
    if (shared := _common(row, lang)) is not None:
        return shared
    if len(found) > MOST_COMPARED:
        return phrases.say("findings.others.many", lang, n=numbers.number(len(found)))
    names = [_other(row["attribute"], value, lang) for value in found]
    if len(names) < 2:
        return "".join(names)
    return phrases.say("findings.others.or", lang, names=joined(names[:-1], lang), last=names[-1])


def _common(row: Mapping[Any, Any], lang: str) -> str | None:
    """The value of a pair that all have with which it is compared."""
    others = row.get("against") or ()
    if not isinstance(row["attribute"], list) or not others or None in others:
        return None
    for place, (attribute, value) in enumerate(zip(row["attribute"], row["value"], strict=True)):
        if all(each[place] == value for each in others):
            return group(attribute, value, lang)
    return None


def _other(attribute: Any, value: Any, lang: str) -> str:
    if value is None:
        return phrases.say("against.rest", lang)
    if isinstance(attribute, list):
        return group(attribute, value, lang)
    said = _value(attribute, value, lang)
    return f"「{said}」" if lang == "ja" else said


def _value(attribute: Any, value: Any, lang: str) -> str:
    """A value as it is read: a band of discounts in percent."""
    kinds = {a.id: a.kind for a in vocabulary.attributes()}
    if kinds.get(attribute) == "fraction" and re.fullmatch(r"[\d.]+( – [\d.]+)?", str(value)):
        ends = [numbers.number(float(end) * 100, decimals=0) for end in str(value).split(" – ")]
        return (numbers.to(ends[0], ends[1], lang) if len(ends) > 1 else ends[0]) + ("%" if lang == "ja" else " %")
    return label(str(value), lang)


def kpi(name: Any, lang: str) -> str:
    """The name of a KPI or rule, whose own it may be."""
    return cell(str(name), "kpi", lang=lang)


def label(name: Any, lang: str) -> str:
    """The name of an activity or attribute."""
    return vocabulary.label(str(name), lang)


def joined(names: Sequence[str], lang: str) -> str:
    """Names one after the other."""
    return ("、" if lang == "ja" else ", ").join(names)
