"""What the pipeline bridge and the ledger of forecasts promise: sums hold to the cent, and who says too much is found, nobody else."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from bars import Bar

START = datetime(2025, 1, 1)
CHANGES = ("Closed Won", "Closed Lost", "Opportunity Reopened", "Amount Changed", "Close Date Pushed", "Note Written")
REPS, REGIONS = ("Ann", "Bob", "Cleo", "Dan", "Eva", "Finn"), ("East", "West", None)
BEGIN, END, PERIOD = "2025-03-10", "2025-04-20", ("2025-04-01", "2025-06-30")


def history(seed: int, deals: int = 40) -> pd.DataFrame:
    """Deals to which anything happens in any order: closes, reopenings, amounts and close dates, at the same moment, after the close."""
    rng = np.random.default_rng([seed, 31])
    rows = []
    for deal in range(deals):
        first, region = rng.uniform(0, 150), REGIONS[rng.integers(3)]
        # Half days, so that much happens at one moment.
        days = first + np.floor(np.sort(rng.uniform(0, 160 - first, rng.integers(0, 9))) * 2) / 2
        names = [CHANGES[rng.integers(len(CHANGES))] for _ in days]
        whole = [("Opportunity Created", first), *zip(names, days, strict=True)]
        if rng.random() < 0.2:
            whole = whole[1:]
        for name, day in whole:
            rows.append(
                {
                    "case_id": f"d{deal}",
                    "activity": name,
                    "time": START + timedelta(days=float(day)),
                    "amount": round(float(rng.lognormal(8, 1)), 2) if rng.random() < 0.6 else None,
                    "close_date": START + timedelta(days=int(rng.integers(60, 240))) if rng.random() < 0.6 else None,
                    "rep": REPS[rng.integers(6)] if rng.random() < 0.3 else None,
                    "region": region,
                }
            )
    return pd.DataFrame(rows)


def log_of(rows: pd.DataFrame) -> Any:
    """The log of some rows."""
    from l2c.log import build

    told = rows.assign(close_date=[None if pd.isna(d) else f"{d:%Y-%m-%d}" for d in rows["close_date"]])
    return build(told, extracted=START + timedelta(days=170))


def bridge_by_hand(log: Any, begin: str, end: str, period: tuple[str, str] | None) -> dict[str, int]:
    """Cents of each part, deal by deal, by other code than the kit's."""
    from l2c import engine

    rows = engine.collect(log.events).sort_values(["case_id", "position"], kind="stable")
    ends = [pd.Timestamp(day) + pd.Timedelta(days=1) for day in (begin, end)]
    found: dict[str, int] = {}
    for _, deal in rows.groupby("case_id"):
        for part, amount in _deal_by_hand(deal.to_dict("records"), *ends, period).items():
            found[part] = found.get(part, 0) + amount
    return found


def _state(rows: list[dict[str, Any]]) -> str | None:
    state = "open" if rows else None
    for row in rows:
        state = {"Closed Won": "won", "Closed Lost": "lost", "Opportunity Reopened": "open"}.get(row["activity"], state)
    return state


def _last(rows: list[dict[str, Any]], name: str) -> Any:
    return next((row[name] for row in reversed(rows) if pd.notna(row[name])), None)


def _deal_by_hand(
    rows: list[dict[str, Any]], begin: pd.Timestamp, end: pd.Timestamp, period: tuple[str, str] | None
) -> dict[str, int]:
    early, late = ([row for row in rows if row["time"] < moment] for moment in (begin, end))
    was, now = _state(early), _state(late)
    shut = max((row["time"] for row in late if row["activity"] in ("Closed Won", "Closed Lost")), default=None)
    again = [row for row in late if row["time"] >= begin and row["activity"] == "Opportunity Reopened"]
    life = late if now == "open" else [row for row in late if shut is not None and row["time"] <= shut]
    if now is None or (was not in (None, "open") and now == was and now != "open" and not again):
        return {}
    if was == "open":
        came = early
    elif was is None:
        came = list(reversed(life))
    else:
        came = [row for row in late if row["time"] <= again[0]["time"]] if again else life
    first, last = (round(100 * (_last(part, "amount") or 0)) for part in (came, life))
    promise = life if now == "open" else [row for row in life if row["time"] < shut]
    day_first, day_last = _last(came, "close_date"), _last(promise, "close_date")
    day_last = f"{shut:%Y-%m-%d}" if now == "won" else day_last

    def inside(day: Any) -> bool:
        return period is None or (day is not None and period[0] <= str(day)[:10] <= period[1])

    def before(day: Any) -> bool:
        return period is not None and day is not None and str(day)[:10] < period[0]

    enters = "start" if inside(day_first) else "pushed_in" if before(day_first) else "pulled_in"
    enters = enters if was == "open" else "created" if was is None else "reopened"
    if not inside(day_first) and not inside(day_last):
        return {}
    leaves = {"open": "end", "won": "won", "lost": "lost"}[now]
    leaves = leaves if inside(day_last) else "pulled_out" if before(day_last) else "pushed"
    found = {enters: first, leaves: last}
    if first != last:
        found["raised" if last > first else "cut"] = abs(last - first)
    return found


