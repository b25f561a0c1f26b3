"""Which groups differ, once all others that differ are taken into account? A search that seldom names the innocent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l2c.diagnose.causes.attributes import Attribute
from l2c.diagnose.causes.cells import Cells, Group, adjusters, pairs, singles
from l2c.diagnose.causes.fits import Fit, Sums, linear, logistic
from l2c.diagnose.causes.together import Asked, Doubt, Rows
from l2c.stats import SMALLEST_SAMPLE

Floats = NDArray[Any]
Member = tuple[int, int]

# How much of the error allowed goes to single values; the rest to pairs, of which there are many more.
SINGLES = 0.8
# And how much to what is worse than the rest; what is better is seldom what one looks for.
WORSE = 0.8
MOST_CHOSEN = 10
# An adjuster with a p-value below this stays in the model.
HINT = 0.1
# A worse group is named rather than a better one of the same attribute, unless its z is much smaller.
RATHER = 0.75
# Below so many expected (or missing) events, the normal approximation is checked against the exact tail.
RARE = 30
# Codes times periods that are counted as they are; of more, only those that there are.
LARGEST_COUNT = 500_000


@dataclass(eq=False)
class Search:
    """The search for the groups that differ in one KPI.

    Attributes
    ----------
    rows
        The observations behind the sums, and what they share.
    period
        Period of each cell.
    skew
        Skewness of single values around the model; 0 for yes and no.
    chosen
        The groups found, as (place of the group, code).
    """

    cells: Cells
    sums: Sums
    rows: Rows
    period: NDArray[np.int64]
    is_days: bool
    more_is_worse: bool = True
    skew: float = 0.0
    chosen: list[Member] = field(default_factory=list)

    def __post_init__(self) -> None:
        # Both kinds stand in one list, so that a place names a group.
        one, two = singles(self.cells), pairs(self.cells)
        self.groups = [*one, *two]
        self.n_singles = len(one)
        self.members = [np.bincount(g.codes, self.sums.count, g.size) for g in self.groups]
        self.total = float(self.sums.count.sum())
        self.candidates = [self._candidates(k) for k in range(len(self.groups))]
        self.counts = [sum(int(c.sum()) for c in part) for part in self._halves(self.candidates)]
        self.held: dict[int, tuple[Floats, Floats]] = {}
        self.forced = self._adjusted()
        self._take([])

    @property
    def adjusting(self) -> list[Attribute]:
        """The adjusters of the model."""
        return [self.blocks[k] for k in self.kept]

    @property
    def adjusted(self) -> set[str]:
        """Attributes in the model that was found."""
        names = {name for place, _ in self.chosen for name in self.groups[place].names}
        return names | {attribute.name for attribute in self.adjusting}

    @property
    def tried(self) -> int:
        """Number of candidates."""
        return sum(self.counts)

    def least(self, enough: float) -> float:
        """Smallest p-value of all candidates, times their number, before anything is chosen; 1 if not below `enough`."""
        best = 1.0
        for least, member in self._sorted(range(len(self.groups)), enough):
            if least >= best:
                break
            best = min(best, self._sure(member))
        return best

    def run(self, level: float) -> None:
        """Take in the strongest candidate, drop those that it explains, and so on, each at the level."""
        for _ in range(MOST_CHOSEN):
            member = self._next(level)
            if member is None:
                break
            self._take([*self.chosen, member])
            self._drop(level, member)
        self._turn(level)

    def _next(self, level: float) -> Member | None:
        """The strongest single value, unless a pair that it is part of is stronger; then the strongest pair."""
        many = range(self.n_singles, len(self.groups))
        member = self._best(range(self.n_singles), level)
        if member is None:
            return self._best(many, level)
        name = self.groups[member[0]].names[0]
        pair = self._best([k for k in many if name in self.groups[k].names], level)
        return pair if pair is not None and self._alike(pair) < self._alike(member) else member

    def indicator(self, member: Member) -> Floats:
        """1 for the cells of a group, else 0."""
        return (self.groups[member[0]].codes == member[1]).astype(np.float64)

    def akin(self, one: int, other: int) -> bool:
        """Whether two chosen groups are values of the same attributes."""
        first, second = (self.groups[self.chosen[place][0]].names for place in (one, other))
        return first == second

    def alone(self, place: int) -> float:
        """P-value of a chosen group given all other chosen ones, times the number of candidates.

        By Wald's test; where nothing, or everything, of a group or of all in no group happened, and that fails, by the
        score test of the model without the group.
        """
        member, whole = self.chosen[place], self.fit
        rest = 1 - np.max([self.indicator(each) for each in self.chosen], axis=0)
        if self.is_days or (self._mixed(self.indicator(member)) and self._mixed(rest)):
            k = len(self.forced) + place
            direction = whole.direction(np.eye(len(whole.beta))[k])
            variance = max(whole.robust(direction), float(whole.bread[k, k]) * whole.scale, 1e-300)
            variance, freedom = self._shared(member, direction, variance)
            p = float(_upper(abs(whole.beta[k]) / variance**0.5, freedom) / self._part(whole.beta[k]))
        else:
            self._fit([m for m in self.chosen if m != member])
            found = self._sure(member)
            self._fit(self.chosen)
            return found
        return min(1.0, p * self._tried(member))

    def _mixed(self, some: Floats) -> bool:
        """Whether something happened in some of the cells, and not always."""
        return bool(0 < self.sums.total @ some < self.sums.count @ some)

    def _drop(self, level: float, newest: Member | None) -> None:
        while len(self.chosen) > 1:
            p, worst = max((self.alone(place), member) for place, member in enumerate(self.chosen))
            if p <= level or worst == newest:
                return
            self._take([m for m in self.chosen if m != worst])

    def _turn(self, level: float) -> None:
        """Say "these are worse" instead of "the others are better" where that takes no more groups.

        With two values of four slow, either pair describes the data equally well.
        """
        better = -1 if self.more_is_worse else 1
        for place in range(self.n_singles):
            signs = np.sign(self.fit.beta[len(self.forced) :])
            good = [m for m, sign in zip(self.chosen, signs, strict=True) if m[0] == place and sign == better]
            others = [(place, int(c)) for c in np.flatnonzero(self.candidates[place])]
            others = [m for m in others if m not in self.chosen]
            if good and 0 < len(others) <= len(good):
                self._take([*(m for m in self.chosen if m not in good), *others])
                self._drop(level, None)

    def _adjusted(self) -> Floats:
        """The adjusters that go with the outcome at all: one that does not would only take away cases."""
        blocks = adjusters(self.cells)
        self.blocks = [attribute for attribute, _ in blocks]
        self.forced, self.kept, first = columns(self.cells.count, blocks), [], 0
        fit = self._fitted([])
        for number, (_, block) in enumerate(blocks):
            place = slice(first, first + len(block))
            first += len(block)
            beta, covariance = fit.beta[place], fit.covariance[place, place]
            if _chi2(float(beta @ np.linalg.pinv(covariance, hermitian=True) @ beta), len(block)) < HINT:
                self.kept.append(number)
        return columns(self.cells.count, [blocks[k] for k in self.kept])

    def _take(self, chosen: list[Member]) -> None:
        self.chosen = chosen
        self._fit(chosen)

    def _fit(self, chosen: list[Member]) -> None:
        self.fit = self._fitted(chosen)
        self.doubt = Doubt(self.rows, self.fit, self._before(chosen))
        self.scores: dict[int, tuple[Floats, Floats, Floats]] = {}
        solver, weight = self.fit.solver, self.fit.weight
        within = (self.fit.columns - (solver.across / solver.held)[:, self.period]) * weight
        # What score tests add up by group, a row per cell: what is left, its squares, and the columns within periods.
        self._table = np.column_stack([self.fit.residual, self.fit.squares, within.T])
        if not self.fit.alike:
            self.held = {}
        self.sure: dict[Member, float] = {}

    def _before(self, chosen: list[Member]) -> dict[str, Fit]:
        """Models without the reps (accounts) that were chosen: taking out all that differ most hides their spread.

        One alone may be at fault; from two on, they are part of what reps differ by.
        """
        found = {}
        for name in {cluster.by for cluster in self.rows.shared}:
            rest = [m for m in chosen if self.groups[m[0]].names != (name,)]
            if len(rest) < len(chosen) - 1:
                found[name] = self._fitted(rest)
        return found

    def _fitted(self, chosen: list[Member]) -> Fit:
        columns = np.vstack([self.forced, *(self.indicator(m)[None] for m in chosen)])
        return (linear if self.is_days else logistic)(self.sums, columns, self.period)

    def _part(self, difference: Floats) -> Floats:
        """Part of the error allowed for differences of this sign: most of it is spent where something is worse."""
        return np.where((difference > 0) == self.more_is_worse, WORSE, 1 - WORSE)

    def _halves(self, parts: list[NDArray[np.bool_]]) -> tuple[list[NDArray[np.bool_]], list[NDArray[np.bool_]]]:
        return parts[: self.n_singles], parts[self.n_singles :]

    def _tried(self, member: Member) -> float:
        """How many candidates of its kind share the error allowed for them."""
        kind = int(member[0] >= self.n_singles)
        return self.counts[kind] / (SINGLES, 1 - SINGLES)[kind]

    def _candidates(self, k: int) -> NDArray[np.bool_]:
        group, members = self.groups[k], self.members[k]
        fit = group.named & (members >= SMALLEST_SAMPLE) & (self.total - members >= SMALLEST_SAMPLE)
        if k >= self.n_singles:
            # A pair of the same cases as one of its values says nothing that the value does not.
            sizes = [np.bincount(c, self.sums.count) for c in self._parts(group)]
            width = len(group.values[1]) + 2
            code = np.arange(group.size)
            first, second = (np.append(s, np.zeros(group.size)) for s in sizes)
            whole = np.minimum(first[code // width], second[code % width])
            fit &= whole - members >= SMALLEST_SAMPLE / 4
        return fit

    def _parts(self, group: Group) -> list[NDArray[np.int64]]:
        width = len(group.values[1]) + 2
        return [group.codes // width, group.codes % width]

    def _best(self, places: Iterable[int], level: float) -> Member | None:
        """The strongest candidate of those that stand at the level whatever observations share.

        Their strength is that of independent observations: what is shared says how sure a difference is, not which of
        two groups it belongs to.
        """
        sure = (other for _, other in self._sorted(places, level) if self._sure(other) <= level)
        member = next(sure, None)
        return member and self._rather_worse(member, level)

    def _sorted(self, places: Iterable[int], enough: float) -> list[tuple[float, Member]]:
        """Candidates that would be below `enough` if nothing were shared, the strongest first; none is surer than that."""
        found = []
        for k in places:
            if self.candidates[k].any():
                p = np.where(self.candidates[k], self._scores(k)[0] * self._tried((k, 0)), np.inf)
                found += [(float(p[code]), (k, int(code))) for code in np.flatnonzero(p <= enough)]
        return sorted(x for x in found if x[1] not in self.chosen)

    def _alike(self, member: Member) -> float:
        """P-value of a candidate if nothing were shared, times the number of candidates."""
        return float(self._scores(member[0])[0][member[1]]) * self._tried(member)

    def _rather_worse(self, member: Member, level: float) -> Member:
        """The worse value of an attribute instead of a better one that is hardly more certain."""
        k, code = member
        p, score, _ = self._scores(k)
        worse = ((score > 0) == self.more_is_worse) & self.candidates[k]
        if worse[code] or not worse.any():
            return member
        other = (k, int(np.argmin(np.where(worse, p, np.inf))))
        near = np.log(max(p[other[1]], 1e-300)) <= RATHER**2 * np.log(max(p[code], 1e-300))
        return other if near and other not in self.chosen and self._sure(other) <= level else member

    def _scores(self, k: int) -> tuple[Floats, Floats, Floats]:
        """Score tests of all candidates of a group, given what was chosen (Rao, 1948), if nothing were shared.

        Returns
        -------
        P-values, scores, and their variances.
        """
        if k in self.scores:
            return self.scores[k]
        from scipy.sparse import csc_array

        codes, size, fit = self.groups[k].codes, self.groups[k].size, self.fit
        # Each column of the table summed by code, in one go.
        one = csc_array((np.ones(len(codes)), codes, np.arange(len(codes) + 1)), shape=(size, len(codes)))
        sums = one @ self._table
        score, own, shared = sums[:, 0], sums[:, 1], sums[:, 2:].T
        info, left = self._held(k)
        if len(fit.columns):
            left = left - np.einsum("pk,pq,qk->k", shared, fit.bread, shared)
        spread = np.full(size, fit.scale)
        members = np.maximum(self.members[k], 1)
        if self.is_days:
            # A group that spreads more than the others is judged by its own spread (Welch, 1947).
            own = own / members - (score / members) ** 2
            spread = np.maximum(spread, own * members / np.maximum(members - 1, 1))
        usable = left > 0.02 * info
        variance = np.where(usable, np.maximum(left * spread, 1e-300), np.inf)
        z = score / np.sqrt(variance)
        if not self.is_days:
            p = np.maximum(_upper(np.abs(z)), self._exact(k, score))
        else:
            p = _upper(np.abs(z) - self._bend(z, members))
        self.scores[k] = np.minimum(1.0, p / self._part(score)), score, variance
        return self.scores[k]

    def _held(self, k: int) -> tuple[Floats, Floats]:
        """Information on each code of a group: all of it, and within periods."""
        if k not in self.held:
            from scipy.sparse import csr_array

            codes, size, fit = self.groups[k].codes, self.groups[k].size, self.fit
            held = fit.solver.held
            info: Floats = np.bincount(codes, fit.weight, size)
            place, many = codes * len(held) + self.period, size * len(held)
            if many <= LARGEST_COUNT:
                within = np.bincount(place, fit.weight, many).reshape(size, -1) ** 2 @ (1 / held)
            else:
                by_period = csr_array((fit.weight, (codes, self.period)), shape=(size, len(held)))
                within = by_period.power(2) @ (1 / held)
            self.held[k] = info, info - within
        return self.held[k]

    def _bend(self, z: Floats, members: Floats) -> Floats:
        """What of a mean of few skewed values is skewness; only where that would flatter (Hall, 1992)."""
        bend = self.skew / np.sqrt(members) / 6 * (z**2 - 1)
        return np.where(np.sign(bend) == np.sign(z), np.minimum(np.abs(bend), np.abs(z)), 0.0)

    def _sure(self, member: Member) -> float:
        """P-value of a candidate, given what observations share, times the number of candidates."""
        if member not in self.sure:
            p, score, variance = (x[member[1]] for x in self._scores(member[0]))
            inside, fit = self.indicator(member), self.fit
            within = np.bincount(self.period, fit.weight * inside, len(fit.solver.held))
            direction = inside - fit.direction(fit.columns @ (fit.weight * inside), within)
            total, freedom = self._shared(member, direction, float(variance))
            z, members = score / np.sqrt(total), self.members[member[0]][member[1]]
            z = abs(z) - float(self._bend(z, members)) if self.is_days else abs(z)
            p = max(float(p), float(_upper(z, freedom) / self._part(score)))
            self.sure[member] = min(1.0, p * self._tried(member))
        return self.sure[member]

    def _shared(self, member: Member, direction: Floats, independent: float) -> tuple[float, float]:
        group = self.groups[member[0]]
        asked = Asked(group.names, group.codes, member[1], member[0])
        return self.doubt.variance(direction, independent, asked)

    def _exact(self, k: int, score: Floats) -> Floats:
        """Tail of the hypergeometric distribution (Fisher, 1935) where few events are expected, else 0."""
        members = self.members[k]
        hits = np.bincount(self.groups[k].codes, self.sums.total, self.groups[k].size)
        expected = np.clip(hits - score, 0.0, members)
        rare = self.candidates[k] & (np.minimum(expected, members - expected) < RARE)
        p = np.zeros(len(members))
        if not rare.any():
            # Half a second to load, for nothing.
            return p
        from scipy.stats import hypergeom

        n, x, whole = members[rare], np.round(hits[rare]), round(self.total)
        # As many events in all as would make the model's expectation the group's fair share.
        events = np.clip(np.round(expected[rare] * whole / n), 1, whole - 1)
        above, below = hypergeom.sf(x - 1, whole, events, n), hypergeom.cdf(x, whole, events, n)
        p[rare] = np.minimum(above, below)
        return p


def _chi2(value: float, freedom: int) -> float:
    from scipy.special import chdtrc

    return float(chdtrc(freedom, max(value, 0.0)))


def _upper(z: Floats | float, freedom: float = np.inf) -> Floats:
    """Upper tail of the standard normal, or of Student's distribution."""
    from scipy.special import ndtr, stdtr

    z = np.asarray(z, np.float64)
    return np.asarray(ndtr(-z) if freedom > 1e6 else stdtr(freedom, -z))


def columns(count: int, blocks: Sequence[tuple[Attribute, Floats]]) -> Floats:
    """The rows of all adjusters on so many cells."""
    return np.vstack([np.empty((0, count)), *(block for _, block in blocks)])
