"""Which payment pays an invoice for good, and which takes an earlier one back?"""

from __future__ import annotations

import polars as pl

from l2c.prepare.salesforce.org_frames import Org, id_key


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
