"""How fast is it, beside its peers, in one run on this machine? `make bench` prints the table and keeps it."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl

import l2c
from l2c import discover, engine
from l2c.log import EventLog
from l2c.prepare.read import read

RESULTS = Path(__file__).with_name("results.md")
EVENTS = 1_000_000
LARGE = 10
# What a first export usually holds.
COLUMNS = ["case_id", "activity", "time", "actor", "rep", "region", "product", "amount"]


def median(work: Callable[[], object], times: int = 5) -> float:
    """Median seconds of a piece of work; the first, cold run is not counted."""
    work()
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def source(folder: Path) -> tuple[Path, Path]:
    """About a million events of the demo company, as CSV and Parquet."""
    from l2c.demo import company

    cases = int(5000 * EVENTS / company(5000).clean.shape[0])
    rows = company(cases).clean.select(COLUMNS)
    rows.write_csv(folder / "log.csv", datetime_format="%Y-%m-%d %H:%M:%S")
    rows.write_parquet(folder / "log.parquet")
    return folder / "log.csv", folder / "log.parquet"


def bincount(log: EventLog) -> Callable[[], object]:
    """The bound: count and total wait of each step over codes that are ready in memory."""
    events = engine.collect(log.events.select("activity", "next_activity", "wait_days")).dropna()
    names = pd.unique(pd.concat([events["activity"], events["next_activity"]]))
    code = pd.Series(range(len(names)), index=names)
    pair = (code[events["activity"]].to_numpy() * len(names) + code[events["next_activity"]].to_numpy()).astype(
        np.int64
    )
    wait = events["wait_days"].to_numpy()
    return lambda: (np.bincount(pair, minlength=len(names) ** 2), np.bincount(pair, wait, len(names) ** 2))


def refresh(log: EventLog) -> Callable[[], object]:
    """What a dashboard does when a filter changes, with another filter each time."""
    regions = log.distinct("region")
    turn = iter(range(10**9))

    def work() -> object:
        chosen = log.where(region=regions[next(turn) % len(regions)])
        return discover.flow(chosen), l2c.kpis(chosen)

    return work


def peers(csv: Path) -> dict[str, float]:
    """pm4py on the same rows."""
    warnings.simplefilter("ignore")
    import pm4py

    def formatted() -> pd.DataFrame:
        frame = pd.read_csv(csv)
        return pm4py.format_dataframe(frame, case_id="case_id", activity_key="activity", timestamp_key="time")

    frame = formatted()
    return {
        "read": median(formatted, 3),
        "flow": median(lambda: (pm4py.discover_dfg(frame), pm4py.discover_performance_dfg(frame)), 3),
    }


def large(parquet: Path, folder: Path) -> tuple[float, float, int]:
    """Seconds and gigabytes for ten times as many events from Parquet, in a process of its own."""
    rows = pl.read_parquet(parquet)
    parts = [rows.with_columns(pl.format("{}-{}", pl.lit(n), "case_id").alias("case_id")) for n in range(LARGE)]
    target = folder / "large.parquet"
    pl.concat(parts).write_parquet(target)
    ran = subprocess.run([sys.executable, __file__, str(target)], capture_output=True, text=True, check=True)
    seconds, kilobytes, events = ran.stdout.split()[-3:]
    return float(seconds), float(kilobytes) / 1e6, int(events)


def prepare_alone(path: str) -> None:
    """Read one file and say what it took."""
    started = time.perf_counter()
    log = read(path)
    print(time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, log.n_events)


def main() -> None:
    """Measure, print, keep."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        csv, parquet = source(folder)
        ours_read = median(lambda: read(csv), 3)
        log = read(csv)
        ours_flow = median(lambda: discover.flow(log))
        ours_refresh = median(refresh(log))
        bound = median(bincount(log))
        theirs = peers(csv)
        seconds, gigabytes, events = large(parquet, folder)
    rows = [
        (
            "flow with waits",
            f"{ours_flow * 1000:.0f} ms",
            f"{theirs['flow'] / ours_flow:.1f}× faster than pm4py",
            "≥ 20×",
        ),
        ("the same", f"{bound * 1000:.1f} ms", f"{ours_flow / bound:.1f}× the time of numpy bincount, the bound", ""),
        ("new filter → flow and KPIs", f"{ours_refresh * 1000:.0f} ms", "", "< 250 ms"),
        ("CSV → log", f"{ours_read:.2f} s", f"{ours_read / theirs['read']:.2f}× the time of pandas + pm4py", "≤ 1×"),
        (f"Parquet → log, {events:,} events", f"{seconds:.1f} s", f"{gigabytes:.2f} GB at most", "< 4 GB"),
    ]
    lines = [f"| work ({log.n_events:,} events) | time | beside | bar |", "|---|---|---|---|"]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    text = "\n".join(lines)
    print(text)
    RESULTS.write_text(f"# Speed\n\nMedians of one run of `make bench`; ratios within that run.\n\n{text}\n", "utf-8")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        prepare_alone(sys.argv[1])
    else:
        main()
