"""What would happen if we waited long enough? The whole company, before anyone cuts the record off."""

from __future__ import annotations

from dataclasses import dataclass

from l2c.demo.cash import Cash, collect
from l2c.demo.chance import Chance
from l2c.demo.leads import Cases, cases
from l2c.demo.sales import Sales, sell


@dataclass(frozen=True)
class World:
    """Every case to its very end."""

    cases: Cases
    sales: Sales
    cash: Cash
    chance: Chance


def world(number: int, seed: int, off: frozenset[str] = frozenset()) -> World:
    """Let the company work.

    Parameters
    ----------
    number
        How many cases.
    seed
        Which company.
    off
        Ids of planted causes that do not act in this world; all else stays as it is.
    """
    chance = Chance(seed, number)
    begun = cases(chance, off)
    sales = sell(begun, chance, off)
    return World(begun, sales, collect(begun, sales, chance, off), chance)
