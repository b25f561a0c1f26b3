"""Every public chart and table, to be drawn of the same log; what can be clicked is left out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from l2c import diagnose, discover, improve, kpis, monitor, prepare, show
from l2c.check import check, problems
from l2c.discover.bpmn import Model, Node
from l2c.log import EventLog
from tests.metrics import first_case
from tests.show import news, pipelines, twins

MODEL = Model(
    (Node("n0", "start"), Node("n1", "task", "Quote Sent"), Node("n2", "end")), (("n0", "n1"), ("n1", "n2")), 1, 1, 1, 0
)
CHARTS: dict[str, Callable[[EventLog], object]] = {
    "about": show.about,
    "alerts": lambda log: show.alerts(monitor.alerts(log)),
    "tasks_came": lambda log: show.tasks_came(monitor.tasks_judged(log, "nowhere")),
    "cautions": lambda log: show.cautions(log.quality),
    "check": lambda log: show.check(check(log)),
    "links": lambda log: show.links(["template.xlsx"]),
    "problems": lambda log: show.problems(problems(log)),
    "actions": lambda log: show.actions(diagnose.actions(log, diagnose.findings(log)), cases=log.n_cases),
    "ageing": lambda log: show.ageing(diagnose.ageing(log)),
    "backtest": lambda log: show.backtest(improve.backtest(log, runs=6)),
    "benchmark": lambda log: show.benchmark(monitor.benchmark(log, "region", {"North": log}), by="region"),
    "best": lambda log: show.best(twins.together()),
    "bottlenecks": lambda log: show.bottlenecks(diagnose.bottlenecks(log)),
    "bpmn": lambda log: show.bpmn(MODEL),
    "calibration": lambda log: show.calibration(pipelines.calibration()),
    "cash": lambda log: show.cash(pipelines.cash()),
    "cash_bridge": lambda log: show.cash_bridge(diagnose.cash_bridge(log)),
    "cash_curve": lambda log: show.cash_curve(twins.simulated()),
    "causes": lambda log: show.causes(diagnose.causes(log)),
    "changes": lambda log: show.changes(improve.changes(["Quote Sent", "Closed Won"], ["Closed Won"])),
    "checks": lambda log: show.checks(diagnose.findings(log)),
    "conclusion": lambda log: show.conclusion(
        show.bottlenecks(diagnose.bottlenecks(log)), findings=diagnose.findings(log)
    ),
    "compare": lambda log: show.compare(monitor.compare(log, "2025-07-01")),
    "compliance": lambda log: show.compliance(diagnose.compliance(log)),
    "conversion": lambda log: show.conversion(diagnose.conversion(log, by="opened")),
    "coverage": lambda log: show.coverage(pipelines.coverage()),
    "decision": lambda log: show.decision(twins.decided()),
    "realised": lambda log: show.realised(pd.DataFrame(columns=["decision_id"]), (twins.decided(),)),
    "delays": lambda log: show.delays(diagnose.steps(log)),
    "desks": lambda log: show.desks(improve.desks(log)),
    "discounts": lambda log: show.discounts(diagnose.discount_bands(log), diagnose.discounts(log)),
    "dotted": lambda log: show.dotted(discover.dots(log), of=log.n_cases),
    "due_dates": lambda log: show.due_dates(diagnose.due_dates(log)),
    "durations": lambda log: show.durations(diagnose.cycle(log)),
    "executive": lambda log: show.kpi_cards(show.executive(kpis(log))),
    "figures": lambda log: show.figures(monitor.figures(log)),
    "filters": lambda log: show.filters(log, interactive=False),
    "findings": lambda log: show.findings(diagnose.findings(log), cases=log.n_cases),
    "forecast": lambda log: show.forecast(pipelines.forecast()),
    "forecast_categories": lambda log: show.forecast_categories(diagnose.forecast_categories(log)),
    "forecast_ledger": lambda log: show.forecast_ledger(pipelines.bias()),
    "foretold": lambda log: show.foretold(twins.tested()),
    "funnel": lambda log: show.funnel(discover.funnel(log)),
    "handovers": lambda log: show.handovers(diagnose.handovers(log)),
    "headline": lambda log: show.headline(kpis(log)),
    "journey": lambda log: show.journey(diagnose.journey(log)),
    "kpi_card": lambda log: show.kpi_card(kpis(log), "win_rate"),
    "kpi_cards": lambda log: show.kpi_cards(kpis(log)),
    "label": lambda log: show.label("Quote Sent", "ja"),
    "levers": lambda log: show.levers(twins.moved()),
    "landmarks": lambda log: show.landmarks(diagnose.landmarks(log)),
    "receivables": lambda log: show.receivables(diagnose.receivables(log)),
    "late_customers": lambda log: show.late_customers(diagnose.late_customers(log)),
    "mapping": lambda log: show.mapping(log.quality),
    "next_steps": lambda log: show.next_steps(diagnose.findings(log)),
    "objects": lambda log: show.objects(prepare.objects(log), prepare.fan_out(log)),
    "open_deals": lambda log: show.open_deals(pipelines.open_deals()),
    "open_invoices": lambda log: show.open_invoices(pipelines.open_invoices()),
    "open_leads": lambda log: show.open_leads(pipelines.open_leads()),
    "outcomes": lambda log: show.outcomes(monitor.outcomes(log, "2025-07-01")),
    "pace": lambda log: show.pace(monitor.pace(log)),
    "path": lambda log: show.path(discover.happy_path(log)),
    "payments": lambda log: show.payments(diagnose.payments(log)),
    "pipeline_bridge": lambda log: show.pipeline_bridge(pipelines.bridge()),
    "placebos": lambda log: show.placebos(monitor.placebos(log, "2025-07-01")),
    "process_map": lambda log: show.process_map(discover.flow(log)),
    "quality": lambda log: show.quality(log.quality),
    "quarters": lambda log: show.quarters(monitor.quarters(log)),
    "quote_to_contract": lambda log: show.quote_to_contract(diagnose.quote_to_contract(log)),
    "reconciled": lambda log: show.reconciled(diagnose.steps(log)["case_days"].sum(), diagnose.total_days(log)),
    "reps": lambda log: show.reps(diagnose.reps(log)),
    "rework": lambda log: show.rework(diagnose.rework(log)),
    "saved": lambda log: show.saved(Path("model.bpmn")),
    "scenario": lambda log: show.scenario(twins.asked()),
    "simulated": lambda log: show.simulated(twins.simulated()),
    "since": lambda log: show.since(diagnose.since(log)),
    "since_last": lambda log: show.since_last(news.news()),
    "slippage": lambda log: show.slippage(diagnose.slippage(log)),
    "unsure": lambda log: show.unsure(diagnose.findings(log), rules=diagnose.compliance(log), problems=problems(log)),
    "to_look_at": lambda log: show.to_look_at(monitor.alerts(log), pipelines.open_deals()),
    "spine": lambda log: show.spine(discover.spine(log)),
    "stage_conversion": lambda log: show.stage_conversion(diagnose.stage_conversion(log)),
    "stages": lambda log: show.stages(diagnose.stages(log)),
    "steps": lambda log: show.steps(diagnose.steps(log)),
    "table": lambda log: show.table(kpis(log)),
    "together": lambda log: show.together(improve.together(log, discover.happy_path(log)[1:])),
    "throughput": lambda log: show.throughput(discover.throughput(log)),
    "timeline": lambda log: show.timeline(discover.timeline(log, first_case(log))),
    "untold": lambda log: show.untold(twins.tested("no")),
    "variants": lambda log: show.variants(discover.variants(log)),
    "verdicts": lambda log: show.verdicts(monitor.outcomes(log, "2025-07-01")),
    "waits": lambda log: show.waits(twins.simulated()),
    "watch_list": lambda log: show.watch_list(pipelines.open_deals()),
    "working_times": lambda log: show.working_times(diagnose.working_times(log)),
}
# What needs the extra `notebook`.
CLICKED: dict[str, Callable[[EventLog], object]] = {
    "browse": lambda log: show.browse(kpis(log)),
    "Cases": lambda log: show.Cases(log),
    "filters": lambda log: show.filters(log, interactive=True),
    "Editor": lambda log: show.Editor(log),
    "ProcessMap": lambda log: show.ProcessMap(log),
    "Variants": lambda log: show.Variants(log),
}


def draw(shown: object) -> str:
    """What a notebook would show of a thing."""
    if hasattr(shown, "_repr_mimebundle_"):
        return str(shown._repr_mimebundle_())
    return str(shown._repr_html_() if hasattr(shown, "_repr_html_") else shown)
