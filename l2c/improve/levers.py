"""Which lever is worth most? Every standard one at its usual strength, and the best set within a budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import yaml
from numpy.typing import NDArray

from l2c.improve import reading, standard
from l2c.improve.changes import Change
from l2c.improve.hooks import Plan, plan
from l2c.improve.scenario import Scenario
from l2c.improve.simulate import LEVEL, Outcomes, outcomes, scale, spread, trusted
from l2c.improve.twin import Twin, learned
from l2c.improve.year import Year, year
from l2c.log import EventLog
from l2c.words.errors import BadScenario

Floats = NDArray[np.float64]
COLUMNS = (
    "lever", "step", "change", "difference", "low", "high", "unit", "money", "money_low", "money_high", "change_cost", "evidence",
)  # fmt: skip
LEVERS = (
    "add", "speed", "batch", "step", "skip", "parallel", "limit", "cap", "errors", "terms", "reminder", "arrivals", "source",
)  # fmt: skip
YEARS_TRIED = 30


def levers(
    log: EventLog, *, costs: Mapping[str, float] | None = None, runs: int = YEARS_TRIED, level: float = LEVEL
) -> pd.DataFrame:
    """What every standard lever would bring in a year, best first.

    Parameters
    ----------
    costs
        What each kind of lever costs in the first year, by `lever`: `{"add": 90_000, "step": 20_000}`; no log knows it.
    runs, level
        Possible years, and the level of the ranges.

    Returns
    -------
    One row per lever, the most money first (the most days where the log has no amounts): `lever` (add, speed, batch, step,
    skip, parallel, limit, cap, errors, terms, reminder, arrivals, source); `step` (what it is about); `change` (the
    `changes` of a file of changes, in one line of YAML); `difference` of the mean days to the win with `low, high` and `unit`; `money` (more cash
    within the year, before the cost) with `money_low, money_high`, NaN without amounts; `change_cost` (NaN where it was not
    given); `evidence`: `measured` where the effect follows from what the log shows, `assumed` where somebody has to
    believe that the strength can be reached.

    Raises
    ------
    NotTrusted
        As for `simulate`.

    Notes
    -----
    All with the same years and the same luck, so that their order is not chance. Usual strengths: docs/improve.md.
    """
    wanted, plans, span, twin = _plans(log, costs)
    return _table(wanted, outcomes(log, twin, plans, span, runs=runs, brief=True), level)


def best(
    log: EventLog, budget: float, costs: Mapping[str, float], *, runs: int = YEARS_TRIED, level: float = LEVEL
) -> pd.DataFrame:
    """The levers that bring most together within a budget, one after the other: days against cost.

    Parameters
    ----------
    budget
        What may be spent in the first year.
    costs
        As for `levers`; a lever without a cost is left out.

    Returns
    -------
    One row per lever in the order in which each brings most beside those before it: `lever, step, change`; `difference`
    of the mean days to the win of all so far together with `low, high`, `unit`; `money` with `money_low, money_high`, and
    `change_cost`, of all so far together; `evidence` (measured where all are). Ends where the budget does, or where nothing
    brings more than it costs (more days, where the log has no amounts).

    Notes
    -----
    Effects of levers at the same queue do not add up, so each set is run as a whole (forward selection on common random
    numbers).
    """
    wanted, plans, span, twin = _plans(log, costs)
    at = {id(each): made for each, made in zip(wanted, plans, strict=True)}
    left = [each for each in wanted if each.cost <= budget]
    chosen: list[_Lever] = []
    rows: list[pd.DataFrame] = []
    gained = 0.0
    while left:
        sets = [[*chosen, each] for each in left]
        made = [plan(twin, _together(each), log) if chosen else at[id(each[0])] for each in sets]
        told = outcomes(log, twin, made, span, runs=runs, brief=True)
        found = _table([_sum(each) for each in sets], told, level, order=False)
        worth = (
            (found["money"] - found["change_cost"]).to_numpy()
            if found["money"].notna().any()
            else -found["difference"].to_numpy()
        )
        place = int(np.nanargmax(worth))
        if not worth[place] > gained:
            break
        gained, new = float(worth[place]), left[place]
        chosen.append(new)
        row = found.iloc[[place]].assign(lever=new.lever, step=new.step, change=new.text)
        rows.append(row)
        spent = sum(each.cost for each in chosen)
        left = [each for each in left if each is not new and spent + each.cost <= budget]
    return pd.concat(rows, ignore_index=True) if rows else _table([], None, level)


@dataclass(frozen=True, eq=False)
class _Lever:
    lever: str
    step: str
    raw: tuple[Mapping[str, Any], ...]
    changes: tuple[Change, ...]
    cost: float

    @property
    def text(self) -> str:
        """The `changes` of a file of changes, in one line of YAML."""
        said = yaml.safe_dump(
            [dict(raw) for raw in self.raw], default_flow_style=True, allow_unicode=True, width=10**9, sort_keys=False
        )
        return str(said).strip()

    @property
    def evidence(self) -> str:
        """Whether the log shows what it brings."""
        return "assumed" if any(change.assumed is not None for change in self.changes) else "measured"


def _plans(log: EventLog, costs: Mapping[str, float] | None) -> tuple[list[_Lever], list[Plan], Year, Twin]:
    """The standard levers of a log that its twin can do."""
    for name in costs or ():
        if name not in LEVERS:
            raise BadScenario.top(name, LEVERS)
    trusted(log)
    twin = learned(log)
    wanted, plans = [], []
    for name, step, raw in standard.levers(log, twin):
        try:
            change = reading.change(1, raw, log)
            made = plan(twin, Scenario((change,)), log)
        except BadScenario:
            continue
        wanted.append(_Lever(name, step, (raw,), (change,), float((costs or {}).get(name, np.nan))))
        plans.append(made)
    return wanted, plans, year(twin, None, scale(log, twin)), twin


def _together(several: Sequence[_Lever]) -> Scenario:
    return Scenario(tuple(change for each in several for change in each.changes))


def _sum(several: Sequence[_Lever]) -> _Lever:
    raw, changes = (tuple(x for each in several for x in getattr(each, name)) for name in ("raw", "changes"))
    return _Lever(several[-1].lever, several[-1].step, raw, changes, sum(each.cost for each in several))


def _table(wanted: Sequence[_Lever], found: Outcomes | None, level: float, *, order: bool = True) -> pd.DataFrame:
    rows = []
    if found is not None:
        names = [row[:2] for row in found.account.rows]
        days = names.index(("days_to_win", ""))
        cash = names.index(("cash_received", "")) if ("cash_received", "") in names else -1
        for each, changed in zip(wanted, found.changed, strict=True):
            money = spread(changed[:, cash] - found.today[:, cash], level) if cash >= 0 else (np.nan,) * 3
            gap = spread(changed[:, days] - found.today[:, days], level)
            rows.append((each.lever, each.step, each.text, *gap, "day", *money, each.cost, each.evidence))
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    if not order or not len(table):
        return table
    keys = table.assign(key=-table["money"] if table["money"].notna().any() else table["difference"])
    return table.loc[keys.sort_values(["key", "lever", "step", "change"]).index].reset_index(drop=True)
