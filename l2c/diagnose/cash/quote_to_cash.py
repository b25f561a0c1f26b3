"""What was quoted, ordered, invoiced and paid, line by line, and where did money get lost on the way?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from l2c import engine
from l2c.log import EventLog
from l2c.measures.bridge import Bridge, bridge
from l2c.measures.facts import Facts
from l2c.measures.shortfalls import AFTER, BEFORE, LEAKS, OPEN, ROUNDING
from l2c.measures.spread import ORDER
from l2c.words.notes import several

CHAINS = (
    "case_id", "product", "currency", "basis", "quoted_amount", "contracted_amount", "ordered_amount", "invoiced_amount",
    "credited_amount", "written_off_amount", "paid_amount", "leaked_amount", "pending_amount", "kind", "documents",
)  # fmt: skip
LEAKED = ("kind", "currency", "money", "share", "chains", "cases", "documents", "note")
PILLARS = ("quoted", "invoiced", "received")


def quote_to_cash(log: EventLog) -> pd.DataFrame:
    """Follow each thing sold from the quote to the bank.

    Returns
    -------
    One row per chain of lines about the same thing (of documents, where the log has no lines), the most money lost first:
    `case_id`, `product` (None for documents), `currency`; `basis` (`lines`, `documents`); `quoted_amount,
    contracted_amount, ordered_amount, invoiced_amount` (without tax, less invoices taken back), `credited_amount,
    written_off_amount, paid_amount`, each NaN from where the log tells nothing; `leaked_amount` (lost unless somebody acts),
    `pending_amount` (may still come); `kind`: what most of it is, as in `revenue_leakage` and `cash_bridge` (`settled`
    where nothing is missing, `currencies` where its lines are in several and nothing is compared); `documents`
    (their ids). Empty where the log has neither lines nor amounts.

    Notes
    -----
    Which lines belong together: see `l2c.measures.chains`. Which quote counts where a deal has several: the ordered one,
    else the accepted, the primary, the last. What counts as missing: what has not come after twice the days that nine
    in ten of the others took (at least 30), a payment after its due date; all else is pending.
    """
    facts = Facts.of(log)
    found = bridge(facts)
    t = found.table
    rows = pd.DataFrame(
        {
            "case_id": _case_ids(log).reindex(t["case_key"]).to_numpy(object),
            "product": t["product"].to_numpy(object),
            "currency": t["currency"].to_numpy(object),
            "basis": t["basis"].to_numpy(object),
            **{f"{name}_amount": t[name].to_numpy() for name in ("quoted", "contracted", "ordered", "invoiced")},
            "credited_amount": t["credited"].where(t["invoiced"].notna()).to_numpy(),
            "written_off_amount": t["written_off"].where(t["invoiced"].notna()).to_numpy(),
            "paid_amount": t["paid"].to_numpy(),
            "leaked_amount": _leaks(t).sum(axis=1, skipna=False).to_numpy(),
            "pending_amount": t[list(OPEN)].sum(axis=1, skipna=False).to_numpy(),
            "kind": _standing(t),
            "documents": _papers(found, t).to_numpy(object),
        },
        columns=list(CHAINS),
    )
    order = ["leaked_amount", "pending_amount", "quoted_amount", "case_id", "product"]
    rows = rows.sort_values(order, ascending=[False, False, False, True, True], na_position="last", kind="stable")
    rows["product"] = rows["product"].where(rows["product"].notna(), None)
    return rows.reset_index(drop=True)


def revenue_leakage(log: EventLog) -> pd.DataFrame:
    """Rank what was sold and never became money, with the documents behind it.

    Not to be taken for `leakage`, which is about price given away before the sale, in discounts beyond what was agreed;
    this is about money lost after it.

    Returns
    -------
    One row per kind and currency, most money first: `kind`; `currency` (None where unknown); `money`; `share` of what was
    quoted in the deals that were sold; `chains` (lines or documents, from quote to bank) and `cases`; `documents` (ids, of
    most money first); `note` (what to know of all of them). The kinds: `never_ordered` (sold and never ordered),
    `cancelled_order` (and not ordered again), `never_invoiced` (ordered and never invoiced, or a rest of it),
    `below_quote` (ordered or invoiced at less than the price agreed: of the contract, else of the quote),
    `invoiced_twice` (and not taken back), `credited`, `written_off`, `paid_short` (paid in part, the rest is overdue).
    Money of several currencies is never added. Empty where nothing is lost, or nothing tells.

    Notes
    -----
    See `quote_to_cash` for what counts as missing: deals that are open, orders not due to be invoiced yet, invoices not due
    or wholly open (see `receivables`) and smaller quantities ordered are no leakage. What could not be matched is in
    `unmatched_lines`. Sums of what the documents say, not estimates.
    """
    facts = Facts.of(log)
    found = bridge(facts)
    t = found.table
    money, currency, papers = _leaks(t), t["currency"], _papers(found, t)
    sold = t["quoted"].where(t["sold"]).groupby(currency, dropna=False).sum()
    rows = []
    for kind in LEAKS:
        for code, part in money[kind][money[kind] > 0].groupby(currency, dropna=False):
            worst = part.sort_values(ascending=False, kind="stable")
            names = dict.fromkeys(each for documents in papers[worst.index] for each in documents)
            base = float(sold.loc[code] if code == code else sold[sold.index.isna()].sum())
            rows.append({
                "kind": kind, "currency": code if code == code else None, "money": float(part.sum()),
                "share": float(part.sum()) / base if base > 0 else np.nan, "chains": len(part),
                "cases": t.loc[part.index, "case_key"].nunique(), "documents": tuple(names), "note": several(found.notes),
            })  # fmt: skip
    table = pd.DataFrame(rows, columns=list(LEAKED)).astype(
        {"money": float, "share": float, "chains": int, "cases": int}
    )
    return table.sort_values(["money", "kind", "currency"], ascending=[False, True, True], ignore_index=True)


def cash_bridge(log: EventLog) -> pd.DataFrame:
    """Bridge what was quoted in the deals sold to what was invoiced and received.

    Returns
    -------
    For each currency the rows of a waterfall, in the order of the process: `currency`, `kind`, `money` (positive for
    `quoted`, `invoiced`, `received`, which are sums; for what lies between, what it adds or, negative, takes away),
    `chains`, `cases`. What is nothing is left out. The rows between two sums add up to their difference exactly. Beside
    the kinds of `revenue_leakage`: `negotiated` (less in the contract than in the quote), `ordered_less` (or more),
    `invoiced_more`, `cash_discount`, `overpaid`, `rounding` (0.5 % and less), `unmatched` (lines that fit no other for
    certain) and what may still come: `not_ordered_yet, not_invoiced_yet, not_due_yet, overdue`. It ends where the log ends.
    """
    facts = Facts.of(log)
    found = bridge(facts)
    t = found.table[found.table["sold"] & ~found.table["mixed"]]
    currency = t["currency"]
    last = 2 if found.told["payment"] and found.told["invoice"] else 1 if found.told["invoice"] else 0
    rows = []
    for code in sorted(currency.unique(), key=lambda c: (c is None or c != c, str(c))):
        some = t[currency.isna()] if code is None or code != code else t[currency == code]
        parts = {"quoted": some["quoted"], **{kind: -some[kind] for kind in (*BEFORE, ROUNDING)}}
        if last == 2:
            parts = {k: v for k, v in parts.items() if k != ROUNDING} | {"invoiced": some["invoiced"]}
            parts |= {kind: -some[kind] for kind in (*AFTER, ROUNDING)} | {"received": some["paid"]}
        elif last == 1:
            parts["invoiced"] = some["invoiced"]
        for kind, each in parts.items():
            there = each[each != 0]
            if len(there) or kind in PILLARS[: last + 1]:
                cases = some.loc[there.index, "case_key"].nunique()
                rows.append(
                    (None if code is None or code != code else code, kind, float(each.sum()), len(there), cases)
                )
    return pd.DataFrame(rows, columns=["currency", "kind", "money", "chains", "cases"])


def unmatched_lines(log: EventLog) -> pd.DataFrame:
    """Count the lines and documents that could not be compared, and why.

    Returns
    -------
    One row per reason, stage and currency: `reason`, `stage` (quote, contract, order, invoice, credit, payment), `currency`,
    `lines`, `cases`, `money` they come to (NaN where unknown). The reasons: `no_case` (reaches no deal of the log),
    `no_stage` (its object is of no known kind), `no_amount`, `other_quote` (a quote that was not chosen), `void`
    (cancelled), `draft` (an invoice never sent), `unsure` (lines are left over on both sides and fit each other badly),
    `nothing_before` (on an order or invoice, and neither quoted nor ordered before), `currencies` (a chain in several).
    """
    facts = Facts.of(log)
    found = bridge(facts)
    aside, rows = found.chains.parts.aside, found.chains.rows
    t = found.chains.table
    own = rows.assign(reason=None)
    of = own["chain"].map(t["case_key"]).notna()
    own = own[of]
    unsure, mixed = (own["chain"].map(t[flag]).astype(bool) for flag in ("unsure", "mixed"))
    begun = own["chain"].isin(own.loc[own["step"].isin(["base", "contract"]), "chain"])
    quoted = own["case_key"].isin(own.loc[own["step"] == "base", "case_key"])
    own = own[own["amount"].notna() | ~own["header"]]
    mixed, unsure, begun, quoted = (flag.reindex(own.index) for flag in (mixed, unsure, begun, quoted))
    own["reason"] = np.select(
        [mixed, unsure, own["amount"].isna() & ~own["header"], ~begun & quoted & own["step"].isin(["order", "invoice"])],
        ["currencies", "unsure", "no_amount", "nothing_before"], "",
    )  # fmt: skip
    every = pd.concat([aside, own[own["reason"] != ""]], ignore_index=True)
    every = every[every["case_key"].isin(facts.keys) | ((every["case_key"] < 0) & (not log.conditions))]
    every = every.assign(stage=every["stage"].where(every["stage"].notna(), None))
    groups = every.groupby(["reason", "stage", "currency"], dropna=False, sort=True)
    table = groups.agg(
        lines=("line_id", "nunique"), cases=("case_key", lambda k: k[k >= 0].nunique()), money=("amount", lambda a: a.sum(min_count=1))
    ).reset_index()  # fmt: skip
    for name in ("stage", "currency"):
        table[name] = table[name].astype(object).where(table[name].notna(), None)
    return table.sort_values(["lines", "reason", "stage"], ascending=[False, True, True], ignore_index=True)


def _leaks(t: pd.DataFrame) -> pd.DataFrame:
    """Money lost by chain and kind; an invoice too many is money as well."""
    money = t[list(LEAKS)].copy()
    money["invoiced_twice"] = -money["invoiced_twice"]
    return money.clip(lower=0.0)


def _standing(t: pd.DataFrame) -> np.ndarray:
    """What most of the money of each chain is that did not come."""
    money = _leaks(t).fillna(0.0)
    rest = t[list(OPEN)].clip(lower=0.0).fillna(0.0)
    kind = np.where(rest.max(axis=1) > 0, rest.idxmax(axis=1), "settled")
    kind = np.where(t["unmatched"].fillna(0.0) != 0, "unmatched", kind)
    kind = np.where(t["not_sold"].fillna(0.0) != 0, "not_sold", kind)
    kind = np.where(money.max(axis=1) > 0, money.idxmax(axis=1), kind)
    return np.where(t["mixed"], "currencies", kind)


def _papers(found: Bridge, t: pd.DataFrame) -> pd.Series:
    """The ids of the documents of each chain, in the order of the process."""
    rows = found.chains.rows
    rows = rows[rows["chain"].isin(t.index) & (rows["object_id"] != "")]
    rows = rows.assign(place=rows["step"].map(ORDER.index)).sort_values(["place", "time", "object_id"], kind="stable")
    names: dict[int, dict[str, None]] = {number: {} for number in t.index}
    for number, name in zip(rows["chain"].tolist(), rows["object_id"].tolist(), strict=True):
        names[number][name] = None
    return pd.Series([tuple(found) for found in names.values()], t.index, dtype=object)


def _case_ids(log: EventLog) -> pd.Series:
    rows = engine.collect(log.base.cases.select("case_key", "case_id"))
    return rows.set_index("case_key")["case_id"].astype(object)