def balances(seed: int, deals: int = 40) -> float:
    """Whether every bridge of a history balances to the cent, is that by hand, begins and ends as the key figure has it, and adds up."""
    from l2c import kpis, monitor

    log, looked = log_of(history(seed, deals)), seed % 2
    value = float(kpis(log.as_of((BEGIN, END)[looked]), only=["open_pipeline_value"])["value"].iloc[0])
    for period in (None, PERIOD):
        for by in ("region",) if period is None else (None, "rep"):
            table = monitor.pipeline_bridge(log, BEGIN, END, by=by, period=period, names=True)
            behind = monitor.bridge_deals(log, BEGIN, END, by=by, period=period, names=True)
            keys = ["group", "part"] if by else ["part"]
            bars = _cents(table.groupby(keys, dropna=False)["amount"].sum())
            change = _cents(table.groupby(keys, dropna=False)["change"].sum())
            if (
                _cents(behind.groupby(keys, dropna=False)["amount"].sum()).reindex(bars.index, fill_value=0) != bars
            ).any():
                return 0.0
            level = [change.xs(part, level="part").sum() if by else change[part] for part in ("start", "end")]
            if change.sum() != 2 * level[1] or (period is None and level[looked] != round(100 * value)):
                return 0.0
            wanted = bridge_by_hand(log, BEGIN, END, period)
            own = bars.groupby("part").sum()
            moved = {"moved_in", "moved_out"}
            if any(own[part] != wanted.get(part, 0) for part in own.index if part not in moved):
                return 0.0
            if own["moved_in"] != own["moved_out"]:
                return 0.0
    return 1.0


def _cents(values: pd.Series[Any]) -> pd.Series[Any]:
    return (values * 100).round().astype(np.int64)


def forecasts(seed: int, deals: int = 2400, *, too_much: float = 1.5, reps: int = 8) -> pd.DataFrame:
    """Two years of a company whose people forecast: categories and close dates move, and `Rep 0` says so many times too much.

    The one who does says it of the amounts (seeds that are even) or of the chances: deals come less often than those that others call alike.
    """
    rng = np.random.default_rng([seed, 47])
    rep = rng.integers(reps, size=deals)
    skill, size = rng.normal(0, 0.15, reps), np.exp(rng.normal(9, 0.8, deals))
    began, days = rng.uniform(0, 700, deals), rng.gamma(2.0, 35.0, deals)
    chance = np.clip(rng.beta(1.2, 1.8, deals) + 0.1 * skill[rep], 0.01, 0.99)
    boasts = np.where(rep == 0, too_much, 1.0)
    won = rng.random(deals) < chance / (boasts if seed % 2 else 1.0)
    said = size * (1.0 if seed % 2 else boasts)
    rows = []
    for k in range(deals):
        due = began[k] + days[k] + rng.normal(0, 15)
        steps = [("Opportunity Created", 0.0, "Pipeline")]
        for at in (0.35, 0.7):
            # What people know of a deal comes with time, and not all of it is right.
            guess = chance[k] + rng.normal(0, 0.12)
            steps.append(
                ("Forecast Changed", at, "Commit" if guess > 0.6 else "Best Case" if guess > 0.35 else "Pipeline")
            )
        for n, (name, at, category) in enumerate(steps):
            slip = (
                due + (0 if n else rng.normal(0, 20)) + (rng.exponential(20) if at == 0.7 and rng.random() < 0.3 else 0)
            )
            rows.append(
                (
                    k,
                    name,
                    began[k] + at * days[k],
                    said[k] * np.exp(rng.normal(0, 0.1)),
                    max(slip, began[k] + at * days[k]),
                    category,
                    rep[k],
                )
            )
        end = began[k] + days[k]
        rows.append(
            (k, "Closed Won" if won[k] else "Closed Lost", end, size[k], end, "Closed" if won[k] else "Omitted", rep[k])
        )
    table = pd.DataFrame(rows, columns=["case_id", "activity", "day", "amount", "close", "forecast_category", "rep"])
    table = table[table["day"] <= 730]
    table["time"] = START + pd.to_timedelta(table.pop("day").round(4), unit="D")
    table["close_date"] = (START + pd.to_timedelta(table.pop("close").round(), unit="D")).dt.strftime("%Y-%m-%d")
    return table.assign(
        case_id="d" + table["case_id"].astype(str),
        rep="Rep " + table["rep"].astype(str),
        amount=table["amount"].round(2),
    )


@lru_cache(4)
def _owners(seed: int, too_much: float) -> pd.DataFrame:
    from l2c import monitor
    from l2c.log import build

    log = build(forecasts(seed, too_much=too_much), extracted=START + timedelta(days=730))
    table = monitor.forecast_bias(log, names=True)
    return table[table["rep"].notna()].set_index("rep")


def finds(seed: int) -> float:
    """Whether the one who says 1.5 times too much is found."""
    return float(_owners(seed, 1.5).loc["Rep 0", "verdict"] == "says_too_much")


def accuses(seed: int) -> float:
    """Whether anybody else is named."""
    return float(_owners(seed, 1.5)["verdict"].drop("Rep 0").notna().any())


def accuses_alike(seed: int) -> float:
    """Whether anybody is named where all say alike."""
    return float(_owners(seed, 1.0)["verdict"].notna().any())


BARS = [
    Bar(
        "bridge of the pipeline: to the cent, as by hand, from and to the key figure", balances, 1.0, False, worlds=200
    ),
    Bar("ledger of forecasts: finds who says 1.5 times too much", finds, 0.8, False),
    Bar("ledger of forecasts: names anybody else", accuses, 0.05, worlds=200),
    Bar("ledger of forecasts: names anybody where all say alike", accuses_alike, 0.05, worlds=200),
]
