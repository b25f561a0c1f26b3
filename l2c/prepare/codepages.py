"""Which of the code pages that came before Unicode is a text written in?"""

from __future__ import annotations

import re
import unicodedata
from itertools import islice

from l2c.words.notes import Note

# What people call them; the codecs of Python by the names that chardet gives them.
NAMES = {
    "big5hkscs": "big5", "euc_jis_2004": "euc_jp", "koi8-r": "koi8_r", "koi8-u": "koi8_u", "iso8859-2": "iso-8859-2",
    "cp1252": "cp1252 (Latin-1)", "iso2022_jp_2": "iso2022_jp",
}  # fmt: skip
_SEVERAL_BYTES = ("cp932", "euc_jis_2004", "cp949", "gb18030", "big5hkscs")
_ONE_BYTE = (
    "cp1251", "koi8-r", "koi8-u", "cp1250", "iso8859-2", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257",
    "cp1258", "cp874",
)  # fmt: skip
_USUAL = ("cp1252", "koi8-r")
_WORD = re.compile(rb"[^,;\t\r\n\"]*[\x80-\xff][^,;\t\r\n\"]*")
_KANA = re.compile("[\u3040-\u30ff]")
# These stand for other letters in Turkish, and hardly any language has them otherwise.
_NORTHERN = re.compile("[ÝýÞþÐð]")
# Categories of Unicode: control, private and unknown signs, symbols and small figures.
_SIGNS = ("Cc", "Co", "Cn", "So", "Sm", "Sc", "Sk", "No")
_WORDS, _SHOWN = 5_000, 3
# Another reading that looks so well beside the best one leaves a doubt; of Japanese and Chinese one that looks so well does.
_NEARLY, _DOUBT, _KANJI = 0.85, 0.8, 0.25


def told(data: bytes) -> tuple[str, list[Note]]:
    """The code page of a text that is no Unicode, and a note where another one is nearly as likely.

    Parameters
    ----------
    data
        The text; its words that are no ASCII are looked at.
    """
    if b"\x1b$" in data:
        return "iso2022_jp_2", []
    words = list(dict.fromkeys(m.group().strip() for m in islice(_WORD.finditer(data), _WORDS)))
    found = _ranked(words)
    best = found[0][0]
    for encoding in _SEVERAL_BYTES if best in _ONE_BYTE else ():
        # One broken byte rules out what is right for all other words.
        whole = [word for word in words if _read(word, encoding) is not None]
        if 0.9 * len(words) <= len(whole) < len(words) and (again := _ranked(whole))[0][0] == encoding:
            return encoding, _doubt(whole, again)
    return best, _doubt(words, found)


def _ranked(words: list[bytes]) -> list[tuple[str, float]]:
    """Code pages that the words could be written in, with how likely they look, the best one first."""
    import chardet

    text = b"\n".join(words)
    every = chardet.detect_all(
        text, ignore_threshold=True, compat_names=False, include_encodings=[*_SEVERAL_BYTES, *_ONE_BYTE]
    )
    rated = {str(each["encoding"]): float(each["confidence"]) for each in every if each["encoding"]}
    rated = {encoding: rate for encoding, rate in rated.items() if encoding in (*_SEVERAL_BYTES, *_ONE_BYTE)}
    readings = {encoding: text.decode(encoding, "replace") for encoding in rated}
    signs = {encoding: _strange(reading) for encoding, reading in readings.items()}
    # What is full of signs within its words is read wrongly.
    least = min(signs.values(), default=0)
    found = [(encoding, rate) for encoding, rate in rated.items() if signs[encoding] <= least + len(words) // 50]
    if not found:
        return [("cp1252", 1.0)]
    best = _preferred(dict(found), readings)
    return sorted(found, key=lambda each: (each[0] != best, -each[1]))


def _preferred(rates: dict[str, float], readings: dict[str, str]) -> str:
    """The likeliest code page, where others are nearly as likely the one that people use."""
    best = max(rates, key=lambda encoding: rates[encoding])
    japanese, western, turkish = (rates.get(each, 0.0) / rates[best] for each in ("euc_jis_2004", "cp1252", "cp1254"))
    if best in ("gb18030", "cp949", "big5hkscs"):
        # Chinese and Korean have no kana; what is Chinese hardly ever looks Japanese, while Japanese without kana looks Chinese.
        kana = japanese and _KANA.search(readings["euc_jis_2004"])
        return "euc_jis_2004" if kana or (best == "gb18030" and japanese >= _KANJI) else best
    if alike := next((each for each in _USUAL if each in rates and readings[each] == readings[best]), None):
        return alike
    if best in _ONE_BYTE and western >= _NEARLY and turkish >= _NEARLY and _NORTHERN.search(readings["cp1252"]):
        return "cp1254"
    northern = turkish and western and _NORTHERN.search(readings["cp1252"])
    return "cp1252" if best in _ONE_BYTE and western >= _NEARLY and not northern else best


def _strange(text: str) -> int:
    """How many signs that are no letters stand beside letters."""
    signs = (m for m in re.finditer(r"[^\x00-\x7f]", text) if unicodedata.category(m.group()) in _SIGNS)
    beside = (text[max(m.start() - 1, 0) : m.start()] + text[m.end() : m.end() + 1] for m in signs)
    return sum(any(c.isalpha() for c in pair) for pair in beside)


def _read(word: bytes, encoding: str) -> str | None:
    try:
        return word.decode(encoding)
    except UnicodeDecodeError:
        return None


def _doubt(words: list[bytes], found: list[tuple[str, float]]) -> list[Note]:
    """A note on the next likely code page, if it reads the words otherwise."""
    best, rate = found[0]
    for encoding, other in found[1:]:
        pair = {best, encoding} == {"euc_jis_2004", "gb18030"}
        differing = [(a, b) for a, b in ((_text(w, best), _text(w, encoding)) for w in words) if a != b][:_SHOWN]
        if differing and other >= (_KANJI if pair else _DOUBT) * rate:
            taken, instead = (", ".join(each) for each in zip(*differing, strict=True))
            first, second = (NAMES.get(each, each) for each in (best, encoding))
            return [Note("encoding_doubtful", encoding=first, other=second, taken=taken, instead=instead)]
    return []


def _text(word: bytes, encoding: str) -> str:
    return word.decode(encoding, "replace")
