"""How much, what share, yes or no? Numbers in any of the forms people export them in."""

from __future__ import annotations

import re
from typing import NamedTuple

import polars as pl

from l2c.prepare.texts import distinct
from l2c.words import matching, payment_terms, stages
from l2c.words.notes import Note

_CURRENCIES = {
    "$": "USD",
    "US$": "USD",
    "€": "EUR",
    "£": "GBP",
    "¥": "JPY",
    "円": "JPY",
    "₩": "KRW",
    "₹": "INR",
    "元": "CNY",
}
_SCALES = {"K": 1e3, "M": 1e6, "MM": 1e6, "B": 1e9, "BN": 1e9, "千": 1e3, "万": 1e4, "億": 1e8, "百万": 1e6}
_CODE = r"[A-Z]{3}"
_SHAPE = re.compile(
    rf"^(?P<open>\()?\s*(?P<sign>[-+−])?\s*(?P<before>US\$|[$€£¥₩₹]|{_CODE})?\s*(?P<sign2>[-+−])?\s*"
    rf"(?P<number>[\d][\d.,'  ]*|[.,]\d+)\s*(?P<scale>MM|BN|[KMB]|百万|千|万|億)?\s*(?P<percent>%)?\s*"
    rf"(?P<after>[$€£¥₩₹]|円|元|{_CODE})?\s*(?P<sign3>-)?\s*(?P<close>\))?$"
)


class Numbers(NamedTuple):
    """A column of numbers: their values, their currencies where a sign says so, and which texts were not read."""

    numbers: pl.Series
    currencies: pl.Series
    unread: pl.Series
    notes: tuple[Note, ...]


def numbers(column: pl.Series) -> Numbers:
    """Read amounts and counts: `USD 58,403.59`, `￥197,920`, `$342.09K`, `1.234,56 €`, `12万円`, `(500)`.

    Parameters
    ----------
    column
        Text or numbers.

    Returns
    -------
    Values as numbers, null where missing or unreadable; the currency code of each where its sign says so; whether
    a text could not be read; notes on what the reader should know.
    """
    if column.dtype.is_numeric():
        nothing = pl.Series([None]).new_from_index(0, len(column))
        values = column.cast(pl.Float64)
        # What is infinite would make every sum so.
        endless = ~values.is_finite().fill_null(True)
        return Numbers(values.set(endless, None) if endless.any() else values, nothing, endless, ())
    if isinstance(column.dtype, pl.Categorical):
        texts, place = distinct(column)
        each = numbers(texts)
        unread = each.unread.gather(place).fill_null(False)
        return Numbers(each.numbers.gather(place), each.currencies.gather(place), unread, each.notes)
    text = column.cast(pl.String)
    plain = text.cast(pl.Float64, strict=False)
    # 1.234 may be a thousand and more, if the rest of the column writes its decimals with a comma.
    low = (plain.abs() < 1000).fill_null(False).arg_true()
    grouped = text.gather(low).str.contains(r"^[-+]?\d{1,3}\.\d{3}$")
    plain = plain.scatter(low.filter(grouped), None).set(~plain.is_finite().fill_null(True), None)
    hard = text.filter(plain.is_null() & text.is_not_null()).unique()
    parsed = {value: _SHAPE.match(_clean(value)) for value in hard.to_list()}
    comma, notes = _decimal_comma([_digits(m) for m in parsed.values() if m])
    read = {value: _number(match, comma) for value, match in parsed.items() if match}
    found = {value: number for value, number in read.items() if number is not None}
    signs = {value: _currency(match) for value, match in parsed.items() if match and value in found}
    if not parsed:
        return Numbers(
            plain,
            pl.Series([None]).new_from_index(0, len(text)),
            pl.Series([False]).new_from_index(0, len(text)),
            notes,
        )
    rest = text.replace_strict(found, default=None, return_dtype=pl.Float64)
    codes = text.replace_strict(signs, default=None, return_dtype=pl.String)
    blank = text.is_in(["-", "–", "—"])
    value = plain.zip_with(plain.is_not_null(), rest)
    return Numbers(value, codes, value.is_null() & text.is_not_null() & ~blank.fill_null(False), notes)


def fractions(column: pl.Series) -> Numbers:
    """Read shares as fractions of one: `15%`, `15` or `0.15`, decided over the whole column.

    Values without a percent sign are percent when any of them is above 1, else fractions.
    """
    found = numbers(column)
    signed = column.cast(pl.String).str.contains("[%％]").fill_null(False)
    bare = found.numbers.filter(~signed).drop_nulls()
    percent = bool((bare.abs() > 1).any())
    notes = found.notes
    if percent and bool(((bare > 0) & (bare < 1)).any()):
        notes = (*notes, Note("percent"))
    divided = found.numbers / 100 if percent else found.numbers
    # A percent sign was applied when the number was read.
    return found._replace(numbers=found.numbers.zip_with(signed, divided), notes=notes)


