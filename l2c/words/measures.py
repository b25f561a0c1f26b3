"""What is measured: of what, from when to when, and what is it called?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

# Under this name a table carries the measures that only its log knows.
OWN = "measures"


@dataclass(frozen=True)
class Measure:
    """A quantity, as `measures.yaml` defines it.

    Attributes
    ----------
    of
        What is counted, a row each: `lead`, `deal`, `quote`, `approval`, `order`, `invoice`, `case` or `step`.
    kind
        How rows are summed up: `duration` (median until the end, open ones included), `share` (part of them that got
        there), `incidence` (the same of those that were followed for long enough), `share_of_money`, `overdue` (part not ended by its due day), `mean`, `median`, `sum`, `count`, `velocity`.
    start, end, ruled_out_by
        Activities that begin a row, end it (or the first `touch` by a person, or an `answer` to it), and end it otherwise beside the loss
        of the deal.
    worse
        Whether `more` or `less` is the worse value, or `none`.
    card
        Whether it is one of the key figures.
    source, others
        Where its facts come from, and what other tools mean by the name (in English, for docs/kpis.md).
    attribute
        Of a measure of the user's: the attribute whose values are summed up, instead of events from start to end.
    among
        Of a measure of the user's: the cases it is about, in the words of `EventLog.where`.
    target
        What it shall be, in its unit; None where nobody said.
    to_date
        Of a rate among those followed for long enough: the id of the same rate as it stands today, or "".
    so_far
        Whether it is such a number as it stands today, of which not all cases have had the same time: for reconciling, in no
        comparison.
    own
        Whether the user has defined it, and not the kit.
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
    source: str = ""
    others: str = ""
    attribute: str = ""
    among: Mapping[str, Any] = field(default_factory=dict)
    target: float | None = None
    to_date: str = ""
    so_far: bool = False
    own: bool = False


# Names that a table carries for ids of the user's own, such as alerts.
NAMES = "names"
Pair = tuple[str, str]
_CALLED: ContextVar[Mapping[str, Pair]] = ContextVar("called", default=MappingProxyType({}))
_SPOKEN: ContextVar[Mapping[str, Measure]] = ContextVar("spoken", default=MappingProxyType({}))


@cache
def measures() -> dict[str, Measure]:
    """Return every measure by its id, in the order of the process."""
    return {entry["id"]: _made(entry) for entry in _yaml()}


def kpis() -> tuple[Measure, ...]:
    """Return the key figures: the measures that have a card."""
    return tuple(measure for measure in measures().values() if measure.card)


def fair(id: str) -> str:
    """Return the rate among those followed for long enough where an id is that of the same rate to date, else the id."""
    return next((each.id for each in measures().values() if each.to_date and each.to_date == id), id)


@contextmanager
def spoken(own: Mapping[str, Measure], names: Mapping[str, Pair] = MappingProxyType({})) -> Iterator[None]:
    """Let `words_of` know measures of the user's, and `called` names, for as long as a table that carries them is shown."""
    token, other = _SPOKEN.set(own), _CALLED.set(names)
    try:
        yield
    finally:
        _SPOKEN.reset(token)
        _CALLED.reset(other)


def called(id: str, lang: str) -> str | None:
    """Return what the table that is being shown calls an id of the user's; None where it has no name for it."""
    names = _CALLED.get().get(id)
    return names and names[lang == "ja"]


def words_of(id: str) -> Measure | None:
    """Return a measure by its id: one of the user's while a table that carries it is shown, else one of the kit's."""
    return _SPOKEN.get().get(id) or measures().get(id)


def _made(entry: dict[str, Any]) -> Measure:
    said = {key: entry[key] for key in ("id", "of", "kind", "unit", "worse")}
    for lang in ("en", "ja"):
        said |= {lang: entry[lang]["name"], f"meaning_{lang}": entry[lang]["means"]}
    times = {"start": "from", "end": "to", "ruled_out_by": "ruled_out_by"}
    said |= {name: tuple(entry.get(key, ())) for name, key in times.items()}
    said |= {key: entry[key] for key in ("source", "others", "to_date", "so_far") if key in entry}
    return Measure(**said, card=entry.get("card", True))


def _yaml() -> list[dict[str, Any]]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = resources.files("l2c.words").joinpath("measures.yaml").read_text("utf-8")
    content: list[dict[str, Any]] = yaml.load(text, Loader=loader)
    return content
