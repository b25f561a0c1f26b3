"""What lists of open deals and leads promise: no reason drawn from noise, those that are there found, chances of leads that come true."""

from __future__ import annotations

import sys
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from bars import Bar

sys.path.append(str(Path(__file__).parent))
import worlds

CASES = 2500
# Leads are asked about so many days before the end.
BEFORE = 90


def log_of(seed: int, faults: int) -> tuple[Any, Any]:
    """A company, as a world and as a log."""
    from l2c.log import build

    made = worlds.world(seed, CASES, faults=faults, shape=worlds.SHAPES[seed % 3])
    return made, build(made.events, extracted=made.extracted)


@lru_cache(4)
def reasons_of(seed: int, faults: int) -> tuple[Any, dict[str, float]]:
    """A company, and by name what is a reason there for any open deal: how many points it moves a chance of a half at most."""
    from l2c.monitor.pipeline import reasons
    from l2c.monitor.pipeline.lives import lives
    from l2c.monitor.pipeline.snapshots import moments, taken

    made, log = log_of(seed, faults)
    of = lives(log)
    past, now = taken(of, moments(of)), taken(of, [of.facts.until])
    parts = dict(reasons.beyond_chance(past, now, past.case))
    points = {name: float(np.max(1 / (1 + np.exp(-np.abs(part))) - 0.5, initial=0.0)) for name, part in parts.items()}
    return made, {name: most for name, most in points.items() if most >= reasons.LEAST_POINTS}


def invented(seed: int) -> float:
    """Whether any region, product, segment, source or industry is a reason where none matters."""
    return float(bool(set(reasons_of(seed, 0)[1]) & set(worlds.ATTRIBUTES)))


def unplanted(seed: int) -> list[float]:
    """Of the attributes that are reasons where some lower the chance, those that do not."""
    made, found = reasons_of(seed, 5)
    return [float(name not in _planted(made)) for name in sorted(set(found) & set(worlds.ATTRIBUTES))]


def missed(seed: int) -> list[float]:
    """Of the attributes that lower the chance, those of people aside, those that are no reason."""
    made, found = reasons_of(seed, 5)
    return [float(name not in found) for name in sorted(_planted(made) - {"rep"})]


def _planted(made: Any) -> set[str]:
    return {name for fault in made.truth if fault["kind"] == "win" for name, _ in fault["where"]}


@lru_cache(4)
def _leads(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """What was said of the leads open on an earlier day, and whether each became a deal."""
    import pandas as pd

    from l2c import monitor
    from l2c.diagnose.rules.compliance import case_ids
    from l2c.measures.facts import NEVER, Facts

    made, log = log_of(seed, 0)
    table = monitor.open_leads(log.as_of(str((made.extracted - pd.Timedelta(days=BEFORE)).date())))
    became = pd.Series(Facts.of(log).first("Opportunity Created") != NEVER, case_ids(log))
    return table["deal_share"].to_numpy(), became.reindex(table["case_id"]).to_numpy(float)


def leads(seed: int, what: str) -> float:
    """Of leads: how far the mean chance is from what came, or the Brier score against that of one chance for all."""
    said, came = _leads(seed)
    if what == "bias":
        return float(said.mean() - came.mean())
    return float(((said - came) ** 2).mean() / came.var() - 1)


BARS = [
    Bar("nothing but amount and time matters: open deals with an attribute as a reason", invented, 0.05, before="–"),
    Bar("attributes given as reasons that do not matter", unplanted, 0.05, before="–"),
    Bar("attributes that lower the chance and are no reason", missed, 0.1, before="–"),
    Bar("leads: mean chance less what came", partial(leads, what="bias"), -0.02, also=0.02, worlds=200),
    Bar("leads: Brier score against one chance for all", partial(leads, what="brier"), -0.3, worlds=100),
]
