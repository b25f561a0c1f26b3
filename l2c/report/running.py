"""One notebook run on a log, and its cells as HTML that tells nothing of this machine."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

from l2c.lab import localised
from l2c.system.extras import schemas_at_once
from l2c.words.errors import NotebookFailed

HIDDEN = {"parameters", "injected-parameters"}


def run(source: Path, folder: Path, given: dict[str, Any], own: dict[str, Any], left_out: set[str]) -> None:
    """Execute one notebook in its folder beside the log; runs in a process of its own.

    Parameters
    ----------
    given, own
        The parameters that every notebook takes, and those that some do.
    """
    name = source.stem
    # nbclient tells each import about things that are no concern of the reader.
    warnings.simplefilter("ignore")
    schemas_at_once()
    import nbformat
    import papermill
    from nbclient.exceptions import DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    # Tells the notebooks to show filters as text: widgets would ask for scripts from elsewhere.
    os.environ["L2C_REPORT"] = "1"
    target = folder / source.name
    content = localised(nbformat.read(source, as_version=4), given["lang"])
    content.cells = [cell for cell in content.cells if not left_out & set(cell.metadata.get("tags", []))]
    for cell in content.cells:
        # What the notebook showed of the demo company, should it not be run to its end.
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    nbformat.write(content, target)
    known = papermill.inspect_notebook(str(target))
    parameters = given | {word: value for word, value in own.items() if value is not None and word in known}
    if unknown := sorted(set(parameters) - set(known)):
        raise NotebookFailed.parameters(name, unknown)
    try:
        for last in (False, False, True):
            try:
                papermill.execute_notebook(
                    str(target),
                    str(target),
                    parameters,
                    cwd=str(folder),
                    progress_bar=False,
                    kernel_name="python3",
                    # The kernel's remarks on its own sockets are not for the reader.
                    extra_arguments=["--IPKernelApp.log_level=50"],
                )
                break
            except DeadKernelError:
                raise NotebookFailed.ended() from None
            except RuntimeError:
                # Two kernels that start at once may choose the same port, and the slower one dies.
                if last:
                    raise NotebookFailed.ended() from None
    except PapermillExecutionError as error:
        # Raised anew, because the original cannot travel between processes.
        raise NotebookFailed.cell(name, error.cell_index + 1, f"{error.ename}: {error.evalue}", str(target)) from None
    _tidied(target)


def _tidied(notebook: Path) -> None:
    """Take out of an executed notebook where on this machine it was run."""
    import nbformat

    content = nbformat.read(notebook, as_version=4)
    content.metadata.pop("papermill", None)
    for cell in content.cells:
        cell.metadata.pop("papermill", None)
    nbformat.write(content, notebook)


def body(notebook: Path, lang: str) -> str:
    """The cells of an executed notebook as HTML in one language, without inputs and widgets."""
    schemas_at_once()
    import nbformat
    from nbconvert import HTMLExporter
    from traitlets.config import Config

    content = localised(nbformat.read(notebook, as_version=4), lang)
    content.metadata.pop("widgets", None)
    content.cells = [cell for cell in content.cells if not HIDDEN & set(cell.metadata.get("tags", []))]
    settings = Config()
    settings.HTMLExporter.exclude_input = True
    settings.HTMLExporter.exclude_input_prompt = True
    settings.HTMLExporter.exclude_output_prompt = True
    settings.HTMLExporter.template_name = "basic"
    # Else a folder of that name in the current folder would be the template, and a template can run anything.
    settings.HTMLExporter.extra_template_basedirs = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        html, _ = HTMLExporter(config=settings).from_notebook_node(content)
    return str(html)
