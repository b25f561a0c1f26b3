"""What is known of each invoice: when it was sent, due and paid, and how much is still open?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c import engine
from l2c.log import EventLog
from l2c.log.zone import Clock
from l2c.measures.due import TERMS, due_days
from l2c.measures.facts import DAY, NEVER, Facts, Flags, as_times, mixed
from l2c.measures.repeats import INSTALMENT
from l2c.measures.settlement import CANCELLED, CREDITED, PARTS, PAYMENT, REVERSED, TOGETHER, matched, settled
from l2c.measures.spans import SEEN, Observations, recorded, spans
from l2c.prepare.pseudonyms import grouped
from l2c.words import matching, vocabulary
from l2c.words.errors import UnknownName
from l2c.words.notes import Note, several

Floats = NDArray[np.float64]
DRAFT = "Invoice Created"
_AMOUNTS = ("invoice_amount", "Invoice Total", "Invoice Value", "請求金額", "請求額", "請求書金額")
_PAYMENTS = ("payment_amount", "Paid Amount", "Amount Paid", "Amount Received", "入金額", "入金金額", "支払金額")
_CANCELS = ("invoicecancel", "invoicereversed", "請求取消", "請求書取消")
_CREDITS = ("creditnote", "creditmemo", "赤伝", "クレジットノート", "クレジットメモ", *_CANCELS)


@dataclass(frozen=True, eq=False)
class Invoices:
    """The invoices of a log that were sent by its extraction; every array has one place per invoice.

    Attributes
    ----------
    wait
        Days from sending to payment, of all of them in order, late entry and open ones included.
    due
        Last day on which payment is in time, in days since 1970; -1 where unknown.
    amount, paid
        What was invoiced, less credit notes; what was paid of it by now (NaN where amounts are unknown).
    group
        Value of the attribute asked for.
    notes
        What to know before using the numbers.
    """

    wait: Observations
    due: NDArray[np.int64]
    amount: Floats
    paid: Floats
    group: NDArray[Any]
    notes: tuple[Note, ...]
    until: int
    clock: Clock

    def __len__(self) -> int:
        return len(self.due)

    @property
    def seen(self) -> Flags:
        """Whether each is paid."""
        return self.wait.how == SEEN

    @property
    def known(self) -> Flags:
        """Whether it is known when each is due."""
        return self.due >= 0

    @property
    def last_day(self) -> NDArray[np.int64]:
        """Day of the payment or, of an open invoice, of the extraction."""
        return self.clock.days(self.wait.end)

    @property
    def sent_day(self) -> NDArray[np.int64]:
        """Day on which each was sent."""
        return self.clock.days(self.wait.start)

    @property
    def today(self) -> int:
        """Day on which the data were taken."""
        return self.clock.day(self.until)

    @property
    def late_days(self) -> NDArray[np.int64]:
        """Days from the due day to the payment or the extraction; negative before it."""
        return self.last_day - self.due

    @property
    def agreed_days(self) -> NDArray[np.int64]:
        """Days from sending to the due day."""
        return self.due - self.sent_day

    @property
    def open_amount(self) -> Floats:
        """What is still to be paid of each; 0 of those that are paid."""
        return np.where(self.seen, 0.0 * self.amount, self.amount - self.paid)

    @property
    def total(self) -> float:
        """Amount of all together; NaN where none is known."""
        return float(np.nansum(self.amount)) if np.isfinite(self.amount).any() else float("nan")

    @property
    def note(self) -> Note | None:
        """What to know, as one note."""
        return several(self.notes)

    @property
    def overdue(self) -> Observations:
        """Days after the due day until each was paid (negative before it) or last looked at, where that day is known."""
        known, entry = self.of(self.known), self.wait.entry
        if known.wait.entry is not None:
            # What is agreed is agreed in days of the calendar, whatever the hours of the log.
            since = self.wait.watched[0]
            watched = self.clock.local(np.array([since])) / DAY - known.due
            entry = np.where(since > known.wait.start, watched, -np.inf)
        return replace(known.wait, value=known.late_days.astype(np.float64), entry=entry, weight=known.amount)

    def of(self, some: Flags) -> Invoices:
        """Return some of the invoices."""
        parts = {name: getattr(self, name)[some] for name in ("due", "amount", "paid", "group")}
        wait = replace(self.wait.only(some), negative=self.wait.negative, missing=self.wait.missing)
        return replace(self, wait=wait, **parts)


class _Whole(NamedTuple):
    """All invoices of a log, by the key of their case, and those that do not count as they stand."""

    rows: pd.DataFrame
    aside: pd.DataFrame


def invoices(facts: Facts, *, by: str | None = None) -> Invoices:
    """Gather the invoices of the cases in hand.

    Parameters
    ----------
    by
        A case attribute or a property of the invoices themselves; `payment_terms` is the text of the terms where the
        log has it, else their days, else the days from sending to due date.

    Raises
    ------
    UnknownName
        If there is no such attribute.

    Notes
    -----
    An invoice is what `object_id` names. Where the payments of a case name none of its invoices, the case is one
    invoice, from its first sending to its payments. With amounts on the payments an invoice is paid once 99.5 % of it
    are, else by its first payment that is no instalment. Due: its due date, else by its terms. Amount: its own, else that
    of the deal in equal parts. Credit notes with an amount are taken off; an invoice that they leave nothing of, or that
    was cancelled, is left out. What was paid and taken back is not paid.
    """
    log = facts.log
    if by is not None and by not in (TERMS, *log.attributes, *log.events.collect_schema().names()):
        raise UnknownName.attribute(by, log.attributes)
    return facts.memo(("invoices", by), lambda: _picked(facts, by))


def _picked(facts: Facts, by: str | None) -> Invoices:
    """Those of the whole log that are the cases' in hand."""
    log = facts.log
    whole = log.base.memo(("invoices", by, facts.until), lambda: _whole(facts.whole(), by))
    place = facts.place[whole.rows["case_key"].to_numpy(np.int64)]
    sent = whole.rows[place >= 0].assign(case=place[place >= 0])
    gone = whole.aside.loc[facts.place[whole.aside["case_key"].to_numpy(np.int64)] >= 0, "reason"].value_counts()
    notes = [said(gone[reason]) for reason, said in _LEFT_OUT.items() if reason in gone]
    if split := int(sent["split"].sum()):
        notes.append(Note("split_evenly", n=split, of=len(sent)))
    if currencies := mixed(facts, np.isin(np.arange(len(facts)), sent["case"])):
        sent[["amount", "paid"]] = np.nan
        notes.append(currencies)
    # Numbers of rows in the place of cases tell which invoices `spans` keeps.
    row, began = np.arange(len(sent)), sent["time"].to_numpy(np.int64)
    stop, gone_on = np.full(len(sent), NEVER), np.zeros(len(sent), bool)
    unit = facts.unit(recorded(log.base, "Invoice Sent"), PAYMENT)
    wait = spans(facts, row, began, sent["end"].to_numpy(np.int64), stop, gone_on, unit)
    if not {PAYMENT, *PARTS} & set(log.activities):
        # Where the log records no payment at all, the wait is not long but unknown.
        wait, notes = wait.only(np.zeros(len(wait), bool)), [Note("no_payments")]
    kept = sent.iloc[wait.case]
    wait = replace(wait, case=kept["case"].to_numpy(np.int64))
    notes += [wait.note] if wait.note else []
    due, amount, paid = kept["due"].to_numpy(np.int64), *(kept[c].to_numpy(np.float64) for c in ("amount", "paid"))
    return Invoices(wait, due, amount, paid, _group(facts, kept, by, due, wait), tuple(notes), facts.until, facts.clock)


