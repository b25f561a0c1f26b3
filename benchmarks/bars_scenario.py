"""Changes as users write them: nothing where nothing is touched, and the true effect in companies with real queues."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache, partial

import desk_worlds as companies
import numpy as np
import twin_worlds
from bars import Bar
from desk_worlds import LEVERS, Company

# Learnt until a day, on which the change is made, and asked about the cases of so many days that follow.
LEARNT, ASKED = 360, 120
RUNS = 10
# Few deals a day: they are run in a second, and queues are as long as those of a large company.
RATE = 5.0


def change(of: Company, lever: str) -> dict[str, object]:
    """A lever of the worlds as it stands in a file of changes."""
    region = companies.REGIONS[companies.busiest(of)]
    limit = {"from": of.limit, "to": of.limit + companies.LIMIT}
    return {
        "approval speed": {"desk": companies.DISCOUNT, "speed": 0.5},
        "second approver": {"desk": companies.DISCOUNT, "add": 1, "where": {"region": region}},
        "approval limit": {"desk": companies.DISCOUNT, "limit": {"attribute": "discount", **limit}},
        "no batch": {"desk": companies.LEGAL, "batch": "none"},
        "more deals": {"arrivals": 1.2},
        "faster signing": {"step": [companies.LEGAL, companies.SIGNED], "share": 0.5},
        "no legal check for SMB": {"skip": companies.LEGAL, "where": {"segment": "SMB"}},
        "legal beside signing": {"parallel": [companies.LEGAL, companies.SIGNED]},
    }[lever]


@lru_cache(8)
def answer(seed: int, lever: str) -> tuple[float, float, float, float]:
    """Effect on the mean days to the win, true and told, and the range that was told."""
    from l2c.improve.hooks import plan
    from l2c.improve.scenario import scenario
    from l2c.improve.simulate import LEVEL, outcomes, spread
    from l2c.improve.twin import learn
    from l2c.improve.year import year

    of = companies.company(seed, days=LEARNT + ASKED, rate=RATE)
    story = companies.run(of)
    then = companies.run(companies.changed(of, lever, LEARNT))
    window = (LEARNT, LEARNT + ASKED, len(story.cases))
    true = then.days_to_win(*window)[0] - story.days_to_win(*window)[0]
    log = story.log(LEARNT)
    asked = scenario({"changes": [change(of, lever)], "costs": {"add": 1}}, log)
    twin = learn(log, most=None)
    span = year(twin)
    found = outcomes(log, twin, [plan(twin, asked, log)], replace(span, until=span.since + ASKED), runs=RUNS, seed=seed)
    k = [row[:2] for row in found.account.rows].index(("days_to_win", ""))
    told = spread(found.changed[0][:, k] - found.today[:, k], LEVEL)
    return true, told.value, told.low, told.high


def _lever(seed: int) -> str:
    return LEVERS[seed % len(LEVERS)]


def sign(seed: int) -> float:
    """Whether the effect goes where it truly goes."""
    true, told, *_ = answer(seed, _lever(seed))
    return float(np.sign(true) == np.sign(told))


def covers(seed: int) -> float:
    """Whether the range holds the true effect."""
    true, _, low, high = answer(seed, _lever(seed))
    return float(low <= true <= high)


def misses(seed: int) -> float:
    """By how much of the true effect it is missed; of a small one, of a tenth of a day."""
    true, told, *_ = answer(seed, _lever(seed))
    return abs(told - true) / max(abs(true), 0.5)


def touched(seed: int, raw: Callable[[int], dict[str, object]]) -> float:
    """The largest difference that a change makes which touches nothing."""
    from l2c.improve.hooks import plan
    from l2c.improve.scenario import scenario
    from l2c.improve.simulate import outcomes
    from l2c.improve.twin import learn
    from l2c.improve.year import year

    log = twin_worlds.company(seed, 1200).log(500.0)
    twin = learn(log)
    found = outcomes(log, twin, [plan(twin, scenario([raw(seed)], log), log)], year(twin), runs=2, seed=seed)
    return float(np.nanmax(np.abs(found.changed[0] - found.today)))


def nothing(seed: int) -> dict[str, object]:
    """A change of nothing."""
    return (
        {"step": ["Quote Accepted", "Contract Signed"], "share": 0},
        {"arrivals": 1},
        {"errors": "Order Corrected", "share": 0},
    )[seed % 3]


BARS = [
    Bar("a change that touches nothing: largest difference", partial(touched, raw=nothing), 0.0, worlds=20),
    Bar("change files, eight levers: sign", sign, 1.0, at_most=False, before="no answer to six of them", worlds=80),
    Bar(
        "change files, eight levers: 90 % ranges hold the truth", covers, 0.85, at_most=False, worlds=80, tested=(0, 3)
    ),
    Bar("change files, eight levers: error of the effect", misses, 0.30, worlds=80),
]
