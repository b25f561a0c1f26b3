"""How quickly does the dashboard answer, measured in the browser? `make bench` prints the table and keeps it; `LOG`: a saved log."""

from __future__ import annotations

import gzip
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import psutil

sys.path.insert(0, str(Path(__file__).parents[1]))
import l2c
from l2c.prepare.read import read
from l2c.show.live import assets
from tests import servers
from tests.browser import page

RESULTS = Path(__file__).with_name("dashboard.md")
EVENTS = 1_000_000
# A busy machine is slow, not wrong.
WAIT = 600_000
SCRIPTS = {
    "map": ("dom", "menu", "canvas", "sheet", "controls", "replay", "map"),
    "panel": ("dom", "panel"),
    "paths": ("dom", "variants"),
    "cases": ("dom", "cases"),
    "head": ("dom", "pages"),
    "levers": ("dom", "levers"),
}
# Milliseconds from a click until the last of some widgets has changed and the browser has painted it.
ROUND_TRIP = """([click, shown]) => new Promise((done) => {
    const waiting = new Set(shown);
    const watch = shown.map((selector) => {
        const observer = new MutationObserver(() => {
            observer.disconnect();
            waiting.delete(selector);
            if (!waiting.size) requestAnimationFrame(() => setTimeout(() => done(performance.now() - started)));
        });
        observer.observe(document.querySelector(selector), {childList: true, subtree: true, characterData: true});
        return observer;
    });
    const started = performance.now();
    document.querySelector(click).click();
})"""
# Milliseconds from a click until nothing of a page is dimmed any more but what takes seconds, and the browser has painted it.
FRESH = """(click) => new Promise((done) => {
    const started = performance.now();
    let dimmed = false;
    const look = () => {
        const old = [...document.querySelectorAll(".l2c-page .l2c-stale:not(.l2c-late)")];
        const sketched = old.filter((each) => each.classList.contains("l2c-sketch") && each.dataset.drawn !== each.dataset.before);
        if (old.length > sketched.length) dimmed = true;
        else if (dimmed) return requestAnimationFrame(() => setTimeout(() => done(performance.now() - started)));
        requestAnimationFrame(look);
    };
    for (const each of document.querySelectorAll(".l2c-page .l2c-card")) each.dataset.before = each.dataset.drawn;
    document.querySelector(click).click();
    look();
})"""
# Milliseconds from a lever's move until other ranges than before have been painted.
MOVE = """([lever, place]) => new Promise((done) => {
    const said = () => [...document.querySelectorAll(".l2c-levers td.range")].map((cell) => cell.textContent).join();
    const before = said();
    const root = document.querySelector(".l2c-levers");
    const observer = new MutationObserver(() => {
        if (said() === before) return;
        observer.disconnect();
        requestAnimationFrame(() => setTimeout(() => done(performance.now() - started)));
    });
    observer.observe(root, {childList: true, subtree: true, characterData: true});
    const input = document.querySelector(lever);
    const started = performance.now();
    input.value = place;
    input.dispatchEvent(new Event("input"));
})"""
PAGES = ("time", "deals", "money", "rules", "people", "watch", "pipeline", "data", "overview")
VIEWS = {
    "the panel": [".l2c-panel"],
    "panel and map": [".l2c-panel", ".l2c-map .paper"],
    "panel, map and paths": [".l2c-panel", ".l2c-map .paper", ".l2c-variants"],
    "the whole page Process, with the list of cases": [
        ".l2c-panel", ".l2c-map .paper", ".l2c-variants", ".l2c-cases .table",
    ],
}  # fmt: skip


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def spent() -> float:
    """Seconds that the kernels of the dashboard have computed so far."""
    found = 0.0
    for each in psutil.Process().children(recursive=True):
        try:
            if any("ipykernel" in word for word in each.cmdline()):
                times = each.cpu_times()
                found += times.user + times.system
        except psutil.Error:
            continue
    return found


def opened(tab: Any, address: str) -> float:
    """Seconds from the address to the first map, by way of the page that opens first."""
    started = time.perf_counter()
    tab.goto(address)
    tab.locator(".l2c-head [data-page=process]").click(timeout=WAIT)
    tab.wait_for_selector(".l2c-map .node", timeout=WAIT)
    return time.perf_counter() - started


def settle(tab: Any) -> None:
    """Wait until nothing is being worked out."""
    tab.wait_for_timeout(400)
    tab.wait_for_function("document.querySelector('.l2c-head .busy').hidden", timeout=WAIT)
    tab.wait_for_timeout(200)


def answers(tab: Any, shown: list[str], times: int = 9) -> float:
    """Median milliseconds until the views show another choice: regions and products ticked one after the other."""
    boxes = [
        f".l2c-panel input[data-word={word}][data-value='{value}']"
        for word in ("region", "product", "segment")
        for value in [each.get_attribute("data-value") for each in tab.locator(f".l2c-panel input[data-word={word}]").all()][:3]
    ]  # fmt: skip
    taken = []
    for box in (boxes * 2)[: times + 1]:
        settle(tab)
        taken.append(tab.evaluate(ROUND_TRIP, [box, shown]))
    settle(tab)
    tab.locator(".l2c-panel button", has_text="All cases").click()
    settle(tab)
    # The first asks for what all later ones share.
    return statistics.median(taken[1:])


