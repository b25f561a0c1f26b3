"""Waits: queues only where people queue, and steps whose open cases count."""

from __future__ import annotations

import numpy as np
import pandas as pd
from bars import Bar

MONDAY = np.datetime64("2024-01-01T00:00", "us")
PIECES = 400
# What is asked for is not done by any desk: the events of these are nobody's.
ASKED, DONE = "Discount Approval Requested", "Discount Approved"
# A working day has eight hours, nine to five, Monday to Friday.
SHIFT, WEEK = 8.0, 40.0


def _office(hours: np.ndarray) -> np.ndarray:
    """Hours of the calendar since Monday for working hours since then."""
    day, within = np.divmod(hours, SHIFT)
    return 24 * (7 * (day // 5) + day % 5) + 9 + within


def _served(r: np.random.Generator, pieces: int, busy: float, servers: int, order: str) -> tuple[np.ndarray, ...]:
    """Requests of a queue, when each is done, by whom, and the wait of each before its work begins; in hours of work."""
    import heapq

    work = r.gamma(3, 4 / 3, pieces)
    asked = np.cumsum(r.exponential(4 / busy / servers, pieces))
    rank = {"fifo": np.arange(pieces), "urgent": np.where(r.random(pieces) < 0.3, 0, 1) * pieces + np.arange(pieces),
            "largest": r.permutation(pieces)}[order]  # fmt: skip
    free = [(0.0, who) for who in range(servers)]
    lying: list[tuple[int, int]] = []
    done, by, wait = np.empty(pieces), np.empty(pieces, int), np.empty(pieces)
    came = 0
    for _ in range(pieces):
        now, who = heapq.heappop(free)
        if not lying:
            now = max(now, asked[came])
        while came < pieces and asked[came] <= now:
            heapq.heappush(lying, (int(rank[came]), came))
            came += 1
        _, piece = heapq.heappop(lying)
        wait[piece], done[piece], by[piece] = now - asked[piece], now + work[piece], who
        heapq.heappush(free, (float(done[piece]), who))
    return asked, done, by, wait


def _own_pace(r: np.random.Generator, pieces: int, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Requests that each take their own time, overlapping; in hours."""
    asked = np.cumsum(r.exponential(r.uniform(8, 40), pieces))
    took = np.exp(r.normal(np.log(96), 0.7, pieces))
    if kind == "size":
        # Large deals take longer, and come in waves.
        took *= np.exp(0.8 * np.sin(asked / asked[-1] * 8 * np.pi) + r.normal(0, 0.5, pieces))
    return asked, asked + took


def log_of(parts: list[tuple[str, np.ndarray, np.ndarray]]):
    """A log of requests and approvals: who, asked and done in hours since a Monday."""
    from l2c.log import build

    rows = []
    for who, asked, done in parts:
        case = [f"{who}{k}" for k in range(len(asked))]
        for name, hours, actor in ((ASKED, asked, None), (DONE, done, who)):
            time = MONDAY + np.round(hours * 3600).astype("timedelta64[s]")
            rows.append(pd.DataFrame({"case_id": case, "activity": name, "time": time, "actor": actor}))
    return build(pd.concat(rows, ignore_index=True))


def _queued(log) -> pd.Series:
    from l2c import diagnose

    table = diagnose.waiting_causes(log)
    return table[["contention_days", "prioritisation_days", "batching_days", "case_days"]].sum()


def no_queue(seed: int) -> float:
    """Share of the days said to be queued where every request takes its own time: ten approvers."""
    r = np.random.default_rng([seed, 1])
    kinds = ["plain", "size"] * 5
    log = log_of([(f"A{k}", *_own_pace(r, int(r.integers(60, PIECES)), kind)) for k, kind in enumerate(kinds)])
    found = _queued(log)
    return float((found["contention_days"] + found["prioritisation_days"]) / found["case_days"])


def queued(seed: int) -> list[float]:
    """Days said to be queued over those truly queued: one or two approvers, in order or not, in office hours or always."""
    r = np.random.default_rng([seed, 2])
    found = []
    for busy, servers, order in (
        (0.9, 1, "fifo"),
        (0.5, 1, "fifo"),
        (0.85, 2, "fifo"),
        (0.9, 1, "urgent"),
        (0.85, 1, "largest"),
    ):
        asked, done, by, wait = _served(r, PIECES * servers, busy, servers, order)
        office = r.random() < 0.5
        when = _office if office else (lambda hours: hours)
        log = log_of([(f"A{who}", when(asked[by == who]), when(done[by == who])) for who in range(servers)])
        told = _queued(log)
        found.append(float((told["contention_days"] + told["prioritisation_days"]) * 24 / wait.sum()))
    return found


def batched(seed: int) -> float:
    """Days said to be batched over those until the batch was taken up: one approver who decides on one day of the week."""
    r = np.random.default_rng([seed, 3])
    asked = np.sort(r.uniform(0, 52 * 168, PIECES))
    day = r.integers(5) * 24 + 14.0
    taken = np.floor((asked - day) / 168 + 1) * 168 + day
    done = taken + 0.2 * (pd.Series(taken).groupby(taken).cumcount().to_numpy() + 1)
    return float(_queued(log_of([("A", asked, done)]))["batching_days"] * 24 / (taken - asked).sum())


STEP = ("Quote Sent", "Contract Signed")


def company(seed: int, cases: int = 1200, spread: float = 0.35, accounts: int = 0, days: int = 720):
    """A log of twelve reps who differ in the time from quote to contract, cut off while many still wait; with its truth.

    Returns the log, the median of the step if all are waited for, and the days that the best quarter would have saved.
    """
    from datetime import datetime, timedelta

    from l2c.log import build

    r = np.random.default_rng([seed, 4])
    level, begin, reps = spread * r.standard_normal(12), datetime(2024, 1, 1), 12
    rep = r.choice(reps, cases, p=r.dirichlet(np.full(reps, 6.0)))
    start = np.sort(days * r.power(1.6, cases))
    own = level[rep] + 0.8 * r.standard_normal(cases)
    account = r.integers(accounts, size=cases) if accounts else np.arange(cases)
    own += (0.4 * r.standard_normal(accounts))[account] if accounts else 0.0
    took, end = 60 * np.exp(own), start + 60 * np.exp(own)
    lost, off = r.random(cases) < 0.25, start + np.exp(r.normal(np.log(30), 0.8, cases))
    names = np.array([f"c{k}" for k in range(cases)])
    signed = ~lost & (end <= days)
    parts = []
    for name, some, day in (
        (STEP[0], start <= days, start),
        (STEP[1], signed, end),
        ("Closed Lost", lost & (off <= days), off),
    ):
        time = np.datetime64(begin, "us") + (day[some] * 86400).astype("timedelta64[s]")
        parts.append(pd.DataFrame({"case_id": names[some], "activity": name, "time": time}))
    about = pd.DataFrame({"case_id": names, "rep": [f"R{k:02d}" for k in rep]})
    if accounts:
        about["account"] = [f"A{k}" for k in account]
    log = build(pd.concat(parts).merge(about, on="case_id"), extracted=begin + timedelta(days=days))
    part = np.bincount(rep[signed], minlength=reps) / signed.sum()
    order = np.argsort(level, kind="stable")
    best = level[order[np.searchsorted(np.cumsum(part[order]), 0.25)]]
    saved = (took[signed] * (1 - np.exp(-np.maximum(level[rep[signed]] - best, 0)))).sum()
    many = level[r.choice(rep, 100_000)] + np.hypot(0.8, 0.4 if accounts else 0) * r.standard_normal(100_000)
    return log, float(60 * np.exp(np.median(many))), float(saved)


def _step(log) -> pd.Series:
    from l2c import diagnose

    return diagnose.bottlenecks(log).set_index(["from", "to"]).loc[STEP]


def median_covers(seed: int) -> list[float]:
    """Whether the interval of the median of a long step holds the true one: deals alone, and in accounts."""
    found = []
    for accounts in (0, 150):
        log, median, _ = company(seed, accounts=accounts)
        row = _step(log)
        found.append(float(row["median_low"] <= median <= row["median_high"]))
    return found


def gain_covers(seed: int) -> float:
    """Whether the interval of a gain holds the true one."""
    log, _, saved = company(seed, accounts=150 if seed % 2 else 0)
    row = _step(log)
    return float(row["gain_low"] <= saved <= row["gain_high"])


def no_gain(seed: int) -> float:
    """Whether days to be gained are named where all reps are alike."""
    log, _, _ = company(seed, spread=0.0, accounts=150 if seed % 2 else 0)
    return float(_step(log)["gain_low"] > 0)


def same_number(seed: int) -> float:
    """Median of the step by the map, the table of steps and bottlenecks over that of `times`."""
    from l2c import diagnose, discover

    log, _, _ = company(seed)
    one = float(diagnose.times(log, start=STEP[0], end=STEP[1])["value"].iloc[0])
    found = [table(log).set_index(["from", "to"]).loc[STEP, "median_days"] for table in (discover.flow, diagnose.steps)]
    return float(np.mean([*found, _step(log)["median_days"]]) / one)


BARS = [
    Bar(
        "false queue: days called queued where each request takes its own time",
        no_queue,
        0.02,
        before=".84",
        worlds=200,
    ),
    Bar("true queue: days called queued over those that were", queued, 0.9, also=1.1, before=".98", worlds=200),
    Bar("batches: days called batched over those that were", batched, 0.9, also=1.1, before="1.0", worlds=200),
    Bar(
        "median of a bottleneck covers the truth, open cases and accounts",
        median_covers,
        0.9,
        at_most=False,
        before=".00",
    ),
    Bar("gain of a bottleneck covers the truth", gain_covers, 0.9, at_most=False, before=".33 – .50"),
    Bar("gain of a bottleneck named where all are alike", no_gain, 0.1, before=".35"),
    Bar(
        "median of a step by map, steps and bottlenecks over that of times",
        same_number,
        0.97,
        also=1.03,
        before="–",
    ),
]
