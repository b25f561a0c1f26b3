"""What changed from one row of a history to the next?"""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from l2c.prepare import times, values
from l2c.prepare.salesforce.org_frames import Org, id_key
from l2c.prepare.salesforce.stages import Stages

OLD, NEW = "OldValue", "NewValue"
ID = r"^(?:[0-9A-Za-z]{15}|[0-9A-Za-z]{18})$"


class Before(NamedTuple):
    """For each row of a snapshot the row before it of the same parent.

    Attributes
    ----------
    at
        Its place, null for the first row of a parent.
    first
        Whether the row is the first of its parent.
    """

    at: pl.Series
    first: pl.Series


def before(org: Org, name: str) -> Before:
    """Find the row before each row of a snapshot, by time and, within a second, by id."""
    frame = org.frames[name]
    parent = org.mapping.kinds[name].part_of[0].field
    rows = pl.DataFrame(
        {
            "_row": pl.int_range(frame.height, dtype=pl.UInt32, eager=True),
            "parent": org.text(name, parent),
            "time": org.times(name, "CreatedDate").time,
            "id": org.text(name, "Id"),
            "text": org.text(name, "StageName"),
        }
    ).with_columns(id_key(pl.col("parent")).alias("parent"))
    ordered = rows.sort("parent", "time", "id", "text", "_row")
    ordered = ordered.with_columns(pl.col("_row").shift().over("parent").alias("at"))
    back = ordered.sort("_row")
    return Before(back["at"], back["at"].is_null())


def folded(org: Org, name: str) -> None:
    """Keep one of the two rows that Salesforce writes for one change of a reference: the one with the ids."""
    frame = org.frames[name]
    if not {"Field", OLD, NEW, "CreatedDate"} <= set(frame.columns):
        return
    parent = org.mapping.kinds[name].part_of[0].field
    by = [c for c in (parent, "Field", "CreatedDate", "CreatedById") if c in frame.columns]
    is_id = [
        pl.col(c).cast(pl.String).str.contains(ID) & pl.col(c).cast(pl.String).str.contains(r"\d") for c in (OLD, NEW)
    ]
    said = frame.select(*by, _id=(is_id[0].fill_null(False) | is_id[1].fill_null(False)))
    both = said.select(both=pl.col("_id").any().over(by) & ~pl.col("_id").all().over(by)).to_series()
    org.frames[name] = frame.filter(~(both & ~said["_id"]))


def undated(org: Org, name: str) -> None:
    """Set aside the rows of a history that do not tell when: what they changed cannot be told either."""
    if not org.has(name, "CreatedDate"):
        return
    text, time = org.text(name, "CreatedDate"), org.times(name, "CreatedDate").time
    if time.null_count():
        said = pl.select(
            pl.when(text.is_null()).then(pl.lit("no time")).otherwise(pl.lit("unreadable time"))
        ).to_series()
        org.set_aside(name, said.set(time.is_not_null(), None))


def kinds_of_change(new: pl.Series, old: pl.Series, first: pl.Series, stages: Stages) -> pl.Series:
    """Tell what a change of the stage is: `won, lost, reopened, back` or `forward`; null where nothing changed."""
    rows = pl.DataFrame({"new": new, "old": old, "first": first})
    said = {word: {**getattr(stages, word)} for word in ("closed", "won", "order")}

    def look(column: str, word: str, kind: type[pl.DataType] | pl.DataType) -> pl.Expr:
        return pl.col(column).replace_strict(said[word], default=None, return_dtype=kind)

    closed, was_closed = (look(c, "closed", pl.Boolean).fill_null(False) for c in ("new", "old"))
    lower = (look("new", "order", pl.Float64) < look("old", "order", pl.Float64)).fill_null(False)
    changed = pl.col("new").is_not_null() & ((pl.col("new") != pl.col("old")) | (pl.col("first") & closed)).fill_null(
        False
    )
    kind = (
        pl.when(closed & look("new", "won", pl.Boolean).fill_null(False))
        .then(pl.lit("won"))
        .when(closed)
        .then(pl.lit("lost"))
        .when(was_closed)
        .then(pl.lit("reopened"))
        .when(lower)
        .then(pl.lit("back"))
        .otherwise(pl.lit("forward"))
    )
    return rows.select(pl.when(changed).then(kind).alias("kind")).to_series()


