"""Which objects are there, and how do they belong together?"""

from __future__ import annotations

import polars as pl

from l2c.log.objects import ACCOUNT, DEAL, LEAD
from l2c.prepare.salesforce.deals import Deals
from l2c.prepare.salesforce.meaning import ANY
from l2c.prepare.salesforce.org_frames import Org, id_key


def links(org: Org, deals: Deals) -> pl.DataFrame:
    """Return which records point at which: `from_type, from_id, lookup, to_type, to_id, amount`.

    Only between records that belong to a deal, and from deals and leads to their accounts; `amount` is what a payment
    settles of an invoice. Rows that only describe another record (histories, lines, allocations) are no objects: an
    allocation is the link between its payment and its invoice.
    """
    parts = [_of_lookups(org, deals, name) for name in _things(org)]
    parts += [_allocations(org, name) for name, kind in org.mapping.kinds.items() if kind.pays and name in org.frames]
    if LEAD in org.frames and DEAL in org.frames:
        parts.append(_link(org, LEAD, "ConvertedOpportunityId", DEAL))
    parts += [_link(org, name, "AccountId", ACCOUNT) for name in (DEAL, "Contract", "Order") if name in org.frames]
    known = [part for part in parts if part is not None and part.height]
    schema = {c: pl.String for c in ("from_type", "from_id", "lookup", "to_type", "to_id")} | {"amount": pl.Float64}
    if not known:
        return pl.DataFrame(schema=schema)
    return pl.concat(known).unique(maintain_order=True).sort("from_type", "from_id", "lookup", "to_type", "to_id")


def things(org: Org, deals: Deals) -> pl.DataFrame:
    """Return the objects that belong to deals: `object_type, object_id, case`, a row per object and deal."""
    parts = []
    for name in (DEAL, LEAD, *_things(org)):
        if name in org.frames and name in deals.of:
            rows = org.frames[name].select("_key", object_id=pl.col("Id").cast(pl.String))
            rows = rows.join(deals.of[name].unique(), on="_key", how="inner")
            parts.append(rows.select(pl.lit(name).alias("object_type"), "object_id", "case"))
    return (
        pl.concat(parts)
        if parts
        else pl.DataFrame(schema={"object_type": pl.String, "object_id": pl.String, "case": pl.String})
    )


def _things(org: Org) -> list[str]:
    """Objects of a life of their own: what is part of nothing else, and is no touch."""
    return [
        name
        for name, kind in org.mapping.kinds.items()
        if name in org.frames
        and not kind.part_of
        and not kind.optional
        and name not in (DEAL, LEAD)
        and "Line" not in name
        and "Id" in org.frames[name].columns
    ]


def _of_lookups(org: Org, deals: Deals, name: str) -> pl.DataFrame | None:
    found = []
    for way in org.mapping.kinds[name].reach:
        if way.back:
            if way.object in (DEAL, *_things(org)) and org.has(way.object, way.field):
                found.append(_link(org, way.object, way.field, name))
        elif org.has(name, way.field):
            targets = [DEAL, *_things(org)] if way.object == ANY else [way.object]
            found += [
                _link(org, name, way.field, target) for target in targets if target in (DEAL, LEAD, *_things(org))
            ]
    known = [part for part in found if part is not None and part.height]
    return pl.concat(known) if known else None


def _link(org: Org, name: str, lookup: str, target: str) -> pl.DataFrame | None:
    if (
        name not in org.frames
        or target not in org.frames
        or not org.has(name, lookup)
        or "Id" not in org.frames[name].columns
    ):
        return None
    there = org.frames[target].select(pl.col("_key").alias("_to"), to_id=pl.col("Id").cast(pl.String))
    rows = org.frames[name].select(from_id=pl.col("Id").cast(pl.String), _to=id_key(pl.col(lookup).cast(pl.String)))
    rows = rows.drop_nulls().join(there.unique("_to"), on="_to", how="inner")
    return rows.select(
        pl.lit(name).alias("from_type"),
        "from_id",
        pl.lit(lookup).alias("lookup"),
        pl.lit(target).alias("to_type"),
        "to_id",
        pl.lit(None, pl.Float64).alias("amount"),
    )


def _allocations(org: Org, name: str) -> pl.DataFrame | None:
    """Payments and the invoices they settle, each with the amount."""
    kind = org.mapping.kinds[name]
    invoice = kind.part_of[0]
    rule = next((r for r in org.mapping.rules if r.object == name and "payment_id" in r.extra), None)
    if (
        rule is None
        or kind.pays is None
        or not org.has(name, rule.extra["payment_id"][0])
        or not org.has(name, invoice.field)
    ):
        return None
    from l2c.prepare.salesforce.payments import settling

    payment = rule.extra["payment_id"][0]
    amount = org.numbers(name, kind.pays["amount"])
    amount = amount.zip_with(~settling(org, name)[1], -amount.abs())
    rows = pl.DataFrame({"from_id": org.text(name, payment), "to_id": org.text(name, invoice.field), "amount": amount})
    rows = rows.drop_nulls(["from_id", "to_id"]).group_by("from_id", "to_id").agg(pl.col("amount").sum())
    target = org.mapping.target(payment)
    return rows.select(
        pl.lit(target).alias("from_type"),
        "from_id",
        pl.lit(invoice.field).alias("lookup"),
        pl.lit(invoice.object).alias("to_type"),
        "to_id",
        "amount",
    )
