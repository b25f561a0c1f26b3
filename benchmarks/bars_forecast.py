"""What is foretold of the pipeline comes: value won in 30 and 90 days, its range, and what people foretell without a model beside."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache, partial
from typing import Any

import numpy as np
import pandas as pd
from bars import Bar
from twin_worlds import NAMES, SHAPES, START, company

SPANS = (30, 90)
# What each step makes of a deal: stage, probability as most orgs leave it, forecast category.
STAGES = {
    "Opportunity Created": ("Qualification", 10.0, "Pipeline"), "Quote Created": ("Proposal", 50.0, "Pipeline"),
    "Quote Sent": ("Negotiation", 75.0, "Best Case"), "Quote Accepted": ("Contracting", 90.0, "Commit"),
    "Closed Won": ("Closed Won", 100.0, "Closed"), "Closed Lost": ("Closed Lost", 0.0, "Omitted"),
}  # fmt: skip


def now(seed: int) -> float:
    """The day on which the log of a world is taken: any day of the week, since a month that ends on a Sunday holds less than another."""
    return 403.0 + seed % 7


@dataclass(frozen=True, eq=False)
class World:
    """The log of a day, and what each deal that is ever won brings: `case_id, won` (days after that day), `opened`, `amount`."""

    log: Any
    truth: pd.DataFrame

    def came(self, days: float, *, open_now: bool | None = True) -> float:
        """What was won within some days from the deals open now, from the others, or from both."""
        rows = self.truth[(self.truth["won"] > 0) & (self.truth["won"] < days)]
        return float(
            rows.loc[(rows["opened"] <= 0) == open_now, "amount"].sum()
            if open_now is not None
            else rows["amount"].sum()
        )


@lru_cache(1)
def world(seed: int, drift: float = 0.0, cases: int = 9000) -> World:
    """A company with the histories of its deals: stages, close dates that are pushed, categories, amounts that change as quotes are revised.

    Parameters
    ----------
    drift
        By how much a revised quote is more or less, as a logarithm.
    """
    from l2c.log import build

    made = company(seed, cases, 500.0, SHAPES[seed % len(SHAPES)])
    rng = np.random.default_rng([seed, 17])
    events = made.events.assign(name=np.array(NAMES, object)[made.events["activity"]])
    deals = events.groupby("case")["name"].transform(lambda names: (names == "Opportunity Created").any())
    steps = events[deals & events["name"].isin([*STAGES, "Quote Revised"])].copy()
    base = made.people["amount"].to_numpy()[steps["case"]]
    moved = np.where(steps["name"] == "Quote Revised", rng.normal(drift, 0.15, len(steps)), 0.0)
    steps["amount"] = np.round(base * np.exp(pd.Series(moved).groupby(steps["case"].to_numpy()).cumsum().to_numpy()))
    told = steps["name"].map(STAGES)
    for k, name in enumerate(("stage", "probability", "forecast_category")):
        steps[name] = [each[k] if isinstance(each, tuple) else None for each in told]
    steps["probability"] = steps["probability"].astype(float)
    steps["close_date"] = pd.NaT
    history = pd.concat([steps, _close_dates(steps, rng)], ignore_index=True).sort_values(
        ["case", "day"], kind="stable"
    )
    keys = [f"C{case:05d}" for case in history["case"]]
    history = history.assign(case_id=keys, time=START + pd.to_timedelta((history["day"] * 86400).round(), unit="s"))
    return World(_log(made, history, now(seed), build), _truth(steps, now(seed)))


def _close_dates(steps: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The day on which a deal is to be closed: promised when it opens, pushed by a month when it has passed, the day itself in the end."""
    begin = steps[steps["name"] == "Opportunity Created"].set_index("case")["day"]
    closed = steps[steps["name"].isin(["Closed Won", "Closed Lost"])].groupby("case")["day"].max()
    end = closed.reindex(begin.index).fillna(1e6).to_numpy()
    case, day, due = (
        begin.index.to_numpy(),
        begin.to_numpy(),
        begin.to_numpy() + 30 * np.exp(rng.normal(0, 0.5, len(begin))),
    )
    rows = []
    for _ in range(40):
        rows.append(pd.DataFrame({"case": case, "day": day, "due": due}))
        later = due < np.minimum(end, 600)
        case, day, due, end = case[later], due[later], due[later] + 30, end[later]
    rows.append(pd.DataFrame({"case": closed.index, "day": closed.to_numpy(), "due": closed.to_numpy()}))
    found = pd.concat(rows, ignore_index=True)
    found["close_date"] = START + pd.to_timedelta(np.floor(found.pop("due")), unit="D")
    return found


