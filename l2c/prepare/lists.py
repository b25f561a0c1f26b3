"""Is a table a list of something else than deals, and of what: invoices, orders, leads, support cases, contacts?

The status of a record is its state of today: it is no event at whatever date stands in its row.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from l2c.prepare.instructions import Instructions
from l2c.prepare.table import Table
from l2c.words import lists, matching, vocabulary
from l2c.words.lists import Kind

ROLES = (
    "deal",
    "deal_name",
    "type",
    "status",
    "due",
    "total",
    "paid",
    "balance",
    "amount_due",
    "converted",
    "converted_deal",
)
# What the user says of the columns of a list, by what it is here.
SAID = {"case_id": "deal", "object_id": "id", "due_date": "due", "amount": "total", "stage": "status"}
# Fewer of the rows than this may repeat a number, or the rows are events of what is numbered.
UNIQUE = 0.9
JUDGED = 10_000
# Headers of a time that say nothing of an event.
PLAIN_TIMES = {"date", "datetime", "日付", "日時", "created", "createddate"}
PHASES = {"invoice": "cash", "payment": "cash"}
# Columns of a history of changes.
CHANGES = {"oldvalue", "newvalue", "fromstage", "tostage", "変更前の値", "変更後の値"}
VERSIONS = {"version", "versionnumber", "revision", "rev", "quoteversion", "版", "版数", "バージョン", "改訂"}
# A few of the headers of deals may stand in any list: so many speak for a kind whose number has a general name.
ENOUGH = {"contact": 3, "account": 3, "product": 3, "task": 3, "campaign": 3}


@dataclass(frozen=True)
class Listed:
    """A table that is a list: of what kind, which column is what (`id` and the roles), and the header of each date."""

    table: Table
    kind: Kind
    columns: dict[str, str]
    dates: dict[str, str] = field(default_factory=dict)


def split(tables: Sequence[Table], said: Instructions) -> tuple[list[Table], list[Listed]]:
    """The tables that hold events or deals, and those that list something else."""
    found = [(table, listed(table, said)) for table in tables]
    return [table for table, each in found if each is None], [each for _, each in found if each is not None]


def without_theirs(said: Instructions, tables: Sequence[Table], found: Sequence[Listed]) -> Instructions:
    """What the user says of the other tables: a column that only lists have is said of them."""
    theirs = {header for each in found for header in each.table.frame.columns}
    theirs -= {header for table in tables for header in table.frame.columns}
    return replace(said, columns={a: h for a, h in said.columns.items() if h not in theirs}) if theirs else said


def listed(table: Table, said: Instructions) -> Listed | None:
    """What a table is a list of; None where it holds deals or events, or the user says what happened when."""
    headers = table.frame.columns
    if {said.columns.get("activity"), said.columns.get("time")} & set(headers):
        return None
    named = _but_numbers(table.frame)
    if not table.frame.height or _is_of_deals(headers) or _is_log(named, headers):
        return None
    fitting = [(found[0], rank) for rank, kind in enumerate(lists.kinds()) if (found := _fits(table, kind))]
    if not fitting:
        return None
    kind = lists.kinds()[max(fitting)[1]]
    if (
        kind.dates
        and lists.first(headers, lists.role("deal")) is None
        and not any("account" in matching.match_attribute(h) for h in headers)
    ):
        # What a supplier is paid for was bought, and not sold.
        bought = next(each for each in lists.kinds() if each.id == "purchase")
        kind = kind if lists.first(headers, bought.marks) is None else bought
    number = (_fits(table, kind) or (0, None))[1]
    columns = {role: h for role in ROLES if (h := lists.first(headers, lists.role(role)))}
    columns |= {SAID[a]: h for a, h in said.columns.items() if a in SAID and h in headers}
    if number is not None:
        columns.setdefault("id", number)
    taken = {columns[role] for role in ("deal", "due") if role in columns}
    dates = {activity: header for activity, header in said.dates.items() if header in headers}
    if dates.keys() - kind.dates.keys():
        # Days of something else make its rows deals.
        return None
    taken |= set(dates.values())
    for activity, keys in kind.dates.items():
        if activity in dates:
            continue
        header = lists.first([h for h in headers if h not in taken], keys)
        if header is not None:
            dates[activity] = header
            taken.add(header)
    if _is_log(named, dates.values()):
        return None
    if "deal" in columns and not kind.dates and said.columns.get("case_id") in headers:
        # Whoever says what the deal is has rows of deals.
        return None
    return Listed(table, kind, columns, dates)


def ledger(table: Table) -> Listed | None:
    """A table as a list, if it is one of invoices or payments."""
    found = listed(table, Instructions())
    return found if found is not None and found.kind.id in ("invoice", "payment") else None


def _fits(table: Table, kind: Kind) -> tuple[float, str | None] | None:
    """How much speaks for a kind, and the column of its number; None where too little does."""
    headers = table.frame.columns
    if kind.id == "line" and any(lists.first(headers, other.ids) for other in lists.kinds() if other.dates):
        # Lines of an invoice are those of the invoice.
        return None
    own = lists.first(headers, kind.ids)
    marks = len({h for h in headers if set(lists.forms(h)) & set(kind.marks) and h != own})
    dates = {h for keys in kind.dates.values() for h in headers if set(lists.forms(h)) & set(keys)}
    named = kind.id in lists.of_file(table.name)
    single = own is not None and (_is_unique(table.frame, own, [*dates]) or _has_versions(table.frame, own, kind))
    if own is not None and single and (marks or named or not kind.marked):
        foreign = _foreign_dates(headers, kind)
        if len(foreign) > 1 or (foreign and lists.first(headers, lists.role("status")) is None):
            return None
        return 2 + marks + 3 * named, own
    if any(_is_close(h) for h in headers) and not _says(table.frame, kind):
        return None
    number = lists.first(headers, lists.general())
    prefixed = number is not None and _begin(table.frame[number], kind.prefixes)
    if number is not None and not _is_unique(table.frame, number, [*dates]):
        number = None
    linked = lists.first(headers, (*lists.role("deal"), *lists.role("deal_name"))) is not None
    if named and number is not None and dates and linked and lists.first(headers, lists.role("status")) is not None:
        return 3, number
    if marks >= ENOUGH.get(kind.id, 2) or (marks and named) or (prefixed and (marks or dates)):
        return marks + 3 * named + 3 * prefixed, number
    return None


def _says(frame: pl.DataFrame, kind: Kind) -> bool:
    """Whether a column of types says of some rows that they are of this kind."""
    header = lists.first(frame.columns, lists.role("type"))
    types = frame[header].cast(pl.String).drop_nulls().head(JUDGED).unique() if header is not None else ()
    return any(kind.id in lists.speaks_of(each) for each in types)


def _is_of_deals(headers: Sequence[str]) -> bool:
    """Whether the rows tell of deals: where they stand, whether they were won, or what of them was changed."""
    if any(set(lists.forms(h)) & CHANGES for h in headers):
        return True
    return any(matching.is_strong(h, "stage") or matching.is_strong(h, "is_won") for h in headers)


def _is_close(header: str) -> bool:
    return matching.match_date_column(header) == matching.CLOSE


def _is_log(headers: Sequence[str], dated: Collection[str]) -> bool:
    """Whether rows say what happened and when: an activity by its name, or a status beside a time that is no date of a list."""
    known = [h for h in headers if "activity" in matching.match_attribute(h)]
    timed = [h for h in headers if "time" in matching.match_attribute(h)]
    if timed and any(matching.is_strong(h, "activity") for h in known):
        return True
    own = [h for h in timed if matching.is_strong(h, "time") and not set(lists.forms(h)) & PLAIN_TIMES]
    return bool(known and [h for h in own if h not in dated])


def _but_numbers(frame: pl.DataFrame) -> list[str]:
    """The headers without those of activities that are numbers of these: another one in each row names nothing that happens."""
    known = {key for kind in lists.kinds() if kind.id == "task" for key in kind.ids}
    return [h for h in frame.columns if not set(lists.forms(h)) & known or not _is_number(frame[h])]


def _is_number(column: pl.Series) -> bool:
    """Whether cells all differ and have figures in them: names of activities may all differ in a short log."""
    texts = column.cast(pl.String).drop_nulls()
    return len(column) > 1 and column.n_unique() == len(column) and bool(texts.str.contains(r"\d").all())


def _foreign_dates(headers: Sequence[str], kind: Kind) -> set[str]:
    """Activities of other parts of the process that have a day here: then a row is a deal, or an order, with its dates."""
    phase = PHASES.get(kind.id, kind.id)
    found = {matching.match_date_column(h) for h in headers if not set(lists.forms(h)) & _dated(kind)}
    return {
        activity
        for activity in found
        if activity and activity != matching.CLOSE and vocabulary.phase_of(activity) not in (phase, "opportunity")
    }


def _dated(kind: Kind) -> set[str]:
    return {key for keys in kind.dates.values() for key in keys}


def _has_versions(frame: pl.DataFrame, own: str, kind: Kind) -> bool:
    """Whether the number of a quote comes again with each of its versions."""
    version = next((h for h in frame.columns if matching.normalise(h) in VERSIONS), None)
    return kind.id == "quote" and version is not None and not frame.select(own, version).is_duplicated().any()


def _is_unique(frame: pl.DataFrame, header: str, dates: Sequence[str]) -> bool:
    """Whether hardly a number comes twice; or, where rows are lines, always with the same status and dates."""
    known = frame[header].drop_nulls()
    # A table of millions of events is told by its first rows.
    some = known.head(JUDGED)
    if not len(known) or (not dates and some.n_unique() < UNIQUE * len(some)):
        return False
    if known.n_unique() >= UNIQUE * len(known):
        return True
    status = lists.first(frame.columns, lists.role("status"))
    same = [column for column in (status, *dates) if column is not None and column != header]
    return bool(dates) and frame.select(header, *dict.fromkeys(same)).unique().height == frame[header].n_unique()


def _begin(column: pl.Series, prefixes: Sequence[str]) -> bool:
    some = column.cast(pl.String).drop_nulls().head(100)
    return bool(len(some)) and all(any(text.startswith(start) for start in prefixes) for text in some)
