"""What should change, and what would it bring? Arithmetic on one step."""

from l2c.improve.what_if import median_days, slowest, what_if

__all__ = ["median_days", "slowest", "what_if"]
