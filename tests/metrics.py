"""Every public metric, to be asked of the same log in several engines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

import l2c
from l2c import diagnose, discover, engine, improve, monitor
from l2c.analysis import analysis
from l2c.kpis import sample
from l2c.log import EventLog
from l2c.prepare import activity_coverage, actors, coverage, fan_out, records


def busiest(log: EventLog) -> tuple[str, str]:
    """Two activities that follow each other most often."""
    steps = diagnose.steps(log).sort_values(["events", "from", "to"], ascending=[False, True, True])
    return str(steps["from"].iloc[0]), str(steps["to"].iloc[0])


def attribute(log: EventLog) -> str | None:
    """An attribute with a few values, to compare groups by."""
    few = [a for a in ("region", "product", *log.attributes) if a in log.attributes and 1 < len(log.distinct(a)) < 20]
    return few[0] if few else None


def first_case(log: EventLog) -> str:
    """The case whose id comes first, the same in every engine."""
    return str(min(engine.collect(log.cases.select("case_id"))["case_id"]))


def contrast(log: EventLog) -> object:
    """Won against lost deals; where none is known, cases with the busiest step's end against those without it."""
    sides = [log.where(outcome=end) for end in ("won", "lost")]
    if not all(side.n_cases for side in sides):
        sides = [log.where(includes=busiest(log)[1]), log.where(excludes=busiest(log)[1])]
    return discover.contrast(*sides) if all(side.n_cases for side in sides) else None


METRICS: dict[str, Callable[[EventLog], object]] = {
    "flow": discover.flow,
    "variants": discover.variants,
    "variants folded": lambda log: discover.variants(log, fold=True),
    "funnel": discover.funnel,
    "spine": discover.spine,
    "happy_path": discover.happy_path,
    "deviations": discover.deviations,
    "exits": discover.exits,
    "contrast": contrast,
    "throughput": discover.throughput,
    "timeline": lambda log: discover.timeline(log, first_case(log)),
    "activity_order": lambda log: discover.activity_order(discover.flow(log)),
    "dots": lambda log: discover.dots(log, 300),
    "kpis": l2c.kpis,
    "working kpis": lambda log: l2c.kpis(working(log)),
    "working steps": lambda log: diagnose.steps(working(log)),
    "working events": lambda log: by(working(log).events, ["case_id", "position"]).drop(columns=["source"]),
    "sample": lambda log: sample(log, "rework_rate", 9),
    "analysis": analysis,
    "coverage": coverage,
    "activity_coverage": activity_coverage,
    "fan_out": fan_out,
    "records": lambda log: records(log, edge=busiest(log)),
    "flattening": diagnose.flattening,
    "truncation": diagnose.truncation,
    "steps": diagnose.steps,
    "total_days": diagnose.total_days,
    "working_times": diagnose.working_times,
    "violations": diagnose.violations,
    "payments": diagnose.payments,
    "payments by": lambda log: diagnose.payments(log, by=attribute(log)),
    "receivables": diagnose.receivables,
    "ageing": diagnose.ageing,
    "late_customers": diagnose.late_customers,
    "quote_to_contract": diagnose.quote_to_contract,
    "quote_to_cash": diagnose.quote_to_cash,
    "cash_bridge": diagnose.cash_bridge,
    "revenue_leakage": diagnose.revenue_leakage,
    "unmatched_lines": diagnose.unmatched_lines,
    "quote_waits": diagnose.quote_waits,
    "quote_rounds": diagnose.quote_rounds,
    "landmarks": diagnose.landmarks,
    "rework": diagnose.rework,
    "rework by": lambda log: diagnose.rework(log, by=attribute(log)),
    "rework_days": diagnose.rework_days,
    "cycle": diagnose.cycle,
    "causes": diagnose.causes,
    "since": diagnose.since,
    "compliance": diagnose.compliance,
    "verdicts": lambda log: diagnose.verdicts(log).drop(columns=["source_row", "other_source_row"]),
    "credit": diagnose.credit,
    "handovers": diagnose.handovers,
    "automation": diagnose.automation,
    "actors": actors,
    "reps": diagnose.reps,
    "coaching": diagnose.coaching,
    "discount_bands": diagnose.discount_bands,
    "bunching": diagnose.bunching,
    "leakage": diagnose.leakage,
    "discounts": diagnose.discounts,
    "bottlenecks": diagnose.bottlenecks,
    "waiting_causes": diagnose.waiting_causes,
    "tags": diagnose.tags,
    "tag_counts": diagnose.tag_counts,
    "due_dates": diagnose.due_dates,
    "slippage": diagnose.slippage,
    "stages": diagnose.stages,
    "stage_days": diagnose.stage_days,
    "stage_conversion": diagnose.stage_conversion,
    "forecast_categories": diagnose.forecast_categories,
    "as of": lambda log: by(log.as_of(middle(log)).cases, ["case_id"]) if log.n_cases else None,
    "as of, kpis": lambda log: l2c.kpis(log.as_of(middle(log))) if log.n_cases else None,
    "conversion": diagnose.conversion,
    "silent": diagnose.silent,
    "journey": diagnose.journey,
    "detours": diagnose.detours,
    "restarts": diagnose.restarts,
    "path_deviations": diagnose.deviations,
    "slow_variants": diagnose.slow_variants,
    "lost_variants": diagnose.lost_variants,
    "diagnosis": diagnose.findings,
    "times": lambda log: diagnose.times(log, start=busiest(log)[0], end=busiest(log)[1], by=attribute(log)),
    "survival": lambda log: diagnose.survival(log, start=busiest(log)[0], end=busiest(log)[1]),
    "what_if": lambda log: improve.what_if(log, step=busiest(log), share=0.3),
    "median_days": lambda log: improve.median_days(log, busiest(log)),
    "compare": lambda log: monitor.compare(log, middle(log)),
    "outcomes": lambda log: monitor.outcomes(log, middle(log)),
    "placebos": lambda log: monitor.placebos(log, middle(log)),
    "quarters": monitor.quarters,
    "figures": monitor.figures,
    "moved": lambda log: monitor.moved(log, log.extracted - timedelta(days=30)),
    "alerts": monitor.alerts,
    "alert_counts": monitor.alert_counts,
    "limits": monitor.limits,
    "lately": monitor.lately,
    "pipeline_bridge": lambda log: monitor.pipeline_bridge(log, middle(log), log.extracted) if log.n_cases else None,
    "bridge_deals": lambda log: monitor.bridge_deals(log, middle(log), log.extracted) if log.n_cases else None,
    "forecast_ledger": monitor.forecast_ledger,
    "forecast_bias": monitor.forecast_bias,
    "pipeline coverage": monitor.coverage,
    "pace": monitor.pace,
    "drift": monitor.drift,
    "first_times": lambda log: log.first_times(log.activities[:3], ["region"]),
    "period": lambda log: log.period(),
    "findings": lambda log: log.quality.findings,
    "quality": lambda log: log.quality.summary(),
    "part": lambda log: held(log.between(*busiest(log), complete=False)),
    "grouped": lambda log: held(log.grouped({"One of two": list(dict.fromkeys(busiest(log)))}, fold=True)),
    "events": lambda log: by(log.events, ["case_id", "position"]).drop(columns=["source"]),
    "cases": lambda log: by(log.cases, ["case_id"]),
}


