"""What do the events of a log say of each invoice, and which deals are paid?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

import narwhals as nw
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c import engine
from l2c.log.columns import UNDATED
from l2c.log.settlement import (
    CANCEL,
    CREDIT,
    DISCOUNT,
    INSTALMENT,
    KEY,
    NEVER,
    PAYMENT,
    REVERSED,
    WRITE_OFF,
    matched,
    settled,
    undated,
)  # fmt: skip
from l2c.log.zone import Clock
from l2c.words import matching, vocabulary

Frame = nw.LazyFrame[Any]

SENT, DRAFT, CORRECTED = "Invoice Sent", "Invoice Created", "Invoice Corrected"
MOVES = (PAYMENT, INSTALMENT, REVERSED, CREDIT, CANCEL, DISCOUNT, WRITE_OFF)
TERMS = "payment_terms"
_AMOUNTS = ("invoice_amount", "Invoice Total", "Invoice Value", "請求金額", "請求額", "請求書金額")
_PAYMENTS = (
    "payment_amount", "Paid Amount", "Amount Paid", "Amount Received", "Payment Amount", "入金額", "入金金額", "支払金額",
)  # fmt: skip


class Ledger(NamedTuple):
    """All invoices of a log, by the key of their case.

    Attributes
    ----------
    rows
        One row per invoice that counts; see `settlement.settled`.
    balance
        What is left of each after each move.
    aside
        Those that do not count as they stand: `case_key, reason, credited`.
    loose
        Moves that name none of several invoices of their case: `case_key, kind`.
    """

    rows: pd.DataFrame
    balance: pd.DataFrame
    aside: pd.DataFrame
    loose: pd.DataFrame


def kinds(activities: Iterable[str]) -> dict[str, str]:
    """What each activity of a log is to an invoice, of those that are something: `{Credit Memo: Credit Note Issued}`."""
    names = list(activities)
    found = {name: name for name in names if name in (SENT, DRAFT, CORRECTED, *MOVES)}
    # Two names of one source are kept apart by the reader, and mean the same here all the same.
    beside = {CREDIT, CANCEL, DISCOUNT, WRITE_OFF}
    others = {name: matching.match_activity(name) for name in names if name not in found}
    return found | {name: kind for name, kind in others.items() if kind in beside}


class Told(NamedTuple):
    """What the events of a log tell of its invoices: their `rows` in order, amount and terms of the cases, and how it begins."""

    rows: pd.DataFrame
    known: pd.DataFrame
    deals: pd.Series[float]
    start: str

    def of(self, rows: NDArray[np.int64], key: NDArray[np.int64]) -> Told:
        """Some of the rows, with another key of their cases."""
        real, some = self.rows["case_key"].to_numpy(np.int64)[rows], pd.Index(key)
        names, real = some[~some.duplicated()], real[~some.duplicated()]
        known, deals = self.known.reindex(real).set_axis(names), self.deals.reindex(real).set_axis(names)
        return self._replace(
            rows=self.rows.iloc[rows].assign(case_key=key).reset_index(drop=True), known=known, deals=deals
        )


def ledger(
    events: Frame,
    cases: Frame,
    activities: Iterable[str],
    *,
    header: str = "",
    until: int | None = None,
    more: Collection[str] = (),
    clock: Clock | None = None,
) -> Ledger:
    """Gather the invoices of some events and cases, and settle them; see `told` and `settle`.

    Parameters
    ----------
    until
        What happened later, in microseconds since 1970, is not known.
    """
    found = told(events, cases, activities, more=more, clock=clock)
    rows = found.rows if until is None else found.rows[found.rows["time"] <= until].reset_index(drop=True)
    return settle(found._replace(rows=rows), header)


def told(
    events: Frame, cases: Frame, activities: Iterable[str], *, more: Collection[str] = (), clock: Clock | None = None
) -> Told:
    """Gather what events and cases tell of invoices.

    Parameters
    ----------
    activities
        The activities of the log.
    more
        Columns of the events that the invoices keep, beside those that say when they are due.
    clock
        What cuts days, in the zone of the business; in UTC unless given.
    """
    meant = kinds(activities)
    rows = _rows(events, meant, more)
    rows["day"] = (clock or Clock()).days(rows["time"].to_numpy(np.int64))
    known = _of_cases(cases, rows["case_key"].unique())
    return Told(rows, known, _deal_amounts(events, known, meant), SENT if SENT in meant else DRAFT)


def settle(found: Told, header: str = "") -> Ledger:
    """Settle the invoices that events tell of; the source calls the column `amount` by its `header`."""
    rows, known = found.rows, found.known
    sent = _dated(_filled(rows, found.start), rows[rows["kind"].isin([found.start, CORRECTED])])
    sent, unknown = undated(sent)
    sent, later, gone = matched(sent, rows[rows["kind"].isin(MOVES)])
    _with_amounts(sent, known, found.deals, header)
    of_case = sent["case_key"].map(known[TERMS])
    sent["terms"] = sent[TERMS].astype(object).fillna(of_case) if TERMS in sent else of_case
    done = settled(sent, later)
    loose = later[(later["invoice"] < 0) & later["case_key"].isin(sent["case_key"])]
    return Ledger(done.rows, done.balance, pd.concat([gone, unknown, done.aside]), loose[["case_key", "kind"]])


def settle_before(found: Told, now: Ledger, moments: Sequence[int], header: str = "") -> list[Ledger]:
    """The same invoices as they stood at some moments before `now`.

    Notes
    -----
    Cases have nothing to do with each other: one of which all had happened stands as it does now, one of which nothing had is
    not there, and only those in between are settled again, for all moments at once. Each is a case of its own at each moment.
    """
    case, time = (found.rows[name].to_numpy(np.int64) for name in ("case_key", "time"))
    size = int(case.max(initial=0)) + 1
    first, last = np.full(size, NEVER), np.full(size, -NEVER)
    np.minimum.at(first, case, time)
    np.maximum.at(last, case, time)
    halfway = [(time <= moment) & (last[case] > moment) for moment in moments]
    rows = np.concatenate([np.flatnonzero(some) for some in halfway]) if len(moments) else np.zeros(0, np.int64)
    place = np.repeat(np.arange(len(moments)), [int(some.sum()) for some in halfway])
    again = settle(found.of(rows, place * size + case[rows]), header)
    offset = int(now.balance["invoice"].max() + 1 if len(now.balance) else 0) + int(
        now.rows["invoice"].max() + 1 if len(now.rows) else 0
    )
    ledgers = []
    for number, moment in enumerate(moments):
        over = last <= moment

        def both(
            old: pd.DataFrame, new: pd.DataFrame, over: NDArray[np.bool_] = over, number: int = number
        ) -> pd.DataFrame:
            key = new["case_key"].to_numpy(np.int64)
            kept = old[over[old["case_key"].to_numpy(np.int64)]]
            mine = new[key // size == number].assign(case_key=key[key // size == number] % size)
            if "invoice" in mine:
                mine["invoice"] += offset
            return pd.concat([each for each in (kept, mine) if len(each)] or [kept]).sort_values(
                "case_key", kind="stable", ignore_index=True
            )

        its = both(now.rows, again.rows)
        left = pd.concat([now.balance, again.balance.assign(invoice=again.balance["invoice"] + offset)])
        left = left[left["invoice"].isin(its["invoice"])].reset_index(drop=True)
        ledgers.append(Ledger(its, left, both(now.aside, again.aside), both(now.loose, again.loose)))
    return ledgers


def _rows(events: Frame, meant: dict[str, str], more: Collection[str]) -> pd.DataFrame:
    """The events of invoices, payments and credit notes, in order, with what they say of the invoice."""
    names = events.collect_schema().names()
    found = {"own": _named(names, _AMOUNTS), "pays": _named(names, _PAYMENTS), "said": _named(names, ("amount",))}
    fixed = ["case_key", "position", "activity", "time"]
    wanted = {"object_id", "due_date", f"{TERMS}_days", TERMS, UNDATED, *more, *found.values()}
    chosen = events.filter(nw.col("activity").is_in(list(meant)))
    rows = engine.collect(chosen.select(*dict.fromkeys([*fixed, *(n for n in names if n in wanted)])))
    rows["time"] = rows["time"].to_numpy().astype("datetime64[us]").astype(np.int64)
    rows["kind"] = rows["activity"].map(meant)
    rows = rows.sort_values(["case_key", "position"], ignore_index=True)
    rows["object"] = rows["object_id"].astype(object).fillna("").astype(str) if "object_id" in rows else ""
    for name, column in found.items():
        rows[name] = pd.to_numeric(rows[column], errors="coerce").astype(float) if column else np.nan
    if "due_date" not in rows or not pd.api.types.is_datetime64_any_dtype(rows["due_date"].dtype):
        rows["due_date"] = np.datetime64("NaT", "us")
    return rows


def _of_cases(cases: Frame, keys: NDArray[np.int64]) -> pd.DataFrame:
    """Amount and terms of the cases, by their key."""
    there = [name for name in ("amount", TERMS) if name in cases.collect_schema().names()]
    known = (
        engine.collect(cases.select("case_key", *there)).set_index("case_key") if there else pd.DataFrame(index=keys)
    )
    known["amount"] = pd.to_numeric(known["amount"], errors="coerce").astype(float) if "amount" in known else np.nan
    if TERMS not in known:
        known[TERMS] = None
    return known


def _filled(rows: pd.DataFrame, start: str) -> pd.DataFrame:
    """What an invoice does not say when it is sent, it may have said when it was created."""
    sent = rows[rows["kind"] == start]
    drafts = rows[(rows["kind"] == DRAFT) & (start != DRAFT)].drop_duplicates(KEY)
    if not len(drafts):
        return sent
    known = sent[KEY].merge(drafts, on=KEY, how="left").set_axis(sent.index)
    own = {"case_key", "position", "activity", "kind", "time", "object", "object_id"}
    facts = [str(c) for c in sent if c not in own]
    return sent.assign(**{name: sent[name].where(sent[name].notna(), known[name]) for name in facts})


def _dated(sent: pd.DataFrame, told: pd.DataFrame) -> pd.DataFrame:
    """The due date that was agreed last: an invoice that is sent again or corrected may move it."""
    last = told.dropna(subset=["due_date"]).drop_duplicates(KEY, keep="last")[[*KEY, "due_date"]]
    found = sent[KEY].merge(last, on=KEY, how="left")["due_date"].set_axis(sent.index)
    return sent.assign(due_date=found.fillna(sent["due_date"]))


def _named(names: list[str], wanted: tuple[str, ...]) -> str | None:
    """The column that bears one of some names."""
    keys = [matching.normalise(name) for name in wanted]
    return next((name for name in names if matching.normalise(name) in keys), None)


def _with_amounts(sent: pd.DataFrame, known: pd.DataFrame, deals: pd.Series[float], header: str) -> None:
    """Add `amount`; whether it is the invoice's `itself`, or that of the deal `split` among its invoices."""
    alone = sent["invoices"].to_numpy() == 1
    of_case, deal = sent["case_key"].map(known["amount"]), sent["case_key"].map(deals)
    if _named([header], (*_AMOUNTS, "Invoice Amount")):
        # The file calls it the amount of the invoice.
        itself = sent["own"].fillna(sent["said"]).fillna(of_case)
    else:
        # An amount that several invoices of a deal share with the deal itself is the deal's.
        itself = sent["own"].fillna(sent["said"].where(alone | (sent["said"] != deal)))
    sent["amount"] = itself.fillna(deal.fillna(of_case) / sent["invoices"])
    sent["itself"] = itself.notna()
    sent["split"] = ~alone & itself.isna() & sent["amount"].notna()


