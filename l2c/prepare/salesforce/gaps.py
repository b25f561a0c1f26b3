"""What does the source not hold, and which cases does that touch?"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from l2c.prepare.salesforce.conditions import matches, words
from l2c.prepare.salesforce.deals import Deals
from l2c.prepare.salesforce.mapping import CHANGES, DERIVED
from l2c.prepare.salesforce.meaning import Rule
from l2c.prepare.salesforce.org_frames import Org
from l2c.prepare.salesforce.statuses import MOST_LISTED, asks, field_of, may_be_absent
from l2c.words.notes import Note

# A history begins late where so little would be expected to be seen by chance: one in a thousand.
SURPRISE = math.log(1000)
EARLY = 100
# Less than this is the time until something changes for the first time.
DELAY = timedelta(days=30)

COLUMNS: dict[str, Any] = {
    "object_type": pl.String,
    "rows": pl.Int64,
    "used": pl.Int64,
    "deleted": pl.Int64,
    "duplicate": pl.Int64,
    "no_case": pl.Int64,
    "not_about_deals": pl.Int64,
    "shared": pl.Int64,
    "first": pl.Datetime("us"),
    "last": pl.Datetime("us"),
    "since": pl.Datetime("us"),
    "events": pl.Int64,
    "hides": pl.String,
    "cases": pl.Int64,
    "share": pl.Float64,
}


def objects(org: Org, deals: Deals, events: pl.DataFrame, left_out: pl.DataFrame, n_cases: int) -> pl.DataFrame:
    """Tell of each object what was read and used, how far back it reaches, and what its absence hides.

    Returns
    -------
    One row per object that the mapping makes events of, and per other object that is there: `object_type`; `rows` read, `used`,
    set aside as `deleted`, `duplicate` and `no_case`; `not_about_deals` (used for nothing); `shared` (pointing at
    something of several deals); `first, last` creation; `since` (start of a history that begins late, else missing);
    `events` made; `hides`: activities nobody can see without it, or before `since`; `cases` that may lack them, as a
    `share` of all.
    """
    made = events.group_by("source").len("events")
    counts = dict(zip(made["source"], made["events"], strict=True))
    set_aside = left_out.group_by("object", "reason").len("n")
    reasons = {(o, r): n for o, r, n in set_aside.iter_rows()}
    rows: list[dict[str, Any]] = []
    seen = set(events["activity"].unique())
    for name in dict.fromkeys([*org.mapping.kinds, *org.rows]):
        if name in org.frames:
            rows.append(_found(org, deals, name, events, counts, reasons, n_cases))
        elif (hidden := _hidden(org, name, seen)) is not None and hidden not in [row.get("hides") for row in rows]:
            cases = _touched(org, name, events, n_cases)
            rows.append(
                {"object_type": name, "rows": 0, "hides": hidden, "cases": cases, "share": cases / max(n_cases, 1)}
            )
    return pl.DataFrame(rows, schema=COLUMNS)


def _found(
    org: Org, deals: Deals, name: str, events: pl.DataFrame, counts: dict[str, int], reasons: dict[Any, int], n: int
) -> dict[str, Any]:
    frame = org.frames[name]
    created = (
        org.times(name, "CreatedDate").time.drop_nulls()
        if org.has(name, "CreatedDate")
        else pl.Series([], dtype=pl.Datetime("us"))
    )
    aside = {why: n for (kind, why), n in reasons.items() if kind == name}
    kind = org.mapping.kinds.get(name)
    lost = 0
    if kind is not None and kind.optional and name in deals.of:
        lost = frame.height - frame.join(deals.of[name].select("_key").unique(), on="_key", how="semi").height
    row: dict[str, Any] = {
        "object_type": name,
        "rows": org.rows.get(name, frame.height),
        "used": org.rows.get(name, frame.height) - sum(aside.values()),
        "deleted": aside.get("deleted", 0),
        "duplicate": aside.get("duplicate", 0),
        "no_case": aside.get("no case", 0),
        "not_about_deals": lost,
        "shared": deals.shared.get(name, 0),
        "first": created.min(),
        "last": created.max(),
        "events": counts.get(name, 0),
    }
    if kind is not None and (kind.snapshot or kind.changes) and (since := begins(created)) is not None:
        cut = _older(org, deals, name, since)
        if cut:
            hidden = ", ".join(sorted({rule.activity for rule in org.mapping.rules if rule.object == name}))
            row |= {"since": since, "hides": hidden, "cases": cut, "share": cut / max(n, 1)}
    return row


def lacking(org: Org, seen: set[str]) -> list[Note]:
    """Say which activities cannot be told for want of fields of an object that is there."""
    notes = []
    for name in org.frames:
        missing: dict[tuple[Note | str, ...], set[str]] = {}
        rules = [r for r in org.mapping.rules if r.object == name and r.instead_of not in org.frames]
        # What a history tells to the second needs no date of the last change.
        rules = [r for r in rules if not (r.approximate >= {*r.time} and _told(org, r.activity, name))]
        for activity in dict.fromkeys(r.activity for r in rules if "{" not in r.activity):
            wanted = [_absent(org, rule) for rule in rules if rule.activity == activity]
            if activity not in seen and all(wanted) and org.frames[name].height:
                missing.setdefault(tuple(sorted({*wanted[0]}, key=str)), set()).add(activity)
        notes += [Note("lacking", object=name, fields=f, activities=sorted(a)) for f, a in missing.items()]
    return notes


def _told(org: Org, activity: str, other_than: str) -> bool:
    """Whether another object that is there tells of an activity."""
    return any(r.activity == activity and r.object in org.frames and r.object != other_than for r in org.mapping.rules)


def _absent(org: Org, rule: Rule) -> list[Note | str]:
    """Fields without which a rule finds nothing."""
    tests = {f: test for f, test in rule.when.items() if f not in DERIVED and not isinstance(test, dict)}
    needed = [
        field_of(org, rule.object, f) if asks(test) else f for f, test in tests.items() if not may_be_absent(test)
    ]
    absent: list[Note | str] = [field for field in needed if not org.has(rule.object, field)]
    return (
        absent
        if any(org.has(rule.object, field) for field in rule.time)
        else [*absent, Note("either", fields=rule.time)]
    )


def unknown_values(org: Org, seen: set[str]) -> list[Note]:
    """Say which values of the histories mean no activity: a status may have a name of the org's own."""
    notes, named = [], {activity.casefold() for activity in seen}
    for name in (name for name, kind in org.mapping.kinds.items() if kind.changes and name in org.frames):
        known: dict[str, list[str]] = {}
        for rule in org.mapping.rules:
            value = rule.when.get("NewValue")
            if rule.object == name and isinstance(value, (str, list)) and value not in CHANGES:
                for field in words(rule.when.get("Field", [])):
                    known.setdefault(field, []).extend(words(value))
        rows = pl.DataFrame({"field": org.text(name, "Field"), "value": org.text(name, "NewValue")}).drop_nulls()
        # What the record itself tells, such as Order Activated, needs no history.
        base = name.removesuffix("History").rstrip("_").casefold()
        itself = {activity.removeprefix(f"{base} ") for activity in named if activity.startswith(f"{base} ")}
        for field, told in known.items():
            own = rows.filter(pl.col("field") == field)
            own = own.filter(~matches(own["value"], [*told, *itself], name))
            counts = own["value"].value_counts(sort=True).sort("count", "value", descending=[True, False])
            if counts.height:
                shown = [Note("counted", value=value, n=n) for value, n in counts.head(MOST_LISTED).iter_rows()]
                facts = {"object": name, "field": field, "values": shown}
                more = counts.height - MOST_LISTED
                notes.append(Note("no_activity_more", **facts, more=more) if more > 0 else Note("no_activity", **facts))
    return notes


