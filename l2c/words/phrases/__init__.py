"""Every phrase of charts, cards and panels, in English and Japanese; a file per topic lies beside this one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib import resources

import yaml

from l2c.words.errors import UnknownName

LANGUAGES = ("en", "ja")


def _read() -> dict[str, tuple[str, str]]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    files = sorted(path.name for path in resources.files(__name__).iterdir() if path.name.endswith(".yaml"))
    topics = [yaml.load(resources.files(__name__).joinpath(name).read_text("utf-8"), loader) for name in files]
    return {key: (both["en"], both["ja"]) for topic in topics for key, both in topic.items()}


PHRASES = _read()
"""Name: (English, Japanese). What stands in braces is filled in, already formatted, by `say`."""


def language(lang: str) -> str:
    """Return `lang` if the kit speaks it.

    Raises
    ------
    UnknownName
        For any other language than en and ja.
    """
    if lang not in LANGUAGES:
        raise UnknownName.metric(lang, LANGUAGES)
    return lang


def say(phrase: str, lang: str = "en", **values: object) -> str:
    """Fill a phrase of the interface: its English or Japanese wording with the values (already formatted) put in.

    Of a choice such as `{n} [n?row is|rows are]` the first form is taken where that value is 1.
    """
    wording = PHRASES[phrase][LANGUAGES.index(language(lang))]
    return _CHOICE.sub(lambda found: found[2 if str(values[found[1]]) == "1" else 3], wording).format(**values)


def named(name: object, said: object, lang: str = "en") -> str:
    """What is said of something: `Region: EMEA`, `地域：EMEA`."""
    return say("named", lang, name=name, said=said)


def bracketed(said: object, more: object, lang: str = "en") -> str:
    """What is said, and more of it in brackets."""
    return say("bracketed", lang, said=said, more=more)


def series(said: Iterable[str], lang: str = "en") -> str:
    """What belongs together, one after the other: `a; b`, `a；b`."""
    return ("；" if language(lang) == "ja" else "; ").join(filter(None, said))


def sentences(said: Iterable[str], lang: str = "en") -> str:
    """Sentences one after the other; Japanese ones have no space between them."""
    return ("" if language(lang) == "ja" else " ").join(filter(None, said))


_CHOICE = re.compile(r"\[(\w+)\?([^|\]]*)\|([^\]]*)\]")
