"""What do the numbers say, in a few sentences a director would sign?"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

from l2c.discover import silence
from l2c.measures.behind import BEHIND
from l2c.show import conditions, markup, numbers
from l2c.show.behind import lead
from l2c.show.findings import action, heading
from l2c.show.kpi_cards import in_the_end, value
from l2c.show.markup import Html, escape
from l2c.show.own_words import own_words
from l2c.show.quality import cautions
from l2c.words import phrases, vocabulary
from l2c.words.measures import OWN

if TYPE_CHECKING:
    import pandas as pd

    from l2c.log import EventLog

# The figures that fit one page of a report.
HEADLINE = (
    "lead_conversion_incidence",
    "win_rate_incidence",
    "sales_cycle_days",
    "quote_to_contract_days",
    "invoice_to_payment_days",
    "late_payment_incidence",
    "lead_to_cash_days",
    "order_error_rate",
    "rework_rate",
    "conformance_rate",
    "discount_mean",
    "open_pipeline_value",
)
BIGGEST = 3


def about(log: EventLog, *, lang: str = "en") -> Html:
    """Say which cases a page is about: how many deals and leads, and how they stand, how many events, and when.

    What must be known before any number is believed stands above it (see `cautions`).
    """
    cases = numbers.count(log.n_cases, "case", lang)
    if log.conditions:
        total = numbers.number(log.base.n_cases)
        cases = phrases.say("about.of", lang, n=cases, total=total)
    facts = [_standing(log, cases, lang)]
    facts.append(numbers.count(log.n_events, "event", lang))
    if log.n_cases:
        start, end, _ = log.period()
        facts.append(phrases.say("about.period", lang, start=f"{start:%Y-%m-%d}", end=f"{end:%Y-%m-%d}"))
    if log.day_hours is not None:
        facts.append(phrases.say("working.log", lang, n=f"{log.day_hours:.3g}"))
    facts += [conditions.condition(word, text, lang) for word, text in log.filters.items()]
    said, told = _sentences([phrases.say("about.log", lang, facts=" · ".join(facts))]), cautions(log.quality, lang=lang)
    return Html(told.html + said.html, "\n".join(filter(None, (told.text, said.text))))


def _standing(log: EventLog, cases: str, lang: str) -> str:
    """Say how the cases stand, deals and leads apart: what is open of one kind says nothing of the other."""
    counts = log.standing()
    deals, leads = counts.get(False, {}), counts.get(True, {})
    waiting = silence.waits(log) if leads else None
    silent = 0 if waiting is None else int((waiting["lead"] & waiting["silent"]).sum())
    # A deal that was paid was won before.
    stood = {
        "deals": {"open": deals.get("open"), "won": deals.get("won", 0) + deals.get("paid", 0), "lost": deals.get("lost")},
        "leads": {"open": leads.get("open", 0) - silent, "silent": silent, "lead_lost": leads.get("lead_lost")},
    }  # fmt: skip
    parts = {
        kind: phrases.say("standing.of", lang).join(
            phrases.say(f"standing.{status}", lang, n=numbers.number(n)) for status, n in counted.items() if n
        )
        for kind, counted in stood.items()
    }
    if not log.base.knows_outcomes:
        # Where no outcome is known, "open" says nothing.
        parts["deals"] = ""
    if not leads:
        return phrases.say("standing.whole", lang, whole=cases, parts=parts["deals"]) if parts["deals"] else cases
    said = []
    for kind, counted in (("deals", deals), ("leads", leads)):
        n = sum(counted.values())
        whole = phrases.say(f"standing.{kind}{'.one' if n == 1 else ''}", lang, n=numbers.number(n))
        if n:
            said.append(phrases.say("standing.parts", lang, whole=whole, parts=parts[kind]) if parts[kind] else whole)
    both = said[0] if len(said) == 1 else phrases.say("standing.both", lang, deals=said[0], leads=said[1])
    return phrases.say("standing.whole", lang, whole=cases, parts=both)


def executive(kpis: pd.DataFrame) -> pd.DataFrame:
    """Keep the KPIs that fit one page, and those that the user has defined."""
    return kpis[kpis["kpi"].isin({*HEADLINE, *kpis.attrs.get(OWN, {})})]


def headline(kpis: pd.DataFrame, *, lang: str = "en", currency: str | None = None) -> Html:
    """Say in three sentences how the company sells, how long it takes, and when the money comes.

    Parameters
    ----------
    kpis
        What `l2c.kpis` returns.
    lang, currency
        `en` or `ja`; the currency of the log.

    Returns
    -------
    The sentences whose numbers the log knows.
    """
    values = kpis.set_index("kpi")
    said = []
    for phrase, name in (
        ("story.win", "win_rate_incidence"),
        ("story.cycle", "sales_cycle_days"),
        ("story.cash", "lead_to_cash_days"),
        ("story.late", "late_payment_incidence"),
    ):
        row = values.loc[name].to_dict()
        if numbers.is_missing(row["value"]):
            continue
        shown = value(row, lang, currency)
        sure = numbers.interval(row["low"], row["high"], row["unit"], lang=lang, currency=currency)
        filled = {"value": shown, "interval": sure, "cases": numbers.number(row["cases"])}
        if not numbers.is_missing(row.get("horizon_days")):
            filled["days"] = numbers.case_days(row["horizon_days"], lang)
        if ends := in_the_end(row, lang, currency):
            phrase, filled["ends"] = f"{phrase}.bounds", ends
        said.append(phrases.say(phrase, lang, **filled))
    return _sentences(said or [phrases.say("story.none", lang)])


def delays(steps: pd.DataFrame, *, lang: str = "en") -> Html:
    """Name the steps that hold most of the waiting.

    Parameters
    ----------
    steps
        What `diagnose.steps` returns.
    """
    rows = steps.head(BIGGEST).to_dict("records")
    leads = [lead(row.get(BEHIND), _step(row["from"], row["to"], lang), lang) for row in rows]
    items = [
        phrases.say(
            "story.delay",
            lang,
            step=_step(row["from"], row["to"], lang),
            share=numbers.percent(row["share"], lang, decimals=0),
            total=numbers.case_days(row["case_days"], lang),
            median=numbers.days(row["median_days"], lang),
            cases=numbers.number(row["cases"]),
        )
        for row in rows
    ]
    if not items:
        return _sentences([phrases.say("story.no_steps", lang)])
    together = numbers.percent(steps["share"].head(BIGGEST).sum(), lang, decimals=0)
    return _list(phrases.say("story.delays", lang, n=len(items), share=together), items, leads)


@own_words
def next_steps(table: pd.DataFrame, *, lang: str = "en", currency: str | None = None) -> Html:
    """Say what to take up next: the first findings, each with what to do, its size there, and what to check.

    Parameters
    ----------
    table
        What `diagnose.findings` returns; its order and its figures are kept, and of one step only the first finding.
    lang, currency
        `en` or `ja`; the currency of the log.
    """
    items, leads = [], []
    seen: set[object] = set()
    for row in table.to_dict("records"):
        step = row["step"] or (row["kind"], row["kpi"])
        if step in seen:
            continue
        seen.add(step)
        items.append(action(row, lang, currency))
        leads.append(lead(row.get(BEHIND), heading(row, lang), lang))
        if len(items) == BIGGEST:
            break
    items += [] if items else [phrases.say("story.next.none", lang)]
    items.append(phrases.say("story.next.measure", lang))
    return _list("", items, leads)


def reconciled(parts: float, whole: float, *, unit: str = "case_day", lang: str = "en") -> Html:
    """Say whether the parts add up to the whole, both in case-days, or in another unit such as `count`."""
    same = abs(parts - whole) <= 1e-6 * max(abs(whole), 1)
    phrase = "story.sum.right" if same else "story.sum.wrong"
    ends = (numbers.value(each, unit, lang=lang) for each in (parts, whole))
    return _sentences([phrases.say(phrase, lang, parts=next(ends), whole=next(ends))])


def path(activities: Iterable[str], *, lang: str = "en") -> Html:
    """Write activities in their order, in the reader's language, with arrows between them."""
    names = [vocabulary.label(name, lang) for name in activities]
    return _sentences([" → ".join(names) or phrases.say("no_path", lang)])


def saved(file: Path, *, lang: str = "en") -> Html:
    """Say under which name something was saved."""
    return _sentences([phrases.say("saved", lang, name=file.name)])


def _step(start: str, end: str, lang: str) -> str:
    return f"{vocabulary.label(start, lang)} → {vocabulary.label(end, lang)}"


def _sentences(said: list[str]) -> Html:
    body = "".join(f"<p>{escape(sentence)}</p>" for sentence in said)
    return Html(f'<div style="{markup.PAPER};font-size:1.05rem">{body}</div>', "\n".join(said))


def _list(first: str, items: list[str], leads: Iterable[str] = ()) -> Html:
    """A list of sentences, each followed by what leads to its cases."""
    points = "".join(
        f"<li>{escape(item)}{more and ' '}{more}</li>" for item, more in zip_longest(items, leads, fillvalue="")
    )
    head = f"<p>{escape(first)}</p>" if first else ""
    html = f'<div style="{markup.PAPER}">{head}<ol>{points}</ol></div>'
    return Html(html, "\n".join(filter(None, [first, *items])))
