"""Intervals of key figures where deals of one account go together, and of money."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
from bars import Bar

START, DAYS, CASES, SIBLINGS = datetime(2024, 1, 1), 900, 800, 10
WON, MEDIAN, DISCOUNT, SPREAD = 0.4, 40.0, 0.10, 0.03
IDS = ("win_rate", "win_rate_incidence", "win_rate_by_value", "sales_cycle_days", "discount_mean_unweighted")
MONEY = ("won_amount_mean", "win_rate_by_value")


def world(
    seed: int, icc: float, *, cases: int = CASES, money: float = 1.0, named: bool = True, unequal: bool = False
) -> pd.DataFrame:
    """Deals in accounts of ten on average: how long, whether won and at what discount go together within an account.

    Of unequal ones a few have many deals, as customers do (Pareto).

    Winning and losing take as long, so that the share won is the same whenever one looks, and so is the mean amount.
    """
    rng = np.random.default_rng([seed, int(10 * icc), cases])
    accounts = max(cases // SIBLINGS, 2)
    size = 1 + rng.pareto(1.5, accounts) if unequal else rng.gamma(3.0, size=accounts)
    account = rng.choice(accounts, cases, p=size / size.sum()) if icc else np.arange(cases)
    own, shared = rng.normal(size=(4, cases)), rng.normal(size=(4, accounts if icc else cases))[:, account]
    pace, luck, price, worth = np.sqrt(icc) * shared + np.sqrt(1 - icc) * own
    start = rng.uniform(0, DAYS, cases)
    end = start + MEDIAN * np.exp(0.8 * pace)
    from scipy.special import ndtr

    won, seen = ndtr(luck) < WON, end <= DAYS
    deals = pd.DataFrame(
        {
            "case_id": [f"D{i:05d}" for i in range(cases)],
            "account": [f"A{code:04d}" for code in account],
            "amount": 10_000 * np.exp(money * worth),
            "discount": DISCOUNT + SPREAD * price,
        }
    )
    if not named:
        deals = deals.drop(columns="account")
    opened = deals.assign(activity="Opportunity Created", day=start)
    closed = deals.assign(activity=np.where(won, "Closed Won", "Closed Lost"), day=end)[seen]
    rows = pd.concat([opened, closed], ignore_index=True)
    rows["time"] = (np.datetime64(START, "s") + (rows["day"] * 86400).astype("int64").astype("timedelta64[s]")).astype(
        "datetime64[us]"
    )
    return rows.drop(columns="day")


def figures(rows: pd.DataFrame, *ids: str) -> pd.DataFrame:
    """The key figures of a world."""
    from l2c import kpis
    from l2c.log import build

    return kpis(build(rows, extracted=START + timedelta(days=DAYS)), only=ids).set_index("kpi")


def truths(money: float = 1.0) -> dict[str, float]:
    """What the key figures are in the end."""
    return {
        "win_rate": WON,
        "win_rate_incidence": WON,
        "win_rate_by_value": WON,
        "sales_cycle_days": MEDIAN,
        "discount_mean_unweighted": DISCOUNT,
        "won_amount_mean": 10_000 * float(np.exp(money**2 / 2)),
    }


def _covered(found: pd.DataFrame, ids: tuple[str, ...], money: float = 1.0) -> list[float]:
    from scipy.special import ndtr

    true = truths(money)
    if "win_rate_incidence" in found.index:
        # Within so many days.
        days = float(found.loc["win_rate_incidence", "horizon_days"])
        true["win_rate_incidence"] = WON * float(ndtr(np.log(days / MEDIAN) / 0.8))
    return [float(found.loc[id, "low"] <= true[id] <= found.loc[id, "high"]) for id in ids]


def little(seed: int) -> list[float]:
    """Accounts go together a little."""
    return _covered(figures(world(seed, 0.2), *IDS), IDS)


def much(seed: int) -> list[float]:
    """Accounts go together much."""
    return _covered(figures(world(seed, 0.5), *IDS), IDS)


def unequal(seed: int) -> list[float]:
    """A few accounts have many of the deals; a remark may say that few accounts tell how much accounts differ."""
    found = figures(world(seed, 0.2, unequal=True), *IDS)
    told = found["note"].map(lambda note: note is not None and "accounts" in str(note.facts()))
    return [max(covers, float(told[id])) for id, covers in zip(IDS, _covered(found, IDS), strict=True)]


def apart(seed: int) -> list[float]:
    """Each deal is of an account of its own."""
    return _covered(figures(world(seed, 0.0), *IDS), IDS)


def width(seed: int) -> float:
    """Width of the interval of a mean over that of one who knows how deals go together."""
    rows = world(seed, 0.5)
    found = figures(rows, "discount_mean_unweighted").loc["discount_mean_unweighted"]
    won = rows[rows["activity"] == "Closed Won"].groupby("account").size()
    spread = SPREAD * ((won + 0.5 * won * (won - 1)).sum()) ** 0.5 / won.sum()
    return float((found["high"] - found["low"]) / (2 * 1.96 * spread))


def money(seed: int, cases: int) -> pd.DataFrame:
    """Key figures of amounts so unequal that the logarithms vary by 1.5: a mean, and a share of money."""
    return figures(world(seed, 0.0, cases=cases, money=1.5, named=False), *MONEY)


def few_amounts(seed: int) -> list[float]:
    """About twenty won deals; a note may say that the interval is rough."""
    found = money(seed, 52)
    told = found["note"].map(lambda note: note is not None and "few_large" in str(note.facts()))
    return [max(covers, float(told[id])) for id, covers in zip(MONEY, _covered(found, MONEY, 1.5), strict=True)]


def many_amounts(seed: int) -> list[float]:
    """About two hundred won deals."""
    return _covered(money(seed, 520), MONEY, 1.5)


def pages(seed: int, named: bool = True) -> float:
    """Share of the deals won within 60 days, as the page of conversion tells it."""
    from scipy.special import ndtr

    from l2c.diagnose import conversion
    from l2c.log import build

    rows = world(seed, 0.5).drop(columns=[] if named else "account")
    found = conversion(build(rows, extracted=START + timedelta(days=DAYS)), within=(60,))
    won = found[found["milestone"] == "Closed Won"].iloc[0]
    return float(won["low"] <= WON * ndtr(np.log(60 / MEDIAN) / 0.8) <= won["high"])


BARS = [
    Bar("key figures of deals in accounts, correlation .2: intervals cover", little, 0.92, False, ".71 – .89"),
    Bar("key figures of deals in accounts, correlation .5: intervals cover", much, 0.92, False, ".64 – .80"),
    Bar("key figures of accounts of very unequal size, correlation .2: intervals cover or say how few accounts tell", unequal, 0.92, False, ".33 – .80"),
    Bar("conversion page of deals in accounts, correlation .5: intervals cover", pages, 0.92, False, ".47"),
    Bar("key figures of deals that have nothing in common: intervals cover", apart, 0.93, False, ".94 – .98", 200),
    Bar("width of an interval of deals in accounts over the right one", width, 0.85, True, ".36", 200, 1.25),
    Bar("money of twenty deals, logarithms vary by 1.5: intervals cover or say that they are rough", few_amounts, 0.95, False, ".78"),
    Bar("money of two hundred deals, logarithms vary by 1.5: intervals cover", many_amounts, 0.92, False, ".89"),
]  # fmt: skip
