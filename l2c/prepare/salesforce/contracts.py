"""Which deals renew or amend a contract that was there before them, and which contracts has nobody signed?"""

from __future__ import annotations

import polars as pl

from l2c.prepare.salesforce import conditions
from l2c.prepare.salesforce.deals import Deals
from l2c.prepare.salesforce.org_frames import Org, id_key

CONTRACT, ORDER, ATTRIBUTE = "Contract", "Order", "contract_action"


def actions(org: Org, deals: Deals) -> tuple[pl.DataFrame, str] | None:
    """What each deal does with a contract that was there before it, and where that stands; None where nothing tells.

    Returns
    -------
    A row per deal that does something: `case`, `contract_action` (the first entry of the mapping that holds).
    """
    parts, told = [], []
    for rank, said in enumerate(org.mapping.contracts):
        name, (field, target) = said["object"], _lookup(org, said["field"])
        if name not in org.frames or name not in deals.of or not org.has(name, field):
            continue
        column = org.text(name, field)
        holds = conditions.matches(column, said.get("is", "filled"), ATTRIBUTE)
        rows = pl.DataFrame({"_key": org.frames[name]["_key"], "_to": column}).filter(holds)
        rows = rows.join(deals.of[name], on="_key", how="inner")
        if "is" not in said and target == CONTRACT and CONTRACT in deals.of:
            rows = rows.with_columns(_to=id_key(pl.col("_to")))
            own = deals.of[CONTRACT].select(pl.col("_key").alias("_to"), "case")
            rows = rows.join(own, on=["_to", "case"], how="anti")
        if rows.height:
            parts.append(rows.select("case", pl.lit(said["action"]).alias(ATTRIBUTE), pl.lit(rank).alias("rank")))
            told.append(f"{name}.{field}")
    if not parts:
        return None
    found = pl.concat(parts).sort("case", "rank").unique("case", keep="first", maintain_order=True)
    return found.drop("rank"), " · ".join(told)


def unsigned(org: Org) -> pl.Series:
    """Keys of the contracts of which the activation is no signature.

    They lack the customer's signature where others bear one, or the system made them from their order: they name it, or are
    younger than an order that names them.
    """
    if CONTRACT not in org.frames:
        return pl.Series([], dtype=pl.String)
    signed = org.text(CONTRACT, "CustomerSignedDate").is_not_null()
    made = org.text(CONTRACT, "SBQQ__Order__c").is_not_null()
    rows = org.frames[CONTRACT].select("_key").with_columns(born=org.times(CONTRACT, "CreatedDate").time)
    if ORDER in org.frames and org.has(ORDER, "ContractId"):
        orders = org.frames[ORDER].select(id_key(pl.col("ContractId").cast(pl.String)).alias("_key"))
        orders = orders.with_columns(ordered=org.times(ORDER, "CreatedDate").time).drop_nulls()
        rows = rows.join(orders.group_by("_key").agg(pl.min("ordered")), on="_key", how="left", maintain_order="left")
        made |= (rows["ordered"] < rows["born"]).fill_null(False)
    return rows["_key"].filter(~signed & (made | pl.Series([bool(signed.any())]).new_from_index(0, len(signed))))


def _lookup(org: Org, text: str) -> tuple[str, str]:
    """A field, and the object that it points at."""
    field, _, target = (part.strip() for part in text.partition("->"))
    return field, target or org.mapping.target(field)
