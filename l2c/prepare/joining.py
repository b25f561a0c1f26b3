"""How do the tables of a source become one list of events?"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import polars as pl

from l2c.log.ordering import coded
from l2c.prepare import columns
from l2c.prepare.columns import Instructions
from l2c.prepare.events import REASON, Part
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
    reasons = _without_examples(parts, _with_duplicates(parts))
    quarantine = _quarantine(parts, reasons)
    read = sum(part.table.frame.height + part.table.rejected.height for part in parts)
    unread: dict[Note | str, int] = {
        Note("cells", file=p.table.name, column=a): n for p in parts for a, n in p.unread.items()
    }
    currencies = sorted({c for part in parts for c in part.currencies})
    said_before = [note for part in parts for note in part.notes]
    rows = [part.events if len(parts) == 1 else _decoded(part.events) for part in parts]
    parts.clear()
    kept = [_used(rows.pop(0), reason) for reason in reasons]
    events, notes = _one_id(kept[0] if len(kept) == 1 else pl.concat(kept, how="diagonal_relaxed"))
    del kept
    frequent = events["activity"].value_counts(sort=True)["activity"].to_list()
    renamed, more = columns.rename_activities(frequent, said.activities)
    if renamed:
        events = events.with_columns(pl.col("activity").replace(renamed))
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
        (*said_before, *notes, *more),
    )


def _decoded(frame: pl.DataFrame) -> pl.DataFrame:
    """Text again where numbers of the frame's own stand for it, so that frames can stand one below the other."""
    own = [name for name, kind in frame.schema.items() if isinstance(kind, pl.Categorical) and name != "source"]
    return frame.with_columns(pl.col(own).cast(pl.String))


def _used(events: pl.DataFrame, reason: pl.Series) -> pl.DataFrame:
    """The rows without a reason; the frame is taken apart column by column, so that it never stands twice."""
    row = events.drop_in_place("_row")
    if reason.null_count() == len(reason):
        return events
    good = reason.gather(row).is_null()
    return pl.DataFrame([events.drop_in_place(name).filter(good) for name in events.columns])


def _with_duplicates(parts: Sequence[Part]) -> list[pl.Series]:
    """The reasons of each part, with 'duplicate' where a usable row repeats an earlier one cell by cell."""
    first = parts[0]
    cells = first.cells if len(parts) == 1 else pl.concat([_decoded(p.cells) for p in parts], how="diagonal_relaxed")
    reason = pl.concat([part.reason for part in parts])
    # Of one table of events, rows that are the same in every cell are so in these three.
    alone = len(parts) == 1 and not first.layout.is_wide
    suspects = _alike(first.events.select("time", "case_id", "activity") if alone else cells)
    if len(suspects):
        # Equal hashes are only a suspicion; the cells decide.
        found = cells[suspects].with_columns(_at=suspects)
        again = found.filter(~pl.struct(pl.exclude("_at")).is_first_distinct())["_at"]
        repeated = pl.Series([False]).new_from_index(0, cells.height).scatter(again, True)
        reason = reason.set(reason.is_null() & repeated, "duplicate")
    ends = [0]
    for part in parts:
        ends.append(ends[-1] + part.cells.height)
    return [reason.slice(start, end - start) for start, end in pairwise(ends)]


def _alike(keys: pl.DataFrame) -> pl.Series:
    """The rows that may repeat one another, in order: those whose hash is not theirs alone."""
    first = keys.to_series()
    rows = pl.int_range(keys.height, dtype=pl.UInt32, eager=True)
    if isinstance(first.dtype, pl.Datetime) and first.is_sorted():
        # In the order of time, a row that shares its moment with no neighbour is alone.
        same = first.eq_missing(first.shift())
        rows = rows.filter(same | same.shift(-1, fill_value=False))
    hashes = keys[rows].hash_rows()
    # Sorting numbers is several times as fast as looking each of them up.
    ascending = hashes.sort()
    twice = ascending.filter((ascending == ascending.shift()).fill_null(False))
    return rows.filter(hashes.is_in(twice.unique().implode())) if len(twice) else rows.clear()


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
        rejected = part.table.rejected
        pieces.append(
            rejected.select(
                pl.col("reason"), pl.lit(part.table.name).alias("file"), pl.col("line").alias("row"), "text"
            )
        )
    return pl.concat([p for p in pieces if p.height] or pieces[:1], how="diagonal_relaxed")


def _one_id(events: pl.DataFrame) -> tuple[pl.DataFrame, list[Note]]:
    """Give Salesforce ids one form where a source mixes 15 and 18 characters for the same record."""
    column = coded(events["case_id"])
    events = events.with_columns(column)
    lengths = set(column.cat.len_bytes().unique().to_list())
    if not {15, 18} <= lengths:
        return events, []
    ids = column.unique().cast(pl.String)
    short, long = (ids.filter(ids.str.len_bytes() == length) for length in (15, 18))
    short = short.filter(short.str.contains(r"^[A-Za-z0-9]{15}$"))
    known = set(long.to_list())
    same = {each: full for each in short.to_list() if (full := eighteen(each)) in known} if len(long) else {}
    if not same:
        return events, []
    return events.with_columns(pl.col("case_id").replace(same)), [Note("two_ids", deals=len(same))]


def agreed_currency(said: str | None, found: Sequence[str]) -> tuple[str | None, list[Note]]:
    """The one currency of the amounts, if there is one, and what to say of it: the source knows better than the user."""
    if len(found) > 1:
        return None, [Note("amounts_in", currencies=found)]
    if said and found and found[0] != said:
        return found[0], [Note("other_currency", currency=found[0], given=said)]
    return (found[0] if found else said), []


def eighteen(short: str) -> str:
    """Return the 18-character form of a 15-character Salesforce id.

    Notes
    -----
    Each of the three added characters tells which of five characters are capitals (Salesforce, "ID Field Type").
    """
    signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
    blocks = (short[i : i + 5] for i in (0, 5, 10))
    added = (sum(1 << i for i, c in enumerate(block) if "A" <= c <= "Z") for block in blocks)
    return short + "".join(signs[bits] for bits in added)
