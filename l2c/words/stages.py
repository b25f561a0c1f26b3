"""Does the label of a stage say that a deal was won or lost?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Literal, NamedTuple

from l2c.words.vocabulary import entries

Outcome = Literal["won", "lost"]
WON: Outcome = "won"
LOST: Outcome = "lost"


class Label(NamedTuple):
    """What a label says.

    Attributes
    ----------
    outcome
        `won`, `lost`, or None for a stage in which a deal is open, or of which the label does not tell.
    why
        `word`: a word for it; `rule`: given up without a decision (dead, duplicate), which counts as lost; `waiting`: put off, and so
        open; `closed`: closed, and it does not say how; empty for any other label.
    """

    outcome: Outcome | None
    why: Literal["word", "rule", "waiting", "closed", ""]


def stage_outcome(text: str) -> Outcome | None:
    """Tell whether a stage's label means won or lost; None for any other stage."""
    return stage_label(text).outcome


@lru_cache(maxsize=10_000)
def stage_label(text: str) -> Label:
    """Tell what a stage's label says, in the languages of the vocabulary.

    Parameters
    ----------
    text
        As it stands in the source. Numbers, percents, brackets and words for "deal" or "closed" may stand around the word that says
        it, and a reason after it: `7 - Closed Won (100%)`, `Geschlossen/verloren`, `Lost - no budget`.
    """
    if len(text) > 200:  # no name of a stage
        return Label(None, "")
    parts = [part for part in map(_words, _SEPARATORS.split(_joined().sub(r"\1 - ", _folded(text)))) if part]
    whole = [" ".join(part) in _lists()["given_up"] for part in parts]
    said = [None if given_up else _said(part) for part, given_up in zip(parts, whole, strict=True)]
    found = {each for each in said if each}
    told = [part for part, given_up in zip(parts, whole, strict=True) if not given_up and not _of_rivals(part)]
    stray = {kind for part in told for kind in map(_kind, part) if kind in (WON, LOST)}
    if len(found) == 1 and stray <= found:
        (outcome,) = found
        # A reason says nothing against what is closed; "won (verbally)" and "lost, won back" are not over.
        beside = {kind for part, each in zip(parts, said, strict=True) if not each for kind in map(_kind, part)}
        undone = {"again"} | ({"hoped"} if outcome == WON and not _shut(parts) else set())
        return Label(None, "") if beside & undone else Label(outcome, "word")
    if found or stray:
        return Label(None, "")
    return _given_up(parts)


def outcome_word(text: str) -> str | None:
    """Tell what a cell of a column of results says: `won`, `lost` or `open`; None for anything else, a yes and a no too."""
    bare = [word for word in _words(_folded(text)) if not re.fullmatch(r"[a-z]?\d+", word)]
    return stage_outcome(text) or ("open" if " ".join(bare) in _lists()["open"] else None)


def closes(activity: str) -> Outcome | None:
    """Tell whether an activity is named like a stage in which a deal is won or lost: `7 - Closed Won`, `Verloren (Preis)`."""
    label = stage_label(activity)
    words = set(re.findall(r"\w+", _folded(activity)))
    plain = not words & (_lists()["things"] | _NO_DEAL)
    return label.outcome if label.why == "word" and plain else None


def _given_up(parts: list[list[str]]) -> Label:
    """A label without a word for won or lost."""
    rest = [[word for word in part if _kind(word) != "beside"] for part in parts]
    at = next((at for at, part in enumerate(rest) if part), None)
    words = _lists()
    for first in () if at is None else (parts[at], rest[at]):
        for many in range(len(first), 0, -1):
            name, goes_on = " ".join(first[:many]), first[many:]
            if goes_on and _kind(goes_on[0]) != "because":
                continue
            if name in words["given_up"]:
                return Label(LOST, "rule")
            if name in words["waiting"] and not _shut(parts):
                return Label(None, "waiting")
    return Label(None, "closed" if _shut(parts) else "")


def _shut(parts: list[list[str]]) -> bool:
    """Whether a word says that the deal is closed."""
    return any(word in _lists()["closed"] for part in parts for word in part)


def _said(part: list[str]) -> Outcome | None:
    """What one part of a label says: `closed lost`, `lost to a competitor`; None for `not lost yet`, `win plan`."""
    kinds = [_kind(word) for word in part]
    ends: set[Outcome] = {kind for kind in kinds if kind in (WON, LOST)}
    if _of_rivals(part):
        return LOST
    if len(ends) != 1:
        return None
    (outcome,) = ends
    at = kinds.index(outcome)
    before, after = kinds[:at], kinds[at + 1 :]
    if set(before) - {"beside", "because"}:
        return None
    if set(after) <= {"beside", outcome}:
        return outcome
    if {"hoped", "again"} & set(after):
        return None
    closed = any(word in _lists()["closed"] for word in part[:at])
    because = after[0] == "because" and (outcome == LOST or part[at + 1] in _lists()["with"])
    return outcome if closed or because else None


