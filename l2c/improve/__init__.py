"""What should change, and what would it bring? The process learnt as a twin that runs and is tested; decisions beside the log."""

from l2c.improve.backtest import backtest, verdict
from l2c.improve.branches import branches
from l2c.improve.decision import decide, needs
from l2c.improve.desks import desks
from l2c.improve.edits import Draft
from l2c.improve.fitting import fit, outside
from l2c.improve.levers import best, levers
from l2c.improve.picking import pick, telling
from l2c.improve.register import aim, finding_id, judge, realise, record, register
from l2c.improve.sample import sample
from l2c.improve.scenario import scenario
from l2c.improve.simulate import simulate
from l2c.improve.to_be import changes
from l2c.improve.together import together
from l2c.improve.what_if import median_days, slowest, what_if

__all__ = [
    "Draft",
    "aim",
    "backtest",
    "best",
    "branches",
    "changes",
    "decide",
    "desks",
    "finding_id",
    "fit",
    "judge",
    "levers",
    "median_days",
    "needs",
    "outside",
    "pick",
    "realise",
    "record",
    "register",
    "sample",
    "scenario",
    "simulate",
    "slowest",
    "telling",
    "together",
    "verdict",
    "what_if",
]
