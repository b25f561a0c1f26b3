"""The event log: built, filtered, saved, opened, exchanged."""

from l2c.log.building import build
from l2c.log.event_log import EventLog, open_log
from l2c.log.views import END, START

__all__ = ["END", "START", "EventLog", "build", "open_log"]
