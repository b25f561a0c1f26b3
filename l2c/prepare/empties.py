"""Which texts say that nothing is there?"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import polars as pl

from l2c.prepare import texts
from l2c.prepare.table import Table
from l2c.words.notes import Note

# What databases, spreadsheets and programs write for nothing, and nobody for a name.
SURE = frozenset(
    [
        r"\N", "NULL", "null", "<null>", "<NULL>", "(null)", "(NULL)", "[null]", "[NULL]", "{null}", "#NULL", "<none>", "<None>",
        "(none)", "<NA>", "<empty>", "(blank)", "undefined", "N/A", "n/a", "N/a", "n.a.", "N.A.", "NaN", "nan", "NaT", "-", "--",
        "–", "—", "―", "- -", "#N/A", "#NA", "#NV", "#N/D", "#N/A!", "#N/A N/A", "#REF!", "#BEZUG!", "#VALUE!", "#VALEUR!",
        "#VALOR!", "#WERT!", "#NAME?", "#NOM?", "#NOMBRE?", "#DIV/0!", "#NUM!", "#ZAHL!", "#NULL!", "#CALC!", "#SPILL!",
        "#GETTING_DATA",
    ]
)  # fmt: skip
# These may be North America, Namibia, or somebody called Null or None.
UNSURE = frozenset(["NA", "na", "None", "none", "NONE", "Null", "nil", "Nil", "NIL"])
_PLACES = frozenset(["NA", "na"])
# As a series, which is made once: of a list polars makes one at each question.
_WORDS = pl.Series(sorted(SURE | UNSURE)).implode()
_LONGEST = max(len(word.encode()) for word in SURE | UNSURE)
# Texts of a column that tell what it holds.
_SAMPLE = 2_000
_SHOWN = 6


def emptied(table: Table) -> Table:
    """Empty the cells that say that nothing is there: `NULL`, `#N/A`, `(null)`, `-`.

    `NA`, `None`, `Null` and `nil` are names as well. They are taken for nothing in columns of figures, dates and ids, and in all
    columns where the file writes the same word in such a column; a short name among others as short, such as a region, stays.

    Returns
    -------
    The table, with a note on what was emptied and one on what stays.
    """
    found = {name: met for name in table.frame.columns if (met := _met(table.frame[name]))}
    if not found:
        return table
    figures = {name for name, met in found.items() if met.keys() & UNSURE and _holds_figures(table.frame[name])}
    said = {word for name in figures for word in found[name] if word in UNSURE}
    columns, gone, kept = [], Counter[str](), list[Note]()
    for name, met in found.items():
        column = table.frame[name]
        codes = {word for word in met if word in UNSURE and _is_code(word, column)}
        nothing = UNSURE if name in figures else said - codes if _others(column) else UNSURE - _PLACES
        words = {word for word in met if word in SURE | nothing}
        kept += [Note("marker_kept", column=name, marker=w, n=n) for w, n in met.items() if w not in words | codes]
        gone.update({word: n for word, n in met.items() if word in words})
        columns.append(_without(column, words) if words else column)
    notes = [*table.notes]
    if gone:
        shown = ", ".join(f"{word} ({n:,})" for word, n in gone.most_common(_SHOWN)) + (
            ", …" if len(gone) > _SHOWN else ""
        )
        notes.append(Note("markers_emptied", n=gone.total(), markers=shown))
    return replace(table, frame=table.frame.with_columns(columns), notes=(*notes, *kept))


def _met(column: pl.Series) -> dict[str, int]:
    """The words for nothing in a column, with how often they stand there."""
    if column.dtype == pl.String:
        # Most texts are longer, which is seen at hardly any cost.
        is_short = column.str.len_bytes() <= _LONGEST
        short = column.filter(is_short) if is_short.any() else column.clear()
        return _counted(short.filter(short.is_in(_WORDS)))
    if isinstance(column.dtype, pl.Categorical):
        words = texts.every(column)
        places = words.is_in(_WORDS).fill_null(False).arg_true()
        if not len(places):
            return {}
        times = np.bincount(column.to_physical().drop_nulls().to_numpy(), minlength=len(words))
        return {words[at]: int(times[at]) for at in places if times[at]}
    return {}


def _counted(column: pl.Series) -> dict[str, int]:
    if column.is_empty():
        return {}
    counts = column.value_counts()
    return dict(zip(counts[column.name].to_list(), counts["count"].to_list(), strict=True))


def _others(column: pl.Series) -> list[str]:
    """Distinct texts of a column that are no words for nothing."""
    some = column.drop_nulls().head(50 * _SAMPLE).unique(maintain_order=True).head(_SAMPLE).cast(pl.String)
    return [text for text in some.to_list() if text not in SURE and text not in UNSURE]


def _holds_figures(column: pl.Series) -> bool:
    """Whether the other texts of a column are figures, dates or ids."""
    others = _others(column)
    return bool(others) and 10 * sum(any(c.isdigit() for c in text) for text in others) >= 9 * len(others)


def _is_code(word: str, column: pl.Series) -> bool:
    """Whether a word is a code as others of the column are, such as NA beside EMEA and DE."""
    others = _others(column)
    return word.isupper() and 2 * sum(text.isupper() and len(text) <= 6 for text in others) >= max(len(others), 1)


def _without(column: pl.Series, words: set[str]) -> pl.Series:
    if isinstance(column.dtype, pl.Categorical):
        known = texts.every(column)
        return texts.replaced(column, known, _without(known, words))
    return column.set(column.is_in(list(words)), None)
