"""What does each quote, contract, order and invoice say of money, and what became of it?"""

from __future__ import annotations

from functools import cache

import narwhals as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c import engine
from l2c.log.lines import stage
from l2c.measures.due import TERMS, due_days
from l2c.measures.facts import Facts, as_times
from l2c.words import matching, vocabulary

# Columns of a log with the amount of one kind of document, under the names that sources give them.
AMOUNTS = {
    "quote": ("quote_amount", "Quote Total", "見積金額", "見積額"),
    "contract": ("contract_amount", "Contract Total", "契約金額", "契約額"),
    "order": ("order_amount", "Order Total", "注文金額", "受注金額"),
    "invoice": ("invoice_amount", "Invoice Total", "Invoice Value", "請求金額", "請求額", "請求書金額"),
    "paid": ("payment_amount", "Paid Amount", "Amount Paid", "Amount Received", "入金額", "入金金額", "支払金額"),
}
PAID = ("Payment Received", "Partial Payment Received")
_PHASES = {"quote": "quote", "contract": "contract", "order": "order"}
_SUMS = {
    "credited": ("creditnote", "creditmemo", "赤伝", "クレジットノート", "クレジットメモ"),
    "written_off": ("writtenoff", "writeoff", "baddebt", "貸倒", "償却"),
    "discounted": ("cashdiscounttaken", "discounttaken", "現金割引", "早期支払割引"),
}
_CANCELS = ("invoicecancel", "invoicereversed", "invoicevoid", "請求取消", "請求書取消")


def documents(facts: Facts) -> pd.DataFrame:
    """Return the documents that the events of a whole log name.

    Returns
    -------
    One row per document: `case_key, stage` (quote, contract, order, invoice), `object_id` ("" where it has no number),
    `first, last` (microseconds, of its first and last event), `amount` (NaN where unknown), `void` (cancelled or turned
    down), `accepted`; of invoices `sent` (whether it was sent, or the log knows no sending), `due` (day since 1970, -1 where
    unknown), `credited, written_off, discounted, paid` (money), `settled` (paid for good by a payment of
    unknown amount), `given_up` (what was left is written off).
    """
    rows = _rows(facts)
    found = [_of_phase(rows, kind) for kind in _PHASES]
    return pd.concat([*found, _invoices(facts, rows)], ignore_index=True)


def _rows(facts: Facts) -> pd.DataFrame:
    """The events that name documents or speak of their money, in order."""
    log = facts.log
    names = log.events.collect_schema().names()
    keys = {name: matching.normalise(name) for name in names}
    wanted = {
        kind: next((n for n in names if keys[n] in {matching.normalise(a) for a in known}), None)
        for kind, known in AMOUNTS.items()
    }
    phase = {a.en: a.phase for a in vocabulary.activities()}
    phase |= {name: found for name in log.activities if (found := vocabulary.phase_of(name))}
    wanted_phases = {*_PHASES.values(), "cash"}
    chosen = [a for a in log.activities if phase.get(a) in wanted_phases or _kind(a) or _cancels(a)]
    fixed = ["case_key", "position", "activity", "time"]
    more = [
        "object_id",
        "object_type",
        "amount",
        "due_date",
        TERMS,
        f"{TERMS}_days",
        *(n for n in wanted.values() if n),
    ]
    kept = dict.fromkeys([*fixed, *(n for n in more if n in names)])
    rows = engine.collect(log.events.filter(nw.col("activity").is_in(chosen)).select(*kept))
    rows["activity"] = rows["activity"].astype(object)
    rows["time"] = as_times(rows["time"].to_numpy())
    rows = rows[rows["time"] <= facts.until].sort_values(["case_key", "position"], ignore_index=True)
    rows["phase"] = rows["activity"].map(phase)
    rows["object"] = (
        rows["object_id"].astype(object).where(rows["object_id"].notna(), "").astype(str) if "object_id" in rows else ""
    )
    if "object_type" in rows:
        kinds = rows["object_type"].astype(object)
        known = {name: stage(str(name)) for name in kinds.dropna().unique()}
        rows["stage"] = kinds.map(known)
    else:
        rows["stage"] = None
    for kind, column in wanted.items():
        source = column or ("amount" if kind != "paid" and "amount" in rows else None)
        rows[f"of_{kind}"] = pd.to_numeric(rows[source], errors="coerce").astype(float) if source else np.nan
    if wanted["paid"] is None and "amount" in rows:
        rows["of_paid"] = pd.to_numeric(rows["amount"], errors="coerce").astype(float)
    return rows


@cache
def _kind(activity: str) -> str | None:
    """What an activity takes off an invoice without money coming in."""
    text = matching.normalise(activity)
    return next((kind for kind, words in _SUMS.items() if any(word in text for word in words)), None)


@cache
def _cancels(activity: str) -> bool:
    return any(word in matching.normalise(activity) for word in _CANCELS)


