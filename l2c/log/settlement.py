"""Which money belongs to which invoice, and when is nothing left of it?

An invoice is a balance: what was invoiced, less credit notes, payments, cash discount and what was written off. It is
paid on the day from which its balance stays nil by money, discount and credit; where only writing off ends it, it is
bad debt.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c.log.columns import UNDATED
from l2c.words import payment_terms

PAYMENT, INSTALMENT, REVERSED = "Payment Received", "Partial Payment Received", "Payment Reversed"
CREDIT, CANCEL = "Credit Note Issued", "Invoice Cancelled"
DISCOUNT, WRITE_OFF = "Cash Discount Taken", "Invoice Written Off"
PAYMENTS = (PAYMENT, INSTALMENT, REVERSED)
# Bank charges and rounding: so much of an invoice pays it.
PAID = 0.995
# A discount taken without an amount explains no larger rest than this.
LARGEST_DISCOUNT = 0.1
# Microseconds since 1970; stands for what has not happened.
NEVER = np.iinfo(np.int64).max
# Why an invoice does not count as it stands.
CANCELLED, CREDITED, TOGETHER, NO_DAY = "cancelled", "credited", "together", "no_day"
# States of today that take an invoice back whole, whenever that was.
VOID = ("void", "cancelled")
KEY = ["case_key", "object"]


def matched(sent: pd.DataFrame, later: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """One row per invoice; what happened to it, with the `invoice` it belongs to (its row); and what is `aside`.

    The rule is that of `l2c.measures.objects`: the payments of a case name its invoices, or the case is one invoice.
    What bears no number belongs to the invoice where the case has only one; `invoice` is -1 where nothing tells.
    """
    first = sent.drop_duplicates(KEY).copy()
    later = _numbered(first, later)
    first, later, cancelled = _without_cancelled(first, later)
    earliest = later.groupby(KEY)["due_date"].min().rename("other").reset_index()
    other = first[KEY].merge(earliest, on=KEY, how="left")["other"]
    first["due_date"] = first["due_date"].fillna(other.set_axis(first.index))
    payment = later["kind"].isin(PAYMENTS)
    met = later[payment & (later["object"] != "")].merge(first[KEY], on=KEY)["case_key"].unique()
    paying = later.loc[payment, "case_key"].unique()
    first["whole"] = first["case_key"].isin(paying) & ~first["case_key"].isin(met)
    # What a case says of its invoices together, where they are one.
    sums = first[first["whole"]].groupby("case_key")[["own", "said"]].sum(min_count=1)
    count = first.groupby("case_key")["time"].transform("size")
    together = aside(first[first["whole"] & (count > 1)], TOGETHER)
    first["invoices"] = np.where(first["whole"], 1, count)
    kept = first[~(first["whole"] & first["case_key"].duplicated())].reset_index(drop=True)
    for name in ("own", "said"):
        kept[name] = kept["case_key"].map(sums[name]).where(kept["whole"], kept[name])
    kept["invoice"] = np.arange(len(kept))
    whole = later["case_key"].map(kept[kept["whole"]].set_index("case_key")["invoice"])
    own = later[KEY].merge(kept.loc[~kept["whole"], [*KEY, "invoice"]], on=KEY, how="left")["invoice"]
    found = whole.fillna(own.set_axis(later.index)).fillna(-1).astype(np.int64)
    return kept, later.assign(invoice=found), pd.concat([cancelled, together])


def undated(sent: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Set aside the invoices that were settled on a day that nothing tells: they are neither open nor paid."""
    if UNDATED not in sent or not sent[UNDATED].notna().any():
        return sent, aside(sent[:0], NO_DAY)
    state = sent[UNDATED].astype(object)
    void = state.isin(VOID)
    gone = [aside(sent[void], CANCELLED), aside(sent[state.notna() & ~void], NO_DAY)]
    return sent[state.isna()], pd.concat(gone)


def aside(rows: pd.DataFrame, reason: str) -> pd.DataFrame:
    """Invoices that do not count as they stand, why, and what was credited of them."""
    said = {
        "case_key": rows["case_key"].to_numpy(np.int64),
        "object": rows["object"].to_numpy(object),
        "reason": reason,
    }
    return pd.DataFrame(said).assign(credited=rows["credited"].to_numpy() if "credited" in rows else np.nan)


