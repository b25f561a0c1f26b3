"""How likely is each open deal to be won, and when?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from l2c import engine
from l2c.log import EventLog
from l2c.monitor.pipeline import tables
from l2c.monitor.pipeline import ways as told
from l2c.monitor.pipeline.blend import Blend, blended
from l2c.monitor.pipeline.lives import DEALS, Of, lives
from l2c.monitor.pipeline.ways import FEWEST_ENDED, FEWEST_OF_TABLE, LOGIT, STAGE, TWIN, Ways, as_known
from l2c.stats.rates import normal
from l2c.words.notes import Note

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
BLEND: Final = "blend"
TABLE: Final = "table"
NONE: Final = "none"
Used = Literal["blend", "table", "none"]
# Runs, draws of the twin among them, and paths at most.
DEAL_RUNS, TWIN_DRAWS, MOST_DEAL_RUNS = 120, 12, 1_500_000
# What is learnt of nothing: the table alone.
NOTHING = Blend(0.5, 0.0, 0.0, 0)
# Below this weight the table is what is used.
HARDLY = 0.02
CHANCE_LEVEL = 0.9


@dataclass(frozen=True, eq=False)
class Parts:
    """What each thing known of a deal adds to its log odds, against what is usual in its stage.

    Attributes
    ----------
    names
        What is known: `stage`, `in_stage_days`, `amount`, `region`, …; `seen: X` whether X has happened.
    value, error
        A row per deal and a column per name: log odds, and their standard errors (by deal).
    known
        By name, what is known of each deal: a number, or the label.
    """

    names: tuple[str, ...]
    value: Floats
    error: Floats
    known: dict[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class Chances:
    """The deals that are open at a moment, a place each.

    Attributes
    ----------
    case_key, stage, in_stage_days, age_days, amount
        Which deal, its stage (None where unknown), days of the calendar, and its amount then (NaN where unknown, or where there
        are several currencies).
    win, low, high
        Chance to be won in the end if all goes on as before, with its 90 % interval.
    table
        The same by the stage alone.
    won_after, over_after
        A row per run, a column per deal: days until it is won, and until it is closed at all; infinite where that never comes.
        The share of runs that are won is `win`.
    used
        Which way is trusted here: `blend`, `table`, or `none`; `note` says why.
    weight
        How far the chances leave the table: 0 where nothing else tells, 1 where the table adds nothing.
    parts
        What each thing known adds; None where the table alone is used.
    simulated
        `won_after` as the twin alone has it; None where it has none.
    """

    case_key: Ints
    stage: NDArray[Any]
    in_stage_days: Floats
    age_days: Floats
    amount: Floats
    win: Floats
    low: Floats
    high: Floats
    table: Floats
    won_after: Floats
    over_after: Floats
    used: Used
    note: Note | None
    weight: float = 0.0
    parts: Parts | None = None
    simulated: Floats | None = None

    def __len__(self) -> int:
        return len(self.case_key)


def chances(log: EventLog, *, until: datetime | None = None, of: Of = DEALS) -> Chances:
    """The chances of all deals that are open, or were at an earlier moment.

    Parameters
    ----------
    log
        Of a filtered one, the whole log counts: a filter changes no chance.
    until
        A moment (naive UTC): what happened later is not known, and nothing is learnt from it; the extraction unless given.
    of
        `deals` until they are won or lost, or `leads` until they are deals or given up.

    Notes
    -----
    The mean of a penalised logit on snapshots of the past (`logit.fitted`) and of the twin's simulation of each deal
    (`paths.simulated`), as far as it is decided at all, drawn towards the stage table (Aalen and Johansen, 1978) by the weight that would have been best at
    earlier moments of the same log (stacking; Breiman, 1996): where nothing predicts, the table is what is left.
    """
    moment = None if until is None or until >= log.extracted else until
    return log.base.memo(("chances", moment, of), lambda: _chances(log, moment, of))


def _chances(log: EventLog, until: datetime | None, of: Of) -> Chances:
    if until is not None and not told.begun(log, until):
        return _none(Note("chances_few", won=0, lost=0, n=FEWEST_OF_TABLE))
    found = asked(log, of) if until is None else _asked(log, until, of)
    now, amount = found.now, found.now.numbers.get("amount", np.full(len(found.now), np.nan))
    stage = np.array([*found.now.stages, None], object)[now.stage]
    place = found.keys, stage, now.numbers["in_stage_days"], now.numbers["age_days"], amount
    won, lost = found.ended
    if found.table is None:
        nothing, empty = np.full(len(now), np.nan), np.full((0, len(now)), np.inf)
        few = Note("chances_few", won=won, lost=lost, n=FEWEST_OF_TABLE)
        return Chances(*place, nothing, nothing, nothing, nothing, empty, empty, NONE, few)
    blend = blended(log, until, of) if LOGIT in found.share else NOTHING
    table = found.share[STAGE]
    if_decided = np.clip(blend.of(found.share), 1e-3, 1 - 1e-3)
    win = blend.chance(found)
    low, high = _interval(found, if_decided, blend)
    low, high = np.minimum(found.decided * low, win), np.maximum(_at_most(found.decided) * high, win)
    rng = np.random.default_rng([7, len(now)])
    hoped, over = _draws(found, rng)
    simulated = None if found.twin is None else hoped
    hoped, over = reweighted(hoped, over, win, rng)
    used: Used = BLEND if blend.weight > HARDLY else TABLE
    note: Note | None = None
    if LOGIT not in found.share:
        note = Note("chances_of_table_few", won=won, lost=lost, n=FEWEST_ENDED)
    elif used == TABLE:
        note = Note("chances_of_table", dates=blend.dates)
    elif not blend.dates:
        note = Note("chances_untested")
    parts = None if found.logit is None or used == TABLE else _parts(found)
    return Chances(*place, win, low, high, table, hoped, over, used, note, blend.weight, parts, simulated)


def asked(log: EventLog, of: Of = DEALS) -> Ways:
    """What was learnt from the log, and what each way says of all deals that are open today."""
    return log.base.memo(("asked", of), lambda: _asked(log, None, of))


def _asked(log: EventLog, until: datetime | None, of: Of) -> Ways:
    """What each way says of all deals open at a moment, also of those beyond the ones that were learnt from."""
    base = told.ground(log, of)
    known = as_known(log, until)
    every = lives(known, of)
    runs = int(np.clip(MOST_DEAL_RUNS // max(len(every.open_at(every.facts.until)), 1), 40, DEAL_RUNS))
    if base.n_cases == log.base.n_cases:
        return told.learnt(every, told.untold(log, of), runs=runs, draws=TWIN_DRAWS)
    taught = base.base.cases.select("case_key")
    keys = engine.collect(taught)["case_key"].to_numpy(np.int64)
    asked = every.facts.keys[every.open_at(every.facts.until)]
    both = lives(told.part(known, np.union1d(keys, asked)), of)
    only = np.flatnonzero(np.isin(both.facts.keys, keys))
    return told.learnt(both, told.untold(log, of), runs=runs, draws=TWIN_DRAWS, only=only)


def _at_most(decided: Floats) -> Floats:
    """How likely each deal is to be decided at all, at most: so many draws of the twin saw so many decided (Wilson, 1927)."""
    z2 = normal(CHANCE_LEVEL) ** 2 / TWIN_DRAWS
    top = (decided + z2 / 2 + np.sqrt(z2 * (decided * (1 - decided) + z2 / 4))) / (1 + z2)
    return np.where(decided < 1, np.minimum(top, 1.0), 1.0)


def _interval(found: Ways, win: Floats, blend: Blend) -> tuple[Floats, Floats]:
    """Between what the chance of each that is decided lies, on the scale of log odds.

    Notes
    -----
    Added up are the errors of the logit (by deal), the spread of the chance between draws of the twin, how far the two are
    apart, the error of the share won in the stage, and that of the weight.
    """
    share, table, weight, mix = found.share, found.share[STAGE], blend.weight, blend.mix
    won = np.bincount(np.maximum(found.rows.stage, -1) + 1, minlength=len(found.rows.stages) + 1)
    deals = (
        won[np.minimum(found.now.stage, len(found.rows.stages) - 1) + 1]
        * len(np.unique(found.rows.case))
        / max(len(found.rows), 1)
    )
    variance = (1 - weight) ** 2 * table * (1 - table) / (deals + tables.STRENGTH)
    if found.logit is not None:
        own = (found.logit.odds(found.now)[1] * share[LOGIT] * (1 - share[LOGIT])) ** 2
        if found.twin is not None:
            apart = mix * (1 - mix) * (share[LOGIT] - share[TWIN]) ** 2
            own = mix**2 * own + (1 - mix) ** 2 * found.twin.spread**2 + apart
        variance = variance + weight**2 * own + (min(blend.error, 0.5) * (blend.model(share) - table)) ** 2
    wide = normal(CHANCE_LEVEL) * np.sqrt(variance) / (win * (1 - win))
    odds = np.log(win / (1 - win))
    return 1 / (1 + np.exp(-(odds - wide))), 1 / (1 + np.exp(-(odds + wide)))


def _draws(found: Ways, rng: np.random.Generator) -> tuple[Floats, Floats]:
    if found.twin is not None:
        return found.twin.hoped, found.twin.over
    assert found.table is not None
    return found.table.draw(found.now.stage, rng, DEAL_RUNS)


def reweighted(hoped: Floats, over: Floats, win: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Draws whose mean share is the chance: as few of them as possible are changed, so that what happens together still does.

    A deal that is won instead is won after as many days as in another of its runs, or in a run of another deal.
    """
    hoped, over = hoped.copy(), over.copy()
    runs = len(hoped)
    if not hoped.size:
        return hoped, over
    good, bad = hoped[np.isfinite(hoped)], over[~np.isfinite(hoped) & np.isfinite(over)]
    for k in range(hoped.shape[1]):
        won = np.isfinite(hoped[:, k])
        more = int(np.floor(win[k] * runs + rng.random())) - int(won.sum())
        if not more:
            continue
        own, rest = hoped[won, k], over[~won, k]
        turned = rng.choice(np.flatnonzero(won if more < 0 else ~won), abs(more), replace=False)
        if more > 0:
            days = rng.choice(own if len(own) else good, more) if len(own) or len(good) else over[turned, k]
            hoped[turned, k] = over[turned, k] = days
        else:
            hoped[turned, k] = np.inf
            over[turned, k] = rng.choice(rest if len(rest) else bad, -more) if len(rest) or len(bad) else np.inf
    return hoped, over


def _parts(found: Ways) -> Parts:
    assert found.logit is not None
    names, value, error = found.logit.parts(found.now)
    now = found.now
    known: dict[str, NDArray[Any]] = {name: now.numbers[name] for name in names if name in now.numbers}
    for name in names:
        if name in now.labels:
            known[name] = np.array([*now.values[name], None], object)[now.labels[name]]
    known["stage"] = np.array([*now.stages, None], object)[now.stage]
    return Parts(names, value, error, known)


def _none(note: Note) -> Chances:
    none, empty = np.empty(0), np.empty((0, 0))
    who = np.empty(0, np.int64), np.empty(0, object)
    return Chances(*who, none, none, none, none, none, none, none, empty, empty, NONE, note)
