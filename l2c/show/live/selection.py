"""Which cases have been chosen, by whatever was clicked?"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any, Literal

import numpy as np

from l2c import engine
from l2c.log import EventLog
from l2c.log.filters import Condition as Narrowing
from l2c.log.filters import worded
from l2c.measures.behind import unpacked
from l2c.show import conditions, numbers
from l2c.words import days, phrases, vocabulary

# A condition as plain data: {"word": "region", "value": ["EMEA"]}; JSON and papermill can hold it.
Condition = Mapping[str, Any]
STEPS = ("follows", "not_follows")
# The cases behind a number that was clicked: `{"cases": …, "label": …}`, as `l2c.measures.behind` packs them.
CASES = "cases"
SAID_AS_TEXT = ("duration", "took", "times", "events", "did", "eventually")
# Conditions whose cases are kept in mind: 150 KB each in a log of a million events.
REMEMBERED = 64


class Selection:
    """A choice of cases that several views share: what one of them chooses, all of them show.

    Attributes
    ----------
    whole
        The log that is chosen from.
    where
        The conditions in force, oldest first: `[{"word": "region", "value": ["EMEA"]}]`, words and values as in
        `EventLog.where`.
    log
        The chosen cases, as a log.
    """

    def __init__(self, log: EventLog) -> None:
        self.whole = log
        self.log = log
        days.count_in(log.day_hours)
        self.where: tuple[Condition, ...] = ()
        self._past: list[tuple[Condition, ...]] = []
        self._followers: list[Callable[[], object]] = []
        self._masks: dict[str, np.ndarray] = {}

    def follow(self, follower: Callable[[], object]) -> None:
        """Call a function after every change."""
        self._followers.append(follower)

    def choose(self, where: Iterable[Condition]) -> None:
        """Replace all conditions.

        Raises
        ------
        L2CError
            If a condition makes no sense for this log; then nothing changes.
        """
        wanted = tuple(where)
        if wanted == self.where:
            return
        log = self.narrowed(wanted)
        self._past.append(self.where)
        self.where, self.log = wanted, log
        for follower in tuple(self._followers):
            follower()

    def narrow(self, word: str, value: Any) -> None:
        """Add a condition to those in force; once is enough."""
        added = {"word": word, "value": value}
        if added not in self.where:
            self.choose((*self.where, added))

    def put(self, word: str, value: Any) -> None:
        """Set the one condition of a word, or take it away where the value is None or an empty list."""
        others = [each for each in self.where if each["word"] != word]
        self.choose(others if value in (None, [], ()) else [*others, {"word": word, "value": value}])

    def remove(self, place: int) -> None:
        """Take the condition at a place away."""
        self.choose(self.where[:place] + self.where[place + 1 :])

    def clear(self) -> None:
        """Take all conditions away."""
        self.choose(())

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to take back."""
        return bool(self._past)

    def undo(self) -> None:
        """Take the last change back."""
        if self._past:
            before = self._past.pop()
            self.choose(before)
            # Taking back is not a change that could itself be taken back.
            self._past.pop()

    def count_in(self, hours: Literal["calendar", "working"]) -> None:
        """Count every duration, in what is shown and in the conditions, in calendar or in working time.

        Raises
        ------
        NoCalendar
            If the log has no working calendar; then nothing changes.
        """
        if hours == self.whole.hours:
            return
        self.whole = self.whole.in_hours(hours)
        days.count_in(self.whole.day_hours)
        self._masks.clear()
        self.log = self.narrowed(self.where)
        for follower in tuple(self._followers):
            follower()

    def value(self, word: str) -> Any:
        """Return the value of the condition of a word, None where it is free."""
        return next((each["value"] for each in self.where if each["word"] == word), None)

    def without(self, word: str) -> EventLog:
        """Return the cases that pass all conditions but those of a word."""
        if self.value(word) is None:
            return self.log
        return self.narrowed(each for each in self.where if each["word"] != word)

    def narrowed(self, where: Iterable[Condition]) -> EventLog:
        """Return the cases of the whole log that pass some conditions, whatever is chosen."""
        log = self.whole
        for each in where:
            log = _narrowed(log, each)
        return log

    @cached_property
    def keys(self) -> np.ndarray:
        """The `case_key` of every case of the whole log, sorted."""
        return np.sort(self.whole.kept())

    def passing(self, word: str) -> np.ndarray:
        """Flag the cases that pass all conditions but those of a word, in the order of `keys`."""
        flags = np.ones(len(self.keys), bool)
        for each in self.where:
            if each["word"] != word:
                flags &= self._mask(each)
        return flags

    def _mask(self, condition: Condition) -> np.ndarray:
        """The cases that pass one condition: asked once, since a click changes one of several."""
        key = json.dumps(condition, sort_keys=True)
        if key not in self._masks:
            if len(self._masks) >= REMEMBERED:
                self._masks.clear()
            flags = np.zeros(len(self.keys), bool)
            flags[np.searchsorted(self.keys, _narrowed(self.whole, condition).kept())] = True
            self._masks[key] = flags
        return self._masks[key]

    def codes(self, column: str) -> tuple[np.ndarray, list[Any]]:
        """Number the values of a column of the cases, in the order of `keys`; -1 where it is missing."""
        import pandas as pd

        cases = engine.collect(self.whole.cases.select("case_key", column)).sort_values("case_key")
        codes, values = pd.factorize(cases[column].astype(object))
        return codes, list(values)

    def sentence(self, lang: str = "en") -> str:
        """Say how many cases of how many are chosen."""
        total = numbers.count(self.whole.base.n_cases, "case", lang)
        return phrases.say("of", lang, n=numbers.number(self.log.n_cases), total=total)

    def chips(self, lang: str = "en") -> list[str]:
        """Say each condition in a few words."""
        return [chip(each, lang) for each in self.where]


