"""The notebooks, run on one log one after the other in one process; a cell that fails does not stop the others."""

from __future__ import annotations

import gc
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from l2c import lab
from l2c.lab import localised
from l2c.report.rendering import INJECTED, PARAMETERS
from l2c.system.extras import schemas_at_once
from l2c.words.errors import NotebookFailed

Failure = tuple[str, int, str, str]


def run(source: Path, folder: Path, given: dict[str, Any], own: dict[str, Any], left_out: set[str]) -> Failure | None:
    """Execute one notebook in its folder beside the log; runs in a process made for it, in which others may follow.

    Parameters
    ----------
    given, own
        The parameters that every notebook takes, and those that some do.

    Returns
    -------
    What failed first: the notebook, the number of its cell, why, and where the notebook is kept; None where nothing did.

    Notes
    -----
    In the shell of a kernel, without the kernel: what papermill would give, without a process and its imports for each
    notebook; notebooks that open the same log share what was computed of it.
    """
    schemas_at_once()
    import nbformat

    # Tells the notebooks to show filters as text: widgets would ask for scripts from elsewhere.
    os.environ["L2C_REPORT"] = "pages"
    target = folder / source.name
    place = target.resolve()
    content = localised(nbformat.read(source, as_version=4), given["lang"])
    content.cells = [cell for cell in content.cells if not left_out & set(cell.metadata.get("tags", []))]
    for cell in content.cells:
        # What the notebook showed of the demo company, should it not be run to its end.
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    _parameterise(content, source.stem, given, own)
    with _in(folder):
        try:
            failed = _execute(content)
        finally:
            nbformat.write(content, place)
    return None if failed is None else (source.stem, *failed, str(target))


def _parameterise(content: Any, name: str, given: dict[str, Any], own: dict[str, Any]) -> None:
    """Put a cell with the parameters behind that with their defaults, as papermill does."""
    import nbformat

    place = next(n for n, cell in enumerate(content.cells) if PARAMETERS in cell.metadata.get("tags", []))
    known: dict[str, Any] = {}
    exec(content.cells[place].source, known)
    chosen = given | {word: value for word, value in own.items() if value is not None and word in known}
    if unknown := sorted(set(chosen) - set(known)):
        raise NotebookFailed.parameters(name, unknown)
    said = "\n".join(["# Parameters", *(f"{word} = {value!r}" for word, value in chosen.items())])
    cell = nbformat.v4.new_code_cell(said, metadata={"tags": [INJECTED]})
    # A number drawn by chance would make two reports of the same log differ.
    cell["id"] = f"{content.cells[place].get('id', name)}-given"
    content.cells.insert(place + 1, cell)


def _execute(content: Any) -> tuple[int, str] | None:
    """Run the cells in order, and keep what each shows in it; of what fails, only the first is told: the rest follows from it."""
    from IPython.utils.capture import capture_output
    from nbformat.v4 import new_output

    shell = _shell()
    shell.reset(new_session=False)
    number, failed = 0, None
    for place, cell in enumerate(content.cells, 1):
        if cell.cell_type != "code":
            continue
        number += 1
        with capture_output() as shown:
            # A cell is run under the shell's own hook for what its last line gives.
            shell.display_trap.hook = sys.displayhook
            result = shell.run_cell(cell.source, store_history=False)
        cell.execution_count = number
        said = (("stdout", shown.stdout), ("stderr", shown.stderr))
        cell.outputs = [new_output("stream", name=name_, text=text) for name_, text in said if text and result.success]
        for output in shown.outputs:
            cell.outputs.append(new_output("display_data", data=output.data, metadata=output.metadata or {}))
        error = result.error_before_exec or result.error_in_exec
        if error is not None and failed is None:
            failed = (place, f"{type(error).__name__}: {error}")
            cell.outputs.append(new_output("error", ename=type(error).__name__, evalue=str(error), traceback=[]))
    return failed


@cache
def _shell() -> Any:
    """The shell of this process; it keeps no history and reads no profile."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    # What is loaded stays: looking for what of it could be let go took a tenth of a second a notebook.
    gc.freeze()
    # What draws in windows of its own would wait for somebody to close them.
    os.environ["MPLBACKEND"] = "agg"
    lab.share()
    settings = Config()
    settings.HistoryManager.enabled = False
    return InteractiveShell.instance(config=settings, ipython_dir=tempfile.mkdtemp(prefix="l2c-"))


@contextmanager
def _in(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
