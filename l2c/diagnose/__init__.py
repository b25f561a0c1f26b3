"""Where and why do we lose time, deals and money? Times, steps, causes, payments, people, broken rules."""

from l2c.diagnose.actions import actions
from l2c.diagnose.behind import behind
from l2c.diagnose.cash.payments import payments
from l2c.diagnose.cash.quote_to_cash import cash_bridge, quote_to_cash, revenue_leakage, unmatched_lines
from l2c.diagnose.cash.receivables import ageing, late_customers, receivables
from l2c.diagnose.causes import causes
from l2c.diagnose.findings import findings
from l2c.diagnose.flattening import flattening
from l2c.diagnose.flow.journey import detours, journey, restarts
from l2c.diagnose.flow.paths import deviations, lost_variants, slow_variants
from l2c.diagnose.flow.rework import rework, rework_days
from l2c.diagnose.people.automation import automation
from l2c.diagnose.people.credit import credit
from l2c.diagnose.people.handovers import handovers
from l2c.diagnose.people.reps import coaching, reps
from l2c.diagnose.problems import within
from l2c.diagnose.rules.compliance import compliance, verdicts, violations
from l2c.diagnose.rules.due_dates import due_dates
from l2c.diagnose.rules.tags import tag_counts, tags
from l2c.diagnose.sale.conversion import conversion, silent
from l2c.diagnose.sale.discounts import discounts
from l2c.diagnose.sale.forecasts import forecast_categories
from l2c.diagnose.sale.landmarks import landmarks
from l2c.diagnose.sale.leakage import bunching, discount_bands, leakage
from l2c.diagnose.sale.quotes import quote_rounds, quote_to_contract, quote_waits
from l2c.diagnose.sale.slippage import slippage
from l2c.diagnose.sale.stages import stage_conversion, stage_days, stages
from l2c.diagnose.since import since
from l2c.diagnose.truncation import truncation
from l2c.diagnose.waits.bottlenecks import bottlenecks
from l2c.diagnose.waits.desks import desks
from l2c.diagnose.waits.queues import waiting_causes
from l2c.diagnose.waits.steps import steps, total_days
from l2c.diagnose.waits.times import cycle, cycle_by, survival, times
from l2c.diagnose.waits.work import working_times

__all__ = [
    "actions",
    "ageing",
    "automation",
    "behind",
    "bottlenecks",
    "bunching",
    "cash_bridge",
    "causes",
    "coaching",
    "compliance",
    "conversion",
    "credit",
    "cycle",
    "cycle_by",
    "desks",
    "detours",
    "deviations",
    "discount_bands",
    "discounts",
    "due_dates",
    "findings",
    "flattening",
    "forecast_categories",
    "handovers",
    "journey",
    "landmarks",
    "late_customers",
    "leakage",
    "lost_variants",
    "payments",
    "quote_rounds",
    "quote_to_cash",
    "quote_to_contract",
    "quote_waits",
    "receivables",
    "reps",
    "restarts",
    "revenue_leakage",
    "rework",
    "rework_days",
    "silent",
    "since",
    "slippage",
    "slow_variants",
    "stage_conversion",
    "stage_days",
    "stages",
    "steps",
    "survival",
    "tag_counts",
    "tags",
    "times",
    "total_days",
    "truncation",
    "unmatched_lines",
    "verdicts",
    "violations",
    "waiting_causes",
    "within",
    "working_times",
]
