"""Does a field say what a mapping asks for?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from l2c.errors import BadMapping
from l2c.prepare import values


def custom(frame: pl.DataFrame) -> list[str]:
    """Custom fields of a frame that belong to no package: `Region__c`, or `region_c` as warehouses write it."""
    return [c for c in frame.columns if c.casefold().endswith("_c") and "__" not in c.removesuffix("__c")]


def words(test: Any) -> list[str]:
    """The words of a condition, one or several."""
    return [str(word) for word in test] if isinstance(test, list) else [str(test)]


def matches(column: pl.Series, test: Any, activity: str) -> pl.Series:
    """Whether a text is one of some words; case does not count."""
    if test == "filled":
        return column.is_not_null()
    if test == "empty":
        return column.is_null()
    if isinstance(test, bool):
        return (values.flags(column)[0] == test).fill_null(False)
    if isinstance(test, Mapping):
        if set(test) != {"not"}:
            raise BadMapping.rule("mapping", {"activity": activity, "when": dict(test)})
        # A field that nobody fills, or that is not there, rules nothing out.
        filled = column.is_not_null() if column.null_count() < len(column) else column.is_null()
        return ~matches(column, test["not"], activity) & filled
    known = [word.casefold() for word in words(test)]
    return column.str.to_lowercase().is_in(known).fill_null(False)
