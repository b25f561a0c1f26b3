"""What was done again on each order, quote, invoice and deal?"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c import engine
from l2c.log import again
from l2c.log.settlement import PAYMENT
from l2c.measures import repeats
from l2c.measures.facts import NEVER, Facts, Times, as_times
from l2c.measures.invoices import credit_notes
from l2c.measures.spans import recorded
from l2c.words import vocabulary
from l2c.words.notes import Note

if TYPE_CHECKING:
    import narwhals as nw

    Frame = nw.LazyFrame[Any]

FIRST_PASS = "first_pass_yield"
ORDER = "Sales Order Created"
CORRECTED = ("Order Corrected", "Order Reduced")
ORDER_ENDS = ("Order Fulfilled", "Order Closed", "Order Cancelled")
# Counted under a name of their own.
OWN_KINDS = ("Quote Sent", "Quote Revised", ORDER, *CORRECTED, "Order Cancelled", "Invoice Corrected")
# Phases of the sale, in order.
SALE = ("lead", "opportunity", "quote", "contract", "decision")


class Work(NamedTuple):
    """Things of one kind that were begun, and what was done again on each.

    Attributes
    ----------
    kind, object
        What was done again, and on what: an `order`, `quote`, `invoice` or `deal`.
    case, start, end
        Row of the facts; when it began; when it was finished (NEVER: not yet).
    first, last
        When something was first done again, and when all was in order again (NEVER: it never was).
    times
        How often it was done again.
    recorded
        Whether the log records such a thing at all.
    note
        What to know.
    """

    kind: str
    object: str
    case: NDArray[np.int64]
    start: Times
    end: Times
    first: Times
    last: Times
    times: NDArray[np.int64]
    recorded: bool = True
    note: Note | None = None


def works(facts: Facts) -> list[Work]:
    """Every kind of rework, in the order of the process from the order back."""
    return [*_orders(facts), _quotes(facts), *_invoices(facts), *_deals(facts)]


def document_events(facts: Facts, activities: Iterable[str]) -> pd.DataFrame:
    """The events of some activities until the extraction, in order: `case, activity, time, object, position`.

    `case` is the row of the facts, `time` in microseconds, `object` empty where the log has no number.
    """
    import narwhals as nw

    return _placed(facts, facts.log.events.filter(nw.col("activity").is_in(list(activities))))


def _placed(facts: Facts, events: Frame) -> pd.DataFrame:
    there = ["object_id"] if "object_id" in events.collect_schema().names() else []
    rows = engine.collect(events.select("case_key", "position", "activity", "time", *there))
    rows = rows.sort_values(["case_key", "position"], ignore_index=True)
    rows["object"] = rows["object_id"].astype(object).fillna("").astype(str) if there else ""
    rows["case"] = facts.place[rows["case_key"].to_numpy(np.int64)]
    rows["time"] = as_times(rows["time"].to_numpy())
    kept = ["case", "activity", "time", "object", "position"]
    return rows.loc[rows["time"] <= facts.until, kept].reset_index(drop=True)


def _begun(rows: pd.DataFrame, start: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One row per document that has its start, and all rows with the document (`doc`) they are about.

    A row about a number that no document of its case bears is about the first one.
    """
    key = ["case", "object"]
    first = rows[rows["activity"] == start].drop_duplicates(key).reset_index(drop=True)
    first["doc"] = np.arange(len(first))
    own = rows[key].merge(first[[*key, "doc"]], on=key, how="left")["doc"]
    of_case = rows["case"].map(first.drop_duplicates("case").set_index("case")["doc"])
    doc = own.fillna(of_case.set_axis(own.index))
    return first, rows.assign(doc=doc.to_numpy()).dropna(subset=["doc"]).astype({"doc": np.int64})


def _time(rows: pd.DataFrame, n: int, of: str = "min") -> Times:
    """First (or last) time of some rows, by document."""
    found = np.full(n, NEVER)
    if len(rows):
        times = rows.groupby("doc")["time"].agg(of)
        found[times.index.to_numpy()] = times.to_numpy(np.int64)
    return found


def _count(rows: pd.DataFrame, n: int) -> NDArray[np.int64]:
    return np.bincount(rows["doc"].to_numpy(), minlength=n).astype(np.int64)


