"""What would happen if we waited long enough? The whole company, before anyone cuts the record off."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from l2c.demo.cash import Cash, collect
from l2c.demo.chance import Chance
from l2c.demo.leads import Cases, cases
from l2c.demo.sales import Sales, sell


@dataclass(frozen=True)
class World:
    """Every case to its very end; each part is made when it is asked for.

    Attributes
    ----------
    chance
        Where its draws come from.
    off
        Ids of causes that do not act in this world; all else stays as it is.
    """

    chance: Chance
    off: frozenset[str] = frozenset()

    @cached_property
    def cases(self) -> Cases:
        """Who comes."""
        return cases(self.chance, self.off)

    @cached_property
    def sales(self) -> Sales:
        """What is sold."""
        return sell(self.cases, self.chance, self.off)

    @cached_property
    def cash(self) -> Cash:
        """What is delivered and paid."""
        return collect(self.cases, self.sales, self.chance, self.off)


def world(number: int, seed: int, off: frozenset[str] = frozenset()) -> World:
    """Let the company work.

    Parameters
    ----------
    number
        How many cases.
    seed
        Which company.
    off
        Ids of causes that do not act in this world; all else stays as it is.
    """
    return World(Chance(seed, number), off)
