"""Did it work, and does anything go slower? Before and after a change, quarter by quarter, and week by week."""

from l2c.monitor.compare import compare
from l2c.monitor.drift import drift
from l2c.monitor.pace import pace
from l2c.monitor.quarters import quarters

__all__ = ["compare", "drift", "pace", "quarters"]
