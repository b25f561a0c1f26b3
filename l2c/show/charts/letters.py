"""How wide and high is a text? Asked once a picture: matplotlib lays each text out anew a dozen times before it is drawn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any

from matplotlib.text import Text

_known: ContextVar[dict[object, Any] | None] = ContextVar("_known", default=None)


@contextmanager
def remembered() -> Iterator[None]:
    """Lay out no text twice that looks the same; outside, matplotlib does as it always does."""
    token = _known.set({})
    try:
        yield
    finally:
        _known.reset(token)


def _once(lay: Any) -> Any:
    """What lays a text out, around its own anchor: all that this depends on is the key."""

    @wraps(lay)
    def laid(text: Any, renderer: Any) -> Any:
        known = _known.get()
        # What is wrapped depends on where it stands.
        if known is None or text.get_wrap():
            return lay(text, renderer)
        drawn = getattr(renderer, "_renderer", renderer)
        key = (
            type(drawn), getattr(drawn, "dpi", 0), getattr(text.figure, "dpi", 0),
            text.get_text(), hash(text.get_fontproperties()), text.get_rotation(), text.get_rotation_mode(),
            text.get_horizontalalignment(), text.get_verticalalignment(), text._get_multialignment(),
            text._linespacing, text.get_usetex(), text.get_parse_math(),
        )  # fmt: skip
        if key not in known:
            known[key] = lay(text, renderer)
        return known[key]

    return laid


# A name within matplotlib: where another version has none, its texts are laid out as often as it asks.
_lay = getattr(Text, "_get_layout", None)
if _lay is not None and not hasattr(_lay, "__wrapped__"):
    Text._get_layout = _once(_lay)  # type: ignore[attr-defined]
