"""A demo company whose problems are known, as a log, as an export with its usual dirt, and as the truth."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from l2c import vocabulary

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

    from l2c.demo.world import World
    from l2c.log import EventLog

CURRENCY = "USD"
# Kinds of broken rows, each about once in two thousand, at least three times.
DIRT = ("duplicate", "no case", "no activity", "no time", "unreadable time", "out of range")


@dataclass(frozen=True)
class Company:
    """The demo company.

    Attributes
    ----------
    clean
        Its events as they were: one row each, under the attributes' ids, in the order of time.
    truth
        What is wrong in it.
    dirt
        How many broken rows of each kind its export has.
    """

    clean: pl.DataFrame
    truth: pd.DataFrame
    dirt: dict[str, int]


@lru_cache(maxsize=2)
def company(cases: int = 5000, seed: int = 7) -> Company:
    """Make the company.

    Parameters
    ----------
    cases
        Number of cases: leads, and deals that began without one.
    seed
        Another seed, another company; the same seed always gives the same one.
    """
    from l2c.demo.world import world
    from l2c.demo.planted import truths

    life = world(cases, seed)
    clean = _clean(life)
    each = max(3, clean.height // 2000)
    return Company(clean, truths(life), dict.fromkeys(DIRT, each))


def log(cases: int = 5000, *, seed: int = 7) -> EventLog:
    """Return the company's event log, without the dirt of its export.

    Parameters
    ----------
    cases, seed
        As for `company`.
    """
    from l2c.demo.world import EXTRACTED
    from l2c.log import build

    return build(company(cases, seed).clean, extracted=EXTRACTED, currency=CURRENCY)


def truth(cases: int = 5000, *, seed: int = 7) -> pd.DataFrame:
    """Return what is wrong in the company; see `l2c.demo.planted.truths` for the columns."""
    return company(cases, seed).truth


def write(folder: str | Path, cases: int = 5000, seed: int = 7) -> list[Path]:
    """Write the company as an org would export it, with a few broken rows, and its truth beside it.

    Returns
    -------
    Paths of `demo_log.csv`, `truth.csv` and `truth.json`.
    """
    made = company(cases, seed)
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    paths = [target / name for name in ("demo_log.csv", "truth.csv", "truth.json")]
    paths[0].write_bytes(export(made, seed).write_csv().encode())
    made.truth.to_csv(paths[1], index=False, encoding="utf-8-sig", lineterminator="\n")
    facts = {"schema": "l2c-truth/1", "seed": seed, "cases": cases, "dirt": made.dirt}
    facts["truths"] = made.truth.to_dict("records")
    paths[2].write_text(json.dumps(facts, ensure_ascii=False, indent=1), "utf-8")
    return paths


def at_hand(log_path: str | Path, out_dir: str | Path) -> EventLog:
    """Open the log that a notebook asks for; the demo company, written to `out_dir`, where there is none yet.

    Parameters
    ----------
    log_path
        A saved log or any source that `l2c.read` takes. Only a path inside `out_dir`, where the notebooks put
        their own files, gives way to the demo.
    out_dir
        The notebooks' folder of results.

    Raises
    ------
    L2CError
        If a source of the user cannot be read.
    """
    from l2c.log import open_log
    from l2c.prepare.read import read

    path, folder = Path(log_path), Path(out_dir)
    if path.exists() or folder.resolve() not in path.resolve().parents:
        return open_log(path) if (path / "log.json").exists() else read(path)
    print("There is no log yet, so this is the demo company.", file=sys.stderr)
    written = next(p for p in write(folder) if p.suffix == ".csv" and "truth" not in p.name)
    return read(written)


def export(made: Company, seed: int) -> pl.DataFrame:
    """The raw table: headers as people see them, text cells, and the broken rows among the good ones."""
    import numpy as np
    import polars as pl

    time = pl.col("time")
    day, second = time.dt.strftime("%Y-%m-%d"), time.dt.strftime("%Y-%m-%d %H:%M:%S")
    flag = pl.col("is_won").replace_strict({True: "True", False: "False"}, default=None, return_dtype=pl.String)
    rows = made.clean.with_columns(
        pl.when(pl.col("precision") == "day").then(day).otherwise(second).alias("time"), flag
    ).drop("precision")
    rows = rows.with_columns(pl.all().cast(pl.String))
    rng = np.random.default_rng([seed, 99])
    spoil = {
        "no case": pl.lit(None, pl.String).alias("case_id"),
        "no activity": pl.lit(None, pl.String).alias("activity"),
        "no time": pl.lit(None, pl.String).alias("time"),
        "unreadable time": pl.lit("to be confirmed").alias("time"),
    }
    parts = [rows.with_columns(_at=pl.int_range(pl.len()).cast(pl.Float64))]
    for kind, count in made.dirt.items():
        at = np.sort(rng.choice(rows.height, count, replace=False))
        some = rows[at].with_columns(_at=pl.Series(at + 0.5))
        if kind == "out of range":
            wrong = pl.Series([("1900-01-01 00:00:00", "2999-12-31 00:00:00")[n % 2] for n in range(count)])
            some = some.with_columns(time=wrong)
        elif kind != "duplicate":
            some = some.with_columns(spoil[kind])
        parts.append(some)
    mixed = pl.concat(parts).sort("_at", maintain_order=True).drop("_at")
    return mixed.rename({name: vocabulary.label(name, "en") for name in mixed.columns})


def _clean(life: World) -> pl.DataFrame:
    """Events until the extraction with what was known of their cases on that day."""
    import numpy as np
    import polars as pl

    from l2c.demo import names
    from l2c.demo.world import EXTRACTED

    start = np.datetime64(names.START, "us")
    events = pl.concat(life.events)
    micro = (events["day"].to_numpy() * 86_400).astype(np.int64) * 1_000_000
    events = events.with_columns(time=pl.Series(start + micro.astype("timedelta64[us]"))).filter(
        pl.col("time") <= EXTRACTED
    )
    reached = {
        name: events.filter(pl.col("activity") == activity)["row"].unique()
        for name, activity in (("quoted", "Quote Created"), ("won", "Closed Won"), ("lost", "Closed Lost"))
    }
    row = pl.int_range(pl.len())
    quoted, won, lost = (row.is_in(reached[name].implode()) for name in ("quoted", "won", "lost"))
    deal = pl.col("is_deal")
    stage = pl.when(won).then(pl.lit("Closed Won")).when(lost).then(pl.lit("Closed Lost"))
    cases = life.cases.with_columns(row=row).select(
        "row",
        pl.format("{}{}", pl.when(deal).then(pl.lit("0065g00")).otherwise(pl.lit("00Q5g00")), row.cast(pl.String).str.zfill(8)).alias("case_id"),
        "rep",
        pl.when(deal).then(stage.when(quoted).then(pl.lit("Negotiation")).otherwise(pl.lit("Qualification"))).alias("stage"),
        pl.when(deal).then("amount").alias("amount"),
        pl.when(deal).then(won).alias("is_won"),
        pl.when(deal & quoted).then("discount").alias("discount"),
        "region",
        "product",
        "segment",
        pl.when("is_lead").then("lead_source").alias("lead_source"),
        "account",
        pl.when(lost).then("loss_reason").alias("loss_reason"),
        pl.when(won).then("invoice_type").alias("invoice_type"),
        pl.when(won).then("payment_terms_days").alias("payment_terms_days"),
        pl.lit(CURRENCY).alias("currency"),
    )  # fmt: skip
    joined = events.join(cases, on="row", how="left").sort("time", "row", "activity", "object_id")
    empty_actor = pl.when(pl.col("actor") != "").then("actor").alias("actor")
    facts = ["case_id", "activity", "time", "precision", *cases.columns[2:]]
    return joined.select(*facts, empty_actor, "object_id")
