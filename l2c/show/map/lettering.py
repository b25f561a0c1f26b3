"""How wide is a text, and how does it fit where it must stand?"""

from __future__ import annotations

import re
import textwrap
import unicodedata
from functools import cache, reduce
from operator import add

CJK = re.compile(r"[\u3000-\u30ff\u4e00-\u9fff\uff00-\uff60]")


def wrap(text: str, width: int) -> list[str]:
    """Break text into lines of `width` letters; a full-width character counts as two and may end a line."""
    if em(text) * 2 <= width:
        return [text]
    if not CJK.search(text):
        return textwrap.wrap(text, width, break_long_words=True) or [text]
    lines, line = [], ""
    for letter in text:
        # Closing marks never begin a line.
        if line and em(line + letter) * 2 > width and letter not in "、。）)ー・」 %":
            lines.append(line)
            line = ""
        line += letter
    return [*lines, line]


def em(text: str) -> float:
    """Width of a text in em: 1 for a full-width character, about half for any other."""
    return sum(1.0 if unicodedata.east_asian_width(c) in "WF" else 0.5 for c in text)


def letters(text: str, size: float) -> float:
    """Width of a text in inches at a font size in points: an upper estimate for the house font."""
    # One by one: `sum` rounds otherwise from Python 3.12 on, and a chart is to be the same on both.
    return reduce(add, map(_advance, text), 0.0) * size / 72


@cache
def _advance(letter: str) -> float:
    if em(letter) == 1:
        return 1.0
    return (
        0.36 if letter in " iljtfr.,:;|!'()" else 0.93 if letter in "mwMWQ%@↺" else 0.74 if letter.isupper() else 0.63
    )


def shorten(text: str, width: int) -> str:
    """Cut a text at `width` letters (a full-width one counts as two), ending in `…` where something is lost."""
    if em(text) * 2 <= width:
        return text
    while em(text) * 2 > width - 1:
        text = text[:-1]
    return text.rstrip() + "…"


def plain(text: str) -> str:
    """Make foreign text drawable: control characters and line breaks have no shape."""
    return re.sub(r"[\x00-\x1f\x7f]+", " ", str(text)).strip() or "–"
