"""What is being looked at, as a line that can stand in an address, and what of such a line can be believed?"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote

from l2c.log import EventLog
from l2c.log.base import HOURS
from l2c.log.filters import WORDS
from l2c.measures import behind
from l2c.prepare.pseudonyms import COLUMN_OF, pseudonyms
from l2c.show import numbers
from l2c.show.live.selection import Condition, comma
from l2c.words import matching, phrases, vocabulary
from l2c.words.errors import L2CError

# Signs of an address that every browser and mail program takes, and what may stand in one.
LONGEST_ADDRESS, _MOST_PARTS, _MOST_VALUES, _LONGEST_TEXT = 6000, 60, 400, 300
_LARGEST = 1e15
# Stands unmasked in what follows #; a quotation mark does not.
_BARE = "[],:.>-_~!*/;@$"
# The cases behind a number, by their places in the log: `{"cases": …, "label": …}`.
CASES = "cases"
_NONSENSE = (ValueError, TypeError, OverflowError, RecursionError, AttributeError, KeyError, IndexError)


@dataclass(frozen=True)
class State:
    """What is being looked at.

    Attributes
    ----------
    page
        Id of the page.
    hours
        `calendar` or `working`; empty for the log's own.
    where
        Conditions, as `Selection.where`.
    map
        What of the map is not as it begins, as `ProcessMap.state`.
    levers
        Where sliders stand, by their ids.
    cost
        What a year of a person costs.
    """

    page: str = ""
    hours: str = ""
    where: tuple[Condition, ...] = ()
    map: Mapping[str, Any] = field(default_factory=dict)
    levers: Mapping[str, int] = field(default_factory=dict)
    cost: float | None = None


def written(state: State, log: EventLog, *, names: bool = False) -> tuple[str, tuple[str, ...]]:
    """Write a state as what follows the # of an address: names of people as pseudonyms, whatever the log shows.

    Parameters
    ----------
    names
        Leave the names as they are, for what lies beside the log.

    Returns
    -------
    The line, in signs that need no masking, and the words of the conditions that it cannot hold.
    """
    known = {} if names else _known(log, state.where)
    parts, left_out = _parts(state), []
    for each in state.where:
        value = each["value"] if names else _hidden(each["word"], each["value"], known)
        if each["word"] == CASES and not names:
            # What a link calls them would stand on the page of whoever opens it.
            value = {"cases": each["value"]["cases"]}
        if value is _NO_NAME:
            left_out.append(str(each["word"]))
        else:
            parts.append((f"where.{each['word']}", _json(value)))
    if known or any(each["word"] == CASES for each in state.where):
        parts.append(("of", _mark(log)))
    text = "&".join(f"{quote(key, safe='.')}={quote(value, safe=_BARE)}" for key, value in parts)
    if len(text) <= LONGEST_ADDRESS or names:
        return text, tuple(left_out)
    # Half a choice would be another one.
    short, _ = written(State(state.page, state.hours, (), state.map, state.levers, state.cost), log)
    words = tuple(str(each["word"]) for each in state.where)
    return (short if len(short) <= LONGEST_ADDRESS else ""), words


def read(
    text: str,
    log: EventLog,
    pages: Container[str],
    map_begins: Mapping[str, Any],
    *,
    names: bool = False,
    lang: str = "en",
) -> tuple[State, tuple[str, ...]]:
    """Read what follows the # of an address, which anybody may have written: what means nothing in this log is left out.

    Parameters
    ----------
    pages
        The pages that there are.
    map_begins
        The state in which a map begins: what it does not name, or is of another kind, is left out.
    names
        Whether people stand in it by name.
    lang
        In which language cases are called that a link names one by one.

    Returns
    -------
    The state, and what was left out: the word of a condition, else `page`, `map`, `levers`, `people`, `long` or `unknown`.
    Nothing of the text itself is in it but what the log has as well.
    """
    if len(text) > (LONGEST_ADDRESS if not names else 100 * LONGEST_ADDRESS):
        return State(), ("long",)
    pairs = [part.partition("=")[::2] for part in text.lstrip("#").split("&")[:_MOST_PARTS] if part]
    pairs = [(unquote(key), unquote(value)) for key, value in pairs]
    found = _Found(log, pages, map_begins, names, lang, next((value for key, value in pairs if key == "of"), ""))
    for key, value in pairs:
        found.take(key, value)
    where = tuple(found.where)
    state = State(found.page, found.hours, where, found.map, found.levers, found.cost)
    return state, tuple(dict.fromkeys(found.left_out))


def told(left_out: Sequence[str], log: EventLog, lang: str) -> str:
    """Say in a sentence what of an address was left out; nothing where all of it was understood."""
    if not left_out:
        return ""
    known = [vocabulary.label(word, lang) for word in left_out if word in _words(log)]
    named = [phrases.say(f"address.{word}", lang) for word in left_out if word not in _words(log)]
    return phrases.say("address.left_out", lang, what=comma(lang).join([*known, *named]))


def without_names(where: Sequence[Condition], log: EventLog) -> list[Condition]:
    """Conditions with pseudonyms for the names of people; one that would still name somebody is left out."""
    known = _known(log, where)
    found = [{"word": each["word"], "value": _hidden(each["word"], each["value"], known)} for each in where]
    return [each for each in found if each["value"] is not _NO_NAME]


class _Found:
    """What has been understood so far."""

    def __init__(
        self, log: EventLog, pages: Container[str], map_begins: Mapping[str, Any], names: bool, lang: str, mark: str
    ) -> None:
        self._log, self._pages, self._begins, self._names, self._lang = log, pages, map_begins, names, lang
        self._mark = mark
        self.page, self.hours = "", ""
        self.cost: float | None = None
        self.where: list[Condition] = []
        self.map: dict[str, Any] = {}
        self.levers: dict[str, int] = {}
        self.left_out: list[str] = []

    def take(self, key: str, value: str) -> None:
        kind, _, name = key.partition(".")
        match kind:
            case "page" if value in self._pages and not name:
                self.page = value
            case "hours" if value in HOURS and self._log.calendar is not None and not name:
                self.hours = value
            case "of" if not name:
                pass
            case "cost" if (cost := _json_of(value, (int, float))) is not None and 0 <= cost < _LARGEST:
                self.cost = float(cost)
            case "map":
                self._take_map(name, value)
            case "lever":
                place = _json_of(value, (int,))
                if place is None or not 0 <= place < 1000 or len(name) > _LONGEST_TEXT:
                    self.left_out.append("levers")
                else:
                    self.levers[name] = place
            case "where":
                self._take_condition(name, value)
            case _:
                self.left_out.append(kind if kind in ("page", "hours") else "unknown")

    def _take_map(self, name: str, value: str) -> None:
        begins = self._begins.get(name)
        found = value if isinstance(begins, str) else _json_of(value)
        # A share that the map chooses itself until somebody says another one.
        is_share = isinstance(begins, float) or (begins is None and name in self._begins)
        if is_share and isinstance(found, (int, float)) and not isinstance(found, bool):
            # Where a slider stands; NaN is no place.
            if 0 <= found <= 1:
                self.map[name] = float(found)
                return
        elif name == "against" and isinstance(found, list):
            kept = [self._condition(each.get("word"), each.get("value")) for each in found if isinstance(each, dict)]
            if kept and len(kept) == len(found) and None not in kept:
                self.map[name] = kept
                return
        elif name not in ("where", "against", "theme") and type(found) is type(begins) and _is_plain(found):
            self.map[name] = found
            return
        self.left_out.append("map")

    def _take_condition(self, word: str, value: str) -> None:
        found = self._condition(word, _json_of(value, default=_NO_NAME))
        if found is not None and len(self.where) < _MOST_PARTS:
            self.where.append(found)
        elif word == CASES:
            self.left_out.append("choice")
        elif word in _words(self._log):
            self.left_out.append("people" if _is_about_people(word) else word)
        else:
            self.left_out.append("unknown")

    def _condition(self, word: Any, value: Any) -> Condition | None:
        """A condition that this log can answer; None for any other."""
        if word == CASES:
            return self._cases(value)
        if not isinstance(word, str) or word not in _words(self._log) or value is _NO_NAME or not _is_plain(value):
            return None
        if not self._names:
            value = self._led_back(word, value)
        if value is _NO_NAME:
            return None
        try:
            self._log.where(**{word: value})
        except L2CError:
            return None
        except _NONSENSE:
            return None
        return {"word": word, "value": value}

    def _cases(self, value: Any) -> Condition | None:
        """Cases by their places: those of other data would be other cases."""
        packed = value.get("cases") if isinstance(value, dict) else None
        if not isinstance(packed, str) or self._mark != _mark(self._log):
            return None
        try:
            places = behind.unpacked(packed)
        except _NONSENSE:
            return None
        if (
            not len(places)
            or places[0] < 0
            or places[-1] >= self._log.base.n_cases
            or (places[1:] <= places[:-1]).any()
        ):
            return None
        label = value.get("label")
        if not (self._names and isinstance(label, str) and _is_plain(label)):
            label = phrases.say("address.cases", self._lang, cases=numbers.count(len(places), "case", self._lang))
        return {"word": CASES, "value": {"cases": behind.packed(places), "label": label}}

    def _led_back(self, word: str, value: Any) -> Any:
        """The same value with the names of this log for its pseudonyms; a name that stands there itself is not taken."""
        column = COLUMN_OF.get(word, word)
        if not _is_about_people(word) or column in self._log.origin.masked:
            return value
        # Another log has other pseudonyms: the same number would be somebody else.
        if self._mark != _mark(self._log):
            return _NO_NAME
        back = {shown: name for name, shown in pseudonyms(self._log).items()}
        activities = self._log.activities if column != word else ()
        return _replaced(value, back, activities)


_NO_NAME: Any = object()


def _parts(state: State) -> list[tuple[str, str]]:
    """What needs no look at the log."""
    parts = [("page", state.page)] if state.page else []
    parts += [("hours", state.hours)] if state.hours else []
    parts += [(f"map.{key}", value if isinstance(value, str) else _json(value)) for key, value in state.map.items()]
    parts += [(f"lever.{key}", str(place)) for key, place in state.levers.items()]
    return parts + ([("cost", f"{state.cost:g}")] if state.cost is not None else [])


def _known(log: EventLog, where: Iterable[Condition]) -> dict[str, str]:
    """Pseudonyms, where people are spoken of: to number them takes a look at all cases."""
    asked = [COLUMN_OF.get(each["word"], each["word"]) for each in where if _is_about_people(each["word"])]
    return pseudonyms(log) if set(asked) - set(log.origin.masked) else {}


def _is_about_people(word: str) -> bool:
    return matching.is_person(COLUMN_OF.get(word, word))


def _hidden(word: str, value: Any, known: Mapping[str, str]) -> Any:
    """A value with pseudonyms for names; `_NO_NAME` where one would be left."""
    if not known or not _is_about_people(word):
        return value
    said = _replaced(value, known, None)
    text = _json(said).casefold()
    return _NO_NAME if said is _NO_NAME or any(name.casefold() in text for name in known) else said


def _replaced(value: Any, instead: Mapping[str, str], others: Iterable[str] | None) -> Any:
    """A value with other texts for those known; where only some others may stand, `_NO_NAME` for any that may not."""
    if isinstance(value, str):
        if value in instead:
            return instead[value]
        parts = [part.strip() for part in value.split(">")]
        if len(parts) > 1 and any(part in instead for part in parts):
            return " > ".join(instead.get(part, part) for part in parts)
        return value if others is None or value in others or not any(sign.isalpha() for sign in value) else _NO_NAME
    if isinstance(value, Mapping):
        made: Any = {key: _replaced(each, instead, others) for key, each in value.items()}
        return _NO_NAME if any(each is _NO_NAME for each in made.values()) else made
    if isinstance(value, (list, tuple)):
        made = [_replaced(each, instead, others) for each in value]
        return _NO_NAME if any(each is _NO_NAME for each in made) else made
    return value


def _mark(log: EventLog) -> str:
    """Tells whose pseudonyms an address speaks of, and nothing else."""
    whole = log.base.whole or log.base
    return hashlib.sha256(f"address {whole.content}".encode()).hexdigest()[:8]


def _words(log: EventLog) -> set[str]:
    return {*log.attributes, *log.base.event_attributes, *WORDS}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _json_of(text: str, kinds: tuple[type, ...] = (), default: Any = None) -> Any:
    """What a text says in JSON, if it is of some kind; numbers that are none are not."""
    try:
        found = json.loads(text, parse_constant=_refused)
    except _NONSENSE:
        return default
    if kinds and (isinstance(found, bool) or not isinstance(found, kinds)):
        return default
    return found


def _refused(name: str) -> None:
    raise ValueError(name)


def _is_plain(value: Any, depth: int = 4) -> bool:
    """Whether a value is one that a condition can have: short texts, numbers, and not too many of them."""
    if isinstance(value, str):
        return len(value) <= _LONGEST_TEXT and value.isprintable()
    if isinstance(value, (list, dict)):
        each = value.values() if isinstance(value, dict) else value
        keys = isinstance(value, list) or all(_is_plain(key) for key in value)
        return depth > 0 and len(value) <= _MOST_VALUES and keys and all(_is_plain(part, depth - 1) for part in each)
    return value is None or (isinstance(value, (bool, int, float)) and abs(value) < _LARGEST)
