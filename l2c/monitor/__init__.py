"""Did it work? Before and after a change, and quarter by quarter where there was none."""

from l2c.monitor.compare import compare
from l2c.monitor.outcomes import outcomes
from l2c.monitor.placebos import placebos
from l2c.monitor.quarters import quarters
from l2c.monitor.realised import realised

__all__ = ["compare", "outcomes", "placebos", "quarters", "realised"]
