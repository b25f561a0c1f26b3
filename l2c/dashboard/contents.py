"""What stands on each page of the dashboard? What is quick first; what takes seconds after it, dimmed until then."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from l2c import diagnose, discover, improve, monitor
from l2c import show as showing
from l2c.check import Check, check
from l2c.dashboard.taking import Noted
from l2c.improve.simulate import tested
from l2c.improve.stays import MOST_LEARNT
from l2c.kpis import kpis
from l2c.log import EventLog
from l2c.show.charts import rows
from l2c.show.filters import Filters
from l2c.show.open_pipeline import HIDDEN, MOST_WATCHED, remarks, told
from l2c.words import phrases

if TYPE_CHECKING:
    import pandas as pd

    from l2c.show.live.cases import Cases
    from l2c.show.live.pages import Part

# What it draws can be taken away.
show = Noted(showing)
# The page that tells more of a figure.
HOMES = {
    "win_rate_incidence": "deals",
    "sales_cycle_days": "time",
    "lead_to_cash_days": "time",
    "late_payment_incidence": "money",
    "overdue_receivables": "money",
    "open_pipeline_value": "pipeline",
}
CARDS = tuple(id for id in HOMES if id != "overdue_receivables")


@dataclass(frozen=True)
class Asked:
    """What the dashboard was asked to show, and by which files."""

    log: EventLog
    panel: Filters
    lang: str
    instance_url: str | None
    rules: str | Path | None
    register: str | Path | None
    alerts: str | Path | None
    saved: str | Path | None

    def money(self, log: EventLog) -> dict[str, Any]:
        """Language and currency: the chosen cases may have one currency where the whole log has several."""
        return {"lang": self.lang, "currency": log.currency}

    def cases(self, of: Callable[[EventLog], pd.DataFrame], title: str, most: int | None = None) -> Cases:
        """What is open, to sort and take away."""
        from l2c.show.live.cases import Cases

        def rows(log: EventLog) -> pd.DataFrame:
            found = of(log)
            return told(found if most is None else found.head(most), self.lang, log.currency, self.instance_url)

        return Cases(
            rows=rows,
            title=phrases.say(title, self.lang),
            hidden=HIDDEN,
            lang=self.lang,
            instance_url=self.instance_url,
        )


def contents(asked: Asked) -> Mapping[str, Callable[[], Sequence[Part]]]:
    """The pages by their ids, in their order, each as a function that makes its parts."""
    return {
        "overview": lambda: _overview(asked),
        "process": lambda: _process(asked),
        "time": lambda: _time(asked),
        "deals": lambda: _deals(asked),
        "money": lambda: _money(asked),
        "rules": lambda: _rules(asked),
        "people": lambda: _people(asked),
        "improve": lambda: _improve(asked),
        "watch": lambda: _watch(asked),
        "pipeline": lambda: _pipeline(asked),
        "compare": lambda: _compare(asked),
        "data": lambda: [lambda log: show.check(_checked(log), lang=asked.lang)],
    }


def _checked(log: EventLog) -> Check:
    """What the whole log can answer, asked once whatever is chosen."""
    return log.base.memo("dashboard check", lambda: check(EventLog(log.base)))


def _overview(asked: Asked) -> list[Part]:
    from l2c.show.live.pages import After
    from l2c.show.live.standouts import Standouts

    log, lang = asked.log, asked.lang
    own = [id for id, measure in log.base.measures.items() if measure.own]
    files = {"register": asked.register, "rules": asked.rules}

    def figures(log: EventLog) -> object:
        return show.figures(
            _figures(log, asked), versus=_figures(_all(log), asked) if log.conditions else None, **asked.money(log)
        )

    parts: list[Part] = [
        *([lambda log: show.cautions(log.quality, lang=lang)] if log.quality.top else []),
        After(figures, quick=lambda log: show.figures(_today(log), **asked.money(log))),
        *(
            [lambda log: show.kpi_cards(diagnose.behind(kpis(log, only=own), log), only=own, **asked.money(log))]
            if own
            else []
        ),
        After(
            lambda log: show.spine(discover.spine(log), lang=lang),
            quick=lambda log: show.spine(discover.spine(log, gains=False), lang=lang),
        ),
        After(Standouts(folder=asked.saved, lang=lang, **files)),
        # Chances are learnt once, which takes seconds: after everything else.
        After(asked.cases(lambda log: _overdue(log), "overview.overdue", MOST_WATCHED)),
        After(asked.cases(monitor.open_deals, "overview.watch", MOST_WATCHED)),
    ]
    if asked.saved is not None:
        parts.append(After(lambda log: show.since_last(_since(log, asked), **asked.money(log))))
    return parts


def _all(log: EventLog) -> EventLog:
    return EventLog(log.base)


def _figures(log: EventLog, asked: Asked) -> pd.DataFrame:
    """The six figures; those of all cases once."""
    if log.conditions:
        return monitor.figures(log, asked.register)
    # A target that is set meanwhile is seen on the next visit.
    return log.base.memo(("dashboard figures", str(asked.register)), lambda: monitor.figures(log, asked.register))


def _today(log: EventLog) -> pd.DataFrame:
    """The figures as they are today, without their quarters."""
    import pandas as pd

    found = kpis(log, only=CARDS)
    nothing = {name: np.nan for name in ("target", "before", "change", "change_low", "change_high", "compared")}
    empty = pd.Series([()] * len(found), found.index, dtype=object)
    return diagnose.behind(found.assign(**nothing, beyond_chance=None, quarters=empty, values=empty), log)


def _overdue(log: EventLog) -> pd.DataFrame:
    table = monitor.open_invoices(log)
    found = table[table["late_days"] > 0].reset_index(drop=True)
    found.attrs = table.attrs
    return found


def _since(log: EventLog, asked: Asked) -> Any:
    assert asked.saved is not None
    return monitor.since_last(log, asked.saved, rules=asked.rules, register=asked.register)


def _process(asked: Asked) -> list[Part]:
    from l2c.show.live.cases import Cases
    from l2c.show.live.variants import Variants

    panel, lang = asked.panel, asked.lang
    return [
        show.ProcessMap(panel, lang=lang),
        Variants(panel, lang=lang),
        Cases(lang=lang, instance_url=asked.instance_url),
    ]


def _time(asked: Asked) -> list[Part]:
    from l2c.show.live.pages import After

    log, lang = asked.log, asked.lang
    return [
        lambda log: show.steps(diagnose.steps(log), lang=lang),
        *(
            [lambda log: show.stages(diagnose.behind(diagnose.stages(log), log), lang=lang)]
            if "stage" in log.attributes
            else []
        ),
        *([lambda log: show.working_times(diagnose.working_times(log), lang=lang)] if log.base.knows_work else []),
        lambda log: show.durations(diagnose.cycle(log), lang=lang),
        After(lambda log: show.bottlenecks(diagnose.bottlenecks(log), **asked.money(log))),
        After(lambda log: show.journey(diagnose.journey(log), lang=lang)),
    ]


def _deals(asked: Asked) -> list[Part]:
    from l2c.show.live.pages import After

    lang = asked.lang
    return [
        lambda log: show.funnel(discover.funnel(log), lang=lang),
        lambda log: show.quote_to_contract(diagnose.quote_to_contract(log), lang=lang),
        lambda log: show.slippage(diagnose.slippage(log), lang=lang),
        lambda log: show.throughput(discover.throughput(log), lang=lang),
        After(lambda log: show.rework(diagnose.behind(diagnose.rework(log), log), lang=lang)),
        After(
            lambda log: show.discounts(
                diagnose.behind(diagnose.discount_bands(log), log), diagnose.discounts(log), lang=lang
            )
        ),
        After(lambda log: show.causes(diagnose.causes(log, "win_rate_incidence"), lang=lang)),
    ]


def _money(asked: Asked) -> list[Part]:
    from l2c.show.live.pages import After

    log, lang = asked.log, asked.lang
    by = "invoice_type" if "invoice_type" in log.attributes else None
    return [
        lambda log: show.payments(diagnose.payments(log, by=by), lang=lang),
        lambda log: show.ageing(diagnose.behind(diagnose.ageing(log), log), **asked.money(log)),
        lambda log: show.receivables(diagnose.behind(diagnose.receivables(log), log), **asked.money(log)),
        lambda log: show.late_customers(diagnose.late_customers(log), **asked.money(log)),
        # The first time it reads the lines of every document.
        After(lambda log: show.cash_bridge(diagnose.behind(diagnose.cash_bridge(log), log), **asked.money(log))),
        After(lambda log: show.cash(monitor.behind(monitor.cash(log), log), **asked.money(log))),
        After(asked.cases(monitor.open_invoices, "pipeline.title.invoices")),
    ]


def _rules(asked: Asked) -> list[Part]:
    from l2c.show.live.cases import Cases
    from l2c.show.live.pages import After

    lang, rules = asked.lang, asked.rules

    def broken(log: EventLog) -> pd.DataFrame:
        return diagnose.verdicts(log, rules).drop(columns=["source_row", "other_source_row"])

    title = phrases.say("cases.broken", lang)
    return [
        lambda log: show.compliance(diagnose.behind(diagnose.compliance(log, rules), log), lang=lang),
        After(Cases(rows=broken, title=title, by="rule", lang=lang, instance_url=asked.instance_url)),
    ]


def _people(asked: Asked) -> list[Part]:
    from l2c.show.live.pages import After

    lang = asked.lang
    return [
        # The one that is drawn.
        lambda log: show.reps(diagnose.reps(log, measure="win_rate_incidence"), lang=lang),
        After(lambda log: show.handovers(diagnose.behind(diagnose.handovers(log), log), lang=lang)),
    ]


def _improve(asked: Asked) -> list[Part]:
    from l2c.show.live.card import Card
    from l2c.show.live.levers import Levers
    from l2c.show.live.pages import After

    levers = Levers(asked.panel, lang=asked.lang)

    def both(log: EventLog) -> object:
        if not levers.entries:
            return rows.said(phrases.say("map.move", asked.lang))
        return show.together(improve.together(log, levers.entries), lang=asked.lang)

    way = Card(both, lang=asked.lang)
    levers.follow(lambda: way.draw(asked.panel.log))
    return [levers, After(way), After(lambda log: show.backtest(tested(log), lang=asked.lang))]


def _watch(asked: Asked) -> list[Part]:
    from l2c.show.live.outcomes import Outcomes

    lang, rules, register = asked.lang, asked.rules, asked.register
    return [
        lambda log: show.alerts(
            monitor.alerts(log, asked.alerts, rules=rules, register=register), rows=5, **asked.money(log)
        ),
        lambda log: show.pace(monitor.pace(log), lang=lang),
        Outcomes(asked.log, register=register, rules=rules, lang=lang),
    ]


def _pipeline(asked: Asked) -> list[Part]:
    from l2c.show.live.pages import After

    def learnt(log: EventLog) -> object:
        cases = EventLog(log.base).n_cases
        return remarks(monitor.open_deals(log), cases=cases, learnt=MOST_LEARNT, lang=asked.lang)

    return [
        After(asked.cases(monitor.open_deals, "pipeline.title.deals")),
        After(learnt),
        After(lambda log: show.forecast(monitor.behind(monitor.forecast(log), log), **asked.money(log))),
        After(lambda log: show.pipeline_bridge(monitor.behind(monitor.lately(log), log), **asked.money(log))),
        After(lambda log: show.coverage(monitor.coverage(log), **asked.money(log))),
        After(lambda log: show.forecast_ledger(monitor.forecast_bias(log), **asked.money(log))),
        After(asked.cases(monitor.open_leads, "pipeline.title.leads")),
        After(lambda log: show.calibration(monitor.calibration(log), lang=asked.lang)),
    ]


def _compare(asked: Asked) -> list[Part]:
    """Each chart twice, of the chosen cases and of all others, or of those that were kept."""
    from l2c.show.live.against import Against
    from l2c.show.live.compared import compared
    from l2c.show.live.pages import After

    lang = asked.lang
    pairs: list[Callable[[EventLog], object]] = [
        lambda log: show.spine(discover.spine(log, gains=False), lang=lang),
        lambda log: show.steps(diagnose.steps(log), top=6, lang=lang),
        lambda log: show.durations(diagnose.cycle(log), lang=lang),
        lambda log: show.funnel(discover.funnel(log), lang=lang),
        lambda log: show.payments(diagnose.payments(log), lang=lang),
        lambda log: show.compliance(diagnose.compliance(log, asked.rules), lang=lang),
    ]

    def both(make: Callable[[EventLog], object]) -> Callable[[EventLog], object]:
        return lambda log: compared(make, log, against.other, lang=lang)

    against = Against(asked.panel.selection, lang=lang)
    figures = After(
        both(lambda log: show.figures(_figures(log, asked), **asked.money(log))),
        quick=both(lambda log: show.figures(_today(log), **asked.money(log))),
    )
    return [against, figures, *map(both, pairs)]
