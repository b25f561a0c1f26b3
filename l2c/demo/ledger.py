"""What stands in the records on the day of the export? Typed events, cut off at that day."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from l2c.demo import business as b
from l2c.demo.calendar import ORIGIN, UTC_OFFSET, day
from l2c.demo.chance import Codes, Flags, Floats
from l2c.demo.leads import LAST, account_name
from l2c.demo.world import World

STAGES = ("Qualification", "Proposal", "Negotiation", "Contract", "Closed Won", "Closed Lost")
QUALIFICATION, PROPOSAL, NEGOTIATION, CONTRACT, WON, LOST = range(len(STAGES))
OBJECTS = ("QT", "CT", "SO", "INV")
QUOTE, AGREEMENT, ORDER, INVOICE = range(len(OBJECTS))
SYSTEMS = ("Salesforce", "ERP")
NONE = -1
SECONDS_A_DAY = 86_400
FIRST_NUMBER = 100_000


@dataclass
class Ledger:
    """Collects events as codes; nothing after the last day is written down."""

    world: World
    activities: list[str] = field(default_factory=list)
    parts: list[dict[str, NDArray[np.int64]]] = field(default_factory=list)

    def write(
        self, activity: str, when: Floats, actor: int | Codes, stage: int | Codes = NONE, thing: int = NONE,
        number: int = 1, *, dated: bool = False, erp: bool = False,
    ) -> None:  # fmt: skip
        """Write an event of every case in which it happens before the export; `dated` ones have no time of day."""
        offset = np.zeros(len(when)) if dated else UTC_OFFSET[self.world.cases.region]
        end = day(LAST)
        case = np.flatnonzero(when - offset / 24 < end)
        local = np.floor(when[case]) if dated else when[case]
        second = np.floor(local * SECONDS_A_DAY).astype(np.int64) - (offset[case] * 3600).astype(np.int64)
        if activity not in self.activities:
            self.activities.append(activity)
        facts = {"activity": self.activities.index(activity), "thing": thing, "number": number, "dated": int(dated)}
        part = {name: np.full(len(case), value) for name, value in (facts | {"erp": int(erp)}).items()}
        part |= {"actor": _of(actor, case), "stage": _of(stage, case)}
        self.parts.append({"case": case, "second": second, **part})

    def codes(self) -> dict[str, NDArray[np.int64]]:
        """All events by time; the order within one second is left to chance, as in a real export."""
        joined = {name: np.concatenate([part[name] for part in self.parts]) for name in self.parts[0]}
        tie = self.world.chance.stream("order of export").random(len(joined["case"]))
        order = np.lexsort((tie, joined["second"]))
        return {name: column[order] for name, column in joined.items()}


def _of(codes: int | Codes, case: Codes) -> Codes:
    return np.full(len(case), codes) if isinstance(codes, int) else codes[case]


def events(world: World) -> pl.DataFrame:
    """Return the clean events under the ids of the vocabulary, by time, with the attributes of their case."""
    ledger = Ledger(world)
    _write_sales(ledger)
    _write_cash(ledger)
    codes = ledger.codes()
    has_thing = pl.col("thing") >= 0
    part = pl.when(pl.col("number") > 1).then(pl.format("-{}", "number")).otherwise(pl.lit(""))
    name = pl.format("{}-{}{}", _word("thing", OBJECTS), pl.col("case") + FIRST_NUMBER, part)
    start = int(ORIGIN.astype("datetime64[s]").astype(np.int64))
    happened = pl.DataFrame(codes).select(
        _word("activity", ledger.activities).alias("activity"),
        ((pl.col("second") + start) * 1_000_000).cast(pl.Datetime("us")).alias("time"),
        pl.when(pl.col("dated") == 1).then(pl.lit("day")).otherwise(pl.lit("second")).alias("precision"),
        _word("stage", STAGES).alias("stage"),
        _word("actor", b.ACTORS).alias("actor"),
        pl.when(has_thing).then(name).alias("object_id"),
        _word("erp", SYSTEMS).alias("source_system"),
    )
    closed = _closed(codes, ledger.activities, len(world.cases.region))
    return _cases(world, *closed)[codes["case"]].hstack(happened).select("case_id", *happened.columns, *ATTRIBUTES)


def _word(codes: str, words: tuple[str, ...] | list[str]) -> pl.Expr:
    """Turn a column of codes into words; NONE becomes null."""
    code = pl.when(pl.col(codes) >= 0).then(pl.col(codes))
    return pl.lit(pl.Series(words, dtype=pl.String)).gather(code)


def _write_sales(ledger: Ledger) -> None:
    cases, sales, chance = ledger.world.cases, ledger.world.sales, ledger.world.chance
    rep, region = cases.rep, cases.region
    web = np.isin(cases.source, (b.WEBSITE, b.PAID_SEARCH))
    own = chance.hits("approves own", 0.012)
    asker = np.where(own, rep, b.DISCOUNT_DESK + region)
    ledger.write("Lead Created", cases.lead, np.where(web, b.SYSTEM, rep))
    ledger.write("Lead Qualified", cases.qualified, rep)
    ledger.write("Lead Converted", np.where(np.isnan(cases.lead), np.nan, cases.opened), rep)
    ledger.write("Opportunity Created", cases.opened, rep, QUALIFICATION)
    ledger.write("Solution Proposed", sales.proposed, rep, PROPOSAL)
    ledger.write("Quote Created", sales.quoted, rep, PROPOSAL, QUOTE)
    ledger.write("Discount Approval Requested", sales.requested, rep, PROPOSAL, QUOTE)
    yes, no = (np.where(sales.refused_discount == refused, sales.decided, np.nan) for refused in (False, True))
    ledger.write("Discount Approved", yes, asker, PROPOSAL, QUOTE)
    ledger.write("Discount Rejected", no, b.DISCOUNT_DESK + region, PROPOSAL, QUOTE)
    for revised in (sales.cut, *sales.revised):
        ledger.write("Quote Revised", revised, rep, NEGOTIATION, QUOTE)
    for version, sent in enumerate(sales.sent):
        ledger.write("Quote Sent", sent, rep, NEGOTIATION if version else PROPOSAL, QUOTE)
    ledger.write("Quote Accepted", sales.accepted, rep, NEGOTIATION, QUOTE)
    ledger.write("Quote Rejected", sales.refused, rep, NEGOTIATION, QUOTE)
    ledger.write("Contract Created", sales.drafted, rep, CONTRACT, AGREEMENT)
    ledger.write("Contract Approval Requested", sales.submitted, rep, CONTRACT, AGREEMENT)
    ledger.write("Contract Approved", sales.approved, b.CONTRACT_DESK + region, CONTRACT, AGREEMENT)
    ledger.write("Contract Signed", sales.signed, rep, CONTRACT, AGREEMENT)
    ledger.write("Closed Won", sales.won, np.where(sales.won == sales.signed, b.SYSTEM, rep), WON)
    ledger.write("Closed Lost", sales.lost, rep, LOST)


def _write_cash(ledger: Ledger) -> None:
    cases, sales, cash = ledger.world.cases, ledger.world.sales, ledger.world.cash
    desk, receivables = b.ORDER_DESK + cases.region, b.RECEIVABLE_DESK + cases.region
    for order in cash.orders:
        stage = np.where(order.ordered < sales.won, CONTRACT, WON)
        ledger.write("Sales Order Created", order.ordered, desk, stage, ORDER, order.number, erp=True)
        for corrected in order.corrected:
            ledger.write("Order Corrected", corrected, desk, WON, ORDER, order.number, erp=True)
        ledger.write("Order Cancelled", order.cancelled, desk, WON, ORDER, order.number, erp=True)
        again = np.isnan(order.entered_again)
        ledger.write("Sales Order Created", order.entered_again, desk, WON, ORDER, order.number + 2, erp=True)
        for some, number in ((again, order.number), (~again, order.number + 2)):
            delivered = np.where(some, order.fulfilled, np.nan)
            ledger.write("Order Fulfilled", delivered, desk, WON, ORDER, number, erp=True)
            closed = np.where(some, cash.closed[order.number - 1], np.nan)
            ledger.write("Order Closed", closed, b.SYSTEM, WON, ORDER, number, erp=True)
    for invoice in cash.invoices:
        made = np.where(invoice.created == invoice.sent, b.SYSTEM, receivables)
        ledger.write("Invoice Created", invoice.created, made, WON, INVOICE, invoice.number, erp=True)
        ledger.write("Invoice Sent", invoice.sent, made, WON, INVOICE, invoice.number, erp=True)
        ledger.write("Invoice Corrected", invoice.corrected, receivables, WON, INVOICE, invoice.number, erp=True)
        for reminded in invoice.reminders:
            ledger.write("Payment Reminder Sent", reminded, receivables, WON, INVOICE, invoice.number, erp=True)
        ledger.write("Payment Received", invoice.paid, b.SYSTEM, WON, INVOICE, invoice.number, dated=True, erp=True)


ATTRIBUTES = (
    "rep",
    "region",
    "segment",
    "product",
    "lead_source",
    "account",
    "amount",
    "discount",
    "is_won",
    "loss_reason",
    "invoice_type",
    "payment_terms_days",
    "currency",
)


def _closed(codes: dict[str, NDArray[np.int64]], activities: list[str], cases: int) -> tuple[Flags, Flags, Flags]:
    """Which cases became a deal, were won, were lost, by the day of the export."""
    found = []
    for name in ("Opportunity Created", "Closed Won", "Closed Lost"):
        seen = np.zeros(cases, bool)
        if name in activities:
            seen[codes["case"][codes["activity"] == activities.index(name)]] = True
        found.append(seen)
    return found[0], found[1], found[2]


def _cases(world: World, deal: Flags, won: Flags, lost: Flags) -> pl.DataFrame:
    """Return the attributes of each case as they stand on the day of the export."""
    cases, sales, cash = world.cases, world.sales, world.cash
    reps = [rep.name for rep in b.REPS]
    pairs, which = np.unique(cases.account * len(b.REGIONS) + cases.region, return_inverse=True)
    accounts = [account_name(int(pair) // len(b.REGIONS), int(pair) % len(b.REGIONS)) for pair in pairs]
    words = {
        "rep": (reps, cases.rep),
        "region": (b.REGIONS, cases.region),
        "segment": (b.SEGMENTS, cases.segment),
        "product": (b.PRODUCTS, cases.product),
        "lead_source": (b.SOURCES, cases.source),
        "account": (accounts, which.reshape(-1)),
        "loss_reason": (b.LOSS_REASONS, np.where(lost, sales.reason, NONE)),
        "invoice_type": (b.INVOICE_TYPES, np.where(won, cash.invoice_type, NONE)),
    }
    frame = pl.DataFrame({name: codes for name, (_, codes) in words.items()}).with_columns(
        [_word(name, tuple(known)).alias(name) for name, (known, _) in words.items()]
    )
    facts = {
        "deal": deal,
        "amount": cases.amount,
        "discount": sales.discount,
        "is_won": won,
        "won": won,
        "payment_terms_days": cash.terms,
        "quoted": deal & ~np.isnan(sales.quoted),
    }
    known = pl.DataFrame(facts).select(
        pl.when("deal").then("amount").alias("amount"),
        pl.when("quoted").then("discount").alias("discount"),
        pl.when("deal").then("is_won").alias("is_won"),
        pl.when("won").then("payment_terms_days").alias("payment_terms_days"),
        pl.when("deal").then(pl.lit("USD")).alias("currency"),
    )
    return frame.hstack(known).with_columns(case_id=ids(deal))


BASE62 = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", np.uint8)
CHECK = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345", np.uint8)


def ids(deal: Flags) -> pl.Series:
    """Return ids as Salesforce makes them: 006 for deals, 00Q for leads, 15 characters and 3 that guard capitals."""
    number = np.arange(len(deal)) * 37 + 1_000_003  # records of other kinds take numbers too
    letters = np.empty((len(deal), 18), np.uint8)
    letters[:, :10] = np.where(deal[:, None], *(np.frombuffer(p, np.uint8) for p in (b"0065g00000", b"00Q5g00000")))
    for place in range(14, 9, -1):
        letters[:, place] = BASE62[number % 62]
        number = number // 62
    capital = ((letters[:, :15] >= ord("A")) & (letters[:, :15] <= ord("Z"))).reshape(-1, 3, 5)
    letters[:, 15:] = CHECK[(capital * (1 << np.arange(5))).sum(axis=2)]
    return pl.Series(letters.view("S18").reshape(-1).astype("U18"))
