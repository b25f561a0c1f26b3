"""What would a change bring? A year of cases, with the change and without it, with the same luck in both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from l2c.improve.backtest import NO, Word, backtest, verdict
from l2c.improve.broken import MOST_JUDGED, RULE_RUNS, violations
from l2c.improve.changes import Desk, Route
from l2c.improve.hooks import Plan, plan
from l2c.improve.scenario import Given, Scenario, scenario
from l2c.improve.stays import MOST_LEARNT
from l2c.improve.twin import Twin, learned
from l2c.improve.year import Account, Year, account, year
from l2c.improve.years import TOGETHER, altered, batched, years
from l2c.log import EventLog
from l2c.stats import UNKNOWN, Estimate
from l2c.words.errors import BadScenario, NotTrusted
from l2c.words.notes import Note, several

Floats = NDArray[np.float64]
COLUMNS = ("measure", "about", "today", "changed", "difference", "low", "high", "unit", "cases", "assumed", "note")
YEARS, LEVEL = 200, 0.9
# Beyond this share of its time at work a desk's waits depend on luck more than on anything else.
BUSY = 0.9


@dataclass(frozen=True, eq=False)
class Outcomes:
    """What runs told: `today` and, for each plan, `changed`, with a line per run and a column per row of the account."""

    account: Account
    today: Floats
    changed: tuple[Floats, ...]
    cases: int


def simulate(
    log: EventLog,
    change: Given,
    *,
    runs: int = YEARS,
    level: float = LEVEL,
    most: int | None = MOST_LEARNT,
    seed: int = 0,
) -> pd.DataFrame:
    """What a change would bring in the year to come: to the cases under way, and to new ones like those of the last half year.

    Parameters
    ----------
    change
        What shall change: a YAML file (docs/improve.md), its content, or its list of changes; see `scenario`.
    runs
        Possible years, each run with the change and without it, with the same cases and the same luck.
    level
        Of the ranges.
    most
        Cases from which the process is learnt, at most; None takes all, as changes at desks always do.

    Returns
    -------
    One row per `measure` and what it is `about`: key figures by their ids (medians and shares; `about` is `mean` or `p90`
    where it is another number of the same), `days_to_win` (mean), `open_cases` (under way at the end of the year),
    `waiting_days` (per case, before the activity that it is about: where the wait goes), `busy_share` (of the desk that it is
    about), `won_amount` of the year, `cash_received` within the year, in all and by month (`about` is its first day),
    `violation_rate` (of the rule that it is about, where a run can break it: it knows no people), `change_cost` of the first year and `net_cash` (what comes in, less that cost); `today`, `changed`, `difference`
    with `low, high`; `unit`; `cases` (that begin in the year, of which days and shares are told, followed for a year more); `assumed` (what of it is taken from the file and not from the
    log; None where nothing is) and `note`.

    Raises
    ------
    BadScenario
        If the change makes no sense for this log.
    NotTrusted
        If `backtest` says that the twin of this log cannot be trusted.

    Notes
    -----
    A semi-Markov twin with desks (docs/improve.md). Ranges: percentiles over runs of the paired differences; each run
    draws the weeks, the cases that taught the twin (Bayesian bootstrap) and, of a cap on discounts, its effect on winning.
    """
    if not isinstance(runs, int) or isinstance(runs, bool) or runs < 2:
        raise BadScenario.option("runs", runs, "200")
    asked = scenario(change, log)
    trusted(log)
    # A decision rests on the runs that were looked at, and nobody waits for them twice.
    key = ("simulated", repr((asked.changes, asked.since, asked.costs)), runs, level, most, seed, *log.filters.items())
    return log.base.memo(key, lambda: _simulated(log, asked, runs, level, most, seed)).copy()


def _simulated(log: EventLog, asked: Scenario, runs: int, level: float, most: int | None, seed: int) -> pd.DataFrame:
    model = twin_for(log, asked, most)
    made = plan(model, asked, log)
    span = year(model, asked.since, scale(log, model))
    found = table(outcomes(log, model, [made], span, runs=runs, seed=seed), 0, made, level)
    rules = violations(log, model, made, span, min(runs, RULE_RUNS), seed)
    lines = [("violation_rate", rule, *_estimate(*sides, level), "fraction") for rule, sides in sorted(rules.items())]
    more = pd.DataFrame(lines, columns=list(COLUMNS[:8]))
    if len(more):
        more["cases"] = min(MOST_JUDGED, int(found["cases"].iloc[0]))
        for name, value in (("assumed", asked.assumed), ("note", found["note"].iloc[0])):
            more[name] = pd.Series([value] * len(more), dtype=object)
        found = pd.concat([found, more], ignore_index=True)
    return found


def trusted(log: EventLog) -> None:
    """Stop where the twin of a log cannot be trusted.

    Raises
    ------
    NotTrusted
        If `verdict` of its `backtest` says no.
    """
    word, why = judged(log)
    if word == NO:
        raise NotTrusted.because(why)


def judged(log: EventLog) -> tuple[Word, Note]:
    """The `verdict` of the `backtest` of a log, and why."""
    return verdict(tested(log))


def tested(log: EventLog) -> pd.DataFrame:
    """The `backtest` of a log, made once and kept with it."""
    return log.base.memo(("backtest", *log.filters.items()), lambda: backtest(log))


def twin_for(log: EventLog, asked: Scenario, most: int | None = MOST_LEARNT) -> Twin:
    """The twin that can tell of a scenario: a desk that sees only some of its cases is none, so changes there take all."""
    staffed = any(isinstance(change, (Desk, Route)) for change in asked.changes)
    return learned(log, None if staffed else most)


def outcomes(
    log: EventLog,
    twin: Twin,
    plans: Sequence[Plan],
    span: Year,
    *,
    runs: int = YEARS,
    seed: int = 0,
    brief: bool = False,
) -> Outcomes:
    """Run a year without any change and with each of some plans, with the same luck in all.

    Parameters
    ----------
    brief
        Tell the days to the win and the cash of the year alone.
    """
    told = account(twin, span, log)
    today: list[Floats] = []
    changed: list[list[Floats]] = [[] for _ in plans]
    cases = 0
    for some in batched(years(log, told, runs, seed), max(TOGETHER // max(len(plans), 1), 1)):
        pairs = [(each, made) for each in some for made in plans]
        for k, row in enumerate(altered(told, pairs, brief=brief)):
            changed[k % len(plans)].append(row)
        today += [told.short(each.told) if brief else each.told for each in some]
        cases += sum(each.cases for each in some)
    told = told.brief if brief else told
    return Outcomes(told, np.array(today), tuple(np.array(rows) for rows in changed), round(cases / runs))


def scale(log: EventLog, twin: Twin) -> float:
    """How many cases each one that taught the twin stands for."""
    return log.n_cases / max(len(twin.stays.keys), 1)


def table(found: Outcomes, place: int, made: Plan, level: float = LEVEL) -> pd.DataFrame:
    """What runs told of one of the plans, as `simulate` returns it."""
    today, changed, rows = found.today, found.changed[place], found.account.rows
    lines = [(*row[:2], *_estimate(today[:, k], changed[:, k], level), row.unit) for k, row in enumerate(rows)]
    lines += _costs(found, place, made, level)
    told = pd.DataFrame(lines, columns=list(COLUMNS[:8]))
    told = told[told[["today", "changed"]].notna().any(axis=1)].reset_index(drop=True)
    told["cases"] = found.cases
    assumed = made.scenario.assumed
    money = several([assumed, Note("assumed_costs") if made.scenario.costs is not None else None])
    notes = [money if measure in ("change_cost", "net_cash") else assumed for measure in told["measure"]]
    told["assumed"] = pd.Series(notes, dtype=object)
    told["note"] = pd.Series([_note(found, place, made)] * len(told), dtype=object)
    return told


def _estimate(today: Floats, changed: Floats, level: float) -> tuple[float, ...]:
    """Means over the runs, and the range of the paired differences."""
    ends = [float(np.nanmean(x)) if np.isfinite(x).any() else np.nan for x in (today, changed)]
    return (*ends, *spread(changed - today, level))


def spread(gaps: Floats, level: float) -> Estimate:
    """The mean of what runs told, and the range in which another one would lie."""
    seen = gaps[np.isfinite(gaps)]
    if not len(seen):
        return UNKNOWN
    mean, n = float(seen.mean()), len(seen)
    if (n + 1) * (1 - level) / 2 < 1:
        # Too few for their ends to be seen among them.
        wide = _student(level, n) * float(seen.std(ddof=1)) * (1 + 1 / n) ** 0.5 if n > 1 else np.nan
        return Estimate(mean, mean - wide, mean + wide)
    # Of n runs and one more, each is as likely to lie in any of the n + 1 gaps.
    low, high = np.quantile(seen, [(1 - level) / 2, (1 + level) / 2], method="weibull")
    return Estimate(mean, float(low), float(high))


def _student(level: float, n: int) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(n - 1, 0.5 + level / 2))


def cost_of(made: Plan) -> float | None:
    """What a scenario costs in its first year; None where that was not said."""
    costs = made.scenario.costs
    hours = 0.0 if made.desks is None else made.desks.hours
    if costs is None or (hours and costs.hours is None):
        return None
    people = sum(change.add for change in made.scenario.changes if isinstance(change, Desk))
    return costs.once + costs.running + people * (costs.add or 0.0) + hours * (costs.hours or 0.0)


def _costs(found: Outcomes, place: int, made: Plan, level: float) -> list[tuple[object, ...]]:
    """What it costs, and what is left of the money that comes in."""
    cost = cost_of(made)
    lines: list[tuple[object, ...]] = []
    if cost is not None:
        lines.append(("change_cost", "", 0.0, cost, cost, cost, cost, "money"))
    at = next((k for k, row in enumerate(found.account.rows) if row[:2] == ("cash_received", "")), None)
    if at is not None:
        today, changed = found.today[:, at], found.changed[place][:, at] - (cost or 0.0)
        lines.append(("net_cash", "", *_estimate(today, changed, level), "money"))
    return lines


def _note(found: Outcomes, place: int, made: Plan) -> Note | None:
    """What to know before a number is used."""
    learnt = len(made.twin.stays.keys)
    whole = round(learnt * found.account.year.scale)
    notes = [
        Note("twin_sampled", n=learnt, of=whole) if whole > learnt else None,
        *(policy.note for policy in made.policies),
    ]
    for k, row in enumerate(found.account.rows):
        if row.measure == "busy_share":
            shares = [np.nanmean(x[:, k]) for x in (found.today, found.changed[place]) if np.isfinite(x[:, k]).any()]
            if max(shares, default=0.0) > BUSY and (made.desks is not None or shares[0] != shares[-1]):
                notes.append(Note("busy_desk", activity=row.about, percent=round(100 * max(shares))))
    return several(notes)