def _deal_amounts(events: Frame, known: pd.DataFrame, meant: dict[str, str]) -> pd.Series[float]:
    """Amount of each deal; where events carry amounts of their own, the last one outside its invoices."""
    if "amount" not in events.collect_schema().names():
        return known["amount"]
    cash = [a.en for a in vocabulary.activities() if a.phase == "cash"]
    before = events.filter(~nw.col("activity").is_in([*cash, *meant]))
    rows = engine.collect(before.select("case_key", "position", "amount")).dropna(subset=["amount"])
    last = rows.sort_values(["case_key", "position"]).drop_duplicates("case_key", keep="last")
    return last.set_index("case_key")["amount"].astype(float)


def paid(events: Frame, cases: Frame, header: str = "") -> tuple[Frame, pd.DataFrame] | None:
    """Tell which deals are paid.

    Returns
    -------
    Of each deal with a payment `case_key`, `_money` (1) and `_paid` (1 or 0): whether payments name all its invoices, or
    none; and, of the deals to which more happens (parts, credits, amounts), what the balances of their invoices say:
    `case_key, is_paid`. Only those are brought to this process. None where the log knows no payment.
    """
    meant = kinds(engine.collect(events.select("activity").unique())["activity"].astype(str))
    if not {PAYMENT, INSTALMENT} & set(meant):
        return None
    by_case = _by_case(events, meant)
    said = nw.when((nw.col("_named") == 0) | (nw.col("_met") == nw.col("_sent"))).then(1).otherwise(0)
    plain = by_case.filter(nw.col("_received") == 1).select("case_key", _money=nw.lit(1), _paid=said)
    more = (nw.col("_sent") > 0) & (nw.col("_money") > 0) & (nw.col("_other") > 0)
    doubtful = by_case.filter(more).select("case_key", "_received")
    keys = engine.collect(doubtful).set_index("case_key")["_received"]
    if not len(keys):
        return plain, pd.DataFrame({"case_key": [], "is_paid": []})
    mine, of = (frame.join(doubtful.select("case_key"), on="case_key", how="semi") for frame in (events, cases))
    found = ledger(mine, of, meant, header=header).rows
    is_paid = (found["end"] != NEVER).groupby(found["case_key"]).all()
    # Where no invoice is left to be paid, a payment is a payment.
    left = (keys == 1) & ~keys.index.isin(is_paid.index)
    return plain, pd.DataFrame({"case_key": keys.index, "is_paid": keys.index.isin(is_paid.index[is_paid]) | left})


