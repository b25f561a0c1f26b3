"""The report of what is chosen on the dashboard, made in a process of its own and handed out as one file."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import wait
from pathlib import Path
from typing import Any

from l2c.lab import SERIES
from l2c.log import beside
from l2c.system import processes
from l2c.system.extras import is_there

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
_ELSEWHERE = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
# What stands beside the pages for whoever goes on working with them; whoever reads a report needs the pages.
_NOT_READ = {"log", "notebooks"}
PRINTED = 120.0
_STYLE = re.compile(r"<style\b[^>]*>.*?</style>", re.DOTALL)
# With this begins what a page says of its own foot; what holds of all sheets begins with their size.
FOOT = "@page{@bottom-left"


def can_report() -> bool:
    """Whether the packages that make a report are here."""
    return all(is_there(name) for name in ("IPython", "nbconvert", "nbformat", "psutil"))


def browser() -> str | None:
    """A browser that prints pages; None where there is none."""
    return next(filter(None, map(shutil.which, BROWSERS)), None) or next(
        (p for p in _ELSEWHERE if Path(p).is_file()), None
    )


def made(
    saved: Path,
    where: Sequence[Mapping[str, Any]],
    kind: str,
    settings: Mapping[str, Any],
    told: Callable[[int, int], None],
) -> tuple[str, bytes]:
    """Make the report of a selection of a saved log.

    Parameters
    ----------
    saved
        The folder of the log.
    where
        Conditions, as `Selection.where`.
    kind
        `html`, all pages in one archive, or `pdf`, all pages in one document.
    settings
        What `report` takes besides: `lang, names, smallest, rules, register, alerts, client`, and `hours`.
    told
        Called every second with the number of notebooks that have run, and of all.

    Returns
    -------
    The type of the file, and what is in it.

    Raises
    ------
    L2CError, OSError
        If the report, or the document, could not be made.
    """
    # A visitor who leaves ends this process at once; what it leaves behind is swept by the server (`Rooms.sweep`).
    with beside.scratch() as spare:
        folder = spare / "report"
        # The names that a condition may hold are handed over by a pipe: a command line can be read by everybody.
        with processes.pool(1) as workers:
            job = workers.submit(_report, saved, folder, tuple(where), dict(settings))
            while not wait([job], timeout=1.0).done:
                told(_written(folder), len(SERIES))
            job.result()
        if kind == "html":
            return "application/zip", _archive(folder)
        told(len(SERIES), len(SERIES))
        return "application/pdf", _printed(folder, spare)


def _report(saved: Path, folder: Path, where: Sequence[Mapping[str, Any]], settings: dict[str, Any]) -> None:
    """Make the pages; runs in a process of its own."""
    import l2c
    from l2c.improve import entries
    from l2c.report import report
    from l2c.show.live.selection import Selection

    hours, register = settings.pop("hours"), settings.pop("register")
    log = l2c.open(saved)
    log = log.in_hours(hours) if log.calendar is not None else log
    report(Selection(log).narrowed(where), folder, register=register or entries.beside(saved), **settings)


def _written(folder: Path) -> int:
    return len(list((folder / "notebooks").glob("*.ipynb"))) if folder.is_dir() else 0


def _archive(folder: Path) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")):
            inside = file.relative_to(folder)
            if file.is_file() and inside.parts[0] not in _NOT_READ and not inside.name.startswith("."):
                archive.write(file, Path("report") / inside)
    return target.getvalue()


def _printed(folder: Path, spare: Path) -> bytes:
    """All pages as one document, printed by a browser that may not reach anything and runs no script."""
    names = ["index.html", *(f"{name}.html" for name in SERIES if name != "report")]
    pages = [(folder / name).read_text("utf-8") for name in names if (folder / name).is_file()]
    page, target = spare / "print.html", spare / "report.pdf"
    page.write_text(joined(pages), "utf-8")
    program = browser()
    if program is None:
        raise OSError("no browser")
    command = [
        program, "--headless", "--disable-gpu", "--no-first-run", "--disable-extensions", "--disable-background-networking",
        "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={spare / 'browser'}",
        "--no-pdf-header-footer", f"--print-to-pdf={target}", page.as_uri(),
    ]  # fmt: skip
    if sys.platform == "linux" and os.geteuid() == 0:
        # Whoever owns the machine has to say so, as in a container; the page is this kit's own.
        command.insert(1, "--no-sandbox")
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=PRINTED,
        check=False,
    )
    if done.returncode or not target.is_file():
        raise OSError("the browser did not print")
    return target.read_bytes()


def joined(pages: Sequence[str]) -> str:
    """Several pages as one, each beginning on a new sheet of paper, without their scripts and ways to each other."""
    # A script may hold what looks like an element.
    bare = [_bare(page) for page in pages]
    first = bare[0]
    head = first[: first.index("<body")] if "<body" in first else ""
    # Styles that a later page has and the first has not; of each page what stands at its foot stays on its own sheets.
    found = [
        [style.replace(FOOT, f"@page sheet{n}{FOOT[5:]}") for style in _STYLE.findall(page)]
        for n, page in enumerate(bare)
    ]
    styles = dict.fromkeys(style for each in found for style in each)
    head = _STYLE.sub("", head).replace("</head>", "".join(styles) + "</head>")
    bodies = [_body(page, n) for n, page in enumerate(bare)]
    opening = re.sub(r' class="[^"]*"', "", (re.search(r"<body[^>]*>", first) or ["<body>"])[0])
    return f"{head}{opening}{''.join(bodies)}</body></html>"


def _body(page: str, n: int) -> str:
    """What stands on a page, as a part of several: what is said of the looks of its body holds of the part alone."""
    found = re.search(r"<body([^>]*)>(.*)</body>", page, re.DOTALL)
    said, body = (found[1], found[2]) if found else ("", "")
    kind = re.search(r' class="[^"]*"', said)
    # What led to a part of another page leads to it on this one.
    body = re.sub(r'href="\w+\.html#', 'href="#', re.sub(r"<nav\b.*?</nav>", "", body, flags=re.DOTALL))
    begins = "break-before:page;" if n else ""
    return f'<div{kind[0] if kind else ""} style="{begins}page:sheet{n}">{body}</div>'


def _bare(page: str) -> str:
    return re.sub(r"<script\b.*?</script>", "", page, flags=re.DOTALL | re.IGNORECASE)
