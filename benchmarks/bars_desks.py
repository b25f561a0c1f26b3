"""Desks: found as they are, and what-ifs with true answers: eight changes in companies with real queues."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

import desk_worlds as companies
import numpy as np
from desk_worlds import Company, Story

# Learnt until a day, on which the change is made, and asked about the cases of later ones.
LEARNT, SINCE, UNTIL = 360, 380, 480
RUNS = 20
MONDAY = datetime(2024, 1, 1)


@dataclass(frozen=True, eq=False)
class Asked:
    """A twin of a company, and the cases that it is asked about."""

    twin: object
    starts: object
    first: float

    def days_to_win(self, seed: int, changes=None, starts=None) -> tuple[float, float]:
        """Mean days to the win and share won in one run, of the cases of the period."""
        from l2c.improve import run, twin

        starts = self.starts if starts is None else starts(seed)
        drawn = twin.redrawn(self.twin, seed)
        paths = run.run(drawn, starts, seed=seed, horizon=1e6, changes=changes, opens=LEARNT - self.first)
        there = (starts.begun >= SINCE - self.first) & (np.arange(len(starts)) < len(self.starts))
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
    new = beginnings.observed(every, LEARNT - first, UNTIL - first)
    return Asked(made, joined(beginnings.standing(known), new, len(made.activities)), first)


def joined(under_way, new, kinds: int):
    """Cases under way, and those that begin."""
    counts = np.zeros((len(new), kinds), np.int16)
    counts[np.arange(len(new)), new.activity] = 1
    begun = {
        "begun": new.time,
        "past": np.zeros(len(new)),
        "previous": np.full(len(new), -1, np.int16),
        "counts": counts,
    }
    new = replace(new, **begun)
    names = ("like", "activity", "time", "values", *begun)
    return replace(new, **{name: np.concatenate([getattr(under_way, name), getattr(new, name)]) for name in names})


def changes(of: Company, model: Asked, lever: str):
    """A change of the company as one of the twin: hooks, and the cases that begin."""
    from l2c.improve import staffing
    from l2c.improve.run import Changes

    names, stays = model.twin.activities, model.twin.stays
    at = {attribute.name: (k, attribute.labels) for k, attribute in enumerate(stays.attributes)}
    desks = {names[desk.activity]: desk for desk in model.twin.hall.desks}
    starts, values = model.starts, model.starts.values
    if lever == "approval speed":
        return Changes(desks=(staffing.faster(desks[companies.DISCOUNT], 0.5),)), None
    if lever == "second approver":
        region = companies.REGIONS[companies.busiest(of)]
        code = (float(at["region"][1].index(region)),)
        return Changes(desks=(staffing.added(desks[companies.DISCOUNT], values=code),)), None
    if lever == "approval limit":
        column = at["discount"][0]

        def seen(_cases, _activity, known):
            known = known.copy()
            free = (known[:, column] > of.limit) & (known[:, column] <= of.limit + companies.LIMIT)
            known[free, column] = of.limit - 0.02
            return known

        return Changes(attributes=seen), None
    if lever == "no batch":
        return Changes(desks=(staffing.unbatched(desks[companies.LEGAL]),)), None
    if lever == "more deals":
        new = np.flatnonzero(starts.begun >= LEARNT - model.first)

        def more(seed: int):
            extra = np.sort(np.random.default_rng([of.seed, seed]).permutation(new)[: len(new) // 5])
            return replace(starts, **{name: np.concatenate([x, x[extra]]) for name, x in vars(starts).items()})

        return Changes(), more
    signed, legal = names.index(companies.SIGNED), names.index(companies.LEGAL)
    if lever == "faster signing":
        return Changes(wait=lambda _a, b, days, _i, _u: np.where(b == signed, days * 0.5, days)), None
    if lever == "no legal check for SMB":
        small = values[:, at["segment"][0]] == at["segment"][1].index("SMB")
        return Changes(skip={legal: small}), None
    return Changes(beside=((legal, signed, np.ones(len(starts), bool)),)), None


@dataclass(frozen=True)
class Answer:
    """Effect on the days to the win: the true one, and what the twin says, with a range of 90 %."""

    lever: str
    true: float
    told: float
    low: float
    high: float


def answers(seed: int, runs: int = RUNS, levers: tuple[str, ...] = companies.LEVERS) -> list[Answer]:
    """Ask a twin of a company about the changes whose effect is known; ranges as so few runs allow."""
    from scipy.stats import t as student

    of = companies.company(seed)
    story = companies.run(of)
    base = story.days_to_win(SINCE, UNTIL, len(story.cases))[0]
    model = asked(story)
    today = [model.days_to_win(k)[0] for k in range(runs)]
    found = []
    for lever in levers:
        true = companies.run(companies.changed(of, lever, LEARNT)).days_to_win(SINCE, UNTIL, len(story.cases))[0] - base
        hooks, starts = changes(of, model, lever)
        told = np.array([model.days_to_win(k, hooks, starts)[0] for k in range(runs)]) - today
        wide = float(student.ppf(0.95, runs - 1) * told.std(ddof=1) * (1 + 1 / runs) ** 0.5)
        found.append(Answer(lever, true, float(told.mean()), float(told.mean()) - wide, float(told.mean()) + wide))
    return found
