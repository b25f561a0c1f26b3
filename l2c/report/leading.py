"""Where do the numbers of a report lead? To a list of cases on each page or, of a large log, to the largest and a file of all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from l2c.log import EventLog
from l2c.measures.behind import cases
from l2c.show.behind import MOST_BYTES, listed, thinned, weight
from l2c.system.cells import write

# Which cases are behind which number, of a log so large that its pages do not hold it.
CASES = "cases.csv"
Ids = Callable[[Sequence[str]], list[str]]


def leading(
    bodies: Mapping[str, str], log: EventLog, target: Path, lang: str, ids: Ids
) -> tuple[Mapping[str, str], str]:
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
    write(whole, target / CASES)
    return pages, listed(largest, lang=lang, currency=log.currency, org=log.origin.org)
