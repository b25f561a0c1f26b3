"""Which numbers stand on a process map, and how do they look?"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from l2c.discover.flow import BESIDE, CHANGED, FATE, GOES, NEW, STAYS
from l2c.log import END, START
from l2c.show import numbers
from l2c.show.map import svg as map_svg
from l2c.show.map.choice import METRICS, Numbers, Step, events_of, totals
from l2c.show.map.lettering import plain
from l2c.show.theme import HEAT
from l2c.words import phrases
from l2c.words.vocabulary import label

_LINE = 12.0  # em in one line of a box
_NAME, _SMALL = 13.0, 11.0
# Of steps that go, are new or change, as a text has them; and how wide they are drawn at least.
MOST_TOLD = 8
LEAST_STROKE = 2.4
HEATS = len(HEAT)

# A step that no case takes.
NONE: Numbers = {"cases": 0.0, "events": 0.0} | dict.fromkeys(METRICS[2:], math.nan)


# Read without colours, too.
SIGNS = {GOES: "−", NEW: "+", CHANGED: "±"}


class Wording(NamedTuple):
    """The metric of a map, the language and the currency of its texts."""

    metric: str
    lang: str
    currency: str | None = None


def node(name: str, whole: Mapping[Step, Numbers], say: Wording, fate: str = "") -> dict[str, Any]:
    """Describe the box of an activity, or the sign of a start or an end: its lines, its numbers, its size, its fate if any."""
    own = of_node(name, whole, say) | ({FATE: fate} if fate else {})
    if fate and name not in (START, END):
        own |= {"number": signed(own["number"], fate, say.lang), "title": _fated(own["title"], fate, say.lang)}
    if name in (START, END):
        kind = "start" if name == START else "end"
        return {"id": name, "kind": kind, "lines": [], **own, "w": 34.0, "h": 34.0}
    lines = map_svg.wrapped(plain(label(name, say.lang)), _LINE)
    widest = max([_width(line, _NAME) for line in lines] + [_width(own["number"], _SMALL)])
    size = {"w": float(max(84, math.ceil(widest + 24))), "h": 25.0 + 17.0 * len(lines)}
    return {"id": name, "kind": "activity", "lines": lines, **own, **size}


def of_node(name: str, whole: Mapping[Step, Numbers], say: Wording) -> dict[str, Any]:
    """Return what changes on a box when other cases are meant: `number, events, waited, title`."""
    events = events_of(name, whole)
    into = [known["total_days"] for (_, b), known in whole.items() if b == name]
    waited = round(sum(days for days in into if not math.isnan(days)), 3)
    if name in (START, END):
        text = phrases.say("map.start" if name == START else "map.end", say.lang)
        return {
            "number": "",
            "events": events,
            "waited": 0.0,
            "title": phrases.say("named", say.lang, name=text, said=numbers.count(events, "case", say.lang)),
        }
    title = phrases.say(
        "named", say.lang, name=plain(label(name, say.lang)), said=numbers.count(events, "event", say.lang)
    )
    return {"number": numbers.number(events), "events": events, "waited": waited, "title": title}


def edge(step: Step, known: Numbers, say: Wording, fate: str = "") -> dict[str, Any]:
    """Describe a path: its ends, its numbers, the size of its label, its fate if any."""
    facts = of_edge(step, known, say) | ({FATE: fate} if fate else {})
    if fate:
        title = facts["title"].split("\n")[0] if fate == NEW else facts["title"]
        facts |= {"label": signed(facts["label"], fate, say.lang), "title": _fated(title, fate, say.lang)}
    return {"source": step[0], "target": step[1], **facts, "label_w": width(facts["label"]), "label_h": 15.0}


def signed(number: str, fate: str, lang: str) -> str:
    """A number of today with the sign of what becomes of what it counts; what is new has no number yet."""
    return phrases.say("map.new", lang) if fate == NEW else f"{SIGNS[fate]} {number}" if fate in SIGNS else number


def _fated(title: str, fate: str, lang: str) -> str:
    return f"{title}\n{phrases.say(f'map.fate.{fate}', lang)}" if fate in SIGNS else title


def fate_of(name: str, fates: Mapping[Step, str]) -> str:
    """What becomes of an activity: it is new, or goes, where all of its steps do."""
    if not fates:
        return ""
    own = {fate for step, fate in fates.items() if name in step}
    if len(own) == 1 and own <= {NEW, GOES} and name not in (START, END):
        return own.pop()
    return STAYS if own - {BESIDE, GOES} else BESIDE


def width(label: str) -> float:
    """Return how wide the label of a path is, in pixels."""
    return float(math.ceil(_width(label, _SMALL) + 8))


def of_edge(step: Step, known: Numbers, say: Wording) -> dict[str, Any]:
    """Return what changes on a path when other cases are meant: `cases, events, value, p90_days, label, title`."""
    value, p90 = known[say.metric], known["p90_days"]
    return {
        "cases": int(known["cases"]),
        "events": int(known["events"]),
        "value": None if math.isnan(value) else value,
        "p90_days": None if math.isnan(p90) else p90,
        "label": said(known, say),
        "title": _tooltip(step, known, say),
    }


def said(known: Numbers, say: Wording) -> str:
    """Two numbers at most, that of the metric first."""
    metric, lang, currency = say
    often = numbers.number(known["events" if metric == "events" else "cases"])
    if metric in ("cases", "events"):
        return often if math.isnan(known["median_days"]) else f"{often} · {numbers.days(known['median_days'], lang)}"
    if math.isnan(known[metric]):
        return often
    if metric == "amount":
        return f"{numbers.money(known[metric], currency, lang)} · {often}"
    long = numbers.case_days if metric == "total_days" else numbers.days
    return f"{long(known[metric], lang)} · {often}"


def _tooltip(step: Step, known: Numbers, say: Wording) -> str:
    lang = say.lang
    ends = {START: phrases.say("map.start", lang), END: phrases.say("map.end", lang)}
    names = [ends.get(name, plain(label(name, lang))) for name in step]
    facts = [numbers.count(known["cases"], "case", lang), numbers.count(known["events"], "event", lang)]
    if not math.isnan(known["median_days"]):
        times = {k: numbers.days(known[f"{k}_days"], lang) for k in ("median", "mean", "p90")}
        facts.append(phrases.say("map.times", lang, **times))
        facts.append(phrases.say("map.total", lang, total=numbers.case_days(known["total_days"], lang)))
    if not math.isnan(known["amount"]):
        facts.append(phrases.say("map.amount", lang, amount=numbers.money(known["amount"], say.currency, lang)))
    return f"{names[0]} → {names[1]}\n" + "\n".join(facts)


def is_time(metric: str) -> bool:
    """Whether a map says how long, so that what is long is to be found at a glance."""
    return metric.endswith("_days")


def legend(metric: str, lang: str, fates: Collection[str] = ()) -> list[str]:
    """Say what numbers and colours of a map mean."""
    if fates:
        signs = [
            phrases.say(f"map.legend.{fate}", lang) for fate in (STAYS, GOES, NEW, CHANGED, BESIDE) if fate in fates
        ]
        today = phrases.say(f"map.legend.{metric}", lang).replace(phrases.say("map.legend.back", lang), "").strip()
        return [phrases.sentences(signs, lang), phrases.sentences([phrases.say("map.legend.today", lang), today], lang)]
    hot = [phrases.say("map.legend.heat", lang)] if is_time(metric) else []
    return [phrases.say(f"map.legend.{metric}", lang), *hot]


def shade(nodes: list[dict[str, Any]]) -> None:
    """Give every box its share of the most frequent activity's events, and of the days waited before the one waited for longest."""
    for share, of in (("shade", "events"), ("warm", "waited")):
        most = max((n[of] for n in nodes if n["kind"] == "activity"), default=1) or 1
        for each in nodes:
            each[share] = round(each[of] / most, 3)


