"""How fast is it, beside its peers, in one run on this machine? `make bench` prints the table and keeps it."""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bound
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
    from l2c.demo.companies import company

    cases = int(5000 * EVENTS / company(5000).clean.shape[0])
    rows = company(cases).clean.select(COLUMNS)
    rows.write_csv(folder / "log.csv", datetime_format="%Y-%m-%d %H:%M:%S")
    rows.write_parquet(folder / "log.parquet")
    return folder / "log.csv", folder / "log.parquet"


def bincount(log: EventLog) -> Callable[[], object]:
    """The bound of counting: count and total wait of each step over codes that are ready in memory."""
    events = engine.collect(log.events.select("activity", "next_activity", "wait_days")).dropna()
    names = pd.unique(pd.concat([events["activity"], events["next_activity"]]))
    code = pd.Series(range(len(names)), index=names)
    pair = code[events["activity"]].to_numpy() * len(names) + code[events["next_activity"]].to_numpy()
    pair, wait, size = pair.astype(np.int64), events["wait_days"].to_numpy(), len(names) ** 2
    return lambda: (np.bincount(pair, minlength=size), np.bincount(pair, wait, size))


def counted(log: EventLog) -> object:
    """Count and mean wait of each step, as `flow` asks for them, without its quantiles."""
    import narwhals as nw

    steps = log.events.group_by("activity", "next_activity")
    return engine.collect(steps.agg(events=nw.len(), mean_days=nw.col("wait_days").mean()))


def refresh(log: EventLog) -> Callable[[], object]:
    """What a dashboard does when a filter changes, with another filter each time."""
    regions = log.distinct("region")
    turn = iter(range(10**9))

    def work() -> object:
        chosen = log.where(region=regions[next(turn) % len(regions)])
        return discover.flow(chosen), l2c.kpis(chosen), discover.variants(chosen)

    work()
    return work


def hoped(log: EventLog) -> float:
    """Seconds of the same change of filter over an index of our own making."""
    made, regions = bound.index(log, "region"), log.distinct("region")
    return median(lambda: [bound.refresh(made, region) for region in regions]) / len(regions)


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
        "variants": median(lambda: pm4py.get_variants(frame), 3),
    }


