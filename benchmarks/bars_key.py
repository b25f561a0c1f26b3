"""Is what the kit says of the demo company in its answer key, and does the interval hold the answer?"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd
from bars import Bar

from l2c.demo.world import World

CASES = 5000
# Steps in the order of the process, so that a step of the kit can lie within one of the key.
ORDER = (
    "Lead Created", "Lead Qualified", "Lead Converted", "Opportunity Created", "Solution Proposed", "Quote Created",
    "Discount Approval Requested", "Discount Approved", "Quote Sent", "Quote Revised", "Quote Accepted",
    "Contract Created", "Contract Approval Requested", "Contract Approved", "Contract Signed", "Closed Won",
    "Sales Order Created", "Order Corrected", "Order Fulfilled", "Invoice Created", "Invoice Sent", "Payment Received",
)  # fmt: skip
SMALL_SKILL = 0.1


class Company(NamedTuple):
    """What the kit names in a company, its answer key, the world behind it, and the reps whose skill differs."""

    found: list[dict]
    key: pd.DataFrame
    world: World
    sellers: frozenset[str]


@lru_cache(maxsize=2)
def company(seed: int) -> Company:
    """Let a company work, and ask the kit what is wrong with it."""
    from l2c import demo, diagnose
    from l2c.demo.truths import rep_skills, truths
    from l2c.demo.world import world

    found = diagnose.causes(demo(CASES, seed=seed), names=True)
    reps = rep_skills(CASES, seed)
    sellers = frozenset(reps["rep"][reps["skill"].abs() > SMALL_SKILL])
    return Company(found.to_dict("records"), truths(CASES, seed), world(CASES, seed), sellers)


def entries(row: dict, key: pd.DataFrame) -> pd.DataFrame:
    """The entries of the key that a finding is about: the same group, the same measure or a step that overlaps."""
    names = row["attribute"] if isinstance(row["attribute"], list) else [row["attribute"]]
    values = row["value"] if isinstance(row["value"], list) else [row["value"]]
    group = np.zeros(len(key), bool)
    for name, value in zip(names, values, strict=True):
        # Numbers are cut into bands by the kit.
        group |= ((key["attribute"] == name) & ((key["value"] == value) | (name == "discount"))).to_numpy()
    step = tuple(row["step"]) if row["step"] is not None else None
    places = zip(key["kpi"], key["from"], key["to"], strict=True)
    same = [k == row["kpi"] if step is None else _overlap(step, (a, b)) for k, a, b in places]
    return key[group & np.array(same)]


def _overlap(one: tuple[str, str], other: tuple[str, str]) -> bool:
    if not {*one, *other} <= set(ORDER):
        return False
    (a, b), (c, d) = ([ORDER.index(name) for name in step] for step in (one, other))
    return a < d and c < b


def _is_skill(row: dict, made: Company) -> bool:
    return row["kpi"] == "win_rate_incidence" and row["attribute"] == "rep" and row["value"] in made.sellers


def listed(seed: int) -> list[float]:
    """Whether each thing that the kit names has an entry."""
    made = company(seed)
    return [float(len(entries(row, made.key)) > 0 or _is_skill(row, made)) for row in made.found]


def covered(seed: int) -> list[float]:
    """Whether the interval holds the effect as known in the log, on one step or rate and one group."""
    made = company(seed)
    answers = ((row, answer(row, made)) for row in made.found if isinstance(row["attribute"], str))
    return [float(row["low"] <= truth <= row["high"]) for row, truth in answers if truth is not None]


def answer(row: dict, made: Company) -> float | None:
    """What really sets a group apart from those that the kit does not name beside it; None where the key cannot say."""
    own = entries(row, made.key)
    if row["step"] is not None:
        own = own[(own["from"] == row["step"][0]) & (own["to"] == row["step"][-1])]
    own = own[own["unit"] == row["unit"]]
    if not len(own) or row["attribute"] == "discount":
        return None
    from l2c.demo.background import DIFFERENCES, backgrounds
    from l2c.demo.levels import of_group
    from l2c.demo.planted import TRUTHS
    from l2c.demo.truths import in_log
    from l2c.demo.world import world

    asked = [truth for truth in (*TRUTHS, *backgrounds()) if truth.id in set(own["id"])]
    named = {
        r["value"]
        for r in made.found
        if r["attribute"] == row["attribute"] and (r["kpi"], r["step"]) == (row["kpi"], row["step"])
    }
    off = set()
    for truth in asked:
        table = next((t for t in DIFFERENCES if truth.id.startswith(f"{t.table}: ")), None)
        if table is None:
            off.add(truth.cause or truth.id)
            continue
        rest = tuple(k for k, label in enumerate(table.labels) if label not in named)
        if not rest:
            return None
        off.add(of_group(table.table, table.labels.index(truth.value), rest))
    value, known = asked[0].what(made.world)
    without, _ = asked[0].what(world(CASES, made.world.chance.seed, frozenset(off)))
    seen = asked[0].who(made.world) & ~np.isnan(value) & ~np.isnan(without) & in_log(known, made.world)
    return float((value - without)[seen].mean())


BARS = [
    Bar("demo company: what is named stands in the answer key", listed, 0.95, at_most=False, before=".40", worlds=20, tested=(7,)),
    Bar("demo company: the interval of what is named holds the answer", covered, 0.9, at_most=False, before=".80", worlds=20, tested=(7,)),
]  # fmt: skip
