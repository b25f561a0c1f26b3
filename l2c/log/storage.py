"""A log on disk: whole or not at all, and what it was when it was saved."""

from __future__ import annotations

import json
import os
import shutil
import time
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import narwhals as nw

from l2c import engine
from l2c.engine import Home
from l2c.log import beside, manifest, own_kpis
from l2c.log.base import Base
from l2c.log.columns import FEW
from l2c.log.origin import Origin
from l2c.log.quality import Quality
from l2c.words.errors import L2CError, UnreadableLog

# What each frame is sorted by, so that equal values stand together and pack well.
ORDER = {"cases": ["case_key"], "events": ["case_key", "position"], "variants": ["variant_id"]}
# Frames that only logs of records have.
RECORDS = {
    "objects": ["object_type", "object_id", "case_id"],
    "links": ["from_type", "from_id", "lookup", "to_id"],
    "lines": ["case_id", "object_type", "object_id", "line_id"],
    "history": ["case_id", "position"],
    "contacts": ["case_id", "time", "kind"],
}
# What runs have left beside a log, and under which ids it was known before; see `l2c.monitor.history`.
HISTORY, LAST_RUN, FOLLOWS = "history", "last_run.yaml", "history/follows.json"
# What people write about a log, where they keep it in its folder.
OF_PEOPLE = ("register.yaml", "alerts.yaml", "rules.yaml")
# What was asked for which deal; see `l2c.monitor.pipeline.task_record`.
TASKS = "tasks_asked.csv"
# So long a folder may hold no whole log while another program puts a new one in its place.
SWAP_SECONDS = 0.3
# So long an opening waits for a moment in which nobody replaces the log.
PATIENCE_SECONDS = 60.0


def save(
    folder: str | Path,
    frames: Mapping[str, nw.LazyFrame[Any]],
    facts: Mapping[str, Any],
    quality: Quality,
    *,
    follows: bool = False,
) -> Path:
    """Write the frames and facts of a log; see `EventLog.save`.

    Everything is written beside the folder and moved into place at the end, so that a folder of that name is always a
    whole log: the one that stood there before, or the new one. What saves that were killed have left goes.

    Parameters
    ----------
    facts
        What `log.json` says, in values that JSON knows: what `opened` needs, and whatever else shall stand there.
    follows
        Whether this is a later state of the log that lies there, whatever its source holds now.
    """
    with _in_words(folder):
        # A link stays, and what it leads to is replaced.
        target = Path(os.path.realpath(folder))
        if above := next((part for part in (target, *target.parents) if part.is_file()), None):
            raise UnreadableLog.a_file(folder, above)
        if target.exists() and any(target.iterdir()) and not (target / manifest.NAME).exists():
            raise UnreadableLog.occupied(folder)
        beside.sweep(target, beside.PART, beside.OPEN)
        with beside.folder(target, beside.PART) as part:
            for name, order in (ORDER | RECORDS).items():
                if name in frames:
                    engine.write(frames[name], part / f"{name}.parquet", order)
            quality.save(part)
            manifest.write(part, facts)
            _carry(target, part, facts, follows)
            _swap(part, target)
        # Until a whole log stands here, what was set aside may be the only one there is.
        beside.sweep(target, beside.OLD)
    return Path(folder)


def _carry(old: Path, new: Path, facts: Mapping[str, Any], follows: bool) -> None:
    """Take along what runs have left beside a log that is renewed; that of another log, or of other cases, goes with it."""
    try:
        before = json.loads((old / manifest.NAME).read_text("utf-8"))
    except (OSError, ValueError):
        return
    if not follows and any(before.get(word) != facts.get(word) for word in ("id", "filters", "masked")):
        return
    if (old / HISTORY).is_dir():
        shutil.copytree(old / HISTORY, new / HISTORY)
    for name in (LAST_RUN, TASKS, *OF_PEOPLE):
        if (old / name).is_file():
            shutil.copy2(old / name, new / name)
    if before.get("id") != facts.get("id"):
        (new / HISTORY).mkdir(exist_ok=True)
        ids = followed(old)
        (new / FOLLOWS).write_text(json.dumps(list(dict.fromkeys([*ids, before.get("id")]))), "utf-8")


