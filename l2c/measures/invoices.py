"""What is known of each invoice: when it was sent, due and paid, and how much is still open?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c.log import EventLog
from l2c.log.invoices import SENT, Ledger, Told, kinds, settle, settle_before, told
from l2c.log.outcomes import amount_header
from l2c.log.settlement import CANCEL, CANCELLED, CREDIT, CREDITED, NO_DAY, PAYMENT, PAYMENTS, TOGETHER
from l2c.log.zone import Clock, micros
from l2c.measures.due import TERMS, due_days
from l2c.measures.facts import DAY, NEVER, Facts, Flags, Times, mixed
from l2c.measures.spans import OPEN, OTHERWISE, SEEN, Observations, recorded, spans
from l2c.prepare.pseudonyms import grouped
from l2c.words.errors import UnknownName
from l2c.words.notes import Note, several

if TYPE_CHECKING:
    from l2c.log.base import Base

Floats = NDArray[np.float64]
# A rest as small as the cash discounts that are usual.
USUAL_DISCOUNT = 0.05


@dataclass(frozen=True, eq=False)
class Invoices:
    """The invoices of a log that were sent by its extraction; every array has one place per invoice.

    Attributes
    ----------
    wait
        Days from sending to the day from which the balance is nil, of all of them in order, late entry and open ones
        included; what was written off ended otherwise.
    due
        Last day on which payment is in time, in days since 1970; -1 where unknown.
    amount, paid, discount, bad, credited
        What was invoiced, less credit notes; of it what was paid by now, taken as cash discount, and written off; what credit
        notes took off it (NaN where amounts are unknown).
    group
        Value of the attribute asked for.
    notes
        What to know before using the numbers.
    number, balance
        Its number in `balance`, which says what was left of each after each move.
    credits
        What credit notes took off in all, invoices included of which they left nothing.
    """

    wait: Observations
    due: NDArray[np.int64]
    amount: Floats
    paid: Floats
    discount: Floats
    bad: Floats
    credited: Floats
    group: NDArray[Any]
    notes: tuple[Note, ...]
    until: int
    number: NDArray[np.int64]
    balance: pd.DataFrame
    credits: float
    clock: Clock

    def __len__(self) -> int:
        return len(self.due)

    @property
    def seen(self) -> Flags:
        """Whether each is paid."""
        return self.wait.how == SEEN

    @property
    def still(self) -> Flags:
        """Whether each is open."""
        return self.wait.how == OPEN

    @property
    def lost(self) -> Flags:
        """Whether what was left of each was written off."""
        return self.wait.how == OTHERWISE

    @property
    def known(self) -> Flags:
        """Whether it is known when each is due."""
        return self.due >= 0

    @property
    def last_day(self) -> NDArray[np.int64]:
        """Day from which the balance is nil or, of an open invoice, of the extraction."""
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
        """Days from the due day to the end of the balance or the extraction; negative before it."""
        return self.last_day - self.due

    @property
    def agreed_days(self) -> NDArray[np.int64]:
        """Days from sending to the due day."""
        return self.due - self.sent_day

    @property
    def open_amount(self) -> Floats:
        """What is still to be paid of each; 0 of those that are paid or written off."""
        rest = self.amount - self.paid - self.discount - self.bad
        return np.where(self.still, np.maximum(rest, 0.0), 0.0 * self.amount)

    @property
    def is_overdue(self) -> Flags:
        """Whether something of each is still to be paid, and its due day has passed."""
        return self.still & self.known & (self.late_days > 0)

    @property
    def overdue_amount(self) -> float:
        """What is still to be paid of those whose due day has passed; NaN unless it is known of all when they are due."""
        left = self.open_amount[self.is_overdue]
        known = len(self) and self.known.all() and np.isfinite(self.amount).any()
        return float(np.nansum(left)) if known else float("nan")

    def open_at(self, day: int) -> Floats:
        """What was to be paid of each at the end of a day, less all that was credited of it; 0 of what was sent later."""
        moves = self.balance[self.balance["day"] <= day].drop_duplicates("invoice", keep="last")
        left = pd.Series(self.number).map(moves.set_index("invoice")["left"]).to_numpy(np.float64)
        # Amounts of several currencies are unknown together.
        left = np.where(np.isnan(left), self.amount, left + 0.0 * self.amount)
        return np.where(self.sent_day <= day, left, 0.0 * self.amount)

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
        late, agreed = (days.astype(np.float64) for days in (known.late_days, known.agreed_days))
        return replace(known.wait, value=late, entry=entry, weight=known.amount, agreed=agreed)

    def of(self, some: Flags) -> Invoices:
        """Return some of the invoices."""
        parts = {name: getattr(self, name)[some] for name in ("due", "group", "number", *_MONEY)}
        wait = replace(self.wait.only(some), negative=self.wait.negative, missing=self.wait.missing)
        return replace(self, wait=wait, **parts)


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
    invoice, from its first sending to its payments. With amounts on the payments an invoice is paid once 99.5 % of what
    credit notes leave of it are, else by its first payment that is no instalment. A cash discount counts as paid where an
    event says that it was taken, or where the terms name it and the rest came within its days. Due: its due date, else by
    its terms. Amount: its own, else that of the deal in equal parts. Credit notes with an amount are taken off; an
    invoice that they leave nothing of, or that was cancelled, is left out. What was paid and taken back is not paid. What was
    written off is neither paid nor open. See `l2c.log.settlement`.
    """
    log = facts.log
    if by is not None and by not in (TERMS, *log.attributes, *log.events.collect_schema().names()):
        raise UnknownName.attribute(by, log.attributes)
    return facts.memo(("invoices", by), lambda: _picked(facts, by))


