"""How does a log read without the names in it: in its columns, its texts, and the rows set aside?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import narwhals as nw

from l2c import engine
from l2c.engine import Home
from l2c.log.quality import Quality
from l2c.words import matching
from l2c.words.notes import changed, parts

if TYPE_CHECKING:
    Frame = nw.LazyFrame[Any]

# A letter of a word that ends at the next space; kana, kanji and hangul stand beside a name without one.
LETTER = r"[^\W\u3005-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f]"
# A text of so many words more than a name may speak of somebody by one name only.
PROSE = 3
# Columns that lead back to records or join the frames; they are never rewritten.
KEYS = {
    "case_id", "case_key", "object_id", "record_id", "lead_id", "payment_id", "activity", "next_activity", "source",
    "precision", "object_type", "status",
}  # fmt: skip


def masked(frame: Frame, home: Home, words: Mapping[str, Mapping[str, str]], every: Mapping[str, str]) -> Frame:
    """The frame with other texts for values: in the columns meant, and wherever else somebody is spoken of."""
    import polars as pl

    schema = frame.collect_schema()
    columns = schema.names()
    changed = {c: words[c] for c in columns if words.get(c)}
    for column in (c for c in columns if every and c not in words and c not in KEYS):
        if holds_texts(schema[column]):
            values = list(map(str, engine.collect(frame.select(column).unique())[column].dropna()))
            if found := _mentions(values, every):
                changed[column] = found
    for column, shown in changed.items():
        pairs = pl.DataFrame({"_value": list(shown), "_shown": list(shown.values())})
        held = engine.table(pairs, home)
        text = frame.with_columns(nw.col(column).cast(nw.String()).alias("_value")).join(held, on="_value", how="left")
        frame = text.with_columns(nw.coalesce("_shown", "_value").alias(column)).select(columns)
    return engine.table(frame, home) if changed else frame


def spoken(quality: Quality, names: Mapping[str, str], masked: Iterable[str]) -> Quality:
    """The quality report without names: in the cells of rows set aside, in notes and in findings."""
    if not names and not masked:
        return quality
    rows, found = quality.quarantine.copy(), quality.findings.copy()
    for column in rows:
        if str(column) in ("reason", "file", "row"):
            continue
        meant = {id for id in matching.match_attribute(str(column)) if matching.is_strong(str(column), id)}
        own = meant & set(masked) or (matching.is_person(str(column)) and any(map(matching.is_person, masked)))
        texts = ["" if value is None or value != value else str(value) for value in rows[column]]
        shown = [names.get(t, "(hidden)") if t.strip() else t for t in texts] if own else spoken_of(texts, names)
        rows[column] = [s if t else v for s, t, v in zip(shown, texts, rows[column], strict=True)]
    details = list(found["detail"]) if len(found) else []
    told = sorted({text for note in (*quality.notes, *details) for text in parts(note)})
    without = dict(zip(told, spoken_of(told, names), strict=True))
    if details:
        found["detail"] = [changed(detail, without) for detail in details]
    notes = tuple(changed(note, without) for note in quality.notes)
    return replace(quality, quarantine=rows, noticed=lambda: found, notes=notes)


def holds_texts(kind: Any) -> bool:
    """Whether a column of a kind holds texts."""
    return kind == nw.String or isinstance(kind, nw.Enum | nw.Categorical)


def _mentions(values: Sequence[str], hidden: Mapping[str, str]) -> dict[str, str]:
    """Values that are or speak of somebody whose name is hidden, and how they read without it."""
    own = [value for value in values if value in hidden]
    # A column of colleagues under a name of the org's own; a single hit may be a town that somebody is called after.
    found = {value: hidden[value] for value in own} if 2 * len(own) > len(values) else {}
    full = {name: text for name, text in hidden.items() if len(name.split()) > 1 or not name.isascii()}
    prose = [value for value in values if value not in hidden]
    long = [value for value in prose if len(value.split()) > PROSE or not value.isascii()]
    for some, names in ((prose, full), (long, hidden)):
        texts = spoken_of(some, names)
        found |= {v: t for v, t in zip(some, texts, strict=True) if t != v}
    return found


def spoken_of(texts: Sequence[str], names: Mapping[str, str]) -> list[str]:
    """Texts without the names in them; `Li` is none of the letters of `Lines`, and a number is nobody's name."""
    import polars as pl

    told = [name for name in names if len(name) > (2 if name.isascii() else 1) and not name.isdecimal()]
    if not told or not texts:
        return list(texts)
    column = pl.Series(list(texts), dtype=pl.String)
    # Which texts may speak of whom is found at once; where a name begins and ends is looked at in those only.
    there = column.str.extract_many(told, overlapping=True, ascii_case_insensitive=True).to_list()
    return [_without(text, set(found), names) if found else text for text, found in zip(texts, there, strict=True)]


def _without(text: str, found: set[str], names: Mapping[str, str]) -> str:
    folded = {name.casefold(): shown for name, shown in names.items()}
    longest = sorted({name.casefold() for name in found}, key=lambda name: (-len(name), name))
    words = [rf"(?<!{LETTER}){re.escape(w)}(?!{LETTER})" if w.isascii() else re.escape(w) for w in longest]
    return re.sub("|".join(words), lambda hit: folded[hit.group().casefold()], text, flags=re.IGNORECASE)
