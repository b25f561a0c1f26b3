"""Are the days that are shown days of the calendar, or of work?"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from l2c.log import EventLog
from l2c.words import days

Given = ParamSpec("Given")
Shown = TypeVar("Shown")


def hours(log: EventLog) -> None:
    """Write durations from here on in the days of a log: of the calendar, or working days of its calendar.

    Parameters
    ----------
    log
        The log whose tables will be shown. The notebooks and the dashboard do this when they open theirs.
    """
    days.count_in(log.day_hours)


def of_the_calendar(show: Callable[Given, Shown]) -> Callable[Given, Shown]:
    """Make a view that shows days of the calendar, since what it shows was agreed in them."""

    @wraps(show)
    def shown(*args: Given.args, **kwargs: Given.kwargs) -> Shown:
        with days.of_the_calendar():
            return show(*args, **kwargs)

    return shown
