"""A believable company to practise on: two years of its lead-to-cash process, and the truth planted in it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from l2c.demo.companies import CASES, SEED, Company, company
from l2c.log.origin import Origin, mark

if TYPE_CHECKING:
    import pandas as pd

    from l2c.log import EventLog

__all__ = ["Company", "company", "log", "truth", "write"]


def log(cases: int = CASES, *, seed: int = SEED) -> EventLog:
    """Return the event log of the demo company, without the unusable rows of its export.

    Parameters
    ----------
    cases, seed
        See `company`.
    """
    from l2c.demo.contacts import contacts
    from l2c.demo.org_ids import numbered
    from l2c.log import build

    made = company(cases, seed)
    spoken = contacts(numbered(made.clean), seed)
    built = build(made.clean, contacts=spoken, extracted=made.extracted, currency="USD")
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
