"""What does a text from elsewhere mean: a header, an activity, a stage, a name, a yes or a no?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache

from l2c.words.stages import stage_outcome as stage_outcome
from l2c.words.vocabulary import activities, attributes, beside, entries, phase_of

CLOSE = "Closed Won|Closed Lost"
"""What a close date stands for until the stage or the won flag of its row decides."""


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
    won flag of the row decides; `Stage: …` for the day on which a deal entered a stage that is no activity of the
    vocabulary; None for any other column, such as a due date or the day of the last change.
    """
    index = _date_index()
    return next((index[form] for form in _forms(header) if form in index), None) or _entered(header)


def _entered(header: str) -> str | None:
    """The stage that a deal entered on the days of a column: `Date entered "Contract Sent (Sales Pipeline)"`."""
    text = unicodedata.normalize("NFKC", header).strip()
    if len(text) > 500:
        return None
    for form in _stage_dates():
        if found := form.fullmatch(_OWNER.sub("", text)):
            label = re.sub(r"\s*\([^()]*\)\s*$", "", found[1].strip(_QUOTES)).strip(_QUOTES).replace("_", " ")
            if re.search(r"[^\W\d_]", label) and normalise(label) not in _NO_STAGE:
                return match_activity(f"Stage: {label}") or f"Stage: {label}"
    return None


_QUOTES = " \"'“”„«»「」『』:"
_NO_STAGE = {"stage", "currentstage", "pipeline", "current", "by", "date"}


@cache
def _stage_dates() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(str(form), re.IGNORECASE) for form in entries("date_words")["stages"])


def match_state(header: str) -> str | None:
    """Find what a column tells in a table of states of deals: `looked`, `changed`, `from`, `to`, `field`, `line` …, or None.

    The words stand under `states` in the vocabulary, which says what each means.
    """
    index = _state_index()
    return next((index[form] for form in _forms(header) if form in index), None)


def person_attributes() -> tuple[str, ...]:
    """Return the attributes that hold names of people."""
    return tuple(entries("people")["attributes"])


@cache
def is_person(name: str) -> bool:
    """Tell whether a column, by its name, holds names of people: `rep`, `Account Manager`, `承認者`."""
    people = entries("people")
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
def is_close_date(name: str) -> bool:
    """Tell whether a column, by its name, holds the day on which a deal is to be closed, or was."""
    known = ("close_date", *entries("close_dates"), *entries("abroad")["closed"], *entries("promised_dates"))
    return _key(name) in set(map(_key, known))


@cache
def truth_words() -> dict[str, bool]:
    """Return what yes and no are called, keyed by the `normalise`d word."""
    words = entries("truth")
    return {normalise(str(w)): value for value, key in ((True, "yes"), (False, "no")) for w in words[key]}


def normalise(text: str) -> str:
    """Reduce a text to what counts when names are compared.

    Returns
    -------
    The text in NFKC and casefolded, without spaces, punctuation, control characters, currency signs, and the arrow
    of a sorted column. Signs such as ○ and × stay: they are words in a Japanese list.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    bare = "".join(c for c in folded if not unicodedata.category(c).startswith(_DROPPED))
    return bare.strip(_ARROWS) or bare


def without_arrow(header: str) -> str:
    """Return a header without the arrow that says by which column a report is grouped or sorted: `Stage  ↑` is Stage."""
    bare = header.strip(_ARROWS + "\ufe0e\ufe0f \t\u3000\u00a0")
    return bare if bare and bare != header.strip() else header


# Unicode categories: control, punctuation, spaces, currency signs, marks without a width of their own.
_DROPPED = ("C", "P", "Z", "Sc", "Mn")
_ARROWS = "↑↓⬆⬇⇧⇩⭡⭣▲▼🔼🔽"


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
    for ending in entries("done"):
        if form.endswith(ending) and len(form) > len(ending):
            yield form.removesuffix(ending)


def _matches(header: str) -> tuple[tuple[str, bool], ...]:
    for form in _forms(header):
        if found := _attribute_index().get(form):
            return found
    return ()


@cache
def _spellings() -> tuple[tuple[str, str], ...]:
    return tuple((normalise(said), normalise(meant)) for said, meant in entries("spellings").items())


@cache
def _attribute_index() -> dict[str, tuple[tuple[str, bool], ...]]:
    """Map what headers are looked up by to (attribute, strong), strong ones first."""
    found: dict[str, dict[str, bool]] = {}
    for strong in (True, False):
        for a in attributes():
            abroad = entries("abroad")["attributes" if strong else "weak"].get(a.id, ())
            for name in (*((a.id, a.en, a.ja, *a.aliases) if strong else a.weak), *abroad):
                found.setdefault(_key(name), {}).setdefault(a.id, strong)
    for name in entries("abroad")["created"]:
        found.setdefault(_key(name), {}).setdefault("time", False)
    return {key: tuple(ids.items()) for key, ids in found.items()}


@cache
def _activity_index() -> dict[str, str]:
    # An event beside the activities keeps its English name as any name is kept.
    names = ((word.en, (word.en, word.ja, *word.aliases) if word.aliases else (word.ja,)) for word in beside())
    index = {_key(name): english for english, known in names for name in known}
    return index | {_key(name): a.en for a in activities() for name in (a.id, a.en, a.ja, *a.aliases)}


@cache
def _date_index() -> dict[str, str]:
    """Map headers of date columns to activities: those listed, then what follows from the activities' names."""
    index = {_key(name): CLOSE for name in (*entries("close_dates"), *entries("abroad")["closed"])}
    index |= {_key(name): "Opportunity Created" for name in entries("abroad")["created"]}
    index |= {_key(name): a.en for a in activities() for name in a.date_aliases}
    words = entries("date_words")
    alone = {_key(name) for name in words["not_alone"]}
    for a in activities():
        own = [_key(name) for name in (a.id, a.en, a.ja)]
        # An alias alone ("Paid", "Won") is more often a flag than a date; with "Date" beside it, it is one.
        for name in (*own, *(_key(alias) for alias in a.aliases)):
            dated = [name + _key(w) for w in words["after"]] + [_key(w) + name for w in words["before"]]
            for key in (*dated, name) if name in own and name not in alone else dated:
                index.setdefault(key, a.en)
    return index


@cache
def _state_index() -> dict[str, str]:
    roles = ("line", "silent", "by", "new", "old", "field", "to", "from", "entered", "changed", "perhaps", "looked")
    return {_key(name): role for role in roles for name in map(str, entries("states")[role])}
