"""Where do the numbers of a report lead? To a list of cases on each page or, of a large log, to the largest and a file of all."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from l2c.log import EventLog
from l2c.measures.behind import cases
from l2c.show.behind import MOST_BYTES, listed, thinned, weight
from l2c.system.cells import safe

if TYPE_CHECKING:
    import pandas as pd

# Which cases are behind which number, of a log so large that its pages do not hold it.
CASES = "cases.csv"
# Which chapter shows what is found of a problem; its parts are called by the kind of finding (`l2c.report.rendering.GROUND`).
CHAPTERS = {
    "time": "04a_time",
    **dict.fromkeys(("conversion", "winning", "rework", "discounts", "own"), "04b_deals"),
    **dict.fromkeys(("payment", "order_errors", "compliance"), "04c_money_and_rules"),
}
_WHY = re.compile(r'<span data-why="(\w+ \w+)" hidden>([^<]*)</span>')
Ids = Callable[[Sequence[str]], list[str]]


def leading(bodies: dict[str, str], log: EventLog, target: Path, lang: str, ids: Ids) -> tuple[dict[str, str], str]:
    """Let the numbers of some pages lead to their cases.

    Parameters
    ----------
    bodies
        HTML of the pages by name.
    log, target
        The log that they are of, and where they will lie.
    ids
        Writes ids of cases without the names in them.

    Returns
    -------
    The pages, and the list of cases for those that need it (`l2c.show.behind.listed`).
    """
    known = cases(log)
    known["case_id"] = ids(known["case_id"].tolist())
    (target / CASES).unlink(missing_ok=True)
    shown = listed(known, lang=lang, currency=log.currency, org=log.origin.org)
    if weight(bodies, shown) <= MOST_BYTES:
        return bodies, shown
    pages, largest, whole = thinned(bodies, known)
    _write(whole, target / CASES)
    return pages, listed(largest, lang=lang, currency=log.currency, org=log.origin.org)


def grounded(bodies: Mapping[str, str]) -> dict[str, str]:
    """Let actions and findings lead to the part of the chapter that shows them (`l2c.show.behind.why`), where that page is."""

    def link(found: re.Match[str]) -> str:
        problem, kind = found[1].split(" ")
        name = CHAPTERS.get(problem, "")
        return f'<a href="{name}.html#{name}-{kind}">{found[2]}</a>' if name in bodies else ""

    return {name: _WHY.sub(link, body) for name, body in bodies.items()}


def _write(whole: pd.DataFrame, path: Path) -> None:
    """Write which cases are behind which number, as CSV that any spreadsheet may open; a row a case, so it takes no detours."""
    import polars as pl

    told = safe(whole[["case_id", "status"]])
    opened = whole["opened"].dt.strftime("%Y-%m-%d")
    pl.from_pandas(whole.assign(**told, opened=opened)).write_csv(path, include_bom=True, line_terminator="\r\n")
