"""Which changes does a log have room for, each at its usual strength?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from l2c.diagnose.waits.desks import BATCH, QUEUE
from l2c.improve.policies import DISCOUNT, PAID
from l2c.improve.queues import Desk
from l2c.improve.said import follows
from l2c.improve.stays import STATE
from l2c.improve.twin import Twin
from l2c.log import EventLog
from l2c.measures.facts import NEVER, Facts
from l2c.words import matching, vocabulary
from l2c.words.measures import measures

# Name of the lever, what it is about, and the change as it stands in a file.
Lever: TypeAlias = tuple[str, str, dict[str, Any]]
# Usual strengths: a tool or a rule takes a third off a step and off a piece of work, halves errors, and four in five
# customers keep to new terms; a limit moves by half, and a campaign brings a tenth more.
SHORTER, FASTER, ERRORS, FOLLOW, RAISED, MORE, CAP = 0.3, 0.7, 0.5, 0.8, 1.5, 1.1, 0.10
TERMS, REMINDED = 30.0, 5.0
# So many of the steps that hold most days are tried, and as many pairs that could go on beside each other.
LONGEST_STEPS, PAIRS = 5, 3
# A pair is one where the second comes right after the first so often.
USUALLY = 0.5
SMALLEST_SOURCE = 50


def levers(log: EventLog, twin: Twin) -> Iterator[Lever]:
    """Every standard lever that a log has room for: its name, what it is about, and the change."""
    for desk in () if twin.hall is None else twin.hall.desks:
        yield from _at_desk(twin, desk)
    yield from _at_steps(log, twin)
    yield from _at_limits(log, twin)
    errors = [name for name in measures()["order_error_rate"].end if name in log.activities]
    for name in errors:
        yield "errors", name, {"errors": name, "share": ERRORS}
    if PAID in log.activities:
        days = Facts.of(log).number("payment_terms_days")
        if np.isfinite(days).any() and float(np.nanmedian(days)) > TERMS:
            yield "terms", PAID, {"payment": {"terms_days": TERMS}, "share": FOLLOW}
        yield "reminder", PAID, {"payment": {"reminder_after_days": REMINDED}, "share": FOLLOW}
    yield "arrivals", "", {"arrivals": MORE}
    yield from _at_sources(log)


def _at_desk(twin: Twin, desk: Desk) -> Iterator[Lever]:
    name = twin.activities[desk.activity]
    kinds = {g: {s.kind for s, h in zip(desk.servers, desk.group, strict=True) if h == g} for g in set(desk.group)}
    queues = [g for g in sorted(kinds) if QUEUE in kinds[g]]
    route = twin.stays.attributes[desk.column] if desk.column >= 0 else None
    # Where people have cases of their own, nobody is put beside one of them by name.
    for group in queues if route is None or not matching.is_person(route.name) else []:
        values = [] if route is None else [route.labels[int(v)] for v, g in sorted(desk.values.items()) if g == group]
        where = {} if route is None or len(set(desk.group)) == 1 else {"where": {route.name: values}}
        yield "add", ", ".join([name, *map(str, values if where else [])]), {"desk": name, "add": 1, **where}
    if queues:
        yield "speed", name, {"desk": name, "speed": FASTER}
    if any(BATCH in each for each in kinds.values()):
        yield "batch", name, {"desk": name, "batch": "none"}


def _at_steps(log: EventLog, twin: Twin) -> Iterator[Lever]:
    """The steps that hold most days, what asks for leave and could do without, and pairs that could begin together."""
    stays, names = twin.stays, twin.activities
    rows = np.flatnonzero(stays.next >= 0)
    key = stays.activity[rows].astype(np.int64) * len(names) + stays.next[rows]
    many = np.bincount(key, minlength=len(names) ** 2)
    days = np.bincount(key, stays.wait[rows], len(names) ** 2)
    ends = {names.index(name) for name in ("Closed Lost", "Lead Disqualified") if name in names}
    served = {desk.activity for desk in twin.hall.desks} if twin.hall is not None else set()
    pairs = [(int(k) // len(names), int(k) % len(names)) for k in np.argsort(-days, kind="stable") if many[k]]
    pairs = [(a, b) for a, b in pairs if b not in ends and a != b]
    for a, b in [(a, b) for a, b in pairs if b not in served][:LONGEST_STEPS]:
        yield "step", f"{names[a]} → {names[b]}", {"step": [names[a], names[b]], "share": SHORTER}
    for request in sorted(vocabulary.requests() & set(names)):
        # A yes that comes at once; a no stays a no.
        for answer in vocabulary.answers(request):
            if answer in names and answer not in vocabulary.refusals():
                yield "skip", answer, {"skip": answer}
    after = np.bincount(stays.activity, minlength=len(names))
    begins = np.bincount(stays.activity[stays.head], minlength=len(names)) >= USUALLY * after
    beside = [
        (a, b)
        for a, b in pairs
        if many[a * len(names) + b] >= USUALLY * after[a] and not begins[a] and _movable(names[a], names[b])
    ]
    for a, b in beside[:PAIRS]:
        yield "parallel", f"{names[a]} ∥ {names[b]}", {"parallel": [names[a], names[b]]}


def _movable(first: str, second: str) -> bool:
    """Whether the second could begin without the first: it is no answer to it, and no end or milestone rests on it."""
    fixed = {*vocabulary.milestones(ends=True), *vocabulary.requests()}
    return second not in vocabulary.answers(first) and not {first, second} <= fixed


def _at_limits(log: EventLog, twin: Twin) -> Iterator[Lever]:
    """Numbers by which it is decided whether an approval is asked for, and a cap on discounts where that is so."""
    asked = {*vocabulary.requests(), *(a for request in vocabulary.requests() for a in vocabulary.answers(request))}
    before = {start for start, end in follows(log) if end in asked}
    for k, attribute in enumerate(twin.stays.attributes):
        if not attribute.is_number or not vocabulary.lever(attribute.name):
            continue
        found = {a: _limit_at(twin, a, len(STATE) + k) for a, name in enumerate(twin.activities) if name in before}
        at = {a: value for a, value in found.items() if value is not None}
        for a, value in at.items():
            limit = {"from": value, "to": round(RAISED * value, 6)}
            raw: dict[str, Any] = {"attribute": attribute.name, "at": twin.activities[a], "limit": limit}
            yield "limit", f"{attribute.name} {value:g}", raw
        if attribute.name == DISCOUNT and at and attribute.values.max() > CAP:
            raw = {"attribute": attribute.name, "at": [twin.activities[a] for a in at], "most": CAP}
            yield "cap", attribute.name, raw


def _limit_at(twin: Twin, activity: int, column: int) -> float | None:
    """The value of a number at which the way after an activity parts, nearest to the root of its tree."""
    trees, todo = twin.trees, [int(twin.trees.root[activity])]
    while todo:
        node = todo.pop(0)
        if node < 0 or trees.column[node] < 0:
            continue
        if trees.column[node] == column:
            return float(f"{trees.value[node]:.2g}")
        todo += [int(trees.yes[node]), int(trees.no[node])]
    return None


def _at_sources(log: EventLog) -> Iterator[Lever]:
    """The lead source of which the smallest part is won."""
    if "lead_source" not in log.attributes:
        return
    facts = Facts.of(log)
    table = pd.DataFrame({"source": facts.attribute("lead_source"), "won": facts.won != NEVER})
    each = table.groupby("source")["won"].agg(["mean", "size"])
    each = each[each["size"] >= SMALLEST_SOURCE].sort_values(["mean", "size"])
    if len(each) > 1:
        yield "source", str(each.index[0]), {"arrivals": 0, "where": {"lead_source": each.index[0]}}
