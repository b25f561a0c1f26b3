"""What goes with longer steps, lost deals, errors and broken rules, once everything else is taken into account?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c.diagnose.causes import targets
from l2c.diagnose.causes.alike import alike, levers_first
from l2c.diagnose.causes.attributes import FORCED, Attribute, attributes
from l2c.diagnose.causes.cells import Cells, cells, split
from l2c.diagnose.causes.echoes import STUCK, Finding, folded
from l2c.diagnose.causes.fits import Sums
from l2c.diagnose.causes.guards import may_explain
from l2c.diagnose.causes.measured import Measured
from l2c.diagnose.causes.others import others
from l2c.diagnose.causes.search import Member, Search
from l2c.diagnose.causes.targets import RATES, Target
from l2c.diagnose.causes.together import Rows, periods, shared
from l2c.diagnose.once import once
from l2c.diagnose.rules import files
from l2c.diagnose.rules.compliance import Source, judged
from l2c.diagnose.rules.evidence import OK, VIOLATED
from l2c.diagnose.tidy import noted
from l2c.discover.flow import places
from l2c.kpis import named as own_named
from l2c.log import EventLog
from l2c.measures.behind import BEHIND, packed
from l2c.measures.facts import NEVER, Facts
from l2c.prepare.pseudonyms import hidden
from l2c.stats import SMALLEST_SAMPLE, Estimate
from l2c.words.errors import UnknownName
from l2c.words.measures import fair, measures
from l2c.words.notes import Note, several

__all__ = ["causes"]

Floats = NDArray[Any]

# Share of the findings that may be false; and what each must still reach beside all others that were found.
FALSE_CAUSES, SURE = 0.03, 0.05
# So many observations of a KPI are searched; what more of them would find is too small to matter. What is found is
# then measured on all.
SEARCHED = 40_000
# A difference whose near bound is smaller than this part of what the group would have had is none to act on.
MATTERS = 0.05
DURATIONS = tuple(measure.id for measure in measures().values() if measure.kind == "duration" and measure.card)
COLUMNS = (
    "kpi", "step", "attribute", "value", "against", "adverse", "effect", "low", "high", "unit", "cases", "censored", "within_days",
    "lost", "lost_low", "lost_high", "share", "q", "raw", "unadjusted", "adjusted_for", "looked_at", "echoes",
    BEHIND,
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Job:
    """One KPI with its search.

    `names` are the attributes that may explain it, `period` is that of each observation, `floor` the least time to take
    seriously.
    """

    facts: Facts
    target: Target
    search: Search
    names: set[str]
    period: NDArray[np.int64]
    floor: float


def causes(
    log: EventLog, kpi: str | None = None, *, names: bool | None = None, rules: Source = None, level: float = 0.95
) -> pd.DataFrame:
    """Attribute values, and pairs of them, that go with a worse or a better KPI after adjusting for all the others.

    Parameters
    ----------
    kpi
        `step_days` (every step), `stuck` (what does not go on from a step in time, open cases included), the id of a rate
        or a duration KPI, or of a rule; for a rate to date, the same rate among those old enough is explained, and the note
        says so. Unless given: every step, rate, rule and key figure of your own.
    names
        Whether to name people; else as the log says (see `reps`).
    rules
        A YAML file of rules (see docs/rules.md); those shipped with the kit unless given.
    level
        Level of the intervals.

    Returns
    -------
    One row per finding, what makes a KPI worse first, the largest certain part of its KPI first: `kpi`; `step` (pair
    of activities, for `step_days`, and for `stuck` with what mostly comes next); `attribute, value` (lists of two for a
    pair); `against` (the groups it is compared with, as `value`, where others of its attribute are named beside it: None
    among them are cases without a named value; empty where it is compared with all others); `adverse`; `effect, low, high` per case in the `unit` of the KPI (`day`, of those that have ended by now;
    `fraction`, so 0.05 is five percentage points); `cases` of the group; `censored` (share of the observations too young
    to judge, or not ended); `within_days` (by when nine in ten go on, of `stuck`); `lost, lost_low, lost_high`: the effect
    summed over the cases of the group, in days or in cases; `share` (of all days of the step, or of all that went wrong);
    `q` (p-value after all that was tried); `raw` (the plain difference between the group and the rest, per case);
    `unadjusted` (measured as `effect` beside the other named values of its attribute, and adjusted for nothing); `adjusted_for` (attributes in the model that the effect
    is of); `looked_at` (those that were tried and left out of it, since they made no difference); `echoes` (other
    findings that the same cause explains); `behind` (the cases of the group, as `l2c.measures.behind.packed` writes them).
    Empty where nothing stands out, or too little is known; `attrs["note"]` says which.

    Raises
    ------
    UnknownName
        If there is no such KPI.

    Notes
    -----
    These are associations after adjusting for the attributes named, not proofs. Forward and backward selection
    by score tests on cells of equal attributes (Rao, 1948); the false-discovery rate is held over the KPIs and inside
    each of those selected (Benjamini and Bogomolov, 2014). Amounts (within their currency), payment terms and the time
    of opening are adjusted for, never named; those that began within the same days are compared, as few days in a row as
    hold twelve. Deals of one account, rep or month go together: a group is named where it differs by more
    than the accounts (reps, months) within groups differ among themselves, so seldom where it has only few of them (see
    `l2c.diagnose.causes.together`); a rep is not asked about other reps. Groups of fewer than 20 cases are not named,
    nor differences whose near bound is below 5 %. For the effects see `l2c.diagnose.causes.effects`.
    """
    asked = kpi and fair(kpi)
    found, why = searched(log, asked, rules, level)
    shown = own_named(hidden(table(found, log), log, names), log)
    instead = None if asked == kpi else Note("not_to_date", asked=kpi, told=asked)
    return noted(shown, instead if len(shown) else several([why, instead]))


def searched(log: EventLog, kpi: str | None, rules: Source, level: float) -> tuple[list[Finding], Note]:
    """Look for what `causes` tells, in its order; and what it means if there is nothing.

    Of the last few searches in a log the answer is kept: findings, causes, actions and bottlenecks ask the same ones.
    """
    files.shipped_names(rules, "rule")
    return once(log, "causes", rules, (kpi, level), lambda: _searched(log, kpi, rules, level))


def _searched(log: EventLog, kpi: str | None, rules: Source, level: float) -> tuple[list[Finding], Note]:
    facts = Facts.of(log)
    found = list(_targets(facts, kpi, rules)) if len(facts) else []
    if not found:
        return [], Note("few_for_causes", n=targets.FEWEST_OBSERVATIONS, most=len(facts))
    known = attributes(facts)
    whole = cells(known, len(facts))
    jobs = [job for target in found if (job := _job(facts, target, whole, known)) is not None]
    rows = [finding for job, factor in _selected(jobs) for finding in _findings(job, factor, level)]
    minor = [rule.id for rule in files.rules(rules) if rule.severity == "low"]
    kept = folded(rows, places(log), minor)
    kept.sort(key=lambda f: (not f.worse, -f.near, f.kpi, str(f.step), str(f.attribute), str(f.value)))
    return kept, Note("no_causes") if jobs else Note("no_groups", n=SMALLEST_SAMPLE)


def _targets(facts: Facts, kpi: str | None, rules: Source) -> Iterator[Target]:
    if kpi is None or kpi == "step_days":
        yield from targets.steps(facts)
    if kpi is None or kpi == STUCK:
        yield from targets.stuck(facts)
    named = tuple(rule.id for rule in files.rules(rules))
    own = tuple(m.id for m in facts.log.base.measures.values() if m.own and not m.attribute)
    searched = (*RATES, *own)
    every = ("step_days", STUCK, *RATES, *DURATIONS, *own, *named)
    if kpi is not None and kpi not in every:
        raise UnknownName.metric(kpi, every)
    asked = [
        targets.target(facts, name)
        for name in (*searched, *DURATIONS)
        if kpi == name or (kpi is None and name in searched)
    ]
    if kpi is None or kpi in named:
        for rule, verdict in judged(facts, rules):
            if kpi in (None, rule.id):
                known = np.isin(verdict.state, [OK, VIOLATED])
                asked.append(targets.broken(rule.id, known, verdict.state == VIOLATED))
    yield from (target for target in asked if target is not None)


def _job(facts: Facts, target: Target, whole: Cells, known: list[Attribute]) -> _Job | None:
    few = _spread(target)
    case, value = target.case[few], target.value[few]
    # A step that is sometimes instant would hang on the logarithm of those; half a unit of time, or a twentieth of
    # the usual wait, keeps them down. The effect is measured with less of a floor, which would dampen it.
    usual = float(np.median(value[value > 0])) if target.is_days and (value > 0).any() else 0.0
    seen = np.log(value + max(target.unit_days / 2, 0.05 * usual)) if target.is_days else value
    names = {a.name for a in known if may_explain(a, target, case, seen)}
    if not names - set(FORCED):
        return None
    period = _periods(facts, target)
    told, of_cell = split(whole, names, case, period[few])
    sums = Sums.of(told.of_case, seen, told.count)
    rows = Rows(told.of_case, seen, shared(facts, case))
    skew = _skew(seen) if target.is_days else 0.0
    search = Search(told, sums, rows, of_cell, target.is_days, target.more_is_worse, skew)
    floor = max(target.unit_days / 2, 0.01 * usual)
    return _Job(facts, target, search, names, period, floor) if search.tried else None


def _periods(facts: Facts, target: Target) -> NDArray[np.int64]:
    begun = facts.column("started")[target.case] if target.begun is None else target.begun
    return periods(facts, np.where(begun == NEVER, begun.min(), begun), None if target.is_days else target.value)


def _spread(target: Target) -> NDArray[np.int64]:
    """The mature observations; every n-th of them, where they are more than the search needs."""
    mature = np.flatnonzero(target.mature)
    return mature[:: max(1, -(-len(mature) // SEARCHED))]


def _skew(x: Floats) -> float:
    """Skewness of values."""
    left = x - x.mean()
    return float((left**3).mean() / max((left**2).mean() ** 1.5, 1e-12))


def _selected(jobs: list[_Job]) -> Iterator[tuple[_Job, float]]:
    """The KPIs in which something differs, searched at the level that is left to each."""
    if not jobs:
        return
    least = np.array([job.search.least(FALSE_CAUSES) for job in jobs])
    ranks = np.argsort(np.argsort(least, kind="stable")) + 1
    passing = least <= FALSE_CAUSES * ranks / len(jobs)
    if not passing.any():
        return
    number = int(ranks[passing].max())
    for job in (jobs[k] for k in np.flatnonzero(ranks <= number)):
        job.search.run(FALSE_CAUSES * number / len(jobs))
        yield job, len(jobs) / number


def _findings(job: _Job, factor: float, level: float) -> Iterator[Finding]:
    """What was found in a sample, measured on all observations."""
    target, search = job.target, job.search
    if not search.chosen:
        return
    levers_first(search, SURE / factor)
    measured = Measured.of(target, search, job.period, shared(job.facts, target.case[target.mature]), job.floor, level)
    for place, lost in enumerate(measured.lost()):
        finding = _finding(job, search.chosen[place], measured.inside[place], lost, search.alone(place) * factor)
        if finding is None:
            continue
        # Measured the same way beside other values of its attribute, and adjusted for nothing: what adjusting did.
        alone = measured.plain(place).value / finding.cases
        echoes = tuple(f"{name} = {value}" for name, value in alike(search, search.chosen[place]))
        yield replace(finding, unadjusted=alone, echoes=echoes, against=others(search, place))


def _finding(job: _Job, member: Member, struck: NDArray[np.bool_], lost: Estimate, q: float) -> Finding | None:
    """What is to be said of a group; None where it is too little to matter, or no longer sure beside the others."""
    target = job.target
    cases, inside = float(struck.sum()), float(target.value[struck].sum())
    near = lost.low if lost.value > 0 else -lost.high
    if near <= 0 or near < MATTERS * (inside - lost.value) or q > SURE:
        return None
    group = job.search.groups[member[0]]
    every, of = float(target.value.sum()), float(len(target.value))
    adjusted = job.search.adjusted | ({"opened"} if job.period.any() else set())
    wrong = struck & ((target.value > 0) == target.more_is_worse)
    # Who went on late was slow, and days tell of that.
    if target.standing is not None and 2 * (wrong & target.standing).sum() < wrong.sum():
        return None
    return Finding(
        target.kpi,
        target.step,
        group.names,
        group.label(member[1]),
        (lost.value > 0) == target.more_is_worse,
        target.is_days,
        lost,
        round(cases),
        target.left_out,
        every if target.more_is_worse else of - every,
        min(1.0, q),
        inside / cases - (every - inside) / (of - cases),
        tuple(sorted(adjusted - set(group.names))),
        tuple(sorted(job.names - adjusted - set(group.names))),
        np.empty(0, np.int64) if target.is_days else np.unique(target.case[wrong]),
        np.unique(target.case[struck]),
        target.within,
        mean=inside / cases,
    )


def _row(f: Finding) -> dict[str, object]:
    single = len(f.attribute) == 1
    return {
        "kpi": f.kpi,
        "step": f.step,
        "attribute": f.attribute[0] if single else list(f.attribute),
        "value": f.value[0] if single else list(f.value),
        "against": f.against,
        "adverse": f.worse,
        "effect": f.lost.value / f.cases,
        "low": f.lost.low / f.cases,
        "high": f.lost.high / f.cases,
        "unit": "day" if f.is_days else "fraction",
        "cases": f.cases,
        "censored": f.left_out,
        "within_days": f.within,
        "lost": f.lost.value,
        "lost_low": f.lost.low,
        "lost_high": f.lost.high,
        "share": abs(f.lost.value) / f.everything if f.everything else np.nan,
        "q": f.q,
        "raw": f.raw,
        "unadjusted": f.unadjusted,
        "adjusted_for": f.adjusted_for,
        "looked_at": f.looked_at,
        "echoes": f.echoes,
    }


def table(found: list[Finding], log: EventLog) -> pd.DataFrame:
    """The rows of `causes`, in the order of the findings."""
    rows = Facts.of(log).rows
    return pd.DataFrame([_row(f) | {BEHIND: packed(rows[f.of])} for f in found], columns=list(COLUMNS))
