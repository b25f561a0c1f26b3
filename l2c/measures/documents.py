"""What does each quote, contract, order and invoice say of money, and what became of it?"""

from __future__ import annotations

import narwhals as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c import engine
from l2c.log.invoices import DRAFT, SENT, kinds
from l2c.log.lines import stage
from l2c.log.settlement import (
    CANCELLED,
    CREDIT,
    CREDITED,
    DISCOUNT,
    NEVER,
    NO_DAY,
    PAYMENTS,
    REVERSED,
    TOGETHER,
    WRITE_OFF,
)
from l2c.measures.facts import Facts, as_times
from l2c.measures.invoices import books
from l2c.words import matching, vocabulary

# Columns of a log with the amount of one kind of document, under the names that sources give them. A plain `amount` is the deal's.
AMOUNTS = {
    "quote": ("quote_amount", "Quote Total", "見積金額", "見積額"),
    "contract": ("contract_amount", "Contract Total", "契約金額", "契約額"),
    "order": ("order_amount", "Order Total", "注文金額", "受注金額"),
    "invoice": (
        "invoice_amount",
        "Invoice Total",
        "Invoice Value",
        "Invoice Amount",
        "請求金額",
        "請求額",
        "請求書金額",
    ),
}
KINDS_OF_PAPER = ("quote", "contract", "order")
PAID_AMOUNTS = (
    "payment_amount",
    "Payment Amount",
    "Paid Amount",
    "Amount Paid",
    "Amount Received",
    "入金額",
    "入金金額",
    "支払金額",
)
_SUMS = ["credited", "discount", "bad", "paid"]
_MOVES = dict.fromkeys(PAYMENTS, "paid") | {CREDIT: "credited", DISCOUNT: "discount", WRITE_OFF: "bad"}


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
    return pd.concat([*(_of_phase(rows, kind) for kind in KINDS_OF_PAPER), _invoices(facts, rows)], ignore_index=True)


def _rows(facts: Facts) -> pd.DataFrame:
    """The events that name documents, in order, with what they say these come to."""
    log = facts.log
    names = log.events.collect_schema().names()
    keys = {matching.normalise(name): name for name in reversed(names)}
    amounts = {
        kind: next((keys[key] for key in map(matching.normalise, known) if key in keys), None)
        for kind, known in AMOUNTS.items()
    }
    phases = {name: vocabulary.phase_of(name) for name in log.activities}
    chosen = [name for name, phase in phases.items() if phase in KINDS_OF_PAPER or name in (SENT, DRAFT)]
    more = ["object_id", "object_type", *(name for name in amounts.values() if name)]
    kept = dict.fromkeys(["case_key", "position", "activity", "time", *(name for name in more if name in names)])
    rows = engine.collect(log.events.filter(nw.col("activity").is_in(chosen)).select(*kept))
    rows["activity"], rows["time"] = rows["activity"].astype(object), as_times(rows["time"].to_numpy())
    rows = rows[rows["time"] <= facts.until].sort_values(["case_key", "position"], ignore_index=True)
    rows["phase"] = rows["activity"].map(phases).astype(object)
    rows["object"] = rows["object_id"].astype(object).fillna("").astype(str) if "object_id" in rows else ""
    types = rows["object_type"].astype(object) if "object_type" in rows else pd.Series(None, rows.index, object)
    rows["stage"] = types.map({name: stage(str(name)) for name in types.dropna().unique()}).astype(object)
    for kind, column in amounts.items():
        rows[f"of_{kind}"] = pd.to_numeric(rows[column], errors="coerce").astype(float) if column else np.nan
    return rows


