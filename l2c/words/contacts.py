"""What do people call a call, an e-mail, a meeting, and one that reached nobody or did not take place?"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from l2c.words.vocabulary import words

KINDS = CALL, EMAIL, MEETING = ("call", "email", "meeting")


def of_type(text: str) -> str | None:
    """The kind of contact that a type names, with whatever words around it: `Outbound Phone Call`."""
    return next((kind for kind in KINDS if _anywhere(f"kinds.{kind}").search(text)), None)


def of_subject(text: str) -> str | None:
    """The kind of contact that a subject begins with (`Call with Kim`) or, where one writes so, ends with (`A社訪問`)."""
    return next((kind for kind in KINDS if _at_an_end(f"kinds.{kind}", at_end=False).search(text)), None)


def says(what: str, text: str) -> bool:
    """Whether a text says that something was `internal`, `inbound`, `missed`, or begins or ends with `cancelled`."""
    shape = _at_an_end(what, at_end=True) if what == "cancelled" else _anywhere(what)
    return shape.search(text) is not None


@cache
def _anywhere(path: str) -> re.Pattern[str]:
    return re.compile("|".join(_bounded(word) for word in _longest(path)), re.IGNORECASE)


@cache
def _at_an_end(path: str, *, at_end: bool) -> re.Pattern[str]:
    """Words at the beginning, set off from what follows; at the end those that are written without spaces, or any."""
    every = list(_longest(path))
    begins = rf"^[\W_]*(?:{'|'.join(map(re.escape, every))})(?![\w])"
    last = [word for word in every if at_end or not _is_spaced(word)]
    ends = rf"(?:{'|'.join(_bounded(word) for word in last)})[\W_]*$"
    return re.compile(f"{begins}|{ends}" if last else begins, re.IGNORECASE)


def _bounded(word: str) -> str:
    return rf"(?<![^\W\d_]){re.escape(word)}(?![^\W\d_])" if _is_spaced(word) else re.escape(word)


def _is_spaced(word: str) -> bool:
    """Whether a word is of a language that sets spaces between words."""
    return not re.search(r"[぀-ヿ一-鿿가-힯]", word)


def _longest(path: str) -> Iterable[str]:
    found: Any = words("contacts.yaml")
    for part in path.split("."):
        found = found[part]
    return sorted(map(str, found), key=lambda word: (-len(word), word))