def _of_phase(rows: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Quotes, contracts or orders."""
    own = (rows["phase"] == _PHASES[kind]) & (rows["stage"].isna() | (rows["stage"] == kind))
    some = rows[own].copy()
    off = {"quote": ["Quote Rejected"], "contract": [], "order": ["Order Cancelled"]}[kind]
    some["void"], some["accepted"] = some["activity"].isin(off), some["activity"].isin(["Quote Accepted"])
    groups = some.groupby(["case_key", "object"], sort=True)
    made = groups.agg(
        first=("time", "first"), last=("time", "last"), amount=(f"of_{kind}", "last"), void=("void", "any"),
        accepted=("accepted", "any"),
    ).reset_index()  # fmt: skip
    return made.rename(columns={"object": "object_id"}).assign(stage=kind)


def _invoices(facts: Facts, rows: pd.DataFrame) -> pd.DataFrame:
    """Invoices, with what was credited, written off, taken as discount and paid of each."""
    key = ["case_key", "object"]
    begun = rows[rows["activity"].isin(["Invoice Sent", "Invoice Created"])]
    sends = "Invoice Sent" in facts.log.activities
    begun = begun.assign(sent=(begun["activity"] == "Invoice Sent") | (not sends))
    begun = begun.sort_values([*key, "sent", "position"], ascending=[True, True, False, True], kind="stable")
    texts = [c for c in (TERMS, f"{TERMS}_days", "due_date") if c in begun]
    first = begun.groupby(key, sort=True).agg(
        first=("time", "first"), last=("time", "last"), amount=("of_invoice", "first"), sent=("sent", "any"),
        **{c: (c, "first") for c in texts},
    ).reset_index()  # fmt: skip
    told = {a: _kind(a) is not None or _cancels(a) for a in rows["activity"].unique()}
    later = rows[rows["phase"].eq("cash") | rows["activity"].map(told).astype(bool)]
    later = later[~later["activity"].isin(["Invoice Sent", "Invoice Created"])].assign(
        kind=lambda t: t["activity"].map(_kind), cancels=lambda t: t["activity"].map(_cancels).astype(bool)
    )
    later["pays"] = later["activity"].isin(PAID)
    value = later["of_paid"].fillna(later["of_invoice"].where(later["kind"].notna()))
    later["value"] = value.where(later["activity"] != "Payment Reversed", -value.abs())
    first, later = _matched(first, later)
    sums = {
        name: later[later["kind"] == name].assign(value=lambda t: t["value"].abs()).groupby("invoice")["value"].sum()
        for name in _SUMS
    }
    paying = later[later["pays"] | (later["activity"] == "Payment Reversed")]
    sums["paid"] = paying.groupby("invoice")["value"].sum()
    whole = paying[(paying["activity"] == PAID[0]) & paying["value"].isna()].groupby("invoice").size()
    off = later[later["cancels"]].groupby("invoice").size()
    # What is written off without an amount is all that was left.
    rest = later[(later["kind"] == "written_off") & later["value"].isna()].groupby("invoice").size()
    for name, found in sums.items():
        first[name] = first["invoice"].map(found).fillna(0.0).astype(float)
    first["settled"] = first["invoice"].isin(whole.index)
    first["amount"] = first["amount"].fillna(pd.Series(_amount_of_case(facts, first), first.index))
    first["given_up"] = first["invoice"].isin(rest.index)
    first["void"], first["accepted"] = first["invoice"].isin(off.index), False
    day = first.rename(columns={"first": "time"}).assign(case=facts.place[first["case_key"].to_numpy(np.int64)])
    if "due_date" not in day or not pd.api.types.is_datetime64_any_dtype(day["due_date"].dtype):
        day["due_date"] = np.datetime64("NaT", "us")
    first["due"] = due_days(facts, day) if len(day) else np.array([], np.int64)
    first = first.rename(columns={"object": "object_id"}).drop(columns=["invoice", *texts])
    return first.assign(stage="invoice")


def sold(facts: Facts) -> NDArray[np.float64]:
    """Amount of each deal; NaN where the column of that name holds the amounts of its invoices."""
    return np.full(len(facts), np.nan) if _is_of_invoices(facts) else facts.number("amount")


def _is_of_invoices(facts: Facts) -> bool:
    header = matching.normalise(str(facts.log.quality.mapping.get("columns", {}).get("amount", "")))
    return header in {matching.normalise(name) for name in (*AMOUNTS["invoice"], "Invoice Amount")}


def _amount_of_case(facts: Facts, first: pd.DataFrame) -> NDArray[np.float64]:
    """What the file calls the amount of the invoice is kept with the deal; it is that of its only invoice."""
    alone = first.groupby("case_key")["invoice"].transform("size").to_numpy() == 1
    if not _is_of_invoices(facts) or not len(first):
        return np.full(len(first), np.nan)
    return np.where(alone, facts.number("amount")[facts.place[first["case_key"].to_numpy(np.int64)]], np.nan)


def _matched(first: pd.DataFrame, later: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give each payment, credit and cancellation its `invoice`: the one it names, else the only one of its case.

    Where a case has several and nothing is named, they are one: the first of them, with the amount of all.
    """
    key = ["case_key", "object"]
    first = first.assign(invoice=np.arange(len(first)))
    later = later.merge(first[[*key, "invoice"]], on=key, how="left")
    lone = later["invoice"].isna()
    # An event that names no invoice of its case, in a case in which none does, is about all of them together.
    named = later[~lone & later["pays"]]["case_key"].unique()
    strays = later[lone & later["pays"] & ~later["case_key"].isin(named)]["case_key"].unique()
    sizes = first.groupby("case_key")["invoice"].transform("size")
    together = first["case_key"].isin(strays) & (sizes > 1)
    if together.any():
        whole = (
            first[together]
            .groupby("case_key")
            .agg(amount=("amount", lambda a: a.sum(min_count=len(a))), invoice=("invoice", "first"))
        )
        later["invoice"] = later["invoice"].where(
            ~later["case_key"].isin(whole.index), later["case_key"].map(whole["invoice"])
        )
        first = first[~together | ~first["case_key"].duplicated()].copy()
        first["amount"] = (
            first["case_key"].map(whole["amount"]).where(first["case_key"].isin(whole.index), first["amount"])
        )
    only = first.groupby("case_key")["invoice"].agg(["first", "size"])
    single = later["case_key"].map(only["first"].where(only["size"] == 1))
    later["invoice"] = later["invoice"].fillna(single)
    return first, later.dropna(subset=["invoice"]).astype({"invoice": np.int64})
