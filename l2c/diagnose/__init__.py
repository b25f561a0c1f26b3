"""Where and why do we lose time, deals and money? Times, steps, broken rules."""

from l2c.diagnose.steps import steps, total_days, waiting
from l2c.diagnose.times import cycle, cycle_by, survival, times
from l2c.diagnose.violations import violations

__all__ = ["cycle", "cycle_by", "steps", "survival", "times", "total_days", "violations", "waiting"]
