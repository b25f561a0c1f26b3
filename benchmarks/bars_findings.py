"""What findings promise: what never ends is named, and money is that of the group's own deals."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from bars import Bar

sys.path.append(str(Path(__file__).parent))
from worlds import STEPS, Cause, World, mask, world

PLACES = tuple(end for _, end, _ in STEPS[1:7]) + ("Closed Won", "Sales Order Created")


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