def begins(created: pl.Series) -> datetime | None:
    """The start of a history; None where there is none."""
    first = created.min()
    return first if isinstance(first, datetime) else None


def _older(org: Org, deals: Deals, name: str, since: datetime) -> int:
    """Number of cases whose record is older than its history, if that cannot be chance: else 0."""
    parent = org.mapping.kinds[name].part_of[0].object
    if parent not in org.frames or parent not in deals.of or not org.has(parent, "CreatedDate"):
        return 0
    born = pl.DataFrame(
        {"_key": org.frames[parent]["_key"], "born": org.times(parent, "CreatedDate").time}
    ).drop_nulls()
    start = born["born"].min()
    if not isinstance(start, datetime) or start + DELAY >= since:
        return 0
    times = org.times(name, "CreatedDate").time.drop_nulls().sort().head(EARLY)
    span = (times[-1] - times[0]).total_seconds() if len(times) > 1 else 0.0
    if not span or (len(times) - 1) / span * (since - start).total_seconds() < SURPRISE:
        return 0
    old = born.filter(pl.col("born") < since).join(deals.of[parent], on="_key", how="inner")
    return int(old["case"].n_unique())


def _hidden(org: Org, name: str, seen: set[str]) -> str | None:
    """Activities that only this object would show."""
    package = name.partition("__")[0] if name.count("__") > 1 else None
    if package and not any(found.startswith(f"{package}__") for found in org.frames):
        return None  # the org does not use this package
    activities = {
        rule.activity for rule in org.mapping.rules if rule.object == name and rule.instead_of not in org.frames
    }
    missing = sorted(a for a in activities if a not in seen and "{" not in a)
    if any("{" in a for a in activities) and not any(a.startswith("Stage: ") for a in seen):
        missing.insert(0, "Stage: …")
    return ", ".join(missing) or None


def _touched(org: Org, name: str, events: pl.DataFrame, n_cases: int) -> int:
    """Number of cases that have the record whose history or part is missing; all where that is unknown itself."""
    part_of = org.mapping.kinds[name].part_of
    if not part_of or part_of[0].object not in org.frames:
        return n_cases
    return int(events.filter(pl.col("object_type") == part_of[0].object)["case"].n_unique())
