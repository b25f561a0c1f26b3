"""What do we decide, what do we expect of it, and by when can we know whether it came?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from math import ceil, inf
from pathlib import Path

import numpy as np

from l2c.improve import measures
from l2c.improve.entries import Decision
from l2c.improve.hooks import plan
from l2c.improve.register import record
from l2c.improve.run import Job
from l2c.improve.scenario import Costs, Given, scenario
from l2c.improve.simulate import LEVEL, YEARS, cost_of, scale, simulate, twin_for
from l2c.improve.touched import rerun, touched
from l2c.improve.year import account, year
from l2c.improve.years import years
from l2c.log import EventLog
from l2c.stats.power import FALSE_ALARMS, POWER, cases_for_means, cases_for_shares
from l2c.words.errors import BadScenario
from l2c.words.measures import fair
from l2c.words.notes import Note

# Runs from which the spread of the cases is taken: each has a whole year of them.
SPREAD_RUNS = 5
# So many of the cases must have ended before both sides can be compared.
ENDED = 0.9


@dataclass(frozen=True)
class Needs:
    """What it takes to see an effect: cases after the change (and as many before), and weeks from its first day on."""

    cases: float
    weeks: float


def decide(
    log: EventLog,
    change: Given,
    *,
    kpi: str,
    owner: str,
    why: str = "",
    id: str | None = None,
    register: str | Path | None = None,
    decided: date | None = None,
    runs: int = YEARS,
    level: float = LEVEL,
) -> Decision:
    """Put down a decision: what, why, what is expected, what it costs, who owns it, and which figure will tell.

    Parameters
    ----------
    change
        As for `simulate`; its `name` and `from` are those of the decision.
    kpi
        The one key figure that will tell, announced before anything is changed: a row of `simulate` that is about nothing else.
    owner
        Who answers for it.
    why
        The finding behind it (`finding_id`), or a reason in words.
    id
        What the decision is called in the register; made of its name unless given.
    register
        The register into which it is written (docs/register.md); nothing is written unless given.
    decided
        The day of the decision.

    Returns
    -------
    The decision; `show.decision` makes its page.

    Raises
    ------
    BadScenario
        If the change makes no sense, or `kpi` is not what a simulation tells.
    NotTrusted
        As for `simulate`.
    BadRegister
        If the register makes no sense.

    Notes
    -----
    Cases and weeks: see `needs`.
    """
    asked = scenario(change, log)
    table = simulate(log, asked, runs=runs, level=level)
    rows = table[(table["about"] == "") & table["measure"].isin([figure.measure for figure in measures.FIGURES])]
    # A rate is announced under the name by which it is compared later, not as it stands to date.
    told = {fair(measure): measure for measure in rows["measure"]}
    if fair(kpi) not in told:
        raise BadScenario.kpi(kpi, sorted(told))
    kpi, row = fair(kpi), rows[rows["measure"] == told[fair(kpi)]].iloc[0]
    expected = {name: _rounded(row[name]) for name in ("difference", "low", "high")} | {
        "unit": row["unit"],
        "level": level,
    }
    en, ja = asked.names
    costs = asked.costs or Costs()
    cost = cost_of(plan(twin_for(log, asked), asked, log)) if asked.costs is not None else None
    needed = needs(log, asked, told[kpi])
    made = Decision(
        id or _slug(en) or f"change_{(decided or date.today()).isoformat()}", kpi, (en, ja), "planned", decided, asked.since, owner, why,
        tuple(asked.said.get("changes") or ()), dict(asked.said.get("costs") or {}), expected, _said(row["assumed"]),
        {} if cost is None else {"once": costs.once, "yearly": cost - costs.once},
        {name: value for name, value in (("cases", needed.cases), ("weeks", needed.weeks)) if value < inf},
    )  # fmt: skip
    if register is not None:
        record(register, made)
    return made


def needs(log: EventLog, change: Given, kpi: str, *, power: float = POWER, level: float = 1 - FALSE_ALARMS) -> Needs:
    """How many cases, and how many weeks, it takes to see what a change is expected to bring.

    Parameters
    ----------
    kpi
        A duration or a share that `simulate` tells.
    power, level
        How often the effect shall be seen if it is there, and the level of the test.

    Returns
    -------
    Cases after the change, as many being there before it, and weeks from its first day on: until so many have begun, and nine in
    ten of them have ended. Infinite where no difference is expected.

    Notes
    -----
    Of the means of cases that have ended (of shares, the shares), spread as in the simulated years, without trend or season, and
    as if all of the effect was there from the first day: it takes no less than this.
    """
    asked = scenario(change, log)
    twin = twin_for(log, asked)
    made = plan(twin, asked, log)
    span = year(twin, made.scenario.since, scale(log, twin))
    values: list[list[np.ndarray]] = [[], []]
    before = list(years(log, account(twin, span, log), SPREAD_RUNS))
    jobs = []
    for each in before:
        starts = made.begin(each.begun, each.seed)
        some = touched(made, each.begun, starts, each.paths, each.seed)
        jobs.append(Job(each.twin, starts, each.seed, made.changes(starts, each.seed), some))
    after = rerun(jobs, [each.paths for each in before], horizon=span.horizon, opens=twin.until)
    for each, job, then in zip(before, jobs, after, strict=True):
        for side, (came, paths) in enumerate(((each.begun, each.paths), (job.starts, then))):
            seen = measures.seen(measures.Times.of(paths, twin.stays, len(came), span.horizon), kpi)
            inside = np.isin(seen.case, span.counted(came))
            values[side].append(seen.value[inside & (seen.how == measures.SEEN)])
    told = [np.concatenate(each) for each in values]
    if not all(map(len, told)):
        return Needs(inf, inf)
    follow = 0.0
    if measures.Figure(kpi, "share").unit == "fraction":
        cases = cases_for_shares(float(told[0].mean()), float(told[1].mean()), power=power, level=level)
    else:
        gap = float(told[1].mean() - told[0].mean())
        cases = cases_for_means(gap, float(told[0].std()), float(told[1].std()), power=power, level=level)
        follow = float(np.quantile(told[1], ENDED))
    a_week = len(told[1]) / SPREAD_RUNS * span.scale / ((span.until - span.since) / 7)
    return Needs(cases, inf if cases == inf else ceil(cases / a_week + follow / 7))


def _rounded(value: float) -> float:
    """Four digits are more than anybody will check."""
    return float(f"{value:.4g}")


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")


def _said(note: Note | None) -> tuple[tuple[str, str], ...]:
    """What was assumed, in English and Japanese."""
    if not isinstance(note, Note):
        return ()
    inner = dict(note.values).get("notes") if note.id == "several" else None
    each = inner if isinstance(inner, tuple) else (note,)
    return tuple((one.said("en"), one.said("ja")) for one in each if isinstance(one, Note))
