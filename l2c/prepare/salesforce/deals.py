"""Which deal does each record belong to?"""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from l2c.log.objects import DEAL, LEAD
from l2c.prepare.salesforce.meaning import ANY, LAST_RESORT, Way
from l2c.prepare.salesforce.org_frames import Org, id_key

# Paths lead through others: an invoice through its lines, their order items and orders to the deal.
ROUNDS = 8


class Deals(NamedTuple):
    """How records and deals belong together.

    Attributes
    ----------
    of
        By object: `_key, case` (the ids of the record and of its deal); a record may belong to several deals.
    ids
        `case, case_id`: how the id of each case is written in the source.
    shared
        By object: records that point at something which several deals share, and so belong to none for certain.
    """

    of: dict[str, pl.DataFrame]
    ids: pl.DataFrame
    shared: dict[str, int]


def deals(org: Org) -> Deals:
    """Find the deal of every record.

    Notes
    -----
    A case is an opportunity; a lead that became none (or whose opportunity is not in the source) is a case of its own.
    The first way of an object that leads to a deal counts, and all records that this way finds.
    """
    of: dict[str, pl.DataFrame] = {}
    ids = []
    if DEAL in org.frames:
        ids.append(org.frames[DEAL].select(case="_key", case_id=pl.col("Id").cast(pl.String)))
        of[DEAL] = ids[0].select(pl.col("case").alias("_key"), "case")
    if LEAD in org.frames:
        of[LEAD], own = _leads(org, of.get(DEAL))
        ids.append(own)
    shared: dict[str, int] = {}
    for _ in range(ROUNDS):
        new = False
        for name, kind in org.mapping.kinds.items():
            if name in org.frames and name not in (DEAL, LEAD):
                known = of.get(name, _none())
                ways = kind.reach if kind.part_of else (*kind.reach, *LAST_RESORT)
                found = _reached(org, name, ways, of, known, shared)
                new |= found.height > known.height
                of[name] = found
        if not new:
            break
    return Deals(of, pl.concat(ids), shared)


def _none() -> pl.DataFrame:
    return pl.DataFrame(schema={"_key": pl.String, "case": pl.String})


def _leads(org: Org, deals: pl.DataFrame | None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Leads with the case each belongs to, and those that are a case of their own."""
    converted = org.text(LEAD, "ConvertedOpportunityId").alias("case")
    rows = org.frames[LEAD].select("_key", "Id", converted).with_columns(id_key(pl.col("case")).alias("case"))
    if deals is not None:
        rows = rows.join(deals.select("case", _there=pl.lit(True)), on="case", how="left", maintain_order="left")
        rows = rows.with_columns(case=pl.when(pl.col("_there")).then("case"))
    else:
        rows = rows.with_columns(case=pl.lit(None, pl.String))
    own = rows.filter(pl.col("case").is_null()).select(case="_key", case_id=pl.col("Id").cast(pl.String))
    return rows.select("_key", pl.coalesce("case", "_key").alias("case")), own


def _reached(
    org: Org, name: str, ways: tuple[Way, ...], of: dict[str, pl.DataFrame], known: pl.DataFrame, shared: dict[str, int]
) -> pl.DataFrame:
    """Add the records that reach a deal by now; each keeps the first way that led there."""
    frame = org.frames[name]
    left = frame.select("_key").filter(pl.col("_key").is_not_null()).join(known, on="_key", how="anti").unique()
    for way in ways:
        if not left.height:
            break
        met = _by(org, name, way, of)
        if met is None:
            continue
        met = met.join(left, on="_key", how="semi").unique()
        if way.one:
            several = met.filter(pl.col("case").n_unique().over("_key") > 1)
            shared[name] = several["_key"].n_unique()
            met = met.join(several, on="_key", how="anti")
        known = pl.concat([known, met])
        left = left.join(met, on="_key", how="anti")
    return known


def _by(org: Org, name: str, way: Way, of: dict[str, pl.DataFrame]) -> pl.DataFrame | None:
    """The records that a way leads from, with their deals."""
    if way.back:
        if way.object not in of or not org.has(way.object, way.field):
            return None
        pointing = _keys(org, way.object, way.field).join(of[way.object], on="_key", how="inner")
        return pointing.select(pl.col("_to").alias("_key"), "case").drop_nulls()
    if not org.has(name, way.field):
        return None
    targets = list(of) if way.object == ANY else [way.object] if way.object in of else []
    if not targets:
        return None
    there = pl.concat([of[target].rename({"_key": "_to"}) for target in targets if target != name])
    return _keys(org, name, way.field).join(there, on="_to", how="inner").select("_key", "case")


def _keys(org: Org, name: str, lookup: str) -> pl.DataFrame:
    """The records of an object and what a lookup of theirs points at: `_key, _to`."""
    frame = org.frames[name]
    return frame.select("_key", id_key(pl.col(lookup).cast(pl.String)).alias("_to")).drop_nulls()
