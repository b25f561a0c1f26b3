"""How much of each thing sold was not ordered, not invoiced, invoiced for less, credited, not paid?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from l2c.measures.chains import TOLERANCE
from l2c.measures.facts import DAY, NEVER, Facts

# What may lie between what was quoted and what was paid, in the order of the process; what adds money is negative.
BEFORE = (
    "not_sold", "negotiated", "never_ordered", "not_ordered_yet", "cancelled_order", "ordered_less", "never_invoiced",
    "not_invoiced_yet", "below_quote", "invoiced_more", "invoiced_twice", "unmatched",
)  # fmt: skip
AFTER = ("credited", "cash_discount", "written_off", "paid_short", "overdue", "not_due_yet", "overpaid")
ROUNDING = "rounding"
KINDS = (*BEFORE, *AFTER, ROUNDING)
# Money that is lost unless somebody acts; and what may still come.
LEAKS = (
    "never_ordered", "cancelled_order", "never_invoiced", "below_quote", "invoiced_twice", "credited", "written_off",
    "paid_short",
)  # fmt: skip
OPEN = ("not_ordered_yet", "not_invoiced_yet", "not_due_yet", "overdue")
# An invoice for less than this part of the price ordered bills a part of it, and not a lower price.
PART = 0.5


def to_order(facts: Facts, t: pd.DataFrame, allowed: Mapping[str, float], told: Mapping[str, bool]) -> None:
    """Fill in what lies between quote and order.

    Parameters
    ----------
    t
        A row per chain: the sums of `bridge`, and when it was `won`, `ordered_at`, `invoiced_at`; 0 in each kind.
    allowed
        Days after which what has not come is missing.
    told
        Which stages the log tells of at all.
    """
    has_order, has_invoice = t["has_order"], t["has_invoice"]
    contract = t["contract"].where(t["has_contract"] & t["contract"].notna(), t["quoted"])
    t["contracted"], t["negotiated"] = contract, t["quoted"] - contract
    sold = (t["won"] != NEVER) | has_order | has_invoice
    t["not_sold"] = contract.where(~sold, 0.0)
    missing = sold & ~has_order & ~has_invoice & told["order"]
    cancelled = missing & t["has_order_void"]
    old = _waited(facts, t["won"]) > allowed["order"]
    # A discount on a line of its own that never came to an order is no money lost.
    t["negotiated"] += contract.clip(upper=0.0).where(missing, 0.0)
    lost = contract.clip(lower=0.0)
    t["cancelled_order"] = lost.where(cancelled, 0.0)
    t["never_ordered"] = lost.where(missing & ~cancelled & old, 0.0)
    t["not_ordered_yet"] = lost.where(missing & ~cancelled & ~old, 0.0)
    known = has_order & t["order"].notna()
    t["ordered"] = t["order"].where(known, contract).where(sold & ~missing, 0.0)
    number = t["contract_quantity"].where(t["contract_quantity"].notna(), t["base_quantity"])
    price, own = contract / number, t["order"] / t["order_quantity"]
    # Another number at a price of another size is counted in another unit.
    alike = (t["order_quantity"] - number).abs() <= TOLERANCE * number.abs()
    cut = _cut(price, own, t["order_quantity"], known & (alike | ((own > PART * price) & (own < price / PART))))
    t["below_quote"], t["invoiced_more"] = cut.clip(lower=0.0), cut.clip(upper=0.0)
    t["ordered_less"] = (contract - t["ordered"] - cut).where(known, 0.0)
    t["sold"] = sold


def to_invoice(facts: Facts, t: pd.DataFrame, allowed: Mapping[str, float]) -> None:
    """Fill in what lies between order and invoice; see `to_order`.

    Notes
    -----
    Where quantities are known, the rest is what was not invoiced yet at the price ordered, and the difference in price
    is one of the invoice. An invoice of less than half the price, or several that come to no more than was ordered
    though their quantities do, are instalments. Without quantities an invoice of at least half the sum is one for less,
    once as long has passed as the next one would take.
    """
    ordered, known = t["ordered"], t["has_invoice"] & t["invoice"].notna()
    t["invoiced"] = t["invoice"].where(known, ordered.where(t["has_invoice"], 0.0)).where(t["sold"], 0.0)
    number = t["order_quantity"].where(t["has_order"], t["base_quantity"])
    # Of a document spread over lines only the sum is known.
    price, own = ordered / number, t["invoice"] / t["invoice_quantity"]
    whole = known & (price > 0) & (own > PART * price) & (own < price / PART)
    pieces = (t["invoice_quantity"] > number * (1 + TOLERANCE)) & (t["invoice"] <= ordered * (1 + TOLERANCE))
    cut = _cut(price, own, t["invoice_quantity"], whole & ~pieces)
    rest = (ordered - cut - t["invoiced"]).where(t["sold"], 0.0)
    short, more = rest.clip(lower=0.0), rest.clip(upper=0.0)
    since = t["last_invoice"].where(known, t["ordered_at"].where(t["ordered_at"] != NEVER, t["won"]))
    first = float(np.nan_to_num(allowed["invoice"], nan=np.inf))
    wait = np.where(known, np.maximum(allowed["next"], t["pace"]), first)
    old = _waited(facts, since) > wait
    unnumbered = known & (t["invoice_quantity"].isna() | number.isna()) & (t["invoiced"] >= PART * ordered)
    t["not_invoiced_yet"] = short.where(~old, 0.0)
    t["never_invoiced"] = short.where(old & ~unnumbered, 0.0)
    t["below_quote"] += cut.clip(lower=0.0) + short.where(old & unnumbered, 0.0)
    twice = np.minimum(-more, t["again"])
    t["invoiced_twice"] = -twice
    t["invoiced_more"] += cut.clip(upper=0.0) + more + twice


def to_bank(t: pd.DataFrame) -> None:
    """Fill in what lies between invoice and bank; see `to_order`.

    Notes
    -----
    A credit note first takes back what was invoiced twice or above the order: that much was corrected, and is neither.
    """
    for kind in ("invoiced_twice", "invoiced_more"):
        back = (-t[kind]).clip(lower=0.0, upper=t["credited"].clip(lower=0.0))
        t[kind] += back
        t["credited"] -= back
        t["invoiced"] -= back
    left = t["invoiced"] - t["credited"] - t["cash_discount"] - t["written_off"] - t["paid"]
    t["overpaid"], left = left.clip(upper=0.0), left.clip(lower=0.0)
    short = np.minimum(t["late_short"].clip(lower=0.0), left)
    overdue = np.minimum(t["late_open"].clip(lower=0.0), left - short)
    # Who does not pay the second invoice for the same thing does not pay short.
    wrong = np.minimum(-t["invoiced_twice"], short)
    t["paid_short"], t["overdue"] = short - wrong, overdue + wrong
    t["not_due_yet"] = left - short - overdue


def settle(t: pd.DataFrame) -> None:
    """Set apart what is no more than rounding, what is not judged, and what cannot be compared."""
    size = t[["quoted", "ordered", "invoiced"]].abs().max(axis=1)
    for kind in (k for k in KINDS if k != ROUNDING):
        small = t[kind].abs() <= TOLERANCE * size
        t[ROUNDING] += t[kind].where(small, 0.0)
        t[kind] = t[kind].where(~small, 0.0)
    for kind in (k for k in BEFORE if k not in ("not_sold", "unmatched")):
        t["unmatched"] += t[kind].where(t["unsure"], 0.0)
        t[kind] = t[kind].where(~t["unsure"], 0.0)
    for column in (*KINDS, "quoted", "contracted", "ordered", "invoiced", "paid"):
        t[column] = t[column].where(~t["mixed"])


def _waited(facts: Facts, since: pd.Series) -> pd.Series:
    """Days since a moment; 0 where it is unknown."""
    return (facts.until - since.where(since != NEVER, facts.until)) / DAY


def _cut(price: pd.Series, own: pd.Series, quantity: pd.Series, some: pd.Series) -> pd.Series:
    """What a lower price takes from a quantity (negative: a higher one adds), beyond rounding."""
    known = some & np.isfinite(price) & np.isfinite(own)
    cut = ((price - own) * quantity).where(known, 0.0)
    return cut.where(cut.abs() > TOLERANCE * (price * quantity).abs(), 0.0)
