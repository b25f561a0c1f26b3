"""What is wrong in the demo company, as its maker knows it?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from l2c.demo.world import DECOY_REP, LOOSE_REP, SLOW_REP, World

# id: (problem of the eleven, kind, attribute, value, step, unit, English, Japanese)
_PLANTED: dict[str, tuple[int, str, str, str, tuple[str, str], str, str, str]] = {
    "slow_approver": (
        3, "slow", "region", "EMEA", ("Discount Approval Requested", "Discount Approved"), "day",
        "In EMEA the discount approver takes four times as long as elsewhere.",
        "EMEAでは割引承認者が他地域の4倍以上の時間をかけている。",
    ),
    "friday_batch": (
        8, "batch", "region", "APAC", ("Discount Approval Requested", "Discount Approved"), "day",
        "In APAC discounts are decided on Friday afternoons only.",
        "APACでは割引の決裁が金曜午後にまとめて行われる。",
    ),
    "dead_source": (
        2, "convert", "lead_source", "Trade show list", ("Lead Created", "Lead Converted"), "fraction",
        "Leads from trade show lists hardly ever convert.",
        "展示会リストのリードはほとんど商談に転換しない。",
    ),
    "enterprise_revisions": (
        5, "rework", "segment", "Enterprise", ("Quote Sent", "Quote Revised"), "count",
        "Quotes for enterprises are revised about once more than the others.",
        "エンタープライズ向けの見積は他より約1回多く修正される。",
    ),
    "idle_discount": (
        7, "discount", "discount", "> 10 %", ("Quote Sent", "Quote Accepted"), "fraction",
        "Discounts follow the size of the deal and win nothing: their true effect on winning is zero.",
        "割引は案件規模に連動するだけで、受注への真の効果はゼロ。",
    ),
    "weak_rep": (
        9, "convert", "rep", SLOW_REP, ("Quote Sent", "Closed Won"), "fraction",
        "One rep truly wins fewer deals than their mix explains.",
        "ある担当者は案件構成では説明できないほど受注が少ない。",
    ),
    "decoy_rep": (
        9, "decoy", "rep", DECOY_REP, ("Quote Sent", "Closed Won"), "fraction",
        "Another rep only looks weak: she sells to enterprises, and her own effect is zero.",
        "別の担当者は大企業を多く担当するため弱く見えるだけで、本人の効果はゼロ。",
    ),
    "no_contract": (
        10, "violate", "rep", LOOSE_REP, ("Quote Accepted", "Closed Won"), "fraction",
        "One rep wins about two thirds of her deals without a contract.",
        "ある担当者は受注の約3分の2を契約なしで行っている。",
    ),
    "slow_signature": (
        3, "slow", "region", "Japan", ("Contract Approved", "Contract Signed"), "day",
        "In Japan signing takes more than twice as long as elsewhere.",
        "日本では契約締結に他地域の2倍以上かかる。",
    ),
    "early_order": (
        10, "violate", "region", "LATAM", ("Sales Order Created", "Contract Signed"), "fraction",
        "In LATAM about a third of the orders are entered before the contract is signed.",
        "LATAMでは注文の約3分の1が契約締結前に登録される。",
    ),
    "order_errors": (
        6, "rework", "product", "Edge Gateway", ("Sales Order Created", "Order Corrected"), "fraction",
        "Orders for the Edge Gateway are corrected six times as often as the others.",
        "Edge Gatewayの注文は他製品の6倍の頻度で修正される。",
    ),
    "late_invoices": (
        4, "late_pay", "invoice_type", "Milestone", ("Invoice Sent", "Payment Received"), "day",
        "Milestone invoices are paid about eighteen days later than the others.",
        "マイルストーン請求書の支払いは他より約18日遅い。",
    ),
    "faster_delivery": (
        8, "drift", "opened", "2026-01-01..", ("Sales Order Created", "Order Fulfilled"), "day",
        "Since January 2026 a new warehouse delivers in 60 % of the time.",
        "2026年1月から新倉庫により納期が60 %に短縮された。",
    ),
}  # fmt: skip


def truths(life: World) -> pd.DataFrame:
    """List what was planted, with its effect in the world itself, before anything was cut off or spoilt.

    Returns
    -------
    One row per truth: `id, problem, kind, attribute, value, step_from, step_to, effect` (mean over the cases
    concerned: what happened less what would have happened otherwise), `unit` (day, fraction, count), `cases`,
    `description_en, description_ja`.
    """
    rows = []
    for name, (problem, kind, attribute, value, step, unit, english, japanese) in _PLANTED.items():
        effect = life.effects[name]
        effect = effect[~np.isnan(effect)]
        rows.append(
            {
                "id": name,
                "problem": problem,
                "kind": kind,
                "attribute": attribute,
                "value": value,
                "step_from": step[0],
                "step_to": step[1],
                "effect": round(float(effect.mean()), 4) if len(effect) else float("nan"),
                "unit": unit,
                "cases": len(effect),
                "description_en": english,
                "description_ja": japanese,
            }
        )
    return pd.DataFrame(rows)
