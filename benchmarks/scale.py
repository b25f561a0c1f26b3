"""How does it grow? Time and memory by the number of events, in DuckDB and on Spark. `make scale` prints and keeps it.

Options: `--spark` measures Spark too, `--huge` 100 million events, which takes some 10 GB of disk and half an hour.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from importlib import import_module
from pathlib import Path

import numpy as np
import polars as pl

# In memory, then ordered on disk as files too large for memory are, then on Spark with all cores of this machine.
MILLIONS = {"DuckDB, in memory": (1, 3, 10), "DuckDB, on disk": (1, 3, 10, 30), "Spark": (1, 3, 10)}
COLUMNS = ["case_id", "activity", "time", "actor", "rep", "region", "product", "amount"]
# So many million events are a million cases, whose steps are explained.
CAUSES, SECONDS = 7, 10
RESULTS = Path(__file__).with_name("scale.md")
CAP = "4GB"


def sources(folder: Path, millions: tuple[int, ...]) -> dict[int, Path]:
    """Parquet files of so many million events: one company of a million, repeated under other ids."""
    from l2c.demo.companies import company

    cases = int(5000 * 1_000_000 / company(5000).clean.shape[0])
    rows = company(cases).clean.select(COLUMNS)
    made = {}
    for million in millions:
        made[million] = folder / f"{million}.parquet"
        # Part by part, since a hundred million rows are not held.
        target = folder / f"parts {million}"
        target.mkdir()
        for n in range(million):
            part = rows.with_columns(pl.format("{}-{}", pl.lit(n), "case_id").alias("case_id"))
            part.write_parquet(target / f"{n:03}.parquet")
        pl.scan_parquet(target).sink_parquet(made[million])
    return made


def alone(engine: str, path: Path, **environment: str) -> dict[str, float]:
    """Read a file and ask it, in a process of its own."""
    command = [sys.executable, __file__, "--measure", engine, str(path)]
    ran = subprocess.run(command, capture_output=True, text=True, env=os.environ | environment, check=False)
    if ran.returncode:
        sys.exit(ran.stderr)
    found: dict[str, float] = json.loads(ran.stdout.splitlines()[-1])
    return found


def measure(engine: str, path: str) -> None:
    """Seconds and the largest amount of memory, of this process and those it started."""
    import l2c
    from l2c import discover

    peak, done = [0.0], threading.Event()
    watcher = threading.Thread(target=_watch, args=(peak, done), daemon=True)
    watcher.start()
    session = _session() if engine == "Spark" else None
    # Whatever the size of the file: below zero cells every one is too large, above a billion none is.
    import_module("l2c.prepare.large").LARGE = 0 if engine.endswith("disk") else 10**9
    started = time.perf_counter()
    log = l2c.read(session, path) if session else l2c.read(path)
    prepared = time.perf_counter() - started
    asked = []
    for region in log.distinct("region")[:4]:
        started = time.perf_counter()
        chosen = log.where(region=region)
        discover.flow(chosen), l2c.kpis(chosen), discover.variants(chosen)
        asked.append(time.perf_counter() - started)
    done.set()
    # The first question to a log fetches what the later ones share.
    facts = {"events": log.n_events, "prepare": prepared, "first": asked[0], "ask": float(np.median(asked[1:]))}
    print(json.dumps(facts | {"memory": peak[0] / 1e9}))


def explain(path: str) -> None:
    """Seconds that the causes of slow steps take, of the clock and of all cores."""
    import l2c
    from l2c import diagnose

    log = l2c.read(path)
    started, worked = time.perf_counter(), time.process_time()
    found = diagnose.causes(log, "step_days")
    facts = {"seconds": time.perf_counter() - started, "cpu": time.process_time() - worked}
    print(json.dumps(facts | {"cases": log.n_cases, "found": len(found)}))


def _session():
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[*]").config("spark.driver.memory", "6g")
    builder = builder.config("spark.ui.enabled", "false").config("spark.sql.shuffle.partitions", "16")
    return builder.config("spark.ui.showConsoleProgress", "false").getOrCreate()


def _watch(peak: list[float], done: threading.Event) -> None:
    import psutil

    me = psutil.Process()
    while not done.wait(0.05):
        sizes = []
        for process in [me, *me.children(recursive=True)]:
            try:
                sizes.append(process.memory_info().rss)
            except psutil.Error:
                continue
        peak[0] = max(peak[0], sum(sizes))


def exponent(events: list[float], seconds: list[float]) -> float:
    """Power of the number of events that the seconds grow with, by least squares on the logarithms."""
    return float(np.polyfit(np.log(events), np.log(seconds), 1)[0])


def report(found: dict[str, dict[int, dict[str, float]]]) -> str:
    """The table, with the growth of each engine below it."""
    lines = ["| events | engine | prepare | first question | next question | memory |", "|---|---|---|---|---|---|"]
    growth = []
    for engine, sizes in found.items():
        for million, facts in sizes.items():
            times = f"{facts['prepare']:.1f} s | {facts['first']:.1f} s | {facts['ask']:.2f} s"
            lines.append(f"| {million} million | {engine} | {times} | {facts['memory']:.1f} GB |")
        if len(sizes) > 1:
            events = [facts["events"] for facts in sizes.values()]
            powers = {k: exponent(events, [facts[k] for facts in sizes.values()]) for k in ("prepare", "ask")}
            words = ", ".join(f"{name} {power:.2f}" for name, power in powers.items())
            growth.append(f"- {engine}: time grows with the number of events to the power of: {words} (bar: ≤ 1.1)")
    return "\n".join([*lines, "", *growth])


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--spark", action="store_true")
    parser.add_argument("--huge", action="store_true")
    parser.add_argument("--measure", nargs=2)
    said = parser.parse_args()
    if said.measure:
        engine, path = said.measure
        return explain(path) if engine == "causes" else measure(engine, path)
    engines = ["DuckDB, on disk"] if said.huge else [e for e in MILLIONS if e != "Spark" or said.spark]
    found: dict[str, dict[int, dict[str, float]]] = {}
    with tempfile.TemporaryDirectory(dir=os.environ.get("L2C_BENCH")) as name:
        made = sources(Path(name), (100,) if said.huge else (*MILLIONS["DuckDB, on disk"], CAUSES))
        for engine in engines:
            for million in made if said.huge else MILLIONS[engine]:
                found.setdefault(engine, {})[million] = alone(engine, made[million], L2C_MEMORY=CAP)
                print(engine, million, found[engine][million], flush=True)
        causes = None if said.huge else alone("causes", made[CAUSES], L2C_MEMORY=CAP)
    text = report(found)
    if causes:
        text += (
            f"\n- Causes of the steps of {causes['cases']:,.0f} cases: {causes['seconds']:.1f} s, "
            f"{causes['cpu']:.1f} s of CPU (bar: ≤ {SECONDS})"
        )
    print(text)
    target = RESULTS.with_name("huge.md") if said.huge else RESULTS
    target.write_text(
        f"# How it grows\n\nOne run of `make scale`; each row is a process of its own. A question is a filter by region "
        f"and then flow, KPIs and variants. DuckDB held to {CAP}.\n\n{text}\n",
        "utf-8",
    )


if __name__ == "__main__":
    main()
