"""Does a log tell of today, so that somebody can still do something about what is open in it?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from l2c.log import EventLog

# An export of the last month is what people work with; of an older one, what was open has moved on.
LATELY = timedelta(days=31)


def is_live(log: EventLog, now: datetime | None = None) -> bool:
    """Whether a log was taken within the last month.

    Parameters
    ----------
    now
        The moment that is asked for (naive UTC); the present unless given.
    """
    return (now or datetime.now(UTC).replace(tzinfo=None)) - log.extracted <= LATELY