def _of_phase(rows: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Quotes, contracts or orders."""
    own = (rows["phase"] == kind) & (rows["stage"].isna() | (rows["stage"] == kind))
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
    """Invoices, with what was credited, written off, taken as discount and paid of each; see `l2c.log.settlement`."""
    key = ["case_key", "object"]
    begun = rows[rows["activity"].isin([SENT, DRAFT])]
    sends = SENT in facts.log.activities
    begun = begun.assign(sent=(begun["activity"] == SENT) | (not sends))
    begun = begun.sort_values([*key, "sent", "position"], ascending=[True, True, False, True], kind="stable")
    made = begun.groupby(key, sort=True).agg(
        first=("time", "first"), last=("time", "last"), draft=("of_invoice", "first"), sent=("sent", "any")
    )
    found = books(facts)
    money = found.rows.set_index(key)[["amount", "itself", "due", "end", "lost_at", *_SUMS]]
    aside = found.aside.set_index(key)[["reason", "credited"]]
    aside = aside[~aside.index.duplicated()]
    t = made.join(money).join(aside.rename(columns={"credited": "credited_whole"}))
    # Where payments name none of several invoices, these are one, and bear its amount together.
    t = t[t["reason"].ne(TOGETHER)].reset_index()
    itself, gone = t["itself"].eq(True), t["reason"].eq(CREDITED)
    t["amount"] = (
        (t["amount"] + t["credited"]).where(itself, t["draft"].where(~t["sent"])).where(~gone, t["credited_whole"])
    )
    t["credited"] = t["credited"].where(itself, 0.0).where(~gone, t["credited_whole"]).fillna(0.0)
    for name in ("discount", "bad", "paid"):
        t[name] = t[name].where(itself, 0.0).fillna(0.0)
    t["settled"], t["given_up"] = (t[c].notna() & t[c].ne(NEVER) for c in ("end", "lost_at"))
    # Of an invoice whose total only its lines tell, what its payments say counts as it stands.
    said = t[key].merge(_moved(facts, t[key]), on=key, how="left").set_axis(t.index)
    for name in _SUMS:
        t[name] = t[name].where(itself | gone, said[name].fillna(0.0))
    t["settled"] &= itself | said["paid"].isna()
    # Settled on a day that nothing tells: of what was settled nothing is missing.
    known = t["reason"].eq(NO_DAY)
    t["settled"] |= known
    for name in ("amount", "paid"):
        t[name] = t[name].mask(known, t["draft"])
    t["void"], t["accepted"], t["stage"] = t["reason"].eq(CANCELLED), False, "invoice"
    t["due"] = t["due"].fillna(-1).astype(np.int64)
    t = t.rename(columns={"object": "object_id", "discount": "discounted", "bad": "written_off"})
    kept = ["case_key", "stage", "object_id", "first", "last", "amount", "void", "accepted", "sent", "due", "credited"]
    return t[[*kept, "written_off", "discounted", "paid", "settled", "given_up"]]


def _moved(facts: Facts, bills: pd.DataFrame) -> pd.DataFrame:
    """What the payments, credit notes, discounts and write-offs say of each invoice, summed up by what they are."""
    log = facts.log
    names = {matching.normalise(name): name for name in log.events.collect_schema().names()}
    column = next((names[key] for key in map(matching.normalise, PAID_AMOUNTS) if key in names), None)
    meant = {name: _MOVES[kind] for name, kind in kinds(log.activities).items() if kind in _MOVES}
    if column is None or "object_id" not in names.values() or not meant:
        return bills.assign(**dict.fromkeys(_SUMS, np.nan))
    chosen = log.events.filter(nw.col("activity").is_in(list(meant)))
    rows = engine.collect(chosen.select("case_key", "activity", "time", "object_id", column))
    rows = rows[as_times(rows["time"].to_numpy()) <= facts.until]
    value = pd.to_numeric(rows[column], errors="coerce").astype(float)
    value = value.where(rows["activity"].astype(object) != REVERSED, -value.abs())
    rows = rows.assign(kind=rows["activity"].astype(object).map(meant), value=value).dropna(subset=["value"])
    only = bills.drop_duplicates("case_key", keep=False).set_index("case_key")["object"]
    rows["object"] = rows["case_key"].map(only).astype(object).fillna(rows["object_id"].astype(object))
    sums = rows.pivot_table(index=["case_key", "object"], columns="kind", values="value", aggfunc="sum")
    return sums.reindex(columns=_SUMS).reset_index()


def sold(facts: Facts) -> NDArray[np.float64]:
    """Amount of each deal; NaN where the column of that name holds the amounts of its invoices."""
    return np.full(len(facts), np.nan) if _is_of_invoices(facts) else facts.number("amount")


def _is_of_invoices(facts: Facts) -> bool:
    header = matching.normalise(str(facts.log.quality.mapping.get("columns", {}).get("amount", "")))
    return header in {matching.normalise(name) for name in AMOUNTS["invoice"]}
