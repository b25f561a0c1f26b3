"""Which options does a source serve, and what do their dates say?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from l2c.errors import AmbiguousDates, BadOption
from l2c.prepare import times

SAVED, DEMO, ORG, WAREHOUSE = "a saved log", "the demo", "salesforce:", "a warehouse"
OBJECTS, IN_PLACE, TABLES = "a source of objects", "data that stay in their engine", "a table"
# Options that a source has no use for: what it is or says settles them.
_ALL = ("mapping", "time_zone", "date_format", "extracted", "history_start", "currency")
UNUSED = {
    SAVED: _ALL,
    DEMO: _ALL,
    # The org tells times with their zone, and the moment of the pull is known.
    ORG: ("time_zone", "date_format", "extracted"),
    # Objects carry their dates as Salesforce writes them, the year first.
    WAREHOUSE: ("date_format",),
    OBJECTS: ("date_format",),
    IN_PLACE: ("date_format",),
    TABLES: (),
}


def refuse_unused(given: Mapping[str, Any], source: str) -> None:
    """Refuse what is given and would change nothing.

    Raises
    ------
    BadOption
        Naming every option without a use.
    """
    if names := [name for name in UNUSED[source] if given.get(name) is not None]:
        raise BadOption.unused(names, source)


def moments(
    extracted: Any, history_start: Any, time_zone: str, date_format: str | None
) -> tuple[datetime | None, datetime | None]:
    """Read when the data were taken and since when the source keeps history, as naive UTC.

    Raises
    ------
    BadOption
        If one is no date, could be read in two ways, or the history begins after the data were taken.
    """
    taken = _moment("extracted", extracted, time_zone, date_format)
    since = _moment("history_start", history_start, time_zone, date_format)
    if taken is not None and since is not None and since > taken:
        raise BadOption.backwards(since, taken)
    return taken, since


def _moment(name: str, said: Any, time_zone: str, date_format: str | None) -> datetime | None:
    import numpy as np

    if said is None:
        return None
    if isinstance(said, np.datetime64):
        said = str(said)
    if isinstance(said, date) and not isinstance(said, datetime):
        said = datetime(said.year, said.month, said.day)
    if isinstance(said, datetime) and said == said:
        found = said.astimezone(UTC).replace(tzinfo=None) if said.tzinfo else said
        return datetime.fromisoformat(found.isoformat())
    try:
        found_ = (
            times.moment(said, where=name, timezone=time_zone, date_format=date_format)
            if isinstance(said, str)
            else None
        )
    except AmbiguousDates:
        raise BadOption.two_ways(name, said) from None
    if found_ is None:
        raise BadOption.moment(name, said)
    return found_
