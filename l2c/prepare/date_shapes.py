"""Which digits of a date are the day? The shape of a text, its digits all noughts, tells for every text of that shape."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from l2c.prepare import locales, zone_names

DATE_LENGTH = 90
_ERAS = {"令和": 2018, "r": 2018, "平成": 1988, "h": 1988, "昭和": 1925, "s": 1925, "民國": 1911, "民国": 1911}
_ENGLISH = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_AT = "\x00"  # where the time stood


@dataclass(frozen=True)
class Shape:
    """Where the parts of a date stand: each an index into its runs of digits, or what is known of it already.

    Attributes
    ----------
    name
        What the form is called.
    y, m, d, a, b, h, mi, s, f, oh, om
        Runs with the year, month and day; `a` and `b` are day and month in an order to be found out; the time, the fraction of
        a second, hours and minutes from UTC.
    month
        Month word, where the month is no number.
    quarter, week
        Runs with the number of a quarter or a week of the year.
    half, sign, zone
        Half of the day; `+` or `-` before hours from UTC; name of a zone.
    years
        Years to add to those of an era.
    dotted, open_year
        Whether points part the numbers, and whether the year may come first although only two digits tell it.
    """

    name: str = ""
    y: int | None = None
    m: int | None = None
    d: int | None = None
    a: int | None = None
    b: int | None = None
    h: int | None = None
    mi: int | None = None
    s: int | None = None
    f: int | None = None
    oh: int | None = None
    om: int | None = None
    month: str | None = None
    quarter: int | None = None
    week: int | None = None
    half: str | None = None
    sign: str | None = None
    zone: str | None = None
    years: int = 0
    dotted: bool = False
    open_year: bool = False


# The time of day, in texts of which every digit is a nought.
_CLOCKS = (
    r"(?<!0)(?P<h>0{1,2}):(?P<mi>0{1,2})(?::(?P<s>0{1,2})(?:[.,:](?P<f>0{1,9}))?)?(?!0)",
    r"(?<!0)(?P<h>0{1,2})\s?(?:h|時|时|點|点|시|u)(?![^\W\d_])(?:\s?(?P<mi>0{1,2})\s?(?:min|分|분|m)?(?:\s?(?P<s>0{1,2})\s?(?:s|秒|초)?)?)?(?![0./-])",
)
_DOTTED_CLOCK = r"(?:(?<=\s)|^)(?P<h>0{1,2})\.(?P<mi>00)(?:\.(?P<s>00)(?:[.,](?P<f>0{1,9}))?)?(?=[\s]|$)"
_HOUR = r"(?<![0.:/-])(?P<h>0{1,2})(?![0.:/-])"
_OFFSET = r"^\s?(?:utc|gmt|z)?\s?(?P<sign>[+-])(?P<oh>0{1,2})(?::?(?P<om>00))?(?![0./-])"


def understood(text: str) -> Shape | None:
    """Take apart a text whose digits are all noughts: `00. mär 0000 00:00`; None where it is no date.

    Parameters
    ----------
    text
        In NFKC and lower case, with a colon in every offset from UTC.
    """
    if "0" not in text or len(text) > DATE_LENGTH:
        return None
    # Korean and Chinese words stand beside dates with the year first, even one of two digits.
    eastern = bool(re.search("[가-힣一-鿿]", text))
    whole = _dated(text, Shape(), eastern)
    if whole is not None:
        return whole
    for clock in (*_CLOCKS, _HOUR, _DOTTED_CLOCK):
        for shape, rest in _clocked(text, clock):
            zoned = _zoned(shape, rest, text)
            if zoned is None:
                continue
            found = _dated(zoned[1], zoned[0], eastern)
            if found is not None and (found.d is not None or found.a is not None):
                return found
    return None


def _clocked(text: str, clock: str) -> list[tuple[Shape, str]]:
    """The text without its time of day, for each half of the day that may stand beside it."""
    found = []
    for match in re.finditer(clock, text):
        before, after = text[: match.start()], text[match.end() :]
        half, before, after = _half(before, after)
        if clock == _HOUR and half is None:
            continue
        runs = {name: _run(text, match.start(name)) for name, said in match.groupdict().items() if said}
        before = re.sub(r"(?<=0)[t:]$", " ", before)
        found.append((Shape(half=half, **runs), before + _AT + after))  # type: ignore[arg-type]
    return found


def _half(before: str, after: str) -> tuple[str | None, str, str]:
    for pattern, half in _halves().items():
        if match := re.match(rf"\s?{pattern}", after):
            return half, before, after[match.end() :]
        if match := re.search(rf"{pattern}\s?$", before):
            return half, before[: match.start()], after
    if match := re.match(r"\s?([ap])(?![^\W\d_])", after):
        return match[1] + "m", before, after[match.end() :]
    return None, before, after


def _zoned(shape: Shape, rest: str, text: str) -> tuple[Shape, str] | None:
    """The shape with its zone, and the text without it."""
    before, _, after = rest.partition(_AT)
    start = len(text) - len(after)
    if match := re.match(_OFFSET, after):
        runs = {name: _run(text, start + match.start(name)) for name in ("oh", "om") if match[name]}
        shape = replace(shape, sign=match["sign"], **runs)  # type: ignore[arg-type]
        # What stands in brackets beside an offset only names it.
        after = re.sub(r"^\s?[(\[][^)\]]*[)\]]", "", after[match.end() :])
    elif match := re.match(r"^\s?[(\[]?\s?([^\W\d_][^0()\[\]]*?)\s?[)\]]?(?=\s0|$)", after):
        name = match[1].strip(" .,")
        if zone_names.is_zone(name):
            shape, after = replace(shape, zone=name), after[match.end() :]
    return shape, before + _AT + after


def _run(text: str, at: int) -> int:
    return len(re.findall("0+", text[:at]))


def _dated(text: str, shape: Shape, eastern: bool) -> Shape | None:
    """The shape with its day, month and year."""
    text = re.sub(r"\((?:[^\W\d_]|[.])+\)", lambda m: " " if _is_weekday(m[0].strip("()")) else m[0], text)
    if era := re.match(r"^(令和|平成|昭和|民國|民国|[rhs])\s?(?=0{1,3}\s?[年./-])", text):
        shape, text = replace(shape, years=_ERAS[era[1]]), text[era.end() :]
    if coarse := _coarse(text, shape):
        return coarse
    text, labels = re.subn(r"(?<![^\W\d_])(?:tháng|thg|th)\s?(?=0)", " ", text)
    for name in _names_with_gaps(text):
        text = text.replace(name, " ")
    text = text.replace("西暦", "").replace("ที่", " ").replace("،", " ")
    text = re.sub(r"(?<=0)\s?[年년]", "-", text)
    text = re.sub(r"(?<=0)\s?[月월]", "-", text)
    text = re.sub(r"(?<=0)\s?[日号號일]", " ", text)
    text = re.sub(r"(?<=0)(?:st|nd|rd|th|er|º|o|ª|a|-?го|'?inci)(?![^\W\d_])", " ", text)
    return _numbers(text, shape, bool(labels), eastern or shape.years > 0)


def _coarse(text: str, shape: Shape) -> Shape | None:
    """A quarter or a week."""
    if shape.h is not None:
        return None
    text = text.strip()
    quarter = r"(?:q|第)\s?(?P<n>0)(?:四半期|季度|分기)?|(?P<n2>0)(?:q|\. quartal| ?분기)"
    week = r"(?:w|kw|cw|week|wk|semaine|第)\s?(?P<n>0{1,2})(?:週|周)?"
    for kind, part in (("quarter", quarter), ("week", week)):
        later = part.replace("?P<n>", "?P<k>").replace("?P<n2>", "?P<k2>")
        for form in (rf"(?P<y>0000)年?[\s/-]?(?:{part})(?:-(?P<d>0))?$", rf"(?:{later})[\s/-]\s?(?P<y>0000)$"):
            if (match := re.match(form, text)) and not (kind == "quarter" and match.groupdict().get("d")):
                said = match.groupdict()
                n = next(name for name in ("n", "n2", "k", "k2") if said.get(name))
                runs = {kind: _run(text, match.start(n)), "y": _run(text, match.start("y"))}
                if said.get("d"):
                    runs["d"] = _run(text, match.start("d"))
                return replace(shape, name=kind, **runs)  # type: ignore[arg-type]
    return None


def _numbers(text: str, shape: Shape, labelled: bool, year_first: bool) -> Shape | None:
    """The parts by their order, their lengths and the month word."""
    ahead = _run(text, text.find(_AT)) if _AT in text else DATE_LENGTH
    clock = sum(run is not None for run in (shape.h, shape.mi, shape.s, shape.f, shape.oh, shape.om))
    runs: list[tuple[int, int]] = []
    words: list[str] = []
    seps = [""]
    for token in re.findall(r"0+|[^0\s,/()\[\]:;\x00-]+|[\s,/;\x00-]+|.", text):
        if token[0] == "0":
            runs.append((len(runs) if len(runs) < ahead else len(runs) + clock, len(token)))
            seps.append("")
        elif re.fullmatch(r"[\s,/;.\x00-]+", token):
            seps[-1] += token
        else:
            if token.startswith("."):
                seps[-1] += "."
            word = locales.bare(token)
            kind = _word(word)
            if kind is None:
                return None
            if kind == "month":
                words.append(word)
    return _placed(shape, runs, words, seps, labelled, year_first, text)


def _placed(
    shape: Shape,
    runs: list[tuple[int, int]],
    words: list[str],
    seps: list[str],
    labelled: bool,
    year_first: bool,
    text: str,
) -> Shape | None:
    lengths = [length for _, length in runs]
    index = [run for run, _ in runs]
    # "mar 5 mar 2025": the first is a Tuesday.
    if len(words) > 1 and all(word in locales.weekdays() for word in words[:-1]):
        words = words[-1:]
    if len(runs) == 3 and words and all(word in _weekdays() or word in locales.weekdays() for word in words):
        words = []
    if max(lengths, default=9) > 4 or 3 in lengths[1:] or len(words) > 1:
        return None
    if words:
        named = replace(shape, month=words[0], name="month name")
        if lengths == [4] and shape.h is None:
            return replace(named, y=index[0], name="month")
        if len(runs) != 2 or (lengths[0] > 2) == (lengths[1] > 2) == True:  # noqa: E712
            return None
        return replace(named, y=index[0], d=index[1]) if lengths[0] > 2 else replace(named, d=index[0], y=index[1])
    if labelled and len(runs) == 3:
        return replace(shape, d=index[0], m=index[1], y=index[2], name="labelled")
    if (
        len(runs) == 2
        and shape.h is None
        and sorted(lengths) in ([1, 4], [2, 4])
        and seps[1].strip() in ("-", "/", ".")
    ):
        first = lengths[0] == 4
        return replace(shape, y=index[0] if first else index[1], m=index[1] if first else index[0], name="month")
    if len(runs) != 3 or (lengths[0] == 3 and not shape.years):
        return None
    if (lengths[0] == 4 and max(lengths[1:]) <= 2) or (year_first and max(lengths[1:]) <= 2):
        return replace(shape, y=index[0], m=index[1], d=index[2], name="year first")
    if max(lengths[:2]) > 2 or not any(sign in seps[1] for sign in "./-"):
        return None
    dotted = "." in seps[1]
    short = lengths[2] <= 2
    return replace(
        shape,
        a=index[0],
        b=index[1],
        y=index[2],
        dotted=dotted,
        open_year=short,
        name=("dots, the last one too" if short and "." in seps[3] else "with dots") if dotted else "two numbers",
    )


def _word(word: str) -> str | None:
    """What a word of a date is: a month, or nothing that counts; None where it is no word of a date."""
    if not word or word in ("t", "de"):
        return ""
    if word in _months_in_english():
        return "month"
    if word in _weekdays():
        return ""
    known = locales.months()
    if word in known:
        return "month"
    if word in locales.weekdays() or word in locales.fillers():
        return ""
    # Hebrew writes "in" as a letter before the month.
    if word.startswith("ב") and word[1:] in known:
        return "month"
    return "month" if _begun(word) else None


def month_numbers(words: set[str]) -> dict[str, int]:
    """Return the month of each word, where one language, or all that know the words of a column, agree.

    A word that means several months in several languages is left out, unless the other words of the column tell which
    language it is.
    """
    english = _months_in_english()
    if words <= english.keys():
        return {word: english[word] for word in words}
    known = {word: _languages(word) for word in words}
    open_words = {word for word, months in known.items() if len(set(months.values())) > 1}
    speak = set.intersection(*(set(m) for m in known.values())) if open_words and known else set()
    found = {}
    for word, months in known.items():
        said = {months[language] for language in speak} if word in open_words else set(months.values())
        if len(said) == 1:
            found[word] = said.pop()
    return found


def _languages(word: str) -> Mapping[str, int]:
    known = locales.months()
    if word in known:
        return known[word]
    if word.startswith("ב") and word[1:] in known:
        return known[word[1:]]
    return {"en": _months_in_english()[word]} if word in _months_in_english() else _begun(word)


def _begun(word: str) -> dict[str, int]:
    """The month that a word of three letters and more begins: `Septemb`."""
    if len(word) < 3 or not word.isalpha():
        return {}
    found: dict[str, set[int]] = {}
    for name, months in locales.months().items():
        if name.startswith(word):
            for language, number in months.items():
                found.setdefault(language, set()).add(number)
    return {language: min(numbers) for language, numbers in found.items() if len(numbers) == 1}


@cache
def _months_in_english() -> dict[str, int]:
    numbered = list(enumerate(_ENGLISH, 1))
    return {name: n for n, name in numbered} | {name[:3]: n for n, name in numbered} | {"sept": 9}


@cache
def _weekdays() -> frozenset[str]:
    """Those in English and Japanese, known without opening Babel."""
    english = [form for day in _DAYS for form in (day, day[:3], day[:4])]
    return frozenset([*english, *"月火水木金土日", *(f"{day}曜日" for day in "月火水木金土日")])


def _names_with_gaps(text: str) -> list[str]:
    """Weekdays of several words in a text: segunda-feira, Thứ Ba."""
    if not re.search(r"[^\W\d_][ -][^\W\d_]", text):
        return []
    return sorted(
        (name for name in locales.weekdays() if re.search("[ -]", name) and name in text), key=len, reverse=True
    )


def _is_weekday(word: str) -> bool:
    return word in _weekdays() or locales.bare(word) in locales.weekdays()


@cache
def _halves() -> dict[str, str]:
    return locales.halves()
