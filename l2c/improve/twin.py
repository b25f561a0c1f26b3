"""The process as a model that runs: learnt from the stays of a log, asked what would come."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from l2c.improve import staff
from l2c.improve import trees as growing
from l2c.improve import weighing as curves
from l2c.improve.exits import Hall, hall
from l2c.improve.leaves import Leaves
from l2c.improve.queues import Desk
from l2c.improve.stays import MOST_LEARNT, Stays, stays
from l2c.improve.trees import Trees
from l2c.log import EventLog

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Twin:
    """What was learnt of a log.

    Attributes
    ----------
    stays
        What it was learnt from.
    trees, leaves
        Which stays are alike, and how those end.
    leaf, order
        Leaf of each stay, and the stays by leaf and days.
    hall
        Desks whose queues are simulated; the stays before them do not end by their curves. None where there are none.
    """

    stays: Stays
    trees: Trees
    leaves: Leaves
    leaf: Ints
    order: curves.Order
    hall: Hall | None = None

    @property
    def activities(self) -> tuple[str, ...]:
        """The activities, in process order; numbers stand for their places."""
        return self.stays.activities

    @property
    def until(self) -> float:
        """End of watching, in days."""
        return self.stays.until


def learn(log: EventLog, *, until: datetime | None = None, most: int | None = MOST_LEARNT) -> Twin:
    """Learn how cases go on.

    Parameters
    ----------
    until
        What happened later is not known; the extraction unless given.
    most
        Cases at most, evenly taken; None takes all.
    """
    known = stays(log, until=until, most=most)
    whole = log if until is None else log.as_of(until)
    return fitted(known, staff.desks(whole, known), whole.n_cases / max(len(known.keys), 1))


def learned(log: EventLog, most: int | None = MOST_LEARNT) -> Twin:
    """The twin of a log as it stands, learnt when it is first asked for and kept with the log."""
    # However many are allowed, all of them are all of them.
    most = None if most is None or log.n_cases <= most else most
    return log.base.memo(("twin", most, *log.filters.items()), lambda: learn(log, most=most))


def fitted(known: Stays, desks: tuple[Desk, ...] = (), scale: float = 1.0) -> Twin:
    """Learn from stays: a semi-Markov model with censoring (see `trees.grow` and `weighing.weigh`), and who serves at desks.

    Parameters
    ----------
    scale
        How many cases each one stands for: a queue of some of them would be a shorter one.
    """
    trees, leaf = growing.grow(known)
    # An activity that no case of these has seen has a leaf too: a case under way may stand there.
    many = int(trees.leaf.max(initial=-1)) + 1
    served = hall(known, leaf, many, desks, scale) if desks else None
    order = curves.Order.of(known, leaf, many)
    return Twin(known, trees, curves.weighed(order, many), leaf, order, served)


def redrawn(twin: Twin, seed: int, *, trees: bool = False) -> Twin:
    """The same twin as other cases that might have come would have taught it.

    Parameters
    ----------
    trees
        Whether the trees are grown again too, and not only the curves of their leaves.

    Notes
    -----
    Bayesian bootstrap of the cases (Rubin, 1981): exponential weights, so that none is lost and no leaf becomes empty.
    """
    rng = np.random.default_rng([seed, 7])
    weight = rng.exponential(size=len(twin.stays.keys))
    served = None if twin.hall is None else replace(twin.hall, drawn=seed)
    if trees:
        # The search counts whole cases: each is drawn as often as its weight says.
        drawn = np.sort(rng.choice(len(weight), len(weight), p=weight / weight.sum()))
        scale = 1.0 if served is None else served.scale
        twin = fitted(twin.stays.drawn(drawn), () if served is None else served.desks, scale)
        return twin if twin.hall is None else replace(twin, hall=replace(twin.hall, drawn=seed))
    return replace(twin, hall=served, leaves=curves.weighed(twin.order, len(twin.leaves), weight))