_LEFT_OUT: dict[str, Callable[[int], Note]] = {
    CANCELLED: lambda n: Note("cancelled", n=n),
    TOGETHER: lambda n: Note("taken_together", n=n),
    CREDITED: lambda n: Note("credited", n=n),
}


def _whole(facts: Facts, by: str | None) -> _Whole:
    """The invoices of a whole log, so that a filter only picks among them."""
    start = recorded(facts.log.base, "Invoice Sent")
    rows = _rows(facts, start, by)
    drafts = rows[(rows["activity"] == DRAFT) & (rows["activity"] != start)]
    rows = rows.drop(drafts.index)
    sent = _filled(rows[rows["activity"] == start], drafts)
    sent, later, without = matched(sent, rows[rows["activity"] != start])
    _with_amounts(facts, sent)
    sent, credited = settled(sent, later)
    sent["due"] = due_days(facts, sent)
    return _Whole(sent, pd.concat([without, credited]))


def credit_notes(log: EventLog) -> list[str]:
    """Activities of a log that take back an invoice or part of it; the vocabulary has none of its own."""
    return [a for a in log.activities if _names(a, _CREDITS)]


def _names(activity: str, words: tuple[str, ...]) -> bool:
    return any(word in matching.normalise(activity) for word in words)


def _rows(facts: Facts, start: str, by: str | None) -> pd.DataFrame:
    """The events of invoices, payments and credit notes, in order, with what they say of the invoice."""
    import narwhals as nw

    log = facts.log
    names = log.events.collect_schema().names()
    found = {"own": _named(names, _AMOUNTS), "pays": _named(names, _PAYMENTS), "said": _named(names, ("amount",))}
    wanted = {"object_id", "due_date", "payment_terms_days", TERMS, by, *found.values()}
    fixed = ["case_key", "position", "activity", "time"]
    chosen = log.events.filter(nw.col("activity").is_in([start, DRAFT, PAYMENT, *PARTS, *credit_notes(log)]))
    rows = engine.collect(chosen.select(*dict.fromkeys([*fixed, *(n for n in names if n in wanted)])))
    rows["time"] = as_times(rows["time"].to_numpy())
    rows["back"] = rows["activity"] == REVERSED
    rows["cancels"] = rows["activity"].isin([a for a in log.activities if _names(a, _CANCELS)])
    # Part of an amount, or one taken back, counts towards the whole.
    rows["part"] = rows["activity"] == INSTALMENT
    rows["activity"] = rows["activity"].replace(dict.fromkeys(PARTS, PAYMENT))
    rows = rows[rows["time"] <= facts.until]
    rows = rows.sort_values(["case_key", "position"], ignore_index=True)
    rows["case"] = facts.place[rows["case_key"].to_numpy(np.int64)]
    rows["object"] = rows["object_id"].fillna("").astype(str) if "object_id" in rows else ""
    for name, column in found.items():
        rows[name] = pd.to_numeric(rows[column], errors="coerce").astype(float) if column else np.nan
    if "due_date" not in rows or not pd.api.types.is_datetime64_any_dtype(rows["due_date"].dtype):
        rows["due_date"] = np.datetime64("NaT", "us")
    return rows


