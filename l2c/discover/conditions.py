"""Which cases take a way of a drawing: how a choice of cases is written on it, and read from what any modeller wrote there?"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any, TypeAlias

from l2c.log.filter_values import span

Where: TypeAlias = "Mapping[str, Any]"
"""Attributes and their values, as for `EventLog.where`."""

_WORD = r'"(?:[^"\\]|\\.)*"|\'[^\']*\'|`[^`]*`|[^"\'=<>!(){}\[\],&|]+?'
_CLAUSE = re.compile(rf"\s*(?P<name>{_WORD})\s*(?P<sign>==?|>=|<=|>|<|\bin\b)\s*(?P<value>.+?)\s*$", re.DOTALL)
_PARTS = re.compile(r'("(?:[^"\\]|\\.)*"|\'[^\']*\')|(\band\b|&&)|(\bor\b|\|\||!=|\bnot\b|かつ|または)', re.IGNORECASE)
# How modellers frame an expression: FEEL begins with "=", JUEL stands in ${}.
_FRAME = re.compile(r"^\s*(?:=\s*|[$#]\{(?P<inside>.*)\}\s*$)", re.DOTALL)
_PLAIN = re.compile(r"[^\s\"'=<>!(){}\[\],&|.$#](?:[^\"'=<>!(){}\[\],&|]*[^\s\"'=<>!(){}\[\],&|])?")


def written(where: Where) -> str:
    """Write a choice of cases as one reads it: `region in {Japan, APAC} and amount >= 50000`."""
    return " and ".join(each for name, value in where.items() for each in _clauses(_bare(name), value, "{}", _bare))


def formal(where: Where) -> str:
    """Write a choice of cases as an expression of FEEL, which engines read: `region in ("Japan", "APAC")`.

    Notes
    -----
    OMG (2023), Decision Model and Notation 1.5, chapter 10.
    """
    said = {name if re.fullmatch(r"[^\W\d]\w*", name) else f"`{name}`": value for name, value in where.items()}
    return " and ".join(each for name, value in said.items() for each in _clauses(name, value, "()", _quoted))


def read(text: str) -> dict[str, Any] | None:
    """Read a choice of cases as `written` and `formal` write it, or Camunda; None where it is none, such as "yes" or "a or b".

    Returns
    -------
    What `EventLog.where` takes: a value, a list of values, or `low..high`, both included.
    """
    framed = _FRAME.match(text)
    inside = text if framed is None else framed["inside"] or text[framed.end() :]
    found: dict[str, Any] = {}
    for clause in _split(inside) or [""]:
        parts = _CLAUSE.match(clause)
        if parts is None:
            return None
        name, value = str(_value(parts["name"].strip("`"), text=True)), _read(parts["sign"], parts["value"])
        both = (found.get(name), value)
        if name not in found:
            found[name] = value
        elif all(isinstance(each, str) and ".." in each for each in both):
            low, high = ([end for end in ends if end] for ends in zip(*map(span, both), strict=True))
            found[name] = f"{low[0] if low else ''}..{high[0] if high else ''}"
        else:
            return None
    return found if all(value is not None for value in found.values()) else None


def without(where: Where) -> dict[str, Any] | None:
    """The cases that a choice by one end of a number leaves out; None where that cannot be said so."""
    ends = span(next(iter(where.values()), None))
    if len(where) != 1 or not isinstance(ends, tuple) or None not in ends:
        return None
    name, (low, high) = next(iter(where)), ends
    return {name: _ends(high, ">") if low is None else _ends(low, "<")}


def bounds(value: Any) -> list[tuple[str, float]] | None:
    """The ends of a span of numbers with their signs, such as `[(">=", 50000.0)]`; None where a value is no such span.

    What is included is next to a rounder number that is not: `50000.00000000001..` is `> 50000`.
    """
    ends = span(tuple(value["tuple"]) if isinstance(value, Mapping) and "tuple" in value else value)
    if not isinstance(ends, tuple) or not all(end is None or _is_number(end) for end in ends):
        return None
    pairs = [(float(end), sign) for end, sign in zip(ends, (">", "<"), strict=True) if end is not None]
    return [_bound(end, sign) for end, sign in pairs]


def _is_number(end: Any) -> bool:
    return isinstance(_value(str(end)), (int, float))


def _bound(end: float, sign: str) -> tuple[str, float]:
    before = math.nextafter(end, -math.inf if sign == ">" else math.inf)
    return (sign, before) if len(repr(before)) < len(repr(end)) - 4 else (f"{sign}=", end)


def _clauses(name: str, value: Any, frame: str, shown: Any) -> list[str]:
    ends = bounds(value)
    if ends is not None:
        return [f"{name} {sign} {_number(end)}" for sign, end in ends]
    if isinstance(value, (list, tuple)):
        return [f"{name} in {frame[0]}{', '.join(shown(each) for each in value)}{frame[1]}"]
    return [f"{name} = {shown(value)}"]


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _bare(value: Any) -> str:
    """A value without quotes where it is read as the same without."""
    plain = str(value)
    safe = _PLAIN.fullmatch(plain) and _value(plain) == value and ".." not in plain and not _PARTS.search(plain)
    return plain if safe and not re.search(r"\bin\b", plain) else _quoted(value)


def _quoted(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value)


def _split(text: str) -> list[str] | None:
    """The clauses of an expression, all of which must hold; none where one of several is enough."""
    found, last = [], 0
    for match in _PARTS.finditer(text):
        if match[3]:
            return None
        if match[2]:
            found.append(text[last : match.start()])
            last = match.end()
    return [*found, text[last:]]


def _read(sign: str, value: str) -> Any:
    if sign in (">", "<", ">=", "<="):
        number = _value(value.replace(",", ""))
        return _ends(number, sign) if isinstance(number, (int, float)) else None
    if sign == "in":
        inside = re.fullmatch(r"[({\[](.*)[)}\]]", value, re.DOTALL)
        words = re.findall(r'\s*("(?:[^"\\]|\\.)*"|\'[^\']*\'|[^,]+?)\s*(?:,|$)', inside[1]) if inside else []
        return [_value(word) for word in words] or None
    return _value(value) if _PLAIN.fullmatch(value) or value[0] in "\"'-." else None


def _ends(number: Any, sign: str) -> str:
    """One end of a span; both ends of a span are included, so that one that is not begins with the number next to it."""
    end = float(number)
    if sign in (">", "<"):
        end = math.nextafter(end, math.inf if sign == ">" else -math.inf)
    return f"{_number(end)}.." if sign[0] == ">" else f"..{_number(end)}"


def _value(word: str, *, text: bool = False) -> Any:
    word = word.strip()
    if word[:1] == '"':
        try:
            return json.loads(word)
        except ValueError:
            return word.strip('"')
    if word[:1] == "'":
        return word.strip("'")
    if text:
        return word
    number = re.fullmatch(r"-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", word)
    return word if number is None else float(word) if not re.fullmatch(r"-?\d+", word) else int(word)
