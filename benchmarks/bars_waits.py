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


def log_of(parts: list[tuple[str, np.ndarray, np.ndarray]]):  # noqa: ANN201
    """A log of requests and approvals: who, asked and done in hours since a Monday."""
    from l2c.log import build

    rows = []
    for who, asked, done in parts:
        case = [f"{who}{k}" for k in range(len(asked))]
        for name, hours, actor in ((ASKED, asked, None), (DONE, done, who)):
            time = MONDAY + np.round(hours * 3600).astype("timedelta64[s]")
            rows.append(pd.DataFrame({"case_id": case, "activity": name, "time": time, "actor": actor}))
    return build(pd.concat(rows, ignore_index=True))


def _queued(log) -> pd.Series:  # noqa: ANN001
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
    for busy, servers, order in ((0.9, 1, "fifo"), (0.5, 1, "fifo"), (0.85, 2, "fifo"), (0.9, 1, "urgent"), (0.85, 1, "largest")):
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


BARS = [
    Bar("false queue: days called queued where each request takes its own time", no_queue, 0.02, before=".84", worlds=200),
    Bar("true queue: days called queued over those that were", queued, 0.9, also=1.1, before=".98", worlds=200),
    Bar("batches: days called batched over those that were", batched, 0.9, also=1.1, before="1.0", worlds=200),
]