def followed(folder: Path) -> list[str]:
    """The ids under which a log was known before its source held something else."""
    try:
        return list(map(str, json.loads((folder / FOLLOWS).read_text("utf-8"))))
    except (OSError, ValueError, TypeError):
        return []


def opened(folder: str | Path, home: Home | None = None) -> Base:
    """Open what `save` wrote; see `l2c.log.open_log`.

    Another program may replace the log meanwhile; then it is read again, so that all of it is one log or the other: by
    second names, which are given faster than a log is replaced.
    """
    place, began = Path(folder), time.monotonic()
    stood, restless = began, False
    while True:
        with _in_words(folder), ExitStack() as held:
            source = _standing(place)
            before = _stamp(source / manifest.NAME)
            stood = stood if before is None else time.monotonic()
            try:
                files = _held(source, place, held) if restless else source
                if base := _read(place, files, engine.database() if home is None else home):
                    return base
            except (L2CError, OSError):
                # Between two logs there is none for a moment; a folder that stays without is none.
                moved = before is None and time.monotonic() - stood < SWAP_SECONDS
                if not moved and before == _stamp(_standing(place) / manifest.NAME):
                    raise
        restless = True
        if time.monotonic() - began > PATIENCE_SECONDS:
            raise UnreadableLog.restless(folder)
        time.sleep(0.01)


def _held(source: Path, place: Path, held: ExitStack) -> Path:
    """A folder of second names for all files of a log; the folder itself where there can be none."""
    try:
        folder = held.enter_context(beside.folder(Path(os.path.realpath(place)), beside.OPEN))
        for file in source.rglob("*"):
            if file.is_file():
                name = folder / file.relative_to(source)
                name.parent.mkdir(parents=True, exist_ok=True)
                os.link(file, name)
    except OSError:  # no second names on this disk, no right to write beside, or the log has just gone
        return source
    return folder


def _origin(place: Path, facts: Mapping[str, Any]) -> Origin:
    try:
        return Origin.of_facts(facts)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UnreadableLog.damaged(place, manifest.NAME, "cannot be understood") from error


def is_log(folder: str | Path) -> bool:
    """Whether a folder is a saved log, or what is left of one, which `opened` tells."""
    source = _standing(Path(folder))
    return (source / manifest.NAME).exists() or all((source / f"{name}.parquet").exists() for name in ORDER)


def _read(place: Path, source: Path, home: Home) -> Base | None:
    """The log in a folder; None if some of its files were replaced while they were read."""
    missing = [n for n in (*(f"{f}.parquet" for f in ORDER), manifest.NAME) if not (source / n).exists()]
    if missing:
        raise UnreadableLog.incomplete(place, missing)
    before = {manifest.NAME: _stamp(source / manifest.NAME)}
    said = manifest.read(place, source)
    before |= {name: _stamp(source / name) for name in said.files}
    manifest.check(said, place, source)
    with ExitStack() as pins:
        frames = {}
        for name in ORDER | RECORDS:
            files = [source / file for file in said.of(f"{name}.parquet")]
            if files or name in ORDER:
                frames[name] = _frame(place, name, files, home, pins)
        if not said.is_sealed:
            _belong_together(place, frames)
        with _damage(place, "quality.json"):
            quality = Quality.open(source)
        if any(_stamp(source / name) != stamp for name, stamp in before.items()):
            return None
        # For as long as anybody may ask: who holds a frame holds its home.
        weakref.finalize(home, pins.pop_all().close)
    made = Base(
        home,
        cases=frames["cases"],
        events=frames["events"],
        variants=frames["variants"],
        extracted=said.extracted,
        history_start=said.history_start,
        currency=said.currency,
        quality=quality,
        objects=frames.get("objects"),
        links=frames.get("links"),
        lines=frames.get("lines"),
        history=frames.get("history"),
        contacts=frames.get("contacts"),
        origin=_origin(place, said.facts),
        own_kpis=own_kpis.opened(said.facts),
        zone=said.zone,
        calendar=said.calendar,
        fiscal_year_starts=said.fiscal_year_starts,
    )
    return made.in_hours(said.hours)


