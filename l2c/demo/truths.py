"""What is wrong in the demo company, and by how much? Twelve faults, one strength and one innocent, each measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from l2c.demo import business as b
from l2c.demo.calendar import ASEAN, DACH, JAPAN, UK, UTC_OFFSET, day
from l2c.demo.chance import Flags, Floats
from l2c.demo.leads import LAST
from l2c.demo.sales import DRIFT, skills
from l2c.demo.world import World, world


@dataclass(frozen=True)
class Truth:
    """One thing planted in the company.

    Attributes
    ----------
    id
        Name of the cause, by which it is switched off.
    problem
        Which of the eleven problems of the kit's plan it belongs to.
    kind
        `slow`, `drift`, `batch`, `convert`, `late`, `violation`, `error`, `rework`, `discount`, `rep`, or, for what
        is no fault, `strength` and `decoy`.
    attribute, value
        Which cases it strikes.
    start, end
        The step it concerns; empty where it concerns none.
    unit
        `day`, `fraction` or `count`.
    who, what
        The cases struck; for every case the value that it changes (NaN where there is none) and when it was known.
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


COLUMNS = (
    "id",
    "problem",
    "kind",
    "attribute",
    "value",
    "from",
    "to",
    "unit",
    "effect",
    "naive",
    "cases",
    "cases_in_log",
    "total",
    "en",
    "ja",
)


def truths(number: int, seed: int) -> pd.DataFrame:
    """Measure every planted truth by comparing each case with itself in a world without the cause.

    Returns
    -------
    One row per truth, by problem: `id, problem, kind, attribute, value, from, to, unit`; `effect` (mean change per
    case struck; in days, as a fraction or a count); `naive` (how much the cases struck differ from the others, which
    is what a glance at the averages shows); `cases` struck if one waits long enough; `cases_in_log` (those known on
    the day of the export); `total` (sum of the changes over `cases`); `en`, `ja` (what is planted, in words).

    Notes
    -----
    For the discount, `effect` and `naive` are changes of the chance to win per percentage point of discount.
    """
    real = world(number, seed)
    rows = [(*_facts(truth), *_measured(truth, real), truth.en, truth.ja) for truth in TRUTHS]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def rep_skills(number: int, seed: int) -> pd.DataFrame:
    """Return how well each rep really sells.

    Returns
    -------
    One row per rep, best first: `rep`, `skill` (shift of the logit of winning), `deals`, `win_rate` (of the deals they
    really have), `expected` (of the same deals sold by someone of skill 0).
    """
    real = world(number, seed)
    skill = skills(real.chance, frozenset())
    odds = np.log(real.sales.chance_to_win / (1 - real.sales.chance_to_win)) - skill[real.cases.rep]
    deals = pd.DataFrame({"code": real.cases.rep, "won": real.sales.wins, "expected": 1 / (1 + np.exp(-odds))})
    table = deals[~np.isnan(real.cases.opened)].groupby("code").agg(
        deals=("won", "size"), win_rate=("won", "mean"), expected=("expected", "mean")
    )  # fmt: skip
    table.insert(0, "skill", skill[table.index])
    table.insert(0, "rep", [b.REPS[i].name for i in table.index])
    return table.sort_values(["skill", "rep"], ascending=[False, True], ignore_index=True)


def _facts(truth: Truth) -> tuple[str | int, ...]:
    return (
        truth.id, truth.problem, truth.kind, truth.attribute, truth.value, truth.start, truth.end, truth.unit,
    )  # fmt: skip


def _measured(truth: Truth, real: World) -> tuple[float, float, int, int, float]:
    """Effect, naive difference, cases, cases in the log, total."""
    value, known = truth.what(real)
    struck, there = truth.who(real), ~np.isnan(value)
    in_log = known - UTC_OFFSET[real.cases.region] / 24 < day(LAST)
    cases, logged = int((struck & there).sum()), int((struck & there & in_log).sum())
    if truth.kind == "discount":
        return 0.0, _slope(real.sales.discount[there] * 100, value[there]), cases, logged, 0.0
    without, _ = truth.what(world(real.chance.cases, real.chance.seed, frozenset({truth.id})))
    change = (value - without)[struck & there & ~np.isnan(without)]
    naive = _mean(value[struck & there]) - _mean(value[~struck & there])
    return _mean(change), naive, cases, logged, float(change.sum())


