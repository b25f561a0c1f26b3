"""Rates that are fair to the young: does the printed range hold the truth in a business that grows, or looks back shortly?

Every company draws its leads, deals and invoices from one distribution, whatever their age: what the rates differ by is
the way of looking.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from bars import Bar

EXTRACTED = datetime(2026, 7, 1)
CONVERTED, WON, LATE = 0.40, 0.35, 0.40
YOUNG = 120.0


def _begun(rng: np.random.Generator, n: int, days: float, growth: float) -> np.ndarray:
    """Days before the extraction on which things began, `growth` times as many at the end as at the beginning."""
    u = rng.random(n)
    age = u if growth == 1 else np.log1p(u * (1 / growth - 1)) / np.log(1 / growth)
    return np.sort(days * age)[::-1]


def _drawn(rng: np.random.Generator, n: int, median: float, spread: float) -> np.ndarray:
    return median * np.exp(spread * rng.normal(size=n))


def _log(parts: list[tuple[str, np.ndarray, np.ndarray]], since: datetime | None = None, **columns: np.ndarray):
    """A log of activities, the days before the extraction on which each case did them (NaN: never), and attributes."""
    from l2c.log import build

    rows = []
    for activity, some, ago in parts:
        there = np.flatnonzero(some & (ago >= 0))
        rows.append(pd.DataFrame({"case": there, "activity": activity, "ago": ago[there]}))
    table = pd.concat(rows, ignore_index=True)
    table["time"] = pd.Timestamp(EXTRACTED) - pd.to_timedelta((table["ago"] * 86400).round(), unit="s")
    table["case_id"] = table["case"].astype(str)
    for name, values in columns.items():
        table[name] = values[table["case"].to_numpy()]
    return build(table.drop(columns=["case", "ago"]), extracted=EXTRACTED, history_start=since)


def sales(
    seed: int,
    *,
    n: int = 2500,
    days: float = 720,
    growth: float = 1,
    slower: float = 1,
    late: float = 0,
    all_known: bool = False,
):
    """Leads that convert and deals that are won, with the same chances at every age; a region that opened lately.

    `slower`: how many times longer lost deals stay open; `late`: days for which the history reaches back, of what was
    opened earlier only that is known to which something happened since.
    """
    rng = np.random.default_rng([seed, 18])
    born = _begun(rng, n, days, growth)
    young = rng.random(n) < 0.15
    born = np.where(young & (born > YOUNG), rng.uniform(0, YOUNG, n), born)
    converts, dropped, wins = rng.random(n) < CONVERTED, rng.random(n) < 0.5, rng.random(n) < WON
    deal = born - _drawn(rng, n, 12, 0.8)
    quote = deal - _drawn(rng, n, 12, 0.5)
    close = quote - _drawn(rng, n, 25, 0.6) * np.where(wins, 1.0, slower)
    signed = quote + (close - quote) * 0.9
    parts = [
        ("Lead Created", np.ones(n, bool), born),
        ("Lead Disqualified", ~converts & dropped, born - _drawn(rng, n, 25, 0.6)),
        ("Opportunity Created", converts, deal),
        ("Quote Sent", converts, quote),
        ("Contract Signed", converts & wins, signed),
        ("Closed Won", converts & wins, close),
        ("Closed Lost", converts & ~wins, close),
    ]
    region = np.where(young, "New", "Old")
    if not late:
        return _log(parts, region=region)
    if all_known:
        over = np.where(converts, close, np.where(dropped, parts[1][2], -1.0))
        kept = over <= late
        return _log([(a, some & kept, ago) for a, some, ago in parts], EXTRACTED - timedelta(days=late), region=region)
    kept = np.logical_or.reduce([some & (ago >= 0) & (ago <= late) for _, some, ago in parts])
    parts = [(activity, some & kept, ago) for activity, some, ago in parts]
    return _log(parts, EXTRACTED - timedelta(days=late), region=region)


def invoices(seed: int, *, n: int = 1500, days: float = 180, growth: float = 1):
    """Invoices of 30 to 60 days, of which the same share is paid late at every age; customers with long terms pay later."""
    rng = np.random.default_rng([seed, 12])
    sent, terms = _begun(rng, n, days, growth), rng.choice([14.0, 30.0, 60.0], n)
    chance = np.where(terms == 14, LATE - 0.1, np.where(terms == 60, LATE + 0.1, LATE))
    late = rng.random(n) < chance
    paid = np.where(late, terms + 1 + _drawn(rng, n, 12, 0.8), terms * rng.beta(4, 1.5, n))
    return _log(
        [("Invoice Sent", np.ones(n, bool), sent), ("Payment Received", np.ones(n, bool), sent - paid)],
        payment_terms_days=terms,
    )


WORLDS: dict[str, dict[str, Any]] = {
    "steady": {},
    "growth ×7": {"growth": 7},
    "growth ×20": {"growth": 20},
    "a young region": {"region": "New"},
    "one year of history": {"days": 365, "n": 1800},
    "losses 8× slower": {"slower": 8},
    "losses 8× slower, one year": {"slower": 8, "days": 365, "n": 1800},
    "late history, only what was touched since": {"late": 365},
    "late history, all known": {"late": 365, "all_known": True},
}
# Share of printed intervals of the rates to date that hold the truth, conversion and win rate.
BEFORE = {
    "steady": ".53 / .73", "growth ×7": ".07 / .07", "growth ×20": ".00", "a young region": ".00 / .13",
    "one year of history": ".07 / .00", "losses 8× slower": ".00", "losses 8× slower, one year": ".00",
    "late history, only what was touched since": ".50", "late history, all known": "–",
}  # fmt: skip


def _ends(row: pd.Series) -> tuple[float, float]:
    """The printed range; without an end where none is known."""
    low, high = row[["low", "bound_low"]].astype(float).min(), row[["high", "bound_high"]].astype(float).max()
    return low, np.inf if np.isnan(row["high"]) else high


def rates(seed: int, *, region: str | None = None, **world: Any) -> list[float]:
    """Conversion and win rate: inside the printed range, which is no wider than the interval and what is open make it."""
    from l2c import kpis

    log = sales(seed, **world)
    log = log.where(region=region) if region else log
    table = kpis(log, only=["lead_conversion_incidence", "win_rate_incidence"]).set_index("kpi")
    found = []
    for kpi, truth in (("lead_conversion_incidence", CONVERTED), ("win_rate_incidence", WON)):
        row = table.loc[kpi]
        low, high = _ends(row)
        # Both ends are those of intervals, of two shares at two days: half as wide again as that of the first.
        allowed = row["censored"] / row["cases"] + 1.5 * (row["high"] - row["low"])
        found.append(float(low <= truth <= high and high - low <= allowed))
    return found


def late(seed: int, **world: Any) -> float:
    """Late share: inside its interval."""
    from l2c import kpis

    row = kpis(invoices(seed, **world), only=["late_payment_incidence"]).iloc[0]
    return float(row["low"] <= LATE <= row["high"])


def signing(seed: int, **world: Any) -> float:
    """Median days from quote to contract among those who will sign: inside the printed range."""
    from l2c import kpis

    low, high = _ends(kpis(sales(seed, **world), only=["quote_to_contract_days"]).iloc[0])
    return float(low <= 0.9 * 25 <= high)


def within(seed: int, **world: Any) -> float:
    """Leads with an opportunity within 30 days, in a log whose history begins late: inside the interval."""
    from scipy.stats import norm

    from l2c import diagnose

    table = diagnose.conversion(sales(seed, **world), within=(30,))
    row = table[table["milestone"] == "Opportunity Created"].iloc[0]
    return float(row["low"] <= CONVERTED * norm.cdf(np.log(30 / 12) / 0.8) <= row["high"])


def _bar(what: str, one: Callable[..., float | list[float]], before: str, **world: Any) -> Bar:
    return Bar(what, partial(one, **world), bar=0.9, at_most=False, before=before)


BARS = [
    *(
        _bar(f"headline conversion and win rate: the truth lies within the printed bounds, {name}", rates, BEFORE[name], **world)
        for name, world in WORLDS.items()
    ),
    _bar("late share: the interval covers, half a year", late, ".87"),
    _bar("late share: the interval covers, half a year, growth ×20", late, ".47", growth=20),
    _bar("late share: the interval covers, 100 days", late, ".40", days=100),
    _bar("median among those who will sign: the range covers, steady", signing, ".95"),
    _bar("median among those who will sign: the range covers, losses 8× slower, one year", signing, ".20",
         slower=8, days=365, n=1800),
    _bar("conversion within 30 days: the interval covers, late history", within, ".50", late=365),
]  # fmt: skip
