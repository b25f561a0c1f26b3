"""What should change, and what would it bring?"""

from l2c.improve.scenario import scenario
from l2c.improve.what_if import median_days, slowest, what_if

__all__ = ["median_days", "scenario", "slowest", "what_if"]
