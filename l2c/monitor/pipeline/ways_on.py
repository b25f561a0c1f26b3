"""How likely does a lead become a deal, after its last event and the days since then?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from l2c.measures.facts import DAY, NEVER
from l2c.monitor.pipeline.lives import HOPED, Lives
from l2c.stats import SMALLEST_SAMPLE
from l2c.stats.competing import weights
from l2c.stats.rates import rate

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
RANGE = 0.9


def ways_on(of: Lives, last: NDArray[np.object_], waited: Floats) -> tuple[Floats, Floats, Floats]:
    """The chance of leads to become deals, with its 90 % interval; NaN where fewer than 20 ever came to the event.

    Parameters
    ----------
    last, waited
        The last event of each, and days since then.

    Notes
    -----
    After each event a lead goes on to the next, becomes a deal, is given up, or stays where it is for ever, as most that nobody turns
    to do: the curves (Aalen and Johansen, 1978) of all of them, as far as they have been watched, are put one after another (a
    semi-Markov chain). Of those that have waited for so long, only what came later counts. Where fewer than 20 have waited for as long,
    the chance is that of the longest wait that 20 have.
    """
    names, days, code, step = _stays(of)
    places = len(names)
    share, low, high = np.full((3, len(last)), np.nan)
    if not len(code):
        return share, low, high
    order = np.lexsort((step < 0, days, code))
    steps = places * (places + 2)
    held = weights(code[order], np.where(step < 0, -1, code * (places + 2) + step)[order], days[order], places, steps)
    here, there = np.divmod(held.step, places + 2)
    mass = np.bincount(held.step, held.weight, steps).reshape(places, places + 2)
    # What never goes round for ever has one solution; a little less than all goes round, so that there always is one.
    chance = np.linalg.solve(np.eye(places) - mass[:, :places] * (1 - 1e-9), mass[:, places])
    worth = np.append(chance, [1.0, 0.0])[there]
    for place, name in enumerate(names):
        own, asked = here == place, np.flatnonzero(last == name)
        longest = np.sort(days[code == place])
        if len(longest) < SMALLEST_SAMPLE or not len(asked):
            continue
        wait = np.minimum(waited[asked], longest[-SMALLEST_SAMPLE])
        turn = np.argsort(held.days[own], kind="stable")
        when, part = held.days[own][turn], held.weight[own][turn]
        gone = np.concatenate([[0.0], np.cumsum(part)])[np.searchsorted(when, wait, "right")]
        got = np.concatenate([[0.0], np.cumsum(part * worth[own][turn])])
        with np.errstate(divide="ignore", invalid="ignore"):
            share[asked] = np.clip((got[-1] - got[np.searchsorted(when, wait, "right")]) / (1 - gone), 0.0, 1.0)
        many = len(longest) - np.searchsorted(longest, wait, "left")
        for row, n in zip(asked, many, strict=True):
            _, low[row], high[row] = rate(share[row] * n, float(n), RANGE)
    return share, low, high


def _stays(of: Lives) -> tuple[list[str], Floats, Ints, Ints]:
    """The events of the leads: their names; days from each event to the next; its place among the names; and what came next.

    What came next is a place, the first number behind the places for a deal, the second for a lead that was given up, -1 for nothing.
    """
    rows = of.stays
    names = sorted(set(map(str, rows["stage"])))
    code = np.searchsorted(names, rows["stage"].astype(str)).astype(np.int64) if names else np.empty(0, np.int64)
    case, start, end = (rows[name].to_numpy(np.int64) for name in ("case", "start", "end"))
    more = np.append(case[1:] == case[:-1], False) if len(case) else np.empty(0, bool)
    ends = np.where(of.how[case] == HOPED, len(names), len(names) + 1)
    step = np.where(more, np.roll(code, -1), np.where(end == NEVER, -1, ends))
    days = (np.where(end == NEVER, of.facts.until, end) - start) / DAY
    return names, np.asarray(days), code, step