def days(column: pl.Series) -> Numbers:
    """Read payment terms as days: `30`, `Net 60`, `30日`; terms that end with a month, such as `EOM`, are none."""
    if column.dtype.is_numeric():
        return numbers(column)
    agreed = _agreed(column)
    found = {text: float(each.days) for text, each in agreed.items() if each is not None and each.plain}
    text = column.cast(pl.String)
    read = text.replace_strict(found, default=None, return_dtype=pl.Float64)
    known = [text for text, each in agreed.items() if each is not None]
    unread = text.is_not_null() & ~text.is_in(known).fill_null(False)
    return Numbers(read, pl.Series([None]).new_from_index(0, len(text)), unread, ())


def month_terms(column: pl.Series) -> list[pl.Series]:
    """Return the words of a column of payment terms, as `payment_terms`, where days do not say all; else nothing.

    Some end with a month, or name a cash discount.
    """
    if column.dtype.is_numeric():
        return []
    agreed = _agreed(column).items()
    if not any((each and not each.plain) or payment_terms.discounts(text) for text, each in agreed):
        return []
    return [column.cast(pl.String).alias("payment_terms")]


def _agreed(column: pl.Series) -> dict[str, payment_terms.Terms | None]:
    return {text: payment_terms.terms(text) for text in column.cast(pl.String).drop_nulls().unique().to_list()}


def flags(column: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Read yes and no, won and lost in the languages of the vocabulary; the second series says which texts were not read.

    An x in a box is a yes, but beside a tick it is a no. A word for "open" is neither, and read.
    """
    if column.dtype == pl.Boolean:
        return column, pl.Series([False]).new_from_index(0, len(column))
    words = matching.truth_words()
    text = column.cast(pl.String)
    there = text.drop_nulls().unique().to_list()
    named = {value: matching.normalise(_whole(value)) for value in there}
    known = {value: words.get(name) for value, name in named.items()}
    if "x" in named.values() and True in {known[value] for value, name in named.items() if name != "x"}:
        known |= {value: False for value, name in named.items() if name == "x"}
    ends = {value: stages.outcome_word(value) for value in there if known[value] is None}
    known |= {value: end == stages.WON for value, end in ends.items() if end in (stages.WON, stages.LOST)}
    read = text.replace_strict(known, default=None, return_dtype=pl.Boolean)
    undecided = [value for value, end in ends.items() if end == "open"]
    return read, read.is_null() & text.is_not_null() & ~text.is_in(undecided)


def _whole(text: str) -> str:
    return text.removesuffix(".0")


def _clean(text: str) -> str:
    import unicodedata

    return " ".join(unicodedata.normalize("NFKC", text).upper().split())


def _decimal_comma(found: list[str]) -> tuple[bool, tuple[Note, ...]]:
    """Whether a comma is the decimal sign; what has both signs, or a group that is no thousand, decides."""
    said = {verdict for number in found if (verdict := _verdict(number)) is not None}
    if said == {True}:
        return True, ()
    doubtful = [n for n in found if _verdict(n) is None and re.search(r"[.,]", n)]
    if said == {True, False}:
        return False, (Note("both_ways"),)
    if doubtful and not said and any("." in n for n in doubtful):
        return False, (Note("decimal_point", value=doubtful[0]),)
    return False, ()


def _verdict(number: str) -> bool | None:
    """True: the comma is the decimal sign; False: the point is; None: this number does not tell."""
    last_comma, last_point = number.rfind(","), number.rfind(".")
    if last_comma >= 0 and last_point >= 0:
        return last_comma > last_point
    if last_comma >= 0:
        groups = number.split(",")
        return None if len(groups) == 2 and len(groups[1]) == 3 else len(groups) == 2
    if last_point >= 0:
        groups = number.split(".")
        return None if len(groups) == 2 and len(groups[1]) == 3 else len(groups) > 2
    return None


def _digits(match: re.Match[str]) -> str:
    return re.sub(r"[\s']", "", match["number"])


def _number(match: re.Match[str], comma: bool) -> float | None:
    digits = _digits(match)
    own = _verdict(digits)
    decimal = "," if (comma if own is None else own) else "."
    digits = digits.replace("." if decimal == "," else ",", "").replace(",", ".")
    try:
        value = float(digits) * _SCALES.get(match["scale"] or "", 1)
    except ValueError:
        return None
    negative = match["open"] or "-" in (match["sign"] or "") + (match["sign2"] or "") + (match["sign3"] or "")
    negative = negative or "−" in (match["sign"] or "") + (match["sign2"] or "")
    return (-value if negative else value) / (100 if match["percent"] else 1)


def _currency(match: re.Match[str]) -> str | None:
    sign = match["before"] or match["after"]
    return _CURRENCIES.get(sign, sign) if sign else None
