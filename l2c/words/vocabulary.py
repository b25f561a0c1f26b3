"""What are the activities and attributes called, here and elsewhere?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

CLOSE = "Closed Won|Closed Lost"
"""What a close date stands for until the stage or the won flag of its row decides."""


@dataclass(frozen=True)
class Source:
    """A place where Salesforce keeps something: `Opportunity.CloseDate (IsWon = true)`."""

    object: str
    field: str
    when: str = ""

    def __str__(self) -> str:
        return f"{self.object}.{self.field}" + (f" ({self.when})" if self.when else "")


@dataclass(frozen=True)
class Attribute:
    """A column of an event log.

    Attributes
    ----------
    level
        `required`, `recommended` or `optional`.
    kind
        `text`, `number`, `money`, `fraction`, `flag`, `time` or `days`.
    scope
        `case` where it has one value per deal, else `event`.
    aliases, weak
        Its other names; a weak one often means something else and counts only where nothing better is there.
    """

    id: str
    en: str
    ja: str
    level: str
    kind: str
    scope: str
    meaning_en: str
    meaning_ja: str
    why_en: str
    why_ja: str
    salesforce: tuple[Source, ...]
    aliases: tuple[str, ...]
    weak: tuple[str, ...]
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Activity:
    """Something that happens to a deal; `en` is its name inside every log, `order` its place in the process."""

    id: str
    en: str
    ja: str
    order: int
    phase: str
    meaning_en: str
    meaning_ja: str
    why_en: str
    why_ja: str
    salesforce: tuple[Source, ...]
    aliases: tuple[str, ...]
    date_aliases: tuple[str, ...]


@dataclass(frozen=True)
class Column:
    """A column of a result table; `unit` is empty, `day`, `fraction`, `money`, `count` or `time`."""

    id: str
    en: str
    ja: str
    unit: str
    meaning_en: str
    meaning_ja: str


@dataclass(frozen=True)
class Kpi:
    """A key figure; `better` says whether `high` or `low` values are good, or `none`."""

    id: str
    en: str
    ja: str
    unit: str
    better: str
    meaning_en: str
    meaning_ja: str


@dataclass(frozen=True)
class Word:
    """A phase of the process, or another word that stands in tables: `required`, `day`; of an event its `phase`."""

    id: str
    en: str
    ja: str
    phase: str = ""


@cache
def attributes() -> tuple[Attribute, ...]:
    """Return the attributes, the required ones first."""
    return tuple(_made(Attribute, entry) for entry in _yaml()["attributes"])


@cache
def activities() -> tuple[Activity, ...]:
    """Return the activities in process order."""
    return tuple(_made(Activity, entry | {"order": n}) for n, entry in enumerate(_yaml()["activities"]))


@cache
def phases() -> tuple[Word, ...]:
    """Return the phases of the process in order."""
    return tuple(_made(Word, entry) for entry in _yaml()["phases"])


def phase_of(activity: str) -> str | None:
    """Return the id of the phase of an activity, a stage of the sales process included; None for an unknown one."""
    return "opportunity" if activity.startswith("Stage: ") else _phases().get(activity)


@cache
def columns() -> tuple[Column, ...]:
    """Return the columns of the result tables."""
    rows = (tuple(str(value) for value in row) for row in _yaml()["columns"])
    return tuple(Column(id, en, ja, unit, meaning_en, meaning_ja) for id, unit, en, ja, meaning_en, meaning_ja in rows)


@cache
def kpis() -> tuple[Kpi, ...]:
    """Return the KPIs in the order of the process."""
    return tuple(_made(Kpi, entry) for entry in _yaml()["kpis"])


def match_attribute(header: str) -> tuple[str, ...]:
    """Find the attributes that a column's header may stand for.

    Parameters
    ----------
    header
        As it stands in the file. Case, spaces, punctuation and full or half width do not count; neither do words
        in brackets, a trailing `__c`, or a leading `Opportunity:` or `Deal -`.

    Returns
    -------
    Attribute ids: at most one by a name or an alias (see `is_strong`), then those by a weak alias. A file in
    which both activity and time match only weakly (`Status`, `Created Date`) is more likely a list of deals than
    a log of events.
    """
    return tuple(dict.fromkeys(id for id, _ in _matches(header)))


def is_strong(header: str, attribute: str) -> bool:
    """Tell whether a header is a name or an alias of an attribute, and not just a weak one."""
    return (attribute, True) in _matches(header)


def match_activity(text: str) -> str | None:
    """Find the activity that a text names, in either language: its name inside a log, or None."""
    index = _activity_index()
    bare = _STAGE.sub("", text)
    for form in _forms(bare):
        for finished in (form, *_undone(form)):
            # A stage is one of a deal: "Stage: Unqualified" is not the end of its lead.
            if finished in index and (bare == text or phase_of(index[finished]) != "lead"):
                return index[finished]
    return None


def match_date_column(header: str) -> str | None:
    """Find the activity whose day a column holds, in a file with one row per deal.

    Parameters
    ----------
    header
        As it stands in the file: `Created Date`, `Quote Sent`, `受注日`.

    Returns
    -------
    The activity's name inside a log; `Closed Won|Closed Lost` (`CLOSE`) for a close date, which the stage or the
    won flag of the row decides; None for any other column, such as a due date or the day of the last change.
    """
    index = _date_index()
    return next((index[form] for form in _forms(header) if form in index), None)


def stage_outcome(text: str) -> Literal["won", "lost"] | None:
    """Tell whether a stage's label means won or lost; None for any other stage."""
    won, lost = _stage_words()
    for form in _forms(_STAGE.sub("", text)):
        # Orgs add to the label: "Closed Won - Renewal".
        if form in won or form.startswith("closedwon"):
            return "won"
        if form in lost or form.startswith("closedlost"):
            return "lost"
    return None


