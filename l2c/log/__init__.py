"""The event log: built, filtered, saved, opened, exchanged."""

from l2c.log.building import build
from l2c.log.event_log import END, START, EventLog, open_log

__all__ = ["END", "START", "EventLog", "build", "open_log"]
