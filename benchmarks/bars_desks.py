"""Desks: found as they are, and what-ifs with true answers: eight changes in companies with real queues."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

import desk_worlds as companies
import numpy as np
from desk_worlds import Company, Story

# Learnt until a day, asked about the cases of later ones; the cases before these fill the desks.
LEARNT, WARM, SINCE, UNTIL = 360, 180, 380, 480
RUNS = 20
MONDAY = datetime(2024, 1, 1)


@dataclass(frozen=True, eq=False)
class Asked:
    """A twin of a company, and the cases that it is asked about."""

    twin: object
    starts: object
    first: float
    base: int

    def days_to_win(self, seed: int, changes=None, starts=None) -> tuple[float, float]:
        """Mean days to the win and share won in one run, of the cases of the period."""
        from l2c.improve import run, twin

        starts = self.starts if starts is None else starts
        drawn = twin.redrawn(self.twin, seed)
        paths = run.run(drawn, starts, seed=seed, horizon=1e6, changes=changes)
        there = (starts.time >= SINCE - self.first) & (np.arange(len(starts)) < self.base)
        won = (paths.activity == self.twin.activities.index(companies.WON)) & there[paths.case]
        return float((paths.time[won] - starts.time[paths.case[won]]).mean()), won.sum() / there.sum()


def asked(story: Story) -> Asked:
    """Learn from what was known on a day."""
    from l2c.improve import staff, stays, twin
    from l2c.improve import starts as beginnings

    every = stays.stays(story.log(), most=None)
    first = every.days.origin - (MONDAY.date() - date(1970, 1, 1)).days
    known = every.cut(LEARNT - first)
    made = twin.fitted(known, staff.desks(story.log(LEARNT), known))
    begin = beginnings.observed(every, WARM - first, UNTIL - first)
    return Asked(made, begin, first, len(begin))


def changes(of: Company, model: Asked, lever: str):
    """A change of the company as one of the twin: hooks, and the cases that begin."""
    from l2c.improve import staffing
    from l2c.improve.run import Changes

    names, stays = model.twin.activities, model.twin.stays
    at = {attribute.name: (k, attribute.labels) for k, attribute in enumerate(stays.attributes)}
    desks = {names[desk.activity]: desk for desk in model.twin.hall.desks}
    starts, values = model.starts, model.starts.values
    if lever == "approval speed":
        return Changes(desks=(staffing.faster(desks[companies.DISCOUNT], 0.5),)), starts
    if lever == "second approver":
        region = companies.REGIONS[companies.busiest(of)]
        code = (float(at["region"][1].index(region)),)
        return Changes(desks=(staffing.added(desks[companies.DISCOUNT], values=code),)), starts
    if lever == "approval limit":
        column = at["discount"][0]

        def seen(_cases, _activity, known):
            known = known.copy()
            free = (known[:, column] > of.limit) & (known[:, column] <= of.limit + companies.LIMIT)
            known[free, column] = of.limit - 0.02
            return known

        return Changes(attributes=seen), starts
    if lever == "no batch":
        return Changes(desks=(staffing.unbatched(desks[companies.LEGAL]),)), starts
    if lever == "more deals":
        like = np.random.default_rng(of.seed).permutation(len(starts))[: len(starts) // 5]
        fields = {name: np.concatenate([x := getattr(starts, name), x[like]]) for name in ("like", "activity", "time", "values")}
        return Changes(), replace(starts, **fields)
    signed, legal = names.index(companies.SIGNED), names.index(companies.LEGAL)
    if lever == "faster signing":
        return Changes(wait=lambda _a, b, days, _i, _u: np.where(b == signed, days * 0.5, days)), starts
    if lever == "no legal check for SMB":
        small = values[:, at["segment"][0]] == at["segment"][1].index("SMB")
        return Changes(skip={legal: small}), starts
    return Changes(beside=((legal, signed, np.ones(len(starts), bool)),)), starts


@dataclass(frozen=True)
class Answer:
    """Effect on the days to the win: the true one, and what the twin says, with a range of 90 %."""

    lever: str
    true: float
    told: float
    low: float
    high: float


def answers(seed: int, runs: int = RUNS, levers: tuple[str, ...] = companies.LEVERS) -> list[Answer]:
    """Ask a twin of a company about the changes whose effect is known."""
    of = companies.company(seed)
    story = companies.run(of)
    base = story.days_to_win(SINCE, UNTIL, len(story.cases))[0]
    model = asked(story)
    today = [model.days_to_win(k)[0] for k in range(runs)]
    found = []
    for lever in levers:
        true = companies.run(companies.changed(of, lever)).days_to_win(SINCE, UNTIL, len(story.cases))[0] - base
        hooks, starts = changes(of, model, lever)
        told = np.array([model.days_to_win(k, hooks, starts)[0] for k in range(runs)]) - today
        found.append(Answer(lever, true, float(told.mean()), *(float(x) for x in np.quantile(told, [0.05, 0.95]))))
    return found
