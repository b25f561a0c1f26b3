"""Where and why do we lose time, deals and money? Times, steps, causes, broken rules."""

from l2c.diagnose.causes import causes
from l2c.diagnose.compliance import compliance, compliance_by, verdicts, violations
from l2c.diagnose.steps import steps, total_days, waiting
from l2c.diagnose.times import cycle, cycle_by, survival, times

__all__ = [
    "causes",
    "compliance",
    "compliance_by",
    "cycle",
    "cycle_by",
    "steps",
    "survival",
    "times",
    "total_days",
    "verdicts",
    "violations",
    "waiting",
]