def _of_rivals(part: list[str]) -> bool:
    """Whether a part says that a competitor has won."""
    words = _lists()
    for word in part:
        # Where no spaces stand between words.
        if not word.isascii() and any(r in word for r in words["rival"]) and any(w in word for w in words[WON]):
            return True
    has = {kind for word in part for kind in (_kind(word),)}
    return WON in has and any(word in words["rival"] for word in part) and not set(part) & words["against"]


def _kind(word: str) -> str:
    """What a word does in a label; empty where it is none of those that count."""
    words = _lists()
    for kind in (WON, LOST, "hoped", "again", "because", "beside"):
        if word in words[kind]:
            return kind
    if word in words["closed"] or re.fullmatch(r"[a-z]?\d+[a-z]?|[a-z]|[ivx]+", word):
        return "beside"
    return "" if word.isascii() else _written_together(word)


def _written_together(word: str) -> str:
    """The kind of a word of a language without spaces: 已关闭并赢单 is 赢单 with words for "closed" around it."""
    words = _lists()
    pieces = words["closed"] | words["beside"]
    bare, last = word, ""
    while bare and bare != last:
        last = bare
        for kind in (WON, LOST):
            if bare in words[kind]:
                return kind
        ends = [piece for piece in pieces if not piece.isascii() and (bare.startswith(piece) or bare.endswith(piece))]
        if ends:
            piece = max(ends, key=len)
            bare = bare.removeprefix(piece) if bare.startswith(piece) else bare.removesuffix(piece)
    if not bare:
        return "beside"
    return next((k for k in ("hoped", "again") if any(not w.isascii() and w in word for w in words[k])), "")


# What many things do that are no deals.
_NO_DEAL = {"failed", "success", "successful", "successfully", "unsuccessful"}
# What stands between the parts of a label: a dash between spaces, a slash, a bracket; a dash within a word joins.
_SEPARATORS = re.compile(r"[()\[\]{}/\\|:;,、・·•>→=]|\s[-–—~]+(?:\s|$)|(?:^|\s)[-–—~]+\s|(?<=\d)[-–—.)]|[–—]")
_PERCENT = re.compile(r"\d+(?:[.,]\d+)?\s*%")


def _folded(text: str) -> str:
    """A text without case, width and accents; an accent that makes another letter of Japanese stays."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=\d)(?=[A-Z][a-z])", " ", unicodedata.normalize("NFKC", text))
    wide = re.sub(r"(?<=[^\W\d])_|_(?=\d)", "-", apart).replace("_", " ").casefold()
    wide = re.sub(r"(?<=\d)(?=[^\W\d_a-z])", " ", wide)
    letters = (unicodedata.normalize("NFD", c)[0] for c in wide)
    plain = "".join(a if a.isascii() else c for a, c in zip(letters, wide, strict=True))
    return _PERCENT.sub(" ", plain)


def _words(part: str) -> list[str]:
    """The words of a part, phrases of the vocabulary as the one word they stand for."""
    text = " ".join(re.findall(r"[\w'’&]+", part))
    for phrase, kind in _phrases():
        if phrase in text:
            text = re.sub(rf"(?<!\w){re.escape(phrase)}(?!\w)", kind, text)
    return text.split()


@cache
def _lists() -> dict[str, frozenset[str]]:
    """The words of each kind, folded; phrases only where a whole label is looked up."""
    whole = ("given_up", "waiting", "open")
    found = {kind: _all(words) for kind, words in entries("stages").items()}
    found = {k: v if k in whole else frozenset(w for w in v if " " not in w) for k, v in found.items()}
    return found | {WON: found[WON] | {WON}, LOST: found[LOST] | {LOST}, "because": found["because"] | found["with"]}


@cache
def _joined() -> re.Pattern[str]:
    """A word that says it, joined to what follows by a dash: `lost-price`; but not `win-plan`."""
    words = (_lists()[WON] | _lists()[LOST]) - _lists()["nouns"]
    return re.compile(rf"(?<!\w)({'|'.join(map(re.escape, sorted(words, key=len, reverse=True)))})-(?=\w)")


@cache
def _phrases() -> tuple[tuple[str, str], ...]:
    """Phrases that say won or lost, the longest first."""
    found = [(word, kind) for kind in (WON, LOST) for word in _all(entries("stages")[kind]) if " " in word]
    return tuple(sorted(found, key=lambda pair: (-len(pair[0]), pair)))


def _all(words: Iterable[str]) -> frozenset[str]:
    return frozenset(" ".join(re.findall(r"[\w'’&]+", _folded(str(word)))) for word in words)
