"""Since when does it differ? The day on which a step, a rate or a rule took another level, and for whom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c import stats
from l2c.diagnose.causes.attributes import FORCED, Attribute, attributes
from l2c.diagnose.causes.mix import MOST_VALUES, circumstances
from l2c.diagnose.once import once
from l2c.diagnose.rules.compliance import Source
from l2c.diagnose.since.search import FORTNIGHT, MOST_FORTNIGHTS, Means, Step, step
from l2c.diagnose.since.series import Series, every
from l2c.diagnose.tidy import noted
from l2c.log import EventLog
from l2c.measures.behind import BEHIND, packed, places
from l2c.measures.facts import Facts
from l2c.prepare.pseudonyms import hidden
from l2c.words.notes import Note

COLUMNS = (
    "kpi", "step", "attribute", "value", "since", "earliest", "latest", "ratio", "low", "high", "q", "cases", BEHIND,
)  # fmt: skip
# A group needs so many cases, and as many others.
FEWEST_IN_GROUP = 100


class _Found(NamedTuple):
    series: Series
    group: tuple[str, object] | None
    step: Step
    cases: int


def since(log: EventLog, *, names: bool | None = None, rules: Source = None, level: float = 0.95) -> pd.DataFrame:
    """Steps, rates and rules that took another level on a day and kept it, of all cases or of a group.

    Parameters
    ----------
    names
        Whether to name people; else as the log says (see `reps`).
    rules
        A YAML file of rules (see docs/rules.md); those shipped with the kit unless given.
    level
        Level of the intervals; what is left of 1 is the share of false findings.

    Returns
    -------
    One row per day found, the surest first: `kpi`; `step` (pair of activities, only for `step_days`); `attribute, value` of
    the group whose level moved against that of the others, None where that of all did; `since` (the first day of
    another level, for cases that began then), `earliest, latest` (between which it lies at 95 %); `ratio, low, high`: the new level
    by the old one, of the usual days or of the share; `q` (p-value after all series, or groups, that were tried); `cases`
    that tell it; `behind` (which those are, as `l2c.measures.behind.packed` writes them). Empty where nothing differs since a day, or too little is known; `attrs["note"]` says which, or that a
    season cannot be told from a step in a history of little more than a year.

    Notes
    -----
    Means of two weeks, by when the step of a case began (a rule: when the deal was closed), of cases that were watched for the same
    days: those still waiting count as waiting for so long; rates are those of what was decided within these days. The largest step over all days (a supremum test; Andrews,
    1993) beside a trend, a wave a year where there is more than a year, and shocks that hang together (`stats.shifts`). So what creeps, or comes
    every year, is no day. Groups are held against all others of the same weeks. Benjamini and Hochberg (1995) over the series,
    and over the groups. A day is no cause: look what else began on it.
    """
    table, note = once(log, "since", rules, level, lambda: _since(Facts.of(log), rules, level))
    return noted(hidden(table.copy(), log, names), note)


def _since(facts: Facts, rules: Source, level: float) -> tuple[pd.DataFrame, Note | None]:
    known = list(every(facts, rules)) if len(facts) else []
    grid = _Grid.of(facts)
    whole = {id(each): step(_all_cases(each, grid, facts)) for each in known}
    groups = [found for each in known for found in _groups(each, grid, facts)]
    sure = _sure(groups, 1 - level)
    rows = [_row(*each, facts, grid, level) for each in sure]
    tested = [_Found(each, None, found, len(each.case)) for each in known if (found := whole[id(each)]) is not None]
    for each, q in _sure(tested, 1 - level):
        named = [
            one.group for one, _ in sure if one.series.kpi == each.series.kpi and one.series.step == each.series.step
        ]
        if not named or _still(each.series, [group for group in named if group], grid, facts):
            rows.append(_row(each, q, facts, grid, level))
    table = pd.DataFrame(rows, columns=list(COLUMNS)).sort_values("q", kind="stable", ignore_index=True)
    return table, _note(known, table)


class _Grid(NamedTuple):
    """Blocks of time: day with which the first begins (since 1970), and how many days each has."""

    first: int
    days: int

    @classmethod
    def of(cls, facts: Facts) -> _Grid:
        first, last = (facts.clock.day(moment) for moment in facts.watched)
        return cls(first, FORTNIGHT * max(int(np.ceil((last - first) / FORTNIGHT / MOST_FORTNIGHTS)), 1))

    def place(self, day: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.asarray((day - self.first) // self.days)

    def middle(self, place: NDArray[np.int64]) -> NDArray[np.float64]:
        return np.asarray(self.first + (place + 0.5) * self.days)

    def begins(self, place: int) -> pd.Timestamp:
        return pd.Timestamp(self.first + place * self.days, unit="D")


def _all_cases(series: Series, grid: _Grid, facts: Facts) -> Means:
    held = stats.blocks(series.value, grid.place(series.day), circumstances(facts, series.case, series.value))
    return Means(held.place, grid.middle(held.place), held.mean, np.diag(held.noise), _scale(series))


def _scale(series: Series) -> float:
    """What a trend and a season are parts of: logarithms of days move by them."""
    return 1.0 if series.is_days else float(series.value.mean())


def _groups(series: Series, grid: _Grid, facts: Facts) -> Iterator[_Found]:
    """The largest step of each group against all others."""
    place = grid.place(series.day)
    shifted = place - place.min()
    count = int(shifted.max()) + 1
    mean = np.bincount(shifted, series.value, count) / np.maximum(np.bincount(shifted, minlength=count), 1)
    spread = float(((series.value - mean[shifted]) ** 2).mean())
    if not spread > 0:
        return
    for attribute in attributes(facts):
        if attribute.name in FORCED or len(attribute.values) > MOST_VALUES:
            continue
        code = attribute.codes_of_cases[series.case]
        cell = code * count + shifted
        n = np.bincount(cell, minlength=attribute.size * count).reshape(attribute.size, count)
        total = np.bincount(cell, series.value, attribute.size * count).reshape(attribute.size, count)
        for number, value in enumerate(attribute.values):
            inside, others = n[number], n.sum(axis=0) - n[number]
            if min(inside.sum(), others.sum()) < FEWEST_IN_GROUP:
                continue
            both = (inside > 0) & (others > 0)
            rest = total.sum(axis=0) - total[number]
            gap = total[number][both] / inside[both] - rest[both] / others[both]
            noise = spread * (1 / inside[both] + 1 / others[both])
            where = np.flatnonzero(both) + place.min()
            found = step(Means(where, grid.middle(where), gap, noise, _scale(series)), calm=True)
            nothing = Step(0, 0, 0, 0.0, 1.0, 1.0)
            yield _Found(series, (attribute.name, value), found or nothing, int(inside.sum()))


def _sure(found: list[_Found], share: float) -> list[tuple[_Found, float]]:
    q = stats.q_values([each.step.p for each in found])
    return [(each, float(each_q)) for each, each_q in zip(found, q, strict=True) if each_q <= share]


def _still(series: Series, named: list[tuple[str, object]], grid: _Grid, facts: Facts) -> bool:
    """Whether the level of all moved even without the groups that were named."""
    out = np.zeros(len(series.case), bool)
    for attribute in attributes(facts):
        for name, value in named:
            if attribute.name == name and value in attribute.values:
                out |= attribute.codes_of_cases[series.case] == attribute.values.index(value)
    rest = series.without(out)
    found = step(_all_cases(rest, grid, facts)) if len(rest.case) >= FEWEST_IN_GROUP else None
    return found is not None and found.p <= 0.05


def _row(found: _Found, q: float, facts: Facts, grid: _Grid, level: float) -> tuple[object, ...]:
    series, moved = found.series, found.step
    low, high = stats.interval(moved.value, moved.error, level)
    inside = np.ones(len(series.case), bool)
    if found.group is not None:
        inside = _members(found.group, series, facts)
    if series.is_days:
        ratio = tuple(float(np.exp(x)) for x in (moved.value, low, high))
    else:
        before = float(series.value[inside & (grid.place(series.day) < moved.place)].mean())
        ratio = tuple(max(1 + x / before, 0.0) if before > 0 else float("nan") for x in (moved.value, low, high))
    behind = packed(places(facts, series.case[inside]))
    days = [grid.begins(place) for place in (moved.place, moved.earliest, moved.latest + 1)]
    return (series.kpi, series.step, *(found.group or (None, None)), *days, *ratio, q, found.cases, behind)


def _members(group: tuple[str, object], series: Series, facts: Facts) -> NDArray[np.bool_]:
    name, value = group
    attribute: Attribute = next(a for a in attributes(facts) if a.name == name and value in a.values)
    return np.asarray(attribute.codes_of_cases[series.case] == attribute.values.index(value))


def _note(known: list[Series], table: pd.DataFrame) -> Note | None:
    if not known:
        return Note("few_for_since", n=FEWEST_IN_GROUP)
    if not stats.knows_season(np.concatenate([each.day for each in known])):
        return Note("no_season")
    return None if len(table) else Note("no_since")