def person_attributes() -> tuple[str, ...]:
    """Return the attributes that hold names of people."""
    return tuple(_yaml()["people"]["attributes"])


@cache
def is_person(name: str) -> bool:
    """Tell whether a column, by its name, holds names of people: `rep`, `Account Manager`, `承認者`."""
    people = _yaml()["people"]
    if name in people["attributes"]:
        return True
    known = {found for found in match_attribute(name) if is_strong(name, found)}
    if known:
        return bool(known & set(people["attributes"]))
    text = unicodedata.normalize("NFKC", name).casefold().replace("_", " ")

    def said(words: Iterable[str]) -> bool:
        # Whole words where there are spaces between them, any part of the name where there are none.
        return any(re.search(rf"\b{re.escape(w)}\b" if w.isascii() else re.escape(w), text) for w in words)

    folded = {kind: [str(word).casefold() for word in people[kind]] for kind in ("words", "not")}
    return said(folded["words"]) and not said(folded["not"])


@cache
def truth_words() -> dict[str, bool]:
    """Return what yes and no are called, keyed by the `normalise`d word."""
    words = _yaml()["truth"]
    return {normalise(str(w)): value for value, key in ((True, "yes"), (False, "no")) for w in words[key]}


def label(name: str, lang: str = "en") -> str:
    """Say a name in a language.

    Parameters
    ----------
    name
        An activity, or the id of an attribute, a KPI, a result column, a phase or a word.
    lang
        `en` or `ja`.

    Returns
    -------
    Its text. `Stage: …` gets its first word translated; an unknown name comes back unchanged.
    """
    pair = _labels().get(name)
    if pair is not None:
        return pair[1 if lang == "ja" else 0]
    if lang == "ja" and name.startswith("Stage: "):
        return f"ステージ: {name.removeprefix('Stage: ')}"
    return name


def process_order(activity: str) -> int | None:
    """Return the place of an activity in the process, from 0; None for one that is not in the vocabulary."""
    return _process_order().get(activity)