def books(facts: Facts) -> Ledger:
    """Return the invoices of a whole log, those that do not count as they stand included."""
    return facts.log.base.memo(("invoices", None, facts.until), lambda: _whole(facts.whole(), None))


def _picked(facts: Facts, by: str | None) -> Invoices:
    """Those of the whole log that are the cases' in hand."""
    log = facts.log
    whole = log.base.memo(("invoices", by, facts.until), lambda: _whole(facts.whole(), by))
    place = facts.place[whole.rows["case_key"].to_numpy(np.int64)]
    sent = whole.rows[place >= 0].assign(case=place[place >= 0])
    aside = whole.aside[facts.place[whole.aside["case_key"].to_numpy(np.int64)] >= 0]
    loose = int((facts.place[whole.loose["case_key"].to_numpy(np.int64)] >= 0).sum())
    unit = facts.unit(recorded(log.base, SENT), PAYMENT)
    notes = _notes(sent, aside["reason"].value_counts(), loose, unit)
    money = [name for name in _MONEY if name in sent]
    if currencies := mixed(facts, np.isin(np.arange(len(facts)), sent["case"])):
        sent[money] = np.nan
        aside = aside.assign(credited=np.nan)
        notes.append(currencies)
    # Numbers of rows in the place of cases tell which invoices `spans` keeps.
    row, began = np.arange(len(sent)), sent["time"].to_numpy(np.int64)
    ended, lost = (sent[c].to_numpy(np.int64) for c in ("end", "lost_at"))
    # Money that came before its invoice, and names it, leaves nothing to wait for.
    ended, lost = (np.where(sent["whole"] | (t == NEVER), t, np.maximum(t, began)) for t in (ended, lost))
    billed = Facts(log, facts.rows[sent["case"].to_numpy(np.int64)], facts.until)
    wait = spans(billed, row, began, ended, lost, np.zeros(len(sent), bool), unit)
    if not set(PAYMENTS) & set(log.activities):
        # Where the log records no payment at all, the wait is not long but unknown.
        wait, notes = wait.only(np.zeros(len(wait), bool)), [Note("no_payments")]
    kept = sent.iloc[wait.case]
    wait = replace(wait, case=kept["case"].to_numpy(np.int64), watched=facts.watched)
    notes += [wait.note] if wait.note else []
    due = kept["due"].to_numpy(np.int64)
    parts = {name: kept[name].to_numpy(np.float64) for name in _MONEY}
    back = float(aside["credited"].sum()) + float(np.nansum(parts["credited"]))
    return Invoices(
        wait, due, group=_group(facts, kept, by, due, wait), notes=tuple(notes), until=facts.until,
        number=kept["invoice"].to_numpy(np.int64), balance=whole.balance, credits=back, clock=facts.clock, **parts,
    )  # fmt: skip


def cash_in(facts: Facts) -> tuple[Times, Times, Flags]:
    """When all invoices of each deal were paid, when what was left of one was written off (else NEVER), and which have any.

    Where a log knows payments of a deal and none of its invoices, its first payment pays it.
    """
    found = invoices(facts)
    case, time = found.wait.case, found.wait.end
    latest, lost = np.full(len(facts), -1), np.full(len(facts), NEVER)
    np.maximum.at(latest, case, np.where(found.seen, time, NEVER))
    np.minimum.at(lost, case[found.lost], time[found.lost])
    invoiced = latest >= 0
    return np.where(invoiced, latest, facts.first(PAYMENT)), lost, invoiced


