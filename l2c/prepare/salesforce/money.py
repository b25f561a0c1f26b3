"""What is an amount worth in the currency of the company?"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from l2c.prepare.salesforce.deals import DEAL
from l2c.prepare.salesforce.org_frames import Org

BEGIN = pl.datetime(1900, 1, 1, time_unit="us")
# Columns of events with amounts of their documents.
MONEY = ("invoice_amount", "payment_amount")


@dataclass(frozen=True)
class Rates:
    """Rates of the org: `code, from, rate` (units of the currency for one of the company's), by code and day."""

    company: str | None
    table: pl.DataFrame

    def converted(self, amount: pl.Series, code: pl.Series, day: pl.Series) -> tuple[pl.Series, pl.Series]:
        """Amounts in the company's currency, with the currency each then is in.

        Notes
        -----
        The dated rate of the day counts, before the first one that first one, else the fixed rate. An amount whose
        currency has no rate keeps it.
        """
        if self.company is None:
            return amount, code
        rows = pl.DataFrame({"amount": amount, "code": code.str.to_uppercase(), "day": day})
        rows = rows.with_row_index("_row").with_columns(
            pl.col("day").fill_null(pl.datetime(2200, 1, 1, time_unit="us"))
        )
        table = self.table.sort("from")
        met = rows.sort("day").join_asof(table, left_on="day", right_on="from", by="code", strategy="backward")
        first = table.unique("code", keep="first", maintain_order=True).select("code", first="rate")
        met = (
            met.join(first, on="code", how="left").with_columns(pl.coalesce("rate", "first").alias("rate")).sort("_row")
        )
        known = pl.col("rate").is_not_null() & (pl.col("rate") > 0)
        found = met.select(
            pl.when(known).then(pl.col("amount") / pl.col("rate")).otherwise("amount").alias("amount"),
            pl.when(known).then(pl.lit(self.company)).otherwise("code").alias("code"),
        )
        return found["amount"], found["code"]


def rates(org: Org) -> Rates:
    """Read the rates of an org; without them amounts stay as they are."""
    said = org.mapping.rates
    empty = pl.DataFrame(schema={"code": pl.String, "from": pl.Datetime("us"), "rate": pl.Float64})
    if not said:
        return Rates(None, empty)
    code, rate = said["code"], said["rate"]
    parts = []
    dated, fixed = said.get("dated"), said.get("fixed")
    if dated in org.frames and org.has(dated, code) and org.has(dated, rate):
        start = org.times(dated, said["from"]).time
        parts.append(pl.DataFrame({"code": org.text(dated, code), "from": start, "rate": org.numbers(dated, rate)}))
    if fixed in org.frames and org.has(fixed, code) and org.has(fixed, rate):
        always = pl.DataFrame({"code": org.text(fixed, code), "rate": org.numbers(fixed, rate)})
        known = parts[0]["code"].unique().implode() if parts else pl.Series([[]], dtype=pl.List(pl.String))
        parts.append(always.filter(~pl.col("code").is_in(known)).select("code", BEGIN.alias("from"), "rate"))
    if not parts:
        return Rates(None, empty)
    table = pl.concat(parts).drop_nulls(["code", "rate"]).with_columns(pl.col("code").str.to_uppercase())
    table = table.with_columns(pl.col("from").fill_null(BEGIN)).sort("code", "from")
    return Rates(_company(org, table), table)


def _company(org: Org, table: pl.DataFrame) -> str | None:
    """The currency of the company: the one marked so, else the one whose rate is 1."""
    fixed = org.mapping.rates.get("fixed")
    if fixed in org.frames and org.has(fixed, "IsCorporate"):
        marked = org.text(fixed, org.mapping.rates["code"]).filter(org.flags(fixed, "IsCorporate").fill_null(False))
        if len(marked) == 1:
            return str(marked[0]).upper()
    ones = table.group_by("code").agg((pl.col("rate") == 1).all().alias("one")).filter("one")["code"]
    return str(ones[0]) if len(ones) == 1 else None


def in_one_currency(org: Org, rows: pl.DataFrame, worth: Rates) -> pl.DataFrame:
    """Amounts in the currency of the company: of documents by the day of the event, of the deal by its close date.

    Were the deal's converted by the day too, it would seem to change with every rate.
    """
    if worth.company is None or not org.has(DEAL, "CurrencyIsoCode"):
        return rows
    own = [
        pl.DataFrame({"record_id": org.text(name, "Id"), "_code": org.text(name, "CurrencyIsoCode")})
        for name in rows["source"].unique().to_list()
        if org.has(name, "CurrencyIsoCode")
    ]
    none = pl.DataFrame(schema={"record_id": pl.String, "_code": pl.String})
    of_record = pl.concat([none, *own]).drop_nulls().unique("record_id", keep="first", maintain_order=True)
    rows = rows.join(of_record, on="record_id", how="left", maintain_order="left")
    rows = rows.join(_closing(org), on="case", how="left", maintain_order="left")
    code = rows.select(pl.coalesce("_code", "_deal")).to_series()
    for column in MONEY:
        rows = rows.with_columns(worth.converted(rows[column], code, rows["time"])[0].alias(column))
    if "amount" in rows.columns:
        rows = rows.with_columns(worth.converted(rows["amount"], rows["_deal"], rows["_day"])[0].alias("amount"))
    return rows.drop("_code", "_deal", "_day")


def of_deals(org: Org, rows: pl.DataFrame, worth: Rates) -> pl.DataFrame:
    """Amounts of the deals (`case, amount`) in the currency of the company, by their close date."""
    if worth.company is None or not org.has(DEAL, "CurrencyIsoCode"):
        return rows
    rows = rows.join(_closing(org), on="case", how="left", maintain_order="left")
    return rows.with_columns(worth.converted(rows["amount"], rows["_deal"], rows["_day"])[0]).drop("_deal", "_day")


def _closing(org: Org) -> pl.DataFrame:
    """Currency and close date of each deal: `case, _deal, _day`."""
    deal = {"case": org.frames[DEAL]["_key"], "_deal": org.text(DEAL, "CurrencyIsoCode")}
    return pl.DataFrame(deal | {"_day": org.times(DEAL, "CloseDate").time})


def shared(rows: pl.DataFrame) -> pl.DataFrame:
    """An invoice or payment of several deals counts once in all: each deal gets an equal part."""
    parts = pl.len().over("source", "record_id", "activity")
    several = pl.col("record_id").is_not_null() & (parts > 1)
    return rows.with_columns(
        [pl.when(several).then(pl.col(c) / parts).otherwise(c).alias(c) for c in MONEY if c in rows.columns]
    )
