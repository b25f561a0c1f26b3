"""What does a header say of its numbers: thousands, a currency, percent?"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import NamedTuple

_MONEY = {
    "€": "EUR", "$": "USD", "us$": "USD", "£": "GBP", "¥": "JPY", "円": "JPY", "₩": "KRW", "원": "KRW", "₹": "INR", "元": "CNY",
    "euro": "EUR", "euros": "EUR", "r$": "BRL", "zł": "PLN", "kč": "CZK", "₽": "RUB", "руб": "RUB", "руб.": "RUB", "₺": "TRY",
    "dollars": "USD", "yen": "JPY", "rs": "INR", "rs.": "INR",
}  # fmt: skip
# Words that stand alone, and letters that mean it only beside a currency.
_WORDS = {
    1e3: "thousand thousands tausend tsd tsd. milliers miles migliaia milhares duizend tys tys. тыс тыс. tis tis. tusen 千 천 "
    "000 000s '000 '000s 000's x1000 x1,000 x1.000 1000 1,000 1.000 k",
    1e4: "万 萬 만",
    1e5: "lakh lakhs lac lacs",
    1e6: "million millions mio mio. mill. mln mln. mn millionen millones milioni milhões miljoen miljoner млн млн. 百万 百萬 "
    "백만 mm",
    1e7: "crore crores 千万 千萬 천만",
    1e8: "億 亿 억",
    1e9: "billion billions bn mrd mrd. milliarden milliards mld млрд млрд. 十億 십억",
}
_LETTERS = {
    "k": 1e3,
    "t": 1e3,
    "m": 1e6,
    "mm": 1e6,
    "b": 1e9,
    "bn": 1e9,
    "mio": 1e6,
    "mio.": 1e6,
    "mrd": 1e9,
    "mn": 1e6,
    "tsd": 1e3,
}
_JOINING = {"in", "of", "en", "em", "x", "each", "w", "der", "de"}


class Unit(NamedTuple):
    """What a header says of its numbers.

    Attributes
    ----------
    name
        The header without its unit.
    scale, currency, percent
        By how much the numbers are to be multiplied; their currency; whether they are percent.
    open
        What stands there beside a currency and may be a scale, but not one that is known: `mil` is a thousand or a million.
    """

    name: str
    scale: float = 1.0
    currency: str | None = None
    percent: bool = False
    open: str | None = None


@cache
def unit(header: str) -> Unit:
    """Read the unit of a header: `Amount (k€)`, `Betrag in Tsd. EUR`, `金額(千円)`, `Revenue USD k`, `Discount (%)`.

    Returns
    -------
    The unit; the header as it stands where it names none.
    """
    text = unicodedata.normalize("NFKC", header).translate({ord("’"): "'", ord("‘"): "'"}).strip()
    if len(text) > 200:
        return Unit(header)
    if match := re.match(r"^(.*\S)\s*[(\[]([^()\[\]]+)[)\]]$", text):
        found = _said(match[2], match[1], bracketed=True)
        if found is not None:
            return found
    # Without brackets the last words are tried, the more the better; a name is left over.
    words = re.split(r"[\s_]+", text)
    for many in (4, 3, 2, 1):
        if len(words) > many and (found := _said(" ".join(words[-many:]), " ".join(words[:-many]))) is not None:
            bare = re.sub(r"(?:\s|[,;:/-])+(?:in|en|em|w)?$", "", found.name)
            # A lone code or letter at the end is more often part of a name.
            return (
                found._replace(name=bare)
                if many > 1 or found.scale > 1 or found.currency or found.percent
                else Unit(header)
            )
    return Unit(header)


def _said(said: str, name: str, *, bracketed: bool = False) -> Unit | None:
    """The unit that a few words name; None where one of them is something else."""
    said = re.sub(r"(?:単位|单位|단위|units?)\s*[:=]?\s*", "", said, flags=re.IGNORECASE)
    words = [w for w in re.split(r"[\s/,]+(?!\d)", said.strip()) if w and w.casefold() not in _JOINING]
    if not words or name.isdigit():
        return None
    scale, currency, percent, letter, unknown = 1.0, None, False, "", []
    for word in words:
        small = word.casefold()
        if small in ("%", "percent", "pct", "prozent", "パーセント"):
            percent = True
        elif (code := _currency(word)) is not None:
            currency = code
        elif (factor := _scale(small)) is not None and scale == 1:
            scale = factor
        elif small in _LETTERS and not letter:
            letter = small
        elif (both := _together(word)) is not None:
            scale, currency = both
        else:
            unknown.append(word)
    if letter and (currency or letter == "k"):
        scale = _LETTERS[letter]
    elif letter:
        unknown.append(letter)
    if unknown == ["mil"] and currency == "BRL":
        scale, unknown = 1e3, []
    if unknown and not (bracketed and len(words) <= 3 and (currency or letter)):
        return None
    return Unit(name, scale, currency, percent, " ".join(unknown) or None)


def _currency(word: str) -> str | None:
    if word.casefold() in _MONEY:
        return _MONEY[word.casefold()]
    return word if re.fullmatch("[A-Z]{3}", word) and word in _codes() else None


def _scale(word: str) -> float | None:
    return next((scale for scale, words in _WORDS.items() if word in words.split()), None)


def _together(word: str) -> tuple[float, str] | None:
    """A scale and a currency in one word: k€, TEUR, 百万円, $M, $000s."""
    for cut in range(1, len(word)):
        for money, size in ((word[cut:], word[:cut]), (word[:cut], word[cut:])):
            code, factor = _currency(money), _scale(size.casefold()) or _LETTERS.get(size.casefold())
            if code and factor and len(size) <= 4:
                return factor, code
    return None


@cache
def _codes() -> frozenset[str]:
    """The codes of currencies in use."""
    from babel.core import get_global

    today = get_global("territory_currencies")
    return frozenset(code for spells in today.values() for code, _, end, tender in spells if end is None and tender)
