"""Which log does a notebook work on, and where does its work lie?"""

from __future__ import annotations

import copy
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from l2c.demo import write
from l2c.demo.org import write_objects
from l2c.log import EventLog, open_log
from l2c.log.calendar import Given
from l2c.log.storage import is_log
from l2c.prepare.read import read
from l2c.system.extras import schemas_at_once
from l2c.system.places import NOTEBOOKS
from l2c.words import days
from l2c.words.errors import UnreadableLog

if TYPE_CHECKING:
    import nbformat

__all__ = ["at_hand", "has_org", "keep", "localised", "org_of", "settle"]

_shared: dict[Path, EventLog] | None = None
SERIES = (
    "report",
    "01_template",
    "02_prepare",
    "03_discover",
    "04a_time",
    "04b_deals",
    "04c_money_and_rules",
    "05_improve",
    "06_monitor",
    "06b_pipeline",
)


def at_hand(
    log_path: str | Path,
    out_dir: str | Path,
    *,
    calendar: Given | None = None,
    hours: Literal["calendar", "working"] | None = None,
) -> EventLog:
    """Open the log that a notebook asks for; the demo company, written to an empty `out_dir`, where there is none yet.

    Parameters
    ----------
    log_path
        A saved log or any source that `l2c.read` takes. Only a path inside `out_dir`, where the notebooks put
        their own files, gives way to the demo, and only as long as nothing lies there.
    out_dir
        The notebooks' folder of results.
    calendar
        A working calendar (docs/calendar.md); that of the log unless given.
    hours
        Whether durations are in calendar or in working time; as the log was saved unless given. What is shown from then on
        says so.

    Raises
    ------
    L2CError
        If there is no such log and the folder is in use, or a source of the user cannot be read.
    """
    path, folder = Path(log_path), Path(out_dir)
    if path.exists() or folder.resolve() not in path.resolve().parents:
        return _shown(_opened(path), calendar, hours)
    if folder.exists() and any(not file.name.startswith(".") for file in folder.iterdir()):
        raise UnreadableLog.no_demo(path, folder)
    print(f"There is no log yet, so this is the demo company, written to {folder}.", file=sys.stderr)
    log = read(write(folder)[0])
    return _shown(open_log(keep(log, folder)), calendar, hours)


def share() -> None:
    """From now on, notebooks that run in this process one after the other and open the same log share what was computed of it."""
    global _shared
    _shared = {} if _shared is None else _shared


def _opened(path: Path) -> EventLog:
    """The log at a path; the one that an earlier notebook of this process opened, where they share."""
    if _shared is None:
        return read(path)
    place = path.resolve()
    if place not in _shared:
        _shared.clear()
        _shared[place] = read(path)
    return _shared[place]


def _shown(log: EventLog, calendar: Given | None, hours: Literal["calendar", "working"] | None) -> EventLog:
    """The log in the hours that are asked for, in whose days everything is shown from now on."""
    log = log if calendar is None else log.with_calendar(calendar)
    log = log if hours is None else log.in_hours(hours)
    days.count_in(log.day_hours)
    return log


def keep(log: EventLog, out_dir: str | Path) -> Path:
    """Save a log for the next steps, unless the log of another input lies there.

    Raises
    ------
    UnreadableLog
        If it does: nobody's log is replaced by another's.
    """
    target = Path(out_dir) / "log"
    if is_log(target) and open_log(target).base.id != log.base.id:
        raise UnreadableLog.another(target)
    return log.save(target)


def has_org(log: EventLog) -> bool:
    """Whether a log can show the records of an org behind it: its own, or those of the whole demo company."""
    return len(log.quality.objects) > 0 or (log.origin.demo is not None and not log.origin.selection)


def org_of(log: EventLog) -> EventLog:
    """Return the log of the org's objects behind a log: itself or, for the demo company, that of its org."""
    if len(log.quality.objects) or not has_org(log) or log.origin.demo is None:
        return log
    with tempfile.TemporaryDirectory(prefix="l2c-") as folder:
        write_objects(folder, *log.origin.demo)
        return read(folder)


def settle(log: EventLog | None, folder: str | Path, lang: str = "en") -> Path:
    """Make a place to work in: the notebooks in one language, and the log that they open.

    Parameters
    ----------
    log
        The log; the demo company where the place is empty, unless given.
    folder
        The place. Notebooks that are there already stay as they are.
    lang
        `en` or `ja`.

    Returns
    -------
    The folder.

    Raises
    ------
    UnreadableLog
        If it holds the work on another log.
    """
    place = Path(folder)
    if log is not None:
        place.mkdir(parents=True, exist_ok=True)
        keep(log, place / "out")
    else:
        at_hand(place / "out" / "log", place / "out")
    for name in (*SERIES, "dashboard"):
        if not (place / f"{name}.ipynb").exists():
            _copy(NOTEBOOKS / f"{name}.ipynb", place, lang)
    return place


def localised(notebook: nbformat.NotebookNode, lang: str) -> nbformat.NotebookNode:
    """The same notebook in one language: each cell carries its text in the other ones."""
    other = copy.deepcopy(notebook)
    for cell in other.cells:
        cell.source = cell.metadata.get(lang, cell.source)
        if "parameters" in cell.metadata.get("tags", []):
            cell.source = cell.source.replace('lang = "en"', f'lang = "{lang}"')
    return other


def _copy(source: Path, place: Path, lang: str) -> None:
    """A notebook to work in, without what the demo company gave."""
    schemas_at_once()
    import nbformat

    notebook: Any = localised(nbformat.read(source, as_version=4), lang)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    nbformat.write(notebook, place / source.name)
