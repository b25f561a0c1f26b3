"""What the first page promises: its cards are levers that are there, and parts are coloured for more than chance and mix."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

import numpy as np
from bars import Bar

sys.path.append(str(Path(__file__).parent))
import worlds
from worlds import Cause

CASES = 2500
# Of attributes that nobody can change, and that somebody can.
GIVEN, LEVER = "segment", "lead_source"


def _company(seed: int, planted: list[Cause], large: str | None = None):
    """A log of some faults, with the truth of the first: cases struck, and deals or leads it cost; `large`: a region of large deals."""
    from l2c.log import build

    rng = np.random.default_rng([seed, 17])
    people = worlds._people(rng, CASES)
    if large is not None:
        people["amount"] = (people["amount"] * np.where(people["region"] == large, 3.0, 1.0)).round()
    draws = {name: rng.random((CASES, 20)) for name in ("noise", "luck")}
    age = np.sort(worlds.DAYS * rng.power(1.6, CASES))
    real = worlds._run(people, draws, age, planted, "lognormal")
    log = build(worlds._recorded(real, people), extracted=worlds.START + timedelta(days=worlds.DAYS))
    truth = (
        worlds._cost(planted[0], people, real, worlds._run(people, draws, age, planted[1:], "lognormal"))
        if planted
        else {}
    )
    return log, truth


def _cards(log):
    from l2c import diagnose

    return diagnose.actions(log, diagnose.findings(log))


def _some(seed: int, attribute: str) -> str:
    return f"{attribute[:3].title()}{int(np.random.default_rng([seed, 3]).integers(3)):02d}"


def false_card(seed: int) -> float:
    """Whether a card is there, other than a rule that is broken, where nothing is planted."""
    log, _ = _company(seed, [])
    return float((_cards(log)["kind"] != "rule").any())


def first_card(seed: int) -> float:
    """Whether the one lever that is planted is on the first card."""
    value = _some(seed, LEVER)
    log, _ = _company(seed, [Cause("convert", 0, ((LEVER, value),), 2.5)])
    found = _cards(log)
    return float(len(found) > 0 and (found["attribute"][0], found["value"][0]) == (LEVER, value))


def given_card(seed: int) -> float:
    """Whether a fault of what nobody can change makes a card, other than of a rule."""
    log, _ = _company(seed, [Cause("win", 0, ((GIVEN, _some(seed, GIVEN)),), 2.5)])
    return float((_cards(log)["kind"] != "rule").any())


def size(seed: int) -> float | None:
    """Leads on the card of a planted lever over those that it truly cost."""
    value = _some(seed, LEVER)
    log, truth = _company(seed, [Cause("convert", 0, ((LEVER, value),), 2.5)])
    found = _cards(log)
    found = found[found["value"] == value]
    return float(found["excess"].iloc[0] / -truth["lost"]) if len(found) else None


def _regions(log):
    from l2c import monitor

    return monitor.benchmark(log, "region", {value: log.where(region=value) for value in log.distinct("region")})


def coloured(seed: int) -> float:
    """Whether any part is coloured where none differs."""
    log, _ = _company(seed, [])
    return float(_regions(log)["beyond_chance"].eq(True).any())


def coloured_by_mix(seed: int) -> float:
    """The same where the deals of a region are thrice as large, and large deals are won less often."""
    log, _ = _company(seed, [], large="Reg01")
    found = _regions(log)
    return float(found[found["group"] == "Reg01"]["beyond_chance"].eq(True).any())


def worse_part(seed: int) -> float:
    """Whether a region that wins less is coloured so."""
    log, _ = _company(seed, [Cause("win", 0, (("region", "Reg02"),), 2.5)])
    found = _regions(log).set_index(["group", "kpi"]).loc[("Reg02", "win_rate_incidence")]
    return float(found["beyond_chance"] is True and not found["better"])


def gap(seed: int) -> float | None:
    """The difference of a region that wins less over the true one, per deal."""
    log, truth = _company(seed, [Cause("win", 0, (("region", "Reg02"),), 2.5)])
    found = _regions(log).set_index(["group", "kpi"]).loc[("Reg02", "win_rate_incidence")]
    each = truth["lost"] / truth["cases"]
    return float(found["difference"] / each)


BARS = [
    Bar("nothing planted: a card other than of a broken rule", false_card, 0.05, tested=()),
    Bar("a lead source that fails: on the first card", first_card, 0.95, at_most=False, tested=()),
    Bar("a fault of a customer segment: a card other than of a broken rule", given_card, 0.05, tested=()),
    Bar("leads on the card over those truly lost", size, 0.8, also=1.25, worlds=200, tested=()),
    Bar("no region differs: one coloured in the benchmark", coloured, 0.05),
    Bar("a region of large deals, which are won less: coloured", coloured_by_mix, 0.05, tested=()),
    Bar("a region that wins less: coloured as worse", worse_part, 0.9, at_most=False),
    Bar("its difference over the true one", gap, 0.8, also=1.25, worlds=200, tested=()),
]
