"""What do the rows of lists (invoices, payments, orders, leads) say of the deals that they belong to?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import polars as pl

from l2c.log.columns import DERIVED, own_names
from l2c.prepare import deleted, doubts, linking, list_money, values
from l2c.prepare.events import Part, timed_cells, typed_cells, worst_of
from l2c.prepare.headers import Layout
from l2c.prepare.instructions import Instructions
from l2c.prepare.list_money import PAID, SENT
from l2c.prepare.lists import Listed
from l2c.prepare.reasons import checked
from l2c.prepare.times import Times
from l2c.words import lists, matching, statuses
from l2c.words.errors import ColumnsNotFound, L2CError, NothingToRead
from l2c.words.notes import Note

# Names of the kinds of lists in notes.
NAMES = {
    "product": "products", "account": "accounts", "contact": "contacts", "campaign": "campaigns", "task": "tasks and activities",
    "ticket": "support cases", "lead": "leads", "quote": "quotes", "contract": "contracts", "order": "orders",
    "invoice": "invoices", "payment": "payments", "line": "lines of deals", "purchase": "purchases", "credit": "credit notes",
}  # fmt: skip
MOST_STATUSES = 6
# Attributes of a list that are those of its own records, not of the deal.
NEVER_OF_LISTS = ("activity", "time", "case_id", "object_id", "end_time", "lifecycle", "stage", "is_won")
OWN = ("currency", "payment_terms_days", "invoice_type", "actor")


def parts(
    found: Sequence[Listed],
    deals: Sequence[Part],
    said: Instructions,
    limit: datetime,
    numbers_of_deals: Mapping[str, dict[str, str]] | None = None,
) -> tuple[list[Part], list[Note]]:
    """Make events of the lists whose rows lead to a deal; name the others.

    Parameters
    ----------
    found
        The lists of a source.
    deals
        Its tables of deals or events, understood.
    said, limit
        As of `events.from_table`.
    numbers_of_deals
        By kind of document, the deal of each number that is known otherwise.

    Returns
    -------
    A part for each list that leads to a deal (or whose records are cases of their own), and what to say of all.

    Raises
    ------
    NothingToRead
        If there are no deals beside the lists and none of them leads to one, or nothing is known to have happened.
    """
    made: list[Part] = []
    notes: list[Note] = []
    known: dict[str, dict[str, str]] = {kind: dict(each) for kind, each in (numbers_of_deals or {}).items()}
    numbers: dict[str, dict[str, str]] = {}
    order = [kind.id for kind in lists.kinds()]
    alive = [replace(each, table=deleted.apart(each.table)) for each in found]
    for each in sorted(alive, key=lambda each: order.index(each.kind.id)):
        facts: dict[str, Any] = {"file": each.table.name, "kind": NAMES[each.kind.id], "rows": each.table.frame.height}
        if not each.kind.dates:
            notes.append(Note("list_left_out", **facts))
            continue
        if not each.dates:
            if len(found) == 1 and not deals:
                raise ColumnsNotFound.no_dates(
                    each.table.name, NAMES[each.kind.id], next(iter(each.kind.dates)), each.table.frame.columns
                )
            notes.append(Note("list_dateless", **facts, activity=next(iter(each.kind.dates))))
            continue
        cases, by = linking.cases(each, deals, known)
        if cases is None:
            notes.append(Note("list_unlinked", **facts))
            continue
        if by is None:
            named = {"file": each.table.name, "kind": NAMES[each.kind.id]}
            notes.append(Note("list_leads", **named) if each.kind.id == "lead" else Note("list_alone", **named))
        else:
            own = int((cases == linking.number(each)).sum()) if each.kind.id == "lead" else 0
            notes.append(Note("list_linked", **facts, n=len(cases) - cases.null_count() - own, column=by))
        names = linking.called(each)
        numbers.setdefault(each.kind.id, {}).update(names.iter_rows())
        case_of = dict(zip(linking.number(each), cases, strict=True))
        theirs = {other: case for other, own in names.iter_rows() if (case := case_of[own]) is not None}
        known.setdefault(each.kind.id, {}).update(theirs)
        part = _part(each, cases, numbers, said, limit, alone=not deals, own=by is None)
        # What was found out of a list is not said again: its dates would make its rows deals.
        made.append(replace(part, layout=Layout({"case_id": by} if by else {}, {}), notes=(*part.notes,)))
    if not made and not deals:
        raise _refused(found)
    if not any(part.events.height or part.reason.is_not_null().any() for part in (*made, *deals)):
        why = " ".join(str(note) for part in made for note in part.notes)
        raise NothingToRead.nothing_happened([part.table.name for part in made], why)
    return list_money.without_dated(made, notes)


def _part(
    each: Listed,
    cases: pl.Series,
    numbers: dict[str, dict[str, str]],
    said: Instructions,
    limit: datetime,
    *,
    alone: bool,
    own: bool,
) -> Part:
    """The events of a list: each of its dates that its status does not gainsay."""
    layout, frame = _layout(each, cases, numbers, alone=alone, own=own)
    table, settled = doubts.settled(replace(each.table, frame=frame), layout, said)
    frame, table = table.frame, replace(table, frame=table.frame.select(each.table.frame.columns))
    cells = frame.select(
        *[pl.col(header).alias(name) for name, header in layout.columns.items()],
        *[pl.col(header).alias(activity) for activity, header in layout.dates.items()],
    )
    typed, unread, currencies, read = typed_cells(cells, layout, table, said)
    moments, told = timed_cells(cells, layout, table.name, said)
    cells = cells.with_columns(cells[name].set(m.empty, None) for name, m in moments.items() if m.empty is not None)
    state, said_of_states = _states(each, said)
    of_kind, others = _of_kind(each)
    money = list_money.amounts(each)
    if each.kind.id == "lead":
        typed = _of_leads_alone(each, _ended(typed, state), cases)
    notes = [*settled, *read, *told, *said_of_states, *others]
    reasons = [checked(moments[activity], cells[activity], limit) for activity in layout.dates]
    for reason, header in zip(reasons, layout.dates.values(), strict=True):
        if bad := int(reason.is_in(["unreadable time", "out of range"]).sum()):
            unread[header] = bad
    rows = typed.with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).alias("_row"))
    pieces = [
        list_money.with_amounts(_on(rows, activity, moments[activity]), activity, money, state).filter(
            reason.is_null() & _happened(each, activity, state, said) & of_kind
        )
        for activity, reason in zip(layout.dates, reasons, strict=True)
    ]
    events = pl.concat(pieces, how="diagonal_relaxed")
    if each.kind.id == "invoice":
        events = list_money.undated(each, events, state, money, said)
    if each.kind.id == "lead" and (n := _converted_undated(each, events)):
        notes.append(Note("list_converted_undated", file=table.name, n=n))
    # Lines of one record tell of it together.
    events = events.unique(["case_id", "activity", "time", *(["object_id"] if "object_id" in events.columns else [])],
                           keep="first", maintain_order=True)  # fmt: skip
    reason = _unused(reasons).set(cases.is_null(), "no case").alias("reason")
    events = events.filter(~cases.is_null().gather(events["_row"]))
    shown = events.with_columns(
        pl.lit(table.name, pl.Categorical).alias("source"), table.lines.gather(events["_row"]).alias("source_row")
    )
    return Part(table, layout, cells, reason, shown, unread, currencies, tuple(notes))


def _on(rows: pl.DataFrame, activity: str, moment: Times) -> pl.DataFrame:
    """The rows as events of an activity."""
    name = pl.Series([activity]).new_from_index(0, rows.height).alias("activity")
    return rows.with_columns(name, moment.time.alias("time"), moment.precision.alias("precision"))


def _unused(reasons: Sequence[pl.Series]) -> pl.Series:
    """Why none of the dates of a row can be used; nothing where one can, whatever its status makes of it."""
    named = [why.alias(f"{n}") for n, why in enumerate(reasons)]
    dated = pl.DataFrame(named).select(pl.any_horizontal(pl.all().is_null())).to_series()
    return worst_of(named).set(dated, None)


def _layout(
    each: Listed, cases: pl.Series, numbers: dict[str, dict[str, str]], *, alone: bool, own: bool
) -> tuple[Layout, pl.DataFrame]:
    """Which column is what, and the table with the deal and the number of each row in columns of their own."""
    frame, lead = each.table.frame, each.kind.id == "lead"
    case, document = own_names([["_case"], ["_number"]], frame.columns)
    columns = {"case_id": case} if lead else {"case_id": case, "object_id": document}
    if "due" in each.columns:
        columns["due_date"] = each.columns["due"]
    links = ("deal", "converted_deal") if lead else ("deal", "id")
    taken = {each.columns[role] for role in links if role in each.columns} | {*each.dates.values(), *columns.values()}
    money = {each.columns[role] for role in ("paid", "balance", "amount_due") if role in each.columns}
    money |= {each.columns["total"]} if "total" in each.columns and not own else set()
    for header in [h for h in frame.columns if h not in taken | money]:
        for attribute in matching.match_attribute(header):
            mine = own or lead or attribute in OWN or (alone and matching.is_strong(header, attribute))
            if mine and attribute not in (*columns, *NEVER_OF_LISTS):
                columns[attribute] = header
                taken.add(header)
                break
    rest = [h for h in frame.columns if h not in taken]
    # What a list says beside is of its records: a name of the vocabulary would be one of the deal.
    wanted = [[f"{each.kind.id} {h}" if matching.match_attribute(h) else h] for h in rest]
    columns |= dict(zip(own_names(wanted, set(columns) | DERIVED), rest, strict=True))
    return Layout(columns, dict(each.dates)), frame.with_columns(
        cases.alias(case), _document(each, numbers).alias(document)
    )


def _document(each: Listed, numbers: dict[str, dict[str, str]]) -> pl.Series:
    """The document that each row is about: of a payment the invoice, where it names one."""
    if each.kind.id != "payment":
        return linking.number(each)
    invoice = next(kind for kind in lists.kinds() if kind.id == "invoice")
    header = lists.first([h for h in each.table.frame.columns if h != each.columns.get("id")], invoice.ids)
    if header is None:
        return linking.number(each)
    named = linking.text(each.table.frame[header])
    return named.replace(numbers.get("invoice", {}))


def _ended(typed: pl.DataFrame, state: pl.Series | None) -> pl.DataFrame:
    """Leads that were given up, on whatever day, with the stage that says so; their other statuses are no stages of deals."""
    if state is None:
        return typed
    ended = list_money.names_state(state, ["disqualified"])
    return typed.with_columns(pl.when(ended).then(pl.lit("Lead Disqualified")).alias("stage"))


def _of_leads_alone(each: Listed, typed: pl.DataFrame, cases: pl.Series) -> pl.DataFrame:
    """Leads that became deals say nothing of these: owner, stage and the like are those of the deal."""
    own = (cases == linking.number(each)).fill_null(False)
    kept = ("case_id", "lead_source")
    return typed.with_columns(pl.when(own).then(pl.col(c)).alias(c) for c in typed.columns if c not in kept)


def _of_kind(each: Listed) -> tuple[pl.Series, list[Note]]:
    """Which rows are what the table lists: a list of transactions holds invoices, payments and credit notes."""
    n = each.table.frame.height
    found = pl.Series([True]).new_from_index(0, n)
    if "type" in each.columns:
        texts = linking.text(each.table.frame[each.columns["type"]]).alias("type")
        own = [text for text in texts.drop_nulls().unique() if each.kind.id in lists.speaks_of(text)]
        if own:
            found = texts.is_in(own).fill_null(False)
            counted = texts.filter(~found).value_counts(sort=True).sort("count", "type", descending=[True, False])
            if counted.height:
                return found, [Note("list_types", file=each.table.name, values=_shown(list(counted.iter_rows())))]
    if each.kind.id == "invoice" and "total" in each.columns:
        back = (values.numbers(each.table.frame[each.columns["total"]]).numbers < 0).fill_null(False)
        if back.any():
            return found & ~back, [Note("list_negative", file=each.table.name, n=int(back.sum()))]
    return found, []


def _states(each: Listed, said: Instructions) -> tuple[pl.Series | None, list[Note]]:
    """The status of each row, and what to say of those that nobody knows, or that have no day."""
    if "status" not in each.columns:
        return None, []
    header = each.columns["status"]
    texts = linking.text(each.table.frame[header]).alias("status")
    counted = texts.value_counts(sort=True).sort("count", "status", descending=[True, False], nulls_last=True)
    idle = [
        (value, n)
        for value, n in counted.iter_rows()
        if value not in said.activities and _is_idle(each, statuses.states(value or ""))
    ]
    notes = [Note("list_idle", file=each.table.name, column=header, values=_shown(idle))] if idle else []
    if each.kind.id in ("quote", "order", "contract") or (each.kind.id == "invoice" and SENT not in each.dates):
        notes.append(Note("list_status", file=each.table.name, column=header, values=_shown(list(counted.iter_rows()))))
    return texts, notes


def _shown(counted: Sequence[tuple[str | None, int]]) -> list[Note]:
    more = len(counted) - MOST_STATUSES
    shown = [Note("counted", value="–" if value is None else value, n=n) for value, n in counted[:MOST_STATUSES]]
    return [*shown, Note("and_more", n=more)] if more > 0 else shown


def _is_idle(each: Listed, states: frozenset[str]) -> bool:
    """Whether money waits for another status than this."""
    wanted = {state for activity in (SENT, PAID) for state in each.kind.needs.get(activity, ())}
    return bool(wanted) and not states & wanted


def _happened(each: Listed, activity: str, state: pl.Series | None, said: Instructions) -> pl.Series:
    """Of which rows the status says that something happened; without a status the date alone does."""
    if activity == "Lead Converted" and "converted" in each.columns:
        return values.flags(linking.text(each.table.frame[each.columns["converted"]]))[0].fill_null(False)
    needed = each.kind.needs.get(activity)
    if state is None or not needed:
        return pl.Series([True]).new_from_index(0, each.table.frame.height)
    # What has been paid has been sent.
    told = [
        text for text, meant in said.activities.items() if meant == activity or (activity == SENT and meant == PAID)
    ]
    return list_money.names_state(state, needed) | state.is_in(told).fill_null(False)


def _converted_undated(each: Listed, events: pl.DataFrame) -> int:
    """How many leads are converted on a day that nothing tells."""
    frame = each.table.frame
    if "converted" in each.columns:
        converted = values.flags(linking.text(frame[each.columns["converted"]]))[0].fill_null(False)
    elif "status" in each.columns:
        converted = list_money.names_state(linking.text(frame[each.columns["status"]]), ["converted"])
    else:
        return 0
    dated = events.filter(pl.col("activity") == "Lead Converted")["_row"]
    return int(converted.sum()) - int(converted.gather(dated.unique()).sum())


def _refused(found: Sequence[Listed]) -> L2CError:
    """The error that says that a source holds nothing but lists which lead to no deal."""
    kinds = dict.fromkeys(
        NAMES[each.kind.id] for each in found if each.kind.dates or not any(e.kind.dates for e in found)
    )
    dated = [each for each in found if each.kind.dates]
    error = NothingToRead.unlinked_lists if dated else NothingToRead.only_lists
    return error([each.table.name for each in dated or found], list(kinds))