def _orders(facts: Facts) -> list[Work]:
    rows = document_events(facts, [ORDER, *CORRECTED, *ORDER_ENDS])
    first, rows = _begun(rows, ORDER)
    n, case, start = len(first), first["case"].to_numpy(np.int64), first["time"].to_numpy(np.int64)
    known = set(facts.log.activities)
    end = _time(rows[rows["activity"].isin(ORDER_ENDS)], n)
    if not known & set(ORDER_ENDS[:2]):
        # Where no end is recorded, every order is taken as finished.
        end = np.full(n, facts.until)
    fixed, cancelled = (rows[rows["activity"].isin(names)] for names in (CORRECTED, ORDER_ENDS[2:]))
    entries = rows[(rows["activity"] == ORDER) & (rows["object"] != "")]
    again = entries[entries["doc"].duplicated()]
    numbered = bool((first["object"] != "").any())
    twice = rows[(rows["activity"] == ORDER) & (rows["object"] == "")].groupby("case").size()
    note = Note("unnumbered_orders") if (twice > 1).any() or (n and not numbered) else None
    instead = _entered_again(rows, _time(cancelled, n), case)

    def work(kind: str, rows: pd.DataFrame, last: Times, seen: bool) -> Work:
        done = _time(rows, n), last, _count(rows, n)
        return Work(kind, "order", case, start, end, *done, *_said(seen, note))

    found = [
        work("order_corrected", fixed, _time(fixed, n, "max"), bool(known & {*CORRECTED})),
        work("order_cancelled", cancelled, instead, "Order Cancelled" in known),
        work("order_repeated", again, _time(again, n, "max"), numbered or not n),
    ]
    times = np.sum([w.times for w in found], axis=0)
    earliest = np.min([w.first for w in found], axis=0)
    seen = bool(known & {*CORRECTED, "Order Cancelled"})
    return [Work(FIRST_PASS, "order", case, start, end, earliest, earliest, times, *_said(seen, note)), *found]


def _said(seen: bool, note: Note | None) -> tuple[bool, Note | None]:
    """Whether a kind is recorded, and the note; what a log never records has more likely not been recorded than never happened."""
    return seen, note if seen else (note or Note("unrecorded"))


def _entered_again(rows: pd.DataFrame, cancelled: Times, case: NDArray[np.int64]) -> Times:
    """When the next order of the case was entered after each cancelled one; NEVER where none was."""
    entered = rows.loc[rows["activity"] == ORDER, ["case", "time"]].sort_values("time")
    gone = pd.DataFrame({"case": case, "time": cancelled, "doc": np.arange(len(case))})
    gone = gone[gone["time"] != NEVER].sort_values("time")
    following = pd.merge_asof(
        gone,
        entered.assign(entered=entered["time"]),
        on="time",
        by="case",
        direction="forward",
        allow_exact_matches=False,
    )
    found = np.full(len(case), NEVER)
    known = following.dropna(subset=["entered"])
    found[known["doc"].to_numpy()] = known["entered"].to_numpy(np.int64)
    return found


def _quotes(facts: Facts) -> Work:
    names = ["Quote Created", "Quote Sent", "Quote Revised", "Quote Accepted", "Quote Rejected"]
    rows = document_events(facts, names)
    start = "Quote Created" if "Quote Created" in facts.log.activities else "Quote Sent"
    first, rows = _begun(rows, start)
    n, case = len(first), first["case"].to_numpy(np.int64)
    revised, sent = rows[rows["activity"] == "Quote Revised"], rows[rows["activity"] == "Quote Sent"]
    answered = _time(rows[rows["activity"].isin(names[3:])], n)
    closed = np.minimum(np.minimum(facts.won, facts.lost), facts.first("Contract Signed"))[case]
    changed, shown = _time(revised, n), _time(sent, n)
    begun = np.where(shown < changed, shown, first["time"].to_numpy(np.int64))
    final, resent = _time(revised, n, "max"), _time(sent, n, "max")
    last = np.where((resent != NEVER) & (resent > final) & (final != NEVER), resent, final)
    known = _said("Quote Revised" in facts.log.activities, None)
    end = np.minimum(answered, closed)
    return Work("quote_revised", "quote", case, begun, end, changed, last, _count(revised, n), *known)


