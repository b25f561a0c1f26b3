"""Companies that send invoices, whose customers pay each in their own way, and whose later payments are known.

No customer pays as the kit thinks of it: some are so many days late, some are late now and then and then for long, some need so
many times as long as others, some pay on their day of the week or month. Nobody pays on weekends; a few never do.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

START = datetime(2024, 1, 1)
KINDS = ("shift", "mixture", "pace", "runs", "alike")
NEVER = 1e9


@dataclass(frozen=True, eq=False)
class Billing:
    """Invoices with the day of each payment (a part of the amount each) and the day on which they are due."""

    invoices: pd.DataFrame
    payments: pd.DataFrame

    def log(self, until: float) -> Any:
        """The log that is taken on a day."""
        from l2c.log import build

        known = self.invoices[self.invoices["sent"] <= until]
        shared = ["case_id", "account", "region", "amount", "payment_terms_days"]
        sent = known[shared].assign(activity="Invoice Sent", day=known["sent"], invoice_amount=known["amount"])
        paid = self.payments[(self.payments["day"] <= until)].merge(known[shared], on="case_id")
        rows = pd.concat([sent, paid[[*shared, "activity", "day", "payment_amount"]]])
        rows["time"] = START + pd.to_timedelta((rows.pop("day") * 86400).round(), unit="s")
        return build(rows, extracted=START + timedelta(days=until))

    def cash(self, until: float, ahead: float) -> float:
        """What came in of the invoices that were open on a day, in the days after it."""
        known = self.invoices.loc[self.invoices["sent"] <= until, "case_id"]
        some = self.payments["day"].between(until, until + ahead, inclusive="right")
        return float(self.payments.loc[some & self.payments["case_id"].isin(known), "payment_amount"].sum())

    def late(self, until: float) -> pd.Series:
        """Whether each invoice that was open and not due on a day was paid late, by case."""
        end = self.invoices["case_id"].map(self.payments.groupby("case_id")["day"].max()).fillna(NEVER)
        end = end.where(~self.invoices["never"], NEVER)
        due = np.floor(self.invoices["sent"]) + self.invoices["payment_terms_days"]
        some = (self.invoices["sent"] <= until) & (end > until) & (due >= np.floor(until) + 1)
        return (np.floor(end) > due)[some].set_axis(self.invoices.loc[some, "case_id"])


def billing(seed: int, kind: str, many: int = 1500, days: float = 600.0, parts: float = 0.0) -> Billing:
    """Draw a company.

    Parameters
    ----------
    kind
        How customers pay, see `KINDS`; `alike` where they do not differ.
    parts
        Share of the invoices that are paid in three parts, a month apart.
    """
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    customers = int(rng.integers(25, 250))
    weight = rng.dirichlet(np.full(customers, 1.0))
    customer = rng.choice(customers, many, p=weight)
    region = rng.choice(["North", "South", "East"], customers)[customer]
    terms = rng.choice([14.0, 30.0, 60.0], customers, p=[0.2, 0.6, 0.2])[customer]
    sent = np.sort(days * rng.power(1.2, many))
    sent = _workday(sent, rng)
    amount = np.exp(rng.normal(8, 0.9, many)).round(2)
    own, luck = rng.normal(size=customers)[customer], rng.normal(size=many)
    due = np.floor(sent) + terms + 0.5
    if kind == "shift":
        paid = due + 10 * own + 6 * luck
    elif kind == "pace":
        paid = sent + np.exp(np.log(terms) + 0.35 * own + 0.35 * luck)
    else:
        often = 1 / (1 + np.exp(1.0 - (0.0 if kind == "alike" else 1.5) * own))
        is_late = rng.random(many) < often
        paid = np.where(is_late, due + 1 + rng.exponential(15, many), due - 10 * rng.random(many) ** 2)
    if kind == "runs":
        # Paid on the first run after it is ready: every week, or once a month.
        weekly, on = rng.random(customers)[customer] < 0.6, rng.integers(0, 5, customers)[customer]
        each = np.where(weekly, 7.0, 30.0)
        paid = np.ceil((paid - on) / each) * each + on + 0.5
    paid = _workday(np.maximum(paid, sent + 0.2), rng)
    never = rng.random(many) < 0.01
    invoices = pd.DataFrame(
        {"case_id": [f"I{k:05d}" for k in range(many)], "account": [f"A{c}" for c in customer], "region": region,
         "amount": amount, "payment_terms_days": terms, "sent": sent, "never": never}
    )  # fmt: skip
    count = np.where(rng.random(many) < parts, 3, 1)
    row = np.repeat(np.arange(many), count)
    place = np.concatenate([np.arange(c) for c in count])
    last = place == count[row] - 1
    payments = pd.DataFrame(
        {"case_id": invoices["case_id"].to_numpy()[row], "day": _workday(paid[row] + 30 * place, rng),
         "payment_amount": amount[row] / count[row],
         "activity": np.where(last, "Payment Received", "Partial Payment Received")}
    )  # fmt: skip
    return Billing(invoices, payments[~(never[row] & last)].reset_index(drop=True))


def _workday(day: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The same day, or the Monday after a weekend."""
    weekday = np.floor(day) % 7
    return day + np.where(weekday >= 5, 7 - weekday, 0)
