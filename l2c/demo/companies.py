"""The demo company: its events, and what was planted in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from l2c.words.errors import BadDemo

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl


CASES, SEED = 5000, 7


@dataclass(frozen=True, eq=False)
class Company:
    """Everything that is known of the demo company.

    Attributes
    ----------
    events
        The export: a row per event under English column names, with some duplicate and broken rows.
    clean
        The same events typed, under the ids of the vocabulary, without those rows.
    dirt
        Number of unusable rows of `events` by reason.
    extracted
        When the export was made: the time of its last event.
    cases, seed
        How many cases, and which company.
    """

    events: pl.DataFrame = field(repr=False)
    clean: pl.DataFrame = field(repr=False)
    dirt: dict[str, int]
    extracted: datetime
    cases: int
    seed: int

    @cached_property
    def truth(self) -> pd.DataFrame:
        """What is planted in the company; see `truth`."""
        from l2c.demo.truths import truths

        return truths(self.cases, self.seed)

    @cached_property
    def reps(self) -> pd.DataFrame:
        """How well each rep really sells: `rep, skill, deals, win_rate, expected`, best first."""
        from l2c.demo.truths import rep_skills

        return rep_skills(self.cases, self.seed)


def company(cases: int = CASES, seed: int = SEED) -> Company:
    """Let the demo company work from July 2024 to June 2026.

    Parameters
    ----------
    cases
        Number of cases: deals, and leads that became none.
    seed
        The same seed gives the same company to the last byte; another one, another company with the same faults.

    Raises
    ------
    BadDemo
        If `cases` is below 1.
    """
    from l2c.demo.dirt import export
    from l2c.demo.ledger import events
    from l2c.demo.world import world

    if cases < 1:
        raise BadDemo.too_few(cases)
    whole = world(cases, seed)
    clean = events(whole)
    raw, dirt = export(clean, whole.chance)
    return Company(raw, clean, dirt, clean["time"][-1], cases, seed)
