"""What did the diagnosis find, in sentences that a director would sign?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from l2c.diagnose.causes.echoes import STUCK
from l2c.diagnose.sale.discounts import USUAL_MARGIN
from l2c.measures.behind import BEHIND
from l2c.show import dates, markup, numbers
from l2c.show.behind import lead, why
from l2c.show.markup import Html, escape
from l2c.show.own_words import own_words
from l2c.show.subjects import comparable, group, joined, kpi, label
from l2c.stats import SMALLEST_SAMPLE
from l2c.words import phrases

# Where the plain difference lies outside this many half-widths of the interval, the mix of cases is part of the story.
MIXED = 1.0
# Activities beyond so many are counted.
MOST_NAMED = 5
# What is known of a case and puts it into no group that could be compared.
UNGROUPED = {
    "amount",
    "is_closed",
    "is_won",
    "stage",
    "currency",
    "payment_terms_days",
    "payment_terms",
    "loss_reason",
    "due_date",
} | {"forecast_category", "probability", "owner_now"}


@own_words
def findings(
    table: pd.DataFrame,
    *,
    cases: int,
    rules: pd.DataFrame | None = None,
    activities: Sequence[str] = (),
    attributes: Sequence[str] | None = None,
    lang: str = "en",
    currency: str | None = None,
) -> Html:
    """Say what stands out, one or two sentences each, with interval and what to check next; and what cannot be told.

    Parameters
    ----------
    table
        What `diagnose.findings` returns.
    cases
        Number of cases looked at.
    rules
        What `diagnose.compliance` returns: without it nothing is said about rules that are not broken.
    activities, attributes
        What the log holds, for what is said where it does not suffice to judge a rule or to compare groups.
    lang, currency
        `en` or `ja`; the currency of the log.
    """
    rest = _silent(table, cases, rules, activities, attributes, lang)
    if aside := table.attrs.get("put_aside", 0):
        rest.append(phrases.say("findings.put_aside", lang, n=numbers.number(aside)))
    if not len(table):
        html = "".join(f"<p>{escape(sentence)}</p>" for sentence in rest)
        return Html(f'<div style="{markup.PAPER}">{html}</div>', "\n".join(rest))
    first = phrases.say("findings.lead", lang)
    items: list[str] = []
    texts: list[str] = []
    for row in table.to_dict("records"):
        said = sentence(row, lang, currency)
        then = phrases.say("findings.next", lang, check=check(row, lang))
        cases_ = " ".join(filter(None, [escape(then), lead(row.get(BEHIND), heading(row, lang), lang), why(row, lang)]))
        small = f'<div style="color:#64748b;font-size:.9em">{cases_}</div>'
        items.append(f'<li style="margin-bottom:.7em">{escape(said)}{small}</li>')
        texts.append(f"{len(texts) + 1}. {said}\n   {then}")
    body = f"<p><b>{escape(first)}</b></p><ol>{''.join(items)}</ol>" + "".join(
        f"<p>{escape(said)}</p>" for said in rest
    )
    return Html(f'<div style="{markup.PAPER}">{body}</div>', "\n".join([first, *texts, *rest]))


def heading(row: Mapping[Any, Any], lang: str) -> str:
    """What a finding is about, in a few words: `Region EMEA: Win rate`."""
    what = _step(row["step"], lang) if row["step"] is not None else kpi(row["kpi"], lang)
    if row["attribute"] is None:
        return what
    return phrases.named(group(row["attribute"], row["value"], lang), what, lang)


def unbroken(table: pd.DataFrame, lang: str) -> str:
    """Say what can be said where no rule is broken: how many were judged, and how many could not be."""
    judged = int((table["applicable"] > 0).sum())
    all_ = numbers.number(len(table))
    if not judged:
        return phrases.say("compliance.unjudged", lang, all=all_)
    return phrases.say("compliance.kept", lang, judged=numbers.number(judged), all=all_)


def _silent(
    table: pd.DataFrame,
    cases: int,
    rules: pd.DataFrame | None,
    activities: Sequence[str],
    attributes: Sequence[str] | None,
    lang: str,
) -> list[str]:
    """What the silence of the table means: nothing was found, or nothing could be judged."""
    if not cases:
        return [phrases.say("nothing.cases", lang)]
    said = []
    if not len(table) and not table.attrs.get("put_aside"):
        known = attributes is None or set(attributes) - UNGROUPED
        kind = "few" if cases < 2 * SMALLEST_SAMPLE else "groups" if known else "attributes"
        said.append(phrases.say(f"findings.none.{kind}", lang, cases=numbers.count(cases, "case", lang)))
    if rules is None or not len(rules) or rules["count"].any():
        return said
    if rules["applicable"].any():
        return [*said, phrases.say("findings.rules.kept", lang, said=unbroken(rules, lang))]
    names = listed([label(name, lang) for name in activities], lang)
    return [*said, phrases.say("findings.rules.unjudged", lang, all=numbers.number(len(rules)), activities=names)]


def check(row: Mapping[Any, Any], lang: str) -> str:
    """What to look at before acting on a finding."""
    return phrases.say(f"check.{STUCK if row['kpi'] == STUCK else row['problem']}", lang)


def listed(names: Sequence[str], lang: str) -> str:
    """The first of some names, and how many there are more."""
    shown = ("、" if lang == "ja" else ", ").join(names[:MOST_NAMED])
    left_out = len(names) - MOST_NAMED
    return phrases.say("findings.more", lang, names=shown, n=numbers.number(left_out)) if left_out > 0 else shown


def sentence(row: Mapping[Any, Any], lang: str, currency: str | None) -> str:
    """One finding in one or two sentences."""
    if row["kind"] == "cause":
        return _cause(row, lang, currency)
    if row["kind"] == "change":
        return _change(row, lang)
    money = numbers.money(row["money"], currency, lang)
    if row["kind"] == "bottleneck":
        return phrases.say(
            "findings.bottleneck", lang, step=_step(row["step"], lang), total=numbers.case_days(row["days"], lang),
            interval=_days(row["days_low"], row["days_high"], lang),
            money=_extra("findings.money", row["money"], lang, currency),
        )  # fmt: skip
    if row["kind"] == "rule":
        return phrases.say(
            "findings.rule", lang, rule=kpi(row["kpi"], lang), cases=numbers.count(row["cases"], "case", lang),
            share=numbers.percent(row["effect"], lang), interval=numbers.interval(row["low"], row["high"], "fraction", lang=lang),
            money=_extra("findings.exposed", row["money"], lang, currency),
        )  # fmt: skip
    if row["kind"] == "discount":
        return _discount(row, lang, money)
    return phrases.say("findings.receivable", lang, money=money, share=numbers.percent(row["share"], lang, decimals=0))


def _discount(row: Mapping[Any, Any], lang: str, money: str) -> str:
    hangs, assumed = row["margin_needed"] <= 1, numbers.is_missing(row["margin"])
    said = ""
    if row["value"] == "none" and hangs and assumed:
        said = phrases.say(
            "findings.discount.assumed", lang, needed=numbers.percent(row["margin_needed"], lang, decimals=0)
        )
    elif not numbers.is_missing(row["money"]):
        said = phrases.say("findings.discount.money", lang, money=money, share=numbers.percent(row["share"], lang))
    key = "never" if row["value"] == "none" and not hangs else row["value"]
    low, high = (numbers.number(row[end] * 100, decimals=2) for end in ("low", "high"))
    return phrases.say(
        f"findings.discount.{key}", lang, effect=numbers.number(row["effect"] * 100, decimals=2),
        interval=numbers.to(low, high, lang),
        cases=numbers.count(row["cases"], "case", lang), money=said,
        margin=numbers.percent(USUAL_MARGIN if assumed else row["margin"], lang, decimals=0),
    )  # fmt: skip


def brief(row: Mapping[Any, Any], lang: str, currency: str | None) -> str:
    """One finding in one sentence, without how it was come by."""
    return _compared(row, lang, currency) if row["kind"] == "cause" else sentence(row, lang, currency)


def _compared(row: Mapping[Any, Any], lang: str, currency: str | None) -> str:
    unit = str(row["unit"])
    ends = sorted(abs(float(row[end])) for end in ("low", "high"))
    size, bounds = _size(row["effect"], unit, lang), _interval(ends[0], ends[1], unit, lang)
    fills = {"group": group(row["attribute"], row["value"], lang), "effect": size, "interval": bounds}
    fills |= {"cases": numbers.count(row["cases"], "case", lang), "others": comparable(row, lang)}
    lost = numbers.number(abs(float(row["effect"])) * float(row["cases"]))
    if unit == "day":
        said = phrases.say(
            "findings.days", lang, **fills, step=_step(row["step"], lang) if row["step"] else kpi(row["kpi"], lang),
            total=numbers.case_days(row["days"], lang), money=_extra("findings.money", row["money"], lang, currency),
        )  # fmt: skip
    elif row["kpi"] == STUCK:
        said = phrases.say(
            "findings.stuck", lang, **fills, lost=lost, start=label(row["step"][0], lang),
            within=numbers.days(row["within_days"], lang), money=_extra("findings.exposed", row["money"], lang, currency),
        )  # fmt: skip
    elif row["kpi"] in ("win_rate_incidence", "lead_conversion_incidence"):
        money = _extra("findings.worth", row["money"], lang, currency)
        said = phrases.say(f"findings.{row['kpi']}", lang, **fills, lost=lost, money=money)
    else:
        said = phrases.say("findings.rate", lang, **fills, lost=lost, kpi=kpi(row["kpi"], lang))
    return said


def _cause(row: Mapping[Any, Any], lang: str, currency: str | None) -> str:
    said = _compared(row, lang, currency) + _moved(row, str(row["unit"]), lang) + _models(row, lang)
    alike = [echo.split(" = ", 1) for echo in row["echoes"] if " = " in echo]
    others = [" → ".join(kpi(part, lang) for part in echo.split(" → ")) for echo in row["echoes"] if " = " not in echo]
    if alike:
        said += phrases.say(
            "findings.alike", lang, groups=joined([group(name, value, lang) for name, value in alike], lang)
        )
    if others:
        said += phrases.say("findings.echoes", lang, echoes=joined(others[:3], lang))
    return said + (phrases.say("findings.given", lang) if row.get("lever") is False else "")


def _change(row: Mapping[Any, Any], lang: str) -> str:
    """What has been worse since which day."""
    what = f"「{_what(row, lang)}」" if lang == "ja" else _what(row, lang)
    if row["attribute"] is not None:
        what = phrases.say("findings.of", lang, group=group(row["attribute"], row["value"], lang), what=what)
    ratio, low, high = (numbers.number(1 + row[end], decimals=2) for end in ("effect", "low", "high"))
    days = {end: dates.day(row[end], lang) for end in ("since", "earliest", "latest")}
    said = phrases.say(
        f"findings.change.{'day' if row['step'] is not None else 'fraction'}", lang, what=what, ratio=ratio,
        interval=numbers.to(low, high, lang), cases=numbers.count(row["cases"], "case", lang), **days,
    )  # fmt: skip
    return said + (phrases.say("findings.given", lang) if row["lever"] is False else "")


def _what(row: Mapping[Any, Any], lang: str) -> str:
    return _step(row["step"], lang) if row["step"] is not None else kpi(row["kpi"], lang)


def _moved(row: Mapping[Any, Any], unit: str, lang: str) -> str:
    """What adjusting did to the plain difference, where that is more than the interval allows for."""
    half = abs(float(row["high"]) - float(row["low"])) / 2
    effect, raw, alone = (float(row[name]) for name in ("effect", "raw", "unadjusted"))
    if abs(raw - effect) <= MIXED * half:
        return ""
    # The mix of cases is to be named only where it is adjusting that moves the figure, by the same way of measuring.
    if abs(alone - effect) <= MIXED * half:
        kind = "moved"
    elif raw * effect < 0:
        kind = f"opposite.{unit}"
    else:
        kind = f"smaller.{unit}" if abs(raw) < abs(effect) else "larger"
    return phrases.say(f"findings.raw.{kind}", lang, raw=_size(raw, unit, lang))


def _models(row: Mapping[Any, Any], lang: str) -> str:
    """What was adjusted for, and what was only looked at."""
    names = {each: [label(name, lang) for name in row.get(each) or ()] for each in ("adjusted_for", "looked_at")}
    if not names["adjusted_for"]:
        said = phrases.say("findings.unadjusted", lang)
    else:
        said = phrases.say("findings.adjusted", lang, attributes=joined(names["adjusted_for"], lang))
    if names["looked_at"]:
        said += phrases.say("findings.looked_at", lang, attributes=listed(names["looked_at"], lang))
    return said


def action(row: Mapping[Any, Any], lang: str, currency: str | None) -> str:
    """What to do about one finding: what, where, how much it is about, and what to check first."""
    money = numbers.money(row["money"], currency, lang)
    fills = {"kpi": kpi(row["kpi"], lang), "money": money, "cases": numbers.count(row["cases"], "case", lang)}
    if row["step"] is not None:
        fills["kpi"] = _step(row["step"], lang)
    if row["kind"] == "cause":
        fills |= {"group": group(row["attribute"], row["value"], lang), "others": comparable(row, lang)}
    if row["unit"] == "day":
        fills["total"] = numbers.case_days(row["days"], lang)
        fills["interval"] = _days(row["days_low"], row["days_high"], lang)
    elif row["kind"] == "cause":
        fills["lost"] = numbers.number(abs(float(row["effect"])) * float(row["cases"]))
    if row["kpi"] == STUCK:
        fills["start"] = label(row["step"][0], lang)
    kind = row["kind"] if row["kind"] != "cause" else "days" if row["unit"] == "day" else "rate"
    if kind == "change":
        fills["since"] = dates.day(row["since"], lang)
    kind = STUCK if row["kpi"] == STUCK else kind
    if kind == "discount" and numbers.is_missing(row["money"]):
        kind = "discount.none"
    return phrases.say(f"next.{kind}", lang, check=check(row, lang), **fills)


def _days(low: Any, high: Any, lang: str) -> str:
    return numbers.to(numbers.case_days(low, lang), numbers.case_days(high, lang), lang)


def _size(value: Any, unit: str, lang: str) -> str:
    """An effect without its sign; shares as percentage points."""
    if unit == "day":
        return numbers.days(abs(float(value)), lang)
    points = numbers.number(abs(float(value)) * 100, decimals=1)
    return f"{points}ポイント" if lang == "ja" else f"{points} points"


def _interval(low: float, high: float, unit: str, lang: str) -> str:
    if unit == "day":
        return numbers.interval(low, high, "day", lang=lang)
    return numbers.to(numbers.number(low * 100, decimals=1), _size(high, unit, lang), lang)


def _extra(phrase: str, amount: Any, lang: str, currency: str | None) -> str:
    return "" if numbers.is_missing(amount) else phrases.say(phrase, lang, money=numbers.money(amount, currency, lang))


def _step(step: Any, lang: str) -> str:
    return " → ".join(label(name, lang) for name in step)
