"""Which cases do we speak of? The panel to choose them by what is known of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import anywidget
import numpy as np
import pandas as pd
import traitlets

from l2c import engine
from l2c.log import EventLog, several
from l2c.log.base import HOURS, Base
from l2c.log.filter_values import period
from l2c.show.live import assets
from l2c.show.live.periods import picks
from l2c.show.live.selection import Selection
from l2c.words import phrases, vocabulary
from l2c.words.errors import L2CError

STARTED, OUTCOME, DURATION = "opened", "outcome", "duration"
BARS = 40
# Lists with more values than this start closed, so that the panel fits a screen.
_OPEN = 12


class Panel(anywidget.AnyWidget):
    """The filter panel in the browser; `show.filters` makes one."""

    _esm = assets.script("dom", "panel")
    _css = assets.styles("live", "panel")

    spec = traitlets.Dict().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)
    theme = traitlets.Unicode("auto").tag(sync=True)

    def __init__(self, selection: Selection, attributes: Sequence[str], lang: str) -> None:
        super().__init__(words=assets.wording(lang))
        self.selection = selection
        self._attributes = attributes
        self._lang = lang
        self._turn = 0
        self._ends: dict[str, tuple[Any, Any, np.ndarray]] = {}
        self._codes: dict[str, tuple[np.ndarray, list[Any]]] = {}
        selection.follow(self.draw)
        self.on_msg(self._told)
        self.draw()

    def draw(self) -> None:
        """Show what is chosen, and how many cases each value would give."""
        selection, lang = self.selection, self._lang
        self.spec = {
            "sentence": selection.sentence(lang),
            "chips": selection.chips(lang),
            "undo": selection.can_undo,
            # Up to which click of the browser it knows.
            "turn": self._turn,
            "hours": self._hours(),
            "facets": [facet for word in self._attributes if (facet := self._facet(word))],
        }

    def _hours(self) -> dict[str, Any] | None:
        """In what days durations are counted, and what else they could be counted in; None where nothing tells working hours."""
        whole = self.selection.whole
        if whole.calendar is None:
            return None
        day = phrases.say("live.hours.day", self._lang, n=f"{whole.calendar.day_hours:.3g}")
        names = [[hours, phrases.say(f"live.hours.{hours}", self._lang)] for hours in HOURS]
        name = phrases.say("live.hours", self._lang)
        return {"name": name, "chosen": whole.hours, "values": names, "note": day}

    def _facet(self, word: str) -> dict[str, Any] | None:
        if word == STARTED:
            return self._range(word, "started", "dates", phrases.say("live.started", self._lang))
        if word == DURATION:
            return self._range(word, "duration_days", "numbers", phrases.say("live.duration", self._lang))
        kind = None if word == OUTCOME else self.selection.whole.cases.collect_schema()[word]
        if kind is not None and kind.is_numeric():
            return self._range(word, word, "numbers", vocabulary.label(word, self._lang))
        return self._values(word)

    def _values(self, word: str) -> dict[str, Any] | None:
        """Values with the cases that each would leave, all other conditions in force."""
        if word not in self._codes:
            self._codes[word] = self.selection.codes("status" if word == OUTCOME else word)
        codes, values = self._codes[word]
        base = self.selection.whole.base
        everything = _of_labels(_counted(codes, values), word, base)
        seen = _of_labels(_counted(codes[self.selection.passing(word)], values), word, base)
        listed = sorted(everything, key=lambda value: (value is None, -everything[value], str(value)))
        if word == OUTCOME:
            listed = [value for value in ("open", "lead_lost", "lost", "won", "paid") if value in everything]
        if len(listed) < 2:
            return None
        named = vocabulary.label(word, self._lang) if word != OUTCOME else phrases.say("filters.outcome", self._lang)
        # A won deal that was paid is won as well: `outcome=won` means both.
        paid = seen.get("paid", 0) if word == OUTCOME else 0
        return {
            "word": word,
            "name": named,
            "kind": "values",
            "open": len(listed) <= _OPEN,
            "chosen": list(self.selection.value(word) or []),
            "values": [
                {
                    "value": value,
                    "name": self._named(word, value),
                    "n": seen.get(value, 0) + (paid if value == "won" else 0),
                }
                for value in listed
            ],
        }

    def _named(self, word: str, value: Any) -> str:
        if value is None:
            return phrases.say("filters.missing", self._lang)
        if word == OUTCOME:
            both = ".both" if value == "open" and self.selection.whole.base.leads else ""
            return phrases.say(f"outcome.{value}{both}", self._lang)
        if isinstance(value, bool):
            return phrases.say("yes" if value else "no", self._lang)
        return str(value)

    def _range(self, word: str, column: str, kind: str, name: str) -> dict[str, Any] | None:
        if word not in self._ends:
            self._ends[word] = _spread(self.selection.whole, column)
        lowest, highest, bars = self._ends[word]
        if lowest is None or lowest == highest:
            return None
        low, high = _ends(self.selection.value(word))
        if kind == "dates":
            low, high = _days(low, high, self.selection.whole)
        return {
            "word": word,
            "name": name,
            "kind": kind,
            "open": True,
            "low": low,
            "high": high,
            "lowest": _written(lowest),
            "highest": _written(highest),
            "bars": bars.tolist(),
            "picks": picks(self.selection.whole, self._lang) if kind == "dates" else [],
            "picked": self.selection.value(word),
        }

    def _told(self, _: object, message: Any, __: object) -> None:
        match message:
            case {"turn": int(turn)}:
                self._turn = turn
        self._do(message)
        if self.spec["turn"] != self._turn:
            self.spec = self.spec | {"turn": self._turn}

    def _do(self, message: Any) -> None:
        try:
            match message:
                case {"do": "put", "word": str(word), "value": value} if word in self._attributes:
                    self.selection.put(word, value)
                case {"do": "remove", "place": int(place)}:
                    self.selection.remove(place)
                case {"do": "hours", "value": "calendar" | "working" as hours}:
                    self.selection.count_in(hours)
                case {"do": "undo"}:
                    self.selection.undo()
                case {"do": "clear"}:
                    self.selection.clear()
        except L2CError as error:
            self.send({"trouble": str(error)})


def _of_labels(counts: dict[Any, int], word: str, base: Base) -> dict[Any, int]:
    """Cases of each label, where values of an attribute hold several."""
    values = list(counts)
    return {name: sum(counts[values[place]] for place in some) for name, some in several.groups(base, word, values)}


def _counted(codes: np.ndarray, values: list[Any]) -> dict[Any, int]:
    """Cases per value; None stands for none."""
    # Missing ones have the number -1.
    counts = np.bincount(codes + 1, minlength=len(values) + 1).tolist()
    return {value: n for value, n in zip([None, *values], counts, strict=True) if n or value is not None}


def _spread(log: EventLog, column: str) -> tuple[Any, Any, np.ndarray]:
    """Least and greatest value, and how the cases lie between them."""
    values = engine.collect(log.cases.select(column))[column].dropna()
    values = log.clock.shown(values) if values.dtype.kind == "M" else values
    if not len(values):
        return None, None, np.zeros(BARS, int)
    numbers = values.astype("int64") if values.dtype.kind == "M" else values.astype(float)
    # A few giants would press all others into the first bar.
    top = float(np.quantile(numbers, 0.99)) if values.dtype.kind != "M" else float(numbers.max())
    bars, _ = np.histogram(np.minimum(numbers.to_numpy(float), top), bins=BARS)
    return values.min(), values.max(), bars


def _written(value: Any) -> str:
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    return f"{value:.0f}" if float(value) == round(float(value)) else f"{value:g}"


def _ends(value: Any) -> tuple[str | None, str | None]:
    """Both ends of a range that stands in the selection."""
    if value is None:
        return None, None
    low, _, high = str(value).partition("..")
    return low or None, high or None


def _days(low: str | None, high: str | None, log: EventLog) -> tuple[str | None, str | None]:
    """First and last day of a period, which may be written in months."""
    start, end = period(STARTED, (low, high), log.clock)
    last = None if end is None else end - timedelta(microseconds=1)
    return (f"{start:%Y-%m-%d}" if start else None, f"{last:%Y-%m-%d}" if last else None)
