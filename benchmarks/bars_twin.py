"""A twin of a process foretells what it has not seen, says how sure it is, and changes nothing that a change does not touch."""

from __future__ import annotations

import os
from functools import cache, lru_cache, partial
from pathlib import Path

import numpy as np
from bars import Bar
from twin_worlds import LAST, company

DAYS, CUT = 500.0, 400.0
DATA = Path(os.environ.get("L2C_DATA", ""))


@lru_cache(2)
def trial(seed: int, shape: str):
    """What a twin says, learnt on the first four fifths, of the cases of the last, which are followed to their very end."""
    from l2c.improve.stays import stays
    from l2c.improve.trial import tried

    log = company(seed, 5000, DAYS, shape).log(LAST)
    return tried(stays(log), CUT, DAYS, LAST, runs=20, seed=seed)


def cycle(seed: int, *, shape: str) -> float:
    """Distance of the times to the last event, times the distance of halves of what came."""
    from l2c.improve.trial import distances

    found = distances(trial(seed, shape), seed)["cycle"]
    return found.simulated / found.floor


def again(seed: int, *, shape: str) -> float:
    """The same for past cases drawn again."""
    from l2c.improve.trial import distances

    found = distances(trial(seed, shape), seed)["cycle"]
    return found.drawn_again / found.floor


def grams(seed: int, *, shape: str) -> float:
    """Part of three activities in a row that differ."""
    from l2c.improve.trial import distances

    return distances(trial(seed, shape), seed)["grams"].simulated


def missed(seed: int, *, shape: str) -> list[float]:
    """By how much each key figure misses what came."""
    return [error for error in _figures(seed, shape)["error"] if np.isfinite(error)]


def covered(seed: int, *, shape: str) -> list[float]:
    """Whether the range of each key figure holds what came."""
    rows = _figures(seed, shape)
    rows = rows[rows["verdict"].notna()]
    return ((rows["low"] <= rows["real"]) & (rows["real"] <= rows["high"])).astype(float).tolist()


def _figures(seed: int, shape: str):
    from l2c.improve.backtest import table

    found = table(trial(seed, shape))
    return found[found["statistic"] != "distance"]


def untouched(seed: int) -> float:
    """Events that differ under a change that touches nothing."""
    from l2c.improve.run import Changes, run
    from l2c.improve.starts import observed
    from l2c.improve.stays import stays
    from l2c.improve.twin import fitted

    twin = fitted(stays(company(seed, 1500, DAYS).log(DAYS)))
    starts = observed(twin.stays)
    none = np.zeros(len(starts), bool)
    idle = Changes(
        attributes=lambda cases, activity, values: values,
        wait=lambda a, b, days, cases: days,
        route=lambda cases, a, b: b,
        skip=dict.fromkeys(range(len(twin.activities)), none),
        beside=[(8, 10, none)],
    )
    one, other = (run(twin, starts, seed=seed, horizon=DAYS, changes=change) for change in (None, idle))
    return float(len(one) != len(other) or (one.activity != other.activity).any() or (one.time != other.time).any())


def _bar(what: str, one, bar: float, shape: str, tested: tuple[int, ...] = (1,), **more) -> Bar:
    return Bar(f"twin: {shape} waits, {what}", partial(one, shape=shape), bar, worlds=60, tested=tested, **more)


BARS = [
    bar
    for shape in ("lognormal", "gamma", "weibull", "heavy")
    for bar in (
        _bar("cycle distance over that of halves", cycle, 1.2, shape),
        _bar("three activities in a row", grams, 0.035, shape),
        _bar("nine key figures, mean error", missed, 0.06, shape, (4, 17)),
        _bar("nine key figures, 90 % ranges cover", covered, 0.85, shape, (1, 11), at_most=False),
    )
]
BARS += [
    Bar("twin: a change that touches nothing changes so many runs", untouched, 0.0, worlds=20),
    _bar("cycle distance of past cases drawn again, shown beside", again, np.inf, "lognormal"),
    _bar("cycle distance of past cases drawn again, shown beside", again, np.inf, "heavy"),
]


def work_items(seed: int, *, measure: str) -> float | None:
    """The last fifth of BPIC 2012, work items alone; both sides watched to the day of the extract."""
    from l2c.improve.stays import stays
    from l2c.improve.trial import distances, tried

    if (log := _bpic()) is None:
        return None
    known = stays(log)
    begun = known.time[known.head]
    found = tried(known, float(np.quantile(begun, 0.8)), np.inf, known.until, runs=10, seed=seed)
    return distances(found, seed)[measure].simulated


@cache
def _bpic():
    """The work items of the log, where it is at hand."""
    import l2c
    from l2c import engine
    from l2c.log import build

    path = DATA / "event_logs" / "bpic2012.xes.gz"
    if not path.is_file():
        return None
    log = l2c.read(path)
    rows = engine.collect(log.events.select("case_id", "activity", "time"))
    known = engine.collect(log.cases.select("case_id", "AMOUNT_REQ")).astype({"AMOUNT_REQ": float})
    return build(rows[rows["activity"].str.startswith("W_")].merge(known, on="case_id"))


if DATA.name:
    BARS += [
        Bar("twin: BPIC 2012 work items, last fifth, three activities in a row", partial(work_items, measure="grams"), 0.08,
            before=".35 (ProSiT), .79 (Simod)", worlds=5),
        Bar("twin: BPIC 2012 work items, last fifth, cycle distance in hours", partial(work_items, measure="cycle"), 15,
            before="32 (ProSiT), 192 (Simod)", worlds=5),
    ]  # fmt: skip