def _filled(sent: pd.DataFrame, drafts: pd.DataFrame) -> pd.DataFrame:
    """What an invoice does not say when it is sent, it may have said when it was created."""
    key = ["case_key", "object"]
    drafts = drafts.drop_duplicates(key)
    if not len(drafts):
        return sent
    known = sent[key].merge(drafts, on=key, how="left").set_axis(sent.index)
    facts = [
        str(c) for c in sent if c not in ("case_key", "position", "activity", "time", "case", "object", "object_id")
    ]
    return sent.assign(**{name: sent[name].where(sent[name].notna(), known[name]) for name in facts})


def _named(names: list[str], wanted: tuple[str, ...]) -> str | None:
    """The column that bears one of some names."""
    keys = [matching.normalise(name) for name in wanted]
    return next((name for name in names if matching.normalise(name) in keys), None)


def _with_amounts(facts: Facts, sent: pd.DataFrame) -> None:
    """Add `amount`; whether it is the invoice's `itself`, or that of the deal `split` among its invoices."""
    case, of_case = sent["case"].to_numpy(np.int64), facts.number("amount")
    alone, known = sent["invoices"].to_numpy() == 1, _deal_amounts(facts)
    header = str(facts.log.quality.mapping.get("columns", {}).get("amount", ""))
    if _named([header], (*_AMOUNTS, "Invoice Amount")):
        # The file calls it the amount of the invoice.
        itself = sent["own"].fillna(sent["said"]).fillna(pd.Series(of_case[case], sent.index))
    else:
        # An amount that several invoices of a deal share with the deal itself is the deal's.
        itself = sent["own"].fillna(sent["said"].where(alone | (sent["said"] != known[case])))
    deal = np.where(np.isnan(known), of_case, known)[case]
    sent["amount"] = itself.fillna(pd.Series(deal / sent["invoices"].to_numpy(), sent.index))
    sent["itself"] = itself.notna()
    sent["split"] = ~alone & itself.isna() & sent["amount"].notna()


def _deal_amounts(facts: Facts) -> Floats:
    """Amount of each deal; where events carry amounts of their own, the last one outside its invoices."""
    import narwhals as nw

    if "amount" not in facts.log.events.collect_schema().names():
        return facts.number("amount")
    cash = [a.en for a in vocabulary.activities() if a.phase == "cash"]
    before = facts.log.events.filter(~nw.col("activity").is_in([*cash, *credit_notes(facts.log)]))
    rows = engine.collect(before.select("case_key", "position", "amount")).dropna(subset=["amount"])
    last = rows.sort_values(["case_key", "position"]).drop_duplicates("case_key", keep="last")
    amount = np.full(len(facts), np.nan)
    amount[facts.place[last["case_key"].to_numpy(np.int64)]] = last["amount"].to_numpy(np.float64)
    return amount


def _group(
    facts: Facts, sent: pd.DataFrame, by: str | None, due: NDArray[np.int64], wait: Observations
) -> NDArray[Any]:
    """What each invoice is grouped by: a property of its own, else of its case."""
    if by is None:
        return np.full(len(sent), None, object)

    def value(name: str) -> NDArray[Any]:
        if name in facts.log.attributes:
            # Rows of the facts and of this table are the same cases in the same order.
            of_case = facts.attribute(name).to_numpy(object)[wait.case]
        else:
            of_case = np.full(len(sent), None, object)
        if name not in sent:
            return of_case
        own = sent[name].to_numpy(object)
        return np.where(pd.isna(own), of_case, own)

    if by != TERMS:
        return grouped(pd.Series(value(by), dtype=object), facts.log, by).to_numpy(object)
    days = value("payment_terms_days")
    agreed = np.where(due >= 0, due - facts.days(wait.start), np.nan)
    numbers = [
        f"{float(d):g}" if pd.notna(d) else f"{a:g}" if a == a else None for d, a in zip(days, agreed, strict=True)
    ]
    text = value(TERMS)
    return np.where(pd.isna(text), np.array(numbers, dtype=object), text)
