"""The dashboard: ten pages for those who never open a notebook, served by Voilà."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from l2c import diagnose, discover, monitor
from l2c import show as showing
from l2c.check import check
from l2c.dashboard.taking import Noted
from l2c.diagnose.rules import files
from l2c.improve.simulate import tested
from l2c.improve.stays import MOST_LEARNT
from l2c.kpis import kpis
from l2c.log import EventLog
from l2c.log.origin import SMALLEST
from l2c.monitor.alert_file import alert_file
from l2c.prepare.pseudonyms import policy, shown
from l2c.show import dates, numbers
from l2c.show.filters import filters
from l2c.show.open_pipeline import HIDDEN, remarks, told
from l2c.system.extras import LIVE, need
from l2c.words import phrases

if TYPE_CHECKING:
    import pandas as pd

    from l2c.show.live.pages import Pages

# What it draws can be taken away.
show = Noted(showing)
CARDS = (
    "lead_conversion_incidence", "win_rate_incidence", "sales_cycle_days", "quote_to_contract_days",
    "invoice_to_payment_days", "late_payment_incidence", "rework_rate", "open_pipeline_value",
)  # fmt: skip


def dashboard(
    log: EventLog,
    *,
    lang: str = "en",
    instance_url: str | None = None,
    names: bool | None = None,
    smallest: int = SMALLEST,
    rules: str | Path | None = None,
    register: str | Path | None = None,
    alerts: str | Path | None = None,
    fresh: bool = False,
    saved: str | Path | None = None,
) -> Pages:
    """Put the pages Data, Overview, Process, Bottlenecks, Reps, Compliance, Cash, Pipeline, Improve and Watch beside one filter panel.

    Parameters
    ----------
    log
        The log to show.
    lang
        `en` or `ja`.
    instance_url
        Address of the Salesforce org, `https://acme.my.salesforce.com`: records of a case become links.
    names, smallest
        Whether comparisons show the names of people (as the log says unless given), and how few are not compared. Filters
        and lists of cases show what the log holds.
    rules
        A YAML file of rules (see docs/rules.md); those shipped with the kit unless given.
    register
        The register of decisions and targets (see docs/register.md), of which the page Watch tells what came.
    alerts
        A YAML file of what to watch (see docs/monitor.md); what the kit comes with unless given.
    fresh
        Whether the log was made of a file just now: what was read and what it can answer then comes first, else last.
    saved
        Where the log is saved: views get names in a file beside it, and the report of a selection is made of it.

    Returns
    -------
    A widget that shows itself.

    Raises
    ------
    MissingExtra
        If widgets are not installed.
    BadRules, BadRegister, BadAlerts
        If one of these files cannot be read.
    """
    need("notebook", *LIVE)
    from l2c.dashboard.desk import Desk
    from l2c.show.live.cases import Cases
    from l2c.show.live.levers import Levers
    from l2c.show.live.outcomes import Outcomes
    from l2c.show.live.pages import Pages
    from l2c.show.live.variants import Variants

    files.rules(rules)
    alert_file(alerts, log.base.measures)
    instance_url = instance_url or log.origin.org or None
    log = policy(log, names=shown(log, names), smallest=smallest)
    instance_url = instance_url or log.origin.org or None
    panel = filters(log, lang=phrases.language(lang), interactive=True)

    cards = (*CARDS, *(id for id, measure in log.base.measures.items() if measure.own))

    def say(log: EventLog) -> dict[str, Any]:
        # The chosen cases may have one currency where the whole log has several.
        return {"lang": lang, "currency": log.currency}

    def broken(log: EventLog) -> pd.DataFrame:
        return diagnose.verdicts(log, rules).drop(columns=["source_row", "other_source_row"])

    def listed(of: Callable[[EventLog], pd.DataFrame], kind: str) -> Cases:
        # What is open, to sort and take away.
        return Cases(
            rows=lambda log: told(of(log), lang, log.currency, instance_url),
            title=phrases.say(f"pipeline.title.{kind}", lang),
            hidden=HIDDEN,
            lang=lang,
            instance_url=instance_url,
        )

    data = {"data": lambda: [lambda log: show.check(check(EventLog(log.base)), lang=lang)]}
    contents = {
        "overview": lambda: [
            *([lambda log: show.cautions(log.quality, lang=lang)] if log.quality.top else []),
            lambda log: show.kpi_cards(kpis(log, only=cards), only=cards, **say(log)),
            lambda log: show.funnel(discover.funnel(log), lang=lang),
            lambda log: show.throughput(discover.throughput(log), lang=lang),
            # Chances are learnt once, which takes seconds: after everything else.
            lambda log: show.watch_list(monitor.open_deals(log), **say(log)),
        ],
        "process": lambda: [
            show.ProcessMap(panel, lang=lang),
            Variants(panel, lang=lang),
            Cases(lang=lang, instance_url=instance_url),
        ],
        "bottlenecks": lambda: [
            lambda log: show.steps(diagnose.steps(log), lang=lang),
            lambda log: show.durations(diagnose.cycle(log), lang=lang),
            *([lambda log: show.stages(diagnose.stages(log), lang=lang)] if "stage" in log.attributes else []),
            lambda log: show.bottlenecks(diagnose.bottlenecks(log), **say(log)),
            *([lambda log: show.working_times(diagnose.working_times(log), lang=lang)] if log.base.knows_work else []),
        ],
        "reps": lambda: [
            lambda log: show.reps(diagnose.reps(log), lang=lang),
            lambda log: show.handovers(diagnose.handovers(log), lang=lang),
        ],
        "compliance": lambda: [
            lambda log: show.compliance(diagnose.compliance(log, rules), lang=lang),
            Cases(
                rows=broken, title=phrases.say("cases.broken", lang), by="rule", lang=lang, instance_url=instance_url
            ),
        ],
        "cash": lambda: [
            lambda log: show.payments(diagnose.payments(log), lang=lang),
            lambda log: show.ageing(diagnose.ageing(log), **say(log)),
            lambda log: show.receivables(diagnose.receivables(log), **say(log)),
            lambda log: show.late_customers(diagnose.late_customers(log), **say(log)),
            lambda log: show.cash_bridge(diagnose.cash_bridge(log), **say(log)),
            lambda log: show.cash(monitor.cash(log), **say(log)),
            listed(monitor.open_invoices, "invoices"),
        ],
        "pipeline": lambda: [
            listed(monitor.open_deals, "deals"),
            lambda log: remarks(
                monitor.open_deals(log), cases=EventLog(log.base).n_cases, learnt=MOST_LEARNT, lang=lang
            ),
            lambda log: show.forecast(monitor.forecast(log), **say(log)),
            lambda log: show.pipeline_bridge(monitor.lately(log), **say(log)),
            lambda log: show.coverage(monitor.coverage(log), **say(log)),
            lambda log: show.forecast_ledger(monitor.forecast_bias(log), **say(log)),
            listed(monitor.open_leads, "leads"),
            lambda log: show.calibration(monitor.calibration(log), lang=lang),
        ],
        "improve": lambda: [
            Levers(panel, lang=lang),
            lambda log: show.backtest(tested(log), lang=lang),
        ],
        "watch": lambda: [
            lambda log: show.alerts(monitor.alerts(log, alerts, rules=rules, register=register), rows=5, **say(log)),
            lambda log: show.pace(monitor.pace(log), lang=lang),
            Outcomes(log, register=register, rules=rules, lang=lang),
        ],
    }
    contents = data | contents if fresh else contents | data
    called = {id: phrases.say(f"dashboard.{id}", lang) for id in contents}
    own = {"names": shown(log, names), "smallest": smallest, "rules": rules, "register": register, "alerts": alerts}
    desk = Desk(log, panel, called, lang=lang, saved=saved, settings=own)
    pages = Pages(
        panel,
        {called[id]: desk.noting(id, make) for id, make in contents.items()},
        title=phrases.say("dashboard.title", lang),
        facts=_facts(log, lang),
        lang=lang,
    )
    return desk.beside(pages)


def _facts(log: EventLog, lang: str) -> str:
    cases = numbers.count(log.n_cases, "case", lang)
    if not log.n_cases:
        return cases
    first, last, _ = log.period()
    return phrases.say("dashboard.facts", lang, cases=cases, first=dates.day(first, lang), last=dates.day(last, lang))
