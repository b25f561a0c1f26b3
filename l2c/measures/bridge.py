"""What became of the money of each thing sold, from the quote to the bank, and where is the rest?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from l2c.measures import shortfalls
from l2c.measures.billing import billing
from l2c.measures.chains import Chains, chains
from l2c.measures.facts import DAY, NEVER, Facts
from l2c.measures.objects import pairs
from l2c.measures.shortfalls import KINDS
from l2c.measures.spans import recorded
from l2c.measures.usual import LEAST_DAYS, usual
from l2c.words.notes import Note

SUMS = {"credited": "credited", "discounted": "cash_discount", "written_off": "written_off", "paid": "paid"}
STEPS = ("base", "contract", "order", "order_void", "invoice", "credit", "payment")
# Taxes on sales are written in halves of a percent; so many of the prices must be above by them.
LEAST_TAX, MOST_TAX, TAXED, EACH_RATE = 1.02, 1.30, 0.75, 0.1


@dataclass(frozen=True, eq=False)
class Bridge:
    """The chains of some cases with their money.

    Attributes
    ----------
    table
        A row per chain: `case_key, key, product, currency, basis, mixed, unsure, sold`; `quoted, contracted, ordered,
        invoiced, paid`, and a column per kind of `KINDS`: what lies between. All NaN of a chain in several currencies;
        what the log does not tell of (invoices, payments) is NaN, and what lies before it 0.
    chains
        The lines behind them.
    told
        Whether the log tells of each stage: `order, invoice, payment`.
    allowed
        Days after which what has not come is missing: `order, invoice, next, payment`.
    notes
        What to know.

    Notes
    -----
    quoted − all kinds = paid (= invoiced where the log tells of no payments, = ordered where of no invoices).
    """

    table: pd.DataFrame
    chains: Chains
    told: dict[str, bool]
    allowed: dict[str, float]
    notes: tuple[Note, ...]


def bridge(facts: Facts) -> Bridge:
    """Return the chains of the cases in hand; what takes how long is a fact of the whole log."""
    whole = facts.log.base.memo(("bridge", facts.until), lambda: _whole(facts.whole()))
    if not facts.log.conditions:
        return whole
    kept = whole.table[np.isin(whole.table["case_key"], facts.keys)]
    return Bridge(kept, whole.chains, whole.told, whole.allowed, whole.notes)


def _whole(facts: Facts) -> Bridge:
    found = chains(facts)
    found.rows = _with_amounts(found.rows)
    told = _told(facts, found)
    sums = _sums(found)
    rate, notes = _taxed(sums)
    t = found.table.join([sums, _times(facts, found)])
    allowed = _allowed(facts, t)
    t = t.join(_collected(facts, found, allowed["payment"]))
    bills = found.rows[found.rows["step"] == "invoice"]
    agreed = t["order"].where(t["has_order"] & t["order"].notna(), t["base"])
    t = t.join(billing(bills, t["key"], agreed * rate))
    for name in ("invoice", "credit", "payment", "again", "late_short", "late_open", *SUMS.values()):
        t[name] = t[name] / rate
    t = t.join(pd.DataFrame(0.0, t.index, [kind for kind in KINDS if kind not in t]))
    _filled(facts, t, told, allowed)
    if not told["invoice"] or not told["payment"]:
        notes.append(Note("bridge_ends", at="ordered" if not told["invoice"] else "invoiced"))
    columns = ["case_key", "key", "product", "currency", "basis", "mixed", "unsure", "sold"]
    stages = ["quoted", "contracted", "ordered", "invoiced", "paid"]
    return Bridge(t[[*columns, *stages, *KINDS]], found, told, allowed, tuple(notes))


def _filled(facts: Facts, t: pd.DataFrame, told: dict[str, bool], allowed: dict[str, float]) -> None:
    """Fill in the stages and the kinds."""
    # Where nothing is known of a quote in the whole deal, what was ordered (or invoiced) was quoted.
    quoted = t.groupby("case_key")["has_base"].transform("any") & ~(t["has_base"] & t["base"].isna())
    t["quoted"] = t["base"].where(t["has_base"]).fillna(t["order"].fillna(t["invoice"]).where(~quoted)).fillna(0.0)
    shortfalls.to_order(facts, t, allowed, told)
    after = [*SUMS.values(), "invoiced"]
    if told["invoice"]:
        shortfalls.to_invoice(facts, t, allowed)
        after = [*SUMS.values()]
    if told["invoice"] and told["payment"]:
        # The lines of credit notes say more than their sums; those of payments count where no event tells of any.
        lined = t.groupby("case_key")["has_credit"].transform("any")
        t["credited"] = t["credit"].fillna(0.0).where(lined, t["credited"])
        unpaid = t.groupby("case_key")["paid"].transform("sum") == 0
        t["paid"] = t["payment"].fillna(0.0).where(unpaid, t["paid"])
        shortfalls.to_bank(t)
    else:
        t[after] = 0.0
    shortfalls.settle(t)
    if not told["invoice"]:
        t["invoiced"] = np.nan
    if not told["invoice"] or not told["payment"]:
        t["paid"] = np.nan


def _with_amounts(rows: pd.DataFrame) -> pd.DataFrame:
    """Give invoices of unknown amount what was ordered, or quoted, in equal parts: they are taken to be right."""
    blank = (rows["step"] == "invoice") & rows["amount"].isna()
    if not blank.any():
        return rows
    orders = rows[rows["step"].eq("order") & ~rows["void"]].groupby("chain")["amount"]
    ordered = orders.sum().where(orders.count() == orders.size())
    known = ordered.combine_first(rows[rows["step"] == "base"].groupby("chain")["amount"].sum(min_count=1))
    given = rows[(rows["step"] == "invoice") & ~blank].groupby("chain")["amount"].sum()
    rest = known.sub(given.reindex(known.index).fillna(0.0)).clip(lower=0.0)
    each = rows[blank].groupby("chain")["chain"].transform("size")
    return rows.assign(amount=rows["amount"].fillna((rows["chain"].map(rest) / each.reindex(rows.index)).where(blank)))


def _told(facts: Facts, found: Chains) -> dict[str, bool]:
    """Which stages a log tells of at all: of what it never tells, nothing is missing."""
    there = set(found.rows["step"]) | set(found.parts.papers["stage"])
    pays = bool({"Payment Received", "Partial Payment Received"} & set(facts.log.activities))
    return {"order": "order" in there, "invoice": "invoice" in there, "payment": pays or "payment" in there}


def _sums(found: Chains) -> pd.DataFrame:
    """Amount and quantity of each chain at each step (NaN where one of its lines has none), and `has_…`: whether any."""
    rows = found.rows
    void = rows["void"] & (rows["step"] == "order")
    step = rows["step"].where(~void, "order_void")
    columns: dict[str, pd.Series] = {}
    # Pieces of different things are no quantity.
    several = rows[rows["key"] != ""].groupby(["chain", step])["key"].transform("nunique") > 1
    blurred = several.groupby(rows["chain"]).transform("any").reindex(rows.index).fillna(False)
    rows = rows.assign(quantity=rows["quantity"].where(~blurred.astype(bool)))
    for name in STEPS:
        mine = rows[step == name].groupby("chain")
        columns[f"has_{name}"] = mine.size().reindex(found.table.index).fillna(0) > 0
        for column, said in (("amount", name), ("quantity", f"{name}_quantity")):
            # An amount that is not known makes the sum unknown.
            unknown = mine[column].count() < mine.size()
            columns[said] = mine[column].sum().where(~unknown).reindex(found.table.index)
    return pd.DataFrame(columns, index=found.table.index)


def _times(facts: Facts, found: Chains) -> pd.DataFrame:
    """When each chain was won, ordered last, and invoiced first and last; NEVER where unknown."""
    rows, table = found.rows, found.table
    made = pd.DataFrame({"won": facts.won[facts.place[table["case_key"].to_numpy(np.int64)]]}, table.index)
    dated = rows[(rows["time"] != NEVER) & ~rows["void"]]
    for name, step, how in (
        ("ordered_at", "order", "max"), ("invoiced_at", "invoice", "min"), ("last_invoice", "invoice", "max"),
    ):  # fmt: skip
        times = dated[dated["step"] == step].groupby("chain")["time"].agg(how)
        made[name] = times.reindex(table.index).astype("Int64").fillna(NEVER).astype(np.int64)
    return made


def _allowed(facts: Facts, t: pd.DataFrame) -> dict[str, float]:
    """Days after which what has not come is missing; endless where nothing tells."""

    def waits(start: pd.Series, end: pd.Series) -> float:
        begun = (start != NEVER).to_numpy()
        seen = (end[begun] != NEVER).to_numpy()
        last = np.where(seen, end[begun], facts.until)
        return usual(np.maximum(last - start[begun].to_numpy(), 0) / DAY, seen)

    bills = pairs(facts.log.base, recorded(facts.log.base, "Invoice Sent"), "Payment Received")
    begun, end = pd.Series(bills.start), pd.Series(bills.end)
    found = {
        "order": waits(t["won"], t["ordered_at"]),
        "invoice": waits(t["ordered_at"], t["invoiced_at"]),
        "payment": waits(begun, end.where(end <= facts.until, NEVER)),
    }
    found = {name: float("inf") if np.isnan(days) else days for name, days in found.items()}
    following = found["invoice"] if np.isfinite(found["invoice"]) else LEAST_DAYS
    return found | {"next": following}


def _collected(facts: Facts, found: Chains, usual_days: float) -> pd.DataFrame:
    """What was credited, written off and paid of each chain, by its part in each invoice, and what of the rest is overdue.

    `late_short` of invoices of which something was paid, `late_open` of the others.
    """
    papers = found.parts.papers
    bills = papers[(papers["stage"] == "invoice") & ~papers["void"]].set_index(["case_key", "object_id"])
    rows = found.rows[found.rows["step"] == "invoice"]
    each = rows.groupby(["chain", "case_key", "object_id"], sort=True)["amount"].sum().reset_index()
    each = each.join(
        bills[["amount", *SUMS, "settled", "given_up", "due", "first"]].add_prefix("of_"), on=["case_key", "object_id"]
    )
    total = each.groupby(["case_key", "object_id"])["amount"].transform("sum")
    # Lines are often net of the tax that their invoice bears: each has its part of the invoice.
    whole = each["of_amount"].astype(float).where(each["of_amount"] > 0, total)
    part = (each["amount"] / whole).where(whole > 0, 0.0)
    for name, kind in SUMS.items():
        each[kind] = each[f"of_{name}"].astype(float).fillna(0.0) * part
    left = each["amount"] - each[list(SUMS.values())].sum(axis=1)
    settled, given_up = (each[f"of_{flag}"].eq(True) & (left > 0) for flag in ("settled", "given_up"))
    given_up &= ~settled
    each["paid"] += left.where(settled, 0.0)
    each["written_off"] += left.where(given_up, 0.0)
    left = left.where(~settled & ~given_up, 0.0).clip(lower=0.0)
    due = each["of_due"].astype(float).fillna(-1.0)
    waited = (facts.until - each["of_first"].astype(float).fillna(float(facts.until))) / DAY
    late = np.where(due >= 0, due < facts.until // DAY, waited > usual_days)
    some = each["paid"] > 0
    each["late_short"], each["late_open"] = left.where(late & some, 0.0), left.where(late & ~some, 0.0)
    sums = each.groupby("chain")[[*SUMS.values(), "late_short", "late_open"]].sum()
    return sums.reindex(found.table.index).fillna(0.0)


def _taxed(sums: pd.DataFrame) -> tuple[pd.Series, list[Note]]:
    """By how much each chain is invoiced above what was agreed only for tax: 1 where it is not.

    Where three quarters of the prices are above by one and the same round rate, or by two that each hold for a tenth of
    them, the difference is tax.
    """
    agreed = sums["order"].where(sums["has_order"] & sums["order"].notna(), sums["base"])
    number = sums["order_quantity"].where(sums["has_order"], sums["base_quantity"])
    unit = (sums["invoice"] / sums["invoice_quantity"]) / (agreed / number)
    ratio = unit.where(np.isfinite(unit), sums["invoice"] / agreed).where(agreed > 0)
    ratio = ratio[(ratio > 1 - (MOST_TAX - 1)) & (ratio < MOST_TAX)]
    rates = (ratio * 200).round() / 200
    clear = ((ratio - rates).abs() < 0.001) & (rates >= LEAST_TAX)
    counts = rates[clear].value_counts()
    # A single price off by a round part is a price.
    main = (
        counts[(counts >= EACH_RATE * len(ratio)) & ((counts > 1) | (len(ratio) == 1))]
        .sort_index(ascending=False)
        .sort_values(ascending=False, kind="stable")[:2]
    )
    if not len(main) or main.sum() < TAXED * len(ratio):
        return pd.Series(1.0, sums.index), []
    own = rates[clear & rates.isin(main.index)].reindex(sums.index).fillna(float(main.index[0]))
    said = [f"{(rate - 1) * 100:g} %" for rate in sorted(main.index)]
    return own, [Note("tax_in_invoices", rates=said, n=int(main.sum()), of=len(ratio))]
