"""Which payments belong to which invoice, and when is it paid?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from l2c.measures.facts import NEVER
from l2c.measures.repeats import INSTALMENT
from l2c.words.notes import Note

PAYMENT = "Payment Received"
# Where the source tells them from the payment that settles an invoice.
REVERSED = "Payment Reversed"
PARTS = (INSTALMENT, REVERSED)
# Bank charges and rounding: so much of an invoice pays it.
PAID = 0.995


def matched(sent: pd.DataFrame, later: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, list[Note]]:
    """One row per invoice, and the payments and credit notes with the `invoice` they belong to (its row).

    The rule is that of `l2c.measures.records`: the payments of a case name its invoices, or the case is one invoice.
    """
    key = ["case_key", "object"]
    first = sent.drop_duplicates(key).copy()
    first, later, notes = _without_cancelled(first, later)
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
    several = int((first["whole"] & (count > 1)).sum())
    first["invoices"] = np.where(first["whole"], 1, count)
    kept = first[~(first["whole"] & first["case_key"].duplicated())].reset_index(drop=True)
    for name in ("own", "said"):
        kept[name] = kept["case_key"].map(sums[name]).where(kept["whole"], kept[name])
    kept["invoice"] = np.arange(len(kept))
    whole = later["case_key"].map(kept[kept["whole"]].set_index("case_key")["invoice"])
    own = later[key].merge(kept.loc[~kept["whole"], [*key, "invoice"]], on=key, how="left")["invoice"]
    later = later.assign(invoice=whole.fillna(own.set_axis(later.index))).dropna(subset=["invoice"])
    notes += [Note("taken_together", n=several)] if several else []
    return kept, later.astype({"invoice": np.int64}), notes


def _without_cancelled(first: pd.DataFrame, later: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, list[Note]]:
    """Leave out the invoices that were cancelled whole: a cancellation says of itself how much only where it is part."""
    key = ["case_key", "object"]
    whole = later["cancels"] & later["own"].isna() & later["pays"].isna()
    gone = first[key].merge(later.loc[whole, key].drop_duplicates().assign(_gone=1), on=key, how="left")["_gone"]
    cancelled = gone.notna().to_numpy()
    notes = [Note("cancelled", n=cancelled.sum())] if cancelled.any() else []
    return first[~cancelled], later[~whole], notes


def settled(sent: pd.DataFrame, later: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Add when each invoice was paid for good (`end`) and how much of it (`paid`); take off credit notes."""
    payment = later["activity"] == PAYMENT
    credit = later[~payment]
    taken = credit["own"].fillna(credit["pays"]).fillna(credit["said"]).abs().groupby(credit["invoice"]).sum()
    amount = sent["amount"] - sent["invoice"].map(taken).fillna(0).where(sent["itself"], 0)
    pays = later[payment]
    due = pays["invoice"].map(amount)
    # A payment without an amount of its own pays the whole invoice.
    given = pays["pays"].fillna(pays["said"]).where(pays["invoice"].map(sent["itself"]).astype(bool)).fillna(due)
    given = given.where(~pays["back"], -given.abs())
    together = given.fillna(0).groupby(pays["invoice"]).cumsum()
    # What is taken back later has not been paid.
    reached = (due.isna() & ~pays["back"]) | (together >= PAID * due)
    stays = reached[::-1].groupby(pays["invoice"][::-1]).cummin()[::-1]
    enough = pays[stays].drop_duplicates("invoice")
    end = np.full(len(sent), NEVER)
    end[enough["invoice"].to_numpy()] = enough["time"].to_numpy(np.int64)
    sent["end"] = end
    total = sent["invoice"].map(together.groupby(pays["invoice"]).last()).fillna(0)
    void = amount <= (1 - PAID) * sent["amount"].abs()
    sent["paid"] = np.where(sent["end"] != NEVER, amount, np.minimum(total, amount))
    sent["amount"] = amount
    return sent[~void].reset_index(drop=True), int(void.sum())
