"""How did the open pipeline of one day become that of another?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c.diagnose.rules.compliance import case_ids
from l2c.diagnose.tidy import noted
from l2c.log import EventLog
from l2c.log.as_of import CHANGING, spells_of
from l2c.log.filter_values import period as ends_of
from l2c.measures.facts import DAY, NEVER, Facts, Times, micros
from l2c.measures.promises import close_date
from l2c.monitor.pipeline.groups import codes, shown
from l2c.monitor.pipeline.moves import SIGN, Lives, Stood, grouped, lives, parts, stood, values_of
from l2c.monitor.pipeline.states import CURRENCY, Values, reopened, told, whole
from l2c.prepare import pseudonyms as people
from l2c.words.errors import BadFilter, UnknownName
from l2c.words.notes import Note, several

OF_AMOUNTS, OF_GROUPS = ("raised", "cut"), ("moved_in", "moved_out")
COLUMNS = ["part", "amount", "change", "deals", "unpriced"]
DEALS = ["part", "case_id", "rep", "amount", "from_amount", "to_amount", "from_close_date", "to_close_date"]


def pipeline_bridge(
    log: EventLog, begin: Any, end: Any, *, by: str | None = None, period: Any = None, names: bool | None = None
) -> pd.DataFrame:
    """Lead from the pipeline that was open after one day to that after another, to the cent.

    Parameters
    ----------
    begin, end
        Two days (or months, quarters: their last day), as for `log.as_of`: the pipeline as it stood when each was over.
    by
        An attribute, such as region, rep or product: a bridge for each of its values.
    period
        A quarter, month or pair of days: only what is due to close in it, by the close dates of the time. The whole
        pipeline unless given.
    names
        Whether to show names where `by` is a person; else as the log says.

    Returns
    -------
    One row per part (and `group`, with `by`), in this order: `start`, what was open after `begin`; `created` since; `reopened`:
    closed after `begin`, open again since; `pulled_in`: due later, or without a day, and now due in the period; `pushed_in`: due
    before the period and now in it; `raised`, `cut`: by how much amounts rose or fell; `moved_in`, `moved_out`: from one group to another;
    `pushed`: due in the period and now after it, or no longer on any day; `pulled_out`: now before it; `lost`; `won`; `end`, what was open after `end`.
    `amount` in the log's currency; `change`, the same with its sign: `start` and all changes add up to `end`; `deals` behind it; `unpriced`:
    of how many of them the amount is not known and counts as nothing. NaN where the log cannot tell; `attrs["note"]` says why, and what else must be known.

    Raises
    ------
    BadFilter
        If `begin` or `end` is no day of the log, `end` lies before `begin`, or `period` is none.
    UnknownName
        If the log has no attribute `by`.

    Notes
    -----
    A deal is judged by how it stood on both days. It comes in once, at its amount at `begin`, when its first amount was told or
    when it was reopened; its amount rises or falls to that at `end` or at its close; then it leaves once, or is there at the end. What was
    undone in between does not show: a deal that was lost and is open again is where it was. Amounts count in whole cents, those
    that are not known as nothing; amounts told only after the close do not count. In a period a deal counts by the day of
    its close date, a won one by the day on which it was won, a lost one by what it was promised for last. `start` and `end` of
    the whole pipeline are `open_pipeline_value` of `log.as_of(day)`, wherever that tells a number.
    """
    found = _moves(log, begin, end, by, period, names)
    if isinstance(found, Note):
        return noted(pd.DataFrame(columns=[*(["group"] if by else []), *COLUMNS]), found)
    groups, code = codes(found.rows["group"]) if by else ([None], 0)
    every = list(SIGN)
    place = code * len(every) + found.rows["part"].map(every.index).to_numpy(np.int64)
    size = len(groups) * len(every)
    cents = np.zeros(size, np.int64)
    np.add.at(cents, place, found.rows["cents"].to_numpy(np.int64))
    part = np.tile(np.asarray(every, object), len(groups))
    known = ~np.isin(part, found.unknown)
    amount = np.where(known & found.priced, cents / 100, np.nan)
    deals = np.where(known, np.bincount(place, minlength=size), np.nan)
    unpriced = np.where(known, np.bincount(place, found.rows["unpriced"].to_numpy(np.float64), size), np.nan)
    change = amount * np.tile(list(SIGN.values()), len(groups)) + 0.0
    table = pd.DataFrame({"part": part, "amount": amount, "change": change, "deals": deals, "unpriced": unpriced})
    if by:
        table.insert(0, "group", np.repeat(np.asarray(groups, object), len(every)))
    return noted(table, found.note)


def bridge_deals(
    log: EventLog, begin: Any, end: Any, *, by: str | None = None, period: Any = None, names: bool | None = None
) -> pd.DataFrame:
    """The deals behind each bar of a pipeline bridge.

    Parameters
    ----------
    begin, end, by, period, names
        As for `pipeline_bridge`.

    Returns
    -------
    One row per part and deal (and `group`, with `by`), in the order of the bars, the largest amount first: `part`; `case_id`; `rep`, its
    owner after `end` or when it was closed (hidden as the log says); `amount`: what it adds to the bar; `from_amount`, `to_amount`:
    its amount when it came in or at `begin`, and the last one (log currency, NaN where unknown); `from_close_date`, `to_close_date`:
    the close dates of both moments, missing where no history tells.

    Raises
    ------
    BadFilter, UnknownName
        As for `pipeline_bridge`.
    """
    found = _moves(log, begin, end, by, period, names)
    columns = [*(["group"] if by else []), *DEALS]
    if isinstance(found, Note):
        return noted(pd.DataFrame(columns=columns), found)
    rows = found.rows[~found.rows["part"].isin(found.unknown)].copy()
    case, lived, known = rows["case"].to_numpy(np.int64), found.lives, people.instead(log, names)
    rows["amount"] = rows["cents"] / 100 if found.priced else np.nan
    rows["case_id"] = np.asarray(case_ids(EventLog(log.base.plain)), object)[case]
    rows["rep"] = pd.Series([known.get(rep, rep) for rep in found.rep[case]], rows.index, object)
    rows["from_amount"], rows["to_amount"] = lived.first[case], lived.last[case]
    rows["from_close_date"], rows["to_close_date"] = _dates(lived.first_day[case]), _dates(lived.last_day[case])
    rows["_part"] = rows["part"].map(list(SIGN).index)
    rows["_group"] = codes(rows["group"])[1] if by else 0
    rows = rows.sort_values(["_group", "_part", "amount", "case_id"], ascending=[True, True, False, True])
    return noted(rows[columns].reset_index(drop=True), found.note)


@dataclass(frozen=True, eq=False)
class _Moves:
    """Every part of every deal; `unknown` parts cannot be told, and no amount unless the log is `priced`."""

    rows: pd.DataFrame
    lives: Lives
    rep: Values
    note: Note | None
    unknown: tuple[str, ...]
    priced: bool


def _moves(log: EventLog, begin: Any, end: Any, by: str | None, period: Any, names: bool | None) -> _Moves | Note:
    """What the deals in sight did; why that cannot be told, where it cannot."""
    if by is not None and by not in log.attributes:
        raise UnknownName.attribute(by, log.attributes)
    span = None if period is None else _days_of(log, period)
    if not log.n_cases:
        return Note("nothing_to_measure")
    if not log.one_currency and by != CURRENCY:
        return Note("bridge_currencies", currencies=log.currencies)
    facts = whole(log.base.plain)
    if "whole_decided" in log.base.cases.collect_schema().names():
        return Note("bridge_of_part")
    amounts, dates = told(facts, "amount"), told(facts, close_date(facts))
    if period is not None and dates is None:
        return Note("bridge_no_dates")
    before, after = stood(facts, begin), stood(facts, end)
    if before.until > after.until:
        raise BadFilter.backwards("bridge", (str(begin), str(end)))
    again = reopened(facts, before.until, after.until)
    lived = lives(facts, before, after, again, amounts, dates)
    rows = parts(before, after, lived, again, span)
    rows = rows[np.isin(rows["case"].to_numpy(), Facts.of(log).rows)].reset_index(drop=True)
    moves = by is None or by not in CHANGING or by in spells_of(log.base)
    if by is not None:
        rows = grouped(rows, *(values_of(facts, day, by, state) for day, state in ((begin, before), (end, after))))
        rows["group"] = shown(log, by, rows["case"].to_numpy(np.int64), rows["group"], names)
    priced = amounts is not None or "amount" in log.attributes
    remarks = [
        None if amounts is not None else Note("bridge_amounts_of_today") if priced else Note("bridge_no_amounts"),
        None if moves else Note("bridge_groups_of_today", attribute=by),
        _unpriced(rows) if priced else None,
        _late(log, before),
    ]
    unknown = (*(OF_AMOUNTS if amounts is None else ()), *(() if moves else OF_GROUPS))
    return _Moves(rows, lived, after.rep, several(remarks), unknown, priced)


def _days_of(log: EventLog, period: Any) -> tuple[int, int]:
    """First day of a period, and the first after it, in days since 1970."""
    low, high = ends_of("period", period, log.clock)
    return -NEVER if low is None else micros(low) // DAY, NEVER if high is None else -(-micros(high) // DAY)


def _dates(day: Times) -> NDArray[np.datetime64]:
    known = np.where(day == NEVER, 0, day).astype("datetime64[D]").astype("datetime64[us]")
    return np.where(day == NEVER, np.datetime64("NaT", "us"), known)


def _unpriced(rows: pd.DataFrame) -> Note | None:
    n = rows.loc[rows["unpriced"], "case"].nunique()
    return Note("bridge_unpriced", n=n, of=rows["case"].nunique()) if n else None


def _late(log: EventLog, before: Stood) -> Note | None:
    start = log.history_start
    late = start is not None and micros(start) > before.until
    return Note("bridge_history_begins", since=f"{log.clock.wall(start):%Y-%m-%d}") if start and late else None
