"""Logs that hold little, and everything that `show` can say about each."""

import random
import re
from collections.abc import Callable

import pandas as pd

import l2c
from l2c import diagnose, discover, improve, monitor, prepare, show
from l2c.check import problems
from l2c.kpis import sample
from l2c.log import EventLog
from tests.logs import from_text
from tests.show import news, pipelines, twins

FULL = (
    "Lead Created {0}, Lead Qualified {1}, Opportunity Created {2}, Quote Created {3}, Quote Sent {4}, Quote Accepted {5}, "
    "Contract Signed {6}, Closed Won {7}, Sales Order Created {8}, Order Fulfilled {9}, Invoice Sent {10}, Payment Received {11}"
)


def _cases(pattern: Callable[[int, random.Random], str], n: int = 60) -> str:
    chance = random.Random(3)
    return "\n".join(pattern(i, chance) for i in range(n))


def _whole(i: int, chance: random.Random, names: str = "", upto: int = 12) -> str:
    day, days = i * 2.0, []
    for _ in range(12):
        days.append(day)
        day += chance.uniform(0.5, 9)
    events = FULL.format(*(f"{d:.2f}" for d in days)).split(", ")[:upto]
    return f"c{i} [{names}]: " + ", ".join(events)


def _people(i: int) -> str:
    return f"rep=R{i % 3}, actor=R{i % 4}, region=G{i % 2}"


def _stage(i: int, chance: random.Random) -> str:
    first, second = i + chance.random(), i + 4 + 9 * chance.random()
    end = f", Closed {'Won' if i % 5 == 0 else 'Lost'} {second + 9 * chance.random():.2f}" if i % 3 else ""
    return f"c{i}: Stage: Prospecting {first:.2f}, Stage: Proposal {second:.2f}{end}"


def _money(i: int) -> str:
    return f"amount={100 + i}, discount={(i % 5) / 20}, payment_terms_days=30"


LOGS: dict[str, Callable[[], EventLog]] = {
    "stages only": lambda: from_text(_cases(_stage), until=200),
    "one case": lambda: from_text("a [region=X, rep=K, amount=5]: Opportunity Created 0, Quote Sent 3", until=9),
    "one event": lambda: from_text("a: Opportunity Created 0"),
    "no outcomes": lambda: from_text(_cases(lambda i, r: _whole(i, r, f"{_people(i)}, {_money(i)}", 6)), until=400),
    "no amounts": lambda: from_text(_cases(lambda i, r: _whole(i, r, _people(i), 12 - i % 3)), until=400),
    "no people": lambda: from_text(_cases(lambda i, r: _whole(i, r, _money(i), 12 - i % 3)), until=400),
    "nothing paid": lambda: from_text(_cases(lambda i, r: _whole(i, r, f"{_people(i)}, {_money(i)}", 11)), until=400),
    "all paid": lambda: from_text(_cases(lambda i, r: _whole(i, r, f"{_people(i)}, {_money(i)}")), until=400),
    "all open": lambda: from_text(
        _cases(lambda i, r: _whole(i, r, f"{_people(i)}, {_money(i)}", 5 if i else 12)), until=400
    ).where(outcome="open"),
    "leads only": lambda: from_text(_cases(lambda i, r: _whole(i, r, _people(i), 1 + i % 2)), until=400),
    "all lost": lambda: from_text(
        _cases(lambda i, r: f"c{i} [{_people(i)}]: Opportunity Created {i}, Closed Lost {i + 3 + i % 7}"), until=200
    ),
    "other words": lambda: from_text(_cases(lambda i, r: f"c{i}: Odd {i}, Strange {i + 3 + i % 7}"), until=200),
    "no case": lambda: from_text(_cases(lambda i, r: _whole(i, r, _people(i), 12)), until=400).where(region="G0").where(
        region="G1"
    ),
}  # fmt: skip


def _judged(log: EventLog) -> dict[str, object]:
    return {
        "cases": log.n_cases, "rules": diagnose.compliance(log), "activities": log.activities,
        "attributes": log.attributes,
    }  # fmt: skip


def _step(log: EventLog) -> tuple[str, str] | None:
    steps = diagnose.steps(log)
    return (steps["from"].iloc[0], steps["to"].iloc[0]) if len(steps) else None


