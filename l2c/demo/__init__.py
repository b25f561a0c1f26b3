"""A believable company to practise on: two years of its lead-to-cash process, and the truth planted in it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from l2c.errors import BadDemo
from l2c.origin import Origin, mark

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

    from l2c.log import EventLog

__all__ = ["Company", "company", "log", "truth", "write"]

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


def log(cases: int = CASES, *, seed: int = SEED) -> EventLog:
    """Return the event log of the demo company, without the unusable rows of its export.

    Parameters
    ----------
    cases, seed
        See `company`.
    """
    from l2c.log import build

    made = company(cases, seed)
    built = build(made.clean, extracted=made.extracted, currency="USD")
    return replace(built, base=built.base.but(origin=Origin(demo=(cases, seed))))


def truth(cases: int = CASES, *, seed: int = SEED) -> pd.DataFrame:
    """Return what is planted in the demo company, measured case by case against the company without it.

    Returns
    -------
    One row per truth; see `l2c.demo.truths.truths` for the columns.
    """
    return company(cases, seed).truth


def write(folder: str | Path, cases: int = CASES, seed: int = SEED) -> list[Path]:
    """Write `demo_log.csv`, `truth.csv`, `truth.json` and a folder of the org's objects, and return their paths.

    `demo.json` beside them tells whoever reads them that this is the demo company.

    Parameters
    ----------
    folder
        Where to; made if it is missing. Files of the same names are replaced.
    cases, seed
        See `company`.
    """
    from l2c.demo.org import write_objects

    made = company(cases, seed)
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    paths = [place / name for name in ("demo_log.csv", "truth.csv", "truth.json")]
    made.events.write_csv(paths[0])
    # Excel takes UTF-8 for what it is only with this mark.
    paths[1].write_bytes(made.truth.to_csv(index=False, lineterminator="\n").encode("utf-8-sig"))
    paths[2].write_text(json.dumps(_facts(made), ensure_ascii=False, indent=1) + "\n", "utf-8")
    org = write_objects(place / "salesforce", cases, seed)
    mark(place, cases, seed, [paths[:1], org])
    return [*paths, place / "salesforce"]


def _facts(made: Company) -> dict[str, object]:
    """What `truth.json` says."""
    known = made.truth.astype(object).where(made.truth.notna(), None)
    return {
        "schema": "l2c-truth/1",
        "seed": made.seed,
        "cases": made.cases,
        "events": made.clean.height,
        "extracted": made.extracted.isoformat(),
        "currency": "USD",
        "truths": known.to_dict("records"),
        "reps": made.reps.to_dict("records"),
        "dirt": made.dirt,
    }
