"""What is wrong in the demo company: twelve faults, one strength and one innocent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from l2c.demo import business as b
from l2c.demo.calendar import ASEAN, DACH, JAPAN, UK, day
from l2c.demo.chance import Flags, Floats
from l2c.demo.sales import DRIFT
from l2c.demo.world import World

Measured = Callable[[World], tuple[Floats, Floats]]


@dataclass(frozen=True)
class Truth:
    """One thing that is true of the company, planted or not.

    Attributes
    ----------
    id
        Its name.
    problem
        Which of the eleven problems of the kit's plan it belongs to.
    kind
        `slow`, `drift`, `batch`, `convert`, `late`, `violation`, `error`, `rework`, `discount`, `rep`, or, for what
        is no fault, `strength`, `decoy` and `background` (what differs, and has always been so).
    attribute, value
        Which cases it strikes.
    start, end
        The step it concerns; empty where it concerns none.
    unit
        `day`, `fraction` or `count`.
    who, what
        The cases struck; for every case the value that it changes (NaN where there is none) and when it was known.
    kpi
        The measure, or the rule, by which the kit tells it.
    cause
        What switches it off, where that is not its id.
    """

    id: str
    problem: int
    kind: str
    attribute: str
    value: str
    start: str
    end: str
    unit: str
    en: str
    ja: str
    who: Callable[[World], Flags]
    what: Callable[[World], tuple[Floats, Floats]]
    kpi: str = "step_days"
    cause: str = ""


def between(start: Callable[[World], Floats], end: Callable[[World], Floats]) -> Measured:
    """Days of a step, and when they were known."""
    return lambda w: (end(w) - start(w), end(w))


def won(w: World) -> tuple[Floats, Floats]:
    """Whether a deal is won."""
    return np.where(np.isnan(w.cases.opened), np.nan, w.sales.wins), np.fmin(w.sales.won, w.sales.lost)


def converted(w: World) -> tuple[Floats, Floats]:
    """Whether a lead becomes a deal; known when it does, or once nearly all that do have done so."""
    return np.where(np.isnan(w.cases.lead), np.nan, ~np.isnan(w.cases.opened)), w.cases.lead


def revisions(w: World) -> tuple[Floats, Floats]:
    """How often the quote is revised."""
    sent = w.sales.sent[0]
    return np.where(np.isnan(sent), np.nan, w.sales.revisions), sent


def paying(w: World) -> tuple[Floats, Floats]:
    """Days to the payment of the first invoice."""
    first = w.cash.invoices[0]
    return first.paid - first.sent, first.paid


def answering(w: World) -> tuple[Floats, Floats]:
    """Days from the first quote to its acceptance."""
    return w.sales.accepted - w.sales.sent[0], w.sales.accepted


def delivery(w: World) -> tuple[Floats, Floats]:
    """Days from the first order to its delivery."""
    first = w.cash.orders[0]
    return first.fulfilled - first.ordered, first.fulfilled


def _won_on_quote(world: World) -> tuple[Floats, Floats]:
    value, known = won(world)
    return np.where(np.isnan(world.sales.quoted), np.nan, value), known


def _without_contract(world: World) -> tuple[Floats, Floats]:
    sales = world.sales
    return np.where(np.isnan(sales.won), np.nan, np.isnan(sales.signed)), sales.won


def _ordered_early(world: World) -> tuple[Floats, Floats]:
    signed = world.sales.signed
    return np.where(np.isnan(signed), np.nan, world.cash.orders[0].ordered < signed), signed


def _paid_late(world: World) -> tuple[Floats, Floats]:
    first = world.cash.invoices[0]
    late = np.isnan(first.paid) | (np.floor(first.paid) > first.due)
    return np.where(np.isnan(first.sent), np.nan, late), np.fmin(first.paid, first.due + 1)


def _quote_rework(world: World) -> tuple[Floats, Floats]:
    sales = world.sales
    again = (sales.revisions > 0) | ~np.isnan(sales.refused)
    return np.where(np.isnan(sales.sent[0]), np.nan, again), np.fmin(sales.won, sales.lost)


def _order_error(world: World) -> tuple[Floats, Floats]:
    ordered = world.cash.orders[0].ordered
    error = np.any([order.error for order in world.cash.orders], axis=0)
    return np.where(np.isnan(ordered), np.nan, error), ordered


def in_group(name: str, code: int) -> Callable[[World], Flags]:
    """Cases whose attribute has a code."""
    return lambda world: getattr(world.cases, name) == code


TRUTHS = (
    Truth(
        "slow_proposals", 1, "drift", "opened", DRIFT, "Opportunity Created", "Solution Proposed", "day",
        "Deals opened since 5 January 2026 wait almost twice as long for their proposal: the pre-sales team was cut.",
        "2026年1月5日以降に作成された商談は、提案までほぼ2倍の時間がかかります。プリセールス部門が縮小されました。",
        lambda w: w.cases.opened >= day(DRIFT),
        between(lambda w: w.cases.opened, lambda w: w.sales.proposed),
    ),
    Truth(
        "purchased_list", 2, "convert", "lead_source", b.SOURCES[b.PURCHASED_LIST], "Lead Created",
        "Opportunity Created", "fraction",
        "Leads from purchased lists hardly ever become opportunities.",
        "購入リストからのリードは、ほとんど商談になりません。",
        in_group("source", b.PURCHASED_LIST),
        converted,
        "lead_conversion_incidence",
    ),
    Truth(
        "slow_contract", 3, "slow", "region", b.REGIONS[UK], "Quote Accepted", "Contract Signed", "day",
        "In the UK a legal review more than doubles the time customers take to sign the contract.",
        "英国では法務審査のため、契約署名までの期間が2倍以上になります。",
        in_group("region", UK),
        between(lambda w: w.sales.accepted, lambda w: w.sales.signed),
    ),
    Truth(
        "late_paper", 4, "late", "invoice_type", b.INVOICE_TYPES[b.PAPER], "Invoice Sent", "Payment Received", "day",
        "Paper invoices are paid late three times as often as others, and later.",
        "紙の請求書は他の3倍の頻度で支払いが遅れ、遅れも長くなります。",
        lambda w: w.cash.invoice_type == b.PAPER,
        paying,
    ),
    Truth(
        "late_paper_share", 4, "late", "invoice_type", b.INVOICE_TYPES[b.PAPER], "Invoice Sent", "Payment Received",
        "fraction",
        "Paper invoices are paid late three times as often as others: the same fault as a share.",
        "紙の請求書は他の3倍の頻度で支払いが遅れます（同じ問題を割合で表したもの）。",
        lambda w: w.cash.invoice_type == b.PAPER,
        _paid_late,
        "late_payment_incidence",
        "late_paper",
    ),
    Truth(
        "early_orders", 5, "violation", "region", b.REGIONS[ASEAN], "Contract Signed", "Sales Order Created",
        "fraction",
        "In ASEAN two of five orders are entered before the contract is signed.",
        "ASEANでは注文の5件に2件が、契約締結前に登録されます。",
        in_group("region", ASEAN),
        _ordered_early,
        "order_before_contract",
    ),
    Truth(
        "early_orders_wait", 5, "violation", "region", b.REGIONS[ASEAN], "Sales Order Created", "Order Fulfilled", "day",
        "Orders that are entered too early wait longer for their delivery: the same fault in days.",
        "早すぎる注文は納品までの待ちが長くなります（同じ問題を日数で表したもの）。",
        in_group("region", ASEAN),
        delivery,
        "step_days",
        "early_orders",
    ),
    Truth(
        "order_errors", 6, "error", "product", b.PRODUCTS[b.EDGE_DEVICES], "Sales Order Created", "Order Corrected",
        "fraction",
        "Orders of Edge Devices have to be corrected or cancelled five times as often as others.",
        "Edge Devicesの注文は、修正・取消が他の5倍の頻度で発生します。",
        in_group("product", b.EDGE_DEVICES),
        _order_error,
        "order_error_rate",
    ),
    Truth(
        "order_errors_wait", 6, "error", "product", b.PRODUCTS[b.EDGE_DEVICES], "Sales Order Created", "Order Fulfilled",
        "day",
        "Orders that have to be corrected are delivered later: the same fault in days.",
        "修正が必要な注文は納品が遅れます（同じ問題を日数で表したもの）。",
        in_group("product", b.EDGE_DEVICES),
        delivery,
        "step_days",
        "order_errors",
    ),
    Truth(
        "idle_discounts", 7, "discount", "discount", "", "", "", "fraction",
        "Discounts follow the size of the deal and help nobody to win; large deals are lost more often, so discounts "
        "even seem to do harm.",
        "割引率は商談規模に連動するだけで、受注には寄与しません。大型商談ほど失注しやすいため、割引が有害にさえ見えます。",
        lambda w: ~np.isnan(w.sales.quoted),
        _won_on_quote,
        "discount",
    ),
    Truth(
        "slow_approver", 8, "slow", "region", b.REGIONS[JAPAN], "Discount Approval Requested", "Discount Approved",
        "day",
        f"In Japan {b.DISCOUNT_APPROVERS[JAPAN]} takes three times as long as others to decide on a discount.",
        f"日本では{b.DISCOUNT_APPROVERS[JAPAN]}による割引承認に、他地域の3倍の時間がかかります。",
        in_group("region", JAPAN),
        between(lambda w: w.sales.requested, lambda w: w.sales.decided),
    ),
    Truth(
        "friday_approver", 8, "batch", "region", b.REGIONS[DACH], "Contract Approval Requested", "Contract Approved",
        "day",
        f"In DACH {b.CONTRACT_APPROVERS[DACH]} approves contracts on Friday afternoons only.",
        f"DACHでは{b.CONTRACT_APPROVERS[DACH]}が金曜日の午後にしか契約を承認しません。",
        in_group("region", DACH),
        between(lambda w: w.sales.submitted, lambda w: w.sales.approved),
    ),
    Truth(
        "weak_rep", 9, "rep", "rep", b.REPS[b.WEAK].name, "", "", "fraction",
        f"{b.REPS[b.WEAK].name} wins far less than the deals would allow; small, easy deals hide it.",
        f"{b.REPS[b.WEAK].name}の受注率は、担当商談の難易度から見て大幅に低くなっています。小型で容易な商談が多く目立ちません。",
        in_group("rep", b.WEAK),
        won,
        "win_rate_incidence",
    ),
    Truth(
        "no_contract", 10, "violation", "rep", b.REPS[b.NO_CONTRACT].name, "Contract Signed", "Closed Won", "fraction",
        f"{b.REPS[b.NO_CONTRACT].name} closes more than half of the won deals without a contract.",
        f"{b.REPS[b.NO_CONTRACT].name}は受注の半数以上を契約なしで成立させています。",
        in_group("rep", b.NO_CONTRACT),
        _without_contract,
        "won_without_contract",
    ),
    Truth(
        "many_revisions", 11, "rework", "segment", b.SEGMENTS[b.ENTERPRISE], "Quote Sent", "Quote Revised", "count",
        "Quotes for enterprise customers are revised again and again.",
        "エンタープライズ顧客向けの見積は、何度も修正されます。",
        in_group("segment", b.ENTERPRISE),
        revisions,
        "quote_rounds",
    ),
    Truth(
        "many_revisions_share", 11, "rework", "segment", b.SEGMENTS[b.ENTERPRISE], "Quote Sent", "Quote Revised",
        "fraction",
        "More of the quotes for enterprise customers are revised or turned down: the same fault as a share.",
        "エンタープライズ顧客向けの見積は、修正・否認される割合が高くなります（同じ問題を割合で表したもの）。",
        in_group("segment", b.ENTERPRISE),
        _quote_rework,
        "quote_rework_rate",
        "many_revisions",
    ),
    Truth(
        "many_revisions_wait", 11, "rework", "segment", b.SEGMENTS[b.ENTERPRISE], "Quote Sent", "Quote Accepted", "day",
        "Quotes that are revised again and again are accepted later: the same fault in days.",
        "何度も修正される見積は、承諾が遅れます（同じ問題を日数で表したもの）。",
        in_group("segment", b.ENTERPRISE),
        answering,
        "step_days",
        "many_revisions",
    ),
    Truth(
        "strong_rep", 9, "strength", "rep", b.REPS[b.STRONG].name, "", "", "fraction",
        f"No fault: {b.REPS[b.STRONG].name} wins far more than the deals would allow; large, hard deals hide it.",
        f"問題ではない：{b.REPS[b.STRONG].name}は担当商談の難易度から見て大幅に多く受注しています。"
        "大型で難しい商談が多く目立ちません。",
        in_group("rep", b.STRONG),
        won,
        "win_rate_incidence",
    ),
    Truth(
        "decoy_rep", 9, "decoy", "rep", b.REPS[b.DECOY].name, "", "", "fraction",
        f"No fault: {b.REPS[b.DECOY].name} wins less than others only because the deals are larger.",
        f"問題ではない：{b.REPS[b.DECOY].name}の受注率が低いのは、大型商談を担当しているからにすぎません。",
        in_group("rep", b.DECOY),
        won,
        "win_rate_incidence",
    ),
)  # fmt: skip
