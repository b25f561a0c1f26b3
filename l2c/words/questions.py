"""Which question that has an answer is meant by what somebody typed? Words are compared; no model reads them."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Container
from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml

# Words that nearly every question has say nothing of which one it is.
_EMPTY = """
a about after an and any are as at be been before by can could did do does doing for from get give had has have how i
if in is it its like many me much my of on or our please see show so tell that the their them there they this to us
was we were what when which will with would you your
"""
_WORD = re.compile(r"[a-z0-9]+")
# Japanese without its particles and endings.
_RUN = re.compile(r"[\u30a0-\u30ff\u3400-\u9fff々ー]+")
# Of what was typed, so much has to be met by a question.
_ENOUGH = 0.3


@dataclass(frozen=True)
class Question:
    """A question, and where its answer stands.

    Attributes
    ----------
    pages, parts
        Ids of pages, and names of what `show` draws on them, the best first.
    also
        Other words by which people mean the same.
    """

    id: str
    pages: tuple[str, ...]
    parts: tuple[str, ...]
    en: str
    ja: str
    also: tuple[str, ...]

    def said(self, lang: str) -> str:
        """The question in a language."""
        return self.ja if lang == "ja" else self.en

    def page(self, there: Container[str]) -> str | None:
        """The first of its pages that is there."""
        return next((page for page in self.pages if page in there), None)


@cache
def questions() -> tuple[Question, ...]:
    """Every question that has an answer."""
    raw = yaml.safe_load(resources.files("l2c.words").joinpath("questions.yaml").read_text("utf-8"))
    return tuple(
        Question(
            each["id"], tuple(each["page"]), tuple(each["part"]), each["en"], each["ja"], tuple(map(str, each["also"]))
        )
        for each in raw
    )


def meant(text: str, there: Container[str], most: int = 6) -> list[Question]:
    """The questions that a text may mean, the likeliest first; none where it is like none of them.

    Parameters
    ----------
    text
        What was typed, in English or Japanese.
    there
        The pages that there are; questions about others have no answer.
    most
        How many at most.

    Notes
    -----
    Words weigh by how few questions have them (inverse document frequency); what the question itself says weighs twice what
    is meant as well.
    """
    typed = _tokens(text)
    if not typed:
        return []
    rare = _rarity()
    unknown = max(rare.values())
    total = sum(rare.get(token, unknown) for token in typed)
    found = []
    for place, (each, own, also) in enumerate(_known()):
        met = sum(rare.get(token, 0) * (1.0 if token in own else 0.7 if token in also else 0.0) for token in typed)
        if met / total >= _ENOUGH and each.page(there):
            # Of two that say the same, the one that says less besides.
            found.append((-met / math.sqrt(1 + 0.1 * len(own)), place, each))
    return [each for *_, each in sorted(found, key=lambda found: found[:2])[:most]]


@cache
def _known() -> tuple[tuple[Question, frozenset[str], frozenset[str]], ...]:
    return tuple(
        (each, frozenset(_tokens(f"{each.en} {each.ja}")), frozenset(_tokens(" ".join(each.also))))
        for each in questions()
    )


@cache
def _rarity() -> dict[str, float]:
    """How much a word tells: the fewer questions have it, the more."""
    counts = Counter(token for _, own, also in _known() for token in own | also)
    return {token: math.log(1 + len(_known()) / n) for token, n in counts.items()}


def _tokens(text: str) -> set[str]:
    """What a text is compared by: stems of English words, pairs of Japanese signs."""
    plain = unicodedata.normalize("NFKC", text[:500]).casefold()
    words = {_stem(word) for word in _WORD.findall(plain) if word not in _EMPTY.split()}
    runs = _RUN.findall(plain)
    return words | {run[k : k + 2] for run in runs for k in range(max(len(run) - 1, 1))}


def _stem(word: str) -> str:
    """A word without its ending: `deals`, `paying`, `delayed` are `deal`, `pay`, `delay`."""
    irregular = {
        "won": "win",
        "wins": "win",
        "lost": "lose",
        "loss": "lose",
        "losing": "lose",
        "paid": "pay",
        "stuck": "stick",
        "slower": "slow",
    }
    if word in irregular:
        return irregular[word]
    for ending, kept in (("ies", "y"), ("ing", ""), ("ed", ""), ("est", ""), ("s", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            word = word.removesuffix(ending) + kept
            break
    # `closing` and `close`.
    return word.removesuffix("e")
