"""Which payments belong to which invoice, and when is it paid?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from l2c.measures.facts import NEVER
from l2c.measures.repeats import INSTALMENT

PAYMENT = "Payment Received"
# Where the source tells them from the payment that settles an invoice.
REVERSED = "Payment Reversed"
PARTS = (INSTALMENT, REVERSED)
# Bank charges and rounding: so much of an invoice pays it.
PAID = 0.995
# Why an invoice does not count as it stands.
CANCELLED, CREDITED, TOGETHER = "cancelled", "credited", "together"


def matched(sent: pd.DataFrame, later: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """One row per invoice; the payments and credit notes with the `invoice` they belong to (its row); and what is `aside`.

    The rule is that of `l2c.measures.objects`: the payments of a case name its invoices, or the case is one invoice.
    """
    key = ["case_key", "object"]
    first = sent.drop_duplicates(key).copy()
    first, later, cancelled = _without_cancelled(first, later)
    earliest = later.groupby(key)["due_date"].min().rename("other").reset_index()
    other = first[key].merge(earliest, on=key, how="left")["other"]
    first["due_date"] = first["due_date"].fillna(other.set_axis(first.index))
    pays = later[(later["activity"] == PAYMENT) & (later["object"] != "")]
    met = pays.merge(first[key], on=key)["case_key"].unique()
    paying = later.loc[later["activity"] == PAYMENT, "case_key"].unique()
    first["whole"] = first["case_key"].isin(paying) & ~first["case_key"].isin(met)
    # What a case says of its invoices together, where they are one.
    sums = first[first["whole"]].groupby("case_key")[["own", "said"]].sum(min_count=1)
    count = first.groupby("case_key")["case"].transform("size")
    together = aside(first[first["whole"] & (count > 1)], TOGETHER)
    first["invoices"] = np.where(first["whole"], 1, count)
    kept = first[~(first["whole"] & first["case_key"].duplicated())].reset_index(drop=True)
    for name in ("own", "said"):
        kept[name] = kept["case_key"].map(sums[name]).where(kept["whole"], kept[name])
    kept["invoice"] = np.arange(len(kept))
    whole = later["case_key"].map(kept[kept["whole"]].set_index("case_key")["invoice"])
    own = later[key].merge(kept.loc[~kept["whole"], [*key, "invoice"]], on=key, how="left")["invoice"]
    later = later.assign(invoice=whole.fillna(own.set_axis(later.index))).dropna(subset=["invoice"])
    return kept, later.astype({"invoice": np.int64}), pd.concat([cancelled, together])


def aside(rows: pd.DataFrame, reason: str) -> pd.DataFrame:
    """Invoices that do not count as they stand, and why: `case_key, reason`."""
    return pd.DataFrame({"case_key": rows["case_key"].to_numpy(np.int64), "reason": reason})


def _without_cancelled(first: pd.DataFrame, later: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Leave out the invoices that were cancelled whole: a cancellation says of itself how much only where it is part."""
    key = ["case_key", "object"]
    whole = later["cancels"] & later["own"].isna() & later["pays"].isna()
    gone = first[key].merge(later.loc[whole, key].drop_duplicates().assign(_gone=1), on=key, how="left")["_gone"]
    cancelled = gone.notna().to_numpy()
    return first[~cancelled], later[~whole], aside(first[cancelled], CANCELLED)


def settled(sent: pd.DataFrame, later: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Add when each invoice was paid for good (`end`) and how much of it (`paid`); take off credit notes, and say where all."""
    payment = later["activity"] == PAYMENT
    credit = later[~payment]
    taken = credit["own"].fillna(credit["pays"]).fillna(credit["said"]).abs().groupby(credit["invoice"]).sum()
    amount = sent["amount"] - sent["invoice"].map(taken).fillna(0).where(sent["itself"], 0)
    pays = later[payment]
    due = pays["invoice"].map(amount)
    given = pays["pays"].fillna(pays["said"]).where(pays["invoice"].map(sent["itself"]).astype(bool))
    # A part without an amount of its own pays nobody knows how much, and what settles the invoice after it the rest.
    unknown = (pays["part"] & given.isna()).groupby(pays["invoice"]).cummax()
    rest = ~pays["part"] & ~pays["back"] & (due.isna() | unknown)
    # Any other payment without one pays the whole invoice.
    given = given.fillna(due.where(~pays["part"]))
    given = given.where(~pays["back"], -given.abs())
    together = given.fillna(0).groupby(pays["invoice"]).cumsum()
    # What is taken back later has not been paid.
    reached = rest | (together >= PAID * due)
    stays = reached[::-1].groupby(pays["invoice"][::-1]).cummin()[::-1]
    enough = pays[stays].drop_duplicates("invoice")
    end = np.full(len(sent), NEVER)
    end[enough["invoice"].to_numpy()] = enough["time"].to_numpy(np.int64)
    sent["end"] = end
    total = sent["invoice"].map(together.groupby(pays["invoice"]).last()).fillna(0)
    void = amount <= (1 - PAID) * sent["amount"].abs()
    sent["paid"] = np.where(sent["end"] != NEVER, amount, np.minimum(total, amount))
    sent["amount"] = amount
    return sent[~void].reset_index(drop=True), aside(sent[void], CREDITED)
