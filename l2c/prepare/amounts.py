"""How much does one text say, and in which currency?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from l2c.prepare.texts import DIGITS

_CURRENCIES = {
    "$": "USD", "US$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "円": "JPY", "₩": "KRW", "원": "KRW", "₹": "INR",
    "RS": "INR", "RS.": "INR", "元": "CNY", "RMB": "CNY", "CN¥": "CNY", "C$": "CAD", "CA$": "CAD", "A$": "AUD", "AU$": "AUD",
    "NZ$": "NZD", "HK$": "HKD", "NT$": "TWD", "S$": "SGD", "R$": "BRL", "MX$": "MXN", "CHF": "CHF", "FR.": "CHF", "SFR.": "CHF",
    "ZŁ": "PLN", "KČ": "CZK", "FT": "HUF", "₽": "RUB", "РУБ.": "RUB", "РУБ": "RUB", "₺": "TRY", "TL": "TRY", "฿": "THB",
    "₫": "VND", "₴": "UAH", "₪": "ILS", "₱": "PHP", "EURO": "EUR", "EUROS": "EUR", "KR": "", "KR.": "",
}  # fmt: skip
"""Signs by what they stand for; a crown is that of several countries."""
SCALES = {
    1e3: "K TSD TSD. THOUSAND TAUSEND MILA MILLE TYS TYS. ТЫС ТЫС. TIS TIS. 千 천",
    1e4: "万 萬 만", 1e5: "LAKH LAKHS LAC LACS", 1e6: "M MM MN MIO MIO. MILLION MILLIONS MILL. MLN MLN. МЛН МЛН. 百万 백만",
    1e7: "CRORE CRORES", 1e8: "億 亿 억", 1e9: "B BN BILLION MRD MRD. MLRD MLRD. МЛРД МЛРД. 十億",
}  # fmt: skip
# These write three decimals, so that 1.234 may be a little more than one.
_THREE_DECIMALS = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"}
_SIGNS = str.maketrans(
    {"’": "'", "‘": "'", "`": "'", "´": "'", "ʼ": "'", "−": "-", "–": "-", "—": "-", "٬": ",", "٫": "."} | DIGITS
)
_POINT = re.compile(r"(?:\d+|[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d?(?:,\d{2})+,\d{3}|[1-9]\d{0,2}(?:[' ]\d{3})+)?(?:\.\d*)?")
_COMMA = re.compile(r"(?:\d+|[1-9]\d{0,2}(?:\.\d{3})+|[1-9]\d{0,2}(?:[' ]\d{3})+)?(?:,\d*)?")


class Amount(NamedTuple):
    """What one text says.

    Attributes
    ----------
    point, comma
        Its number with a decimal point and with a decimal comma; None where it cannot be written so.
    currency
        Code, where a sign or a code says it.
    percent, scaled
        Whether a percent sign or a word such as k stands beside it; both are in the numbers already.
    side
        `CR` or `DR`, where it says on which side of an account it stands.
    """

    point: float | None
    comma: float | None
    currency: str | None = None
    percent: bool = False
    scaled: bool = False
    side: str | None = None
    second: bool = False

    @property
    def says(self) -> str | None:
        """The decimal sign that it must have: `.` or `,`."""
        if self.point is None or self.comma is None:
            return "," if self.point is None else "."
        return None

    @property
    def is_open(self) -> bool:
        """Whether it is one number with a decimal point and another with a comma."""
        return self.says is None and self.point != self.comma


@cache
def _shape() -> re.Pattern[str]:
    sign = "|".join(re.escape(s) for s in sorted(_CURRENCIES, key=len, reverse=True))
    words = "|".join(re.escape(w) for w in sorted(" ".join(SCALES.values()).split(), key=len, reverse=True))
    code = rf"(?:{sign}|[A-Z]{{3}})"
    return re.compile(
        rf"^(?P<open>\()?\s*(?P<sign>[-+])?\s*(?P<before>{code})?\s*(?P<open2>\()?\s*(?P<sign2>[-+])?\s*"
        rf"(?P<number>\d[\d.,' ]*|[.,]\d+)(?P<power>E[-+]?\d{{1,3}})?\s*(?P<scale>{words}|T(?=€|EUR|CHF|USD))?\s*(?P<percent>%)?\s*"
        rf"(?P<after>{code})?\s*(?P<sign3>-)?\s*(?P<side>CR|DR)?\.?\s*(?P<close>\))?\s*(?P<close2>\))?$"
    )


@cache
def _scales() -> dict[str, float]:
    return {word: scale for scale, words in SCALES.items() for word in words.split()} | {"T": 1e3}


def read(text: str) -> Amount | None:
    """Read one text: `USD 58,403.59`, `(1.234,56 €)`, `12,34,567`, `1,2 Mio. €`, `EUR 1,000 (USD 1,100)`.

    Returns
    -------
    The amount; of two, the first, which is the record's own; None where it is no number.
    """
    clean = " ".join(unicodedata.normalize("NFKC", text).translate(_SIGNS).upper().split())
    if len(clean) > 60:
        return None
    if two := re.match(r"^(.*\d.*?)\s*\(([^()]*\d[^()]*)\)$", clean):
        own, other = read(two[1]), read(two[2])
        if own and other and own.currency and other.currency and own.currency != other.currency:
            return own._replace(second=True)
    if (
        (two := re.match(r"^(.*\d[億亿억万萬만])\s*(\d.*)$", clean))
        and (much := read(two[1]))
        and (more := read(two[2]))
    ):
        return _together(much, more)
    match = _shape().match(clean)
    if match is None or bool(match["open"] or match["open2"]) != bool(match["close"] or match["close2"]):
        return None
    return _amount(match)


def _together(much: Amount, more: Amount) -> Amount:
    """`1億2000万円`: what two parts of one number say."""
    return much._replace(
        point=None if much.point is None or more.point is None else much.point + more.point,
        comma=None if much.comma is None or more.comma is None else much.comma + more.comma,
        currency=much.currency or more.currency,
    )


def crores(read: Mapping[str, Amount]) -> dict[str, Amount]:
    """The amounts of a column whose `Cr` means ten millions: beside rupees or lakhs, or where none of them is a thousand.

    Parameters
    ----------
    read
        The amounts by their texts.

    Returns
    -------
    Those amounts by their texts, ten million times as large; none where `Cr` stands for the credit side.
    """
    sided = {text: amount for text, amount in read.items() if amount.side}
    if not sided or any(amount.side == "DR" for amount in sided.values()):
        return {}
    indian = any(
        amount.currency == "INR" or re.search(r"(?i)\b(?:lakhs?|lacs?|crores?)\b", text)
        for text, amount in read.items()
    )
    if not indian and any(abs(value) >= 1000 for amount in sided.values() for value in amount[:2] if value is not None):
        return {}
    return {
        text: amount._replace(
            point=None if amount.point is None else amount.point * 1e7,
            comma=None if amount.comma is None else amount.comma * 1e7,
            scaled=True,
            side=None,
        )
        for text, amount in sided.items()
    }


def _amount(match: re.Match[str]) -> Amount | None:
    digits = match["number"].strip()
    sign = match["before"] or match["after"]
    currency = (_CURRENCIES.get(sign, sign) or None) if sign else None
    side = match["side"]
    factor = _scales().get(match["scale"] or "", 1.0)
    if side == "CR" and currency == "INR":
        side, factor = None, 1e7
    if match["percent"]:
        factor /= 100
    if (
        "-" in (match["sign"] or "") + (match["sign2"] or "") + (match["sign3"] or "")
        or match["open"]
        or match["open2"]
    ):
        factor = -factor
    point = _number(digits, ".", match["power"]) if _POINT.fullmatch(digits) else None
    comma = _number(digits, ",", match["power"]) if _COMMA.fullmatch(digits) else None
    if point is None and comma is None:
        return None
    if sign and not match["scale"] and not match["percent"] and currency not in _THREE_DECIMALS and point != comma:
        # Money has no three decimals: what stands before three digits parts thousands.
        if re.fullmatch(r"\d{1,3}\.\d{3}", digits):
            point = None if comma is not None else point
        elif re.fullmatch(r"\d{1,3},\d{3}", digits):
            comma = None if point is not None else comma
    both = [None if value is None else value * factor for value in (point, comma)]
    return Amount(both[0], both[1], currency, bool(match["percent"]), abs(factor) > 1, side)


def _number(digits: str, decimal: str, power: str | None) -> float | None:
    group = "," if decimal == "." else "."
    plain = digits.replace(group, "").replace("'", "").replace(" ", "").replace(decimal, ".")
    try:
        return float(plain + (power or ""))
    except ValueError:
        return None