def normalise(text: str) -> str:
    """Reduce a text to what counts when names are compared.

    Returns
    -------
    The text in NFKC and casefolded, without spaces, punctuation, control characters and currency signs. Signs such
    as ○ and × stay: they are words in a Japanese list.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in folded if not unicodedata.category(c).startswith(_DROPPED))


# Unicode categories: control, punctuation, spaces, currency signs, marks without a width of their own.
_DROPPED = ("C", "P", "Z", "Sc", "Mn")
_STAGE = re.compile(r"^\s*(?:stage|ステージ|フェーズ)\s*[:：]", re.IGNORECASE)
_OWNER = re.compile(r"^\s*(?:opportunity|deal|商談|案件)\s*[-:：.]\s*(?=\S)", re.IGNORECASE)
_NAMESPACE = re.compile(r"^[A-Za-z][A-Za-z0-9]*__(?=\w+__c$)")


def _forms(text: str) -> Iterator[str]:
    """Yield what a text may be looked up as, from the whole to the part."""
    if len(text) > 500:  # no name, and hostile files have headers of megabytes
        return
    bare = re.sub(r"\([^()]*\)|\[[^\[\]]*\]", "", unicodedata.normalize("NFKC", text))
    field = _NAMESPACE.sub("", text).removesuffix("__c")
    for form in dict.fromkeys((text, bare, field, _OWNER.sub("", bare))):
        if key := _key(form):
            yield key


def _key(text: str) -> str:
    key = normalise(text)
    for spelling, usual in _spellings():
        key = key.replace(spelling, usual)
    return key


def _undone(form: str) -> Iterator[str]:
    """Yield a Japanese text without an ending that only says it was done: 契約締結済み is 契約締結."""
    for ending in _yaml()["done"]:
        if form.endswith(ending) and len(form) > len(ending):
            yield form.removesuffix(ending)


def _matches(header: str) -> tuple[tuple[str, bool], ...]:
    for form in _forms(header):
        if found := _attribute_index().get(form):
            return found
    return ()


@cache
def _spellings() -> tuple[tuple[str, str], ...]:
    return tuple((normalise(said), normalise(meant)) for said, meant in _yaml()["spellings"].items())


@cache
def _attribute_index() -> dict[str, tuple[tuple[str, bool], ...]]:
    """Map what headers are looked up by to (attribute, strong), strong ones first."""
    found: dict[str, dict[str, bool]] = {}
    for strong in (True, False):
        for a in attributes():
            for name in (a.id, a.en, a.ja, *a.aliases) if strong else a.weak:
                found.setdefault(_key(name), {}).setdefault(a.id, strong)
    return {key: tuple(ids.items()) for key, ids in found.items()}


@cache
def _activity_index() -> dict[str, str]:
    return {_key(name): a.en for a in activities() for name in (a.id, a.en, a.ja, *a.aliases)}


@cache
def _date_index() -> dict[str, str]:
    """Map headers of date columns to activities: those listed, then what follows from the activities' names."""
    index = {_key(name): CLOSE for name in _yaml()["close_dates"]}
    index |= {_key(name): a.en for a in activities() for name in a.date_aliases}
    words = _yaml()["date_words"]
    for a in activities():
        own = [_key(name) for name in (a.id, a.en, a.ja)]
        # An alias alone ("Paid", "Won") is more often a flag than a date; with "Date" beside it, it is one.
        for name in (*own, *(_key(alias) for alias in a.aliases)):
            dated = [name + _key(w) for w in words["after"]] + [_key(w) + name for w in words["before"]]
            for key in (*dated, name) if name in own else dated:
                index.setdefault(key, a.en)
    return index


@cache
def _stage_words() -> tuple[frozenset[str], frozenset[str]]:
    stages = _yaml()["stages"]
    return frozenset(map(_key, stages["won"])), frozenset(map(_key, stages["lost"]))


@cache
def _words() -> tuple[Word, ...]:
    return tuple(_made(Word, entry) for entry in _yaml()["words"])


@cache
def _phases() -> dict[str, str]:
    return {word.en: word.phase for word in _words() if word.phase} | {a.en: a.phase for a in activities()}


@cache
def _labels() -> dict[str, tuple[str, str]]:
    named: Iterable[Any] = (*_words(), *phases(), *columns(), *kpis(), *attributes(), *activities())
    labels = {thing.id: (thing.en, thing.ja) for thing in named}
    return labels | {a.en: (a.en, a.ja) for a in activities()}


@cache
def _process_order() -> dict[str, int]:
    return {a.en: a.order for a in activities()}


def _made(kind: Any, entry: dict[str, Any]) -> Any:
    """Make a dataclass of an entry of the file: meaning and why by language, lists as tuples."""
    flat: dict[str, Any] = {}
    for key, value in entry.items():
        if key in {"meaning", "why"}:
            flat |= {f"{key}_{lang}": text for lang, text in value.items()}
        elif key == "salesforce":
            flat[key] = tuple(Source(**place) for place in value)
        elif isinstance(value, list):
            flat[key] = tuple(str(item) for item in value)
        else:
            flat[key] = value
    if kind is Attribute:
        flat.setdefault("weak", ())
    return kind(**flat)


def _yaml() -> dict[str, Any]:
    return words("vocabulary.yaml")


@cache
def words(file: str) -> dict[str, Any]:
    """Read a file of words of the kit."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = resources.files("l2c.words").joinpath(file).read_text("utf-8")
    content: dict[str, Any] = yaml.load(text, Loader=loader)
    return content
