"""Folders of our own beside a log: nobody else's while their process lives, swept away once it is gone."""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows has no locks on folders
    fcntl = None  # type: ignore[assignment]

# A save that is being written, a log set aside by one, files that somebody reads.
PART, OLD, OPEN = "part", "old", "open"
# Where folders cannot be locked, what has not changed for so long is nobody's: no save takes a day.
FORGOTTEN_SECONDS = 86_400
_TAKEN = (errno.EAGAIN, errno.EACCES, errno.EWOULDBLOCK)


def name(log: Path, kind: str) -> Path:
    """A hidden name beside a log that nothing has yet."""
    return log.with_name(f".{log.name}.{os.getpid()}-{secrets.token_hex(4)}.{kind}")


@contextmanager
def folder(log: Path, kind: str) -> Iterator[Path]:
    """Make a folder beside a log, and remove it, if it still stands there, at the end."""
    made, mine = name(log, "new"), name(log, kind)
    made.mkdir(parents=True)
    lock = _lock(made)
    # It gets a name that is swept only when it is locked already.
    made.rename(mine)
    try:
        yield mine
    finally:
        shutil.rmtree(mine, ignore_errors=True)
        _unlock(lock)


@contextmanager
def scratch() -> Iterator[Path]:
    """Make a folder for what memory does not hold, where the system keeps such things; earlier, forgotten ones go."""
    sweep_scratch()
    with folder(_scratch(), OPEN) as mine:
        mine.chmod(0o700)
        yield mine


def sweep_scratch() -> None:
    """Remove what processes that are gone have left where the system keeps such things."""
    sweep(_scratch(), OPEN)


def _scratch() -> Path:
    return Path(tempfile.gettempdir()) / "l2c"


def found(log: Path, *kinds: str) -> list[Path]:
    """What stands beside a log under such names, whoever left it, oldest first."""
    shape = re.compile(rf"\.{re.escape(log.name)}\.[^.]+\.({'|'.join(kinds)})")
    with suppress(OSError):
        there = [path for path in log.parent.iterdir() if shape.fullmatch(path.name)]
        return sorted(there, key=lambda path: path.stat().st_mtime)
    return []


def sweep(log: Path, *kinds: str) -> None:
    """Remove what processes that are gone have left beside a log."""
    for each in found(log, *kinds):
        with suppress(OSError):
            lock = _lock(each)
            if lock is not None or time.time() - each.stat().st_mtime > FORGOTTEN_SECONDS:
                shutil.rmtree(each, ignore_errors=True)
            _unlock(lock)


def _lock(place: Path) -> int | None:
    """Lock a folder until this process ends; None where that is not possible, an OSError where another has done it."""
    if fcntl is None:
        return None
    number = os.open(place, os.O_RDONLY)
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(number)
        if error.errno in _TAKEN:
            raise
        return None
    return number


def _unlock(lock: int | None) -> None:
    if lock is not None:
        os.close(lock)
