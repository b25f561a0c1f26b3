"""What is measured: of what, from when to when, and what is it called?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True)
class Measure:
    """A quantity, as `measures.yaml` defines it.

    Attributes
    ----------
    of
        What is counted, a row each: `lead`, `deal`, `quote`, `approval`, `order`, `invoice`, `case` or `step`.
    kind
        How rows are summed up: `duration` (median until the end, open ones included), `share` (part of them that got
        there), `share_of_money`, `overdue` (part not ended by its due day), `mean`, `median`, `sum`, `count`, `velocity`.
    start, end, ruled_out_by
        Activities that begin a row, end it (or the first `touch` by a person, or an `answer` to it), and end it otherwise beside the loss
        of the deal.
    worse
        Whether `more` or `less` is the worse value, or `none`.
    card
        Whether it is one of the key figures.
    """

    id: str
    of: str
    kind: str
    unit: str
    worse: str
    en: str
    ja: str
    meaning_en: str
    meaning_ja: str
    start: tuple[str, ...] = ()
    end: tuple[str, ...] = ()
    ruled_out_by: tuple[str, ...] = ()
    card: bool = True


@cache
def measures() -> dict[str, Measure]:
    """Return every measure by its id, in the order of the process."""
    return {entry["id"]: _made(entry) for entry in _yaml()}


def kpis() -> tuple[Measure, ...]:
    """Return the key figures: the measures that have a card."""
    return tuple(measure for measure in measures().values() if measure.card)


def _made(entry: dict[str, Any]) -> Measure:
    said = {key: entry[key] for key in ("id", "of", "kind", "unit", "worse")}
    for lang in ("en", "ja"):
        said |= {lang: entry[lang]["name"], f"meaning_{lang}": entry[lang]["means"]}
    times = {"start": "from", "end": "to", "ruled_out_by": "ruled_out_by"}
    said |= {name: tuple(entry.get(key, ())) for name, key in times.items()}
    return Measure(**said, card=entry.get("card", True))


def _yaml() -> list[dict[str, Any]]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = resources.files("l2c.words").joinpath("measures.yaml").read_text("utf-8")
    content: list[dict[str, Any]] = yaml.load(text, Loader=loader)
    return content
