"""What should change, and what would it bring? The process learnt as a twin that runs and is tested; desks; one step's arithmetic."""

from l2c.improve.backtest import backtest, verdict
from l2c.improve.branches import branches
from l2c.improve.desks import desks
from l2c.improve.sample import sample
from l2c.improve.what_if import median_days, slowest, what_if

__all__ = ["backtest", "branches", "desks", "median_days", "sample", "slowest", "verdict", "what_if"]
