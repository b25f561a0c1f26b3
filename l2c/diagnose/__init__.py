"""Where and why do we lose time, deals and money? Times, steps, broken rules, quotes, payments, rework."""

from l2c.diagnose.landmarks import landmarks
from l2c.diagnose.payments import payments
from l2c.diagnose.quotes import quote_rounds, quote_to_contract, quote_waits
from l2c.diagnose.receivables import ageing, late_customers, receivables
from l2c.diagnose.rework import rework, rework_days
from l2c.diagnose.steps import steps, total_days, waiting
from l2c.diagnose.times import cycle, cycle_by, survival, times
from l2c.diagnose.violations import violations

__all__ = [
    "ageing",
    "cycle",
    "cycle_by",
    "landmarks",
    "late_customers",
    "payments",
    "quote_rounds",
    "quote_to_contract",
    "quote_waits",
    "receivables",
    "rework",
    "rework_days",
    "steps",
    "survival",
    "times",
    "total_days",
    "violations",
    "waiting",
]
