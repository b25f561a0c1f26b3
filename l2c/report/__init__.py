"""The notebooks, run on one log, as pages that load nothing from elsewhere and hold nothing of other cases."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, as_completed
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from l2c import monitor
from l2c.improve.entries import beside as register_of
from l2c.log import EventLog
from l2c.log.attribute_names import meant
from l2c.log.origin import SMALLEST
from l2c.monitor.put_aside import away
from l2c.monitor.sides import moment, sides
from l2c.prepare.pseudonyms import OTHERS, handed, policy, spoken_ids
from l2c.report.beside import Beside, beside
from l2c.report.claim import claimed, mark
from l2c.report.leading import CASES, Ids, grounded, leading
from l2c.report.rendering import CONTENTS, MISSING, chapter, unseen
from l2c.report.running import Failure, run
from l2c.show import page
from l2c.show.benchmark import benchmark
from l2c.show.front import band, front, index
from l2c.show.since_last import since_last
from l2c.system import processes
from l2c.system.extras import is_there, need
from l2c.system.places import NOTEBOOKS
from l2c.words import matching, phrases
from l2c.words.errors import NotebookFailed

__all__ = ["report", "reports"]

need("notebook", "IPython", "mistune", "nbformat", "psutil")
# Cells that make sense only in front of a running notebook, or only for a class: not run for a report.
LEFT_OUT = {"interactive", "exercise", "solution", "setup", "lesson"}
# The pages in their order: what happens, where time, deals and money go, what to change, whether it worked, the data.
SERIES = (
    "report", "03_discover", "04a_time", "04b_deals", "04c_money_and_rules",
    "05_improve", "06_monitor", "06b_pipeline", "02_prepare",
)  # fmt: skip
# What speaks of the whole company alone: the report of a part has neither these pages nor cells with these tags.
WHOLE, WHOLE_TAGS = ("05_improve", "06b_pipeline"), {"twin", "open"}
# What a report writes: pages, and beside them the log and the notebooks that made them.
ENTRIES = ["log", "notebooks", CASES, *("index.html" if name == "report" else f"{name}.html" for name in SERIES)]
# Notebooks that ask for the same tables, such as findings, run one after the other beside the others.
LANE = ("report", "04a_time", "04b_deals", "04c_money_and_rules", "06_monitor", "06b_pipeline")
# What is new since last time, where the log is saved and was looked at before.
NEWS = "since_last.html"


def report(
    log: EventLog,
    folder: str | Path,
    *,
    where: Mapping[str, Any] | None = None,
    lang: str = "en",
    names: bool = False,
    mask: Sequence[str] = (),
    smallest: int = SMALLEST,
    change: str | None = None,
    rules: str | Path | None = None,
    register: str | Path | None = None,
    alerts: str | Path | None = None,
    saved: str | Path | None = None,
    client: str = "",
    written: Callable[[str, int], None] | None = None,
) -> Path:
    """Run the series on a log and write it as a folder of pages.

    Parameters
    ----------
    log
        The whole log. What is saved beside the pages is the selection alone, with pseudonyms for names.
    folder
        Where the pages go: `index.html` and one page per step.
    where
        Filters, as for `EventLog.where`.
    lang
        `en` or `ja`.
    names, mask, smallest
        Whether to show names of people, which attributes to mask besides, and how few are not compared; see
        `l2c.prepare.pseudonyms.handed`.
    change
        The day of a change, such as `2026-01-05`, of which the outcomes are judged; the latest decision of the register unless
        given, and without one quarters are shown.
    rules
        A YAML file of rules (see docs/rules.md) to judge by instead of those shipped with the kit. What names people in it
        is written as in the pages, beside which it lies.
    register
        Decisions, targets and dismissed findings (see docs/register.md), as a file or the folder in which it lies; that in or beside the
        saved log unless given. What says whether a decision worked lies beside the pages: no owner, reason or cost.
    alerts
        A YAML file of what to watch (see docs/monitor.md) instead of what the kit comes with; it lies beside the pages, as
        rules do.
    saved
        Where the log is saved: what it is now is kept there (`monitor.remember`) and held against the run before, on a page of
        its own. Nothing of that lies in the folder of pages.
    client
        For whom it is: stands at the head of every page and at the foot of every printed one.
    written
        Called with the name of each notebook once it has run, and the number of all that will.

    Returns
    -------
    Path of `index.html`.

    Raises
    ------
    NotebookFailed
        If a cell fails, once all else is written: the page says so in its place, the executed notebook is kept and named.
    UnreadableLog
        If the folder holds the report of another log, or files that no report wrote stand where a page should go.
    L2CError
        If a filter makes no sense, no case passes it or one of the files cannot be read, before anything is run.
    """
    target, selected = Path(folder), _chosen(log, where, change)
    given = handed(selected, names=names, mask=mask, smallest=smallest)
    register = register if register is not None or saved is None else register_of(saved)
    ids = partial(spoken_ids, log=selected, names=names, mask=mask)
    seen = policy(selected, names=names, smallest=smallest)
    dismissed = away(seen, register, saved, rules=rules)
    own = beside(selected, rules, register, alerts, away=dismissed, names=names, mask=mask)
    news = None if saved is None else _news(seen, saved, rules, register, lang, client)
    with claimed(target, log, [*_entries(own), *([NEWS] if news else [])]):
        if news:
            (target / NEWS).write_text(news, "utf-8")
        with _workers() as workers:
            told = _told(written, len(SERIES))
            failed = _pages(given, target, lang, change, own, told, workers, client, ids, news=bool(news))
    if saved is not None:
        monitor.remember(seen, saved, "report", rules=rules)
    return _whole(target / "index.html", failed)


def _whole(index: Path, failed: Sequence[Failure]) -> Path:
    if failed:
        raise NotebookFailed.cells(failed, str(index))
    return index


@contextmanager
def _workers() -> Iterator[list[Executor]]:
    """A process or two, in which one notebook after the other works on the same log."""
    with ExitStack() as pools:
        yield [pools.enter_context(processes.pool(1)) for _ in range(min(os.cpu_count() or 1, 2))]


def _news(
    log: EventLog,
    saved: str | Path,
    rules: str | Path | None,
    register: str | Path | None,
    lang: str,
    client: str,
) -> str | None:
    """The page of what is new since last time; None where there was no such time, or nothing is kept."""
    found = monitor.since_last(log, saved, rules=rules, register=register)
    if found is None:
        return None
    shown = since_last(found, lang=lang, currency=log.currency)
    name = NEWS.removesuffix(".html")
    return page.page(shown.html, name, [*SERIES, name], lang, log.filters, client=client)


def reports(
    log: EventLog,
    folder: str | Path,
    by: str,
    *,
    where: Mapping[str, Any] | None = None,
    lang: str = "en",
    names: bool = False,
    mask: Sequence[str] = (),
    smallest: int = SMALLEST,
    change: str | None = None,
    rules: str | Path | None = None,
    alerts: str | Path | None = None,
    client: str = "",
    written: Callable[[str, int], None] | None = None,
) -> Path:
    """Write one report per value of a case attribute, and an index of them.

    Parameters
    ----------
    by
        The attribute, or the header of the source file or the field of Salesforce that it was read from; cases without a value have no report of their own, and the index says how many those are. People
        with fewer cases than `smallest` share one report. The rest is as for `report`; decisions and targets are of the whole
        company, so that none is judged by a part.

    Returns
    -------
    Path of the index.

    Raises
    ------
    UnknownName
        If the log has no such attribute.
    """
    selected, target = _chosen(log, where, change), Path(folder)
    by = meant(by, log.base)
    own = beside(selected, rules, None, alerts, names=names, mask=mask)
    ids = partial(spoken_ids, log=selected, names=names, mask=mask)
    parts: list[tuple[str, str, EventLog]] = []
    whole: dict[str, EventLog] = {}
    for value, part in _parts(selected, by, smallest):
        given = handed(part, names=names, mask=mask, smallest=smallest)
        shown = phrases.say("others", lang) if value is None else str(given.distinct(by)[0])
        place = _slug(OTHERS if value is None else shown, [place for _, place, _ in parts])
        # Of which other values this one was chosen is nobody's business who reads this part.
        origin = replace(given.origin, selection={**given.origin.selection, by: shown})
        parts.append((shown, place, replace(given, base=given.base.but(origin=origin))))
        whole[shown] = part
    parts.sort(key=lambda part: part[0])
    failed: list[Failure] = []
    told = _told(written, len(parts) * len([name for name in SERIES if name not in WHOLE]))
    with claimed(target, log, ["index.html", *(place for _, place, _ in parts)]), _workers() as workers:
        for _, place, given in parts:
            shutil.rmtree(target / place, ignore_errors=True)
            mark(target / place, log, _entries(own))
            failed += _pages(given, target / place, lang, change, own, told, workers, client, ids, part=True)
        without = selected.n_cases - sum(given.n_cases for _, _, given in parts)
        places = {shown: f"{place}/index.html" for shown, place, _ in parts}
        held = monitor.benchmark(selected, by, {shown: whole[shown] for shown in places})
        table = benchmark(held, by=by, places=places, lang=lang, currency=selected.currency)
        # As one of the parts has them, since those of the whole may name people.
        said = {word: text for word, text in parts[0][2].filters.items() if word != by} if parts else {}
        facts = band(selected, lang, said)
        (target / "index.html").write_text(index(by, table.html, without, lang, facts=facts, client=client), "utf-8")
    return _whole(target / "index.html", failed)


def _chosen(log: EventLog, where: Mapping[str, Any] | None, change: str | None) -> EventLog:
    chosen = log.where(**(where or {}))
    if not chosen.n_cases:
        raise NotebookFailed.nothing_left(chosen.filters)
    if change is not None:
        # A day that is none, or lies outside the history, is refused before anything is run.
        sides(chosen, moment(change, chosen), None)
    return chosen


def _entries(own: Beside) -> list[str]:
    return [*ENTRIES, *own.files]


def _told(written: Callable[[str, int], None] | None, pages: int) -> Callable[[str], None]:
    return lambda name: written(name, pages) if written else None


def _parts(log: EventLog, by: str, smallest: int) -> Iterator[tuple[Any, EventLog]]:
    """The cases of each value; of people with too few cases together, under None."""
    parts = {value: log.where({by: value}) for value in log.distinct(by)}
    few = [v for v, part in parts.items() if matching.is_person(by) and part.n_cases < smallest]
    yield from ((value, part) for value, part in parts.items() if value not in few)
    rest = log.where({by: few})
    if few and rest.n_cases >= smallest:
        yield None, rest


def _pages(
    log: EventLog,
    target: Path,
    lang: str,
    change: str | None,
    beside: Beside,
    written: Callable[[str], None],
    workers: Sequence[Executor],
    client: str,
    ids: Ids,
    *,
    part: bool = False,
    news: bool = False,
) -> list[Failure]:
    """Run the series on a log and by files that may be given away, and write the pages; what failed is returned.

    Parameters
    ----------
    ids
        Writes ids of cases without the names in them.
    part
        Whether it is one part of several: desks that see only some of their cases are none, and chances are learnt from
        all, so the twin and the open deals are left out.
    news
        Whether there is a page of what is new since last time.
    """
    log.save(target / "log")
    for name, text in beside.files.items():
        (target / name).write_text(text, "utf-8")
    # As seen from the notebooks, so that the folder can be moved and tells nothing of where it was made.
    own = {"change": change, **beside.parameters}
    given = {"log_path": "../log", "lang": lang, "out_dir": "."}
    folder = target / "notebooks"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    # Chapters on what the log has not, or what no package is here for.
    left_out = (
        LEFT_OUT | (set() if len(log.quality.objects) else {"objects"}) | (set() if is_there("pm4py") else {"model"})
    )
    left_out |= (WHOLE_TAGS if part else set()) | (set() if beside.decided else {"decided"})
    left_out |= set() if change or beside.decided else {"change"}
    series = [name for name in SERIES if not (part and name in WHOLE)]
    jobs, failed = {}, []
    for name in sorted(series, key=lambda name: name not in LANE):
        # What asks for the same tables is run in one process, the rest in the other.
        worker = workers[0 if name in LANE else -1]
        jobs[worker.submit(run, NOTEBOOKS / f"{name}.ipynb", folder, given, own, left_out)] = name
    for job in as_completed(jobs):
        failed += [found] if (found := job.result()) else []
        written(jobs[job])
    linked = [*series, *([NEWS.removesuffix(".html")] if news else [])]
    chapters = {name: chapter(folder / f"{name}.ipynb", lang, series) for name in series}
    # That no row was set aside is no lack of the data.
    elsewhere = [each for name, told in chapters.items() for each in told.missing if name != "02_prepare"]
    contents = page.contents([(name, told.sentence) for name, told in chapters.items() if name != "report"], lang)
    put = {MISSING: unseen(elsewhere, lang), CONTENTS: contents}
    bodies = {name: told.html(lang, put) for name, told in chapters.items()}
    bodies, shown = leading(grounded(bodies), log, target, lang, ids)
    for name, body in bodies.items():
        html = _page(body, name, linked, lang, log, client, shown)
        (target / _file(name)).write_text(html, "utf-8")
    return failed


def _page(body: str, name: str, series: Sequence[str], lang: str, log: EventLog, client: str, cases: str) -> str:
    if name == "report":
        return front(body, lang, facts=band(log, lang), cases=cases, client=client)
    return page.page(body, name, series, lang, log.filters, cases, client=client)


def _file(name: str) -> str:
    return "index.html" if name == "report" else f"{name}.html"


def _slug(text: str, taken: list[str]) -> str:
    """A folder name that works everywhere and is not taken."""
    slug = re.sub(r"[^\w.-]+", "-", text, flags=re.UNICODE).strip("-.")[:60] or "value"
    free, number = slug, 2
    while free.casefold() in {t.casefold() for t in taken}:
        free, number = f"{slug}-{number}", number + 1
    return free