def _invoices(facts: Facts) -> list[Work]:
    sent, credits = recorded(facts.log.base, "Invoice Sent"), credit_notes(facts.log)
    rows = document_events(facts, [sent, "Invoice Corrected", PAYMENT, *credits])
    first, rows = _begun(rows, sent)
    n, case, start = len(first), first["case"].to_numpy(np.int64), first["time"].to_numpy(np.int64)
    paid = PAYMENT in facts.log.activities
    end = _time(rows[rows["activity"] == PAYMENT], n) if paid else np.full(n, facts.until)
    found = []
    for kind, names in (("invoice_corrected", ["Invoice Corrected"]), ("credit_note", credits)):
        again = rows[rows["activity"].isin(names)]
        seen = _said(bool(set(names) & set(facts.log.activities)), None)
        # A credit note may be all that ever ends an invoice.
        over = np.minimum(end, _time(again, n, "max")) if kind == "credit_note" else end
        times = _time(again, n), _time(again, n, "max"), _count(again, n)
        found.append(Work(kind, "invoice", case, start, over, *times, *seen))
    return found


def _deals(facts: Facts) -> list[Work]:
    """Deals that repeat a step on the same document, or go back to an earlier phase of the sale."""
    n, every = len(facts), np.arange(len(facts))
    begun = facts.column("started").astype(np.int64)
    end = np.where(repeats.ended(facts), facts.column("ended"), NEVER)
    spans = _repeats(facts)
    times = np.bincount(spans["case"], spans["times"], n).astype(np.int64)
    first = _time(spans.rename(columns={"case": "doc", "first": "time"})[["doc", "time"]], n)
    extra = np.bincount(spans["case"], (spans["last"] - spans["first"]).astype(float), n).astype(np.int64)
    start = np.where(times > 0, first, begun)
    last = np.where(times > 0, start + extra, NEVER)
    repeated = Work("repeated", "deal", every, start, end, first, last, times, note=repeats.unnumbered(facts))
    back = _back(_suspects(facts))
    count = np.bincount(back["case"], minlength=n).astype(np.int64)
    moved = _time(back.assign(doc=back["case"]), n)
    found = [repeated, Work("backward", "deal", every, begun, end, moved, moved, count)]
    # A lead that became no deal is none.
    return [work._replace(**{name: getattr(work, name)[facts.deal] for name in _ARRAYS}) for work in found]


def _repeats(facts: Facts) -> pd.DataFrame:
    """What is done again and not counted under a name of its own: `case, first, last, times`, per object and activity."""
    rows = again.later(facts.log.base)
    rows = rows[rows["again"] & ~rows["activity"].isin(OWN_KINDS)]
    rows = rows.assign(
        case=facts.place[rows["case_key"].to_numpy(np.int64)],
        last=as_times(rows["time"].to_numpy()),
        first=as_times(rows["first"].to_numpy()),
    )
    rows = rows[(rows["case"] >= 0) & (rows["last"] <= facts.until)]
    groups = rows.groupby(["case", "object", "activity"])
    return groups.agg(first=("first", "min"), last=("last", "max"), times=("last", "size")).reset_index()


_ARRAYS = ("case", "start", "end", "first", "last", "times")


def _suspects(facts: Facts) -> pd.DataFrame:
    """The events of the cases whose trace holds a step back, with the place of their phase: few, and found without their events."""
    import narwhals as nw

    log = facts.log
    places = {a.en: SALE.index(a.phase) for a in vocabulary.activities() if a.phase in SALE}
    chosen = []
    for variant, trace in log.base.traces.items():
        ranks = [places[a] for a in trace if a in places]
        if any(b < a and b < len(SALE) - 2 for a, b in pairwise(ranks)):
            chosen.append(variant)
    cases = log.cases.filter(nw.col("variant_id").is_in(chosen or [-1])).select("case_key")
    rows = _placed(facts, log.events.join(cases, on="case_key", how="semi"))
    return rows.assign(phase=rows["activity"].map(places))


def _back(rows: pd.DataFrame) -> pd.DataFrame:
    """The first event of each return to an earlier phase of the sale, on a document that was there before."""
    sale = rows.dropna(subset=["phase"]).astype({"phase": int})
    early = sale["phase"] < SALE.index("contract")
    # Leads and opportunities are the deal itself, whatever their numbers.
    document = sale["object"].where(sale["phase"] == SALE.index("quote"), "")
    born = sale["position"].groupby([sale["case"], document, sale["phase"]]).transform("min")
    beyond = pd.Series(np.inf, index=sale.index)
    for phase in range(SALE.index("contract")):
        later = sale[sale["phase"] > phase].groupby("case")["position"].min()
        beyond = beyond.where(sale["phase"] != phase, sale["case"].map(later))
    back = early & (born < beyond) & (beyond < sale["position"])
    before = back.groupby(sale["case"]).shift(fill_value=False)
    return sale[back & ~before]
