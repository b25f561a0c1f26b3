"""Which field holds the status of a record, and which statuses were taken for what, or for nothing?"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from l2c.prepare.salesforce.conditions import custom, matches, words
from l2c.prepare.salesforce.meaning import Rule
from l2c.prepare.salesforce.org_frames import Org
from l2c.words import matching, statuses
from l2c.words.notes import Note

# What the status is called where an org has a field of its own for it.
NAMES = ("status", "state", "statut", "estado", "stato", "zustand")
# So many values of a field are named.
MOST_LISTED = 6


def field_of(org: Org, name: str, field: str) -> str:
    """The field that holds the status: `Status` itself or, where the object has none, the one of its own for it."""
    if field != "Status" or org.has(name, field) or name not in org.frames:
        return field
    own = {column: matching.normalise(column)[:-1] for column in custom(org.frames[name])}
    for known in NAMES:
        found = [column for column, bare in own.items() if bare == known]
        if found:
            return found[0]
    found = [column for column, bare in own.items() if bare.endswith(NAMES)]
    return found[0] if len(found) == 1 else field


def asks(test: object) -> bool:
    """Whether a condition asks for a state, such as `<sent>`."""
    return isinstance(test, (str, list)) and any(statuses.named(word) for word in words(test))


def may_be_absent(test: object) -> bool:
    """Whether a condition holds where the source has no such field at all."""
    return isinstance(test, (str, list)) and statuses.ABSENT in words(test)


def told(org: Org) -> list[Note]:
    """Say of the statuses of records which were taken for what, which happened to nothing, and where there are none."""
    notes: list[Note] = []
    for name in org.frames:
        rules = [r for r in org.mapping.rules if r.object == name and r.instead_of not in org.frames]
        if name in org.mapping.kinds and org.mapping.kinds[name].changes:
            continue
        for field in dict.fromkeys(f for rule in rules for f, test in rule.when.items() if asks(test)):
            asking = [rule for rule in rules if asks(rule.when.get(field))]
            notes += _of_field(org, name, field, asking)
    return notes


def _of_field(org: Org, name: str, field: str, rules: list[Rule]) -> list[Note]:
    frame = org.frames[name]
    own = field_of(org, name, field)
    if not frame.height:
        return []
    money = [rule for rule in rules if may_be_absent(rule.when[field])]
    if not org.has(name, own):
        activities = sorted({rule.activity for rule in money if any(org.has(name, f) for f in rule.time)})
        return (
            [Note("no_status", object=name, field=field, n=frame.height, activities=activities)] if activities else []
        )
    column = org.text(name, own)
    counts = column.value_counts(sort=True).sort("count", own, descending=[True, False], nulls_last=True)
    taken, idle = [], []
    for value, n in counts.iter_rows():
        meant = sorted({rule.activity for rule in rules if value is not None and _holds(value, rule.when[field])})
        if meant and not statuses.is_english(value) and not _listed(value, rules, field):
            taken.append(Note("counted_as", value=value, n=n, activities=meant))
        # Where a status decides over money, every record that it keeps from counting is named.
        elif not meant and (money or (value is not None and not statuses.states(value))):
            idle.append(Note("counted", value="–" if value is None else value, n=n))
    notes = [Note("status_taken", object=name, field=own, values=_shown(taken))] if taken else []
    return [*notes, Note("status_idle", object=name, field=own, values=_shown(idle))] if idle else notes


def _holds(value: str, test: object) -> bool:
    return bool(matches(pl.Series([value]), test, "")[0])


def _listed(value: str, rules: Iterable[Rule], field: str) -> bool:
    """Whether a rule itself names the word."""
    own = [word for rule in rules for word in words(rule.when[field]) if statuses.named(word) is None]
    return bool(own) and _holds(value, own)


def _shown(values: list[Note]) -> list[Note]:
    more = len(values) - MOST_LISTED
    return [*values[:MOST_LISTED], Note("and_more", n=more)] if more > 0 else values
