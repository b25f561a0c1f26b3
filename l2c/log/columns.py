"""Which columns does a log have of its own, and what are those of a source called beside them?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import chain, count

from l2c.words import vocabulary

# Columns of every event.
BASE = ["case_id", "activity", "time", "precision", "source", "source_row"]
# When the work of an event began, where the source knows it: `start_time` of rows, `started` of the log's events.
START_TIME, STARTED = "start_time", "started"
MICROSECONDS_A_DAY = 86_400_000_000
# Columns of the events with few distinct texts.
FEW = ("activity", "next_activity", "precision", "source")
# How an invoice was settled (`paid`, `void` …) on a day that the source does not tell.
UNDATED = "undated"
# What a source of records says of each event beside the attributes of the vocabulary.
RECORDS = (
    "record_id",
    "object_type",
    "approximate",
    "lead_id",
    "payment_id",
    "invoice_amount",
    "payment_amount",
    UNDATED,
)

# Columns that the log derives itself, of the cases and of the events; one of a source is kept under a longer name.
# What a part of a process, or one with other activities, still knows of its cases as a whole (see `l2c.log.excerpts`).
WHOLE = frozenset({"whole_lead", "whole_closed", "whole_decided"})
OF_CASES = frozenset({"case_key", "started", "ended", "duration_days", "events", "variant_id", "status"}) | WHOLE
OF_EVENTS = frozenset(
    {"position", "precision", "source", "source_row", "next_activity", "wait_days", "first_of_step", "work_days"}
)
DERIVED = OF_CASES | OF_EVENTS


def own_names(wanted: Iterable[Sequence[str]], taken: Collection[str]) -> list[str]:
    """A name for each column: the first it may have that no other bears, else a longer one.

    Engines do not tell `Started` from `started`, so that two such columns would become one.
    """
    folded, names = {name.lower() for name in taken}, []
    for choice in wanted:
        longer = (f"{choice[0]} (source{f' {number}' if number > 1 else ''})" for number in count(1))
        names.append(next(name for name in chain(choice, longer) if name.lower() not in folded))
        folded.add(names[-1].lower())
    return names


def scopes() -> tuple[set[str], set[str]]:
    """Attributes that describe the event, and those that describe the case."""
    scopes: dict[str, set[str]] = {"event": set(RECORDS), "case": set()}
    for attribute in vocabulary.attributes():
        scopes[attribute.scope].add(attribute.id)
    # The stage belongs to the event; its last value is worth knowing of the deal.
    scopes["event"].discard("stage")
    scopes["case"].add("stage")
    return scopes["event"], scopes["case"]