def turned(tab: Any, name: str) -> tuple[float, float, float]:
    """Milliseconds until a page is redrawn after a choice, with all its charts; what of it the kernel computes, and until all is."""
    tab.locator(f".l2c-head [data-page={name}]").click()
    settle(tab)
    box = tab.locator(".l2c-panel input[data-word=region]").first.get_attribute("data-value")
    click = f".l2c-panel input[data-word=region][data-value='{box}']"
    tab.evaluate(FRESH, click)
    settle(tab)
    tab.locator(".l2c-panel button", has_text="All cases").click()
    settle(tab)
    # What all choices share was asked for by the first.
    before = spent()
    found = tab.evaluate(FRESH, click)
    quick = spent() - before
    settle(tab)
    whole = spent() - before
    tab.locator(".l2c-panel button", has_text="All cases").click()
    settle(tab)
    return float(found), 1000 * quick, 1000 * whole


def moved(tab: Any, times: int = 5) -> tuple[float, float]:
    """Seconds until the page with the levers says what they bring, and median milliseconds from a move to new ranges."""
    tab.locator(".l2c-head [data-page=improve]").click()
    opening = timed(lambda: tab.wait_for_selector(".l2c-levers tbody tr, .l2c-levers [data-word=no]", timeout=WAIT))
    settle(tab)
    taken = []
    for place in range(times + 1) if tab.locator(".l2c-levers tbody tr").count() else ():
        # The first move runs nothing that later ones do not run.
        taken.append(tab.evaluate(MOVE, [".l2c-levers input[type=range]", place + 2]))
        tab.wait_for_timeout(300)
    return opening, statistics.median(taken[1:]) if taken else float("nan")


def rate(tab: Any) -> tuple[int, int]:
    """Frames a second of the replay, at its fullest, and the dots on the map then."""
    tab.locator(".l2c-map .play").click()
    tab.wait_for_function("+document.querySelector('.l2c-map').dataset.dots > 0", timeout=WAIT)
    seen = []
    for _ in range(12):
        tab.wait_for_timeout(1100)
        state = tab.evaluate("({...document.querySelector('.l2c-map').dataset})")
        seen.append((int(state["dots"]), int(state.get("rate", 0))))
    dots, frames = max(seen[1:])
    return frames, dots


def empty(folder: Path) -> float:
    """Seconds until Voilà shows a notebook without anything in it: its kernel and its page."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("print('here')")])
    nbformat.write(notebook, folder / "empty.ipynb")
    port = servers.free_port()
    command = [sys.executable, "-m", "voila", str(folder / "empty.ipynb"), "--no-browser", f"--port={port}"]
    address = f"http://127.0.0.1:{port}/"
    with (
        servers.running(command, address + "voila/static/", folder / "empty.txt", folder),
        page(local=True) as (tab, _),
    ):
        found = []
        for _ in range(3):
            found.append(timed(lambda: (tab.goto(address), tab.get_by_text("here").first.wait_for(timeout=WAIT))))
    return min(found)


def main() -> None:
    """Measure, print, keep; of a log that is named, print only."""
    from l2c.demo.companies import company

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if len(sys.argv) > 1:
            # A log that somebody has saved already.
            saved = Path(sys.argv[1])
            log = l2c.open(saved)
        else:
            cases = int(5000 * EVENTS / company(5000).clean.shape[0])
            company(cases).clean.write_parquet(folder / "log.parquet")
            log = read(folder / "log.parquet")
            saved = log.save(folder / "log")
        kernel = empty(folder)
        with (
            servers.dashboard(saved, folder) as address,
            page(1440, 1000, local=True) as (tab, _),
        ):
            ready, cold = [], []
            for _ in range(3):
                # One kernel is always made ready; whoever comes before that waits for one of their own.
                time.sleep(12)
                ready.append(opened(tab, address))
                cold.append(opened(tab, address))
            settle(tab)
            rows = [(f"a filter → {said}", f"{answers(tab, shown):.0f} ms") for said, shown in VIEWS.items()]
            frames, dots = rate(tab)
            for each in PAGES:
                shown, quick, whole = turned(tab, each)
                said = f"{shown:.0f} ms; the kernel computes {quick:.0f} ms, {whole:.0f} ms with what comes later"
                rows.append((f"a filter → page {each} (bar 400 ms)", said))
            first, again = moved(tab)
            rows += [
                ("page Improve: tested, learnt and told for the first time", f"{first:.0f} s"),
                ("a lever → new ranges, on 2,000 cases (bar 1 s)", f"{again:.0f} ms"),
            ]
    parts = {each: len(gzip.compress(assets.script(*files).encode())) for each, files in SCRIPTS.items()}
    rows = [
        ("opening → first map (bar 3 s)", f"{statistics.median(ready):.1f} s"),
        (
            "the same for a second visitor at the same moment, whose kernel starts then",
            f"{statistics.median(cold):.1f} s",
        ),
        ("of which Voilà with an empty notebook: a kernel and its page", f"{kernel:.1f} s"),
        *rows,
        (f"replay, {dots:,} dots at once (bar 30)", f"{frames} frames a second"),
        ("JavaScript, gzipped (bar 300 kB): " + ", ".join(parts), f"{sum(parts.values()) / 1000:.1f} kB"),
    ]
    lines = [f"| {log.n_events:,} events, {log.n_cases:,} cases | |", "|---|---|", *(f"| {a} | {b} |" for a, b in rows)]
    text = "\n".join(lines)
    print(text)
    if len(sys.argv) > 1:
        return
    RESULTS.write_text(
        f"# The dashboard in the browser\n\nMedians of one run of `make bench`, headless Chromium without a graphics "
        f"card, browser, server and kernel on the same machine.\n\n{text}\n",
        "utf-8",
    )


if __name__ == "__main__":
    assert l2c
    main()
