"""What would a change bring, and what was decided? In tables and on a page, with what was assumed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from l2c.show import dates, markup, numbers
from l2c.show.changes import change
from l2c.show.markup import Html, escape
from l2c.show.own_words import own_words
from l2c.show.tables import sentence, table
from l2c.words import notes, phrases, vocabulary
from l2c.words.measures import fair
from l2c.words.notes import Note, ids

if TYPE_CHECKING:
    from l2c.improve.entries import Decision

NUMBERS = ["today", "changed", "difference", "low", "high"]
MONEY = ("won_amount", "cash_received", "change_cost", "net_cash")
# Days a case waits less than this are none.
VISIBLE = 0.005


def simulated(found: pd.DataFrame, *, lang: str = "en", currency: str | None = None) -> Html:
    """Show what `improve.simulate` tells: key figures, money, desks, where the wait goes, and the money month by month.

    Parameters
    ----------
    found
        What `improve.simulate` returns. Where a desk is so busy that the answer depends on luck, ranges are shown and no points.
    lang, currency
        `en` or `ja`; the currency of the log.

    Returns
    -------
    HTML with a plain-text twin; what was assumed stands below the tables, once.
    """
    note = found["note"].iloc[0] if len(found) else None
    found = ranges_only(found)
    # Cases are followed for long enough here, so no rate is one to date.
    found = found.assign(about=[about(each, lang) for each in found["about"]], measure=found["measure"].map(fair))
    parts = [
        table(rows, lang=lang, currency=currency, rows=len(rows), caption=phrases.say(f"simulated.{part}", lang))
        for part, rows in _parts(found)
        if len(rows)
    ]
    said = [sentence(note, lang)] if isinstance(note, Note) else []
    assumed = [each for each in found["assumed"] if isinstance(each, Note)]
    said += [phrases.say("simulated.assumed", lang, what=notes.note(assumed[-1], lang))] if assumed else []
    below = "".join(f"<p>{escape(line)}</p>" for line in said)
    html = f'<div style="{markup.PAPER};font-size:14px">{"".join(part.html for part in parts)}{below}</div>'
    return Html(html, "\n\n".join([*(part.text for part in parts), *said]))


def ranges_only(found: pd.DataFrame) -> pd.DataFrame:
    """What `improve.simulate` tells, without points where a desk is so busy that they depend on luck."""
    note = found["note"].iloc[0] if len(found) else None
    if not isinstance(note, Note) or "busy_desk" not in set(ids(note)):
        return found
    moved = (found["difference"] != 0) & ~found["measure"].isin(["change_cost"])
    return found.assign(**{name: found[name].where(~moved) for name in ("changed", "difference")})


def about(text: str, lang: str) -> str:
    """A step, or a desk with whom it serves, in the reader's language."""
    activity, bracket, rest = text.partition(" (")
    return vocabulary.label(activity, lang) + bracket + rest if activity else text


