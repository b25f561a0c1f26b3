"""Companies whose open deals have a known fate, and some of them a known chance.

`steps` is the company of `twin_worlds`: what comes next depends on history and attributes. In the others a deal goes through three
stages and is won at their end or lost at one of them, and how likely it is to be won is written down when it is created: by
amount, discount and segment (`amount`), or by nothing at all (`nothing`). In `early` the same, but most of those that are lost
leave early and fast, as they do where leads are qualified late. `late` is `amount` in a CRM that was bought on day 150.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
from twin_worlds import START, _noise, company

KINDS = ("steps", "amount", "early", "nothing", "late")
STAGES = ("Opportunity Created", "Quote Sent", "Contract Sent")
DAYS, CUT, BOUGHT = 500.0, 430.0, 150.0


@dataclass(frozen=True, eq=False)
class World:
    """A log that was taken on a day, and of each case how and when it ended, and how likely that was (NaN where unknown)."""

    log: Any
    won: pd.Series
    over: pd.Series
    chance: Any


def world(seed: int, kind: str, shape: str, cases: int = 3000) -> World:
    """Draw a company, and take its log on one of four days."""
    cut = CUT - 28 * (seed % 4)
    return _steps(seed, shape, cases, cut) if kind == "steps" else _stages(seed, kind, shape, cases, cut)


def _steps(seed: int, shape: str, cases: int, cut: float) -> World:
    made = company(seed, cases, DAYS, shape)
    events = made.events.assign(name=lambda e: [f"C{case:05d}" for case in e["case"]])
    closing = events[events["activity"].isin([12, 13])].groupby("name").last()
    won = closing["activity"] == 12
    return World(made.log(cut), won, closing["day"], None)


def _stages(seed: int, kind: str, shape: str, cases: int, cut: float) -> World:
    from l2c.log import build

    rng = np.random.default_rng([seed, 21])
    size = np.exp(rng.normal(9.5, 0.8, cases)).round()
    discount = (rng.beta(1.5, 6, cases) * 100).round() / 100
    segment = rng.choice(["SMB", "Mid", "Large"], cases, p=[0.5, 0.3, 0.2])
    odds = (
        rng.normal(0.3, 0.2)
        + (0.3 if kind == "early" else 0.0)
        - rng.uniform(0.5, 1.1) * (np.log(size) - 9.5) / 0.8
        + rng.uniform(3, 7) * (discount - 0.2)
    )
    odds += rng.normal(0, 0.5, 3)[pd.factorize(segment, sort=True)[0]]
    if kind == "nothing":
        odds = np.full(cases, rng.normal(0.4, 0.2))
    stages = 1 if kind == "nothing" else len(STAGES)
    chance = 1 / (1 + np.exp(-odds))
    won = rng.random(cases) < chance
    leaves = np.where(won, stages, rng.integers(1, stages + 1, cases))
    if kind == "early":
        leaves = np.where(won, stages, rng.choice([1, 2, 3], cases, p=[0.65, 0.25, 0.1]))
    began = DAYS * rng.power(1.2, cases)
    waits = np.column_stack([m * _noise(rng.random(cases), shape) for m in (12.0, 15.0, 18.0)[:stages]])
    if kind == "early":
        waits[np.arange(cases), leaves - 1] *= np.where(won, 1.0, 0.6)
    # Else, who is lost leaves after as many days as who goes on stays.
    times = began[:, None] + np.concatenate([np.zeros((cases, 1)), np.cumsum(waits, axis=1)], axis=1)
    over = times[np.arange(cases), leaves]
    case = np.arange(cases)
    parts = [pd.DataFrame({"case": case, "activity": STAGES[k], "day": times[:, k]})[leaves > k] for k in range(stages)]
    parts.append(pd.DataFrame({"case": case, "activity": np.where(won, "Closed Won", "Closed Lost"), "day": over}))
    rows = pd.concat(parts, ignore_index=True)
    rows = rows[rows["day"] <= cut].sort_values(["case", "day"], kind="stable")
    since = None
    if kind == "late":
        # Of a deal that was open on that day, the CRM knows when it was created and at which stage it was.
        rows = rows[(over > BOUGHT)[rows["case"]]]
        since = START + timedelta(days=BOUGHT)
    rows = rows.assign(
        case_id=[f"C{c:05d}" for c in rows["case"]],
        time=START + pd.to_timedelta((rows["day"].to_numpy() * 86400).round(), unit="s"),
        amount=size[rows["case"]], discount=discount[rows["case"]], segment=segment[rows["case"]],
    )  # fmt: skip
    names = [f"C{c:05d}" for c in case]

    def known(name: str, stage: Any) -> float:
        """The chance of a deal in a stage: of those lost, each third leaves in one of them."""
        p, k = chance[int(name[1:])], STAGES.index(stage)
        return float(p / (p + (1 - p) * (stages - k) / stages))

    log = build(rows.drop(columns=["case", "day"]), extracted=START + timedelta(days=cut), history_start=since)
    return World(log, pd.Series(won, names), pd.Series(over, names), None if kind == "early" else known)
