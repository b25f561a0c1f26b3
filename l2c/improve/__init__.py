"""What should change, and what would it bring?"""

from l2c.improve.register import aim, finding_id, judge, record, register
from l2c.improve.scenario import scenario
from l2c.improve.simulate import simulate
from l2c.improve.what_if import median_days, slowest, what_if

__all__ = [
    "aim",
    "finding_id",
    "judge",
    "median_days",
    "record",
    "register",
    "scenario",
    "simulate",
    "slowest",
    "what_if",
]
