"""What single records mean, one rule of Salesforce at a time."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
import yaml

import l2c
from l2c import discover, engine
from l2c.diagnose import violations
from l2c.prepare.salesforce import mapping
from l2c.words.errors import L2CError

DEAL = """Id | CreatedDate | StageName | IsClosed | IsWon | CloseDate | OwnerId | Amount | AccountId
006A | 2025-01-01T09:00:00Z | Open | false | false | 2025-03-01 | 005A | 100 | 001A"""
ACCOUNT = "Id | Name\n001A | Acme"
USERS = "Id | Name\n005A | Sato\n005B | Kim"


def table(text):
    """A table drawn with bars; an empty cell is missing."""
    head, *rows = [[cell.strip() or None for cell in line.split("|")] for line in text.strip().splitlines()]
    return pl.DataFrame([dict(zip(head, row, strict=True)) for row in rows], schema=dict.fromkeys(head, pl.String))


def org(**tables):
    known = {"Opportunity": DEAL, "Account": ACCOUNT, "User": USERS} | tables
    return {name: table(text) for name, text in known.items() if text}


def told(**tables):
    """Activity and time of every event of the deal, in order."""
    events = engine.collect(l2c.read(org(**tables)).events).sort_values(["case_key", "position"])
    return list(zip(events["activity"].astype(str), events["time"].dt.strftime("%m-%d %H:%M"), strict=True))


def test_a_deal_alone_is_a_case_of_one_event():
    assert told() == [("Opportunity Created", "01-01 09:00")]


def test_without_histories_a_closed_deal_closes_on_its_day():
    log = l2c.read(org(Opportunity=DEAL.replace("Open | false | false", "Fertig | true | true")))
    events = engine.collect(log.events).sort_values("position")
    assert events["activity"].tolist() == ["Opportunity Created", "Closed Won"]
    assert events["precision"].tolist() == ["second", "day"]


def test_a_deal_without_flags_is_judged_by_the_stages_of_the_org():
    plain = "Id | CreatedDate | StageName | CloseDate\n006A | 2025-01-01T09:00:00Z | 成約 | 2025-02-01"
    stages = "Id | MasterLabel | IsClosed | IsWon | SortOrder\n01J | 成約 | true | true | 9"
    log = l2c.read(org(Opportunity=plain, OpportunityStage=stages))
    assert engine.collect(log.cases)["status"].tolist() == ["won"]


def test_a_deal_created_closed_closes_at_once():
    history = "Id | OpportunityId | StageName | CreatedDate\n008A | 006A | Won | 2025-01-01T09:00:00Z"
    deal = DEAL.replace("Open | false | false", "Won | true | true")
    assert told(Opportunity=deal, OpportunityHistory=history) == [
        ("Opportunity Created", "01-01 09:00"),
        ("Closed Won", "01-01 09:00"),
    ]


def test_a_reopened_deal_is_open():
    history = """Id | OpportunityId | StageName | CreatedDate
    1 | 006A | Open | 2025-01-01T09:00:00Z
    2 | 006A | Lost | 2025-01-02T09:00:00Z
    3 | 006A | Open | 2025-01-03T09:00:00Z"""
    stages = (
        "Id | MasterLabel | IsClosed | IsWon | SortOrder\nx | Lost | true | false | 9\ny | Open | false | false | 1"
    )
    log = l2c.read(org(OpportunityHistory=history, OpportunityStage=stages))
    assert engine.collect(log.cases)["status"].tolist() == ["open"]
    assert told(OpportunityHistory=history, OpportunityStage=stages)[1:] == [
        ("Closed Lost", "01-02 09:00"),
        ("Opportunity Reopened", "01-03 09:00"),
    ]


def test_without_stage_history_tracked_fields_stand_in():
    history = """Id | OpportunityId | Field | OldValue | NewValue | CreatedDate
    1 | 006A | StageName | Open | Talks | 2025-01-02T09:00:00Z
    2 | 006A | Amount | 120 | 100 | 2025-01-03T09:00:00Z
    3 | 006A | CloseDate | 2025-02-01 | 2025-03-01 | 2025-01-04T09:00:00Z"""
    assert told(OpportunityFieldHistory=history)[1:] == [
        ("Stage: Talks", "01-02 09:00"),
        ("Amount Cut", "01-03 09:00"),
        ("Close Date Pushed", "01-04 09:00"),
    ]


def test_the_first_touch_is_the_response_and_touches_after_conversion_are_none():
    lead = "Id | CreatedDate | IsConverted | ConvertedDate | ConvertedOpportunityId\n00Q | 2024-12-20T08:00:00Z | true | 2025-01-01 | 006A"
    tasks = """Id | WhoId | WhatId | IsClosed | CompletedDateTime | OwnerId
    1 | 00Q | | true | 2024-12-22T10:00:00Z | 005A
    2 | 00Q | | true | 2024-12-21T10:00:00Z | 005B
    3 | 00Q | | false | 2024-12-20T10:00:00Z | 005B
    4 | | 006A | true | 2025-01-05T10:00:00Z | 005B
    5 | | 500X | true | 2025-01-05T10:00:00Z | 005B"""
    assert told(Lead=lead, Task=tasks) == [
        ("Lead Created", "12-20 08:00"),
        ("Lead Contacted", "12-21 10:00"),
        ("Lead Converted", "01-01 09:00"),
        ("Opportunity Created", "01-01 09:00"),
    ]
    objects = l2c.read(org(Lead=lead, Task=tasks)).quality.objects.set_index("object_type")
    # The task about a case of support is counted, not set aside.
    assert objects.loc["Task", "not_about_deals"] == 1
    assert objects.loc["Task", "used"] == 5


def test_what_happened_to_the_lead_leads_to_the_lead():
    lead = "Id | CreatedDate | IsConverted | ConvertedDate | ConvertedOpportunityId\n00QA | 2024-12-20T08:00:00Z | true | 2025-01-01 | 006A"
    events = discover.timeline(l2c.read(org(Lead=lead)), "006A")
    assert events["activity"].tolist() == ["Lead Created", "Lead Converted", "Opportunity Created"]
    assert events["object_id"].fillna("").tolist() == ["00QA", "00QA", ""]


def test_a_lead_whose_deal_is_not_in_the_source_is_a_case_of_its_own():
    lead = "Id | CreatedDate | IsConverted | ConvertedDate | ConvertedOpportunityId\n00Q | 2024-12-20T08:00:00Z | true | 2025-01-01 | 006GONE"
    log = l2c.read(org(Lead=lead))
    assert sorted(engine.collect(log.cases)["case_id"]) == ["006A", "00Q"]


def test_leads_alone_are_enough():
    log = l2c.read(org(Opportunity="", Lead="Id | CreatedDate | LeadSource\n00Q | 2025-01-01T08:00:00Z | Web"))
    assert (log.n_cases, log.distinct("lead_source")) == (1, ["Web"])


QUOTE = "Id | OpportunityId | CreatedDate | Status\n0Q0 | 006A | 2025-01-02T09:00:00Z | Draft"
CPQ = "Id | SBQQ__Opportunity2__c | SBQQ__Primary__c | SBQQ__AverageCustomerDiscount__c | CreatedDate\na0 | 006A | true | 25 | 2025-01-02T09:00:00Z"


def test_quotes_of_cpq_and_their_history():
    history = """Id | ParentId | Field | OldValue | NewValue | CreatedDate
    1 | a0 | SBQQ__Status__c | Draft | Presented | 2025-01-03T09:00:00Z
    2 | a0 | SBQQ__Status__c | Presented | Accepted | 2025-01-04T09:00:00Z"""
    tables = {"SBQQ__Quote__c": CPQ, "SBQQ__Quote__History": history}
    assert told(**tables)[1:] == [
        ("Quote Created", "01-02 09:00"),
        ("Quote Sent", "01-03 09:00"),
        ("Quote Accepted", "01-04 09:00"),
    ]
    assert engine.collect(l2c.read(org(**tables)).cases)["discount"].tolist() == [0.25]


def test_an_approval_counts_with_its_last_step_and_by_its_target():
    contract = "Id | CreatedDate | AccountId\n800A | 2025-01-02T09:00:00Z | 001A"
    deal = DEAL.replace("AccountId\n", "AccountId | ContractId\n") + " | 800A"
    process = """Id | TargetObjectId | Status
    04g1 | 800A | Approved
    04g2 | 0Q0 | Pending
    04g3 | 006X | Approved"""
    steps = """Id | ProcessInstanceId | StepStatus | ActorId | CreatedDate
    1 | 04g1 | Started | 005A | 2025-01-03T09:00:00Z
    2 | 04g1 | Approved | 005B | 2025-01-04T09:00:00Z
    3 | 04g1 | Approved | 005A | 2025-01-05T09:00:00Z
    4 | 04g2 | Started | 005A | 2025-01-06T09:00:00Z
    5 | 04g2 | Approved | 005B | 2025-01-07T09:00:00Z
    6 | 04g3 | Approved | 005B | 2025-01-08T09:00:00Z"""
    tables = {
        "Opportunity": deal,
        "Contract": contract,
        "Quote": QUOTE,
        "ProcessInstance": process,
        "ProcessInstanceStep": steps,
    }
    assert told(**tables)[3:] == [
        ("Contract Approval Requested", "01-03 09:00"),
        ("Approval Step Passed", "01-04 09:00"),
        ("Contract Approved", "01-05 09:00"),
        ("Discount Approval Requested", "01-06 09:00"),
        ("Approval Step Passed", "01-07 09:00"),
    ]
    events = engine.collect(l2c.read(org(**tables)).events).sort_values("position")
    assert events["actor"].tolist()[3:] == ["Sato", "Kim", "Sato", "Sato", "Kim"]


def test_approvals_without_steps_are_those_of_their_process():
    process = "Id | TargetObjectId | Status | CreatedDate | CompletedDate\n04g | 0Q0 | Approved | 2025-01-03T09:00:00Z | 2025-01-04T09:00:00Z"
    assert told(Quote=QUOTE, ProcessInstance=process)[2:] == [
        ("Discount Approval Requested", "01-03 09:00"),
        ("Discount Approved", "01-04 09:00"),
    ]


def test_advanced_approvals():
    requests = """Id | sbaa__TargetId__c | sbaa__Status__c | sbaa__ApprovedBy__c | CreatedDate | LastModifiedDate
    1 | a0 | Approved | 005A | 2025-01-03T09:00:00Z | 2025-01-04T09:00:00Z
    2 | a0 | Approved | 005B | 2025-01-03T10:00:00Z | 2025-01-05T09:00:00Z"""
    found = told(SBQQ__Quote__c=CPQ, sbaa__ApprovalRequest__c=requests)
    assert ("Approval Step Passed", "01-04 09:00") in found
    assert ("Discount Approved", "01-05 09:00") in found


def test_each_submission_of_an_advanced_approval_is_a_request_of_its_own():
    requests = """Id | sbaa__TargetId__c | sbaa__Status__c | sbaa__ApprovedDate__c | sbaa__RejectedDate__c | CreatedDate | LastModifiedDate
    1 | a0 | Approved | 2025-01-04T09:00:00Z | | 2025-01-03T09:00:00Z | 2025-01-09T09:00:00Z
    2 | a0 | Rejected | | 2025-01-05T09:00:00Z | 2025-01-03T09:00:00Z | 2025-01-09T09:00:00Z
    3 | a0 | Approved | 2025-01-08T09:00:00Z | | 2025-01-06T09:00:00Z | 2025-01-09T09:00:00Z
    4 | a0 | Approved | 2025-01-07T09:00:00Z | | 2025-01-06T09:00:00Z | 2025-01-09T09:00:00Z
    5 | a0 | Approved | 2025-01-12T09:00:00Z | | 2025-01-10T09:00:00Z | 2025-01-12T09:00:00Z"""
    found = told(SBQQ__Quote__c=CPQ, sbaa__ApprovalRequest__c=requests)
    # Step 2 refused what step 1 had passed; then both agreed, the second of them first; then it was asked once more.
    assert [each for each in found if "Appro" in each[0] or "Rejected" in each[0]] == [
        ("Discount Approval Requested", "01-03 09:00"),
        ("Approval Step Passed", "01-04 09:00"),
        ("Discount Rejected", "01-05 09:00"),
        ("Discount Approval Requested", "01-06 09:00"),
        ("Approval Step Passed", "01-07 09:00"),
        ("Discount Approved", "01-08 09:00"),
        ("Discount Approval Requested", "01-10 09:00"),
        ("Discount Approved", "01-12 09:00"),
    ]


def test_a_contract_of_two_deals_is_signed_in_both_and_an_order_of_it_belongs_to_neither():
    deals = """Id | CreatedDate | StageName | IsClosed | IsWon | ContractId
    006A | 2025-01-01T09:00:00Z | Open | false | false | 800A
    006B | 2025-01-01T09:00:00Z | Open | false | false | 800A"""
    contract = "Id | CreatedDate | CustomerSignedDate | ActivatedDate\n800A | 2025-01-02T09:00:00Z | 2025-01-05 | 2025-01-05T14:00:00Z"
    order = "Id | ContractId | CreatedDate\n801A | 800A | 2025-01-06T09:00:00Z"
    log = l2c.read(org(Opportunity=deals, Contract=contract, Order=order))
    events = engine.collect(log.events)
    assert events["activity"].value_counts().to_dict() == {
        "Opportunity Created": 2, "Contract Created": 2, "Contract Signed": 2, "Contract Activated": 2,
    }  # fmt: skip
    # The date of the signature is sharpened by the activation on the same day.
    assert set(events[events["activity"] == "Contract Signed"]["time"]) == {pd.Timestamp("2025-01-05 14:00")}
    objects = log.quality.objects.set_index("object_type")
    assert (objects.loc["Order", "shared"], objects.loc["Order", "no_case"]) == (1, 1)
    assert log.quality.reasons == {"no case": 1}


def test_one_payment_for_invoices_of_two_deals_is_split_as_it_was_allocated():
    deals = """Id | CreatedDate | StageName | IsClosed | IsWon
    006A | 2025-01-01T09:00:00Z | Open | false | false
    006B | 2025-01-01T09:00:00Z | Open | false | false"""
    orders = """Id | OpportunityId | CreatedDate
    801A | 006A | 2025-01-02T09:00:00Z
    801B | 006B | 2025-01-02T09:00:00Z"""
    invoices = """Id | blng__Order__c | blng__InvoiceStatus__c | blng__InvoiceDate__c | blng__TotalAmount__c | CreatedDate
    i1 | 801A | Posted | 2025-01-03 | 100 | 2025-01-03T08:00:00Z
    i2 | 801B | Posted | 2025-01-03 | 200 | 2025-01-03T08:00:00Z
    i3 | 801B | Draft | | 200 | 2025-01-03T08:00:00Z"""
    payments = "Id | blng__Amount__c | CreatedDate\np1 | 250 | 2025-01-09T08:00:00Z\np2 | 50 | 2025-01-20T08:00:00Z"
    parts = """Id | blng__Payment__c | blng__Invoice__c | blng__Amount__c | blng__Type__c | CreatedDate
    1 | p1 | i1 | 100 | Allocation | 2025-01-10T08:00:00Z
    2 | p1 | i2 | 150 | Allocation | 2025-01-10T08:00:00Z
    3 | p2 | i2 | 50 | Allocation | 2025-01-21T08:00:00Z
    4 | p2 | i2 | 50 | Unallocation | 2025-01-22T08:00:00Z
    5 | p2 | i2 | 50 | Allocation | 2025-01-23T08:00:00Z"""
    log = l2c.read(
        org(
            Opportunity=deals,
            Order=orders,
            blng__Invoice__c=invoices,
            blng__Payment__c=payments,
            blng__PaymentAllocation__c=parts,
        )
    )
    events = engine.collect(log.events)
    paid = events[events["activity"].isin(["Payment Received", "Partial Payment Received", "Payment Reversed"])]
    told = paid.sort_values(["case_id", "time"])[["case_id", "activity", "payment_amount", "object_id"]].values.tolist()
    assert told == [
        ["006A", "Payment Received", 100, "i1"],
        ["006B", "Partial Payment Received", 150, "i2"],
        ["006B", "Partial Payment Received", 50, "i2"],
        ["006B", "Payment Reversed", -50, "i2"],
        ["006B", "Payment Received", 50, "i2"],
    ]
    assert paid["payment_amount"].sum() == 300
    assert sum(events["activity"] == "Invoice Sent") == 2
    links = engine.collect(log.links)
    assert links[links["from_type"] == "blng__Payment__c"]["amount"].sum() == 300


def test_what_a_credit_note_took_off_needs_no_payment():
    orders = "Id | OpportunityId | CreatedDate\n801A | 006A | 2025-01-02T09:00:00Z"
    invoices = """Id | ReferenceEntityId | Status | InvoiceDate | TotalAmountWithTax | Balance | CreatedDate
    3ttA | 801A | Posted | 2025-01-03 | 100 | 0 | 2025-01-03T08:00:00Z
    3ttB | 801A | Posted | 2025-01-03 | 100 | 40 | 2025-01-03T08:00:00Z"""
    credit = "Id | InvoiceId | Amount | AppliedDate\n50A | 3ttA | 40 | 2025-01-05T08:00:00Z"
    parts = """Id | InvoiceId | PaymentId | Amount | Type | AppliedDate
    1 | 3ttA | 0aA | 35 | Applied | 2025-01-09T08:00:00Z
    2 | 3ttA | 0aB | 25 | Applied | 2025-01-10T08:00:00Z
    3 | 3ttB | 0aB | 60 | Applied | 2025-01-10T08:00:00Z"""
    log = l2c.read(
        org(Order=orders, Invoice=invoices, CreditMemoInvApplication=credit, PaymentLineInvoice=parts, Account="")
    )
    events = engine.collect(log.events)
    paid = events[events["activity"].str.contains("Payment Received")].sort_values(["object_id", "time"])
    assert paid[["object_id", "activity"]].values.tolist() == [
        ["3ttA", "Partial Payment Received"],
        ["3ttA", "Payment Received"],
        ["3ttB", "Partial Payment Received"],
    ]


def test_a_credit_memo_that_writes_an_invoice_off_is_no_credit_note():
    orders = "Id | OpportunityId | CreatedDate\n801A | 006A | 2025-01-02T09:00:00Z"
    invoices = """Id | ReferenceEntityId | Status | InvoiceDate | DueDate | TotalAmountWithTax | Balance | CreatedDate
    3ttA | 801A | Posted | 2025-01-03 | 2025-01-20 | 100 | 0 | 2025-01-03T08:00:00Z
    3ttB | 801A | Posted | 2025-01-03 | 2025-01-20 | 100 | 0 | 2025-01-03T08:00:00Z
    3ttC | 801A | Posted | 2025-01-03 | 2025-01-20 | 100 | 0 | 2025-01-03T08:00:00Z"""
    memos = """Id | Category | Status | CreditDate | TotalAmountWithTax
    50gA | InvoiceWriteOff | Posted | 2025-02-05 | 60
    50gB | Referenced | Posted | 2025-01-05 | 30
    50gC | | Posted | 2025-01-05 | 20"""
    applied = """Id | CreditMemoId | InvoiceId | Amount | AppliedDate
    51A | 50gA | 3ttA | 60 | 2025-02-05T08:00:00Z
    51B | 50gB | 3ttB | 30 | 2025-01-05T08:00:00Z
    51C | 50gC | 3ttC | 20 | 2025-01-05T08:00:00Z"""
    parts = """Id | InvoiceId | PaymentId | Amount | Type | AppliedDate
    1 | 3ttA | 0aA | 40 | Applied | 2025-01-09T08:00:00Z
    2 | 3ttB | 0aB | 70 | Applied | 2025-01-10T08:00:00Z
    3 | 3ttC | 0aC | 80 | Applied | 2025-01-10T08:00:00Z"""
    log = l2c.read(
        org(
            Order=orders, Invoice=invoices, CreditMemo=memos, CreditMemoInvApplication=applied, PaymentLineInvoice=parts
        )
    )
    owed = l2c.diagnose.receivables(log).set_index("measure")["value"]
    # 60 of the first were given up; 30 and 20 of the others credited, and the rest paid in time.
    assert owed[["open_receivables", "bad_debt", "credited"]].tolist() == [0, 60, 50]
    assert l2c.kpis(log, only=["late_payment_share"])["value"].item() == pytest.approx(1 / 3)
    assert set(engine.collect(log.cases)["status"]) == {"won"}


def test_a_bare_date_stands_behind_what_came_before_it_on_the_same_day():
    deal = DEAL.replace("Open | false | false | 2025-03-01", "Won | true | true | 2025-01-01")
    orders = "Id | OpportunityId | CreatedDate\n801A | 006A | 2025-01-03T07:00:00Z"
    invoices = """Id | ReferenceEntityId | Status | InvoiceDate | TotalAmount | CreatedDate
    3ttA | 801A | Posted | 2025-01-03 | 100 | 2025-01-03T08:00:00Z
    3ttB | 801A | Posted | 2025-01-03 | 100 | 2025-01-04T08:00:00Z
    3ttC | 801A | Posted | 2025-01-05 | 100 | 2025-01-03T17:00:00Z"""
    log = l2c.read(org(Opportunity=deal, Order=orders, Invoice=invoices))
    events = engine.collect(log.events).sort_values("position")
    dated = events[events["activity"].isin(["Closed Won", "Invoice Sent"])]
    assert set(dated["precision"]) == {"day"}
    # The deal was won, and the first invoice sent, on the day of their creation, after it. Another record of that day
    # moves nothing, and another day is another day: the second was dated before it was made.
    assert events["activity"].tolist()[:2] == ["Opportunity Created", "Closed Won"]
    sent = events[events["activity"] == "Invoice Sent"].set_index("object_id")["time"].dt.strftime("%m-%d %H:%M")
    assert sent.to_dict() == {"3ttA": "01-03 08:00", "3ttB": "01-03 00:00", "3ttC": "01-05 00:00"}


def test_an_org_with_invoices_of_its_own_is_read_too():
    orders = "Id | Opportunity__c | CreatedDate\n801A | 006A | 2025-01-02T09:00:00Z"
    invoices = """Id | Order__c | Invoice_Date__c | Due_Date__c | Amount__c | Type__c | CreatedDate
    i1 | 801A | 2025-01-03 | 2025-01-20 | 100 | Paper | 2025-01-03T08:00:00Z
    i2 | 801A | 2025-01-09 | 2025-01-20 | 100 | Paper | 2025-01-09T08:00:00Z"""
    payments = """Id | Invoice__c | Payment_Date__c | Amount__c
    p1 | i1 | 2025-01-23 | 100
    p2 | i2 | 2025-01-19 | 100"""
    log = l2c.read(org(Order=orders, Invoice__c=invoices, Payment__c=payments))
    kpis = l2c.kpis(log).set_index("kpi")
    # Twenty and ten days, one of them after the due date.
    assert kpis.loc["invoice_to_payment_days", "cases"] == 2
    assert kpis.loc["late_payment_share", "value"] == 0.5
    assert log.distinct("invoice_type") == ["Paper"]


def test_an_invoice_of_two_deals_counts_once_in_all():
    deals = """Id | CreatedDate | StageName | IsClosed | IsWon
    006A | 2025-01-01T09:00:00Z | Open | false | false
    006B | 2025-01-01T09:00:00Z | Open | false | false"""
    orders = "Id | OpportunityId | CreatedDate\n801A | 006A | 2025-01-02T09:00:00Z\n801B | 006B | 2025-01-02T09:00:00Z"
    items = "Id | OrderId\nx | 801A\ny | 801B"
    invoice = "Id | Status | InvoiceDate | TotalAmountWithTax | CreatedDate\n3tt | Posted | 2025-01-03 | 90 | 2025-01-03T08:00:00Z"
    lines = "Id | InvoiceId | ReferenceEntityItemId\n1 | 3tt | x\n2 | 3tt | y"
    parts = "Id | InvoiceId | PaymentId | Amount | Type | AppliedDate\n1 | 3tt | p | 90 | Applied | 2025-02-01"
    log = l2c.read(
        org(
            Opportunity=deals,
            Order=orders,
            OrderItem=items,
            Invoice=invoice,
            InvoiceLine=lines,
            PaymentLineInvoice=parts,
        )
    )
    events = engine.collect(log.events)
    assert sum(events["activity"] == "Payment Received") == 2
    assert events["payment_amount"].sum() == 90
    assert events[events["activity"] == "Invoice Sent"]["invoice_amount"].sum() == 90


def test_amounts_are_converted_at_the_rate_of_the_close_date_or_kept_apart():
    deals = """Id | CreatedDate | StageName | IsClosed | IsWon | Amount | CurrencyIsoCode | CloseDate
    006A | 2025-01-01T09:00:00Z | Open | false | false | 100 | USD | 2025-01-15
    006B | 2025-01-01T09:00:00Z | Open | false | false | 15000 | JPY | 2025-01-15
    006C | 2025-01-01T09:00:00Z | Open | false | false | 14000 | JPY | 2025-02-15"""
    rates = """Id | IsoCode | StartDate | ConversionRate
    1 | USD | 2025-01-01 | 1
    2 | JPY | 2025-01-01 | 150
    3 | JPY | 2025-02-01 | 140"""
    log = l2c.read(org(Opportunity=deals, DatedConversionRate=rates))
    cases = engine.collect(log.cases).set_index("case_id")
    assert cases["amount"].to_dict() == {"006A": 100, "006B": 100, "006C": 100}
    assert (log.currency, cases.loc["006C", "original_currency"]) == ("USD", "JPY")
    apart = l2c.read(org(Opportunity=deals))
    assert apart.currency is None
    assert any("currenc" in str(note) for note in apart.quality.notes)
    assert np.isnan(l2c.kpis(apart).set_index("kpi").loc["open_pipeline_value", "value"])


def test_a_change_of_the_rate_is_no_change_of_the_amount():
    deal = """Id | CreatedDate | StageName | IsClosed | IsWon | Amount | CurrencyIsoCode | CloseDate
    006A | 2025-01-01T09:00:00Z | Won | true | true | 14000 | JPY | 2025-02-15
    006B | 2025-01-01T09:00:00Z | Won | true | true | 10 | USD | 2025-02-15"""
    history = """Id | OpportunityId | StageName | Amount | CreatedDate
    1 | 006A | Open | 14000 | 2025-01-01T09:00:00Z
    2 | 006A | Talks | 14000 | 2025-01-20T09:00:00Z
    3 | 006A | Won | 14000 | 2025-02-15T09:00:00Z
    4 | 006B | Open | 12 | 2025-01-01T09:00:00Z
    5 | 006B | Won | 10 | 2025-02-15T09:00:00Z"""
    rates = "Id | IsoCode | StartDate | ConversionRate\n1 | USD | 2025-01-01 | 1\n2 | JPY | 2025-01-01 | 100\n3 | JPY | 2025-02-01 | 140"
    log = l2c.read(org(Opportunity=deal, OpportunityHistory=history, DatedConversionRate=rates))
    events = engine.collect(log.events)
    assert set(events[events["case_id"] == "006A"]["amount"]) == {100}
    broken = violations(log).set_index("rule")["cases"]
    assert list(broken["amount_cut_before_close"]) == ["006B"]


@pytest.mark.parametrize("amounts, total", [(("300", "300"), 300), (("100", "200"), 300)])
def test_a_row_per_product_line_does_not_multiply_amounts(amounts, total):
    deals = f"""Id | CreatedDate | StageName | IsClosed | IsWon | Amount | Product Name | TotalPrice
    006A | 2025-01-01T09:00:00Z | Open | false | false | {amounts[0]} | Phone | 100
    006A | 2025-01-01T09:00:00Z | Open | false | false | {amounts[1]} | Radio | 200
    006B | 2025-01-02T09:00:00Z | Open | false | false | 50 | Phone | 50"""
    log = l2c.read(org(Opportunity=deals))
    cases = engine.collect(log.cases).set_index("case_id")
    assert cases["amount"].to_dict() == {"006A": total, "006B": 50}
    assert cases["product"].to_dict() == {"006A": "Radio", "006B": "Phone"}
    assert (log.n_events, log.quality.rows_read, log.quality.quarantined) == (2, 3 + 1 + 2, 0)
    assert any("product lines" in str(note) for note in log.quality.notes)


def test_what_an_org_adds_is_kept_under_its_own_name():
    deal = (
        DEAL.replace("AccountId\n", "AccountId | Channel__c | Sales_Region__c | Score__c\n") + " | Partner | EMEA | 7.5"
    )
    cases = engine.collect(l2c.read(org(Opportunity=deal)).cases)
    assert cases[["Channel", "region", "Score"]].values.tolist() == [["Partner", "EMEA", 7.5]]


def test_a_custom_object_needs_two_entries_and_no_python(tmp_path):
    content = yaml.safe_load(
        mapping.resources.files("l2c.prepare.salesforce").joinpath("mapping.yaml").read_text("utf-8")
    )
    content["objects"]["Delivery__c"] = {"reach": ["Order__c -> Order"]}
    rule = {
        "activity": "Order Fulfilled",
        "object": "Delivery__c",
        "when": {"Status__c": "Delivered"},
        "time": "Delivered_On__c",
    }
    content["activities"].append(rule)
    file = tmp_path / "mine.yaml"
    file.write_text(yaml.safe_dump(content))
    tables = org(
        Order="Id | OpportunityId | CreatedDate\n801A | 006A | 2025-01-02T09:00:00Z",
        Delivery__c="Id | Order__c | Status__c | Delivered_On__c\na1 | 801A | Delivered | 2025-01-09T09:00:00Z\na2 | 801A | Planned | 2025-01-12T09:00:00Z",
    )
    events = engine.collect(l2c.read(tables, mapping=file).events).sort_values("position")
    assert events["activity"].tolist() == ["Opportunity Created", "Sales Order Created", "Order Fulfilled"]
    assert events["object_id"].tolist()[2] == "a1"


def test_the_template_of_the_mapping_is_the_one_in_use():
    from pathlib import Path

    shipped = mapping.resources.files("l2c.prepare.salesforce").joinpath("mapping.yaml").read_text("utf-8")
    assert (Path(__file__).parents[3] / "data_templates" / "salesforce.yaml").read_text("utf-8") == shipped


def test_a_missing_history_is_told_with_the_cases_it_touches():
    quality = l2c.read(org(Quote=QUOTE)).quality
    objects = quality.objects.set_index("object_type")
    assert objects.loc["QuoteHistory", "rows"] == 0
    assert "Quote Sent" in objects.loc["QuoteHistory", "hides"]
    assert objects.loc["QuoteHistory", "share"] == 1.0
    assert "sbaa__ApprovalRequest__c" not in objects.index  # no part of an org that does not use the package
    assert any("owner of today" in str(note) for note in quality.notes)


@pytest.mark.parametrize(
    "tables, words",
    [
        ({"Opportunity": "Name | StageName\nx | y"}, "Id"),
        ({"Opportunity": "Id | CreatedDate\n006A | yesterday"}, "can be used"),
        ({"Opportunity": "Id | CreatedDate | IsDeleted\n006A | 2025-01-01T09:00:00Z | true"}, "can be used"),
    ],
)
def test_what_cannot_be_read_is_told_in_plain_words(tables, words):
    with pytest.raises(L2CError, match=words) as caught:
        l2c.read(org(**tables))
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    "change, words",
    [
        ({"activitys": []}, "activitys"),
        ({"activities": [{"activity": "X", "object": "Nothing__c", "time": "CreatedDate"}]}, "Nothing__c"),
        ({"activities": [{"activity": "X", "time": "CreatedDate"}]}, "It needs `activity`"),
        ({"activities": [{"activity": "X", "object": "Lead", "time": "CreatedDate", "wen": {}}]}, "wen"),
        ({"objects": {"Lead": {"reaches": []}}}, "reaches"),
    ],
)
def test_a_mapping_that_is_not_understood_is_told(change, words, tmp_path):
    content = {"objects": {"Lead": {}, "Opportunity": {}}, "activities": []} | change
    file = tmp_path / "mine.yaml"
    file.write_text(yaml.safe_dump(content))
    with pytest.raises(L2CError, match=words):
        l2c.read(org(), mapping=file)


def test_an_empty_file_beside_others_is_named_and_passed_over(tmp_path):
    (tmp_path / "Opportunity.csv").write_text(DEAL.replace(" | ", ","))
    (tmp_path / "Account.csv").write_text(ACCOUNT.replace(" | ", ","))
    (tmp_path / "Campaign.csv").write_bytes(b"")
    (tmp_path / "Quote.csv").write_bytes(b"\xef\xbb\xbf\r\n")
    log = l2c.read(tmp_path)
    assert log.n_events == 1
    assert {"Campaign.csv is empty.", "Quote.csv is empty."} <= set(map(str, log.quality.notes))


def test_several_zips_are_one_export(tmp_path):
    import zipfile

    for number, (name, text) in enumerate([("Opportunity", DEAL), ("Account", ACCOUNT), ("User", USERS)]):
        with zipfile.ZipFile(tmp_path / f"WE_00D_{number}.ZIP", "w") as archive:
            archive.writestr(f"{name}.csv" if number else f"export/{name}/part-0.csv", text.replace(" | ", ","))
    for source in (tmp_path, sorted(tmp_path.iterdir())):
        log = l2c.read(source)
        assert (log.n_events, log.distinct("rep"), log.distinct("account")) == (1, ["Sato"], ["Acme"])


@pytest.mark.parametrize("name", ["OpportunityHistory.csv", "states.csv"])
def test_a_history_alone_is_a_log_of_stages(tmp_path, name):
    path = tmp_path / name
    path.write_text(
        "Id,OpportunityId,StageName,CreatedDate,Amount\n"
        "008A,006A,Open,2025-01-01T09:00:00Z,100\n008B,006A,Won,2025-01-09T09:00:00Z,100\n"
    )
    for source in (path, tmp_path):
        log = l2c.read(source)
        events = engine.collect(log.events.select("position", "case_id", "activity", "time")).sort_values("position")
        assert events["case_id"].unique().tolist() == ["006A"]
        told = list(zip(events["activity"], events["time"].dt.strftime("%m-%d"), strict=True))
        assert told == [("Opportunity Created", "01-01"), ("Closed Won", "01-09")]


def test_a_table_of_deals_with_the_same_columns_is_one_of_deals(tmp_path):
    path = tmp_path / "deals.csv"
    head = "opportunity_id,stage_name,created_date,close_date,product\n"
    rows = ["006A,Won,2025-01-01,2025-02-01,X", "006A,Won,2025-01-01,2025-02-01,Y", "006B,Open,2025-01-05,,X"]
    path.write_text(head + "\n".join(rows))
    log = l2c.read(path)
    assert (log.n_cases, log.distinct("stage")) == (2, ["Open", "Won"])


def test_files_that_are_no_object_are_named(tmp_path):
    for name, frame in org().items():
        frame.write_csv(tmp_path / f"{name}.csv")
    (tmp_path / "Budget.csv").write_text("Month,Sum\n1,2\n")
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 no zip")
    notes = [str(note) for note in l2c.read(tmp_path).quality.notes]
    assert any("Budget.csv was left out" in note for note in notes)
    assert any("broken.zip" in note for note in notes)


def test_an_unnamed_file_is_known_by_its_ids(tmp_path):
    org()["Opportunity"].write_csv(tmp_path / "Opportunity.csv")
    org()["Account"].write_csv(tmp_path / "Account.csv")
    text = "Id,OpportunityId,Field,OldValue,NewValue,CreatedDate\n"
    text += "017000000000001,006A,Owner,005A,005B,2025-01-02T09:00:00Z\n"
    (tmp_path / "bulkquery_750x.csv").write_text(text)
    assert "Owner Changed" in l2c.read(tmp_path).activities


def test_a_row_of_a_history_without_a_time_is_set_aside_and_changes_nothing():
    history = """Id | OpportunityId | StageName | Amount | CreatedDate
    008A | 006A | Open | 100 | 2025-01-01T09:00:00Z
    008B | 006A | Quote | 120 | someday
    008C | 006A | Talks | 100 | 2025-01-05T09:00:00Z
    008D | 006A | Talks | 100 |
    008E | 006A | Won | 100 | 2025-01-09T09:00:00Z"""
    deal = DEAL.replace("Open | false | false", "Won | true | true")
    stages = "Id | MasterLabel | IsClosed | IsWon | SortOrder\n" + "\n".join(
        f"01J{n} | {name} | {name == 'Won'} | {name == 'Won'} | {n}"
        for n, name in enumerate(["Open", "Talks", "Quote", "Won"])
    )
    tables = {"Opportunity": deal, "OpportunityHistory": history, "OpportunityStage": stages}
    # Without the two rows nothing else happened: no stage back, no amount raised or cut.
    assert [name for name, _ in told(**tables)] == ["Opportunity Created", "Stage: Talks", "Closed Won"]
    quality = l2c.read(org(**tables)).quality
    assert quality.reasons == {"no time": 1, "unreadable time": 1}
    assert quality.rows_read == quality.rows_used + len(quality.quarantine)
    assert set(quality.quarantine["object_type"]) == {"OpportunityHistory"}
    assert quality.objects.set_index("object_type").loc["OpportunityHistory", "used"] == 3


def test_a_deal_of_which_no_time_is_known_is_no_case_and_is_counted():
    deals = DEAL + "\n006B | soon | Open | false | false | | 005A | 50 | 001A"
    log = l2c.read(org(Opportunity=deals))
    assert log.n_cases == 1
    assert log.quality.reasons == {"no time": 1}
    assert log.quality.rows_read == log.quality.rows_used + 1


def test_the_first_touch_is_that_of_tasks_and_meetings_together():
    lead = "Id | CreatedDate | IsConverted\n00QA | 2025-01-01T09:00:00Z | false"
    # Without IsClosed, the status of a task tells whether it was done.
    tasks = """Id | WhoId | Status | CompletedDateTime
    00TA | 00QA | Completed | 2025-01-05T10:00:00Z
    00TB | 00QA | Not Started | 2025-01-03T10:00:00Z"""
    meeting = "Id | WhoId | StartDateTime\n00UA | 00QA | 2025-01-04T10:00:00Z"
    contacted = [("Lead Created", "01-01 09:00"), ("Lead Contacted", "01-05 10:00")]
    assert told(Opportunity="", Lead=lead, Task=tasks) == contacted
    contacted[1] = ("Lead Contacted", "01-04 10:00")
    assert told(Opportunity="", Lead=lead, Task=tasks, Event=meeting) == contacted


def test_fields_that_are_not_there_and_values_that_mean_nothing_are_named():
    lead = "Id | CreatedDate | IsConverted\n00QA | 2025-01-01T09:00:00Z | false"
    tasks = "Id | WhoId | CreatedDate\n00TA | 00QA | 2025-01-05T10:00:00Z"
    history = """Id | LeadId | Field | OldValue | NewValue | CreatedDate
    017A | 00QA | Status | Open | Angerufen | 2025-01-02T09:00:00Z
    017B | 00QA | Status | Angerufen | Qualified | 2025-01-03T09:00:00Z"""
    notes = [str(note) for note in l2c.read(org(Lead=lead, Task=tasks, LeadHistory=history)).quality.notes]
    assert "Task has no IsClosed: Lead Contacted cannot be told from it." in notes
    assert any(note.startswith("LeadHistory: these values of Status are no activity: Angerufen (1).") for note in notes)
    done = tasks.replace("CreatedDate", "CreatedDate | IsClosed").replace("10:00:00Z", "10:00:00Z | true")
    assert not any(str(note).startswith("Task has no") for note in l2c.read(org(Lead=lead, Task=done)).quality.notes)


def test_what_the_user_says_of_the_source_is_checked(tmp_path):
    two = DEAL.replace("AccountId", "AccountId | CurrencyIsoCode").replace("001A", "001A | EUR")
    two += "\n006B | 2025-01-02T09:00:00Z | Open | false | false | 2025-03-01 | 005A | 50 | 001A | USD"
    log = l2c.read(org(Opportunity=two), currency="eur")
    # The source knows better: its amounts are not all in euros, whatever the option says.
    assert (log.currency, log.currencies) == (None, ("EUR", "USD"))
    log = l2c.read(org(), currency="eur")
    assert log.currency == "EUR"
    with pytest.raises(L2CError, match="'EURO' is not a currency code"):
        l2c.read(org(), currency="EURO")
    with pytest.raises(L2CError, match="'foo' is not a form of dates"):
        l2c.read(org(), date_format="foo")
    (tmp_path / "cases.parquet").write_text("x")
    with pytest.raises(L2CError, match=r"a log is a folder, and .*cases\.parquet is a file"):
        log.save(tmp_path / "cases.parquet")


def test_an_export_without_deals_or_rows_says_so():
    lead = "Id | CreatedDate\n00QA | 2025-01-01T09:00:00Z"
    log = l2c.read(org(Opportunity="", Lead=lead) | {"Invoice": table("Id | OrderId\n").clear()})
    assert "There is no Opportunity in the source" in " ".join(map(str, log.quality.notes))
    assert "Invoice has a header and no rows." in map(str, log.quality.notes)


def test_a_date_is_not_moved_to_the_day_of_another_act():
    contracts = """Id | OpportunityId | CreatedDate | CustomerSignedDate | ActivatedDate
    800A | 006A | 2025-01-03T09:00:00Z | 2025-01-06 | 2025-01-07T10:00:00Z
    800B | 006A | 2025-01-03T09:00:00Z | 2025-01-08 | 2025-01-08T16:00:00Z"""
    events = engine.collect(l2c.read(org(Contract=contracts)).events)
    signed = events[events["activity"] == "Contract Signed"].sort_values("time")
    assert signed["precision"].tolist() == ["day", "second"]
    assert signed["time"].dt.strftime("%m-%d %H:%M").tolist() == ["01-06 00:00", "01-08 16:00"]
    # In Tokyo, the second contract was activated on the ninth, and a third one signed and activated on the tenth.
    contracts += "\n    800C | 006A | 2025-01-03T09:00:00Z | 2025-01-10 | 2025-01-09T23:00:00Z"
    events = engine.collect(l2c.read(org(Contract=contracts), time_zone="Asia/Tokyo").events)
    signed = events[events["activity"] == "Contract Signed"].set_index("record_id")
    assert signed["precision"].to_dict() == {"800A": "day", "800B": "day", "800C": "second"}


LEAD = "Id | CreatedDate | IsConverted | ConvertedDate | ConvertedOpportunityId | Status | LastModifiedDate"


def statuses(**tables):
    cases = engine.collect(l2c.read(org(**tables)).cases)
    return dict(zip(cases["case_id"], cases["status"], strict=True))


@pytest.mark.parametrize(
    "status",
    [
        "Unqualified",
        "closed – not  converted",
        "Closed-Not Converted",
        "Disqualified - No Budget",
        "不適格",
        "対象外（重複）",
    ],
)
def test_a_lead_ends_when_its_status_says_so(status):
    lead = f"{LEAD}\n00QA | 2025-01-01T09:00:00Z | false | | | {status} | 2025-02-01T09:00:00Z"
    history = f"""Id | LeadId | Field | OldValue | NewValue | CreatedDate
    017A | 00QA | Status | Open | Working | 2025-01-02T09:00:00Z
    017B | 00QA | Status | Working | {status} | 2025-01-03T09:00:00Z
    017C | 00QA | Status | {status} | Dead | 2025-01-09T09:00:00Z"""
    tables = {"Opportunity": "", "Lead": lead, "LeadHistory": history}
    # From one end to another is no second end.
    assert told(**tables) == [("Lead Created", "01-01 09:00"), ("Lead Disqualified", "01-03 09:00")]
    assert statuses(**tables) == {"00QA": "lead_lost"}
    notes = [str(note) for note in l2c.read(org(**tables)).quality.notes]
    assert any(note.startswith("LeadHistory: these values of Status are no activity: Working (1).") for note in notes)
    # Without its history the end is dated by the last change, and says so.
    del tables["LeadHistory"]
    events = engine.collect(l2c.read(org(**tables)).events).sort_values("position")
    assert events["activity"].tolist() == ["Lead Created", "Lead Disqualified"]
    assert events["approximate"].fillna(False).tolist() == [False, True]


@pytest.mark.parametrize("status", ["Recycled", "Nurturing", "Working - Contacted", "Closed - Converted", "Qualified"])
def test_a_lead_that_is_put_off_or_qualified_has_not_ended(status):
    lead = f"{LEAD}\n00QA | 2025-01-01T09:00:00Z | false | | | {status} | 2025-02-01T09:00:00Z"
    assert statuses(Opportunity="", Lead=lead) == {"00QA": "open"}


def test_the_end_of_a_lead_without_a_date_is_not_invented():
    lead = "Id | CreatedDate | Status\n00QA | 2025-01-01T09:00:00Z | Unqualified"
    log = l2c.read(org(Opportunity="", Lead=lead))
    assert engine.collect(log.cases)["status"].tolist() == ["open"]
    assert any("Lead has no LastModifiedDate: Lead Disqualified" in str(note) for note in log.quality.notes)
    # Where there is a history, that date is not wanted.
    history = (
        "Id | LeadId | Field | OldValue | NewValue | CreatedDate\n017 | 00QA | Owner | a | b | 2025-01-02T09:00:00Z"
    )
    notes = [str(note) for note in l2c.read(org(Opportunity="", Lead=lead, LeadHistory=history)).quality.notes]
    assert not any("LastModifiedDate" in note for note in notes)


def test_a_lead_that_was_converted_or_taken_up_again_is_not_lost():
    lead = f"""{LEAD}
    00QA | 2024-12-01T09:00:00Z | true | 2025-01-01 | 006A | Unqualified | 2025-02-01T09:00:00Z
    00QB | 2024-12-01T09:00:00Z | false | | | Working | 2025-02-01T09:00:00Z
    00QC | 2024-12-01T09:00:00Z | true | 2025-01-01 | | Closed - Not Converted | 2025-02-01T09:00:00Z"""
    history = """Id | LeadId | Field | OldValue | NewValue | CreatedDate
    017A | 00QA | Status | Open | Unqualified | 2024-12-02T09:00:00Z
    017B | 00QB | Status | Open | Unqualified | 2024-12-02T09:00:00Z
    017C | 00QB | Status | Unqualified | Working | 2024-12-09T09:00:00Z"""
    assert statuses(Lead=lead, LeadHistory=history) == {"006A": "open", "00QB": "open", "00QC": "open"}
    events = [name for name, _ in told(Opportunity="", Lead=lead, LeadHistory=history)]
    assert events.count("Lead Reopened") == 1
    # The deal keeps what happened to its lead.
    assert ("Lead Disqualified", "12-02 09:00") in told(Lead=lead, LeadHistory=history)
