"""What will be paid of the open invoices, and when: chances, and days drawn for all of them together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from l2c import stats
from l2c.monitor.pipeline.bills import Bills
from l2c.monitor.pipeline.paying import Paying, learn

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# So many days ahead are told; what is not paid by then is paid later, or never.
AHEAD = 182
# Times that the model is drawn anew, in pairs that lie on both sides of it; and payments drawn in all.
MODELS, PAYMENTS_DRAWN = 16, 208
# Fewer payments tell nothing; from so many on days, customers and traits are told apart.
FEWEST_PAID, ENOUGH_PAID = 10, 30


@dataclass(frozen=True, eq=False)
class ToPay:
    """The open invoices of a day, and what will be paid of them.

    Attributes
    ----------
    rows
        The invoices, as they are known on that day.
    left
        Of each the share that is not paid at the end of each of the next days, the mean of what is believed.
    late, low, high
        Chance to be paid after its due day, and its bounds (90 %); NaN where that day is over or unknown.
    day
        Days drawn, a row per run: how many days ahead each is paid, from 1; one beyond those that are told where later or never.
    """

    rows: Bills
    left: Floats
    late: Floats
    low: Floats
    high: Floats
    day: NDArray[np.int16]

    def paid_by(self, days: int) -> Floats:
        """Chance of each to be paid within so many days."""
        return np.zeros(len(self.rows)) if days < 1 else 1 - self.left[:, min(days, self.left.shape[1]) - 1]

    def quantile(self, share: float) -> Floats:
        """How many days ahead each is paid with this chance; NaN where that is not within those that are told."""
        there = self.left <= 1 - share
        return np.where(there.any(axis=1), there.argmax(axis=1) + 1.0, np.nan)


def to_pay(
    known: Bills, model: Paying | None, weight: float, rows: Bills | None = None, *, days: int = AHEAD, seed: int = 0
) -> ToPay:
    """Tell when the open invoices are paid.

    Parameters
    ----------
    known
        All invoices as they are known on a day.
    model
        What was learnt of them; None where they are too few.
    weight
        How far the model is trusted; the rest is the curve of all invoices.
    rows
        The invoices that are open; those that are among the known ones unless given.
    days
        So many days ahead are told.

    Notes
    -----
    In each drawing of the model its coefficients and the place of each customer lie elsewhere, all invoices of a customer
    together; payments are drawn from it. Chances are the means over the models.
    """
    rows = known.only(np.flatnonzero(known.open)) if rows is None else rows
    n = len(rows)
    curve, told = by_curve(known, rows, days)
    ahead = rows.due - rows.today
    due = np.flatnonzero(rows.dated & (ahead >= 0) & (ahead <= days))
    rng = np.random.default_rng([seed, 41])
    luck = rng.exponential(size=(PAYMENTS_DRAWN, n))
    # Without a model one curve says it all.
    models = MODELS if model is not None and weight > 0 else 1
    total, drawn, shares = np.zeros((n, days)), np.zeros((PAYMENTS_DRAWN, n), np.int16), np.ones((models, len(due)))
    later, place = ahead[due] > 0, np.maximum(ahead[due], 1) - 1
    for number, each in enumerate(_models(model, rows, rng, days) if models > 1 else [curve]):
        left = weight * each + (1 - weight) * curve if models > 1 else each
        total += left
        shares[number, later] = left[due, place][later]
        drawn[number::models] = [_days(left, one) for one in luck[number::models]]
    late, low, high = (np.full(n, np.nan) for _ in range(3))
    late[due] = shares.mean(axis=0)
    trust = weight if models > 1 else 0.0
    low[due], high[due] = _bounds(shares, late[due], told[due] / max(1 - trust, 1e-6) ** 2)
    return ToPay(rows, total / models, late, low, high, drawn)


def _models(model: Paying | None, rows: Bills, rng: np.random.Generator, days: int) -> Iterator[Floats]:
    """What is left of each invoice under each drawing of a model; nothing where there is no model."""
    for _ in range(MODELS // 2):
        if model is None:
            return
        step, off = rng.standard_normal(len(model.beta)), rng.standard_normal(len(model.payers.place))
        for sign in (1, -1):
            yield left_of(model.drawn(sign * step), rows, sign * off, days)


def left_of(model: Paying, rows: Bills, off: Floats | float = 0.0, days: int = AHEAD) -> Floats:
    """What is left of each open invoice at the end of each of the next days, with customers so many standard errors off."""
    day = np.broadcast_to(rows.today + 1 + np.arange(days), (len(rows), days))
    place = np.zeros(len(rows))
    if len(model.payers.place) and rows.customer is not None:
        place = (model.payers.place + off * model.payers.unsure)[rows.customer]
    return model.left(rows, day, place)


def by_curve(known: Bills, rows: Bills, days: int = AHEAD) -> tuple[Floats, Floats]:
    """By the curve of all invoices alone: what is left of each, and how many invoices tell of it."""
    late, entry = ((each - known.due).astype(np.float64) for each in (known.end, known.entry))
    late = np.where(known.lost, known.today - known.due, late)
    shift = max(float(-entry.min(initial=0)), 0.0) + 1
    found = stats.kaplan_meier(late + shift, known.paid, entry + shift - 1)
    steps = np.concatenate([[1.0], found.share])

    def share(day: Floats) -> Floats:
        return steps[np.searchsorted(found.time - shift, day, "right")]

    now = (rows.today - rows.due).astype(np.float64)
    before = share(now)
    left = share(now[:, None] + 1 + np.arange(days)) / np.maximum(before, 1e-9)[:, None]
    at_risk = np.append(found.at_risk, 0)[
        np.minimum(np.searchsorted(found.time - shift, now, "right"), len(found.time))
    ]
    # Of what is open longer than anything that was paid nothing tells when it will be.
    return np.where((before > 1e-9)[:, None], left, 1.0), np.maximum(at_risk, 1).astype(np.float64)


def _days(left: Floats, luck: Floats) -> NDArray[np.int16]:
    """Days ahead on which invoices are paid whose hazards add up to their luck, an exponential number."""
    return np.asarray((left > np.exp(-luck)[:, None]).sum(axis=1) + 1, np.int16)


def _bounds(shares: Floats, mean: Floats, told: Floats) -> tuple[Floats, Floats]:
    """Bounds of chances by what the models say, and by how many invoices the curve of all knows."""
    inside = np.clip(shares, 1e-6, 1 - 1e-6)
    middle = np.clip(mean, 1e-6, 1 - 1e-6)
    spread = np.sqrt(np.var(logit(inside), axis=0) + 1 / (told * middle * (1 - middle)))
    width = stats.normal(0.9) * np.minimum(spread, 20.0)
    return np.minimum(expit(logit(middle) - width), mean), np.maximum(expit(logit(middle) + width), mean)


def model_of(known: Bills) -> Paying | None:
    """What can be learnt of invoices; None where too few were paid."""
    return learn(known) if int(known.paid.sum()) >= ENOUGH_PAID else None