def _frame(place: Path, name: str, files: Sequence[Path], home: Home, pins: ExitStack) -> nw.LazyFrame[Any]:
    """One frame of the log, with the columns it must have."""
    if not files:
        raise UnreadableLog.damaged(place, f"{name}.parquet", "holds no rows")
    with _damage(place, f"{name}.parquet"):
        if engine.reads_again(files, home):
            files = _pinned(place, files, home, pins)
        frame = engine.scan(files, home, FEW if name == "events" else ())
        manifest.fit(place, name, frame)
    return frame


@contextmanager
def _damage(place: Path, name: str) -> Iterator[None]:
    """Say which file cannot be understood: one that is damaged makes its reader raise whatever there is."""
    try:
        yield
    except (L2CError, OSError):
        raise
    except Exception as error:
        raise UnreadableLog.damaged(place, name, "cannot be understood") from error


def _pinned(place: Path, files: Sequence[Path], home: Home, pins: ExitStack) -> list[Path]:
    """Second names for files that are read again at each question; copies of them where there can be none.

    Another program may save a new log in the same place meanwhile; the numbers of this one must not change then.
    """
    try:
        folder = pins.enter_context(beside.folder(Path(os.path.realpath(place)), beside.OPEN))
        names = [folder / f"{number}.parquet" for number in range(len(files))]
        for file, name in zip(files, names, strict=True):
            os.link(file, name)
    except OSError:  # no second names on this disk, or no right to write beside
        if not engine.is_here(home):
            return list(files)
        folder = pins.enter_context(beside.scratch())
        names = [folder / f"{number}.parquet" for number in range(len(files))]
        for file, name in zip(files, names, strict=True):
            shutil.copyfile(file, name)
    return names


def _belong_together(place: Path, frames: Mapping[str, nw.LazyFrame[Any]]) -> None:
    """Raise `UnreadableLog` if the files of a log without sums are not those of one log."""
    count, steps = nw.len().alias("n"), nw.col("cases") * nw.col("trace").list.len()
    cases = engine.collect(frames["cases"].select(count, nw.col("events").sum())).iloc[0]
    traces = engine.collect(frames["variants"].select(nw.col("cases").sum(), steps.sum().alias("events"))).iloc[0]
    events = engine.collect(frames["events"].select(count)).iloc[0]
    if events["n"] and {int(cases["events"]), int(traces["events"])} != {int(events["n"])}:
        raise UnreadableLog.damaged(place, "events.parquet", "is that of another log")
    if cases["n"] != (int(traces["cases"]) if events["n"] else 0):
        raise UnreadableLog.damaged(place, "cases.parquet", "is that of another log")
    named = frames["variants"].select(activity=nw.col("trace")).explode("activity"), frames["events"].select("activity")
    one, other = (set(engine.collect(each.unique())["activity"].dropna()) for each in named)
    if one != other:
        raise UnreadableLog.damaged(place, "variants.parquet", "is that of another log")


def _stamp(file: Path) -> tuple[int, ...] | None:
    """What a file has that no other has, nor itself once it is written to; None where there is none."""
    try:
        known = file.stat()
    except OSError:
        return None
    return known.st_dev, known.st_ino, known.st_size, known.st_mtime_ns


def _swap(new: Path, target: Path) -> None:
    """Put a finished folder in its place; what stood there is set aside."""
    for tries in range(100, -1, -1):
        old = beside.name(target, beside.OLD)
        try:
            if target.exists():
                target.rename(old)
            new.rename(target)
            return
        except OSError:
            # Another program saves in the same place or, on Windows, reads what stands there.
            if old.exists() and not target.exists():
                with suppress(OSError):
                    old.rename(target)
            if not tries:
                raise
            time.sleep(0.05)


def _standing(target: Path) -> Path:
    """The folder, or what a save had just set aside when it was killed."""
    aside = [] if target.exists() else beside.found(target, beside.OLD)
    return aside[-1] if aside else target


@contextmanager
def _in_words(folder: str | Path) -> Iterator[None]:
    """Say in words what keeps a log from being written or read."""
    if "\0" in str(folder):
        raise UnreadableLog.refused(folder, "no file can be called so")
    try:
        with engine.trouble(Path(folder).parent):
            yield
    except OSError as error:
        raise UnreadableLog.refused(folder, error.strerror or str(error)) from error
