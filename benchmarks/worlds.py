"""Companies with known faults: who really is slow, loses or errs, drawn anew for every seed.

Not the demo company, whose faults the kit's authors know by heart: here attributes, steps and strengths are drawn at
random, the noise has several shapes, and every world can be had without its faults, from the same draws.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

START, DAYS = datetime(2024, 7, 1), 720
STEPS = (
    ("Lead Created", "Lead Qualified", 3.0),
    ("Lead Qualified", "Opportunity Created", 6.0),
    ("Opportunity Created", "Solution Proposed", 9.0),
    ("Solution Proposed", "Quote Created", 5.0),
    ("Quote Created", "Quote Sent", 3.0),
    ("Quote Sent", "Quote Accepted", 12.0),
    ("Quote Accepted", "Contract Signed", 8.0),
    ("Contract Signed", "Closed Won", 2.0),
    ("Closed Won", "Sales Order Created", 3.0),
    ("Sales Order Created", "Order Fulfilled", 15.0),
    ("Order Fulfilled", "Invoice Sent", 4.0),
    ("Invoice Sent", "Payment Received", 35.0),
)
APPROVAL = 2.5
SHAPES = ("lognormal", "gamma", "weibull", "additive", "tail")
KINDS = ("slow", "slow", "slow", "convert", "win", "error", "violate")
KPIS = {
    "convert": "lead_conversion_incidence",
    "win": "win_rate_incidence",
    "error": "order_error_rate",
    "violate": "order_before_contract",
}
# Standard errors from which a fault counts as one that can be found: a test of some hundred groups in twenty KPIs
# needs about four and a half, and chance takes away one.
DETECTABLE = 5.5
ATTRIBUTES = {"region": 5, "rep": 30, "product": 6, "segment": 3, "lead_source": 5, "industry": 4}


# What else makes a step faster or slower: by the number of the step and the days on which the cases began it.
Pace = Callable[[int, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Cause:
    """A planted fault: what it does, where it strikes, how strongly."""

    kind: str
    step: int
    where: tuple[tuple[str, str], ...]
    ratio: float


@dataclass(frozen=True, eq=False)
class Score:
    """How a list of causes compares with the truth.

    `planted` faults, of which `detectable` left enough traces to be found; `found` of the detectable ones and `hits` of
    all; `named`, of which `false` were not planted; relative `errors` of the days lost; whether intervals `cover` them.
    """

    planted: int
    detectable: int
    found: int
    hits: int
    named: int
    false: list[tuple[object, ...]]
    errors: list[float]
    cover: list[bool]


@dataclass(frozen=True, eq=False)
class World:
    """A log with its truth: `truth` holds per cause the cases struck and the days or deals it cost in the log."""

    events: pd.DataFrame
    truth: list[dict[str, object]]
    extracted: datetime
    violating: dict[str, set[str]]
    median_cycle: float


def world(
    seed: int, cases: int = 4000, *, faults: int = 5, pairs: int = 0, shape: str = "lognormal", messy: bool = False
) -> World:
    """Draw a company, let it work until it is cut off, and write down what its faults cost."""
    rng = np.random.default_rng([seed, cases])
    people = _people(rng, cases)
    causes: list[Cause] = []
    while len(causes) < faults + pairs:
        new = _cause(rng, people, pair=len(causes) >= faults)
        # The same fault twice is one fault.
        if all((new.kind, new.where) != (old.kind, old.where) for old in causes):
            causes.append(new)
    draws = {name: rng.random((cases, 20)) for name in ("noise", "luck")}
    age = np.sort(DAYS * rng.power(1.6, cases))
    real = _run(people, draws, age, causes, shape)
    log = _recorded(real, people)
    truth = []
    for k, cause in enumerate(causes):
        without = _run(people, draws, age, causes[:k] + causes[k + 1 :], shape)
        truth.append(_cost(cause, people, real, without))
    violating = {"order_before_contract": _ids(real["early"] & (real["t"][:, 9] <= DAYS))}
    cycle = np.where(real["won"], real["t"][:, 8], real["lost_at"]) - real["t"][:, 2]
    events = _spoilt(log, np.random.default_rng([seed, 1])) if messy else log
    return World(events, truth, START + timedelta(days=DAYS), violating, float(np.nanmedian(cycle)))


def score(table: pd.DataFrame, made: World) -> Score:
    """Compare what `diagnose.causes` names with what was planted; a hit needs the same group and the same KPI or step."""
    hits: set[int] = set()
    false, errors, cover = [], [], []
    for row in table.to_dict("records"):
        place = next((k for k, fault in enumerate(made.truth) if _hit(row, fault)), None)
        if place is None:
            false.append((row["kpi"], row["step"], row["attribute"], row["value"], row["adverse"]))
            continue
        fault = made.truth[place]
        if row["unit"] == "day" and tuple(row["step"]) == fault["step"] and place not in hits:
            each = fault["lost"] / fault["cases"]
            errors.append(row["effect"] / each - 1)
            cover.append(row["low"] <= each <= row["high"])
        hits.add(place)
    strong = {k for k, fault in enumerate(made.truth) if _power(fault) > DETECTABLE}
    return Score(len(made.truth), len(strong), len(strong & hits), len(hits), len(table), false, errors, cover)


def _hit(row: dict, fault: dict) -> bool:
    names = row["attribute"] if isinstance(row["attribute"], list) else [row["attribute"]]
    values = row["value"] if isinstance(row["value"], list) else [row["value"]]
    if tuple(sorted(zip(names, values, strict=True))) != fault["where"] or not row["adverse"]:
        return False
    if fault["kind"] != "slow":
        return row["kpi"] == KPIS[fault["kind"]]
    if row["kpi"] == "late_payment_incidence":
        return fault["step"][1] == "Payment Received"
    return row["step"] is not None and _overlap(row["step"], fault["step"])


def _overlap(one: tuple[str, str], other: tuple[str, str]) -> bool:
    order = [STEPS[0][0], *(end for _, end, _ in STEPS)]
    at = order.index("Quote Sent")
    order[at:at] = ["Discount Approval Requested", "Discount Approved"]
    if not {*one, *other} <= set(order):
        return False
    (a, b), (c, d) = ([order.index(name) for name in step] for step in (one, other))
    return a < d and c < b


def _power(fault: dict) -> float:
    """How many standard errors a fault stands out by, from its own cost and the spread of what it strikes."""
    cases = max(fault["cases"], 1)
    if fault["kind"] == "slow":
        return float(np.log(fault["ratio"]) / 0.75 * cases**0.5)
    base = {"convert": 0.5, "win": 0.5, "error": 0.09, "violate": 0.06}[fault["kind"]]
    return float(abs(fault["lost"]) / (cases * base * (1 - base)) ** 0.5)


def mask(people: pd.DataFrame, where: tuple[tuple[str, str], ...]) -> np.ndarray:
    """The cases that have all of some attribute values."""
    return np.logical_and.reduce([(people[name] == value).to_numpy() for name, value in where])


def _people(rng: np.random.Generator, cases: int) -> pd.DataFrame:
    """Attributes that hang together as they do in a company: reps in regions, each with a mix of customers."""
    size = rng.pareto(2.5, 30) + 0.7
    rep = rng.choice(30, cases, p=size / size.sum())
    tastes = {
        name: rng.dirichlet(np.full(n, 3.0), 30) for name, n in ATTRIBUTES.items() if name not in ("region", "rep")
    }
    codes = {"region": rep % 5, "rep": rep}
    for name, taste in tastes.items():
        codes[name] = (taste[rep].cumsum(axis=1) < rng.random(cases)[:, None]).sum(axis=1).clip(0, taste.shape[1] - 1)
    people = pd.DataFrame({name: [f"{name[:3].title()}{c:02d}" for c in code] for name, code in codes.items()})
    people["amount"] = np.exp(rng.normal(9.5, 0.7, cases) + 0.6 * codes["segment"]).round()
    return people


def _cause(rng: np.random.Generator, people: pd.DataFrame, pair: bool) -> Cause:
    """A fault that strikes enough cases to be found, and few enough to stand out."""
    kind = str(rng.choice(KINDS)) if not pair else "slow"
    for _ in range(1000):
        names = rng.choice(list(ATTRIBUTES), 2 if pair else 1, replace=False)
        where = tuple(sorted((str(n), str(rng.choice(people[n].unique()))) for n in names))
        if {"region", "rep"} <= set(names):
            continue
        share = mask(people, where).mean()
        if (0.05 if pair else 0.03) <= share <= 0.35:
            break
    return Cause(kind, int(rng.integers(len(STEPS))), where, float(rng.uniform(1.6, 2.5)))


def _noise(u: np.ndarray, shape: str, spread: float = 0.7) -> np.ndarray:
    """Positive noise of mean about 1 from uniform draws."""
    from scipy import stats

    u = np.clip(u, 1e-9, 1 - 1e-9)
    if shape == "gamma":
        return stats.gamma.ppf(u, 2.0, scale=0.5)
    if shape == "weibull":
        return stats.weibull_min.ppf(u, 1.4, scale=1.1)
    return np.exp(spread * stats.norm.ppf(u))


def _run(
    people: pd.DataFrame,
    draws: dict[str, np.ndarray],
    age: np.ndarray,
    causes: list[Cause],
    shape: str,
    pace: Pace | None = None,
) -> dict:
    n = len(people)
    noise, luck = draws["noise"], draws["luck"]
    took = np.column_stack([mean * _noise(noise[:, k], shape) for k, (_, _, mean) in enumerate(STEPS)])
    odds = {
        "convert": np.full(n, 0.2),
        "win": 0.3 - 0.45 * (np.log(people["amount"].to_numpy()) - 10.0),
        "error": np.full(n, -2.6),
        "violate": np.full(n, -3.0),
    }
    for cause in causes:
        struck = mask(people, cause.where)
        if cause.kind == "slow":
            extra = cause.ratio - 1
            if shape == "additive":
                took[:, cause.step] += struck * extra * STEPS[cause.step][2]
            elif shape == "tail":
                took[:, cause.step] *= np.where(struck & (luck[:, 10] < 0.3), 1 + extra / 0.3, 1.0)
            else:
                took[:, cause.step] *= np.where(struck, cause.ratio, 1.0)
        else:
            sign = -1 if cause.kind in ("convert", "win") else 1
            odds[cause.kind] = odds[cause.kind] + struck * sign * (0.55 + cause.ratio * 0.3)
    chance = {k: 1 / (1 + np.exp(-v)) for k, v in odds.items()}
    converts, wins = luck[:, 0] < chance["convert"], luck[:, 1] < chance["win"]
    approval = np.where(luck[:, 2] < 0.35, APPROVAL * _noise(noise[:, 15], shape), 0.0)
    took[:, 4] += approval
    t = np.cumsum(np.column_stack([age, took]), axis=1)
    if pace is not None:
        for k in range(len(STEPS)):
            took[:, k] *= pace(k, t[:, k])
            t[:, k + 1] = t[:, k] + took[:, k]
    early = (luck[:, 3] < chance["violate"]) & converts & wins
    order = np.where(early, t[:, 6] + 0.5 * took[:, 6], t[:, 9])
    shift = np.where(early, t[:, 9] - order, 0.0)
    t[:, 9] = order
    t[:, 10:] -= np.maximum(shift, 0)[:, None]
    return {
        "t": t, "took": took, "converts": converts, "won": converts & wins, "early": early,
        "asked": np.where(approval > 0, t[:, 5] - approval - 0.3 * took[:, 4].clip(0, 1), np.nan),
        "approved": np.where(approval > 0, t[:, 5] - 0.3 * took[:, 4].clip(0, 1), np.nan),
        "lost_at": np.where(converts & ~wins, t[:, 5] + 14 * _noise(noise[:, 14], shape), np.nan),
        "error": luck[:, 4] < chance["error"],
        "corrected": t[:, 9] + 0.4 * (t[:, 10] - t[:, 9]),
    }  # fmt: skip


def _recorded(run: dict, people: pd.DataFrame) -> pd.DataFrame:
    """What stands in the system on the day of the extraction."""
    t, parts = run["t"], []
    case = np.arange(len(t))
    deal, won = run["converts"], run["won"]

    def add(activity: str, some: np.ndarray, times: np.ndarray) -> None:
        there = some & (times <= DAYS)
        parts.append(pd.DataFrame({"case": case[there], "activity": activity, "day": times[there]}))

    for k, name in enumerate([STEPS[0][0], *(end for _, end, _ in STEPS)]):
        add(name, np.ones(len(t), bool) if k < 2 else deal if k < 6 else won, t[:, k])
    add("Discount Approval Requested", deal & ~np.isnan(run["asked"]), run["asked"])
    add("Discount Approved", deal & ~np.isnan(run["asked"]), run["approved"])
    add("Closed Lost", deal & ~won, run["lost_at"])
    add("Order Corrected", won & run["error"], run["corrected"])
    rows = pd.concat(parts, ignore_index=True).sort_values(["case", "day"], kind="stable", ignore_index=True)
    rows["case_id"] = [f"C{c:05d}" for c in rows["case"]]
    rows["time"] = (np.datetime64(START, "s") + (rows["day"].to_numpy() * 86400).astype("timedelta64[s]")).astype(
        "datetime64[us]"
    )
    for name in people:
        rows[name] = people[name].to_numpy()[rows["case"]]
    return rows.drop(columns=["case", "day"])


def _cost(cause: Cause, people: pd.DataFrame, real: dict, without: dict) -> dict[str, object]:
    """Days or cases that a fault cost among what the log shows, by comparing the company with itself without it."""
    struck = mask(people, cause.where)
    start, end = cause.step, cause.step + 1
    if cause.kind == "slow":
        reach = np.ones(len(struck), bool) if end < 2 else real["converts"] if end < 6 else real["won"]
        seen = struck & reach & (real["t"][:, end] <= DAYS)
        lost, cases = float((real["took"] - without["took"])[seen, start].sum()), int(seen.sum())
    else:
        key = {"convert": "converts", "win": "won", "error": "error", "violate": "early"}[cause.kind]
        at = {"convert": 1, "win": 5, "error": 9, "violate": 9}[cause.kind]
        base = {"convert": struck, "win": struck & real["converts"]}.get(cause.kind, struck & real["won"])
        seen = base & (real["t"][:, at] <= DAYS - 30)
        lost, cases = float((real[key].astype(float) - without[key])[seen].sum()), int(seen.sum())
    step = STEPS[start][:2] if cause.kind == "slow" else None
    return {"kind": cause.kind, "step": step, "where": cause.where, "lost": lost, "cases": cases, "ratio": cause.ratio}


def _ids(flags: np.ndarray) -> set[str]:
    return {f"C{c:05d}" for c in np.flatnonzero(flags)}


def _spoilt(log: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The same record as companies really keep it."""
    n = len(log)
    rows = log.assign(precision="second")
    dated = rng.random(n) < 0.3
    rows.loc[dated, "time"] = rows.loc[dated, "time"].dt.floor("D")
    rows.loc[dated, "precision"] = "day"
    swapped = rng.random(n) < 0.01
    rows.loc[swapped, "time"] += pd.to_timedelta(rng.uniform(-5, 5, int(swapped.sum())), unit="D").round("s")
    for name in ATTRIBUTES:
        missing = rng.random(log["case_id"].nunique()) < 0.05
        gone = pd.Series(missing, index=log["case_id"].unique())
        rows.loc[gone[rows["case_id"]].to_numpy(), name] = None
    rows = rows[rng.random(n) >= 0.05]
    return pd.concat([rows, rows.sample(frac=0.02, random_state=int(rng.integers(2**31)))], ignore_index=True)