def twin(events: int = 1_000_000) -> tuple[float, float, int]:
    """A twin of so many events: seconds of CPU to learn it, and of one run of all its cases with curves of its own."""
    from twin_worlds import company

    from l2c.improve.run import run
    from l2c.improve.starts import observed
    from l2c.improve.stays import stays
    from l2c.improve.trial import drawn
    from l2c.improve.twin import fitted

    log = company(1, events * 11 // 60).log(500.0)
    started = time.process_time()
    known = stays(log, most=None)
    made = fitted(known)
    learnt = time.process_time() - started
    starts = observed(known)

    started = time.process_time()
    for seed, each in enumerate(drawn(made, 20)):
        run(each, starts, seed=seed, horizon=known.until)
    return learnt, (time.process_time() - started) / 20, len(known)


def decided(cases: int = 5000) -> tuple[float, float]:
    """Seconds of CPU of step 5 for the demo: its test, levers, one change and a decision; and with runs made one by one."""
    from importlib import import_module

    from l2c import improve
    from l2c.demo.companies import company
    from l2c.log import build

    run: Any = import_module("l2c.improve.run")
    rows = company(cases).clean
    taken, usual = [], run.MOST_TOGETHER
    for together in (usual, 1):
        run.MOST_TOGETHER = together
        log = build(rows)
        started = time.process_time()
        improve.backtest(log)
        best = improve.pick(improve.levers(log, runs=8))
        found = improve.simulate(log, best, runs=20)
        improve.decide(log, best, kpi=str(improve.telling(found)), owner="", runs=20)
        taken.append(time.process_time() - started)
    run.MOST_TOGETHER = usual
    return taken[0], taken[1]


def pipeline(cases: int = 5000) -> tuple[float, float]:
    """The report's chapter on the pipeline: seconds of CPU for all that it asks of a log of so many cases, and for one twin of it."""
    from l2c import monitor
    from l2c.improve.stays import stays
    from l2c.improve.twin import fitted

    log = l2c.demo(cases)
    started = time.process_time()
    fitted(stays(log))
    once = time.process_time() - started
    asked = ("forecast", "cash", "calibration", "open_deals", "open_leads", "open_invoices", "lately")
    started = time.process_time()
    for name in asked:
        getattr(monitor, name)(log)
    return time.process_time() - started, once


def org(folder: Path) -> tuple[float, float, int, int]:
    """A folder of object files with a million events in all: seconds to a log, and for pandas just to parse the files."""
    from l2c.demo.org import write_objects

    files = write_objects(folder / "org", int(5000 * EVENTS / 38_000))
    log = read(folder / "org")
    ours = median(lambda: read(folder / "org"), 3)
    return ours, median(lambda: [pd.read_csv(file) for file in files], 3), log.n_events, len(files)


def large(parquet: Path, folder: Path) -> dict[str, float]:
    """What ten times as many events take, in a process of its own."""
    rows = pl.read_parquet(parquet)
    parts = [rows.with_columns(pl.format("{}-{}", pl.lit(n), "case_id").alias("case_id")) for n in range(LARGE)]
    target = folder / "large.parquet"
    pl.concat(parts).write_parquet(target)
    del rows, parts
    ran = subprocess.run([sys.executable, __file__, str(target)], capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(ran.stdout.splitlines()[-1])
    return found


def prepare_alone(path: str) -> None:
    """Read one file, ask it, and say what that took."""
    started = time.perf_counter()
    log = read(path)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    facts = {"events": log.n_events, "read": seconds, "memory": peak, "refresh": median(refresh(log))}
    print(json.dumps(facts | {"hoped": hoped(log)}))


def reporting(source: Path, folder: Path, *more: str) -> float:
    """Seconds of CPU that `l2c report` takes, all of its processes together."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "l2c.cli", "report", str(source), "--out", str(folder), *more]
    subprocess.run(command, capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def reports(csv: Path, folder: Path) -> tuple[float, float, float]:
    """Seconds of CPU for the report of the demo, for a part of it by rep, and for the report of a million events."""
    from l2c.demo.companies import company

    demo = folder / "demo.csv"
    rows = company(5000).clean
    rows.write_csv(demo, datetime_format="%Y-%m-%d %H:%M:%S")
    parts = rows["rep"].drop_nulls().n_unique()
    by = reporting(demo, folder / "by", "--by", "rep", "--smallest-group", "1") / parts
    return reporting(demo, folder / "whole"), by, reporting(csv, folder / "many")


def importing() -> float:
    """Seconds that `import l2c` adds to a Python that does nothing."""
    taken = []
    for code in ("pass", "import l2c"):
        command = [sys.executable, "-c", code]
        taken.append(median(lambda command=command: subprocess.run(command, check=True)))
    return taken[1] - taken[0]


def saved(log: EventLog, folder: Path) -> float:
    """Bytes of a saved log, per event."""
    target = log.save(folder / "log")
    return sum(file.stat().st_size for file in target.iterdir()) / log.n_events


def main() -> None:
    """Measure, print, keep."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        csv, parquet = source(folder)
        theirs = peers(csv)
        ours_read = median(lambda: read(csv), 3)
        log = read(csv)
        flow, variants = median(lambda: discover.flow(log)), median(lambda: discover.variants(log))
        counting, least = median(lambda: counted(log)), median(bincount(log))
        again, hope = median(refresh(log), 9), hoped(log)
        ten = large(parquet, folder)
        objects, parsing, many, files = org(folder)
        size, loading = saved(log, folder), importing()
        learnt, played, asked = twin()
        whole, part, many_events = reports(csv, folder)
        fifth, singly = decided()
        chapter, once = pipeline()
    pm4py = {work: f"{theirs[work] / ours:.1f}× faster" for work, ours in (("flow", flow), ("variants", variants))}
    rows = [
        ("flow: count, mean, median, 90th percentile", ms(flow), f"{pm4py['flow']} than pm4py", "≥ 25×"),
        ("count and mean alone", ms(counting), f"{counting / least:.1f}× the time of numpy bincount", "≤ 4×"),
        ("variants", ms(variants), f"{pm4py['variants']} than pm4py", "≥ 10×"),
        ("new filter → flow, KPIs, variants", ms(again), f"an index in numpy: {ms(hope)}", "< 150 ms"),
        ("CSV → log", s(ours_read), f"{theirs['read'] / ours_read:.2f}× faster than pandas + pm4py", "≥ 2×"),
        (
            f"{files} object files → log, {many:,} events",
            s(objects),
            f"{objects / parsing:.1f}× what pandas takes to parse them",
            "< 30 s",
        ),
        (f"twin of {asked:,} events: learn", s(learnt), "", "≤ 10 s"),
        ("200 runs of it, each with curves of its own", s(200 * played), f"a run: {ms(played)}", "≤ 60 s"),
        (
            "step 5 of the demo: test, levers, one change, a decision",
            s(fifth),
            f"{singly / fifth:.1f}× faster than run by run",
            "≥ 1.3×",
        ),
        (
            "the pipeline of 5,000 cases: forecast, cash, chances",
            s(chapter),
            f"{chapter / once:.0f}× a twin of them",
            "≤ 3.5 s",
        ),
        ("`import l2c`", ms(loading), "", "< 400 ms"),
        ("`l2c report` of 5,000 cases, all processes", s(whole), f"a part of `--by rep`: {s(part)}", "≤ 15 s; ≤ 6 s"),
        ("the same of all events", s(many_events), "", "≤ 120 s: 60 s on two cores"),
        ("saved log", f"{size:.1f} bytes an event", "", "≤ 15"),
        (f"Parquet → log, {ten['events']:,} events", s(ten["read"]), f"{ten['memory']:.2f} GB", "< 15 s, < 4 GB"),
        ("its new filter → flow, KPIs, variants", ms(ten["refresh"]), f"an index: {ms(ten['hoped'])}", "< 1000 ms"),
    ]
    lines = [f"| work ({log.n_events:,} events) | time | beside | bar |", "|---|---|---|---|"]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    text = "\n".join(lines)
    print(text)
    RESULTS.write_text(f"# Speed\n\nMedians of one run of `make bench`; ratios within that run.\n\n{text}\n", "utf-8")


def ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


def s(seconds: float) -> str:
    return f"{seconds:.1f} s"


if __name__ == "__main__":
    if len(sys.argv) > 1:
        prepare_alone(sys.argv[1])
    else:
        main()
