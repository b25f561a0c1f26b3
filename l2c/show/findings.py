"""What did the diagnosis find, in sentences that a director would sign?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from l2c.show import markup, words
from l2c.show.markup import Html, escape
from l2c.stats import SMALLEST_SAMPLE
from l2c.words import vocabulary

PSEUDONYM = re.compile(r"(Rep|Person) \d+")
# Where the plain difference lies outside this many half-widths of the interval, the mix of cases is part of the story.
MIXED = 1.0
# Activities beyond so many are counted.
MOST_NAMED = 5
# What is known of a case and puts it into no group that could be compared.
UNGROUPED = {"amount", "is_won", "stage", "currency", "payment_terms_days", "payment_terms", "loss_reason", "due_date"}


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
    if not len(table):
        html = "".join(f"<p>{escape(sentence)}</p>" for sentence in rest)
        return Html(f'<div style="{markup.PAPER}">{html}</div>', "\n".join(rest))
    lead = words.say("findings.lead", lang)
    items: list[str] = []
    texts: list[str] = []
    for row in table.to_dict("records"):
        said = sentence(row, lang, currency)
        check = words.say("findings.next", lang, check=words.say(f"check.{row['problem']}", lang))
        small = f'<div style="color:#64748b;font-size:.9em">{escape(check)}</div>'
        items.append(f'<li style="margin-bottom:.7em">{escape(said)}{small}</li>')
        texts.append(f"{len(texts) + 1}. {said}\n   {check}")
    body = f"<p><b>{escape(lead)}</b></p><ol>{''.join(items)}</ol>" + "".join(f"<p>{escape(said)}</p>" for said in rest)
    return Html(f'<div style="{markup.PAPER}">{body}</div>', "\n".join([lead, *texts, *rest]))


def unbroken(table: pd.DataFrame, lang: str) -> str:
    """Say what can be said where no rule is broken: how many were judged, and how many could not be."""
    judged = int((table["applicable"] > 0).sum())
    all_ = words.number(len(table))
    if not judged:
        return words.say("compliance.unjudged", lang, all=all_)
    return words.say("compliance.kept", lang, judged=words.number(judged), all=all_)


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
        return [words.say("nothing.cases", lang)]
    said = []
    if not len(table):
        known = attributes is None or set(attributes) - UNGROUPED
        kind = "few" if cases < 2 * SMALLEST_SAMPLE else "groups" if known else "attributes"
        said.append(words.say(f"findings.none.{kind}", lang, cases=words.count(cases, "case", lang)))
    if rules is None or not len(rules) or rules["count"].any():
        return said
    if rules["applicable"].any():
        return [*said, words.say("findings.rules.kept", lang, said=unbroken(rules, lang))]
    names = _listed([label(name, lang) for name in activities], lang)
    return [*said, words.say("findings.rules.unjudged", lang, all=words.number(len(rules)), activities=names)]


def _listed(names: Sequence[str], lang: str) -> str:
    shown = ("、" if lang == "ja" else ", ").join(names[:MOST_NAMED])
    left_out = len(names) - MOST_NAMED
    return words.say("findings.more", lang, names=shown, n=words.number(left_out)) if left_out > 0 else shown


def sentence(row: Mapping[Any, Any], lang: str, currency: str | None) -> str:
    """One finding in one or two sentences."""
    if row["kind"] == "cause":
        return _cause(row, lang, currency)
    money = words.money(row["money"], currency, lang)
    if row["kind"] == "bottleneck":
        return words.say(
            "findings.bottleneck", lang, step=_step(row["step"], lang), total=words.case_days(row["days"], lang),
            interval=_days(row["days_low"], row["days_high"], lang),
            money=_extra("findings.money", row["money"], lang, currency),
        )  # fmt: skip
    if row["kind"] == "rule":
        return words.say(
            "findings.rule", lang, rule=vocabulary.label(row["kpi"], lang), cases=words.count(row["cases"], "case", lang),
            share=words.percent(row["effect"]), interval=words.interval(row["low"], row["high"], "fraction", lang=lang),
            money=_extra("findings.exposed", row["money"], lang, currency),
        )  # fmt: skip
    if row["kind"] == "discount":
        return words.say(
            f"findings.discount.{row['value']}", lang, effect=words.number(row["effect"] * 100, decimals=2),
            interval=f"{words.number(row['low'] * 100, decimals=2)} – {words.number(row['high'] * 100, decimals=2)}",
            cases=words.count(row["cases"], "case", lang), money=money, share=words.percent(row["share"]),
        )  # fmt: skip
    return words.say("findings.receivable", lang, money=money, share=words.percent(row["share"], decimals=0))


def _cause(row: Mapping[Any, Any], lang: str, currency: str | None) -> str:
    unit = str(row["unit"])
    ends = sorted(abs(float(row[end])) for end in ("low", "high"))
    size, bounds = _size(row["effect"], unit, lang), _interval(ends[0], ends[1], unit, lang)
    fills = {"group": group(row["attribute"], row["value"], lang), "effect": size, "interval": bounds}
    fills["cases"] = words.count(row["cases"], "case", lang)
    lost = words.number(abs(float(row["effect"])) * float(row["cases"]))
    if unit == "day":
        said = words.say(
            "findings.days", lang, **fills, step=_step(row["step"], lang) if row["step"] else label(row["kpi"], lang),
            total=words.case_days(row["days"], lang), money=_extra("findings.money", row["money"], lang, currency),
        )  # fmt: skip
    elif row["kpi"] in ("win_rate", "lead_conversion_rate"):
        money = _extra("findings.worth", row["money"], lang, currency)
        said = words.say(f"findings.{row['kpi']}", lang, **fills, lost=lost, money=money)
    else:
        said = words.say("findings.rate", lang, **fills, lost=lost, kpi=label(row["kpi"], lang))
    half = abs(float(row["high"]) - float(row["low"])) / 2
    effect, raw = float(row["effect"]), float(row["raw"])
    if abs(raw - effect) > MIXED * half:
        kind = "opposite" if raw * effect < 0 else "smaller" if abs(raw) < abs(effect) else "larger"
        said += words.say(f"findings.raw.{kind}", lang, raw=_size(raw, unit, lang))
    names = [label(name, lang) for name in row["adjusted_for"]]
    said += words.say("findings.adjusted", lang, attributes=("、" if lang == "ja" else ", ").join(names))
    if row["echoes"]:
        echoes = [" → ".join(label(part, lang) for part in echo.split(" → ")) for echo in row["echoes"]]
        said += words.say("findings.echoes", lang, echoes=("、" if lang == "ja" else ", ").join(echoes[:3]))
    return said


def action(row: Mapping[Any, Any], lang: str, currency: str | None) -> str:
    """What to do about one finding: what, where, how much it is about, and what to check first."""
    check = words.say(f"check.{row['problem']}", lang)
    money = words.money(row["money"], currency, lang)
    fills = {"kpi": label(row["kpi"], lang), "money": money, "cases": words.count(row["cases"], "case", lang)}
    if row["step"] is not None:
        fills["kpi"] = _step(row["step"], lang)
    if row["kind"] == "cause":
        fills["group"] = group(row["attribute"], row["value"], lang)
    if row["unit"] == "day":
        fills["total"] = words.case_days(row["days"], lang)
        fills["interval"] = _days(row["days_low"], row["days_high"], lang)
    elif row["kind"] == "cause":
        fills["lost"] = words.number(abs(float(row["effect"])) * float(row["cases"]))
    kind = row["kind"] if row["kind"] != "cause" else "days" if row["unit"] == "day" else "rate"
    return words.say(f"next.{kind}", lang, check=check, **fills)


def _days(low: Any, high: Any, lang: str) -> str:
    return f"{words.case_days(low, lang)} – {words.case_days(high, lang)}"


def group(attribute: Any, value: Any, lang: str) -> str:
    """The cases that a finding is about: one attribute value, or two."""
    if isinstance(attribute, list):
        parts = [group(a, v, lang) for a, v in zip(attribute, value, strict=True)]
        return words.say("findings.and", lang, one=parts[0], other=parts[1])
    if PSEUDONYM.fullmatch(str(value)):
        # It says itself what it is.
        return str(value)
    return words.say("findings.group", lang, attribute=label(attribute, lang), value=_value(attribute, value, lang))


def _value(attribute: Any, value: Any, lang: str) -> str:
    """A value as it is read: a band of discounts in percent."""
    kinds = {a.id: a.kind for a in vocabulary.attributes()}
    if kinds.get(attribute) == "fraction" and re.fullmatch(r"[\d.]+( – [\d.]+)?", str(value)):
        ends = [words.number(float(end) * 100, decimals=0) for end in str(value).split(" – ")]
        return f"{' – '.join(ends)} %"
    return label(str(value), lang)


def _size(value: Any, unit: str, lang: str) -> str:
    """An effect without its sign; shares as percentage points."""
    if unit == "day":
        return words.days(abs(float(value)), lang)
    points = words.number(abs(float(value)) * 100, decimals=1)
    return f"{points}ポイント" if lang == "ja" else f"{points} points"


def _interval(low: float, high: float, unit: str, lang: str) -> str:
    if unit == "day":
        return words.interval(low, high, "day", lang=lang)
    return f"{words.number(low * 100, decimals=1)} – {_size(high, unit, lang)}"


def _extra(phrase: str, amount: Any, lang: str, currency: str | None) -> str:
    return "" if words.is_missing(amount) else words.say(phrase, lang, money=words.money(amount, currency, lang))


def _step(step: Any, lang: str) -> str:
    return " → ".join(label(name, lang) for name in step)


def label(name: Any, lang: str) -> str:
    """The name of an activity, attribute, rule or KPI."""
    return vocabulary.label(str(name), lang)