def _truth(steps: pd.DataFrame, today: float) -> pd.DataFrame:
    won = steps[steps["name"] == "Closed Won"].drop_duplicates("case").set_index("case")
    opened = steps[steps["name"] == "Opportunity Created"].groupby("case")["day"].min()
    return pd.DataFrame(
        {"won": won["day"] - today, "opened": opened.reindex(won.index) - today, "amount": won["amount"]}
    )


def _log(made: Any, history: pd.DataFrame, today: float, build: Any) -> Any:
    import polars as pl

    rows = made.events[made.events["day"] <= today]
    frame = pd.DataFrame(
        {
            "case_id": [f"C{case:05d}" for case in rows["case"]],
            "activity": np.array(NAMES, object)[rows["activity"]],
            "time": START + pd.to_timedelta((rows["day"].to_numpy() * 86400).round(), unit="s"),
        }
    )
    names = ["amount", "stage", "probability", "forecast_category", "close_date"]
    known = history.loc[history["day"] <= today, ["case_id", "time", *names]].assign(
        position=lambda t: np.arange(len(t))
    )
    last = known.groupby("case_id")[names].last()
    every = pd.Index(frame["case_id"].unique(), name="case_id")
    people = made.people[["region", "segment", "product"]].iloc[[int(key[1:]) for key in every]].set_index(every)
    cases = last.reindex(every).join(people).reset_index()
    extracted = START + timedelta(days=today)
    return build(frame, cases=pl.from_pandas(cases), history=pl.from_pandas(known), extracted=extracted)


@lru_cache(64)
def foretold(seed: int, drift: float = 0.0) -> tuple[World, pd.DataFrame]:
    """What comes in a world (its log is let go), and what is foretold of it."""
    from l2c import monitor

    made = world(seed, drift)
    return replace(made, log=None), monitor.forecast(made.log, days=SPANS)


def missed(seed: int, *, days: int, method: str = "value", drift: float = 0.0) -> float:
    """How far a method missed what the open deals brought, as part of it."""
    made, table = foretold(seed, drift)
    came = made.came(days)
    return abs(float(table[method].iloc[SPANS.index(days)]) / came - 1)


def covered(seed: int, *, kind: str = "value", days: int | None = None) -> list[float]:
    """Whether the range holds what came."""
    made, table = foretold(seed, 0.0)
    head, of = ("", True) if kind == "value" else (f"{kind}_", False if kind == "to_come" else None)
    rows = [table.iloc[k] for k in range(len(SPANS)) if days in (None, SPANS[k])]
    spans = [each for each in SPANS if days in (None, each)]
    came = [made.came(each, open_now=of) for each in spans]
    return [float(row[f"{head}low"] <= what <= row[f"{head}high"]) for row, what in zip(rows, came, strict=True)]


def _bar(what: str, one, bar: float, **more) -> Bar:
    # A world takes a minute: none is drawn in the tests.
    return Bar(f"forecast: {what}", one, bar, worlds=16, tested=(), **more)


BARS = [
    _bar("value won in 30 days, error", partial(missed, days=30), 0.11),
    _bar("value won in 90 days, error", partial(missed, days=90), 0.12),
    _bar("value won, 90 % covers", covered, 0.85, at_most=False),
    _bar(
        "value won from deals to come too, 90 % covers",
        partial(covered, kind="total"),
        0.85,
        at_most=False,
    ),
    *[
        _bar(f"{method} in {days} days, error, shown beside", partial(missed, days=days, method=method), np.inf)
        for method in ("stage_weighted", "probability", "commit", "best_case")
        for days in SPANS
    ],
]
