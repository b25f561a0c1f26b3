"""What should change, and what would it bring? Desks at which work waits, and arithmetic on one step."""

from l2c.improve.desks import desks
from l2c.improve.what_if import median_days, slowest, what_if

__all__ = ["desks", "median_days", "slowest", "what_if"]