def said_fates(nodes: list[dict[str, Any]], edges: list[dict[str, Any]], lang: str) -> str:
    """What goes, is new and changes, in words, for those who do not see the map."""
    found = []
    for fate in (GOES, NEW, CHANGED):
        names = [" ".join(each["lines"]) for each in nodes if each.get(FATE) == fate]
        steps = [each["title"].split("\n")[0] for each in edges if each.get(FATE) == fate]
        if names or steps:
            told = ("、" if lang == "ja" else ", ").join([*names, *steps[:MOST_TOLD]])
            found.append(phrases.say(f"map.told.{fate}", lang, what=told))
    return phrases.sentences(found, lang)


def weigh(edges: list[dict[str, Any]], metric: str) -> None:
    """Give every path the width of its share of the highest number, and its heat where that is a time."""
    most = max((e["value"] or 0.0 for e in edges), default=0.0) or 1.0
    for each in edges:
        share = max(each["value"] or 0.0, 0.0) / most
        # Beginnings and ends are context, not steps.
        wide = 1.6 if each["source"] == START or each["target"] == END else 5.4
        each["stroke"] = round(1.1 + wide * share**0.7, 2)
        hot = is_time(metric) and each["value"] is not None
        if each.get(FATE) in SIGNS and wide > 2:
            each["stroke"] = max(each["stroke"], LEAST_STROKE)
        each["heat"] = min(int(HEATS * share**0.7), HEATS - 1) if hot else None


def summary(whole: Mapping[Step, Numbers], shown: set[str], steps: set[Step], lang: str) -> dict[str, str]:
    """Say what share of all there is stands on the map, as values of the phrases `map.caption` and `map.desc`."""
    names = {name for step in whole for name in step} - {START, END}
    boxes = shown - {START, END}
    everything = sum(step["events"] for step in whole.values()) or 1.0
    in_picture = sum(whole[step]["events"] for step in steps)
    known = totals(whole)
    all_events = sum(known[name] for name in names) or 1
    cases = sum(step["cases"] for (a, _), step in whole.items() if a == START)
    return {
        "cases": numbers.count(cases, "case", lang),
        "shown": numbers.number(len(boxes)),
        "all": numbers.number(len(names)),
        "events": numbers.percent(sum(known[name] for name in boxes) / all_events, lang, decimals=0),
        "paths": numbers.number(len(steps)),
        "all_paths": numbers.number(len(whole)),
        "steps": numbers.percent(in_picture / everything, lang, decimals=0),
    }


def _width(text: str, size: float) -> float:
    return map_svg.em(text) * size
