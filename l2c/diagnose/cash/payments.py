"""When does the money come in, and who keeps us waiting?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from l2c import stats
from l2c.diagnose.cash.receivables import in_calendar_days
from l2c.diagnose.tidy import few, noted, tidy
from l2c.log import EventLog
from l2c.log import several as labels
from l2c.measures.facts import Facts
from l2c.measures.invoices import Invoices, invoices
from l2c.measures.late import late_curve, late_share
from l2c.stats import SMALLEST_SAMPLE, UNKNOWN, Estimate
from l2c.words.notes import Note, several

# Late by more than so many days: a day missed, a reminder, a dunning run.
LIMITS = {"late_share": 0, "late_15_share": 15, "late_30_share": 30}


def payments(log: EventLog, *, by: str | None = None, level: float = 0.95) -> pd.DataFrame:
    """Days to pay, days late and shares late, per invoice, with those still open.

    Parameters
    ----------
    by
        A case attribute (`account`, `invoice_type`, …), a property of the invoices, or `payment_terms` (the text of
        the terms where the log has it, else their days).
    level
        Level of the intervals.

    Returns
    -------
    One row per `measure`, or per group and measure, largest group first: the attribute asked for; `measure`; `unit`;
    `value, low, high`, where each invoice counts the same; `cases` (invoices), `censored` (of them still open; for
    what is late: open and not late yet); `weighted, weighted_low, weighted_high`, where each counts for its amount;
    `amount` (log currency); `due_days` (median days from sending to due date); `note`. The measures: `days_to_pay`
    (median days), `late_days` (median days after the due date, negative where early), `late_share`, `late_15_share`,
    `late_30_share` (paid or open more than 0, 15, 30 days after the due date). Groups of fewer than 20 invoices are
    not named. Groups with other terms differ in their days to pay: compare what is late.

    Raises
    ------
    UnknownName
        If there is no such attribute.

    Notes
    -----
    Kaplan-Meier on the days since sending and on the days since the due date: an invoice that is open counts as late
    once it is overdue, and says nothing beyond its age; old ones enter late. One that was written off was never paid:
    it is late from its due day, and not among those whose days to pay are measured. Shares are those of all terms,
    each with its part of the invoices (`l2c.measures.late`), with Wilson's interval at the number of equal invoices of the
    same variance. See `l2c.measures.invoices` for what an invoice, its amount and
    its due date are, and `l2c.stats.weighted_survival` for the weights. Nothing is adjusted for: see `causes`.
    """
    # Money is owed by days of the calendar, whatever the hours of the log.
    found = invoices(Facts.of(log.in_calendar_time()), by=by)
    rows = []
    for name, part in parts(found, log, by):
        rows += [(name, *row) for row in _measured(part, level)]
    columns = [
        "group", "measure", "unit", "value", "low", "high", "cases", "censored", "weighted", "weighted_low",
        "weighted_high", "amount", "due_days", "note",
    ]  # fmt: skip
    table = tidy(rows, columns)
    table["unit"] = in_calendar_days(log, table["unit"])
    if by is None:
        return table.drop(columns="group")
    sent = ("Invoice Sent", "Invoice Created")
    why = None if rows else few(pd.Series(found.group).value_counts(), log, *sent)
    return noted(table.rename(columns={"group": by}), why)


def parts(found: Invoices, log: EventLog, by: str | None) -> list[tuple[object, Invoices]]:
    """The whole, or the groups that are large enough to be named, largest first."""
    if by is None:
        return [(None, found)]
    codes, names = pd.factorize(found.group, use_na_sentinel=True)
    sizes = np.bincount(codes[codes >= 0], minlength=len(names))
    groups = [(int(sizes[some].sum()), name, some) for name, some in labels.groups(log.base, by, list(names))]
    order = sorted(groups, key=lambda group: (-group[0], str(group[1])))
    return [(name, found.of(labels.among(codes, some))) for n, name, some in order if n >= SMALLEST_SAMPLE]


def _measured(part: Invoices, level: float) -> list[tuple[object, ...]]:
    """The measures of some invoices, each with both estimates."""
    known = part.of(part.known)
    late, still = known.late_days, known.still
    wait, awaited = part.wait, part.of(~part.lost)
    weight = np.nan_to_num(awaited.amount)
    days = awaited.wait
    to_pay = [
        wait.curve(level),
        stats.weighted_survival(days.value, awaited.seen, weight, days.entry, level, days.account),
    ]
    dated = _note(part, known)
    found: list[tuple[str, str, list[Estimate], Invoices, int, Note | None]] = [
        ("days_to_pay", "day", [stats.quantile(c) for c in to_pay], awaited, int(part.still.sum()), part.note)
    ]
    overdue = [late_curve(part.overdue, level, weighted=weighted) for weighted in (False, True)]
    medians = [Estimate(*(end - shift for end in stats.quantile(curve))) for curve, shift in overdue]
    found.append(("late_days", "day", medians, known, int(still.sum()), dated))
    for name, limit in LIMITS.items():
        shares = [late_share(part.overdue, limit, level, weighted=weighted) for weighted in (False, True)]
        found.append((name, "fraction", shares, known, int((still & (late <= limit)).sum()), dated))
    due_days = float(np.median(known.agreed_days)) if len(known) else np.nan
    rows: list[tuple[object, ...]] = []
    for name, unit, (plain, heavy), of, censored, note in found:
        if wait.refused:
            plain = heavy = UNKNOWN
        rows.append((name, unit, *plain, len(of), censored, *heavy, of.total, due_days, note))
    return rows


def _note(part: Invoices, known: Invoices) -> Note | None:
    """What to know of measures that need a due date."""
    missing = len(part) - len(known)
    if not missing:
        return part.note
    said = Note("due_unknown", n=missing, of=len(part)) if len(known) else Note("no_terms")
    return several((*part.notes, said))
