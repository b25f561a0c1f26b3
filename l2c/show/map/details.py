"""What is known of one activity of a map, in words: how many cases, how often, where they come from and go to, how long it took?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from l2c.log import END, START
from l2c.show import numbers
from l2c.show.map.choice import Numbers, Step, events_of
from l2c.show.map.lettering import plain
from l2c.words import phrases
from l2c.words.vocabulary import label

# Ways in and out beyond these are summed up.
MOST_WAYS = 4


def details(
    name: str, whole: Mapping[Step, Numbers], lang: str, *, cases: int | None = None, of: int = 0
) -> list[dict[str, Any]]:
    """Say what is known of an activity, a start or an end.

    Parameters
    ----------
    whole
        Every step of the log, as `choice.steps_of` gives them.
    cases, of
        How many cases have it, of how many; None where that was not counted.

    Returns
    -------
    Parts, each with `head` (may be empty) and `lines`.
    """
    into = {step: known for step, known in whole.items() if step[1] == name}
    out = {step: known for step, known in whole.items() if step[0] == name}
    ways = (("map.box.from", into, 0), ("map.box.to", out, 1))
    found = [{"head": "", "lines": _facts(name, whole, into, lang, cases, of)}]
    found += [{"head": phrases.say(head, lang), "lines": list(_ways(steps, end, lang))} for head, steps, end in ways]
    return [part for part in found if part["lines"]]


def _facts(
    name: str, whole: Mapping[Step, Numbers], into: Mapping[Step, Numbers], lang: str, cases: int | None, of: int
) -> list[str]:
    if name in (START, END):
        return []
    events, lines = events_of(name, whole), []
    if cases:
        share = numbers.percent(cases / max(of, 1), lang, decimals=0)
        lines.append(phrases.say("bracketed", lang, said=numbers.count(cases, "case", lang), more=share))
        lines.append(phrases.say("map.box.repeats", lang, n=numbers.number(events / cases, decimals=1)))
    waited = [known for known in into.values() if known["total_days"] == known["total_days"]]
    days, times = sum(known["total_days"] for known in waited), sum(known["events"] for known in waited)
    if times:
        mean, total = numbers.days(days / times, lang), numbers.case_days(days, lang)
        lines.append(phrases.say("map.box.wait", lang, mean=mean, total=total))
    return lines


def _ways(steps: Mapping[Step, Numbers], end: int, lang: str) -> Iterable[str]:
    """The ways in or out, most frequent first: share of them, other end, median time."""
    ranked = sorted(steps, key=lambda step: (-steps[step]["events"], step))
    all_events = sum(known["events"] for known in steps.values()) or 1.0
    for step in ranked[:MOST_WAYS]:
        known = steps[step]
        said = f"{numbers.percent(known['events'] / all_events, lang, decimals=0)} {named(step[end], lang)}"
        median = known["median_days"]
        yield said if median != median else f"{said} · {numbers.days(median, lang)}"
    if rest := ranked[MOST_WAYS:]:
        share = sum(steps[step]["events"] for step in rest) / all_events
        yield phrases.say(
            "map.box.others", lang, share=numbers.percent(share, lang, decimals=0), n=numbers.number(len(rest))
        )


def named(name: str, lang: str) -> str:
    """The name of an activity, of a start or of an end."""
    ends = {START: "map.start", END: "map.end"}
    return phrases.say(ends[name], lang) if name in ends else plain(label(name, lang))
