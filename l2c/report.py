"""The notebooks, run on one log, as pages that load nothing from elsewhere."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Callable, Mapping
from concurrent.futures import as_completed
from pathlib import Path
from typing import Any

from l2c import children
from l2c.errors import NotebookFailed
from l2c.log import EventLog
from l2c.show import page

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
SERIES = ("report", "01_template", "02_prepare", "03_discover", "04_diagnose", "05_improve", "06_monitor")
# Cells that make sense only in front of a running notebook, or only for a class: not run for a report.
LEFT_OUT = {"interactive", "exercise", "solution", "setup"}
HIDDEN = {"parameters", "injected-parameters"}


def report(
    log: EventLog,
    folder: str | Path,
    *,
    where: Mapping[str, Any] | None = None,
    lang: str = "en",
    written: Callable[[str], None] | None = None,
) -> Path:
    """Run the series on a log and write it as a folder of pages.

    Parameters
    ----------
    log
        The whole log; it is saved beside the pages.
    folder
        Where the pages go: `index.html` and one page per step.
    where
        Filters, as for `EventLog.where`.
    lang
        `en` or `ja`.
    written
        Called with the name of each notebook once it has run.

    Returns
    -------
    Path of `index.html`.

    Raises
    ------
    NotebookFailed
        If a cell fails; the executed notebook is kept and named.
    L2CError
        If a filter makes no sense or no case passes it, before anything is run.
    """
    target = Path(folder)
    words = _portable(where or {})
    if not log.where(**words).n_cases:
        raise NotebookFailed.nothing_left(log.where(**words).filters)
    saved = log.save(target / "log")
    run = target / "notebooks"
    run.mkdir(parents=True, exist_ok=True)
    parameters = {
        "log_path": str(saved.resolve()),
        "where": words,
        "lang": lang,
        "out_dir": str(target.resolve()),
    }
    with children.pool(min(2, os.cpu_count() or 1)) as pool:
        jobs = {pool.submit(_run, NOTEBOOKS / f"{name}.ipynb", run, parameters): name for name in SERIES}
        for job in as_completed(jobs):
            job.result()
            if written:
                written(jobs[job])
    for name in SERIES:
        html = page.page(_body(run / f"{name}.ipynb", lang), name, SERIES, lang, log.where(**words).filters)
        (target / _file(name)).write_text(html, "utf-8")
    return target / "index.html"


def reports(
    log: EventLog,
    folder: str | Path,
    by: str,
    *,
    where: Mapping[str, Any] | None = None,
    lang: str = "en",
    written: Callable[[str], None] | None = None,
) -> Path:
    """Write one report per value of a case attribute, and an index of them.

    Parameters
    ----------
    by
        The attribute; cases without a value have no report of their own, and the index says how many those are.

    Returns
    -------
    Path of the index.

    Raises
    ------
    UnknownName
        If the log has no such attribute.
    """
    words = _portable(where or {})
    selected = log.where(**words)
    entries: list[tuple[str, str, int]] = []
    for value in selected.distinct(by):
        place = _slug(str(value), [entry[1] for entry in entries])
        report(log, Path(folder) / place, where=words | {by: value}, lang=lang, written=written)
        entries.append((str(value), place, selected.where({by: value}).n_cases))
    without = selected.n_cases - sum(cases for _, _, cases in entries)
    index = Path(folder) / "index.html"
    index.write_text(page.index(by, entries, without, lang), "utf-8")
    return index


def _portable(where: Mapping[str, Any]) -> dict[str, Any]:
    """Filters as text, numbers and lists, which is what papermill can put into a notebook."""

    def plain(word: str, value: Any) -> Any:
        if isinstance(value, tuple):
            sign = " > " if word in ("follows", "eventually") else ".."
            return sign.join("" if v is None else str(v) for v in value)
        if isinstance(value, list | set | frozenset | range):
            return [plain(word, v) for v in value]
        if hasattr(value, "item"):
            return value.item()
        return value if value is None or isinstance(value, bool | int | float | str) else str(value)

    return {word: plain(word, value) for word, value in where.items()}


def _file(name: str) -> str:
    return "index.html" if name == "report" else f"{name}.html"


def _slug(text: str, taken: list[str]) -> str:
    """A folder name that works everywhere and is not taken."""
    slug = re.sub(r"[^\w.-]+", "-", text, flags=re.UNICODE).strip("-.")[:60] or "value"
    free, number = slug, 2
    while free.casefold() in {t.casefold() for t in taken}:
        free, number = f"{slug}-{number}", number + 1
    return free


def _run(source: Path, folder: Path, parameters: dict[str, Any]) -> None:
    """Execute one notebook; runs in a process of its own."""
    name = source.stem
    # nbclient tells each import about things that are no concern of the reader.
    warnings.simplefilter("ignore")
    import nbformat
    import papermill
    from nbclient.exceptions import DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    # Tells the notebooks to show filters as text: widgets would ask for scripts from elsewhere.
    os.environ["L2C_REPORT"] = "1"
    target = folder / source.name
    content = nbformat.read(source, as_version=4)
    content.cells = [cell for cell in content.cells if not LEFT_OUT & set(cell.metadata.get("tags", []))]
    nbformat.write(content, target)
    known = papermill.inspect_notebook(str(target))
    unknown = sorted(set(parameters) - set(known))
    if unknown:
        raise NotebookFailed.parameters(name, unknown)
    try:
        papermill.execute_notebook(
            str(target),
            str(target),
            parameters,
            cwd=str(source.parent),
            progress_bar=False,
            kernel_name="python3",
            # The kernel's remarks on its own sockets are not for the reader.
            extra_arguments=["--IPKernelApp.log_level=40"],
        )
    except DeadKernelError:
        raise NotebookFailed.ended() from None
    except PapermillExecutionError as error:
        # Raised anew, because the original cannot travel between processes.
        raise NotebookFailed.cell(name, error.cell_index + 1, f"{error.ename}: {error.evalue}", str(target)) from None


def _body(notebook: Path, lang: str) -> str:
    """The cells of an executed notebook as HTML in one language, without inputs and widgets."""
    import nbformat
    from nbconvert import HTMLExporter
    from traitlets.config import Config

    content = nbformat.read(notebook, as_version=4)
    content.metadata.pop("widgets", None)
    content.cells = [cell for cell in content.cells if not HIDDEN & set(cell.metadata.get("tags", []))]
    for cell in content.cells:
        cell.source = cell.metadata.get(lang, cell.source)
    settings = Config()
    settings.HTMLExporter.exclude_input = True
    settings.HTMLExporter.exclude_input_prompt = True
    settings.HTMLExporter.exclude_output_prompt = True
    settings.HTMLExporter.template_name = "basic"
    # Else a folder of that name in the current folder would be the template, and a template can run anything.
    settings.HTMLExporter.extra_template_basedirs = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        body, _ = HTMLExporter(config=settings).from_notebook_node(content)
    return str(body)
