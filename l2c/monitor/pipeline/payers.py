"""How does each customer usually pay, as far as so few invoices tell?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, ndtr, ndtri

from l2c import stats
from l2c.monitor.pipeline.bills import Bills

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# Of what is open nobody knows when it is paid: what is expected is put in its place, and so often anew.
REFITS = 8
# A customer without any difference to others still has this part of the spread.
LEAST = 1e-3
# The farthest place in a curve that a single invoice may stand for.
EDGE = 0.002
# Customers and invoices beyond the first of each that can tell whether customers differ.
FEWEST_CUSTOMERS, FEWEST_AGAIN = 5, 10


@dataclass(frozen=True, eq=False)
class Payers:
    """How late customers usually pay, beside all invoices together.

    Attributes
    ----------
    days, share
        The curve of all invoices: from each day after the due day on, the share that is not paid.
    place, unsure
        By code of the customer: where its invoices lie in that curve, as a normal score drawn towards all, and how far that may
        be off. A code beyond them is a customer nobody knows.
    others
        By invoice: the same by the customer's other invoices alone.
    """

    days: Floats
    share: Floats
    place: Floats
    unsure: Floats
    others: Floats

    def usual(self, place: Floats) -> Floats:
        """The days after the due day at a place of the curve."""
        return np.asarray(np.interp(ndtr(place), 1 - self.share, self.days))

    def left(self, day: Floats) -> Floats:
        """Share of all that is not paid at the end of a day after the due day."""
        return np.concatenate([[1.0], self.share])[np.searchsorted(self.days, day, "right")]


def payers(known: Bills) -> Payers:
    """Learn how customers pay.

    Notes
    -----
    The day of an invoice becomes a normal score by the Kaplan-Meier curve of all, so that a few very late ones do not decide.
    Scores of a customer are drawn towards the mean of all by how little is known (empirical Bayes; Efron and Morris, 1975), the
    spreads by moments; for what is open stands what is expected of it (Schmee and Hahn, 1979).
    """
    day, entry = ((each - known.due).astype(np.float64) for each in (known.end, known.entry))
    shift = max(float(-entry.min(initial=0)), 0.0) + 1
    # What was sent a day may be paid on it; a day's payments come after the look at its beginning.
    curve = stats.kaplan_meier(day + shift, known.paid, entry + shift - 1)
    days, share = curve.time - shift, curve.share
    customer = known.customer
    many = 0 if customer is None or not len(known) else int(customer.max()) + 1
    if customer is None or not _enough(customer):
        return Payers(days, share, np.zeros(0), np.zeros(0), np.zeros(len(known)))
    steps = np.concatenate([[1.0], share])
    around = (steps[np.searchsorted(days, day, "left")] + steps[np.searchsorted(days, day, "right")]) / 2
    seen = ndtri(np.clip(1 - around, EDGE, 1 - EDGE))
    count = np.bincount(customer, minlength=many).astype(np.float64)
    here = count > 0
    place, within = np.zeros(many), 1.0
    for _ in range(REFITS):
        off = (seen - place[customer]) / within
        beyond = np.exp(-(off**2) / 2) / np.sqrt(2 * np.pi) / np.maximum(1 - ndtr(off), 1e-9)
        score = np.where(known.paid, seen, place[customer] + within * beyond)
        lost = np.where(known.paid, 0.0, within**2 * np.clip(1 + off * beyond - beyond**2, 0, 1))
        mean = np.bincount(customer, score, many) / np.maximum(count, 1)
        centre = float(score.mean())
        freedom = max(len(score) - here.sum(), 1)
        spread = float(((score - mean[customer]) ** 2).sum() + lost.sum()) / freedom
        between = float((count * (mean - centre) ** 2)[here].sum()) - spread * (here.sum() - 1)
        between /= max(len(score) - float((count**2).sum()) / len(score), 1e-9)
        between = max(between, LEAST * spread)
        held = spread / between
        place, within = (count * mean + held * centre) / (count + held), float(np.sqrt(spread))
    others = (count[customer] * mean[customer] - score + held * centre) / (count[customer] - 1 + held)
    unsure = np.sqrt(spread / (count + held))
    # Behind the last one stands a customer nobody knows.
    return Payers(
        days, share, np.append(place, centre), np.append(unsure, np.sqrt(spread / held)), others
    )  # fmt: skip


def _enough(customer: Ints) -> bool:
    count = np.unique(customer, return_counts=True)[1]
    return len(count) >= FEWEST_CUSTOMERS and int((count - 1).sum()) >= FEWEST_AGAIN


def late_shares_of(known: Bills, rows: Bills) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """How large a share of the invoices of the customers of some invoices was paid late, drawn towards that of all.

    Returns
    -------
    Of each of the rows: share, its bounds (90 %, by what is believed of the share), how many invoices of its customer were due by
    now and how many of them were paid late, or not at all. NaN where the log knows no customers.

    Notes
    -----
    Beta prior whose strength the customers tell (moments); invoices that are not due yet do not count.
    """
    judged, customer = known.judged, rows.customer
    if known.customer is None or customer is None or not judged.any():
        unknown = np.full(len(rows), np.nan)
        return unknown, unknown, unknown, np.zeros(len(rows)), np.zeros(len(rows))
    every = float(known.late[judged].mean())
    many = int(max(known.customer.max(), customer.max(initial=0))) + 1
    n = np.bincount(known.customer[judged], minlength=many).astype(np.float64)
    late = np.bincount(known.customer[judged], known.late[judged].astype(np.float64), many).astype(np.float64)
    strength = _strength(n[n > 0], late[n > 0], every)
    a, b = late + strength * every, n - late + strength * (1 - every)
    low, high = (betaincinv(np.maximum(a, 1e-9), np.maximum(b, 1e-9), q)[customer] for q in (0.05, 0.95))
    return (a / (a + b))[customer], low, high, n[customer], late[customer]


def _strength(n: Floats, late: Floats, every: float) -> float:
    """How many invoices the share of all counts for beside those of a customer (Kleinman, 1973)."""
    usual = every * (1 - every)
    if usual <= 0 or len(n) < 2:
        return 1e3
    size = n.sum() - (n**2).sum() / n.sum()
    within = float((late * (1 - late / n)).sum()) / max(n.sum() - len(n), 1.0)
    between = (float((n * (late / n - every) ** 2).sum()) - (len(n) - 1) * within) / max(size, 1e-9)
    return float(np.clip(within / between, 0.5, 1e3)) if between > 0 else 1e3