def _by_case(events: Frame, meant: dict[str, str]) -> Frame:
    """Of each case with invoices or money: invoices (`_sent`), those that payments name (`_met`, by a number `_named`), and more."""
    start = SENT if SENT in meant else DRAFT
    names = events.collect_schema().names()
    activity, has_ids = nw.col("activity"), "object_id" in names
    others = [name for name, kind in meant.items() if kind not in (start, PAYMENT, DRAFT, CORRECTED)]
    amounts = [column for column in (_named(names, _PAYMENTS), _named(names, ("amount",))) if column is not None]
    told = [(activity == PAYMENT) & ~nw.col(column).is_null() for column in amounts]
    marks = {
        "_sent": activity == start,
        "_received": activity == PAYMENT,
        "_money": activity.is_in([PAYMENT, INSTALMENT]),
        "_other": reduce(or_, [activity.is_in(others), *told]),
    }
    chosen = events.filter(activity.is_in([start, PAYMENT, *others]))
    objects = chosen.group_by("case_key", *(["object_id"] if has_ids else [])).agg(
        *(mark.cast(nw.Int64()).max().alias(name) for name, mark in marks.items())
    )
    met = nw.col("_sent") * nw.col("_received")
    named = met * (~nw.col("object_id").is_null()).cast(nw.Int64()) if has_ids else met * 0
    sums = [nw.col("_sent").sum(), nw.col("_met").sum(), nw.col("_named").sum()]
    most = [nw.col(name).max() for name in ("_received", "_money", "_other")]
    return objects.with_columns(_met=met, _named=named).group_by("case_key").agg(*sums, *most)