def _mean(values: Floats) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _slope(x: Floats, y: Floats) -> float:
    """Least-squares slope of y on x."""
    spread = float(((x - x.mean()) ** 2).sum()) if len(x) else 0.0
    return float(((x - x.mean()) * (y - y.mean())).sum() / spread) if spread else float("nan")


def _won(world: World) -> tuple[Floats, Floats]:
    sales = world.sales
    return np.where(np.isnan(world.cases.opened), np.nan, sales.wins), np.fmin(sales.won, sales.lost)


def _won_on_quote(world: World) -> tuple[Floats, Floats]:
    value, known = _won(world)
    return np.where(np.isnan(world.sales.quoted), np.nan, value), known


def _without_contract(world: World) -> tuple[Floats, Floats]:
    sales = world.sales
    return np.where(np.isnan(sales.won), np.nan, np.isnan(sales.signed)), sales.won


def _converted(world: World) -> tuple[Floats, Floats]:
    cases = world.cases
    return np.where(np.isnan(cases.lead), np.nan, ~np.isnan(cases.opened)), cases.lead


def _ordered_early(world: World) -> tuple[Floats, Floats]:
    signed = world.sales.signed
    return np.where(np.isnan(signed), np.nan, world.cash.orders[0].ordered < signed), signed


def _order_error(world: World) -> tuple[Floats, Floats]:
    ordered = world.cash.orders[0].ordered
    error = np.any([order.error for order in world.cash.orders], axis=0)
    return np.where(np.isnan(ordered), np.nan, error), ordered


def _revisions(world: World) -> tuple[Floats, Floats]:
    sent = world.sales.sent[0]
    return np.where(np.isnan(sent), np.nan, world.sales.revisions), sent


def _between(
    start: Callable[[World], Floats], end: Callable[[World], Floats]
) -> Callable[[World], tuple[Floats, Floats]]:
    return lambda world: (end(world) - start(world), end(world))


def _code(name: str, code: int) -> Callable[[World], Flags]:
    """Cases whose attribute has a code."""
    return lambda world: getattr(world.cases, name) == code