def held(log: EventLog) -> list[object]:
    """What a log that was cut or grouped consists of, and some of what is measured of it."""
    frames = [by(log.events, ["case_id", "position"]).drop(columns=["source"]), by(log.cases, ["case_id"])]
    return [
        *frames,
        discover.variants(log),
        discover.flow(log),
        l2c.kpis(log),
        log.origin.hidden,
        str(log.quality.notes[-1]),
    ]


def working(log: EventLog) -> EventLog:
    """The log in working time."""
    hours = {"weekdays": "8:30-12:00, 13:00-17:30", "friday": "9-15"}
    region = {"regions": {"EMEA": {"zone": "Europe/Berlin", "holidays": ["2025-05-01"]}}}
    return log.with_calendar({"hours": hours, **region}).in_hours("working")


def middle(log: EventLog) -> datetime:
    """The middle of the history."""
    start = log.period()[0] if log.n_cases else log.extracted
    return start + (log.extracted - start) / 2


def by(frame: object, key: list[str]) -> pd.DataFrame:
    """The rows of a frame in a fixed order, and its columns: which stands first says nothing."""
    return engine.collect(frame).sort_values(key, ignore_index=True).sort_index(axis=1)


def same(left: object, right: object) -> None:
    """Assert that two results are equal: counts and texts exactly, other numbers to 1e-9."""
    assert type(left) is type(right)
    if isinstance(left, pd.DataFrame):
        pd.testing.assert_frame_equal(left, right, rtol=1e-9, atol=1e-12)
    elif isinstance(left, dict):
        assert list(left) == list(right)
        for key in left:
            same(left[key], right[key])
    elif isinstance(left, list | tuple):
        assert len(left) == len(right)
        for one, other in zip(left, right, strict=True):
            same(one, other)
    elif isinstance(left, float | np.floating):
        np.testing.assert_allclose(left, right, rtol=1e-9, atol=1e-12)
    elif hasattr(left, "__dataclass_fields__"):
        for name in left.__dataclass_fields__:
            same(getattr(left, name), getattr(right, name))
    elif isinstance(left, np.ndarray):
        np.testing.assert_allclose(left, right, rtol=1e-9)
    else:
        assert left == right
