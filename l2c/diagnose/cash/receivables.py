"""How much money is out, how old is it, and with whom?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c import stats
from l2c.log import EventLog
from l2c.log.invoices import kinds
from l2c.log.settlement import WRITE_OFF
from l2c.measures.behind import Places, places
from l2c.measures.facts import Facts
from l2c.measures.invoices import Floats, Invoices, invoices
from l2c.stats import SMALLEST_SAMPLE
from l2c.words.notes import Note, several

# Sales of a quarter: what the simple DSO divides by.
DAYS_A_QUARTER = 90
DAYS_A_YEAR = 365
AGES = ("not_due", "0-30", "31-60", "61-90", "90+", "no_due_date")
# Monthly sales that spread more than this around their mean make the simple DSO move with sales, not with payment.
UNEVEN_SALES = 0.25


def receivables(log: EventLog) -> pd.DataFrame:
    """Days of sales outstanding and their kin at the extraction.

    Returns
    -------
    One row per `measure`: `unit`, `value` (`low, high` are NaN: sums of all that there is, nothing estimated), `cases`
    (invoices behind it), `censored` (of them open), `note`. The measures:
    `open_receivables`, `overdue_receivables`: invoiced and not yet paid; of that, past its due date (money).
    `dso_countback_days`: days of the latest sales, month by month back, that the open receivables make up.
    `dso_simple_days`: open receivables / sales of the last 90 days × 90. It moves with sales; the count-back does not.
    `dso_best_days`: the same with only what is not due yet: the DSO if all paid in time.
    `delay_days` (ADD, average days delinquent): `dso_simple_days` − `dso_best_days`.
    `collection_rate` (CEI, collection effectiveness index): (open 90 days ago + sales − open now) / (open 90 days ago +
    sales − open now and not due): the part collected of what could have been. Open 90 days ago is what was left of each
    invoice at the end of that day.
    `bad_debt`, `discount_taken`, `credited`: written off, taken as cash discount, and taken off by credit notes, of all
    invoices (money; `bad_debt` NaN where the log records no write-offs). None of it is open; what was written off since
    90 days ago was not collected.

    Notes
    -----
    Definitions of the Credit Research Foundation. Sales are the invoices of the log, less credit notes: money that it
    does not hold is not in these figures. A log shorter than 90 days uses its own length, and says so.
    """
    found = invoices(Facts.of(log.in_calendar_time()))
    sums = pd.Series(np.nan, index=list(_UNITS), dtype=float)
    notes = list(found.notes)
    if len(found) and np.isfinite(found.amount).any():
        notes += _fill(sums, found)
        if WRITE_OFF not in kinds(log.base.activities).values():
            # More likely it was not exported than never happened.
            sums["bad_debt"] = np.nan
            notes.append(Note("no_write_offs"))
    elif len(found):
        notes.append(Note("no_amounts"))
    units = in_calendar_days(log, pd.Series(list(_UNITS.values())))
    rows = pd.DataFrame({"measure": sums.index, "unit": units, "value": sums.to_numpy()})
    still = int(found.still.sum())
    return rows.assign(
        low=np.nan,
        high=np.nan,
        cases=len(found),
        censored=still,
        note=pd.Series([several(notes)] * len(sums), dtype=object),
    )


def overdue_cases(log: EventLog) -> Places:
    """The cases with an invoice that is open and past its due day, of which the overdue receivables are made."""
    facts = Facts.of(log.in_calendar_time())
    found = invoices(facts)
    return places(facts, found.wait.case[found.is_overdue])


def ageing(log: EventLog) -> pd.DataFrame:
    """Open invoices by how long they are overdue.

    Returns
    -------
    One row per `bucket`: `not_due`, `0-30` (1 to 30 days after the due date), `31-60`, `61-90`, `90+` and, where some
    have none, `no_due_date`; `cases` (invoices), `amount` still open (log currency; NaN where unknown), `share` of it
    (of the invoices where amounts are unknown). Zeros where every invoice is paid; no row where there is no invoice.
    """
    found = invoices(Facts.of(log.in_calendar_time()))
    if not len(found):
        return pd.DataFrame({"bucket": [], "cases": [], "amount": [], "share": []}).astype(
            {"bucket": object, "cases": int}
        )
    still, ages = aged(found)
    place = pd.Index(AGES).get_indexer(pd.Index(ages))
    names = list(AGES[: 6 if (place == 5).any() else 5])
    cases = np.bincount(place, minlength=6)[: len(names)]
    left = still.open_amount
    if np.isfinite(left).any() or not len(still):
        amount = np.bincount(place, np.nan_to_num(left), minlength=6)[: len(names)]
        weight = amount
    else:
        amount, weight = np.full(len(names), np.nan), cases.astype(float)
    share = weight / weight.sum() if weight.sum() > 0 else np.zeros(len(names))
    return pd.DataFrame({"bucket": names, "cases": cases.astype(np.int64), "amount": amount, "share": share})


def aged(found: Invoices) -> tuple[Invoices, NDArray[np.object_]]:
    """The open ones among some invoices, and the bucket of `ageing` into which each falls."""
    still = found.of(found.still)
    overdue = still.late_days
    place = np.where(overdue <= 0, 0, np.minimum((overdue - 1) // 30 + 1, 4))
    return still, np.array(AGES, object)[np.where(still.known, place, 5)]


def late_customers(log: EventLog, *, by: str = "account", rate: float = 0.08, level: float = 0.95) -> pd.DataFrame:
    """Customers by what their late payments cost.

    Parameters
    ----------
    by
        What a customer is: `account`, or any other attribute.
    rate
        Yearly cost of money that comes in late.
    level
        Level of the intervals.

    Returns
    -------
    One row per customer, most costly first: the attribute (None: not recorded), `cases` (invoices whose due date is
    known), `censored` (of them open and not due yet), `amount` (invoiced), `late_share` with `low, high` (Wilson, of
    the invoices paid late or overdue among those due by now; NaN under 20 of them), `late_amount` (paid late, or open
    and overdue), `overdue_amount` (open and overdue now), `late_days` (mean days late of that amount, so far),
    `cost` = sum of amount × days late × rate / 365, so far, `share` of all such costs, `yearly_rate`. Empty where the log
    has no such attribute.

    Notes
    -----
    The cost and the amounts are sums of what happened, not estimates. A customer with few invoices may be late by
    chance; the shares say for whom that can be told.
    """
    columns = [
        by, "cases", "censored", "amount", "late_share", "low", "high", "late_amount", "overdue_amount", "late_days",
        "cost", "share", "yearly_rate",
    ]  # fmt: skip
    there = by in log.attributes or by in log.events.collect_schema().names()
    found = invoices(Facts.of(log.in_calendar_time()), by=by) if there else None
    if found is None or not found.known.any():
        return pd.DataFrame({c: pd.Series(dtype=object if c == by else float) for c in columns})
    known = found.of(found.known)
    table = _by_customer(known, rate)
    # What is due by now, whether paid before or not: paid in time counts only once its due date has come.
    table[["late_share", "low", "high"]] = _late_shares(known.of(known.due < known.today), table["group"], level)
    table["yearly_rate"] = rate
    table = table.rename(columns={"group": by})[columns]
    known_cost = table["cost"].notna().any()
    order = [*(["cost"] if known_cost else []), "late_share", "cases"]
    return table.sort_values([*order, by], ascending=[False] * len(order) + [True], ignore_index=True)


def _late_shares(due: Invoices, customers: pd.Series, level: float) -> Floats:
    """Share of the late among the invoices that are due, with its interval, for each customer that has enough of them."""
    codes = pd.factorize(pd.concat([customers, pd.Series(due.group, dtype=object)]), use_na_sentinel=False)[0]
    mine, code = codes[: len(customers)], codes[len(customers) :]
    order = np.argsort(code, kind="stable")
    ends = np.searchsorted(code[order], [mine, mine + 1])
    late, account = due.late_days > 0, due.wait.account
    shares = []
    for first, last in ends.T:
        some = order[first:last]
        enough = len(some) >= SMALLEST_SAMPLE
        known = None if account is None else account[some]
        shares.append(stats.share(late[some], level, known) if enough else stats.UNKNOWN)
    return np.array(shares, np.float64).reshape(-1, 3)


def in_calendar_days(log: EventLog, unit: pd.Series) -> pd.Series:
    """Say of days that they are of the calendar, where those of the log are not."""
    return unit if log.day_hours is None else unit.replace("day", "calendar_day")


_UNITS = {
    "open_receivables": "money",
    "overdue_receivables": "money",
    "dso_countback_days": "day",
    "dso_simple_days": "day",
    "dso_best_days": "day",
    "delay_days": "day",
    "collection_rate": "fraction",
    "bad_debt": "money",
    "discount_taken": "money",
    "credited": "money",
}


def _fill(sums: pd.Series, found: Invoices) -> list[Note]:
    """Put in the measures, and return what to know of them."""
    sent, amount, left = found.sent_day, np.nan_to_num(found.amount), np.nan_to_num(found.open_amount)
    today, owed = found.today, float(left.sum())
    window = int(min(DAYS_A_QUARTER, today - int(sent.min()) + 1))
    since = today - window
    sales = float(amount[sent > since].sum())
    sums["open_receivables"] = owed
    sums["bad_debt"], sums["discount_taken"] = float(np.nansum(found.bad)), float(np.nansum(found.discount[found.seen]))
    sums["credited"] = found.credits
    sums["dso_countback_days"] = _countback(sent, amount, owed, today)
    sums["dso_simple_days"] = owed / sales * window if sales > 0 else np.nan
    notes = [Note("short_window", days=window)] if window < DAYS_A_QUARTER else []
    if _spread(sent, amount, today) > UNEVEN_SALES:
        notes.append(Note("sales_vary"))
    if found.known.all():
        current = float(left[found.due >= today].sum())
        before = float(np.nansum(found.open_at(since)))
        given_up = float(np.nansum(found.bad[found.lost & (found.last_day > since)]))
        sums["overdue_receivables"] = found.overdue_amount
        sums["dso_best_days"] = current / sales * window if sales > 0 else np.nan
        sums["delay_days"] = sums["dso_simple_days"] - sums["dso_best_days"]
        could = before + sales - current
        sums["collection_rate"] = (before + sales - owed - given_up) / could if could > 0 else np.nan
    else:
        notes.append(Note("due_unknown", n=(~found.known).sum(), of=len(found)))
    return notes


def _months(sent: np.ndarray, amount: Floats) -> pd.Series:
    """Sales by calendar month, without gaps."""
    month = pd.PeriodIndex(pd.to_datetime(sent, unit="D"), freq="M")
    sales = pd.Series(amount).groupby(month).sum()
    return sales.reindex(pd.period_range(month.min(), month.max(), freq="M"), fill_value=0.0)


def _countback(sent: np.ndarray, amount: Floats, owed: float, today: int) -> float:
    """Days of sales, from the latest month back, that what is owed makes up; all days where it is more than all."""
    sales = _months(sent, amount)
    now = pd.Timestamp(today, unit="D")
    days = 0.0
    end = now + pd.Timedelta(days=1)
    for month in sales.index[::-1]:
        length = (end - month.start_time).days
        end = month.start_time
        if owed < sales[month]:
            return days + length * owed / sales[month]
        owed -= sales[month]
        days += length
        if owed <= 0:
            return days
    return days


def _spread(sent: np.ndarray, amount: Floats, today: int) -> float:
    """Coefficient of variation of the last six whole months' sales."""
    whole = _months(sent, amount)
    whole = whole[whole.index < pd.Timestamp(today, unit="D").to_period("M")].tail(6)
    return float(whole.std() / whole.mean()) if len(whole) > 1 and whole.mean() > 0 else 0.0


def _by_customer(known: Invoices, rate: float) -> pd.DataFrame:
    late = known.late_days > 0
    days = np.where(late, known.late_days, 0)
    amount, left = known.amount, known.open_amount
    each = pd.DataFrame(
        {
            "group": pd.Series(known.group, dtype=object),
            "cases": 1,
            "censored": known.still & ~late,
            "amount": amount,
            "late_amount": np.where(late, amount, 0.0 * amount),
            "overdue_amount": np.where(late & known.still, left, 0.0 * amount),
            "weight": amount * days,
        }
    )
    each.loc[each["group"].isna(), "group"] = None
    table = each.groupby("group", dropna=False, sort=False).sum(min_count=1).reset_index()
    table["late_days"] = (table["weight"] / table["late_amount"]).astype(float)
    table["cost"] = table["weight"].astype(float) * rate / DAYS_A_YEAR
    total = table["cost"].sum()
    table["share"] = table["cost"] / total if total > 0 else 0.0 * table["cost"]
    return table.astype({"cases": "int64", "censored": "int64"})
