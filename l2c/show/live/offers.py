"""What may a change in the drawing depend on, and who may do a step? Only what is known beforehand, and people by the policy of names."""

from __future__ import annotations

from typing import Any

import narwhals as nw

from l2c import engine
from l2c.diagnose.causes.attributes import beforehand
from l2c.log import EventLog
from l2c.log.actors import ACTOR
from l2c.prepare import pseudonyms
from l2c.words import matching, vocabulary
from l2c.words.errors import L2CError

# More values or people than these are no list to choose from.
MOST_CHOICES = 40


def attributes(log: EventLog, lang: str) -> list[dict[str, Any]]:
    """Attributes by which a change can be limited to some cases: with their values, or from where to where their numbers go."""
    found = []
    schema = log.base.cases.collect_schema()
    # What is known only at the end chooses no cases at the beginning.
    names = [name for name in log.attributes if beforehand(name)]
    found += _spans(log, [name for name in names if schema[name].is_numeric()], lang)
    for name in names:
        if schema[name].is_numeric() or (matching.is_person(name) and not pseudonyms.shown(log, None)):
            continue
        try:
            values = log.distinct(name)
        except (L2CError, TypeError):
            continue
        if 1 < len(values) <= MOST_CHOICES and all(isinstance(value, str) for value in values):
            found.append({"name": name, "label": vocabulary.label(name, lang), "values": values})
    return sorted(found, key=lambda each: names.index(each["name"]))


def _spans(log: EventLog, names: list[str], lang: str) -> list[dict[str, Any]]:
    """From where to where numbers go."""
    if not names:
        return []
    ends = [
        end for name in names for end in (nw.col(name).min().alias(f"{name} 0"), nw.col(name).max().alias(f"{name} 1"))
    ]
    row = engine.collect(log.cases.select(*ends)).iloc[0]
    each = {name: (row[f"{name} 0"], row[f"{name} 1"]) for name in names}
    return [
        {"name": name, "label": vocabulary.label(name, lang), "low": float(low), "high": float(high)}
        for name, (low, high) in each.items()
        if low < high
    ]


def people(log: EventLog) -> dict[str, list[str]]:
    """Who does each activity, where several people do."""
    if ACTOR not in log.events.collect_schema().names():
        return {}
    pairs = engine.collect(log.events.select("activity", ACTOR).unique()).dropna()
    known = pseudonyms.instead(log)
    pairs[ACTOR] = pairs[ACTOR].map(lambda name: known.get(str(name), str(name)))
    found = {str(name): sorted(map(str, each)) for name, each in pairs.groupby("activity", observed=True)[ACTOR]}
    return {name: each[:MOST_CHOICES] for name, each in found.items() if len(each) > 1}
