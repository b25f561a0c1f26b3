"""What the status of a record of an org says has happened: nothing that is not known to have."""

import polars as pl
import pytest

import l2c
from l2c import engine
from l2c.words.errors import L2CError

DEAL = {"Id": "006A", "CreatedDate": "2025-01-01T09:00:00Z", "StageName": "Won", "IsClosed": "true", "IsWon": "true"}
DEAL |= {"CloseDate": "2025-01-20"}


def org(**records):
    """Records by object, each a list of dictionaries, beside one deal that was won."""
    return {name: pl.DataFrame(rows) for name, rows in ({"Opportunity": [DEAL]} | records).items()}


def invoice(**more):
    return {"Id": "3ttA", "OpportunityId": "006A", "InvoiceDate": "2025-02-01", "CreatedDate": "2025-02-01"} | more


def activities(log):
    return set(engine.collect(log.events)["activity"])


def notes(log):
    return "\n".join(map(str, log.quality.notes))


@pytest.mark.parametrize("status", ["Posted", "Gebucht", "Payée", "Vencida", "未入金", "已付款", "연체", "Voided"])
def test_an_invoice_is_sent_where_its_status_says_so_in_any_language(status):
    assert "Invoice Sent" in activities(l2c.read(org(Invoice=[invoice(Status=status)])))


@pytest.mark.parametrize(
    "status", ["Draft", "Entwurf", "Brouillon", "Storniert", "Fehlgeschlagen", "Rausgegangen", None]
)
def test_an_invoice_of_another_status_is_not_sent_and_is_named(status):
    log = l2c.read(org(Invoice=[invoice(Status=status)]))
    assert "Invoice Sent" not in activities(log)
    named = f"whose Status is {status or '–'} (1)"
    assert (named if status != "Storniert" else "Storniert (1) = Invoice Cancelled") in notes(log)


@pytest.mark.parametrize("field", ["Status__c", "State__c", "Payment_Status__c", "Statut__c"])
@pytest.mark.parametrize(
    ("status", "paid"), [("Failed", False), ("Declined", False), ("Échoué", False), ("Réussi", True)]
)
def test_a_status_field_of_ones_own_is_read_like_the_standard_one(field, status, paid):
    payment = {"Id": "p1", "Invoice__c": "3ttA", "Payment_Date__c": "2025-03-01", "Amount__c": "9", field: status}
    log = l2c.read(org(Invoice__c=[invoice(Status__c="Posted")], Payment__c=[payment]))
    assert ("Payment Received" in activities(log)) == paid
    assert (f"{field} is {status} (1)" in notes(log)) != paid


def test_payments_without_any_status_count_and_that_is_said():
    payment = {"Id": "p1", "Invoice__c": "3ttA", "Payment_Date__c": "2025-03-01", "Amount__c": "9"}
    log = l2c.read(org(Invoice__c=[invoice(Status__c="Posted")], Payment__c=[payment]))
    assert "Payment Received" in activities(log)
    assert "Payment has no Status: each of its 1 rows that has a date counts (Payment Received)" in notes(log)


def test_a_cancelled_invoice_was_sent_only_where_it_was_posted():
    posted = invoice(Status="Canceled", LastModifiedDate="2025-02-09", PostedDate="2025-02-02")
    drafted = posted | {"PostedDate": None}
    assert {"Invoice Sent", "Invoice Cancelled"} <= activities(l2c.read(org(Invoice=[posted])))
    assert activities(l2c.read(org(Invoice=[drafted]))) & {"Invoice Sent", "Invoice Cancelled"} == {"Invoice Cancelled"}


def test_statuses_of_other_languages_are_told_with_what_they_were_taken_for():
    quote = {"Id": "0Q0A", "OpportunityId": "006A", "CreatedDate": "2025-01-02", "LastModifiedDate": "2025-01-09"}
    quotes = [quote | {"Status": "Angenommen"}, quote | {"Id": "0Q0B", "Status": "Irgendwas"}]
    log = l2c.read(org(Quote=quotes))
    assert "Quote Accepted" in activities(log)
    assert "Quote: Status was read by its words: Angenommen (1) = Quote Accepted" in notes(log)
    assert "records whose Status is Irgendwas (1)" in notes(log)


def rules(when):
    made = [
        {"activity": "Opportunity Created", "object": "Opportunity", "time": "CreatedDate"},
        {"activity": "Invoice Sent", "object": "Invoice", "when": {"Status": when}, "time": "InvoiceDate"},
    ]
    return {"objects": {"Opportunity": {}, "Invoice": {"reach": ["OpportunityId"]}}, "activities": made}


@pytest.mark.parametrize(
    ("when", "sent"),
    [
        (["Mailed"], True),
        ({"not": ["Draft"]}, True),
        (["<sent>"], False),
        (["<sent>", "Mailed"], True),
        ("<absent>", False),
    ],
)
def test_a_mapping_of_ones_own_decides(when, sent):
    log = l2c.read(org(Invoice=[invoice(Status="Mailed")]), mapping=rules(when))
    assert ("Invoice Sent" in activities(log)) == sent


def test_a_state_that_nobody_knows_is_refused():
    with pytest.raises(L2CError, match="Status holds '<posted twice>', and should be a state: draft"):
        l2c.read(org(Invoice=[invoice(Status="Mailed")]), mapping=rules("<posted twice>"))
