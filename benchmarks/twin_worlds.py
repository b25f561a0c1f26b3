"""Companies whose future is known: what a twin says of it can be held against what came.

Each case goes its way to its very end, whatever day the log is taken on. What comes next and when depends on the history of the
case, its attributes and the working week, with noise of several shapes; none of it is how the twin thinks of it: waits fall
on office hours, reminders go out on a fixed day, approvals begin at a limit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

# A Monday.
START = datetime(2024, 1, 1)
NAMES = (
    "Lead Created", "Lead Qualified", "Lead Disqualified", "Opportunity Created", "Quote Created",
    "Discount Approval Requested", "Discount Approved", "Discount Rejected", "Quote Sent", "Quote Revised", "Quote Accepted",
    "Contract Signed", "Closed Won", "Closed Lost", "Sales Order Created", "Order Corrected", "Order Fulfilled", "Invoice Sent",
    "Payment Reminder Sent", "Payment Received",
)  # fmt: skip
CODE = {name: code for code, name in enumerate(NAMES)}
NEVER = -1
SHAPES = ("lognormal", "gamma", "weibull", "heavy")
# The end of the world.
LAST = 4000.0


@dataclass(frozen=True, eq=False)
class Company:
    """All events of all cases (`case, activity` as code, `day`), what is known of the cases, and when each began."""

    events: pd.DataFrame
    people: pd.DataFrame
    began: np.ndarray

    def log(self, until: float) -> Any:
        """The log that is taken on a day."""
        from l2c.log import build

        rows = self.events[self.events["day"] <= until]
        known = self.people.iloc[rows["case"]].reset_index(drop=True)
        # Nobody knows the discount of what was never quoted.
        quoted = np.zeros(len(self.people), bool)
        quoted[rows.loc[rows["activity"] == CODE["Quote Created"], "case"]] = True
        known["discount"] = known["discount"].where(quoted[rows["case"]])
        frame = pd.DataFrame(
            {
                "case_id": [f"C{case:05d}" for case in rows["case"]],
                "activity": np.array(NAMES, object)[rows["activity"]],
                "time": START + pd.to_timedelta((rows["day"].to_numpy() * 86400).round(), unit="s"),
            }
        )
        return build(pd.concat([frame, known], axis=1), extracted=START + timedelta(days=until))


def company(seed: int, cases: int = 3000, days: float = 500.0, shape: str = "lognormal") -> Company:
    """Draw a company and let it work to the end."""
    rng = np.random.default_rng([seed, 5])
    people = pd.DataFrame(
        {
            "region": rng.choice(["R0", "R1", "R2", "R3"], cases, p=rng.dirichlet([8] * 4)),
            "segment": rng.choice(["SMB", "Mid", "Large"], cases, p=[0.5, 0.3, 0.2]),
            "product": rng.choice(["P0", "P1", "P2"], cases),
            "discount": (rng.beta(1.5, 6, cases) * 100).round() / 100,
            "amount": np.exp(rng.normal(9.5, 0.8, cases)).round(),
        }
    )
    rules = _Rules(rng, people, shape)
    began = np.sort(days * rng.power(1.3, cases))
    began = _office(began, rng.random(cases))
    live, activity, day = np.arange(cases), np.zeros(cases, int), began.copy()
    previous, count = np.full(cases, NEVER), np.zeros((cases, len(NAMES)), int)
    parts = [(live, activity.copy(), day.copy())]
    for _ in range(60):
        count[live, activity[live]] += 1
        next_, wait = rules.step(live, activity[live], previous[live], count[live])
        goes = next_ != NEVER
        live, next_, wait = live[goes], next_[goes], wait[goes]
        previous[live], activity[live] = activity[live], next_
        end = day[live] + wait
        day[live] = np.maximum(_office(end, rng.random(len(live))), day[live] + 1 / 1440)
        parts.append((live, next_, day[live].copy()))
        if not len(live):
            break
    case, code, time = (np.concatenate(each) for each in zip(*parts, strict=True))
    events = pd.DataFrame({"case": case, "activity": code, "day": time})
    return Company(events.sort_values(["case", "day"], kind="stable", ignore_index=True), people, began)


def _office(day: np.ndarray, u: np.ndarray) -> np.ndarray:
    """The same day, or the Monday after a weekend, between eight and six."""
    whole = np.floor(day)
    weekend = np.maximum(whole % 7 - 4, 0)
    whole += np.where(weekend > 0, 3 - weekend, 0)
    hour = day % 1
    inside = (hour >= 8 / 24) & (hour <= 18 / 24) & (weekend == 0)
    return whole + np.where(inside, hour, (8 + 10 * u) / 24)


class _Rules:
    """How cases go on, with strengths that each seed draws for itself."""

    def __init__(self, rng: np.random.Generator, people: pd.DataFrame, shape: str) -> None:
        self.rng, self.shape = rng, shape
        self.limit = float(rng.choice([0.1, 0.15, 0.2, 0.25]))
        self.discount = people["discount"].to_numpy()
        self.segment = people["segment"].map({"SMB": 0, "Mid": 1, "Large": 2}).to_numpy()
        codes = {"region": people["region"], "product": people["product"], "segment": people["segment"]}
        self.codes = {name: pd.factorize(values, sort=True)[0] for name, values in codes.items()}
        # Each step is slowed by one attribute, and each choice is swayed by another.
        self.pace = {name: (rng.choice(list(codes)), np.exp(rng.normal(0, 0.35, 4))) for name in NAMES}
        self.sway = {name: (rng.choice(list(codes)), rng.normal(0, 0.5, 4)) for name in NAMES}
        self.median = {name: float(m * np.exp(rng.normal(0, 0.2))) for name, m in MEDIANS.items()}

    def wait(self, name: str, case: np.ndarray) -> np.ndarray:
        """Days until an activity."""
        attribute, factor = self.pace[name]
        return self.median[name] * factor[self.codes[attribute][case]] * _noise(self.rng.random(len(case)), self.shape)

    def odds(self, name: str, case: np.ndarray, base: float) -> np.ndarray:
        """Chance of an activity, from its share among all."""
        attribute, shift = self.sway[name]
        return 1 / (1 + np.exp(-(np.log(base / (1 - base)) + shift[self.codes[attribute][case]])))

    def step(
        self, live: np.ndarray, activity: np.ndarray, previous: np.ndarray, count: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        next_, wait = np.full(len(live), NEVER), np.zeros(len(live))
        u = self.rng.random(len(live))
        for name in NAMES:
            here = np.flatnonzero(activity == CODE[name])
            if not len(here) or name not in WAYS:
                continue
            ways = WAYS[name]
            case = live[here]
            left, rest = u[here].copy(), np.ones(len(here), bool)
            for to, base in ways:
                chance = self.odds(to, case, base) if base < 1 else np.ones(len(case))
                if to == "Quote Revised":
                    # Nobody bargains for ever.
                    chance = chance * 0.6 ** (count[here, CODE["Quote Revised"]])
                if to == "Discount Approval Requested":
                    chance = (self.discount[case] >= self.limit).astype(float)
                hit = rest & (left < chance)
                left, rest = np.where(rest, (left - chance) / np.maximum(1 - chance, 1e-9), left), rest & ~hit
                next_[here[hit]] = CODE[to]
                wait[here[hit]] = self.wait(to, case[hit])
        # A reminder goes out a month after the invoice; who pays later than that pays after it.
        billed = np.flatnonzero((activity == CODE["Invoice Sent"]) & (next_ == CODE["Payment Received"]) & (wait > 32))
        next_[billed], wait[billed] = CODE["Payment Reminder Sent"], 31.0
        return next_, wait


def _noise(u: np.ndarray, shape: str) -> np.ndarray:
    """Positive noise of median 1."""
    if shape == "gamma":
        return stats.gamma.ppf(u, 1.6) / stats.gamma.ppf(0.5, 1.6)
    if shape == "weibull":
        return stats.weibull_min.ppf(u, 1.3) / stats.weibull_min.ppf(0.5, 1.3)
    if shape == "heavy":
        # Log-logistic: a mean, and no variance.
        return (u / (1 - u)) ** (1 / 1.8)
    return np.exp(0.75 * stats.norm.ppf(u))


MEDIANS = {
    "Lead Created": 1.0, "Lead Qualified": 3.0, "Lead Disqualified": 8.0, "Opportunity Created": 5.0, "Quote Created": 8.0,
    "Discount Approval Requested": 0.4, "Discount Approved": 2.0, "Discount Rejected": 2.5, "Quote Sent": 1.5,
    "Quote Revised": 6.0, "Quote Accepted": 12.0, "Contract Signed": 6.0, "Closed Won": 1.0, "Closed Lost": 18.0,
    "Sales Order Created": 2.0, "Order Corrected": 2.0, "Order Fulfilled": 12.0, "Invoice Sent": 2.0,
    "Payment Reminder Sent": 31.0, "Payment Received": 28.0,
}  # fmt: skip
WAYS: dict[str, tuple[tuple[str, float], ...]] = {
    "Lead Created": (("Lead Qualified", 0.72), ("Lead Disqualified", 0.4)),
    "Lead Qualified": (("Opportunity Created", 0.82), ("Lead Disqualified", 0.3)),
    "Opportunity Created": (("Quote Created", 0.8), ("Closed Lost", 0.97)),
    "Quote Created": (("Discount Approval Requested", 0.2), ("Quote Sent", 1.0)),
    "Discount Approval Requested": (("Discount Approved", 0.88), ("Discount Rejected", 1.0)),
    "Discount Approved": (("Quote Sent", 1.0),),
    "Discount Rejected": (("Quote Revised", 1.0),),
    "Quote Revised": (("Quote Sent", 1.0),),
    "Quote Sent": (("Quote Revised", 0.25), ("Quote Accepted", 0.6), ("Closed Lost", 0.97)),
    "Quote Accepted": (("Contract Signed", 0.95), ("Closed Lost", 1.0)),
    "Contract Signed": (("Closed Won", 1.0),),
    "Closed Won": (("Sales Order Created", 1.0),),
    "Sales Order Created": (("Order Corrected", 0.2), ("Order Fulfilled", 1.0)),
    "Order Corrected": (("Order Fulfilled", 1.0),),
    "Order Fulfilled": (("Invoice Sent", 1.0),),
    "Invoice Sent": (("Payment Received", 0.97),),
    "Payment Reminder Sent": (("Payment Received", 0.97),),
}
