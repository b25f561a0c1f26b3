"""How does a list of deals, leads or invoices go out as a file that a spreadsheet opens?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from l2c.system import cells
from l2c.words.notes import Note, note


def to_csv(table: pd.DataFrame, path: str | Path, *, lang: str = "en") -> Path:
    """Write a list as CSV: notes as sentences, days as dates, and no text that a spreadsheet would take for a formula.

    Parameters
    ----------
    table
        Such as `open_deals`, `open_leads` or `open_invoices` return.
    path
        Where to; what is there is overwritten.
    lang
        `en` or `ja`: the language of the sentences. Columns keep the names that they have in the table.

    Returns
    -------
    Where it was written.
    """

    def plain(cell: Any) -> Any:
        if isinstance(cell, tuple):
            return "; ".join(note(each, lang) for each in cell)
        return cell.said(lang) if isinstance(cell, Note) else cell

    found = table.copy()
    for name in found:
        if pd.api.types.is_datetime64_any_dtype(found[name].dtype):
            found[name] = found[name].dt.strftime("%Y-%m-%d").astype(object).where(found[name].notna(), "")
        elif found[name].dtype == object:
            found[name] = found[name].map(plain)
    cells.write(found, Path(path))
    return Path(path)
