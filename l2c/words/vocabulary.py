"""What are activities, attributes, figures and columns called, and what do they mean, in English and in Japanese?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any

from l2c.words.measures import called, measures, words_of


@dataclass(frozen=True, kw_only=True)
class Role:
    """What an activity is in the process; the head of the file says what each word means."""

    waits_for: str | None = None
    answers: str | None = None
    by: str | None = None
    refusal: bool = False
    milestone: bool = False
    ends: bool = False
    document: str | None = None
    record: bool = False
    after: tuple[str, ...] = ()
    mark: bool = False
    several: str | None = None


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
    known_from
        The activity before which it is not known yet, or None.
    lever
        Whether somebody in the company can change it (True), or one only lives with it (False); None where neither holds.
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
    known_from: str | None = None
    lever: bool | None = None


@dataclass(frozen=True)
class Activity(Role):
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
    level: str = "optional"


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
class Word(Role):
    """A phase of the process, or another word that stands in tables: `required`, `day`; of an event its `phase`."""

    id: str
    en: str
    ja: str
    phase: str = ""
    aliases: tuple[str, ...] = ()


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
        return f"フェーズ：{name.removeprefix('Stage: ')}"
    if own := words_of(name):
        return own.ja if lang == "ja" else own.en
    return called(name, lang) or name


def process_order(activity: str) -> int | None:
    """Return the place of an activity in the process, from 0; None for one that is not in the vocabulary."""
    return _process_order().get(activity)


def waits_for(activity: str) -> str | None:
    """Return whose turn it is after an activity: `own_team`, `customer`, `approver`; None where it changes nothing."""
    role = _roles().get(activity, NO_ROLE)
    return role.waits_for or (OWN_TEAM if role.answers else None)


def whose_move(activity: str) -> str:
    """Return whom a deal waits for until an activity: `customer`, `approver`, else `own_team`."""
    role = _roles().get(activity, NO_ROLE)
    return role.by or (waits_for(role.answers) if role.answers else None) or OWN_TEAM


@cache
def answers(request: str) -> tuple[str, ...]:
    """Return the activities that decide a request, in process order."""
    return tuple(name for name, role in _roles().items() if role.answers == request)


@cache
def refused(request: str) -> tuple[str, ...]:
    """Return the activities that answer a request with a no."""
    return tuple(name for name in answers(request) if name in refusals())


@cache
def milestones(*, ends: bool = False) -> tuple[str, ...]:
    """Return the stations from lead to cash in order; `ends` adds where the way of a deal or an order ends."""
    return tuple(name for name, role in _roles().items() if role.milestone or (ends and role.ends))


@cache
def refusals() -> frozenset[str]:
    """Return the activities that say no: refused, withdrawn, given up, cancelled."""
    return frozenset(name for name, role in _roles().items() if role.refusal)


@cache
def records() -> frozenset[str]:
    """Return the activities that only keep a record: nobody has turned to the lead or customer by them."""
    own = {name for name, role in _roles().items() if role.record}
    # What an approver does is no touch of ours either, but he has turned to it.
    return frozenset(own | {name for name in marks() if _roles()[name].by is None})


@cache
def marks() -> frozenset[str]:
    """Return the activities that only keep a record: a push, a reminder, a change of owner, an approver's step."""
    return frozenset(name for name, role in _roles().items() if role.mark)


@cache
def several(*, numbered: bool) -> frozenset[str]:
    """Return the activities that come several times by their nature: on one document, or only where it has no number."""
    return frozenset(
        name for name, role in _roles().items() if role.several == "object" or (role.several and not numbered)
    )


@cache
def requests() -> frozenset[str]:
    """Return the activities that ask somebody for an approval."""
    asked = {role.answers for role in _roles().values()}
    return frozenset(name for name, role in _roles().items() if role.waits_for == "approver" and name in asked)


@cache
def known_from(attribute: str) -> str | None:
    """Return the activity before which an attribute, or the words of a number of days, is not known yet."""
    since = {a.id: a.known_from for a in attributes()}
    return since.get(attribute) or since.get(f"{attribute}_days")


@cache
def lever(attribute: str) -> bool | None:
    """Return whether somebody can change an attribute, or one only lives with it; None where nothing is known of it."""
    known = {a.id: a.lever for a in attributes()}
    if attribute in known:
        return known[attribute]
    words, name = _yaml()["levers"], _plain_name(attribute)
    return True if name in words["lever"] else False if name in words["circumstance"] else None


def decides(attribute: object, rule: str | None, step: Sequence[str] | None, problem: str) -> str:
    """Return who decides about a lever, as `decider` says it: by its attribute, its rule, the step it is in, else the problem."""
    of = {what: id for id, each in _yaml()["deciders"].items() for what in each["of"]}
    names = attribute if isinstance(attribute, list) else [attribute]
    asked: list[object] = [name for each in names if each for name in (each, _plain_name(str(each)))]
    if step is not None:
        asked += ["approver"] if whose_move(step[-1]) == "approver" else [phase_of(step[-1])]
    return str(next((of[each] for each in (*asked, rule, problem) if each in of), "operations"))


def decider(id: str, lang: str = "en") -> str:
    """Say who decides: `head of sales`."""
    return str(_yaml()["deciders"][id][lang])


def _plain_name(name: str) -> str:
    return name.casefold().replace("_", " ").strip()


@cache
def closings() -> tuple[str, ...]:
    """Return the activities that close a deal: won, lost."""
    return tuple(a.en for a in activities() if a.phase == "decision")


@cache
def document_steps() -> tuple[tuple[str, str], ...]:
    """Return the steps in the life of each kind of document: `(Quote Sent, Quote Accepted)`."""
    stations = [(role.document, name) for name, role in _roles().items() if role.document]
    kinds = dict.fromkeys(kind for kind, _ in stations)
    return tuple(step for kind in kinds for step in pairwise(name for of, name in stations if of == kind))


@cache
def begins() -> dict[str, str]:
    """Return for each later station in the life of a document the one that begins it: `Order Fulfilled`, `Sales Order Created`."""
    first: dict[str, str] = {}
    stations = [(role.document, name) for name, role in _roles().items() if role.document]
    return {name: first[kind] for kind, name in stations if first.setdefault(kind, name) != name}


@cache
def orderly() -> tuple[tuple[str, str], ...]:
    """Return pairs of activities of which the first cannot come later in one deal."""
    before = {name: (*role.after, role.answers) for name, role in _roles().items()}
    return tuple((first, name) for name, others in before.items() for first in others if first)


OWN_TEAM, NO_ROLE = "own_team", Role()


@cache
def _roles() -> dict[str, Role]:
    """Map the activities, in process order, and then the events beside them to their roles."""
    things: tuple[Activity | Word, ...] = (*activities(), *_words())
    return {thing.en: thing for thing in things if thing.phase}


def beside() -> tuple[Word, ...]:
    """Return the events beside the activities: words that have a phase."""
    return tuple(word for word in _words() if word.phase)


@cache
def _words() -> tuple[Word, ...]:
    return tuple(_made(Word, entry) for entry in _yaml()["words"])


@cache
def _phases() -> dict[str, str]:
    return {word.en: word.phase for word in _words() if word.phase} | {a.en: a.phase for a in activities()}


@cache
def _labels() -> dict[str, tuple[str, str]]:
    named: Iterable[Any] = (*_words(), *phases(), *columns(), *measures().values(), *attributes(), *activities())
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


def entries(part: str) -> Any:
    """Return a part of the file as it stands there."""
    return _yaml()[part]


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
