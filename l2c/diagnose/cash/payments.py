"""When does the money come in, and who keeps us waiting?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from l2c import stats
from l2c.diagnose.tidy import tidy
from l2c.log import EventLog
from l2c.measures.facts import DAY, Flags, micros
from l2c.measures.invoices import Floats, Invoices, invoices
from l2c.stats import SMALLEST_SAMPLE, UNKNOWN, Curve, Estimate

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
    once it is overdue, and says nothing beyond its age; old ones enter late. Shares have Wilson's interval at the
    number of equal invoices of the same variance. See `l2c.measures.invoices` for what an invoice, its amount and
    its due date are, and `l2c.stats.weighted_survival` for the weights. Nothing is adjusted for: see `causes`.
    """
    found = invoices(log, by=by)
    entry = None if log.history_start is None else micros(log.history_start)
    rows = []
    for name, part in _parts(found, by):
        rows += [(name, *row) for row in _measured(part, entry, level, refused=found.wait.refused)]
    columns = [
        "group", "measure", "unit", "value", "low", "high", "cases", "censored", "weighted", "weighted_low",
        "weighted_high", "amount", "due_days", "note",
    ]  # fmt: skip
    table = tidy(rows, columns)
    return table.drop(columns="group") if by is None else table.rename(columns={"group": by})


def _parts(found: Invoices, by: str | None) -> list[tuple[object, Invoices]]:
    """The whole, or the groups that are large enough to be named, largest first."""
    if by is None:
        return [(None, found)]
    codes, names = pd.factorize(found.group, use_na_sentinel=True)
    sizes = np.bincount(codes[codes >= 0], minlength=len(names))
    order = sorted(range(len(names)), key=lambda i: (-sizes[i], str(names[i])))
    return [(names[i], found.of(codes == i)) for i in order if sizes[i] >= SMALLEST_SAMPLE]


def _measured(part: Invoices, history: int | None, level: float, *, refused: bool) -> list[tuple[object, ...]]:
    """The measures of some invoices, each with both estimates."""
    known = part.of(part.known)
    late, still = known.late_days.astype(np.float64), ~known.seen
    # Days late may be negative, those of a survival curve may not: they are shifted, and the results shifted back.
    shift = max(float(-late.min()), 0.0) if len(known) else 0.0
    entry = None if history is None else np.where(known.wait.start < history, history / DAY - known.due + shift, 0.0)
    to_pay = _curves(part.wait.days, part.seen, part.amount, part.wait.entry, level)
    overdue = _curves(late + shift, known.seen, known.amount, entry, level)
    dated = _note(part, known)
    found: list[tuple[str, str, list[Estimate], Invoices, int, str | None]] = [
        ("days_to_pay", "day", [stats.quantile(c) for c in to_pay], part, int((~part.seen).sum()), part.note)
    ]
    medians = [Estimate(*(end - shift for end in stats.quantile(curve))) for curve in overdue]
    found.append(("late_days", "day", medians, known, int(still.sum()), dated))
    for name, limit in LIMITS.items():
        shares = [stats.share_beyond(curve, limit + shift, level) for curve in overdue]
        found.append((name, "fraction", shares, known, int((still & (late <= limit)).sum()), dated))
    due_days = float(np.median(known.agreed_days)) if len(known) else np.nan
    rows: list[tuple[object, ...]] = []
    for name, unit, (plain, heavy), of, censored, note in found:
        if refused:
            plain = heavy = UNKNOWN
        rows.append((name, unit, *plain, len(of), censored, *heavy, of.total, due_days, note))
    return rows


def _curves(days: Floats, seen: Flags, amount: Floats, entry: Floats | None, level: float) -> list[Curve]:
    """Curve in which each invoice counts the same, and that in which it counts for its amount."""
    weight = np.nan_to_num(amount)
    return [
        stats.kaplan_meier(days, seen, entry, level),
        stats.weighted_survival(days, seen, weight, entry, level),
    ]


def _note(part: Invoices, known: Invoices) -> str | None:
    """What to know of measures that need a due date."""
    missing = len(part) - len(known)
    if not missing:
        return part.note
    said = f"due date not known: {missing} of {len(part)}" if len(known) else "neither payment terms nor due dates"
    return "; ".join(filter(None, [part.note, said]))
