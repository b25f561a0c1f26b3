"""How much of what was forecast comes, and who says more than comes?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c import stats
from l2c.diagnose.rules.compliance import case_ids
from l2c.diagnose.sale.forecasts import CATEGORY
from l2c.diagnose.sale.slippage import slippage
from l2c.diagnose.tidy import noted
from l2c.log import EventLog
from l2c.measures.facts import Facts
from l2c.measures.lives import OPEN
from l2c.monitor.pipeline.groups import shown
from l2c.monitor.pipeline.ledger import owners_shown, place_of, said
from l2c.monitor.pipeline.states import lacking, today_only, told
from l2c.stats import SMALLEST_SAMPLE
from l2c.words.notes import Note, several

Floats = NDArray[np.float64]

TOTAL, OFTEN, AMOUNTS = (
    ("bias", "low", "high"),
    ("often", "often_low", "often_high"),
    ("amounts", "amounts_low", "amounts_high"),
)
BIAS = [
    "rep", "forecast_category", "quarters", "deals", "said", "came", "expected", *TOTAL, *OFTEN, *AMOUNTS, "spread", "verdict",
    "slip_days", "pushes",
]  # fmt: skip
TOO_MUCH, TOO_LITTLE = "says_too_much", "says_too_little"
# Of fewer quarters nobody can say how far they lie apart.
FEWEST_QUARTERS = 3
# Of all who are named, so many at most are like the others.
FALSELY = 0.05
# Of an amount more than four times off, or less than a hundredth on average, the rest does not count (logarithms).
FARTHEST, LEAST_SPREAD = 1.4, 0.01


def forecast_bias(log: EventLog, *, names: bool | None = None, level: float = 0.95) -> pd.DataFrame:
    """How much of what was forecast came, by category, and who says more than comes.

    Parameters
    ----------
    names
        Whether to show names; else as the log says.
    level
        Level of the intervals.

    Returns
    -------
    One row per forecast category (`rep` None), then one per owner (`forecast_category` None), by `bias`: `quarters` that are
    over, `deals`; `said`, `came`: as in `forecast_ledger`, what stood there on an average Monday, all quarters added (log currency);
    `expected`: what would have come if of each category as much had come as with all (of a category: what was said). `bias, low, high`:
    of a category `came` by `said` minus one; of an owner how much less or more came than with the usual owner who says the same, so that
    -0.33 means 1.5 times too much was said; it comes of `often` (with bounds): how much less or more often deals came, and of
    `amounts`: how much less or more they were worth at the close than was said. `spread`: standard deviation of came by expected over the quarters (NaN for fewer than
    three). `verdict`: `says_too_much`, `says_too_little`, or None where it may be chance. `slip_days` (median), `pushes` (mean) of the
    owner's closed deals (`diagnose.slippage`). NaN of owners with fewer than 20 deals; none at all in a log of too few people. Empty, with the
    reason in `attrs["note"]`, where no history tells categories or close dates.

    Notes
    -----
    Of a category a ratio of sums (`stats.ratio`). Of owners every deal counts alike, those of one account together, as a few large
    deals would decide otherwise: how often they came against the share that came of their categories, and the mean logarithm of amounts;
    both drawn together by how little is known (`stats.drawn_together`). Verdicts hold for all owners and both at once (Benjamini and
    Hochberg, 1995). It compares what people said with what came: whose deals are harder than their categories say looks the same.
    """
    facts = Facts.of(log)
    if (why := lacking(facts, (CATEGORY,))) is not None:
        return noted(pd.DataFrame(columns=BIAS), why)
    rows = said(facts)
    rows["rep"], few = owners_shown(log, rows, names)
    rows = rows[rows["over"] & rows["forecast_category"].notna()]
    once = 1 / rows.groupby(["case", "period"])["week"].transform("size")
    rows = rows.assign(said=rows["said"] * rows["weight"], came=rows["came"] * rows["weight"], once=once)
    sums = rows.groupby("forecast_category")[["said", "came"]].sum()
    usual = (sums["came"] / sums["said"]).where(sums["said"] > 0)
    rows = rows.assign(expected=rows["said"] * rows["forecast_category"].map(usual).fillna(0.0).astype(float))
    rows["group"] = rows["case"] if facts.account is None else facts.account[rows["case"].to_numpy(np.int64)]
    made = [
        _category(rows[rows["forecast_category"] == name], name, level) for name in sorted(sums.index, key=place_of)
    ]
    made += [] if few is not None else _owners(log, rows, names, level)
    table = pd.DataFrame(made, columns=BIAS)
    for name in ("rep", "forecast_category", "verdict"):
        table[name] = pd.Series([row[name] for row in made], dtype=object)
    none = None if len(table) else Note("ledger_no_quarter")
    return noted(table, several([none, few, today_only(facts, "amount", "rep")]))


def _category(rows: pd.DataFrame, name: str, level: float) -> dict[str, object]:
    """What came of one category."""
    found = stats.ratio(rows["came"], rows["said"], level, rows["group"])
    return {
        **_told(rows, "said"), "rep": None, "forecast_category": name, "verdict": None,
        **dict(zip(("bias", "low", "high"), (value - 1 for value in found), strict=True)),
    }  # fmt: skip


def _owners(log: EventLog, rows: pd.DataFrame, names: bool | None, level: float) -> list[dict[str, Any]]:
    """What came of what each owner said, against the usual owner; who is off for sure comes with a verdict."""
    parts = {str(rep): part for rep, part in rows[rows["rep"].notna()].groupby("rep")}
    slips = _slips(log, names)
    made: dict[str, dict[str, Any]] = {
        rep: {**_told(part, "expected"), "rep": rep, "forecast_category": None, "verdict": None, **slips.get(rep, {})}
        for rep, part in parts.items()
    }
    none = dict.fromkeys((*TOTAL, *OFTEN, *AMOUNTS), np.nan)
    enough = [rep for rep, part in parts.items() if part["case"].nunique() >= SMALLEST_SAMPLE]
    if len(enough) > 1:
        two = _often(rows, enough), _amounts(rows, parts, enough)
        often, amounts = (stats.drawn_together(*each, level) for each in two)
        total = often.value + amounts.value
        half = stats.normal(level) * np.hypot(often.error, amounts.error)
        q = stats.q_values(np.concatenate([_by_chance(*each) for each in two])).reshape(2, -1)
        for k, rep in enumerate(enough):
            sides = [(each.value[k], each.low[k], each.high[k]) for each in (often, amounts)]
            sure = [side for side, chance in zip(sides, q[:, k], strict=True) if chance <= FALSELY and _off(*side)]
            verdict = None if not sure else TOO_MUCH if max(sure, key=lambda side: abs(side[0]))[0] < 0 else TOO_LITTLE
            found = (total[k], total[k] - half[k], total[k] + half[k]), *sides
            values = [float(np.expm1(value)) for side in found for value in side]
            made[rep] |= {**dict(zip((*TOTAL, *OFTEN, *AMOUNTS), values, strict=True)), "verdict": verdict}
            # What is known as it is today only cannot have changed.
            made[rep] |= {} if told(Facts.of(log), "amount") else dict.fromkeys(AMOUNTS, np.nan)
    every: list[dict[str, Any]] = [none | row for row in made.values()]
    return sorted(every, key=lambda row: (np.isnan(row["bias"]), row["bias"], row["rep"]))


def _by_chance(effect: Floats, error: Floats) -> Floats:
    """How often one like the others would be seen so far off the usual one."""
    from scipy.special import ndtr

    return np.asarray(2 * ndtr(-np.abs(effect - np.median(effect)) / error))


def _off(value: float, low: float, high: float) -> bool:
    return low > 0 or high < 0


def _often(rows: pd.DataFrame, owners: list[str]) -> tuple[Floats, Floats]:
    """How much more often than expected deals of each owner came, and the error, on the log scale.

    Every deal counts once in a quarter, so that no large one decides; those of one account go together.
    """
    rows = rows.assign(hit=rows["won"] * rows["once"])
    chance = rows.groupby("forecast_category")[["hit", "once"]].sum()
    usual = rows["once"] * rows["forecast_category"].map(chance["hit"] / chance["once"])
    rows = rows.assign(usual=usual.astype(float))

    def summed(some: pd.DataFrame) -> tuple[Floats, Floats]:
        by = some.groupby("group")[["hit", "usual"]].sum()
        return by["hit"].to_numpy(np.float64), by["usual"].to_numpy(np.float64)

    came, awaited = summed(rows)
    noise = ((came - awaited) ** 2).sum() / awaited.sum()
    sums = np.asarray([[each.sum() for each in summed(rows[rows["rep"] == rep])] for rep in owners])
    # Half a deal more of both keeps one of whom nothing came within bounds.
    return np.log((sums[:, 0] + 0.5) / (sums[:, 1] + 0.5)), np.sqrt(noise / (sums[:, 1] + 0.5))


def _amounts(rows: pd.DataFrame, parts: dict[str, pd.DataFrame], owners: list[str]) -> tuple[Floats, Floats]:
    """How much more than was said the deals that came were worth, and the error, on the log scale."""

    def summed(some: pd.DataFrame) -> Floats:
        won = some[(some["came"] > 0) & (some["said"] > 0)]
        # An amount that only holds the place of one says nothing of who says too much.
        apart = pd.Series(np.clip(np.log(won["came"] / won["said"]), -FARTHEST, FARTHEST), won.index)
        return apart.groupby(won["group"]).mean().to_numpy(np.float64)

    every = summed(rows)
    spread = max(float(every.std()), LEAST_SPREAD) if len(every) else LEAST_SPREAD
    each = [summed(parts[rep]) for rep in owners]
    mean = np.asarray([found.mean() if len(found) else every.mean() if len(every) else 0.0 for found in each])
    # One deal that was far off is no habit.
    wide = np.asarray([max(spread, float(found.std(ddof=1))) if len(found) > 1 else spread for found in each])
    return mean, wide / np.sqrt(np.asarray([max(len(found), 0.1) for found in each]))


def _told(rows: pd.DataFrame, against: str) -> dict[str, object]:
    """The sums of some rows, and how far their quarters lie apart."""
    sums = rows.groupby("period")[["came", against]].sum()
    by = (sums["came"] / sums[against])[sums[against] > 0].to_numpy(np.float64)
    return {
        "quarters": len(by), "deals": rows["case"].nunique(), "said": rows["said"].sum(), "came": rows["came"].sum(),
        "expected": rows[against].sum(), "spread": float(by.std(ddof=1)) if len(by) >= FEWEST_QUARTERS else np.nan,
        "slip_days": np.nan, "pushes": np.nan,
    }  # fmt: skip


def _slips(log: EventLog, names: bool | None) -> dict[str, dict[str, float]]:
    """How far the closed deals of each owner slipped, and how often they were pushed."""
    facts, table = Facts.of(log), slippage(log)
    table = table[table["outcome"] != OPEN]
    place = {id: case for case, id in enumerate(case_ids(log))}
    case = table["case_id"].map(place).to_numpy(np.int64)
    table = table.assign(rep=shown(log, "rep", case, facts.attribute("rep").to_numpy(object)[case], names).to_numpy())
    by = table.groupby("rep")
    found = by.agg(slip_days=("slip_days", "median"), pushes=("pushes", "mean"))[by.size() >= SMALLEST_SAMPLE]
    return {str(rep): {str(name): float(value) for name, value in row.items()} for rep, row in found.iterrows()}
