"""What was foretold of the invoices that were open on earlier days, and what came?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c.log import EventLog
from l2c.measures.invoices import Invoices
from l2c.monitor.pipeline import bills as known
from l2c.monitor.pipeline.bills import Bills
from l2c.monitor.pipeline.payers import late_shares_of
from l2c.monitor.pipeline.paying import Paying
from l2c.monitor.pipeline.to_pay import FEWEST_PAID, ToPay, by_curve, left_of, model_of, to_pay

Floats = NDArray[np.float64]

# Earlier days, so many days apart and before the last one, ahead of which money is counted, and how far ahead of each a due day may lie.
EARLIER_DAYS, DAYS_APART, LOOKED_AHEAD = 6, 30, 62
# What is believed of a range before anything came, as so many days on which it held (Gelman, 2006: a weak prior).
BELIEVED = 3.0
# How far the model is trusted where no earlier day tells.
UNTESTED = 0.5


@dataclass(frozen=True, eq=False)
class Expected:
    """What will be paid of the open invoices, and how what was foretold of earlier ones held.

    Attributes
    ----------
    open
        The open invoices; None where too few were paid to tell anything.
    money
        The same of what is open of them, which may be paid in parts.
    weight
        How far the model by customers and traits is trusted beside the curve of all invoices.
    checks
        A row per earlier day: `date, open` (invoices), `late` (of how many it is known whether they were paid late), the Brier
        score of the chance to be late: `brier`, `brier_customer` (the customer's own late share), `brier_curve` (the curve of all
        invoices); money in 30 days: `expected, came`; `z`: how many standard deviations apart they were.
    widened
        By what ranges are to be widened.
    model
        What was learnt of all of them; None where they are too few.
    every
        All invoices.
    """

    open: ToPay | None
    money: ToPay | None
    weight: float
    checks: pd.DataFrame
    widened: float
    model: Paying | None
    every: Bills


def expected(log: EventLog) -> Expected:
    """What will be paid of the open invoices of the whole log."""
    return log.base.plain.memo("invoices to be paid", lambda: _expected(log))


def _expected(log: EventLog) -> Expected:
    every, books = known.bills(log), known.whole(log)
    if int(every.paid.sum()) < FEWEST_PAID:
        return Expected(None, None, 0.0, pd.DataFrame(columns=_COLUMNS), 1.0, None, every)
    in_parts = known.by_money(every, books) is not None
    past = [_Past.of(every, books, every.today - DAYS_APART * (k + 1)) for k in range(EARLIER_DAYS)]
    days = [each for each in past if each is not None]
    rows = [each.check(trusted([other for other in days if other is not each]), in_parts) for each in days]
    checks = pd.DataFrame(rows, columns=_COLUMNS)
    z = checks["z"].dropna().to_numpy(np.float64)
    widened = max(float(np.sqrt((BELIEVED + (z**2).sum()) / (BELIEVED + len(z)))), 1.0)
    model, weight = model_of(every), trusted(days)
    of_all = to_pay(every, model, weight)
    money = _money(every, books, of_all, weight) if in_parts else of_all
    return Expected(of_all, money, weight, checks, widened, model, every)


def _money(then: Bills, books: Invoices, told: ToPay, weight: float) -> ToPay:
    """The same of the money of each invoice, where invoices are paid in parts."""
    parts = known.by_money(then, books)
    return told if parts is None else to_pay(parts, model_of(parts), weight, told.rows, days=told.left.shape[1])


_COLUMNS = ["date", "open", "late", "brier", "brier_customer", "brier_curve", "expected", "came", "z"]


@dataclass(frozen=True, eq=False)
class _Past:
    """An earlier day: its invoices, what was learnt of them, what the model and the curve say, each alone, and what came.

    Attributes
    ----------
    says
        Chances by the model, by the curve, and what came (1 or 0): rows, to be paid in 30 days and then, where that is known, to be
        paid late.
    """

    then: Bills
    learnt: Paying
    says: Floats
    is_late: Floats
    came: float
    books: Invoices

    @classmethod
    def of(cls, every: Bills, books: Invoices, day: int) -> _Past | None:
        """None where too few invoices were paid or open by then."""
        then = known.then(every, books, day)
        learnt = model_of(then)
        rows = then.only(np.flatnonzero(then.open))
        if learnt is None or not len(rows):
            return None
        place = pd.Series(np.arange(len(every)), every.number)[rows.number].to_numpy()
        end = np.where(every.paid[place], every.end[place], np.iinfo(np.int64).max)
        later = pd.Series(books.open_at(day + DAYS_APART), books.number)[rows.number].to_numpy(np.float64)
        # What was written off meanwhile is no money.
        lost = every.lost[place] & (every.end[place] <= day + DAYS_APART)
        came = float(np.nansum(np.where(lost, 0.0, np.maximum(rows.left - later, 0.0))))
        last = min(every.today, day + LOOKED_AHEAD)
        is_late = np.where(rows.dated & (rows.due > day) & (rows.due <= last), end > rows.due, np.nan)
        left = left_of(learnt, rows, days=LOOKED_AHEAD), by_curve(then, rows, LOOKED_AHEAD)[0]
        some, due = np.isfinite(is_late), np.clip(rows.due - day, 1, LOOKED_AHEAD) - 1
        chances = [np.concatenate([1 - each[:, DAYS_APART - 1], each[some, due[some]]]) for each in left]
        says = np.stack([*chances, np.concatenate([(end <= day + DAYS_APART).astype(np.float64), is_late[some]])])
        return cls(then, learnt, says, is_late, came, books)

    def check(self, weight: float, in_parts: bool) -> tuple[object, ...]:
        """What was foretold with a weight for the model, and what came."""
        told = to_pay(self.then, self.learnt, weight, days=LOOKED_AHEAD)
        some = np.isfinite(self.is_late) & np.isfinite(told.late)
        _, _, _, n, late = late_shares_of(self.then, told.rows)
        every = self.then.late[self.then.judged].mean() if self.then.judged.any() else np.nan
        own = np.where(n > 0, late / np.maximum(n, 1), every)
        curve = np.full(len(some), np.nan)
        curve[np.isfinite(self.is_late)] = self.says[1, len(some) :]

        def brier(chance: Floats) -> float:
            return float(((chance - self.is_late)[some] ** 2).mean()) if some.any() else float("nan")

        left = np.nan_to_num(told.rows.left)
        parts = _money(self.then, self.books, told, weight) if in_parts else told
        money, spread = float(left @ parts.paid_by(DAYS_APART)), float(((parts.day <= DAYS_APART) @ left).std())
        z = (self.came - money) / spread if spread > 0 else float("nan")
        briers = brier(told.late), brier(own), brier(curve)
        date = pd.Timestamp(np.datetime64(self.then.today, "D"))
        return date, len(told.rows), int(some.sum()), *briers, money, self.came, z


def trusted(days: list[_Past]) -> float:
    """How far the model is trusted beside the curve: the weight that would have been best on some days (least squares)."""
    if not days:
        return UNTESTED
    model, curve, came = np.hstack([day.says for day in days])
    below = float(((model - curve) ** 2).sum())
    return float(np.clip(((model - curve) * (came - curve)).sum() / below, 0.0, 1.0)) if below > 0 else UNTESTED
