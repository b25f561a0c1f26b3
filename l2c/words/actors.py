"""Who did it: a person, an automation or an AI agent? And does an activity turn to anybody, or only keep a record?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import Any

from l2c.words.matching import match_activity, normalise
from l2c.words.vocabulary import entries, phase_of, records

PERSON, AUTOMATION, AGENT = "person", "automation", "agent"
KINDS = (PERSON, AUTOMATION, AGENT)


@cache
def kind_of(name: str) -> str:
    """Tell by its name who a performer is; whoever has no name of a machine is a person.

    Parameters
    ----------
    name
        As it stands in the log: `Sato`, `Routing Bot`, `自動割当`, `Agentforce SDR`.

    Notes
    -----
    Words that are names of people too (Ai, Flow, Web) tell a machine only where nothing but such words stands beside
    them: `Flow User` is one, `Flow Smith` is not.
    """
    words = _words_of(name)
    text = " ".join(words)
    # An agent's name often says Bot too.
    for kind in (AGENT, AUTOMATION):
        said = entries("actors")[kind]
        if set(words) & set(said["words"]) or _among(text, said["phrases"]) or _named(name, words, said["names"]):
            return kind
        if not name.isascii() and any(_part(name, str(part)) for part in said["parts"]):
            return kind
    return PERSON


@cache
def kind_said(text: str) -> str | None:
    """Which kind a source or a mapping means: `bot`, `AutomatedProcess`, `人`; None where that is no kind."""
    return next((kind for kind in KINDS if normalise(text) in _said(kind)), None)


def kind_of_user(user_type: str | None, profile: str | None) -> str | None:
    """Which kind a user of Salesforce is by its type and its profile; None where they say nothing."""
    for kind in (AGENT, AUTOMATION):
        said = entries("actors")[kind]
        if user_type in said["users"]:
            return kind
        folded = (profile or "").casefold()
        if any(str(word) in folded for word in said["profiles"]):
            return kind
    return None


@cache
def keeps_record(activity: str) -> bool:
    """Tell whether an activity only keeps a record (created, assigned, scored): nobody has turned to anybody by it."""
    known = activity if phase_of(activity) is not None else match_activity(activity)
    if known is not None:
        return known in records()
    text = " ".join(_words_of(activity))
    return any(
        _among(text, [mark]) if str(mark).isascii() else str(mark) in activity for mark in entries("actors")["marks"]
    )


def _words_of(name: str) -> tuple[str, ...]:
    """The words of a name, in small letters: `LeadRouter_Bot2` is `lead router bot`."""
    # Of an address what stands before the sign: whoever works at Automation Inc. is a person.
    text = unicodedata.normalize("NFKC", name).partition("@")[0]
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    return tuple(word.casefold() for word in re.findall(r"[^\W\d_]+", apart))


def _among(text: str, phrases: Iterable[Any]) -> bool:
    return any(re.search(rf"(?:^| ){re.escape(str(phrase))}(?: |$)", text) is not None for phrase in phrases)


def _named(name: str, words: tuple[str, ...], names: Iterable[Any]) -> bool:
    """Whether a name is one of some, with nothing beside it but words that people are not called."""
    alone, beside = normalise(name), set(entries("actors")["beside"])
    for said in map(str, names):
        if alone == normalise(said):
            # "Ai" is a name that many people bear.
            return not (said == "ai" and name.strip() == "Ai")
        parts = said.split()
        if set(parts) <= set(words) and len(words) > len(parts) and set(words) - set(parts) <= beside:
            return not (said == "ai" and "AI" not in name)
    return False


def _part(name: str, part: str) -> bool:
    """Whether a part stands in a name and tells no department or job of a person."""
    text = unicodedata.normalize("NFKC", name)
    place = text.find(part)
    return place >= 0 and not any(word in text[place + len(part) :] for word in entries("actors")["not"])


@cache
def _said(kind: str) -> frozenset[str]:
    return frozenset(normalise(str(word)) for word in (kind, *entries("actors")[kind]["said"]))
