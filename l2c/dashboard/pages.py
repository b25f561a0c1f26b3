"""The dashboard: pages for those who never open a notebook, served by Voilà."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from l2c.dashboard.contents import HOMES, Asked, contents
from l2c.diagnose.rules import files
from l2c.log import EventLog
from l2c.log.origin import SMALLEST
from l2c.monitor.alert_file import alert_file
from l2c.prepare.pseudonyms import policy, shown
from l2c.show import dates, numbers
from l2c.show.filters import filters
from l2c.system.extras import LIVE, need
from l2c.words import phrases

if TYPE_CHECKING:
    from l2c.show.live.pages import Pages


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
    saved: str | Path | None = None,
    fresh: bool = False,
    client: str = "",
) -> Pages:
    """Put the pages Overview, Process, Time, Deals, Money, Rules, People, Improve, Watch, Pipeline, Compare and Data beside one filter panel.

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
        The register of decisions and targets (see docs/register.md), of which the page Watch tells what came; findings that
        are kept or put aside on the page Overview are written into it. That beside the log unless given.
    alerts
        A YAML file of what to watch (see docs/monitor.md); what the kit comes with unless given.
    saved
        Where the log is saved: what is new since the last run, views that get names in a file beside it, the report of a
        selection; without it nothing is remembered.
    fresh
        Whether the log was made of a file just now: what was read and what it can answer then comes first, else last.
    client
        For whom a report of the selection is: stands at the head of every page of it and at the foot of every printed one.

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
    from l2c.show.live.pages import Pages

    files.rules(rules)
    alert_file(alerts, log.base.measures)
    instance_url = instance_url or log.origin.org or None
    log = policy(log, names=shown(log, names), smallest=smallest)
    panel = filters(log, lang=phrases.language(lang), interactive=True)
    register = saved if register is None else register
    asked = Asked(log, panel, lang, instance_url, rules, register, alerts, saved)
    made = contents(asked)
    order = ["data", *(id for id in made if id != "data")] if fresh else list(made)
    called = {id: phrases.say(f"dashboard.{id}", lang) for id in order}
    own = {"names": shown(log, names), "smallest": smallest, "rules": rules, "register": register, "alerts": alerts}
    own["client"] = client
    desk = Desk(log, panel, called, lang=lang, saved=saved, settings=own)
    pages = Pages(
        panel,
        {id: (called[id], desk.noting(id, made[id])) for id in order},
        title=phrases.say("dashboard.title", lang),
        facts=_facts(log, lang),
        lang=lang,
        instance_url=instance_url,
        homes=HOMES,
    )
    return desk.beside(pages)


def _facts(log: EventLog, lang: str) -> str:
    cases = numbers.count(log.n_cases, "case", lang)
    if not log.n_cases:
        return cases
    first, last, _ = log.period()
    return phrases.say("dashboard.facts", lang, cases=cases, first=dates.day(first, lang), last=dates.day(last, lang))
