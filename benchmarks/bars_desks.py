"""Desks: found as they are, and what-ifs with true answers: eight changes in companies with real queues."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from math import factorial

import desk_worlds as companies
import numpy as np
from bars import Bar
from desk_worlds import Company, Story

MONDAY = datetime(2024, 1, 1)
# What a bar of the honesty table takes; tests draw smaller worlds.
FROM = 50_000
# Smaller effects have no sign worth the name (days).
SOME = 0.15


@dataclass(frozen=True)
class Plan:
    """Learnt until a day, on which the change is made, and asked about the cases of some later days."""

    learnt: int
    since: int
    until: int
    runs: int
    rate: float | None
    levers: tuple[str, ...]


FULL = Plan(360, 380, 480, 12, None, companies.LEVERS)
SMALL = Plan(240, 245, 300, 4, 6.0, ("approval speed", "faster signing"))


@dataclass(frozen=True, eq=False)
class Asked:
    """A twin of a company, and the cases that it is asked about."""

    plan: Plan
    twin: object
    starts: object
    first: float

    def days_to_win(self, seed: int, changes=None, starts=None) -> tuple[float, float]:
        """Mean days to the win and share won in one run, of the cases of the period."""
        from l2c.improve import run, twin

        starts = self.starts if starts is None else starts(seed)
        drawn = twin.redrawn(self.twin, seed)
        paths = run.run(drawn, starts, seed=seed, horizon=1e6, changes=changes, opens=self.plan.learnt - self.first)
        # Others come after them, as they do in the company.
        there = (starts.begun >= self.plan.since - self.first) & (starts.begun < self.plan.until - self.first)
        there &= np.arange(len(starts)) < len(self.starts)
        won = (paths.activity == self.twin.activities.index(companies.WON)) & there[paths.case]
        return float((paths.time[won] - starts.time[paths.case[won]]).mean()), won.sum() / there.sum()


def asked(story: Story, plan: Plan = FULL) -> Asked:
    """Learn from what was known on a day."""
    from l2c.improve import staff, stays, twin
    from l2c.improve import starts as beginnings

    every = stays.stays(story.log(), most=None)
    first = every.days.origin - (MONDAY.date() - date(1970, 1, 1)).days
    known = every.cut(plan.learnt - first)
    made = twin.fitted(known, staff.desks(story.log(plan.learnt), known))
    new = beginnings.observed(every, plan.learnt - first)
    return Asked(plan, made, joined(beginnings.standing(known), new, len(made.activities)), first)


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
        new = np.flatnonzero(starts.begun >= model.plan.learnt - model.first)

        def more(seed: int):
            extra = np.sort(np.random.default_rng([of.seed, seed]).permutation(new)[: len(new) // 5])
            return replace(starts, **{name: np.concatenate([x, x[extra]]) for name, x in vars(starts).items()})

        return Changes(), more
    signed, legal = names.index(companies.SIGNED), names.index(companies.LEGAL)
    if lever == "faster signing":
        return Changes(wait=lambda _a, b, days, _i: np.where(b == signed, days * 0.5, days)), None
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


@lru_cache(64)
def answers(seed: int) -> tuple[Answer, ...]:
    """Ask a twin of a company about the changes whose effect is known; ranges as so few runs allow."""
    from scipy.stats import t as student

    plan = FULL if seed >= FROM else SMALL
    of = companies.company(seed, days=plan.until + 20, rate=plan.rate)
    story = companies.run(of)
    cases = len(story.cases)
    base = story.days_to_win(plan.since, plan.until, cases)[0]
    model = asked(story, plan)
    today = [model.days_to_win(k)[0] for k in range(plan.runs)]
    found = []
    for lever in plan.levers:
        other = companies.run(companies.changed(of, lever, plan.learnt))
        true = other.days_to_win(plan.since, plan.until, cases)[0] - base
        hooks, starts = changes(of, model, lever)
        told = np.array([model.days_to_win(k, hooks, starts)[0] for k in range(plan.runs)]) - today
        wide = float(student.ppf(0.95, plan.runs - 1) * told.std(ddof=1) * (1 + 1 / plan.runs) ** 0.5)
        found.append(Answer(lever, true, float(told.mean()), float(told.mean()) - wide, float(told.mean()) + wide))
    return tuple(found)


def signs(seed: int) -> list[float]:
    """Whether each effect has its true sign."""
    return [float(np.sign(a.true) == np.sign(a.told)) for a in answers(seed) if abs(a.true) >= SOME]


def covered(seed: int) -> list[float]:
    """Whether each range of 90 % holds the true effect."""
    return [float(a.low <= a.true <= a.high) for a in answers(seed)]


def summed(seed: int) -> float:
    """Errors of the mean effects of eight companies (in tests, of one), summed over the changes, against the effects."""
    many = 8 if seed >= FROM else 1
    each = [answers(seed + 1000 * k) for k in range(many)]
    true, told = (np.array([[getattr(a, name) for a in row] for row in each]).mean(axis=0) for name in ("true", "told"))
    return float(np.abs(told - true).sum() / np.abs(true).sum())


def nothing(seed: int) -> float:
    """The largest effect of a change that touches nothing, in two runs."""
    from l2c.improve import staffing
    from l2c.improve.run import Changes

    model = _model(seed)
    same = Changes(desks=tuple(staffing.faster(desk, 1.0) for desk in model.twin.hall.desks))
    return max(abs(model.days_to_win(k, same)[0] - model.days_to_win(k)[0]) for k in range(2))


@lru_cache(8)
def _model(seed: int) -> Asked:
    return asked(companies.run(companies.company(seed, days=SMALL.until + 20, rate=SMALL.rate)), SMALL)


@lru_cache(64)
def _found(seed: int):
    of = companies.company(seed, days=380)
    from l2c import improve

    return of, improve.desks(companies.run(of).log(360), names=True).set_index(["activity", "server"])


def exact(seed: int) -> float:
    """Whether the desks are those of the company: who serves which region, and who decides once a week."""
    of, table = _found(seed)
    true = {}
    for name, by in of.desks.items():
        for staff in {staff for staff in by.values()}:
            regions = tuple(sorted(companies.REGIONS[g] for g, other in by.items() if other is staff))
            for one in staff:
                kind = "queue" if one.batch is None else "batch"
                true[name, one.name] = (kind, regions if len({id(s) for s in by.values()}) > 1 else ())
    return float({key: (row["kind"], row["serves"]) for key, row in table.iterrows()} == true)


def services(seed: int, *, busiest: bool = False) -> list[float]:
    """Relative errors of the hours that a piece takes, of all but the busiest of a company, or of that one."""
    of, table = _found(seed)
    queue = table[table["kind"] == "queue"]
    busy = queue[["busy_share", "low"]].max(axis=1)
    people = {(name, one.name): one for name, by in of.desks.items() for staff in by.values() for one in staff}
    rows = [key for key in queue.index if key in people and (key == busy.idxmax()) == busiest]
    return [abs(queue.loc[key, "service_hours"] / people[key].hours - 1) for key in rows]


def busiest_service(seed: int) -> list[float]:
    """The relative error of the busiest."""
    return services(seed, busiest=True)


def false_desks(seed: int) -> float:
    """Desks of the demo company beside the one at which somebody decides on Fridays."""
    import l2c
    from l2c import improve

    table = improve.desks(l2c.demo(12_000 if seed >= FROM else 3_000, seed=seed), names=True)
    waits = table[table["kind"] != "pace"]
    return float((waits["activity"] != companies.LEGAL).sum() + (waits["kind"] != "batch").sum())


def erlang(seed: int) -> float:
    """Mean wait over that of theory: one to three servers, always there, with service of no memory (Erlang C)."""
    rng = np.random.default_rng([seed, 9])
    k = int(rng.integers(1, 4))
    load = float(rng.uniform(0.5, 0.8)) * k
    last = load**k / factorial(k) * k / (k - load)
    chance = last / (sum(load**n / factorial(n) for n in range(k)) + last)
    return _waited(rng, k, load, rng.exponential(1, 20_000)) / (chance / (k - load))


def general(seed: int) -> float:
    """Mean wait over that of theory: one server, any service (Pollaczek and Khinchine)."""
    rng = np.random.default_rng([seed, 10])
    sample = np.exp(rng.normal(0, rng.uniform(0.2, 0.8), 20_000))
    sample /= sample.mean()
    load = float(rng.uniform(0.4, 0.75))
    return _waited(rng, 1, load, sample) / (load * (sample**2).mean() / (2 * (1 - load)))


def _waited(rng: np.random.Generator, servers: int, rate: float, sample: np.ndarray, pieces: int = 40_000) -> float:
    from l2c.improve.hours import ALWAYS
    from l2c.improve.queues import Server, serve

    asked, u, sample = np.cumsum(rng.exponential(1 / rate, pieces)), rng.random(pieces), np.sort(sample)
    people = [Server(str(k), "queue", ALWAYS, sample) for k in range(servers)]
    done, _ = serve(people, asked, np.full(pieces, 1e7), u, u)
    work = np.interp(u * (len(sample) - 1), np.arange(len(sample)), sample)
    # Of so many servers every service is a quantile; what is left of the sojourn is the wait.
    return float((done - asked - work)[pieces // 20 :].mean())


def little(seed: int) -> float:
    """Cases at a desk on a day, in the mean over a year, over what comes in a day times how long it stays (Little)."""
    from l2c.improve import run

    model = _model(seed)
    paths = run.run(model.twin, model.starts, seed=seed, horizon=1e6, opens=SMALL.learnt - model.first)
    at = np.flatnonzero(paths.activity == model.twin.activities.index(companies.LEGAL))
    at = at[paths.case[at - 1] == paths.case[at]]
    begin, end = paths.time[at - 1], paths.time[at]
    low, high = np.quantile(begin, [0.1, 0.9])
    days = np.arange(low, high, 0.01)
    inside = np.searchsorted(np.sort(begin), days, "right") - np.searchsorted(np.sort(end), days, "right")
    some = (begin >= low) & (begin < high)
    return float(inside.mean() / (some.sum() / (high - low) * (end - begin)[some].mean()))


def seconds(seed: int) -> float:
    """Processor seconds of 200 runs of 15,000 events with desks, taken from three of them."""
    import time

    from l2c.improve import run

    model = _model(seed)
    run.run(model.twin, model.starts, seed=9, horizon=1e6, opens=SMALL.learnt - model.first)
    begin, events = time.process_time(), 0
    for k in range(3):
        events += len(run.run(model.twin, model.starts, seed=k, horizon=1e6, opens=SMALL.learnt - model.first))
    return (time.process_time() - begin) / events * 200 * 15_000


BARS = [
    Bar("desks: eight changes have the sign of their true effect", signs, 1.0, False, "–", 24),
    Bar("desks: errors of mean effects over eight changes, against the effects", summed, 0.12, True, "–", 3),
    Bar("desks: ranges of 90 % hold the true effect", covered, 0.85, False, "–", 24),
    Bar("desks: a change that touches nothing, days", nothing, 0.0, True, "–", 20),
    Bar("desks: found exactly: who serves whom, and who decides once a week", exact, 1.0, False, "0", 40),
    Bar("desks: error of the hours of a piece", services, 0.10, True, "0.50", 40),
    Bar("desks: error of the hours of a piece, at the busiest", busiest_service, 0.25, True, "0.50", 40),
    Bar("desks: false ones in the demo company", false_desks, 0.0, True, "1.2", 10),
    Bar("desks: mean wait over that of Erlang", erlang, 0.98, False, "–", 100, 1.02),
    Bar("desks: mean wait over that of Pollaczek and Khinchine", general, 0.98, False, "–", 100, 1.02),
    Bar("desks: cases there over arrivals times days (Little)", little, 0.98, False, "–", 40, 1.02),
    Bar("desks: processor seconds of 200 runs of 15,000 events", seconds, 30.0, True, "100", 10),
]
