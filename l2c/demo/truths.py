"""What is true of the demo company, and by how much? What is planted, and all that merely differs, each measured."""

from __future__ import annotations

import numpy as np
import pandas as pd

from l2c.demo import business as b
from l2c.demo.background import backgrounds
from l2c.demo.calendar import UTC_OFFSET, day
from l2c.demo.chance import Flags, Floats
from l2c.demo.leads import LAST
from l2c.demo.planted import TRUTHS, Truth
from l2c.demo.sales import skills
from l2c.demo.world import World, world

COLUMNS = (
    "id",
    "problem",
    "kind",
    "attribute",
    "value",
    "from",
    "to",
    "kpi",
    "unit",
    "effect",
    "naive",
    "cases",
    "total",
    "effect_in_log",
    "cases_in_log",
    "total_in_log",
    "en",
    "ja",
)


def truths(number: int, seed: int) -> pd.DataFrame:
    """Measure every truth by comparing each case with itself in a world without the cause.

    Returns
    -------
    One row per truth, what is planted first: `id, problem, kind, attribute, value, from, to`; `kpi` (the measure or rule
    by which the kit tells it), `unit`; `effect` (mean change per case struck; in days, as a fraction or a count);
    `naive` (how much the cases struck differ from the others, which is what a glance at the averages shows); `cases`
    struck if one waits long enough, `total` (sum of the changes over them); `effect_in_log, cases_in_log,
    total_in_log`: the same of those known on the day of the export; `en`, `ja` (what is true, in words).

    Notes
    -----
    For the discount, `effect` and `naive` are changes of the chance to win per percentage point of discount. What is
    `background` was always so: its effect is that against the mean of the groups that no fault strikes. Not listed: what
    the holidays of the regions, the hour of the day and the skills of the reps do; for these see `rep_skills`.
    """
    real = world(number, seed)
    rows = [(*_facts(truth), *_measured(truth, real), truth.en, truth.ja) for truth in (*TRUTHS, *backgrounds())]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def rep_skills(number: int, seed: int) -> pd.DataFrame:
    """Return how well each rep really sells.

    Returns
    -------
    One row per rep, best first: `rep`, `skill` (shift of the logit of winning), `deals`, `win_rate` (of the deals they
    really have), `expected` (of the same deals sold by someone of skill 0).
    """
    real = world(number, seed)
    skill = skills(real.chance, frozenset())
    odds = np.log(real.sales.chance_to_win / (1 - real.sales.chance_to_win)) - skill[real.cases.rep]
    deals = pd.DataFrame({"code": real.cases.rep, "won": real.sales.wins, "expected": 1 / (1 + np.exp(-odds))})
    table = deals[~np.isnan(real.cases.opened)].groupby("code").agg(
        deals=("won", "size"), win_rate=("won", "mean"), expected=("expected", "mean")
    )  # fmt: skip
    table.insert(0, "skill", skill[table.index])
    table.insert(0, "rep", [b.REPS[i].name for i in table.index])
    return table.sort_values(["skill", "rep"], ascending=[False, True], ignore_index=True)


def _facts(truth: Truth) -> tuple[str | int, ...]:
    return (
        truth.id, truth.problem, truth.kind, truth.attribute, truth.value, truth.start, truth.end, truth.kpi, truth.unit,
    )  # fmt: skip


def _measured(truth: Truth, real: World) -> tuple[float, float, int, float, float, int, float]:
    """Effect, naive difference, cases and total if one waits; effect, cases and total in the log."""
    value, known = truth.what(real)
    struck, there = truth.who(real), ~np.isnan(value)
    recorded = in_log(known, real)
    cases, logged = int((struck & there).sum()), int((struck & there & recorded).sum())
    if truth.kind == "discount":
        return 0.0, _slope(real.sales.discount[there] * 100, value[there]), cases, 0.0, 0.0, logged, 0.0
    cause = truth.cause or truth.id
    without, _ = truth.what(world(real.chance.cases, real.chance.seed, frozenset({cause})))
    both = struck & there & ~np.isnan(without)
    change, seen = (value - without)[both], (value - without)[both & recorded]
    naive = _mean(value[struck & there]) - _mean(value[~struck & there])
    return _mean(change), naive, cases, float(change.sum()), _mean(seen), logged, float(seen.sum())


def in_log(known: Floats, real: World) -> Flags:
    """Whether what was known at a local time is in the export."""
    return np.asarray(known - UTC_OFFSET[real.cases.region] / 24 < day(LAST))


def _mean(values: Floats) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _slope(x: Floats, y: Floats) -> float:
    """Least-squares slope of y on x."""
    spread = float(((x - x.mean()) ** 2).sum()) if len(x) else 0.0
    return float(((x - x.mean()) * (y - y.mean())).sum() / spread) if spread else float("nan")
