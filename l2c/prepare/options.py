"""Which options does a source serve, and what do their dates say?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import polars as pl

from l2c.log.zone import Clock
from l2c.prepare import times
from l2c.words.errors import AmbiguousDates, BadOption

SAVED, DEMO, ORG, WAREHOUSE = "a saved log", "the demo", "salesforce:", "a warehouse"
OBJECTS, IN_PLACE, TABLES = "a source of objects", "data that stay in their engine", "a table"
# Options that a source has no use for: what it is or says settles them.
_ALL = ("mapping", "time_zone", "date_format", "extracted", "history_start", "currency", "fiscal_year_starts")
UNUSED = {
    SAVED: _ALL,
    DEMO: _ALL,
    # The org tells times with their zone, and the moment of the pull is known.
    ORG: ("time_zone", "date_format", "extracted"),
    # Objects carry their dates as Salesforce writes them, the year first.
    WAREHOUSE: ("date_format",),
    OBJECTS: (),
    IN_PLACE: ("date_format",),
    TABLES: (),
}
# Why each has no use for them.
WHY = {
    SAVED: "it keeps what was said when it was read",
    DEMO: "it makes its own data",
    ORG: "its times carry their zone, and the moment of the pull is known",
    WAREHOUSE: "its dates have types",
    IN_PLACE: "its times have types, which your query gives them",
}

# The codes of a strptime pattern.
_FORM = re.compile(r"(?:[^%]|%(?:[-_0]?[YCyqmbBhdeaAwuUWGgVjDxFvHkIlPpMSfRTXrZzcstn%+]|\.?\d?f|:{1,3}z|#z))+")


def checked(currency: Any = None, date_format: Any = None, time_zone: Any = None) -> str | None:
    """Return a currency in capitals.

    Raises
    ------
    BadOption, BadTimeZone
        If it is no currency code, the form of dates is none, or there is no such zone.
    """
    # A number or a list is none either.
    if date_format is not None and str(date_format) not in times.ORDERS and not _is_form(str(date_format)):
        raise BadOption.date_format(date_format)
    if time_zone is not None:
        times.check_zone(str(time_zone))
    if currency is not None and not re.fullmatch("[A-Za-z]{3}", str(currency)):
        raise BadOption.currency(currency)
    return str(currency).upper() if currency is not None else None


def month(said: Any) -> int:
    """Read the month in which the fiscal year begins.

    Raises
    ------
    BadOption
        If it is no number from 1 to 12.
    """
    text = str(said).strip()
    if isinstance(said, bool) or not re.fullmatch("0?[1-9]|1[0-2]", text):
        raise BadOption.month(said)
    return int(text)


def refuse_unused(given: Mapping[str, Any], source: str) -> None:
    """Refuse what is given and would change nothing.

    Raises
    ------
    BadOption
        Naming every option without a use.
    """
    if names := [name for name in UNUSED[source] if given.get(name) is not None]:
        raise BadOption.unused(names, source, WHY[source])


def moments(
    extracted: Any, history_start: Any, time_zone: str, date_format: str | None
) -> tuple[datetime | None, datetime | None]:
    """Read when the data were taken and since when the source keeps history, as naive UTC.

    Raises
    ------
    BadOption
        If one is no date, could be read in two ways, or the history begins after the data were taken.
    """
    taken = moment("extracted", extracted, time_zone, date_format)
    if taken is not None and is_date(extracted):
        # A date is a day of the business: the data were not taken before it began there.
        taken = max(taken, Clock(time_zone).utc(taken))
    since = moment("history_start", history_start, time_zone, date_format)
    if taken is not None and since is not None and since > taken:
        raise BadOption.backwards(since, taken)
    return taken, since


def is_date(said: Any) -> bool:
    """Whether somebody gave a date without a time; what is meant is then a day of the business."""
    return not isinstance(said, datetime) and re.search(r"\d\s*[:時T]\s*\d*|[AaPp][Mm]", str(said)) is None


def moment(name: str, said: Any, time_zone: str = "UTC", date_format: str | None = None) -> datetime | None:
    """Read a date or time that somebody gave, in every form that the reader knows, as naive UTC; None as None.

    Parameters
    ----------
    name
        What it is called in messages.

    Raises
    ------
    BadOption
        If it is no date, or could be read in two ways.
    """
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
    column = pl.Series([said.strip() if isinstance(said, str) else None], dtype=pl.String)
    try:
        read = times.parse_times(column, where=name, timezone=time_zone, date_format=date_format).time[0]
    except AmbiguousDates:
        raise BadOption.two_ways(name, said) from None
    if read is None:
        raise BadOption.moment(name, said)
    return datetime.fromisoformat(read.isoformat())


def _is_form(pattern: str) -> bool:
    """Whether a text is a strptime pattern of a date."""
    if not re.search("%[-_0]?[dejDFxcs]", pattern) or not _FORM.fullmatch(pattern):
        return False
    try:
        pl.Series(["x"]).str.to_datetime(pattern, strict=False, time_unit="us")
    except pl.exceptions.PolarsError:
        return False
    return True
