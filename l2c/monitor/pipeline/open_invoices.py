"""Which open invoices will be paid late, and when is each paid?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c.diagnose.rules.compliance import case_ids
from l2c.diagnose.tidy import noted
from l2c.log import EventLog
from l2c.measures.facts import ACCOUNT, Facts
from l2c.measures.invoices import Invoices, books, invoices
from l2c.monitor.pipeline.payers import late_shares_of
from l2c.monitor.pipeline.settled import Expected, expected
from l2c.monitor.pipeline.to_pay import FEWEST_PAID, ToPay
from l2c.words.notes import Note, several

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

PAID_EARLY, PAID_HALF, PAID_LATE = 0.05, 0.5, 0.95
# Standard errors from nought at which a trait counts as telling something: one in a thousand that tell nothing gets there.
BEYOND_CHANCE = 3.3
# With fewer invoices of its own nothing is said of a customer or a trait; longer open than this share of all is long.
FEWEST_OWN, LONG_OPEN = 3, 0.9
COLUMNS = [
    "case_id", "invoice", "account", "open_amount", "due_date", "late_days", "late_share", "low", "high",
    "paid_low", "paid_median", "paid_high", "customer_late_share", "reasons",
]  # fmt: skip


def open_invoices(log: EventLog) -> pd.DataFrame:
    """The open invoices: how likely each is to be paid late, and when it is paid, if we go on as before.

    Returns
    -------
    One row per invoice that is open, those first of which most money is overdue or likely to be: `case_id, invoice` (its number,
    None where the log has none), `account`, `open_amount`; `due_date`, `late_days` (days over it; negative before); `late_share`
    with `low, high`: chance to be paid after the due date, given that it is open today (90 %; NaN where it is past due, and so is
    late already, or where nothing tells); `paid_low, paid_median, paid_high`: day of payment, early (one in twenty is paid by it),
    middle and late (nineteen in twenty), NaT where that lies more than half a year ahead; `customer_late_share`: share of the
    customer's invoices that were paid late, of those due by now, drawn towards that of all by how few they are; `reasons`: facts, as
    a tuple of notes. `attrs["note"]` says what to know, `attrs["checks"]` how chances and money held, a record per earlier date (see
    `settled.Expected`).

    Notes
    -----
    Learnt from all invoices of the whole log, whatever is chosen of it. See `paying.learn` for the model, `payers.payers` for what a
    customer's own invoices tell, and `settled.expected` for how far the model is trusted beside the curve of all.
    """
    log = log.in_calendar_time()
    facts = Facts.of(log)
    found, told = invoices(facts), expected(log)
    some = np.flatnonzero(found.still)
    case = found.wait.case[some]
    table = pd.DataFrame(
        {
            "case_id": case_ids(log)[case],
            "invoice": _numbers(facts, found.number[some]),
            "account": facts.attribute(ACCOUNT).astype(object).to_numpy()[case],
            "open_amount": found.open_amount[some],
            "due_date": _dates(np.where(found.known, found.due, np.nan)[some]),
            "late_days": np.where(found.known, found.late_days, np.nan)[some],
            **chances(told, found, some),
        },
        columns=COLUMNS[:-1],
    )
    table["reasons"] = pd.Series(list(reasons(told, found.number[some])), table.index, dtype=object)
    at_stake = np.where(table["late_days"] > 0, 1.0, table["late_share"]) * table["open_amount"]
    order = np.lexsort((table["invoice"].map(str), table["case_id"].map(str), -np.nan_to_num(at_stake, nan=-1.0)))
    table = table.iloc[order].reset_index(drop=True)
    table.attrs["checks"] = told.checks.to_dict("records")
    return noted(table, _note(log, found, told))


def late_shares(facts: Facts) -> tuple[Floats, Floats]:
    """Of each invoice of `measures.invoices` the chance to be paid late and the day of payment in the middle (days since 1970).

    NaN where it is paid, past due (chance), or nothing tells. As they are known at the extraction.
    """
    found = invoices(facts)
    some = np.flatnonzero(found.still)
    late, day = np.full((2, len(found)), np.nan)
    held = chances(expected(facts.log), found, some)
    late[some] = held["late_share"]
    days = held["paid_median"].astype("datetime64[D]")
    day[some] = np.where(np.isnat(days), np.nan, days.astype(np.int64))
    return late, day


def chances(told: Expected, found: Invoices, some: Ints) -> dict[str, NDArray[np.generic]]:
    """The columns of chances and days of some of the invoices that are in sight."""
    names = ("late_share", "low", "high", "paid_low", "paid_median", "paid_high")
    if told.open is None:
        values: list[Floats] = [np.full(len(some), np.nan)] * len(names)
        own = np.full(len(some), np.nan)
    else:
        place = rows_of(told.open, found.number[some])
        late = told.open.late, told.open.low, told.open.high
        days = [told.open.rows.today + told.open.quantile(share) for share in (PAID_EARLY, PAID_HALF, PAID_LATE)]
        # Past due is late: nothing about it is a matter of chance.
        over = found.late_days[some] > 0
        values = [np.where(over, np.nan, _picked(each, place)) for each in late] + [
            _picked(each, place) for each in days
        ]
        own = _picked(late_shares_of(told.every, told.open.rows)[0], place)
    columns = dict(zip(names, [*values[:3], *map(_dates, values[3:])], strict=True))
    return {**columns, "customer_late_share": own}


def rows_of(told: ToPay, number: Ints) -> Ints:
    """Where invoices, by their number in the books, are among those that are open; -1 where one is not."""
    return np.asarray(pd.Index(told.rows.number).get_indexer(pd.Index(number)), np.int64)


def _picked(values: Floats, place: Ints) -> Floats:
    """A value of each place, NaN where it has none."""
    return np.append(values, np.nan)[place]


def reasons(told: Expected, number: Ints) -> Iterator[tuple[Note, ...]]:
    """What is remarkable of some open invoices, as facts: none that chance alone might make, and nothing of a person."""
    if told.open is None:
        yield from [()] * len(number)
        return
    rows = told.open.rows.only(rows_of(told.open, number))
    every, late = told.every, told.every.late
    judged = every.judged
    usual = float(late[judged].mean()) if judged.any() else np.nan
    own = late_shares_of(every, rows)
    traits = list(_telling(told))
    paid = (every.end - every.due)[every.paid]
    long = float(np.quantile(paid, LONG_OPEN)) if len(paid) else np.inf
    for k in range(len(rows)):
        found = []
        if own[3][k] >= FEWEST_OWN and not own[1][k] <= usual <= own[2][k]:
            found.append(Note("pays_late", late=int(own[4][k]), of=int(own[3][k]), share=_percent(usual)))
        for column, name, value, share, rest in traits:
            if rows.traits[k, column] > 0:
                found.append(
                    Note("trait_pays_late", name=name, value=str(value), share=_percent(share), rest=_percent(rest))
                )
        if (over := rows.today - rows.due[k]) > max(long, 0) and rows.dated[k]:
            found.append(Note("long_unpaid", days=int(over), limit=int(max(long, 0))))
        yield tuple(found)


def _telling(told: Expected) -> Iterator[tuple[int, str, str, float, float]]:
    """Traits whose invoices are paid late more or less often beyond chance: column, name, value, share of them and of the rest."""
    if told.model is None or not told.weight > 0:
        return
    every, late, judged = told.every, told.every.late, told.every.judged
    size, error = told.model.of_traits()
    for column, (name, value) in enumerate(told.model.names):
        if value is None or abs(size[column]) < BEYOND_CHANCE * error[column]:
            continue
        its = judged & (every.traits[:, column] > 0)
        rest = judged & ~its
        if its.sum() < FEWEST_OWN or rest.sum() < FEWEST_OWN:
            continue
        share, other = float(late[its].mean()), float(late[rest].mean())
        # Paid less likely on each day before the due day, it is late more often: else other things made the difference.
        if (size[column] < 0) == (share > other):
            yield column, name, str(value), share, other


def _percent(share: float) -> int:
    return round(100 * share)


def _numbers(facts: Facts, number: Ints) -> NDArray[np.object_]:
    """What the log calls invoices, by their number in the books; None where it has no number for them."""
    rows = books(facts).rows
    names = rows.set_index("invoice")["object"].reindex(number).to_numpy(object)
    return np.array([name or None for name in names], object)


def _dates(days: Floats) -> NDArray[np.datetime64]:
    """Days since 1970, NaN where there is none, as dates."""
    known = np.isfinite(days)
    found = np.full(len(days), np.datetime64("NaT", "us"), "datetime64[us]")
    found[known] = days[known].astype(np.int64).astype("datetime64[D]")
    return found


def _note(log: EventLog, found: Invoices, told: Expected) -> Note | None:
    """What to know of the table."""
    if not len(found):
        return found.note or Note("lacks_activities", activities=("Invoice Sent",))
    notes = [found.note]
    if told.open is None:
        notes.append(Note("invoices_few_paid", paid=int(told.every.paid.sum()), n=FEWEST_PAID))
        return several(notes)
    open_ = found.still
    if unknown := int((open_ & ~found.known).sum()):
        notes.append(Note("due_unknown", n=unknown, of=int(open_.sum())))
    checks = told.checks.dropna(subset=["brier"])
    if told.weight == 0:
        notes.append(Note("invoices_by_curve"))
    if not len(checks):
        return several([*notes, Note("invoices_untested")])
    weight = checks["late"] / checks["late"].sum()
    brier, own = (float((checks[name] * weight).sum()) for name in ("brier", "brier_customer"))
    notes.append(Note("invoices_tested", dates=len(checks), brier=round(brier, 4), own=round(own, 4)))
    return several(notes)
