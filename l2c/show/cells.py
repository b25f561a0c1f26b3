"""What can stand in a cell beside texts and numbers? An estimate with its range, and what leads to a record."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, time

from l2c.show import numbers
from l2c.show.markup import Html, escape
from l2c.show.theme import ACCENT, ACCENT_PALE, GRID, MUTED
from l2c.words import phrases

# Only an address that can be nothing but a page on a host, without a name or a password in it.
ADDRESS = re.compile(r"https://[a-z0-9][a-z0-9.-]*(:[0-9]+)?(/[a-z0-9._~-]+)*/*", re.IGNORECASE)
RECORD = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")
_WIDE = 72


@dataclass(frozen=True, order=True)
class Said:
    """A number or a day, how it reads, and what stands in small below it; sorts by what it is."""

    value: float | datetime
    main: str
    sub: str = ""

    def __str__(self) -> str:
        """On one line, `2026-03-12 (03-03 – 04-20)`."""
        return f"{self.main} ({self.sub})" if self.sub else self.main

    @property
    def html(self) -> str:
        """On two lines."""
        below = f'<br><span style="color:{MUTED};font-size:.9em">{escape(self.sub)}</span>' if self.sub else ""
        return f'<span style="white-space:nowrap">{escape(self.main)}{below}</span>'


@dataclass(frozen=True, order=True)
class Share:
    """A fraction and between what it lies, drawn as a small bar; sorts by the fraction."""

    value: float
    low: float
    high: float
    lang: str = field(default="en", compare=False)

    def __str__(self) -> str:
        """On one line, `42 % (30 – 55 %)`."""
        return phrases.bracketed(self.main, self.sub, self.lang) if self.sub else self.main

    @property
    def main(self) -> str:
        """The fraction in whole percent."""
        return numbers.percent(self.value, self.lang, decimals=0)

    @property
    def sub(self) -> str:
        """Between what it lies; nothing where that is not known."""
        if numbers.is_missing(self.low) or numbers.is_missing(self.high):
            return ""
        low, high = (numbers.number(100 * end) for end in (self.low, self.high))
        return numbers.to(low, high + ("%" if self.lang == "ja" else " %"), self.lang)

    @property
    def html(self) -> str:
        """The bar from nothing to all, with its range, and the texts."""
        low, high = (0 if numbers.is_missing(x) else min(max(x, 0), 1) * _WIDE for x in (self.low, self.high))
        at = min(max(self.value, 0), 1) * _WIDE
        part = "position:absolute;top:0;height:8px;border-radius:2px"
        bar = (
            f'<span aria-hidden="true" style="display:inline-block;position:relative;width:{_WIDE}px;height:8px;'
            f'background:{GRID};border-radius:2px;margin-right:6px">'
            f'<span style="{part};left:{low:.0f}px;width:{max(high - low, 1):.0f}px;background:{ACCENT_PALE}"></span>'
            f'<span style="{part};left:{max(at - 1.5, 0):.0f}px;width:3px;background:{ACCENT}"></span></span>'
        )
        return f'<span style="white-space:nowrap">{bar}{Said(self.value, self.main, self.sub).html}</span>'


@dataclass(frozen=True, order=True)
class Link:
    """A text that leads to a record; sorts by the text."""

    text: str
    address: str

    def __str__(self) -> str:
        """The text alone."""
        return self.text

    @property
    def html(self) -> str:
        """A link from which the org does not learn where the reader came from."""
        where = f'href="{escape(self.address)}" target="_blank" rel="noopener noreferrer" style="color:{ACCENT}"'
        return f"<a {where}>{escape(self.text)}</a>"


def share(value: float, low: float, high: float, lang: str = "en") -> Share | None:
    """A fraction with its range; None where it is not known."""
    return None if numbers.is_missing(value) else Share(float(value), float(low), float(high), lang)


def money(value: float, currency: str | None, lang: str) -> Said | None:
    """A sum of money; None where it is not known."""
    return None if numbers.is_missing(value) else Said(float(value), numbers.money(value, currency, lang))


def days(value: float, limit: float, lang: str) -> Said | None:
    """Days beside the limit that few exceed; None where they are not known."""
    if numbers.is_missing(value):
        return None
    said = numbers.days(value, lang)
    if numbers.is_missing(limit):
        return Said(float(value), said)
    key = "cells.over" if value > limit else "cells.limit"
    return Said(float(value), said, phrases.say(key, lang, limit=numbers.days(limit, lang)))


def day(value: datetime | None, low: datetime | None, high: datetime | None, lang: str) -> Said | None:
    """A day with its range, `2026-03-12 (03-03 – 04-20)`; a later end that is not known is left open."""
    if value is None or numbers.is_missing(value):
        return None
    said = f"{value:%Y-%m-%d}"
    if low is None or numbers.is_missing(low):
        return Said(value, said)
    if high is None or numbers.is_missing(high):
        return Said(value, said, phrases.say("cells.from", lang, low=f"{low:%Y-%m-%d}"))
    form = "%m-%d" if low.year == value.year == high.year else "%Y-%m-%d"
    return Said(value, said, numbers.to(f"{low:{form}}", f"{high:{form}}", lang))


def link(text: str, address: str | None) -> Link | str:
    """Lead to an address where there can be a page at it, else the text as it is."""
    return Link(text, address) if address and ADDRESS.fullmatch(address) else text


def record(id: str, instance_url: str | None) -> str | None:
    """Return the address of a record of an org; None where the id is none of Salesforce's or the org's address is none."""
    if not (instance_url and ADDRESS.fullmatch(instance_url) and RECORD.fullmatch(id)):
        return None
    return f"{instance_url.rstrip('/')}/{id}"


def is_number(value: object) -> bool:
    """Whether a cell is set to the right, as a number is."""
    return isinstance(value, Said) and isinstance(value.value, float)


def bare(value: object) -> object:
    """What a cell is without its range and its form: a number, a day, a text."""
    found = value.value if isinstance(value, (Share, Said)) else value
    found = found.text if isinstance(found, Link) else found
    if numbers.is_missing(found) or not isinstance(found, datetime) or found.time() != time():
        return found
    return found.date()


def drawn(value: object, text: str) -> str | Html:
    """How a cell is drawn where it is more than its text."""
    return Html(value.html, text) if isinstance(value, (Said, Share, Link)) else text