def compared(old: pl.Series, new: pl.Series, test: str, time_zone: str) -> pl.Series:
    """Whether a number was raised or cut, or a date became later or earlier."""
    if test in ("raised", "cut"):
        a, b = values.numbers(old).numbers, values.numbers(new).numbers
    else:
        a, b = (times.parse_times(c, where="a date", timezone=time_zone).time for c in (old, new))
    return ((b > a) if test in ("raised", "later") else (b < a)).fill_null(False)


def settling(org: Org, name: str) -> tuple[pl.Series, pl.Series]:
    """For each payment whether its invoice is paid with it for good, and whether it takes an earlier one back.

    A payment of an unknown amount, or of an invoice whose total and balance are unknown, is taken to pay it.
    """
    kind = org.mapping.kinds[name]
    said = kind.pays or {}
    back = pl.Series([False]).new_from_index(0, org.frames[name].height)
    for field, words in (said.get("back") or {}).items():
        back |= org.text(name, field).str.to_lowercase().is_in([str(w).casefold() for w in words]).fill_null(False)
    total = pl.Series([None], dtype=pl.Float64).new_from_index(0, org.frames[name].height)
    for path in said.get("of") or ():
        total = total.zip_with(total.is_not_null(), org.numbers(name, path))
    balance = org.numbers(name, said["balance"]) if said.get("balance") else total * None
    amount = org.numbers(name, said["amount"])
    rows = pl.DataFrame(
        {
            "_row": pl.int_range(len(back), dtype=pl.UInt32, eager=True),
            "parent": org.text(name, kind.part_of[0].field),
            "time": _paid_at(org, name),
            "id": org.text(name, "Id"),
            "signed": amount.zip_with(~back, -amount.abs()),
            "total": total,
            "balance": balance,
        }
    ).with_columns(id_key(pl.col("parent")).alias("parent"))
    rows = rows.sort("parent", "time", "id", "_row")
    # So much of an invoice pays it: bank charges and rounding.
    enough = pl.col("signed").fill_null(0).cum_sum().over("parent") >= 0.995 * pl.col("total")
    stays = enough.cast(pl.Int8).reverse().cum_min().reverse().over("parent") == 1
    last = pl.int_range(pl.len()).over("parent") == pl.len().over("parent") - 1
    unknown = pl.col("signed").is_null() | (pl.col("total").is_null() & pl.col("balance").is_null())
    by_balance = last & (pl.col("balance").abs() < 0.005)
    settled = (
        pl.when(unknown)
        .then(True)
        .when(pl.col("total").is_null())
        .then(by_balance)
        # What a credit note took off needs no money: the last payment of an invoice without a balance paid it.
        .otherwise((stays & ~stays.shift(fill_value=False).over("parent")) | (by_balance & ~stays.any().over("parent")))
    )
    found = rows.with_columns(settled=settled.fill_null(False)).sort("_row")
    return found["settled"] & ~back, back


def _paid_at(org: Org, name: str) -> pl.Series:
    """When payments count, for their order."""
    rules = [rule for rule in org.mapping.rules if rule.object == name]
    fields = rules[0].time if rules else ("CreatedDate",)
    parsed = [org.times(name, field).time for field in fields if org.has(name, field)]
    found = (
        parsed[0] if parsed else pl.Series([None], dtype=pl.Datetime("us")).new_from_index(0, org.frames[name].height)
    )
    for each in parsed[1:]:
        found = found.zip_with(found.is_not_null(), each)
    return found
