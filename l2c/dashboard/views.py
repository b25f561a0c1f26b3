"""Which views of a log have been given a name? A small file beside the log, which all visitors share."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from l2c.show.markup import clean

# No more than a list that can be read; a name that fits a line.
MOST_VIEWS, _LONGEST_NAME, _LONGEST_FILE = 200, 60, 2_000_000
# Seconds: how long one waits for another who writes, and after which they must have been stopped halfway.
_PATIENCE, _STALE = 2.0, 10.0


@dataclass(frozen=True)
class View:
    """A view that somebody has kept: its name, and what is looked at (`show.live.address`, with names)."""

    name: str
    state: str
    saved: str = ""


def beside(log: str | Path) -> Path:
    """The file of the views of a log: beside its folder, since the log itself is never written."""
    place = Path(log)
    return place.with_name(f"{place.name}.views.json")


def views(file: Path) -> list[View]:
    """The views of a file by their names; none where there is no file, or it holds something else.

    Whoever can write beside the log may have written it: texts alone are taken over, and what they say is read as an
    address is.
    """
    try:
        if file.stat().st_size > _LONGEST_FILE:
            return []
        listed = json.loads(file.read_text("utf-8"))["views"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return []
    known = [_view(each) for each in listed[:MOST_VIEWS]] if isinstance(listed, list) else []
    return sorted((each for each in known if each), key=lambda each: each.name.casefold())


def keep(file: Path, name: str, state: str) -> bool:
    """Keep a view under a name, in the place of one of that name; tell whether there was room for it.

    Raises
    ------
    OSError
        If nothing can be written beside the log.
    """
    wanted = named(name)
    with _alone(file):
        others = [each for each in views(file) if each.name != wanted]
        if not wanted or len(others) >= MOST_VIEWS:
            return False
        _write(file, [*others, View(wanted, state, f"{datetime.now(UTC):%Y-%m-%d}")])
    return True


def forget(file: Path, name: str) -> None:
    """Take a view away.

    Raises
    ------
    OSError
        If nothing can be written beside the log.
    """
    with _alone(file):
        _write(file, [each for each in views(file) if each.name != name])


def named(name: str) -> str:
    """A name as it is kept: one line, not too long."""
    return " ".join(clean(name).split())[:_LONGEST_NAME].strip()


def _view(raw: Any) -> View | None:
    texts = {key: raw.get(key, "") for key in ("name", "state", "saved")} if isinstance(raw, dict) else {}
    if not texts or not all(isinstance(text, str) for text in texts.values()) or not named(texts["name"]):
        return None
    return View(named(texts["name"]), texts["state"], clean(texts["saved"])[:10])


def _write(file: Path, kept: list[View]) -> None:
    listed = [{"name": each.name, "saved": each.saved, "state": each.state} for each in kept]
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    beside.write_text(json.dumps({"views": listed}, ensure_ascii=False, indent=1), "utf-8")
    os.replace(beside, file)


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """While nobody else writes: visitors are processes of their own."""
    lock = file.with_name(f".{file.name}.lock")
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL))
            break
        except FileExistsError:
            with suppress(OSError):
                if time.time() - lock.stat().st_mtime > _STALE:
                    lock.unlink()
                    continue
            if time.monotonic() > end:
                raise
            time.sleep(0.02)
    try:
        yield
    finally:
        with suppress(OSError):
            lock.unlink()
