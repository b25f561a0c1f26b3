"""Where do the files lie that were written? Links to click."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from l2c.show import markup
from l2c.show.markup import Html, escape


def links(paths: Iterable[str | Path]) -> Html:
    """Show files as links, which JupyterLab opens or saves.

    Parameters
    ----------
    paths
        The files; their links lead there from the folder of the notebook.

    Returns
    -------
    HTML; its text has a name a line.
    """
    files = [Path(path) for path in paths]
    items = []
    for file in files:
        place = quote(os.path.relpath(file).replace(os.sep, "/"))
        items.append(f'<li><a href="{place}" download="{escape(file.name)}">{escape(file.name)}</a></li>')
    style = f"{markup.PAPER};font-size:13px;padding-left:20px;margin:2px 0"
    return Html(f'<ul style="{style}">{"".join(items)}</ul>', "\n".join(file.name for file in files))
