"""An org of fifty deals written by hand, with the events that a careful person would read from it."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

START = datetime(2025, 1, 6, 9)
STAGES = [
    ("発掘", False, False, 1),
    ("提案", False, False, 2),
    ("交渉", False, False, 3),
    ("成約", True, True, 4),
    ("見送り", True, False, 5),
]


class HandMade:
    """Tables as they would be exported, and the events expected of them as `(case, activity, time)`."""

    def __init__(self) -> None:
        self.tables: dict[str, list[dict]] = {}
        self.expected: list[tuple[str, str, datetime]] = []
        self.number = 0
        for name, closed, won, order in STAGES:
            self.add("OpportunityStage", MasterLabel=name, IsClosed=closed, IsWon=won, SortOrder=order)
        for n, name in enumerate(("Sato", "Kim", "Kim", "Weber")):
            self.tables.setdefault("User", []).append({"Id": f"005{n:012d}", "Name": name, "IsActive": n < 2})
        for n, country in enumerate(("Japan", "Germany")):
            self.add("Account", Name=f"Firm {n}", BillingCountry=country, id=f"001{n:012d}")
        for n, family in enumerate(("GTXPro", "GTX Pro", "Basic")):
            self.tables.setdefault("Product2", []).append({"Id": f"01t{n:012d}", "Name": f"P{n}", "Family": family})
        for k in range(50):
            self.deal(k)

    def add(self, table: str, *, id: str | None = None, at: datetime | None = None, **cells) -> str:
        self.number += 1
        record = {"Id": id or f"{table[:3].upper()}{self.number:012d}"}
        if at is not None:
            record["CreatedDate"] = written(at)
            record["CreatedById"] = f"005{self.number % 4:012d}"
        record |= {"IsDeleted": "false"} | {k: written(v) for k, v in cells.items()}
        self.tables.setdefault(table, []).append(record)
        return record["Id"]

    def expect(self, case: str, activity: str, at: datetime) -> None:
        self.expected.append((case, activity, at))

    def deal(self, k: int) -> None:
        """One deal; what is special about it depends on its number."""
        opened = START + timedelta(days=3 * k)
        deal = f"006{k:012d}"
        account = f"001{k % 2:012d}"
        self.lead(k, deal, opened)
        won = k % 3 != 0
        at = self.stages(k, deal, opened, won)
        contract = None
        if k % 2 == 0:
            contract = self.add(
                "Contract", at=at - timedelta(days=1), ActivatedDate=at - timedelta(hours=2), AccountId=account
            )
            self.expect(deal, "Contract Created", at - timedelta(days=1))
            self.expect(deal, "Contract Signed", at - timedelta(hours=2))
        self.add(
            "Opportunity", id=deal, at=opened, AccountId=account, OwnerId=f"005{k % 4:012d}", Amount=1000 + k,
            StageName="成約" if won else "見送り", IsClosed=True, IsWon=won, CloseDate=at.date(), ContractId=contract,
            Region__c="EMEA" if k % 2 else "APAC",
        )  # fmt: skip
        self.expect(deal, "Opportunity Created", opened)
        self.quotes(k, deal, opened)
        if k % 5 == 0:
            moved = opened + timedelta(days=2, hours=1)
            self.owner(deal, moved, k)
        self.lines(k, deal)
        if won:
            self.cash(k, deal, at, contract)

    def lead(self, k: int, deal: str, opened: datetime) -> None:
        if k % 4 == 3:
            return
        at = opened - timedelta(days=5)
        same_day = k % 4 == 1
        cells = {"ConvertedDate": opened.date(), "ConvertedOpportunityId": deal, "IsConverted": True, "Company": "x"}
        lead = self.add("Lead", at=at, **cells)
        self.expect(deal, "Lead Created", at)
        if same_day:
            # No history: the date is sharpened by the creation of the opportunity on the same day.
            self.expect(deal, "Lead Converted", opened)
        else:
            moment = opened - timedelta(seconds=1)
            self.add(
                "LeadHistory",
                at=at + timedelta(days=1),
                LeadId=lead,
                Field="Status",
                OldValue="New",
                NewValue="Qualified",
            )
            self.add("LeadHistory", at=moment, LeadId=lead, Field="leadConverted")
            self.expect(deal, "Lead Qualified", at + timedelta(days=1))
            self.expect(deal, "Lead Converted", moment)
        if k % 10 == 0:
            # A second lead of the same deal, and one that became none.
            other = at - timedelta(days=1)
            self.add("Lead", at=other, **cells)
            self.expect(deal, "Lead Created", other)
            self.expect(deal, "Lead Converted", opened)
            alone = self.add("Lead", at=other, IsConverted=False, Company="y")
            self.expect(alone, "Lead Created", other)

    def stages(self, k: int, deal: str, opened: datetime, won: bool) -> datetime:
        """Snapshots: a row whenever amount, probability, stage or close date changes."""
        amount, close = 1100 + k, opened + timedelta(days=60)
        last = "発掘"

        def row(day: float, stage: str, probability: int) -> datetime:
            moment = opened + timedelta(days=day)
            self.add(
                "OpportunityHistory", at=moment, OpportunityId=deal, StageName=stage, Amount=amount, CloseDate=close.date(),
                Probability=probability,
            )  # fmt: skip
            return moment

        row(0, "発掘", 10)
        row(1, "発掘", 20)  # only the probability: no event
        # The vocabulary has a name for this stage, and no other object tells of it.
        self.expect(deal, "Solution Proposed", row(3, "提案", 40))
        if k % 6 == 1:
            close += timedelta(days=30)
            self.expect(deal, "Close Date Pushed", row(4, "提案", 40))
        if k % 7 == 2:
            self.expect(deal, "Stage: 交渉", row(5, "交渉", 70))
            self.expect(deal, "Stage Moved Back", row(6, "提案", 40))
        amount -= 100
        self.expect(deal, "Amount Cut", row(8, "提案", 40))
        if k % 11 == 4:
            self.expect(deal, "Closed Lost", row(9, "見送り", 0))
            self.expect(deal, "Opportunity Reopened", row(10, "提案", 40))
        last = "成約" if won else "見送り"
        at = row(15, last, 100 if won else 0)
        self.expect(deal, "Closed Won" if won else "Closed Lost", at)
        return at

    def owner(self, deal: str, at: datetime, k: int) -> None:
        """Salesforce writes two rows for one change of a reference: one with names, one with ids."""
        rows = [("Kim", "Sato"), (f"005{(k + 1) % 4:012d}", f"005{k % 4:012d}")]
        for old, new in rows:
            record = {
                "Id": f"017{self.number:012d}{len(old)}",
                "OpportunityId": deal,
                "Field": "Owner",
                "OldValue": old,
            }
            record |= {
                "NewValue": new,
                "CreatedDate": written(at),
                "CreatedById": "005000000000000",
                "IsDeleted": "false",
            }
            self.tables.setdefault("OpportunityFieldHistory", []).append(record)
        self.number += 1
        self.expect(deal, "Owner Changed", at)

    def quotes(self, k: int, deal: str, opened: datetime) -> None:
        for n in range(1 + (k % 4 == 0)):
            made = opened + timedelta(days=4 + n, hours=n)
            answered = made + timedelta(days=4)
            quote = self.add(
                "Quote", at=made, OpportunityId=deal, Status="Accepted", Discount=5 * n + k % 5, IsSyncing=n == 0,
                LastModifiedDate=answered + timedelta(hours=3),
            )  # fmt: skip
            self.expect(deal, "Quote Created", made)
            if k % 5 == 2:
                # No history: the time is that of the last change.
                self.expect(deal, "Quote Accepted", answered + timedelta(hours=3))
                continue
            for hours, old, new, activity in (
                (24, "Draft", "Presented", "Quote Sent"),
                (48, "Presented", "Draft", "Quote Revised"),
                (72, "Draft", "Presented", "Quote Sent"),
                (96, "Presented", "Accepted", "Quote Accepted"),
            ):
                moment = made + timedelta(hours=hours)
                self.add("QuoteHistory", at=moment, QuoteId=quote, Field="Status", OldValue=old, NewValue=new)
                self.expect(deal, activity, moment)
            if k % 3 == 0:
                self.approval(k, deal, quote, made + timedelta(hours=2))

    def approval(self, k: int, deal: str, quote: str, at: datetime) -> None:
        """Two steps; the request is approved with the second one, or recalled."""
        recalled = k % 6 == 0
        process = self.add("ProcessInstance", at=at, TargetObjectId=quote, Status="Removed" if recalled else "Approved")
        for hours, step, who in ((0, "Started", 1), (2, "Approved", 2), (4, "Removed" if recalled else "Approved", 3)):
            self.add(
                "ProcessInstanceStep", at=at + timedelta(hours=hours), ProcessInstanceId=process, StepStatus=step,
                ActorId=f"005{who:012d}",
            )  # fmt: skip
        self.expect(deal, "Discount Approval Requested", at)
        self.expect(deal, "Approval Step Passed", at + timedelta(hours=2))
        self.expect(deal, "Approval Recalled" if recalled else "Discount Approved", at + timedelta(hours=4))

    def lines(self, k: int, deal: str) -> None:
        for n, price in enumerate((600 + k, 400)):
            product = f"01t{(k + n) % 3:012d}"
            self.add(
                "OpportunityLineItem",
                OpportunityId=deal,
                Product2Id=product,
                TotalPrice=price,
                Quantity=1,
                ListPrice=price,
            )

    def cash(self, k: int, deal: str, at: datetime, contract: str | None) -> None:
        ordered = at + timedelta(days=1)
        by_contract = contract is not None and k % 4 == 2
        order = self.add(
            "Order", at=ordered, OpportunityId=None if by_contract else deal, ContractId=contract, Status="Activated",
            ActivatedDate=ordered + timedelta(hours=5),
        )  # fmt: skip
        self.expect(deal, "Sales Order Created", ordered)
        self.expect(deal, "Order Activated", ordered + timedelta(hours=5))
        for hours, field, old, new, activity in (
            (2, "EffectiveDate", "a", "b", None),  # before it was in force: a draft, no correction
            (30, "Description", "a", "b", "Order Corrected"),
            (30, "PoNumber", "1", "2", None),  # saved together with the line above
            (90, "Status", "Activated", "Fulfilled", "Order Fulfilled"),
        ):
            if activity == "Order Corrected" and k % 5:
                continue
            if field == "PoNumber" and k % 5:
                continue
            moment = ordered + timedelta(hours=hours)
            self.add("OrderHistory", at=moment, OrderId=order, Field=field, OldValue=old, NewValue=new)
            if activity:
                self.expect(deal, activity, moment)
        invoices = []
        for n in range(1 + (k % 2)):
            sent = ordered + timedelta(days=5 + n)
            cells = {"InvoiceDate": sent, "DueDate": (sent + timedelta(days=30)).date(), "TotalAmountWithTax": 500}
            made = sent - timedelta(hours=1, minutes=n)
            invoices.append(self.add("Invoice", at=made, ReferenceEntityId=order, Status="Posted", **cells))
            self.expect(deal, "Invoice Created", made)
            self.expect(deal, "Invoice Sent", sent)
        paid = ordered + timedelta(days=40)
        payment = self.add("Payment", at=paid, Amount=500 * len(invoices), Status="Processed")
        for n, invoice in enumerate(invoices):
            for part, share in ((0, 200), (1, 300)):
                moment = paid + timedelta(days=part, minutes=n)
                self.add(
                    "PaymentLineInvoice", at=moment, PaymentId=payment, InvoiceId=invoice, Amount=share, AppliedDate=moment,
                    Type="Applied",
                )  # fmt: skip
                self.expect(deal, "Payment Received" if part else "Partial Payment Received", moment)

    def frames(self) -> dict[str, pl.DataFrame]:
        """The tables as data frames of text."""
        return {
            name: pl.DataFrame(rows, infer_schema_length=None).cast(pl.String) for name, rows in self.tables.items()
        }


def written(value):
    """A value as Data Loader writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return None if value is None else str(value)