def _parts(found: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    whole = found["about"] == ""
    money = found["measure"].isin(MONEY)
    columns = ["measure", *NUMBERS, "unit"]
    yield "figures", found.loc[whole & ~money, columns]
    yield "money", found.loc[whole & money, columns]
    rest = ["about", *NUMBERS, "unit"]
    rules = found.loc[found["measure"] == "violation_rate", rest]
    yield "rules", rules.rename(columns={"about": "rule"})
    yield "desks", found.loc[found["measure"] == "busy_share", rest]
    waits = found["measure"] == "waiting_days"
    moved = waits & (found["difference"].abs().fillna(1) >= VISIBLE)
    yield "waits", found.loc[moved, rest]
    yield "months", found.loc[(found["measure"] == "cash_received") & ~whole, rest]


def decision(
    decided: Decision, *, came: pd.DataFrame | None = None, lang: str = "en", currency: str | None = None
) -> Html:
    """The page of a decision: what, why, what is expected, what it costs, who owns it, and which figure will tell and when.

    Parameters
    ----------
    decided
        What `improve.decide` made, or one of a register.
    came
        What `monitor.realised` tells of it and others: then the page says what came beside what was expected.

    Returns
    -------
    HTML; its text is Markdown, for `decision.md`.
    """
    name = decided.names[lang == "ja"] or decided.id
    said = [*_lines(decided, lang, currency), ("realised", _came(decided, came, lang))]
    rows = [(phrases.say(f"decision.{key}", lang), text) for key, text in said if text]
    body = "".join(
        f"<tr><th style='text-align:left;padding:4px 12px 4px 0;vertical-align:top'>{escape(head)}</th><td>{escape(text)}</td></tr>"
        for head, text in rows
    )
    html = f'<div style="{markup.PAPER};font-size:14px"><h2>{escape(name)}</h2><table>{body}</table></div>'
    return Html(
        html,
        "\n".join([f"# {name}", "", *(f"- {phrases.named(f'**{head}**', text, lang)}" for head, text in rows), ""]),
    )


@own_words
def realised(
    table: pd.DataFrame, decided: Sequence[Decision], *, lang: str = "en", currency: str | None = None
) -> Html:
    """Set beside each decision what was expected of it and what came, and whether that is more than chance.

    Parameters
    ----------
    table
        What `monitor.realised` returns.
    decided
        The decisions, such as `monitor.decisions` chooses.

    Returns
    -------
    A table; its text has a line per decision.
    """
    heads = [phrases.say(f"decision.{key}", lang) for key in ("one", "kpi", "from", "expected", "realised")]
    told = set(table["decision_id"])
    rows = []
    for each in decided:
        lines = dict(_lines(each, lang, currency))
        came = _came(each, table, lang) if each.id in told or each.realised else ""
        came = came or phrases.say("decision.realised.unknown", lang)
        day = dates.day(each.since, lang) if each.since else "–"
        said = [each.names[lang == "ja"] or each.id, lines["kpi"], day, lines.get("expected", "–"), came]
        rows.append(said)
    if not rows:
        none = phrases.say("decision.none", lang)
        return Html(f'<p style="{markup.PAPER}">{escape(none)}</p>', none)
    cell = "style='text-align:left;padding:4px 14px 4px 0;vertical-align:top;border-bottom:1px solid #e2e8f0'"
    body = "".join(
        f"<tr>{''.join(f'<{tag} {cell}>{escape(text)}</{tag}>' for text in line)}</tr>"
        for tag, lines_ in (("th", [heads]), ("td", rows))
        for line in lines_
    )
    html = f'<div style="{markup.PAPER};font-size:14px;{markup.SIDEWAYS}"><table style="border-collapse:collapse">{body}</table></div>'
    texts = [
        phrases.named(
            phrases.bracketed(name, f"{figure}, {heads[2]} {day}", lang),
            f"{heads[3]} {wanted}; {heads[4]} {came}",
            lang,
        )
        for name, figure, day, wanted, came in rows
    ]
    return Html(html, "\n".join(texts))


def _lines(decided: Decision, lang: str, currency: str | None) -> Iterator[tuple[str, str]]:
    unit = str(decided.expected.get("unit") or "")
    yield "what", phrases.series((change(each, lang, currency) for each in decided.changes), lang)
    yield "why", decided.why.strip()
    yield "kpi", vocabulary.label(decided.kpi, lang)
    if decided.expected:
        yield "expected", _range(decided.expected, unit, lang)
    yield "assumed", " ".join(f"{both[lang == 'ja']}." if lang != "ja" else f"{both[1]}。" for both in decided.assumed)
    if decided.cost:
        once, yearly = (numbers.money(decided.cost.get(part, 0.0), currency, lang) for part in ("once", "yearly"))
        yield "cost", phrases.say("decision.costs", lang, once=once, yearly=yearly)
    yield "owner", decided.owner
    yield "from", decided.since.isoformat() if decided.since else ""
    yield "due", decided.due.isoformat() if decided.due else ""
    yield "status", phrases.say(f"decision.status.{decided.status}", lang)
    if decided.needs:
        cases, weeks = (numbers.number(decided.needs.get(part)) for part in ("cases", "weeks"))
        yield "needs", phrases.say("decision.power", lang, cases=cases, weeks=weeks)
    elif decided.expected:
        yield "needs", phrases.say("decision.never", lang)


def _range(found: Mapping[str, Any], unit: str, lang: str) -> str:
    low, high = (numbers.value(found.get(end), unit, lang=lang) for end in ("low", "high"))
    value = numbers.value(found.get("difference"), unit, lang=lang)
    level = numbers.percent(found.get("level", 0.9), lang, decimals=0)
    return phrases.say("decision.range", lang, value=value, low=low, high=high, level=level)


def _came(decided: Decision, came: pd.DataFrame | None, lang: str) -> str:
    """What came of a decision by a table, else by what the register has of it; or from when that can be judged."""
    rows = [] if came is None else came[came["decision_id"] == decided.id].to_dict("records")
    if rows:
        row = {str(name).replace("realised", "difference", 1): value for name, value in rows[0].items()}
        row |= {end: row[f"difference_{end}"] for end in ("low", "high")} | {"level": 0.95}
    else:
        row = dict(decided.realised)
    if row.get("verdict") == "not_yet":
        if numbers.is_missing(row.get("judged_from")):
            return phrases.say("decision.realised.not_yet", lang)
        return phrases.say("decision.realised.from", lang, day=dates.day(row["judged_from"], lang))
    unit = str(row.get("unit") or decided.expected.get("unit") or "")
    said = [] if row.get("difference") is None else [_range(row, unit, lang)]
    verdict = f"verdict.{row.get('verdict')}"
    said += [phrases.say(verdict, lang)] if verdict in phrases.PHRASES else []
    said += [str(row["date"])] if row.get("date") else []
    return ("、" if lang == "ja" else "; ").join(said)