def _numbered(first: pd.DataFrame, later: pd.DataFrame) -> pd.DataFrame:
    """Give what is no payment, and names no invoice of its case, to the invoice of the case where there is only one."""
    if not len(later) or later["kind"].isin(PAYMENTS).all():
        return later
    known = later[KEY].merge(first[KEY].assign(_known=1), on=KEY, how="left")["_known"].notna().to_numpy()
    alone = first.drop_duplicates("case_key", keep=False).set_index("case_key")["object"]
    only = later["case_key"].map(alone)
    lost = ~known & only.notna() & ~later["kind"].isin(PAYMENTS)
    return later.assign(object=later["object"].mask(lost, only))


def _without_cancelled(first: pd.DataFrame, later: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Leave out the invoices that were cancelled whole: a cancellation says of itself how much only where it is part."""
    whole = (later["kind"] == CANCEL) & later["own"].isna() & later["pays"].isna()
    named = later.loc[whole, KEY].drop_duplicates().assign(_gone=1)
    cancelled = first[KEY].merge(named, on=KEY, how="left")["_gone"].notna().to_numpy()
    met = later[KEY].merge(first[KEY].assign(_met=1), on=KEY, how="left")["_met"].notna().to_numpy()
    return first[~cancelled], later[~(whole & met)], aside(first[cancelled], CANCELLED)


class Settled(NamedTuple):
    """Invoices with what became of them, the running `balance` of each, and those that were credited in full."""

    rows: pd.DataFrame
    balance: pd.DataFrame
    aside: pd.DataFrame


def settled(sent: pd.DataFrame, later: pd.DataFrame) -> Settled:
    """Work out the balance of each invoice, move by move.

    Parameters
    ----------
    sent
        A row per invoice, its `invoice` being its number: `amount`, whether that is the invoice's `itself`, `time` of sending, and
        `terms` in words (missing where there are none).
    later
        A row per payment, credit note, discount or write-off in order, with the `invoice` it belongs to.

    Returns
    -------
    rows : the same with `amount` less credit notes; `end` (when it was paid for good) and `lost_at` (when what was left was
        written off), NEVER where it was not; `paid`, `discount`, `bad` (written off), `credited`; `unclear`: how many credit notes
        do not say how much.
    balance : `invoice, day, left`: what is left of an invoice after each move; before the first it is all.
    aside : those of which credit notes leave nothing.
    """
    moves = _moves(sent, later)
    by = moves["invoice"].to_numpy()
    _reached(sent, moves)
    rows = sent.copy()
    rows["end"], rows["lost_at"] = (_stays(moves, moves[flag], len(sent)) for flag in ("paid", "nil"))
    rows["lost_at"] = rows["lost_at"].where(rows["end"] == NEVER, NEVER)
    last = moves.drop_duplicates("invoice", keep="last").set_index("invoice")
    money, off, gone, credit = (
        rows["invoice"].map(last[c]).fillna(0.0) for c in ("money", "taken", "written", "credit")
    )
    amount = sent["amount"] - credit
    rest = np.maximum(amount - money, 0)
    paid, lost = rows["end"] != NEVER, rows["lost_at"] != NEVER
    granted = rows["invoice"].isin(last.index[last["granted"]])
    rows["discount"] = np.where(paid & granted, rest, np.minimum(off, rest))
    due = rest - rows["discount"]
    rows["bad"] = np.where(paid, 0.0 * rest, np.where(lost, due, np.minimum(gone, due)))
    rows["paid"] = np.minimum(money, amount)
    rows["credited"], rows["amount"] = credit, amount
    rows["unclear"] = rows["invoice"].map(moves["unclear"].groupby(by).sum()).fillna(0).astype(np.int64)
    # Credit notes take off what was never owed, whenever they came.
    left = np.maximum(moves["invoice"].map(amount) - moves["money"] - moves["taken"] - moves["written"], 0)
    left = np.where(moves["nil"], 0.0, np.minimum(left, moves["invoice"].map(amount)))
    balance = pd.DataFrame({"invoice": by, "day": moves["day"], "left": left})
    void = amount <= (1 - PAID) * sent["amount"].abs()
    return Settled(rows[~void], balance, aside(rows[void], CREDITED))


def _moves(sent: pd.DataFrame, later: pd.DataFrame) -> pd.DataFrame:
    """The moves of all invoices with their sums so far: `credit, due, money, taken, written`, and what they do not say."""
    moves = later[later["invoice"] >= 0].sort_values(
        ["invoice", "case_key", "position"], kind="stable", ignore_index=True
    )
    by = moves["invoice"]
    itself, amount = by.map(sent["itself"]).astype(bool), by.map(sent["amount"]).astype(float)
    payment, back = moves["kind"].isin(PAYMENTS), moves["kind"] == REVERSED
    part = moves["kind"] == INSTALMENT

    def of(kind: pd.Series, given: pd.Series) -> pd.Series:
        return given.where(kind & itself).fillna(0.0).groupby(by).cumsum()

    credit = moves["kind"].isin([CREDIT, CANCEL])
    said = moves["own"].fillna(moves["pays"]).fillna(moves["said"]).abs()
    moves["unclear"] = credit & (said.isna() | ~itself)
    moves["credit"] = of(credit, said)
    moves["due"] = amount - moves["credit"]
    given = moves["pays"].fillna(moves["said"]).where(itself & payment)
    # A part without an amount of its own pays nobody knows how much, and what settles the invoice after it the rest.
    unknown = (part & given.isna()).groupby(by).cummax()
    moves["rest"] = payment & ~part & ~back & (moves["due"].isna() | unknown)
    # Any other payment without one pays the whole invoice.
    given = given.fillna(moves["due"].where(payment & ~part & ~back)).where(payment)
    given = given.where(~back, -given.abs())
    moves["money"] = given.fillna(0.0).groupby(by).cumsum()
    # What comes back without an amount was all of it.
    emptied = back & given.isna()
    if emptied.any():
        base = moves["money"].where(emptied).groupby(by).ffill().fillna(0.0)
        moves["money"] = moves["money"] - base
    said = moves["pays"].fillna(moves["own"]).fillna(moves["said"]).abs()
    for kind, total, unsaid in ((DISCOUNT, "taken", "allowed"), (WRITE_OFF, "written", "given_up")):
        its = moves["kind"] == kind
        # Half of an invoice and more is no discount: the column repeats the amount of the invoice.
        known = said.where(said < amount / 2) if kind == DISCOUNT else said
        moves[total] = of(its, known)
        moves[unsaid] = (its & (known.isna() | ~itself)).groupby(by).cummax().astype(bool)
    moves["back"] = back
    return moves


def _reached(sent: pd.DataFrame, moves: pd.DataFrame) -> None:
    """Add, after each move, whether the invoice is `paid`, whether its balance is `nil`, and whether a discount was `granted`."""
    by, due = moves["invoice"], moves["due"]
    money = moves["money"] + moves["taken"]
    # Where amounts are unknown, what settles an invoice does so until it is taken back.
    state = pd.Series(np.where(moves["rest"], 1.0, np.where(moves["back"], 0.0, np.nan)), moves.index)
    rest = (state.groupby(by).ffill() == 1) & (due.isna() | moves["rest"].groupby(by).cummax())
    allowed = moves["allowed"] & (moves["money"] > 0) & (money >= (PAID - LARGEST_DISCOUNT) * due)
    moves["granted"] = allowed | _in_discount_days(sent, moves)
    moves["paid"] = rest | (money >= PAID * due) | moves["granted"]
    given_up = moves["given_up"] | (moves["written"].where(moves["written"] > 0) + money >= PAID * due)
    moves["nil"] = moves["paid"] | given_up


def _in_discount_days(sent: pd.DataFrame, moves: pd.DataFrame) -> pd.Series:
    """Whether so much had come within the days of a cash discount that the terms let the rest go, and stayed."""
    found = pd.Series(False, moves.index)
    agreed = {text: payment_terms.discounts(text) for text in sent["terms"].dropna().unique() if isinstance(text, str)}
    tiers = sent["terms"].map({text: each for text, each in agreed.items() if each})
    by, day = moves["invoice"], moves["day"].to_numpy(np.int64)
    sent_on = sent["day"].to_numpy(np.int64)
    for tier in range(max((len(each) for each in agreed.values()), default=0)):
        named = [(row, each[tier]) for row, each in enumerate(tiers) if isinstance(each, tuple) and tier < len(each)]
        until = {row: payment_terms.discount_day(int(sent_on[row]), each) for row, each in named}
        share = by.map({row: each.share for row, each in named}).astype(float)
        enough = moves["money"] >= (PAID - share) * moves["due"]
        run = (~enough).groupby(by).cumsum()
        begun = pd.Series(np.where(enough, day, NEVER), moves.index).groupby([by, run]).transform("min")
        found |= enough & (begun <= by.map(until).astype(float))
    return found


def _stays(moves: pd.DataFrame, reached: pd.Series, n: int) -> NDArray[np.int64]:
    """Since when something holds of each invoice and goes on to hold; NEVER where it does not."""
    by = moves["invoice"]
    stays: pd.Series = reached.astype(bool)[::-1].groupby(by[::-1]).cummin()[::-1].astype(bool)
    first = moves.loc[stays].drop_duplicates("invoice")
    end = np.full(n, NEVER)
    end[np.asarray(first["invoice"])] = first["time"].to_numpy(np.int64)
    return end
