"""What differs in the demo company without being wrong? Every further effect of its world, so that a right answer counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from l2c.demo import business as b
from l2c.demo import sales as s
from l2c.demo.calendar import month
from l2c.demo.chance import Flags, Floats
from l2c.demo.levels import of_group
from l2c.demo.planted import (
    Measured,
    Truth,
    answering,
    between,
    converted,
    delivery,
    in_group,
    paying,
    revisions,
    won,
)
from l2c.demo.world import World


class Difference(NamedTuple):
    """A table of the world by which groups differ: what of, in which step, and in which words."""

    table: str
    problem: int
    attribute: str
    labels: tuple[str, ...]
    start: str
    end: str
    kpi: str
    unit: str
    what: Measured
    en: str
    ja: str
    # The group whose difference is planted, and told elsewhere.
    planted: int | None = None


class Circumstance(NamedTuple):
    """A single effect that is no table: its id switches it off."""

    id: str
    problem: int
    attribute: str
    value: str
    start: str
    end: str
    kpi: str
    unit: str
    who: Callable[[World], Flags]
    what: Measured
    en: str
    ja: str
    cause: str = ""


def unproposed(w: World) -> tuple[Floats, Floats]:
    """Whether a quote is made without a proposal on record."""
    return np.where(np.isnan(w.sales.quoted), np.nan, np.isnan(w.sales.proposed)), w.sales.quoted


def posting(w: World) -> tuple[Floats, Floats]:
    """Days from the creation to the sending of the first invoice."""
    first = w.cash.invoices[0]
    return first.sent - first.created, first.sent


PROPOSING = between(lambda w: w.cases.opened, lambda w: w.sales.proposed)
SIGNING = between(lambda w: w.sales.accepted, lambda w: w.sales.signed)

DIFFERENCES = (
    Difference(
        "proposal", 1, "segment", b.SEGMENTS, "Opportunity Created", "Solution Proposed", "step_days", "day", PROPOSING,
        "Proposals for {value} take their own time.", "{value}の商談では、提案までにそれ相応の時間がかかります。",
    ),
    Difference(
        "accept", 1, "segment", b.SEGMENTS, "Quote Sent", "Quote Accepted", "step_days", "day", answering,
        "{value} customers take their own time to answer a quote.", "{value}の顧客は、見積への回答にそれ相応の時間をかけます。",
    ),
    Difference(
        "sign", 3, "segment", b.SEGMENTS, "Quote Accepted", "Contract Signed", "step_days", "day", SIGNING,
        "{value} customers take their own time to sign.", "{value}の顧客は、契約署名にそれ相応の時間をかけます。",
    ),
    Difference(
        "deliver", 1, "product", b.PRODUCTS, "Sales Order Created", "Order Fulfilled", "step_days", "day", delivery,
        "{value} takes its own time to deliver.", "{value}の納品には、それ相応の時間がかかります。",
    ),
    Difference(
        "terms", 4, "segment", b.SEGMENTS, "Invoice Sent", "Payment Received", "step_days", "day", paying,
        "{value} customers have payment terms of their own.", "{value}の顧客は支払条件が異なります。",
    ),
    Difference(
        "convert", 2, "lead_source", b.SOURCES[: len(b.CONVERSION)], "Lead Created", "Opportunity Created",
        "lead_conversion_incidence", "fraction", converted,
        "Leads from {value} convert at a rate of their own.", "{value}からのリードは、取引開始率が異なります。",
        b.PURCHASED_LIST,
    ),
    Difference(
        "win by segment", 9, "segment", b.SEGMENTS, "", "", "win_rate_incidence", "fraction", won,
        "{value} deals are won at a rate of their own.", "{value}の商談は受注率が異なります。",
    ),
    Difference(
        "win by source", 9, "lead_source", b.SOURCES, "", "", "win_rate_incidence", "fraction", won,
        "Deals from {value} are won at a rate of their own.", "{value}からの商談は受注率が異なります。",
    ),
    Difference(
        "win by product", 9, "product", b.PRODUCTS, "", "", "win_rate_incidence", "fraction", won,
        "Deals of {value} are won at a rate of their own.", "{value}の商談は受注率が異なります。",
    ),
    Difference(
        "revise", 11, "segment", b.SEGMENTS, "Quote Sent", "Quote Revised", "quote_rounds", "count", revisions,
        "Quotes for {value} are revised as often as is usual there.", "{value}の見積の修正回数は、その区分では普通です。",
        b.ENTERPRISE,
    ),
    Difference(
        "no proposal", 10, "segment", b.SEGMENTS, "Opportunity Created", "Quote Created", "skipped_stage", "fraction",
        unproposed,
        "Quotes for {value} are made without a proposal on record at a rate of their own.",
        "{value}では、提案の記録なしに見積が作られる割合が異なります。",
    ),
)  # fmt: skip

CIRCUMSTANCES = (
    Circumstance(
        "holidays", 1, "opened", "07, 08, 12", "Opportunity Created", "Solution Proposed", "step_days", "day",
        lambda w: np.isin(month(w.cases.opened), s.HOLIDAYS), PROPOSING,
        "Customers of deals opened in July, August and December take a fifth longer.",
        "7月・8月・12月に作成された商談では、顧客の対応に2割長くかかります。",
    ),
    Circumstance(
        "quarter_ends", 3, "signed", "", "Quote Accepted", "Contract Signed", "step_days", "day",
        lambda w: ~np.isnan(w.sales.signed), SIGNING,
        "Some signatures of a quarter's first days are pulled into the quarter before.",
        "四半期初めの署名の一部は、前の四半期末に前倒しされます。",
    ),
    Circumstance(
        "approval", 3, "segment", b.SEGMENTS[b.ENTERPRISE], "Quote Accepted", "Contract Signed", "step_days", "day",
        lambda w: w.cases.segment == b.ENTERPRISE, SIGNING,
        "Every contract with an enterprise needs an approval, whatever its amount.",
        "エンタープライズとの契約は、金額にかかわらず承認が必要です。",
    ),
    Circumstance(
        "asking", 8, "discount", "> 0.10", "Quote Created", "Quote Sent", "step_days", "day",
        lambda w: ~np.isnan(w.sales.requested), between(lambda w: w.sales.quoted, lambda w: w.sales.sent[0]),
        "Quotes with a discount of more than a tenth wait for its approval.", "1割を超える割引の見積は承認を待ちます。",
    ),
    *(
        Circumstance(
            f"online: {source}", 1, "lead_source", b.SOURCES[source], "Lead Created", "Lead Qualified", "step_days", "day",
            in_group("source", source), between(lambda w: w.cases.lead, lambda w: w.cases.qualified),
            f"Leads from {b.SOURCES[source]} come at night and on weekends too, and wait for the morning.",
            f"{b.SOURCES[source]}からのリードは夜間や週末にも届き、翌営業日まで待ちます。",
            "online",
        )
        for source in (b.WEBSITE, b.PAID_SEARCH)
    ),
    Circumstance(
        "electronic", 1, "invoice_type", b.INVOICE_TYPES[b.ELECTRONIC], "Invoice Created", "Invoice Sent", "step_days",
        "day", lambda w: w.cash.invoice_type == b.ELECTRONIC, posting,
        "Electronic invoices are sent as soon as they are made.", "電子請求書は作成と同時に送付されます。",
    ),
    Circumstance(
        "size", 9, "amount", "", "", "", "win_rate_incidence", "fraction", lambda w: w.cases.amount > _usual(w), won,
        "Deals larger than is usual in their segment are won less often.",
        "その区分の中央値より大きい商談は、受注率が低くなります。",
    ),
)  # fmt: skip


def _usual(w: World) -> Floats:
    found: Floats = b.MEDIAN_AMOUNT[w.cases.segment]
    return found


CODES = {"segment": "segment", "product": "product", "lead_source": "source"}


def backgrounds() -> Iterator[Truth]:
    """What differs and has always been so: every group of every table that is not planted, and what else there is."""
    for table in DIFFERENCES:
        for code, label in enumerate(table.labels):
            if code != table.planted:
                yield Truth(
                    of_group(table.table, code), table.problem, "background", table.attribute, label,
                    table.start, table.end, table.unit, table.en.format(value=label), table.ja.format(value=label),
                    in_group(CODES[table.attribute], code), table.what, table.kpi,
                )  # fmt: skip
    for one in CIRCUMSTANCES:
        yield Truth(
            one.id, one.problem, "background", one.attribute, one.value, one.start, one.end, one.unit,
            one.en, one.ja, one.who, one.what, one.kpi, one.cause,
        )  # fmt: skip
