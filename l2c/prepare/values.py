"""How much, what share, yes or no? Numbers in any of the forms people export them in."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from l2c.prepare import amounts
from l2c.prepare.texts import distinct
from l2c.prepare.units import Unit
from l2c.words import matching, payment_terms, stages
from l2c.words.notes import Note

NO_UNIT = Unit("")
_PROBE = 300
# Numbers that show the sign before their decimals: the sign, that of thousands, the form.
_SHOWN = (
    (".", ",", r"^[-+]?[1-9]\d{0,2}(?:,\d{3})+\.\d+$"),
    (",", ".", r"^[-+]?(?:[1-9]\d{0,2}(?:\.\d{3})+,\d+|\d+,\d{1,2})$"),
)


class Numbers(NamedTuple):
    """A column of numbers.

    Attributes
    ----------
    numbers, currencies, unread
        Their values, their currencies where a sign says so, and which texts were not read.
    notes
        What the reader should know.
    open
        Texts that are one number with a decimal point and another with a decimal comma, where the column does not decide.
    """

    numbers: pl.Series
    currencies: pl.Series
    unread: pl.Series
    notes: tuple[Note, ...]
    open: tuple[str, ...] = ()


def numbers(column: pl.Series, decimal: str | None = None, unit: Unit = NO_UNIT) -> Numbers:
    """Read amounts and counts: `USD 58,403.59`, `￥197,920`, `$342.09K`, `1.234,56 €`, `12万円`, `(500)`.

    Parameters
    ----------
    column
        Text or numbers.
    decimal
        Sign before decimals, `.` or `,`, of numbers that do not show it.
    unit
        What the header says: numbers without a scale of their own are multiplied by its `scale`.

    Returns
    -------
    Values as numbers, null where missing or unreadable; the currency code of each where its sign says so; whether
    a text could not be read; notes on what the reader should know.
    """
    if column.dtype.is_numeric():
        nothing = pl.Series([unit.currency], dtype=pl.String).new_from_index(0, len(column))
        values = column.cast(pl.Float64)
        # What is infinite would make every sum so.
        endless = ~values.is_finite().fill_null(True)
        values = values.set(endless, None) if endless.any() else values
        return Numbers(values * unit.scale if unit.scale != 1 else values, nothing, endless, _of_unit(unit, values))
    if isinstance(column.dtype, pl.Categorical):
        texts, place = distinct(column)
        each = numbers(texts, decimal, unit)
        unread = each.unread.gather(place).fill_null(False)
        return Numbers(each.numbers.gather(place), each.currencies.gather(place), unread, each.notes, each.open)
    text = column.cast(pl.String)
    plain = text.cast(pl.Float64, strict=False)
    # 1.234 may be a thousand and more, if the rest of the column writes its decimals with a comma.
    low = (plain.abs() < 1000).fill_null(False).arg_true()
    grouped = text.gather(low).str.contains(r"^[-+]?[1-9]\d{0,2}\.\d{3}$")
    plain = plain.scatter(low.filter(grouped), None).set(~plain.is_finite().fill_null(True), None)
    said = set[str]()
    if grouped.any() and text.filter(plain.is_not_null()).str.contains(".", literal=True).any():
        said.add(".")
    plain = _easy(text, plain, said)
    hard = text.filter(plain.is_null() & text.is_not_null()).unique(maintain_order=True)
    found = _read_all(hard.to_list(), decimal, said, unit)
    scaled = plain * unit.scale if unit.scale != 1 else plain
    if not len(hard):
        nothing = pl.Series([unit.currency], dtype=pl.String).new_from_index(0, len(text))
        none = pl.Series([False]).new_from_index(0, len(text))
        return Numbers(scaled, nothing, none, _of_unit(unit, plain))
    rest = text.replace_strict(found.values, default=None, return_dtype=pl.Float64)
    codes = text.replace_strict(found.currencies, default=unit.currency, return_dtype=pl.String)
    blank = text.is_in(["-", "–", "—"])
    value = scaled.zip_with(plain.is_not_null(), rest)
    unread = value.is_null() & text.is_not_null() & ~blank.fill_null(False)
    notes = (*found.notes, *_of_unit(unit, plain.drop_nulls() if plain.null_count() < len(plain) else value))
    return Numbers(value, codes.set(text.is_null(), None), unread, notes, found.open)


def _easy(text: pl.Series, plain: pl.Series, said: set[str]) -> pl.Series:
    """The numbers with those that show their decimal sign, many at a time; the signs that were met are added to `said`."""
    for sign, group, form in _SHOWN:
        rows = (plain.is_null() & text.is_not_null()).arg_true()
        few = text.gather(rows.head(_PROBE))
        if not few.str.contains(form).any():
            continue
        rest = text.gather(rows)
        shown = rest.str.contains(form)
        bare = rest.filter(shown).str.replace_all(group, "", literal=True).str.replace(sign, ".", literal=True)
        plain = plain.scatter(rows.filter(shown), bare.cast(pl.Float64, strict=False))
        said.add(sign)
    return plain


class _Found(NamedTuple):
    values: dict[str, float]
    currencies: dict[str, str | None]
    notes: tuple[Note, ...]
    open: tuple[str, ...]


def _read_all(texts: list[str], decimal: str | None, shown: set[str], unit: Unit) -> _Found:
    """Every text of a column that is no plain number."""
    read = {text: amount for text in texts if (amount := amounts.read(text)) is not None}
    large = amounts.crores(read)
    read |= large
    said = {amount.says for amount in read.values() if amount.says} | shown
    unclear = [text for text, amount in read.items() if amount.is_open]
    sign = decimal or (next(iter(said)) if len(said) == 1 else None)
    notes, open_texts = [Note("crores", value=text) for text in list(large)[:1]], tuple[str, ...]()
    if unclear and sign is None:
        if len(said) == 2:
            notes.append(Note("both_ways"))
        # A comma before three digits parts thousands in all but the rarest files; a point does in half of them.
        if len(said) == 2 or any("." in text for text in unclear):
            open_texts = tuple(unclear)
    sides = {amount.side for amount in read.values() if amount.side}
    if len(sides) == 2:
        both = [next(t for t, a in read.items() if a.side == side) for side in ("CR", "DR")]
        notes.append(Note("credit_and_debit", credit=both[0], debit=both[1]))
        read = {text: amount for text, amount in read.items() if not amount.side}
    if twice := [text for text, amount in read.items() if amount.second]:
        notes.append(Note("two_currencies", n=len(twice), value=twice[0]))
    values = {text: _value(amount, sign or ".", unit) for text, amount in read.items()}
    codes = {text: amount.currency or unit.currency for text, amount in read.items()}
    return _Found(values, codes, tuple(notes), open_texts)


def _value(amount: amounts.Amount, sign: str, unit: Unit) -> float:
    value = amount.comma if (amount.says or sign) == "," else amount.point
    assert value is not None
    return value if amount.scaled or amount.percent else value * unit.scale


def _of_unit(unit: Unit, values: pl.Series) -> tuple[Note, ...]:
    """What is said of a unit in a header, with the first value."""
    first = values.drop_nulls()
    if unit.open:
        return (Note("unit_unknown", unit=unit.open),)
    if unit.scale == 1 or not len(first):
        return ()
    return (Note("unit_of_header", scale=unit.scale),)


def fractions(column: pl.Series, *, percent: bool = False, decimal: str | None = None) -> Numbers:
    """Read shares as fractions of one: `15%`, `15` or `0.15`, decided over the whole column.

    Values without a percent sign are percent where the source says so (`percent`) or any of them is above 1, else fractions.
    """
    found = numbers(column, decimal)
    signed = column.cast(pl.String).str.contains("[%％]").fill_null(False)
    bare = found.numbers.filter(~signed).drop_nulls()
    above = bool((bare.abs() > 1).any())
    notes = found.notes
    if above and not percent and bool(((bare > 0) & (bare < 1)).any()):
        notes = (*notes, Note("percent"))
    if not above and not percent and (bare >= 0.3).any():
        largest = float(bare.max())  # type: ignore[arg-type]
        notes = (*notes, Note("fractions", value=largest, share=largest * 100))
    divided = found.numbers / 100 if percent or above else found.numbers
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
