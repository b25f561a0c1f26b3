"""How does a table go out as CSV, so that no spreadsheet takes a text for a formula, and come back as it was?"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

# What a spreadsheet could take for a formula, full width as well: at the beginning of a cell and, since a comma does not part
# cells everywhere, after what parts them elsewhere. An apostrophe that stands there already gets another one, so that the way
# back is clear. `show/browse.js` does the same for downloads.
_FIRST = re.compile(r"'*(?:\s*[=+\-@＝＋－＠]|[\t\r\n])")
_INSIDE = re.compile(r"([;\t\r\n][\"\s]*)('*)(?=[=+\-@＝＋－＠])")
_NUMBER = re.compile(r"[+-]?(?:\d[\d,]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?%?")


def inert(text: str) -> str:
    """Return a text that no spreadsheet computes; a plain number such as -5 stays one."""
    if _NUMBER.fullmatch(text):
        return text
    return ("'" if _FIRST.match(text) else "") + _INSIDE.sub(r"\1'\2", text)


def original(text: str) -> str:
    """Return the text that `inert` made harmless."""
    bare = _INSIDE.sub(lambda found: found[1] + found[2][1:], text)
    return bare[1:] if bare.startswith("'") and _FIRST.match(bare[1:]) else bare


def write(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV that any spreadsheet may open."""
    # The mark lets Excel see that this is UTF-8; both signs of a line end, that a cell with one of them is put in quotes.
    safe(table).to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\r\n")


def safe(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table in which no text is one that a spreadsheet computes."""

    def harmless(cell: Any) -> Any:
        return inert(cell) if isinstance(cell, str) else cell

    return table.rename(columns=lambda name: inert(str(name))).map(harmless)


def read(path: Path) -> pd.DataFrame:
    """Read what `write` wrote, every cell as text."""
    import pandas as pd

    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    return table.rename(columns=original).map(original)
