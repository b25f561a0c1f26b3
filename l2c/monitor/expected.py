"""How many should have ended in each week, had all gone on as in the base period?

Whatever waits counts from its first day, by how long it has waited already: young and open cases need no maturity.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from l2c.diagnose.causes.attributes import Attribute
from l2c.diagnose.causes.mix import LATER

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
# Ages are cut where so many equal parts of the ends of the base lie; what waits longer than nearly all is at risk no more:
# leads that nobody closes would grow old for ever.
AGES, NEARLY_ALL_WAITED = 8, 0.99
# Shorter than this is at once, in days: such ends are a part of the arrivals, not of days at risk.
INSTANT, HAIR = 1 / 86_400, 1e-7
# An attribute matters where groups of so few values, with so many ends each, end at another rate than chance explains.
MOST_GROUPS_TOLD, FEWEST_ENDS_OF_GROUP, ONE_IN_THOUSAND = 12, 30, 0.001
# So many spells tell which attribute matters.
TOLD_BY = 50_000
# An attribute that more than this part of the cases lacks would tell of its gaps.
MOST_UNKNOWN = 0.05
# A group is thought to be like all until it has shown some ends of its own.
PRIOR_ENDS = 2.0


@dataclass(frozen=True, eq=False)
class Spells:
    """What waits for an end, in days since the first week.

    Attributes
    ----------
    kind
        What it waits at: rows of one kind are compared.
    start, entry, end
        When it began; since when it was watched; when it ended or was last looked at.
    way
        How it ended, a place among the ways; -1 where it did not, or in no way that is looked at.
    case
        Row of the facts.
    kind_of_way
        At what each way begins.
    """

    kind: Codes
    start: Floats
    entry: Floats
    end: Floats
    way: Codes
    case: Codes
    kind_of_way: Codes

    def only(self, some: Codes) -> Spells:
        """Some of the rows."""
        rows = {name: getattr(self, name)[some] for name in ("kind", "start", "entry", "end", "way", "case")}
        return replace(self, **rows)


class Counts(NamedTuple):
    """By way and week: ends seen and expected; `trials` of which they are some (inf: of days at risk).

    `error` is the relative variance of what is expected in the watched weeks, from that of the rates of the base.
    """

    observed: Floats
    expected: Floats
    trials: Floats
    error: Floats


class Due(NamedTuple):
    """What falls due: the day since the first week, 1 or 0 (or anything between), and the row of the facts."""

    day: Floats
    value: Floats
    case: Codes


def due(found: Due, edges: Floats, base: int, attributes: Sequence[Attribute]) -> Counts:
    """Count what came true among what was due in each week, and what the shares of the base let expect.

    Shares of the base are those of the groups of the attribute that tells most, drawn to the share of all.
    """
    weeks = len(edges) - 1
    inside = (found.day >= 0) & (found.day < edges[-1])
    week = _week(edges, found.day[inside])
    value, case = found.value[inside], found.case[inside]
    early = week < base
    share = value[early].mean()
    group, groups = np.zeros(len(case), np.int64), 1
    spread = max(float(value[early].var()), 1e-9)
    least = np.log(ONE_IN_THOUSAND)
    for attribute in _told(attributes):
        code, size = attribute.codes_of_cases[case], attribute.size
        many = np.bincount(code[early], minlength=size)
        gap = np.bincount(code[early], value[early] - share, size)
        if many[-1] > MOST_UNKNOWN * early.sum():
            continue
        surprise = _surprise(
            np.where(many >= FEWEST_ENDS_OF_GROUP, gap**2 / np.maximum(many * spread, 1e-9), 0.0),
            many >= FEWEST_ENDS_OF_GROUP,
        )
        if surprise + np.log(len(attributes)) < least:
            least, group, groups = surprise + np.log(len(attributes)), code, size
    many = np.bincount(group[early], minlength=groups)
    good = np.bincount(group[early], value[early], groups)
    rate = (good + PRIOR_ENDS) / (many + PRIOR_ENDS / max(share, 1e-9)) if groups > 1 else good / many
    observed = np.bincount(week, value, weeks).astype(np.float64)
    some = np.bincount(week, minlength=weeks).astype(np.float64)
    expected = np.bincount(week, rate[group], weeks).astype(np.float64)
    expected *= observed[:base].sum() / max(expected[:base].sum(), 1e-9)
    later = np.bincount(group[~early], minlength=groups) * rate
    error = (later**2 * (1 - rate) / np.maximum(good, 1.0)).sum() / max(later.sum(), 1e-9) ** 2
    # A chance of 1 would be surprised by anything.
    trials = np.maximum(some, expected * 1.001)
    return Counts(observed[None], expected[None], trials[None], np.array([error]))


def _told(attributes: Sequence[Attribute]) -> Iterator[Attribute]:
    """Attributes that are known beforehand and tell few groups apart."""
    for attribute in attributes:
        if attribute.name not in (*LATER, "opened") and 1 < len(attribute.values) <= MOST_GROUPS_TOLD:
            yield attribute


def _surprise(apart: Floats, large: NDArray[np.bool_]) -> Floats:
    """Logarithm of the chance that groups lie so far apart: the sum of squares in units of chance."""
    from scipy.special import chdtr, chdtrc, gammaincinv

    far, free = apart.sum(axis=-1), np.maximum(large.sum(axis=-1) - 1, 1)
    with np.errstate(divide="ignore"):
        # Of the two sides the smaller one, which is known to more places.
        found = np.where(far > 2 * gammaincinv(free / 2, 0.5), np.log(chdtrc(free, far)), np.log1p(-chdtr(free, far)))
    return np.where(large.sum(axis=-1) > 1, found, 0.0)


def ends(spells: Spells, edges: Floats, base: int, attributes: Sequence[Attribute]) -> Counts:
    """Count the ends of each way and week, and what the hazards of the base weeks let expect.

    Parameters
    ----------
    edges
        When each week begins, and the last one ends, in days.
    base
        How many of the weeks are the base.

    Notes
    -----
    Piecewise constant hazards by age and, where one attribute tells groups apart that end at different rates, by group; a
    rate a way (cause-specific), all that wait at risk since the later of their entry and the begin of the week
    (Sego, 2006, for survival times; Andersen et al., 1993, on left truncation).
    """
    ages = _ages(spells, edges[base])
    group, groups = _groups(spells, ages, edges[base], attributes)
    ways, weeks, size = len(spells.kind_of_way), len(edges) - 1, ages.shape[1]
    risk = _at_risk(spells, ages, group, groups, edges)
    done = np.flatnonzero((spells.way >= 0) & (spells.end >= edges[0]) & (spells.end < edges[-1]))
    kind, days = spells.kind[done], spells.end[done] - spells.start[done]
    age = _place(ages, kind, days)
    kept = age < size
    done, age = done[kept], age[kept]
    week = _week(edges, spells.end[done])
    cell = ((spells.way[done] * groups + group[done]) * size + age) * weeks + week
    seen = np.bincount(cell, minlength=ways * groups * size * weeks).reshape(ways, groups, size, weeks)
    before = seen[..., :base].sum(axis=3).astype(np.float64)
    exposed = risk[..., :base].sum(axis=3)[spells.kind_of_way]
    common = before.sum(axis=1, keepdims=True) / np.maximum(exposed.sum(axis=1, keepdims=True), 1e-9)
    rate = (before + PRIOR_ENDS * (groups > 1)) / np.maximum(
        exposed + (groups > 1) * PRIOR_ENDS / np.maximum(common, 1e-12), 1e-9
    )
    rate = np.where(common > 0, rate, 0.0)
    observed = seen.sum(axis=(1, 2)).astype(np.float64)
    expected, error = np.zeros((ways, weeks)), np.zeros(ways)
    for way, kind_of in enumerate(spells.kind_of_way):
        here = rate[way].ravel() @ risk[kind_of].reshape(-1, weeks)
        expected[way] = here * observed[way, :base].sum() / max(here[:base].sum(), 1e-9)
        part = (rate[way][..., None] * risk[kind_of][..., base:]).sum(axis=2)
        error[way] = (part**2 / np.maximum(before[way], 1.0)).sum() / max(part.sum(), 1e-9) ** 2
    return Counts(observed, expected, np.full_like(expected, np.inf), error)


def _ages(spells: Spells, until: float) -> Floats:
    """Upper ends of the ages of each kind: at once, then equal parts of the ends of the base."""
    ended = np.flatnonzero((spells.way >= 0) & (spells.end < until))
    kinds = int(spells.kind_of_way.max()) + 1
    found = np.full((kinds, AGES + 1), np.nan)
    shares = np.append(np.arange(1, AGES) / AGES, NEARLY_ALL_WAITED)
    kind, days = spells.kind[ended], spells.end[ended] - spells.start[ended]
    for number in range(kinds):
        own = days[kind == number]
        own = own[own > INSTANT]
        found[number, 0] = INSTANT
        found[number, 1:] = np.quantile(own, shares) if len(own) else INSTANT
    # Waits that are equal differ in their last digits.
    return found + HAIR


def _place(ages: Floats, kind: Codes, days: Floats) -> Codes:
    """At which age of its kind something is so many days old; one more than the last where it is older."""
    place = np.zeros(len(days), np.int64)
    for upper in ages.T:
        place += days > upper[kind]
    return place


def _groups(spells: Spells, ages: Floats, until: float, attributes: Sequence[Attribute]) -> tuple[Codes, int]:
    """Groups of each kind by the attribute that tells most in the base, and how many groups there are at most."""
    kinds = len(ages)
    group, most = np.zeros(len(spells.kind), np.int64), 1
    some = np.flatnonzero((spells.entry < until) & (spells.end > 0))
    some = some[:: max(len(some) // TOLD_BY, 1)]
    kind = spells.kind[some]
    first, last = np.maximum(spells.entry[some], 0.0), np.minimum(spells.end[some], until)
    ended = ((spells.way[some] >= 0) & (spells.end[some] < until)).astype(np.float64)
    awaited = _awaited(spells, ages, until, some, kind, first, last)
    best = np.full(kinds, np.log(ONE_IN_THOUSAND))
    for attribute in _told(attributes):
        code, size = attribute.codes_of_cases[spells.case[some]], attribute.size
        seen, should, all_ = (
            np.bincount(kind * size + code, each, kinds * size).reshape(kinds, size)
            for each in (ended, awaited, np.ones(len(code)))
        )
        usable = all_[:, -1] <= MOST_UNKNOWN * all_.sum(axis=1)
        large = should >= FEWEST_ENDS_OF_GROUP
        apart = np.where(large, (seen - should) ** 2 / np.maximum(should, 1e-9), 0.0)
        surprise = _surprise(apart, large) + np.log(len(attributes))
        for number in np.flatnonzero(usable & (surprise < best)):
            best[number] = surprise[number]
            own = spells.kind == number
            group[own] = attribute.codes_of_cases[spells.case[own]]
            most = max(most, size)
    return group, most


def _awaited(
    spells: Spells, ages: Floats, until: float, some: Codes, kind: Codes, first: Floats, last: Floats
) -> Floats:
    """How many ends the hazards of the base let expect of each of some spells, between two days."""
    own = spells.only(some)
    risk = _at_risk(own, ages, np.zeros(len(some), np.int64), 1, np.array([0.0, until]))[:, 0, :, 0]
    ended = np.flatnonzero((own.way >= 0) & (own.end >= 0) & (own.end < until))
    age, size = _place(ages, kind[ended], own.end[ended] - own.start[ended]), ages.shape[1]
    seen = np.bincount(kind[ended] * (size + 1) + age, minlength=len(ages) * (size + 1))
    rate = seen.reshape(len(ages), -1)[:, :-1] / np.maximum(risk, 1e-9)
    found = rate[kind, 0] * ((own.start >= 0) & (own.start < until))
    lower = np.zeros(len(some))
    for place in range(1, size):
        upper = ages[kind, place]
        begin, end = (np.clip(each - own.start, lower, upper) for each in (first, last))
        found += rate[kind, place] * (end - begin)
        lower = upper
    return found


def _at_risk(spells: Spells, ages: Floats, group: Codes, groups: int, edges: Floats) -> Floats:
    """Days at risk by kind, group, age and week; of the first age, how many began."""
    kinds, size, weeks = len(ages), ages.shape[1], len(edges) - 1
    length = np.diff(edges)
    cells = kinds * groups * size * weeks
    found = np.zeros(cells)
    many = np.zeros((kinds, groups, size, weeks + 1))
    began = np.flatnonzero((spells.start >= edges[0]) & (spells.start < edges[-1]) & (spells.entry <= spells.start))
    where = (spells.kind[began] * groups + group[began]) * size
    found += np.bincount(where * weeks + _week(edges, spells.start[began]), minlength=cells)
    place = (spells.kind * groups + group) * size
    for rows, age, first, last in _pieces(spells, ages, edges):
        where = place[rows] + age
        for sign, moment in ((1.0, first), (-1.0, last)):
            week = np.minimum(_week(edges, moment), weeks - 1)
            found += sign * np.bincount(where * weeks + week, edges[week + 1] - moment, cells)
            many += sign * np.bincount(where * (weeks + 1) + week + 1, minlength=many.size).reshape(many.shape)
    whole = np.cumsum(many, axis=3)[..., :weeks] * length
    return found.reshape(kinds, groups, size, weeks) + whole


def _week(edges: Floats, moment: Floats) -> Codes:
    """In which week something is; the weeks of a calendar need no search."""
    length = edges[1] - edges[0]
    if np.ptp(np.diff(edges)) == 0:
        return np.asarray((moment - edges[0]) / length, np.int64)
    return np.asarray(np.searchsorted(edges, moment, "right") - 1)


def _pieces(spells: Spells, ages: Floats, edges: Floats) -> Iterator[tuple[Codes, int, Floats, Floats]]:
    """What is at risk at each age: rows, age, from when until when, within the weeks."""
    rows = np.flatnonzero((spells.end > edges[0]) & (spells.entry < edges[-1]) & (spells.end > spells.start))
    for age in range(1, ages.shape[1]):
        kind, start = spells.kind[rows], spells.start[rows]
        lower = ages[kind, age - 1] if age > 1 else 0.0
        first = np.maximum(np.maximum(start + lower, spells.entry[rows]), edges[0])
        last = np.minimum(np.minimum(start + ages[kind, age], spells.end[rows]), edges[-1])
        some = first < last
        yield rows[some], age, first[some], last[some]
        # Only what is older than this age has another one.
        rows = rows[spells.end[rows] > start + ages[kind, age]]
