"""Whose report does a folder hold, and what in it may be replaced?"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from l2c.log import EventLog
from l2c.log.origin import handed_on
from l2c.monitor.history import DELIVERED
from l2c.words.errors import UnreadableLog

# Beside a log that lies so in a folder no run is kept.
MARK = DELIVERED


@contextmanager
def claimed(target: Path, log: EventLog, entries: Sequence[str]) -> Iterator[None]:
    """Write into a folder that holds this log's report or none, and leave in it nothing of an earlier run.

    Raises
    ------
    UnreadableLog
        If the report of another log lies there, or files of the user stand where the report would write.
    """
    there, old = _standing(target)
    if there is not None and there not in (log.base.id, handed_on(log.base.id)):
        raise UnreadableLog.other_report(target)
    # What an earlier run did not write is the user's, also in a folder that holds this log's report.
    if foreign := [entry for entry in entries if entry not in old and (target / entry).exists()]:
        raise UnreadableLog.no_report(target, foreign)
    mark(target, log, [*old, *(entry for entry in entries if entry not in old)])
    yield
    for entry in (target / name for name in old if name not in entries):
        shutil.rmtree(entry, ignore_errors=True) if entry.is_dir() else entry.unlink(missing_ok=True)
    mark(target, log, entries)


def mark(target: Path, log: EventLog, entries: Sequence[str]) -> None:
    """Note whose report a folder holds, and what of it the report wrote."""
    target.mkdir(parents=True, exist_ok=True)
    id = log.base.id if log.origin.masked else handed_on(log.base.id)
    (target / MARK).write_text(json.dumps({"schema": 1, "log": id, "entries": list(entries)}, indent=1) + "\n", "utf-8")


def _standing(target: Path) -> tuple[str | None, list[str]]:
    """The id of the log whose report a folder holds, and what that report wrote; None where it holds none."""
    try:
        facts = json.loads((target / MARK).read_text("utf-8"))
        names = [str(name) for name in facts["entries"]]
        # A name that leads elsewhere was not written by us, and nothing of it is removed.
        return str(facts["log"]), [name for name in names if Path(name).name == name and name not in (".", "..")]
    except (FileNotFoundError, NotADirectoryError):
        return None, []
    except (OSError, ValueError, KeyError, TypeError):
        return "", []
