"""What do observations share, and how much less is known than if each stood for itself?

Deals of an account, of a rep or of a month go together. Whether a group differs is then a question to the accounts, reps
or months in it: its difference is compared with what those of one group differ by among themselves.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l2c.diagnose.causes.fits import Fit
from l2c.measures.facts import NEVER, Facts, Times

Floats = NDArray[Any]
Codes = NDArray[np.int64]

# Whoever is named by one of these is not asked about the other: a rep is no sample of reps.
HELD_IN_COMMON = ("account", "rep")
# Fewer observations than this (of a rate: that went the rarer way) are no period of their own.
FEWEST_IN_PERIOD = 12
# Groups of more values than this part of the clusters leave nothing to tell the spread among clusters from.
CROWDED = 0.25
# Spread between clusters with a p-value above this is taken for none: to allow for it everywhere hides true causes.
SPREAD = 0.03
LARGEST_TABLE = 1_000_000


@dataclass(frozen=True, eq=False)
class Shared:
    """What observations share: `by` which attribute (or month), the `code` of each, and the `count` of codes."""

    by: str
    code: Codes
    count: int

    def of(self, some: Codes | NDArray[np.bool_] | slice) -> Shared:
        """The same of some of the observations."""
        code = self.code[some]
        # Codes are places in a short list: counting them is faster than sorting.
        there = np.bincount(code) > 0
        return Shared(self.by, (np.cumsum(there) - 1)[code], int(there.sum()))


@dataclass(frozen=True, eq=False)
class Rows:
    """The observations behind cells: cell and value of each, and what they share."""

    cell: Codes
    value: Floats
    shared: tuple[Shared, ...] = ()
    layouts: dict[object, Layout] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, eq=False)
class Asked:
    """What a question is about: the cells of one `code` of an attribute or pair, whose place among all is `key`.

    `rows` are the codes of the observations, where cells tell no more than whether they are inside.
    """

    names: tuple[str, ...]
    codes: Codes
    code: int
    key: int
    rows: Codes | None = None

    @property
    def inside(self) -> Floats:
        """1 for its cells, else 0."""
        return (self.codes == self.code).astype(np.float64)


@dataclass(frozen=True)
class Between:
    """Variance between clusters of one kind beyond chance, and the variance of that estimate."""

    value: float
    error: float


def shared(facts: Facts, case: Codes) -> tuple[Shared, ...]:
    """What the observations of some cases share: account, rep, the case itself where it has several; month of opening."""
    found = []
    for name in HELD_IN_COMMON:
        if name in facts.log.attributes:
            code = facts.memo(("shared", name), lambda name=name: _codes(facts, name))[case]  # type: ignore[misc]
            found.append(Shared(name, code, len(facts)))
    if all(s.by != "account" for s in found):
        found.append(Shared("case", case, len(facts)))
    found.append(Shared("month", facts.memo(("shared", "month"), lambda: _months(facts))[case], 0))
    every = [s.of(slice(None)) for s in found]
    # Where nearly all stand alone, nothing is shared.
    return tuple(s for s in every if 2 < s.count < 0.9 * len(case))


def _codes(facts: Facts, name: str) -> Codes:
    """Codes of an attribute; a case without it stands for itself."""
    import pandas as pd

    code = pd.factorize(facts.attribute(name))[0].astype(np.int64)
    return np.where(code < 0, code.max() + 1 + np.arange(len(code)), code)


def _months(facts: Facts) -> Codes:
    """Month in which each case began, counted from the first."""
    started = facts.column("started")
    month = np.where(started == NEVER, 0, facts.clock.months(np.where(started == NEVER, 0, started)).astype(np.int64))
    return np.asarray(month - month.min(initial=0))


def periods(facts: Facts, begun: Times, value: Floats | None = None) -> Codes:
    """Days, or blocks of days in a row, in which the observations began: as short as they can be with enough in each.

    Parameters
    ----------
    value
        1 and 0 of a rate, of which each block should have enough of both.

    Notes
    -----
    When quarters end, when a campaign runs and when a slow month begins is for the data to say: within half months, a
    group that comes in the last two weeks of a quarter looks as slow as these are.
    """
    # Constants of many short blocks pull the effects of a rate away from zero (Neyman and Scott, 1948): twice as many there.
    share = 1.0 if value is None else float(np.minimum(value.mean(), 1 - value.mean())) / 2
    enough = FEWEST_IN_PERIOD / max(share, 1e-9)
    place = facts.clock.days(begun)
    place = place - place.min(initial=0)
    count = np.bincount(place)
    # Days that hold too few are put together moment by moment; of many cases, days are short enough.
    if len(place) < enough * int((count > 0).sum()):
        distinct, place = np.unique(facts.clock.local(begun), return_inverse=True)
        count = np.bincount(place, minlength=len(distinct))
    code, there, now, left = np.zeros(len(count), np.int64), 0, 0, len(place)
    for k, n in enumerate(count):
        if there >= enough and left >= enough:
            now, there = now + 1, 0
        code[k] = now
        there, left = there + int(n), left - int(n)
    return code[place]


@dataclass(frozen=True, eq=False)
class Layout:
    """How observations of some weight lie in clusters and groups: what a variance between clusters needs of it.

    Attributes
    ----------
    mass, of_group
        Weight of each cluster, and of each group.
    chance, spread
        What the squares of the clusters hold of the variance within them, and of that between them.
    """

    mass: Floats
    of_group: Floats
    chance: float
    spread: float

    @classmethod
    def of(cls, cluster: Shared, weight: Floats, group: Codes) -> Layout:
        """Count the weights; most clusters have to do with few of the groups."""
        from scipy.sparse import csr_array

        many, groups = cluster.count, int(group.max()) + 1
        of_group = np.bincount(group, weight, groups)
        # Small tables are counted; the rows of large ones are short, so that adding up what stands twice is no long sort.
        if many * groups <= 4 * len(group) + 1000:
            table = csr_array(np.bincount(cluster.code * groups + group, weight, many * groups).reshape(many, groups))
        else:
            table = csr_array((weight, (cluster.code, group)), shape=(many, groups))
        mass = np.bincount(cluster.code, weight, many)
        own = table.multiply(1 / np.sqrt(np.maximum(of_group, 1e-300))).tocsr()
        part = own.multiply((1 / np.maximum(mass, 1e-300))[:, None]).tocsr()
        chance = int((mass > 0).sum()) - float((own.data * part.data).sum())
        both = (part.T @ own).multiply(own.T @ own)
        spread = float(mass.sum()) - 2 * float((own.data**2).sum()) + float(both.sum())
        return cls(mass, of_group, chance, spread)


def between(
    cluster: Shared, left: Floats, weight: Floats, group: Codes, layout: Layout | None = None
) -> Between | None:
    """Variance between clusters within groups (Henderson, 1953, his third method), None where there are too few.

    Parameters
    ----------
    left, weight
        What a model leaves of each observation, and its weight: the variance of what is left, up to a factor.
    group
        Code of the group of each, whose means do not count as spread.
    layout
        How the weights lie, where that is known.
    """
    from scipy.special import fdtrc

    lay = layout or Layout.of(cluster, weight, group)
    if lay.chance < 1.5:
        return None
    level = np.bincount(group, left, len(lay.of_group)) / np.maximum(lay.of_group, 1e-300)
    rest = left - weight * level[group]
    there = lay.mass > 0
    of_cluster, mass = np.bincount(cluster.code, rest, cluster.count)[there], lay.mass[there]
    squares = float((of_cluster**2 / mass).sum())
    inside = max(len(left) - len(mass), 1)
    noise = (float((rest**2 / np.maximum(weight, 1e-300)).sum()) - squares) / inside
    if float(fdtrc(lay.chance, inside, squares / lay.chance / max(noise, 1e-300))) >= SPREAD:
        return Between(0.0, 0.0)
    value = max(0.0, (squares - noise * lay.chance) / max(lay.spread, 1e-300))
    each = mass * value + noise
    error = 2 * float((each**2).sum()) * (lay.chance / len(mass)) / max(lay.spread, 1e-300) ** 2
    return Between(value, error)


class Doubt:
    """The variance of estimates of one model, given what its observations share."""

    def __init__(self, rows: Rows, fit: Fit, before: dict[str, Fit] | None = None) -> None:
        """Take a model; and, by what is shared, one `before` those were taken out that differ most among themselves."""
        self.rows, self.fit, self.before = rows, fit, before or {}
        self.left, self.weight = self._of(fit)
        self.known: dict[object, Between | None] = {}

    def variance(self, direction: Floats, independent: float, asked: Asked) -> tuple[float, float]:
        """Variance of a sum of what is left, times `direction` of the cells; and its degrees of freedom.

        Parameters
        ----------
        independent
            Its variance if nothing were shared.

        Notes
        -----
        The variance between clusters is that within the values of the attribute, so that what is asked about does not
        count as spread (Moulton, 1986); degrees of freedom as Satterthwaite (1946). Accounts and reps are nested, and
        the larger counts; months go across them.
        """
        pull = direction[self.rows.cell] * self.weight
        alone = float(pull @ pull)
        nested, across = (0.0, 0.0), (0.0, 0.0)
        for place, cluster in enumerate(self.rows.shared):
            if cluster.by in asked.names and cluster.by != "account":
                continue
            more = float((np.bincount(cluster.code, pull, cluster.count) ** 2).sum()) - alone
            if more <= 0:
                continue
            found = self._between(place, cluster, asked)
            if found is None:
                return np.inf, 1.0
            added = more * found.value, more**2 * found.error
            if cluster.by == "month":
                across = added
            else:
                nested = max(nested, added)
        total = independent + nested[0] + across[0]
        doubtful = nested[1] + across[1]
        return total, 2 * total**2 / doubtful if doubtful else np.inf

    def _between(self, place: int, cluster: Shared, asked: Asked) -> Between | None:
        codes = asked.codes if asked.rows is None else asked.rows
        values = int(codes.max()) + 1
        whole = values <= CROWDED * cluster.count and values * cluster.count <= LARGEST_TABLE
        mine = (place, asked.key, None if whole else asked.code)
        if mine not in self.known:
            codes = codes if whole else (codes == asked.code).astype(np.int64)
            group = codes[self.rows.cell] if asked.rows is None else codes
            fit = self.before.get(cluster.by, self.fit)
            left, weight = (self.left, self.weight) if fit is self.fit else self._of(fit)
            layout = None
            if fit.alike:
                # Where each observation weighs one, only what is left of it changes from model to model.
                layout = self.rows.layouts.get(mine) or Layout.of(cluster, weight, group)
                self.rows.layouts[mine] = layout
            self.known[mine] = between(cluster, left, weight, group, layout)
        return self.known[mine]

    def _of(self, fit: Fit) -> tuple[Floats, Floats]:
        # What the constants of many short periods take up is missing from what is left.
        left = (self.rows.value - fit.mean[self.rows.cell]) * fit.freed**0.5
        return left, np.maximum(fit.each[self.rows.cell], 1e-9)
