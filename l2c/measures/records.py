"""How long for each invoice, quote, approval, where a deal has several?"""

from __future__ import annotations

import weakref
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from l2c import engine
from l2c.measures.facts import DAY, NEVER, Facts, Flags, Times, as_times
from l2c.measures.spans import Durations, spans
from l2c.words import payment_terms, vocabulary

if TYPE_CHECKING:
    import pandas as pd

    from l2c.log.base import Base

CANCELLED = "Invoice Cancelled"
RESPONSE = ("Lead Created",)


class Objects(NamedTuple):
    """Starts and ends of the objects of a whole log, by the key of their case; `due` is NEVER where unknown."""

    case_key: NDArray[np.int64]
    start: Times
    end: Times
    due: Times


_pairs: weakref.WeakKeyDictionary[Base, dict[tuple[str, ...], Objects]] = weakref.WeakKeyDictionary()


def pairs(base: Base, start: str, end: str) -> Objects:
    """First start and first end of each object that has a start, computed once for a whole log.

    Notes
    -----
    An object is what `object_id` names. Where the ends of a case name none of its starts (a payment with an id of
    its own) the case is one object: its first start and its first end.
    """
    known = _pairs.setdefault(base, {})
    if end not in base.activities:
        none = np.zeros(0, np.int64)
        return Objects(none, none, none, none)
    if (start, end) not in known:
        known[start, end] = _by_object(base, start, end)
    return known[start, end]


def approvals(base: Base) -> Objects:
    """Requests for a discount and the next decision after each; repeated requests before it are one."""
    return decisions(base, approval())


def approval() -> tuple[str, ...]:
    """The request for a discount, and what decides it."""
    return (request := "Discount Approval Requested"), *vocabulary.answers(request)


def decisions(base: Base, names: tuple[str, ...]) -> Objects:
    """Requests (the first of some activities) and the next decision (any of the others) after each."""
    known = _pairs.setdefault(base, {})
    if names not in known:
        known[names] = _rounds(base, names)
    return known[names]


def responses(base: Base) -> Objects:
    """Leads and the event that follows each, whatever it is."""
    known = _pairs.setdefault(base, {})
    if RESPONSE not in known:
        known[RESPONSE] = _responses(base)
    return known[RESPONSE]


def object_durations(facts: Facts, found: Objects, *, of_sale: bool, unit: int) -> tuple[Durations, Times]:
    """Durations of the objects of the cases in hand, and when each was due.

    Parameters
    ----------
    of_sale
        Whether the close of the deal, won or lost, ends the wait for good.
    """
    place = facts.place[found.case_key]
    here = (place >= 0) & (found.start <= facts.until)
    case, start, due = place[here], found.start[here], found.due[here]
    end = np.where(found.end[here] > facts.until, NEVER, found.end[here])
    closed = np.minimum(facts.lost, facts.won)
    stop = closed[case] if of_sale else np.full(len(case), NEVER)
    nothing = np.zeros(len(case), bool)
    lengths = spans(facts, np.arange(len(case)), start, end, stop, nothing, unit)
    return replace(lengths, case=case[lengths.case]), due[lengths.case]


def due_by_terms(facts: Facts, case: NDArray[np.int64], sent: NDArray[np.int64]) -> NDArray[np.int64]:
    """Last day on which an invoice is paid in time by the payment terms of its case; -1 where there are none.

    Parameters
    ----------
    case
        Row of the facts, for each invoice.
    sent
        Day on which it was sent, in days since 1970.
    """
    days = facts.number("payment_terms_days")[case]
    due = np.where(np.isnan(days), -1, sent + np.rint(np.nan_to_num(days)).astype(np.int64))
    if "payment_terms" not in facts.log.attributes:
        return due
    said = facts.log.first_times((), ("payment_terms",))["payment_terms"].to_numpy(object)
    return with_terms(said[case], sent, due)


def with_terms(said: NDArray[Any], sent: NDArray[np.int64], due: NDArray[np.int64]) -> NDArray[np.int64]:
    """Days due by terms in words, such as `月末締め翌月末払い`; those of `due` where the words do not tell."""
    agreed = {text: payment_terms.terms(text) for text in set(said) if isinstance(text, str)}
    found = due.copy()
    for row, text in enumerate(said):
        if isinstance(text, str) and (each := agreed[text]) is not None:
            found[row] = payment_terms.due_day(int(sent[row]), each)
    return found


