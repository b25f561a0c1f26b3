"""Did it work? Before and after a change."""

from l2c.monitor.compare import compare, suggested_date

__all__ = ["compare", "suggested_date"]
