"""What does the demo company's Salesforce hold? The records behind its events, object by object."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from l2c.demo.companies import CASES, SEED, company
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
RENAMED = {"Proposal": "Solution Proposed"}
# What follows the close is no step of the sale, and no change of its stage.
SALE = ("lead", "opportunity", "quote", "contract", "decision")
ISO = "%Y-%m-%dT%H:%M:%S.000Z"


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
    events = _numbered(made.clean)
    stamp = made.extracted.strftime(ISO)
    parts = {**_people(events), **_leads(events), **_deals(events), **_quotes(events), **_approvals(events)}
    parts |= {**_contracts(events), **_orders(events), **_invoices(events)}
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


def _id(prefix: str, number: pl.Expr) -> pl.Expr:
    """Ids as Salesforce makes them: three letters of the object, a number, and three letters that guard capitals."""
    guard = eighteen(f"{prefix}5g0000000000"[:15])[15:]
    return pl.format("{}5g0{}{}", pl.lit(prefix), number.cast(pl.String).str.zfill(9), pl.lit(guard))


def _numbered(clean: pl.DataFrame) -> pl.DataFrame:
    """The events with numbers for their cases, people and documents, and times as Salesforce writes them."""
    has_deal = (pl.col("activity") == "Opportunity Created").any().over("case_id")
    return (
        clean.with_row_index("row")
        .with_columns(
            case=pl.col("case_id").rank("dense"),
            deal=has_deal,
            user=_id("005", pl.col("actor").rank("dense")),
            owner=pl.col("rep"),
            at=pl.col("time").dt.strftime(ISO),
            day=pl.col("time").dt.strftime("%Y-%m-%d"),
            stage=pl.col("stage").replace(RENAMED),
            document=pl.col("object_id").rank("dense"),
            firm=_id("001", pl.col("account").rank("dense")),
        )
        .sort("time", "row")
    )


def _of(events: pl.DataFrame, *activities: str) -> pl.DataFrame:
    return events.filter(pl.col("activity").is_in(activities))


def _owners(events: pl.DataFrame) -> pl.DataFrame:
    """The id of each person who acts or owns: `name, id`."""
    acting = events.select(name="actor", id="user").unique()
    silent = events.select(name="rep").unique().drop_nulls().join(acting, on="name", how="anti").sort("name")
    return pl.concat([acting.drop_nulls(), silent.with_columns(id=_id("005", pl.int_range(pl.len()) + 900_000))]).sort(
        "name"
    )


def _with_owner(rows: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    people = _owners(events).select(owner="name", OwnerId="id")
    return rows.join(people, on="owner", how="left", maintain_order="left")


def _people(events: pl.DataFrame) -> dict[str, pl.DataFrame]:
    people = _owners(events)
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
    leads = _with_owner(_of(events, "Lead Created"), events)
    # A lead that became no deal is a case under the lead's own id.
    leads = leads.with_columns(lead=pl.when("deal").then(_id("00Q", pl.col("case"))).otherwise("case_id"))
    converted = _of(events, "Lead Converted").select("case", on="day", by="user", moment="at", made="row")
    rows = leads.join(converted, on="case", how="left", maintain_order="left")
    status = pl.when(pl.col("on").is_not_null()).then(pl.lit("Converted")).otherwise(pl.lit("Open"))
    changed = _of(events, "Lead Qualified", "Lead Converted").join(leads.select("case", "lead"), on="case")
    qualified = pl.col("activity") == "Lead Qualified"
    return {
        "Lead": rows.select(
            Id="lead", CreatedDate="at", CreatedById="user", OwnerId="OwnerId", LeadSource="lead_source", Company="account",
            Region__c="region", Segment__c="segment", Status=status,
            IsConverted=pl.col("on").is_not_null(), ConvertedDate="on",
            ConvertedOpportunityId=pl.when(pl.col("on").is_not_null() & pl.col("deal")).then("case_id"),
        ),
        "LeadHistory": changed.select(
            Id=_id("017", pl.col("row")), LeadId="lead", CreatedDate="at", CreatedById="user",
            Field=pl.when(qualified).then(pl.lit("Status")).otherwise(pl.lit("leadConverted")),
            OldValue=pl.when(qualified).then(pl.lit("Open")),
            NewValue=pl.when(qualified).then(pl.lit("Qualified")),
        ),
    }  # fmt: skip


def _deals(events: pl.DataFrame) -> dict[str, pl.DataFrame]:
    opened = _with_owner(_of(events, "Opportunity Created"), events)
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
    contract = _of(events, "Contract Created").select("case", ContractId=_id("800", pl.col("document")))
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
            Id=_id("008", pl.col("row")), OpportunityId="case_id", StageName="stage", Amount="amount",
            Probability=pl.col("stage").replace_strict(STAGES, default=None, return_dtype=pl.Int64),
            CreatedDate="at", CreatedById="user",
        ),
        "Product2": families.select(Id=_id("01t", pl.col("n")), Name="product", Family="product"),
        "OpportunityLineItem": sold.select(
            Id=_id("00k", pl.col("row")), OpportunityId="case_id", Product2Id=_id("01t", pl.col("n")), Quantity=pl.lit(1),
            TotalPrice="amount", UnitPrice="amount", CreatedDate="at",
        ),
    }  # fmt: skip


def _quotes(events: pl.DataFrame) -> dict[str, pl.DataFrame]:
    made = _of(events, "Quote Created").unique("document", keep="first", maintain_order=True)
    statuses = {
        "Quote Sent": "Presented",
        "Quote Revised": "Draft",
        "Quote Accepted": "Accepted",
        "Quote Rejected": "Denied",
    }
    moved = (
        _of(events, *statuses).with_columns(new=pl.col("activity").replace(statuses)).sort("document", "time", "row")
    )
    moved = moved.with_columns(old=pl.col("new").shift().over("document").fill_null("Draft"))
    # What is revised before it was sent comes back from a review.
    moved = moved.with_columns(old=pl.when(pl.col("old") == pl.col("new")).then(pl.lit("In Review")).otherwise("old"))
    last = moved.group_by("document", maintain_order=True).agg(pl.col("new", "at").last())
    rows = made.join(last, on="document", how="left", maintain_order="left", suffix="_last")
    return {
        "Quote": rows.select(
            Id=_id("0Q0", pl.col("document")), OpportunityId="case_id", CreatedDate="at", CreatedById="user", IsSyncing=pl.lit("true"),
            Discount=(pl.col("discount") * 100).round(4), Status=pl.col("new").fill_null("Draft"),
            LastModifiedDate=pl.coalesce("at_last", "at"),
        ),
        "QuoteHistory": moved.select(
            Id=_id("017", pl.col("row")), QuoteId=_id("0Q0", pl.col("document")), Field=pl.lit("Status"), OldValue="old",
            NewValue="new", CreatedDate="at", CreatedById="user",
        ),
    }  # fmt: skip


def _approvals(events: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """A request is an approval process of its own, with a step when it starts and one when it is decided."""
    words = {
        "Discount Approval Requested": "Started", "Discount Approved": "Approved", "Discount Rejected": "Rejected",
        "Contract Approval Requested": "Started", "Contract Approved": "Approved",
    }  # fmt: skip
    steps = _of(events, *words).with_columns(step=pl.col("activity").replace(words)).sort("document", "time", "row")
    steps = steps.with_columns(round=(pl.col("step") == "Started").cum_sum().over("document"))
    steps = steps.with_columns(request=pl.struct("document", "round").rank("dense"))
    quoted = pl.col("activity").str.starts_with("Discount")
    target = pl.when(quoted).then(_id("0Q0", pl.col("document"))).otherwise(_id("800", pl.col("document")))
    steps = steps.with_columns(target=target, process=_id("04g", pl.col("request")))
    whole = steps.group_by("process", maintain_order=True).agg(
        pl.col("target", "at", "user").first(), last=pl.col("step").last(), done=pl.col("at").last()
    )
    pending = pl.col("last") == "Started"
    return {
        "ProcessInstance": whole.select(
            Id="process", TargetObjectId="target", CreatedDate="at", SubmittedById="user",
            Status=pl.when(pending).then(pl.lit("Pending")).otherwise("last"), CompletedDate=pl.when(~pending).then("done"),
        ),
        "ProcessInstanceStep": steps.select(
            Id=_id("04h", pl.col("row")), ProcessInstanceId="process", StepStatus="step", ActorId="user", CreatedDate="at",
            CreatedById="user",
        ),
    }  # fmt: skip


def _contracts(events: pl.DataFrame) -> dict[str, pl.DataFrame]:
    made = _of(events, "Contract Created").unique("document", keep="first", maintain_order=True)
    signed = (
        _of(events, "Contract Signed").select("document", signed="at", signer="user").unique("document", keep="first")
    )
    rows = made.join(signed, on="document", how="left", maintain_order="left")
    status = pl.when(pl.col("signed").is_not_null()).then(pl.lit("Activated")).otherwise(pl.lit("Draft"))
    return {
        "Contract": rows.select(
            Id=_id("800", pl.col("document")), AccountId="firm", CreatedDate="at", CreatedById="user", Status=status,
            ActivatedDate="signed", ActivatedById="signer",
        )
    }  # fmt: skip


def _orders(events: pl.DataFrame) -> dict[str, pl.DataFrame]:
    made = _of(events, "Sales Order Created").unique("document", keep="first", maintain_order=True)
    words = {
        "Order Cancelled": "Cancelled",
        "Order Fulfilled": "Fulfilled",
        "Order Closed": "Closed",
        "Order Corrected": "Quantity",
    }
    moved = _of(events, *words).with_columns(new=pl.col("activity").replace(words)).sort("document", "time", "row")
    status = pl.col("activity") != "Order Corrected"
    last = moved.filter(status).group_by("document", maintain_order=True).agg(pl.col("new", "at").last())
    rows = made.join(last, on="document", how="left", maintain_order="left", suffix="_last")
    return {
        "Order": rows.select(
            Id=_id("801", pl.col("document")), AccountId="firm", OpportunityId="case_id", CreatedDate="at", CreatedById="user",
            Status=pl.col("new").fill_null("Activated"), ActivatedDate="at", ActivatedById="user",
            LastModifiedDate=pl.coalesce("at_last", "at"),
        ),
        "OrderHistory": moved.select(
            Id=_id("017", pl.col("row")), OrderId=_id("801", pl.col("document")),
            Field=pl.when(status).then(pl.lit("Status")).otherwise(pl.lit("Delivery_Note__c")),
            OldValue=pl.when(status).then(pl.lit("Activated")).otherwise(pl.lit("1")),
            NewValue=pl.when(status).then("new").otherwise(pl.lit("2")), CreatedDate="at", CreatedById="user",
        ),
    }  # fmt: skip


def _invoices(events: pl.DataFrame) -> dict[str, pl.DataFrame]:
    made = _of(events, "Invoice Created").unique("document", keep="first", maintain_order=True)
    sent = _of(events, "Invoice Sent").select("document", sent="at").unique("document", keep="first")
    orders = _of(events, "Sales Order Created").unique("document", keep="first", maintain_order=True)
    orders = orders.select("case", order=_id("801", pl.col("document")), n=pl.int_range(pl.len()).over("case"))
    made = made.with_columns(n=pl.int_range(pl.len()).over("case"), parts=pl.len().over("case"))
    rows = made.join(sent, on="document", how="left", maintain_order="left")
    # A deal may have more invoices than orders: the rest belongs to the first.
    rows = rows.join(orders, on=["case", "n"], how="left", maintain_order="left")
    first = orders.filter(pl.col("n") == 0).select("case", first="order")
    rows = rows.join(first, on="case", how="left", maintain_order="left")
    rows = rows.with_columns(total=(pl.col("amount") / pl.col("parts")).round(2), order=pl.coalesce("order", "first"))
    due = pl.col("sent").str.to_datetime(ISO) + pl.duration(days=pl.col("payment_terms_days").fill_null(30))
    paid = (
        _of(events, "Payment Received")
        .join(rows.select("document", "total"), on="document")
        .with_columns(n=pl.col("row"))
    )
    return {
        "Invoice": rows.select(
            Id=_id("3tt", pl.col("document")), ReferenceEntityId="order", BillingAccountId="firm", CreatedDate="at", CreatedById="user",
            Status=pl.when(pl.col("sent").is_not_null()).then(pl.lit("Posted")).otherwise(pl.lit("Draft")),
            InvoiceDate=pl.col("sent").str.slice(0, 10), PostedDate="sent", DueDate=due.dt.strftime("%Y-%m-%d"),
            TotalAmountWithTax="total", Invoice_Type__c="invoice_type",
        ),
        "Payment": paid.select(
            Id=_id("0aQ", pl.col("n")), AccountId="firm", Amount="total", EffectiveDate="day", CreatedDate="at", Status=pl.lit("Processed"),
        ),
        "PaymentLineInvoice": paid.select(
            Id=_id("1PL", pl.col("n")), PaymentId=_id("0aQ", pl.col("n")), InvoiceId=_id("3tt", pl.col("document")), Amount="total",
            AppliedDate="day", CreatedDate="at", Type=pl.lit("Applied"),
        ),
    }  # fmt: skip
