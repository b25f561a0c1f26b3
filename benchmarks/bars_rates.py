"""Rates that are fair to the young: does the printed range hold the truth in a business that grows, or looks back shortly?

Every company draws its leads, deals and invoices from one distribution, whatever their age: what the rates differ by is
the way of looking.
"""

from __future__ import annotations

from datetime import datetime, timedelta

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


def sales(seed: int, *, n: int = 2500, days: float = 720, growth: float = 1, slower: float = 1, late: float = 0):
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


WORLDS = {
    "steady": {},
    "growth ×7": {"growth": 7},
    "growth ×20": {"growth": 20},
    "one year of history": {"days": 365, "n": 1800},
    "losses 8× slower": {"slower": 8},
    "losses 8× slower, one year": {"slower": 8, "days": 365, "n": 1800},
    "late history": {"days": 720, "late": 365},
}


def _inside(row: pd.Series, truth: float) -> float:
    """Whether the printed range holds the truth, and is no wider than the interval and what is open make it."""
    ends = row[["low", "high", "bound_low", "bound_high"]].astype(float)
    low, high = ends[["low", "bound_low"]].min(), ends[["high", "bound_high"]].max()
    allowed = row["censored"] / row["cases"] + 1.5 * (row["high"] - row["low"])
    return float(low <= truth <= high and high - low <= allowed)


def rates(seed: int, world: dict[str, float], region: str | None = None) -> list[float]:
    """Conversion and win rate of a company, each inside its printed range or not."""
    from l2c import kpis

    log = sales(seed, **world)  # type: ignore[arg-type]
    log = log.where(region=region) if region else log
    table = kpis(log, only=["lead_conversion_incidence", "win_rate_incidence"]).set_index("kpi")
    return [
        _inside(table.loc["lead_conversion_incidence"], CONVERTED),
        _inside(table.loc["win_rate_incidence"], WON),
    ]
