"""Which quotes, approvals, contracts, orders and invoices does the demo company's Salesforce hold?"""

from __future__ import annotations

import polars as pl

from l2c.demo.org_ids import ISO, of, record_id


def quotes(events: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Quotes, and the changes of their status."""
    made = of(events, "Quote Created").unique("document", keep="first", maintain_order=True)
    statuses = {
        "Quote Sent": "Presented",
        "Quote Revised": "Draft",
        "Quote Accepted": "Accepted",
        "Quote Rejected": "Denied",
    }
    moved = of(events, *statuses).with_columns(new=pl.col("activity").replace(statuses)).sort("document", "time", "row")
    moved = moved.with_columns(old=pl.col("new").shift().over("document").fill_null("Draft"))
    # What is revised before it was sent comes back from a review.
    moved = moved.with_columns(old=pl.when(pl.col("old") == pl.col("new")).then(pl.lit("In Review")).otherwise("old"))
    last = moved.group_by("document", maintain_order=True).agg(pl.col("new", "at").last())
    rows = made.join(last, on="document", how="left", maintain_order="left", suffix="_last")
    return {
        "Quote": rows.select(
            Id=record_id("0Q0", pl.col("document")), OpportunityId="case_id", CreatedDate="at", CreatedById="user", IsSyncing=pl.lit("true"),
            Discount=(pl.col("discount") * 100).round(4), Status=pl.col("new").fill_null("Draft"),
            LastModifiedDate=pl.coalesce("at_last", "at"),
        ),
        "QuoteHistory": moved.select(
            Id=record_id("017", pl.col("row")), QuoteId=record_id("0Q0", pl.col("document")), Field=pl.lit("Status"), OldValue="old",
            NewValue="new", CreatedDate="at", CreatedById="user",
        ),
    }  # fmt: skip


def approvals(events: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """A request is an approval process of its own, with a step when it starts and one when it is decided."""
    words = {
        "Discount Approval Requested": "Started", "Discount Approved": "Approved", "Discount Rejected": "Rejected",
        "Contract Approval Requested": "Started", "Contract Approved": "Approved",
    }  # fmt: skip
    steps = of(events, *words).with_columns(step=pl.col("activity").replace(words)).sort("document", "time", "row")
    steps = steps.with_columns(round=(pl.col("step") == "Started").cum_sum().over("document"))
    steps = steps.with_columns(request=pl.struct("document", "round").rank("dense"))
    quoted = pl.col("activity").str.starts_with("Discount")
    target = pl.when(quoted).then(record_id("0Q0", pl.col("document"))).otherwise(record_id("800", pl.col("document")))
    steps = steps.with_columns(target=target, process=record_id("04g", pl.col("request")))
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
            Id=record_id("04h", pl.col("row")), ProcessInstanceId="process", StepStatus="step", ActorId="user", CreatedDate="at",
            CreatedById="user",
        ),
    }  # fmt: skip


def contracts(events: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Contracts, and when they were signed."""
    made = of(events, "Contract Created").unique("document", keep="first", maintain_order=True)
    signed = (
        of(events, "Contract Signed").select("document", signed="at", signer="user").unique("document", keep="first")
    )
    rows = made.join(signed, on="document", how="left", maintain_order="left")
    status = pl.when(pl.col("signed").is_not_null()).then(pl.lit("Activated")).otherwise(pl.lit("Draft"))
    return {
        "Contract": rows.select(
            Id=record_id("800", pl.col("document")), AccountId="firm", CreatedDate="at", CreatedById="user", Status=status,
            ActivatedDate="signed", ActivatedById="signer",
        )
    }  # fmt: skip


def orders(events: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Orders, and the changes of their status and lines."""
    made = of(events, "Sales Order Created").unique("document", keep="first", maintain_order=True)
    words = {
        "Order Cancelled": "Cancelled",
        "Order Fulfilled": "Fulfilled",
        "Order Closed": "Closed",
        "Order Corrected": "Quantity",
    }
    moved = of(events, *words).with_columns(new=pl.col("activity").replace(words)).sort("document", "time", "row")
    status = pl.col("activity") != "Order Corrected"
    last = moved.filter(status).group_by("document", maintain_order=True).agg(pl.col("new", "at").last())
    rows = made.join(last, on="document", how="left", maintain_order="left", suffix="_last")
    return {
        "Order": rows.select(
            Id=record_id("801", pl.col("document")), AccountId="firm", OpportunityId="case_id", CreatedDate="at", CreatedById="user",
            Status=pl.col("new").fill_null("Activated"), ActivatedDate="at", ActivatedById="user",
            LastModifiedDate=pl.coalesce("at_last", "at"),
        ),
        "OrderHistory": moved.select(
            Id=record_id("017", pl.col("row")), OrderId=record_id("801", pl.col("document")),
            Field=pl.when(status).then(pl.lit("Status")).otherwise(pl.lit("Delivery_Note__c")),
            OldValue=pl.when(status).then(pl.lit("Activated")).otherwise(pl.lit("1")),
            NewValue=pl.when(status).then("new").otherwise(pl.lit("2")), CreatedDate="at", CreatedById="user",
        ),
    }  # fmt: skip


def invoices(events: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Invoices, and the payments with what they pay."""
    made = of(events, "Invoice Created").unique("document", keep="first", maintain_order=True)
    sent = of(events, "Invoice Sent").select("document", sent="at").unique("document", keep="first")
    orders = of(events, "Sales Order Created").unique("document", keep="first", maintain_order=True)
    orders = orders.select("case", order=record_id("801", pl.col("document")), n=pl.int_range(pl.len()).over("case"))
    made = made.with_columns(n=pl.int_range(pl.len()).over("case"), parts=pl.len().over("case"))
    rows = made.join(sent, on="document", how="left", maintain_order="left")
    # A deal may have more invoices than orders: the rest belongs to the first.
    rows = rows.join(orders, on=["case", "n"], how="left", maintain_order="left")
    first = orders.filter(pl.col("n") == 0).select("case", first="order")
    rows = rows.join(first, on="case", how="left", maintain_order="left")
    rows = rows.with_columns(total=(pl.col("amount") / pl.col("parts")).round(2), order=pl.coalesce("order", "first"))
    due = pl.col("sent").str.to_datetime(ISO) + pl.duration(days=pl.col("payment_terms_days").fill_null(30))
    paid = (
        of(events, "Payment Received")
        .join(rows.select("document", "total"), on="document")
        .with_columns(n=pl.col("row"))
    )
    return {
        "Invoice": rows.select(
            Id=record_id("3tt", pl.col("document")), ReferenceEntityId="order", BillingAccountId="firm", CreatedDate="at", CreatedById="user",
            Status=pl.when(pl.col("sent").is_not_null()).then(pl.lit("Posted")).otherwise(pl.lit("Draft")),
            InvoiceDate=pl.col("sent").str.slice(0, 10), PostedDate="sent", DueDate=due.dt.strftime("%Y-%m-%d"),
            TotalAmountWithTax="total", Invoice_Type__c="invoice_type",
        ),
        "Payment": paid.select(
            Id=record_id("0aQ", pl.col("n")), AccountId="firm", Amount="total", EffectiveDate="day", CreatedDate="at", Status=pl.lit("Processed"),
        ),
        "PaymentLineInvoice": paid.select(
            Id=record_id("1PL", pl.col("n")), PaymentId=record_id("0aQ", pl.col("n")), InvoiceId=record_id("3tt", pl.col("document")), Amount="total",
            AppliedDate="day", CreatedDate="at", Type=pl.lit("Applied"),
        ),
    }  # fmt: skip
