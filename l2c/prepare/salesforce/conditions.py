"""Does a field say what a mapping asks for?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from l2c.prepare import values
from l2c.words import statuses
from l2c.words.errors import BadMapping


def custom(frame: pl.DataFrame) -> list[str]:
    """Custom fields of a frame that belong to no package: `Region__c`, or `region_c` as warehouses write it."""
    return [c for c in frame.columns if c.casefold().endswith("_c") and "__" not in c.removesuffix("__c")]


def words(test: Any) -> list[str]:
    """The words of a condition, one or several; a list may hold lists that other rules have too."""
    return [word for part in test for word in words(part)] if isinstance(test, list) else [str(test)]


def matches(column: pl.Series, test: Any, activity: str) -> pl.Series:
    """Whether a text is one of some words, `Lost*` all that begin so, `<sent>` all that name that state.

    Case, spaces and dashes do not count.
    """
    if test == "filled":
        return column.is_not_null()
    if test == "empty":
        return column.is_null()
    if isinstance(test, bool):
        return (values.flags(column)[0] == test).fill_null(False)
    if isinstance(test, Mapping):
        if set(test) == {"but"}:
            return ~matches(column, test["but"], activity)
        if set(test) != {"not"}:
            raise BadMapping.rule("mapping", {"activity": activity, "when": dict(test)})
        if isinstance(test["not"], bool):
            return ~matches(column, test["not"], activity)
        # A field that nobody fills, or that is not there, rules nothing out.
        filled = column.is_not_null() if column.null_count() < len(column) else column.is_null()
        return ~matches(column, test["not"], activity) & filled
    known = words(test)
    kinds = column.drop_nulls().unique()
    plain = _plain(kinds)
    met = plain.is_in(_plain(pl.Series([word for word in known if not word.endswith("*")], dtype=pl.String)).implode())
    for start in _plain(pl.Series([word[:-1] for word in known if word.endswith("*")], dtype=pl.String)):
        met |= plain.str.starts_with(start)
    if wanted := [state for word in known if (state := statuses.named(word))]:
        met |= kinds.is_in(statuses.are(kinds.to_list(), wanted))
    return column.is_in(kinds.filter(met).implode()).fill_null(False)


def _plain(column: pl.Series) -> pl.Series:
    return column.str.to_lowercase().str.replace_all(r"[\s\p{Pd}]+", " ").str.strip_chars()
