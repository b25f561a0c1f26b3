"""What findings promise: what never ends is named, and money is that of the group's own deals."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from bars import Bar

sys.path.append(str(Path(__file__).parent))
import worlds
from worlds import STEPS, Cause, World, mask, world

PLACES = (*tuple(end for _, end, _ in STEPS[1:7]), "Closed Won", "Sales Order Created")


def standing(seed: int, cases: int = 2500, share: float = 0.3) -> tuple[World, str, str]:
    """A company without faults, except that a share of the cases of one region stand still for good after some step."""
    made, rng = world(seed, cases, faults=0), np.random.default_rng([seed, 7])
    region, place = f"Reg{int(rng.integers(5)):02d}", str(rng.choice(PLACES))
    rows = made.events
    since = rows[rows["activity"] == place].groupby("case_id")["time"].first()
    of = rows.drop_duplicates("case_id").set_index("case_id")["region"]
    some = [case for case in since.index if of[case] == region and rng.random() < share]
    after = rows["time"] > rows["case_id"].map(since[some])
    return World(rows[~after].reset_index(drop=True), [], made.extracted, {}, made.median_cycle), region, place


def _causes(made: World) -> pd.DataFrame:
    from l2c import diagnose
    from l2c.log import build

    return diagnose.causes(build(made.events, extracted=made.extracted), "stuck", names=True)


def stuck_found(seed: int) -> float:
    """Whether the region in which cases stand still is named, at the step where they do."""
    made, region, place = standing(seed)
    found = _causes(made)
    return float(any((row["value"], row["step"][0]) == (region, place) for row in found.to_dict("records")))


def stuck_false(seed: int) -> float:
    """Whether anything is said to stand still where nothing is planted."""
    return float(len(_causes(world(seed, 2500, faults=0))) > 0)


def money(seed: int) -> float | None:
    """Money of a finding over its truth, for a region of deals that are small, or large, beside all others."""
    from l2c.diagnose.causes import searched
    from l2c.diagnose.findings import Worth
    from l2c.log import build
    from l2c.measures.facts import Facts

    rng, cases = np.random.default_rng([seed, 11]), 2500
    people = worlds._people(rng, cases)
    region = f"Reg{int(rng.integers(5)):02d}"
    kind, step = ("slow", 5) if seed % 2 else ("win", 0)
    planted, size = Cause(kind, step, (("region", region),), 2.2), 10.0 if seed // 2 % 2 else 0.1
    draws = {name: rng.random((cases, 20)) for name in ("noise", "luck")}
    age = np.sort(worlds.DAYS * rng.power(1.6, cases))
    # Amounts decide nothing here: they only say what a day and a deal are worth.
    alike = people.assign(amount=np.exp(10.0))
    real, without = (worlds._run(alike, draws, age, some, "lognormal") for some in ([planted], []))
    struck = mask(people, planted.where)
    people["amount"] = (people["amount"] * np.where(struck, size, 1.0)).round()
    seen = struck & (real["t"][:, 6 if kind == "slow" else 5] <= worlds.DAYS - 30 * (kind == "win")) & real["converts"]
    lost = without["won"].astype(float) - real["won"]
    each = (real["took"] - without["took"])[:, step] * 0.08 / 365 if kind == "slow" else lost
    truth = float((people["amount"] * each)[seen & (real["won"] | (kind == "win"))].sum())
    log = build(worlds._recorded(real, people), extracted=worlds.START + timedelta(days=worlds.DAYS))
    found, _ = searched(log, "step_days" if kind == "slow" else "win_rate_incidence", None, 0.95)
    worth = Worth(Facts.of(log), 0.08, 0.95)
    hits = [f for f in found if f.value == (region,) and f.worse and (f.step in (None, STEPS[step][:2]))]
    return worth.stake(hits[0])["money"] / truth if hits else None


BARS = [
    Bar("a region in which 3 in 10 stand still for good: named", stuck_found, 0.95, at_most=False, before="0"),
    Bar("nothing stands still: anything named", stuck_false, 0.02, before="–", worlds=200),
    Bar(
        "money of a finding over its truth, small and large deals",
        money,
        0.8,
        also=1.25,
        before="27",
        worlds=200,
        tested=(1, 2, 3, 4),
    ),
]
