"""Which log does a notebook open when the user has none yet?"""

from __future__ import annotations

import sys
from pathlib import Path

from l2c.demo import write
from l2c.demo.org import write_objects
from l2c.log import EventLog, open_log
from l2c.prepare.read import read


def at_hand(log_path: str | Path, out_dir: str | Path) -> EventLog:
    """Open the log that a notebook asks for; the demo company, written to `out_dir`, where there is none yet.

    Parameters
    ----------
    log_path
        A saved log or any source that `l2c.read` takes. Only a path inside `out_dir`, where the notebooks put
        their own files, gives way to the demo.
    out_dir
        The notebooks' folder of results.

    Raises
    ------
    L2CError
        If a source of the user cannot be read.
    """
    path, folder = Path(log_path), Path(out_dir)
    if path.exists() or folder.resolve() not in path.resolve().parents:
        return open_log(path) if (path / "log.json").exists() else read(path)
    print("There is no log yet, so this is the demo company.", file=sys.stderr)
    return read(write(folder)[0])


def with_objects(log: EventLog, log_path: str | Path, out_dir: str | Path) -> EventLog:
    """Return the log of an org's objects that a notebook shows: the user's own or, for the demo company, that of its org.

    Parameters
    ----------
    log, log_path
        The log of the notebook, and where it came from.
    out_dir
        The notebooks' folder of results, which holds the demo company's objects.
    """
    folder = Path(out_dir)
    if len(log.quality.objects) or folder.resolve() not in Path(log_path).resolve().parents:
        return log
    if not (folder / "salesforce").exists():
        write_objects(folder / "salesforce")
    return read(folder / "salesforce")
