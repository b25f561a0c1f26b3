"""Which mix of the ways would have been best at earlier dates? Where nothing foretold better, the stage table is what is left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from l2c.log import EventLog
from l2c.monitor.pipeline import tables
from l2c.monitor.pipeline import ways as told
from l2c.monitor.pipeline.lives import HOPED, OPEN, Lives, Of, lives
from l2c.monitor.pipeline.ways import LOGIT, STAGE, TWIN, Ways

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
# Runs and draws of the twin at earlier moments, at which only the mean counts.
RUNS_THEN, DRAWS_THEN = 60, 4
# Earlier moments, and how many deals must have ended since one of them.
EARLIER_DATES, FEWEST_SINCE = 4, 20
# Without any, half of the way from the table is gone.
HALF_WAY = 0.5
# Before anything is seen, the logit and the simulation count alike, give or take so much.
ALIKE, GIVE_OR_TAKE = 0.5, 0.35


@dataclass(frozen=True)
class Blend:
    """What is shown: `weight` of (`mix` of the logit and the rest of the simulation), and the rest of the stage table.

    `error` is the standard error of the weight, `dates` the number of earlier moments at which it was learnt.
    """

    mix: float
    weight: float
    error: float
    dates: int

    def model(self, share: dict[str, Floats]) -> Floats:
        """The chances of the logit and the simulation together; those of the table where neither was learnt."""
        if LOGIT not in share:
            return share[STAGE]
        return self.mix * share[LOGIT] + (1 - self.mix) * share.get(TWIN, share[LOGIT])

    def of(self, share: dict[str, Floats]) -> Floats:
        """The chances that are shown, of deals that are decided at all."""
        return self.weight * self.model(share) + (1 - self.weight) * share[STAGE]

    def chance(self, found: Ways) -> Floats:
        """The chances that are shown, by how likely each is decided at all; never quite sure either way."""
        return np.clip(found.decided * self.of(found.share), 1e-3, 1 - 1e-3)


class Seen(NamedTuple):
    """The deals of one earlier moment: who, what each counts for, what came, and what was said."""

    key: Ints
    weight: Floats
    hit: Floats
    share: dict[str, Floats]

    def without(self, keys: Ints) -> Seen:
        """The same without some deals."""
        kept = ~np.isin(self.key, keys)
        share = {way: each[kept] for way, each in self.share.items()}
        return Seen(self.key[kept], self.weight[kept], self.hit[kept], share)


def blended(log: EventLog, until: datetime | None, of: Of) -> Blend:
    """The mix that would have been best at earlier moments, by what is known at a moment."""
    return weighed(list(seen(log, until, of).values()))


def seen(log: EventLog, until: datetime | None, of: Of) -> dict[datetime, Seen]:
    """What was said at earlier moments and what came, by what is known at a moment; without those that tell too little."""
    today = lives(told.as_known(told.ground(log, of), until), of)
    every = {
        moment: _seen(told.ways(log, moment, of, runs=RUNS_THEN, draws=DRAWS_THEN), today)
        for moment in told.earlier(today, EARLIER_DATES)
    }
    return {moment: each for moment, each in every.items() if each is not None}


def weighed(seen: list[Seen]) -> Blend:
    """The mix that would have been best.

    Notes
    -----
    Stacking (Breiman, 1996) in closed form: the weights that make the squared error smallest over the deals open at earlier moments;
    those that are still open count through those that ended. First how far the logit is to be trusted more than the
    simulation, drawn towards half of each; then how far both together are from the table, between 0 and 1, and the smaller the
    less that is known of it (James and Stein, 1961, the positive part).
    """
    if not seen:
        return Blend(ALIKE, HALF_WAY, HALF_WAY, 0)
    key, weight, hit = (np.concatenate([getattr(each, name) for each in seen]) for name in ("key", "weight", "hit"))
    table = np.concatenate([each.share[STAGE] for each in seen])
    mix = ALIKE
    if all(TWIN in each.share for each in seen):
        logit, twin = (np.concatenate([each.share[way] for each in seen]) for way in (LOGIT, TWIN))
        apart, gap = logit - twin, hit - twin
        noise = float(np.average((hit - (logit + twin) / 2) ** 2, weights=weight)) / GIVE_OR_TAKE**2
        best = float((weight * gap * apart).sum() + noise * ALIKE) / (float((weight * apart**2).sum()) + noise)
        mix = float(np.clip(best, 0.0, 1.0))
    model = np.concatenate([Blend(mix, 1.0, 0.0, 0).model(each.share) for each in seen])
    far, gap = model - table, hit - table
    square = float((weight * far**2).sum())
    if square <= 0:
        return Blend(mix, 0.0, 0.0, len(seen))
    found = float((weight * gap * far).sum()) / square
    # A deal that is open at several moments is one deal.
    _, deal = np.unique(key, return_inverse=True)
    error = float(np.sqrt((np.bincount(deal, weight * far * (gap - found * far)) ** 2).sum())) / square
    # Where the ways hardly differ any weight fits, and none is known.
    sure = (1 - (error / found) ** 2) / (1 + error**2) if found > error else 0.0
    return Blend(mix, float(np.clip(found, 0.0, 1.0)) * max(sure, 0.0), error, len(seen))


def _seen(then: Ways, today: Lives) -> Seen | None:
    """What came of the deals open at an earlier moment; None where too little was learnt by then or has come since."""
    if LOGIT not in then.share:
        return None
    kept, rows = told.came(then, today)
    if (rows.how != OPEN).sum() < FEWEST_SINCE:
        return None
    share = {way: then.share[way][kept] for way in (STAGE, LOGIT, TWIN) if way in then.share}
    return Seen(then.keys[kept], tables.ipcw(rows), (rows.how == HOPED).astype(np.float64), share)
