"""The first page of a report: whose it is, what to do, how things stand, and where to read on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from html import escape
from typing import TYPE_CHECKING

from l2c.show import conditions, dates, numbers, page
from l2c.words import phrases, vocabulary

if TYPE_CHECKING:
    from l2c.log import EventLog

# One A4 sheet and a screen and a half: a grid of two columns, over which most parts reach.
CSS = """
.front main{max-width:1180px;padding:2px 24px 14px;margin:10px auto;display:grid;grid-template-columns:1fr 1fr;column-gap:28px;
grid-auto-flow:dense;align-content:start}
.front main>*{grid-column:1/-1;min-width:0}
.front main>:has(.l2c-unsure,.l2c-watch){grid-column:1}
.front main>:has(.l2c-contents){grid-column:2;grid-row:span 2}
.front h2{font-size:1.08rem;margin:.75em 0 .35em;padding:0;border:0}
.front .output{margin:0}
.front p,.front ul{margin-top:0;margin-bottom:.3em}
.front header{display:flex;flex-wrap:wrap;gap:2px 22px;align-items:baseline;padding:10px 24px}
.front header h1{font-size:1.15rem;margin:0}
.front header span{margin:0}
.l2c-contents p{margin:0 0 .2em;font-size:.9rem;line-height:1.4}
@media (max-width:640px){.front main{display:block;padding:2px 14px 14px}}
@media print{.front main{padding:0;margin:0}.front h2{font-size:11pt;margin:.5em 0 .25em}.front header{padding:0 0 3px}
.front{font-size:9pt}.front main *{-webkit-print-color-adjust:exact;print-color-adjust:exact}
.l2c-actions>div:first-child{grid-template-columns:repeat(3,1fr)!important;gap:8px!important}
.l2c-actions h3{font-size:10.5pt!important}.l2c-actions p,.l2c-unsure,.l2c-watch{font-size:8.5pt!important;line-height:1.35}
.l2c-actions b{font-size:14pt!important}.l2c-contents p{font-size:8pt;margin:0}
.front div:has(>[data-figure]){grid-template-columns:repeat(6,1fr)!important;gap:6px!important}}
"""


def front(
    body: str, lang: str, *, facts: Sequence[str], cases: str = "", client: str = "", day: date | None = None
) -> str:
    """Put the cells of the first page under a band that says whose it is, what it is about, and when it was made.

    Parameters
    ----------
    body
        HTML of the cells.
    lang
        `en` or `ja`.
    facts
        What `band` says of the log.
    cases
        The list of the cases (`l2c.show.behind.listed`), to which numbers lead.
    client, day
        For whom and when it was made, today unless given.
    """
    return page.framed(body, facts, lang, cases=cases, client=client, day=day, style=CSS)


def index(
    by: str, body: str, without: int, lang: str, *, facts: Sequence[str], client: str = "", day: date | None = None
) -> str:
    """Put what holds the reports of the values of one attribute against each other on a page that leads to them.

    Parameters
    ----------
    by
        The attribute.
    body
        HTML that leads to the reports.
    without
        Cases that are in none of them.
    facts
        What they are about, a few words each.
    client, day
        For whom and when it was made, today unless given.
    """
    n = numbers.count(without, "case", lang)
    rest = f"<p>{escape(phrases.say('benchmark.cases', lang, n=n))}</p>" if without else ""
    heading = phrases.say("front.reports", lang, attribute=vocabulary.label(by, lang))
    return front(f"<h2>{escape(heading)}</h2>{body}{rest}", lang, facts=facts, client=client, day=day)


def band(log: EventLog, lang: str, filters: Mapping[str, str] | None = None) -> list[str]:
    """Say in a few words which cases a report is about: the filters, the days, how the deals stand, and the leads.

    Parameters
    ----------
    filters
        The filters as they may be read, if not those of the log.
    """
    named = log.filters if filters is None else filters
    said = [conditions.condition(word, text, lang) for word, text in named.items()]
    facts = [phrases.series(said, lang) or phrases.say("front.all", lang)]
    if not log.n_cases:
        return facts
    start, end, _ = log.period()
    facts.append(phrases.say("front.period", lang, start=dates.month(start, lang), end=dates.month(end, lang)))
    counts = log.standing()
    deals, leads = counts.get(False, {}), counts.get(True, {})
    stood = {
        "open": deals.get("open", 0),
        "won": deals.get("won", 0) + deals.get("paid", 0),
        "lost": deals.get("lost", 0),
    }
    parts = [phrases.say(f"standing.{status}", lang, n=numbers.number(n)) for status, n in stood.items() if n]
    whole = numbers.count(sum(deals.values()), "deal", lang)
    known = log.base.knows_outcomes and parts
    glue = phrases.say("standing.of", lang)
    facts.append(phrases.say("standing.whole", lang, whole=whole, parts=glue.join(parts)) if known else whole)
    n = sum(leads.values())
    if n:
        facts.append(phrases.say(f"standing.leads{'.one' if n == 1 else ''}", lang, n=numbers.number(n)))
    return facts
