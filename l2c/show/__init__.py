"""The only place that draws, formats numbers and translates: every function takes a result table, never a log.

The exception is `filters`, which lets a person choose which cases the views below it speak of.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

from l2c.system.extras import LIVE, need

_PLACES = {
    "Cases": "l2c.show.live.cases",
    "Editor": "l2c.show.live.editor",
    "ProcessMap": "l2c.show.live.living_map",
    "Variants": "l2c.show.live.variants",
    "about": "l2c.show.conclusions",
    "actions": "l2c.show.actions",
    "ageing": "l2c.show.charts.payments",
    "alerts": "l2c.show.alerts",
    "tasks_came": "l2c.show.tasks",
    "backtest": "l2c.show.charts.backtest",
    "benchmark": "l2c.show.benchmark",
    "best": "l2c.show.charts.levers",
    "bottlenecks": "l2c.show.charts.bottlenecks",
    "bpmn": "l2c.show.map.bpmn",
    "browse": "l2c.show.browse",
    "calibration": "l2c.show.charts.calibration",
    "cash": "l2c.show.charts.cash",
    "cash_bridge": "l2c.show.charts.cash_bridge",
    "cash_curve": "l2c.show.charts.cash_curve",
    "causes": "l2c.show.charts.causes",
    "cautions": "l2c.show.quality",
    "changes": "l2c.show.changes",
    "check": "l2c.show.check",
    "checks": "l2c.show.opening",
    "compare": "l2c.show.charts.compare",
    "compliance": "l2c.show.charts.compliance",
    "conclusion": "l2c.show.opening",
    "conversion": "l2c.show.charts.conversion",
    "coverage": "l2c.show.charts.coverage",
    "decision": "l2c.show.improvements",
    "delays": "l2c.show.conclusions",
    "desks": "l2c.show.charts.desks",
    "discounts": "l2c.show.charts.discounts",
    "dotted": "l2c.show.charts.dotted",
    "due_dates": "l2c.show.charts.due_dates",
    "durations": "l2c.show.charts.durations",
    "executive": "l2c.show.conclusions",
    "figures": "l2c.show.figures",
    "filters": "l2c.show.filters",
    "findings": "l2c.show.findings",
    "forecast": "l2c.show.charts.forecast",
    "forecast_categories": "l2c.show.charts.slippage",
    "forecast_ledger": "l2c.show.charts.forecast_ledger",
    "foretold": "l2c.show.charts.backtest",
    "funnel": "l2c.show.charts.funnel",
    "handovers": "l2c.show.charts.handovers",
    "headline": "l2c.show.conclusions",
    "hours": "l2c.show.hours",
    "journey": "l2c.show.charts.journey",
    "kpi_card": "l2c.show.kpi_cards",
    "kpi_cards": "l2c.show.kpi_cards",
    "label": "l2c.words.vocabulary",
    "landmarks": "l2c.show.charts.quotes",
    "late_customers": "l2c.show.charts.payments",
    "levers": "l2c.show.charts.levers",
    "links": "l2c.show.links",
    "mapping": "l2c.show.quality",
    "next_steps": "l2c.show.conclusions",
    "objects": "l2c.show.charts.objects",
    "open_deals": "l2c.show.open_pipeline",
    "open_invoices": "l2c.show.open_pipeline",
    "open_leads": "l2c.show.open_pipeline",
    "outcomes": "l2c.show.charts.outcomes",
    "pace": "l2c.show.charts.pace",
    "path": "l2c.show.conclusions",
    "payments": "l2c.show.charts.payments",
    "pipeline_bridge": "l2c.show.charts.pipeline_bridge",
    "placebos": "l2c.show.charts.outcomes",
    "problems": "l2c.show.check",
    "process_map": "l2c.show.map.process_map",
    "quality": "l2c.show.quality",
    "quarters": "l2c.show.charts.quarters",
    "quote_to_contract": "l2c.show.charts.quotes",
    "receivables": "l2c.show.charts.payments",
    "reconciled": "l2c.show.conclusions",
    "reps": "l2c.show.charts.reps",
    "rework": "l2c.show.charts.rework",
    "saved": "l2c.show.conclusions",
    "scenario": "l2c.show.changes",
    "realised": "l2c.show.improvements",
    "simulated": "l2c.show.improvements",
    "since": "l2c.show.charts.since",
    "since_last": "l2c.show.since_last",
    "slippage": "l2c.show.charts.slippage",
    "spine": "l2c.show.spine",
    "stage_conversion": "l2c.show.charts.stages",
    "stages": "l2c.show.charts.stages",
    "steps": "l2c.show.charts.steps",
    "table": "l2c.show.tables",
    "to_look_at": "l2c.show.to_look_at",
    "together": "l2c.show.map.together",
    "throughput": "l2c.show.charts.throughput",
    "timeline": "l2c.show.charts.timeline",
    "untold": "l2c.show.charts.backtest",
    "unsure": "l2c.show.actions",
    "variants": "l2c.show.charts.variants",
    "verdicts": "l2c.show.verdicts",
    "waits": "l2c.show.charts.waits",
    "watch_list": "l2c.show.open_pipeline",
    "working_times": "l2c.show.charts.working_times",
}
__all__ = sorted(_PLACES)


class _Package(ModuleType):
    """Importing `l2c.show.funnel` would put the module where the function of that name belongs."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _PLACES and isinstance(value, ModuleType):
            value = getattr(value, name)
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> Any:
    if name in _PLACES:
        if _PLACES[name].startswith("l2c.show.live."):
            need("notebook", *LIVE)
        return getattr(import_module(_PLACES[name]), name)
    raise AttributeError(f"module 'l2c.show' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *__all__]
