"""Did it work? Before and after a change, and quarter by quarter where there was none; and what is new since last time."""

from l2c.monitor.compare import compare
from l2c.monitor.history import remember
from l2c.monitor.moved import moved
from l2c.monitor.quarters import quarters
from l2c.monitor.since_last import since_last

__all__ = ["compare", "moved", "quarters", "remember", "since_last"]
