"""How do records of the demo company's Salesforce look: their ids, times and owners?"""

from __future__ import annotations

import polars as pl

from l2c.prepare.ids import eighteen

RENAMED = {"Proposal": "Solution Proposed"}
ISO = "%Y-%m-%dT%H:%M:%S.000Z"


def record_id(prefix: str, number: pl.Expr) -> pl.Expr:
    """Ids as Salesforce makes them: three letters of the object, a number, and three letters that guard capitals."""
    guard = eighteen(f"{prefix}5g0000000000"[:15])[15:]
    return pl.format("{}5g0{}{}", pl.lit(prefix), number.cast(pl.String).str.zfill(9), pl.lit(guard))


def numbered(clean: pl.DataFrame) -> pl.DataFrame:
    """The events with numbers for their cases, people and documents, and times as Salesforce writes them."""
    has_deal = (pl.col("activity") == "Opportunity Created").any().over("case_id")
    return (
        clean.with_row_index("row")
        .with_columns(
            case=pl.col("case_id").rank("dense"),
            deal=has_deal,
            user=record_id("005", pl.col("actor").rank("dense")),
            owner=pl.col("rep"),
            at=pl.col("time").dt.strftime(ISO),
            day=pl.col("time").dt.strftime("%Y-%m-%d"),
            stage=pl.col("stage").replace(RENAMED),
            document=pl.col("object_id").rank("dense"),
            firm=record_id("001", pl.col("account").rank("dense")),
        )
        .sort("time", "row")
    )


def of(events: pl.DataFrame, *activities: str) -> pl.DataFrame:
    """The events of some activities."""
    return events.filter(pl.col("activity").is_in(activities))


def owners(events: pl.DataFrame) -> pl.DataFrame:
    """The id of each person who acts or owns: `name, id`."""
    acting = events.select(name="actor", id="user").unique()
    silent = events.select(name="rep").unique().drop_nulls().join(acting, on="name", how="anti").sort("name")
    return pl.concat(
        [acting.drop_nulls(), silent.with_columns(id=record_id("005", pl.int_range(pl.len()) + 900_000))]
    ).sort("name")


def with_owner(rows: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Rows with the id of their owner, `OwnerId`."""
    people = owners(events).select(owner="name", OwnerId="id")
    return rows.join(people, on="owner", how="left", maintain_order="left")