TRUTHS = (
    Truth(
        "slow_proposals", 1, "drift", "opened", DRIFT, "Opportunity Created", "Solution Proposed", "day",
        "Deals opened since 5 January 2026 wait almost twice as long for their proposal: the pre-sales team was cut.",
        "2026年1月5日以降に作成された商談は、提案までほぼ2倍の時間がかかる。プリセールス部門が縮小された。",
        lambda w: w.cases.opened >= day(DRIFT),
        _between(lambda w: w.cases.opened, lambda w: w.sales.proposed),
    ),
    Truth(
        "purchased_list", 2, "convert", "lead_source", b.SOURCES[b.PURCHASED_LIST], "Lead Created",
        "Opportunity Created", "fraction",
        "Leads from purchased lists hardly ever become opportunities.",
        "購入リストからのリードは、ほとんど商談にならない。",
        _code("source", b.PURCHASED_LIST),
        _converted,
    ),
    Truth(
        "slow_contract", 3, "slow", "region", b.REGIONS[UK], "Quote Accepted", "Contract Signed", "day",
        "In the UK a legal review more than doubles the time customers take to sign the contract.",
        "英国では法務審査のため、契約署名までの期間が2倍以上になる。",
        _code("region", UK),
        _between(lambda w: w.sales.accepted, lambda w: w.sales.signed),
    ),
    Truth(
        "late_paper", 4, "late", "invoice_type", b.INVOICE_TYPES[b.PAPER], "Invoice Sent", "Payment Received", "day",
        "Paper invoices are paid late three times as often as others, and later.",
        "紙の請求書は他の3倍の頻度で支払いが遅れ、遅れも長い。",
        lambda w: w.cash.invoice_type == b.PAPER,
        _between(lambda w: w.cash.invoices[0].sent, lambda w: w.cash.invoices[0].paid),
    ),
    Truth(
        "early_orders", 5, "violation", "region", b.REGIONS[ASEAN], "Contract Signed", "Sales Order Created",
        "fraction",
        "In ASEAN two of five orders are entered before the contract is signed.",
        "ASEANでは注文の5件に2件が、契約締結前に登録される。",
        _code("region", ASEAN),
        _ordered_early,
    ),
    Truth(
        "order_errors", 6, "error", "product", b.PRODUCTS[b.EDGE_DEVICES], "Sales Order Created", "Order Corrected",
        "fraction",
        "Orders of Edge Devices have to be corrected or cancelled five times as often as others.",
        "Edge Devicesの注文は、修正・取消が他の5倍の頻度で発生する。",
        _code("product", b.EDGE_DEVICES),
        _order_error,
    ),
    Truth(
        "idle_discounts", 7, "discount", "discount", "", "", "", "fraction",
        "Discounts follow the size of the deal and help nobody to win; large deals are lost more often, so discounts "
        "even seem to do harm.",
        "割引率は商談規模に連動するだけで、受注には寄与しない。大型商談ほど失注しやすいため、割引が有害にさえ見える。",
        lambda w: ~np.isnan(w.sales.quoted),
        _won_on_quote,
    ),
    Truth(
        "slow_approver", 8, "slow", "region", b.REGIONS[JAPAN], "Discount Approval Requested", "Discount Approved",
        "day",
        f"In Japan {b.DISCOUNT_APPROVERS[JAPAN]} takes three times as long as others to decide on a discount.",
        f"日本では{b.DISCOUNT_APPROVERS[JAPAN]}による割引承認に、他地域の3倍の時間がかかる。",
        _code("region", JAPAN),
        _between(lambda w: w.sales.requested, lambda w: w.sales.decided),
    ),
    Truth(
        "friday_approver", 8, "batch", "region", b.REGIONS[DACH], "Contract Approval Requested", "Contract Approved",
        "day",
        f"In DACH {b.CONTRACT_APPROVERS[DACH]} approves contracts on Friday afternoons only.",
        f"DACHでは{b.CONTRACT_APPROVERS[DACH]}が金曜日の午後にしか契約を承認しない。",
        _code("region", DACH),
        _between(lambda w: w.sales.submitted, lambda w: w.sales.approved),
    ),
    Truth(
        "weak_rep", 9, "rep", "rep", b.REPS[b.WEAK].name, "", "", "fraction",
        f"{b.REPS[b.WEAK].name} wins far less than the deals would allow; small, easy deals hide it.",
        f"{b.REPS[b.WEAK].name}の受注率は、担当商談の難易度から見て大幅に低い。小型で容易な商談が多く目立たない。",
        _code("rep", b.WEAK),
        _won,
    ),
    Truth(
        "no_contract", 10, "violation", "rep", b.REPS[b.NO_CONTRACT].name, "Contract Signed", "Closed Won", "fraction",
        f"{b.REPS[b.NO_CONTRACT].name} closes more than half of the won deals without a contract.",
        f"{b.REPS[b.NO_CONTRACT].name}は受注の半数以上を契約なしで成立させている。",
        _code("rep", b.NO_CONTRACT),
        _without_contract,
    ),
    Truth(
        "many_revisions", 11, "rework", "segment", b.SEGMENTS[b.ENTERPRISE], "Quote Sent", "Quote Revised", "count",
        "Quotes for enterprise customers are revised again and again.",
        "エンタープライズ顧客向けの見積は、何度も修正される。",
        _code("segment", b.ENTERPRISE),
        _revisions,
    ),
    Truth(
        "strong_rep", 9, "strength", "rep", b.REPS[b.STRONG].name, "", "", "fraction",
        f"No fault: {b.REPS[b.STRONG].name} wins far more than the deals would allow; large, hard deals hide it.",
        f"問題ではない：{b.REPS[b.STRONG].name}は担当商談の難易度から見て大幅に多く受注している。"
        "大型で難しい商談が多く目立たない。",
        _code("rep", b.STRONG),
        _won,
    ),
    Truth(
        "decoy_rep", 9, "decoy", "rep", b.REPS[b.DECOY].name, "", "", "fraction",
        f"No fault: {b.REPS[b.DECOY].name} wins less than others only because the deals are larger.",
        f"問題ではない：{b.REPS[b.DECOY].name}の受注率が低いのは、大型商談を担当しているからにすぎない。",
        _code("rep", b.DECOY),
        _won,
    ),
)  # fmt: skip
