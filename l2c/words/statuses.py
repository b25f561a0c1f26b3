"""What does the status of a record say: sent, paid, failed, or something that nobody knows?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import Any

from l2c.words import vocabulary

# So a rule names a state: `<sent>`, every word for it that is known.
STATE = re.compile(r"^<([a-z_ ]+)>$")
# A source that has no such field at all: it rules nothing out.
ABSENT = "<absent>"
_DROPPED = ("C", "P", "Z", "Sc", "Mn")
_NUMBER = re.compile(r"^\s*\d{1,2}\s*[-.):_]\s*|^\s*\d{1,2}\s+(?=\D)")


def states(text: str) -> frozenset[str]:
    """Find the states that a status names: `{sent, fulfilled}` for "Versendet"; none where nobody knows the word.

    Case, spaces, punctuation, accents and a number before the word (`3 - Sent`) do not count.
    """
    key = _key(text)
    return frozenset(_whole().get(key, ())) | {state for start, state in _starts() if key.startswith(start)}


def is_english(text: str) -> bool:
    """Tell whether a status is one of the English words, which need no telling how they were taken."""
    return _key(text) in _english()


def are(texts: Iterable[str], wanted: Iterable[str]) -> list[str]:
    """Return those of some texts that name one of the wanted states."""
    named = set(wanted)
    return [text for text in texts if named & states(text)]


def named(word: str) -> str | None:
    """Return the state that a word of a rule stands for: `sent` for `<sent>`; None for a word of its own."""
    found = STATE.match(word)
    return found[1].replace(" ", "_") if found and word != ABSENT else None


@cache
def all_states() -> tuple[str, ...]:
    """Return every state that words are known for."""
    return tuple(_yaml())


def _key(text: str) -> str:
    bare = _NUMBER.sub("", unicodedata.normalize("NFKC", text)) or text
    folded = unicodedata.normalize("NFKD", bare.casefold())
    return "".join(c for c in folded if not unicodedata.category(c).startswith(_DROPPED))


@cache
def _whole() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for state, rows in _yaml().items():
        for word in (str(word) for row in rows for word in row if not str(word).endswith("*")):
            found[_key(word)] = (*found.get(_key(word), ()), state)
    return found


@cache
def _starts() -> tuple[tuple[str, str], ...]:
    rows = ((state, str(word)) for state, rows in _yaml().items() for row in rows for word in row)
    return tuple((_key(word[:-1]), state) for state, word in rows if word.endswith("*"))


@cache
def _english() -> frozenset[str]:
    return frozenset(_key(str(word).rstrip("*")) for rows in _yaml().values() for word in rows[0])


def _yaml() -> dict[str, Any]:
    return vocabulary.words("statuses.yaml")