_MONEY = ("amount", "paid", "discount", "bad", "credited")
_LEFT_OUT: dict[str, Callable[[int], Note]] = {
    CANCELLED: lambda n: Note("cancelled", n=n),
    TOGETHER: lambda n: Note("taken_together", n=n),
    CREDITED: lambda n: Note("credited", n=n),
    NO_DAY: lambda n: Note("settled_undated", n=n),
}


def _notes(sent: pd.DataFrame, gone: pd.Series[int], loose: int, unit: int) -> list[Note]:
    """What is remarkable of some invoices."""
    notes = [said(gone[reason]) for reason, said in _LEFT_OUT.items() if reason in gone]
    if split := int(sent["split"].sum()):
        notes.append(Note("split_evenly", n=split, of=len(sent)))
    if unclear := int((sent["unclear"] > 0).sum()):
        notes.append(Note("credit_unclear", n=unclear))
    if loose:
        notes.append(Note("moves_loose", n=loose))
    early = ~sent["whole"] & (sent["end"] < sent["time"] - unit)
    if early.any():
        notes.append(Note("paid_in_advance", n=int(early.sum())))
    if lost := int((sent["lost_at"] != NEVER).sum()):
        notes.append(Note("written_off", n=lost))
    if short := int(_short(sent).sum()):
        notes.append(Note("short_paid", n=short))
    return notes


def _short(sent: pd.DataFrame) -> pd.Series[bool]:
    """Invoices of which nearly all came soon and nothing since, where no terms tell of a cash discount."""
    still = (sent["end"] == NEVER) & (sent["lost_at"] == NEVER)
    rest = sent["amount"] - sent["paid"] - sent["discount"]
    return still & (sent["paid"] > 0) & (rest > 0) & (rest <= USUAL_DISCOUNT * sent["amount"])


def look_back(facts: Facts, moments: Sequence[int]) -> None:
    """Settle the invoices of a whole log as they stood at some earlier moments, all at once; whoever asks for one finds it settled."""
    base = facts.log.base
    new = [moment for moment in dict.fromkeys(moments) if moment < micros(base.extracted)]
    new = [moment for moment in new if not base.has(("invoices", None, moment))]
    for moment, found in zip(new, _before(facts.whole(), None, new), strict=True):
        base.memo(("invoices", None, moment), partial(_same, found))


def _same(found: Ledger) -> Ledger:
    return found


def _whole(facts: Facts, by: str | None) -> Ledger:
    """The invoices of a whole log, so that a filter only picks among them."""
    base = facts.log.base
    if facts.until < micros(base.extracted):
        return _before(facts, by, [facts.until])[0]
    return _with_due(facts, settle(_told(base, by), amount_header(base.quality)))


def _before(facts: Facts, by: str | None, moments: Sequence[int]) -> list[Ledger]:
    """The same at earlier moments."""
    base = facts.log.base
    now = base.memo(("invoices", by, micros(base.extracted)), lambda: _whole(Facts.of(EventLog(base)), by))
    found = settle_before(_told(base, by), now, moments, amount_header(base.quality)) if moments else []
    return [_with_due(facts, each) for each in found]


def _told(base: Base, by: str | None) -> Told:
    """What the events of a whole log tell of its invoices."""

    def gathered() -> Told:
        more = () if by is None else (by,)
        found = told(base.events, base.cases, base.activities, more=more, clock=base.clock)
        # What is dated later than the export has not happened.
        happened = found.rows["time"] <= micros(base.extracted)
        return found._replace(rows=found.rows[happened].reset_index(drop=True))

    return base.memo(("told of invoices", by), gathered)


def _with_due(facts: Facts, found: Ledger) -> Ledger:
    """The same invoices, with the day on which each is due."""
    case = facts.place[found.rows["case_key"].to_numpy(np.int64)]
    return found._replace(rows=found.rows.assign(due=due_days(facts, found.rows.assign(case=case))))


def credit_notes(log: EventLog) -> list[str]:
    """Activities of a log that take back an invoice or part of it."""
    return [name for name, kind in kinds(log.activities).items() if kind in (CREDIT, CANCEL)]


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
