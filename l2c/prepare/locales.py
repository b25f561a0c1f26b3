"""What are months, weekdays and halves of the day called, from Tokyo to Lisbon?

The words are those of Unicode's CLDR, which Babel carries; Excel, Java and browsers take theirs from the same source.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel import Locale

LANGUAGES = [
    "en",
    "en_GB",
    "en_AU",
    "en_CA",
    "de",
    "de_AT",
    "fr",
    "fr_CA",
    "es",
    "es_MX",
    "pt",
    "pt_PT",
    "it",
    "nl",
    "sv",
    "da",
    "nb",
    "nn",
    "fi",
    "pl",
    "cs",
    "sk",
    "hu",
    "tr",
    "ru",
    "uk",
    "ja",
    "zh",
    "zh_Hant",
    "ko",
    "vi",
    "th",
    "el",
    "ro",
    "hr",
    "sl",
    "bg",
    "id",
    "ms",
    "ca",
    "et",
    "lv",
    "lt",
    "ar",
    "he",
    "hi",
]
# Older programs and people write these beside what CLDR has.
_MORE_MONTHS = {
    "mrz": 3, "mär": 3, "sept": 9, "sett": 9, "feber": 2, "jänner": 1, "janv": 1, "févr": 2, "fevr": 2, "avr": 4,
    "juil": 7, "déc": 12, "set": 9, "out": 10, "ene": 1, "dic": 12, "abr": 4, "ago": 8, "agto": 8, "мая": 5, "сент": 9,
    "нояб": 11, "фев": 2, "окт": 10, "márc": 3, "szept": 9, "máj": 5,
}  # fmt: skip
_HALVES = {
    "am": ("am", "a.m.", "a. m.", "午前", "上午", "凌晨", "清晨", "早上", "오전", "sáng"),
    "pm": ("pm", "p.m.", "p. m.", "午後", "下午", "오후", "chiều", "tối"),
    "noon": ("中午",),
    "night": ("晚上",),
}
_FILLERS = [
    "de",
    "del",
    "den",
    "der",
    "le",
    "el",
    "la",
    "the",
    "of",
    "on",
    "at",
    "um",
    "à",
    "as",
    "às",
    "klo",
    "kl",
    "alle",
    "ore",
    "lúc",
    "ngày",
    "năm",
    "vào",
    "в",
    "o",
    "v",
    "ve",
    "г",
    "год",
    "года",
    "р",
    "uhr",
    "hrs",
    "hr",
    "t",
    "น",
    "เวลา",
    "วันที่",
    "ค.ศ",
    "พ.ศ",
    "พุทธศักราช",
    "คริสต์ศักราช",
    "ad",
    "ce",
    "n.chr",
    "ngày",
    "den.",
    "em",
    "dia",
    "d",
    "m",
    "gada",
]


def bare(word: str) -> str:
    """A word as it is looked up: in NFKC, without case and without the dots around it."""
    # A capital I with a dot falls apart into two characters.
    return unicodedata.normalize("NFKC", word).casefold().replace("i̇", "i").strip(" .'’")


@cache
def months() -> dict[str, dict[str, int]]:
    """Return the months by their names and abbreviations: `{word: {language: 1 to 12}}`."""
    found: dict[str, dict[str, int]] = {}
    for language, names, numbers in _named("months"):
        for number, name in zip(numbers, names, strict=True):
            for form in _endings(bare(name)):
                if not re.search(r"\d", form):
                    found.setdefault(form, {})[language] = number
    for name, number in _MORE_MONTHS.items():
        found.setdefault(name, {})[""] = number
    return found


@cache
def weekdays() -> frozenset[str]:
    """Return the names and abbreviations of weekdays."""
    return frozenset(form for _, names, _ in _named("days") for name in names for form in _endings(bare(name)))


@cache
def halves() -> dict[str, str]:
    """Return what stands for the halves of the day, as patterns: `{pattern: "am", "pm", "noon" or "night"}`."""
    found = {form: half for half, forms in _HALVES.items() for form in forms}
    for locale in _locales():
        for widths in locale.day_periods.get("format", {}).values():
            for half in ("am", "pm"):
                # One letter is told only by the digits before it.
                if len(bare(name := widths.get(half) or "")) > 1 or (name and not name.isascii()):
                    found[unicodedata.normalize("NFKC", name).casefold()] = half
    patterns = {_loose(form): half for form, half in found.items()}
    return dict(sorted(patterns.items(), key=lambda each: -len(each[0])))


@cache
def fillers() -> frozenset[str]:
    """Return the words that stand between the parts of a date and say nothing: `de`, `um`, `kl`."""
    found = {bare(word) for word in _FILLERS}
    for locale in _locales():
        patterns = [str(p) for part in (locale.date_formats, locale.datetime_formats) for p in part.values()]
        found |= {bare(word) for pattern in patterns for word in re.findall("'([^'0-9]+)'", pattern)}
        found |= {bare(era) for names in locale.eras.values() for number, era in names.items() if number == 1}
    return frozenset(found)


@cache
def _locales() -> list[Locale]:
    from babel import Locale

    return [Locale.parse(language) for language in LANGUAGES]


def _named(kind: str) -> Iterable[tuple[str, list[str], list[int]]]:
    for locale in _locales():
        language = str(locale).partition("_")[0]
        for widths in getattr(locale, kind).values():
            for width in ("wide", "abbreviated", "short"):
                if names := widths.get(width):
                    yield language, list(names.values()), [int(n) for n in names]


def _endings(word: str) -> set[str]:
    """A word with and without the signs that people leave out."""
    plain = "".join(c for c in unicodedata.normalize("NFD", word) if unicodedata.category(c) != "Mn" or ord(c) > 0x36F)
    return {word, unicodedata.normalize("NFC", plain), word.replace(".", "")}


def _loose(form: str) -> str:
    """`a. m.` as a pattern that allows for its dots and spaces; whole words only, where words have ends."""
    letters = [re.escape(c) for c in form if c not in " .\u202f\xa0"]
    loose = r"\.?\s?".join(letters) + r"\.?" if "." in form else r"\s".join(map(re.escape, form.split()))
    if max(form) > "\u2fff" or (max(form) > "\u0dff" and max(form) < "\u0e80"):
        return loose
    return rf"(?<![^\W\d_]){loose}(?![^\W\d_])"