Args = tuple[object, ...]
# Everything that takes a table, as the notebooks and the dashboard call it: what is measured once, and how it is said.
SAID: dict[str, tuple[Callable[[EventLog], Args], Callable[..., object]]] = {
    "about": (lambda log: (log,), show.about),
    "alerts": (lambda log: (monitor.alerts(log),), show.alerts),
    "alert_counts": (lambda log: (monitor.alert_counts(log),), show.table),
    "limits": (lambda log: (monitor.limits(log),), show.table),
    "ageing": (lambda log: (diagnose.ageing(log),), show.ageing),
    "backtest": (lambda log: (improve.backtest(log, runs=2),), show.backtest),
    "actions": (
        lambda log: (diagnose.actions(log, found := diagnose.findings(log)), found, problems(log), log),
        lambda t, found, asked, log, lang: show.actions(
            t, cases=log.n_cases, found=found, problems=asked, attributes=log.attributes, lang=lang
        ),
    ),
    "benchmark": (
        lambda log: (monitor.benchmark(log, "region", {"all": log}),),
        lambda t, lang: show.benchmark(t, by="region", lang=lang),
    ),
    "to_look_at": (lambda log: (monitor.alerts(log), pipelines.open_deals()), show.to_look_at),
    "unsure": (
        lambda log: (diagnose.findings(log), diagnose.compliance(log), problems(log)),
        lambda t, rules, asked, lang: show.unsure(t, rules=rules, problems=asked, lang=lang),
    ),
    "best": (lambda log: (twins.together(),), show.best),
    "bottlenecks": (lambda log: (diagnose.bottlenecks(log),), show.bottlenecks),
    "cash_bridge": (lambda log: (diagnose.cash_bridge(log),), show.cash_bridge),
    "cash_curve": (lambda log: (twins.simulated(),), show.cash_curve),
    "changes": (lambda log: (improve.changes(discover.happy_path(log), log.activities[:2]),), show.changes),
    "desks": (lambda log: (improve.desks(log),), show.desks),
    "problems": (lambda log: (problems(log),), show.problems),
    "cautions": (lambda log: (log.quality,), show.cautions),
    "receivables": (lambda log: (diagnose.receivables(log),), show.receivables),
    "causes": (lambda log: (diagnose.causes(log, names=False),), show.causes),
    "compare": (lambda log: (monitor.compare(log, log.extracted - 0.5 * _length(log)),), show.compare),
    "compliance": (lambda log: (diagnose.compliance(log),), show.compliance),
    "conclusion": (
        lambda log: (diagnose.findings(log), diagnose.bottlenecks(log)),
        lambda found, b, lang: show.conclusion(show.bottlenecks(b, lang=lang), findings=found, lang=lang),
    ),
    "checks": (lambda log: (diagnose.findings(log),), show.checks),
    "conversion": (lambda log: (diagnose.conversion(log, by="opened"),), show.conversion),
    "decision": (lambda log: (twins.decided(),), show.decision),
    "realised": (lambda log: (pd.DataFrame(columns=["decision_id"]), (twins.decided(),)), show.realised),
    "delays": (lambda log: (diagnose.steps(log),), show.delays),
    "discounts": (lambda log: (diagnose.discount_bands(log), diagnose.discounts(log)), show.discounts),
    "dotted": (lambda log: (discover.dots(log), log.n_cases), lambda t, n, lang: show.dotted(t, of=n, lang=lang)),
    "due_dates": (lambda log: (diagnose.due_dates(log),), show.due_dates),
    "durations": (lambda log: (diagnose.cycle(log),), show.durations),
    "filters": (lambda log: (log,), lambda log, lang: show.filters(log, lang=lang, interactive=False)),
    "findings": (lambda log: (diagnose.findings(log), _judged(log)), lambda t, d, lang: show.findings(t, **d, lang=lang)),
    "forecast_categories": (lambda log: (diagnose.forecast_categories(log),), show.forecast_categories),
    "foretold": (lambda log: (improve.backtest(log, runs=2),), show.foretold),
    "funnel": (lambda log: (discover.funnel(log),), show.funnel),
    "together": (lambda log: (improve.together(log, discover.happy_path(log)[1:]),), show.together),
    "spine": (lambda log: (discover.spine(log),), show.spine),
    "handovers": (lambda log: (diagnose.handovers(log),), show.handovers),
    "headline": (lambda log: (l2c.kpis(log),), show.headline),
    "journey": (lambda log: (diagnose.journey(log),), show.journey),
    "kpi_card": (
        lambda log: (l2c.kpis(log), sample(log, "sales_cycle_days")),
        lambda t, s, lang: show.kpi_card(t, "sales_cycle_days", sample=s, lang=lang),
    ),
    "kpi_cards": (lambda log: (l2c.kpis(log),), show.kpi_cards),
    "landmarks": (lambda log: (diagnose.landmarks(log),), show.landmarks),
    "levers": (lambda log: (twins.moved(),), show.levers),
    "late_customers": (lambda log: (diagnose.late_customers(log),), show.late_customers),
    "mapping": (lambda log: (log.quality,), show.mapping),
    "next_steps": (lambda log: (diagnose.findings(log),), show.next_steps),
    "objects": (lambda log: (prepare.objects(log), prepare.fan_out(log)), show.objects),
    "outcomes": (lambda log: (_outcomes(log),), show.outcomes),
    "pace": (lambda log: (monitor.pace(log),), show.pace),
    "path": (lambda log: (discover.happy_path(log),), show.path),
    "placebos": (lambda log: (monitor.placebos(log, log.extracted - 0.5 * _length(log)),), show.placebos),
    "payments": (lambda log: (diagnose.payments(log),), show.payments),
    "payments by": (lambda log: (diagnose.payments(log, by=_by(log)),), show.payments),
    "process_map": (lambda log: (discover.flow(log),), show.process_map),
    "quality": (lambda log: (log.quality,), show.quality),
    "quarters": (lambda log: (monitor.quarters(log),), show.quarters),
    "figures": (lambda log: (monitor.figures(log),), show.figures),
    "quote_to_contract": (lambda log: (diagnose.quote_to_contract(log),), show.quote_to_contract),
    "reconciled": (lambda log: (diagnose.steps(log)["case_days"].sum(), diagnose.total_days(log)), show.reconciled),
    "reps": (lambda log: (diagnose.reps(log),), show.reps),
    "rework": (lambda log: (diagnose.rework(log),), show.rework),
    "rework by": (lambda log: (diagnose.rework(log, by=_by(log)),), show.rework),
    "scenario": (lambda log: (twins.asked(),), show.scenario),
    "simulated": (lambda log: (twins.simulated(True),), show.simulated),
    "since": (lambda log: (diagnose.since(log, names=False),), show.since),
    "tasks_came": (lambda log: (monitor.tasks_judged(log, "nowhere"),), show.tasks_came),
    "since_last": (lambda log: (news.news(log.n_cases < 9),), show.since_last),
    "slippage": (lambda log: (diagnose.slippage(log),), show.slippage),
    "stage_conversion": (lambda log: (diagnose.stage_conversion(log),), show.stage_conversion),
    "stages": (lambda log: (diagnose.stages(log),), show.stages),
    "steps": (lambda log: (diagnose.steps(log),), show.steps),
    "throughput": (lambda log: (discover.throughput(log),), show.throughput),
    "untold": (lambda log: (improve.backtest(log, runs=2),), show.untold),
    "verdicts": (lambda log: (_outcomes(log),), show.verdicts),
    "coverage pipeline": (lambda log: (monitor.coverage(log),), show.coverage),
    "calibration": (lambda log: (pipelines.calibration(log.n_cases > 9),), show.calibration),
    "cash": (lambda log: (monitor.cash(log),), show.cash),
    "forecast": (lambda log: (monitor.forecast(log),), show.forecast),
    "forecast_ledger": (lambda log: (monitor.forecast_bias(log),), show.forecast_ledger),
    "open_deals": (lambda log: (monitor.open_deals(log),), show.open_deals),
    "open_leads": (lambda log: (monitor.open_leads(log),), show.open_leads),
    "open_invoices": (lambda log: (monitor.open_invoices(log),), show.open_invoices),
    "pipeline_bridge": (lambda log: (pipelines.bridge(log.n_cases > 9),), show.pipeline_bridge),
    "watch_list": (lambda log: (monitor.open_deals(log),), show.watch_list),
    "waits": (lambda log: (twins.simulated(),), show.waits),
    "timeline": (
        lambda log: (discover.timeline(log, _first(log)),) if log.n_cases else (),
        lambda *t, lang: show.timeline(*t, lang=lang) if t else "",
    ),
    "variants": (lambda log: (discover.variants(log),), show.variants),
    "working_times": (lambda log: (diagnose.working_times(log),), show.working_times),
    "what if": (
        lambda log: (improve.what_if(log, step=_step(log), share=0.3),) if _step(log) else (),
        lambda *t, lang: show.table(*t, lang=lang) if t else "",
    ),
    "exits": (lambda log: (discover.exits(log),), show.table),
    "coverage": (lambda log: (prepare.coverage(log),), show.table),
    "kpis": (lambda log: (l2c.kpis(log),), show.table),
    **{
        f"diagnose.{name}": (lambda log, name=name: (getattr(diagnose, name)(log),), show.table)
        for name in ("silent", "deviations", "coaching", "detours", "restarts", "leakage", "cycle_by", "waiting_causes",
                     "rework_days", "quote_rounds", "receivables", "payments", "discounts", "tag_counts", "slow_variants")
    },
}  # fmt: skip


def _length(log: EventLog):
    return (log.extracted - log.period()[0]) if log.n_cases else log.extracted - log.extracted


def _outcomes(log: EventLog):
    return monitor.outcomes(log, log.extracted - 0.5 * _length(log))


def _by(log: EventLog) -> str | None:
    return "region" if "region" in log.attributes else None


def _first(log: EventLog) -> str:
    from l2c import engine

    return sorted(engine.collect(log.cases.select("case_id"))["case_id"])[0]


def text_of(shown: object) -> str:
    """Everything of it that can be read: its words in short, the texts in the picture, those of the page."""
    parts = [repr(shown) if not isinstance(shown, str) or hasattr(shown, "html") else shown]
    parts += getattr(shown, "texts", [])
    if html := getattr(shown, "html", ""):
        parts.append(re.sub(r"<(style|script)[^>]*>.*?</\1>|<[^>]+>", " ", html, flags=re.DOTALL))
    return "\n".join(parts)