def _by_object(base: Base, start: str, end: str) -> Objects:
    import narwhals as nw

    by, schema = _object_columns(base), base.events.collect_schema()

    def first(activity: str, column: str) -> nw.Expr:
        return nw.when(nw.col("activity") == activity).then(nw.col(column)).min()

    wanted = {"start": first(start, "time"), "end": first(end, "time")}
    kinds = [start, end]
    if end == "Payment Received":
        kinds.append(CANCELLED)
        wanted["gone"] = first(CANCELLED, "time")
    if "due_date" in schema.names() and schema["due_date"] in (nw.Datetime, nw.Date):
        wanted["due"] = nw.col("due_date").min()
    rows = engine.collect(
        base.events.filter(nw.col("activity").is_in(kinds))
        .group_by(*by)
        .agg(**wanted)
        .with_columns(named=~nw.col(by[-1]).is_null())
        .drop(by[1:])
    )
    if "gone" in rows:
        # Nobody will ever pay an invoice that was cancelled.
        rows = rows[rows["gone"].isna() | rows["end"].notna()]
    rows = rows.sort_values("case_key", kind="stable", ignore_index=True)
    case, began, ended = rows["case_key"].to_numpy(np.int64), _times(rows, "start"), _times(rows, "end")
    due = _times(rows, "due") if "due" in rows else np.full(len(rows), NEVER)
    return _matched(case, began, ended, due, rows["named"].to_numpy(bool))


def _matched(case: NDArray[np.int64], start: Times, end: Times, due: Times, named: Flags) -> Objects:
    """Keep the objects of the cases whose starts and ends share an id; make one object of each other case."""
    if not len(case):
        return Objects(case, start, end, due)
    first = np.concatenate([[True], case[1:] != case[:-1]])
    group, heads = np.cumsum(first) - 1, np.flatnonzero(first)
    both = named & (start != NEVER) & (end != NEVER)
    whole = ~np.logical_or.reduceat(both, heads) & (np.minimum.reduceat(end, heads) != NEVER)
    single = ~whole[group] & (start != NEVER)
    merged = whole & (np.minimum.reduceat(start, heads) != NEVER)
    columns = [
        np.concatenate([column[single], np.minimum.reduceat(column, heads)[merged]])
        for column in (case, start, end, due)
    ]
    return Objects(*columns)


def _rounds(base: Base, names: tuple[str, ...]) -> Objects:
    import narwhals as nw

    by = _object_columns(base)
    chosen = base.events.filter(nw.col("activity").is_in(list(names)))
    rows = engine.collect(chosen.select(*by, "position", "activity", "time"))
    request = rows["activity"] == names[0]
    if len(by) == 2:
        # Where some decision of a case has another id than every request, the ids of that case do not help.
        asked = request.groupby([rows[c] for c in by], dropna=False).transform("any")
        rows["object_id"] = rows["object_id"].fillna("").where(asked.groupby(rows["case_key"]).transform("all"), "")
    rows = rows.assign(request=request).sort_values([*by, "position"], ignore_index=True)
    asking = rows["request"].to_numpy(bool)
    group = rows.groupby(by, sort=False).ngroup().to_numpy()
    new = np.concatenate([[True], group[1:] != group[:-1]])[: len(group)]
    first = np.flatnonzero(asking & (new | np.concatenate([[True], ~asking[:-1]])[: len(asking)]))
    decisions = np.append(np.flatnonzero(~asking), len(rows))
    following = decisions[np.searchsorted(decisions, first)]
    same = np.append(group, -1)[following] == group[first]
    end = np.where(same, np.append(_times(rows, "time"), NEVER)[following], NEVER)
    case = rows["case_key"].to_numpy(np.int64)[first]
    order = np.argsort(case, kind="stable")
    return Objects(case[order], _times(rows, "time")[first][order], end[order], np.full(len(first), NEVER))


def _responses(base: Base) -> Objects:
    import narwhals as nw

    leads = base.events.filter(nw.col("activity") == "Lead Created")
    rows = engine.collect(leads.select("case_key", "position", "time", "wait_days"))
    rows = rows.sort_values(["case_key", "position"]).drop_duplicates("case_key")
    start, wait = _times(rows, "time"), rows["wait_days"].to_numpy(np.float64)
    end = np.where(np.isnan(wait), NEVER, start + np.rint(np.nan_to_num(wait) * DAY).astype(np.int64))
    return Objects(rows["case_key"].to_numpy(np.int64), start, end, np.full(len(rows), NEVER))


def _object_columns(base: Base) -> list[str]:
    return ["case_key", "object_id"] if "object_id" in base.events.collect_schema().names() else ["case_key"]


def _times(rows: pd.DataFrame, column: str) -> Times:
    return as_times(rows[column].to_numpy())
