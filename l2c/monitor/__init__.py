"""Did it work? Before and after a change, and quarter by quarter where there was none."""

from l2c.monitor.compare import compare
from l2c.monitor.quarters import quarters

__all__ = ["compare", "quarters"]
