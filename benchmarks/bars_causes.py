"""Worlds in which nothing is planted but a nuisance: what differs is accounts, months, reps, currencies, gaps."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
import worlds

CASES = 3000


def _company(seed: int, cases: int) -> tuple[np.random.Generator, pd.DataFrame, dict[str, np.ndarray], np.ndarray]:
    """People, draws and days of opening; accounts belong to a rep, a segment and an industry."""
    rng = np.random.default_rng([seed, cases, 7])
    people = worlds._people(rng, cases)
    draws = {name: rng.random((cases, 20)) for name in ("noise", "luck")}
    return rng, people, draws, np.sort(worlds.DAYS * rng.power(1.6, cases))


def _with_accounts(rng: np.random.Generator, people: pd.DataFrame) -> np.ndarray:
    """Give the cases to accounts of about ten, and each account a rep, a segment and an industry; return the account."""
    many = len(people) // 10
    size = rng.gamma(1.5, size=many)
    account = rng.choice(many, len(people), p=size / size.sum())
    for name in ("rep", "segment", "industry"):
        people[name] = rng.choice(people[name].unique(), many)[account]
    people["region"] = "Reg" + (people["rep"].str[-2:].astype(int) % 5).astype(str)
    people["account"] = [f"Acc{k:03d}" for k in account]
    return account


def null(
    kind: str, seed: int, cases: int = CASES, *, spread: float = 0.5, each: bool = False
) -> pd.DataFrame | worlds.World:
    """A company in which no group differs, but something else does.

    Parameters
    ----------
    kind
        `accounts`, `reps` (each has a pace), `months` (each month has one, and campaigns last a month), `quarters` (slow
        at their ends, when one source brings in more), `currencies`, or `gaps` (competitors noted when a step drags on).
    spread
        Standard deviation of the logarithm of the pace.
    each
        Whether the pace is drawn for each step anew.
    """
    rng, people, draws, age = _company(seed, cases)
    opened = pd.DatetimeIndex(worlds.START + pd.to_timedelta(age, unit="D"))
    pace: worlds.Pace | None = None
    steps = len(worlds.STEPS)

    def drawn(many: int) -> np.ndarray:
        return np.exp(
            rng.normal(0, spread, (steps, many)) if each else np.tile(rng.normal(0, spread, many), (steps, 1))
        )

    if kind == "accounts":
        account = _with_accounts(rng, people)
        of_account = drawn(account.max() + 1)
        pace = lambda k, t: of_account[k][account]  # noqa: E731
    elif kind == "reps":
        rep = people["rep"].str[-2:].astype(int).to_numpy()
        of_rep = drawn(30)
        pace = lambda k, t: of_rep[k][rep]  # noqa: E731
    elif kind == "months":
        of_month = drawn(60)
        month = (opened.year - 2024) * 12 + opened.month
        people["campaign"] = [
            f"Camp{m:02d}" if x < 0.5 else "none" for m, x in zip(month, rng.random(cases), strict=True)
        ]
        pace = lambda k, t: of_month[k][np.minimum(t / 30.44, 59).astype(int)]  # noqa: E731
    elif kind == "quarters":
        late = lambda t: (t / 91.31) % 1 > 0.8  # noqa: E731
        rush = late(age) & (rng.random(cases) < 0.6)
        people["lead_source"] = np.where(rush, "Push", people["lead_source"])
        pace = lambda k, t: np.where(late(t), 1 + 1.6 * spread, 1.0)  # noqa: E731
    elif kind == "currencies":
        abroad = people["region"] == "Reg00"
        people["amount"] = people["amount"] * np.where(abroad, 150, 1)
        people["currency"] = np.where(abroad, "JPY", "EUR")
    elif kind == "gaps":
        people["competitor"] = [f"Comp{k}" for k in rng.integers(0, 2, cases)]
    # Who wins hangs on the amount in one currency.
    worth = people.assign(amount=people["amount"] / np.where(people["region"] == "Reg00", 150, 1))
    run = worlds._run(worth if kind == "currencies" else people, draws, age, [], "lognormal", pace)
    if kind == "gaps":
        slow = run["took"][:, 5] > np.quantile(run["took"][:, 5], 0.6)
        people.loc[rng.random(cases) > np.where(slow, 0.95, 0.6), "competitor"] = None
    return worlds.World(worlds._recorded(run, people), [], worlds.START + timedelta(days=worlds.DAYS), {}, float("nan"))


def named(made: worlds.World, **asked: object) -> pd.DataFrame:
    """What the kit names in a world."""
    from l2c import diagnose
    from l2c.log import build

    return diagnose.causes(build(made.events, extracted=made.extracted), names=True, **asked)  # type: ignore[arg-type]