def _narrowed(log: EventLog, condition: Condition) -> EventLog:
    if condition["word"] == CASES:
        return _behind(log, condition["value"])
    return log.where(**{condition["word"]: condition["value"]})


def _behind(log: EventLog, value: Mapping[str, str]) -> EventLog:
    """The cases behind a number: those at some places of the whole log."""
    import pandas as pd

    keys = log.base.memo(
        "case keys", lambda: np.sort(engine.collect(log.base.cases.select("case_key"))["case_key"].to_numpy())
    )
    places = unpacked(value["cases"])
    some = engine.table(pd.DataFrame({"case_key": keys[places[places < len(keys)]]}), log.base.home)
    kept = Narrowing(CASES, value["label"], lambda cases, _: cases.join(some, on="case_key", how="semi"))
    return replace(log, conditions=(*log.conditions, kept))


def chip(condition: Condition, lang: str) -> str:
    """Say a condition in a few words: `Region: EMEA`, `with Quote Sent`, `Quote Sent → Closed Lost`."""
    word, value = condition["word"], condition["value"]
    if word == CASES:
        return str(value["label"])
    names = [str(v) for v in value] if isinstance(value, (list, tuple)) else [str(value)]
    if word == "slower":
        *steps, limit = names
        step = " → ".join(vocabulary.label(name, lang) for name in steps)
        return phrases.say("chip.slower", lang, step=step, days=numbers.days(float(limit), lang))
    if word in STEPS:
        return phrases.say(f"chip.{word}", lang, step=" → ".join(vocabulary.label(name, lang) for name in names))
    if word in ("includes", "excludes", "starts", "ends"):
        return phrases.say(
            f"chip.{word}", lang, activity=comma(lang).join(vocabulary.label(name, lang) for name in names)
        )
    if word == "outcome":
        return phrases.say(
            "named", lang, name=phrases.say("filters.outcome", lang),
            said=comma(lang).join(phrases.say(f"outcome.{n}", lang) for n in names),
        )  # fmt: skip
    if word in SAID_AS_TEXT:
        return conditions.condition(word, worded(word, value), lang)
    if word in ("variant", "opened"):
        return phrases.say(f"chip.{word}", lang, value=comma(lang).join(names).replace("..", " … "))
    shown = [phrases.say("filters.missing", lang) if v is None else str(v) for v in _listed(value)]
    more = f" +{len(shown) - 3}" if len(shown) > 3 else ""
    return phrases.say(
        "named", lang, name=vocabulary.label(word, lang), said=comma(lang).join(shown[:3]) + more
    ).replace("..", " … ")


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def comma(lang: str) -> str:
    """What stands between the parts of a list."""
    return "、" if lang == "ja" else ", "
