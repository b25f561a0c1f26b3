"""How much less does a run a month later take than the first: reading from an org, and the whole of it?

    python benchmarks/refresh.py [CASES] [--report]

The org is the tests' stand-in, in a process of its own; times are processor seconds of the kit alone, so that they do not hang
on what else the machine does. Three rows in a hundred are new or changed in the second run.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
NEW = 0.03
EARLIER, LATER = "2025-{:02d}-{:02d}T00:00:00.000Z", "2026-02-01T00:00:00.000Z"
TOKEN = "00D!TOKEN-of-the-benchmark"


def states(cases: int) -> list[dict[str, list[dict[str, str | None]]]]:
    """The org at the first run and a month later: half of what came is new, half was there and changed."""
    from l2c.demo.org import objects

    frames, chance = objects(cases), np.random.default_rng(1)
    found: list[dict[str, list[dict[str, str | None]]]] = [{}, {}]
    for name, frame in frames.items():
        rows = frame.to_dicts()
        draw = chance.random(len(rows)) if len(rows) > 1000 else np.ones(len(rows))
        old = [EARLIER.format(n % 12 + 1, n % 28 + 1) for n in range(len(rows))]
        both = list(zip(rows, draw, old, strict=True))
        found[0][name] = [row | {"SystemModstamp": then} for row, luck, then in both if luck >= NEW / 2]
        found[1][name] = [row | {"SystemModstamp": LATER if luck < NEW else then} for row, luck, then in both]
    return found


def serve(cases: int, gate: multiprocessing.Queue, ports: multiprocessing.Queue) -> None:
    """The stand-in, first as it is at the first run."""
    import threading
    from http.server import ThreadingHTTPServer

    from tests.prepare.salesforce.server import Handler, Org

    class Large(Org):
        """A stand-in that looks its rows up once for a query."""

        @cache  # noqa: B019
        def rows(self, query):
            return super().rows(query)

    first, later = states(cases)
    org = Large(first, page=50_000, limit=10_000_000)
    org.tokens.add(TOKEN)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.org = org
    threading.Thread(target=server.serve_forever, daemon=True).start()
    ports.put(server.server_port)
    gate.get()
    org.tables = later
    Large.rows.cache_clear()
    ports.put(0)
    gate.get()


def pulled(folder: Path, port: int) -> tuple[float, float, int, int]:
    """Pull into a folder: processor and wall seconds, rows that came, requests."""
    import requests

    from l2c.prepare.salesforce.mapping import load, wanted
    from l2c.prepare.salesforce.org import download
    from tests.prepare.salesforce.server import Loopback

    session = requests.Session()
    session.mount("https://", Loopback(port))
    began, clock = time.process_time(), time.perf_counter()
    got = download(folder, wanted(load(None)), session=session, sleep=lambda s: time.sleep(min(s, 0.05)))
    rows = sum(each["new"] for each in got.objects.values())
    return time.process_time() - began, time.perf_counter() - clock, rows, got.requests


def built(folder: Path, out: Path) -> tuple[float, int]:
    """Read the pulled records into a saved log: processor seconds, events."""
    import l2c

    began = time.process_time()
    log = l2c.read(str(folder))
    log.save(out, follows=True)
    return time.process_time() - began, log.n_events


def reported(out: Path, pages: Path) -> float:
    """Write the report of a saved log: processor seconds of this process and those that it starts."""
    import l2c
    from l2c import report

    def spent() -> float:
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return sum(each.ru_utime + each.ru_stime for each in used)

    began = spent()
    report.report(l2c.open(out), pages, saved=out)
    return spent() - began


def main() -> None:
    """Measure both runs and print their ratio."""
    cases = int(next((each for each in sys.argv[1:] if each.isdecimal()), "14000"))
    # The shell may know an org; this is none.
    os.environ |= {"SF_ACCESS_TOKEN": TOKEN, "SF_INSTANCE_URL": "https://acme.my.salesforce.com"}
    gate: multiprocessing.Queue = multiprocessing.Queue()
    ports: multiprocessing.Queue = multiprocessing.Queue()
    server = multiprocessing.Process(target=serve, args=(cases, gate, ports), daemon=True)
    server.start()
    port, runs = ports.get(), []
    with tempfile.TemporaryDirectory() as spare:
        place = Path(spare)
        for run in range(2):
            if run:
                gate.put(None)
                ports.get()
            cpu, wall, rows, asked = pulled(place / "records", port)
            seconds, events = built(place / "records", place / "log")
            found = {
                "rows": rows,
                "requests": asked,
                "pull": cpu,
                "pull_wall": wall,
                "build": seconds,
                "events": events,
            }
            if "--report" in sys.argv:
                found["report"] = reported(place / "log", place / "pages")
            runs.append(found)
            print(json.dumps(found), flush=True)
    gate.put(None)
    for name in ("rows", "requests", "pull", "pull_wall", "build", "report"):
        if name in runs[0]:
            print(f"{name}: {runs[1][name] / runs[0][name]:.3f}")
    whole = [sum(run.get(part, 0.0) for part in ("pull", "build", "report")) for run in runs]
    print(f"whole: {whole[1] / whole[0]:.3f}")


if __name__ == "__main__":
    main()
