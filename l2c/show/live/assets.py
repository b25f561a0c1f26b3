"""What runs in the browser: one script and one style sheet per widget, put together from files of this folder."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from l2c.words.phrases import LANGUAGES, PHRASES

_HERE = Path(__file__).parent


@cache
def script(*names: str) -> str:
    """Join scripts into one module, later ones after those they use; nothing is loaded from anywhere."""
    parts = [(_HERE / f"{name}.js").read_text("utf-8") for name in names]
    return "\n".join(re.sub(r"^import .*\n", "", part, flags=re.MULTILINE) for part in parts)


@cache
def styles(*names: str) -> str:
    """Join style sheets."""
    return "\n".join((_HERE / f"{name}.css").read_text("utf-8") for name in names)


def wording(lang: str) -> dict[str, str]:
    """Return the phrases of the browser's side as they stand; what stands in braces is filled in there."""
    place = LANGUAGES.index(lang)
    said = {name.removeprefix("live."): both[place] for name, both in PHRASES.items() if name.startswith("live.")}
    return said | {"lang": lang}


def bundle(widget: Any) -> dict[str, Any]:
    """Return only the widget's own MIME type: its text would hold an id that changes with each run."""
    import ipywidgets

    kind = "application/vnd.jupyter.widget-view+json"
    # Of ipywidgets' own, not of a subclass that shows more.
    shown = ipywidgets.DOMWidget._repr_mimebundle_(widget)
    data = shown[0] if isinstance(shown, tuple) else shown
    return {kind: data[kind]}
