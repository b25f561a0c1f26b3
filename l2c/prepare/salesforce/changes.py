"""What does a history, of fields or of stages, tell: what changed from one row to the next?"""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from l2c.prepare import values
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


def compared(org: Org, old: pl.Series, new: pl.Series, test: str) -> pl.Series:
    """Whether a number was raised or cut, or a date became later or earlier."""
    if test in ("raised", "cut"):
        a, b = values.numbers(old).numbers, values.numbers(new).numbers
    else:
        a, b = (org.moments(c, "a date of the history").time for c in (old, new))
    return ((b > a) if test in ("raised", "later") else (b < a)).fill_null(False)
