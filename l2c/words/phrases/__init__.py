"""Every phrase of charts, cards and panels, in English and Japanese, one module per topic.

Name: (English, Japanese). What stands in braces is filled in, already formatted, by `say`.
"""

from __future__ import annotations

import re

from l2c.words.errors import UnknownName
from l2c.words.phrases import diagnosis, findings, general, kpis, live, objects, payments, process, quality, quotes

LANGUAGES = ("en", "ja")
_TOPICS = (general, process, kpis, quotes, payments, diagnosis, findings, live, quality, objects)
PHRASES: dict[str, tuple[str, str]] = {name: both for topic in _TOPICS for name, both in topic.PHRASES.items()}


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


_CHOICE = re.compile(r"\[(\w+)\?([^|\]]*)\|([^\]]*)\]")
