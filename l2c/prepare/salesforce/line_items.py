"""Which lines do the quotes, orders, invoices and credit notes of an org have, and which come from which?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from l2c.log.objects import DEAL
from l2c.prepare.salesforce import conditions
from l2c.prepare.salesforce.deals import Deals
from l2c.prepare.salesforce.files import LINE
from l2c.prepare.salesforce.org_frames import Org, id_key

LINKS = {c: pl.String for c in ("from_type", "from_id", "lookup", "to_type", "to_id")} | {"amount": pl.Float64}
CURRENCY = "CurrencyIsoCode"


def line_items(org: Org, deals: Deals) -> tuple[pl.DataFrame, pl.DataFrame] | None:
    """Return the lines of the documents (`l2c.log.lines.COLUMNS`), and what they come from (columns of `links`).

    A document without lines is a row without product and quantity, with its total as price. Amounts are net of discounts,
    in the currency of the document: one that is converted by the rate of its day would differ from the next for that
    alone. None where the org has neither lines nor totals.
    """
    parts, links = [], []
    for said in org.mapping.line_items:
        name = said["object"]
        if name in org.frames and org.frames[name].height and "Id" in org.frames[name].columns:
            parts.append(_rows(org, deals, name, said))
            links += _origins(org, name, said)
    if not parts:
        return None
    rows = pl.concat(parts)
    for said in org.mapping.totals:
        name = said["object"]
        if name in org.frames and org.frames[name].height and "Id" in org.frames[name].columns:
            parts.append(_whole(org, deals, name, said, rows))
    rows = pl.concat(parts).join(deals.ids, on="case", how="left", maintain_order="left").drop("case")
    known = [part for part in (*links, *_primary(org)) if part.height]
    found = pl.concat(known).unique(maintain_order=True) if known else pl.DataFrame(schema=LINKS)
    return rows, found


def _rows(org: Org, deals: Deals, name: str, said: Mapping[str, Any]) -> pl.DataFrame:
    """The lines of one object."""
    of, _, target = (part.strip() for part in said["of"].partition("->"))
    target = target or org.mapping.target(of)
    quantity = _first(org, name, said.get("quantity"))
    unit, total = _first(org, name, said.get("price")), _first(org, name, said.get("total"))
    # What the line comes to tells the price after discounts; the price of the list stands beside it.
    net = total / quantity.zip_with((quantity != 0).fill_null(False), quantity * None)
    price = net.zip_with(net.is_not_null(), total.zip_with(quantity.is_null(), unit))
    product = pl.Series([None], dtype=pl.String).new_from_index(0, quantity.len())
    for path in said["product"]:
        product = product.zip_with(product.is_not_null(), org.text(name, path))
    rows = pl.DataFrame(
        {
            "line_id": org.text(name, "Id"),
            "object_type": pl.Series([target]).new_from_index(0, quantity.len()),
            "object_id": _written(org, target, org.text(name, of)),
            "case": _cases(org, deals, name, target, of),
            "product": product,
            "quantity": quantity,
            "price": price,
            "currency": _currency(org, name, target, of),
            "source_row": org.frames[name][LINE].cast(pl.Int64),
        }
    )
    kept = pl.Series([True]).new_from_index(0, rows.height)
    for field, test in (said.get("when") or {}).items():
        if org.has(name, field):
            kept &= _holds(org.text(name, field), test, name)
    return rows.filter(kept)


def _holds(values: pl.Series, test: Any, name: str) -> pl.Series:
    if isinstance(test, dict):
        return ~conditions.matches(values, conditions.words(test["not"]), name)
    return conditions.matches(values, conditions.words(test), name)


def _whole(org: Org, deals: Deals, name: str, said: Mapping[str, Any], lined: pl.DataFrame) -> pl.DataFrame:
    """The documents of one object that have no lines, where it says what they come to."""
    total = _first(org, name, said["total"])
    n = total.len()
    rows = pl.DataFrame(
        {
            "line_id": org.text(name, "Id"),
            "object_type": pl.Series([name]).new_from_index(0, n),
            "object_id": org.text(name, "Id"),
            "case": _only(org.frames[name]["_key"], deals.of.get(name)),
            "product": pl.Series([None], dtype=pl.String).new_from_index(0, n),
            "quantity": pl.Series([None], dtype=pl.Float64).new_from_index(0, n),
            "price": total,
            "currency": org.text(name, CURRENCY),
            "source_row": org.frames[name][LINE].cast(pl.Int64),
        }
    )
    return rows.drop_nulls("price").join(lined.select("object_id").drop_nulls().unique(), on="object_id", how="anti")


def _first(org: Org, name: str, paths: Any) -> pl.Series:
    """The first of some fields of numbers that is filled."""
    found = pl.Series([None], dtype=pl.Float64).new_from_index(0, org.frames[name].height)
    for path in [paths] if isinstance(paths, str) else paths or ():
        found = found.zip_with(found.is_not_null(), org.numbers(name, path))
    return found


def _written(org: Org, target: str, ids: pl.Series) -> pl.Series:
    """Ids as the record they belong to writes its own: with 15 characters or with 18."""
    if target not in org.frames or "Id" not in org.frames[target].columns:
        return ids
    own = org.frames[target].select("_key", own=pl.col("Id").cast(pl.String)).unique("_key", keep="first")
    met = ids.to_frame("k").with_columns(id_key(pl.col("k")).alias("_key"))
    return met.join(own, on="_key", how="left", maintain_order="left").select(pl.coalesce("own", "k")).to_series()


def _cases(org: Org, deals: Deals, name: str, target: str, of: str) -> pl.Series:
    """The deal of each line: its own where it leads to one, else the only one of its document."""
    keys = org.text(name, of).to_frame("k").select(id_key(pl.col("k"))).to_series()
    own = _only(org.frames[name]["_key"], deals.of.get(name))
    return own.zip_with(own.is_not_null(), _only(keys, deals.of.get(target)))


def _only(keys: pl.Series, of: pl.DataFrame | None) -> pl.Series:
    """The deal of each key that has one and no other."""
    if of is None:
        return pl.Series([None], dtype=pl.String).new_from_index(0, keys.len())
    single = of.unique().filter(pl.len().over("_key") == 1)
    return keys.alias("_key").to_frame().join(single, on="_key", how="left", maintain_order="left")["case"]


def _currency(org: Org, name: str, target: str, of: str) -> pl.Series:
    """The currency of the line, else of its document."""
    own = org.text(name, CURRENCY)
    if target not in org.frames or not org.has(target, CURRENCY) or not org.has(name, of):
        return own
    at = org.places(name, of, target)
    return own.zip_with(own.is_not_null(), org.text(target, CURRENCY).gather(at))


def _origins(org: Org, name: str, said: Mapping[str, Any]) -> list[pl.DataFrame]:
    """What the lines of one object come from."""
    found = []
    for way in said.get("from") or ():
        field, _, target = (part.strip() for part in way.partition("->"))
        if org.has(name, field) and target in org.frames and "Id" in org.frames[target].columns:
            rows = pl.DataFrame(
                {"from_id": org.text(name, "Id"), "to_id": _written(org, target, org.text(name, field))}
            )
            found.append(_linked(rows, name, field, target))
    return found


def _primary(org: Org) -> list[pl.DataFrame]:
    """The primary quote of each deal."""
    found = []
    for said in org.mapping.quotes:
        name = said["object"]
        if name in org.frames and DEAL in org.frames and org.has(name, said["deal"]) and org.has(name, said["primary"]):
            deal = _written(org, DEAL, org.text(name, said["deal"]))
            rows = pl.DataFrame({"from_id": deal, "to_id": org.text(name, "Id")})
            kept = rows.filter(org.flags(name, said["primary"]).fill_null(False))
            found.append(_linked(kept, DEAL, said["primary"], name))
    return found


def _linked(rows: pl.DataFrame, name: str, lookup: str, target: str) -> pl.DataFrame:
    said = {"from_type": name, "lookup": lookup, "to_type": target}
    return (
        rows.drop_nulls()
        .with_columns([pl.lit(text).alias(column) for column, text in said.items()])
        .with_columns(amount=pl.lit(None, pl.Float64))
        .select(list(LINKS))
    )
