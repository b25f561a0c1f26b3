"""What does the demo company's Salesforce hold? The records behind its events, object by object."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from l2c.demo.companies import CASES, SEED, company
from l2c.demo.contacts import records
from l2c.demo.org_documents import approvals, contracts, invoices, orders, quotes
from l2c.demo.org_ids import ISO, numbered, of, owners, record_id, with_owner
from l2c.prepare.ids import eighteen
from l2c.words import vocabulary

# The company's own stages.
STAGES = {
    "Qualification": 10,
    "Solution Proposed": 40,
    "Negotiation": 70,
    "Contract": 90,
    "Closed Won": 100,
    "Closed Lost": 0,
}
# What follows the close is no step of the sale, and no change of its stage.
SALE = ("lead", "opportunity", "quote", "contract", "decision")


def objects(cases: int = CASES, *, seed: int = SEED) -> dict[str, pl.DataFrame]:
    """Return the objects of the demo company's org, as Data Loader exports them.

    Parameters
    ----------
    cases, seed
        See `l2c.demo.company`.

    Returns
    -------
    By API name a frame of text under API names: ids of 18 characters, times in GMT, empty cells missing. Corrections of
    invoices and payment reminders, which Salesforce has no object for, are left out.
    """
    made = company(cases, seed)
    events = numbered(made.clean)
    stamp = made.extracted.strftime(ISO)
    parts = {**_people(events), **_leads(events), **_deals(events), **quotes(events), **approvals(events)}
    parts |= {**contracts(events), **orders(events), **invoices(events), **records(events, seed)}
    return {
        name: frame.with_columns(pl.all().cast(pl.String), IsDeleted=pl.lit("false"), SystemModstamp=pl.lit(stamp))
        for name, frame in parts.items()
    }


def write_objects(folder: str | Path, cases: int = CASES, seed: int = SEED) -> list[Path]:
    """Write the objects of the demo company's org as CSV files, one an object, and return their paths."""
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, frame in objects(cases, seed=seed).items():
        paths.append(place / f"{name}.csv")
        frame.write_csv(paths[-1], quote_style="always")
    return paths


def _people(events: pl.DataFrame) -> dict[str, pl.DataFrame]:
    people = owners(events)
    firms = events.unique("firm", keep="first", maintain_order=True).sort("firm")
    return {
        "User": people.select(Id="id", Name="name", IsActive=pl.lit("true")),
        "Account": firms.select(
            Id="firm", Name="account", Segment__c="segment", CreatedDate=pl.lit("2020-01-01T00:00:00.000Z")
        ),
        "OpportunityStage": pl.DataFrame(
            {
                "Id": [eighteen(f"01J5g0{n:09d}") for n in range(len(STAGES))],
                "MasterLabel": list(STAGES),
                "ApiName": list(STAGES),
                "SortOrder": list(range(1, len(STAGES) + 1)),
                "IsClosed": [name.startswith("Closed") for name in STAGES],
                "IsWon": [name == "Closed Won" for name in STAGES],
                "DefaultProbability": list(STAGES.values()),
            }
        ),
    }


def _leads(events: pl.DataFrame) -> dict[str, pl.DataFrame]:
    leads = with_owner(of(events, "Lead Created"), events)
    # A lead that became no deal is a case under the lead's own id.
    leads = leads.with_columns(lead=pl.when("deal").then(record_id("00Q", pl.col("case"))).otherwise("case_id"))
    converted = of(events, "Lead Converted").select("case", on="day", by="user", moment="at", made="row")
    rows = leads.join(converted, on="case", how="left", maintain_order="left")
    status = pl.when(pl.col("on").is_not_null()).then(pl.lit("Converted")).otherwise(pl.lit("Open"))
    changed = of(events, "Lead Qualified", "Lead Converted").join(leads.select("case", "lead"), on="case")
    qualified = pl.col("activity") == "Lead Qualified"
    return {
        "Lead": rows.select(
            Id="lead", CreatedDate="at", CreatedById="user", OwnerId="OwnerId", LeadSource="lead_source", Company="account",
            Region__c="region", Segment__c="segment", Status=status,
            IsConverted=pl.col("on").is_not_null(), ConvertedDate="on",
            ConvertedOpportunityId=pl.when(pl.col("on").is_not_null() & pl.col("deal")).then("case_id"),
        ),
        "LeadHistory": changed.select(
            Id=record_id("017", pl.col("row")), LeadId="lead", CreatedDate="at", CreatedById="user",
            Field=pl.when(qualified).then(pl.lit("Status")).otherwise(pl.lit("leadConverted")),
            OldValue=pl.when(qualified).then(pl.lit("Open")),
            NewValue=pl.when(qualified).then(pl.lit("Qualified")),
        ),
    }  # fmt: skip


def _deals(events: pl.DataFrame) -> dict[str, pl.DataFrame]:
    opened = with_owner(of(events, "Opportunity Created"), events)
    order = {a.en: a.order for a in vocabulary.activities() if a.phase in SALE}
    rank = pl.col("activity").replace_strict(order, default=None, return_dtype=pl.Int64)
    staged = events.with_columns(rank=rank).filter(
        pl.col("stage").is_not_null() & pl.col("deal") & pl.col("rank").is_not_null()
    )
    staged = staged.sort("case", "time", "rank", "row")
    moved = staged.filter((pl.col("stage") != pl.col("stage").shift().over("case")).fill_null(True))
    last = moved.group_by("case", maintain_order=True).agg(pl.col("stage", "day").last().name.prefix("last_"))
    closed = pl.col("last_stage").str.starts_with("Closed")
    rows = opened.join(last, on="case", how="left", maintain_order="left")
    contract = of(events, "Contract Created").select("case", ContractId=record_id("800", pl.col("document")))
    rows = rows.join(contract.unique("case"), on="case", how="left", maintain_order="left")
    families = events.select("product").unique().drop_nulls().sort("product").with_row_index("n", 1)
    sold = rows.join(families, on="product", how="left", maintain_order="left")
    terms = pl.format("Net {}", pl.col("payment_terms_days").cast(pl.Int64))
    return {
        "Opportunity": rows.select(
            Id="case_id", AccountId="firm", OwnerId="OwnerId", CreatedDate="at", CreatedById="user", StageName="last_stage",
            Amount="amount", CurrencyIsoCode="currency", CloseDate=pl.when(closed).then("last_day").otherwise("day"),
            IsClosed=closed, IsWon=pl.col("last_stage") == "Closed Won", LeadSource="lead_source", Region__c="region",
            Loss_Reason__c="loss_reason", Payment_Terms__c=terms, ContractId="ContractId",
        ),
        "OpportunityHistory": moved.select(
            Id=record_id("008", pl.col("row")), OpportunityId="case_id", StageName="stage", Amount="amount",
            Probability=pl.col("stage").replace_strict(STAGES, default=None, return_dtype=pl.Int64),
            CreatedDate="at", CreatedById="user",
        ),
        "Product2": families.select(Id=record_id("01t", pl.col("n")), Name="product", Family="product"),
        "OpportunityLineItem": sold.select(
            Id=record_id("00k", pl.col("row")), OpportunityId="case_id", Product2Id=record_id("01t", pl.col("n")), Quantity=pl.lit(1),
            TotalPrice="amount", UnitPrice="amount", CreatedDate="at",
        ),
    }  # fmt: skip
