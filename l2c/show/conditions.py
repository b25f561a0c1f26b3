"""How is a filter in force said in a few words?"""

from __future__ import annotations

import re

from l2c.show import numbers
from l2c.words import vocabulary
from l2c.words.days import day_hours
from l2c.words.phrases import PHRASES, say


def condition(word: str, text: str, lang: str = "en") -> str:
    """Say a filter in force, as `EventLog.filters` has it, in a few words: `Region: EMEA`, `with Quote Sent`."""
    parts = [part.strip() for part in re.split(r" … | > ", text)]
    names = [vocabulary.label(part, lang) for part in (parts if word in _OF_STEPS else text.split(", "))]
    if word == "slower" and len(parts) > 2:
        return say("chip.slower", lang, step=" → ".join(names[:-1]), days=_limit(parts[-1], lang))
    if f"chip.{word}" in PHRASES and word != "slower":
        listed = " → ".join(names) if word in _OF_STEPS else ", ".join(names)
        return say(f"chip.{word}", lang, step=listed, activity=listed, value=text)
    if word == "outcome":
        said = [say(f"outcome.{part}", lang) if f"outcome.{part}" in PHRASES else part for part in text.split(", ")]
        return f"{say('filters.outcome', lang)}: {', '.join(said)}"
    flags = {"True": say("yes", lang), "False": say("no", lang), "(missing)": say("filters.missing", lang)}
    return f"{vocabulary.label(word, lang)}: {', '.join(flags.get(part, part) for part in text.split(', '))}"


def _limit(days: str, lang: str) -> str:
    """Days as they were given."""
    if day_hours() is not None:
        return say("working.days", lang, n=days)
    return f"{days}{numbers.TIME['day'][lang == 'ja']}"


_OF_STEPS = ("follows", "not_follows", "eventually", "slower")
