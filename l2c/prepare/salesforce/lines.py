"""What does a deal sell, and at what discount?"""

from __future__ import annotations

from typing import Any

import polars as pl

from l2c.prepare import values
from l2c.prepare.salesforce.org_frames import Org, id_key
from l2c.words import matching
from l2c.words.notes import Note

LINE_FIELDS = ("TotalPrice", "UnitPrice", "ListPrice", "Quantity", "ProductCode", "Product2Id", "PricebookEntryId")


def unfold(frame: pl.DataFrame, org: Org) -> pl.DataFrame:
    """Fold a list of deals that has a row per product line: one row a deal, its amount counted once.

    The lines become records of OpportunityLineItem, unless the source has these. An amount that differs from line to
    line is that of the line: the deal's is their sum.
    """
    if "Id" not in frame.columns or not frame["Id"].is_duplicated().any():
        return frame
    products = [c for c in frame.columns if c in LINE_FIELDS or matching.is_strong(c, "product")]
    varies = [c for c in (*products, "Amount") if c in frame.columns and _varies(frame, c)]
    if not products or not set(varies) & set(products):
        return frame
    lines = frame.filter(pl.col("Id").is_duplicated())
    said = org.mapping.lines
    name = next((c for c in products if matching.is_strong(c, "product")), None)
    columns = {said["deal"]: pl.col("Id"), "_file": pl.col("_file"), "_line": pl.col("_line")}
    if name:
        columns["Name"] = pl.col(name)
    columns |= {c: pl.col(c) for c in LINE_FIELDS if c in frame.columns}
    if "TotalPrice" not in columns and "Amount" in varies:
        columns["TotalPrice"] = pl.col("Amount")
    if said["object"] not in org.frames:
        org.frames[said["object"]] = frame.select(**{c: e for c, e in columns.items()})
    if "Amount" in varies:
        amount = frame.select("Id", _n=values.numbers(frame["Amount"].cast(pl.String)).numbers)
        total = amount.group_by("Id").agg(pl.col("_n").sum())
        frame = frame.join(total, on="Id", how="left", maintain_order="left")
        frame = frame.with_columns(Amount=pl.col("_n").cast(pl.String)).drop("_n")
    folded = frame.unique("Id", keep="first", maintain_order=True)
    org.notes.append(Note("product_lines_of_org", rows=lines.height, deals=lines["Id"].n_unique()))
    return folded


def _varies(frame: pl.DataFrame, column: str) -> bool:
    return bool((frame.group_by("Id").agg(pl.col(column).n_unique() > 1)[column]).any())


def products(org: Org) -> pl.DataFrame | None:
    """The main product of each deal by value, and all of them: `case, product, products`."""
    said = org.mapping.lines
    name = said.get("object")
    if name not in org.frames or not org.has(name, said["deal"]):
        return None
    label = pl.Series([None], dtype=pl.String).new_from_index(0, org.frames[name].height)
    paths = [path for path in said["product"] if org.has(name, path)]
    for path in paths:
        # One kind of name for all lines: families, or else product names.
        found = org.text(name, path)
        if found.null_count() < len(found) / 2 or path == paths[-1]:
            label = found
            break
    rows = pl.DataFrame(
        {"case": _deal(org, name, said["deal"]), "label": label, "value": _value(org, said)}
    ).drop_nulls(["case", "label"])
    by = rows.group_by("case", "label").agg(pl.col("value").fill_null(0).sum())
    by = by.sort("case", "value", "label", descending=[False, True, False])
    return by.group_by("case", maintain_order=True).agg(
        product=pl.col("label").first(), products=pl.col("label").sort().str.join("; ")
    )


def _deal(org: Org, name: str, field: str) -> pl.Series:
    return org.text(name, field).to_frame("k").select(id_key(pl.col("k"))).to_series()


def _value(org: Org, said: Any) -> pl.Series:
    name = said["object"]
    total = org.numbers(name, said["value"])
    unit = org.numbers(name, "UnitPrice") * org.numbers(name, said["quantity"]).fill_null(1)
    return total.zip_with(total.is_not_null(), unit)


def discounts(org: Org) -> tuple[pl.DataFrame, str] | None:
    """The discount of each deal as a fraction, and where it was read: `case, discount`.

    From the primary (synced) quote, else the newest one, of the first kind of quotes that knows discounts; else from
    the lines, against their list prices.
    """
    for said in org.mapping.quotes:
        name = said["object"]
        if name not in org.frames or not org.has(name, said["deal"]):
            continue
        for field in said["discount"] if isinstance(said["discount"], list) else [said["discount"]]:
            if org.has(name, field) and org.text(name, field).null_count() < org.frames[name].height:
                return _of_quotes(org, said, field), f"{name}.{field}"
    return _of_lines(org)


def _of_quotes(org: Org, said: Any, field: str) -> pl.DataFrame:
    name = said["object"]
    number = values.numbers(org.text(name, field)).numbers
    if (number.abs() > 100).any() and org.has(name, said.get("subtotal", "")):
        # No percentage exceeds 100: the column holds amounts.
        share = number / org.numbers(name, said["subtotal"])
    else:
        # Percent fields come as percent, however small: 0.5 is half a percent.
        share = values.fractions(org.text(name, field), percent=True).numbers
    primary = org.flags(name, said["primary"]) if org.has(name, said["primary"]) else (number * None).cast(pl.Boolean)
    rows = pl.DataFrame(
        {
            "case": _deal(org, name, said["deal"]),
            "discount": share,
            "primary": primary.fill_null(False),
            "time": org.times(name, "CreatedDate").time,
            "id": org.text(name, "Id"),
        }
    ).drop_nulls("case")
    # A primary quote without a discount gives none; only among the others a missing one is passed over.
    rows = rows.with_columns(
        pl.when("primary").then(pl.col("discount").fill_null(0)).otherwise("discount").alias("discount")
    )
    rows = rows.drop_nulls("discount").sort("case", "primary", "time", "id")
    return rows.unique("case", keep="last", maintain_order=True).select("case", "discount")


def _of_lines(org: Org) -> tuple[pl.DataFrame, str] | None:
    said = org.mapping.lines
    name = said.get("object")
    if name not in org.frames or not (org.has(name, said["list"]) and org.has(name, said["quantity"])):
        return None
    listed = org.numbers(name, said["list"]) * org.numbers(name, said["quantity"])
    rows = pl.DataFrame(
        {"case": _deal(org, name, said["deal"]), "list": listed, "value": _value(org, said)}
    ).drop_nulls()
    sums = rows.group_by("case").agg(pl.col("list", "value").sum()).filter(pl.col("list") > 0)
    return sums.select(
        "case", discount=1 - pl.col("value") / pl.col("list")
    ), f"{name}: {said['value']} against {said['list']}"


def terms(org: Org) -> pl.DataFrame | None:
    """The payment terms of the primary quote of each deal, as they are written: `case, terms`."""
    for said in org.mapping.quotes:
        name = said["object"]
        if name in org.frames and "terms" in said and org.has(name, said["terms"]) and org.has(name, said["deal"]):
            primary = org.flags(name, said["primary"]).fill_null(False)
            rows = pl.DataFrame(
                {"case": _deal(org, name, said["deal"]), "terms": org.text(name, said["terms"]), "primary": primary}
            )
            rows = (
                rows.with_columns(id=org.text(name, "Id")).drop_nulls(["case", "terms"]).sort("case", "primary", "id")
            )
            return rows.unique("case", keep="last", maintain_order=True).select("case", "terms")
    return None
