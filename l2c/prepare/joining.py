"""How do the tables of a source become one list of events?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from l2c.prepare import identity, ids, lifecycle
from l2c.prepare.activities import rename_activities
from l2c.prepare.duplicates import marked
from l2c.prepare.events import Part
from l2c.prepare.instructions import Instructions
from l2c.prepare.reasons import REASON
from l2c.prepare.texts import decoded
from l2c.words.notes import Note

# The worked examples of our own template, left standing above the user's rows.
EXAMPLE = r"^EXAMPLE-\d$"


class Joined(NamedTuple):
    """All tables together."""

    events: pl.DataFrame
    rows_read: int
    rows_used: int
    reasons: dict[str, int]
    quarantine: pl.DataFrame
    renamed: dict[str, str]
    unread: dict[Note | str, int]
    currency: str | None
    notes: tuple[Note, ...]


def join(parts: list[Part], said: Instructions) -> Joined:
    """Put the tables together: one name for each activity, exact duplicates set aside, all rows counted.

    Parameters
    ----------
    parts
        The tables, understood. The list is emptied: their cells go as soon as they are not needed any more,
        since a large source would not fit twice.
    said
        What the user said about activities.
    """
    reasons = _without_examples(parts, marked(parts))
    quarantine = _quarantine(parts, reasons)
    read = sum(part.table.frame.height + part.table.rejected.height + part.table.gone.height for part in parts)
    unread: dict[Note | str, int] = {
        Note("cells", file=p.table.name, column=a): n for p in parts for a, n in p.unread.items()
    }
    currencies = sorted({c for part in parts for c in part.currencies})
    long = not any(part.layout.is_wide for part in parts)
    said_before = [note for part in parts for note in part.notes]
    rows = [part.events if len(parts) == 1 else decoded(part.events) for part in parts]
    parts.clear()
    kept = [_used(rows.pop(0), reason) for reason in reasons]
    events, notes = ids.one_form(kept[0] if len(kept) == 1 else pl.concat(kept, how="diagonal_relaxed"))
    del kept
    frequent = events["activity"].value_counts(sort=True)["activity"].to_list()
    renamed, more = rename_activities(frequent, said.activities)
    if renamed:
        events = events.with_columns(pl.col("activity").replace(renamed))
    # Of rows per deal it was seen before equal moments became one.
    notes += _doubtful(events) if long else []
    # In a row per deal the word is one about the deal.
    events, joined = lifecycle.joined_here(events) if long else (events, [])
    counted = quarantine["reason"].value_counts()
    number = dict(zip(counted["reason"], counted["count"], strict=True))
    currency, told = agreed_currency(said.currency, currencies)
    more += told
    return Joined(
        events,
        read,
        read - quarantine.height,
        {reason: number[reason] for reason in REASON.categories if reason in number},
        quarantine,
        renamed,
        unread,
        currency,
        (*said_before, *notes, *more, *joined),
    )


def _doubtful(events: pl.DataFrame) -> list[Note]:
    """What speaks against the ids of a log: deals that were created twice."""
    rows = events.select(c for c in ("case_id", "activity", "time", "account") if c in events.columns)
    rows = rows.filter(pl.col("activity") == "Opportunity Created")
    return [*identity.doubtful(rows), *identity.folded(rows["case_id"])]


def _used(events: pl.DataFrame, reason: pl.Series) -> pl.DataFrame:
    """The rows without a reason; the frame is taken apart column by column, so that it never stands twice."""
    row = events.drop_in_place("_row")
    if reason.null_count() == len(reason):
        return events
    good = reason.gather(row).is_null()
    return pl.DataFrame([events.drop_in_place(name).filter(good) for name in events.columns])


def _without_examples(parts: Sequence[Part], reasons: list[pl.Series]) -> list[pl.Series]:
    """Set aside the template's worked examples once there is any other case."""
    ids = [part.events["case_id"].cat.starts_with("EXAMPLE-").fill_null(False) for part in parts]
    if any(is_example.any() for is_example in ids):
        ids = [part.events["case_id"].cast(pl.String).str.contains(EXAMPLE).fill_null(False) for part in parts]
    if not any(is_example.any() for is_example in ids) or all(is_example.all() for is_example in ids):
        return reasons
    marked = []
    for part, reason, is_example in zip(parts, reasons, ids, strict=True):
        rows = part.events["_row"].filter(is_example).unique()
        free = rows.filter(reason.gather(rows).is_null())
        marked.append(reason.scatter(free, "example"))
    return marked


def _quarantine(parts: Sequence[Part], reasons: Sequence[pl.Series]) -> pl.DataFrame:
    """The rows that are not used: `reason, file, row` and their cells under the headers of the source."""
    pieces = []
    for part, reason in zip(parts, reasons, strict=True):
        bad = reason.is_not_null()
        where = [
            reason.filter(bad).cast(pl.String).alias("reason"),
            pl.Series("file", [part.table.name]).new_from_index(0, int(bad.sum())),
            part.table.lines.filter(bad).alias("row"),
        ]
        cells = part.table.frame.filter(bad).with_columns(pl.all().cast(pl.String))
        clash = {name: f"{name} (source)" for name in cells.columns if name in ("reason", "file", "row")}
        pieces.append(pl.DataFrame(where).hstack(cells.rename(clash)))
        if (away := part.table.gone).height:
            named = {name: f"{name} (source)" for name in away.columns if name in ("reason", "file", "row")}
            why = [
                pl.lit("deleted").alias("reason"),
                pl.lit(part.table.name).alias("file"),
                pl.col("_line").alias("row"),
            ]
            pieces.append(away.rename(named).select(*why, pl.exclude("_line")))
        rejected = part.table.rejected
        pieces.append(
            rejected.select(
                pl.col("reason"), pl.lit(part.table.name).alias("file"), pl.col("line").alias("row"), "text"
            )
        )
    return pl.concat([p for p in pieces if p.height] or pieces[:1], how="diagonal_relaxed")


def agreed_currency(said: str | None, found: Sequence[str]) -> tuple[str | None, list[Note]]:
    """The one currency of the amounts, if there is one, and what to say of it: the source knows better than the user."""
    if len(found) > 1:
        return None, [Note("amounts_in", currencies=found)]
    if said and found and found[0] != said:
        return found[0], [Note("other_currency", currency=found[0], given=said)]
    return (found[0] if found else said), []
