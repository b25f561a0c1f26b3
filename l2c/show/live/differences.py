"""Where do the chosen cases run differently from others, beyond chance?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from l2c import discover
from l2c.log import EventLog
from l2c.show import numbers
from l2c.show.map import svg as map_svg
from l2c.words import phrases
from l2c.words.errors import BadComparison

_WIDEST, _GREY = 5.4, 1.4


def marked(spec: Mapping[str, Any], log: EventLog, other: EventLog, lang: str) -> dict[str, Any]:
    """Colour the paths of a map by how the cases of one log differ from those of another.

    Parameters
    ----------
    spec
        A map of the first log. Where its metric is a duration, the waits are compared, else how often each path is
        taken.

    Returns
    -------
    What changes on the map: `edges` with `tone` (`more`, `less`, or `same` where it may be chance), label, tooltip and
    width, and `caption`. Where there is nothing to compare with, only a caption that says so.
    """
    try:
        table = discover.contrast(log, other)
    except BadComparison:
        return {"caption": [spec["caption"][0], phrases.say("map.compare.cannot", lang)]}
    rows: dict[Any, Any] = {(row["from"], row["to"]): row for row in table.to_dict("records")}
    slow = str(spec["metric"]).endswith("_days") and spec["metric"] != "total_days"
    read = _waits if slow else _shares
    edges = []
    for edge in spec["edges"]:
        row = rows.get((edge["source"], edge["target"]))
        name = edge["title"].split("\n")[0]
        tone, size, label, facts = read(row, lang) if row else ("same", 0.0, "", [])
        width = math.ceil(map_svg.em(label) * 11 + 8)
        edges.append(
            edge
            | {
                "tone": tone,
                "size": size,
                "heat": None,
                "label": label,
                "label_w": float(width),
                "title": "\n".join([name, *facts]),
            }
        )
    most = max((edge["size"] for edge in edges if edge["tone"] != "same"), default=1.0) or 1.0
    for edge in edges:
        share = edge.pop("size") / most
        edge["stroke"] = _GREY if edge["tone"] == "same" else round(1.6 + _WIDEST * share**0.7, 2)
    tested = table["days_q" if slow else "share_q"].notna().sum()
    ends = ("slower", "quicker") if slow else ("more", "less")
    more, less = (phrases.say(f"map.compare.{end}", lang) for end in ends)
    legend = phrases.say("map.legend.compare", lang, more=more, less=less, tested=numbers.number(tested))
    return {"edges": edges, "caption": [spec["caption"][0], legend]}


def _shares(row: Mapping[str, Any], lang: str) -> tuple[str, float, str, list[str]]:
    """How often a path is taken: tone, size of the difference, label, lines of the tooltip."""
    by, low, high = (100 * row[name] for name in ("share_difference", "share_low", "share_high"))
    own, other = (numbers.percent(row[name], lang, decimals=0) for name in ("share", "other_share"))
    facts = [
        phrases.say("bracketed", lang, said=own, more=numbers.count(row["cases"], "case", lang)),
        phrases.say(
            "map.compare.others",
            lang,
            value=phrases.say("bracketed", lang, said=other, more=numbers.count(row["other_cases"], "case", lang)),
        ),
        phrases.say("map.compare.points", lang, n=f"{by:+.1f} ({low:+.1f} … {high:+.1f})"),
    ]
    tone = _tone(bool(row["differs"]), by)
    said = phrases.say("map.compare.points", lang, n=f"{by:+.0f}")
    return tone, abs(by), own if tone == "same" else f"{own} · {said}", facts


def _waits(row: Mapping[str, Any], lang: str) -> tuple[str, float, str, list[str]]:
    """How long a path takes, in the same form."""
    by = row["days_difference"]
    if by != by:
        return "same", 0.0, "", []
    own, other = (numbers.days(row[name], lang) for name in ("median_days", "other_median_days"))
    ends = " … ".join(_signed(row[name], lang) for name in ("days_low", "days_high"))
    facts = [
        own,
        phrases.say("map.compare.others", lang, value=other),
        phrases.say("bracketed", lang, said=_signed(by, lang), more=ends),
    ]
    # Missing where nothing was tested.
    tone = _tone(row["days_differ"] is True, by)
    return tone, abs(by), own if tone == "same" else f"{own} · {_signed(by, lang)}", facts


def _signed(days: float, lang: str) -> str:
    return ("+" if days >= 0 else "") + numbers.days(days, lang)


def _tone(sure: bool, by: float) -> str:
    return "same" if not sure or by == 0 else "more" if by > 0 else "less"
