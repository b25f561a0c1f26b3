"""Promises of the five outcomes: nothing is called changed that is not, what changed is, others tell what struck all."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from bars import Bar
from bars_changes import Shape, company
from worlds import START

# So many leads come to a deal; so many orders are corrected, of large deals twice as many.
LEADS, ERRORS = 1.8, 0.06
# What strikes all on the day of the change, and what two of four regions gain besides.
SHOCK, GAIN = 1.25, 0.8
GAINED = ("R0", "R1")


def whole(seed: int, shape: Shape, pace: Any = None) -> tuple[pd.DataFrame, pd.DataFrame, float]:
    """The deals of a company from lead to delivery: when each reached what, what it came with, the day of the change.

    Parameters
    ----------
    pace
        From the cases and the day of the change: the factor by which each one's deal goes slower.
    """
    times, cases, change = company(seed, shape)
    rng = np.random.default_rng([seed, 20])
    n, extra = len(cases), int(len(cases) * (LEADS - 1))
    times = slowed(times, cases, change, pace)
    won, large = cases["won"].to_numpy(), (cases["segment"] == "large").to_numpy()
    never = np.full(n, np.inf)
    accepted, closed = times["Quote Accepted"].to_numpy(), times["Closed"].to_numpy()
    signed = accepted + rng.uniform(0.2, 1.0, n) * (closed - accepted)
    ordered = closed + rng.lognormal(np.log(3), 0.5, n)
    early = rng.random(n) < 0.05
    ordered = np.where(early, (accepted + signed) / 2, ordered)
    done = ordered + rng.lognormal(np.log(15), 0.5, n)
    wrong = rng.random(n) < np.where(large, 2 * ERRORS, ERRORS)
    times = times.assign(
        **{
            "Lead Created": times["Opportunity Created"] - rng.lognormal(np.log(6), 0.7, n),
            "Contract Signed": np.where(won, signed, never),
            "Sales Order Created": np.where(won, ordered, never),
            "Order Corrected": np.where(won & wrong, ordered + 0.4 * (done - ordered), never),
            "Order Fulfilled": np.where(won, done, never),
            "Invoice Sent": np.where(won, np.maximum(done, closed) + 2, never),
            "Payment Received": np.where(won, np.maximum(done, closed) + 2 + rng.lognormal(np.log(25), 0.4, n), never),
        }
    )
    leads = pd.DataFrame(np.inf, range(n, n + extra), times.columns)
    leads["Lead Created"] = np.sort(shape.days * rng.power(shape.growth, extra))
    more = cases.sample(extra, replace=True, random_state=int(rng.integers(2**31))).set_index(leads.index)
    return pd.concat([times, leads]), pd.concat([cases, more]), change


def log_of(times: pd.DataFrame, cases: pd.DataFrame, days: int) -> Any:
    """What stands in the system on the last day."""
    from l2c.log import build

    parts = []
    for name in times:
        activity = np.where(cases["won"], "Closed Won", "Closed Lost") if name == "Closed" else name
        part = cases.drop(columns="won").assign(case_id=cases.index.astype(str), activity=activity, day=times[name])
        parts.append(part[part["day"].between(0, days)])
    rows = pd.concat(parts, ignore_index=True)
    rows["time"] = START + pd.to_timedelta((rows["day"] * 86_400).round(), unit="s")
    return build(rows.drop(columns="day"), extracted=START + timedelta(days=days))


def judged(seed: int, shape: Shape, pace: Any = None, **asked: Any) -> pd.DataFrame:
    """The outcomes of a company."""
    from l2c.monitor import outcomes

    times, cases, day = whole(seed, shape, pace)
    return outcomes(log_of(times, cases, shape.days), START + timedelta(days=day), **asked)


def any_changed(seed: int, *, shape: Shape) -> float:
    """Whether any of the five is called changed."""
    table = judged(seed, shape)
    return float(table.loc[table["rule"] == "", "verdict"].isin(["better", "worse"]).any())


def any_rule_changed(seed: int, *, shape: Shape) -> float:
    """Whether conformance to any rule is called changed."""
    table = judged(seed, shape)
    return float(table.loc[table["rule"] != "", "verdict"].isin(["better", "worse"]).any())


def cycle_of(seed: int, shape: Shape, pace: Any = None, **asked: Any) -> pd.Series:
    """The sales cycle of a company of which only the deals are known, judged alone as if it had been announced."""
    from l2c.improve.entries import Decision, Register
    from l2c.monitor import outcomes

    times, cases, day = company(seed, shape)
    times = slowed(times, cases, day, pace)
    since = (START + timedelta(days=day)).date()
    told = Register((Decision("told", "sales_cycle_days", since=since),))
    return cycle(outcomes(log_of(times, cases, shape.days), since.isoformat(), register=told, **asked))


def slowed(times: pd.DataFrame, cases: pd.DataFrame, day: float, pace: Any) -> pd.DataFrame:
    """The same deals, those opened from a day on slower by a factor of each."""
    if pace is None:
        return times
    opened = times["Opportunity Created"]
    factor = np.where(opened >= day, pace(cases), 1.0)
    return times.apply(lambda each: opened + factor * (each - opened))


def cycle(table: pd.DataFrame) -> pd.Series:
    """The row of the sales cycle."""
    return table[(table["outcome"] == "sales_cycle_days") & (table["rule"] == "")].iloc[0]


def days_off(seed: int, *, shape: Shape) -> float:
    """Days by which the sales cycle is said to be longer where only the mix is another."""
    row = cycle_of(seed, shape)
    return float(-row["percent"] / 100 * row["before"])


def naive_days(seed: int, *, shape: Shape) -> float:
    """The same by the mean of closed deals, by the date of their creation."""
    times, _, change = company(seed, shape)
    took, opened = times["Closed"] - times["Opportunity Created"], times["Opportunity Created"]
    seen = times["Closed"] <= shape.days
    after, before = seen & (opened >= change), seen & (opened < change) & (opened >= 2 * change - shape.days)
    return float(took[after].mean() - took[before].mean())


def faster(cases: pd.DataFrame) -> np.ndarray:
    """All deals are faster."""
    return np.full(len(cases), GAIN)


def struck(cases: pd.DataFrame) -> np.ndarray:
    """All deals are slower, those of two regions less so."""
    return SHOCK * np.where(cases["region"].isin(GAINED), GAIN, 1.0)


def slower(cases: pd.DataFrame) -> np.ndarray:
    """All deals are slower alike."""
    return np.full(len(cases), SHOCK)


def found(seed: int, *, shape: Shape) -> float:
    """Whether a true gain is called better."""
    return float(cycle(judged(seed, shape, faster))["verdict"] == "better")


def error_of_gain(seed: int, *, shape: Shape) -> float:
    """By which part the gain is over- or underrated, of the ratio of means within the same days."""
    row = cycle_of(seed, shape, faster)
    return float(row["percent"] / (100 * -np.expm1(truth(seed, shape, faster, row["horizon_days"]))) - 1)


def truth(seed: int, shape: Shape, pace: Any, within: float, regions: tuple[str, ...] = ()) -> float:
    """Logarithm of the ratio of means within so many days, with and without the change, of the deals after it."""
    without, cases, day = company(seed, shape)
    some = (without["Opportunity Created"] >= day).to_numpy()
    if regions:
        some = some & cases["region"].isin(regions).to_numpy()
    each = (slowed(without, cases, day, pace), without)
    means = [np.minimum(t["Closed"] - t["Opportunity Created"], within)[some].mean() for t in each]
    return float(np.log(means[0] / means[1]))


OTHERS = ("R2", "R3")


def between(seed: int, *, shape: Shape) -> pd.Series:
    """The sales cycle of the regions that gained, against the others."""
    return cycle_of(seed, shape, struck, against={"region": list(OTHERS)})


def gap(seed: int, *, shape: Shape) -> float:
    """How much shorter the sales cycle is than that of the others, in percent."""
    return float(between(seed, shape=shape)["percent"])


def wrong_sign(seed: int, *, shape: Shape) -> float:
    """Whether the gain is called a loss."""
    return float(between(seed, shape=shape)["verdict"] == "worse")


def covered(seed: int, *, shape: Shape) -> float:
    """Whether the interval holds the truth."""
    row = between(seed, shape=shape)
    within = row["horizon_days"]
    told = truth(seed, shape, struck, within, GAINED) - truth(seed, shape, struck, within, OTHERS)
    return float(row["low"] <= -100 * np.expm1(told) <= row["high"])


def gap_of_nothing(seed: int, *, shape: Shape) -> float:
    """Whether any of the five is called changed against others who went through the same."""
    table = judged(seed, shape, slower, against={"region": list(OTHERS)})
    return float(table.loc[table["rule"] == "", "verdict"].isin(["better", "worse"]).any())


# What a table of closed deals by the date of their creation says of the same.
NAIVE = "-10 by closed deals"
# And what comparing the two regions with themselves says, of a gain that is there.
ALONE = "0.1 without others"
NULLS = {
    "steady": Shape(),
    "trend of -10 % a year": Shape(trend=-0.1),
    "season of 20 %": Shape(season=0.2),
    "mix from 30 to 60 % large": Shape(mix=True),
    "accounts of ten deals, sd .4": Shape(accounts=0.4),
}


def _bar(what: str, one: Any, bar: float, shape: Shape, tested: tuple[int, ...] = (), **more: Any) -> Bar:
    return Bar(f"outcomes: {what}", partial(one, shape=shape), bar, tested=tested, **more)


BARS = [
    *(
        _bar(f"{name}, any of the five called changed", any_changed, 0.07, shape, (1,) if name == "steady" else ())
        for name, shape in NULLS.items()
    ),
    _bar("steady, conformance to any rule called changed", any_rule_changed, 0.07, Shape()),
    # Two worlds say nothing of a bias, so the tests draw none.
    _bar("mix shift, days off", days_off, -0.6, Shape(mix=True), also=0.6, worlds=200, before=NAIVE),
    _bar("a true -20 %, called better", found, 0.95, Shape(), (1,), at_most=False),
    _bar("a true -20 %, part over- or underrated", error_of_gain, -0.12, Shape(), also=0.12),
    _bar(
        "all +25 %, two regions -20 %: percent shorter than the others", gap, 5.0, Shape(), at_most=False, before=ALONE
    ),
    _bar("all +25 %, two regions -20 %: called worse", wrong_sign, 0.02, Shape(), (1,), worlds=200),
    _bar("all +25 %, two regions -20 %: interval holds the truth", covered, 0.85, Shape(), (1,), at_most=False),
    _bar("all +25 %, against others: any of the five called changed", gap_of_nothing, 0.07, Shape()),
]
