"""What is a day in what is shown: one of the calendar, or so many hours of work?

Result tables hold numbers, and do not say of which log they are. So what is shown is told once, as a chart is told its
style: by whatever opens the log of a notebook or a dashboard, or by `show.hours(log)`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

_HOURS: list[float | None] = [None]


def day_hours() -> float | None:
    """Hours of a working day, None where days are those of the calendar."""
    return _HOURS[-1]


def count_in(hours: float | None) -> None:
    """Show durations as working days of so many hours from now on, or as days of the calendar."""
    _HOURS[-1] = hours


@contextmanager
def of_the_calendar() -> Iterator[None]:
    """Show days of the calendar, whatever else is shown: what is agreed in days is no working time."""
    _HOURS.append(None)
    try:
        yield
    finally:
        _HOURS.pop()
