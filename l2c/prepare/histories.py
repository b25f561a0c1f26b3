"""Are the rows of a table states of deals, and what tells when each state held?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from l2c.prepare import headers, identity, named_times, values
from l2c.prepare.header_rows import unique
from l2c.prepare.headers import Layout, States
from l2c.prepare.instructions import Instructions
from l2c.prepare.table import Table
from l2c.words import matching
from l2c.words.errors import AmbiguousRows, ColumnsNotFound, L2CError
from l2c.words.notes import Note
from l2c.words.vocabulary import entries

# Columns of a table of states that tell how to read it, and are no attributes of the deals.
AS_OF, FROM, ENTERED = "as_of", "from_stage", "entered_stage"
SILENT = (AS_OF, FROM, ENTERED, "field", "old_value", "new_value")
UNUSED = "unused"
# What a deal stands at: where these differ from row to row, the rows are no lines of it.
STANDS = ("stage", "is_won", "is_closed", "forecast_category")
# What a history of fields tells of, beside the stage.
KEPT = (
    "amount",
    "rep",
    "forecast_category",
    "probability",
    "discount",
    "region",
    "product",
    "segment",
    "lead_source",
    "loss_reason",
    "competitor",
)
# Headers that say from when on a row held, of whatever it tells.
SINCE = {"validfrom", "dbtvalidfrom", "effectivefrom", "有効開始日", "有効開始日時"}
CREATED = "Opportunity Created"


def layout(table: Table, said: Instructions) -> tuple[Table, Layout] | None:
    """Find out whether the rows of a table are states of deals, and which column holds what.

    Parameters
    ----------
    table
        The table, under its own headers.
    said
        What the user said, which wins.

    Returns
    -------
    The table, with columns for what stood in rows (a row per changed field), and its layout; None where each row is an
    event, a deal, or a line of one.

    Raises
    ------
    ColumnsNotFound
        If it is a history that does not tell of which deal, or to which stage it came.
    AmbiguousRows
        If rows of one deal differ in what it stands at, and nothing tells which of them came later.
    """
    roles = _roles(table.frame.columns, said)
    if not table.frame.height or "activity" in said.columns or said.rows == "lines":
        return None
    if "field" in roles and "new" not in roles and (plain := _value(table.frame.columns)):
        roles["new"] = plain
    if "new" in roles and "field" in roles and (when := _when(table.frame, roles, said)):
        return _of_fields(table, roles, when, said)
    if "to" in roles and (when := _when(table.frame, roles, said)):
        columns = {**_own(roles, when), "stage": roles["to"], **said.columns}
        return table, _laid_out(table, columns, said, States(exact=True))
    return _of_rows(table, roles, said)


def _roles(columns: Sequence[str], said: Instructions) -> dict[str, str]:
    """The header of each role; what the user named has no other."""
    names = {"from": FROM, "entered": ENTERED, "field": "field", "old": "old_value", "new": "new_value"}
    found = {role: said.columns[name] for role, name in names.items() if name in said.columns}
    free = (AS_OF, "stage", "time", "actor")
    taken = {header for name, header in said.columns.items() if name not in free}
    for header in columns:
        role = matching.match_state(header)
        if role and header not in taken:
            found.setdefault(role, header)
    return found


def _when(frame: pl.DataFrame, roles: dict[str, str], said: Instructions) -> str | None:
    """The column that says when a change was made, first of all the one that is called so."""
    given = said.columns.get(AS_OF) or said.columns.get("time") or roles.get("changed") or roles.get("looked")
    if given:
        return given
    timely = [h for h in frame.columns if "time" in matching.match_attribute(h)]
    strong = [h for h in timely if matching.is_strong(h, "time")]
    return next(iter(strong or timely), None)


def _value(columns: Sequence[str]) -> str | None:
    """The column of the values beside that of the fields, where no old value stands beside the new one."""
    return next((h for h in columns if matching.normalise(h) in ("value", "値", "wert", "valeur", "valor")), None)


def _own(roles: dict[str, str], when: str) -> dict[str, str]:
    """The columns that tell how to read the states, by the name they have in a layout."""
    names = {"from": FROM, "entered": ENTERED, "field": "field", "old": "old_value", "new": "new_value", "by": "actor"}  # fmt: skip
    return {AS_OF: when, **{name: roles[role] for role, name in names.items() if role in roles and roles[role] != when}}


def is_silent(name: str) -> bool:
    """Tell whether a column of a layout tells how to read the states, and is no attribute of the deals."""
    return name in SILENT or name.startswith(UNUSED)


def _laid_out(table: Table, columns: dict[str, str], said: Instructions, states: States) -> Layout:
    columns = {name: header for name, header in columns.items() if name not in ("time", "activity")}
    unused = [h for h in table.frame.columns if matching.match_state(h) == "silent" and h not in columns.values()]
    columns |= {f"{UNUSED} {n}": header for n, header in enumerate(unused, 1)}
    dates = {activity: header for activity, header in said.dates.items() if header != columns.get(AS_OF)}
    found = headers.layout(table.frame, table.name, replace(said, columns=columns, dates=dates), states=True)
    # The number of a row of a history says nothing of its deal.
    own = {(f"{UNUSED} id" if name == header == "Id" else name): header for name, header in found.columns.items()}
    return replace(found, columns=own, states=states)


def _of_fields(table: Table, roles: dict[str, str], when: str, said: Instructions) -> tuple[Table, Layout]:
    """A row per changed field: each field that the kit knows becomes a column of its new values."""
    frame = table.frame
    field, new = (frame[roles[role]].cast(pl.String) for role in ("field", "new"))
    meant = {name: _field(name) for name in field.drop_nulls().unique().sort()}
    there = {a for h in frame.columns for a in matching.match_attribute(h) if h not in roles.values()}
    known = {a for a in meant.values() if a and (a == "stage" or a not in there)}
    which = field.replace_strict(meant, default=None, return_dtype=pl.String)
    made: dict[str, pl.Series] = {}
    columns: dict[str, str] = {}
    for name in sorted(known):
        header = unique([*frame.columns, *made, name])[-1]
        at = (which == name).fill_null(False)
        source = frame[when] if name == CREATED else new
        made[header] = source.zip_with(at, pl.Series([None], dtype=source.dtype).new_from_index(0, frame.height))
        columns[name] = header
    if "old" in roles and "stage" in columns:
        old = frame[roles["old"]].cast(pl.String)
        before = old.zip_with(
            (which == "stage").fill_null(False), pl.Series([None], dtype=pl.String).new_from_index(0, frame.height)
        )
        roles = {**roles, "from": (header := unique([*frame.columns, *made, FROM])[-1])}
        made[header] = before
    table = replace(table, frame=frame.with_columns(*[cells.alias(header) for header, cells in made.items()]))
    begun = {CREATED: columns.pop(CREATED)} if CREATED in columns else {}
    closing = {matching.CLOSE: columns.pop(matching.CLOSE)} if matching.CLOSE in columns else {}
    said = replace(said, dates={**begun, **closing, **said.dates})
    laid = _laid_out(
        table, {**_own(roles, when), **columns, **said.columns}, said, States(exact=True, made=tuple(made))
    )
    return table, laid


def _field(name: str) -> str | None:
    """What a history of fields calls one of them: an attribute, the creation, the close date."""
    words = {word: {matching.normalise(str(each)) for each in entries("states")[word]} for word in ("made", "stage")}
    if matching.normalise(name) in words["made"]:
        return CREATED
    if matching.normalise(name) in words["stage"] or "stage" in matching.match_attribute(name):
        return "stage"
    if matching.is_close_date(name):
        return matching.CLOSE
    return next((a for a in matching.match_attribute(name) if a in KEPT and matching.is_strong(name, a)), None)


def _of_rows(table: Table, roles: dict[str, str], said: Instructions) -> tuple[Table, Layout] | None:
    """Several rows of one deal that differ in what it stands at."""
    frame = table.frame
    if _is_log(frame, roles, said):
        return None
    try:
        shape = _laid_out(table, dict(said.columns), said, States())
    except ColumnsNotFound:
        return None
    case = shape.columns["case_id"]
    if not any(a in shape.columns and matching.is_strong(shape.columns[a], a) for a in ("case_id", "stage")):
        # Several payments of an invoice are no states of a deal.
        return None
    if not frame[case].drop_nulls().is_duplicated().any():
        return None
    if "from" in roles and "stage" not in shape.columns:
        raise ColumnsNotFound.came_from(table.name, roles["from"], frame.columns)
    differ = _differing(frame, case)
    stands = [h for name in STANDS if (h := shape.columns.get(name)) in differ]
    close = [h for name in (matching.CLOSE,) if (h := shape.dates.get(name)) in differ]
    amount = [h for h in (shape.columns.get("amount"),) if h in differ]
    lines = [h for h in differ if matching.match_state(h) == "line" or h == shape.columns.get("object_id")]
    since = [h for h in (roles.get("changed"),) if h in differ and matching.normalise(h) in SINCE]
    if not stands and lines and not since and roles.get("looked") not in differ:
        return None
    if said.rows is None and AS_OF not in said.columns and identity.are_several(frame, shape.columns, shape.dates):
        return None
    when, exact = _ordering(frame, shape, roles, said, differ, bool(stands or close or since))
    if when is None and not (stands or close or amount):
        return None
    if when is None and said.rows is None:
        identity.refuse_changed(frame[case], f"{table.name}, column {case}")
        raise _question(table, shape, stands or close or amount, lines=not stands)
    columns = {**(_own(roles, when) if when else {}), **said.columns}
    if not exact:
        columns.pop("actor", None)
    dates = {a: h for a, h in shape.dates.items() if h != when}
    states = States(exact=exact, newest_first=said.rows == "first")
    found = _laid_out(table, columns, replace(said, dates={**dates, **said.dates}), states)
    told = when in said.columns.values() or (when and "time" in matching.match_attribute(when))
    if when and matching.match_state(when) is None and not told:
        found = replace(
            found, notes=(*found.notes, Note("of_file", file=table.name, note=Note("states_dated_by", column=when)))
        )
    return table, found


def _is_log(frame: pl.DataFrame, roles: dict[str, str], said: Instructions) -> bool:
    """Whether the headers are those of a log of events, so that its rows need not be looked at."""
    if AS_OF in said.columns or said.rows or "looked" in roles:
        return False
    strong = {a for h in frame.columns for a in matching.match_attribute(h) if matching.is_strong(h, a)}
    weak = {a for h in frame.columns for a in matching.match_attribute(h)}
    if "activity" in strong:
        return "time" in weak or "time" in said.columns
    return "activity" in weak and "stage" not in strong and "time" in strong


def _differing(frame: pl.DataFrame, case: str) -> list[str]:
    """The columns in which some deal has two values, in the order of the table."""
    ids = frame[case]
    some = frame.filter(ids.is_duplicated() & ids.is_not_null())
    others = [h for h in frame.columns if h != case]
    # Numbers that stand for texts differ where these do, and are compared much faster than counted.
    found = some.with_columns(pl.col(pl.Categorical, pl.Enum).to_physical())
    found = found.group_by(case).agg(pl.col(h).min() != pl.col(h).max() for h in others)
    return [h for h in others if found[h].any()]


def _ordering(
    frame: pl.DataFrame, shape: Layout, roles: dict[str, str], said: Instructions, differ: list[str], stands: bool
) -> tuple[str | None, bool]:
    """The column that says when each state held, and whether that is when it became so."""
    if said.rows:
        return None, False
    if AS_OF in said.columns:
        return said.columns[AS_OF], matching.match_state(said.columns[AS_OF]) == "changed"
    if roles.get("looked") in differ:
        return roles["looked"], False
    if roles.get("changed") in differ:
        return roles["changed"], True
    if not stands:
        return None, False
    # The history of an org says in "Created Date" when the state was saved: a deal is created once.
    dated = [
        h for h in (*shape.dates.values(), *frame.columns) if h in differ and "time" in matching.match_attribute(h)
    ]
    own = [h for h in dated if h not in shape.dates.values() or h == shape.dates.get(CREATED)]
    if own:
        return own[0], True
    if roles.get("perhaps") in differ:
        return roles["perhaps"], False
    free = [
        h for h in differ if h not in shape.dates.values() and shape.columns.get(h) == h and _orders(frame, shape, h)
    ]
    return (free[0], False) if len(free) == 1 else (None, False)


def _orders(frame: pl.DataFrame, shape: Layout, header: str) -> bool:
    """Whether a column holds a date of its own for each row of a deal."""
    if frame.select(shape.columns["case_id"], header).is_duplicated().any():
        return False
    return named_times.are_dates(frame[header])


def _question(table: Table, shape: Layout, differ: list[str], *, lines: bool) -> L2CError:
    """What to ask, with what the deals would come to either way."""
    case, column = shape.columns["case_id"], differ[0]
    rows = table.frame.select(pl.col(case).cast(pl.String).alias("case"), pl.col(column).alias("value"))
    found = rows.filter(pl.col("case").is_not_null()).group_by("case", maintain_order=True).agg("value")
    found = found.filter(pl.col("value").list.drop_nulls().list.n_unique() > 1)
    deals = found["case"].to_list()[:3]
    told = [[v for v in each if v is not None] for each in found["value"].to_list()[:3]]
    first, last = ([f"{c}: {v[at]}" for c, v in zip(deals, told, strict=True)] for at in (0, -1))
    is_money = column == shape.columns.get("amount")
    if not (lines and is_money):
        return AmbiguousRows.which(table.name, found.height, differ, last, first)
    sums = [values.numbers(pl.Series(map(str, v))).numbers.sum() for v in told]
    added = [f"{c}: {total:,.10g}" for c, total in zip(deals, sums, strict=True)]
    return AmbiguousRows.lines(table.name, found.height, column, added, last)


def across(found: Sequence[tuple[Table, Layout]]) -> list[tuple[Table, Layout]]:
    """Take tables with the same columns and some of the same deals for states of these: a sheet or file per month or week.

    Returns
    -------
    The tables in their order, those of which each holds a state of some deal with a layout that says so.
    """
    laid = list(found)
    wide = [n for n, (_, shape) in enumerate(laid) if shape.is_wide and not (shape.states and shape.states.exact)]
    groups: list[list[int]] = []
    for n in wide:
        same = next((g for g in groups if _alike(laid[g[0]][1], laid[n][1])), None)
        groups.append([n]) if same is None else same.append(n)
    for group in groups:
        if len(group) < 2 or not _share_deals([laid[n] for n in group]):
            continue
        names = [laid[n][0].name for n in group]
        told, named = named_times.of_names(names)
        for n, (at, rank) in zip(group, told, strict=True):
            table, shape = laid[n]
            at = None if AS_OF in shape.columns else at
            states = replace(shape.states or States(), at=at, rank=rank, ranked=named)
            laid[n] = table, replace(_with_times(table, shape), states=states)
    return laid


def _with_times(table: Table, shape: Layout) -> Layout:
    """A layout in which a column that says when a state held does so."""
    roles = {matching.match_state(h): (name, h) for name, h in shape.columns.items()}
    if AS_OF in shape.columns or "looked" not in roles:
        return shape
    name, header = roles["looked"]
    return replace(shape, columns={AS_OF: header, **{n: h for n, h in shape.columns.items() if n != name}})


def _alike(one: Layout, other: Layout) -> bool:
    """Whether two tables tell the same of their deals."""
    mine, theirs = ({*shape.columns, *shape.dates} for shape in (one, other))
    return len(mine & theirs) >= 0.8 * len(mine | theirs)


def _share_deals(found: Sequence[tuple[Table, Layout]]) -> bool:
    """Whether several tables tell of one deal, and differ; equal copies are no states."""
    names = set.intersection(*({*shape.columns, *shape.dates} for _, shape in found))
    parts = []
    for n, (table, shape) in enumerate(found):
        held = shape.columns | shape.dates
        cells = {name: table.frame[held[name]].cast(pl.String) for name in sorted(names)}
        parts.append(pl.DataFrame(cells).with_columns(pl.col("case_id").str.head(18), _table=pl.lit(n)))
    rows = pl.concat(parts).drop_nulls("case_id")
    deals = rows.group_by("case_id").agg(_of=pl.col("_table").n_unique()).filter(pl.col("_of") > 1)
    told = rows.join(deals, on="case_id").group_by(*sorted(names), "_of").agg(pl.col("_table").n_unique())
    return bool((told["_table"] < told["_of"]).any())
