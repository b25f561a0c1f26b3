"""How does a piece of a page show itself, and how is foreign text made harmless in it?"""

from __future__ import annotations

import re
from html import escape as _escape
from typing import Any

# Styles stand in the elements, because notebook viewers and mail programs drop style sheets.
FONT = "font-family:system-ui,-apple-system,'Segoe UI','Hiragino Sans','Yu Gothic UI',Meiryo,'Noto Sans JP',sans-serif"
PAPER = f"{FONT};color:#0f172a;background:#fff;line-height:1.45"
# What is wider than its place shows a shadow at the edge behind which it goes on: covers of white move with the content, the
# shadows below them stay.
SIDEWAYS = (
    "overflow-x:auto;background:linear-gradient(to right,#fff 40%,#fff0) 0 0/42px 100% no-repeat local,"
    "linear-gradient(to left,#fff 40%,#fff0) 100% 0/42px 100% no-repeat local,"
    "linear-gradient(to right,#33415559,#fff0) 0 0/16px 100% no-repeat scroll,"
    "linear-gradient(to left,#33415559,#fff0) 100% 0/16px 100% no-repeat scroll,#fff"
)


# Beside what shows that there is nothing, the reason: a report leaves it out, and lists what it left out once.
EMPTY = "application/x-l2c-empty"
# As what a picture gives its second drawing, which a report puts beside the first.
PHONE = "application/vnd.l2c.phone+svg"


class Html:
    """A piece of a page: shows itself in a notebook; its `text` stands in where no HTML can be shown.

    Attributes
    ----------
    why
        Why it has nothing to show; None where it has.
    """

    def __init__(self, html: str, text: str, why: str | None = None) -> None:
        self.html = html
        self.text = text
        self.why = why

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/html": self.html, "text/plain": self.text} | ({} if self.why is None else {EMPTY: self.why})

    def __repr__(self) -> str:
        return self.text


def escape(text: object) -> str:
    """Make any text harmless inside HTML, in an attribute as well."""
    return _escape(clean(text), quote=True)


def clean(text: object) -> str:
    """Put a space where a sign may stand in no page and no XML: control signs, halves of characters."""
    return re.sub(r"[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", " ", str(text))
